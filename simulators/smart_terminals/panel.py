"""The panel of a terminal: what really happened, and what shall happen next, as a page and as JSON.

POST /control, one JSON object with an "action":

{"action": "usual", "outcome": "decline", …}      how operations end from now on (fields of plan.Ending)
{"action": "ending", "outcome": "unknown", "times": 1, …}     how the next ones end
{"action": "losing", "loss": "cut_after", "on": "payment", …}   what becomes of the next answers
{"action": "clear"}                              disarm all
{"action": "decide", "outcome": "approve"}       end the operation that is held
{"action": "refuse"} / {"action": "accept"}      unreachable / reachable again
{"action": "expire_tokens"}, {"action": "allow"}, {"action": "forbid"}      Kaspi only
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import jinja2
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from kernel.i18n import choose_language
from simulators.serving import Served
from simulators.smart_terminals.ecr import EcrTerminal
from simulators.smart_terminals.kaspi import KaspiTerminal
from simulators.smart_terminals.plan import Ending, Losing, Loss, Outcome
from simulators.smart_terminals.texts import LANGUAGES, texts

SHOWN = 200  # newest operations on the page
BODY_MAX = 64 * 1024  # bytes of a control request

_HERE = Path(__file__).parent
_PAGES = jinja2.Environment(
    loader=jinja2.FileSystemLoader([_HERE / "templates", _HERE.parent / "ofd" / "templates"]), autoescape=True
)


class ControlError(ValueError):
    """The command makes no sense; the text says why."""


def build_panel(terminal: KaspiTerminal | EcrTerminal, served: Served) -> Starlette:
    """The panel of one terminal."""

    async def ledger(request: Request) -> Response:
        return _json(terminal.as_json() | {"is_accepting": served.is_accepting})

    async def control(request: Request) -> Response:
        body = await request.body()
        if len(body) > BODY_MAX:
            return _json({"error": "the request is too long"}, 413)
        try:
            await perform(terminal, served, orjson.loads(body))
        except orjson.JSONDecodeError:
            return _json({"error": "the body is no JSON"}, 400)
        except ValueError as error:
            return _json({"error": str(error)}, 400)
        return _json({"done": True})

    async def page(request: Request) -> Response:
        asked = request.query_params.get("lang")
        words = texts(
            asked if asked in LANGUAGES else choose_language(request.headers.get("accept-language"))
        )
        terminal.advance()
        shown = terminal.journal.operations[: -SHOWN - 1 : -1]
        facts = {"terminal": terminal, "operations": shown, "is_accepting": served.is_accepting}
        return HTMLResponse(
            _PAGES.get_template("panel.html").render(t=words, languages=LANGUAGES, url=request.url, **facts)
        )

    return Starlette(
        routes=[
            Route("/", page),
            Route("/ledger", ledger),
            Route("/control", control, methods=["POST"]),
        ]
    )


async def perform(terminal: KaspiTerminal | EcrTerminal, served: Served, command: object) -> None:
    """Do one command. Raises ValueError when it makes no sense."""
    if not isinstance(command, dict):
        raise ControlError("a command is a JSON object")
    facts = cast("dict[str, object]", command)
    match facts.get("action"), terminal:
        case "usual", _:
            terminal.plan.usual = _made(Ending, facts)
        case "ending", _:
            terminal.plan.arm(_made(Ending, facts))
        case "losing", _:
            terminal.plan.arm(_made(Losing, facts))
        case "clear", _:
            terminal.plan.clear()
        case "decide", _:
            terminal.decide(Outcome(str(facts.get("outcome"))))
        case "refuse", _:
            await served.refuse()
        case "accept", _:
            await served.accept()
        case "expire_tokens", KaspiTerminal():
            terminal.expire_tokens()
        case ("allow" | "forbid") as word, KaspiTerminal():
            terminal.is_allowing = word == "allow"
        case other, _:
            raise ControlError(f"unknown action {other!r}")


def _made(kind: Any, facts: Mapping[str, object]) -> Any:
    made: dict[str, object] = {}
    for name, value in facts.items():
        if name == "action":
            continue
        known = kind.__dataclass_fields__.get(name)
        if known is None:
            raise ControlError(f"{name!r} is no field of {kind.__name__}")
        if name in ("outcome", "loss"):
            value = (Outcome if name == "outcome" else Loss)(str(value))
        elif type(value).__name__ != known.type:
            raise ControlError(f"{name!r} must be {known.type}")
        made[name] = value
    if kind is Losing and "loss" not in made:
        raise ControlError("'loss' is missing")
    return kind(**made)


def _json(value: object, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status_code=status, media_type="application/json")
