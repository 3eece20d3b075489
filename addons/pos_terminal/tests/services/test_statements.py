"""The bank's word against ours: taken in once, and it closes what nobody knew."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from addons.pos_terminal.services.reports import Wish, differences_of, operations_of, report_of
from addons.pos_terminal.services.settle import settle
from addons.pos_terminal.services.statements import Imported, match_by_hand
from addons.pos_terminal.services.take_statement import take_statement
from addons.pos_terminal.tests.merchant import Merchant
from addons.pos_terminal.tests.money import payment_row
from addons.pos_terminal.tests.statement_makers import halyk_row, kaspi_grid, with_total, workbook
from kernel.clock import FrozenClock, to_ms
from kernel.errors import Refusal
from kernel.jobs.drive import run_due

MORNING = datetime(2026, 1, 15, 5, tzinfo=UTC)
DAY = date(2026, 1, 15)
WISH = Wish(DAY, DAY + timedelta(days=5))


async def pay(merchant: Merchant, terminal_id: str, state: str = "APPROVED", **changes: Any) -> str:
    """An operation as its row holds it."""

    async def paying(work: Any) -> str:
        return await payment_row(work, terminal_id, state, **changes)

    return str(await merchant.do(paying))


async def take(merchant: Merchant, rows: list[list[Any]], name: str = "jan.xlsx") -> Imported:
    """A statement of the bank comes in."""
    content = workbook(with_total(rows))
    taken = await take_statement(merchant.app.database, merchant.owner, merchant.contract_id, name, content)
    await run_due(merchant.app.database)
    return taken


async def verdicts(merchant: Merchant) -> list[tuple[str, str | None]]:
    """What the rows turned out to be, by RRN."""
    rows = await merchant.rows("SELECT * FROM pos_statement_row ORDER BY rrn, kind DESC")
    return [(row["verdict"], row["payment_id"]) for row in rows]


async def state_of(merchant: Merchant, payment_id: str) -> str:
    """Where its money is."""
    return str((await merchant.row("SELECT state FROM pos_payment WHERE id = ?", payment_id))["state"])


def line(tiyn: int, commission: int, rrn: str, minutes: int = 0, **changes: Any) -> list[Any]:
    """A row of the bank, so many minutes after the morning."""
    code = {"code": f"A{int(rrn[-5:]):05d}", **changes}
    return halyk_row(tiyn, commission, rrn, MORNING + timedelta(minutes=minutes), **code)


async def test_a_file_is_taken_in_once_and_an_overlapping_one_adds_the_rest(merchant: Merchant) -> None:
    terminal_id = await merchant.working_terminal()
    at_ms = to_ms(MORNING)
    first = await pay(merchant, terminal_id, tiyn=100_000, at_ms=at_ms)
    second = await pay(merchant, terminal_id, tiyn=50_000, at_ms=at_ms + 60_000)
    rows = [line(100_000, 1_290, "000000000001"), line(50_000, 645, "000000000002", 1)]

    taken = [await take(merchant, rows[:1]), await take(merchant, rows[:1]), await take(merchant, rows)]

    assert [(each.rows, each.fresh) for each in taken] == [(1, 1), (1, 0), (2, 1)]
    assert await verdicts(merchant) == [("MATCHED", first), ("MATCHED", second)]
    assert len(await merchant.rows("SELECT id FROM pos_statement")) == 3


async def test_every_kind_of_difference_is_shown(merchant: Merchant) -> None:
    terminal_id = await merchant.working_terminal()
    at_ms = to_ms(MORNING)
    equal = await pay(merchant, terminal_id, tiyn=100_000, at_ms=at_ms)
    other = await pay(merchant, terminal_id, tiyn=100_000, at_ms=at_ms + 60_000)
    reversed_ = await pay(merchant, terminal_id, "REVERSED", tiyn=70_000, at_ms=at_ms + 120_000)
    dear = await pay(merchant, terminal_id, tiyn=10_000, at_ms=at_ms + 180_000)
    lost = await pay(merchant, terminal_id, tiyn=33_300, at_ms=at_ms + 240_000)
    await merchant.do(settle, merchant.contract_id, DAY)
    rows = [
        line(100_000, 1_290, "000000000001"),
        line(100_100, 1_291, "000000000002", 1),
        line(70_000, 903, "000000000003", 2),
        line(10_000, 200, "000000000004", 3),
        line(5_000, 65, "000000000099", 10),
    ]

    await take(merchant, rows)

    async with merchant.app.database.reading(merchant.owner) as reader:
        found = await differences_of(reader, WISH)
    seen = [(each.kind, each.payment_id, each.ours, each.theirs) for each in found]
    assert seen == [
        ("AMOUNT_DIFFERS", other, 100_000, 100_100),
        ("REVERSED_CREDITED", reversed_, 0, 70_000),
        ("COMMISSION_DIFFERS", dear, 10_000, 10_000),
        ("LEDGER_ONLY", lost, 33_300, None),
        ("BANK_ONLY", None, None, 5_000),
    ]
    assert equal not in [each.payment_id for each in found]
    assert (found[2].our_commission, found[2].their_commission) == (129, 200)

    row_id = found[4].row_id
    assert row_id is not None
    await merchant.do(match_by_hand, row_id, lost)
    async with merchant.app.database.reading(merchant.owner) as reader:
        after = await differences_of(reader, WISH)
    assert [each.kind for each in after] == [
        "AMOUNT_DIFFERS", "REVERSED_CREDITED", "COMMISSION_DIFFERS", "AMOUNT_DIFFERS"
    ]  # fmt: skip
    with pytest.raises(Refusal, match="STATEMENT_ROW_TAKEN"):
        await merchant.do(match_by_hand, row_id, equal)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["in order", "the later one first"])
async def test_done_and_undone_in_two_statements_is_no_difference(
    merchant: Merchant, order: tuple[int, int]
) -> None:
    """Its answers were lost, so we know no RRN; the bank undid it on the next banking day."""
    terminal_id = await merchant.working_terminal()
    lost = await pay(merchant, terminal_id, "REVERSED", tiyn=70_000, at_ms=to_ms(MORNING))

    async def forget(work: Any) -> None:
        await work.execute("UPDATE pos_payment SET rrn = '', authorization_code = '' WHERE id = ?", lost)

    await merchant.do(forget)
    files = [[line(70_000, 903, "632611000005")], [line(-70_000, -903, "632611000005")]]
    first, second = order
    await take(merchant, files[first])
    alone = await verdicts(merchant)
    await take(merchant, files[second])

    assert alone == [("REVERSED_CREDITED", lost) if first == 0 else ("BANK_ONLY", None)]
    assert await verdicts(merchant) == [("MATCHED", lost)] * 2


async def test_what_nobody_knew_is_proved_by_the_statement(merchant: Merchant) -> None:
    terminal_id = await merchant.working_terminal()
    at_ms = to_ms(MORNING)
    asked = await pay(merchant, terminal_id, "UNKNOWN", tiyn=100_000, at_ms=at_ms, rrn="777")
    gone = await pay(merchant, terminal_id, "REVIEW", tiyn=22_200, at_ms=at_ms + 3_600_000)
    later = [line(1_000, 13, f"0000000001{day + 5:02d}", day * 1440) for day in (-1, 1, 2, 3)]
    clock = merchant.app.clock
    assert isinstance(clock, FrozenClock)

    one = await take(merchant, [line(100_000, 1_290, "000000000050", 3)])
    assert (one.proved, await state_of(merchant, asked)) == (1, "APPROVED")
    assert await state_of(merchant, gone) == "REVIEW"
    two = await take(merchant, later)

    assert (two.proved, await state_of(merchant, gone)) == (1, "DECLINED")
    story = await merchant.rows("SELECT source, kind FROM pos_payment_event ORDER BY id")
    assert {(row["source"], row["kind"]) for row in story} == {("statement", "Proved")}
    proved = await merchant.row("SELECT closed_by, banking_day FROM pos_payment WHERE id = ?", asked)
    assert dict(proved) == {"closed_by": "statement", "banking_day": "2026-01-15"}


async def test_the_report_adds_up_and_says_what_is_raw(merchant: Merchant) -> None:
    terminal_id = await merchant.working_terminal()
    tomorrow = to_ms(MORNING + timedelta(days=1))
    bought = await pay(merchant, terminal_id, tiyn=100_000, refunded=40_000)
    await pay(merchant, terminal_id, tiyn=40_000, kind="REFUND", original_id=bought)
    await pay(merchant, terminal_id, tiyn=99_999, scheme="VISA")
    await pay(merchant, terminal_id, "REVERSED", tiyn=5)
    await pay(merchant, terminal_id, tiyn=10_000, at_ms=tomorrow)
    await merchant.do(settle, merchant.contract_id, DAY)

    async with merchant.app.database.reading(merchant.owner) as reader:
        report = await report_of(reader, WISH)
        operations = await operations_of(reader, WISH)

    assert [(day, sums.gross, raw) for day, sums, raw in report.days()] == [
        ("2026-01-15", 159_999, False),
        ("2026-01-16", 10_000, True),
    ]
    total = report.total
    assert (total.purchases, total.returns, total.sold, total.given_back) == (3, 1, 209_999, -40_000)
    assert total.commission == 1_290 - 516 + 2_300 + 129
    assert total.net == sum(line.net for line, _ in operations) == total.gross - total.commission
    assert dict(report.reversals) == {"2026-01-15": 1}
    assert {each.iban for each in report.lines} == {"KZ20601KZT5004100100"}
    with pytest.raises(Refusal, match="STATEMENT_PERIOD"):
        Wish(DAY, DAY - timedelta(days=1)).checked()


async def test_a_statement_that_comes_before_the_day_is_settled(merchant: Merchant) -> None:
    terminal_id = await merchant.working_terminal()
    await pay(merchant, terminal_id, tiyn=100_000, at_ms=to_ms(MORNING))
    await pay(merchant, terminal_id, tiyn=200_000, at_ms=to_ms(MORNING) + 60_000)
    await take(merchant, [line(100_000, 1_300, "000000000001"), line(200_000, 2_580, "000000000002", 1)])
    async with merchant.app.database.reading(merchant.owner) as reader:
        assert await differences_of(reader, WISH) == []

    await merchant.do(settle, merchant.contract_id, DAY)

    async with merchant.app.database.reading(merchant.owner) as reader:
        (found,) = await differences_of(reader, WISH)
    assert (found.kind, found.our_commission, found.their_commission) == ("COMMISSION_DIFFERS", 1_290, 1_300)


async def test_a_kaspi_statement_names_no_terminal(merchant: Merchant) -> None:
    terminal_id = await merchant.working_terminal()
    paid = await pay(merchant, terminal_id, tiyn=120_000, at_ms=to_ms(MORNING), rrn="9001")
    content = workbook(kaspi_grid([(MORNING, 120_000, 1_140, "9001")]))
    await take_statement(merchant.app.database, merchant.owner, merchant.contract_id, "k.xlsx", content)
    assert await verdicts(merchant) == [("MATCHED", paid)]


async def test_another_companys_contract_is_not_there(merchant: Merchant) -> None:
    stranger = base64.b16encode(b"no such contract").decode().lower()
    content = workbook(with_total([line(1, 0, "000000000001")]))
    with pytest.raises(Refusal, match="CONTRACT_UNKNOWN"):
        await take_statement(merchant.app.database, merchant.owner, stranger, "x.xlsx", content)
