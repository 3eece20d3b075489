"""Files of banks: read to the tiyn or refused, and matched without giving one operation to two rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.pos_terminal.domain.matching import Match, Ours, Verdict, match
from addons.pos_terminal.domain.payment import OperationKind, PaymentState
from addons.pos_terminal.domain.statement import BankRow, Layout, RowKind, read_statement, tiyn_of
from addons.pos_terminal.services.statement_files import read_grid
from addons.pos_terminal.tests.statement_makers import csv_file, halyk_row, kaspi_grid, with_total, workbook
from kernel.clock import to_ms
from kernel.errors import Refusal

NOON = datetime(2026, 1, 15, 7, tzinfo=UTC)
ZONE = "Asia/Almaty"
ROWS = [
    halyk_row(150_000, 1_935, "601500000001", NOON),
    halyk_row(-33_333, -430, "601500000001", NOON + timedelta(hours=1)),
    halyk_row(10_010, 129, "601500000002", NOON + timedelta(hours=2), terminal="TRM00002"),
]


def code_of(grid: list[list[Any]]) -> str:
    """Why it is refused."""
    with pytest.raises(Refusal) as refused:
        read_statement(grid, ZONE)
    return refused.value.code


@pytest.mark.parametrize("make", [workbook, csv_file, lambda grid: csv_file(grid, "utf-8-sig")])
def test_a_statement_of_seventeen_columns(make: Any) -> None:
    statement = read_statement(read_grid(make(with_total(ROWS))), ZONE)
    first, back, _ = statement.rows
    assert statement.layout is Layout.ACQUIRER
    assert (statement.gross, statement.commission) == (126_677, 1_634)
    assert (first.kind, first.gross, first.commission, first.net) == (
        RowKind.PURCHASE,
        150_000,
        1_935,
        148_065,
    )
    assert (first.at_ms, first.credit_day, first.terminal_code) == (to_ms(NOON), "2026-01-16", "TRM00001")
    assert (first.masked_number, first.authorization_code) == ("440043******1234", "A00001")
    assert (back.kind, back.gross, back.commission, back.net) == (RowKind.REFUND, -33_333, -430, -32_903)


def test_a_statement_of_kaspi() -> None:
    grid = kaspi_grid([(NOON, 100_000, 950, "9001"), (NOON + timedelta(hours=4), -50_000, -475, "9002")])
    statement = read_statement(read_grid(workbook(grid)), ZONE)
    assert statement.layout is Layout.KASPI
    assert [(row.rrn, row.gross, row.net, row.at_ms) for row in statement.rows] == [
        ("9001", 100_000, 99_050, to_ms(NOON)),
        ("9002", -50_000, -49_525, to_ms(NOON + timedelta(hours=4))),
    ]
    grid[2][1] += 0.01
    assert code_of(grid) == "STATEMENT_TOTAL_DIFFERS"


@pytest.mark.parametrize("column", ["gross", "net", "commission"])
@pytest.mark.parametrize("off", [0.01, -100.0])
def test_a_total_that_differs_by_a_tiyn_refuses_the_file(column: str, off: float) -> None:
    assert code_of(with_total(ROWS, **{column: off})) == "STATEMENT_TOTAL_DIFFERS"


def test_files_that_are_none() -> None:
    assert code_of(with_total(ROWS)[1:]) == "STATEMENT_LAYOUT_UNKNOWN"
    assert code_of(with_total(ROWS)[:-1]) == "STATEMENT_TOTAL_MISSING"
    assert code_of(with_total([])) == "STATEMENT_EMPTY"
    for content in (b"PK\x03\x04 not a workbook", b"\0\0\0", workbook([])[:200]):
        with pytest.raises(Refusal) as refused:
            read_statement(read_grid(content), ZONE)
        assert refused.value.code in ("STATEMENT_FILE_BROKEN", "STATEMENT_LAYOUT_UNKNOWN")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "Загадка"}, "STATEMENT_CELL"),
        ({"gross": "много"}, "STATEMENT_CELL"),
        ({"gross": 1500.004}, "STATEMENT_CELL"),
        ({"at": "вчера"}, "STATEMENT_CELL"),
        ({"rrn": ""}, "STATEMENT_CELL"),
        ({"net": 1480.64}, "STATEMENT_ROW_SUM"),
        ({"kind": "Возврат"}, "STATEMENT_ROW_SUM"),
        ({"mask": "4400 4301 2345 1234"}, "STATEMENT_CARD_NUMBER"),
    ],
)
def test_a_bad_row_is_named(changes: dict[str, Any], code: str) -> None:
    bad = halyk_row(150_000, 1_935, "601500000009", NOON, **changes)
    with pytest.raises(Refusal) as refused:
        read_statement([with_total(ROWS)[0], ROWS[0], bad], ZONE)
    assert (refused.value.code, refused.value.facts["row"]) == (code, 3)


def test_a_fee_of_its_own_is_no_operation() -> None:
    fee = halyk_row(-5_000, 0, "601500000001FE", NOON, kind="Комиссия за рассрочку")
    statement = read_statement(with_total([*ROWS, fee]), ZONE)
    assert statement.rows[3].kind is RowKind.FEE
    assert match(statement.rows[3:], []) == [Match(statement.rows[3], Verdict.FEE)]


@given(st.integers(-(10**12), 10**12))
def test_sums_survive_every_way_of_writing_them(tiyn: int) -> None:
    sign, whole, rest = "-" if tiyn < 0 else "", abs(tiyn) // 100, abs(tiyn) % 100
    spaced = f"{whole:,}".replace(",", "\u00a0")
    for written in (
        f"{sign}{whole}.{rest:02d}",
        f"{sign}{spaced},{rest:02d} ₸",
        f"{sign}{whole:,}.{rest:02d}",
    ):
        assert tiyn_of(written) == tiyn
    assert tiyn_of(tiyn / 100) == tiyn


# --- matching


def row(
    tiyn: int, rrn: str = "1", code: str = "", at_ms: int = 0, terminal: str = "T1", fee: int = 0
) -> BankRow:
    """A row of the bank."""
    kind = RowKind.PURCHASE if tiyn > 0 else RowKind.REFUND
    return BankRow(1, kind, rrn, at_ms, "", terminal, tiyn, fee, tiyn - fee, authorization_code=code)


def ours(key: str, tiyn: int, rrn: str = "1", code: str = "", state: str = "APPROVED", **more: Any) -> Ours:
    """An operation."""
    kind = OperationKind.PURCHASE if tiyn > 0 else OperationKind.REFUND
    usual: dict[str, Any] = {"terminal_code": "T1", "at_ms": 0, "commission": None, **more}
    numbers = frozenset([rrn] if rrn else [])
    return Ours(
        id=key, kind=kind, state=PaymentState(state), numbers=numbers, authorization_code=code,
        amount=abs(tiyn), **usual,
    )  # fmt: skip


def found(rows: list[BankRow], mine: list[Ours]) -> list[tuple[str, str | None]]:
    """Verdicts and operations."""
    return [(each.verdict.value, each.payment_id) for each in match(rows, mine)]


def test_classes_of_differences() -> None:
    assert found([row(100)], [ours("a", 100)]) == [("MATCHED", "a")]
    assert found([row(100)], [ours("a", 90)]) == [("AMOUNT_DIFFERS", "a")]
    assert found([row(100)], [ours("a", 100, state="REVERSED")]) == [("REVERSED_CREDITED", "a")]
    assert found([row(100)], [ours("a", 100, state="DECLINED")]) == [("REVERSED_CREDITED", "a")]
    assert found([row(100, fee=2)], [ours("a", 100, commission=1)]) == [("COMMISSION_DIFFERS", "a")]
    assert found([row(100)], []) == [("BANK_ONLY", None)]
    assert found([row(100)], [ours("a", 100, terminal_code="T2")]) == [("BANK_ONLY", None)]
    assert found([row(100)], [ours("a", 100, terminal_code="")]) == [("MATCHED", "a")]
    assert found([row(100), row(-100)], [ours("a", 100, state="REVERSED")]) == [("MATCHED", "a")] * 2


def test_one_whose_answers_were_lost_is_found_done_and_undone() -> None:
    """We know no RRN of it: terminal, sum and time tell."""
    lost = ours("a", 100, rrn="", state="REVERSED")
    assert found([row(100, "7", at_ms=60_000)], [lost]) == [("REVERSED_CREDITED", "a")]
    assert found([row(100, "7"), row(-100, "7")], [lost]) == [("MATCHED", "a")] * 2
    assert found([row(-100, "7"), row(100, "7")], [lost]) == [("MATCHED", "a")] * 2
    assert found([row(100, "7", at_ms=3_600_000)], [lost]) == [("BANK_ONLY", None)]
    assert found([row(100, "7", terminal="T2")], [lost]) == [("BANK_ONLY", None)]
    assert found([row(100, "7"), row(-100, "8")], [lost])[1] == ("BANK_ONLY", None)


def test_the_surest_way_goes_first() -> None:
    by_code = ours("code", 100, rrn="", code="A1")
    by_number = ours("number", 100, rrn="1")
    assert found([row(100, "2", "A1"), row(100, "1", "A1")], [by_code, by_number]) == [
        ("MATCHED", "code"),
        ("MATCHED", "number"),
    ]
    late = row(100, "9", "A1", at_ms=2 * 86_400_000)
    assert found([late], [by_code]) == [("BANK_ONLY", None)]


def test_a_return_has_the_number_of_its_purchase() -> None:
    mine = [ours("bought", 100), ours("back", -40), ours("back2", -60)]
    assert found([row(-60), row(100), row(-40)], mine) == [
        ("MATCHED", "back2"), ("MATCHED", "bought"), ("MATCHED", "back"),
    ]  # fmt: skip


def test_an_unknown_one_is_found_by_time_only_when_it_is_the_only_one() -> None:
    unknown = ours("u", 100, rrn="", state="UNKNOWN", at_ms=0)
    near = row(100, "7", at_ms=60_000)
    assert found([near], [unknown]) == [("MATCHED", "u")]
    assert found([near], [unknown, ours("v", 100, rrn="", state="REVIEW")]) == [("BANK_ONLY", None)]
    assert found([row(100, "7", at_ms=3_600_000)], [unknown]) == [("BANK_ONLY", None)]


@given(
    bank=st.lists(
        st.tuples(st.integers(1, 3), st.integers(1, 3), st.sampled_from(["", "T1", "T2"])), max_size=12
    ),
    mine=st.lists(
        st.tuples(st.integers(1, 3), st.integers(1, 3), st.sampled_from(["T1", "T2"])), max_size=12
    ),
)
def test_no_operation_belongs_to_two_rows(bank: list[Any], mine: list[Any]) -> None:
    rows = [row(sum_, str(rrn), f"C{rrn}", terminal=terminal) for sum_, rrn, terminal in bank]
    known = [
        ours(str(place), sum_, str(rrn), f"C{rrn}", terminal_code=terminal)
        for place, (sum_, rrn, terminal) in enumerate(mine)
    ]
    matches = match(rows, known)
    taken = [each.payment_id for each in matches if each.payment_id is not None]
    assert len(set(taken)) == len(taken)
    assert [each.row for each in matches] == rows
    by_id = {each.id: each for each in known}
    for each in matches:
        if each.verdict is Verdict.MATCHED:
            assert each.payment_id is not None
            assert by_id[each.payment_id].amount == each.row.gross
