"""Root queries of the catalogue. Annotations are real in this module: Strawberry reads them."""

from typing import Annotated

import strawberry

from addons.catalog.domain.barcode import barcode_key
from addons.catalog.domain.search import after_prefix, search_key
from addons.catalog.gql.loaders import GROUP_SELECT, PRODUCT_SELECT
from addons.catalog.gql.types import ProductGroupType, ProductMaker, ProductType, group_type
from addons.catalog.services.cards import product_by_barcode, product_by_code
from addons.catalog.services.tables import (
    BARCODE,
    EXTRA_GROUP,
    GROUP_PATH,
    LEFT_FIRST,
    PRODUCT,
    PRODUCT_COLUMNS,
)
from kernel.data.work import Reader
from kernel.errors import Refusal
from kernel.gql.context import Info
from kernel.gql.ids import from_global
from kernel.gql.paging import After, Before, Connection, First, Key, KeysetList, Last, fetch_page, page
from kernel.gql.permissions import Requires

TEXT_MAX = 255  # characters of a search
# Groups choose the rows by their own indexes: asked beside the company, an engine would walk all its goods.
_OF_GROUP = f"""SELECT id AS picked_id FROM {PRODUCT} WHERE company_id = ? AND group_id = ?
UNION SELECT product_id FROM {EXTRA_GROUP} WHERE company_id = ? AND group_id = ?"""
_OF_TREE = f"""SELECT t.id AS picked_id FROM {GROUP_PATH} a {{left_first}} {PRODUCT} t
ON t.group_id = a.group_id AND t.company_id = ? WHERE a.ancestor_id = ?
UNION SELECT e.product_id FROM {GROUP_PATH} a {{left_first}} {EXTRA_GROUP} e
ON e.group_id = a.group_id AND e.company_id = ? WHERE a.ancestor_id = ?"""
_OF_BARCODE = f"id IN (SELECT product_id FROM {BARCODE} WHERE company_id = ? AND key_text = ?)"
_SELECT = f"SELECT {', '.join(PRODUCT_COLUMNS)}"
_COMPANY = "company_id = ?"
_COMPANY_LAST = "COALESCE(company_id, '') = ?"  # true for the same rows, found by another index


@strawberry.input(description="Which products; conditions are joined by AND.")
class ProductFilter:
    name_prefix: str | None = strawberry.field(
        default=None, description="Beginning of the Russian name, in any case."
    )
    barcode: str | None = strawberry.field(default=None, description="Barcode or NTIN, exact.")
    code: int | None = strawberry.field(default=None, description="Product code, exact.")
    group_id: strawberry.ID | None = strawberry.field(default=None, description="Standing in this group.")
    is_with_subgroups: bool = strawberry.field(
        default=False, description="With groupId: in the groups below it too."
    )
    base_id: strawberry.ID | None = strawberry.field(default=None, description="Variants of this product.")
    own_register_id: strawberry.ID | None = strawberry.field(
        default=None, description="Sold at this register only."
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
            listed = _listed(reader, filter or ProductFilter())
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


def _listed(reader: Reader, wanted: ProductFilter) -> KeysetList:
    company_id = reader.company_id
    select, params = PRODUCT_SELECT, list[str | int]()
    if wanted.group_id is not None:
        group = from_global(wanted.group_id, "ProductGroup", field="filter.groupId")
        join = LEFT_FIRST[reader.dialect]
        picked = _OF_TREE.format(left_first=join) if wanted.is_with_subgroups else _OF_GROUP
        select = f"{_SELECT} FROM ({picked}) picked {join} {PRODUCT} ON id = picked.picked_id"
        params.extend((company_id, group, company_id, group))
    chosen = (wanted.group_id, wanted.barcode, wanted.base_id, wanted.own_register_id)
    where = [_COMPANY if all(each is None for each in chosen) else _COMPANY_LAST]
    params.append(company_id)
    if wanted.barcode is not None:
        where.append(_OF_BARCODE)
        params.extend((company_id, barcode_key(wanted.barcode[:TEXT_MAX])))
    if wanted.base_id is not None:
        where.append("base_id = ?")
        params.append(from_global(wanted.base_id, "Product", field="filter.baseId"))
    if wanted.own_register_id is not None:
        where.append("own_register_id = ?")
        params.append(from_global(wanted.own_register_id, "Register", field="filter.ownRegisterId"))
    if wanted.is_archived is not None:
        where.append("is_archived = ?")
        params.append(int(wanted.is_archived))
    if wanted.code is not None:
        where.append("code = ?")
        params.append(wanted.code)
    keys: tuple[Key, ...] = (Key("code", int),)
    if wanted.name_prefix is not None and (prefix := search_key(wanted.name_prefix[:TEXT_MAX])):
        where.append("search_key >= ? AND search_key < ?")
        params.extend((prefix, after_prefix(prefix)))
        keys = (Key("search_key"), Key("id"))
    return KeysetList(select, " AND ".join(where), tuple(params), keys)
