"""What the host posts and what it refuses: money is never taken or given back twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from kernel.clock import FrozenClock
from simulators.acquirer.server import AcquirerSimulator
from simulators.acquirer.settings import AcquirerSettings
from simulators.acquirer.tests.terminal import TestTerminal


def test_a_purchase_is_posted_once_however_often_it_is_sent(
    host: AcquirerSimulator, terminal: TestTerminal
) -> None:
    request = terminal.request(125_050)

    answers = [terminal.send(request) for _ in range(3)]

    assert [each.text(39) for each in answers] == ["00"] * 3
    assert len({each.text(37) for each in answers}) == 1
    assert (host.ledger.taken, len(host.ledger.postings), host.terminal(terminal.code).repeats) == (
        125_050,
        1,
        2,
    )


def test_the_same_number_with_other_data_is_a_duplicate(
    host: AcquirerSimulator, terminal: TestTerminal
) -> None:
    request = terminal.request(100)
    terminal.send(request)

    assert terminal.code_of(request.with_fields({4: "101"})) == "94"
    assert host.ledger.taken == 100


@pytest.mark.parametrize(("policy", "second"), [("25", "25"), ("00", "00")])
def test_a_second_reversal_pays_nothing(clock: FrozenClock, policy: str, second: str) -> None:
    host = AcquirerSimulator(AcquirerSettings(second_reversal=policy), clock=clock)
    terminal = TestTerminal(host, clock)
    terminal.exchange_keys()
    request = terminal.request(100)
    terminal.send(request)

    codes = [terminal.code_of(terminal.reversal(request, mti)) for mti in ("0400", "0401", "0401")]

    assert codes == ["00", second, second]
    assert host.ledger.taken == 0


def test_a_reversal_that_overtakes_its_payment_makes_it_fail(
    host: AcquirerSimulator, terminal: TestTerminal
) -> None:
    request = terminal.request(100)

    assert terminal.code_of(terminal.reversal(request)) == "25"
    assert terminal.code_of(request) == "79"
    assert host.ledger.taken == 0


def test_an_advice_is_answered_positively_whatever_is_found(terminal: TestTerminal) -> None:
    request = terminal.request(100)

    assert terminal.code_of(terminal.reversal(request, "0420")) == "00"
    assert terminal.code_of(terminal.reversal(request, "0421")) == "00"


def test_a_void_takes_the_payment_back_and_its_reversal_restores_it(
    host: AcquirerSimulator, terminal: TestTerminal
) -> None:
    request = terminal.request(5000)
    answer = terminal.send(request)
    void = terminal.void(request, answer)

    approved = terminal.send(void)
    again = terminal.code_of(terminal.void(request, answer))
    after_void = host.ledger.taken
    terminal.send(terminal.reversal(void))

    assert (approved.text(39), approved.text(37), again) == ("00", answer.text(37), "79")
    assert (after_void, host.ledger.taken) == (0, 5000)


def test_a_void_of_another_sum_or_another_terminal_is_refused(
    host: AcquirerSimulator, terminal: TestTerminal, clock: FrozenClock
) -> None:
    request = terminal.request(5000)
    answer = terminal.send(request)
    foreign = TestTerminal(host, clock, code="88000002")
    foreign.exchange_keys()

    assert terminal.code_of(terminal.void(request, answer, 4999)) == "64"
    assert foreign.code_of(foreign.void(request, answer)) == "25"
    assert host.ledger.taken == 5000


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        (datetime(2026, 11, 20, 17, 29, 59, tzinfo=UTC), "00"),
        (datetime(2026, 11, 20, 17, 30, 0, tzinfo=UTC), "77"),
        (datetime(2026, 11, 21, 6, 0, 0, tzinfo=UTC), "77"),
    ],
)
def test_a_void_is_possible_until_the_cut_off_by_the_clock_of_the_host(
    host: AcquirerSimulator, terminal: TestTerminal, clock: FrozenClock, moment: datetime, code: str
) -> None:
    request = terminal.request(5000)
    answer = terminal.send(request)
    clock.advance(moment - clock.now())

    assert terminal.code_of(terminal.void(request, answer)) == code


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2024, 2, 29, 16, 29, 59, tzinfo=UTC), date(2024, 2, 29)),  # UTC+6: 22:29:59
        (datetime(2024, 2, 29, 16, 30, tzinfo=UTC), date(2024, 3, 1)),
        (datetime(2024, 3, 1, 17, 29, 59, tzinfo=UTC), date(2024, 3, 1)),  # UTC+5 from this day on
        (datetime(2024, 3, 1, 17, 30, tzinfo=UTC), date(2024, 3, 2)),
    ],
)
def test_the_banking_day_follows_the_zone_of_its_time(moment: datetime, day: date) -> None:
    clock = FrozenClock(moment)
    terminal = TestTerminal(AcquirerSimulator(clock=clock), clock)
    terminal.exchange_keys()

    answer = terminal.send(terminal.request(100))

    assert terminal.host.ledger.postings[0].day == day
    assert answer.text(15) == day.strftime("%m%d")


def test_refunds_never_exceed_the_payment(host: AcquirerSimulator, terminal: TestTerminal) -> None:
    request = terminal.request(1000)
    answer = terminal.send(request)

    first = terminal.send(terminal.refund(request, answer, 400))
    codes = [terminal.code_of(terminal.refund(request, answer, amount)) for amount in (601, 600, 1)]

    assert (first.mti, first.text(39), codes) == ("0230", "00", ["64", "00", "64"])
    assert first.text(37) != answer.text(37)
    assert host.ledger.taken == 0


def test_a_reversed_refund_may_be_given_again(host: AcquirerSimulator, terminal: TestTerminal) -> None:
    request = terminal.request(1000)
    answer = terminal.send(request)
    refund = terminal.refund(request, answer, 1000)
    terminal.send(refund)
    terminal.send(terminal.reversal(refund))

    assert host.ledger.taken == 1000
    assert terminal.code_of(terminal.refund(request, answer, 1000)) == "00"
    assert host.ledger.taken == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({4: "0"}, "13"),
        ({49: "840"}, "12"),
        ({3: "300000"}, "12"),
        ({4: "1000000001"}, "61"),
        ({60: "x"}, "30"),
    ],
)
def test_what_makes_no_sense_is_refused_by_a_code(
    host: AcquirerSimulator, terminal: TestTerminal, changes: dict[int, str], code: str
) -> None:
    assert terminal.code_of(terminal.request(100).with_fields(changes)) == code
    assert not host.ledger.postings


def test_totals_that_agree_close_the_batch_and_a_repeat_gets_the_same_answer(
    host: AcquirerSimulator, terminal: TestTerminal
) -> None:
    paid = terminal.request(1000)
    answer = terminal.send(paid)
    reversed_one = terminal.request(77)
    terminal.send(reversed_one)
    terminal.send(terminal.reversal(reversed_one))
    terminal.send(terminal.refund(paid, answer, 300))
    voided = terminal.request(500)
    terminal.send(terminal.void(voided, terminal.send(voided)))

    totals = terminal.totals((1, 300), (2, 1500), (1, 500))
    answers = [terminal.send(totals), terminal.send(totals)]

    assert [(each.mti, each.text(39), each.text(66)) for each in answers] == [("0510", "00", "1")] * 2
    assert terminal.code_of(terminal.request(1)) == "90"
    terminal.batch += 1
    assert terminal.code_of(terminal.request(1)) == "00"


def test_totals_that_differ_ask_for_the_operations_and_tell_whose_they_are(
    host: AcquirerSimulator, terminal: TestTerminal
) -> None:
    known, lost = terminal.request(1000), terminal.request(70)
    terminal.send(known)
    terminal.send(lost)
    totals = terminal.totals((0, 0), (1, 1000), (0, 0))

    first = terminal.send(totals)
    upload = known.with_fields({39: "00"})
    taken = terminal.send(type(upload)("0320", dict(upload.fields)))
    last = terminal.send(terminal.totals((0, 0), (1, 1000), (0, 0)).with_fields({3: "960000"}))

    assert [(each.mti, each.text(39)) for each in (first, taken, last)] == [
        ("0510", "95"),
        ("0330", "00"),
        ("0510", "95"),
    ]
    assert (first.text(66), last.text(66)) == ("2", "2")
    assert [f"{lost.number(11)} only at the host, 70" in each for each in host.ledger.incidents] == [True]
    assert host.ledger.batch(terminal.code, 1).is_closed


def test_a_reversal_after_the_day_is_a_row_of_its_own_day(
    host: AcquirerSimulator, terminal: TestTerminal, clock: FrozenClock
) -> None:
    request = terminal.request(100)
    terminal.send(request)
    clock.advance(timedelta(hours=12))

    assert terminal.code_of(terminal.reversal(request)) == "00"
    assert host.ledger.postings[0].reversed_day == date(2026, 11, 21)
