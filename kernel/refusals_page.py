"""Every refusal of the house as one page: what people are told in three languages, who says it, and which of
the usual troubles it answers.

Texts stand in `locale/refusals.toml`; troubles, as people call them, in `locale/troubles.toml` beside it:

    [[trouble]]
    ru = "Нет бумаги"            # and kk, en
    codes = ["PRINTER_NO_PAPER"]  # none while nothing here answers it: then `note` says so
    tests = ["tests/delivery/test_queue.py::test_no_paper"]
    note = "What the codes do not say."
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kernel.addons.manifest import Manifest
from kernel.errors import Fault
from kernel.i18n import LANGUAGES, REFUSALS_FILE, read_texts

TROUBLES_FILE = "troubles.toml"
KERNEL = "kernel"
_KEYS = frozenset({*LANGUAGES, "codes", "tests", "note"})


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that goes wrong at a till. names: by language; codes: refusals that answer it, none when
    nothing does yet; tests: "path::function" that prove it.
    """

    names: Mapping[str, str]
    codes: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Room:
    """What the kernel or one add-on says."""

    name: str
    texts: Mapping[str, Mapping[str, str]]
    troubles: tuple[Trouble, ...] = ()


def rooms_of(addons: Sequence[Manifest]) -> list[Room]:
    """The kernel, then each add-on in the order of its name."""
    found = [_room(KERNEL, Path(__file__).parent / "locale")]
    for manifest in sorted(addons, key=lambda each: each.name):
        found.append(_room(manifest.name, manifest.folder / "locale"))
    return found


def read_troubles(path: Path) -> tuple[Trouble, ...]:
    """Troubles of a file, in its order. Raises Fault when one is not told in every language, or has neither
    a code with a test nor a note.
    """
    troubles = []
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("trouble", [])
    except tomllib.TOMLDecodeError as error:
        raise Fault(f"{path}: {error}") from error
    for entry in entries:
        names = {language: str(entry.get(language, "")) for language in LANGUAGES}
        trouble = Trouble(
            names, tuple(entry.get("codes", ())), tuple(entry.get("tests", ())), entry.get("note", "")
        )
        if set(entry) - _KEYS or not all(names.values()):
            raise Fault(f"{path}: {names} must have ru, kk, en and nothing but {sorted(_KEYS)}")
        if bool(trouble.codes) != bool(trouble.tests) or not (trouble.codes or trouble.note):
            raise Fault(f"{path}: {names['en']}: a code and a test, or neither and a note")
        troubles.append(trouble)
    return tuple(troubles)


def refusals_page(rooms: Sequence[Room]) -> str:
    """The Markdown page docs/refusals.md."""
    texts = {code: entry for room in rooms for code, entry in room.texts.items()}
    owners = {code: room.name for room in rooms for code in room.texts}
    lines = [
        "# What Sauda refuses, and what to do then",
        "",
        "Made by `sauda refusals --write docs/refusals.md`; a test compares it with the installed add-ons.",
        "A program decides by the code, never by the text. A name in braces stands for a fact of the case;",
        "→ is the next step.",
        "",
        "## The usual troubles",
        "",
        "| trouble | code | next step | proved by |",
        "|---|---|---|---|",
    ]
    for room in rooms:
        lines += [_trouble_row(trouble, texts, owners) for trouble in room.troubles]
    for room in rooms:
        if room.texts:
            lines += ["", f"## {room.name}", "", "| code | ru | kk | en |", "|---|---|---|---|"]
            lines += _code_rows(room)
    return "\n".join(lines) + "\n"


def _room(name: str, folder: Path) -> Room:
    texts, troubles = folder / REFUSALS_FILE, folder / TROUBLES_FILE
    return Room(
        name,
        read_texts(texts) if texts.exists() else {},
        read_troubles(troubles) if troubles.exists() else (),
    )


def _trouble_row(trouble: Trouble, texts: Mapping[str, Mapping[str, str]], owners: Mapping[str, str]) -> str:
    unknown = [code for code in trouble.codes if code not in texts]
    if unknown:
        raise Fault(f"trouble {trouble.names['en']}: nobody says {', '.join(unknown)}")
    names = "<br>".join(_cell(trouble.names[language]) for language in LANGUAGES)
    codes = "<br>".join(f"`{code}` ({owners[code]})" for code in trouble.codes) or "not built yet"
    steps = [texts[code].get("next_en") or texts[code]["en"] for code in trouble.codes]
    told = "<br>".join(_cell(step) for step in [*dict.fromkeys(steps), trouble.note] if step)
    tests = "<br>".join(f"`{test}`" for test in trouble.tests) or "—"
    return f"| {names} | {codes} | {told} | {tests} |"


def _code_rows(room: Room) -> Iterator[str]:
    for code in sorted(room.texts):
        entry = room.texts[code]
        told = (
            _cell(entry.get(language, "")) + _step(entry.get(f"next_{language}", ""))
            for language in LANGUAGES
        )
        yield f"| `{code}` | " + " | ".join(told) + " |"


def _step(text: str) -> str:
    return f"<br>→ {_cell(text)}" if text else ""


def _cell(text: str) -> str:
    """One line that cannot end its cell."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
