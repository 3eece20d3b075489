"""Response bytes to a frozen Answer. What to do about it is the fiscal engine's business."""

from __future__ import annotations

from protocols.ofd import ofd_pb2 as pb
from protocols.ofd.errors import MalformedMessage
from protocols.ofd.messages import parse_response
from protocols.ofd.org_info import read_address_kz, read_tenant_id
from protocols.ofd.report import read_report
from protocols.ofd.values import Ad, Answer, BoundTax, OfdCard, PosPlace, Registration, ServiceAnswer


def read_answer(payload: bytes, *, version: int) -> Answer:
    """The answer in `payload`.

    Raises MalformedMessage for bytes of another kind, for an answer without command or result code, for texts
    that are not UTF-8 and for impossible moments. Unknown result codes and unknown fields are no error.
    """
    response = parse_response(payload)
    if not response.HasField("command") or not response.result.HasField("result_code"):
        raise MalformedMessage("an answer carries a command and a result code")
    result = response.result
    ticket = response.ticket
    report = response.report
    return Answer(
        command=response.command,
        code=result.result_code,
        text=_text(result.result_text),
        sign=_text(ticket.ticket_number),
        qr=_text(ticket.qr_code),
        report_type=report.report if report.HasField("report") else None,
        report=read_report(report.zx_report) if report.HasField("zx_report") else None,
        service=_service(response.service, version) if response.HasField("service") else None,
    )


def _service(source: pb.ServiceResponse, version: int) -> ServiceAnswer:
    info = source.reg_info
    last = source.last_document_info
    taxation = source.binded_taxation
    return ServiceAnswer(
        registration=_registration(info, version) if source.HasField("reg_info") else None,
        pos=_pos(info.pos) if info.HasField("pos") else None,
        ofd=OfdCard(_text(info.ofd.title), _text(info.ofd.title_kz), _text(info.ofd.url))
        if info.HasField("ofd")
        else None,
        ads=tuple(Ad(ad.info.type, ad.info.version, _text(ad.text)) for ad in source.ticket_ads),
        taxation_type=taxation.taxation_type if taxation.HasField("taxation_type") else None,
        taxes=tuple(BoundTax(tax.tax_type, tax.percent // 10) for tax in taxation.taxes),
        last_shift_number=last.fr_shift_number if last.HasField("fr_shift_number") else None,
        last_document_number=last.printed_document_number
        if last.HasField("printed_document_number")
        else None,
    )


def _registration(info: pb.ServiceResponse.RegInfo, version: int) -> Registration:
    kkm, org = info.kkm, info.org
    return Registration(
        kgd_number=_text(kkm.fns_kkm_id),
        serial_number=_text(kkm.serial_number),
        kkm_id=_text(kkm.kkm_id),
        point_of_payment_number=_text(kkm.point_of_payment_number),
        terminal_number=_text(kkm.terminal_number),
        org_title=_text(org.title),
        org_address=_text(org.address),
        org_address_kz=_text(read_address_kz(org, version)),
        org_bin=_text(org.inn),
        org_oked=_text(org.okved),
        tenant_id=read_tenant_id(org, version),
    )


def _pos(pos: pb.PosRegInfo) -> PosPlace:
    return PosPlace(
        title=_text(pos.title),
        address=_text(pos.address),
        address_kz=_text(pos.address_kz),
        latitude_e4=pos.latitude if pos.HasField("latitude") else None,
        longitude_e4=pos.longitude if pos.HasField("longitude") else None,
    )


def _text(value: str | bytes) -> str:
    """A text field; the runtime hands out raw bytes when they are not UTF-8, which proto2 does not check."""
    if isinstance(value, str):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise MalformedMessage("a text is not UTF-8") from error
