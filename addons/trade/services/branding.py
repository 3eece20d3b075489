"""Logo and advertising texts of a company: kept, read for printing. How they look belongs to the theme."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from addons.organization.api import ask_certificate, certificate_found, register_card
from addons.trade.domain.branding import (
    TEXT_LENGTH_MAX,
    TEXT_LINES_MAX,
    TEXTS_MAX,
    Advert,
    AdvertKind,
    AdvertSource,
    checked_text,
    in_order,
    texts_for,
)
from addons.trade.domain.receipt_paper import Branding
from addons.trade.settings import TradeSettings
from kernel.ids import new_id

if TYPE_CHECKING:
    from kernel.data.work import Param, Reader, SqlRow, Work

_LOGO = "SELECT png, width_dots FROM trd_receipt_logo WHERE company_id = ?"
_TEXTS = (
    "SELECT kind, source, place_id, body FROM trd_receipt_text WHERE company_id = ? "
    f"ORDER BY id LIMIT {TEXTS_MAX}"
)
_FORGET_OFD = "DELETE FROM trd_receipt_text WHERE company_id = ? AND source = ? AND place_id = ?"
_FORGET_OWN = f"{_FORGET_OFD} AND kind = ?"


@dataclass(frozen=True, slots=True)
class KeptBranding:
    """Everything a company keeps for its receipts; adverts in the order of printing. vat_certificate: series
    and number, empty without VAT.
    """

    logo: bytes
    logo_width_dots: int
    adverts: tuple[Advert, ...]
    vat_certificate: str


async def kept_branding(reader: Reader) -> KeptBranding:
    """Logo, texts and VAT certificate of the reader's company, asked together."""
    company_id = reader.company_id
    logos, rows, certificates = await reader.together(
        (_LOGO, (company_id,)), (_TEXTS, (company_id,)), ask_certificate(reader)
    )
    certificate = certificate_found(certificates)
    adverts = in_order([_advert(row) for row in rows])
    if not logos:
        return KeptBranding(b"", 0, adverts, certificate)
    return KeptBranding(base64.b64decode(logos[0]["png"]), logos[0]["width_dots"], adverts, certificate)


async def brandings(reader: Reader, register_ids: Sequence[str]) -> list[Branding]:
    """What receipts of those registers of the reader's company carry: asked at once, and one for every
    register when an outlet has a text of its own.
    """
    kept = await kept_branding(reader)
    has_outlets = any(
        each.kind is AdvertKind.OUTLET and each.source is AdvertSource.COMPANY for each in kept.adverts
    )
    settings = reader.settings(TradeSettings)
    found: dict[str, Branding] = {}
    for register_id in dict.fromkeys(register_ids):
        outlet_id = (await register_card(reader, register_id)).outlet_id if has_outlets else None
        texts = texts_for(
            kept.adverts, company_id=reader.company_id, outlet_id=outlet_id, register_id=register_id
        )
        found[register_id] = Branding(
            kept.logo,
            kept.logo_width_dots,
            texts,
            settings.is_receipt_barcode_printed,
            kept.vat_certificate,
        )
    return [found[register_id] for register_id in register_ids]


async def set_receipt_logo(work: Work, png: bytes, *, width_dots: int) -> None:
    """Keep the company's logo, made by kernel.printing.logos.grey_logo outside of this transaction; an empty
    one takes it away.
    """
    company_id = work.company_id
    await work.execute("DELETE FROM trd_receipt_logo WHERE company_id = ?", company_id)
    if png:
        row: dict[str, Param] = {
            "id": new_id(),
            "company_id": company_id,
            "png": base64.b64encode(png).decode(),
            "width_dots": width_dots,
        }
        await work.insert("trd_receipt_logo", row)
    await work.audit("trade.receipt_logo", company_id, {"bytes": len(png)})


async def set_receipt_text(work: Work, kind: AdvertKind, place_id: str, text: str) -> None:
    """The company's own text for all its receipts, those of an outlet or of a register; an empty one takes it
    away. Whether the place is the company's has been asked.

    Raises Refusal("RECEIPT_TEXT_TOO_LONG").
    """
    body = checked_text(text)
    own = AdvertSource.COMPANY
    await work.execute(_FORGET_OWN, work.company_id, own.value, place_id, kind.value)
    if body:
        await _insert(work, Advert(kind, own, place_id, body))
    await work.audit("trade.receipt_text", place_id, {"kind": kind.value, "text": body})


async def record_register_adverts(
    work: Work, register_id: str, adverts: Sequence[tuple[AdvertKind, str]]
) -> None:
    """What the OFD wants on the receipts of a register, instead of what it wanted before. Texts that are too
    long are cut: they are not ours to refuse.
    """
    await work.execute(_FORGET_OFD, work.company_id, AdvertSource.OFD.value, register_id)
    texts = {kind: text for kind, text in adverts if text.strip()}
    for kind, text in texts.items():
        lines = " ".join(text.split()) if len(text) > TEXT_LENGTH_MAX else text
        body = checked_text("\n".join(lines[:TEXT_LENGTH_MAX].splitlines()[:TEXT_LINES_MAX]))
        await _insert(work, Advert(kind, AdvertSource.OFD, register_id, body))


async def _insert(work: Work, advert: Advert) -> None:
    await work.insert(
        "trd_receipt_text",
        {
            "id": new_id(),
            "company_id": work.company_id,
            "kind": advert.kind.value,
            "source": advert.source.value,
            "place_id": advert.place_id,
            "body": advert.text,
        },
    )


def _advert(row: SqlRow) -> Advert:
    return Advert(AdvertKind(row["kind"]), AdvertSource(row["source"]), row["place_id"], row["body"])
