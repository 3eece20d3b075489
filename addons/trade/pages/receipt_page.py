"""The public page of a receipt: whoever has the link sees it, nobody can guess one."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from addons.trade.domain.pricing import percent_text
from addons.trade.domain.receipt import Receipt, tenge_text
from addons.trade.domain.receipt_text import fiscal_facts, printable
from addons.trade.domain.receipt_words import OPERATIONS, PAYMENTS, WORDS, ReceiptLanguage
from addons.trade.services.receipts import qr_svg, receipt_of, sale_of_token
from kernel.app import App
from kernel.ids import CompanyId
from kernel.security.principal import SYSTEM
from kernel.web.rendering import render

RECEIPT_PATH = "/r/{token}"
PAPERS = {"58": "paper-58", "80": "paper-80"}

# A receipt may still become fiscal; a page kept by a proxy would hide that, and its link is a secret.
_HEADERS = {"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}


async def receipt_page(request: Request) -> Response:
    """GET /r/{token}[?paper=58|80]: the receipt, or a plain 404 that does not tell a wrong link from an old
    one.
    """
    app: App = request.app.state.sauda
    receipt: Receipt | None = None
    async with app.database.reading(SYSTEM) as reader:
        record = await sale_of_token(reader, request.path_params["token"])
    if record is not None:
        async with app.database.reading(SYSTEM.within(CompanyId(record.company_id))) as reader:
            receipt = await receipt_of(reader, record)
    if receipt is None:
        response = render(request, "trade/receipt_unknown.html", {"words": WORDS}, status=404)
    else:
        paper = PAPERS.get(request.query_params.get("paper", ""), "paper-80")
        response = render(request, "trade/receipt.html", page_context(receipt, paper=paper))
    response.headers.update(_HEADERS)
    return response


def page_context(receipt: Receipt, *, paper: str) -> dict[str, object]:
    """What the template gets; labels come in both languages and the template decides how to set them."""
    kazakh = list(fiscal_facts(receipt, ReceiptLanguage.KK))
    russian = list(fiscal_facts(receipt, ReceiptLanguage.RU))
    return {
        "receipt": receipt,
        "words": WORDS,
        "operation": OPERATIONS[receipt.kind],
        "payments": PAYMENTS,
        "facts": [(kk[0], ru[0], ru[1]) for kk, ru in zip(kazakh, russian, strict=True)],
        "qr": qr_svg(receipt.qr_text) if receipt.qr_text else "",
        "sum_text": tenge_text,
        "rated": _rated,
        "printable": printable,
        "paper": paper,
    }


def _rated(pair: tuple[str, str], rate_bp: int) -> tuple[str, str]:
    """A label of VAT with its rate, in both languages."""
    rate = f"{percent_text(rate_bp)} %"
    return f"{pair[0]} {rate}", f"{pair[1]} {rate}"
