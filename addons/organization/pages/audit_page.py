"""The audit of the caller's company as a CSV file, for those who may see it."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import StreamingResponse

from addons.organization.services.audit_log import COLUMNS, AuditWish, audit_rows
from kernel.app import App
from kernel.clock import from_ms
from kernel.errors import Refusal

PATH = "/organization/audit.csv"
LINES_AT_ONCE = 500
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")  # a table program would run what begins so


async def audit_csv(request: Request) -> StreamingResponse:
    """Query parameters: since and until in epoch milliseconds, action, actor, text.

    Raises Refusal: UNAUTHENTICATED, FORBIDDEN, NUMBER_MALFORMED.
    """
    principal = request.state.principal
    principal.require("organization.view_audit")
    asked = request.query_params
    wish = AuditWish(
        action=asked.get("action"),
        actor_id=asked.get("actor"),
        from_ms=_number(asked.get("since"), "since"),
        to_ms=_number(asked.get("until"), "until"),
        text=asked.get("text"),
    )
    app: App = request.app.state.sauda

    async def lines() -> AsyncIterator[str]:
        page = io.StringIO()
        writer = csv.writer(page)
        writer.writerow(["at", *COLUMNS[1:]])
        async with app.database.reading(principal) as reader:
            async for row in audit_rows(reader, wish):
                at = from_ms(row["at_ms"]).isoformat()
                writer.writerow([at, *(_safe(row[column]) for column in COLUMNS[1:])])
                if page.tell() > LINES_AT_ONCE * 100:
                    yield page.getvalue()
                    page.seek(0)
                    page.truncate()
        yield page.getvalue()

    headers = {"content-disposition": 'attachment; filename="audit.csv"', "cache-control": "no-store"}
    return StreamingResponse(lines(), media_type="text/csv; charset=utf-8", headers=headers)


def _safe(value: str | None) -> str:
    text = value or ""
    return f"'{text}" if text.startswith(_FORMULAS) else text


def _number(text: str | None, field: str) -> int | None:
    if text is None or not text:
        return None
    if not text.isdigit() or len(text) > 15:
        raise Refusal("NUMBER_MALFORMED", field=field)
    return int(text)
