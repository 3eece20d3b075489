"""The search for goods. Annotations are real in this module: Strawberry reads them."""

from functools import partial
from typing import Annotated

import strawberry

from addons.catalog.gql.types import ProductType
from addons.catalog.services.search_products import RESULTS_MAX, TEXT_MAX, search_products
from kernel.gql.context import Info
from kernel.gql.ids import from_global
from kernel.gql.paging import After, Connection, First, Page, connection_of, page, read_cursor
from kernel.gql.permissions import Requires


@strawberry.type
class CatalogSearchQuery:
    """Root fields of the search."""

    @strawberry.field(
        description="Goods a text may mean, best first: the barcode, NTIN, code or article itself; names that"
        " begin with it; names, Kazakh names and articles with words that begin with each of its words."
        " Kazakh and Russian letters stand for each other. What finds nothing is read again as typed in"
        " another layout of the keyboard, then with typos mended."
        f" At most {RESULTS_MAX} goods over all pages.",
        permission_classes=[Requires("catalog.view")],
    )
    async def search_products(
        self,
        info: Info,
        text: Annotated[
            str, strawberry.argument(description=f"As people type it; {TEXT_MAX} characters are read.")
        ],
        is_archived: Annotated[
            bool | None,
            strawberry.argument(description="Archived goods (true), those for sale (false), both (null)."),
        ] = False,
        register_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only what this register may sell.")
        ] = None,
        first: First = None,
        after: After = None,
    ) -> Connection[ProductType]:
        asked = page(first, after)
        begin = _place(asked)
        register = None if register_id is None else from_global(register_id, "Register", field="registerId")
        search = partial(search_products, is_archived=is_archived, register_id=register)

        async def count() -> int:
            async with info.context.reading() as reader:
                return len(await search(reader, text))

        async with info.context.reading() as reader:
            needed = begin + asked.size
            found = await search(reader, text, needed=needed)
        shown = found[begin:needed]
        products = await info.context.loader("catalog.product_by_id").load_many(
            [each.product_id for each in shown]
        )
        pairs = [(product, [place]) for place, product in enumerate(products, begin + 1) if product]
        return connection_of(
            [product for product, _ in pairs],
            [place for _, place in pairs],
            asked,
            has_more=len(found) > needed,
            count=count,
        )


def _place(asked: Page) -> int:
    """How many goods stand before the page. Raises Refusal("BAD_CURSOR")."""
    if asked.cursor is None:
        return 0
    (place,) = read_cursor(asked.cursor, [int])
    assert isinstance(place, int)
    return max(0, min(place, RESULTS_MAX))
