"""Whether an operation may begin at a terminal now: asked when it is begun, and again before it leaves."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from addons.pos_terminal.domain.payment import OperationKind, PaymentMethod
from addons.pos_terminal.domain.terminal import TerminalState, TerminalTerms
from addons.pos_terminal.services import payment_rows as rows
from addons.pos_terminal.settings import AcquiringSettings
from kernel.errors import Refusal
from kernel.money import TIYN_PER_TENGE, Money

if TYPE_CHECKING:
    from addons.pos_terminal.domain.driver import Capabilities
    from addons.pos_terminal.services.payment_record import PaymentRecord
    from kernel.data.work import Reader


def check_terminal(reader: Reader, terms: TerminalTerms, can: Capabilities) -> None:
    """The terminal works, and its keys are there and young enough.

    Raises Refusal: TERMINAL_BLOCKED, TERMINAL_KEYS_NEEDED, TERMINAL_NOT_READY, TERMINAL_KEYS_OLD.
    """
    if terms.state is TerminalState.BLOCKED:
        raise Refusal("TERMINAL_BLOCKED", field="terminalId", title=terms.title)
    if can.needs_keys and terms.keys_loaded_ms is None:
        raise Refusal("TERMINAL_KEYS_NEEDED", field="terminalId", title=terms.title)
    if terms.state is not TerminalState.ACTIVE:
        raise Refusal("TERMINAL_NOT_READY", field="terminalId", title=terms.title)
    age_ms = reader.settings(AcquiringSettings).key_age_ms // timedelta(milliseconds=1)
    if can.needs_keys and reader.now_ms - (terms.keys_loaded_ms or 0) > age_ms:
        raise Refusal("TERMINAL_KEYS_OLD", field="terminalId", title=terms.title)


def check_amount(amount: Money, can: Capabilities) -> None:
    """A sum the terminal can take. Raises Refusal: CARD_AMOUNT_NOT_POSITIVE, TERMINAL_WHOLE_TENGE with the
    nearest sums it takes.
    """
    if amount.tiyn <= 0:
        raise Refusal("CARD_AMOUNT_NOT_POSITIVE", field="amount")
    odd = amount.tiyn % TIYN_PER_TENGE
    if can.is_whole_tenge and odd:
        lower = Money(amount.tiyn - odd)
        upper = Money(lower.tiyn + TIYN_PER_TENGE)
        raise Refusal("TERMINAL_WHOLE_TENGE", field="amount", lower=str(lower), upper=str(upper))


def check_method(method: PaymentMethod, can: Capabilities) -> None:
    """Raises Refusal("TERMINAL_NO_QR")."""
    if method is PaymentMethod.QR and not can.has_qr:
        raise Refusal("TERMINAL_NO_QR", field="method")


async def check_reversals(reader: Reader, terminal_id: str) -> None:
    """No purchase before an unanswered reversal of the same terminal, where the company wants it so.

    Raises Refusal("TERMINAL_REVERSAL_PENDING").
    """
    is_first = reader.settings(AcquiringSettings).reversal_first
    if is_first and await rows.is_reversal_pending(reader, terminal_id):
        raise Refusal("TERMINAL_REVERSAL_PENDING", field="terminalId")


def check_cut_off(reader: Reader, purchase: PaymentRecord, terms: TerminalTerms, kind: OperationKind) -> None:
    """Raises Refusal: VOID_AFTER_CUT_OFF, REFUND_AFTER_CUT_OFF."""
    assert purchase.undo_until_ms is not None, "approved"
    if reader.now_ms >= purchase.undo_until_ms:
        code = "VOID_AFTER_CUT_OFF" if kind is OperationKind.VOID else "REFUND_AFTER_CUT_OFF"
        hour, minute = divmod(terms.cut_off_minute, 60)
        raise Refusal(code, field="operationId", cut_off=f"{hour:02d}:{minute:02d}")
