"""Numbers a register gives away: request numbers, document numbers, offline numbers."""

from __future__ import annotations

from addons.fiscal_kz.domain.facts import Document, Numbers
from addons.fiscal_kz.domain.state import State

REQNUM_MAX = 65_535
OFFLINE_NUMBER_MAX = 2**31 - 1
# Seconds are counted from 2024-01-01 UTC, so 31 bits last until 2092 and a number is never used again even if
# our memory of the last one is lost: a register makes fewer than one ticket a second on average.
_EPOCH_S = 1_704_067_200


def next_reqnum(reqnum: int) -> int:
    """Request number that follows; after 65535 comes 0 (CPCR 2.0.2 §2.2)."""
    return 0 if reqnum >= REQNUM_MAX else reqnum + 1


def next_offline_number(last: int, now_ms: int) -> int:
    """A 31-bit number above every earlier one of this register.

    Source: CPCR 2.0.2 §5.2 (unixtime), order 626 (unique for life).
    """
    number = max(last + 1, now_ms // 1000 - _EPOCH_S, 1)
    assert number <= OFFLINE_NUMBER_MAX
    return number


def next_numbers(state: State, document: Document) -> Numbers:
    """Numbers the document would get now. Time never runs back behind the last document."""
    return Numbers(
        shift_number=state.shift_number if state.is_shift_open else state.shift_number + 1,
        document_number=state.documents + 1,
        shift_document_number=state.shift_documents + 1 if state.is_shift_open else 1,
        at_ms=max(document.created_ms, state.last_document_ms),
    )
