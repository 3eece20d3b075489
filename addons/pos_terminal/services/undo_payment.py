"""Take money back on the card it came from: a void (whole) or a refund (all or a part), until the cut-off.

Each is an operation of its own, with its own key, at the terminal of the purchase.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from addons.pos_terminal.domain.payment import FiscalSide, OperationKind, Payment, PaymentState
from addons.pos_terminal.services import payment_rows as rows
from addons.pos_terminal.services.payment_record import PaymentRecord
from addons.pos_terminal.services.payment_step import driver_of, lane_key
from addons.pos_terminal.services.start_payment import (
    Begun,
    begin,
    digest_of,
    free_terminal,
    known_operation,
    new_record,
)
from addons.pos_terminal.services.terminal_card import terminal_terms
from addons.pos_terminal.services.terminal_gate import check_amount, check_cut_off, check_terminal
from kernel.errors import Refusal
from kernel.money import Money
from kernel.security.principal import PrincipalKind

if TYPE_CHECKING:
    from addons.pos_terminal.domain.driver import Capabilities
    from addons.pos_terminal.domain.terminal import TerminalTerms
    from kernel.data.work import Reader, Work

GIVE_BACK = "pos_terminal.refund"  # the right to return money
_UNDOING = "SELECT id FROM pos_payment WHERE busy_original_id = ? AND company_id = ?"
_GONE = frozenset({PaymentState.VOIDED, PaymentState.REFUNDED})


@dataclass(frozen=True, slots=True)
class UndoPayment:
    """operation_id: the purchase. amount None: all of it, as a void where the driver has one."""

    operation_key: str
    operation_id: str
    amount: Money | None = None
    with_receipt: bool = True

    def digest(self) -> str:
        """As StartPayment.digest."""
        amount = None if self.amount is None else self.amount.tiyn
        return digest_of(["undo", self.operation_id, amount, self.with_receipt])


async def undo_payment(work: Work, command: UndoPayment) -> Begun:
    """Send the void or the refund on its way.

    Raises Refusal: CARD_KEY_MALFORMED, CARD_KEY_CONFLICT, CARD_OPERATION_UNKNOWN, REGISTER_FORBIDDEN,
    CARD_NOT_A_PURCHASE, CARD_ALREADY_UNDONE, CARD_NOT_APPROVED, CARD_RECEIPT_PENDING, CARD_UNDOING_ALREADY,
    CARD_UNDOING_FOR_SENIOR, CARD_PARTLY_REFUNDED, REFUND_TOO_LARGE, REFUND_PARTIAL_NOT_ALLOWED,
    TERMINAL_CANNOT_REFUND, VOID_AFTER_CUT_OFF, REFUND_AFTER_CUT_OFF, TERMINAL_OTHER_OPERATOR and those of
    terminal_gate. IntegrityError as of start_payment.
    """
    known = await known_operation(work, command.operation_key, command.digest(), field="operationKey")
    if known is not None:
        return known
    found = await rows.payment_by_id(work, command.operation_id)
    work.principal.require_register(found.register_id)
    lane = await work.lane(lane_key(found.terminal_id), company_id=found.company_id)
    known = await known_operation(work, command.operation_key, command.digest(), field="operationKey")
    if known is not None:  # begun while this one waited for the lane
        return known
    purchase = await rows.locked_payment(work, found.id)
    await _check_purchase(work, purchase)
    _check_right(work, purchase, command)
    terms = await terminal_terms(work, purchase.terminal_id)
    can = driver_of(work, purchase.driver).capabilities
    kind, amount = _what(purchase, command.amount, terms, can)
    check_cut_off(work, purchase, terms, OperationKind.VOID if command.amount is None else kind)
    _check_operator(work, terms)
    check_terminal(work, terms, can)
    check_amount(amount, can)
    await free_terminal(work, lane, purchase.terminal_id)
    has_ticket = purchase.payment.fiscal is FiscalSide.DONE
    record = new_record(
        work,
        terms,
        key=command.operation_key,
        digest=command.digest(),
        payment=Payment(
            kind=kind,
            amount=amount,
            state=PaymentState.QUEUED,
            fiscal=FiscalSide.AWAITED if has_ticket and command.with_receipt else FiscalSide.NOT_NEEDED,
        ),
        method=purchase.method,
        register_id=purchase.register_id,
        operator_id=work.principal.subject_id if _is_operator(work) else None,
        original_id=purchase.id,
    )
    return await begin(work, lane, record)


async def _check_purchase(reader: Reader, purchase: PaymentRecord) -> None:
    if purchase.kind is not OperationKind.PURCHASE:
        raise Refusal("CARD_NOT_A_PURCHASE", field="operationId")
    if purchase.state in _GONE:
        raise Refusal("CARD_ALREADY_UNDONE", field="operationId")
    if purchase.state is not PaymentState.APPROVED:
        raise Refusal("CARD_NOT_APPROVED", field="operationId")
    if purchase.payment.fiscal is FiscalSide.PENDING:
        raise Refusal("CARD_RECEIPT_PENDING", field="operationId")
    if await reader.row(_UNDOING, purchase.id, reader.company_id) is not None:
        raise Refusal("CARD_UNDOING_ALREADY", field="operationId")


def _check_right(work: Work, purchase: PaymentRecord, command: UndoPayment) -> None:
    """Who may take payments takes back whole what he took himself, while no receipt stands on it: the buyer
    changed his mind, or the receipt was refused. Everything else is a return of money, which needs its own
    right as a return receipt does.
    """
    if work.principal.may(GIVE_BACK):
        return
    is_mine = _is_operator(work) and purchase.operator_id == work.principal.subject_id
    if not is_mine or command.amount is not None or purchase.payment.fiscal is FiscalSide.DONE:
        raise Refusal("CARD_UNDOING_FOR_SENIOR", field="operationId")


def _what(
    purchase: PaymentRecord, asked: Money | None, terms: TerminalTerms, can: Capabilities
) -> tuple[OperationKind, Money]:
    """Void or refund, and how much."""
    payment = purchase.payment
    if asked is None:
        if payment.refunded:
            raise Refusal("CARD_PARTLY_REFUNDED", field="operationId", left=str(payment.left))
        if can.has_void:
            return OperationKind.VOID, payment.approved
        asked = payment.approved
    if not can.has_refund:
        raise Refusal("TERMINAL_CANNOT_REFUND", field="operationId")
    if asked.tiyn <= 0:
        raise Refusal("CARD_AMOUNT_NOT_POSITIVE", field="amount")
    if asked > payment.left:
        raise Refusal("REFUND_TOO_LARGE", field="amount", left=str(payment.left))
    if asked != payment.approved and not (can.has_partial_refund and terms.has_partial_refund):
        raise Refusal("REFUND_PARTIAL_NOT_ALLOWED", field="amount", amount=str(payment.approved))
    return OperationKind.REFUND, asked


def _check_operator(work: Work, terms: TerminalTerms) -> None:
    """An operator gives money back at his own terminal only; who manages the company may anywhere."""
    is_bound = terms.operator_id is not None and _is_operator(work)
    if is_bound and terms.operator_id != work.principal.subject_id:
        raise Refusal("TERMINAL_OTHER_OPERATOR", field="operationId", title=terms.title)


def _is_operator(work: Work) -> bool:
    return work.principal.kind is PrincipalKind.OPERATOR
