"""A seeded day of a shop: two cashiers, two shifts, all a till does, and a link that comes and goes."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from addons.fiscal_kz.tests.shop import CLOSE, LOST, REFUSED, SALE_FIELDS, TAKE_BACK, X_REPORT, Shop
from kernel.gql.ids import to_global
from kernel.ids import new_id

TROUBLES = ("LOST_AFTER", LOST, REFUSED, 254)
BUY = f"""mutation($input: RegisterPurchaseInput!) {{
  registerPurchase(input: $input, wait: 0) {{ {SALE_FIELDS} }} }}"""
GIVE_BACK = f"""mutation($input: RegisterReturnInput!) {{
  registerPurchaseReturn(input: $input, wait: 0) {{ {SALE_FIELDS} }} }}"""
PRICES = {"Нан": 20_000, "Сүт 1 л": 64_950, "Қызмет": 100_000}  # without a discount of their own
REDUCTIONS: tuple[dict[str, Any], ...] = (
    {"discount": {"basisPoints": 750}},
    {"discount": {"amount": "13.37"}},
    {"markup": {"basisPoints": 333}},
    {"markup": {"amount": "0.99"}},
)


@dataclass
class Day:
    """Drives the shop. sold: sales that may come back; seen: what happened how often."""

    shop: Shop
    dice: random.Random
    cashiers: list[Shop]
    sold: list[tuple[str, int]] = field(default_factory=list)  # id, positions
    bought: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    marks: int = 0

    async def work_through(self, documents: int) -> None:
        """That many documents are offered, then the shift closes and the link is fine."""
        for step in range(documents):
            await self.step()
            if step % 3 == 0 or self.dice.random() < 0.4:
                await self.shop.work()
        await self.settle()
        closed = await self.shop.ask_report(CLOSE)
        assert closed["__typename"] == "FiscalReport", closed
        await self.settle()

    async def settle(self) -> None:
        """The link is back and everything is delivered."""
        self.shop.ofd.is_down = False
        self.shop.ofd.script.clear()
        for _ in range(60):
            await self.shop.later()
            if (await self.shop.record()).state.undelivered == 0:
                return
        raise AssertionError("the queue does not empty")

    async def step(self) -> None:
        """One thing happens at the till, and something to the link."""
        self.shop.clock.advance(timedelta(seconds=self.dice.randint(1, 8)))
        roll = self.dice.random()
        if roll < 0.03:
            self.shop.ofd.script.append(self.dice.choice(TROUBLES))
            self.seen["lost answer"] += 1
        elif roll < 0.04:
            self.shop.ofd.is_down = True
            self.seen["cut of the link"] += 1
        elif roll < 0.07 and self.shop.ofd.is_down:
            self.shop.ofd.is_down = False
            await self.shop.later()
        what = self.dice.choices(
            (self.sell, self.take_back, self.buy, self.give_back, self.move_cash, self.look),
            weights=(64, 13, 6, 3, 10, 4),
        )[0]
        await what(self.dice.choice(self.cashiers))

    def note(self, what: str, answer: Any) -> bool:
        """Count what became of it; True when it was taken."""
        is_taken = answer["__typename"] != "Refused"
        self.seen[what if is_taken else f"refused {answer['code']}"] += 1
        return is_taken

    async def sell(self, till: Shop) -> None:
        """One to four positions, with modifiers, marks, and up to three payments."""
        lines = [self.line() for _ in range(self.dice.randint(1, 4))]
        more: dict[str, Any] = {"lines": lines}
        if self.dice.random() < 0.2:
            more |= self.dice.choice(REDUCTIONS)
        roll = self.dice.random()
        if roll < 0.5:
            pays = [("CASH", "50000.00")]
        elif roll < 0.75:
            pays = [("CARD", "41.10"), ("MOBILE", "33.05"), ("CASH", "50000.00")]
            self.seen["three payments"] += 1
        else:
            name = self.dice.choice(list(PRICES))
            quantity = self.dice.randint(1, 9)
            more = {"lines": [{"productId": self.product(name), "quantity": str(quantity)}]}
            total = PRICES[name] * quantity
            pays = [("CARD" if roll < 0.9 else "MOBILE", f"{total // 100}.{total % 100:02}")]
        more["payments"] = [{"kind": kind, "amount": amount} for kind, amount in pays]
        answer = await till.accept(**more)
        if self.note("sale", answer):
            self.sold.append((answer["id"], len(more["lines"])))

    def line(self) -> dict[str, Any]:
        """A product by weight or piece, a free position, or a marked one."""
        line: dict[str, Any]
        roll = self.dice.random()
        if roll < 0.12:
            self.marks += 1
            mark = f"010487000000001321{self.marks:08d}"
            line = {"productId": self.product("Темекі"), "quantity": "1", "marks": [mark]}
            self.seen["mark"] += 1
        elif roll < 0.3:
            price = f"{self.dice.randint(50, 9000)}.{self.dice.randint(0, 99):02}"
            line = {"name": "Тауар басқа", "price": price, "quantity": "1"}
            line |= self.dice.choice(({"vatBp": 1600}, {"vatBp": 500}, {"isWithoutVat": True}))
        else:
            name = self.dice.choice(("Нан", "Сүт 1 л", "Дәрі", "Қызмет", "Ірімшік"))
            weight = f"{self.dice.randint(0, 4)}.{self.dice.randint(100, 999)}"
            quantity = weight if name == "Ірімшік" else str(self.dice.randint(1, 5))
            line = {"productId": self.product(name), "quantity": quantity}
        if self.dice.random() < 0.25:
            line |= self.dice.choice(REDUCTIONS)
            self.seen["modifier"] += 1
        return line

    def product(self, name: str) -> str:
        """Global id."""
        return to_global("Product", self.shop.products[name])

    async def take_back(self, till: Shop) -> None:
        """A whole sale, or one position of it."""
        if not self.sold:
            return
        sale_id, positions = self.dice.choice(self.sold[-200:])
        given: dict[str, Any] = {
            "saleKey": new_id(),
            "registerId": to_global("Register", self.shop.register_id),
            "originalId": sale_id,
        }
        if positions > 1:
            position = self.dice.randint(1, positions)
            given["lines"] = [{"position": position, "quantity": "1"}]
        what = "return by line" if positions > 1 else "return"
        self.note(what, await till.ask(TAKE_BACK, input=given))

    async def buy(self, till: Shop) -> None:
        """Something from a person, paid in cash."""
        price = f"{self.dice.randint(1, 900)}.{self.dice.randint(0, 99):02}"
        given = {
            "saleKey": new_id(),
            "registerId": to_global("Register", self.shop.register_id),
            "lines": [{"name": "Шикізат темір", "price": price, "quantity": "1"}],
            "payments": [{"kind": "CASH", "amount": price}],
        }
        answer = await till.ask(BUY, input=given)
        if self.note("purchase", answer):
            self.bought.append(answer["id"])

    async def give_back(self, till: Shop) -> None:
        """A whole purchase."""
        if not self.bought:
            return
        given = {
            "saleKey": new_id(),
            "registerId": to_global("Register", self.shop.register_id),
            "originalId": self.bought.pop(self.dice.randrange(len(self.bought))),
        }
        self.note("return of a purchase", await till.ask(GIVE_BACK, input=given))

    async def move_cash(self, till: Shop) -> None:
        """Into the drawer or out of it."""
        which = self.dice.choice(("depositCash", "depositCash", "withdrawCash"))
        amount = f"{self.dice.randint(1, 30_000)}.{self.dice.randint(0, 99):02}"
        self.note(which, await till.move_cash(which, amount))

    async def look(self, till: Shop) -> None:
        """An X report."""
        self.note("X", await till.ask_report(X_REPORT))


def day_of(shop: Shop, seed: int, other_operator_id: str) -> Day:
    """The day that follows from the seed."""
    return Day(shop, random.Random(seed), [shop, replace(shop, operator_id=other_operator_id)])
