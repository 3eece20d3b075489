"""The one contract of all drivers: what a terminal or host can do, what it is asked, what it answered.

No field here can hold a card number, a track, a PIN or chip data in clear: a driver masks at its own edge
(PCI DSS 3.4.1: first six and last four digits at most). A driver never decides about money: it tells apart
*surely not sent*, *answered* and *not known*, and the engine (`domain/engine.py`) decides.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias

from kernel.money import Money
from kernel.values import value

if TYPE_CHECKING:
    from kernel.device_http import DeviceAnswer, DeviceRequest


class DriverName(StrEnum):
    """Drivers that ship with Sauda; an add-on may offer more under names of its own."""

    ISO8583 = "iso8583"
    KASPI_SMARTPOS = "kaspi_smartpos"
    ECR_JSON = "ecr_json"


class Step(StrEnum):
    """What a driver is asked to do now."""

    PAY = "pay"
    VOID = "void"  # take today's payment back whole
    REFUND = "refund"  # give back all or a part of an earlier payment
    QUERY = "query"  # ask what became of it; changes nothing
    ABORT = "abort"  # stop a payment that is going on; changes nothing when it is too late
    REVERSE = "reverse"  # make a payment whose outcome nobody knows not to have been
    CONFIRM = "confirm"  # tell the host or terminal that the answer was taken
    KEYS = "keys"  # exchange working keys
    ECHO = "echo"  # is anybody there
    SETTLE = "settle"  # compare the totals of the batch and close it


class EntryMode(StrEnum):
    """How the card was read."""

    CHIP = "chip"
    CONTACTLESS = "contactless"
    STRIPE = "stripe"
    FALLBACK = "fallback"  # stripe after the chip could not be read
    QR = "qr"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a driver can do. Times in milliseconds."""

    is_whole_tenge: bool = False
    has_status_query: bool = False
    has_remote_cancel: bool = False
    has_void: bool = False
    has_refund: bool = False
    has_partial_refund: bool = False
    has_reversal: bool = False
    has_settlement: bool = False
    has_qr: bool = False
    takes_card_from_device: bool = False  # a device hands over encrypted card data (`CardData`)
    needs_keys: bool = False
    wait_max_ms: int = 60_000  # after which an answer is not awaited any longer
    query_pause_ms: int = 1_000


class ShopDoor(Protocol):
    """For drivers of terminals in a shop's network: the way to the device, directly or through the shop's
    agent, and the place where its secrets are kept.
    """

    async def ask(self, request: DeviceRequest, *, limit_ms: int) -> DeviceAnswer:
        """Ask the device once. Raises DeviceNotReached (surely nothing left) and AnswerLost (it may have
        arrived), both of kernel.device_http.
        """
        ...

    async def keep_secrets(self, secrets: Mapping[str, str]) -> None:
        """Seal them on the terminal's row in place of the earlier ones; durable on return."""
        ...


class TerminalKeys(Protocol):
    """Working keys of a terminal for a driver with `needs_keys`, of which the driver sees no byte."""

    async def mac(self, rule: str, data: bytes) -> bytes:
        """The MAC of a message, with the key in force. rule: a MacRule of protocols.iso8583.crypto.

        Raises BadKey of protocols.iso8583.errors when the key is of another kind, Unavailable when the keys
        cannot be reached.
        """
        ...

    async def answer_macs(self, rule: str, data: bytes) -> tuple[bytes, ...]:
        """MACs that an answer may carry: with the key in force, and with the one before while messages of its
        time are on their way. Raises BadKey, Unavailable.
        """
        ...


@dataclass(frozen=True, slots=True)
class TerminalCard:
    """A terminal as a driver has to know it. secrets: opened for this one step, never stored or logged.

    door: how a driver of local terminals reaches it; None where there is no house around, in tests.
    keys: of a driver with `needs_keys`; None before they were exchanged.
    """

    id: str
    company_id: str
    driver: str
    terminal_code: str  # DE41, or the number printed on the device
    merchant_code: str  # DE42
    address: str  # host:port of an acquirer, https://… of a terminal in the shop
    options: Mapping[str, str] = field(default_factory=dict)  # of the contract: dialect, fingerprint …
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    is_through_agent: bool = False  # only the shop's agent reaches it
    door: ShopDoor | None = field(default=None, repr=False, compare=False)
    keys: TerminalKeys | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class CardData:
    """What a device read, encrypted by the device; kept sealed until the message leaves, then dropped."""

    entry_mode: EntryMode
    track: bytes = field(default=b"", repr=False)  # encrypted track 2 or token cryptogram
    ksn: bytes = field(default=b"", repr=False)  # key serial number of that encryption
    pin_block: bytes = field(default=b"", repr=False)
    chip: bytes = field(default=b"", repr=False)  # EMV TLV of DE55, without tags that hold the number
    masked_number: str = ""  # as the device shows it
    scheme: str = ""
    is_wallet: bool = False


