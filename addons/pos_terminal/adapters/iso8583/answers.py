"""Answers of the host as outcomes: proved to be its own and ours first, read afterwards.

What is not proved is never a yes and never a no. Sources: acquiring reference §1.7, §1.8; codes.toml.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from addons.pos_terminal.adapters.iso8583.requests import zone_of
from addons.pos_terminal.domain.driver import (
    Agreed,
    Approved,
    CardFacts,
    Declined,
    DriverOrder,
    DriverOutcome,
    NotKnown,
)
from addons.pos_terminal.domain.masked_number import masked_number
from kernel.money import Money
from protocols.iso8583.chip import read_tags
from protocols.iso8583.codes import CodeRule, ForReversal, Outcome, rule_of
from protocols.iso8583.errors import MalformedMessage
from protocols.iso8583.message import Message, answer_mti
from protocols.iso8583.numbers import Part, ReversalReason, read_parts
from protocols.iso8583.signing import is_same_mac, split_mac

if TYPE_CHECKING:
    from addons.pos_terminal.adapters.iso8583.host_link import Received
    from addons.pos_terminal.domain.driver import TerminalKeys
    from protocols.iso8583.dialect import Dialect

NOT_GENUINE, DIFFERS, KEYS_REJECTED = (
    "CARD_ANSWER_NOT_GENUINE",
    "CARD_ANSWER_DIFFERS",
    "TERMINAL_KEYS_REJECTED",
)
ECHOED = (3, 7, 11, 41)
ECHOED_IF_TOLD = (42, 49)  # merchant and currency
AID_TAGS = ("84", "4F", "9F06")
_HALF_YEAR = timedelta(days=183)

_REFUSALS = {
    "card": "CARD_REFUSED",
    "cut_off": "CARD_CUT_OFF",
    "expired": "CARD_EXPIRED",
    "format": "CARD_HOST_FORMAT",
    "host_failed": "CARD_HOST_FAILED",
    "invalid": "CARD_HOST_FORMAT",
    "issuer_away": "CARD_ISSUER_AWAY",
    "keys": KEYS_REJECTED,
    "limit": "CARD_LIMIT",
    "no_money": "CARD_NO_MONEY",
    "no_original": "CARD_NO_ORIGINAL",
    "not_permitted": "CARD_NOT_PERMITTED",
    "pin_tries": "CARD_PIN_TRIES",
    "reversed": "CARD_ALREADY_REVERSED",
    "terminal": "CARD_TERMINAL_REFUSED",
    "wrong_original": "CARD_WRONG_ORIGINAL",
    "wrong_pin": "CARD_WRONG_PIN",
}


def refusal_of(meaning: str) -> str:
    """The code of the text a cashier sees; what has no text of its own is a plain decline."""
    return _REFUSALS.get(meaning, "CARD_DECLINED")


async def doubt(
    dialect: Dialect, keys: TerminalKeys, request: Message, received: Received
) -> NotKnown | None:
    """Why the answer proves nothing: its MAC, its type, its terminal or its operation; None when it does."""
    message = received.message
    try:
        signed, found = split_mac(dialect, received.data, message)
    except MalformedMessage:
        needs_keys = rule_of(dialect.codes, message.text(39)).needs_keys
        return _untrue(KEYS_REJECTED if needs_keys else NOT_GENUINE)
    macs = await keys.answer_macs(dialect.mac_rule, signed)
    if not any(is_same_mac(dialect, found, each) for each in macs):
        return _untrue(NOT_GENUINE)
    return None if _fits(request, message) else _untrue(DIFFERS)


def echoed(request: Message) -> Message:
    """What of a request is compared with its answer, and nothing of the card."""
    kept = (*ECHOED, *ECHOED_IF_TOLD)
    return Message(
        request.mti, {number: request.fields[number] for number in kept if number in request.fields}
    )


def _fits(request: Message, answer: Message) -> bool:
    """The answer's type, and everything it has to echo."""
    same = all(request.text(number) == answer.text(number) for number in ECHOED)
    told = all(answer.text(number) in ("", request.text(number)) for number in ECHOED_IF_TOLD)
    return same and told and answer.mti == answer_mti(request.mti)


