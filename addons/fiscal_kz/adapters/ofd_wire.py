"""Our documents as requests of the OFD protocol and its answers as our values.

No decision and no arithmetic of law here.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from addons.fiscal_kz.adapters import ofd_goods
from addons.fiscal_kz.adapters import ofd_positions as positions
from addons.fiscal_kz.adapters.ofd_reports import counters_of, moment_ms, read_wire_report, wire_report
from addons.fiscal_kz.domain.bodies import CashBody, DeskBody, TicketBody
from addons.fiscal_kz.domain.card import KkmCard
from addons.fiscal_kz.domain.facts import Numbers
from addons.fiscal_kz.domain.goods import OfdGoods
from addons.fiscal_kz.domain.kinds import Means, Operation, Placement
from addons.fiscal_kz.domain.report import Report
from addons.fiscal_kz.domain.zones import wall_time
from addons.fiscal_kz.services.ports import InfoFacts
from protocols.ofd import build, codes, values
from protocols.ofd.answer import read_answer

OPERATIONS = {each: codes.Operation[each.value] for each in Operation}
PLACEMENTS = {each: codes.PlacementType[each.value] for each in Placement}


@lru_cache(maxsize=8192)
def service_of(card: KkmCard, *, asks_registration: bool = False) -> values.Service:
    """The service part of every request: registration data, and the position from 2.0.3 on (CPCR §3.10)."""
    geo = None
    if card.latitude_e4 is not None and card.longitude_e4 is not None:
        geo = values.Geo(card.latitude_e4, card.longitude_e4)
    registration = values.Registration(
        kgd_number=card.registration_number,
        serial_number=card.factory_number,
        kkm_id=card.kkm_id,
        point_of_payment_number=card.point_of_payment_number,
        terminal_number=card.terminal_number,
        org_title=card.org_title,
        org_address=card.org_address,
        org_address_kz=card.org_address_kk,
        org_bin=card.org_bin,
        org_oked=card.org_oked,
        tenant_id=card.tenant_id,
    )
    return values.Service(registration=registration, geo=geo, asks_registration=asks_registration)


class OfdWire:
    """Implements services.ports.Wire over protocols.ofd."""

    def ticket(self, body: TicketBody, numbers: Numbers, card: KkmCard, *, version: int) -> bytes:
        """A TICKET request; the offline number only when the numbers are marked."""
        parent = None
        if body.parent is not None:
            parent = values.Parent(
                sign=body.parent.sign,
                at=wall_time(body.parent.at_ms, card.zone),
                kgd_number=body.parent.registration_number,
                total=body.parent.total,
                is_offline=body.parent.is_offline,
            )
        pays_cash = any(means is Means.CASH for means, _ in body.payments)
        ticket = values.Ticket(
            operation=OPERATIONS[body.operation],
            at=wall_time(numbers.at_ms, card.zone),
            operator_code=body.operator_code,
            operator_name=body.operator_name,
            lines=positions.lines(body, version=version),
            payments=positions.payments(body),
            total=body.total,
            taken=body.taken if pays_cash else None,
            change=body.change if pays_cash else None,
            offline_number=numbers.offline_number if numbers.is_marked else None,
            shift_number=numbers.shift_number,
            shift_document_number=numbers.shift_document_number,
            document_number=numbers.document_number,
            parent=parent,
            customer_email=body.customer_email,
            customer_phone=body.customer_phone,
            customer_bin=body.customer_bin,
            domain=positions.domain(body, card.zone),
        )
        return build.build_ticket(ticket, service_of(card), version=version)

    def cash(self, body: CashBody, numbers: Numbers, card: KkmCard, *, version: int) -> bytes:
        """A MONEY_PLACEMENT request."""
        placement = values.Placement(
            operation=PLACEMENTS[body.placement],
            at=wall_time(numbers.at_ms, card.zone),
            sum=body.amount,
            operator_code=body.operator_code,
            operator_name=body.operator_name,
            is_offline=numbers.is_marked,
            shift_number=numbers.shift_number,
            document_number=numbers.document_number,
        )
        return build.build_placement(placement, service_of(card), version=version)

    def close_shift(
        self, body: DeskBody, numbers: Numbers, card: KkmCard, *, report: Report, version: int
    ) -> bytes:
        """A CLOSE_SHIFT request."""
        closing = values.Closing(
            at=wall_time(numbers.at_ms, card.zone),
            report=wire_report(report, card.zone),
            operator_code=body.operator_code,
            operator_name=body.operator_name,
            is_offline=numbers.is_marked,
            shift_number=numbers.shift_number,
            document_number=numbers.document_number,
            withdraws_cash=report.withdrawn > 0,
        )
        return build.build_close_shift(closing, service_of(card), version=version)

    def x_report(self, card: KkmCard, *, report: Report, version: int) -> bytes:
        """A REPORT request."""
        ask = values.ReportAsk(
            codes.ReportType.X, wall_time(report.at_ms, card.zone), wire_report(report, card.zone)
        )
        return build.build_report(ask, service_of(card), version=version)

    def info(self, card: KkmCard, *, version: int) -> bytes:
        """An INFO request."""
        return build.build_info(service_of(card, asks_registration=True), version=version)

    def system(self, card: KkmCard, *, version: int) -> bytes:
        """A SYSTEM request."""
        return build.build_system(service_of(card), version=version)

    def goods(self, card: KkmCard, *, loaded_version: int, barcode: str, version: int) -> bytes:
        """A NOMENCLATURE request."""
        return build.build_nomenclature(
            service_of(card), version=version, current_version=loaded_version, barcode=barcode
        )

    def read_goods(self, payload: bytes) -> OfdGoods | None:
        """Goods of the OFD."""
        return ofd_goods.read_goods(payload)

    def with_period(self, payload: bytes, period: tuple[int, int], card: KkmCard) -> bytes:
        """The request with a fresh offline period."""
        begin, end = period
        times = values.OfflinePeriod(wall_time(begin, card.zone), wall_time(end, card.zone))
        return build.with_offline_period(payload, times)

    def read_info(self, payload: bytes, card: KkmCard, *, version: int) -> InfoFacts:
        """Registration data and counters out of an INFO answer."""
        answer = read_answer(payload, version=version)
        service, report = answer.service, answer.report
        if service is not None and service.registration is not None:
            card = _registered(card, service.registration)
        is_open = answer.report_type == codes.ReportType.X
        opened = report.opened_at if report is not None and is_open else None
        last = None if service is None else service.last_document_number
        return InfoFacts(
            card=card,
            is_shift_open=is_open,
            shift_number=0 if report is None else report.shift_number,
            shift_opened_ms=None if opened is None else moment_ms(opened, card.zone),
            documents=last or 0,
            counters=counters_of(report, is_shift_open=is_open),
            told_ms=None if report is None else moment_ms(report.at, card.zone),
            notices=() if service is None else tuple((ad.type, ad.text) for ad in service.ads),
        )

    def read_refusal(self, payload: bytes, *, version: int) -> str:
        """The text beside the result code."""
        return read_answer(payload, version=version).text

    def read_report(self, payload: bytes, card: KkmCard, *, version: int) -> Report | None:
        """The server's report."""
        answer = read_answer(payload, version=version)
        if answer.report is None:
            return None
        is_z = answer.report_type == codes.ReportType.Z
        return read_wire_report(answer.report, card.zone, is_z=is_z)


def _registered(card: KkmCard, registration: values.Registration) -> KkmCard:
    return replace(
        card,
        registration_number=registration.kgd_number or card.registration_number,
        factory_number=registration.serial_number or card.factory_number,
        kkm_id=registration.kkm_id or card.kkm_id,
        org_title=registration.org_title or card.org_title,
        org_address=registration.org_address or card.org_address,
        org_address_kk=registration.org_address_kz or card.org_address_kk,
        org_bin=registration.org_bin or card.org_bin,
        org_oked=registration.org_oked or card.org_oked,
        point_of_payment_number=registration.point_of_payment_number or card.point_of_payment_number,
        terminal_number=registration.terminal_number or card.terminal_number,
        tenant_id=card.tenant_id if registration.tenant_id is None else registration.tenant_id,
    )
