"""The ledger over HTTP: JSON for programs, a page to look at, statements, control of faults."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from kernel.i18n import choose_language
from simulators.acquirer.control import ControlError, key_facts, perform
from simulators.acquirer.statement import as_csv, as_table, as_xlsx, days_of, rows_of
from simulators.acquirer.texts import LANGUAGES, texts

if TYPE_CHECKING:
    from simulators.acquirer.server import AcquirerSimulator

POSTINGS_SHOWN = 200  # newest postings in JSON and on the page, unless asked for more
BODY_MAX = 64 * 1024  # bytes of a control request
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_HERE = Path(__file__).parent
_PAGES = jinja2.Environment(
    loader=jinja2.FileSystemLoader([_HERE / "templates", _HERE.parent / "ofd" / "templates"]), autoescape=True
)


def build_web(simulator: AcquirerSimulator) -> Starlette:
    """The Starlette application of one host."""

    async def ledger(request: Request) -> Response:
        text = request.query_params.get("limit", "")
        limit = int(text) if text.isascii() and text.isdigit() else POSTINGS_SHOWN
        terminals = {
            code: {"is_blocked": each.is_blocked, "repeats": each.repeats, "key_loads": each.keys.loads}
            for code, each in simulator.exchange.terminals.items()
        }
        return _json(
            {
                "requests": simulator.requests,
                "garbage": simulator.garbage,
                "unsigned": simulator.exchange.unsigned,
                "is_accepting": simulator.is_accepting,
                "banking_day": simulator.rules.day,
                "terminals": terminals,
                "days": days_of(simulator.ledger),
                **simulator.ledger.as_json(limit),
            }
        )

    async def keys(request: Request) -> Response:
        code = request.path_params["terminal"]
        if code not in simulator.exchange.terminals:
            return _json({"error": "no such terminal"}, 404)
        return _json(key_facts(simulator, code))

    async def statement(request: Request) -> Response:
        try:
            day = date.fromisoformat(request.path_params["day"])
        except ValueError:
            return _json({"error": "a day is YYYY-MM-DD"}, 404)
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
                return _json(table)
        return _json({"error": "csv, xlsx or json"}, 404)

    async def control(request: Request) -> Response:
        body = await request.body()
        if len(body) > BODY_MAX:
            return _json({"error": "the request is too long"}, 413)
        try:
            return _json(await perform(simulator, orjson.loads(body)))
        except orjson.JSONDecodeError:
            return _json({"error": "the body is no JSON"}, 400)
        except ControlError as error:
            return _json({"error": str(error)}, 400)

    async def page(request: Request) -> Response:
        asked = request.query_params.get("lang")
        words = texts(
            asked if asked in LANGUAGES else choose_language(request.headers.get("accept-language"))
        )
        shown = simulator.ledger.postings[: -POSTINGS_SHOWN - 1 : -1]
        facts = {"simulator": simulator, "postings": shown, "days": days_of(simulator.ledger)}
        return HTMLResponse(
            _PAGES.get_template("acquirer.html").render(
                t=words, languages=LANGUAGES, url=request.url, **facts
            )
        )

    return Starlette(
        routes=[
            Route("/", page),
            Route("/ledger", ledger),
            Route("/keys/{terminal}", keys),
            Route("/statement/{day}.{form}", statement),
            Route("/control", control, methods=["POST"]),
        ]
    )


def _file(data: bytes, kind: str, name: str) -> Response:
    return Response(data, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})


def _json(value: object, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status_code=status, media_type="application/json")
