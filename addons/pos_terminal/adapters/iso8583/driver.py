"""The driver `iso8583`: one order is one conversation with the host of the acquirer.

Nothing is decided here about money: what surely did not leave is `NotSent`, what the host said and proved is
its outcome, everything else is `NotKnown` with the reason a reversal will carry.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, assert_never
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfoNotFoundError

import structlog

from addons.pos_terminal.adapters.iso8583 import answers, requests
from addons.pos_terminal.adapters.iso8583.guard import guard_of
from addons.pos_terminal.adapters.iso8583.host_link import (
    GARBAGE,
    AnswerLost,
    HostLink,
    HostNotReached,
    LateListener,
    Received,
)
from addons.pos_terminal.domain.driver import (
    Agreed,
    Approved,
    BatchOperation,
    Capabilities,
    Declined,
    DriverOrder,
    DriverOutcome,
    NotKnown,
    NotSent,
    Step,
)
from kernel.errors import Unavailable
from protocols.iso8583.codes import Outcome
from protocols.iso8583.dialect import Dialect, dialect_of
from protocols.iso8583.errors import BadKey, WireError
from protocols.iso8583.message import Message
from protocols.iso8583.numbers import Network, ReversalReason
from protocols.iso8583.signing import covered, with_mac

if TYPE_CHECKING:
    from addons.pos_terminal.domain.driver import TerminalKeys

ANSWER_LIMIT_MS = 45_000  # a host answers within 30 to 60 s, or has given up itself
UPLOADED_TOGETHER = 32  # operations of a batch that wait for their answers at once
LINKS_MAX = 256  # different hosts at a time that nobody waits for
CHOICES = {"reversal": ("request", "advice"), "sign_on": ("no", "yes"), "tls": ("no", "yes")}
OPTIONS = frozenset(
    {"dialect", "mac", "mac_size", "header", "tpdu", "codes", "zone", "fingerprint", *CHOICES}
)


_log = structlog.get_logger("sauda.acquirer")


class Iso8583:
    """See addons.pos_terminal.services.ports.TerminalDriver."""

    capabilities = Capabilities(
        has_void=True,
        has_refund=True,
        has_partial_refund=True,
        has_reversal=True,
        has_settlement=True,
        takes_card_from_device=True,
        needs_keys=True,
        wait_max_ms=ANSWER_LIMIT_MS,
    )

    def __init__(self) -> None:
        self._listening: set[asyncio.Task[None]] = set()
        self._links: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[object, ...], HostLink]] = (
            WeakKeyDictionary()
        )

    def wrong_option(self, options: Mapping[str, str]) -> str:
        """See addons.pos_terminal.services.ports.ConfiguredDriver."""
        unknown = next((name for name in options if name not in OPTIONS), "")
        for name, allowed in CHOICES.items():
            if options.get(name, allowed[0]) not in allowed:
                return name
        try:
            if dialect_of(options).framing.has_tpdu and "tpdu" not in options:
                return "tpdu"
            guard_of(options)
            requests.zone_named(options)
        except ZoneInfoNotFoundError:
            return "zone"
        except ValueError as wrong:
            return str(wrong)
        return unknown

    def reversal_image(self, order: DriverOrder) -> str:
        """See TerminalDriver. Empty when the operation cannot be written, and so will not leave either."""
        try:
            return requests.reversal_image(order, dialect_of(order.terminal.options))
        except (ValueError, ZoneInfoNotFoundError):
            return ""

    async def perform(self, order: DriverOrder) -> DriverOutcome:
        """See TerminalDriver."""
        try:
            talk = _Talk(order, dialect_of(order.terminal.options), self._link(order), self._listening)
        except (ValueError, ZoneInfoNotFoundError):
            return NotSent("ACQUIRER_OPTIONS_WRONG")
        try:
            return await talk.held()
        except AnswerLost as lost:
            is_garbage = lost.reason == GARBAGE
            reason = ReversalReason.WRONG_ANSWER if is_garbage else ReversalReason.NO_ANSWER
            return NotKnown(reason.value)
        except HostNotReached:
            return talk.broken("ACQUIRER_ABSENT")
        except requests.CardInClear:
            return talk.broken("CARD_DATA_IN_CLEAR")
        except BadKey:
            return talk.broken("TERMINAL_KEYS_UNFIT")
        except WireError:
            return talk.broken("ACQUIRER_MESSAGE_UNFIT")
        except Unavailable:
            return talk.broken("TERMINAL_KEYS_AWAY")

    async def heard(self) -> None:
        """Until every late answer that has come is told to whom it concerns."""
        while self._listening:
            await asyncio.wait(self._listening)

    def close(self) -> None:
        """End the connections of the running event loop."""
        for link in self._links.pop(asyncio.get_running_loop(), {}).values():
            link.drop()

    def _link(self, order: DriverOrder) -> HostLink:
        """The connection to the order's host, made when it is used. Raises ValueError."""
        requests.zone_of(order)
        options = order.terminal.options
        host, _, port = order.terminal.address.rpartition(":")
        if not host or not port.isdigit():
            raise ValueError("address")
        tpdu = bytes.fromhex(options.get("tpdu", ""))
        guard = guard_of(options)
        dialect = dialect_of(options)
        links = self._links.setdefault(asyncio.get_running_loop(), {})
        key = (host, port, dialect.name, dialect.framing, tpdu, guard)
        if key not in links:
            if len(links) >= LINKS_MAX:
                for idle in [each for each, link in links.items() if link.is_idle]:
                    links.pop(idle).drop()
            links[key] = HostLink(host, int(port), dialect, tpdu=tpdu, guard=guard)
        return links[key]


