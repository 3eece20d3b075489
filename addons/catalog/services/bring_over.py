"""What a register sells, and at what price, goes along when its workplace moves to another company.

Goods belong to a company: those of the register alone are put into the other catalogue and archived in this
one; groups and a type of price are found there by their names. Pictures and packages stay.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from addons.catalog.domain.commands import (
    ArchiveProduct,
    CreateGroup,
    CreateProduct,
    CreateVariant,
    PackCode,
)
from addons.catalog.domain.commands_view import CHOSEN_GROUPS_MAX, PriceTypeId, SetRegisterView
from addons.catalog.domain.product import GroupId, ProductCard, ProductId
from addons.catalog.models import (
    Barcode,
    ExtraGroup,
    PriceType,
    Product,
    ProductGroup,
    RegisterGroupChoice,
    RegisterView,
)
from addons.catalog.services.cards import products_by_ids
from addons.catalog.services.codes import lock_catalogue
from addons.catalog.services.group_paths import chain
from addons.catalog.services.groups import create_group
from addons.catalog.services.products import archive_product, create_product
from addons.catalog.services.register_view import set_register_view
from addons.catalog.services.variants import create_variant
from addons.organization.api import RegisterMoved, as_guest
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.quantity import Quantity

OWN_GOODS_MAX = 500  # of one register that move with it, in one transaction
Path = tuple[str, ...]  # names of groups from the root down


@dataclass(frozen=True, slots=True)
class _Own:
    """A good of the register alone. groups: the first one and the others."""

    card: ProductCard
    row: Product
    barcodes: tuple[str, ...]
    packs: tuple[PackCode, ...]
    groups: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class _Sold:
    """What a register sells in the company it leaves. view None: all goods at their ordinary price."""

    view: RegisterView | None
    price_type: str | None
    groups: tuple[Path, ...]
    goods: tuple[_Own, ...]


async def bring_over(work: Work, payload: object) -> None:
    """Hook organization.register_moved. The principal acts for the new company.

    Raises Refusal: REGISTER_OWN_GOODS_TOO_MANY, and those of create_product and set_register_view.
    """
    assert isinstance(payload, RegisterMoved)
    old, new = payload.old, payload.new
    for company_id in sorted((old.company_id, new.company_id)):
        await lock_catalogue(work, company_id)
    with work.acting_as(as_guest(work.principal, old.company_id)) as there:
        sold = await _read(there, old.id)
        for own in sold.goods:
            if own.card.base_id is None:
                await archive_product(there, ArchiveProduct(own.card.id))
    groups = _Groups(work, {})
    await groups.read()
    await _put_goods(work, sold, groups, new.id)
    if sold.view is not None:
        await set_register_view(work, await _view(sold, sold.view, groups, new.id))


async def _read(work: Work, register_id: str) -> _Sold:
    view: RegisterView | None = await RegisterView.get_or_none(register_id=register_id)
    price_type = None
    if view is not None and view.price_type_id is not None:
        row: PriceType | None = await PriceType.get_or_none(id=view.price_type_id)
        price_type = row.name if row else None
    paths = await _paths()
    chosen = await RegisterGroupChoice.filter(register_id=register_id).limit(CHOSEN_GROUPS_MAX)
    goods = await _goods(work, register_id, paths)
    return _Sold(view, price_type, tuple(paths[each.group_id] for each in chosen), goods)


async def _paths() -> dict[str, Path]:
    """Every group of the company by its id."""
    groups = {group.id: group for group in await ProductGroup.all()}
    tree = {group.id: group.parent_id for group in groups.values()}
    return {each: tuple(groups[step].name for step in reversed(chain(tree, each))) for each in groups}


async def _goods(work: Work, register_id: str, paths: dict[str, Path]) -> tuple[_Own, ...]:
    rows = await Product.filter(own_register_id=register_id, is_archived=False).limit(OWN_GOODS_MAX + 1)
    if len(rows) > OWN_GOODS_MAX:
        raise Refusal("REGISTER_OWN_GOODS_TOO_MANY", max=OWN_GOODS_MAX)
    ids = [ProductId(row.id) for row in rows]
    cards = await products_by_ids(work, ids)
    codes: dict[str, list[Barcode]] = {}
    for code in await Barcode.filter(product_id__in=ids).order_by("place"):
        codes.setdefault(code.product_id, []).append(code)
    extra: dict[str, list[str]] = {}
    for link in await ExtraGroup.filter(product_id__in=ids):
        extra.setdefault(link.product_id, []).append(link.group_id)
    found, one = [], Quantity.parse("1").thousandths
    for row in rows:
        card, scanned = cards[ProductId(row.id)], codes.get(row.id, [])
        found.append(
            _Own(
                card,
                row,
                tuple(
                    each.barcode
                    for each in scanned
                    if each.coefficient_thousandths == one
                    and (each.barcode != card.ntin or each.barcode == card.barcode)
                ),
                tuple(
                    PackCode(each.barcode, Quantity(each.coefficient_thousandths))
                    for each in scanned
                    if each.coefficient_thousandths != one
                ),
                tuple(paths[each] for each in filter(None, [row.group_id, *extra.get(row.id, [])])),
            )
        )
    return tuple(found)


@dataclass
class _Groups:
    """Groups of the new company by the names from the root down; a missing one is made."""

    work: Work
    known: dict[Path, str]

    async def read(self) -> None:
        archived = {group.id for group in await ProductGroup.filter(is_archived=True)}
        self.known = {_folded(path): each for each, path in (await _paths()).items() if each not in archived}

    async def of(self, path: Path) -> GroupId:
        """Raises Refusal as create_group."""
        found = self.known.get(_folded(path))
        if found is None:
            parent = await self.of(path[:-1]) if len(path) > 1 else None
            found = self.known[_folded(path)] = await create_group(
                self.work, CreateGroup(path[-1], parent_id=parent)
            )
        return GroupId(found)


def _folded(path: Path) -> Path:
    return tuple(name.casefold() for name in path)


async def _put_goods(work: Work, sold: _Sold, groups: _Groups, register_id: str) -> None:
    new_ids: dict[str, ProductId] = {}
    for own in sorted(sold.goods, key=lambda each: each.card.base_id is not None):
        card, base = own.card, new_ids.get(own.card.base_id or "")
        price = card.price if card.has_price else None
        if base is not None:
            variant = CreateVariant(
                base_id=base,
                characteristic=card.characteristic,
                name=card.name,
                name_kk=card.name_kk,
                price=price,
                purchase_price=own.row.purchase_price,
                barcodes=own.barcodes,
                packs=own.packs,
                article=card.article,
                ntin=card.ntin,
                gtin=card.gtin,
            )
            await create_variant(work, variant)
            continue
        places = [await groups.of(path) for path in own.groups]
        good = CreateProduct(
            name=card.name,
            name_kk=card.name_kk,
            price=price,
            vat_bp=card.vat_bp,
            unit_code=card.unit_code,
            barcodes=own.barcodes,
            packs=own.packs,
            own_register_id=register_id,
            purchase_price=own.row.purchase_price,
            section=card.section,
            article=card.article,
            ntin=card.ntin,
            gtin=card.gtin,
            is_marked=card.is_marked,
            is_price_editable=card.is_price_editable,
            discount_bp=card.discount_bp,
            markup_bp=card.markup_bp,
        )
        if places:
            good = replace(good, group_id=places[0], extra_group_ids=tuple(places[1:]))
        new_ids[card.id] = await create_product(work, good)


async def _view(sold: _Sold, view: RegisterView, groups: _Groups, register_id: str) -> SetRegisterView:
    """The choice in the new company; the ordinary price where it has no type of that name."""
    price_type = None
    if sold.price_type is not None:
        row: PriceType | None = await PriceType.filter(name=sold.price_type, is_archived=False).first()
        price_type = PriceTypeId(row.id) if row else None
    return SetRegisterView(
        register_ids=(register_id,),
        is_all_goods=view.is_all_goods,
        group_ids=tuple([await groups.of(path) for path in sold.groups]),
        percent_bp=view.percent_bp,
        step_tiyn=view.rounding_step_tiyn,
        price_type_id=price_type,
    )
