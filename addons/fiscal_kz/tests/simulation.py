"""A register's life in memory: the pure engine, a memory store, a network that fails by dice, and the
simulator's OFD behind it.

The OFD side (simulators.ofd) was written from the protocol text apart from the engine; frames pass between
them as real bytes but without sockets. Everything follows from the seed. Long because the world it makes is
read in one go: register, network, clock and the invariants between them.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field, replace
from enum import StrEnum

from addons.fiscal_kz.adapters.ofd_wire import OfdWire
from addons.fiscal_kz.domain.bodies import Body, CashBody, DeskBody, Parent, TicketBody
from addons.fiscal_kz.domain.card import KkmCard
from addons.fiscal_kz.domain.effects import (
    Delivered,
    Effect,
    Finish,
    Fiscalized,
    Halt,
    IssueBacklog,
    Issued,
    Queue,
    Refuse,
    Rejected,
    Reported,
    Retry,
    Send,
    ShiftClosed,
    StartPolling,
    TakenOut,
)
from addons.fiscal_kz.domain.engine import decide
from addons.fiscal_kz.domain.events import (
    Accepted,
    Answered,
    Backlog,
    BacklogEnded,
    Event,
    Lost,
    Released,
    TokenEntered,
    Turned,
)
from addons.fiscal_kz.domain.facts import Document, Numbers
from addons.fiscal_kz.domain.kinds import Block, Command, DocumentKind, Operation, Placement
from addons.fiscal_kz.domain.report import Report
from addons.fiscal_kz.domain.state import HOUR_MS, Rules, State
from addons.fiscal_kz.tests.random_tickets import random_ticket
from protocols.ofd import frame
from protocols.ofd.answer import read_answer
from simulators.ofd.exchange import Reply
from simulators.ofd.ledger import Account
from simulators.ofd.server import OfdSimulator

START_MS = 1_768_451_400_000  # 2026-01-15 09:30 in Almaty
MINUTE_MS = 60_000
OFD_ID, FIRST_TOKEN = 1001, 3_123_456_789
BACKLOG_BATCH = 3
ANSWERS_MAX = 1_000  # turns of one head before the driver gives up
CARD = KkmCard(
    zone="Asia/Almaty",
    latitude_e4=432389,
    longitude_e4=768897,
    registration_number="000000001001",
    factory_number="SIM-00001001",
    org_title="Дүкен",
    org_bin="230140000109",
)
RULES = Rules()
WIRE = OfdWire()


class Weather(StrEnum):
    """What the network does to an exchange."""

    FINE = "fine"
    REFUSED = "refused"
    LOST_BEFORE = "lost_before"
    LOST_AFTER = "lost_after"
    UNAVAILABLE = "unavailable"
    REJECTING = "rejecting"


@dataclass(slots=True)
class Entry:
    """A stored document."""

    document: Document
    body: Body | None
    total: int = 0
    outcome: str = "queued"
    request: bytes | None = None
    numbers: Numbers | None = None
    sign: str = ""


@dataclass(slots=True)
class Durable:
    """What survives a restart: the engine's state, documents, the lane, the bytes in flight."""

    state: State
    entries: dict[str, Entry] = field(default_factory=dict)
    lane: list[str] = field(default_factory=list)
    in_flight: bytes = b""
    is_halted: bool = False
    due_ms: int = 0


