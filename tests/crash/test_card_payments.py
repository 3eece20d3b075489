"""A process that takes card payments dies at every boundary of their way. Whoever comes after it says the
same with the same keys, and in the end the bank's books and ours agree to the tiyn: nothing was taken without
a record, nothing twice, and nobody is left in doubt.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from addons.pos_terminal.api import DriverOrder, Step
from addons.pos_terminal.domain.payment import PaymentState
from addons.pos_terminal.services.present_card import PresentCard, present_card
from addons.pos_terminal.services.start_payment import StartPayment, start_payment
from addons.pos_terminal.tests.counter import BINS, CARD, Counter, furnish, house, reopened, schema
from addons.pos_terminal.tests.played import LOST, Bank
from addons.trade.api import FiscalState
from kernel import crash
from kernel.app import App, model_modules
from kernel.clock import FrozenClock
from kernel.config import Sources, load_config
from kernel.events.bus import MemoryBus
from kernel.gql.ids import to_global
from kernel.ids import new_id
from kernel.jobs.leases import take_from_dead
from kernel.journal.verify import verify_lane
from kernel.money import Money
from kernel.security.principal import SYSTEM
from kernel.testing.app import OPENING_DAY, TEST_SETTINGS
from kernel.testing.schema import create_tables

pytestmark = [pytest.mark.alone, pytest.mark.slow]
AMOUNT = Money.tenge(1000)
SELL = """mutation($input: RegisterSaleInput!) { registerSale(input: $input, wait: 0) {
  __typename ... on Refused { code } } }"""

BEGINNING = ("pos_terminal.begun", "jobs.before_prepare_commit", "jobs.after_prepare")
SENDING = ("pos_terminal.before_pay", "pos_terminal.after_pay", "jobs.after_perform")
SETTLING = ("jobs.before_settle_commit", "jobs.after_settle")
SELLING = ("pos_terminal.claimed", "trade.accepted")


class WrittenBank(Bank):
    """Books that outlive the process: a line for everything that happened."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            operation, _, tiyn = line.partition(" ")
            if tiyn:
                assert operation not in self.taken, "charged twice"
                self.taken[operation] = int(tiyn)
            else:
                self.reversed.add(operation)
                self.taken.pop(operation, None)

    def book(self, order: DriverOrder) -> None:
        is_new = order.operation_id not in self.taken and order.operation_id not in self.reversed
        super().book(order)
        if is_new:
            self._write(f"{order.operation_id} {self.taken[order.operation_id]}")

    def undo(self, order: DriverOrder) -> None:
        super().undo(order)
        self._write(order.operation_id)

    def _write(self, line: str) -> None:
        with self.path.open("a", encoding="utf-8") as book:
            book.write(f"{line}\n")


@dataclass(frozen=True)
class Keys:
    """What a client makes and stores before it sends anything."""

    payment: str
    sale: str


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Counter]:
    """A database with a counter in it, to be copied; all that a fork need not make again."""
    path = tmp_path_factory.mktemp("cards") / "furnished.db"

    async def make() -> Counter:
        await create_tables(f"sqlite:///{path}", model_modules(house()[0]))
        async with _running(path) as app:
            return await furnish(app, BINS[0])

    schema()
    return path, asyncio.run(make())


@asynccontextmanager
async def _running(path: Path) -> AsyncIterator[App]:
    registry = house()[0]
    config = load_config(registry, Sources(TEST_SETTINGS, "test", {}))
    registry.bind_settings(config.values)
    app = App(
        database_url=f"sqlite:///{path}",
        registry=registry,
        config=config,
        bus=MemoryBus(),
        clock=FrozenClock(OPENING_DAY),
    )
    vars(app)["schema"] = schema()
    async with app.running():
        yield app


