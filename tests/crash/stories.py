"""Where the power may fail on the way of a document (docs/architecture.md §6), and what is done there."""

from __future__ import annotations

import asyncio
import os
import random

from tests.crash.power import FINAL, TRANSACTION_MS, Clerk, DarkHouse, dies_at
from tests.support.house import FIRST_OFD_ID, FIRST_TOKEN

SCALE = int(os.environ.get("SAUDA_SCALE", "1"))
OFFLINE = ("OFFLINE",)

# Row 3: before and after the commit of the acceptance.
ACCEPTANCE = ("trade.accepted", "trade.after_commit")
ACCEPTANCE_OF_CLOSE = ("fiscal_kz.accepted", "fiscal_kz.after_commit")
# Rows 5, 6 and 7: before and after the commit of the intent; before sending, sent, answered; before and after
# the commit of the facts.
EXCHANGE = (
    "jobs.before_prepare_commit",
    "jobs.after_prepare",
    "fiscal_kz.before_send",
    "fiscal_kz.after_send",
    "fiscal_kz.after_answer",
    "fiscal_kz.before_settle_commit",
    "jobs.before_settle_commit",
    "jobs.after_settle",
)
OUTAGES = 0.4  # of power cuts under load come while the link is down
BREATH_S = 0.05  # of a clerk between documents, so that a replay may catch up
DOCUMENTS_PER_CUT = 5  # taken by the OFD at least
KINDS = ("return", "deposit", "close", "mixed", "withdrawal")


def acceptance_of(kind: str) -> tuple[str, str]:
    """Points of row 3 for that kind."""
    return ACCEPTANCE_OF_CLOSE if kind == "close" else ACCEPTANCE


def online_deaths() -> list[tuple[str, str]]:
    """(point, kind): every point for a sale and the other kinds in turn; each kind at each point when
    SAUDA_SCALE is larger.
    """
    found = [(point, "sale") for point in (*ACCEPTANCE, *EXCHANGE)]
    for place, kind in enumerate(KINDS):
        points = (*acceptance_of(kind), *EXCHANGE)
        chosen = points if SCALE > 1 else (points[place % 2], points[2 + place], points[-1 - place % 3])
        found += [(point, kind) for point in dict.fromkeys(chosen)]
    return found


# Dying while the document in hand becomes an offline one, and while the next are issued at once.
IN_HAND = ("fiscal_kz.before_send", "fiscal_kz.issued", "fiscal_kz.before_settle_commit", "jobs.after_settle")
AT_ONCE = ("fiscal_kz.issued", "trade.accepted", "trade.after_commit")
REPLAY = (*EXCHANGE[:5], "fiscal_kz.delivered", *EXCHANGE[5:])


# What is wanted in an offline period; each period begins at another place of it.
WANTED = ("sale", "return", "close", "mixed", "deposit", "withdrawal")


def offline_deaths() -> list[tuple[str, str, str, str]]:
    """(kind in hand, point in hand, point at once, point of the replay) of one offline period each."""
    return [
        (WANTED[place % len(WANTED)], IN_HAND[place % len(IN_HAND)], AT_ONCE[place % len(AT_ONCE)], point)
        for place, point in enumerate(REPLAY * min(SCALE, 4))
    ]


async def open_clerk(house: DarkHouse) -> Clerk:
    """A clerk at a till of a new shop, with some history: cash in the drawer, a few sales."""
    (clerk,) = await open_clerks(house, 1)
    return clerk


async def open_clerks(house: DarkHouse, count: int) -> list[Clerk]:
    """So many clerks at one shop; the OFD knows more registers than are ever asked for."""
    await house.mend()
    shop = await house.shop()
    first = sum(account.requests > 0 for account in house.simulator.ledger.accounts.values())
    tills = await shop.tills(count, first_ofd_id=FIRST_OFD_ID + first, first_token=FIRST_TOKEN + first)
    clerks = [Clerk(till) for till in tills]
    for clerk in clerks:
        await clerk.insist(clerk.wish("deposit"))
        await clerk.insist(clerk.wish("sale"))
    return clerks


async def die_online(house: DarkHouse, clerk: Clerk, point: str, kind: str) -> None:
    """One power cut with the link up; a sale before it makes sure that there is something to return or
    close.
    """
    await house.mend()
    if kind in ("return", "close") and not clerk.sold:
        await clerk.insist(clerk.wish("sale"))
    await dies_at(house, point, clerk, clerk.wish(kind))
    if kind == "close":
        await clerk.insist(clerk.wish("sale"))


async def die_offline(
    house: DarkHouse, clerk: Clerk, *, kind: str, in_hand: str, at_once: str, replay: str
) -> None:
    """One offline period: dies over the document in hand, over the next one, over the head of the replay and
    over the one behind it.
    """
    await house.mend()
    await clerk.insist(clerk.wish("sale"))
    await house.simulator.refuse_connections()
    first = WANTED.index(kind)
    wishes = [clerk.wish(each) for each in WANTED[first:] + WANTED[:first]]
    if wishes[1].kind == "close" and at_once in ACCEPTANCE:
        at_once = ACCEPTANCE_OF_CLOSE[ACCEPTANCE.index(at_once)]
    await dies_at(house, in_hand, clerk, wishes[0], OFFLINE)
    await dies_at(house, at_once, clerk, wishes[1], OFFLINE)
    for wish in wishes[2:]:
        await clerk.insist(wish, OFFLINE)
    await house.simulator.accept_connections()
    house.arm(replay)
    await house.death()
    house.arm(f"{replay}:2")
    await house.respawn()
    await house.death()
    await house.start()
    for wish in wishes:
        await clerk.insist(wish, FINAL)


async def live_with_power_cuts(house: DarkHouse, clerks: list[Clerk], *, seed: int, cuts: int) -> None:
    """Clerks work without a pause while processes are killed at moments chosen by the seed and the link comes
    and goes.
    """
    dice = random.Random(seed)
    is_over = asyncio.Event()
    enough = house.simulator.ledger.accepted() + DOCUMENTS_PER_CUT * cuts
    kinds = ("sale", "sale", "mixed", "return", "deposit", "withdrawal", "close", "report")

    async def work(clerk: Clerk, own: random.Random) -> None:
        # On a busy machine they work on until there is a story worth telling.
        while not is_over.is_set() or house.simulator.ledger.accepted() <= enough:
            await clerk.do(own.choice(kinds))
            await asyncio.sleep(own.uniform(0, BREATH_S))

    async with asyncio.TaskGroup() as group:
        for clerk in clerks:
            group.create_task(work(clerk, random.Random(dice.random())))
        for _ in range(cuts):
            await asyncio.sleep(dice.uniform(0.02, 0.6))
            if not house.simulator.is_accepting:
                await house.simulator.accept_connections()
                await asyncio.sleep(dice.uniform(0, 0.2))  # dies over the replay
            elif dice.random() < OUTAGES:
                await house.simulator.refuse_connections()
                await asyncio.sleep(dice.uniform(0.5, 2.0) * TRANSACTION_MS / 1000)  # over offline documents
            victims = house.all if dice.random() < 0.5 else [dice.choice(house.all)]
            await asyncio.gather(*(victim.kill() for victim in victims))
            house.deaths += 1
            await house.start()
        await house.simulator.accept_connections()
        is_over.set()
