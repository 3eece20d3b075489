"""Which of the many prices of an offer is the one to sell by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from addons.catalog_1c.domain.records import NO_TYPES, PriceRecord, PriceType
from addons.catalog_1c.domain.texts import parse_scaled
from kernel.errors import Refusal

_TENGE = frozenset({"", "KZT", "ТЕНГЕ", "ТЕҢГЕ", "ТГ", "ТНГ", "₸", "398"})
_ONE = 1000


class PriceChoice:
    """Chooses by the price type of the connection; grows as files declare their types.

    With no type chosen a single type is taken; several declared types are a refusal that names them, because
    a wrong guess
    would sell at a wholesale price.
    """

    def __init__(self, wanted: str, known: Iterable[PriceType] = ()) -> None:
        self._wanted = wanted.strip()
        self._types: dict[str, PriceType] = {}
        self._type_id: str | None = None
        self.declare(known)

    def declare(self, types: Iterable[PriceType]) -> None:
        """Take note of declared types."""
        for each in types:
            self._types[each.external_id] = each

    def settle(self) -> None:
        """Decide before the first offer is stored.

        Raises Refusals C1C_PRICE_TYPE_NOT_CHOSEN, C1C_PRICE_TYPE_UNKNOWN; both name the choices.
        """
        if not self._types:
            return
        names = ", ".join(sorted(each.name for each in self._types.values()))[:300]
        if self._wanted:
            self._type_id = self._find_wanted()
            if self._type_id is None:
                raise Refusal("C1C_PRICE_TYPE_UNKNOWN", value=self._wanted, choices=names)
        elif len(self._types) == 1:
            self._type_id = next(iter(self._types))
        else:
            raise Refusal("C1C_PRICE_TYPE_NOT_CHOSEN", choices=names)

    @property
    def declared(self) -> tuple[PriceType, ...]:
        """Every type known so far."""
        return tuple(self._types.values())

    def name_of(self, type_id: str) -> str | None:
        """Name of a declared type; None when no file declared it."""
        declared = self._types.get(type_id)
        return None if declared is None else declared.name

    def others(self, prices: Sequence[PriceRecord]) -> list[str]:
        """Types of an offer's prices but the one to sell by."""
        ids = list(dict.fromkeys(price.type_id for price in prices))
        chosen = self._type_id or self._wanted or (ids[0] if len(ids) == 1 else "")
        return [type_id for type_id in ids if type_id not in (chosen, NO_TYPES)]

    def choose(self, prices: Sequence[PriceRecord]) -> PriceRecord | str | None:
        """The price to sell by, None when there is none at all, or the code of the reason why none fits."""
        if not prices:
            return None
        if prices[0].type_id == NO_TYPES:
            return self.of_type(prices, NO_TYPES)
        type_id = self._type_id or self._wanted
        if not type_id:
            ids = {price.type_id for price in prices}
            if len(ids) > 1:
                return "C1C_PRICE_TYPE_AMBIGUOUS"
            type_id = next(iter(ids))
        return self.of_type(prices, type_id)

    def of_type(self, prices: Sequence[PriceRecord], type_id: str) -> PriceRecord | str:
        """The price of that type in tenge for one unit, or the code of the reason why there is none."""
        ours = [price for price in prices if price.type_id == type_id]
        if not ours:
            return "C1C_PRICE_TYPE_ABSENT"
        in_tenge = [price for price in ours if self._currency(price) in _TENGE]
        if not in_tenge:
            return "C1C_PRICE_CURRENCY"
        for_one = [price for price in in_tenge if _is_for_one(price)]
        if not for_one:
            return "C1C_PRICE_FOR_PACK"
        return min(for_one, key=_least)

    def _find_wanted(self) -> str | None:
        if self._wanted in self._types:
            return self._wanted
        wanted = self._wanted.lower()
        return next((key for key, each in self._types.items() if each.name.lower() == wanted), None)

    def _currency(self, price: PriceRecord) -> str:
        declared = self._types.get(price.type_id)
        text = price.currency or (declared.currency if declared else "")
        return text.strip().upper().rstrip(".")


def _is_for_one(price: PriceRecord) -> bool:
    return not price.coefficient or parse_scaled(price.coefficient, digits=3) == _ONE


def _least(price: PriceRecord) -> int:
    """Smallest quantity from which the price holds: the retail one comes first."""
    least = parse_scaled(price.min_quantity, digits=3)
    return least if isinstance(least, int) else 0
