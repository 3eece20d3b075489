"""What devices get from the change feed. Annotations are real in this module: Strawberry reads them."""

import strawberry

from addons.catalog.gql.enums import RefetchReason, VatKind
from kernel.gql.scalars import Date, DateTime
from kernel.money import Money
from kernel.quantity import Quantity

VERSION = "Number of its newest change: decimal digits."


@strawberry.type(name="CatalogBarcode", description="One thing a scanner may read on a product.")
class CatalogBarcodeType:
    barcode: str = strawberry.field(description="As it is printed; NTIN too.")
    quantity: Quantity = strawberry.field(description="How much of the product one scan is: 10 of a box.")


@strawberry.type(name="CatalogPrice", description="A price from a moment on.")
class CatalogPriceType:
    since: DateTime | None = strawberry.field(description="From when on; null: it holds already.")
    price: Money | None = strawberry.field(description="What the register asks; null is typed at the till.")


@strawberry.type(name="CatalogCard", description="A product as one register has it, in full.")
class CatalogCardType:
    id: strawberry.ID = strawberry.field(description="Id of the product, for sales.")
    version: str = strawberry.field(description=VERSION)
    code: int = strawberry.field(description="Number within the company, typed at the till.")
    name: str = strawberry.field(description="Name in Russian.")
    name_kk: str = strawberry.field(description="Name in Kazakh; may be empty.")
    characteristic: str = strawberry.field(description="Of a variant: красный, 42. May be empty.")
    article: str = strawberry.field(description="Article of the maker; may be empty.")
    barcode: str = strawberry.field(description="Main barcode; may be empty.")
    barcodes: list[CatalogBarcodeType] = strawberry.field(description="Everything a scanner may read on it.")
    group_ids: list[strawberry.ID] = strawberry.field(description="Groups it stands in, the first one first.")
    base_id: strawberry.ID | None = strawberry.field(description="Of a variant: the product it is one of.")
    section: int = strawberry.field(description="Section of the shop, 0 to 99.")
    prices: list[CatalogPriceType] = strawberry.field(
        description="By time, never empty; the last one whose moment has come holds, of a new receipt only."
    )
    vat_kind: VatKind = strawberry.field(description="The rule; its rate is in vatRates.")
    vat_percent: str | None = strawberry.field(description="Of the kind FIXED only: its rate in percent.")
    unit_code: str = strawberry.field(description="Code of the unit of measure: 796 piece, 166 kg.")
    unit_name: str = strawberry.field(description="Short name of the unit.")
    ntin: str = strawberry.field(description="Number in the National Catalogue of Goods; may be empty.")
    gtin: str = strawberry.field(description="Global trade item number; may be empty.")
    is_marked: bool = strawberry.field(description="Whether each piece bears a mark that must be scanned.")
    is_price_editable: bool = strawberry.field(description="Whether the cashier may change the price.")
    discount_percent: str = strawberry.field(description="Discount applied by default, 0 to 100.")
    markup_percent: str = strawberry.field(description="Markup applied by default, 0 to 100.")


@strawberry.type(name="CatalogBundleLine", description="A product of a package.")
class CatalogBundleLineType:
    product_id: strawberry.ID = strawberry.field(description="The product.")
    quantity: Quantity = strawberry.field(description="How much of it.")


@strawberry.type(name="CatalogBundle", description="A package that unfolds into products at the till.")
class CatalogBundleType:
    id: strawberry.ID = strawberry.field(description="Id of the package.")
    version: str = strawberry.field(description=VERSION)
    name: str = strawberry.field(description="Name in Russian.")
    name_kk: str = strawberry.field(description="Name in Kazakh; may be empty.")
    barcode: str = strawberry.field(description="Barcode; may be empty.")
    lines: list[CatalogBundleLineType] = strawberry.field(
        description="What it unfolds into, in order. Not for sale where one of the products is not."
    )


@strawberry.type(name="CatalogGroup", description="A node of the tree of groups.")
class CatalogGroupType:
    id: strawberry.ID = strawberry.field(description="Id of the group.")
    version: str = strawberry.field(description=VERSION)
    code: str = strawberry.field(description="Number people see, such as 3.2.")
    name: str = strawberry.field(description="Name in Russian.")
    name_kk: str = strawberry.field(description="Name in Kazakh; may be empty.")
    parent_id: strawberry.ID | None = strawberry.field(
        description="The group it stands in; null at the root."
    )


@strawberry.type(name="CatalogVatRate", description="The rate of a kind of VAT from a day on.")
class CatalogVatRateType:
    kind: VatKind = strawberry.field(description="The kind.")
    since: Date = strawberry.field(description="First day, in Almaty.")
    percent: str | None = strawberry.field(description="Rate in percent; null is without VAT.")


@strawberry.type(name="CatalogPage", description="What changed in a register's catalogue since a cursor.")
class CatalogPageType:
    must_refetch: RefetchReason | None = strawberry.field(
        description="Not null: begin anew without a cursor, and keep what there is until all is loaded."
    )
    is_load: bool = strawberry.field(
        description="Part of a first load: what is not in it is not in the catalogue any more."
    )
    cards: list[CatalogCardType] = strawberry.field(description="New and changed products.")
    bundles: list[CatalogBundleType] = strawberry.field(description="New and changed packages.")
    groups: list[CatalogGroupType] = strawberry.field(description="New and changed groups.")
    tombstones: list[strawberry.ID] = strawberry.field(
        description="Products, packages and groups the register has no more, or never had."
    )
    next_cursor: str | None = strawberry.field(description="Where to go on from, once this page is stored.")
    has_more: bool = strawberry.field(description="Whether there is more to read at once.")
    up_to_date: bool = strawberry.field(description="Whether the catalogue is complete with this page.")
    count: int | None = strawberry.field(
        description="When up to date: rows the device then has; null: ask again later."
    )
    checksum: int | None = strawberry.field(
        description="With count: sum of version² over these rows, modulo 2147483647."
    )
    vat_rates: list[CatalogVatRateType] = strawberry.field(
        description="Rates of VAT by kind and day, past and to come."
    )


@strawberry.type(name="CatalogHead", description="That something happened; what, is asked by queries.")
class CatalogHeadType:
    seq: str = strawberry.field(description="Number of the newest change: decimal digits.")
    ordered_at: DateTime | None = strawberry.field(
        description="When an exchange of a register of the company was ordered last."
    )
