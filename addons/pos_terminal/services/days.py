"""To which banking day an approved operation belongs, and until when it may be taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import orjson

from addons.pos_terminal.domain.banking_day import VoidWindow, banking_day, day_of_host, void_until_ms
from addons.pos_terminal.domain.payment import PaymentMethod, Tender
from addons.pos_terminal.domain.terminal import QrAs, TerminalTerms
from addons.pos_terminal.services.payment_record import PaymentRecord
from addons.pos_terminal.services.terminal_card import terminal_terms

if TYPE_CHECKING:
    from kernel.data.work import Reader

VOID_WINDOW = "void_window"  # option of a contract; see VoidWindow

_OPTIONS = "SELECT options FROM pos_contract WHERE id = ? AND company_id = ?"


async def dated(reader: Reader, record: PaymentRecord) -> PaymentRecord:
    """The operation with its day, by the terms that held when it was sent.

    The host decides: by the day it named (DE15), else by its clock, else by ours. Where its clock is ahead of
    ours, the cut-off comes earlier by as much.
    """
    sent_ms, facts = record.payment.sent_ms, record.facts
    terms = await terminal_terms(reader, record.terminal_id, at_ms=sent_ms)
    day = day_of_host(facts.host_day, sent_ms, terms.zone)
    if day is None:
        day = banking_day(facts.host_ms or sent_ms, terms.zone, terms.cut_off_minute)
    until_ms = await _undo_until_ms(reader, record, terms, day)
    tender = tender_of(record.method, terms)  # the buyer may have chosen another way than was asked for
    return replace(record, banking_day=day.isoformat(), undo_until_ms=until_ms, tender=tender)


def tender_of(method: PaymentMethod, terms: TerminalTerms) -> Tender:
    """Which payment of a receipt it is, as the contract says of QR payments."""
    is_mobile = method is PaymentMethod.QR and terms.qr_as is QrAs.MOBILE
    return Tender.MOBILE if is_mobile else Tender.CARD


async def _undo_until_ms(reader: Reader, record: PaymentRecord, terms: TerminalTerms, day: date) -> int:
    row = await reader.row(_OPTIONS, record.contract_id, reader.company_id)
    options = {} if row is None else orjson.loads(row["options"])
    is_calendar = options.get(VOID_WINDOW) == VoidWindow.CALENDAR_DAY
    until_ms = void_until_ms(
        day=day,
        sent_ms=record.payment.sent_ms,
        zone=terms.zone,
        cut_off_minute=terms.cut_off_minute,
        window=VoidWindow.CALENDAR_DAY if is_calendar else VoidWindow.BANKING_DAY,
    )
    host_ms = record.facts.host_ms
    return until_ms if host_ms is None else until_ms - max(0, host_ms - reader.now_ms)
