"""Flat values a request is built from and an answer is read into; none of them checks a business rule.

Money is tiyn, quantity thousandths, rates basis points. NamedTuples: immutable, hashable, cheap to make.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class Vat(NamedTuple):
    """One tax entry. "Without VAT" is no entry at all; 0 % is an entry with bp = 0."""

    bp: int
    sum: int
    is_inside: bool = True


class Line(NamedTuple):
    """One commodity and its own discount or markup, which travel as items of their own right after it.

    `sum` is price × quantity before modifiers. `vat` belongs to `sum`, `discount_vat` and `markup_vat` to the
    modifiers: the tax of the line is vat − discount_vat + markup_vat. All sums are with their tax; where it
    is not inside the price (is_vat_inside False), `sum` is price × quantity and the tax on top.
    """

    name: str
    section: str
    quantity: int
    price: int
    sum: int
    unit_code: str
    vat_bp: int | None = None
    vat: int = 0
    discount: int = 0
    discount_vat: int = 0
    discount_name: str = "Скидка"
    markup: int = 0
    markup_vat: int = 0
    markup_name: str = "Наценка"
    barcode: str = ""
    ntin: str = ""
    marks: tuple[str, ...] = ()
    physical_label: str = ""
    product_id: str = ""
    is_storno: bool = False
    commodity_type: int | None = None
    is_vat_inside: bool = True


class Modifier(NamedTuple):
    """Discount or markup of the whole ticket."""

    name: str
    sum: int
    taxes: tuple[Vat, ...] = ()


class CardDetails(NamedTuple):
    """Since 2.0.3."""

    terminal_id: str = ""
    card_type: str = ""
    authorization_code: int | None = None
    rrn: int | None = None
    receipt_number: int | None = None


class MobileDetails(NamedTuple):
    """Since 2.0.3."""

    qr_type: str = ""
    qr_id: str = ""


class Payment(NamedTuple):
    """`type` is codes.PaymentType; the cash sum is what stays in the drawer (taken − change)."""

    type: int
    sum: int
    card: CardDetails | None = None
    mobile: MobileDetails | None = None


class Domain(NamedTuple):
    """`type` is codes.DomainType; which of the rest is wanted depends on it."""

    type: int = 0
    account_number: str = ""
    correction_number: str = ""
    correction_sum: int | None = None
    card_number: str = ""
    car_number: str = ""
    is_order: bool = False
    current_fee: int = 0
    parking_begin: datetime | None = None
    parking_end: datetime | None = None


TRADING = Domain()


class Parent(NamedTuple):
    """The original ticket of a return (from 2.0.3); the KGD number is of the register that issued it."""

    sign: str
    at: datetime
    kgd_number: str
    total: int
    is_offline: bool


class Ticket(NamedTuple):
    """A fiscal ticket; `operation` is codes.Operation, `at` the device's local time without a zone."""

    operation: int
    at: datetime
    operator_code: int
    lines: tuple[Line, ...]
    payments: tuple[Payment, ...]
    total: int
    operator_name: str = ""
    taken: int | None = None
    change: int | None = None
    discount: Modifier | None = None
    markup: Modifier | None = None
    taxes: tuple[Vat, ...] = ()
    domain: Domain = TRADING
    offline_number: int | None = None
    shift_number: int | None = None
    shift_document_number: int | None = None
    document_number: int | None = None
    parent: Parent | None = None
    customer_email: str = ""
    customer_phone: str = ""
    customer_bin: str = ""
    printed_ticket: str = ""


class Placement(NamedTuple):
    """Cash in or out; `operation` is codes.PlacementType."""

    operation: int
    at: datetime
    sum: int
    operator_code: int
    operator_name: str = ""
    is_offline: bool = False
    shift_number: int | None = None
    document_number: int | None = None


class OperationRow(NamedTuple):
    operation: int
    times: int
    sum: int


class SectionRow(NamedTuple):
    code: str
    operations: tuple[OperationRow, ...]


class TaxTurnover(NamedTuple):
    operation: int
    turnover: int
    sum: int
    turnover_without_tax: int


class TaxRow(NamedTuple):
    bp: int
    operations: tuple[TaxTurnover, ...]
    type: int = 100


class PaymentRow(NamedTuple):
    type: int
    sum: int
    times: int


