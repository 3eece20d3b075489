"""Begin a card payment: the amount goes to the terminal, or the terminal's device is asked for a card.

The same key always gives the same operation, whatever has become of it; another body under it is refused.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import orjson

from addons.organization.api import RegisterCard, register_card, sale_desk
from addons.pos_terminal.domain.driver import CardFacts
from addons.pos_terminal.domain.events import CardNotPresented
from addons.pos_terminal.domain.payment import (
    FiscalSide,
    OperationKind,
    Payment,
    PaymentMethod,
    PaymentState,
)
from addons.pos_terminal.domain.terminal import TerminalState, TerminalTerms
from addons.pos_terminal.services import payment_rows as rows
from addons.pos_terminal.services.days import tender_of
from addons.pos_terminal.services.payment_record import PaymentRecord
from addons.pos_terminal.services.payment_step import (
    OPERATION_JOB,
    driver_of,
    happen,
    lane_key,
    note,
    reversal_lane_key,
)
from addons.pos_terminal.services.terminal_card import terminal_terms
from addons.pos_terminal.services.terminal_gate import (
    check_amount,
    check_method,
    check_reversals,
    check_terminal,
)
from addons.pos_terminal.settings import AcquiringSettings
from kernel import crash
from kernel.errors import Refusal
from kernel.ids import is_uuid, new_id
from kernel.money import Money
from kernel.security.principal import PrincipalKind

if TYPE_CHECKING:
    from kernel.data.work import Reader, Work
    from kernel.jobs.lanes import Lane

TERMINALS_MAX = 2  # of a register that are looked at: with two, somebody has to choose

_OF_REGISTER = (
    "SELECT id, operator_id FROM pos_terminal WHERE register_id = ? AND company_id = ? "
    "AND state NOT IN (?, ?, ?) "
    "ORDER BY CASE WHEN operator_id = ? THEN 0 ELSE 1 END, id LIMIT ?"
)
_BOUND_ELSEWHERE = "SELECT id FROM pos_terminal WHERE operator_id = ? AND company_id = ? AND id <> ?"


@dataclass(frozen=True, slots=True)
class StartPayment:
    """terminal_id None: the register's only one, or the operator's own. operator_id None: who is acting.

    with_receipt: a sale will claim it; without, money is taken and no ticket is made.
    """

    payment_key: str
    register_id: str
    amount: Money
    terminal_id: str | None = None
    operator_id: str | None = None
    method: PaymentMethod = PaymentMethod.CARD
    with_receipt: bool = True

    def digest(self) -> str:
        """SHA-256 of what was asked: the same key with another digest is another operation."""
        return digest_of(
            [
                "pay",
                self.register_id,
                self.terminal_id,
                self.amount.tiyn,
                self.method.value,
                self.with_receipt,
            ]
        )


@dataclass(frozen=True, slots=True)
class Begun:
    """An operation on its way. is_replay: it was begun earlier under the same key."""

    operation_id: str
    is_replay: bool = False


def digest_of(body: list[str | int | bool | None]) -> str:
    """SHA-256 of what was asked."""
    return hashlib.sha256(orjson.dumps(body)).hexdigest()


async def start_payment(work: Work, command: StartPayment) -> Begun:
    """Take the amount to the terminal.

    Raises Refusal: CARD_KEY_MALFORMED, CARD_KEY_CONFLICT, those of organization's sale_desk,
    TERMINAL_NONE, TERMINAL_NOT_CHOSEN, TERMINAL_UNKNOWN, TERMINAL_OTHER_REGISTER, TERMINAL_OTHER_OPERATOR,
    TERMINAL_DRIVER_MISSING, TERMINAL_BUSY and those of terminal_gate. IntegrityError, when the same key or
    the same terminal is taken at the same moment: a second call knows why.
    """
    work.principal.require_register(command.register_id)
    known = await known_operation(work, command.payment_key, command.digest(), field="paymentKey")
    if known is not None:
        return known
    operator_id = _operator_of(work, command.operator_id)
    register = await _register(work, command.register_id, operator_id)
    terminal_id = command.terminal_id or await _only_terminal(work, register.id, operator_id)
    await terminal_terms(work, terminal_id)  # before its lane, which would be made for any id
    lane = await work.lane(lane_key(terminal_id), company_id=register.company_id)
    known = await known_operation(work, command.payment_key, command.digest(), field="paymentKey")
    if known is not None:  # begun while this one waited for the lane
        return known
    terms = await terminal_terms(work, terminal_id)
    await check_terminal_of(work, terms, register, operator_id)
    can = driver_of(work, terms.driver).capabilities
    check_terminal(work, terms, can)
    check_method(command.method, can)
    check_amount(command.amount, can)
    try:
        await check_reversals(work, terminal_id)
    except Refusal as refusal:
        refusal.aftermath = partial(hasten_reversals, terminal_id=terminal_id)
        raise
    await free_terminal(work, lane, terminal_id)
    is_shown_elsewhere = can.takes_card_from_device
    wait_ms = work.settings(AcquiringSettings).card_wait_ms // timedelta(milliseconds=1)
    record = new_record(
        work,
        terms,
        key=command.payment_key,
        digest=command.digest(),
        payment=Payment(
            kind=OperationKind.PURCHASE,
            amount=command.amount,
            state=PaymentState.AWAITING_CARD if is_shown_elsewhere else PaymentState.QUEUED,
            fiscal=FiscalSide.AWAITED if command.with_receipt else FiscalSide.NOT_NEEDED,
        ),
        method=command.method,
        register_id=register.id,
        operator_id=operator_id,
    )
    if is_shown_elsewhere:
        record = replace(record, deadline_ms=work.now_ms + wait_ms)
    return await begin(work, lane, record)


async def begin(work: Work, lane: Lane, record: PaymentRecord) -> Begun:
    """Store a new operation and put it into its lane, unless a card is awaited first."""
    await rows.insert_payment(work, record)
    await note(work, lane, "", record, "Started", source="cashier", actor=work.principal.subject_id)
    if record.state is PaymentState.QUEUED:
        lane.enqueue(OPERATION_JOB, {"operation": record.id})
    crash.point("pos_terminal.begun")
    return Begun(record.id)


async def known_operation(reader: Reader, key: str, digest: str, *, field: str) -> Begun | None:
    """What was begun under that key already. Raises Refusal: CARD_KEY_MALFORMED, CARD_KEY_CONFLICT."""
    if not is_uuid(key):
        raise Refusal("CARD_KEY_MALFORMED", field=field)
    known = await rows.payment_by_key(reader, key)
    if known is None:
        return None
    if known.body_digest != digest:
        raise Refusal("CARD_KEY_CONFLICT", field=field)
    reader.principal.require_register(known.register_id)
    return Begun(known.id, is_replay=True)


def new_record(
    work: Work,
    terms: TerminalTerms,
    *,
    key: str,
    digest: str,
    payment: Payment,
    method: PaymentMethod,
    register_id: str,
    operator_id: str | None,
    original_id: str | None = None,
) -> PaymentRecord:
    """An operation nothing has happened to yet."""
    return PaymentRecord(
        id=new_id(),
        company_id=terms.company_id,
        payment_key=key,
        body_digest=digest,
        payment=payment,
        method=method,
        tender=tender_of(method, terms),
        contract_id=terms.contract_id,
        terminal_id=terms.terminal_id,
        register_id=register_id,
        operator_id=operator_id,
        created_by=work.principal.subject_id,
        driver=terms.driver,
        original_id=original_id,
        sale_id=None,
        batch=None,
        stan=None,
        attempts=0,
        events=1,
        created_ms=work.now_ms,
        deadline_ms=None,
        decided_ms=None,
        banking_day=None,
        undo_until_ms=None,
        note="",
        memo={},
        reversal_image="",
        facts=CardFacts(),
        closed_by=None,
    )


async def check_terminal_of(
    reader: Reader, terms: TerminalTerms, register: RegisterCard, operator_id: str | None
) -> None:
    """This register may use this terminal, and this operator too: one operator works with one terminal.

    Raises Refusal: TERMINAL_OTHER_REGISTER, TERMINAL_OTHER_OPERATOR.
    """
    is_here = terms.register_id == register.id
    if terms.register_id is None:  # carried about: any register of its outlet
        is_here = terms.outlet_id == register.outlet_id
    if not is_here:
        raise Refusal("TERMINAL_OTHER_REGISTER", field="terminalId", title=terms.title)
    is_other = terms.operator_id is not None and terms.operator_id != operator_id
    if not is_other and terms.operator_id is None and operator_id is not None:
        elsewhere = await reader.row(_BOUND_ELSEWHERE, operator_id, reader.company_id, terms.terminal_id)
        is_other = elsewhere is not None
    if is_other:
        raise Refusal("TERMINAL_OTHER_OPERATOR", field="terminalId", title=terms.title)


async def free_terminal(work: Work, lane: Lane, terminal_id: str) -> None:
    """Nothing goes on there; a card that was awaited in vain is given up now.

    Raises Refusal("TERMINAL_BUSY").
    """
    busy = await rows.busy_payment(work, terminal_id)
    if busy is None:
        return
    is_over = busy.deadline_ms is not None and busy.deadline_ms <= work.now_ms
    if is_over and busy.state is PaymentState.AWAITING_CARD:
        await happen(work, lane, busy, CardNotPresented(), source="clock")
        return
    raise Refusal("TERMINAL_BUSY", field="terminalId")


def _operator_of(work: Work, asked: str | None) -> str | None:
    """An operator acts for nobody else. Raises Refusal("CARD_OPERATOR_OTHER")."""
    if work.principal.kind is not PrincipalKind.OPERATOR:
        return asked
    if asked not in (None, work.principal.subject_id):
        raise Refusal("CARD_OPERATOR_OTHER", field="operatorId")
    return work.principal.subject_id


async def _register(reader: Reader, register_id: str, operator_id: str | None) -> RegisterCard:
    """The register, at work; the operator, if one is named, works there."""
    if operator_id is not None:
        register, _ = await sale_desk(reader, register_id, operator_id)
        return register
    register = await register_card(reader, register_id)
    if register.company.is_closed:
        raise Refusal("COMPANY_CLOSED")
    if register.is_decommissioned:
        raise Refusal("REGISTER_DECOMMISSIONED", field="registerId", number=register.number)
    return register


async def _only_terminal(reader: Reader, register_id: str, operator_id: str | None) -> str:
    gone = (TerminalState.CLOSED.value, TerminalState.REJECTED.value, TerminalState.DRAFT.value)
    found = await reader.rows(
        _OF_REGISTER, register_id, reader.company_id, *gone, operator_id or "", TERMINALS_MAX
    )
    if not found:
        raise Refusal("TERMINAL_NONE", field="registerId")
    if len(found) > 1 and (operator_id is None or found[0]["operator_id"] != operator_id):
        raise Refusal("TERMINAL_NOT_CHOSEN", field="terminalId")
    return str(found[0]["id"])


async def hasten_reversals(work: Work, terminal_id: str) -> None:
    """Try the reversal at the head of a terminal's now, however long it was put off."""
    saf = await work.lane(reversal_lane_key(terminal_id), company_id=work.company_id)
    saf.hasten()
