"""What happens in the demo, step by step; every step speaks to the installation as its users do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from simulators.demo.stage import EMAIL, FIRST_OFD_ID, FIRST_TOKEN, Stage, catalogue_files
from simulators.smart_terminals.plan import Ending
from simulators.till import documents
from simulators.till.shop import Shop, Till, card, cash

RECEIPT_WIDTH = 48
SETTLE_WAIT_S = 60.0
SETTLE_POLL_S = 0.1
PRODUCTS_READ = 100
CASHIER_PIN = "4812"
CARD_PART, CARD_RATE_PPM = "100.00", 12_900  # tenge; 1.29 %


class StepFailed(Exception):
    """A step did not come out as it must; the message says how."""


def spaced(amount: str) -> str:
    """ "20000.00" as people write it: "20 000.00"."""
    tenge, _, tiyn = amount.partition(".")
    return f"{int(tenge):,}".replace(",", " ") + f".{tiyn}"


@dataclass(slots=True)
class Document:
    """A line of the summary."""

    title: str
    total: str
    state: str
    sign: str
    address: str = ""


@dataclass(slots=True)
class Story:
    """Facts gathered while the steps run."""

    stage: Stage
    shop: Shop | None = None
    till: Till | None = None
    terminal_id: str = ""
    products: list[dict[str, Any]] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    imported: int = 0
    receipt: str = ""
    offline_sale: dict[str, Any] = field(default_factory=dict)

    @property
    def steps(self) -> list[tuple[str, Callable[[], Awaitable[str]]]]:
        """Title of each step and what does it; the result is a remark for the screen."""
        return [
            ("Outlet, register, operators", self.set_up),
            ("Register activated at the OFD (INFO)", self.activate),
            ("Catalogue imported from 1C", self.import_catalogue),
            ("Card terminal connected and paired", self.connect_terminal),
            ("Cash put into the drawer", self.deposit),
            ("Sale for cash", self.sell_for_cash),
            ("Sale for cash and card", self.sell_mixed),
            ("Sale while the OFD is cut off", self.sell_offline),
            ("Replay of the offline sale", self.replay),
            ("X report", self.report),
            ("Tax side and our journal compared", self.compare),
        ]

    async def close(self) -> None:
        """Close connections."""
        if self.shop is not None:
            await self.shop.close()

    async def set_up(self) -> str:
        """Outlet, a till and its people."""
        self.shop = await Shop.open(self.stage.address, email=EMAIL, password=self.stage.password)
        return f"{EMAIL} signed in, token issued"

    async def activate(self) -> str:
        """The till's KKM."""
        assert self.shop is not None
        self.till = await self.shop.till(
            title="Касса 1", operator="Ерлан Қасымов", ofd_id=FIRST_OFD_ID, token=FIRST_TOKEN
        )
        await self.shop.owner.mutate(
            documents.CREATE_OPERATOR,
            input={"name": "Динара Омарова", "pin": CASHIER_PIN, "role": "SENIOR_CASHIER"},
        )
        return f"OFD id {FIRST_OFD_ID}"

    async def import_catalogue(self) -> str:
        """`sauda import-1c` on the bundled export, while the house is serving."""
        assert self.shop is not None
        answer = json.loads(await self.stage.command("import-1c", *catalogue_files(), "--json"))
        page = await self.shop.service.execute(documents.PRODUCTS, first=PRODUCTS_READ)
        self.products = [each for each in page["products"]["nodes"] if not each["isMarked"] and each["price"]]
        self.imported = page["products"]["totalCount"]
        if len(self.products) < 10:
            raise StepFailed(f"only {len(self.products)} goods can be sold: {answer}")
        return f"{self.imported} goods"

    async def connect_terminal(self) -> str:
        """A contract with the acquirer, and its terminal beside the till."""
        assert self.shop is not None
        owner = self.shop.owner
        contract = await owner.mutate(
            documents.SET_CONTRACT,
            input={
                "title": "Kaspi Pay",
                "driver": "kaspi_smartpos",
                "terms": {"tariffs": [{"ratePpm": CARD_RATE_PPM}]},
            },
        )
        place = {
            "outletId": self.shop.outlet_id,
            "registerId": self._till.register_id,
            "title": "Kaspi Smart POS",
        }
        terminal = await owner.mutate(
            documents.CONNECT_TERMINAL,
            contract=contract["id"],
            place=place,
            address=self.stage.device.address,
        )
        self.terminal_id = terminal["id"]
        await owner.mutate(documents.PAIR_TERMINAL, id=self.terminal_id)
        return f"pinned by its certificate, {self.stage.device.address}"

    async def deposit(self) -> str:
        """Change for the first customers."""
        done = await self._till.move_cash(documents.DEPOSIT, "20000.00")
        self.documents.append(Document("Внесение · Cash in", "20000.00", done["state"], "—"))
        return "20 000 ₸"

    async def sell_for_cash(self) -> str:
        """Three goods, cash with change; the receipt is kept for the screen."""
        sale = await self._sell("Продажа · Sale, cash", [(0, "2"), (5, "1"), (7, "3")], [cash("50000.00")])
        self._expect(sale, "FISCALIZED")
        answer = await self._till.client.execute(documents.RECEIPT_TEXT, id=sale["id"], width=RECEIPT_WIDTH)
        self.receipt = answer["sale"]["receiptText"]
        return f"{sale['total']} ₸, change {sale['change']} ₸, sign {sale['sign']}"

    async def sell_mixed(self) -> str:
        """Part by card at the terminal, the rest in cash; one receipt."""
        by_card = card(CARD_PART) | {"operationIds": [await self._paid_by_card(CARD_PART)]}
        sale = await self._sell(
            "Продажа · Sale, card + cash", [(2, "1"), (3, "2")], [by_card, cash("50000.00")]
        )
        self._expect(sale, "FISCALIZED")
        return f"{sale['total']} ₸, sign {sale['sign']}"

    async def sell_offline(self) -> str:
        """The OFD refuses connections; the buyer gets an autonomous receipt at once."""
        await self.stage.simulator.refuse_connections()
        sale = await self._sell("Продажа · Sale, offline", [(9, "1")], [cash("50000.00")], wait_ms=10_000)
        self._expect(sale, "OFFLINE")
        self.offline_sale = sale
        return f"{sale['total']} ₸, autonomous sign {sale['offlineNumber']}"

    async def replay(self) -> str:
        """The link is back; the engine sends the queue by itself."""
        await self.stage.simulator.accept_connections()
        for _ in range(int(SETTLE_WAIT_S / SETTLE_POLL_S)):
            sale = await self._till.sale_by_key(self.offline_sale["saleKey"])
            if sale is not None and sale["state"] == "FISCALIZED":
                self.documents[-1].state, self.documents[-1].sign = sale["state"], sale["sign"]
                return f"sign {sale['sign']}"
            await asyncio.sleep(SETTLE_POLL_S)
        raise StepFailed("the offline sale was not delivered in time")

    async def report(self) -> str:
        """X report from the engine, with the OFD's own answer beside it."""
        asked = {"registerId": self._till.register_id, "operatorId": self._till.operator_id}
        answer = await self._till.client.mutate(
            documents.X_REPORT, input={"key": documents.new_key(), **asked}
        )
        report = answer["report"]
        self.documents.append(Document("X-отчёт · X report", report["revenue"], answer["state"], "—"))
        return f"revenue {report['revenue']} ₸, drawer {report['drawer']} ₸"

    async def compare(self) -> str:
        """The ledger of the simulator is the oracle; the journal's chain is verified."""
        wrong = self.stage.simulator.ledger.violations()
        if wrong:
            raise StepFailed("; ".join(wrong))
        output = await self.stage.command("journal", "verify")
        accepted = self.stage.simulator.ledger.accepted()
        return f"{accepted} documents at the OFD; journal: {output.strip().splitlines()[-1].strip()}"

    @property
    def _till(self) -> Till:
        assert self.till is not None
        return self.till

    async def _paid_by_card(self, amount: str) -> str:
        """The operation, once the bank has approved it."""
        self.stage.terminal.plan.arm(Ending(customer_ms=0))
        asked = {"paymentKey": documents.new_key(), "registerId": self._till.register_id, "amount": amount}
        assert self.shop is not None
        client = self.shop.owner
        begun = await client.mutate(documents.START_CARD, input=asked | {"terminalId": self.terminal_id})
        for _ in range(int(SETTLE_WAIT_S / SETTLE_POLL_S)):
            found = (await client.execute(documents.CARD_OPERATION, id=begun["id"]))["cardOperation"]
            if found["state"] == "APPROVED":
                return str(found["id"])
            await asyncio.sleep(SETTLE_POLL_S)
        raise StepFailed(f"the card payment is {found['state']}, not APPROVED")

    async def _sell(
        self, title: str, goods: list[tuple[int, str]], payments: list[dict[str, Any]], wait_ms: int = 5_000
    ) -> dict[str, Any]:
        lines = [{"productId": self.products[place]["id"], "quantity": quantity} for place, quantity in goods]
        sale = await self._till.sell(lines, payments, wait_ms=wait_ms)
        sign = sale["sign"] or sale["offlineNumber"] or "—"
        self.documents.append(Document(title, sale["total"], sale["state"], sign, sale["receiptUrl"] or ""))
        return sale

    @staticmethod
    def _expect(sale: dict[str, Any], state: str) -> None:
        if sale["state"] != state:
            raise StepFailed(f"the sale is {sale['state']}, not {state}")
