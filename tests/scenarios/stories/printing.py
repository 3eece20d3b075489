"""Receipts of a real register come out of a printer in the shop, by an agent with a device's token."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from agent.agent import Agent
from agent.devices import Devices
from agent.memory import Memory
from agent.server import RemoteServer
from simulators.printer.server import Job, PrinterSimulator
from simulators.till.shop import Till, cash, free_line
from tests.scenarios.stage import Stage
from tests.support.house import eventually

LINE = free_line("Сүт", "545.00")
DUPLICATE = "ДУБЛИКАТ"
HEARD_S, LOOK_S = 3.0, 0.05  # until every process knows what the company chose

CREATE = """mutation ($outlet: ID!, $input: PrinterInput!) {
  result: createPrinter(outletId: $outlet, input: $input) {
  __typename ... on Printer { id } ... on Refused { code message } } }"""
REMOVE = """mutation ($id: ID!) { result: removePrinter(printerId: $id) {
  __typename ... on PrinterRemoved { printerId } ... on Refused { code message } } }"""
PRINTS = """mutation ($register: ID!, $printer: ID!, $on: Boolean!) {
  result: setRegisterPrinting(registerId: $register, printerId: $printer, printsReceipts: $on) {
  __typename ... on RegisterPrintingChanged { registerId } ... on Refused { code message } } }"""
ISSUE = """mutation ($register: ID!) { result: issueDeviceBinding(registerId: $register, title: "agent") {
  __typename ... on DeviceBinding { bindingToken } ... on Refused { code message } } }"""
BIND = """mutation ($token: String!) { result: bindDevice(bindingToken: $token) {
  __typename ... on BoundDevice { deviceToken } ... on Refused { code message } } }"""
PRINT = """mutation ($sale: ID!) { result: printReceipt(saleId: $sale) {
  __typename ... on PrintJob { state } ... on Refused { code message } } }"""


@asynccontextmanager
async def printing(stage: Stage, till: Till, folder: Path) -> AsyncIterator[PrinterSimulator]:
    """A printer in the shop, an agent beside it, and every receipt of the till printed by itself."""
    ask = stage.shop.owner.mutate
    async with PrinterSimulator().running() as printer:
        setup = {"name": f"Касса {till.ofd_id}", "connection": printer.connection}
        made = await ask(CREATE, outlet=stage.shop.outlet_id, input=setup)
        await ask(PRINTS, register=till.register_id, printer=made["id"], on=True)
        token = (await ask(ISSUE, register=till.register_id))["bindingToken"]
        device = await ask(BIND, token=token)
        memory = Memory(folder / "agent.db")
        try:
            async with RemoteServer(stage.house.address, device["deviceToken"]) as server:
                agent = Agent(server, memory, Devices(("network:127.0.0.1:*",)))
                task = asyncio.create_task(agent.run())
                try:
                    yield printer
                finally:
                    agent.stop()
                    await task
        finally:
            memory.close()
            await ask(PRINTS, register=till.register_id, printer=made["id"], on=False)
            await ask(REMOVE, id=made["id"])


def ready(printer: PrinterSimulator) -> list[Job]:
    """Papers that came out whole."""
    return [job for job in printer.papers if job.is_closed]


async def qr(till: Till, sale: dict[str, Any]) -> bytes:
    """The text of the receipt's QR code as it is now; a printer gets it as it is."""
    found = await till.client.execute("query ($id: ID!) { sale(id: $id) { qrText } }", id=sale["id"])
    return str(found["sale"]["qrText"]).encode()


class PrintingStories:
    """Paper of a register that sells."""

    async def test_every_receipt_comes_out_once_whatever_the_link_does(
        self, stage: Stage, till: Till, tmp_path: Path
    ) -> None:
        async with printing(stage, till, tmp_path) as printer:

            async def paper_of(sale: dict[str, Any]) -> Job:
                text = await qr(till, sale)

                async def is_ready() -> Job | None:
                    return next((job for job in ready(printer) if text in job.received), None)

                return cast(Job, await eventually(is_ready, f"paper of {sale['saleKey']}"))

            async def first_paper() -> dict[str, Any] | None:
                sale = await till.sell([LINE], [cash("545.00")])
                for _ in range(int(HEARD_S / LOOK_S)):
                    if ready(printer):
                        return sale
                    await asyncio.sleep(LOOK_S)
                return None

            first = await eventually(first_paper, "a first paper")
            assert DUPLICATE not in (await paper_of(first)).text

            await stage.simulator.refuse_connections()
            offline = await till.sell([LINE], [cash("545.00")])
            assert offline["state"] == "OFFLINE"
            autonomous = await paper_of(offline)
            assert DUPLICATE not in autonomous.text
            await stage.simulator.accept_connections()
            signed = await stage.delivered(till, offline)

            await stage.shop.owner.mutate(PRINT, sale=offline["id"])
            again = await paper_of(signed)
            assert again is not autonomous
            assert [job for job in ready(printer) if DUPLICATE in job.text] == [again]