def operation_outcome(order: DriverOrder, dialect: Dialect, answer: Message) -> DriverOutcome:
    """What became of a purchase, a void or a refund, by an answer that is proved."""
    rule = rule_of(dialect.codes, answer.text(39))
    try:
        facts = _facts(order, answer)
        if rule.outcome in (Outcome.APPROVED, Outcome.PARTIAL):
            approved = Money(answer.number(4))
            is_whole = rule.outcome is Outcome.APPROVED
            return Approved(approved, facts) if is_whole or approved < order.amount else _untrue(DIFFERS)
    except MalformedMessage:
        return _untrue(DIFFERS)
    if rule.outcome in (Outcome.DECLINED, Outcome.RETRY):
        return Declined(refusal_of(rule.meaning), rule.code, facts)
    reason = ReversalReason.NO_ANSWER if rule.meaning == "late" else ReversalReason.WRONG_ANSWER
    return NotKnown(reason.value, memo={"host_code": rule.code})


def reversal_outcome(dialect: Dialect, answer: Message) -> DriverOutcome:
    """Done, again or for people."""
    rule = rule_of(dialect.codes, answer.text(39))
    match rule.for_reversal:
        case ForReversal.DONE:
            return Agreed("reversed", memo={"host_code": rule.code})
        case ForReversal.STOP:
            return Declined("CARD_REVERSAL_REFUSED", rule.code)
        case ForReversal.AGAIN:
            return NotKnown(f"host_{rule.code}", KEYS_REJECTED if rule.needs_keys else "CARD_OUTCOME_UNKNOWN")


def code_rule(dialect: Dialect, answer: Message) -> CodeRule:
    """The rule of the answer's code."""
    return rule_of(dialect.codes, answer.text(39))


def _untrue(code: str) -> NotKnown:
    return NotKnown(ReversalReason.WRONG_ANSWER.value, code)


def _facts(order: DriverOrder, answer: Message) -> CardFacts:
    card = order.card
    told = read_parts(answer.text(48))
    facts = CardFacts(
        rrn=answer.text(37),
        authorization_code=answer.text(38),
        response_code=answer.text(39),
        masked_number=masked_number(told.get(Part.MASKED_NUMBER, "")),
        scheme=told.get(Part.SCHEME, ""),
        method="card",
        is_wallet=told.get(Part.WALLET) == "1",
        terminal_code=answer.text(41),
        merchant_code=answer.text(42),
        host_day=answer.text(15),
        host_ms=_host_ms(order, answer),
    )
    if card is None:
        return facts
    tags = read_tags(card.chip)
    return replace(
        facts,
        masked_number=facts.masked_number or masked_number(card.masked_number),
        scheme=facts.scheme or card.scheme,
        entry_mode=card.entry_mode,
        is_wallet=facts.is_wallet or card.is_wallet,
        application_id=next((tags[tag].hex().upper() for tag in AID_TAGS if tag in tags), ""),
    )


def _host_ms(order: DriverOrder, answer: Message) -> int | None:
    """The host's own clock, from DE13 and DE12, in the year that is nearest to our time."""
    moment = answer.text(13) + answer.text(12)[-6:]
    sent = datetime.fromtimestamp(order.sent_ms / 1000, UTC)
    for year in (sent.year, sent.year - 1, sent.year + 1):
        try:
            told = datetime.strptime(f"{year}{moment}", "%Y%m%d%H%M%S").replace(tzinfo=zone_of(order))
        except ValueError:  # not told, not a date, or February 29
            continue
        if abs(told - sent) < _HALF_YEAR:
            return int(told.timestamp() * 1000)
    return None
