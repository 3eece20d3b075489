"""GraphQL types of the catalogue. Annotations are real in this module: Strawberry reads them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Self

import strawberry

from addons.catalog.domain.vat import VatKind
from addons.catalog.services.cards import today, vat_of, vat_table
from kernel.clock import from_ms
from kernel.data.work import Reader
from kernel.gql.context import GqlContext, Info
from kernel.gql.node import Node
from kernel.gql.refusals import Refused
from kernel.money import Money

strawberry.enum(VatKind, description="Which rule of the law gives a product its VAT rate.")


@strawberry.type(name="ProductGroup", description="A node of the tree of product groups.")
class ProductGroupType(Node):
    node_permission: ClassVar[str | None] = "catalog.view"

    code: str = strawberry.field(description="Number people see, such as 3.2; never reused.")
    name: str = strawberry.field(description="Name in Russian.")
    name_kk: str = strawberry.field(description="Name in Kazakh; may be empty.")
    is_archived: bool = strawberry.field(description="Whether it was put away.")
    parent_key: strawberry.Private[str | None]

    @strawberry.field(description="The group it stands in; null at the root.")
    async def parent(self, info: Info) -> Annotated["ProductGroupType", strawberry.lazy(__name__)] | None:
        if self.parent_key is None:
            return None
        return await info.context.loader("catalog.group_by_id").load(self.parent_key)

    @classmethod
    async def load(cls, context: GqlContext, key: str) -> Self | None:
        return await context.loader("catalog.group_by_id").load(key)


@strawberry.type(name="Vat", description="VAT of a product today.")
class VatType:
    kind: VatKind = strawberry.field(description="The rule; its rate changes with the law.")
    percent: str | None = strawberry.field(description='Rate in percent, such as "16"; null is without VAT.')


@strawberry.type(name="Product", description="A good or service for sale.")
class ProductType(Node):
    node_permission: ClassVar[str | None] = "catalog.view"

    code: int = strawberry.field(description="Number within the company, typed at the till.")
    name: str = strawberry.field(description="Name in Russian.")
    name_kk: str = strawberry.field(description="Name in Kazakh; may be empty.")
    price: Money | None = strawberry.field(description="Price of one unit, tenge; null is typed at the till.")
    vat: VatType = strawberry.field(description="VAT inside the price, as of today.")
    barcode: str = strawberry.field(description="Main barcode; may be empty.")
    unit_code: str = strawberry.field(description="Code of the unit of measure: 796 piece, 166 kg.")
    unit_name: str = strawberry.field(description="Short name of the unit.")
    article: str = strawberry.field(description="Article of the maker; may be empty.")
    ntin: str = strawberry.field(description="Number in the National Catalogue of Goods; may be empty.")
    gtin: str = strawberry.field(description="Global trade item number; may be empty.")
    is_marked: bool = strawberry.field(description="Whether each piece bears a mark that must be scanned.")
    is_price_editable: bool = strawberry.field(description="Whether the cashier may change the price.")
    discount_percent: str = strawberry.field(description="Discount applied by default, 0 to 100.")
    markup_percent: str = strawberry.field(description="Markup applied by default, 0 to 100.")
    section: int = strawberry.field(description="Section of the shop, 0 to 99.")
    is_archived: bool = strawberry.field(description="Whether it was taken out of sale.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    group_key: strawberry.Private[str | None]

    @strawberry.field(description="The group it stands in, if any.")
    async def group(self, info: Info) -> ProductGroupType | None:
        if self.group_key is None:
            return None
        return await info.context.loader("catalog.group_by_id").load(self.group_key)

    @strawberry.field(description="Everything a scanner may read on it: barcodes and NTIN.")
    async def barcodes(self, info: Info) -> list[str]:
        return await info.context.loader("catalog.barcodes_by_product").load(self.key)

    @classmethod
    async def load(cls, context: GqlContext, key: str) -> Self | None:
        return await context.loader("catalog.product_by_id").load(key)


ProductResult = Annotated[
    ProductType | Refused,
    strawberry.union("ProductResult", description="The product, or why it was refused."),
]
ProductGroupResult = Annotated[
    ProductGroupType | Refused,
    strawberry.union("ProductGroupResult", description="The group, or why it was refused."),
]


def percent_text(basis_points: int) -> str:
    """Basis points as percent: 1600 is "16", 750 is "7.5"."""
    whole, part = divmod(basis_points, 100)
    return f"{whole}.{part:02d}".rstrip("0").rstrip(".")


class ProductMaker:
    """Makes types of rows with the rates of one moment."""

    def __init__(self, reader: Reader) -> None:
        self._table = vat_table(reader)
        self._day = today(reader)
        self._vats: dict[tuple[str, int | None], VatType] = {}

    def __call__(self, row: Mapping[str, Any]) -> ProductType:
        """The type of a row of cat_product."""
        return ProductType(
            key=row["id"],
            code=row["code"],
            name=row["name"],
            name_kk=row["name_kk"],
            price=None if row["price_tiyn"] is None else Money(row["price_tiyn"]),
            vat=self._vat(row["vat_kind"], row["vat_bp"]),
            barcode=row["barcode"],
            unit_code=row["unit_code"],
            unit_name=row["unit_name"],
            article=row["article"],
            ntin=row["ntin"],
            gtin=row["gtin"],
            is_marked=bool(row["is_marked"]),
            is_price_editable=bool(row["is_price_editable"]),
            discount_percent=percent_text(row["discount_bp"]),
            markup_percent=percent_text(row["markup_bp"]),
            section=row["section"],
            is_archived=bool(row["is_archived"]),
            updated_at=from_ms(row["updated_ms"]),
            group_key=row["group_id"],
        )

    def _vat(self, kind: str, vat_bp: int | None) -> VatType:
        found = self._vats.get((kind, vat_bp))
        if found is None:
            rate = self._table.rate_on(vat_of(kind, vat_bp), self._day)
            percent = None if rate is None else percent_text(rate)
            found = self._vats[kind, vat_bp] = VatType(kind=VatKind(kind), percent=percent)
        return found


def group_type(row: Mapping[str, Any]) -> ProductGroupType:
    """The type of a row of cat_group."""
    return ProductGroupType(
        key=row["id"],
        code=row["code"],
        name=row["name"],
        name_kk=row["name_kk"],
        is_archived=bool(row["is_archived"]),
        parent_key=row["parent_id"],
    )
