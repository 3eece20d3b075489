"""The ledger over HTTP: JSON for programs, a page to look at, statements, control of faults."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.acquirer.control import key_facts, perform
from simulators.acquirer.statement import as_csv, as_table, as_xlsx, days_of, rows_of
from simulators.acquirer.texts import WORDS
from simulators.pages import Pages, control_route, json_answer, limit_of

if TYPE_CHECKING:
    from simulators.acquirer.server import AcquirerSimulator

POSTINGS_SHOWN = 200  # newest postings in JSON and on the page, unless asked for more
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_PAGES = Pages(Path(__file__).parent / "templates", WORDS)


def build_web(simulator: AcquirerSimulator) -> Starlette:
    """The Starlette application of one host."""

    async def ledger(request: Request) -> Response:
        terminals = {
            code: {"is_blocked": each.is_blocked, "repeats": each.repeats, "key_loads": each.keys.loads}
            for code, each in simulator.exchange.terminals.items()
        }
        return json_answer(
            {
                "requests": simulator.requests,
                "garbage": simulator.garbage,
                "unsigned": simulator.exchange.unsigned,
                "is_accepting": simulator.is_accepting,
                "banking_day": simulator.rules.day,
                "terminals": terminals,
                "days": days_of(simulator.ledger),
                **simulator.ledger.as_json(limit_of(request, POSTINGS_SHOWN)),
            }
        )

    async def keys(request: Request) -> Response:
        code = request.path_params["terminal"]
        if code not in simulator.exchange.terminals:
            return json_answer({"error": "no such terminal"}, 404)
        return json_answer(key_facts(simulator, code))

    async def statement(request: Request) -> Response:
        try:
            day = date.fromisoformat(request.path_params["day"])
        except ValueError:
            return json_answer({"error": "a day is YYYY-MM-DD"}, 404)
        rows = rows_of(simulator.ledger, simulator.settings.tariff, day)
        if asked := request.query_params.get("terminal"):
            rows = [row for row in rows if row.posting.terminal == asked]
        table = as_table(rows, day, simulator.exchange.terminals, simulator.settings)
        match request.path_params["form"]:
            case "csv":
                return _file(as_csv(table), "text/csv; charset=utf-8", f"{day}.csv")
            case "xlsx":
                return _file(as_xlsx(table), XLSX, f"{day}.xlsx")
            case "json":
                return json_answer(table)
        return json_answer({"error": "csv, xlsx or json"}, 404)

    async def page(request: Request) -> Response:
        shown = simulator.ledger.postings[: -POSTINGS_SHOWN - 1 : -1]
        days = days_of(simulator.ledger)
        return _PAGES.answer(request, "acquirer.html", simulator=simulator, postings=shown, days=days)

    return Starlette(
        routes=[
            Route("/", page),
            Route("/ledger", ledger),
            Route("/keys/{terminal}", keys),
            Route("/statement/{day}.{form}", statement),
            control_route(partial(perform, simulator)),
        ]
    )


def _file(data: bytes, kind: str, name: str) -> Response:
    return Response(data, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})
