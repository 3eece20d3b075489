"""Documents tell the truth: their GraphQL fits the schema, their commands and make targets exist."""

from __future__ import annotations

import re
import shlex
from functools import cache
from pathlib import Path

import pytest
from graphql import GraphQLSchema, parse, validate
from typer.testing import CliRunner

from kernel.addons.loader import load_addons
from kernel.cli import app
from kernel.gql.schema import build_schema
from tests.architecture.house import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("addons/*/README.md")])
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(?:^|\s|`)((?:sauda|make) [a-z][^\n#`|;&\\]*)")
PLACEHOLDER = "…"


@cache
def schema() -> GraphQLSchema:
    return build_schema(load_addons()).core


def blocks(page: Path, language: str) -> list[str]:
    return [text for kind, text in BLOCK.findall(page.read_text(encoding="utf-8")) if kind == language]


def commands(page: Path) -> list[list[str]]:
    """Words of every `sauda …` and `make …` in shell blocks and in backticks."""
    text = page.read_text(encoding="utf-8")
    inline = re.findall(r"`((?:sauda|make) [^`]+)`", text)
    lines = [match for block in blocks(page, "sh") for match in COMMAND.findall(block)]
    return [shlex.split(line) for line in [*lines, *inline]]


@cache
def help_of(*names: str) -> str:
    """What a command tells of itself, unbroken by the width of a terminal."""
    shown = CliRunner(env={"COLUMNS": "300", "NO_COLOR": "1"}).invoke(app, [*names, "--help"])
    assert shown.exit_code == 0, f"sauda {' '.join(names)}"
    return shown.output


def split_documents(text: str) -> list[str]:
    """A block may show several operations without names; each is a document of its own."""
    parts = re.split(r"^(?=(?:query|mutation|subscription)\b)", text, flags=re.MULTILINE)
    return [part for part in parts if part.strip()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_graphql_of_a_page_fits_the_schema(page: Path) -> None:
    for block in blocks(page, "graphql"):
        for document in split_documents(block):
            errors = [error.message for error in validate(schema(), parse(document))]
            assert not errors, f"{errors}\n{document}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_of_a_page_exist_with_their_options(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for tool, *words in commands(page):
        if tool == "make":
            assert words[0] in targets, f"make {words[0]}"
            continue
        names = [word for word in words if re.fullmatch(r"[a-z][a-z0-9-]*", word)]
        told = help_of(names[0])
        if "Commands" in told and len(names) > 1:
            told = help_of(*names[:2])
        for option in (word for word in words if word.startswith("--")):
            assert f"{option} " in told, f"sauda {' '.join(words)}: {option}"


def test_every_choice_is_listed() -> None:
    folder = ROOT / "docs" / "adr"
    index = (folder / "README.md").read_text(encoding="utf-8")

    assert all(path.name in index for path in folder.glob("0*.md"))
