"""The ledger over HTTP: JSON for programs, a page to look at, control of faults, the receipt check page."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.ofd.control import perform
from simulators.ofd.texts import WORDS
from simulators.pages import Pages, control_route, json_answer, limit_of

if TYPE_CHECKING:
    from simulators.ofd.server import OfdSimulator

DOCUMENTS_SHOWN = 200  # newest documents per register in JSON, unless asked for more
REGISTERS_SHOWN = 500  # rows of the page

_PAGES = Pages(Path(__file__).parent / "templates", WORDS)


def build_web(simulator: OfdSimulator) -> Starlette:
    """The Starlette application of one simulator."""

    async def ledger(request: Request) -> Response:
        limit = limit_of(request, DOCUMENTS_SHOWN)
        return json_answer(
            {
                "accepted": simulator.ledger.accepted(),
                "exchanges": simulator.exchanges,
                "connections": len(simulator.connections),
                "garbage": simulator.ledger.garbage,
                "unknown": simulator.ledger.unknown,
                "is_accepting": simulator.is_accepting,
                "violations": simulator.ledger.violations(),
                "faults": [
                    {
                        "kind": f.kind,
                        "times": f.times,
                        "ofd_id": f.ofd_id,
                        "command": f.command,
                        "code": f.code,
                    }
                    for f in simulator.faults.armed
                ],
                "registers": [a.as_json(limit=limit) for a in simulator.ledger.accounts.values()],
            }
        )

    async def register(request: Request) -> Response:
        account = simulator.ledger.accounts.get(request.path_params["ofd_id"])
        if account is None:
            return json_answer({"error": "no such register"}, status=404)
        return json_answer(account.as_json(limit=limit_of(request, DOCUMENTS_SHOWN)))

    async def page(request: Request) -> Response:
        accounts = list(simulator.ledger.accounts.values())[:REGISTERS_SHOWN]
        return _PAGES.answer(request, "ledger.html", simulator=simulator, accounts=accounts)

    async def check(request: Request) -> Response:
        query = request.query_params
        kgd, sign = query.get("f", ""), query.get("i", "")
        account = simulator.ledger.by_kgd.get(kgd)
        found = simulator.ledger.find_ticket(kgd, sign) if account is not None and sign else None
        status = 200 if found is not None else 404
        return _PAGES.answer(request, "check.html", status=status, ticket=found, account=account, sign=sign)

    return Starlette(
        routes=[
            Route("/", page),
            Route("/ledger", ledger),
            Route("/ledger/{ofd_id:int}", register),
            control_route(partial(perform, simulator)),
            Route("/check", check),
        ]
    )
