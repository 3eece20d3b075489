"""The public page of a receipt and its files: whoever has the link sees it, nobody can guess one."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from addons.organization.api import count_wrong
from addons.trade.domain.pricing import percent_text
from addons.trade.domain.receipt import Receipt, ReceiptStatus, tenge_text
from addons.trade.domain.receipt_paper import (
    PLAIN_BRANDING,
    Branding,
    chosen,
    fiscal_facts,
    printable,
)
from addons.trade.domain.receipt_words import OPERATIONS, PAYMENTS, WORDS, ReceiptLanguage
from addons.trade.services.branding import brandings
from addons.trade.services.print_receipt import make_paper, receipt_theme, roll_or_refusal
from addons.trade.services.receipts import receipt_of, sale_of_token
from addons.trade.settings import TradeSettings
from kernel.app import App
from kernel.errors import Unavailable
from kernel.ids import CompanyId
from kernel.printing.codes import barcode_svg, qr_svg
from kernel.printing.paper import Paper, Roll
from kernel.printing.pdf import as_pdf
from kernel.printing.picture import as_png
from kernel.printing.themes import PaperTheme
from kernel.printing.threads import drawn
from kernel.security.principal import SYSTEM
from kernel.web.rendering import render

RECEIPT_PATH = "/r/{token}"
PDF_PATH = "/r/{token}.pdf"
PNG_PATH = "/r/{token}.png"
PAPERS = {"58": "paper-58", "80": "paper-80"}
KEEP_S = 86_400  # a receipt that can change no more
RENDERING = 1  # part of every ETag: counted up when the same paper is drawn in another way

# A link is a secret; a page that is kept would hide that the receipt has become fiscal.
_PRIVATE = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
_HEADERS = {"Cache-Control": "private, no-store", **_PRIVATE}
_FINAL = {ReceiptStatus.FISCAL, ReceiptStatus.REJECTED}


@dataclass(frozen=True, slots=True)
class _Found:
    """What a public link leads to."""

    receipt: Receipt
    branding: Branding
    language: ReceiptLanguage
    theme: PaperTheme

    @property
    def paper(self) -> Paper:
        return make_paper(self.receipt, language=self.language, theme=self.theme, branding=self.branding)


async def receipt_page(request: Request) -> Response:
    """GET /r/{token}[?paper=58|80][&labels=ru|kk|both][&copy=1]: the receipt, or a plain 404 that does not
    tell a wrong link from an old one. `lang` is the reader's own, of what stands around the receipt.
    """
    found = await _found(request, request.query_params.get("labels"))
    if found is None:
        response = render(request, "trade/receipt_unknown.html", {"words": WORDS}, status=404)
    else:
        style = PAPERS.get(request.query_params.get("paper", ""), "paper-80")
        context = page_context(found.receipt, paper=style, branding=found.branding, language=found.language)
        response = render(request, "trade/receipt.html", context)
    response.headers.update(_HEADERS)
    return response


async def receipt_pdf_file(request: Request) -> Response:
    """GET /r/{token}.pdf[?paper=58|80][&lang=ru|kk|both][&copy=1]."""
    return await _file(request, "pdf", "application/pdf", as_pdf)


async def receipt_png_file(request: Request) -> Response:
    """GET /r/{token}.png, asked in the same way."""
    return await _file(request, "png", "image/png", as_png)


async def _file(
    request: Request, ending: str, media_type: str, make: Callable[[Paper, Roll], bytes]
) -> Response:
    """The file, or 304 when the reader has it, without drawing it again. Raises Refusal for a roll there is
    not.
    """
    asked = request.query_params
    roll = roll_or_refusal(int(asked.get("paper", "80")) if asked.get("paper", "80").isdecimal() else 0)
    found = await _found(request, asked.get("lang"))
    if found is None:
        return Response(status_code=404, headers=_HEADERS)
    receipt, paper = found.receipt, found.paper
    version = f"{RENDERING}.{ending}.{roll.mm}.{paper!r}"
    tag = f'"{hashlib.sha256(version.encode()).hexdigest()[:32]}"'
    kept = f"private, max-age={KEEP_S}" if receipt.status in _FINAL else "private, no-cache"
    headers = {"ETag": tag, "Cache-Control": kept, **_PRIVATE}
    if tag in request.headers.get("if-none-match", "").replace("W/", "").split(", "):
        return Response(status_code=304, headers=headers)
    try:
        body = await drawn(make, paper, roll)
    except Unavailable:
        return Response(status_code=503, headers={"Retry-After": "5", **_HEADERS})
    name = f"receipt-{receipt.document_number or receipt.code}.{ending}"
    headers["Content-Disposition"] = f'inline; filename="{name}"'
    return Response(body, media_type=media_type, headers=headers)


async def _found(request: Request, language: str | None) -> _Found | None:
    app: App = request.app.state.sauda
    is_copy = request.query_params.get("copy") == "1"
    async with app.database.reading(SYSTEM) as reader:
        record = await sale_of_token(reader, request.path_params["token"])
    if record is None:
        await count_wrong(app.database, "receipt")
        return None
    async with app.database.reading(SYSTEM.within(CompanyId(record.company_id))) as reader:
        (branding,) = await brandings(reader, [record.register_id])
        chosen_language = (
            ReceiptLanguage(language)
            if language in list(ReceiptLanguage)
            else reader.settings(TradeSettings).receipt_language
        )
        return _Found(
            receipt=await receipt_of(reader, record, is_copy=is_copy),
            branding=branding,
            language=chosen_language,
            theme=receipt_theme(reader),
        )


def page_context(
    receipt: Receipt,
    *,
    paper: str,
    branding: Branding = PLAIN_BRANDING,
    language: ReceiptLanguage = ReceiptLanguage.BOTH,
) -> dict[str, object]:
    """What the template gets; labels come in both languages, the template sets those that are wanted."""
    logo = base64.b64encode(branding.logo).decode()
    code = receipt.code if branding.is_barcode_printed else ""
    return {
        "receipt": receipt,
        "labels": language.value,
        "titles": chosen(receipt.company_title_kk, receipt.company_title, language)[::-1],
        "addresses": chosen(receipt.address_kk, receipt.address, language)[::-1],
        "words": WORDS,
        "operation": OPERATIONS[receipt.kind],
        "payments": PAYMENTS,
        "facts": [(*WORDS[key], value) for key, value in fiscal_facts(receipt)],
        "qr": qr_svg(receipt.qr_text) if receipt.qr_text else "",
        "sum_text": tenge_text,
        "rated": _rated,
        "printable": printable,
        "paper": paper,
        "logo": f"data:image/png;base64,{logo}" if logo else "",
        "adverts": branding.texts,
        "barcode": barcode_svg(code) if code else "",
        "code": code,
    }


def _rated(pair: tuple[str, str], rate_bp: int) -> tuple[str, str]:
    """A label of VAT with its rate, in both languages."""
    rate = f"{percent_text(rate_bp)} %"
    return f"{pair[0]} {rate}", f"{pair[1]} {rate}"
