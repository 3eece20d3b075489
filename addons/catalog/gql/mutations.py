"""Root mutations of the catalogue. Annotations are real in this module: Strawberry reads them."""

from collections.abc import Iterable
from typing import Annotated, Any

import strawberry

from addons.catalog.domain.commands import (
    ArchiveProduct,
    CreateGroup,
    CreateProduct,
    CreateVariant,
    PackCode,
    UpdateGroup,
    UpdateProduct,
)
from addons.catalog.domain.product import GroupId, ProductId
from addons.catalog.domain.source import UNSET
from addons.catalog.domain.units import PIECE_CODE
from addons.catalog.gql.inputs import basis_points, group_id, or_unset, product_id
from addons.catalog.gql.types import ProductGroupResult, ProductResult
from addons.catalog.services.groups import create_group, update_group
from addons.catalog.services.products import archive_product, create_product, update_product
from addons.catalog.services.variants import create_variant
from kernel.gql.context import Info
from kernel.gql.ids import from_global, from_global_or_none
from kernel.gql.permissions import Requires
from kernel.money import Money
from kernel.quantity import Quantity


@strawberry.input(description="A barcode of several units of a product.")
class PackInput:
    barcode: str = strawberry.field(description="What stands on the box.")
    coefficient: Quantity = strawberry.field(description="Units in the box, such as 10; not 1.")


@strawberry.input(description="A new product.")
class CreateProductInput:
    name: str = strawberry.field(description="Name in Russian.")
    name_kk: str = strawberry.field(default="", description="Name in Kazakh.")
    code: int | None = strawberry.field(default=None, description="Left out: the next free code.")
    price: Money | None = strawberry.field(default=None, description="Left out: typed at the till.")
    vat_percent: str | None = strawberry.field(default=None, description='"16"; left out: without VAT.')
    unit_code: str = strawberry.field(default=PIECE_CODE, description="Code of the unit of measure.")
    barcodes: list[str] = strawberry.field(default_factory=list, description="The main one first.")
    packs: list[PackInput] = strawberry.field(default_factory=list, description="Barcodes of boxes.")
    group_id: strawberry.ID | None = strawberry.field(default=None, description="First group to stand in.")
    extra_group_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Further groups."
    )
    own_register_id: strawberry.ID | None = strawberry.field(
        default=None, description="The only register that sells it."
    )
    purchase_price: Money | None = strawberry.field(default=None, description="What it is bought for.")
    section: int = strawberry.field(default=0, description="Section of the shop, 0 to 99.")
    article: str = strawberry.field(default="", description="Article of the maker.")
    ntin: str = strawberry.field(default="", description="Number in the National Catalogue of Goods.")
    gtin: str = strawberry.field(default="", description="Global trade item number.")
    is_marked: bool = strawberry.field(default=False, description="Each piece bears a mark to scan.")
    is_price_editable: bool = strawberry.field(default=False, description="The cashier may change the price.")
    discount_percent: str = strawberry.field(default="0", description="Discount by default, 0 to 100.")
    markup_percent: str = strawberry.field(default="0", description="Markup by default, 0 to 100.")


@strawberry.input(description="Changes of a product; what is left out stays as it is.")
class UpdateProductInput:
    product_id: strawberry.ID = strawberry.field(description="The product.")
    name: str | None = strawberry.field(default=strawberry.UNSET, description="Name in Russian.")
    name_kk: str | None = strawberry.field(default=strawberry.UNSET, description="Name in Kazakh.")
    price: Money | None = strawberry.field(default=strawberry.UNSET, description="Null: typed at the till.")
    vat_percent: str | None = strawberry.field(default=strawberry.UNSET, description="Null: without VAT.")
    unit_code: str | None = strawberry.field(default=strawberry.UNSET, description="Code of the unit.")
    characteristic: str | None = strawberry.field(
        default=strawberry.UNSET, description="What sets a variant apart."
    )
    barcodes: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="The whole new list of barcodes of one unit."
    )
    packs: list[PackInput] | None = strawberry.field(
        default=strawberry.UNSET, description="The whole new list of barcodes of boxes."
    )
    group_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="First group; null: none."
    )
    extra_group_ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description="The whole new list of further groups."
    )
    own_register_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="The only register that sells it; null: all."
    )
    purchase_price: Money | None = strawberry.field(
        default=strawberry.UNSET, description="What it is bought for; null: unknown."
    )
    section: int | None = strawberry.field(default=strawberry.UNSET, description="Section, 0 to 99.")
    article: str | None = strawberry.field(default=strawberry.UNSET, description="Article of the maker.")
    ntin: str | None = strawberry.field(default=strawberry.UNSET, description="National catalogue number.")
    gtin: str | None = strawberry.field(default=strawberry.UNSET, description="Global trade item number.")
    is_marked: bool | None = strawberry.field(default=strawberry.UNSET, description="Bears a mark to scan.")
    is_price_editable: bool | None = strawberry.field(
        default=strawberry.UNSET, description="The cashier may change the price."
    )
    discount_percent: str | None = strawberry.field(default=strawberry.UNSET, description="0 to 100.")
    markup_percent: str | None = strawberry.field(default=strawberry.UNSET, description="0 to 100.")


