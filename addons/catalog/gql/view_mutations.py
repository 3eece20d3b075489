"""Mutations about what registers see. Annotations are real in this module: Strawberry reads them."""

import asyncio
import base64
import binascii
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

import strawberry

from addons.catalog.domain.amount import parse_amount
from addons.catalog.domain.commands_view import (
    AddPicture,
    BundleId,
    BundleLineAsked,
    CancelPrice,
    CreateBundle,
    CreatePriceType,
    OrderPictures,
    PictureId,
    PriceRow,
    PriceTypeId,
    RemovePicture,
    SetPrices,
    SetRegisterView,
    SetScaleRules,
    SetStock,
    StockRow,
    UpdateBundle,
    UpdatePriceType,
)
from addons.catalog.domain.picture import media_type_of
from addons.catalog.domain.product import GroupId, ProductId
from addons.catalog.domain.scale_code import ScaleLabelRule, ScaleValue
from addons.catalog.domain.source import UNSET
from addons.catalog.gql.inputs import basis_points, or_unset, product_id, register_ids
from addons.catalog.gql.types import ProductResult
from addons.catalog.gql.view_loaders import register_catalogs
from addons.catalog.gql.view_types import (
    PriceTypeResult,
    ProductBundleResult,
    ProductsResult,
    ProductsWritten,
    RegisterCatalogs,
    RegisterCatalogsResult,
    ScaleRulesResult,
    ScaleRulesType,
    rule_type,
)
from addons.catalog.services.bundles import create_bundle, update_bundle
from addons.catalog.services.picture_files import PictureFiles
from addons.catalog.services.pictures import add_picture, order_pictures, remove_picture
from addons.catalog.services.price_types import create_price_type, update_price_type
from addons.catalog.services.prices import cancel_price, set_prices
from addons.catalog.services.register_view import set_register_view
from addons.catalog.services.scale_rules import set_scale_rules
from addons.catalog.services.stock import set_stock
from addons.catalog.settings import CatalogSettings
from kernel.clock import to_ms
from kernel.errors import Refusal
from kernel.gql.context import Info
from kernel.gql.ids import from_global
from kernel.gql.permissions import Requires
from kernel.money import Money
from kernel.quantity import Quantity

EDIT = [Requires("catalog.edit")]


@strawberry.input(description="What registers see; what is left out stays as it is.")
class SetRegisterCatalogInput:
    register_ids: list[strawberry.ID] = strawberry.field(description="Registers, the same for all of them.")
    is_all_goods: bool | None = strawberry.field(
        default=strawberry.UNSET, description="All goods, or those of chosen groups."
    )
    group_ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET,
        description="The whole new list of chosen groups; all below them is sold too.",
    )
    percent: str | None = strawberry.field(
        default=strawberry.UNSET, description='Of the price, 0.01 to 1000: "100" as it is, "90", "107.5".'
    )
    rounding_step: Money | None = strawberry.field(
        default=strawberry.UNSET,
        description="Prices changed by the percent are rounded to 0.01, 1, 5, 10 or 100 tenge, halves up.",
    )
    price_type_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Type of price; null: the ordinary one."
    )


@strawberry.input(description="A price of a product.")
class PriceInput:
    product_id: strawberry.ID = strawberry.field(description="The product.")
    price: Money | None = strawberry.field(default=None, description="Tenge; null: no price.")
    price_type_id: strawberry.ID | None = strawberry.field(
        default=None, description="Left out: the ordinary price."
    )
    from_: datetime | None = strawberry.field(
        name="from", default=None, description="Left out: from now on; else a moment to come."
    )


@strawberry.input(description="A planned price that will not come.")
class CancelPriceInput:
    product_id: strawberry.ID = strawberry.field(description="The product.")
    from_: datetime = strawberry.field(name="from", description="Its moment.")
    price_type_id: strawberry.ID | None = strawberry.field(
        default=None, description="Left out: the ordinary price."
    )


