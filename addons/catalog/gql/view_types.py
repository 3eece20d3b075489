"""GraphQL types of what registers see: assortment, packages, scans, prices, history. Annotations are real in
this module: Strawberry reads them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Self

import orjson
import strawberry

from addons.catalog.domain.mark import MarkKind, MarkRead
from addons.catalog.domain.scale_code import ScaleLabelRule, ScaleValue
from addons.catalog.domain.view import BundleCard, ScannedProduct, ViewCard
from addons.catalog.gql.types import PriceTypeType, ProductGroupType, ProductType, percent_text
from addons.catalog.services.history import SOURCE_PREFIX
from kernel.clock import from_ms
from kernel.gql.context import GqlContext, Info
from kernel.gql.ids import to_global
from kernel.gql.node import Node
from kernel.gql.refusals import Refused
from kernel.money import Money
from kernel.quantity import Quantity

strawberry.enum(ScaleValue, name="ScaleValueKind", description="What the value of a scale's label says.")
strawberry.enum(MarkKind, description="How a marking code is made up.")


@strawberry.type(
    name="RegisterCatalog", description="What a register sees of the catalogue, and at what price."
)
class RegisterCatalogType:
    register_id: strawberry.ID = strawberry.field(description="The register.")
    is_all_goods: bool = strawberry.field(description="Whether it sells all goods; else those of its groups.")
    percent: str = strawberry.field(
        description='Of the price: "100" as it is, less is a discount, more a markup.'
    )
    rounding_step: Money = strawberry.field(
        description="Prices changed by the percent are multiples of it, halves rounded up."
    )
    group_keys: strawberry.Private[list[str]]
    price_type_key: strawberry.Private[str | None]

    @strawberry.field(description="Chosen groups, by code; all below them is sold too. At most 500.")
    async def groups(self, info: Info) -> list[ProductGroupType]:
        groups = await info.context.loader("catalog.group_by_id").load_many(self.group_keys)
        return sorted((group for group in groups if group is not None), key=lambda group: group.code)

    @strawberry.field(description="The type of price; null is the ordinary one.")
    async def price_type(self, info: Info) -> PriceTypeType | None:
        if self.price_type_key is None:
            return None
        return await info.context.loader("catalog.price_type_by_id").load(self.price_type_key)


@strawberry.type(name="RegisterProduct", description="A product as one register has it now.")
class RegisterProductType:
    price: Money | None = strawberry.field(description="What the register asks; null is typed at the till.")
    list_price: Money | None = strawberry.field(description="The price before the register's percent.")
    is_in_assortment: bool = strawberry.field(description="Whether the register may sell it.")
    product_key: strawberry.Private[str]

    @strawberry.field(description="The product.")
    async def product(self, info: Info) -> ProductType | None:
        return await info.context.loader("catalog.product_by_id").load(self.product_key)


@strawberry.type(name="ProductBundleLine", description="A product of a package.")
class ProductBundleLineType:
    quantity: Quantity = strawberry.field(description="How much of it is in the package.")
    product_key: strawberry.Private[str]

    @strawberry.field(description="The product.")
    async def product(self, info: Info) -> ProductType | None:
        return await info.context.loader("catalog.product_by_id").load(self.product_key)


@strawberry.type(name="ProductBundle", description="A package: goods sold together under one barcode.")
class ProductBundleType(Node):
    node_permission: ClassVar[str | None] = "catalog.view"

    name: str = strawberry.field(description="Name in Russian.")
    name_kk: str = strawberry.field(description="Name in Kazakh; may be empty.")
    barcode: str = strawberry.field(description="Its own barcode; may be empty.")
    is_everywhere: bool = strawberry.field(description="Whether every register sells it.")
    is_archived: bool = strawberry.field(description="Whether it was put away.")
    shrunk_at: datetime | None = strawberry.field(
        description="When archived goods left it; null once somebody has changed the package since."
    )
    updated_at: datetime = strawberry.field(description="When it last changed.")

    @strawberry.field(description="What it unfolds into, in order; at most 50.")
    async def lines(self, info: Info) -> list[ProductBundleLineType]:
        return await info.context.loader("catalog.lines_by_bundle").load(self.key)

    @strawberry.field(description="Registers that sell it when not every one does; at most 200.")
    async def register_ids(self, info: Info) -> list[strawberry.ID]:
        return await info.context.loader("catalog.registers_by_bundle").load(self.key)

    @classmethod
    async def load(cls, context: GqlContext, key: str) -> Self | None:
        return await context.loader("catalog.bundle_by_id").load(key)


@strawberry.type(name="ScannedBundleLine", description="A line a package unfolds into at a register.")
class ScannedBundleLineType:
    quantity: Quantity = strawberry.field(description="How much, in one package.")
    item: RegisterProductType = strawberry.field(description="The product as the register has it.")


@strawberry.type(name="ScannedBundle", description="A package a scanner read.")
class ScannedBundleType:
    id: strawberry.ID = strawberry.field(description="The package.")
    name: str = strawberry.field(description="Name in Russian.")
    name_kk: str = strawberry.field(description="Name in Kazakh; may be empty.")
    lines: list[ScannedBundleLineType] = strawberry.field(description="What it unfolds into.")


@strawberry.type(name="MarkCode", description="A marking code, repaired.")
class MarkCodeType:
    kind: MarkKind = strawberry.field(description="How it is made up.")
    text: str = strawberry.field(description="As it is sold by and as the OFD gets it.")
    gtin: str = strawberry.field(description="GTIN it holds; may be empty.")
    serial: str = strawberry.field(description="Serial number it holds; may be empty.")
    is_sold: bool = strawberry.field(description="Whether the piece is sold already.")


@strawberry.type(name="Scanned", description="What a register has under a text a scanner gave.")
class ScannedType:
    item: RegisterProductType | None = strawberry.field(description="The product; null for a package.")
    quantity: Quantity = strawberry.field(description="How much one scan is: a box, a weight; else 1.")
    price: Money | None = strawberry.field(description="Price of the label of a scale, for all of it.")
    mark: MarkCodeType | None = strawberry.field(description="The marking code, when one was read.")
    bundle: ScannedBundleType | None = strawberry.field(description="The package, when one was read.")


@strawberry.type(name="ScaleRule", description="How labels of shop scales with one prefix are read.")
class ScaleRuleType:
    prefix: str = strawberry.field(description="First digits, 02 or 20 to 29 and perhaps more.")
    kind: ScaleValue = strawberry.field(description="What the value says.")
    code_digits: int = strawberry.field(description="Digits of the product code after the prefix.")
    value_digits: int = strawberry.field(description="Digits of the value; a check digit follows.")
    decimals: int = strawberry.field(description="Digits of the value after the point: 3 are grams.")


@strawberry.type(name="ScaleRules", description="All rules of a company, by prefix.")
class ScaleRulesType:
    rules: list[ScaleRuleType] = strawberry.field(description="The rules.")


@strawberry.type(name="ProductChangeField", description="A field of a product that changed.")
class ProductChangeFieldType:
    name: str = strawberry.field(
        description='Such as "price", "price:<type>" or "price@<epoch ms>" of a planned one.'
    )
    before: str | None = strawberry.field(description="As it was; null: nothing.")
    after: str | None = strawberry.field(description="As it became; null: nothing.")


@strawberry.type(name="ProductChange", description="A line of a product's history.")
class ProductChangeType:
    at: datetime = strawberry.field(description="When.")
    action: str = strawberry.field(description='Such as "created", "updated", "priced", "archived".')
    actor_kind: str = strawberry.field(description='Who: "user", "operator", "service", "system".')
    actor_id: str = strawberry.field(description="Which of them.")
    source: str | None = strawberry.field(description="Key of the source, when an import did it.")
    address: str | None = strawberry.field(
        description="Network address it was asked from, when people did it."
    )
    fields: list[ProductChangeFieldType] = strawberry.field(description="What changed.")


RegisterCatalogsResult = Annotated[
    Annotated["RegisterCatalogs", strawberry.lazy(__name__)] | Refused,
    strawberry.union("RegisterCatalogsResult", description="What the registers see now, or why not."),
]
ProductBundleResult = Annotated[
    ProductBundleType | Refused,
    strawberry.union("ProductBundleResult", description="The package, or why it was refused."),
]
PriceTypeResult = Annotated[
    PriceTypeType | Refused,
    strawberry.union("PriceTypeResult", description="The price type, or why it was refused."),
]
ScaleRulesResult = Annotated[
    ScaleRulesType | Refused,
    strawberry.union("ScaleRulesResult", description="The rules, or why they were refused."),
]
ProductsResult = Annotated[
    Annotated["ProductsWritten", strawberry.lazy(__name__)] | Refused,
    strawberry.union("ProductsResult", description="The products, or why they were refused."),
]


@strawberry.type(name="RegisterCatalogs", description="What registers see.")
class RegisterCatalogs:
    catalogs: list[RegisterCatalogType] = strawberry.field(description="One for each register asked for.")


@strawberry.type(name="ProductsWritten", description="Products that were written.")
class ProductsWritten:
    products: list[ProductType] = strawberry.field(description="As they are now, each once.")


def view_type(view: ViewCard) -> RegisterProductType:
    """The type of a card of the register's view."""
    return RegisterProductType(
        price=view.card.price if view.card.has_price else None,
        list_price=view.list_price,
        is_in_assortment=view.is_in_assortment,
        product_key=view.card.id,
    )


