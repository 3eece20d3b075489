"""A shop inside the test's own process: real SQLite, real sockets to the simulated OFD, a clock that stands.

Its worker can be abandoned in the middle of anything, as if its process had died; what had been durable is
all the next one has.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from addons.fiscal_kz.adapters.ofd_client import OfdClient
from addons.fiscal_kz.domain.commands import ActivateKkm
from addons.fiscal_kz.jobs.document import DocumentJob
from addons.fiscal_kz.services.activate import activate_kkm
from addons.fiscal_kz.services.jobs import DOCUMENT_JOB
from addons.organization.api import (
    CreateCompany,
    CreateOperator,
    CreateOutlet,
    CreateRegister,
    Role,
    create_company,
    create_operator,
    create_outlet,
    create_register,
)
from kernel.app import App
from kernel.clock import FrozenClock
from kernel.events.bus import MemoryBus, MemoryWaiter
from kernel.gql.context import GqlContext
from kernel.gql.ids import to_global
from kernel.jobs.drive import run_due
from kernel.jobs.leases import retire_owner, take_from_dead
from kernel.jobs.runner import LaneRunner
from kernel.security.principal import SYSTEM, Principal
from kernel.testing.app import running_app
from simulators.ofd.faults import Fault, FaultKind
from simulators.ofd.server import OfdSimulator
from simulators.till.client import Client, GraphQLErrors, RefusedByServer
from simulators.till.shop import Till
from tests.crash.power import FINAL, ISSUED, Clerk, Wish
from tests.support.agreement import disagreements
from tests.support.house import BIN, FIRST_OFD_ID, FIRST_TOKEN
from tests.support.stored import read_tables

TRANSACTION_MS = 80
PAUSE = timedelta(seconds=61)
SETTLE_ROUNDS_MAX = 200
LEAVES_DONE = (None, "SHIFT_NOT_OPEN", "NOT_ENOUGH_CASH", "SALE_NOT_FISCAL_YET")
KINDS = ("sale", "sale", "mixed", "return", "deposit", "withdrawal", "close", "report")
# Everything a network may do; what a person would have to mend (codes, a wrong token) is the simulation's.
FAULTS = (
    FaultKind.CUT_BEFORE,
    FaultKind.CUT_AFTER,
    FaultKind.CUT_INSIDE,
    FaultKind.SILENCE_BEFORE,
    FaultKind.SILENCE_AFTER,
    FaultKind.CODE,  # 254
    FaultKind.WRONG_REQNUM,
    FaultKind.GARBAGE,
    FaultKind.DELAY,
)


class DeafBus(MemoryBus):
    """Nobody waits for a notice: whoever asks is told how it stands now."""

    def expect(self, topic: str, subject_id: str) -> MemoryWaiter:
        """See Bus."""
        waiter = super().expect(topic, subject_id)
        waiter.heard()
        return waiter


class InnerClient(Client):
    """A client that needs no HTTP."""

    def __init__(self, app: App, principal: Principal) -> None:
        self._app = app
        self._principal = principal

    async def execute(self, document: str, **variables: Any) -> dict[str, Any]:
        """Data of the answer. Raises GraphQLErrors."""
        context = GqlContext(self._app, self._principal, request_id="crash", language="ru")
        result = await self._app.schema.execute(document, variables, context)
        if result.errors:
            raise GraphQLErrors([{"message": repr(error.original_error or error)} for error in result.errors])
        assert result.data is not None
        return result.data


@dataclass
class Floor:
    """A shop, its clerks, and the dice that decide what happens next."""

    app: App
    simulator: OfdSimulator
    clock: FrozenClock
    clerks: list[Clerk]
    dice: random.Random
    wanted: list[tuple[Clerk, Wish]] = field(default_factory=list)
    happened: dict[str, int] = field(default_factory=dict)

    async def step(self) -> None:
        """One thing happens."""
        roll = self.dice.random()
        if roll < 0.50:
            await self.offer()
        elif roll < 0.68:
            await self.work()
        elif roll < 0.78:
            self.simulator.faults.arm(Fault(self.dice.choice(FAULTS), delay_ms=2 * TRANSACTION_MS))
        elif roll < 0.84:
            self.count("link")
            if self.simulator.is_accepting:
                await self.simulator.refuse_connections()
            else:
                await self.simulator.accept_connections()
        else:
            self.clock.advance(timedelta(seconds=self.dice.choice((1, 20, 61, 61, 600))))

    async def offer(self) -> None:
        """A clerk wants something, beside a working worker or not; now and then the client gives up and asks
        again later under the same key.
        """
        clerk, kind = self.dice.choice(self.clerks), self.dice.choice(KINDS)
        wish = clerk.wish("sale" if kind == "return" and not clerk.sold else kind)
        self.wanted.append((clerk, wish))
        asked = asyncio.create_task(self.ask(clerk, wish))
        if self.dice.random() < 0.2:
            await self.pause()
            asked.cancel()
            self.count("client gave up")
        if self.dice.random() < 0.5:
            await self.work()
        with contextlib.suppress(asyncio.CancelledError):
            await asked

    async def ask(self, clerk: Clerk, wish: Wish) -> str | None:
        """The state it is in; None when it is refused, which ends it."""
        try:
            answer = await wish.ask()
        except RefusedByServer as refused:
            if refused.code not in LEAVES_DONE:
                raise
            self.count(refused.code)
            return None
        clerk.promised.add(wish.key)
        self.count(answer["state"])
        if answer["state"] in ISSUED:
            clerk.remember(wish, answer)
        return str(answer["state"])

    async def work(self) -> None:
        """A worker does all that is due, or is abandoned in the middle of it."""
        runner = LaneRunner(self.app.database)
        task = asyncio.create_task(run_due(self.app.database, runner=runner))
        if self.dice.random() < 0.4:
            await self.pause()
            if not task.done():
                self.count("worker abandoned")
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        retire_owner(runner.owner)  # nobody gives its leases back: the next one finds it dead
        await self.app.database.transact(take_from_dead, 100, principal=SYSTEM)

    async def pause(self) -> None:
        """A short while by the dice: from a few turns of the loop to a few milliseconds."""
        if self.dice.random() < 0.5:
            for _ in range(self.dice.randint(1, 60)):
                await asyncio.sleep(0)
        else:
            await asyncio.sleep(self.dice.uniform(0, 0.02))

    async def settle(self) -> None:
        """Fine weather until nothing waits and every client has its answer."""
        self.simulator.faults.clear()
        await self.simulator.accept_connections()
        for _ in range(SETTLE_ROUNDS_MAX):
            self.clock.advance(PAUSE)
            await run_due(self.app.database)
            lanes = read_tables(self.app.database_url)["kernel_lane"]
            if all(lane["head_seq"] > lane["tail_seq"] for lane in lanes):
                states = [await self.ask(clerk, wish) for clerk, wish in self.wanted]
                if all(state in (None, "REJECTED", *FINAL) for state in states):
                    return
        raise AssertionError(f"something still waits: {self.happened}")

    def disagreements(self) -> list[str]:
        """What differs now."""
        promised = set().union(*(clerk.promised for clerk in self.clerks))
        return disagreements(self.app.database_url, self.simulator.ledger, promised=promised)

    def count(self, what: str) -> None:
        """For the report of a failure and the proof that trouble was met."""
        self.happened[what] = self.happened.get(what, 0) + 1


@asynccontextmanager
async def open_floor(seed: int, *, clerks: int = 2) -> AsyncIterator[Floor]:
    """A shop with that many active registers."""
    simulator = OfdSimulator(seed=seed)
    for place in range(clerks):
        simulator.add_register(FIRST_OFD_ID + place, FIRST_TOKEN + place)
    async with simulator.running() as endpoint:
        profile = f"simulator;127.0.0.1:{endpoint.port};Симулятор;http://127.0.0.1/check;test"
        fiscal = {"profiles": [profile], "transaction_ms": TRANSACTION_MS}
        async with running_app(settings={"fiscal_kz": fiscal}, bus=DeafBus()) as app:
            handler = app.registry.job_handler(DOCUMENT_JOB)
            assert isinstance(handler, DocumentJob)
            assert isinstance(handler.ofd, OfdClient)
            assert isinstance(app.clock, FrozenClock)
            people = await _furnish(app, clerks)
            try:
                yield Floor(app, simulator, app.clock, people, random.Random(seed))
            finally:
                handler.ofd.close()


async def _furnish(app: App, count: int) -> list[Clerk]:
    transact = app.database.transact
    company = CreateCompany(bin=BIN, title="ТОО «Дән»", is_vat_payer=True, vat_number="1001234")
    owner = SYSTEM.within(await transact(create_company, company, principal=SYSTEM))
    outlet = CreateOutlet("Дүкен", "Алматы, Абая 10", latitude_e4=432389, longitude_e4=768897)
    outlet_id = await transact(create_outlet, outlet, principal=owner)
    client = InnerClient(app, owner)
    found = []
    for place in range(count):
        title = f"Касса {place + 1}"
        register_id = await transact(create_register, CreateRegister(outlet_id, title), principal=owner)
        person = CreateOperator(f"Айгүл {place}", role=Role.ADMINISTRATOR)
        operator_id = await transact(create_operator, person, principal=owner)
        command = ActivateKkm(register_id=register_id, ofd_id=FIRST_OFD_ID + place, token=FIRST_TOKEN + place)
        await transact(activate_kkm, command, principal=owner)
        names = (to_global("Register", register_id), to_global("Operator", operator_id))
        found.append(Clerk(Till(client, *names, FIRST_OFD_ID + place)))
    await _activate(app)
    return found


async def _activate(app: App) -> None:
    """All registers; on a machine that is busy their OFD may be too slow once."""
    assert isinstance(app.clock, FrozenClock)
    for _ in range(SETTLE_ROUNDS_MAX):
        await run_due(app.database)
        if all(kkm["is_active"] for kkm in read_tables(app.database_url)["fkz_kkm"]):
            return
        app.clock.advance(PAUSE)
    raise AssertionError("the OFD did not answer")
