"""Root mutations of the catalogue. Annotations are real in this module: Strawberry reads them."""

import re
from typing import Annotated, Any, TypeVar

import strawberry

from addons.catalog.domain.commands import (
    ArchiveProduct,
    CreateGroup,
    CreateProduct,
    UpdateGroup,
    UpdateProduct,
)
from addons.catalog.domain.product import GroupId, ProductId
from addons.catalog.domain.source import UNSET
from addons.catalog.domain.units import PIECE_CODE
from addons.catalog.gql.types import ProductGroupResult, ProductResult
from addons.catalog.services.groups import create_group, update_group
from addons.catalog.services.products import archive_product, create_product, update_product
from kernel.errors import Refusal
from kernel.gql.context import Info
from kernel.gql.ids import from_global
from kernel.gql.permissions import Requires
from kernel.money import Money

_PERCENT = re.compile(r"(\d{1,3})(?:\.(\d{1,2}))?")
Value = TypeVar("Value")


@strawberry.input(description="A new product.")
class CreateProductInput:
    name: str = strawberry.field(description="Name in Russian.")
    name_kk: str = strawberry.field(default="", description="Name in Kazakh.")
    code: int | None = strawberry.field(default=None, description="Left out: the next free code.")
    price: Money | None = strawberry.field(default=None, description="Left out: typed at the till.")
    vat_percent: str | None = strawberry.field(default=None, description='"16"; left out: without VAT.')
    unit_code: str = strawberry.field(default=PIECE_CODE, description="Code of the unit of measure.")
    barcodes: list[str] = strawberry.field(default_factory=list, description="The main one first.")
    group_id: strawberry.ID | None = strawberry.field(default=None, description="Group to stand in.")
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
    barcodes: list[str] | None = strawberry.field(default=strawberry.UNSET, description="The whole new list.")
    group_id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="Null: no group.")
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
            vat_bp=_basis_points(input.vat_percent, "vatPercent"),
            barcodes=tuple(input.barcodes),
            group_id=_group_id(input.group_id, "groupId"),
            discount_bp=_basis_points(input.discount_percent, "discountPercent") or 0,
            markup_bp=_basis_points(input.markup_percent, "markupPercent") or 0,
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
                given[key] = _basis_points(value, _camel(name))
        if input.barcodes is not strawberry.UNSET:
            given["barcodes"] = tuple(input.barcodes or ())
        if input.group_id is not strawberry.UNSET:
            given["group_id"] = _group_id(input.group_id, "groupId")
        product_id = ProductId(from_global(input.product_id, "Product", field="productId"))
        return await _product(
            info, await info.context.transact(update_product, UpdateProduct(product_id=product_id, **given))
        )

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
            parent_id=_group_id(input.parent_id, "parentId"),
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
            name=_or_unset(input.name),
            name_kk=_or_unset(input.name_kk),
            parent_id=UNSET
            if input.parent_id is strawberry.UNSET
            else _group_id(input.parent_id, "parentId"),
            is_archived=_or_unset(input.is_archived),
        )
        return await _group(info, await info.context.transact(update_group, command))


_CREATED_AS_THEY_ARE = (
    "name", "name_kk", "code", "price", "unit_code", "section", "article", "ntin", "gtin", "is_marked",
    "is_price_editable",
)  # fmt: skip
_UPDATED_AS_THEY_ARE = (
    "name", "name_kk", "price", "unit_code", "section", "article", "ntin", "gtin", "is_marked",
    "is_price_editable",
)  # fmt: skip
# Null means something for these only; for the others null is "left out".
_NULLABLE = frozenset({"price", "vat_percent"})


def _is_given(value: object, name: str) -> bool:
    return value is not strawberry.UNSET and (value is not None or name in _NULLABLE)


def _or_unset(value: Value | None) -> Value | Any:
    return UNSET if value is strawberry.UNSET or value is None else value


def _basis_points(percent: str | None, field: str) -> int | None:
    """Percent as basis points. Raises Refusal("PRODUCT_PERCENT_MALFORMED")."""
    if percent is None:
        return None
    match = _PERCENT.fullmatch(percent)
    if match is None:
        raise Refusal("PRODUCT_PERCENT_MALFORMED", field=field)
    whole, part = match.groups()
    return int(whole) * 100 + int((part or "0").ljust(2, "0"))


def _group_id(global_id: str | None, field: str) -> GroupId | None:
    return None if global_id is None else GroupId(from_global(global_id, "ProductGroup", field=field))


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


async def _product(info: Info, product_id: ProductId) -> ProductResult:
    return await info.context.loader("catalog.product_by_id").load(product_id)


async def _group(info: Info, group_id: GroupId) -> ProductGroupResult:
    return await info.context.loader("catalog.group_by_id").load(group_id)
