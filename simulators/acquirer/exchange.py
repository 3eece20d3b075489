"""One request to one answer: who asks, is it signed, was it asked before; then the rules, then the answer.

Duplicates (acquiring reference §1.8, end): the same request again gets the stored answer and posts nothing;
the same number with other data is refused with 94. A reversal is judged each time: it never pays twice.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from kernel.clock import Clock
from protocols.iso8583.dialect import Dialect
from protocols.iso8583.errors import MalformedMessage
from protocols.iso8583.message import FieldValue, Message, answer_mti
from protocols.iso8583.numbers import Network, Part, write_parts
from protocols.iso8583.signing import pack_signed
from simulators.acquirer.keys import HostKeys
from simulators.acquirer.rules import DUPLICATE, FORMAT, INVALID, PARTIAL, Rules, Verdict, told
from simulators.acquirer.settings import TerminalData

NO_MERCHANT, NO_TERMINAL, BAD_MAC = "03", "58", "97"
SEEN_MAX = 20_000  # answers kept of one terminal
ECHOED = (3, 4, 7, 11, 41, 42, 60, 70)
NEEDED = {
    "2": (3, 4, 7, 11, 12, 13, 41, 42, 49, 60),
    "3": (3, 4, 7, 11, 41, 42, 60),
    "4": (3, 4, 7, 11, 41, 42, 49, 60, 90),
    "5": (3, 7, 11, 41, 42, 60, 74, 76, 77, 86, 88, 89, 97),
    "8": (7, 11, 41, 42, 70),
}


@dataclass(slots=True)
class Terminal:
    """A terminal at the host. seen: answers by class, number and UTC day, with what was asked."""

    data: TerminalData
    keys: HostKeys
    is_blocked: bool = False
    is_signed_on: bool = False
    repeats: int = 0
    seen: OrderedDict[tuple[str, int, str], tuple[Message, Message]] = field(default_factory=OrderedDict)

    def remember(self, request: Message, answer: Message) -> None:
        """For a repeat."""
        self.seen[_seen_key(request)] = (request, answer)
        if len(self.seen) > SEEN_MAX:
            self.seen.popitem(last=False)


@dataclass(slots=True)
class Answered:
    """key: that signs the answer; None: it goes without MAC."""

    message: Message
    key: bytes | None


class Exchange:
    """The host apart from its sockets."""

    def __init__(self, rules: Rules, dialect: Dialect, clock: Clock) -> None:
        self.rules, self.dialect, self.clock = rules, dialect, clock
        self.terminals: dict[str, Terminal] = {}
        self.unsigned = 0  # requests whose MAC no known key makes

    def handle(self, data: bytes, *, code: str = "") -> Answered:
        """Answer one packed request. code: refuse with it before anything is posted.

        Raises MalformedMessage for what is no request of this dialect: there is nobody to answer to.
        """
        request = self.dialect.unpack(data)
        answer_mti(request.mti)
        terminal = self.terminals.get(request.text(41))
        if terminal is None or terminal.is_blocked:
            return Answered(self._plain(request, NO_TERMINAL), None)
        if terminal.data.merchant_code != request.text(42):
            return Answered(self._plain(request, NO_MERCHANT), None)
        if request.message_class == "8":
            return Answered(self._network(terminal, request, code), None)
        key = terminal.keys.signer(self.dialect, data, request)
        if key is None:
            self.unsigned += 1
            return Answered(self._plain(request, BAD_MAC), None)
        if code:
            return Answered(self._plain(request, code), key)
        return Answered(self._signed(terminal, request), key)

    def pack(self, answered: Answered) -> bytes:
        """The bytes of an answer, signed when it has a key."""
        if answered.key is None:
            return self.dialect.pack(answered.message)
        return pack_signed(self.dialect, answered.message, answered.key)

    def _signed(self, terminal: Terminal, request: Message) -> Message:
        if not _is_complete(request):
            return self._plain(request, FORMAT)
        earlier = terminal.seen.get(_seen_key(request))
        if earlier is not None and request.message_class != "4":
            terminal.repeats += 1
            asked, answer = earlier
            return answer if _is_same(asked, request) else self._plain(request, DUPLICATE)
        try:
            verdict = self.rules.judge(request, terminal.keys.pin_keys)
        except MalformedMessage:
            return self._plain(request, FORMAT)
        answer = self._answer(request, verdict)
        terminal.remember(request, answer)
        return answer

    def _network(self, terminal: Terminal, request: Message, code: str) -> Message:
        if code or not _is_complete(request):
            return self._plain(request, code or FORMAT)
        earlier = terminal.seen.get(_seen_key(request))
        if earlier is not None and _is_same(earlier[0], request):
            return earlier[1]
        more: dict[int, FieldValue] = {}
        match request.text(70):
            case Network.SIGN_ON:
                terminal.is_signed_on = True
            case Network.SIGN_OFF:
                terminal.is_signed_on = False
            case Network.PIN_KEY:
                more[62] = terminal.keys.give_pin_key()
            case Network.MAC_KEY:
                more[62] = terminal.keys.give_mac_key()
            case Network.ECHO:
                pass
            case _:
                return self._plain(request, INVALID)
        answer = self._plain(request, "00", more)
        terminal.remember(request, answer)
        return answer

    def _answer(self, request: Message, verdict: Verdict) -> Message:
        local = self.rules.local
        digits = self.dialect.elements[12].length
        more: dict[int, FieldValue] = {}
        if request.message_class in "25":
            more[12] = local.strftime("%y%m%d%H%M%S")[-digits:]
            more[13] = local.strftime("%m%d")
            more[15] = self.rules.day.strftime("%m%d")
        if request.message_class == "2" and verdict.posting is not None:
            more[37], more[38] = verdict.posting.rrn, verdict.posting.authorization_code
            more[15] = verdict.posting.day.strftime("%m%d")
        if verdict.code == PARTIAL and verdict.amount is not None:
            more[4] = str(verdict.amount)
        if verdict.balance:
            more[66] = verdict.balance
        if verdict.read is not None:
            parts = {Part.SCHEME: verdict.read.scheme, Part.MASKED_NUMBER: verdict.read.masked_number}
            if verdict.read.is_wallet:
                parts[Part.WALLET] = "1"
            more[48] = write_parts(parts)
        return self._plain(request, verdict.code, more)

    def _plain(self, request: Message, code: str, more: Mapping[int, FieldValue] | None = None) -> Message:
        echoed = {number: request.fields[number] for number in ECHOED if number in request.fields}
        return Message(
            answer_mti(request.mti), {**echoed, 39: told(self.dialect.codes, code), **(more or {})}
        )


def _seen_key(request: Message) -> tuple[str, int, str]:
    """Class, number and UTC day: a number is used once a day."""
    return request.message_class + request.text(70), request.number(11), request.text(7)[:4]


def _is_complete(request: Message) -> bool:
    return all(number in request.fields for number in NEEDED.get(request.message_class, ()))


def _is_same(asked: Message, again: Message) -> bool:
    """But for the mark of a repeat and the MAC, which covers it."""
    unlike = {64, 128}
    left = {number: given for number, given in asked.fields.items() if number not in unlike}
    right = {number: given for number, given in again.fields.items() if number not in unlike}
    return asked.mti[:3] == again.mti[:3] and left == right
