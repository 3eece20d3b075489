"""The driver `kaspi_smartpos`: begins a payment on the terminal, then follows it by its process number.

A process whose outcome the terminal does not know itself is actualized, at most every ten seconds; what stays
unknown is for people. The terminal has no remote cancel, and no void: taking a payment back is a refund.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from addons.pos_terminal.adapters.kaspi_smartpos.wire import Code, Said, request, said, tokens
from addons.pos_terminal.adapters.shop_answers import amount, inner, not_reached, text, whole_tenge
from addons.pos_terminal.domain.driver import (
    Agreed,
    Approved,
    Capabilities,
    CardFacts,
    Declined,
    DriverOrder,
    DriverOutcome,
    EntryMode,
    GoesOn,
    NotKnown,
    NotSent,
    OriginalPayment,
    Step,
    TerminalCard,
)
from addons.pos_terminal.domain.masked_number import masked_number
from kernel.clock import Clock, SystemClock, to_ms
from kernel.device_http import AnswerLost, DeviceNotReached
from kernel.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from addons.pos_terminal.domain.driver import ShopDoor

POLL_MS = 1_000
ACTUALIZE_EVERY_MS = 10_000
ANSWER_LIMIT_MS = 15_000  # of one question; the terminal answers at once and works on
PAIR_LIMIT_MS = 60_000  # a person has to find the terminal's screen
WAIT_MAX_MS = 180_000  # it keeps the customer's screen open for less
PROCESS, ACTUALIZED = "process_id", "actualized_ms"  # in the memo
METHOD, TRANSACTION = "refund_method", "refund_transaction"  # in the memo of a payment: what a refund names

_NOTES = {
    "Initialize": "starting",
    "WaitUser": "wait_card",
    "WaitForQrConfirmation": "wait_qr",
    "ProcessingCard": "processing",
    "WaitForPinCode": "wait_pin",
    "ProcessRefund": "processing",
}
_CANCELLED = "ProcessCancelled"
_REFUND_METHODS = frozenset({"qr", "card", "alaqan"})


@dataclass(slots=True)
class _Talk:
    """One step's talk with a terminal. Renews the access token once when the terminal does not take it."""

    card: TerminalCard
    door: ShopDoor
    secrets: dict[str, str] = field(repr=False)
    is_renewed: bool = False

    async def ask(self, task: str, **query: str) -> Said:
        """Raises DeviceNotReached, AnswerLost."""
        got = await self._once(task, **query)
        if got.is_unauthorized and not self.is_renewed:
            self.is_renewed = True
            if await self._renew():
                got = await self._once(task, **query)
        return got

    async def _once(self, task: str, **query: str) -> Said:
        asked = request(
            self.card.address,
            task,
            self.secrets.get("fingerprint", ""),
            self.secrets.get("access_token", ""),
            **query,
        )
        return said(await self.door.ask(asked, limit_ms=ANSWER_LIMIT_MS))

    async def _renew(self) -> bool:
        """New tokens by the refresh token. A lost answer here says nothing about the payment: it was turned
        away before.
        """
        try:
            got = await self._once(
                "revoke",
                name=self.secrets.get("name", ""),
                refreshToken=self.secrets.get("refresh_token", ""),
            )
        except AnswerLost as lost:
            raise DeviceNotReached(lost.reason) from lost
        fresh = tokens(got.data) if got.code in (Code.OK, None) else None
        if fresh is None:
            return False
        self.secrets |= fresh
        await self.door.keep_secrets(self.secrets)
        return True


