"""Orders of the house as messages. Pure. Which element holds what: protocols/iso8583/README.md."""

from __future__ import annotations

import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo

import orjson

from addons.pos_terminal.domain.driver import BatchOperation, CardData, DriverOrder, EntryMode, Step
from protocols.iso8583.chip import CARD_TAGS, read_tags
from protocols.iso8583.dialect import Dialect
from protocols.iso8583.errors import MalformedMessage
from protocols.iso8583.message import FieldValue, Message, repeat_mti
from protocols.iso8583.numbers import (
    AMOUNT_MAX,
    TENGE,
    Network,
    OriginalData,
    OriginalSlip,
    Part,
    Processing,
    ReversalReason,
    local_date,
    local_time,
    transmitted,
    write_parts,
)

DEFAULT_ZONE = "Asia/Almaty"
PIN_BLOCK_0_SIZE, PIN_BLOCK_4_SIZE = 8, 16

_ENTRY = {
    EntryMode.CHIP: "051",
    EntryMode.CONTACTLESS: "071",
    EntryMode.STRIPE: "901",
    EntryMode.FALLBACK: "801",
}
_WITHOUT_CARD = "000"
_MTI = {Step.PAY: "0200", Step.VOID: "0200", Step.REFUND: "0220"}
_PROCESSING = {Step.PAY: Processing.PURCHASE, Step.VOID: Processing.VOID, Step.REFUND: Processing.REFUND}
_CLEAR_TRACK = re.compile(rb"[;%B]{0,2}[0-9]{12,19}[=D^]", re.ASCII)
_CLEAR_PACKED = re.compile(r"[0-9]{12,19}d[0-9]{7}", re.ASCII)


class CardInClear(MalformedMessage):
    """A device handed over card data that it did not encrypt."""


def operation(order: DriverOrder, dialect: Dialect) -> Message:
    """A purchase, a void or a refund. Raises MalformedMessage, CardInClear when it cannot be written."""
    if not 0 < order.amount.tiyn <= AMOUNT_MAX:
        raise MalformedMessage("the amount does not fit")
    fields = {
        **_of_terminal(order),
        **_moments(order, order.sent_ms, dialect),
        3: _PROCESSING[order.step].value,
        4: str(order.amount.tiyn),
        11: f"{order.stan:06d}",
        22: _WITHOUT_CARD if order.card is None else _ENTRY.get(order.card.entry_mode, _WITHOUT_CARD),
        25: "00",
        49: TENGE,
        60: f"{order.batch:06d}",
    }
    if order.card is not None:
        fields |= _of_card(order.card)
    if order.original is not None:
        fields |= _of_original(order)
    return Message(_MTI[order.step], fields)


def reversal_image(order: DriverOrder, dialect: Dialect) -> str:
    """What is stored before the operation leaves: its reversal without reason and MAC, as JSON.

    Raises MalformedMessage.
    """
    original = operation(order, dialect)
    kept = (3, 4, 7, 11, 12, 13, 41, 42, 49, 60)
    fields = {str(number): original.fields[number] for number in kept}
    fields["90"] = OriginalData(original.mti, order.stan, transmitted(order.sent_ms)).text()
    mti = "0420" if order.terminal.options.get("reversal") == "advice" else "0400"
    return orjson.dumps({"mti": mti, "fields": fields}, option=orjson.OPT_SORT_KEYS).decode()


