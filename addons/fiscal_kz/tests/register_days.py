"""Days of registers in memory: shops open and close, clocks jump, disks are slow, power fails, frames come
twice, the OFD refuses, people forget the Z; a seed decides it all.

    python -m addons.fiscal_kz.tests.register_days --seed 1 --days 30000 --jobs 2

Each register lives DAYS_EACH days. After its life the two sides are compared to the tiyn, the journal's
chain is computed again and the counters are counted again from it. Same seed, same hash of all that happened.
Long because a day, its faults and what must hold after it are read in one go.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from addons.fiscal_kz.domain.bodies import CashBody, DeskBody, TicketBody
from addons.fiscal_kz.domain.comparison import HandledFacts, differences
from addons.fiscal_kz.domain.counters import Counters
from addons.fiscal_kz.domain.effects import Effect, Fiscalized, Issued, ShiftClosed
from addons.fiscal_kz.domain.engine import decide
from addons.fiscal_kz.domain.events import Accepted, Handled, Released, TokenEntered
from addons.fiscal_kz.domain.facts import Document
from addons.fiscal_kz.domain.kinds import Block, DocumentKind, Operation, Placement
from addons.fiscal_kz.domain.recount import COUNTED, recount
from addons.fiscal_kz.domain.shift_clock import shift_clock
from addons.fiscal_kz.domain.state import HOUR_MS
from addons.fiscal_kz.services.journal import Chronicle
from addons.fiscal_kz.services.records import DocumentRecord, DocumentState
from addons.fiscal_kz.tests.simulation import MINUTE_MS, OFD_ID, Entry, Register, Weather
from kernel.jobs.lanes import Lane
from kernel.journal.canonical import parse
from kernel.journal.chain import GENESIS, digest_of
from protocols.ofd import frame
from simulators.ofd.exchange import Reply

DAYS_EACH = 20  # of one register
DAY_MS = 24 * HOUR_MS
LANE_KEY = "register:simulated"
SYSTEM = DeskBody("", 0, "Система")
PERSON_HANDLES = 0.5  # of refused documents; the rest goes again


class RegisterDays(Register):
    """A register among people: opening hours, a clock that may be wrong, a person who looks now and then."""

    def __init__(self, seed: int, *, version: int) -> None:
        super().__init__(seed, version=version)
        self.cut_until_ms = 0
        self.emptied: dict[str, tuple[int, int]] = {}  # closes that took all cash out: number, sum
        self.skew_ms = 0  # what the machine's clock is ahead of the world's
        self.lane = Lane(
            LANE_KEY, self.now_ms, None, 1, 0, None, 0, 0, None, None, 0, 0, GENESIS, None, 0
        )  # fmt: skip

    # --- a day

    def live_day(self) -> None:
        """Nine to nine, documents at any pace, nights without anybody; some evenings nobody closes."""
        morning = self.world_ms
        if self.dice.random() < 0.03:
            self.cut_until_ms = morning + self.dice.randint(1, 5) * DAY_MS
            self.count("cable cut for days")
        self.pass_until(morning + self.dice.randint(0, 2) * HOUR_MS)
        for _ in range(self.dice.choice((0, 4, 8, 12, 20))):
            self.trouble()
            self.offer()
            if self.dice.random() < 0.02:
                self.ask_for_goods()
            self.work()
            self.pass_until(self.world_ms + self.dice.choice((5_000, MINUTE_MS, 10 * MINUTE_MS, HOUR_MS)))
            if self.world_ms - morning > 15 * HOUR_MS:
                break
        if self.dice.random() < 0.6:
            self.close(DeskBody("op", 7, "Айгүл", self.dice.random() < 0.3))
        self.work()
        self.pass_until(morning + DAY_MS)

    @property
    def world_ms(self) -> int:
        """What clocks that are right show."""
        return self.now_ms - self.skew_ms

    def pass_until(self, world_ms: int) -> None:
        """Time passes; lanes, schedules and people do their part at least every half hour."""
        while self.world_ms < world_ms:
            self.now_ms += min(world_ms - self.world_ms, 30 * MINUTE_MS)
            self.note("time", self.now_ms)
            self.keep_shift()
            if self.world_ms < self.cut_until_ms:
                self.weather = Weather.REFUSED
            elif self.weather is not Weather.FINE and self.dice.random() < 0.15:
                self.weather = Weather.FINE
            if self.account.is_blocked and self.dice.random() < 0.25:
                self.ofd.unblock(OFD_ID)
            if self.dice.random() < 0.2:
                self.person_looks()
            self.work()

    def work(self) -> None:
        """The lane's turn, as long as something is due."""
        for _ in range(self.dice.randint(1, 40)):
            before = (len(self.durable.lane), self.durable.state.reqnum, self.durable.state.documents)
            self.work_head()
            if before == (len(self.durable.lane), self.durable.state.reqnum, self.durable.state.documents):
                break

    def trouble(self) -> None:
        """What a day brings."""
        roll = self.dice.random()
        if roll < 0.15:
            self.change_weather()
            if self.weather is Weather.FINE:
                self.weather = self.dice.choice(list(Weather))
        elif roll < 0.18:
            jump = self.dice.choice((-20 * MINUTE_MS, -30_000, 40_000, 2 * HOUR_MS))
            self.now_ms += jump
            self.skew_ms += jump
            self.count("clock jumped")
            self.note("jump", jump)
        elif roll < 0.21 and self.skew_ms:
            self.now_ms -= self.skew_ms
            self.skew_ms = 0
            self.count("clock put right")
        elif roll < 0.24:
            self.now_ms += self.dice.randint(1_000, 20_000)  # a disk that takes its time
            self.count("slow disk")

    def keep_shift(self) -> None:
        """The system closes a shift before its 24 hours are over."""
        opened_ms = self.durable.state.shift_opened_ms
        if opened_ms is None:
            return
        clock = shift_clock(opened_ms, warning_minutes=1200, close_minutes=1435, limit_minutes=1440)
        if clock.is_due(self.now_ms) and self.close(SYSTEM):
            self.count("closed by the system")

    def close(self, body: DeskBody) -> bool:
        """A close, unless one is on its way."""
        waiting = [self.durable.entries[each] for each in self.durable.lane]
        if any(each.document.kind is DocumentKind.CLOSE and each.outcome == "queued" for each in waiting):
            return False
        return self.accept(DocumentKind.CLOSE, body) is not None

    def accept(self, kind: DocumentKind, body: TicketBody | CashBody | DeskBody) -> str | None:
        """Offered, decided, and now and then the power fails before the decision is durable."""
        state = self.durable.state
        if self.dice.random() < 0.01:
            document = Document("lost", kind, self.now_ms)
            decide(state, Accepted(document, waiting=len(self.durable.lane)), self.now_ms, self.rules)
            self.count("power cut before the commit")
            return None
        taken = super().accept(kind, body)
        if taken is not None and kind.is_fiscal and state.oldest_ms is not None:
            assert self.now_ms - state.oldest_ms <= self.rules.offline_limit_ms
        return taken

    def deliver(self, sent: frame.Frame) -> Reply:
        """The network may bring a frame twice: the OFD answers both alike and counts one."""
        reply = super().deliver(sent)
        if self.dice.random() < 0.03:
            again = super().deliver(sent)
            self.count("delivered twice")
            if self.is_repeat(sent):
                assert again == reply
        return reply

    def person_looks(self) -> None:
        """Enters the token; has a refused document sent again or takes it out of the queue."""
        block = self.durable.state.block
        if block is Block.TOKEN:
            self.commit(TokenEntered(self.account.token))
        elif block is Block.REPLAY and self._may_handle():
            entry = self.durable.entries[self.durable.lane[0]]
            self.perform(entry, self.commit(Handled(entry.document)))
            self.count("marked handled")
        elif block in (Block.REPLAY, Block.SERVICE, Block.UNKNOWN_DEVICE):
            self.commit(Released())
        else:
            return
        self.durable.is_halted = False
        self.durable.due_ms = self.now_ms

    def _may_handle(self) -> bool:
        """A person asks the OFD before: what it has is sent again. So is a shift close, unless handled
        documents were all there was in its shift: then the OFD has none to close.
        """
        state, entry = self.durable.state, self.durable.entries[self.durable.lane[0]]
        remembered, exchange = self.account.remembered, state.exchange
        is_asked = exchange is not None and remembered is not None
        if is_asked and remembered[:2] == (exchange.token, exchange.reqnum):
            return False
        if entry.document.kind is DocumentKind.CLOSE:
            return not self.account.is_shift_open
        return self.dice.random() <= PERSON_HANDLES

    # --- the journal

    def became_fact(self, entry: Entry, effect: Issued | Fiscalized, effects: tuple[Effect, ...]) -> None:
        """Facts go into a chain as they do in a real register, and within the limits of law."""
        numbers, state = effect.numbers, self.durable.state
        opened_ms = state.shift_opened_ms
        if opened_ms is not None:
            assert numbers.at_ms - opened_ms < self.rules.shift_limit_ms
        assert state.counters.drawer >= 0
        record = DocumentRecord(
            entry.document.id, entry.document.kind, DocumentState.QUEUED, None, 0, 0, entry.body, entry.total
        )
        closed = next((each.report for each in effects if isinstance(each, ShiftClosed)), None)
        if closed is not None and record.document.withdraws_cash:
            self.emptied[record.id] = numbers.document_number, closed.withdrawn
        self.lane.now_ms = self.now_ms
        Chronicle(self.lane).counted(
            record,
            numbers,
            state,
            request=entry.request or self.durable.in_flight,
            sign=entry.sign,
            is_offline=isinstance(effect, Issued),
            withdrawn=0 if closed is None else closed.withdrawn,
        )

    # --- what must hold

    def end(self) -> None:
        """Fine weather until all is settled, then every invariant. Raises AssertionError."""
        self.now_ms -= min(0, self.skew_ms)
        self.settle_everything()
        entries = list(self.durable.entries.values())
        pending = [each for each in entries if each.outcome in ("queued", "offline")]
        assert all(each.document.kind.is_question for each in pending), pending
        facts = sorted(
            (each for each in entries if each.numbers is not None),
            key=lambda each: each.numbers.document_number if each.numbers else 0,
        )
        assert {each.outcome for each in facts} <= {"done", "handled"}
        self._check_numbers(facts)
        self._check_ledger([each for each in facts if each.outcome == "done"])
        self._check_counters([each for each in facts if each.outcome == "handled"])
        self._check_chain()

    def _check_numbers(self, facts: list[Entry]) -> None:
        """Nothing lost, nothing twice, time never back."""
        numbers = [each.numbers for each in facts if each.numbers is not None]
        assert [each.document_number for each in numbers] == list(range(1, len(numbers) + 1))
        times = [each.at_ms for each in numbers]
        assert times == sorted(times)
        offline = [each.offline_number for each in numbers if each.offline_number is not None]
        assert offline == sorted(set(offline))

    def _check_ledger(self, done: list[Entry]) -> None:
        """The OFD has the same documents, once, in the same order."""
        ledger = list(self.account.documents)
        assert len(ledger) == len(done)
        for entry, document in zip(done, ledger, strict=True):
            assert entry.numbers is not None
            assert document.number == entry.numbers.document_number
            assert document.sign == entry.sign
            assert document.is_offline == entry.numbers.is_marked
            if entry.document.kind is DocumentKind.TICKET:
                assert document.total == entry.total

    def _check_counters(self, handled: list[Entry]) -> None:
        """Equal to the tiyn, but for what was marked handled."""
        state, account = self.durable.state, self.account
        theirs = {"drawer": account.drawer}
        for index, operation in enumerate(Operation):  # BUY, BUY_RETURN, SELL, SELL_RETURN as on the wire
            theirs[f"sum.{operation}"] = account.sums[index]
            theirs[f"n.{operation}"] = account.ticket_counts[index]
        for index, placement in enumerate(Placement):
            theirs[f"n.{placement}"] = account.placement_counts[index]
        apart = {each.document.id for each in handled}
        last = max((number for key, (number, _) in self.emptied.items() if key not in apart), default=0)
        missing = [
            HandledFacts(
                each.numbers.shift_number,
                each.body.facts if isinstance(each.body, TicketBody) else None,
                each.body.facts if isinstance(each.body, CashBody) else None,
                each.numbers.document_number < last,
                self.emptied.get(each.document.id, (0, 0))[1],
            )
            for each in handled
            if each.numbers is not None
        ]
        found = differences(state, Counters(theirs), is_shift_open=False, handled=missing)
        if handled:  # a close takes cash out of a drawer that may be empty on the other side
            found = [each for each in found if each.key != f"life.n.{Placement.WITHDRAWAL}"]
        assert all(each.is_explained for each in found), found
        assert state.undelivered == 0
        same_shift = (state.shift_number, state.is_shift_open) == (
            account.shift_number,
            account.is_shift_open,
        )
        assert same_shift or handled  # a handled document may be all there is in a shift
        violations = self.ofd.ledger.violations()
        if handled:  # their Z lacks a handled document: told by the comparison above
            violations = [each for each in violations if "server" not in each]
        assert violations == []

    def _check_chain(self) -> None:
        """Every digest follows from the one before; the counters follow from the journal alone."""
        digest, entries = GENESIS, []
        for seq, entry in enumerate(self.lane.unwritten, 1):
            assert entry.seq == seq
            digest = digest_of(
                digest, company_id=None, lane_key=LANE_KEY, seq=seq, kind=entry.kind,
                at_ms=entry.at_ms, body=entry.body,
            )  # fmt: skip
            assert entry.digest == digest
            entries.append((entry.kind, parse(entry.body)))
        assert {kind for kind, _ in entries} <= {COUNTED}
        again, counters = recount(entries), self.durable.state.counters
        assert dict(again.life) == dict(counters.life)
        assert dict(again.shift) == dict(counters.shift)
        self.note("chain", digest)