class Register:
    """Drives one register: offers documents, gives the head its turn, plays network and power cuts."""

    def __init__(self, seed: int, *, version: int = 203, rules: Rules = RULES) -> None:
        self.dice = random.Random(seed)
        self.rules = rules
        self.now_ms = START_MS
        self.ofd = OfdSimulator()
        self.account: Account = self.ofd.add_register(OFD_ID, FIRST_TOKEN)
        self.version = version
        self.durable = Durable(State(is_active=True, version=version, token=FIRST_TOKEN))
        self.weather = Weather.FINE
        self.made = 0
        self.steps = 0
        self.trace = hashlib.sha256()
        self.seen: dict[str, int] = {}

    # --- one step

    def step(self) -> None:
        """One thing happens."""
        self.steps += 1
        roll = self.dice.random()
        if roll < 0.30:
            self.offer()
        elif roll < 0.75:
            for _ in range(self.dice.randint(1, 6)):
                self.work_head()
        elif roll < 0.90:
            self.pass_time()
        elif roll < 0.95:
            self.change_weather()
        else:
            self.person_looks()

    def settle_everything(self) -> None:
        """Fine weather and a helpful person until the lane is empty."""
        self.weather = Weather.FINE
        self.ofd.unblock(OFD_ID)
        for _ in range(ANSWERS_MAX):
            if not self.durable.lane:
                return
            self.now_ms = max(self.now_ms, self.durable.due_ms)
            self.person_looks()
            self.weather = Weather.FINE
            self.work_head(crashes=False)
        raise AssertionError("the lane does not become empty")

    def pass_time(self) -> None:
        """From a second to half a day."""
        spans = (1_000, 5_000, MINUTE_MS, 10 * MINUTE_MS, HOUR_MS, 12 * HOUR_MS)
        span = self.dice.choices(spans, weights=(20, 20, 30, 10, 3, 1))[0]
        self.now_ms += span
        self.note("time", span)

    def change_weather(self) -> None:
        """The network becomes better or worse; now and then the OFD blocks the register or resets its
        token.
        """
        self.weather = self.dice.choices(list(Weather), weights=(14, 2, 1, 1, 1, 1))[0]
        roll = self.dice.random()
        if roll < 0.05:
            self.ofd.block(OFD_ID)
        elif roll < 0.20:
            self.ofd.unblock(OFD_ID)
        elif roll < 0.23:
            self.ofd.reset_token(OFD_ID)
        self.note("weather", self.weather)

    def person_looks(self) -> None:
        """A person enters the token, or lets a blocked register try again."""
        block = self.durable.state.block
        if block is Block.TOKEN:
            self.commit(TokenEntered(self.account.token))
        elif block in (Block.REPLAY, Block.SERVICE, Block.UNKNOWN_DEVICE):
            self.commit(Released())
        else:
            return
        self.durable.is_halted = False
        self.durable.due_ms = self.now_ms

    # --- documents

    def offer(self) -> None:
        """A cashier wants something."""
        roll = self.dice.random()
        if roll < 0.74:
            self.accept(DocumentKind.TICKET, self.ticket())
        elif roll < 0.88:
            placement = self.dice.choice((Placement.DEPOSIT, Placement.DEPOSIT, Placement.WITHDRAWAL))
            self.accept(DocumentKind.CASH, CashBody(placement, self.dice.randint(1, 500_000), 7, "Айгүл"))
        elif roll < 0.95:
            withdraws_cash = self.made % 3 == 0
            self.accept(DocumentKind.CLOSE, DeskBody("op", 7, "Айгүл", withdraws_cash))
        else:
            self.accept(DocumentKind.REPORT, DeskBody("op", 7, "Айгүл"))

    def accept(self, kind: DocumentKind, body: Body) -> str | None:
        """Offer a document; its id, or None when it is refused."""
        self.made += 1
        ticket = body.facts if isinstance(body, TicketBody) else None
        cash = body.facts if isinstance(body, CashBody) else None
        withdraws_cash = isinstance(body, DeskBody) and body.withdraws_cash
        document = Document(
            f"d{self.made:06d}", kind, self.now_ms, ticket, cash, withdraws_cash=withdraws_cash
        )
        durable = self.durable
        effects = self.commit(Accepted(document, waiting=len(durable.lane)))
        for effect in effects:
            if isinstance(effect, Refuse):
                self.count(f"refused {effect.code}")
                return None
        total = body.total if isinstance(body, TicketBody) else 0
        entry = durable.entries[document.id] = Entry(document, body, total)
        durable.lane.append(document.id)
        self.perform(entry, effects)
        self.count(f"accepted {kind}")
        return document.id

    def ticket(self) -> TicketBody:
        """A random ticket; returns name an original that the OFD knows."""
        return random_ticket(self.dice, self.parent())

    def parent(self) -> Parent | None:
        """A delivered sale of this register."""
        known = [each for each in self.durable.entries.values() if each.sign and _is_sale(each)]
        if not known:
            return None
        original = self.dice.choice(known)
        assert original.numbers is not None
        numbers = original.numbers
        return Parent(
            original.document.id,
            original.sign,
            numbers.at_ms,
            CARD.registration_number,
            original.total,
            numbers.is_marked,
        )

    def ask_for_goods(self) -> None:
        """A merchant asks the OFD for its goods."""
        self.made += 1
        asked = Document(f"g{self.made:06d}", DocumentKind.NOMENCLATURE, self.now_ms)
        self.durable.entries[asked.id] = Entry(asked, None)
        self.durable.lane.append(asked.id)
        self.count("asked for goods")

    # --- the head's turn

    def work_head(self, *, crashes: bool = True) -> None:
        """Transaction A, the exchange, transaction B; the power may fail between them."""
        durable = self.durable
        if not durable.lane or durable.is_halted or self.now_ms < durable.due_ms:
            return
        entry = durable.entries[durable.lane[0]]
        if entry.outcome in ("rejected", "reported", "handled"):
            durable.lane.pop(0)
            return
        is_past_numbering = entry.outcome == "offline" or not entry.document.kind.is_fiscal
        if is_past_numbering and durable.state.has_backlog and durable.state.is_autonomous:
            self.issue_backlog(durable.lane[1:])
        effects = self.commit(Turned(entry.document))
        self.perform(entry, effects)
        send = next((each for each in effects if isinstance(each, Send)), None)
        if send is None:
            self.finish(effects)
            return
        if send.is_fresh:
            durable.in_flight = self.bytes_of(entry, send)
        payload = durable.in_flight
        if send.period is not None:
            payload = WIRE.with_period(payload, send.period, CARD)
        if crashes and self.dice.random() < 0.02:
            self.count("power cut before sending")
            return
        answer = self.exchange(send, payload)
        if crashes and self.dice.random() < 0.02:
            self.count("power cut after sending")
            return
        self.settle(entry, answer)

    def settle(self, entry: Entry, answer: tuple[int, int, str] | Lost) -> None:
        """Transaction B."""
        if isinstance(answer, Lost):
            effects = self.commit(replace(answer, document=entry.document))
        else:
            code, token, sign = answer
            effects = self.commit(Answered(entry.document, code, token))
            if code == 0 and entry.document.kind is DocumentKind.TICKET:
                entry.sign = sign
            self.count(f"code {code}")
        self.perform(entry, effects)
        self.finish(effects)

    def exchange(self, send: Send, payload: bytes) -> tuple[int, int, str] | Lost:
        """The network and the OFD. Lost carries a placeholder document."""
        nobody = Document("", DocumentKind.POLL, 0)
        weather = self.weather
        if weather is Weather.FINE and self.dice.random() < 0.03:
            weather = self.dice.choice((Weather.LOST_BEFORE, Weather.LOST_AFTER))
        self.note("exchange", weather, send.exchange.command, send.exchange.reqnum)
        self.now_ms += 200 if weather is Weather.FINE else 5_000
        sent = frame.Frame(self.version, OFD_ID, send.exchange.token, send.exchange.reqnum, payload)
        match weather:
            case Weather.REFUSED:
                return Lost(nobody, may_have_arrived=False)
            case Weather.LOST_BEFORE | Weather.UNAVAILABLE:
                return Lost(nobody, may_have_arrived=True)
            case Weather.REJECTING if (
                code := self.dice.choice((13, 14, 17, 3, 99, 15))
            ) == 15 or not self.is_repeat(sent):
                reply = self.ofd.exchange.refuse(sent, code, "dice")
                return read_answer(reply.payload, version=self.version).code, reply.token, ""
        reply = self.deliver(sent)
        if weather is Weather.LOST_AFTER:
            return Lost(nobody, may_have_arrived=True)
        answer = read_answer(reply.payload, version=self.version)
        return answer.code, reply.token, answer.sign

    def deliver(self, sent: frame.Frame) -> Reply:
        """The frame arrives."""
        return self.ofd.exchange.handle(sent)

    def is_repeat(self, sent: frame.Frame) -> bool:
        """The OFD knows this pair: it answers what it answered (only a block may come before that)."""
        remembered = self.account.remembered
        return remembered is not None and remembered[:2] == (sent.token, sent.reqnum)

    def finish(self, effects: tuple[Effect, ...]) -> None:
        """What becomes of the head."""
        for effect in effects:
            match effect:
                case Finish():
                    self.durable.lane.pop(0)
                    self.durable.due_ms = self.now_ms
                    return
                case Retry(after_ms):
                    self.durable.due_ms = self.now_ms + after_ms
                    return
                case Halt():
                    self.durable.is_halted = True
                    self.count("halted")
                    return
        raise AssertionError("a turn without an outcome")

    def perform(self, entry: Entry, effects: tuple[Effect, ...]) -> None:
        """The facts of the effects."""
        for effect in effects:
            match effect:
                case Issued(numbers, is_in_hand, report):
                    entry.outcome, entry.numbers = "offline", numbers
                    entry.document = replace(entry.document, issued=numbers)
                    if not is_in_hand or numbers.is_marked:
                        entry.request = self.build(entry, numbers, report)
                    else:
                        entry.request = self.durable.in_flight
                    if is_in_hand:
                        self.durable.in_flight = entry.request
                        self.count(f"offline in hand, {'' if numbers.is_marked else 'un'}marked")
                    self.became_fact(entry, effect, effects)
                case ShiftClosed(_, _, report) if report.withdrawn:
                    self.count("drawer emptied")
                case Fiscalized(numbers):
                    self.count("counted online")
                    entry.outcome, entry.numbers = "done", numbers
                    self.became_fact(entry, effect, effects)
                case Delivered(numbers):
                    entry.outcome, entry.numbers = "done", numbers
                    self.count("delivered")
                case Rejected(code):
                    entry.outcome = "rejected"
                    self.count(f"rejected {code}")
                case TakenOut():
                    entry.outcome = "handled"
                case Reported():
                    entry.outcome = "reported"
                case StartPolling():
                    self.made += 1
                    poll = Document(f"p{self.made:06d}", DocumentKind.POLL, self.now_ms)
                    self.durable.entries[poll.id] = Entry(poll, None)
                    self.durable.lane.append(poll.id)
                case IssueBacklog():
                    self.issue_backlog(self.durable.lane[1:])
                case Queue() | Refuse() | Send() | Finish() | Retry() | Halt():
                    pass

    def became_fact(self, entry: Entry, effect: Issued | Fiscalized, effects: tuple[Effect, ...]) -> None:
        """The document has its numbers and was counted."""

    def issue_backlog(self, behind: list[str]) -> None:
        """A batch of documents behind the head."""
        waiting = [self.durable.entries[each] for each in behind]
        waiting = [
            each for each in waiting if each.outcome == "queued" and not each.document.kind.is_question
        ]
        for entry in waiting[:BACKLOG_BATCH]:
            self.perform(entry, self.commit(Backlog(entry.document)))
        self.commit(BacklogEnded(has_more=len(waiting) > BACKLOG_BATCH))

    # --- bytes

    def bytes_of(self, entry: Entry, send: Send) -> bytes:
        """Payload of a fresh exchange."""
        match send.exchange.command:
            case Command.SYSTEM:
                return WIRE.system(CARD, version=self.version)
            case Command.NOMENCLATURE:
                return WIRE.goods(CARD, loaded_version=0, barcode="", version=self.version)
            case Command.REPORT:
                assert send.report is not None
                return WIRE.x_report(CARD, report=send.report, version=self.version)
            case _:
                assert send.exchange.numbers is not None
                if entry.request is not None:
                    return entry.request
                return self.build(entry, send.exchange.numbers, send.report)

    def build(self, entry: Entry, numbers: Numbers, report: Report | None) -> bytes:
        """Payload of a fiscal document."""
        match entry.body:
            case TicketBody():
                return WIRE.ticket(entry.body, numbers, CARD, version=self.version)
            case CashBody():
                return WIRE.cash(entry.body, numbers, CARD, version=self.version)
            case DeskBody():
                assert report is not None
                return WIRE.close_shift(entry.body, numbers, CARD, report=report, version=self.version)
            case None:
                raise AssertionError("no body")

    # --- the engine and the trace

    def commit(self, event: Event) -> tuple[Effect, ...]:
        """One decision, made durable."""
        self.durable.state, effects = decide(self.durable.state, event, self.now_ms, self.rules)
        self.note(event, effects)
        return effects

    def note(self, *things: object) -> None:
        """Everything that happens goes into the hash of the trace."""
        self.trace.update(repr((self.now_ms, things)).encode())

    def count(self, what: str) -> None:
        """How often something happened: a run that meets no trouble proves nothing."""
        self.seen[what] = self.seen.get(what, 0) + 1


def _is_sale(entry: Entry) -> bool:
    return (
        isinstance(entry.body, TicketBody)
        and entry.body.operation is Operation.SELL
        and entry.outcome == "done"
    )
