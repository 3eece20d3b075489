"""Exchange on demand: from an administrator's order to goods that were applied, or why it failed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from addons.catalog.services.feed_tidy import fail_overdue
from addons.catalog.tests.feed_devices import Chain, Device, ask, new_chain, run
from addons.catalog.tests.makers import good
from addons.organization.api import CreateRegisterGroup, board_of, create_register_group
from kernel.clock import FrozenClock
from kernel.gql.context import GqlContext
from kernel.gql.ids import to_global
from kernel.security.principal import SYSTEM, Principal, PrincipalKind

ORDER = """
mutation($input: OrderCatalogExchangeInput!) { orderCatalogExchange(input: $input) {
  ... on CatalogExchanges { exchanges { id registerId kind state isFull until } }
  ... on Refused { refusal: code field } } }"""
REPORT = """
mutation($id: ID!, $state: CatalogExchangeState!, $note: String! = "", $count: Int) {
  reportCatalogExchange(input: {exchangeId: $id, state: $state, note: $note, movedCount: $count}) {
    ... on CatalogExchange { state reason note movedCount takenAt readyAt endedAt roundTripMs }
    ... on Refused { refusal: code } } }"""
LINK = """
query($id: ID) { catalogLink(registerId: $id) {
  serverTime seq followers { device isVerified waitingCount waitingSince ackedAt }
  exchanges { kind state reason note movedCount } } }"""
TEST = "mutation { testCatalogLink { ... on CatalogExchange { kind state roundTripMs } } }"
FOLLOWERS = "{ catalogFollowers(first: 10) { nodes { registerId device waitingCount } } }"
HEAD = "subscription { catalogHead { seq orderedAt } }"


@pytest.fixture
async def chain() -> AsyncIterator[Chain]:
    async with new_chain() as chain:
        yield chain


def administrator(chain: Chain) -> Principal:
    permissions = chain.app.registry.roles["administrator"]
    return Principal(PrincipalKind.USER, "aigul", chain.principal.company_id, permissions, language="en")


async def order(chain: Chain, kind: str, *devices: Device, **more: Any) -> list[dict[str, Any]]:
    registers = [to_global("Register", each.register_id) for each in devices]
    asked = {"kind": kind, "registerIds": registers, **more}
    found = await ask(chain, administrator(chain), ORDER, input=asked)
    return list(found["exchanges"])


async def report(device: Device, exchange: dict[str, Any], state: str, **more: Any) -> dict[str, Any]:
    found = await ask(device.shop, device.principal, REPORT, id=exchange["id"], state=state, **more)
    return dict(found)


async def board(chain: Chain, device: Device) -> list[str]:
    return [line.code for line in await chain.read(board_of, device.register_id) if line.source == "catalog"]


def later(chain: Chain, **time: int) -> None:
    clock = chain.app.clock
    assert isinstance(clock, FrozenClock)
    clock.advance(timedelta(**time))


async def test_goods_that_were_ordered_are_applied_only_when_complete(chain: Chain) -> None:
    await chain.upsert(*(good(f"g{n}", name=f"Товар {n}") for n in range(5)))
    device = await chain.device()
    (exchange,) = await order(chain, "SEND_GOODS", device)

    taken = await report(device, exchange, "EXCHANGING")
    await device.step(limit=3)
    too_early = await report(device, exchange, "APPLIED")
    half = await ask(chain, device.principal, _ACK, cursor=device.cursor)
    await device.catch_up()
    ready = await report(device, exchange, "READY", count=len(device.rows))
    later(chain, seconds=5)
    await device.ack()
    applied = await report(device, exchange, "APPLIED")
    again = await report(device, exchange, "APPLIED")
    undone = await report(device, exchange, "FAILED")

    assert (exchange["state"], taken["state"], ready["state"]) == ("WAITING", "EXCHANGING", "READY")
    assert too_early == {"refusal": "EXCHANGE_NOT_COMPLETE"}
    assert half == {"refusal": "FEED_CURSOR_NOT_COMPLETE"}
    assert (applied["state"], applied["movedCount"], again) == ("APPLIED", 7, applied)
    assert (taken["takenAt"], ready["readyAt"]) == ("2026-01-15T04:30:00.000Z",) * 2
    assert applied["endedAt"] == "2026-01-15T04:30:05.000Z"
    assert undone == {"refusal": "EXCHANGE_IS_OVER"}


async def test_a_group_is_ordered_at_once_and_an_open_order_is_not_doubled(chain: Chain) -> None:
    devices = [await chain.device(str(n)) for n in range(3)]
    members = tuple(each.register_id for each in devices[:2])
    group = await chain.run(create_register_group, CreateRegisterGroup("Зал", members))

    first = await order(
        chain, "FETCH_SALES", devices[2], registerGroupIds=[to_global("RegisterGroup", group)]
    )
    second = await order(chain, "FETCH_SALES", *devices)
    goods = await order(chain, "SEND_GOODS", devices[0])
    all_goods = await order(chain, "SEND_GOODS", devices[0], isFull=True)

    assert len(first) == 3
    assert {each["id"] for each in first} == {each["id"] for each in second}
    assert goods[0]["id"] != all_goods[0]["id"]
    shown = await ask(chain, devices[0].principal, LINK)
    assert [(each["kind"], each["state"], each["reason"]) for each in shown["exchanges"]] == [
        ("SEND_GOODS", "WAITING", ""),
        ("SEND_GOODS", "FAILED", "replaced"),
        ("FETCH_SALES", "WAITING", ""),
    ]


async def test_sales_are_fetched_and_the_link_is_tested(chain: Chain) -> None:
    device = await chain.device()
    (sales,) = await order(chain, "FETCH_SALES", device)
    (link,) = await order(chain, "TEST_LINK", device)
    later(chain, milliseconds=120)

    sent = await report(device, sales, "APPLIED", count=3, note="3 чека")
    answered = await report(device, link, "APPLIED")
    own = await ask(chain, device.principal, TEST)

    assert (sent["state"], sent["movedCount"], sent["note"]) == ("APPLIED", 3, "3 чека")
    assert answered["roundTripMs"] == 120
    assert own == {"kind": "TEST_LINK", "state": "APPLIED", "roundTripMs": 0}


async def test_an_order_nobody_finishes_fails_and_stands_on_the_board(
    chain: Chain,
) -> None:
    silent, slow, unable = [await chain.device(name) for name in ("silent", "slow", "unable")]
    orders = await order(chain, "SEND_GOODS", silent, slow, unable)

    await report(slow, orders[1], "EXCHANGING")
    await report(unable, orders[2], "FAILED", note="Нет места")
    later(chain, minutes=20)
    await chain.app.database.transact(fail_overdue, principal=SYSTEM)

    links = [await ask(chain, each.principal, LINK) for each in (silent, slow, unable)]
    said = [(link["exchanges"][0]["reason"], link["exchanges"][0]["note"]) for link in links]
    assert said == [("device_silent", ""), ("device_slow", ""), ("device_refused", "Нет места")]
    assert [await board(chain, each) for each in (silent, slow, unable)] == [["CATALOG_EXCHANGE_FAILED"]] * 3
    await ask(chain, silent.principal, TEST)
    assert await board(chain, silent) == []


async def test_everybody_sees_how_far_behind_a_till_is(chain: Chain) -> None:
    await chain.upsert(*(good(f"g{n}", name=f"Товар {n}") for n in range(5)))
    device, other = await chain.device("one"), await chain.device("two")
    await device.catch_up()
    await device.ack()
    await other.catch_up()
    later(chain, hours=1)
    await chain.upsert(good("g1", "d2", name="Иной"), good("g2", "d2", name="Другой"))

    acked = await device.ack()
    await other.ack()
    link = await ask(chain, device.principal, LINK)
    listed = await ask(chain, administrator(chain), FOLLOWERS)

    assert acked == {"waitingCount": 2, "isVerified": True}
    assert link["followers"] == [
        {
            "device": "one",
            "isVerified": True,
            "waitingCount": 2,
            "waitingSince": "2026-01-15T05:30:00.000Z",
            "ackedAt": "2026-01-15T05:30:00.000Z",
        }
    ]
    assert [each["device"] for each in listed["nodes"]] == ["one", "two"]


async def test_a_device_reports_for_its_own_register_and_orders_nothing(chain: Chain) -> None:
    one, two = await chain.device("one"), await chain.device("two")
    (exchange,) = await order(chain, "SEND_GOODS", two)

    foreign = await run(chain, one.principal, REPORT, id=exchange["id"], state="EXCHANGING")
    ordering = await run(chain, one.principal, ORDER, input={"kind": "TEST_LINK", "registerIds": []})
    cashier = replace(one.principal, permissions=chain.app.registry.roles["cashier"])
    cashiers = await ask(chain, cashier, LINK)

    assert foreign.data["reportCatalogExchange"] == {"refusal": "REGISTER_FORBIDDEN"}
    assert ordering.errors[0].extensions["code"] == "FORBIDDEN"
    assert cashiers["exchanges"] == []


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"kind": "SEND_GOODS"}, "EXCHANGE_REGISTERS_NEEDED"),
        ({"kind": "SEND_GOODS", "registerIds": [to_global("Register", "nobody")]}, "REGISTER_UNKNOWN"),
    ],
)
async def test_an_order_says_what_is_wrong_with_it(chain: Chain, asked: dict[str, Any], code: str) -> None:
    found = await ask(chain, administrator(chain), ORDER, input=asked)

    assert found["refusal"] == code


async def test_reports_are_bounded(chain: Chain) -> None:
    device = await chain.device()
    (exchange,) = await order(chain, "FETCH_SALES", device)

    long = await report(device, exchange, "EXCHANGING", note="х" * 201)
    many = await report(device, exchange, "EXCHANGING", count=-1)
    nobody = await report(device, {"id": to_global("CatalogExchange", "x")}, "APPLIED")
    backwards = await report(device, exchange, "WAITING")

    codes = [each["refusal"] for each in (long, many, nobody, backwards)]
    assert codes == [
        "EXCHANGE_NOTE_TOO_LONG",
        "EXCHANGE_COUNT_OUT_OF_RANGE",
        "EXCHANGE_UNKNOWN",
        "EXCHANGE_IS_OVER",
    ]


async def test_a_device_hears_of_new_goods_and_of_orders_at_once(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("addons.catalog.gql.feed_heads.NEWS_EVERY_S", 0)
    device = await chain.device("one")
    context = GqlContext(chain.app, device.principal, request_id="test", language="en")
    events = await chain.app.schema.subscribe(HEAD, context_value=context)
    told = [(await anext(events)).data["catalogHead"]]

    await chain.upsert(good())
    told.append((await anext(events)).data["catalogHead"])
    later(chain, seconds=3)
    await order(chain, "TEST_LINK", device)
    told.append((await anext(events)).data["catalogHead"])
    waiting = asyncio.ensure_future(anext(events))
    await asyncio.sleep(0)
    is_silent = not waiting.done()
    await chain.upsert(good("milk", "d2", name="Айран"))
    told.append((await waiting).data["catalogHead"])
    await events.aclose()

    seqs = [int(each["seq"]) for each in told]
    ordered_at = [each["orderedAt"] for each in told]
    assert seqs == [seqs[0], seqs[0] + 1, seqs[0] + 1, seqs[0] + 2]
    assert ordered_at == [None, None, "2026-01-15T04:30:03.000Z", "2026-01-15T04:30:03.000Z"]
    assert is_silent


_ACK = """
mutation($cursor: String!) { ackCatalog(input: {cursor: $cursor, isVerified: true}) {
  ... on CatalogFollower { id } ... on Refused { refusal: code } } }"""
