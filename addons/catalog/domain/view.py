"""The register's view: what one register sees of the catalogue, and at what price. Reading it belongs to
services."""

from __future__ import annotations

from addons.catalog.domain.mark import MarkRead
from addons.catalog.domain.pricing import PERCENT_AS_IS_BP, STEP_TENGE, percent_price
from addons.catalog.domain.product import ProductCard
from kernel.money import Money
from kernel.quantity import Quantity
from kernel.values import value


@value
class ViewRules:
    """How a register sells: all goods or chosen groups, percent of the price, rounding, type of price.

    percent_bp: 10000 = as is; step_tiyn: a price changed by the percent is a multiple of it; price_type_id
    None: the ordinary price.
    """

    is_all_goods: bool = True
    percent_bp: int = PERCENT_AS_IS_BP
    step_tiyn: int = STEP_TENGE
    price_type_id: str | None = None


AS_IS = ViewRules()


@value
class ViewCard:
    """A product as one register has it. card: with the price the register asks now; is_in_assortment: whether
    the register may sell it.

    ordinary, of_type: the prices its price is made of, before the percent; None where there is none.
    """

    card: ProductCard
    is_in_assortment: bool
    ordinary: Money | None
    of_type: Money | None
    percent_bp: int
    step_tiyn: int

    @property
    def is_for_sale(self) -> bool:
        """Whether the register sells it now."""
        return self.is_in_assortment and not self.card.is_archived

    @property
    def list_price(self) -> Money | None:
        """The price before the register's percent; None when there is none."""
        return self.ordinary if self.of_type is None else self.of_type


@value
class PriceToCome:
    """From that moment (epoch ms) the register will ask this price; None: there will be none."""

    from_ms: int
    price: Money | None


@value
class ScannedProduct:
    """A product a scanner read. quantity: how much of it one scan is, from a box or a scale's label; barcode:
    what was read, "" for a label and a mark; price: of a scale's label, else None; mark: when a marking code
    was read.
    """

    view: ViewCard
    quantity: Quantity
    barcode: str = ""
    price: Money | None = None
    mark: MarkRead | None = None


@value
class BundleCard:
    """A package and what it unfolds into, in order: products as the register has them, how much of each."""

    id: str
    name: str
    name_kk: str
    barcode: str
    lines: tuple[tuple[ViewCard, Quantity], ...]


Scanned = ScannedProduct | BundleCard


def register_price(
    ordinary: Money | None, of_type: Money | None, percent_bp: int, step_tiyn: int
) -> Money | None:
    """What a register asks: the price of its type, or the ordinary one where there is none, by its percent.

    None when the product has neither: the cashier types it.
    """
    price = ordinary if of_type is None else of_type
    return None if price is None else percent_price(price, percent_bp, step_tiyn)