def mark_type(mark: MarkRead, *, is_sold: bool) -> MarkCodeType:
    """The type of a mark."""
    return MarkCodeType(kind=mark.kind, text=mark.text, gtin=mark.gtin, serial=mark.serial, is_sold=is_sold)


def scanned_type(scanned: ScannedProduct | BundleCard, *, is_sold: bool) -> ScannedType:
    """The type of what was scanned; is_sold: whether the mark of it is."""
    if isinstance(scanned, BundleCard):
        lines = [ScannedBundleLineType(quantity=held, item=view_type(view)) for view, held in scanned.lines]
        bundle = ScannedBundleType(
            id=to_global("ProductBundle", scanned.id),
            name=scanned.name,
            name_kk=scanned.name_kk,
            lines=lines,
        )
        return ScannedType(item=None, quantity=Quantity.ONE, price=None, mark=None, bundle=bundle)
    return ScannedType(
        item=view_type(scanned.view),
        quantity=scanned.quantity,
        price=scanned.price,
        mark=None if scanned.mark is None else mark_type(scanned.mark, is_sold=is_sold),
        bundle=None,
    )


def bundle_type(row: Mapping[str, Any]) -> ProductBundleType:
    """The type of a row of cat_bundle."""
    return ProductBundleType(
        key=row["id"],
        name=row["name"],
        name_kk=row["name_kk"],
        barcode=row["barcode"],
        is_everywhere=bool(row["is_everywhere"]),
        is_archived=bool(row["is_archived"]),
        shrunk_at=None if row["shrunk_ms"] is None else from_ms(row["shrunk_ms"]),
        updated_at=from_ms(row["updated_ms"]),
    )


