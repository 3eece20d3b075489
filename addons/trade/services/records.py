"""A stored ticket as trade's own code sees it, read back from one row. Writing is in rows.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import orjson

from addons.organization.api import OperatorCard, RegisterCard
from addons.trade.domain.commands import NOBODY, CashId, Customer, SaleId
from addons.trade.domain.details import TicketDetails
from addons.trade.domain.kinds import CashDirection, FiscalState, PaymentKind, SaleKind
from addons.trade.domain.ticket import TicketLine, TicketPayment
from addons.trade.ports import (
    CashFiscalFacts,
    SaleFiscalFacts,
    ShiftOperation,
    ShiftSummaryFacts,
    TicketOrder,
)
from addons.trade.services.details_text import read_details
from kernel.money import Money
from kernel.quantity import Quantity
from kernel.values import value

HEADERS_KEPT = 2048  # a till with its cashier has one
NOTHING_RETURNED: Mapping[PaymentKind, Money] = MappingProxyType(dict.fromkeys(PaymentKind, Money.ZERO))


@value
class Header:
    """Names and addresses at the moment of sale: a receipt never changes when a company moves."""

    company_title: str
    company_title_kk: str
    company_bin: str
    is_vat_payer: bool
    outlet_title: str
    address: str
    address_kk: str
    zone: str
    register_number: int
    register_title: str
    operator_code: int
    operator_name: str
    customer: Customer = NOBODY

    @classmethod
    def from_json(cls, text: str) -> Header:
        """Back from the row."""
        fields = orjson.loads(text)
        return cls(**{**fields, "customer": Customer(**fields["customer"])})

    def to_json(self) -> str:
        """As kept in the row."""
        return orjson.dumps(self).decode()


def header_of(order: TicketOrder) -> tuple[Header, str]:
    """The header of a ticket that is being sold now, and its text."""
    header, text = _header(order.register, order.operator)
    if order.customer_bin is None and order.customer_email is None and order.customer_phone is None:
        return header, text
    customer = Customer(order.customer_bin, order.customer_email, order.customer_phone)
    header = replace(header, customer=customer)
    return header, header.to_json()


@lru_cache(maxsize=HEADERS_KEPT)
def _header(register: RegisterCard, operator: OperatorCard) -> tuple[Header, str]:
    """For nobody in particular, as most tickets are. Equal cards give an equal header, so none is stale."""
    company, outlet = register.company, register.outlet
    header = Header(
        company_title=company.title,
        company_title_kk=company.title_kk,
        company_bin=company.bin,
        is_vat_payer=company.is_vat_payer,
        outlet_title=outlet.title,
        address=outlet.address,
        address_kk=outlet.address_kk,
        zone=outlet.zone,
        register_number=register.number,
        register_title=register.title,
        operator_code=operator.code,
        operator_name=operator.name,
    )
    return header, header.to_json()


@value
class SaleRecord:
    """A ticket of any kind with its fiscal facts; lines are read apart, when somebody wants them."""

    id: SaleId
    company_id: str
    sale_key: str
    body_digest: str
    kind: SaleKind
    register_id: str
    operator_id: str
    created_ms: int
    total: Money
    discount: Money
    markup: Money
    vat: Money
    taken: Money
    change: Money
    payments: tuple[TicketPayment, ...]
    returned: Mapping[PaymentKind, Money]  # what went back already, by kind
    original_id: SaleId | None
    receipt_secret: str
    header: Header
    fiscal: SaleFiscalFacts
    details: TicketDetails | None = None

    @property
    def returned_total(self) -> Money:
        """Sum of what went back already."""
        return Money(sum(each.tiyn for each in self.returned.values()))


def sale_record(row: Mapping[str, Any]) -> SaleRecord:
    """The record of a row selected with rows.SALE_COLUMNS."""
    amounts = {kind: Money(row[kind.value.lower()]) for kind in PaymentKind}
    sale_id = SaleId(row["id"])
    return SaleRecord(
        id=sale_id,
        company_id=row["company_id"],
        sale_key=row["sale_key"],
        body_digest=row["body_digest"],
        kind=SaleKind(row["kind"]),
        register_id=row["register_id"],
        operator_id=row["operator_id"],
        created_ms=row["created_at"],
        total=Money(row["total"]),
        discount=Money(row["discount"]),
        markup=Money(row["markup"]),
        vat=Money(row["vat"]),
        taken=Money(row["taken"]),
        change=Money(row["change_back"]),
        payments=tuple(TicketPayment(kind, amount) for kind, amount in amounts.items() if amount),
        returned={kind: Money(row[f"returned_{kind.value.lower()}"]) for kind in PaymentKind},
        original_id=None if row["original_id"] is None else SaleId(row["original_id"]),
        receipt_secret=row["receipt_secret"],
        header=Header.from_json(row["header"]),
        fiscal=sale_fiscal(sale_id, row),
        details=None if row["details"] is None else read_details(row["details"]),
    )


def sale_fiscal(sale_id: SaleId, row: Mapping[str, Any]) -> SaleFiscalFacts:
    """The fiscal facts of a row selected with rows.FISCAL_COLUMNS."""
    return SaleFiscalFacts(
        sale_id=sale_id,
        state=FiscalState(row["state"]),
        sign=row["sign"],
        offline_number=row["offline_number"],
        is_offline=bool(row["is_offline"]),
        at_ms=row["ticket_at"] or 0,
        kkm_registration_number=row["kkm_registration_number"],
        kkm_factory_number=row["kkm_factory_number"],
        shift_number=row["shift_number"],
        document_number=row["document_number"],
        qr_text=row["qr_text"],
        ofd_title=row["ofd_title"],
        ofd_site=row["ofd_site"],
        code=row["rejection_code"],
        is_test=bool(row["is_test"]),
    )


def new_record(
    order: TicketOrder,
    vat: Money,
    body_digest: str,
    receipt_secret: str,
    header: Header,
    fiscal: SaleFiscalFacts,
) -> SaleRecord:
    """The record of a ticket that was stored a moment ago."""
    return SaleRecord(
        id=order.sale_id,
        company_id=order.company_id,
        sale_key=order.sale_key,
        body_digest=body_digest,
        kind=order.kind,
        register_id=order.register.id,
        operator_id=order.operator.id,
        created_ms=order.created_ms,
        total=order.total,
        discount=order.discount,
        markup=order.markup,
        vat=vat,
        taken=order.taken,
        change=order.change,
        payments=order.payments,
        returned=NOTHING_RETURNED,
        original_id=None if order.original is None else order.original.sale_id,
        receipt_secret=receipt_secret,
        header=header,
        fiscal=fiscal,
        details=order.details,
    )


@value
class StoredLine:
    """A line of a stored ticket with what came back of it."""

    line: TicketLine
    returned: Quantity
    returned_marks: tuple[str, ...] = ()


def stored_line(row: Mapping[str, Any]) -> StoredLine:
    """The line of a row selected with rows.LINE_COLUMNS."""
    line = TicketLine(
        position=row["position"],
        product_id=row["product_id"],
        name=row["name"],
        section=row["section"],
        quantity=Quantity(row["quantity"]),
        price=Money(row["price"]),
        sum=Money(row["amount"]),
        discount=Money(row["discount"]),
        markup=Money(row["markup"]),
        total=Money(row["total"]),
        vat_bp=row["vat_bp"],
        vat=Money(row["vat"]),
        unit_code=row["unit_code"],
        barcode=row["barcode"],
        ntin=row["ntin"],
        marks=tuple(orjson.loads(row["marks"])) if row["marks"] else (),
        unit_name=row["unit_name"],
        shared_discount=Money(row["shared_discount"]),
        shared_markup=Money(row["shared_markup"]),
        original_position=row["original_position"],
        label=row["label"] or "",
        warehouse_id=row["warehouse_id"] or "",
    )
    returned_marks = tuple(orjson.loads(row["returned_marks"])) if row["returned_marks"] else ()
    return StoredLine(line, Quantity(row["returned"]), returned_marks)


@value
class CashRecord:
    """A stored cash operation."""

    id: CashId
    cash_key: str
    direction: CashDirection
    register_id: str
    operator_id: str
    created_ms: int
    amount: Money
    fiscal: CashFiscalFacts


def cash_record(row: Mapping[str, Any]) -> CashRecord:
    """The record of a row selected with rows.CASH_COLUMNS."""
    cash_id = CashId(row["id"])
    return CashRecord(
        id=cash_id,
        cash_key=row["cash_key"],
        direction=CashDirection(row["direction"]),
        register_id=row["register_id"],
        operator_id=row["operator_id"],
        created_ms=row["created_at"],
        amount=Money(row["amount"]),
        fiscal=CashFiscalFacts(
            cash_id=cash_id,
            state=FiscalState(row["state"]),
            is_offline=bool(row["is_offline"]),
            at_ms=row["ticket_at"] or 0,
            kkm_registration_number=row["kkm_registration_number"],
            shift_number=row["shift_number"],
            document_number=row["document_number"],
            offline_number=row["offline_number"],
            code=row["rejection_code"],
            is_test=bool(row["is_test"]),
        ),
    )


@dataclass(frozen=True, slots=True)
class ShiftRecord:
    """A stored summary of a shift."""

    facts: ShiftSummaryFacts


def shift_record(row: Mapping[str, Any]) -> ShiftRecord:
    """The record of a row selected with rows.SHIFT_COLUMNS."""
    return ShiftRecord(
        ShiftSummaryFacts(
            shift_id=row["id"],
            register_id=row["register_id"],
            company_id=row["company_id"],
            number=row["number"],
            opened_ms=row["opened_at"],
            closed_ms=row["closed_at"],
            closed_by=row["closed_by"],
            kkm_registration_number=row["kkm_registration_number"],
            documents=row["documents"],
            offline_documents=row["offline_documents"],
            deposits=Money(row["deposits"]),
            withdrawals=Money(row["withdrawals"]),
            drawer=Money(row["drawer"]),
            operations=tuple(_shift_operation(each) for each in orjson.loads(row["operations"])),
            is_test=bool(row["is_test"]),
            withdrawn_at_close=Money(row["withdrawn_at_close"]),
        )
    )


def _shift_operation(plain: Mapping[str, Any]) -> ShiftOperation:
    sums = {name: Money(value) for name, value in plain.items() if name not in ("kind", "count")}
    return ShiftOperation(SaleKind(plain["kind"]), plain["count"], **sums)