@strawberry.input(description="A new variant of a product; group, VAT and unit are the product's.")
class CreateProductVariantInput:
    product_id: strawberry.ID = strawberry.field(description="The product it is a variant of.")
    characteristic: str = strawberry.field(description="What sets it apart, such as a colour and size.")
    name: str = strawberry.field(default="", description="Left out: the product's with the characteristic.")
    name_kk: str = strawberry.field(default="", description="Name in Kazakh.")
    code: int | None = strawberry.field(default=None, description="Left out: the next free code.")
    price: Money | None = strawberry.field(default=None, description="Left out: typed at the till.")
    purchase_price: Money | None = strawberry.field(default=None, description="What it is bought for.")
    barcodes: list[str] = strawberry.field(default_factory=list, description="The main one first.")
    packs: list[PackInput] = strawberry.field(default_factory=list, description="Barcodes of boxes.")
    article: str = strawberry.field(default="", description="Article of the maker.")
    ntin: str = strawberry.field(default="", description="Number in the National Catalogue of Goods.")
    gtin: str = strawberry.field(default="", description="Global trade item number.")


@strawberry.input(description="A new group of products.")
class CreateProductGroupInput:
    name: str = strawberry.field(description="Name in Russian.")
    name_kk: str = strawberry.field(default="", description="Name in Kazakh.")
    parent_id: strawberry.ID | None = strawberry.field(default=None, description="Group to stand in.")
    code: str = strawberry.field(default="", description="Left out: the next number under the parent.")


@strawberry.input(description="Changes of a group; what is left out stays as it is.")
class UpdateProductGroupInput:
    group_id: strawberry.ID = strawberry.field(description="The group.")
    name: str | None = strawberry.field(default=strawberry.UNSET, description="Name in Russian.")
    name_kk: str | None = strawberry.field(default=strawberry.UNSET, description="Name in Kazakh.")
    parent_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Null: the root."
    )
    is_archived: bool | None = strawberry.field(default=strawberry.UNSET, description="Put away or back.")