@dataclass(frozen=True, slots=True)
class OriginalPayment:
    """The earlier operation that a void, a refund or a reversal is about."""

    kind: str
    stan: int
    batch: int
    amount: Money
    sent_ms: int
    rrn: str
    authorization_code: str
    memo: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BatchTotals:
    """Counts and sums of a batch. A void is counted beside the purchase it takes back; what was reversed is
    counted nowhere.
    """

    purchases: int = 0
    purchases_sum: Money = Money.ZERO
    voids: int = 0
    voids_sum: Money = Money.ZERO
    refunds: int = 0
    refunds_sum: Money = Money.ZERO


@dataclass(frozen=True, slots=True)
class BatchOperation:
    """One approved operation of a batch, to be uploaded when the totals differ."""

    step: Step  # PAY, VOID or REFUND
    stan: int
    amount: Money
    sent_ms: int
    rrn: str
    authorization_code: str
    response_code: str
    entry_mode: EntryMode = EntryMode.UNKNOWN


@dataclass(frozen=True, slots=True)
class DriverOrder:
    """One step. attempt: 1 for the first time this very step is sent, more for a repeat with the same data.

    memo: what earlier steps of this operation told to remember (a process number of the terminal).
    image: for REVERSE, what `TerminalDriver.reversal_image` made before the payment left.
    more_stans: numbers for the further messages of KEYS (two more) and SETTLE (one more), durable as stan is.
    totals, operations: of the batch to SETTLE. late: whom to tell of an approval that came after this step
    was given up as NotKnown; None when nobody listens.
    """

    step: Step
    operation_id: str
    terminal: TerminalCard
    amount: Money
    stan: int
    batch: int
    sent_ms: int  # of the operation's first message: the same in its repeats and its reversal
    attempt: int = 1
    method: str = "card"  # card | qr
    original: OriginalPayment | None = None
    memo: Mapping[str, str] = field(default_factory=dict)
    card: CardData | None = None
    image: str = ""
    reason: str = ""  # of a reversal: 4021, 4020 …
    deadline_ms: int = 60_000  # for the whole step; of SETTLE for each of its messages
    more_stans: tuple[int, ...] = ()
    totals: BatchTotals = field(default_factory=BatchTotals)
    operations: tuple[BatchOperation, ...] = ()
    late: LateListener | None = field(default=None, repr=False, compare=False)


@value
class CardFacts:
    """What is known of the card and the host's decision; everything may be empty."""

    rrn: str = ""
    authorization_code: str = ""
    response_code: str = ""
    masked_number: str = ""  # 123456******1234
    scheme: str = ""  # VISA, MASTERCARD, UNIONPAY, KASPI …
    method: str = ""  # card | qr
    entry_mode: EntryMode = EntryMode.UNKNOWN
    is_wallet: bool = False
    application_id: str = ""  # AID of the chip
    terminal_code: str = ""
    merchant_code: str = ""
    host_day: str = ""  # MMDD of DE15, when the host says to which banking day it belongs
    host_ms: int | None = None
    slip_number: str = ""
    order_number: str = ""  # of a QR payment


@value
class Approved:
    """The money is taken (or given back). amount: as the other side says it, to be compared with what was
    asked.
    """

    amount: Money
    facts: CardFacts
    memo: Mapping[str, str] = field(default_factory=dict)


@value
class Declined:
    """An explicit no. code: a refusal code of this add-on; host_code: as the other side said it."""

    code: str
    host_code: str = ""
    facts: CardFacts = field(default_factory=CardFacts)


@value
class NotSent:
    """Proved: nothing has left, or the other side refused to begin. A new operation may be tried."""

    code: str


@value
class NotKnown:
    """The request may have arrived and no usable answer came. reason: a short word for logs and people."""

    reason: str
    code: str = "CARD_OUTCOME_UNKNOWN"
    memo: Mapping[str, str] = field(default_factory=dict)


@value
class GoesOn:
    """It has begun and is not over: ask again (QUERY) after after_ms. memo is durable before that."""

    after_ms: int
    note: str = ""  # wait_card, wait_pin, processing …: for the cashier's screen
    memo: Mapping[str, str] = field(default_factory=dict)


@value
class Agreed:
    """A step that moves no money of its own succeeded: reversal taken, abort taken, echo answered, batch
    closed. facts: what it told (KEYS: sealed by the caller, never logged).
    """

    note: str = ""
    memo: Mapping[str, str] = field(default_factory=dict)


LateListener: TypeAlias = "Callable[[Approved], Awaitable[None]]"
DriverOutcome: TypeAlias = Approved | Declined | NotSent | NotKnown | GoesOn | Agreed