@strawberry.input(description="What an outlet has of a product.")
class StockInput:
    product_id: strawberry.ID = strawberry.field(description="The product.")
    outlet_id: strawberry.ID = strawberry.field(description="The outlet.")
    quantity: str | None = strawberry.field(
        default=None, description='Such as "12", "0" or "-1.5"; null: unknown, which is not zero.'
    )


@strawberry.input(description="A product of a package.")
class BundleLineInput:
    product_id: strawberry.ID = strawberry.field(description="The product.")
    quantity: Quantity = strawberry.field(description="How much of it.")


@strawberry.input(description="A new package.")
class CreateProductBundleInput:
    name: str = strawberry.field(description="Name in Russian.")
    lines: list[BundleLineInput] = strawberry.field(description="What it unfolds into, in order.")
    name_kk: str = strawberry.field(default="", description="Name in Kazakh.")
    barcode: str = strawberry.field(default="", description="Its own barcode.")
    register_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Registers that sell it; null: every one."
    )


@strawberry.input(description="Changes of a package; what is left out stays as it is.")
class UpdateProductBundleInput:
    bundle_id: strawberry.ID = strawberry.field(description="The package.")
    name: str | None = strawberry.field(default=strawberry.UNSET, description="Name in Russian.")
    name_kk: str | None = strawberry.field(default=strawberry.UNSET, description="Name in Kazakh.")
    barcode: str | None = strawberry.field(default=strawberry.UNSET, description="Empty: none.")
    lines: list[BundleLineInput] | None = strawberry.field(
        default=strawberry.UNSET, description="The whole new list."
    )
    register_ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description="Registers that sell it; null: every one."
    )
    is_archived: bool | None = strawberry.field(default=strawberry.UNSET, description="Put away or back.")


@strawberry.input(description="How labels with one prefix are read; a check digit ends every label.")
class ScaleRuleInput:
    prefix: str = strawberry.field(description="First digits: 02 or 20 to 29, and perhaps more.")
    kind: ScaleValue = strawberry.field(description="What the value says.")
    code_digits: int = strawberry.field(description="Digits of the product code after the prefix.")
    value_digits: int = strawberry.field(description="Digits of the value.")
    decimals: int = strawberry.field(
        description="Digits of the value after the point: 3 are grams of a weight, 2 tiyn of a price."
    )


