"""Response bytes of the tax side: results, ticket answers, reports, registration data, the QR link."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from protocols.ofd import ofd_pb2 as pb
from simulators.ofd.ledger import Account
from simulators.ofd.reports import write_empty_report, write_report
from simulators.ofd.settings import RegisterData

WELCOME = "Чектеріңізді тексеріңіз. Проверяйте свои чеки."
BLOCKED_TEXT = "Касса заблокирована. Обратитесь к оператору фискальных данных. / Касса бұғатталған."


@lru_cache(maxsize=256)
def plain(command: int, code: int, text: str = "") -> bytes:
    """An answer that is only a result; for code 15 with the text to show (CPCR 2.0.2 §5.4.1)."""
    response = pb.Response()
    response.command = command  # type: ignore[assignment]
    response.result.result_code = code
    if text:
        response.result.result_text = text
    if code == 15:
        ad = response.service.ticket_ads.add(text=BLOCKED_TEXT)
        ad.info.type = pb.AD_INFO
        ad.info.version = 1
    return response.SerializeToString()


def ticket(sign: str, url: str) -> bytes:
    """An accepted ticket: its fiscal sign and check link."""
    response = pb.Response()
    response.command = pb.COMMAND_TICKET
    response.result.result_code = 0
    response.ticket.ticket_number = sign
    response.ticket.qr_code = url.encode()
    return response.SerializeToString()


def report(command: int, kind: int, account: Account, at: datetime) -> bytes:
    """X of the open shift, or the last Z as it was closed."""
    response = pb.Response()
    response.command = command  # type: ignore[assignment]
    response.result.result_code = 0
    fill_report(response.report, kind, account, at)
    return response.SerializeToString()


def close(z_report: pb.ZXReport) -> bytes:
    """An accepted close: the server's Z."""
    response = pb.Response()
    response.command = pb.COMMAND_CLOSE_SHIFT
    response.result.result_code = 0
    response.report.report = pb.REPORT_Z
    response.report.zx_report.CopyFrom(z_report)
    return response.SerializeToString()


def info(account: Account, request: pb.ServiceRequest, version: int, ofd: tuple[str, str]) -> bytes:
    """Counters (X if a shift is open, else the last Z) and what the cabinet knows of the register."""
    response = pb.Response()
    response.command = pb.COMMAND_INFO
    response.result.result_code = 0
    kind = pb.REPORT_X if account.is_shift_open else pb.REPORT_Z
    fill_report(response.report, kind, account, account.last_at)
    fill_registration(response.service.reg_info, account, version, ofd)
    known = {(ad.type, ad.version) for ad in request.ticket_ad_infos}
    if (pb.AD_OFD, 1) not in known:
        ad = response.service.ticket_ads.add(text=WELCOME)
        ad.info.type = pb.AD_OFD
        ad.info.version = 1
    if request.get_binded_taxation:
        taxation = response.service.binded_taxation
        taxation.taxation_type = account.data.taxation_type
        for percent in account.data.vat_percents:
            taxation.taxes.add(tax_type=100, percent=percent)
    if account.shift_number:
        last = response.service.last_document_info
        last.fr_shift_number = account.shift_number
        document = account.last_document
        last.printed_document_number = document.number if document is not None else 0
    return response.SerializeToString()


def fill_report(target: pb.ReportResponse, kind: int, account: Account, at: datetime) -> None:
    if kind == pb.REPORT_X and account.is_shift_open:
        target.report = pb.REPORT_X
        write_report(target.zx_report, account, at=at)
    elif account.last_z:
        target.report = pb.REPORT_Z
        target.zx_report.ParseFromString(account.last_z)
    else:
        target.report = pb.REPORT_Z
        write_empty_report(target.zx_report, account)


def fill_registration(
    target: pb.ServiceResponse.RegInfo, account: Account, version: int, ofd: tuple[str, str]
) -> None:
    data = account.data
    kkm = target.kkm
    kkm.point_of_payment_number = "1"
    kkm.terminal_number = "1"
    kkm.fns_kkm_id = data.kgd_number
    kkm.serial_number = data.serial_number
    kkm.kkm_id = str(account.ofd_id)
    pos = target.pos
    pos.title = data.pos_title
    pos.address = data.address
    if version >= 203:
        pos.address_kz = data.address_kz
        pos.latitude = data.latitude_e4
        pos.longitude = data.longitude_e4
    org = target.org
    org.title = data.org_title
    org.address = data.address
    org.inn = data.org_bin
    org.okved = data.org_oked
    if version >= 203:
        org.address_kz = data.address_kz
    else:
        org.MergeFromString(b"\x30" + _varint(data.tenant_id))  # field 6 is a number there
    if version == 203:
        org.tenant_id = data.tenant_id
    if version >= 204:
        title, url = ofd
        target.ofd.title = title
        target.ofd.title_kz = title
        target.ofd.url = url


def check_link(site: str, data: RegisterData, sign: str, total: int, at: datetime) -> str:
    """The link behind a receipt's QR (mask of the check sites: i, f, s, t)."""
    moment = f"{at.year:04}{at.month:02}{at.day:02}T{at.hour:02}{at.minute:02}{at.second:02}"
    return f"{site}?i={sign}&f={data.kgd_number}&s={total // 100}.{total % 100:02}&t={moment}"


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
