"""Questions to terminals through the shop's agent: put, taken, answered, concluded."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from addons.organization.api import register_card
from addons.pos_terminal.domain.shop_exchange import (
    REASON_LENGTH_MAX,
    TAKE_LIMIT_MS,
    TAKE_MAX,
    ExchangeEnd,
    ExchangeState,
    ShopExchangeId,
    ShopQuestion,
    Told,
    read_request,
    read_told,
    request_text,
    told_text,
)
from kernel.config_sections import SecuritySettings
from kernel.device_http import ANSWER_BYTES_MAX
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.security.principal import PrincipalKind
from kernel.security.sealed import sealer_for

if TYPE_CHECKING:
    from kernel.data.work import Reader, Work
    from kernel.device_http import DeviceRequest

WAITING_TOPIC = "pos_terminal.shop_exchanges"  # subject: the outlet
ENDED_TOPIC = "pos_terminal.shop_exchange"  # subject: the question
HOLDER_LENGTH_MAX = 36
KEPT_MS = 3_600_000  # for whoever wonders why; their contents go at once
TIDY_EVERY = timedelta(minutes=10)
TIDY_MAX = 1_000  # rows in one round

_OPEN = """
SELECT x.id, x.state, x.holder, x.request, x.limit_ms, x.take_until_ms, t.title
FROM pos_shop_exchange x JOIN pos_terminal t ON t.id = x.terminal_id
WHERE x.company_id = ? AND x.outlet_id = ? AND (x.state = 'waiting' OR (x.state = 'taken' AND x.holder = ?))
ORDER BY x.id LIMIT ?
"""
_TAKE = "UPDATE pos_shop_exchange SET state = 'taken', holder = ? WHERE id = ? AND state = 'waiting'"
_ANSWER = (
    "UPDATE pos_shop_exchange SET state = ?, answer = ?, request = '', ended_ms = ? "
    "WHERE id = ? AND company_id = ? AND state = 'taken' AND holder = ?"
)
_EXPIRE = (
    "UPDATE pos_shop_exchange SET state = 'expired' WHERE id = ? AND company_id = ? AND state = 'waiting'"
)
_CONCLUDE = """
UPDATE pos_shop_exchange SET request = '', answer = '', ended_ms = ?,
  state = CASE state WHEN 'waiting' THEN 'expired' WHEN 'taken' THEN 'lost' ELSE state END
