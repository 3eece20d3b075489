"""The ledger over HTTP: JSON for programs, a page to look at, control of faults, the receipt check page."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from kernel.i18n import choose_language
from simulators.ofd.control import ControlError, perform
from simulators.ofd.texts import LANGUAGES, texts

if TYPE_CHECKING:
    from simulators.ofd.server import OfdSimulator

DOCUMENTS_SHOWN = 200  # newest documents per register in JSON, unless asked for more
REGISTERS_SHOWN = 500  # rows of the page
BODY_MAX = 64 * 1024  # bytes of a control request

_PAGES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True
)


def build_web(simulator: OfdSimulator) -> Starlette:
    """The Starlette application of one simulator."""

    async def ledger(request: Request) -> Response:
        limit = _number(request.query_params.get("limit"), DOCUMENTS_SHOWN)
        return _json(
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
            return _json({"error": "no such register"}, status=404)
        return _json(account.as_json(limit=_number(request.query_params.get("limit"), DOCUMENTS_SHOWN)))

    async def control(request: Request) -> Response:
        body = await request.body()
        if len(body) > BODY_MAX:
            return _json({"error": "the request is too long"}, status=413)
        try:
            return _json(await perform(simulator, orjson.loads(body)))
        except orjson.JSONDecodeError:
            return _json({"error": "the body is no JSON"}, status=400)
        except ControlError as error:
            return _json({"error": str(error)}, status=400)

    async def page(request: Request) -> Response:
        accounts = list(simulator.ledger.accounts.values())[:REGISTERS_SHOWN]
        return _page(request, "ledger.html", simulator=simulator, accounts=accounts)

    async def check(request: Request) -> Response:
        query = request.query_params
        kgd, sign = query.get("f", ""), query.get("i", "")
        account = simulator.ledger.by_kgd.get(kgd)
        found = simulator.ledger.find_ticket(kgd, sign) if account is not None and sign else None
        status = 200 if found is not None else 404
        return _page(request, "check.html", status=status, ticket=found, account=account, sign=sign)

    return Starlette(
        routes=[
            Route("/", page),
            Route("/ledger", ledger),
            Route("/ledger/{ofd_id:int}", register),
            Route("/control", control, methods=["POST"]),
            Route("/check", check),
        ]
    )


@asynccontextmanager
async def serve_web(simulator: OfdSimulator, host: str, port: int) -> AsyncIterator[int]:
    """Serve the application as a task of this loop; gives its port. Raises OSError when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        config = uvicorn.Config(
            build_web(simulator),
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        server = _QuietServer(config)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.serve(sockets=[listener]))
            try:
                yield listener.getsockname()[1]
            finally:
                server.should_exit = True


class _QuietServer(uvicorn.Server):
    """Leaves signals to whoever owns the process."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        yield


def _page(request: Request, name: str, *, status: int = 200, **facts: object) -> Response:
    asked = request.query_params.get("lang")
    words = texts(asked if asked in LANGUAGES else choose_language(request.headers.get("accept-language")))
    return HTMLResponse(
        _PAGES.get_template(name).render(t=words, languages=LANGUAGES, url=request.url, **facts),
        status_code=status,
    )


def _json(value: object, *, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status_code=status, media_type="application/json")


def _number(text: str | None, default: int) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() else default
