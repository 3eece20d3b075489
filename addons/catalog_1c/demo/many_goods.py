"""A catalogue of any size for benchmarks and tests: believable rows, the same ones on every run."""

from __future__ import annotations

from collections.abc import Iterator

from addons.catalog.api import check_digit
from addons.catalog_1c.demo.writer import DemoGoods, DemoGroup

GROUPS = 200
_PIECE = ("796", "шт", "Штука")
_KILO = ("166", "кг", "Килограмм")
_WORDS = ("Молоко", "Хлеб", "Чай", "Печенье", "Сок", "Мыло", "Рис", "Кефир", "Вода", "Шоколад")
_WORDS_KK = ("Сүт", "Нан", "Шай", "Печенье", "Шырын", "Сабын", "Күріш", "Айран", "Су", "Шоколад")
_DESCRIPTION = (
    "Хранить в сухом прохладном месте. Изготовлено в Республике Казахстан по стандарту организации. "
    "Срок годности указан на упаковке."
)


def many_groups() -> list[DemoGroup]:
    """Ten departments with twenty groups each, one in another."""
    departments = [DemoGroup(f"many:{n}", f"Отдел {n + 1}") for n in range(10)]
    return departments + [
        DemoGroup(f"many:{n}", f"Группа {n}", parent=f"many:{n % 10}") for n in range(10, GROUPS)
    ]


def many_goods(count: int) -> Iterator[DemoGoods]:
    """That many goods, one after another."""
    for number in range(count):
        word = number % len(_WORDS)
        body = f"487{number:09d}"
        yield DemoGoods(
            key=f"many-goods:{number}",
            code=f"{number + 20_000:011d}",
            group=f"many:{10 + number % (GROUPS - 10)}",
            name=f"{_WORDS[word]} «Степь» № {number}, {100 + number % 900} г",
            name_kk=f"{_WORDS_KK[word]} «Дала» № {number}, {100 + number % 900} г",
            unit=_KILO if number % 20 == 0 else _PIECE,
            vat="Без НДС" if number % 50 == 0 else "5" if number % 25 == 0 else "16",
            price=f"{150 + number % 5000}.{number % 100:02d}",
            barcode=body + str(check_digit(body)),
            article=f"АРТ-{number:06d}",
            description=_DESCRIPTION,
        )
