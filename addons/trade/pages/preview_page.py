"""Sample receipts in every state, language and width, for whoever makes a theme. Nothing real is shown."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from addons.trade.domain.receipt_paper import PLAIN_BRANDING, Branding
from addons.trade.domain.receipt_samples import SAMPLES
from addons.trade.domain.receipt_words import ReceiptLanguage
from addons.trade.domain.report_paper import cash_slip_paper, report_paper
from addons.trade.domain.report_samples import CASHIERS, SLIP, Z_REPORT
from addons.trade.pages.receipt_page import PAPERS, page_context
from addons.trade.services.preview import PREVIEW_PATH, check_pass
from addons.trade.services.print_receipt import make_paper, theme_of
from addons.trade.services.print_reports import theme_of_reports
from kernel.app import App
from kernel.config_sections import WebSettings
from kernel.errors import Refusal
from kernel.gql.permissions import deny
from kernel.printing.escpos import Encoding, EscposOptions, as_escpos
from kernel.printing.paper import ROLL_58, ROLL_80, ROLLS, Paper
from kernel.printing.pdf import as_pdf
from kernel.printing.picture import as_png
from kernel.printing.text import as_text
from kernel.printing.threads import drawn
from kernel.security.principal import SYSTEM
from kernel.web.papers import render_paper
from kernel.web.rendering import render
from kernel.web.themes import installed_themes

PREVIEW_FILE_PATH = f"{PREVIEW_PATH}/{{name}}"
PERMISSION = "trade.preview"
REPORTS = {"z_report": Z_REPORT, "cashiers": CASHIERS}
CASH_SLIP = "cash_slip"
STATES = [*SAMPLES, *REPORTS, CASH_SLIP]
_HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
_TYPES = {"png": "image/png", "pdf": "application/pdf", "bin": "application/octet-stream"}


class _Asked:
    """What the page is asked to show, every part of it one of a few."""

    def __init__(self, request: Request, settings: WebSettings) -> None:
        asked = request.query_params
        themes = [theme.name for theme in installed_themes(settings)]
        self.state = _one_of(asked.get("state"), STATES, "sale")
        self.language = ReceiptLanguage(_one_of(asked.get("language"), list(ReceiptLanguage), "both"))
        self.theme = _one_of(asked.get("theme"), themes, settings.theme)
        self.branding = _one_of(asked.get("branding"), ["0", "1"], "0")
        self.paper = _one_of(asked.get("paper"), ["58", "80"], "80")
        self.encoding = Encoding(_one_of(asked.get("encoding"), list(Encoding), "cp866"))
        self.given = asked.get("pass", "")
        self._settings = replace(settings, theme=self.theme)

    def printed(self) -> Paper:
        """The sample as a paper in the asked theme."""
        if self.state in REPORTS:
            return report_paper(
                REPORTS[self.state], language=self.language, theme=theme_of_reports(self._settings)
            )
        if self.state == CASH_SLIP:
            return cash_slip_paper(SLIP, language=self.language, theme=theme_of_reports(self._settings))
        theme = theme_of(self._settings)
        return make_paper(SAMPLES[self.state], language=self.language, theme=theme, branding=self.extras())

    def extras(self) -> Branding:
        """Sample texts and a bar code, when they are asked for."""
        if self.branding == "0":
            return PLAIN_BRANDING
        texts = ("Чекті consumer.oofd.kz сайтында тексеріңіз", "Скидка 5 % по карте «Береке»")
        return Branding(texts=texts, is_barcode_printed=True)

    def link(self, path: str = PREVIEW_PATH, **changes: str) -> str:
        """A link to the same with changes."""
        kept = {
            "state": self.state,
            "language": self.language.value,
            "theme": self.theme,
            "branding": self.branding,
            **({"pass": self.given} if self.given else {}),
        }
        return f"{path}?{urlencode({**kept, **changes})}"


async def preview_page(request: Request) -> Response:
    """GET /receipts/preview: a sample on every medium, with links to the others.

    Raises Refusal("UNAUTHENTICATED"), ("FORBIDDEN"), ("RECEIPT_PREVIEW_UNKNOWN").
    """
    asked = await _asked(request)
    paper = asked.printed()
    app: App = request.app.state.sauda
    context = {
        "asked": asked,
        "choices": {
            "state": STATES,
            "language": [each.value for each in ReceiptLanguage],
            "theme": [theme.name for theme in installed_themes(app.config.section(WebSettings))],
            "branding": ["0", "1"],
        },
        "texts": [(roll.columns, as_text(paper, roll.columns)) for roll in ROLLS],
        "rolls": [roll.mm for roll in (ROLL_58, ROLL_80)],
        "encodings": [each.value for each in Encoding],
        "file": lambda name, **changes: asked.link(f"{PREVIEW_PATH}/{name}", **changes),
    }
    response = render(request, "trade/receipt_preview.html", context)
    response.headers.update(_HEADERS)
    return response


async def preview_file(request: Request) -> Response:
    """GET /receipts/preview/receipt.html|png|pdf|bin: the sample in one form.

    Raises Refusal as `preview_page`.
    """
    asked = await _asked(request)
    name, _, ending = request.path_params["name"].partition(".")
    roll = ROLL_58 if asked.paper == "58" else ROLL_80
    if name != "receipt" or ending not in ("html", *_TYPES):
        raise Refusal("RECEIPT_PREVIEW_UNKNOWN")
    if ending == "html" and asked.state not in SAMPLES:
        response: Response = render_paper(request, asked.printed())
        response.headers.update(_HEADERS)
        return response
    if ending == "html":
        context = page_context(
            SAMPLES[asked.state],
            paper=PAPERS[asked.paper],
            branding=asked.extras(),
            language=asked.language,
        )
        response = render(request, "trade/receipt.html", context)
        response.headers.update(_HEADERS)
        return response
    paper = asked.printed()
    if ending == "bin":
        options = EscposOptions(columns=roll.columns, encoding=asked.encoding)
        body = await drawn(as_escpos, paper, options)
    else:
        body = await drawn(as_png if ending == "png" else as_pdf, paper, roll)
    return Response(body, media_type=_TYPES[ending], headers=_HEADERS)


async def _asked(request: Request) -> _Asked:
    """The caller holds the permission, or a pass of somebody who does."""
    app: App = request.app.state.sauda
    asked = _Asked(request, app.config.section(WebSettings))
    if asked.given:
        async with app.database.reading(SYSTEM) as reader:
            check_pass(reader, asked.given)
    else:
        deny(request.state.principal, PERMISSION)
    return asked


def _one_of(asked: str | None, known: list[str], usual: str) -> str:
    return asked if asked in known else usual
