"""Answers: what is read from them, what is tolerated, what is refused; and what result codes mean."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.ofd import ofd_pb2 as pb
from protocols.ofd.answer import read_answer
from protocols.ofd.codes import Verdict, code_name, has_rotating_token, verdict
from protocols.ofd.errors import MalformedMessage
from protocols.ofd.frame import decode_frame

TICKET_ANSWER = bytes.fromhex(
    "a281cb0026000000e9030000b168de3a0200080112020800" + "1a0c0a0a31323334353637383930"
)


def response(code: int = 0) -> pb.Response:
    return pb.Response(command=pb.COMMAND_INFO, result=pb.Result(result_code=code))


def test_the_worked_ticket_answer_gives_the_sign_and_a_new_token() -> None:
    frame = decode_frame(TICKET_ANSWER)

    answer = read_answer(frame.payload, version=frame.version)

    assert frame.token == 987654321
    assert (answer.command, answer.code, answer.sign, answer.qr) == (1, 0, "1234567890", "")
    assert answer.report is None
    assert answer.service is None


def test_info_answer_gives_counters_registration_and_texts() -> None:
    message = response()
    message.report.report = pb.REPORT_Z
    message.report.zx_report.date_time.date.CopyFrom(pb.Date(year=2026, month=1, day=15))
    message.report.zx_report.shift_number = 0
    service = message.service
    service.reg_info.kkm.fns_kkm_id = "000000000123"
    service.reg_info.org.title = "ТОО «Дүкен»"
    service.reg_info.org.address_kz = "Абай"
    service.reg_info.pos.latitude = 432389
    service.ticket_ads.add(text="Қош келдіңіз", info=pb.TicketAdInfo(type=pb.AD_OFD, version=3))
    service.binded_taxation.taxation_type = 101
    service.binded_taxation.taxes.add(tax_type=100, percent=16000)
    service.last_document_info.fr_shift_number = 4

    answer = read_answer(message.SerializeToString(), version=203)

    assert answer.report is not None
    assert answer.report.at.hour == 0  # a date alone is midnight
    assert answer.report.shift_number == 0
    assert answer.service is not None
    assert answer.service.registration is not None
    assert answer.service.registration.kgd_number == "000000000123"
    assert answer.service.registration.org_address_kz == "Абай"
    assert answer.service.pos is not None
    assert answer.service.pos.latitude_e4 == 432389
    assert answer.service.ads[0].text == "Қош келдіңіз"
    assert answer.service.taxes[0].bp == 1600
    assert answer.service.last_shift_number == 4
    assert answer.service.last_document_number is None


def test_unknown_codes_and_fields_are_tolerated() -> None:
    payload = response(777).SerializeToString() + bytes.fromhex("f80101")  # field 31 of the future

    assert read_answer(payload, version=203).code == 777
    assert verdict(777, 203) is Verdict.UNKNOWN
    assert code_name(777, 203) == "CODE_777"


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        bytes.fromhex("0805"),  # no result
        bytes.fromhex("12020800"),  # no command
        bytes.fromhex("08051200"),  # result without code
        bytes.fromhex("080112020800" + "1a040a02fffe"),  # the sign is no text
        bytes.fromhex("08051202"),  # cut
        b"\xff" * 9,
    ],
)
def test_what_is_no_answer_is_refused(payload: bytes) -> None:
    with pytest.raises(MalformedMessage):
        read_answer(payload, version=203)


def test_an_impossible_day_is_refused() -> None:
    message = response()
    message.report.zx_report.date_time.date.CopyFrom(pb.Date(year=2026, month=2, day=30))

    with pytest.raises(MalformedMessage):
        read_answer(message.SerializeToString(), version=203)


@settings(max_examples=300)
@given(st.binary(max_size=120))
def test_no_bytes_raise_anything_but_malformed(payload: bytes) -> None:
    try:
        read_answer(payload, version=203)
    except MalformedMessage:
        return


@pytest.mark.parametrize(
    ("code", "version", "meaning"),
    [
        (0, 202, Verdict.OK),
        (1, 202, Verdict.BLOCK),
        (2, 203, Verdict.TOKEN),
        (3, 203, Verdict.STOP),
        (8, 203, Verdict.STOP),
        (9, 203, Verdict.STOP),
        (11, 203, Verdict.REJECT),
        (13, 203, Verdict.REJECT),
        (14, 203, Verdict.REJECT),
        (15, 203, Verdict.BLOCK),
        (17, 202, Verdict.REJECT),
        (18, 203, Verdict.REJECT),
        (18, 204, Verdict.BLOCK),
        (19, 203, Verdict.UNKNOWN),
        (19, 204, Verdict.BLOCK),
        (254, 203, Verdict.RETRY),
        (255, 204, Verdict.RETRY),
    ],
)
def test_a_code_means_what_its_version_says(code: int, version: int, meaning: Verdict) -> None:
    assert verdict(code, version) is meaning


def test_code_18_has_two_names() -> None:
    assert code_name(18, 203) == "ELEMENT_NOT_FOUND_BY_BARCODE"
    assert code_name(18, 204) == "DEREGISTERED"


def test_only_document_commands_may_change_the_token() -> None:
    assert [command for command in range(10) if has_rotating_token(command)] == [1, 2, 6, 7]