@strawberry.type
class CatalogViewMutation:
    """Root mutations about what registers see."""

    @strawberry.mutation(
        description="Choose what registers see: assortment, percent of prices, rounding, type of price.",
        permission_classes=EDIT,
    )
    async def set_register_catalog(
        self,
        info: Info,
        input: Annotated[SetRegisterCatalogInput, strawberry.argument(description="The choice.")],
    ) -> RegisterCatalogsResult:
        keys = register_ids(input.register_ids)
        groups, percent, step = input.group_ids, input.percent, input.rounding_step
        price_type = input.price_type_id
        command = SetRegisterView(
            register_ids=keys,
            is_all_goods=or_unset(input.is_all_goods),
            group_ids=UNSET if groups is strawberry.UNSET or groups is None else _groups(groups),
            percent_bp=UNSET
            if percent is strawberry.UNSET or percent is None
            else basis_points(percent, "percent") or 0,
            step_tiyn=UNSET if step is strawberry.UNSET or step is None else step.tiyn,
            price_type_id=UNSET if price_type is strawberry.UNSET else _price_type(price_type),
        )
        await info.context.transact(set_register_view, command)
        async with info.context.reading() as reader:
            return RegisterCatalogs(catalogs=await register_catalogs(reader, keys))

    @strawberry.mutation(description="Add a price type.", permission_classes=EDIT)
    async def create_price_type(
        self, info: Info, name: Annotated[str, strawberry.argument(description="Name.")]
    ) -> PriceTypeResult:
        key = await info.context.transact(create_price_type, CreatePriceType(name))
        return await info.context.loader("catalog.price_type_by_id").load(key)

    @strawberry.mutation(description="Rename a price type or put it away.", permission_classes=EDIT)
    async def update_price_type(
        self,
        info: Info,
        price_type_id: Annotated[strawberry.ID, strawberry.argument(description="The type.")],
        name: Annotated[str | None, strawberry.argument(description="Left out: stays.")] = None,
        is_archived: Annotated[bool | None, strawberry.argument(description="Left out: stays.")] = None,
    ) -> PriceTypeResult:
        key = PriceTypeId(from_global(price_type_id, "PriceType", field="priceTypeId"))
        command = UpdatePriceType(key, or_unset(name), or_unset(is_archived))
        await info.context.transact(update_price_type, command)
        return await info.context.loader("catalog.price_type_by_id").load(key)

    @strawberry.mutation(
        description="Write up to 500 prices: of any type, from now on or planned for a moment to come.",
        permission_classes=EDIT,
    )
    async def set_prices(
        self, info: Info, prices: Annotated[list[PriceInput], strawberry.argument(description="The prices.")]
    ) -> ProductsResult:
        rows = tuple(
            PriceRow(
                product_id(each.product_id, f"prices.{place}.productId"),
                each.price,
                _price_type(each.price_type_id, f"prices.{place}.priceTypeId"),
                None if each.from_ is None else to_ms(each.from_),
            )
            for place, each in enumerate(prices)
        )
        await info.context.transact(set_prices, SetPrices(rows))
        return await _written(info, [row.product_id for row in rows])

    @strawberry.mutation(description="Take a planned price back.", permission_classes=EDIT)
    async def cancel_price(
        self, info: Info, input: Annotated[CancelPriceInput, strawberry.argument(description="Which.")]
    ) -> ProductResult:
        key = product_id(input.product_id)
        await info.context.transact(
            cancel_price, CancelPrice(key, to_ms(input.from_), _price_type(input.price_type_id))
        )
        return await info.context.loader("catalog.product_by_id").load(key)

    @strawberry.mutation(
        description="Write what outlets have, up to 500 rows; sales do not change it.",
        permission_classes=EDIT,
    )
    async def set_stock(
        self, info: Info, rows: Annotated[list[StockInput], strawberry.argument(description="The rows.")]
    ) -> ProductsResult:
        told = tuple(
            StockRow(
                product_id(row.product_id, f"rows.{place}.productId"),
                from_global(row.outlet_id, "Outlet", field=f"rows.{place}.outletId"),
                None if row.quantity is None else parse_amount(row.quantity, field=f"rows.{place}.quantity"),
            )
            for place, row in enumerate(rows)
        )
        await info.context.transact(set_stock, SetStock(told))
        return await _written(info, [row.product_id for row in told])

    @strawberry.mutation(description="Add a package.", permission_classes=EDIT)
    async def create_product_bundle(
        self, info: Info, input: Annotated[CreateProductBundleInput, strawberry.argument(description="It.")]
    ) -> ProductBundleResult:
        command = CreateBundle(
            name=input.name,
            lines=_lines(input.lines),
            name_kk=input.name_kk,
            barcode=input.barcode,
            register_ids=None if input.register_ids is None else register_ids(input.register_ids),
        )
        key = await info.context.transact(create_bundle, command)
        return await info.context.loader("catalog.bundle_by_id").load(key)

    @strawberry.mutation(description="Change a package, put it away or back.", permission_classes=EDIT)
    async def update_product_bundle(
        self,
        info: Info,
        input: Annotated[UpdateProductBundleInput, strawberry.argument(description="The changes.")],
    ) -> ProductBundleResult:
        lines, registers = input.lines, input.register_ids
        command = UpdateBundle(
            bundle_id=BundleId(from_global(input.bundle_id, "ProductBundle", field="bundleId")),
            name=or_unset(input.name),
            name_kk=or_unset(input.name_kk),
            barcode=or_unset(input.barcode),
            lines=UNSET if lines is strawberry.UNSET or lines is None else _lines(lines),
            register_ids=UNSET
            if registers is strawberry.UNSET
            else None
            if registers is None
            else register_ids(registers),
            is_archived=or_unset(input.is_archived),
        )
        key = await info.context.transact(update_bundle, command)
        return await info.context.loader("catalog.bundle_by_id").load(key)

    @strawberry.mutation(
        description="Put these rules of scale labels in place of the former ones.", permission_classes=EDIT
    )
    async def set_scale_rules(
        self,
        info: Info,
        rules: Annotated[list[ScaleRuleInput], strawberry.argument(description="All rules.")],
    ) -> ScaleRulesResult:
        asked = tuple(
            ScaleLabelRule(rule.prefix, rule.kind, rule.code_digits, rule.value_digits, rule.decimals)
            for rule in rules
        )
        await info.context.transact(set_scale_rules, SetScaleRules(asked))
        ordered = sorted(asked, key=lambda rule: rule.prefix)
        return ScaleRulesType(rules=[rule_type(rule) for rule in ordered])

    @strawberry.mutation(description="Add a picture to a product.", permission_classes=EDIT)
    async def add_product_picture(
        self,
        info: Info,
        product_id: Annotated[strawberry.ID, strawberry.argument(description="The product.")],
        content: Annotated[str, strawberry.argument(description="JPEG, PNG or WebP in base64.")],
    ) -> ProductResult:
        key = ProductId(from_global(product_id, "Product", field="productId"))
        try:
            data = base64.b64decode(content, validate=True)
        except (binascii.Error, ValueError) as error:
            raise Refusal("PICTURE_NOT_BASE64", field="content") from error
        media_type = media_type_of(data, field="content")
        app, company_id = info.context.app, info.context.principal.require_company()
        files = PictureFiles(app.config.section(CatalogSettings).pictures_folder)
        digest = await asyncio.to_thread(files.put, company_id, data)
        await info.context.transact(add_picture, AddPicture(key, digest, media_type, len(data)))
        return await info.context.loader("catalog.product_by_id").load(key)

    @strawberry.mutation(description="Take a picture off its product.", permission_classes=EDIT)
    async def remove_product_picture(
        self,
        info: Info,
        picture_id: Annotated[strawberry.ID, strawberry.argument(description="The picture.")],
    ) -> ProductResult:
        command = RemovePicture(_picture(picture_id, "pictureId"))
        key = await info.context.transact(remove_picture, command)
        return await info.context.loader("catalog.product_by_id").load(key)

    @strawberry.mutation(description="Choose the order of a product's pictures.", permission_classes=EDIT)
    async def order_product_pictures(
        self,
        info: Info,
        product_id: Annotated[strawberry.ID, strawberry.argument(description="The product.")],
        picture_ids: Annotated[list[strawberry.ID], strawberry.argument(description="All of them.")],
    ) -> ProductResult:
        key = ProductId(from_global(product_id, "Product", field="productId"))
        pictures = tuple(_picture(each, f"pictureIds.{place}") for place, each in enumerate(picture_ids))
        await info.context.transact(order_pictures, OrderPictures(key, pictures))
        return await info.context.loader("catalog.product_by_id").load(key)


def _groups(global_ids: list[strawberry.ID]) -> tuple[GroupId, ...]:
    return tuple(
        GroupId(from_global(each, "ProductGroup", field=f"groupIds.{place}"))
        for place, each in enumerate(global_ids)
    )


def _price_type(global_id: str | None, field: str = "priceTypeId") -> PriceTypeId | None:
    return None if global_id is None else PriceTypeId(from_global(global_id, "PriceType", field=field))


def _picture(global_id: str, field: str) -> PictureId:
    return PictureId(from_global(global_id, "ProductPicture", field=field))


def _lines(lines: Iterable[BundleLineInput]) -> tuple[BundleLineAsked, ...]:
    return tuple(
        BundleLineAsked(product_id(line.product_id, f"lines.{place}.productId"), line.quantity)
        for place, line in enumerate(lines)
    )


async def _written(info: Info, keys: Iterable[ProductId]) -> ProductsWritten:
    loader = info.context.loader("catalog.product_by_id")
    found = await loader.load_many(list(dict.fromkeys(keys)))
    return ProductsWritten(products=[product for product in found if product is not None])
