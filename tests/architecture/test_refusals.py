"""Whatever the house refuses is told to people, and the page that lists it is true."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kernel.addons.loader import load_addons
from kernel.commands.refusals import app
from kernel.errors import Fault
from kernel.i18n import texts
from kernel.refusals_page import Room, Trouble, read_troubles, refusals_page, rooms_of
from tests.architecture.house import ROOT, Source, sources

PAGE = ROOT / "docs" / "refusals.md"
CODE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
SAYERS = frozenset({"Refusal", "Unavailable", "Refuse", "refuse"})
TELLERS = frozenset({"report_status"})  # the board explains by the same texts: code="…"
TROUBLE = """
[[trouble]]
ru = "Нет бумаги"
kk = "Қағаз жоқ"
en = "No paper"
codes = ["NO_PAPER"]
tests = ["tests/a.py::test_b"]
"""


def troubles() -> list[Trouble]:
    return [trouble for room in rooms_of(load_addons().addons) for trouble in room.troubles]


def test_the_page_of_refusals_is_current() -> None:
    page = refusals_page(rooms_of(load_addons().addons))

    assert PAGE.read_text(encoding="utf-8") == page, "run sauda refusals --write docs/refusals.md"


def test_every_code_that_is_said_has_its_text() -> None:
    """Also by the name of a constant, out of a function that names a refusal and on the status board."""
    load_addons()
    house = [each for each in sources("kernel", "gateway", "worker", "addons") if not each.is_test]
    constants = dict(found for source in house for found in _constants(source))

    said = {code: f"{source.name}:{line}" for source in house for code, line in _said(source, constants)}

    assert {"JOURNAL_BROKEN", "KKM_CLOCK_BEHIND", "PIN_WRONG"} <= set(said), "the search itself finds nothing"
    assert not {code: place for code, place in said.items() if code not in texts()}


@pytest.mark.parametrize("trouble", troubles(), ids=lambda each: each.names["en"])
def test_a_trouble_names_tests_that_are_there_and_meet_its_codes(trouble: Trouble) -> None:
    files = set()
    for test in trouble.tests:
        name, _, function = test.partition("::")
        path = ROOT / name
        assert re.search(rf"^(async )?def {function}\(", path.read_text(encoding="utf-8"), re.MULTILINE), test
        files.add(path)

    proof = "\n".join(path.read_text(encoding="utf-8") for path in files)
    assert not [code for code in trouble.codes if code not in proof], "no named test's file knows the code"


def test_the_page_is_written_and_checked(tmp_path: Path) -> None:
    page, run = tmp_path / "refusals.md", CliRunner()

    assert run.invoke(app, ["--write", str(page)]).exit_code == 0
    assert run.invoke(app, ["--check", str(page)]).exit_code == 0
    page.write_text(page.read_text(encoding="utf-8").replace("PIN_WRONG", "PIN_RIGHT"), encoding="utf-8")
    assert run.invoke(app, ["--check", str(page)]).exit_code == 1


def test_a_trouble_nobody_answers_must_say_so(tmp_path: Path) -> None:
    path = tmp_path / "troubles.toml"

    for broken in (
        TROUBLE.replace('kk = "Қағаз жоқ"\n', ""),
        TROUBLE.replace('tests = ["tests/a.py::test_b"]\n', ""),
        TROUBLE.replace("codes", "code"),
        TROUBLE.replace("codes", "# codes").replace("tests", "# tests"),
        TROUBLE.replace("=", ":", 1),
    ):
        path.write_text(broken, encoding="utf-8")
        with pytest.raises(Fault):
            read_troubles(path)


def test_a_row_says_whose_code_it_is_and_cannot_break_the_table(tmp_path: Path) -> None:
    path = tmp_path / "troubles.toml"
    path.write_text(TROUBLE, encoding="utf-8")
    entry = {"ru": "Нет | бумаги", "kk": "Қағаз жоқ", "en": "No <paper>", "next_en": "Put a roll in."}

    page = refusals_page([Room("printing", {"NO_PAPER": entry}, read_troubles(path))])

    assert "| `NO_PAPER` (printing) | Put a roll in. | `tests/a.py::test_b` |" in page
    assert "| `NO_PAPER` | Нет \\| бумаги | Қағаз жоқ | No &lt;paper><br>→ Put a roll in. |" in page
    with pytest.raises(Fault, match="NO_PAPER"):
        refusals_page([Room("printing", {}, read_troubles(path))])


def _constants(source: Source) -> Iterator[tuple[str, str]]:
    """Names of a module that stand for a code."""
    for node in source.tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            value = node.value.value
            if isinstance(value, str) and CODE.fullmatch(value):
                yield from ((target.id, value) for target in node.targets if isinstance(target, ast.Name))


def _said(source: Source, constants: dict[str, str]) -> Iterator[tuple[str, int]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef) and "refusal" in node.name:
            given = [each.value for each in ast.walk(node) if isinstance(each, ast.Return) and each.value]
            yield from ((code, node.lineno) for each in given for code in _codes(each, constants))
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        given = node.args[:1] if name in SAYERS else []
        given += [each.value for each in node.keywords if name in TELLERS and each.arg == "code"]
        for code in (code for each in given for code in _codes(each, constants)):
            if CODE.fullmatch(code):
                yield code, node.lineno


def _codes(node: ast.expr, constants: dict[str, str]) -> list[str]:
    if isinstance(node, ast.IfExp):
        return [*_codes(node.body, constants), *_codes(node.orelse, constants)]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    return [constants[node.id]] if isinstance(node, ast.Name) and node.id in constants else []
