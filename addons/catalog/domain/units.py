"""Units of measure by classifier code, with names for a receipt; the table is data/units.toml. Conversion
between units does not belong here."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

PIECE_CODE = "796"
TABLE = Path(__file__).parent.parent / "data" / "units.toml"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: code of the classifier (of three digits, national codes of four), short names and full ones."""

    code: str
    name_ru: str
    name_kk: str
    full_ru: str
    full_kk: str
    aliases: tuple[str, ...]


def _read() -> dict[str, Unit]:
    """The table by code. What is met elsewhere against the classifier (116 for kilogram) is not in it."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))["unit"]
    units = [
        Unit(each["code"], each["ru"], each["kk"], each["full_ru"], each["full_kk"], tuple(each["aliases"]))
        for each in table
    ]
    return {unit.code: unit for unit in units}


UNITS: dict[str, Unit] = _read()
_BY_NUMBER = {int(code): unit for code, unit in UNITS.items()}
_BY_NAME = {
    name.lower().rstrip("."): unit
    for unit in UNITS.values()
    for name in (unit.full_ru, unit.full_kk, *unit.aliases, unit.name_kk, unit.name_ru)
}


def unit_by_code(code: str) -> Unit | None:
    """The unit of a code as exports write it (blanks around, leading zeros); None when the classifier has no
    such code."""
    code = code.strip()
    if not (code.isascii() and code.isdigit()):
        return None
    return _BY_NUMBER.get(int(code))


def unit_by_name(name: str) -> Unit | None:
    """The unit a short name stands for; None when it says nothing."""
    return _BY_NAME.get(name.strip().lower().rstrip("."))