def rule_type(rule: ScaleLabelRule) -> ScaleRuleType:
    """The type of a rule."""
    return ScaleRuleType(
        prefix=rule.prefix,
        kind=rule.kind,
        code_digits=rule.code_digits,
        value_digits=rule.value_digits,
        decimals=rule.decimals,
    )


def change_type(row: Mapping[str, Any]) -> ProductChangeType:
    """The type of a row of cat_change."""
    origin = row["origin"]
    is_import = origin.startswith(SOURCE_PREFIX)
    fields = orjson.loads(row["changes"])
    return ProductChangeType(
        at=from_ms(row["at_ms"]),
        action=row["action"],
        actor_kind=row["actor_kind"],
        actor_id=row["actor_id"],
        source=origin.removeprefix(SOURCE_PREFIX) if is_import else None,
        address=origin if origin and not is_import else None,
        fields=[
            ProductChangeFieldType(name=name, before=before, after=after)
            for name, (before, after) in fields.items()
        ],
    )


def catalog_type(register_id: str, row: Mapping[str, Any]) -> RegisterCatalogType:
    """The type of a register's rules."""
    return RegisterCatalogType(
        register_id=to_global("Register", register_id),
        is_all_goods=bool(row["is_all_goods"]),
        percent=percent_text(row["percent_bp"]),
        rounding_step=Money(row["rounding_step_tiyn"]),
        group_keys=list(row["group_ids"]),
        price_type_key=row["price_type_id"],
    )
