"""The money afterwards: the statement of a period with its differences, files of it, the bank's own files."""

from __future__ import annotations

import base64
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from addons.pos_terminal.pages.operations import days_asked, today
from addons.pos_terminal.pages.places import MANAGE, PAGES, REVIEW, STATEMENT, STATEMENTS, TABS
from addons.pos_terminal.pages.statement_files import CSV_PATH, XLSX_PATH
from kernel.web.pages import Tab
from kernel.web.view import Declined, View

DAYS = 7  # shown without a wish
DAYS_MAX = 93
SHOWN_MAX = 300  # lines and differences on the page; the files have all
FILE_BYTES_MAX = 5_000_000


@PAGES.page(STATEMENT, title="pos_terminal.statement", permission=STATEMENTS, tab=Tab(TABS, 40))
async def statement(view: View) -> Response:
    """What was sold by card, what the bank keeps, what reaches the account, and where they disagree."""
    first, last = _period(view)
    wish: dict[str, Any] = {"since": first.isoformat(), "until": last.isoformat()}
    wish |= {
        name: view.asked(key) or None
        for name, key in (("contractId", "contract"), ("terminalId", "terminal"))
    }
    data = await view.query("statement", **wish)
    found = data["cardStatement"]
    terminals = {each["id"]: each["title"] for each in data["cardTerminals"]["nodes"]}
    parameters = {"from": wish["since"], "until": wish["until"]}
    parameters |= {key: view.asked(key) for key in ("contract", "terminal") if view.asked(key)}
    return view.show(
        "pos_terminal/statement.html",
        statement=found,
        shown_max=SHOWN_MAX,
        unmatched=[each for each in found["differences"] if each["kind"] == "LEDGER_ONLY"],
        terminals=terminals,
        contracts={each["id"]: each["title"] for each in data["acquirerContracts"]},
        files=data["bankStatements"],
        first=first.isoformat(),
        last=last.isoformat(),
        periods=_named(today(view)),
        xlsx=f"{XLSX_PATH}?{urlencode(parameters)}",
        csv=f"{CSV_PATH}?{urlencode(parameters)}",
        asked=view.asked,
        tabs=view.tabs(TABS),
    )


@PAGES.action(STATEMENT, permission=MANAGE)
async def take_in(view: View) -> Response:
    """A file of the bank."""
    form = await view.form()
    files = await view.files("file")
    if not files or len(files[0][1]) > FILE_BYTES_MAX:
        declined = Declined("BAD_USER_INPUT", view.text("pos_terminal.file_needed"), "file")
        return await view.again(declined, statement)
    name, content = files[0]
    asked = {"contractId": form.get("contractId", ""), "name": name}
    outcome = await view.mutate("import_statement", **asked, content=base64.b64encode(content).decode())
    return await view.done(outcome, STATEMENT, statement, note="pos_terminal.statement_taken")


@PAGES.action(f"{STATEMENT}/match", permission=REVIEW)
async def match(view: View) -> Response:
    """Which operation a row of the bank is about."""
    form = await view.form()
    asked = {"id": form.get("rowId", ""), "operationId": form.get("operationId") or None}
    outcome = await view.mutate("match_row", **asked)
    period = {"from": form.get("from", ""), "to": form.get("to", "")}
    return await view.done(outcome, f"{STATEMENT}?{urlencode(period)}", statement, note="core.done")


def _period(view: View) -> tuple[date, date]:
    first, last = days_asked(view, DAYS)
    return max(first, last - timedelta(days=DAYS_MAX - 1)), last


def _named(last_day: date) -> list[tuple[str, str, str]]:
    """Usual periods: the name of a text, first and last day."""
    month = last_day.replace(day=1)
    before = month - timedelta(days=1)
    spans = (
        ("yesterday", last_day - timedelta(days=1), last_day - timedelta(days=1)),
        ("week", last_day - timedelta(days=6), last_day),
        ("month", month, last_day),
        ("last_month", before.replace(day=1), before),
    )
    return [(name, first.isoformat(), last.isoformat()) for name, first, last in spans]
