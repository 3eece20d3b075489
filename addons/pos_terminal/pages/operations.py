"""Card operations: the list, one of them with its story and slip, those that somebody has to look at."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response

from addons.pos_terminal.pages.places import (
    OPERATION,
    OPERATIONS,
    PAGE_ROWS,
    PAGES,
    REVIEWS,
    TABS,
    VIEW,
    at,
    places_of,
)
from addons.pos_terminal.pages.story import story
from kernel.ids import new_id
from kernel.web.formats import ALMATY
from kernel.web.pages import Tab
from kernel.web.view import View

KINDS = ("PURCHASE", "VOID", "REFUND")
STATES = ("APPROVED", "DECLINED", "CANCELLED", "VOIDED", "REFUNDED", "UNKNOWN", "REVERSING", "REVERSED",
          "REVIEW", "AWAITING_CARD", "QUEUED", "SENT")  # fmt: skip
LIVE = frozenset({"AWAITING_CARD", "QUEUED", "SENT", "UNKNOWN", "REVERSING"})
DAYS = 7  # shown without a wish


@PAGES.page(OPERATIONS, title="pos_terminal.operations", permission=VIEW, tab=Tab(TABS, 20))
async def operations(view: View) -> Response:
    """The latest first, of the days asked for."""
    first, last = days_asked(view)
    wish: dict[str, Any] = {"since": _moment(first), "until": _moment(last + timedelta(days=1))}
    for field, key, known in (("kind", "kind", KINDS), ("state", "state", STATES)):
        if view.asked(key) in known:
            wish[field] = view.asked(key)
    for field, key in (("registerId", "register"), ("terminalId", "terminal"), ("rrn", "rrn")):
        if view.asked(key):
            wish[field] = view.asked(key)
    data = await view.query("operations", first=PAGE_ROWS, after=view.asked("after") or None, filter=wish)
    return view.show(
        "pos_terminal/operations.html",
        operations=data["cardOperations"],
        terminals=data["cardTerminals"]["nodes"],
        kinds=KINDS,
        states=STATES,
        first=first.isoformat(),
        last=last.isoformat(),
        asked=view.asked,
        tabs=view.tabs(TABS),
        **await places_of(view),
    )


@PAGES.page(REVIEWS, title="pos_terminal.reviews", permission=VIEW, tab=Tab(TABS, 30))
async def reviews(view: View) -> Response:
    """Operations that nobody but people can close, and money without a receipt."""
    wish = {"needsAttention": True}
    data = await view.query("operations", first=PAGE_ROWS, after=view.asked("after") or None, filter=wish)
    return view.show(
        "pos_terminal/reviews.html",
        operations=data["cardOperations"],
        tabs=view.tabs(TABS),
        **await places_of(view),
    )


@PAGES.page(OPERATION, title="pos_terminal.operation", permission=VIEW)
async def operation(view: View) -> Response:
    """One operation: what is known of it, its story, what may be done."""
    found = (await view.query("operation", id=view.place("id")))["cardOperation"]
    if found is None:
        return view.go(OPERATIONS)
    return view.show(
        "pos_terminal/operation.html",
        title=view.text(f"pos_terminal.kind_of_{found['kind']}"),
        operation=found,
        own=at(OPERATION, found["id"]),
        new_key=new_id(),
        story=story(view, found["events"]),
        live=found["state"] in LIVE,
        **await places_of(view),
    )


@PAGES.page(f"{OPERATION}/slip", title="pos_terminal.slip", permission=VIEW)
async def slip(view: View) -> Response:
    """The duplicate slip, to be printed."""
    found = (await view.query("slip", id=view.place("id")))["cardOperation"]
    if found is None:
        return view.go(OPERATIONS)
    return view.show("pos_terminal/slip.html", slip=found["slip"], own=at(OPERATION, view.place("id")))


@PAGES.action(OPERATION, permission=VIEW)
async def act(view: View) -> Response:
    """Take it back, ask once more, say how it ended; the API knows who may."""
    key, form = view.place("id"), await view.form()
    what = form.get("what", "")
    wishes: dict[str, tuple[str, dict[str, Any]]] = {
        "void": ("void_operation", {"key": form.get("key", ""), "id": key}),
        "refund": (
            "refund_operation",
            {"key": form.get("key", ""), "id": key, "amount": form.get("amount", "").replace(",", ".")},
        ),
        "cancel": ("cancel_operation", {"id": key}),
        "recheck": ("recheck_operation", {"id": key}),
        "settle": ("settle_receipt", {"id": key, "reason": form.get("reason", "")}),
        "review": (
            "review_operation",
            {
                "input": {
                    "operationId": key,
                    "verdict": form.get("verdict", ""),
                    **{name: form.get(name, "") for name in ("evidence", "rrn", "authorizationCode")},
                }
            },
        ),
    }
    document, asked = wishes.get(what, wishes["recheck"])
    outcome = await view.mutate(document, **asked)
    return await view.done(outcome, at(OPERATION, key), operation, note="core.done")


@PAGES.slot("trade.sale", order=40, permission=VIEW)
async def of_sale(view: View, sale_id: str) -> str:
    """Beside a receipt: the card operations that paid it."""
    found = (await view.query("sale_operations", id=sale_id))["sale"]
    operations_ = (found or {}).get("card") or {"operations": []}
    if not operations_["operations"]:
        return ""
    return view.part("pos_terminal/of_sale.html", operations=operations_["operations"])


def days_asked(view: View, days: int = DAYS) -> tuple[date, date]:
    """`from` and `to` of the address; what cannot be read is the last days."""
    last = _day(view.asked("to")) or today(view)
    first = _day(view.asked("from")) or last - timedelta(days=days - 1)
    return min(first, last), last


def today(view: View) -> date:
    """By the wall clock of Kazakhstan."""
    return view.app.clock.now().astimezone(ZoneInfo(ALMATY)).date()


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None


def _moment(day: date) -> str:
    return datetime.combine(day, time.min, ZoneInfo(ALMATY)).isoformat()