class TicketRow(NamedTuple):
    """`total_count` runs since registration, `shift_count` since the shift opened."""

    operation: int
    total_count: int
    shift_count: int
    sum: int
    payments: tuple[PaymentRow, ...] = ()
    offline_count: int = 0
    discount: int = 0
    markup: int = 0
    change: int = 0


class PlacementRow(NamedTuple):
    operation: int
    total_count: int
    shift_count: int
    sum: int
    offline_count: int = 0


class SumRow(NamedTuple):
    """A non-nullable sum: one per operation type, growing since registration."""

    operation: int
    sum: int


class Report(NamedTuple):
    """X or Z as counted by the register or by the server. An absent row means zero; `revenue` is signed."""

    at: datetime
    shift_number: int
    cash: int
    revenue: int
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    sections: tuple[SectionRow, ...] = ()
    operations: tuple[OperationRow, ...] = ()
    discounts: tuple[OperationRow, ...] = ()
    markups: tuple[OperationRow, ...] = ()
    totals: tuple[OperationRow, ...] = ()
    taxes: tuple[TaxRow, ...] = ()
    start_sums: tuple[SumRow, ...] = ()
    sums: tuple[SumRow, ...] = ()
    tickets: tuple[TicketRow, ...] = ()
    placements: tuple[PlacementRow, ...] = ()
    checksum: str = ""


class Closing(NamedTuple):
    """Closing of a shift with the device's own Z."""

    at: datetime
    report: Report
    operator_code: int
    operator_name: str = ""
    is_offline: bool = False
    shift_number: int | None = None
    withdraws_cash: bool = False
    document_number: int | None = None


class ReportAsk(NamedTuple):
    """Request of an X report (or the last Z) with the device's own counts; `type` is codes.ReportType."""

    type: int
    at: datetime
    report: Report
    is_offline: bool = False


class Registration(NamedTuple):
    """What register and OFD tell each other about the register and its owner. Empty texts are not sent."""

    kgd_number: str = ""
    serial_number: str = ""
    kkm_id: str = ""
    point_of_payment_number: str = ""
    terminal_number: str = ""
    org_title: str = ""
    org_address: str = ""
    org_address_kz: str = ""
    org_bin: str = ""
    org_oked: str = ""
    tenant_id: int | None = None


class Geo(NamedTuple):
    """Position in 1/10000 degree; sent from 2.0.3, where documents must carry it."""

    latitude_e4: int
    longitude_e4: int
    source: str = "manual"


class OfflinePeriod(NamedTuple):
    begin: datetime
    end: datetime


class Module(NamedTuple):
    name: str
    version: str
    build_info: str = ""


class Software(NamedTuple):
    modules: tuple[Module, ...]
    hardware_arch: str = ""
    os_family: str = ""
    os_version: str = ""
    runtime_version: str = ""
    partner_id: int | None = None


class KnownAd(NamedTuple):
    """The version of an advertising text the register already has; `type` is codes.AdType."""

    type: int
    version: int


class Service(NamedTuple):
    """The service part that accompanies a request."""

    registration: Registration | None = None
    geo: Geo | None = None
    offline_period: OfflinePeriod | None = None
    software: Software | None = None
    known_ads: tuple[KnownAd, ...] = ()
    asks_registration: bool = False
    asks_taxation: bool = False


NO_SERVICE = Service()


class Ad(NamedTuple):
    type: int
    version: int
    text: str


class PosPlace(NamedTuple):
    """Where the OFD believes the register stands."""

    title: str
    address: str
    address_kz: str
    latitude_e4: int | None
    longitude_e4: int | None


class OfdCard(NamedTuple):
    """Since 2.0.4."""

    title: str
    title_kz: str
    url: str


class BoundTax(NamedTuple):
    type: int
    bp: int


class ServiceAnswer(NamedTuple):
    registration: Registration | None
    pos: PosPlace | None
    ofd: OfdCard | None
    ads: tuple[Ad, ...]
    taxation_type: int | None
    taxes: tuple[BoundTax, ...]
    last_shift_number: int | None
    last_document_number: int | None


class Answer(NamedTuple):
    """What the OFD said. `sign` and `qr` are empty unless a ticket was fiscalized."""

    command: int
    code: int
    text: str
    sign: str
    qr: str
    report_type: int | None
    report: Report | None
    service: ServiceAnswer | None