@strawberry.type
class CatalogMutation:
    """Root mutations of the catalogue."""

    @strawberry.mutation(description="Add a product.", permission_classes=[Requires("catalog.edit")])
    async def create_product(
        self,
        info: Info,
        input: Annotated[CreateProductInput, strawberry.argument(description="The product.")],
    ) -> ProductResult:
        values = {name: getattr(input, name) for name in _CREATED_AS_THEY_ARE}
        command = CreateProduct(
            **values,
            vat_bp=basis_points(input.vat_percent, "vatPercent"),
            barcodes=tuple(input.barcodes),
            packs=_packs(input.packs),
            group_id=group_id(input.group_id, "groupId"),
            extra_group_ids=_group_ids(input.extra_group_ids),
            own_register_id=from_global_or_none(input.own_register_id, "Register", field="ownRegisterId"),
            discount_bp=basis_points(input.discount_percent, "discountPercent") or 0,
            markup_bp=basis_points(input.markup_percent, "markupPercent") or 0,
        )
        return await _product(info, await info.context.transact(create_product, command))

    @strawberry.mutation(description="Change a product.", permission_classes=[Requires("catalog.edit")])
    async def update_product(
        self,
        info: Info,
        input: Annotated[UpdateProductInput, strawberry.argument(description="The changes.")],
    ) -> ProductResult:
        given: dict[str, Any] = {
            name: value for name in _UPDATED_AS_THEY_ARE if _is_given(value := getattr(input, name), name)
        }
        for name, key in (
            ("vat_percent", "vat_bp"),
            ("discount_percent", "discount_bp"),
            ("markup_percent", "markup_bp"),
        ):
            value = getattr(input, name)
            if _is_given(value, name):
                given[key] = basis_points(value, _camel(name))
        if input.barcodes is not strawberry.UNSET:
            given["barcodes"] = tuple(input.barcodes or ())
        if input.packs is not strawberry.UNSET:
            given["packs"] = _packs(input.packs or ())
        if input.group_id is not strawberry.UNSET:
            given["group_id"] = group_id(input.group_id, "groupId")
        if input.extra_group_ids is not strawberry.UNSET:
            given["extra_group_ids"] = _group_ids(input.extra_group_ids or ())
        if input.own_register_id is not strawberry.UNSET:
            register = from_global_or_none(input.own_register_id, "Register", field="ownRegisterId")
            given["own_register_id"] = register
        command = UpdateProduct(product_id=product_id(input.product_id), **given)
        return await _product(info, await info.context.transact(update_product, command))

    @strawberry.mutation(
        description="Add a variant of a product: a colour, a size.",
        permission_classes=[Requires("catalog.edit")],
    )
    async def create_product_variant(
        self,
        info: Info,
        input: Annotated[CreateProductVariantInput, strawberry.argument(description="The variant.")],
    ) -> ProductResult:
        values = {name: getattr(input, name) for name in _VARIANT_AS_THEY_ARE}
        command = CreateVariant(
            base_id=product_id(input.product_id),
            barcodes=tuple(input.barcodes),
            packs=_packs(input.packs),
            **values,
        )
        return await _product(info, await info.context.transact(create_variant, command))

    @strawberry.mutation(
        description="Take a product out of sale or bring it back; products are never deleted.",
        permission_classes=[Requires("catalog.edit")],
    )
    async def archive_product(
        self,
        info: Info,
        product_id: Annotated[strawberry.ID, strawberry.argument(description="The product.")],
        is_archived: Annotated[bool, strawberry.argument(description="False brings it back.")] = True,
    ) -> ProductResult:
        key = ProductId(from_global(product_id, "Product", field="productId"))
        return await _product(
            info, await info.context.transact(archive_product, ArchiveProduct(key, is_archived))
        )

    @strawberry.mutation(
        description="Add a group of products.", permission_classes=[Requires("catalog.edit")]
    )
    async def create_product_group(
        self,
        info: Info,
        input: Annotated[CreateProductGroupInput, strawberry.argument(description="The group.")],
    ) -> ProductGroupResult:
        command = CreateGroup(
            name=input.name,
            name_kk=input.name_kk,
            parent_id=group_id(input.parent_id, "parentId"),
            code=input.code,
        )
        return await _group(info, await info.context.transact(create_group, command))

    @strawberry.mutation(
        description="Rename, move, put away a group.", permission_classes=[Requires("catalog.edit")]
    )
    async def update_product_group(
        self,
        info: Info,
        input: Annotated[UpdateProductGroupInput, strawberry.argument(description="The changes.")],
    ) -> ProductGroupResult:
        command = UpdateGroup(
            group_id=GroupId(from_global(input.group_id, "ProductGroup", field="groupId")),
            name=or_unset(input.name),
            name_kk=or_unset(input.name_kk),
            parent_id=UNSET if input.parent_id is strawberry.UNSET else group_id(input.parent_id, "parentId"),
            is_archived=or_unset(input.is_archived),
        )
        return await _group(info, await info.context.transact(update_group, command))


_CREATED_AS_THEY_ARE = (
    "name", "name_kk", "code", "price", "purchase_price", "unit_code", "section", "article", "ntin", "gtin",
    "is_marked", "is_price_editable",
)  # fmt: skip
_UPDATED_AS_THEY_ARE = (
    "name", "name_kk", "characteristic", "price", "purchase_price", "unit_code", "section", "article", "ntin",
    "gtin", "is_marked", "is_price_editable",
)  # fmt: skip
_VARIANT_AS_THEY_ARE = (
    "characteristic", "name", "name_kk", "code", "price", "purchase_price", "article", "ntin", "gtin",
)  # fmt: skip
# Null means something for these only; for the others null is "left out".
_NULLABLE = frozenset({"price", "purchase_price", "vat_percent"})


def _is_given(value: object, name: str) -> bool:
    return value is not strawberry.UNSET and (value is not None or name in _NULLABLE)


def _packs(packs: Iterable[PackInput]) -> tuple[PackCode, ...]:
    return tuple(PackCode(pack.barcode, pack.coefficient) for pack in packs)


def _group_ids(global_ids: Iterable[strawberry.ID]) -> tuple[GroupId, ...]:
    return tuple(
        GroupId(from_global(each, "ProductGroup", field=f"extraGroupIds.{place}"))
        for place, each in enumerate(global_ids)
    )


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


async def _product(info: Info, product_id: ProductId) -> ProductResult:
    return await info.context.loader("catalog.product_by_id").load(product_id)


async def _group(info: Info, group_id: GroupId) -> ProductGroupResult:
    return await info.context.loader("catalog.group_by_id").load(group_id)
