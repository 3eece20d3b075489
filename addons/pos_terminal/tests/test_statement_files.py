"""A statement as people get it: three sheets of stored numbers, a CSV of texts, the same in GraphQL."""

from __future__ import annotations

import base64
import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook
from starlette.applications import Starlette
from starlette.routing import Route

from addons.pos_terminal.domain.postings import ON_ITS_WAY, DayMoney, postings
from addons.pos_terminal.pages.statement_book import Sheet, csv_of, text_of, workbook_of
from addons.pos_terminal.pages.statement_files import (
    CSV_PATH,
    UPLOAD_PATH,
    XLSX_PATH,
    statement_csv,
    statement_xlsx,
    upload_statement,
)
from addons.pos_terminal.services.settle import settle
from addons.pos_terminal.tests.merchant import IBAN, Merchant
from addons.pos_terminal.tests.money import payment_row
from addons.pos_terminal.tests.statement_makers import halyk_row, with_total, workbook
from kernel.clock import to_ms
from kernel.errors import Refusal
from kernel.gql.ids import to_global
from kernel.money import Money
from kernel.security.principal import Principal

MORNING = datetime(2026, 1, 15, 5, tzinfo=UTC)
LATER = MORNING + timedelta(minutes=20)
PERIOD = "from=2026-01-15&until=2026-01-20"


async def pay(merchant: Merchant, terminal_id: str, **changes: Any) -> str:
    """An approved operation of the morning."""

    async def paying(work: Any) -> str:
        return await payment_row(work, terminal_id, at_ms=to_ms(MORNING), **changes)

    return str(await merchant.do(paying))


def browser(merchant: Merchant, who: Principal) -> httpx.AsyncClient:
    """Somebody who is signed in, before the pages of statements alone."""
    house = Starlette(
        routes=[
            Route(XLSX_PATH, statement_xlsx),
            Route(CSV_PATH, statement_csv),
            Route(UPLOAD_PATH, upload_statement, methods=["POST"]),
        ]
    )
    house.state.sauda = merchant.app

    async def signed(scope: Any, receive: Any, send: Any) -> None:
        await house({**scope, "state": {"principal": who}}, receive, send)

    return httpx.AsyncClient(transport=httpx.ASGITransport(signed), base_url="http://gateway")


async def test_the_workbook_has_three_sheets_of_stored_values(merchant: Merchant) -> None:
    terminal_id = await merchant.working_terminal(title="=2+2")
    bought = await pay(merchant, terminal_id, tiyn=100_000, refunded=40_000)
    await pay(merchant, terminal_id, kind="REFUND", tiyn=40_000, original_id=bought)
    await merchant.do(settle, merchant.contract_id, date(2026, 1, 15))
    await pay(merchant, terminal_id, tiyn=12_345, scheme="VISA")
    bank = workbook(with_total([halyk_row(7_700, 99, "000000000777", LATER)]))
    contract = to_global("AcquirerContract", merchant.contract_id)
    async with browser(merchant, merchant.owner) as person:
        taken = await person.post(f"{UPLOAD_PATH}?contract={contract}&name=jan.xlsx", content=bank)
        answer = await person.get(f"{XLSX_PATH}?{PERIOD}")
    assert (taken.status_code, taken.json()["fresh"]) == (201, 1)
    book = load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["Summary", "Operations", "Differences"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    assert [cell.quotePrefix for cell in cells if cell.value == "=2+2"].count(False) == 0
    assert not [cell.value for cell in cells if re.search(r"\d{13,19}", str(cell.value))]

    rows = list(book["Operations"].iter_rows(values_only=True))
    assert rows[0][:6] == ("Credit date", "Kind", "POS id", "Amount", "Commission", "Credited")
    assert [row[:6] for row in rows[1:4]] == [
        ("2026-01-16", "Purchase", "TRM00001", 1000, 12.9, 987.1),
        ("2026-01-16", "Refund", "TRM00001", -400, -5.16, -394.84),
        ("2026-01-16", "Purchase", "TRM00001", 123.45, 2.84, 120.61),
    ]
    assert rows[4][:6] == ("Total", None, None, 723.45, 10.58, 712.87)
    assert [row[15] for row in rows[1:4]] == ["settled", "settled", "raw"]
    assert {row[14] for row in rows[1:4]} == {"440043******1234"}
    summary = list(book["Summary"].iter_rows(values_only=True))
    assert summary[0][:2] == ("Company", "ТОО «Береке»")
    total = summary[-1]
    assert (total[10], total[11], total[12]) == (723.45, 10.58, 712.87)
    (difference,) = list(book["Differences"].iter_rows(values_only=True))[1:]
    assert (difference[0], difference[9]) == ("at the bank only, no receipt", 77)


async def test_the_csv_opens_as_text(merchant: Merchant) -> None:
    terminal_id = await merchant.working_terminal(title="@cmd")
    await pay(merchant, terminal_id, tiyn=100_000)
    async with browser(merchant, merchant.owner) as person:
        answer = await person.get(f"{CSV_PATH}?{PERIOD}")
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert lines[1][:6] == ["2026-01-16", "Purchase", "TRM00001", "1000.00", "12.90", "987.10"]
    assert lines[1][8] == "'@cmd"
    assert lines[-1][:6] == ["Total", "", "", "1000.00", "12.90", "987.10"]


async def test_only_those_who_may_get_files(merchant: Merchant) -> None:
    nobody = Principal(merchant.owner.kind, "x", merchant.company_id)
    async with browser(merchant, nobody) as person:
        with pytest.raises(Refusal, match="FORBIDDEN"):
            await person.get(f"{XLSX_PATH}?{PERIOD}")
    async with browser(merchant, merchant.owner) as person:
        for period in ("", "from=2026-01-15&until=yesterday", "from=2026-01-15&until=2026-01-14"):
            with pytest.raises(Refusal, match="STATEMENT_PERIOD"):
                await person.get(f"{CSV_PATH}?{period}")


@pytest.mark.parametrize("text", ["=1+1", "+7 727", "-5", "@SUM(A1)", "\t=1"])
def test_no_text_becomes_a_formula(text: str) -> None:
    sheet = Sheet("=evil", [], ["=head"], [10], [[text, Money(-500)]])
    book = load_workbook(io.BytesIO(workbook_of([sheet])))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row]
    assert [cell.data_type for cell in cells if cell.value is not None] == ["s", "s", "n"]
    assert text_of(text) == f"'{text}"
    assert b"-5.00" in b"".join(csv_of(sheet))