class _Talk:
    """One order and the messages it takes. listening: where tasks live that hear of late answers."""

    def __init__(
        self, order: DriverOrder, dialect: Dialect, link: HostLink, listening: set[asyncio.Task[None]]
    ) -> None:
        self.order, self.dialect, self.link, self.listening = order, dialect, link, listening
        self.until = asyncio.get_running_loop().time() + order.deadline_ms / 1000
        self.has_sent = False

    async def held(self) -> DriverOutcome:
        """The conversation. Raises HostNotReached, AnswerLost, BadKey, MalformedMessage."""
        match self.order.step:
            case Step.PAY | Step.VOID | Step.REFUND:
                return await self._operation()
            case Step.REVERSE:
                return await self._reversal()
            case Step.KEYS:
                return await self._key_exchange()
            case Step.ECHO:
                return await self._echo()
            case Step.SETTLE:
                return await self._settlement()
            case Step.CONFIRM:
                return Agreed()
            case Step.QUERY | Step.ABORT:
                return NotSent("TERMINAL_CANNOT")
            case step:
                assert_never(step)

    def broken(self, code: str) -> DriverOutcome:
        """The conversation ends here: nothing has left, unless an earlier message of it has."""
        return NotKnown(ReversalReason.WRONG_ANSWER.value) if self.has_sent else NotSent(code)

    async def _operation(self) -> DriverOutcome:
        request = requests.operation(self.order, self.dialect)
        late = _LateEar(replace(self.order, card=None), self.dialect, answers.echoed(request), self.listening)
        answer = await self._signed(request, None if self.order.late is None else late)
        if isinstance(answer, Message):
            return answers.operation_outcome(self.order, self.dialect, answer)
        return answer

    async def _reversal(self) -> DriverOutcome:
        answer = await self._signed(requests.reversal(self.order))
        return answers.reversal_outcome(self.dialect, answer) if isinstance(answer, Message) else answer

    async def _echo(self) -> DriverOutcome:
        answer = await self._network(Network.ECHO, self.order.stan)
        rule = answers.code_rule(self.dialect, answer)
        return (
            Agreed("ready") if rule.outcome is Outcome.APPROVED else Declined("CARD_HOST_FAILED", rule.code)
        )

    async def _key_exchange(self) -> DriverOutcome:
        """Check value and block of both keys as they came: who holds the master key will prove them."""
        memo: dict[str, str] = {}
        first, second, third = (self.order.stan, *self.order.more_stans)
        if self.order.terminal.options.get("sign_on") == "yes":
            signed_on = answers.code_rule(self.dialect, await self._network(Network.SIGN_ON, third))
            if signed_on.outcome is not Outcome.APPROVED:
                return Declined("TERMINAL_KEYS_REFUSED", signed_on.code)
        for name, code, stan in (
            ("pin_key", Network.PIN_KEY, first),
            ("mac_key", Network.MAC_KEY, second),
        ):
            answer = await self._network(code, stan)
            rule = answers.code_rule(self.dialect, answer)
            if rule.outcome is not Outcome.APPROVED:
                return Declined("TERMINAL_KEYS_REFUSED", rule.code)
            memo[name] = answer.text(62)
        return Agreed("keys", memo)

    async def _settlement(self) -> DriverOutcome:
        first = await self._totals(is_after_upload=False)
        if not isinstance(first, Message):
            return first
        if answers.code_rule(self.dialect, first).outcome is Outcome.APPROVED:
            return Agreed("in_balance", _day(first))
        if answers.code_rule(self.dialect, first).outcome is not Outcome.BALANCE:
            return NotKnown(f"host_{first.text(39)}")
        for at in range(0, len(self.order.operations), UPLOADED_TOGETHER):
            broken = await self._uploaded(self.order.operations[at : at + UPLOADED_TOGETHER])
            if broken is not None:
                return broken
        self._wait_anew()
        last = await self._totals(is_after_upload=True)
        if not isinstance(last, Message):
            return last
        match answers.code_rule(self.dialect, last).outcome:
            case Outcome.APPROVED:
                return Agreed("after_upload", _day(last))
            case Outcome.BALANCE:  # the batch closes all the same; people look at the difference
                return Agreed("out_of_balance", _day(last))
            case _:
                return NotKnown(f"host_{last.text(39)}")

    async def _uploaded(self, operations: tuple[BatchOperation, ...]) -> DriverOutcome | None:
        """Some operations of the batch at once; None when the host took them all. Raises as `held` does."""
        self._wait_anew()
        messages = [requests.upload(self.order, one, self.dialect) for one in operations]
        taken = await asyncio.gather(*map(self._signed, messages), return_exceptions=True)
        for each in taken:
            if isinstance(each, BaseException):
                raise each
            if not isinstance(each, Message):
                return each
            if answers.code_rule(self.dialect, each).outcome is not Outcome.APPROVED:
                return NotKnown(f"upload_{each.text(39)}")
        return None

    def _wait_anew(self) -> None:
        """A batch may be long: its messages have the whole time each, as long as the host keeps answering."""
        self.until = asyncio.get_running_loop().time() + self.order.deadline_ms / 1000

    async def _totals(self, *, is_after_upload: bool) -> Message | NotKnown | NotSent:
        request = requests.totals(self.order, self.dialect, is_after_upload=is_after_upload)
        return await self._signed(request)

    async def _network(self, code: Network, stan: int) -> Message:
        """Messages about the connection itself carry no MAC: the keys may not be there yet."""
        request = requests.network(self.order, code, stan)
        received = await self._exchange(request, self.dialect.pack(request))
        if received.message.text(70) != code.value or not received.message.text(39):
            raise AnswerLost(GARBAGE)
        return received.message

    async def _signed(
        self, request: Message, late: LateListener | None = None
    ) -> Message | NotKnown | NotSent:
        """The proved answer to a signed request, or why there is none."""
        keys: TerminalKeys | None = self.order.terminal.keys
        if keys is None:
            return NotSent("TERMINAL_KEYS_MISSING")
        signed = covered(self.dialect, request)
        data = with_mac(self.dialect, signed, await keys.mac(self.dialect.mac_rule, signed))
        received = await self._exchange(request, data, late)
        return await answers.doubt(self.dialect, keys, request, received) or received.message

    async def _exchange(self, request: Message, data: bytes, late: LateListener | None = None) -> Received:
        try:
            received = await self.link.exchange(request, data, until=self.until, late=late)
        except AnswerLost:
            self.has_sent = True
            raise
        self.has_sent = True
        return received


@dataclass(frozen=True, slots=True)
class _LateEar:
    """Hears the answer to an operation that was given up. It lives for long: no card data are in order and
    request.
    """

    order: DriverOrder
    dialect: Dialect
    request: Message
    listening: set[asyncio.Task[None]]

    def __call__(self, received: Received) -> None:
        """The answer is here."""
        hearing = asyncio.get_running_loop().create_task(self._hear(received))
        self.listening.add(hearing)
        hearing.add_done_callback(self.listening.discard)

    async def _hear(self, received: Received) -> None:
        """An approval that is proved is told; nothing else would change what is going on anyway."""
        keys, tell = self.order.terminal.keys, self.order.late
        assert keys is not None, "the request was signed"
        assert tell is not None, "somebody wanted to know"
        try:
            if await answers.doubt(self.dialect, keys, self.request, received) is not None:
                return
            outcome = answers.operation_outcome(self.order, self.dialect, received.message)
            if isinstance(outcome, Approved):
                await tell(outcome)
        except (BadKey, Unavailable) as error:
            _log.error("late_approval_untold", operation=self.order.operation_id, error=str(error))


def _day(answer: Message) -> Mapping[str, str]:
    return {"host_day": answer.text(15), "balance": answer.text(66)}