class KaspiSmartPos:
    """See addons.pos_terminal.services.ports.TerminalDriver."""

    capabilities = Capabilities(
        is_whole_tenge=True,
        has_status_query=True,
        has_void=True,
        has_refund=True,
        has_partial_refund=True,
        has_qr=True,
        wait_max_ms=WAIT_MAX_MS,
        query_pause_ms=POLL_MS,
    )

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()

    def reversal_image(self, order: DriverOrder) -> str:
        """The terminal has no reversal."""
        return ""

    async def perform(self, order: DriverOrder) -> DriverOutcome:
        """See TerminalDriver."""
        secrets = dict(order.terminal.secrets)
        if order.terminal.door is None or not secrets.get("access_token") or not secrets.get("fingerprint"):
            return NotSent("TERMINAL_NOT_PAIRED")
        talk = _Talk(order.terminal, order.terminal.door, secrets)
        try:
            match order.step:
                case Step.PAY:
                    return await self._pay(talk, order)
                case Step.VOID | Step.REFUND:
                    return await self._refund(talk, order)
                case Step.QUERY:
                    return await self._query(talk, order)
                case Step.ECHO:
                    return _device(await talk.ask("deviceinfo"))
                case Step.CONFIRM:
                    return Agreed()
                case _:
                    return NotSent("TERMINAL_CANNOT")
        except DeviceNotReached as absent:
            return not_reached(absent)
        except AnswerLost as lost:
            return NotKnown(lost.reason)

    async def pair(self, card: TerminalCard, name: str) -> Mapping[str, str]:
        """See PairingDriver. The certificate is believed once, while a person confirms on the terminal's own
        screen, and pinned from then on.
        """
        assert card.door is not None, "a card of this house"
        asked = request(card.address, "register", "", "", name=name)
        try:
            answer = await card.door.ask(asked, limit_ms=PAIR_LIMIT_MS)
        except DeviceNotReached as absent:
            raise Refusal(not_reached(absent).code) from absent
        except AnswerLost as lost:
            raise Refusal("TERMINAL_PAIRING_DECLINED") from lost
        fresh = tokens(said(answer).data)
        if fresh is None or not answer.fingerprint:
            raise Refusal("TERMINAL_PAIRING_DECLINED")
        return {**fresh, "name": name, "fingerprint": answer.fingerprint}

    async def _pay(self, talk: _Talk, order: DriverOrder) -> DriverOutcome:
        tenge = whole_tenge(order.amount)
        if tenge is None:
            return NotSent("TERMINAL_WHOLE_TENGE")
        return _begun(await talk.ask("payment", amount=str(tenge), owncheque="true"))

    async def _refund(self, talk: _Talk, order: DriverOrder) -> DriverOutcome:
        tenge, paid = whole_tenge(order.amount), order.original
        if tenge is None:
            return NotSent("TERMINAL_WHOLE_TENGE")
        method, transaction = _refund_names(paid) if paid is not None else ("", "")
        if not transaction:
            return NotSent("TERMINAL_CANNOT")
        return _begun(await talk.ask("refund", amount=str(tenge), method=method, transactionId=transaction))

    async def _query(self, talk: _Talk, order: DriverOrder) -> DriverOutcome:
        process = order.memo.get(PROCESS, "")
        if not process:
            return NotKnown("no_process")
        got = await talk.ask("status", processId=process)
        if got.data.get("status") != "unknown":
            return self._outcome(got, order)
        now_ms = to_ms(self._clock.now())
        since_ms = now_ms - int(order.memo.get(ACTUALIZED, "0"))
        if since_ms < ACTUALIZE_EVERY_MS:
            return GoesOn(ACTUALIZE_EVERY_MS - since_ms, "unknown", {**order.memo})
        got = await talk.ask("actualize", processId=process)
        if got.code == Code.CANNOT_ACTUALIZE or got.data.get("status") == "unknown":
            return GoesOn(ACTUALIZE_EVERY_MS, "unknown", {**order.memo, ACTUALIZED: str(now_ms)})
        return self._outcome(got, order)

    def _outcome(self, got: Said, order: DriverOrder) -> DriverOutcome:
        if got.is_unauthorized:
            return NotKnown("not_paired")
        if got.code != Code.OK:
            return NotKnown("process_unknown" if got.code == Code.PROCESS_UNKNOWN else f"code_{got.code}")
        facts = _facts(got.data)
        match got.data.get("status"):
            case "success":
                said_amount = amount(inner(got.data, "chequeInfo"), "amount", asked=order.amount)
                if said_amount is None:
                    return NotKnown("amount_unreadable", memo={**order.memo})
                return Approved(said_amount, facts, {**order.memo, **_for_refund(got.data, facts)})
            case "fail":
                is_cancelled = got.data.get("subStatus") == _CANCELLED
                code = "CARD_CANCELLED_ON_TERMINAL" if is_cancelled else "CARD_DECLINED"
                return Declined(code, facts.response_code, facts)
            case "wait":
                note = _NOTES.get(str(got.data.get("subStatus")), "processing")
                return GoesOn(POLL_MS, note, {**order.memo})
            case _:
                return NotKnown("not_understood")


def _refund_names(paid: OriginalPayment) -> tuple[str, str]:
    """By which method and number the terminal takes a payment back."""
    return paid.memo.get(METHOD, "card"), paid.memo.get(TRANSACTION, "") or paid.rrn


def _begun(got: Said) -> DriverOutcome:
    """The terminal has taken a task and works on it, or says that it has not."""
    process = text(got.data, "processId")
    if got.code == Code.OK and process:
        return GoesOn(POLL_MS, "starting", {PROCESS: process})
    if got.code == Code.BUSY:
        return NotSent("TERMINAL_BUSY")
    if got.is_unauthorized or got.code == Code.NAME_OR_TOKEN_WRONG:
        return NotSent("TERMINAL_NOT_PAIRED")
    return NotKnown(f"code_{got.code}")


def _device(got: Said) -> DriverOutcome:
    if got.code != Code.OK:
        is_known = got.is_unauthorized or got.code == Code.NAME_OR_TOKEN_WRONG
        return NotSent("TERMINAL_NOT_PAIRED" if is_known else "TERMINAL_NOT_UNDERSTOOD")
    names = {"serial_number": "serialNum", "terminal_code": "terminalId", "pos_number": "posNum"}
    return Agreed("ready", {ours: text(got.data, theirs) for ours, theirs in names.items()})


def _facts(data: Mapping[str, Any]) -> CardFacts:
    slip = inner(data, "chequeInfo")
    method = "card" if _method(data) == "card" else "qr"
    return CardFacts(
        rrn=text(slip, "rrn"),
        authorization_code=text(slip, "authorizationCode"),
        response_code=text(slip, "hostResponseCode"),
        masked_number=masked_number(text(slip, "cardMask")),
        scheme=text(slip, "icc") if method == "card" else "KASPI",
        method=method,
        entry_mode=EntryMode.UNKNOWN if method == "card" else EntryMode.QR,
        terminal_code=text(slip, "terminalId"),
        order_number=text(slip, "orderNumber"),
    )


def _method(data: Mapping[str, Any]) -> str:
    slip = inner(data, "chequeInfo")
    said_method = text(data, "method") or text(slip, "method")
    if said_method in _REFUND_METHODS:
        return said_method
    return "qr" if text(slip, "orderNumber") and not text(slip, "cardMask") else "card"


def _for_refund(data: Mapping[str, Any], facts: CardFacts) -> dict[str, str]:
    method = _method(data)
    number = facts.rrn if method == "card" else facts.order_number
    return {METHOD: method, TRANSACTION: number or text(data, "transactionId")}
