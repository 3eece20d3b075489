"""A device hands over what it read from a card, encrypted by itself: sealed once more, and gone with the
commit that lets the payment leave (PCI DSS 3.3.1: nothing of it is kept after authorization).
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import orjson

from addons.pos_terminal.domain.driver import CardData, EntryMode
from addons.pos_terminal.domain.events import CardNotPresented, CardPresented, CardWithdrawn
from addons.pos_terminal.domain.masked_number import masked_number
from addons.pos_terminal.domain.payment import PaymentState
from addons.pos_terminal.services import payment_rows as rows
from addons.pos_terminal.services.payment_record import PaymentRecord, payment_record
from addons.pos_terminal.services.payment_step import happen, lane_key
from kernel import crash
from kernel.config_sections import SecuritySettings
from kernel.errors import Refusal
from kernel.security.sealed import sealer_for
from kernel.texts import one_line

if TYPE_CHECKING:
    from kernel.data.work import Reader, Work

PART_BYTES_MAX = 1_024  # of the track, the chip data, the PIN block, the key serial number
SCHEME_LENGTH_MAX = 32
TASKS_MAX = 10
COMPLETION_LIMIT_MS = 120_000  # after the approval; a chip refuses within seconds

_PARTS = ("track", "ksn", "pin_block", "chip")
_SEALED = "SELECT sealed FROM pos_card_data WHERE id = ? AND company_id = ?"
_WAITING = (
    f"{rows.SELECT_PAYMENT} WHERE busy_terminal_id = ? AND company_id = ? AND state = ? AND deadline_ms > ? "
    "LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class PresentCard:
    """What the device read for one operation."""

    operation_id: str
    card: CardData


async def tasks_of(reader: Reader, terminal_id: str) -> Sequence[PaymentRecord]:
    """What the device of a terminal has to ask the buyer for now."""
    state = PaymentState.AWAITING_CARD.value
    found = await reader.rows(_WAITING, terminal_id, reader.company_id, state, reader.now_ms, TASKS_MAX)
    allowed = reader.principal.register_ids
    records = [payment_record(row) for row in found]
    return [each for each in records if allowed is None or each.register_id in allowed]


async def present_card(work: Work, command: PresentCard) -> str:
    """The operation goes on its way with this card.

    Raises Refusal: CARD_OPERATION_UNKNOWN, REGISTER_FORBIDDEN, CARD_NOT_AWAITED, CARD_DATA_MALFORMED.
    """
    card = _checked(command.card)
    found = await rows.payment_by_id(work, command.operation_id)
    work.principal.require_register(found.register_id)
    lane = await work.lane(lane_key(found.terminal_id), company_id=found.company_id)
    record = await rows.locked_payment(work, found.id)
    actor = work.principal.subject_id
    if _is_late(work, record):
        late = Refusal("CARD_NOT_AWAITED", field="operationId")
        late.aftermath = partial(give_up_waiting, operation_id=record.id)
        raise late
    facts = replace(
        record.facts,
        masked_number=masked_number(card.masked_number),
        scheme=one_line(card.scheme)[:SCHEME_LENGTH_MAX],
        entry_mode=card.entry_mode,
        is_wallet=card.is_wallet,
    )
    await happen(work, lane, record, CardPresented(), source="device", actor=actor, facts=facts)
    sealed = sealer_for(work.settings(SecuritySettings)).seal(_text(card), purpose=_purpose(record.id))
    await work.insert(
        "pos_card_data",
        {"id": record.id, "company_id": record.company_id, "sealed": sealed, "created_ms": work.now_ms},
    )
    crash.point("pos_terminal.presented")
    return record.id


async def withdraw_card(work: Work, operation_id: str) -> str:
    """The device cannot complete the payment: nothing leaves, or what was approved just now is reversed.

    Raises Refusal: CARD_OPERATION_UNKNOWN, REGISTER_FORBIDDEN, CARD_OUTCOME_UNKNOWN (not answered yet: say it
    again afterwards), CARD_ALREADY_APPROVED (too long ago, take it back as a void), CARD_OPERATION_ENDED.
    """
    found = await rows.payment_by_id(work, operation_id)
    work.principal.require_register(found.register_id)
    lane = await work.lane(lane_key(found.terminal_id), company_id=found.company_id)
    record = await rows.locked_payment(work, found.id)
    is_approved = record.state is PaymentState.APPROVED
    if is_approved and work.now_ms - (record.decided_ms or 0) > COMPLETION_LIMIT_MS:
        raise Refusal("CARD_ALREADY_APPROVED", field="operationId")
    await happen(work, lane, record, CardWithdrawn(), source="device", actor=work.principal.subject_id)
    return record.id


async def waiting_card(work: Work, operation_id: str) -> CardData | None:
    """The card of an operation that has not left yet."""
    row = await work.row(_SEALED, operation_id, work.company_id)
    if row is None:
        return None
    sealer = sealer_for(work.settings(SecuritySettings))
    return _card(sealer.open(row["sealed"], purpose=_purpose(operation_id)))


async def give_up_waiting(work: Work, operation_id: str) -> None:
    """No card was shown in time; nothing happens to an operation that went on meanwhile."""
    found = await rows.payment_by_id(work, operation_id)
    lane = await work.lane(lane_key(found.terminal_id), company_id=found.company_id)
    record = await rows.locked_payment(work, operation_id)
    if _is_late(work, record):
        await happen(work, lane, record, CardNotPresented(), source="clock")


def _is_late(work: Work, record: PaymentRecord) -> bool:
    is_over = record.deadline_ms is not None and record.deadline_ms <= work.now_ms
    return is_over and record.state is PaymentState.AWAITING_CARD


def _checked(card: CardData) -> CardData:
    """Encrypted data of a plausible size; a number in clear is no card data."""
    parts = {name: getattr(card, name) for name in _PARTS}
    if not parts["track"] and not parts["chip"]:
        raise Refusal("CARD_DATA_MALFORMED", field="card")
    for name, part in parts.items():
        if len(part) > PART_BYTES_MAX:
            raise Refusal("CARD_DATA_MALFORMED", field=f"card.{name}")
        if name == "track" and part and part[:13].isdigit():  # a track in clear begins with the number
            raise Refusal("CARD_DATA_IN_CLEAR", field="card.track")
    if _has_number_tag(card.chip):
        raise Refusal("CARD_DATA_IN_CLEAR", field="card.chip")
    return card


def _has_number_tag(chip: bytes) -> bool:
    """Whether the TLV holds tag 5A or 57 (the number, track 2) on its first level; False for no TLV."""
    at = 0
    while at < len(chip):
        tag = chip[at : at + 1]
        if tag in (b"\x5a", b"\x57"):
            return True
        at += 1
        if tag[0] & 0x1F == 0x1F:
            while at < len(chip) and chip[at] & 0x80:
                at += 1
            at += 1
        if at >= len(chip):
            return False
        length = chip[at]
        at += 1
        if length & 0x80:
            size = length & 0x7F
            length = int.from_bytes(chip[at : at + size], "big")
            at += size
        at += length
    return False


def _text(card: CardData) -> str:
    plain: dict[str, str | bool] = {
        "entry_mode": card.entry_mode.value,
        "masked_number": masked_number(card.masked_number),
        "scheme": card.scheme,
        "is_wallet": card.is_wallet,
    }
    for name in _PARTS:
        plain[name] = base64.b64encode(getattr(card, name)).decode()
    return orjson.dumps(plain).decode()


def _card(text: str) -> CardData:
    plain = orjson.loads(text)
    track, ksn, pin_block, chip = (base64.b64decode(plain[name]) for name in _PARTS)
    return CardData(
        EntryMode(plain["entry_mode"]),
        track,
        ksn,
        pin_block,
        chip,
        plain["masked_number"],
        plain["scheme"],
        plain["is_wallet"],
    )


def _purpose(operation_id: str) -> str:
    return f"pos_terminal.card:{operation_id}"