def live(seed: int, days: int) -> tuple[str, Counter[str]]:
    """One register's life: the hash of its trace and how often what happened. Raises AssertionError with the
    seed.
    """
    register = RegisterDays(seed, version=(202, 203)[seed % 2])
    try:
        for _ in range(days):
            register.live_day()
        register.end()
    except AssertionError as error:
        raise AssertionError(f"register with seed {seed}, {days} days: {error}") from error
    register.seen["documents"] = register.durable.state.documents
    return register.trace.hexdigest(), Counter(register.seen)


def simulate(seed: int, days: int, *, jobs: int = 1) -> tuple[str, Counter[str]]:
    """So many days, split over registers; the same seed gives the same hash on any number of jobs."""
    lives = [min(DAYS_EACH, days - begun) for begun in range(0, days, DAYS_EACH)]
    seeds = [seed * 1_000_003 + index for index in range(len(lives))]
    trace, seen = hashlib.sha256(), Counter[str]()
    if jobs == 1:
        results = map(live, seeds, lives)
    else:
        pool = ProcessPoolExecutor(jobs)
        results = pool.map(live, seeds, lives, chunksize=4)
    for digest, counted in results:
        trace.update(digest.encode())
        seen.update(counted)
    return trace.hexdigest(), seen


def main() -> None:
    """`make simulate SEED=… DAYS=…`."""
    parser = argparse.ArgumentParser(description="Simulate days of registers with seeded faults.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=1_000)
    parser.add_argument("--jobs", type=int, default=1)
    asked = parser.parse_args()
    begun = time.perf_counter()
    trace, seen = simulate(asked.seed, asked.days, jobs=asked.jobs)
    took = time.perf_counter() - begun
    for what, times in sorted(seen.items()):
        sys.stdout.write(f"{times:>12,}  {what}\n")
    sys.stdout.write(f"{asked.days:,} register-days, seed {asked.seed}: all held, {took:.0f} s\n")
    sys.stdout.write(f"trace {trace}\n")


if __name__ == "__main__":
    main()
