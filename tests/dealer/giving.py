"""A story of these tests: a shop gives a register to its dealer, KKM and all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from addons.catalog.api import CreateProduct, create_product
from addons.dealer.services.appoint import appoint_dealer
from addons.dealer.services.moves import (
    AnswerMove,
    ProposeMove,
    answer_move,
    check_move,
    propose_move,
)
from addons.dealer.services.requests import AnswerRequest, AskDealer, answer_request, ask_dealer
from addons.dealer.tests.service_centre import Side, ask, open_side
from addons.fiscal_kz.tests.shop import GOODS, OFD_ID, Shop, open_shop
from addons.organization.api import (
    CreateOperator,
    RegisterId,
    Role,
    create_operator,
)
from kernel.journal.verify import LaneVerdict, verify_lane
from kernel.security.principal import Principal, PrincipalKind

MOVES = "{ dealerMoves { state isOutgoing problem { code } } }"


@dataclass
class Story:
    """A shop gives a register to its dealer, who is ready to agree."""

    shop: Shop
    dealer: Side
    giver: Principal  # the shop's owner
    move: Any

    async def agree(self) -> None:
        """The dealer takes the register over; what is due is worked."""
        command = AnswerMove(self.move, True, self.dealer.outlet_id)
        await self.shop.app.database.transact(answer_move, command, principal=self.dealer.owner)
        await self.shop.work()

    async def check(self) -> None:
        """The shop has it tried again."""
        await self.shop.app.database.transact(check_move, self.move, principal=self.giver)
        await self.shop.work()

    async def state(self) -> tuple[str, str | None]:
        """State of the move and why it waits; both sides see the same."""
        seen = []
        for principal in (self.giver, self.dealer.owner):
            (each,) = (await ask(self.shop.app, MOVES, principal))["dealerMoves"]
            seen.append((each["state"], each["problem"] and each["problem"]["code"]))
        assert seen[0] == seen[1]
        return seen[0]

    async def registers(self) -> list[tuple[str, str, bool]]:
        """KKMs: whose, at which register, and whether they have an id at the OFD."""
        sql = "SELECT company_id, register_id, ofd_id FROM fkz_kkm ORDER BY id"
        return [
            (row["company_id"], row["register_id"], row["ofd_id"] > 0) for row in await self.shop.rows(sql)
        ]

    async def verdict(self, register_id: str) -> LaneVerdict:
        """Of the journal of a register."""
        async with self.shop.app.database.reading(self.shop.owner) as reader:
            return await verify_lane(reader, f"register:{register_id}")

    async def moved(self) -> Shop:
        """The same workplace in the dealer's company, with goods and a cashier of its own."""
        app, owner = self.shop.app, self.dealer.owner
        rows = await self.shop.rows("SELECT new_register_id FROM dealer_move")
        operator = CreateOperator("Болат Н.", role=Role.ADMINISTRATOR)
        cashier = await app.database.transact(create_operator, operator, principal=owner)
        bread = await app.database.transact(
            create_product, CreateProduct("Нан", **GOODS["Нан"]), principal=owner
        )
        return replace(
            self.shop,
            company_id=self.dealer.company_id,
            register_id=rows[0]["new_register_id"],
            operator_id=cashier,
            outlet_id=self.dealer.outlet_id,
            products={"Нан": bread},
        )

    async def locate(self) -> None:
        """The dealer's outlet gets its position."""
        await overwrite(
            self.shop,
            "UPDATE org_outlet SET latitude_e4 = 432389, longitude_e4 = 768897 WHERE id = ?",
            self.dealer.outlet_id,
        )

    def reregister(self) -> None:
        """The OFD learns that the KKM is the dealer's."""
        self.shop.ofd.simulator.ledger.reregister(OFD_ID, self.dealer.bin, "Shop 1")


@asynccontextmanager
async def begun(
    *, is_shift_closed: bool = True, is_located: bool = True, url: str | None = None, **others: Any
) -> AsyncIterator[Story]:
    """A day was sold, and the shop has proposed to give its register to its dealer."""
    async with open_shop(addons=("fiscal_kz", "dealer"), url=url, others=others) as shop:
        transact, roles = shop.app.database.transact, shop.app.registry.roles
        dealer = await open_side(shop.app, 1)
        await transact(appoint_dealer, dealer.user_id, principal=dealer.owner)
        giver = Principal(PrincipalKind.USER, "giver", shop.company_id, roles[Role.OWNER], language="en")
        link = await transact(ask_dealer, AskDealer(dealer.bin, ("organization.view",)), principal=giver)
        await transact(answer_request, AnswerRequest(link, True), principal=dealer.owner)
        await shop.sell(("Нан", "1"), cash="500.00")
        if is_shift_closed:
            await shop.close()
        move = await transact(propose_move, ProposeMove(link, RegisterId(shop.register_id)), principal=giver)
        story = Story(shop, dealer, giver, move)
        if is_located:
            await story.locate()
        yield story


async def overwrite(shop: Shop, sql: str, *params: Any) -> None:
    """Write into the tables behind everybody's back."""

    async def write(work: Any) -> None:
        await work.execute(sql, *params)

    await shop.app.database.transact(write, principal=shop.owner)
