"""What registers see, in GraphQL. Annotations are real in this module: Strawberry reads them."""

from typing import Annotated

import strawberry

from addons.catalog.domain.mark import MARK_LENGTH_MAX, read_mark
from addons.catalog.domain.product import ProductId
from addons.catalog.domain.view import ScannedProduct
from addons.catalog.gql.inputs import product_id as product_key
from addons.catalog.gql.loaders import PRICE_TYPE_SELECT
from addons.catalog.gql.types import PriceTypeType, price_type_type
from addons.catalog.gql.view_loaders import BUNDLE_SELECT, register_catalogs
from addons.catalog.gql.view_types import (
    MarkCodeType,
    ProductBundleType,
    ProductChangeType,
    RegisterCatalogType,
    RegisterProductType,
    ScaleRulesType,
    ScannedType,
    bundle_type,
    change_type,
    mark_type,
    rule_type,
    scanned_type,
    view_type,
)
from addons.catalog.services.marks import taken_marks
from addons.catalog.services.scale_rules import ask_scale_rules, rules_found
from addons.catalog.services.scan import scan
from addons.catalog.services.tables import CHANGE
from addons.catalog.services.view import ask_view_list, view_by_ids
from addons.organization.api import register_card
from kernel.gql.context import Info
from kernel.gql.ids import from_global
from kernel.gql.paging import (
    After,
    Before,
    Connection,
    First,
    Key,
    KeysetList,
    Last,
    connection_of,
    fetch_page,
    page,
)
from kernel.gql.permissions import Requires

_CHANGE_SELECT = f"SELECT id, at_ms, action, actor_kind, actor_id, origin, changes FROM {CHANGE}"
RegisterArgument = Annotated[strawberry.ID, strawberry.argument(description="The register.")]


@strawberry.type
class CatalogViewQuery:
    """Root fields about what registers see."""

    @strawberry.field(
        description="How a register sells: assortment, percent, rounding, type of price.",
        permission_classes=[Requires("catalog.view")],
    )
    async def register_catalog(self, info: Info, register_id: RegisterArgument) -> RegisterCatalogType:
        key = _register(info, register_id)
        async with info.context.reading() as reader:
            await register_card(reader, key)
            (catalog,) = await register_catalogs(reader, [key])
        return catalog

    @strawberry.field(
        description="What a register sells now and at what price, by code.",
        permission_classes=[Requires("catalog.view")],
    )
    async def register_products(
        self, info: Info, register_id: RegisterArgument, first: First = None, after: After = None
    ) -> Connection[RegisterProductType]:
        asked = page(first, after)
        key = _register(info, register_id)
        async with info.context.reading() as reader:
            await register_card(reader, key)
            select, where, params = await ask_view_list(reader, key)
            listed = KeysetList(select, where, params, (Key("p.code", int),))
            found = await fetch_page(reader, listed, asked, lambda row: ProductId(row["id"]))
            views = await view_by_ids(reader, key, found.nodes)
        shown = [view_type(views[each]) for each in found.nodes]
        return connection_of(shown, found.places, asked, has_more=found.has_next, count=found.counter)

    @strawberry.field(
        description="What a register has under a text a scanner gave: a barcode, NTIN, box, package, label of"
        " a scale or marking code, also typed in a Cyrillic layout; null when there is nothing.",
        permission_classes=[Requires("catalog.view")],
    )
    async def scan(
        self,
        info: Info,
        register_id: RegisterArgument,
        text: Annotated[str, strawberry.argument(description="As the scanner gave it.")],
    ) -> ScannedType | None:
        key = _register(info, register_id)
        async with info.context.reading() as reader:
            await register_card(reader, key)
            scanned = await scan(reader, key, text[: MARK_LENGTH_MAX * 2])
            if scanned is None:
                return None
            mark = scanned.mark if isinstance(scanned, ScannedProduct) else None
            is_sold = mark is not None and bool(await taken_marks(reader, [mark.key]))
        return scanned_type(scanned, is_sold=is_sold)

    @strawberry.field(
        description="A marking code as it is read and repaired, and whether its piece is sold.",
        permission_classes=[Requires("catalog.view")],
    )
    async def mark_code(
        self, info: Info, text: Annotated[str, strawberry.argument(description="As the scanner gave it.")]
    ) -> MarkCodeType:
        mark = read_mark(text, field="text")
        async with info.context.reading() as reader:
            is_sold = bool(await taken_marks(reader, [mark.key]))
        return mark_type(mark, is_sold=is_sold)

    @strawberry.field(
        description="Packages of the company, by name.", permission_classes=[Requires("catalog.view")]
    )
    async def product_bundles(
        self,
        info: Info,
        is_archived: Annotated[
            bool | None, strawberry.argument(description="Archived (true), for sale (false), both (null).")
        ] = False,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ProductBundleType]:
        asked = page(first, after, last, before)
        async with info.context.reading() as reader:
            where, params = "company_id = ?", [reader.company_id]
            if is_archived is not None:
                where = f"{where} AND is_archived = {int(is_archived)}"
            keys = (Key("name"), Key("id"))
            return await fetch_page(
                reader, KeysetList(BUNDLE_SELECT, where, tuple(params), keys), asked, bundle_type
            )

    @strawberry.field(
        description="Price types of the company, by name.", permission_classes=[Requires("catalog.view")]
    )
    async def price_types(
        self, info: Info, first: First = None, after: After = None
    ) -> Connection[PriceTypeType]:
        asked = page(first, after)
        async with info.context.reading() as reader:
            keys = (Key("name"), Key("id"))
            listed = KeysetList(PRICE_TYPE_SELECT, "company_id = ?", (reader.company_id,), keys)
            return await fetch_page(reader, listed, asked, price_type_type)

    @strawberry.field(
        description="How labels of the company's scales are read.",
        permission_classes=[Requires("catalog.view")],
    )
    async def scale_rules(self, info: Info) -> ScaleRulesType:
        async with info.context.reading() as reader:
            sql, params = ask_scale_rules(reader)
            rules = rules_found(await reader.rows(sql, *params))
        return ScaleRulesType(rules=[rule_type(rule) for rule in rules])

    @strawberry.field(
        description="The history of a product, the latest first.",
        permission_classes=[Requires("catalog.edit")],
    )
    async def product_changes(
        self,
        info: Info,
        product_id: Annotated[strawberry.ID, strawberry.argument(description="The product.")],
        first: First = None,
        after: After = None,
    ) -> Connection[ProductChangeType]:
        asked = page(first, after)
        key = product_key(product_id)
        async with info.context.reading() as reader:
            listed = KeysetList(
                _CHANGE_SELECT,
                "company_id = ? AND product_id = ?",
                (reader.company_id, key),
                (Key("id", str, is_descending=True),),
            )
            return await fetch_page(reader, listed, asked, change_type)


def _register(info: Info, global_id: str) -> str:
    key = from_global(global_id, "Register", field="registerId")
    info.context.principal.require_register(key)
    return key
