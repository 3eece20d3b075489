"""A shop with card terminals of its own, and the acquirer's host: one clock, the real wire between them."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from addons.pos_terminal.adapters.iso8583.driver import Iso8583
from addons.pos_terminal.domain.commission import Rounding
from addons.pos_terminal.domain.driver import CardData, DriverName, EntryMode
from addons.pos_terminal.domain.payment import UNSETTLED, OperationKind, PaymentState
from addons.pos_terminal.services.ports import TerminalDriver
from addons.pos_terminal.services.present_card import PresentCard, present_card
from addons.pos_terminal.services.start_payment import StartPayment, start_payment
from addons.pos_terminal.services.undo_payment import UndoPayment, undo_payment
from addons.pos_terminal.tests.counter import Counter, open_counter
from addons.pos_terminal.tests.own_terminals import (
    FIRST_CODE,
    MERCHANT,
    RATE_PPM,
    add_contract,
    add_own_terminal,
)
from kernel.clock import FrozenClock
from kernel.ids import new_id
from kernel.jobs.drive import run_due, run_schedules
from kernel.money import Money
from kernel.security.principal import SYSTEM, Principal
from protocols.iso8583.dialect import DIALECTS
from simulators.acquirer.device import CardReader, Gesture
from simulators.acquirer.ledger import Posting
from simulators.acquirer.server import AcquirerSimulator
from simulators.acquirer.settings import AcquirerSettings, TerminalData
from simulators.acquirer.settings import Tariff as HostTariff

PATIENCE_MS = 300  # for an answer that does not come; a real host is given 45 seconds
REST = timedelta(minutes=5)  # between repeats of a reversal in the long run
TAKEN = (PaymentState.APPROVED, PaymentState.VOIDED, PaymentState.REFUNDED)


def wire(dialect: str, *, is_advice: bool = False) -> dict[str, str]:
    """Options of a contract with that dialect. is_advice: reversals are advices."""
    options = {"dialect": dialect, "reversal": "advice" if is_advice else "request"}
    return options | ({"tpdu": "6000030000"} if DIALECTS[dialect].framing.has_tpdu else {})


@dataclass
class Stage:
    """terminals: ids by code. The clock is that of the shop and of the host."""

    counter: Counter
    host: AcquirerSimulator
    contract_id: str
    terminals: dict[str, str]
    readers: dict[str, CardReader] = field(default_factory=dict)

    @property
    def clock(self) -> FrozenClock:
        """One for both."""
        return self.counter.clock

    @property
    def driver(self) -> Iso8583:
        """The one that talks to the host."""
        found = self.counter.app.registry.offers(TerminalDriver)[DriverName.ISO8583]
        assert isinstance(found, Iso8583)
        return found

    @property
    def everyone(self) -> Principal:
        """Who may do everything in the company."""
        return SYSTEM.within(self.counter.company_id)

    async def start(self, code: str, tiyn: int, **changes: Any) -> str:
        """Ask for a card; the operation's id. Raises Refusal."""
        command = StartPayment(new_id(), self.counter.register_id, Money(tiyn), self.terminals[code])
        return (await self.counter.run(start_payment, replace(command, **changes))).operation_id

    async def present(self, code: str, operation_id: str, tiyn: int, gesture: Gesture | None = None) -> None:
        """The device hands over what it read."""
        reader = self.readers.setdefault(code, CardReader(serial=int(code) % 1000))
        read = reader.read(gesture or Gesture(), tiyn)
        parts = {name: base64.b64decode(read[name]) for name in ("track", "ksn", "chip")}
        card = CardData(
            EntryMode(str(read["entryMode"]).lower()),
            masked_number=read["maskedNumber"],
            scheme=read["scheme"],
            is_wallet=read["isWallet"],
            **parts,
        )
        await self.counter.run(present_card, PresentCard(operation_id, card))

    async def pay(self, code: str, tiyn: int, gesture: Gesture | None = None, **changes: Any) -> str:
        """A whole payment, as far as it comes now. Raises Refusal."""
        operation_id = await self.start(code, tiyn, **changes)
        await self.present(code, operation_id, tiyn, gesture)
        await self.work()
        return operation_id

    async def undo(self, operation_id: str, tiyn: int | None = None) -> str:
        """A void, or a refund of a sum. Raises Refusal."""
        command = UndoPayment(new_id(), operation_id, None if tiyn is None else Money(tiyn))
        begun = await self.counter.run(undo_payment, command)
        await self.work()
        return begun.operation_id

    async def work(self) -> None:
        """Everything that is due now, also of answers that came late."""
        await run_due(self.counter.app.database)
        await self.driver.heard()
        await run_due(self.counter.app.database)

    async def pass_time(self, by: timedelta) -> None:
        """Time goes on; schedules look, and what is due is done."""
        self.clock.advance(by)
        await run_schedules(self.counter.app.database)
        await self.work()

    async def until_settled(self) -> None:
        """Until nothing is open any more. Fails after a day of repeats."""
        for _ in range(timedelta(days=1) // REST):
            if not await self.open_operations():
                return
            await self.pass_time(REST)
        raise AssertionError(await self.open_operations())

    async def open_operations(self) -> list[tuple[str, str, str]]:
        """Kind, state and what is wrong."""
        marks = ", ".join("?" for _ in UNSETTLED)
        sql = f"SELECT kind, state, code FROM pos_payment WHERE state IN ({marks})"
        found = await self.counter.rows(sql, *[state.value for state in UNSETTLED])
        return [(row["kind"], row["state"], row["code"]) for row in found]

    async def operations(self) -> list[Mapping[str, Any]]:
        """Rows of all operations, in their order."""
        return await self.counter.rows("SELECT * FROM pos_payment ORDER BY created_ms, id")

    async def state(self, operation_id: str) -> PaymentState:
        """Of one operation."""
        return await self.counter.state(operation_id)

    async def differences(self) -> list[str]:
        """Where our operations and the host's ledger tell different money; both must be at rest."""
        found: list[str] = []
        codes = {terminal_id: code for code, terminal_id in self.terminals.items()}
        postings = {
            (each.terminal, each.batch, each.stan, each.kind): each for each in self.host.ledger.postings
        }
        taken = 0
        for row in await self.operations():
            code, kind = codes[row["terminal_id"]], row["kind"].lower()
            posting = postings.pop((code, row["batch"], row["stan"], kind), None)
            is_taken = PaymentState(row["state"]) in TAKEN
            if is_taken:
                taken += row["approved"] if row["kind"] == OperationKind.PURCHASE else -row["approved"]
            ours = f"{row['kind']} {code} {row['stan']} {row['state']} {row['amount']} {row['code']}"
            found += [f"{ours}: {what}" for what in _doubts(row, posting, is_taken=is_taken)]
        found += [f"only at the host: {each}" for each in postings.values() if each.is_standing]
        if taken != self.host.ledger.taken:
            found.append(f"ours {taken}, the host's {self.host.ledger.taken}")
        return found


def _doubts(row: Mapping[str, Any], posting: Posting | None, *, is_taken: bool) -> list[str]:
    if posting is None or not posting.is_standing:
        return ["the host knows nothing of it"] if is_taken else []
    if not is_taken:
        return ["it stands at the host"]
    doubts = []
    if posting.amount != row["approved"]:
        doubts.append(f"{posting.amount} at the host")
    if posting.rrn != row["rrn"] or posting.day.isoformat() != row["banking_day"]:
        doubts.append(f"RRN {posting.rrn} of {posting.day} at the host, {row['rrn']} of {row['banking_day']}")
    return doubts


@asynccontextmanager
async def open_stage(
    terminals: int = 1,
    *,
    seed: int = 0,
    is_per_day: bool = False,
    is_hasty: bool = False,
    settings: Mapping[str, object] | None = None,
    url: str | None = None,
    options: Mapping[str, str] | None = None,
    **of_host: Any,
) -> AsyncIterator[Stage]:
    """A counter with `terminals` own terminals that have their keys, and the host they talk to.

    is_hasty: an answer is awaited for PATIENCE_MS, for stories in which none comes; on a busy machine one
    that does come may be too late then. options: of the contract and of the host; of_host: more of
    AcquirerSettings.
    """
    async with open_counter(url=url, settings=settings) as counter:
        tariff = HostTariff({"*": RATE_PPM}, is_per_day=is_per_day)
        of_host |= {"tariff": tariff, "options": options or {}}
        host = AcquirerSimulator(AcquirerSettings(**of_host), clock=counter.clock, seed=seed)
        async with host.running() as endpoint:
            rounding = Rounding.PER_DAY if is_per_day else Rounding.PER_OPERATION
            address = f"{endpoint.host}:{endpoint.port}"
            contract_id = await add_contract(counter, address, rounding=rounding, options=options)
            stage = Stage(counter, host, contract_id, {})
            for index in range(terminals):
                code = f"{FIRST_CODE + index:08}"
                host.add_terminal(TerminalData(code, MERCHANT))
                stage.terminals[code] = await add_own_terminal(
                    counter, contract_id, code, host.dialect.mac_rule.algorithm
                )
            await stage.work()
            with pytest.MonkeyPatch.context() as patch:
                if is_hasty:
                    hasty = replace(Iso8583.capabilities, wait_max_ms=PATIENCE_MS)
                    patch.setattr(Iso8583, "capabilities", hasty)
                try:
                    yield stage
                finally:
                    stage.driver.close()
