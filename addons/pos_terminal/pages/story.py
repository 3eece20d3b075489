"""The story of a card operation in words of the people who read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from kernel.money import Money
from kernel.web.formats import format_money
from kernel.web.view import View

EVENTS = ("Started", "Turned", "Answered", "AnsweredLate", "CardPresented", "CardNotPresented",
          "CardWithdrawn", "ReversalTurned", "ReversalAnswered", "CancelAsked", "AbortAnswered", "Asked",
          "Reviewed", "Proved", "Undone", "Claimed", "ReceiptMade", "ReceiptRefused",
          "ReceiptSettled")  # fmt: skip
SOURCES = ("cashier", "device", "terminal", "person", "statement", "sale", "clock")
OUTCOMES = ("Approved", "Declined", "NotSent", "NotKnown", "GoesOn", "Agreed")
REASONS = ("4000", "4002", "4006", "4007", "4020", "4021")  # of reversals, reference §1.8
SHOWN = ("amount", "rrn", "authorization_code", "host_code", "evidence")  # with their names before them


class Told(NamedTuple):
    """One line. facts: what was told with it."""

    at: str
    what: str
    source: str
    state: str
    facts: tuple[str, ...]


def story(view: View, events: Iterable[Mapping[str, Any]]) -> list[Told]:
    """Events as GraphQL gives them. That a terminal is still at it is said once, not at every question."""
    lines: list[Told] = []
    was_going = False
    for event in events:
        details = {each["name"]: each["value"] for each in event["details"]}
        is_going = details.get("outcome") == "GoesOn"
        if not (is_going and was_going):
            lines.append(
                Told(
                    event["at"],
                    _named(view, "event", event["kind"], EVENTS),
                    _named(view, "source", event["source"], SOURCES),
                    event["state"],
                    tuple(_facts(view, details)),
                )
            )
        was_going = is_going
    return lines


def _facts(view: View, details: Mapping[str, str]) -> Iterator[str]:
    if "outcome" in details:
        yield _named(view, "outcome", details["outcome"], OUTCOMES)
    if "verdict" in details:
        yield view.text(f"pos_terminal.verdict_{details['verdict']}")
    if "reason" in details:
        yield _named(view, "reason", details["reason"], REASONS)
    for name in SHOWN:
        if value := details.get(name):
            shown = format_money(Money.parse(value), view.language) if name == "amount" else value
            yield f"{view.text(f'pos_terminal.told_{name}')} {shown}"


def _named(view: View, what: str, name: str, known: tuple[str, ...]) -> str:
    """A name that an add-on's driver made up stays as it is."""
    return view.text(f"pos_terminal.{what}_{name}") if name in known else name
