"""Who may import whom, and what every add-on of the house has promised."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib

import pytest

from kernel.addons.discovery import discover
from kernel.addons.loader import load_addons
from kernel.addons.source import imported_modules, refusal_codes
from kernel.i18n import LANGUAGES, incomplete, read_texts, texts
from tests.architecture.house import ROOT, Source, sources

HOUSE_ADDONS = sorted(path.parent.name for path in ROOT.glob("addons/*/addon.toml"))


def test_import_contracts_hold() -> None:
    lint = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    done = subprocess.run(lint, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("addon", HOUSE_ADDONS)
def test_every_addon_has_its_wall_in_the_contracts(addon: str) -> None:
    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = table["tool"]["importlinter"]["contracts"]
    rooms = next(each for each in contracts if each["name"] == "Rooms of an add-on")
    doors = [each["allowed_importers"] for each in contracts if each["type"] == "protected"]

    assert f"addons.{addon}" in rooms["containers"]
    assert [f"addons.{addon}"] in doors


@pytest.mark.parametrize("addon", HOUSE_ADDONS)
def test_every_addon_inherits_the_checks(addon: str) -> None:
    heirs = [
        node.name
        for source in sources(f"addons/{addon}/tests")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id == "AddonChecks" for base in node.bases)
    ]

    assert heirs, "a test class must inherit kernel.addons.checks.AddonChecks"


@pytest.mark.parametrize("addon", HOUSE_ADDONS)
def test_depends_lists_exactly_the_addons_in_use(addon: str) -> None:
    """From the imports alone; AddonChecks also counts fields, hooks and events."""
    manifest = discover()[addon]
    imported = {
        found.name.split(".")[1]
        for found in imported_modules(manifest.folder, manifest.package)
        if found.name.startswith("addons.") and found.name.split(".")[1] in HOUSE_ADDONS
    } - {addon}

    assert imported <= manifest.depends_on


def test_all_addons_load_together_and_every_permission_has_a_role() -> None:
    registry = load_addons()

    assert sorted(manifest.name for manifest in registry.addons) == sorted(discover())
    granted = {permission for permissions in registry.roles.values() for permission in permissions}
    assert granted == set(registry.permissions)


@pytest.mark.parametrize("room", ["kernel", "gateway", "worker"])
def test_refusals_outside_of_addons_are_translated(room: str) -> None:
    missing = [str(found) for found in refusal_codes(ROOT / room) if found.name not in texts()]

    assert not missing


def test_texts_of_the_kernel_are_complete_and_used() -> None:
    table = read_texts(ROOT / "kernel" / "locale" / "refusals.toml")
    source = "\n".join(each.text for each in sources("kernel", "gateway", "worker") if not each.is_test)

    assert not incomplete(table)
    assert not [code for code in table if code not in source]
    assert all(set(LANGUAGES) <= set(entry) for entry in table.values())


def test_one_code_has_one_text() -> None:
    seen: dict[str, str] = {}
    for path in [*ROOT.glob("addons/*/locale/refusals.toml"), ROOT / "kernel" / "locale" / "refusals.toml"]:
        for code in read_texts(path):
            other = seen.setdefault(code, str(path))
            assert other == str(path), f"{code} has a text in {other} and in {path}"


def test_adapters_of_the_network_forbid_transactions() -> None:
    """An adapter that opens a connection must call forbid_in_transaction()."""
    openers = ("open_connection", "create_connection", "AsyncClient")
    careless = [
        source.name
        for source in _adapters()
        if any(word in source.text for word in openers) and "forbid_in_transaction" not in source.text
    ]

    assert not careless


def _adapters() -> list[Source]:
    return [each for each in sources("addons") if "adapters" in each.path.parts and not each.is_test]
