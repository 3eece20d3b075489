"""GraphQL inputs of 1C bases. Annotations are real here: Strawberry reads them."""

from datetime import datetime

import strawberry

from addons.catalog_1c.domain.choices import ConnectionChoices
from addons.catalog_1c.domain.commands import ConnectionId
from addons.catalog_1c.gql.connection_enums import SalesBy, SalesOperation, Wanted
from addons.catalog_1c.services.connections import SaveConnection
from kernel.clock import to_ms
from kernel.gql.ids import from_global, from_global_or_none


@strawberry.input(description="A text of 1C and what it means here.")
class CatalogVatTextInput:
    text: str = strawberry.field(description="The rate as 1C writes it.")
    rate_bp: int | None = strawberry.field(description="Basis points; null: without VAT.")


@strawberry.input(description="A warehouse of 1C and the outlet it stands for.")
class CatalogWarehouseInput:
    external_id: str = strawberry.field(description="Ид in 1C; `*`: all warehouses together.")
    outlet_id: strawberry.ID = strawberry.field(description="The outlet.")


@strawberry.input(description="A price type of 1C and ours.")
class CatalogPriceTypeInput:
    external_id: str = strawberry.field(description="Ид or name in 1C.")
    name: str = strawberry.field(description="Name of the price type here; made when it is new.")


@strawberry.input(description="Names under which a fact may come.")
class CatalogFieldNamesInput:
    field: Wanted = strawberry.field(description="The fact.")
    names: list[str] = strawberry.field(description="Names of реквизиты or properties, in any case.")


@strawberry.input(description="A 1C base with every choice; what is left out goes back to its default.")
class CatalogConnectionInput:
    title: str = strawberry.field(description="What people call it, unique in the company.")
    id: strawberry.ID | None = strawberry.field(default=None, description="Of one that exists.")
    price_type: str = strawberry.field(default="", description="Price type to sell by: name or Ид.")
    default_vat: str = strawberry.field(default="", description='Rate of goods without one: "16", "Без НДС".')
    price_types: list[CatalogPriceTypeInput] = strawberry.field(
        default_factory=list, description="Further price types that are taken."
    )
    warehouses: list[CatalogWarehouseInput] = strawberry.field(
        default_factory=list, description="Warehouses whose stock is taken."
    )
    vat_texts: list[CatalogVatTextInput] = strawberry.field(
        default_factory=list, description="Texts of VAT rates with a meaning of their own."
    )
    field_names: list[CatalogFieldNamesInput] = strawberry.field(
        default_factory=list, description="Names of mapped реквизиты; of facts left out the usual ones."
    )
    sales_by: SalesBy = strawberry.field(
        default=SalesBy.SHIFT, description="What one document of sales stands for."
    )
    sales_operation: SalesOperation = strawberry.field(
        default=SalesOperation.ORDER, description="ХозОперация of documents with sales."
    )
    sales_since: datetime | None = strawberry.field(
        default=strawberry.UNSET,
        description="Shifts closed before stay here; null: since the base was made; left out: as before.",
    )
    with_test_sales: bool = strawberry.field(
        default=False, description="Whether sales of registers that only test go out too."
    )
    sales_outlet_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Outlets whose sales go to this base; empty: all."
    )
    takes_pictures: bool = strawberry.field(
        default=True, description="Whether pictures of products are kept."
    )
    language: str = strawberry.field(default="ru", description="Of the reasons 1C is told: ru, kk, en.")

    def command(self) -> SaveConnection:
        """As a command's value."""
        key = from_global_or_none(self.id, "CatalogConnection", field="id")
        return SaveConnection(
            title=self.title,
            connection_id=None if key is None else ConnectionId(key),
            price_type=self.price_type,
            default_vat=self.default_vat,
            field_names={each.field: tuple(each.names) for each in self.field_names},
            keeps_sales_since=self.sales_since is strawberry.UNSET,
            choices=ConnectionChoices(
                vat_texts={each.text: each.rate_bp for each in self.vat_texts},
                warehouses={
                    each.external_id: from_global(each.outlet_id, "Outlet", field="warehouses")
                    for each in self.warehouses
                },
                price_types={each.external_id: each.name for each in self.price_types},
                outlet_ids=tuple(
                    from_global(each, "Outlet", field="salesOutletIds") for each in self.sales_outlet_ids
                ),
                sales_by=self.sales_by,
                sales_operation=self.sales_operation,
                sales_since_ms=to_ms(self.sales_since) if self.sales_since else 0,
                with_test_sales=self.with_test_sales,
                language=self.language,
                takes_pictures=self.takes_pictures,
            ),
        )
