"""The device: keeps its goods equal to the server's, applies them when it may, does what is ordered of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from examples.device.goods import Goods
from examples.device.server import AWAY, Server

PAGE_ROWS = 1_000
PAUSE_MIN_S, PAUSE_MAX_S = 1.0, 30.0  # between attempts to reach a silent server
LOADS_MAX = 2  # in a row; goods that do not add up after the second are the server's fault

CHANGES = """
query Changes($cursor: String, $limit: Int!) {
  catalogChanges(cursor: $cursor, limit: $limit) {
    mustRefetch isLoad tombstones nextCursor upToDate count checksum
    cards {
      id version code name nameKk characteristic article barcode barcodes { barcode quantity } groupIds baseId
      section prices { since price } vatKind vatPercent unitCode unitName ntin gtin isMarked isPriceEditable
      discountPercent markupPercent
    }
    bundles { id version name nameKk barcode lines { productId quantity } }
    groups { id version code name nameKk parentId }
  }
}"""
HEAD = "subscription Head { catalogHead { seq orderedAt } }"
ORDERS = "query Orders { catalogExchanges(isOpen: true, first: 20) { nodes { id kind state isFull } } }"
REPORT = """
mutation Report($id: ID!, $state: CatalogExchangeState!, $note: String! = "", $count: Int) {
  reportCatalogExchange(input: {exchangeId: $id, state: $state, note: $note, movedCount: $count}) {
    __typename ... on CatalogExchange { state } ... on Refused { code message }
  }
}"""
ACK = """
mutation Ack($cursor: String!, $isVerified: Boolean!) {
  ackCatalog(input: {cursor: $cursor, isVerified: $isVerified}) {
    __typename ... on CatalogFollower { waitingCount } ... on Refused { code message }
  }
}"""

log = logging.getLogger(__name__)


class GoodsDamaged(Exception):
    """Count and checksum are wrong even after a full load; the old goods stay."""


async def no_sales() -> int:
    """For a device that keeps no sales of its own."""
    return 0


class Device:
    """may_apply: asked before goods change; true in the main menu with an empty cart. send_sales: sends what
    the device still keeps, gives how many.
    """

    def __init__(
        self,
        server: Server,
        goods: Goods,
        *,
        may_apply: Callable[[], bool] = lambda: True,
        send_sales: Callable[[], Awaitable[int]] = no_sales,
        page_rows: int = PAGE_ROWS,
    ) -> None:
        self.server = server
        self.goods = goods
        self._may_apply = may_apply
        self._send_sales = send_sales
        self._page_rows = page_rows

    async def follow(self) -> None:
        """For ever: catch up, then again at every news, or every PAUSE_MAX_S seconds without WebSocket."""
        pause_s = PAUSE_MIN_S
        while True:
            ordered_at = None
            try:
                await self.sync()
                async for head in self.server.news(HEAD):
                    pause_s = PAUSE_MIN_S
                    if head["orderedAt"] != ordered_at:
                        ordered_at = head["orderedAt"]
                        await self.sync()
                    else:
                        await self.pull()
                        await self.apply()
            except AWAY as error:
                log.info("no link: %s", error)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, PAUSE_MAX_S)

    async def sync(self) -> None:
        """Catch up, apply if it may, do what is ordered. May be broken off anywhere and begun again."""
        orders = (await self.server.ask(ORDERS))["nodes"]
        of_goods = [each for each in orders if each["kind"] == "SEND_GOODS"]
        for order in of_goods:
            if order["state"] == "WAITING":
                if order["isFull"]:
                    self.goods.begin_anew()
                await self._report(order, "EXCHANGING")
        await self.pull()
        for order in of_goods:
            await self._report(order, "READY")
        if await self.apply():
            for order in of_goods:
                await self._report(order, "APPLIED", count=len(self.goods))
        for order in orders:
            if order["kind"] == "FETCH_SALES":
                await self._report(order, "EXCHANGING")
                await self._report(order, "APPLIED", count=await self._send_sales())
            elif order["kind"] == "TEST_LINK":
                await self._report(order, "APPLIED")

    async def pull(self) -> None:
        """Read pages until the server says there are no more. Each is stored before the next is asked for."""
        while True:
            page = await self.server.ask(CHANGES, cursor=self.goods.cursor, limit=self._page_rows)
            if page["mustRefetch"]:
                log.warning("loading everything anew: %s", page["mustRefetch"])
                self.goods.begin_anew()
                continue
            self.goods.store(page)
            if page["upToDate"]:
                return

    async def apply(self) -> bool:
        """Sell by what came, if it is complete and the cashier is in the main menu; call it there too.

        False: not now. Raises GoodsDamaged.
        """
        for _ in range(LOADS_MAX):
            if not self.goods.is_complete:
                break
            if not self._may_apply():
                return False
            if self.goods.apply():
                break
            log.warning("the goods do not add up; loading everything anew")
            self.goods.begin_anew()
            await self.pull()
        else:
            raise GoodsDamaged
        if (cursor := self.goods.to_ack) is not None:
            await self.server.ask(ACK, cursor=cursor, isVerified=self.goods.is_verified)
            self.goods.acked(cursor)
        return True

    async def _report(self, order: dict[str, Any], state: str, count: int | None = None) -> None:
        await self.server.ask(REPORT, id=order["id"], state=state, count=count)
        order["state"] = state
