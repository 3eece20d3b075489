"""Response codes as data; times, numbers and parts inside elements."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.iso8583.codes import ForReversal, Outcome, rule_of, rules, tables
from protocols.iso8583.errors import MalformedMessage
from protocols.iso8583.numbers import (
    OriginalData,
    OriginalSlip,
    Part,
    local_date,
    local_time,
    next_stan,
    read_original_data,
    read_original_slip,
    read_parts,
    transmitted,
    write_parts,
)

ALMATY = ZoneInfo("Asia/Almaty")
CUT_OFF_MS = 1_795_282_200_000  # 2026-11-21 17:30:00 UTC, 22:30 in Almaty


@pytest.mark.parametrize(
    ("table", "code", "outcome"),
    [
        ("iso87", "00", Outcome.APPROVED),
        ("iso87", "10", Outcome.PARTIAL),
        ("iso87", "05", Outcome.DECLINED),
        ("iso87", "51", Outcome.DECLINED),
        ("iso87", "91", Outcome.RETRY),
        ("iso87", "68", Outcome.UNKNOWN),
        ("iso87", "94", Outcome.UNKNOWN),
        ("iso87", "95", Outcome.BALANCE),
        ("smartvista", "000", Outcome.APPROVED),
        ("smartvista", "116", Outcome.DECLINED),
        ("smartvista", "912", Outcome.UNKNOWN),
    ],
)
def test_what_a_code_means_for_the_money(table: str, code: str, outcome: Outcome) -> None:
    assert rule_of(table, code).outcome is outcome


@pytest.mark.parametrize(
    ("table", "codes"),
    [("iso87", ["00", "25", "78", "79", "21", "94", "26"]), ("smartvista", ["000", "914", "913", "400"])],
)
def test_a_reversal_is_over_with_these_codes(table: str, codes: list[str]) -> None:
    assert {rule_of(table, code).for_reversal for code in codes} == {ForReversal.DONE}


def test_a_reversal_goes_on_when_the_host_is_ill_and_stops_when_we_are_wrong() -> None:
    assert {rule_of("iso87", code).for_reversal for code in ("06", "91", "96", "97")} == {ForReversal.AGAIN}
    assert {rule_of("iso87", code).for_reversal for code in ("12", "30")} == {ForReversal.STOP}


def test_a_code_that_no_table_knows_leaves_the_outcome_open_and_rings() -> None:
    rule = rule_of("iso87", "Q7")

    assert (rule.outcome, rule.is_alert, rule.for_reversal) == (Outcome.UNKNOWN, True, ForReversal.AGAIN)


def test_no_code_stands_twice_and_all_are_as_long_as_their_table_says() -> None:
    assert tables() == {"iso87", "smartvista"}
    assert {len(code) for code in rules("iso87")} == {2}
    assert {len(code) for code in rules("smartvista")} == {3}


def test_moments_of_one_message_in_two_zones() -> None:
    assert transmitted(CUT_OFF_MS) == "1121173000"
    assert (local_time(CUT_OFF_MS, ALMATY), local_date(CUT_OFF_MS, ALMATY)) == ("223000", "1121")
    assert local_time(CUT_OFF_MS, ALMATY, 12) == "261121223000"
    # the shop is already in the next day
    assert local_date(CUT_OFF_MS + 2 * 3_600_000, ALMATY) == "1122"


@given(st.integers(1, 999_999))
def test_numbers_go_round_and_skip_zero(stan: int) -> None:
    assert 1 <= next_stan(stan) <= 999_999
    assert next_stan(999_999) == 1


def test_original_data_there_and_back() -> None:
    original = OriginalData("0200", 7, "1121173000", "123", "")

    assert original.text() == "020000000711211730000000000012300000000000"
    assert read_original_data(original.text())[:3] == ("0200", 7, "1121173000")
    assert read_original_slip(OriginalSlip(3, 7, "1121").text()) == (3, 7, "1121")


@given(st.dictionaries(st.sampled_from(list(Part)), st.text("0123456789ABCDEF", min_size=1, max_size=200)))
def test_parts_there_and_back(parts: dict[Part, str]) -> None:
    assert read_parts(write_parts(parts)) == parts


@pytest.mark.parametrize("text", ["0", "01", "01002A", "xx001A", "01001A01001B", "٠١001A"])
def test_broken_parts_are_refused(text: str) -> None:
    with pytest.raises(MalformedMessage):
        read_parts(text)


@pytest.mark.parametrize("text", ["", "1" * 41, "1" * 43, "x" * 42])
def test_broken_original_data_are_refused(text: str) -> None:
    with pytest.raises(MalformedMessage):
        read_original_data(text)
    with pytest.raises(MalformedMessage):
        read_original_slip(text)
