"""Price labels of goods as a PDF for a printer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response

from addons.catalog.domain.label import LABELS_MAX, Label, LabelPaper
from addons.catalog.services.labels import AskLabels, labels_of
from kernel.app import App
from kernel.errors import Refusal
from kernel.gql.ids import from_global
from kernel.printing.threads import drawn
from kernel.security.principal import Principal
from kernel.web.rendering import language_of

LABELS_PATH = "/catalog/labels"
PERMISSION = "catalog.view"
CODE_DIGITS_MAX = 10

Endpoint = Callable[[Request], Awaitable[Response]]
DrawLabels = Callable[[Sequence[Label], LabelPaper], bytes]


def labels_page(draw: DrawLabels) -> Endpoint:
    """The page that gives labels."""

    async def labels(request: Request) -> Response:
        """GET /catalog/labels?codes=1,2&copies=1&paper=58x40|43x25|a4&register=…: a PDF of labels.

        Refusals: FORBIDDEN, LABELS_NONE, LABELS_TOO_MANY, LABEL_CODE_UNKNOWN, LABEL_PAPER_UNKNOWN, BAD_ID.
        """
        principal: Principal = request.state.principal
        principal.require(PERMISSION)
        asked = request.query_params
        paper = asked.get("paper", LabelPaper.ROLL_58_40)
        if paper not in list(LabelPaper):
            raise Refusal("LABEL_PAPER_UNKNOWN", field="paper")
        register = asked.get("register")
        command = AskLabels(
            codes=_numbers(asked.get("codes", "")),
            copies=(*_numbers(asked.get("copies", "1")), 0)[0],
            register_id=None if register is None else from_global(register, "Register", field="register"),
            is_kazakh=language_of(request) == "kk",
        )
        app: App = request.app.state.sauda
        async with app.database.reading(principal) as reader:
            found = await labels_of(reader, command)
        body = await drawn(draw, found, LabelPaper(paper))
        return Response(body, media_type="application/pdf", headers={"Cache-Control": "no-store"})

    return labels


def _numbers(text: str) -> list[int]:
    """Whole numbers between commas. Raises Refusal("LABEL_CODE_UNKNOWN"), ("LABELS_TOO_MANY")."""
    parts = [part.strip() for part in text.split(",", LABELS_MAX + 1) if part.strip()]
    if len(parts) > LABELS_MAX:
        raise Refusal("LABELS_TOO_MANY", max=LABELS_MAX)
    for part in parts:
        if not (part.isascii() and part.isdigit() and len(part) <= CODE_DIGITS_MAX):
            raise Refusal("LABEL_CODE_UNKNOWN", value=part[:20])
    return [int(part) for part in parts]