def reversal(order: DriverOrder) -> Message:
    """The message of the image, the same in every repeat but for the last digit of its type.

    Raises MalformedMessage when the image is none of ours.
    """
    try:
        image = orjson.loads(order.image)
        fields = {int(number): str(given) for number, given in image["fields"].items()}
        mti = str(image["mti"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        raise MalformedMessage("no reversal image") from None
    known = order.reason in tuple(ReversalReason)
    fields[56] = order.reason if known else ReversalReason.NO_ANSWER.value
    return Message(mti if order.attempt <= 1 else repeat_mti(mti), fields)


def network(order: DriverOrder, code: Network, stan: int) -> Message:
    """Sign-on, echo or an exchange of keys."""
    return Message(
        "0800",
        {**_of_terminal(order), 7: transmitted(order.sent_ms), 11: f"{stan:06d}", 70: code.value},
    )


def totals(order: DriverOrder, dialect: Dialect, *, is_after_upload: bool) -> Message:
    """The reconciliation of a batch. Source of the counting of voids: protocols/iso8583/README.md, 74–97."""
    sums = order.totals
    net = sums.purchases_sum.tiyn - sums.voids_sum.tiyn - sums.refunds_sum.tiyn
    code, stan = (Processing.SETTLE, order.stan)
    if is_after_upload:
        code, stan = (Processing.SETTLE_AFTER_UPLOAD, order.more_stans[0])
    mti = "0500" if order.attempt <= 1 else "0501"
    return Message(
        mti,
        {
            **_of_terminal(order),
            **_moments(order, order.sent_ms, dialect),
            3: code.value,
            11: f"{stan:06d}",
            49: TENGE,
            60: f"{order.batch:06d}",
            74: str(sums.refunds),
            75: "0",
            76: str(sums.purchases),
            77: str(sums.voids),
            86: str(sums.refunds_sum.tiyn),
            87: "0",
            88: str(sums.purchases_sum.tiyn),
            89: str(sums.voids_sum.tiyn),
            97: f"{'D' if net >= 0 else 'C'}{abs(net):016d}",
        },
    )


def upload(order: DriverOrder, one: BatchOperation, dialect: Dialect) -> Message:
    """One operation of the batch, with its own number and time."""
    return Message(
        "0320",
        {
            **_of_terminal(order),
            **_moments(order, one.sent_ms, dialect),
            3: _PROCESSING[one.step].value,
            4: str(one.amount.tiyn),
            11: f"{one.stan:06d}",
            22: _ENTRY.get(one.entry_mode, _WITHOUT_CARD),
            25: "00",
            **({37: one.rrn} if one.rrn else {}),
            **({38: one.authorization_code} if one.authorization_code else {}),
            39: one.response_code,
            49: TENGE,
            60: f"{order.batch:06d}",
        },
    )


def zone_of(order: DriverOrder) -> ZoneInfo:
    """Zone of DE12 and DE13. Raises as `zone_named` does."""
    return zone_named(order.terminal.options)


def zone_named(options: Mapping[str, str]) -> ZoneInfo:
    """Option `zone` of the contract. Raises ZoneInfoNotFoundError, ValueError("zone")."""
    try:
        return ZoneInfo(options.get("zone", DEFAULT_ZONE))
    except ValueError:  # a path instead of a name
        raise ValueError("zone") from None


def _of_terminal(order: DriverOrder) -> dict[int, FieldValue]:
    return {41: order.terminal.terminal_code, 42: order.terminal.merchant_code}


def _moments(order: DriverOrder, at_ms: int, dialect: Dialect) -> dict[int, FieldValue]:
    zone = zone_of(order)
    digits = dialect.elements[12].length
    return {7: transmitted(at_ms), 12: local_time(at_ms, zone, digits), 13: local_date(at_ms, zone)}


def _of_original(order: DriverOrder) -> dict[int, FieldValue]:
    original = order.original
    assert original is not None, "the caller looked"
    slip = OriginalSlip(original.batch, original.stan, local_date(original.sent_ms, zone_of(order)))
    return {
        **({37: original.rrn} if original.rrn else {}),
        **({38: original.authorization_code} if original.authorization_code else {}),
        61: slip.text(),
    }


def _of_card(card: CardData) -> dict[int, FieldValue]:
    """Encrypted by the device, passed on as it is. Raises CardInClear, MalformedMessage."""
    if _CLEAR_TRACK.match(card.track) or _CLEAR_PACKED.match(card.track.hex()):
        raise CardInClear("the track is not encrypted")
    if card.chip and CARD_TAGS & read_tags(card.chip).keys():
        raise CardInClear("chip data with the number of the card")
    if len(card.pin_block) not in (0, PIN_BLOCK_0_SIZE, PIN_BLOCK_4_SIZE):
        raise MalformedMessage("no PIN block")
    fields: dict[int, FieldValue] = {}
    parts = {Part.KSN: card.ksn.hex().upper(), Part.TRACK: card.track.hex().upper()}
    if len(card.pin_block) == PIN_BLOCK_4_SIZE:
        parts[Part.PIN_BLOCK] = card.pin_block.hex().upper()
    elif card.pin_block:
        fields[52] = card.pin_block
    if card.chip:
        fields[55] = card.chip
    if text := write_parts(parts):
        fields[48] = text
    return fields