async def _live(
    path: Path, known: Counter, keys: Keys, driver: str, *, is_first: bool, is_lost: bool
) -> None:
    """A client that has these keys pays and sells; said again it changes nothing."""
    async with _running(path) as app:
        counter = reopened(app, known, WrittenBank(path.with_suffix(".bank")))
        counter.fiscalizer.mood = FiscalState.FISCALIZED
        if is_first and is_lost:
            counter.drivers[driver].script.append(LOST)
        await app.database.transact(take_from_dead, 100, principal=SYSTEM)
        command = StartPayment(
            keys.payment, counter.register_id, AMOUNT, terminal_id=counter.terminals[driver]
        )
        operation_id = (await counter.run(start_payment, command)).operation_id
        if await counter.state(operation_id) is PaymentState.AWAITING_CARD:
            await counter.run(present_card, PresentCard(operation_id, CARD))
        for _ in range(4):
            await counter.work()
            counter.clock.advance(timedelta(seconds=10))
        if await counter.state(operation_id) is PaymentState.APPROVED:
            await counter.ask(SELL, input=_sale(counter, keys, operation_id))
        for _ in range(2):
            await counter.work()
            counter.clock.advance(timedelta(seconds=10))


def _sale(counter: Counter, keys: Keys, operation_id: str) -> dict[str, Any]:
    card = {"kind": "CARD", "amount": str(AMOUNT), "operationIds": [to_global("CardOperation", operation_id)]}
    return {
        "saleKey": keys.sale,
        "registerId": to_global("Register", counter.register_id),
        "lines": [{"name": "Қызмет", "price": str(AMOUNT), "isWithoutVat": True}],
        "payments": [card],
    }


def _dies(point: str, *story: Any, **how: Any) -> None:
    """The story in a process of its own that is killed at that point."""
    pid = os.fork()
    if pid == 0:
        try:
            crash._plan = crash.CrashPlan(point)
            asyncio.run(_live(*story, is_first=True, **how))
        finally:
            os._exit(7)  # it passed the point by
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status), f"nobody passes {point}"
    assert os.WTERMSIG(status) == signal.SIGKILL


@pytest.mark.parametrize(
    ("driver", "point", "is_lost"),
    [
        *[("host", point, False) for point in ("pos_terminal.presented", *BEGINNING, *SENDING, *SETTLING)],
        *[("host", point, False) for point in SELLING],
        *[("host", f"pos_terminal.{moment}_reverse", True) for moment in ("before", "after")],
        *[("smart", point, False) for point in (*BEGINNING, *SENDING, *SETTLING, *SELLING)],
        *[("smart", f"pos_terminal.{moment}_query", True) for moment in ("before", "after")],
    ],
)
def test_a_death_takes_no_money_that_is_not_accounted_for(
    furnished: tuple[Path, Counter], tmp_path: Path, driver: str, point: str, is_lost: bool
) -> None:
    blank, known = furnished
    path = tmp_path / "cards.db"
    shutil.copyfile(blank, path)
    keys = Keys(new_id(), new_id())

    _dies(point, path, known, keys, driver, is_lost=is_lost)
    asyncio.run(_live(path, known, keys, driver, is_first=False, is_lost=is_lost))

    asyncio.run(_agree(path, known, driver))
    sent = [order.step for order in known.drivers[driver].orders]
    known.drivers[driver].orders.clear()
    if point in (*SENDING[1:], "jobs.before_settle_commit"):
        assert Step.PAY not in sent, "the second process charges nothing: it asks or reverses"


async def _agree(path: Path, known: Counter, driver: str) -> None:
    """Our rows, the bank's books and the tickets tell one story; every journal is whole."""
    async with _running(path) as app:
        counter = reopened(app, known, WrittenBank(path.with_suffix(".bank")))
        (row,) = await counter.rows("SELECT id FROM pos_payment")
        operation = await counter.operation(row["id"])
        sales = await counter.rows("SELECT id, total FROM trd_sale")
        assert operation.state in (PaymentState.APPROVED, PaymentState.REVERSED, PaymentState.DECLINED)
        assert counter.bank.total == operation.payment.left.tiyn == sum(each["total"] for each in sales)
        assert (await counter.rows("SELECT sale_id, fiscal FROM pos_payment WHERE sale_id IS NOT NULL")) == [
            {"sale_id": each["id"], "fiscal": "DONE"} for each in sales
        ]
        assert not await counter.rows("SELECT id FROM pos_card_data")
        async with app.database.reading(SYSTEM) as reader:
            for prefix in ("pos", "pos-saf"):
                lane = f"{prefix}:{counter.terminals[driver]}"
                assert (await verify_lane(reader, lane)).is_whole
