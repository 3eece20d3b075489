"""Making a document a fact of its register: shift, counters and document numbers move together, exactly
once per document.
"""

from __future__ import annotations

from addons.fiscal_kz.domain.counters import Counters, with_cash, with_shift_closed, with_ticket
from addons.fiscal_kz.domain.effects import Effect, ShiftClosed, ShiftOpened
from addons.fiscal_kz.domain.facts import CashFacts, Document, Numbers
from addons.fiscal_kz.domain.kinds import DocumentKind, Placement
from addons.fiscal_kz.domain.report import Report, report_of
from addons.fiscal_kz.domain.state import State


def z_report_of(state: State, document: Document, numbers: Numbers) -> Report | None:
    """The Z report that a shift close carries, from counters before it is counted; None for other
    documents. Cash that the close takes out is in it already.
    """
    if document.kind is not DocumentKind.CLOSE:
        return None
    withdrawn = withdrawn_by(state.counters, document)
    if withdrawn:
        counters = with_drawer_emptied(state.counters, withdrawn, is_offline=numbers.is_marked)
        state = state._replace(counters=counters)
    return report_of(state, at_ms=numbers.at_ms, is_z=True, withdrawn=withdrawn)


def withdrawn_by(counters: Counters, document: Document) -> int:
    """Cash that a shift close takes out inside the closing shift, as the OFD does by itself (ofd_protocol
    §1.8). An empty drawer makes no cash operation, nor does a sum that no counter can hold.
    """
    if not document.withdraws_cash or not counters.can_empty_drawer:
        return 0
    return counters.drawer


def with_drawer_emptied(counters: Counters, withdrawn: int, *, is_offline: bool) -> Counters:
    """One withdrawal more, made by the close itself."""
    return with_cash(counters, CashFacts(Placement.WITHDRAWAL, withdrawn), is_offline=is_offline)


def count(state: State, document: Document, numbers: Numbers) -> tuple[State, tuple[Effect, ...]]:
    """Count the document. A ticket or cash operation opens the shift when it is closed (CPCR 2.0.2 §3.6)."""
    assert document.kind.is_fiscal
    assert numbers.document_number == state.documents + 1  # numbers have no gap and no repeat
    if document.kind is DocumentKind.CLOSE:
        return _count_close(state, document, numbers)
    effects: tuple[Effect, ...] = ()
    if state.shift_opened_ms is None:
        effects = (ShiftOpened(numbers.shift_number, numbers.at_ms),)
    counters = state.counters
    if document.ticket is not None:
        counters = with_ticket(counters, document.ticket, is_offline=numbers.is_marked)
    if document.cash is not None:
        counters = with_cash(counters, document.cash, is_offline=numbers.is_marked)
    counted = state._replace(
        counters=counters,
        documents=numbers.document_number,
        shift_number=numbers.shift_number,
        shift_opened_ms=numbers.at_ms if state.shift_opened_ms is None else state.shift_opened_ms,
        shift_documents=numbers.shift_document_number,
        last_document_ms=numbers.at_ms,
    )
    return counted, effects


def _count_close(state: State, document: Document, numbers: Numbers) -> tuple[State, tuple[Effect, ...]]:
    report = z_report_of(state, document, numbers)
    assert report is not None
    counters = state.counters
    if report.withdrawn:
        counters = with_drawer_emptied(counters, report.withdrawn, is_offline=numbers.is_marked)
    closed = state._replace(
        counters=with_shift_closed(counters),
        documents=numbers.document_number,
        shift_opened_ms=None,
        is_shift_expired=False,
        shift_documents=0,
        last_document_ms=numbers.at_ms,
    )
    return closed, (ShiftClosed(numbers.shift_number, numbers.at_ms, report),)
