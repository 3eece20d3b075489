"""Flat values to request bytes, per protocol version: what a register makes durable before it sends.

Objects are filled in place (three times cheaper than making and copying nested ones), and the service part of
a register, which rarely changes, is remembered as bytes. Fields a version does not know are left out when
nothing is lost by it; WrongVersion is raised when something would be.
"""

from __future__ import annotations

from functools import lru_cache

from protocols.ofd import ofd_pb2 as pb
from protocols.ofd.codes import V203, V204
from protocols.ofd.errors import WrongVersion
from protocols.ofd.moments import write_moment
from protocols.ofd.money import write_money
from protocols.ofd.report import write_report
from protocols.ofd.service import REMEMBERED, offline_period_bytes, service_bytes
from protocols.ofd.splice import embedded, split_at
from protocols.ofd.ticket import write_ticket
from protocols.ofd.values import Closing, OfflinePeriod, Placement, ReportAsk, Service, Ticket

_SERVICE = pb.Request.SERVICE_FIELD_NUMBER
_PERIOD = pb.ServiceRequest.OFFLINE_PERIOD_FIELD_NUMBER


def build_ticket(ticket: Ticket, service: Service, *, version: int) -> bytes:
    """A TICKET request. Raises WrongVersion for several marks on a line before 2.0.3."""
    request = pb.Request()
    request.command = pb.COMMAND_TICKET
    write_ticket(request.ticket, ticket, version)
    return request.SerializeToString() + service_bytes(service, version)


def build_placement(placement: Placement, service: Service, *, version: int) -> bytes:
    """A MONEY_PLACEMENT request: cash in or out."""
    request = pb.Request()
    request.command = pb.COMMAND_MONEY_PLACEMENT
    target = request.money_placement
    write_moment(target.date_time, placement.at)
    target.operation = placement.operation  # type: ignore[assignment]
    write_money(target.sum, placement.sum)
    if placement.is_offline:
        target.is_offline = True
    if placement.shift_number is not None:
        target.fr_shift_number = placement.shift_number
    if placement.document_number is not None:
        target.printed_document_number = placement.document_number
    _write_operator(target.operator, placement.operator_code, placement.operator_name)
    return request.SerializeToString() + service_bytes(service, version)


def build_close_shift(closing: Closing, service: Service, *, version: int) -> bytes:
    """A CLOSE_SHIFT request with the device's own Z report."""
    request = pb.Request()
    request.command = pb.COMMAND_CLOSE_SHIFT
    target = request.close_shift
    write_moment(target.close_time, closing.at)
    if closing.is_offline:
        target.is_offline = True
    if closing.shift_number is not None:
        target.fr_shift_number = closing.shift_number
    if closing.withdraws_cash:
        target.withdraw_money = True
    write_report(target.z_report, closing.report)
    _write_operator(target.operator, closing.operator_code, closing.operator_name)
    if closing.document_number is not None:
        target.printed_document_number = closing.document_number
    return request.SerializeToString() + service_bytes(service, version)


def build_report(ask: ReportAsk, service: Service, *, version: int) -> bytes:
    """A REPORT request with the device's own counts; the answer carries the server's."""
    request = pb.Request()
    request.command = pb.COMMAND_REPORT
    target = request.report
    target.report = ask.type  # type: ignore[assignment]
    write_moment(target.date_time, ask.at)
    if ask.is_offline:
        target.is_offline = True
    write_report(target.zx_report, ask.report)
    return request.SerializeToString() + service_bytes(service, version)


def build_info(service: Service, *, version: int) -> bytes:
    """An INFO request: proves device and token, answers counters and registration data."""
    return _bare(pb.COMMAND_INFO, service, version)


def build_system(service: Service, *, version: int) -> bytes:
    """A SYSTEM request: ping, the poll of a blocked register, carrier of an offline period."""
    return _bare(pb.COMMAND_SYSTEM, service, version)


def build_nomenclature(
    service: Service, *, version: int, current_version: int = 0, barcode: str = ""
) -> bytes:
    """A NOMENCLATURE request: the list, or one product by barcode (WrongVersion before 2.0.3)."""
    request = pb.Request()
    request.command = pb.COMMAND_NOMENCLATURE
    request.nomenclature.current_version = current_version
    if barcode:
        if version < V203:
            raise WrongVersion("search by barcode exists from 2.0.3")
        request.nomenclature.barcode = barcode
    return request.SerializeToString() + service_bytes(service, version)


def build_qr_generate(service: Service, *, version: int, invoice_id: int, amount: int) -> bytes:
    """A QR_GENERATE request for an amount in tiyn. Raises WrongVersion before 2.0.4."""
    request = _qr(pb.COMMAND_QR_GENERATE, version, invoice_id)
    write_money(request.qr.amount, amount)
    return request.SerializeToString() + service_bytes(service, version)


def build_qr_status(service: Service, *, version: int, invoice_id: int) -> bytes:
    """A QR_GET_STATUS request. Raises WrongVersion before 2.0.4."""
    request = _qr(pb.COMMAND_QR_GET_STATUS, version, invoice_id)
    return request.SerializeToString() + service_bytes(service, version)


def with_offline_period(payload: bytes, period: OfflinePeriod) -> bytes:
    """The same request with a fresh offline period, the only thing a repetition may change.

    Raises MalformedMessage when `payload` is no request.
    """
    before, service, after = split_at(payload, _SERVICE)
    head, tail = _around_period(service)
    fresh = embedded(_PERIOD, offline_period_bytes(period))
    return before + embedded(_SERVICE, head + fresh + tail) + after


@lru_cache(maxsize=REMEMBERED)
def _around_period(service: bytes) -> tuple[bytes, bytes]:
    """A register's service part, as a rule the same for all of its requests, without an offline period."""
    head, _, tail = split_at(service, _PERIOD)
    return head, tail


def _bare(command: pb.CommandType, service: Service, version: int) -> bytes:
    request = pb.Request()
    request.command = command
    return request.SerializeToString() + service_bytes(service, version)


def _qr(command: pb.CommandType, version: int, invoice_id: int) -> pb.Request:
    if version < V204:
        raise WrongVersion("QR payments exist from 2.0.4")
    request = pb.Request()
    request.command = command
    request.qr.invoice_id = invoice_id
    return request


def _write_operator(target: pb.Operator, code: int, name: str) -> None:
    target.code = code
    if name:
        target.name = name
