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

from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.control import ControlError, Facts, explaining, facts_of, made_of
from simulators.pages import Pages, control_route, json_answer
from simulators.serving import Served
from simulators.smart_terminals.ecr import EcrTerminal
from simulators.smart_terminals.kaspi import KaspiTerminal
from simulators.smart_terminals.plan import Ending, Losing, Outcome
from simulators.smart_terminals.texts import WORDS

SHOWN = 200  # newest operations on the page

_PAGES = Pages(Path(__file__).parent / "templates", WORDS)


def build_panel(terminal: KaspiTerminal | EcrTerminal, served: Served) -> Starlette:
    """The panel of one terminal."""

    async def ledger(request: Request) -> Response:
        return json_answer(terminal.as_json() | {"is_accepting": served.is_accepting})

    async def page(request: Request) -> Response:
        terminal.advance()
        shown = terminal.journal.operations[: -SHOWN - 1 : -1]
        return _PAGES.answer(
            request, "panel.html", terminal=terminal, operations=shown, is_accepting=served.is_accepting
        )

    return Starlette(
        routes=[
            Route("/", page),
            Route("/ledger", ledger),
            control_route(partial(perform, terminal, served)),
        ]
    )


async def perform(terminal: KaspiTerminal | EcrTerminal, served: Served, command: object) -> Facts:
    """Do one command. Raises ControlError when it makes no sense."""
    facts = facts_of(command)
    with explaining("operation"):
        match facts.get("action"), terminal:
            case "usual", _:
                terminal.plan.usual = made_of(Ending, facts)
            case "ending", _:
                terminal.plan.arm(made_of(Ending, facts))
            case "losing", _:
                terminal.plan.arm(made_of(Losing, facts))
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
    return {"done": True}
