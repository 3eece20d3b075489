"""Token and request number, in the order of the protocol text; a retry counts nothing twice."""

from __future__ import annotations

import pytest

from protocols.ofd import build, values
from protocols.ofd.answer import read_answer
from protocols.ofd.frame import decode_frame, encode_frame
from simulators.ofd.server import OfdSimulator
from simulators.ofd.settings import OfdSettings
from simulators.ofd.tests.till import AT, SERVICE, PlacementType, Till, empty_report, new_till, sale

DEPOSIT = build.build_placement(values.Placement(PlacementType.DEPOSIT, AT, 5000, 1), SERVICE, version=203)


def code_of(till: Till, token: int, reqnum: int, payload: bytes) -> int:
    frame = encode_frame(till.version, till.ofd_id, token, reqnum, payload)
    answer = till.exchange(frame)
    return read_answer(answer.payload, version=answer.version).code


def test_a_document_gets_a_sign_a_link_and_a_new_token() -> None:
    till = new_till()

    answer = till.ticket(sale(1550000))

    assert answer.code == 0
    assert answer.sign.isdigit()
    assert answer.qr.endswith(f"?i={answer.sign}&f=000000001001&s=15500.00&t=20260115T103000")
    assert till.token not in (0, 777)
    assert till.account.token == till.token


def test_a_retry_gets_the_stored_answer_and_counts_nothing() -> None:
    till = new_till()
    frame = till.next_frame(build.build_ticket(sale(), SERVICE, version=203))

    first = till.exchange(frame)
    again = [till.exchange(frame) for _ in range(3)]

    assert again == [first] * 3
    assert till.account.drawer == 11600
    assert till.account.seq == 1
    assert till.account.documents[0].retries == 3
    assert till.simulator.ledger.violations() == []


def test_a_retry_with_a_fresher_offline_period_is_still_a_retry() -> None:
    till = new_till()
    payload = build.build_ticket(sale(offline_number=5), SERVICE, version=203)
    later = build.with_offline_period(payload, values.OfflinePeriod(AT, AT))

    codes = [code_of(till, 777, 1, payload), code_of(till, 777, 1, later)]

    assert codes == [0, 0]
    assert till.account.seq == 1


def test_the_order_of_checks() -> None:
    till = new_till()
    ticket = build.build_ticket(sale(), SERVICE, version=203)
    assert till.ticket(sale()).code == 0
    issued = till.token

    assert code_of(till, 777, 1, DEPOSIT) == 9  # same pair, other command
    assert code_of(till, issued, 1, ticket) == 8  # issued token, last number
    assert code_of(till, 777, 2, ticket) == 2  # a new number with the old token: the classical mistake
    assert code_of(till, 0, 2, ticket) == 2
    assert code_of(till, 12345, 1, ticket) == 2
    assert code_of(till, issued, 2, ticket) == 0
    assert till.account.seq == 2


def test_a_refused_document_changes_neither_token_nor_memory() -> None:
    till = new_till()
    assert till.deposit(5000).code == 0
    issued = till.token

    refused = till.placement(PlacementType.WITHDRAWAL, 6000)

    assert refused.code == 14
    assert till.token == issued
    assert till.account.seq == 1
    assert code_of(till, issued, till.reqnum + 1, DEPOSIT) == 0


@pytest.mark.parametrize("reqnum", [0, 1])
def test_after_65535_both_0_and_1_are_accepted(reqnum: int) -> None:
    till = new_till()
    assert code_of(till, 777, 65535, DEPOSIT) == 0

    assert code_of(till, till.account.token, reqnum, DEPOSIT) == 0


def test_questions_do_not_change_the_token_but_need_it() -> None:
    till = new_till()

    assert (till.info().code, till.system().code) == (0, 0)
    assert till.token == 777
    assert code_of(till, 778, 9, build.build_info(SERVICE, version=203)) == 2


def test_a_report_is_answered_whatever_the_token() -> None:
    till = new_till()
    ask = values.ReportAsk(1, AT, empty_report())
    till.deposit(100)

    assert code_of(till, 1, 9, build.build_report(ask, SERVICE, version=203)) == 0


def test_an_unknown_device_is_refused_and_an_open_house_takes_it_in() -> None:
    closed, opened = OfdSimulator(), OfdSimulator(OfdSettings(open_registration=True))
    frame = decode_frame(encode_frame(203, 42, 99, 1, DEPOSIT))

    refused = read_answer(decode_frame(closed.answer(frame)).payload, version=203)
    taken = read_answer(decode_frame(opened.answer(frame)).payload, version=203)

    assert (refused.code, closed.ledger.unknown) == (1, 1)
    assert (taken.code, opened.ledger.account(42).drawer) == (0, 5000)


def test_a_blocked_register_hears_15_until_it_is_released() -> None:
    till = new_till()
    till.simulator.block(1001)

    answers = [till.system(), till.info(), till.ticket(sale())]
    till.simulator.unblock(1001)

    assert [answer.code for answer in answers] == [15, 15, 15]
    assert answers[0].service is not None
    assert answers[0].service.ads[0].text
    assert till.ticket(sale()).code == 0


def test_a_retry_of_an_accepted_document_is_answered_even_when_blocked_meanwhile() -> None:
    till = new_till()
    frame = till.next_frame(DEPOSIT)
    first = till.exchange(frame)
    till.simulator.block(1001)

    assert till.exchange(frame) == first


def test_a_token_reset_in_the_cabinet_locks_the_register_out_until_it_is_entered() -> None:
    till = new_till()
    till.deposit(100)

    token = till.simulator.reset_token(1001)

    assert code_of(till, till.token, 9, DEPOSIT) == 2
    assert code_of(till, token, 10, DEPOSIT) == 0


@pytest.mark.parametrize(
    ("version", "payload", "code"),
    [
        (203, b"\x08\x63", 4),  # a command of the future
        (203, b"", 4),
        (203, b"\x0a\xff\xff", 3),
        (999, b"\x08\x05", 3),
        (203, b"\x08\x07", 5),
        (202, b"\x08\x07", 10),
        (203, b"\x08\x64", 5),
        (204, b"\x08\x64", 0),
        (203, b"\x08\x08", 0),
        (203, b"\x08\x04", 0),
    ],
)
def test_odd_requests_are_answered_by_their_codes(version: int, payload: bytes, code: int) -> None:
    till = new_till(version)

    assert code_of(till, 777, 1, payload) == code


def test_registers_do_not_disturb_one_another() -> None:
    simulator = OfdSimulator()
    one, two = Till(simulator, 1, 10), Till(simulator, 2, 20)

    one.deposit(100)
    two.deposit(250)
    one.deposit(100)

    assert (one.account.drawer, two.account.drawer) == (200, 250)
    assert (one.account.seq, two.account.seq) == (2, 1)
