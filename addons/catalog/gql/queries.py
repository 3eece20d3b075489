"""Root queries of the catalogue. Annotations are real in this module: Strawberry reads them."""

from typing import Annotated

import strawberry

from addons.catalog.domain.barcode import barcode_key
from addons.catalog.domain.search import after_prefix, search_key
from addons.catalog.gql.loaders import GROUP_SELECT, PRODUCT_SELECT
from addons.catalog.gql.types import ProductGroupType, ProductMaker, ProductType, group_type
from addons.catalog.services.cards import product_by_barcode, product_by_code
from addons.catalog.services.tables import BARCODE
from kernel.errors import Refusal
from kernel.gql.context import Info
from kernel.gql.ids import from_global
from kernel.gql.paging import After, Before, Connection, First, Key, KeysetList, Last, fetch_page, page
from kernel.gql.permissions import Requires

TEXT_MAX = 255  # characters of a search


@strawberry.input(description="Which products; conditions are joined by AND.")
class ProductFilter:
    name_prefix: str | None = strawberry.field(
        default=None, description="Beginning of the Russian name, in any case."
    )
    barcode: str | None = strawberry.field(default=None, description="Barcode or NTIN, exact.")
    code: int | None = strawberry.field(default=None, description="Product code, exact.")
    group_id: strawberry.ID | None = strawberry.field(
        default=None, description="Standing in this group itself."
    )
    is_archived: bool | None = strawberry.field(
        default=False, description="Archived ones (true), those for sale (false), both (null)."
    )


@strawberry.type
class CatalogQuery:
    """Root fields of the catalogue."""

    @strawberry.field(
        description="Products of the company, ordered by name when searched by name, else by code.",
        permission_classes=[Requires("catalog.view")],
    )
    async def products(
        self,
        info: Info,
        filter: Annotated[
            ProductFilter | None, strawberry.argument(description="Left out: everything for sale.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ProductType]:
        asked = page(first, after, last, before)
        async with info.context.reading() as reader:
            listed = _listed(reader.company_id, filter or ProductFilter())
            return await fetch_page(reader, listed, asked, ProductMaker(reader))

    @strawberry.field(
        description="The product a scanner read or a cashier typed; null when there is none for sale.",
        permission_classes=[Requires("catalog.view")],
    )
    async def product(
        self,
        info: Info,
        barcode: Annotated[str | None, strawberry.argument(description="Barcode or NTIN.")] = None,
        code: Annotated[int | None, strawberry.argument(description="Product code.")] = None,
    ) -> ProductType | None:
        if (barcode is None) == (code is None):
            raise Refusal("PRODUCT_KEY_NEEDED")
        async with info.context.reading() as reader:
            card = (
                await product_by_barcode(reader, barcode[:TEXT_MAX])
                if barcode is not None
                else await product_by_code(reader, code or 0)
            )
        if card is None or card.is_archived:
            return None
        return await info.context.loader("catalog.product_by_id").load(card.id)

    @strawberry.field(
        description="Groups of the company, ordered by code.",
        permission_classes=[Requires("catalog.view")],
    )
    async def product_groups(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ProductGroupType]:
        asked = page(first, after, last, before)
        async with info.context.reading() as reader:
            listed = KeysetList(GROUP_SELECT, "company_id = ?", (reader.company_id,), (Key("code"),))
            return await fetch_page(reader, listed, asked, group_type)


def _listed(company_id: str, wanted: ProductFilter) -> KeysetList:
    where: list[str] = []
    params: list[str | int] = []
    keys: tuple[Key, ...] = (Key("code", int),)
    if wanted.barcode is not None:
        # Rows of barcodes name the company; naming it again would make SQLite walk all its products.
        where.append(f"id IN (SELECT product_id FROM {BARCODE} WHERE company_id = ? AND key_text = ?)")
        params.extend((company_id, barcode_key(wanted.barcode[:TEXT_MAX])))
    else:
        where.append("company_id = ?")
        params.append(company_id)
    if wanted.is_archived is not None:
        where.append("is_archived = ?")
        params.append(int(wanted.is_archived))
    if wanted.code is not None:
        where.append("code = ?")
        params.append(wanted.code)
    if wanted.group_id is not None:
        where.append("group_id = ?")
        params.append(from_global(wanted.group_id, "ProductGroup", field="filter.groupId"))
    if wanted.name_prefix is not None and (prefix := search_key(wanted.name_prefix[:TEXT_MAX])):
        where.append("search_key >= ? AND search_key < ?")
        params.extend((prefix, after_prefix(prefix)))
        keys = (Key("search_key"), Key("id"))
    return KeysetList(PRODUCT_SELECT, " AND ".join(where), tuple(params), keys)