WHERE id = ? AND company_id = ?
"""


@dataclass(frozen=True, slots=True)
class PutQuestion:
    """A question of a driver."""

    outlet_id: str
    terminal_id: str
    limit_ms: int
    request: DeviceRequest = field(repr=False)


@dataclass(frozen=True, slots=True)
class TakeQuestions:
    """What an agent asks for. holder: made by the agent once, kept beside its memory."""

    holder: str
    count: int


@dataclass(frozen=True, slots=True)
class TellAnswer:
    """What an agent says became of a question."""

    exchange_id: ShopExchangeId
    holder: str
    told: Told = field(repr=False)


async def put_question(work: Work, command: PutQuestion) -> ShopExchangeId:
    """It waits for the agent of the outlet."""
    key = ShopExchangeId(new_id())
    await work.insert(
        "pos_shop_exchange",
        {
            "id": key,
            "company_id": work.company_id,
            "outlet_id": command.outlet_id,
            "terminal_id": command.terminal_id,
            "state": ExchangeState.WAITING.value,
            "request": _sealed(work, key, request_text(command.request)),
            "answer": "",
            "limit_ms": command.limit_ms,
            "holder": None,
            "take_until_ms": work.now_ms + TAKE_LIMIT_MS,
            "ended_ms": None,
            "created_ms": work.now_ms,
        },
    )
    work.notice(WAITING_TOPIC, command.outlet_id)
    return key


async def take_questions(work: Work, command: TakeQuestions) -> list[ShopQuestion]:
    """What waits in the device's outlet, from now on in this holder's hand; what it has in hand comes again:
    its own memory knows what it has begun. Raises Refusal: SHOP_DEVICES_ONLY, SHOP_HOLDER_MALFORMED.
    """
    if not 0 < len(command.holder) <= HOLDER_LENGTH_MAX:
        raise Refusal("SHOP_HOLDER_MALFORMED", field="holder")
    outlet_id = await outlet_of_device(work)
    holder = _holder(work, command.holder)
    count = min(max(command.count, 1), TAKE_MAX)
    taken = []
    for row in await work.rows(_OPEN, work.company_id, outlet_id, holder, count):
        is_new = row["state"] == ExchangeState.WAITING
        if is_new and (
            row["take_until_ms"] <= work.now_ms or not await work.execute(_TAKE, holder, row["id"])
        ):
            continue
        request = read_request(_opened(work, row["id"], row["request"]))
        taken.append(ShopQuestion(row["id"], row["title"], row["limit_ms"], request))
    return taken


async def tell_answer(work: Work, command: TellAnswer) -> None:
    """Saying it twice changes nothing; an answer that nobody waits for any more is passed over.

    Raises Refusal: SHOP_DEVICES_ONLY, SHOP_EXCHANGE_UNKNOWN, SHOP_ANSWER_TOO_LONG.
    """
    told = command.told
    if len(told.body) > ANSWER_BYTES_MAX or len(told.reason) > REASON_LENGTH_MAX:
        raise Refusal("SHOP_ANSWER_TOO_LONG", field="body")
    outlet_id = await outlet_of_device(work)
    row = await work.row(
        "SELECT outlet_id FROM pos_shop_exchange WHERE id = ? AND company_id = ?",
        command.exchange_id,
        work.company_id,
    )
    if row is None or row["outlet_id"] != outlet_id:
        raise Refusal("SHOP_EXCHANGE_UNKNOWN", field="exchangeId")
    state = ExchangeState.LOST if told.end is ExchangeEnd.LOST else ExchangeState.ANSWERED
    changed = await work.execute(
        _ANSWER,
        state.value,
        _sealed(work, command.exchange_id, told_text(told)),
        work.now_ms,
        command.exchange_id,
        work.company_id,
        _holder(work, command.holder),
    )
    if changed:
        work.notice(ENDED_TOPIC, command.exchange_id)


async def expire_untaken(work: Work, exchange_id: ShopExchangeId) -> bool:
    """True when no agent had taken it: from now on none will."""
    return bool(await work.execute(_EXPIRE, exchange_id, work.company_id))


async def conclude(work: Work, exchange_id: ShopExchangeId) -> Told:
    """What became of it; from now on nothing else will, and its contents are gone."""
    row = await work.row(
        "SELECT state, answer FROM pos_shop_exchange WHERE id = ? AND company_id = ?",
        exchange_id,
        work.company_id,
    )
    state = ExchangeState.EXPIRED if row is None else ExchangeState(row["state"])
    if row is not None and row["answer"]:
        told = read_told(_opened(work, exchange_id, row["answer"]))
    elif state in (ExchangeState.WAITING, ExchangeState.EXPIRED):
        told = Told(ExchangeEnd.NOT_REACHED, reason="agent_away")
    else:
        told = Told(ExchangeEnd.LOST, reason="silence")
    await work.execute(_CONCLUDE, work.now_ms, exchange_id, work.company_id)
    return told


async def has_ended(reader: Reader, exchange_id: ShopExchangeId) -> bool:
    """Whether an agent has told how it ended."""
    row = await reader.row(
        "SELECT state FROM pos_shop_exchange WHERE id = ? AND company_id = ?", exchange_id, reader.company_id
    )
    return row is None or row["state"] in (ExchangeState.ANSWERED, ExchangeState.LOST)


async def tidy(work: Work) -> None:
    """Delete what is over for long."""
    before_ms = work.now_ms - KEPT_MS
    old = await work.rows(
        "SELECT id FROM pos_shop_exchange WHERE created_ms < ? LIMIT ?", before_ms, TIDY_MAX
    )
    await work.execute_many("DELETE FROM pos_shop_exchange WHERE id = ?", [(row["id"],) for row in old])


async def waiting_in(reader: Reader, outlet_id: str) -> int:
    """Questions that wait for an agent of the outlet."""
    row = await reader.row(
        "SELECT COUNT(*) AS n FROM pos_shop_exchange WHERE company_id = ? AND outlet_id = ? "
        "AND state = 'waiting' AND take_until_ms > ?",
        reader.company_id,
        outlet_id,
        reader.now_ms,
    )
    return 0 if row is None else int(row["n"])


async def outlet_of_device(reader: Reader) -> str:
    """The outlet whose terminals the calling device may reach. Raises Refusal("SHOP_DEVICES_ONLY")."""
    principal = reader.principal
    if principal.kind is not PrincipalKind.DEVICE or not principal.register_ids:
        raise Refusal("SHOP_DEVICES_ONLY")
    card = await register_card(reader, min(principal.register_ids))
    return card.outlet_id


def _holder(reader: Reader, holder: str) -> str:
    return f"{reader.principal.subject_id}/{holder}"


def _sealed(reader: Reader, key: str, text: str) -> str:
    return sealer_for(reader.settings(SecuritySettings)).seal(text, purpose=f"pos_terminal.exchange:{key}")


def _opened(reader: Reader, key: str, sealed: str) -> str:
    return sealer_for(reader.settings(SecuritySettings)).open(sealed, purpose=f"pos_terminal.exchange:{key}")
