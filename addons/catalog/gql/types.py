"""GraphQL types of the catalogue. Annotations are real in this module: Strawberry reads them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Self

import strawberry

from addons.catalog.gql.enums import VatKind
from addons.catalog.services.cards import today, vat_of, vat_table
from kernel.clock import from_ms
from kernel.data.work import Reader
from kernel.gql.context import GqlContext, Info
from kernel.gql.ids import to_global
from kernel.gql.node import Node
from kernel.gql.permissions import Requires
from kernel.gql.refusals import Refused
from kernel.money import Money
from kernel.quantity import Quantity


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


@strawberry.type(name="ProductCode", description="One thing a scanner may read on a product.")
class ProductCodeType:
    barcode: str = strawberry.field(description="As it was given.")
    normal: str = strawberry.field(description="Key it is found by: a GTIN as 14 digits, others as they are.")
    coefficient: Quantity = strawberry.field(description="How much of the product one scan is.")


@strawberry.type(name="PriceType", description="A kind of price beside the ordinary one.")
class PriceTypeType(Node):
    node_permission: ClassVar[str | None] = "catalog.view"

    name: str = strawberry.field(description="Name.")
    is_archived: bool = strawberry.field(description="Whether it was put away.")
    is_of_source: bool = strawberry.field(description="Whether a program, such as 1C, keeps it.")

    @classmethod
    async def load(cls, context: GqlContext, key: str) -> Self | None:
        return await context.loader("catalog.price_type_by_id").load(key)


@strawberry.type(name="ProductPrice", description="A row of the price list.")
class ProductPriceType:
    price: Money | None = strawberry.field(description="Price, tenge; null takes the price of the type away.")
    from_: datetime = strawberry.field(name="from", description="From when on.")
    is_in_force: bool = strawberry.field(description="Whether its moment has come.")
    price_type_key: strawberry.Private[str]

    @strawberry.field(description="The type; null is the ordinary price.")
    async def price_type(self, info: Info) -> PriceTypeType | None:
        if not self.price_type_key:
            return None
        return await info.context.loader("catalog.price_type_by_id").load(self.price_type_key)


@strawberry.type(name="ProductStock", description="What an outlet has of a product, as somebody told.")
class ProductStockType:
    outlet_id: strawberry.ID = strawberry.field(description="The outlet.")
    quantity: str = strawberry.field(description='Amount in the unit of the product, such as "12" or "-1.5".')
    updated_at: datetime = strawberry.field(description="When it was told.")


@strawberry.type(name="ProductPicture", description="A picture of a product.")
class ProductPictureType(Node):
    media_type: str = strawberry.field(description='"image/jpeg", "image/png" or "image/webp".')
    size_bytes: int = strawberry.field(description="Size of the file.")
    url: str = strawberry.field(description="Path on this server; the same for ever.")


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
    characteristic: str = strawberry.field(description="What sets a variant apart; empty for others.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    group_key: strawberry.Private[str | None]
    base_key: strawberry.Private[str | None]
    own_register_key: strawberry.Private[str | None]
    cost: strawberry.Private[Money | None]

    @strawberry.field(description="The group it stands in, if any.")
    async def group(self, info: Info) -> ProductGroupType | None:
        if self.group_key is None:
            return None
        return await info.context.loader("catalog.group_by_id").load(self.group_key)

    @strawberry.field(description="All groups it stands in, the first one first.")
    async def groups(self, info: Info) -> list[ProductGroupType]:
        first = await self.group(info)
        others = await info.context.loader("catalog.extra_groups_by_product").load(self.key)
        return [first, *others] if first else list(others)

    @strawberry.field(description="The product it is a variant of; null for others.")
    async def base(self, info: Info) -> Annotated["ProductType", strawberry.lazy(__name__)] | None:
        if self.base_key is None:
            return None
        return await info.context.loader("catalog.product_by_id").load(self.base_key)

    @strawberry.field(description="Its variants, archived ones included, by code; at most 500.")
    async def variants(self, info: Info) -> list[Annotated["ProductType", strawberry.lazy(__name__)]]:
        return await info.context.loader("catalog.variants_by_product").load(self.key)

    @strawberry.field(description="The register it is sold at and nowhere else; null for others.")
    def own_register_id(self) -> strawberry.ID | None:
        return None if self.own_register_key is None else to_global("Register", self.own_register_key)

    @strawberry.field(
        description="What it was bought for, tenge; null when unknown.",
        permission_classes=[Requires("catalog.edit")],
    )
    def purchase_price(self) -> Money | None:
        return self.cost

    @strawberry.field(description="Barcodes with their normal form and how much one scan is.")
    async def scan_codes(self, info: Info) -> list[ProductCodeType]:
        return await info.context.loader("catalog.scan_codes_by_product").load(self.key)

    @strawberry.field(description="Rows of the price list in force or to come, by type and moment.")
    async def prices(self, info: Info) -> list[ProductPriceType]:
        return await info.context.loader("catalog.prices_by_product").load(self.key)

    @strawberry.field(description="What outlets have; an outlet that is absent has an unknown amount.")
    async def stock(self, info: Info) -> list[ProductStockType]:
        return await info.context.loader("catalog.stock_by_product").load(self.key)

    @strawberry.field(description="Its pictures, the first one first; at most 10.")
    async def pictures(self, info: Info) -> list[ProductPictureType]:
        return await info.context.loader("catalog.pictures_by_product").load(self.key)

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
            characteristic=row["characteristic"],
            group_key=row["group_id"],
            base_key=row["base_id"],
            own_register_key=row["own_register_id"],
            cost=None if row["purchase_price_tiyn"] is None else Money(row["purchase_price_tiyn"]),
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


def price_type_type(row: Mapping[str, Any]) -> PriceTypeType:
    """The type of a row of cat_price_type."""
    return PriceTypeType(
        key=row["id"],
        name=row["name"],
        is_archived=bool(row["is_archived"]),
        is_of_source=row["source"] is not None,
    )