async def test_the_same_by_graphql(merchant: Merchant) -> None:
    terminal_id = await merchant.working_terminal()
    bought = await pay(merchant, terminal_id, tiyn=100_000, refunded=40_000)
    await pay(merchant, terminal_id, kind="REFUND", tiyn=40_000, original_id=bought)
    await merchant.do(settle, merchant.contract_id, date(2026, 1, 15))
    content = base64.b64encode(workbook(with_total([halyk_row(7_700, 99, "777", LATER)]))).decode()
    contract = to_global("AcquirerContract", merchant.contract_id)
    terminal = to_global("CardTerminal", terminal_id)
    made = await merchant.ask(
        """mutation ($c: ID!, $f: String!, $t: ID!) {
        importBankStatement(contractId: $c, fileName: "jan.xlsx", content: $f) {
          ... on StatementImport { rows fresh proved } ... on Refused { code } }
        closeTerminalBatch(terminalId: $t) { ... on CardTerminal { batch } ... on Refused { code } } }""",
        c=contract,
        f=content,
        t=terminal,
    )
    assert made["importBankStatement"] == {"rows": 1, "fresh": 1, "proved": 0}
    seen = await merchant.ask(
        """query ($t: ID!) { cardStatement(since: "2026-01-15", until: "2026-01-20", terminalId: $t) {
          total { gross commission net } days { day isRaw reversals sums { net } }
          lines { scheme iban creditDay sums { purchases returns } }
          postings { day kind debit credit amount iban } }
        all: cardStatement(since: "2026-01-15", until: "2026-01-20") { differences { kind rowId theirs } }
        settlementDays(since: "2026-01-15", until: "2026-01-20") { day isRaw }
        bankStatements { fileName layout gross net } cardBatches(terminalId: $t) { number } }""",
        t=terminal,
    )
    statement = seen["cardStatement"]
    assert statement["total"] == {"gross": "600.00", "commission": "7.74", "net": "592.26"}
    assert statement["lines"] == [
        {
            "scheme": "MASTERCARD",
            "iban": IBAN,
            "creditDay": "2026-01-16",
            "sums": {"purchases": 1, "returns": 1},
        }
    ]
    entries = [
        (each["kind"], each["debit"], each["credit"], each["amount"]) for each in statement["postings"]
    ]
    assert entries == [
        ("SALES", "1020", "1210", "1000.00"),
        ("RETURNS", "1210", "1020", "400.00"),
        ("COMMISSION", "7110", "1020", "7.74"),
        ("CREDITED", "1030", "1020", "592.26"),
    ]
    assert seen["settlementDays"] == [{"day": "2026-01-15", "isRaw": False}]
    assert seen["bankStatements"][0]["net"] == "76.01"
    (difference,) = seen["all"]["differences"]
    assert (difference["kind"], difference["theirs"]) == ("BANK_ONLY", "77.00")
    matched = await merchant.ask(
        """mutation ($r: ID!, $o: ID!) { matchStatementRow(id: $r, operationId: $o) {
          ... on BankStatementRow { verdict } ... on Refused { code } } }""",
        r=difference["rowId"],
        o=to_global("CardOperation", bought),
    )
    assert matched["matchStatementRow"] == {"verdict": "AMOUNT_DIFFERS"}


def test_money_on_its_way_comes_out_at_zero() -> None:
    sides = [DayMoney("2026-01-15", "2026-01-16", "t", IBAN, sold, back, fee)
             for sold, back, fee in ((100, -40, 7), (0, -500, -6), (0, 0, 3), (5, 0, 0))]  # fmt: skip
    for side in sides:
        entries = postings([side])
        balance = sum(
            each.amount * ((each.debit == ON_ITS_WAY) - (each.credit == ON_ITS_WAY)) for each in entries
        )
        assert balance == 0
        assert all(each.amount > 0 for each in entries)
