"""Printers are set up so that they can work, and what is refused says what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from addons.trade.api import FiscalState
from kernel.gql.ids import to_global
from kernel.ids import new_id
from simulators.printer.commands import read
from tests.delivery.house import CREATE, PRINT, Counter, content_of, hand_of, open_counter


@pytest.fixture
async def counter() -> AsyncIterator[Counter]:
    """A shop on SQLite."""
    async with open_counter() as opened:
        yield opened


@pytest.mark.parametrize(
    ("setup", "code", "field"),
    [
        ({"connection": "com1"}, "PRINTER_CONNECTION_MALFORMED", "connection"),
        ({"connection": "usb:04b8"}, "PRINTER_CONNECTION_MALFORMED", "connection"),
        ({"connection": "network:host:99999"}, "PRINTER_CONNECTION_MALFORMED", "connection"),
        ({"connection": "network:a b:9100"}, "PRINTER_CONNECTION_MALFORMED", "connection"),
        ({"connection": "file:../etc/passwd"}, "PRINTER_CONNECTION_MALFORMED", "connection"),
        ({"connection": "file:/dev/../etc/passwd"}, "PRINTER_CONNECTION_MALFORMED", "connection"),
        ({"connection": "file:/dev/lp0\n"}, None, None),
        ({"name": " "}, "PRINTER_NAME_WRONG", "name"),
        ({"name": "x" * 101}, "PRINTER_NAME_WRONG", "name"),
        ({"name": "зал"}, "PRINTER_NAME_TAKEN", "name"),
        ({"columns": 40}, "PRINTER_COLUMNS_IMPOSSIBLE", "columns"),
        ({"profile": "a b"}, "PRINTER_PROFILE_MALFORMED", "profile"),
        ({"isLocal": True}, "PRINTER_LOCAL_NOT_ALLOWED", "isLocal"),
    ],
)
async def test_a_printer_that_cannot_be_is_refused(
    counter: Counter, setup: dict[str, Any], code: str | None, field: str | None
) -> None:
    await counter.printer("Зал")
    wanted = {"name": "Кухня", "connection": "network:printer", **setup}
    made = await counter.ask(CREATE, outlet=to_global("Outlet", counter.outlet_id), input=wanted)

    assert (made.get("code"), made.get("field")) == (code, field)


@pytest.mark.parametrize(
    ("state", "code"),
    [(FiscalState.PENDING, "SALE_NOT_FISCAL_YET"), (FiscalState.REJECTED, "SALE_REJECTED")],
)
async def test_what_is_no_receipt_is_not_printed(counter: Counter, state: FiscalState, code: str) -> None:
    await counter.printer()
    sale = to_global("Sale", await counter.sell(state=state))
    refused = await counter.ask(PRINT % "id", sale=sale, printer=None, copies=1)

    assert refused["code"] == code


async def test_refusals_of_printing_say_what_to_do(counter: Counter) -> None:
    sale = to_global("Sale", await counter.sell())
    ask = PRINT % "id"
    none = await counter.ask(ask, sale=sale, printer=None, copies=1)
    await counter.printer("Зал")
    many = await counter.ask(ask, sale=sale, printer=None, copies=6)
    await counter.printer("Кухня")
    which = await counter.ask(ask, sale=sale, printer=None, copies=1)
    unknown = await counter.ask(ask, sale=to_global("Sale", new_id()), printer=None, copies=1)

    assert [each["code"] for each in (none, many, which, unknown)] == [
        "PRINTER_NONE",
        "PRINT_COPIES_IMPOSSIBLE",
        "PRINTER_NOT_CHOSEN",
        "SALE_UNKNOWN",
    ]
    assert none["nextAction"] == "Set a printer up, or give the receipt by e-mail or link."


async def test_papers_of_other_kinds_are_asked_for_by_name_and_right(counter: Counter) -> None:
    printer = await counter.printer()
    document = """mutation ($kind: String!, $subject: ID!, $register: ID!) {
      printPaper(kind: $kind, subjectId: $subject, registerId: $register) {
      ... on PrintJob { kind number } ... on Refused { code field } } }"""
    register = to_global("Register", counter.shop.register_id)
    asked = {"kind": "delivery.test", "subject": printer, "register": register}
    printed = await counter.ask(document, **asked)
    unknown = await counter.ask(document, **{**asked, "kind": "hello.note"})
    receipt = await counter.ask(document, **{**asked, "kind": "delivery.receipt"})
    nothing = await counter.ask(document, **{**asked, "subject": to_global("Printer", new_id())})

    assert printed == {"kind": "delivery.test", "number": 1}
    assert unknown == receipt == {"code": "PAPER_KIND_UNKNOWN", "field": "kind"}
    assert nothing["code"] == "PRINTER_UNKNOWN"
    cashier = replace(counter.manager, permissions=frozenset({"delivery.deliver"}))
    with pytest.raises(AssertionError, match="FORBIDDEN"):
        await counter.ask(document, cashier, **asked)


async def test_a_test_page_shows_the_letters(counter: Counter) -> None:
    printer = await counter.printer(encoding="RASTER", columns=32)
    document = """mutation ($id: ID!) { printTestPage(printerId: $id) { ... on PrintJob { kind saleId }
      ... on Refused { code } } }"""
    assert await counter.ask(document, id=printer) == {"kind": "delivery.test", "saleId": None}
    [order] = await hand_of(counter).take()
    kinds = {command.kind for command, _, _ in read(content_of(order))}
    assert "picture" in kinds
