"""Makes the bundled demo catalogue: `python -m addons.catalog_1c.demo.make_demo`.

Deterministic: a second run writes the same bytes. The files look as 1C 8 writes them, so that the demo goes
the same way as a
real export.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from addons.catalog.api import check_digit
from addons.catalog_1c.demo.shop import GOODS, GROUPS
from addons.catalog_1c.demo.writer import DemoGoods, DemoGroup, write_import, write_offers

FOLDER = Path(__file__).parent
IMPORT_FILE = FOLDER / "import0_1.xml"
OFFERS_FILE = FOLDER / "offers0_1.xml"

_UNITS = {
    "pc": ("796", "шт", "Штука"),
    "kg": ("166", "кг", "Килограмм"),
    "l": ("112", "л", "Литр"),
    "pack": ("778", "упак", "Упаковка"),
    "vial": ("872", "флак", "Флакон"),
    "pair": ("715", "пара", "Пара (2 шт.)"),
    "service": ("5114", "услуга", "Услуга"),
}
# GS1 gave Kazakhstan the prefix 487; 2 is for codes a shop makes itself; 020 begins national catalogue
# numbers.
_COUNTRY_PREFIX = "487"
_IN_STORE_PREFIX = "29"
_NTIN_PREFIX = "0200"
_FIRST_CODE = 101
_NTIN_EVERY = 5  # not every good of a real shop has its number in the national catalogue yet


def groups() -> list[DemoGroup]:
    """Groups of the shop, parents first."""
    return [DemoGroup(key, name, parent) for key, name, parent in _lines(GROUPS)]


def goods() -> Iterator[DemoGoods]:
    """Goods of the shop with codes from 101 on."""
    number = 0
    for group, text in GOODS.items():
        for name, name_kk, unit, price, vat in _lines(text):
            yield _one(number, group, (name, name_kk, unit, price, vat))
            number += 1


def _one(number: int, group: str, line: tuple[str, str, str, str, str]) -> DemoGoods:
    name, name_kk, unit, price, vat = line
    is_service = unit == "service"
    is_weighed = unit in ("kg", "l")
    prefix = _IN_STORE_PREFIX if is_weighed else _COUNTRY_PREFIX
    body = f"{prefix}{7_100_000 + number * 37:0{12 - len(prefix)}d}"
    ntin = f"{_NTIN_PREFIX}{40_000_000 + number * 113:08d}"
    has_ntin = not is_service and number % _NTIN_EVERY == 0
    return DemoGoods(
        key=f"goods:{name}",
        code=f"{_FIRST_CODE + number:011d}",
        group=group,
        name=name,
        name_kk=name_kk,
        unit=_UNITS[unit],
        vat=vat,
        price=price,
        barcode="" if is_service else body + str(check_digit(body)),
        article=f"ДМ-{number + 1:04d}",
        kind="Услуга" if is_service else "Товар",
        ntin=ntin + str(check_digit(ntin)) if has_ntin else "",
        is_marked=group == "marked",
    )


def _lines(text: str) -> Iterator[tuple[str, ...]]:
    for line in text.strip().splitlines():
        yield tuple(line.split("|"))


def make(folder: Path = FOLDER) -> None:
    """Write both files into the folder."""
    write_import(folder / IMPORT_FILE.name, groups(), goods())
    write_offers(folder / OFFERS_FILE.name, goods())


if __name__ == "__main__":
    make()
