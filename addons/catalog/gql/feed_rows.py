"""Rows of the feed made into what devices get: once for all devices that see the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import strawberry

from addons.catalog.domain.feed import EntryKind
from addons.catalog.domain.vat import LAW, VatKind, parse_periods
from addons.catalog.gql.feed_types import (
    CatalogBarcodeType,
    CatalogBundleLineType,
    CatalogBundleType,
    CatalogCardType,
    CatalogGroupType,
    CatalogPageType,
    CatalogPriceType,
    CatalogVatRateType,
)
from addons.catalog.gql.types import percent_text
from addons.catalog.services.feed_changes import Changes
from addons.catalog.services.feed_pages import Gone
from kernel.clock import from_ms
from kernel.gql.ids import to_global
from kernel.gql.kept import Kept
from kernel.money import Money
from kernel.quantity import Quantity

NODE_TYPES = {EntryKind.CARD: "Product", EntryKind.BUNDLE: "Bundle", EntryKind.GROUP: "ProductGroup"}
GROUP_IDS_KEPT = 8_192

_percent = lru_cache(maxsize=1024)(percent_text)
_kinds = {kind.value: kind for kind in VatKind}


@lru_cache(maxsize=GROUP_IDS_KEPT)
def _group_id(key: str) -> strawberry.ID:
    return to_global(NODE_TYPES[EntryKind.GROUP], key)


class FeedRows:
    """See services.feed_pages.RowMaker."""

    def card(
        self,
        product_id: str,
        version: int,
        columns: Sequence[Any],
        *,
        group_ids: Sequence[str],
        barcodes: Sequence[tuple[str, int]],
        prices: Sequence[tuple[int | None, Money | None]],
    ) -> CatalogCardType:
        """See RowMaker."""
        (
            code, name, name_kk, characteristic, article, barcode, _, section, _, vat_kind, vat_bp, unit_code,
            unit_name, ntin, gtin, is_marked, is_price_editable, discount_bp, markup_bp, base_id,
        ) = columns  # fmt: skip
        kind = _kinds[vat_kind]
        return CatalogCardType(
            id=to_global("Product", product_id),
            version=str(version),
            code=code,
            name=name,
            name_kk=name_kk,
            characteristic=characteristic,
            article=article,
            barcode=barcode,
            barcodes=[CatalogBarcodeType(barcode=each, quantity=Quantity(much)) for each, much in barcodes],
            group_ids=[_group_id(each) for each in group_ids],
            base_id=None if base_id is None else to_global("Product", base_id),
            section=section,
            prices=[_price(*each) for each in prices],
            vat_kind=kind,
            vat_percent=_percent(vat_bp) if kind is VatKind.FIXED and vat_bp is not None else None,
            unit_code=unit_code,
            unit_name=unit_name,
            ntin=ntin,
            gtin=gtin,
            is_marked=bool(is_marked),
            is_price_editable=bool(is_price_editable),
            discount_percent=_percent(discount_bp),
            markup_percent=_percent(markup_bp),
        )

    def bundle(
        self, bundle_id: str, version: int, columns: Sequence[Any], lines: Sequence[tuple[str, int]]
    ) -> CatalogBundleType:
        """See RowMaker."""
        name, name_kk, barcode = columns
        return CatalogBundleType(
            id=to_global("Bundle", bundle_id),
            version=str(version),
            name=name,
            name_kk=name_kk,
            barcode=barcode,
            lines=[
                CatalogBundleLineType(product_id=to_global("Product", each), quantity=Quantity(much))
                for each, much in lines
            ],
        )

    def group(self, group_id: str, version: int, columns: Sequence[Any]) -> CatalogGroupType:
        """See RowMaker."""
        code, name, name_kk, parent_id = columns
        return CatalogGroupType(
            id=_group_id(group_id),
            version=str(version),
            code=code,
            name=name,
            name_kk=name_kk,
            parent_id=None if parent_id is None else _group_id(parent_id),
        )

    def kept(self, rows: list[Any]) -> list[Any]:
        """See RowMaker."""
        return Kept(rows)


def page_type(changes: Changes, vat_periods: str) -> CatalogPageType:
    """The page as a device gets it."""
    page, check = changes.page, changes.check
    return CatalogPageType(
        must_refetch=changes.must_refetch,
        is_load=changes.is_load,
        cards=page.cards if page else [],
        bundles=page.bundles if page else [],
        groups=page.groups if page else [],
        tombstones=_tombstones(changes.gone),
        next_cursor=changes.next_cursor or None,
        has_more=changes.has_more,
        up_to_date=page is not None and page.is_last,
        count=check.count if check else None,
        checksum=check.checksum if check else None,
        vat_rates=_vat_rates(vat_periods),
    )


def _price(from_ms_or_none: int | None, price: Money | None) -> CatalogPriceType:
    since = None if from_ms_or_none is None else from_ms(from_ms_or_none)
    return CatalogPriceType(since=since, price=price)


def _tombstones(gone: Iterable[Gone]) -> list[strawberry.ID]:
    return [to_global(NODE_TYPES[each.kind], each.id) for each in gone]


@lru_cache(maxsize=64)
def _vat_rates(periods: str) -> list[CatalogVatRateType]:
    known = sorted((*LAW, *parse_periods(periods)), key=lambda period: (period.kind, period.since))
    return [
        CatalogVatRateType(
            kind=each.kind,
            since=each.since,
            percent=None if each.rate_bp is None else percent_text(each.rate_bp),
        )
        for each in known
    ]
