"""Who may sell at which price: the catalogue rules unless the product or the seller's rights allow more."""

from __future__ import annotations

from addons.trade.domain.cart import Percent, Reduction
from kernel.errors import Refusal
from kernel.money import Money


def allowed_price(
    catalogue: Money, asked: Money | None, *, is_editable: bool, may_override: bool, field: str
) -> Money:
    """The price to sell at; nothing asked means the catalogue's own.

    Another price needs a price-editable product or the right trade.free_price. Refusals: SALE_PRICE_FIXED,
    SALE_PRICE_MISSING (the catalogue has none and none is asked).
    """
    if asked is None:
        if catalogue.tiyn == 0:
            raise Refusal("SALE_PRICE_MISSING", field=f"{field}.price")
        return catalogue
    if asked != catalogue and not (is_editable or may_override):
        raise Refusal("SALE_PRICE_FIXED", field=f"{field}.price", price=str(catalogue))
    return asked


def check_modifier(
    base: Money, asked: Reduction | None, *, limit_bp: int | None, may_override: bool, code: str, field: str
) -> None:
    """Refuse (with the given code) a modifier above the product's limit; None means no limit.

    The right trade.free_discount lifts the limit. A percent is compared exactly, money against the rounded
    limit.
    """
    if asked is None or limit_bp is None or may_override:
        return
    if isinstance(asked, Percent):
        is_over = asked.bp > limit_bp
    else:
        is_over = asked > base.share(limit_bp)
    if is_over:
        raise Refusal(code, field=field, limit=percent_text(limit_bp))


def percent_text(bp: int) -> str:
    """Basis points as people write percents: 1600 -> "16", 1250 -> "12.5"."""
    whole, rest = divmod(bp, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") if rest else str(whole)
