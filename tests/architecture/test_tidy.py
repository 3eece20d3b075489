"""Tidiness is a test, not a habit: sizes, forbidden words, orphans, documents that lead somewhere."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator

import pytest

from tests.architecture.house import PACKAGES, ROOT, Source, calls, sources

FILE_LINES_MAX = 400
REASON = "Long because"  # begins the sentence in the first docstring of a longer file
TODO_FORM = re.compile(r"TODO\(\w+, #\d+\)")
LINK = re.compile(r"""(?:\[[^\]]*\]\(|src=")([^)"#\s]+)""")
# Who may do what others may not, and why.
CLOCKS = {"kernel/clock.py"}
PRINTERS = ("bench/",)
EDGES = {
    "kernel/jobs/runner.py",  # a fault blocks its lane
    "kernel/jobs/schedules.py",  # a fault is remembered with its schedule
    "kernel/data/database.py",  # a Work that had assumed something runs once more, and asks
    "kernel/data/group_commit.py",  # handed on to the unit of work it belongs to
    "kernel/mail/job.py",  # a letter whose file cannot be made holds up no other
    "kernel/gql/schema.py",  # graphql-core reads the field again and tells what is wrong
    "kernel/gql/plan.py",  # errors of resolvers become errors of the answer
    "kernel/gql/variables.py",  # graphql-core reads them again and tells what is wrong
    "kernel/web/view.py",  # a fragment of one add-on never takes another's page with it
    "gateway/envelope.py",  # the last answer of a request
    "gateway/health.py",  # not ready, whatever the reason
    "addons/catalog_1c/adapters/exchange_door.py",  # 1C takes nothing but its own words for an answer
    "worker/hand.py",  # the next round tries again
    "worker/worker.py",  # the next round tries again
    "simulators/demo/cli.py",  # told to the newcomer, with the exit code
}


def test_lines_are_not_longer_than_agreed() -> None:
    """Ruff measures them, so that editor, linter and test agree."""
    lines = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "--quiet", "--select", "E501", str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert not lines.stdout


def test_a_long_file_says_why() -> None:
    silent = [
        f"{source.name}: {len(source.text.splitlines())} lines"
        for source in sources()
        if not source.is_generated
        and len(source.text.splitlines()) > FILE_LINES_MAX
        and REASON not in (ast.get_docstring(source.tree) or "")
    ]

    assert not silent, f"split it, or say {REASON!r} … in the first docstring"


def test_every_module_says_what_it_is_for() -> None:
    mute = [
        source.name
        for source in sources(*PACKAGES)
        if not source.is_generated and source.text.strip() and ast.get_docstring(source.tree) is None
    ]

    assert not mute


def test_money_and_quantity_never_become_floats() -> None:
    floats = [
        f"{source.name}:{line}"
        for source in sources("kernel", "addons")
        if {"domain", "services"} & set(source.path.parts) or source.path.stem in ("money", "quantity")
        for name, line in calls(source)
        if name in ("float", "Decimal", "decimal.Decimal")
    ]

    assert not floats


def test_only_the_clock_asks_what_time_it_is() -> None:
    forbidden = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "datetime.datetime.now"}
    askers = [
        f"{source.name}:{line}"
        for source in sources(*PACKAGES)
        if source.name not in CLOCKS and not source.is_test
        for name, line in calls(source)
        if name in forbidden
    ]

    assert not askers


def test_nobody_prints_past_the_console() -> None:
    printers = [
        f"{source.name}:{line}"
        for source in sources()
        if not source.name.startswith(PRINTERS)
        for name, line in calls(source)
        if name == "print"
    ]

    assert not printers


def test_only_the_edges_catch_everything() -> None:
    """The resolver boundary and the job runner with what surrounds them, each with a reason beside it."""
    catchers = {
        source.name
        for source in sources(*PACKAGES)
        if not source.is_test
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
        and not isinstance(node.body[-1], ast.Raise)  # said in other words, not swallowed
    }

    assert catchers <= EDGES


def test_subjects_of_kept_answers_stand_beside_their_models() -> None:
    """So whoever can write a table knows which answers that makes untrue (docs/adr/0024)."""
    elsewhere = [
        source.name
        for source in sources("addons")
        if not source.is_test
        and re.search(r"\bAbout\(", source.text)
        and not re.match(r"addons/\w+/models", source.name)
    ]

    assert not elsewhere


def test_a_todo_carries_a_name_and_an_issue() -> None:
    word = "TO" + "DO"
    loose = [
        f"{source.name}:{number}"
        for source in sources()
        for number, line in enumerate(source.text.splitlines(), 1)
        if re.search(rf"#.*\b{word}\b", line) and not TODO_FORM.search(line)
    ]

    assert not loose


def test_every_module_is_used_by_somebody() -> None:
    """Imported, named in a manifest of tools or as text, or found by convention (addon.py, migrations,
    __main__).
    """
    named = _imported_names() | _named_in_text()
    orphans = [
        source.name
        for source in sources(*PACKAGES)
        if not (source.is_test or source.is_generated or source.path.name in ("__init__.py", "__main__.py"))
        and source.path.name != "addon.py"
        and source.module not in named
        and '__name__ == "__main__"' not in source.text
    ]

    assert not orphans


def test_links_between_documents_lead_somewhere() -> None:
    pages = [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *(p for f in PACKAGES for p in (ROOT / f).rglob("*.md")),
    ]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        if "node_modules" not in page.parts
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists()
    ]

    assert not broken


def test_every_command_point_names_a_module_of_ours() -> None:
    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    points = table["project"]["entry-points"]["sauda.commands"]
    missing = [
        f"{name} = {target}"
        for name, target in points.items()
        if not (ROOT / f"{target.partition(':')[0].replace('.', '/')}.py").exists()
    ]

    assert not missing


@pytest.mark.parametrize(
    ("text", "is_loose"), [("# TODO: later", True), ("# TODO(aigul, #12): later", False)]
)
def test_the_todo_rule_itself(text: str, is_loose: bool) -> None:
    assert (TODO_FORM.search(text) is None) is is_loose


def _imported_names() -> set[str]:
    names: set[str] = set()
    for source in sources():
        for node in ast.walk(source.tree):
            names.update(_names_of(node, source))
    return names


def _names_of(node: ast.AST, source: Source) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        package = source.module if source.path.name == "__init__.py" else source.module.rpartition(".")[0]
        base = package.split(".")[: len(package.split(".")) - node.level + 1]
        module = ".".join([*base, *([node.module] if node.module else [])])
        yield module
        yield from (f"{module}.{alias.name}" for alias in node.names)


def _named_in_text() -> set[str]:
    """Dotted names in quotes: models, commands, servers and the like are named so."""
    texts = [source.text for source in sources()] + [(ROOT / "pyproject.toml").read_text(encoding="utf-8")]
    return {
        match for text in texts for match in re.findall(r'["\']([a-z_0-9]+(?:\.[a-z_0-9]+)+)[:"\']', text)
    }
