"""A document the OFD refuses while the queue is delivered: a person sees it, and has two ways on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from addons.fiscal_kz.tests.shop import Shop, open_shop
from kernel.gql.ids import to_global

REFUSED = """query($id: ID!) { refusedDocument(registerId: $id) {
  documentId kind documentNumber offlineNumber total text resultCode said waiting
  refusal { code message nextAction } report { shiftNumber } } }"""
MUTATION = """mutation($input: RefusedDocumentInput!) { WHICH(input: $input) {
  __typename ... on Kkm { block undelivered drawer documents }
  ... on Refused { code field message nextAction } } }"""
REASON = "Чек передан в ОФД письмом № 17"


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as opened:
        yield opened


async def refused(shop: Shop) -> Any:
    return await shop.ask(REFUSED, id=to_global("Register", shop.register_id))


async def act(shop: Shop, which: str, document_id: str, reason: str = REASON) -> Any:
    given = {
        "registerId": to_global("Register", shop.register_id),
        "documentId": document_id,
        "reason": reason,
    }
    return await shop.ask(MUTATION.replace("WHICH", which), input=given)


async def stop_the_queue(shop: Shop) -> list[Any]:
    """Three sales without a link; the OFD refuses the first of them when it is back."""
    shop.ofd.is_down = True
    sold = [await shop.sell() for _ in range(3)]
    shop.ofd.is_down = False
    shop.ofd.script.append(13)
    await shop.later()
    return sold


async def test_a_person_sees_the_document_as_people_read_it_and_what_the_ofd_said(shop: Shop) -> None:
    assert await refused(shop) is None
    first, *_ = await stop_the_queue(shop)

    seen = await refused(shop)

    assert (seen["kind"], seen["documentNumber"], seen["waiting"]) == ("TICKET", "1", 2)
    assert (seen["resultCode"], seen["said"]) == (13, "script")
    assert seen["refusal"]["code"] == "OFD_REFUSED_DATA"
    assert seen["refusal"]["nextAction"]
    assert seen["offlineNumber"] == str(first["offlineNumber"])
    assert "Нан" in seen["text"]
    assert "200,00" in seen["text"].replace(".", ",")


async def test_after_the_cause_is_mended_the_same_document_goes_again(shop: Shop) -> None:
    await stop_the_queue(shop)

    kkm = await act(shop, "retryDocument", (await refused(shop))["documentId"])
    await shop.work()

    assert kkm["block"] == "NONE"
    assert [each.number for each in shop.account.documents] == [1, 2, 3]
    assert await refused(shop) is None
    assert shop.ofd.simulator.ledger.violations() == []


async def test_a_handled_document_leaves_the_queue_and_stays_a_fact_of_the_register(shop: Shop) -> None:
    first, *_ = await stop_the_queue(shop)
    document_id = (await refused(shop))["documentId"]

    kkm = await act(shop, "markHandled", document_id)
    await shop.work()
    later = await shop.sell()

    assert (kkm["block"], kkm["undelivered"]) == ("NONE", 2)
    assert kkm["documents"] == "3"
    assert kkm["drawer"] == "600.00"  # its money is in the drawer, whatever the OFD thinks
    assert [each.number for each in shop.account.documents] == [2, 3, 4]
    assert later["state"] == "FISCALIZED"
    handled = (await shop.sale(first["id"]))["fiscal"]
    assert (handled["state"], handled["offlineNumber"]) == ("HANDLED", str(first["offlineNumber"]))
    kinds = [each.entry.kind for each in await shop.journal()]
    assert kinds.count("fiscal_kz.marked_handled") == kinds.count("fiscal_kz.handled") == 1
    audits = await shop.rows("SELECT facts FROM kernel_audit WHERE action = 'fiscal_kz.marked_handled'")
    assert REASON in audits[0]["facts"]


async def test_a_handled_document_leaves_our_counters_ahead_of_the_ofds(
    shop: Shop,
) -> None:
    await stop_the_queue(shop)
    await act(shop, "markHandled", (await refused(shop))["documentId"])
    await shop.work()

    record = await shop.record()

    assert record.state.counters.drawer - shop.account.drawer == 200_00
    assert record.state.undelivered == 0
    assert record.state.link == "ONLINE"


async def test_the_same_document_is_handled_once(shop: Shop) -> None:
    await stop_the_queue(shop)
    document_id = (await refused(shop))["documentId"]

    once, again = [await act(shop, "markHandled", document_id) for _ in range(2)]

    assert once["undelivered"] == again["undelivered"] == 2
    assert [each.entry.kind for each in await shop.journal()].count("fiscal_kz.handled") == 1


async def test_a_decision_about_another_document_or_without_a_reason_is_refused(shop: Shop) -> None:
    idle = await act(shop, "markHandled", "019b0000-0000-7000-8000-000000000000")
    await stop_the_queue(shop)
    document_id = (await refused(shop))["documentId"]

    other = await act(shop, "retryDocument", "019b0000-0000-7000-8000-000000000000")
    mute = await act(shop, "markHandled", document_id, "иә")

    assert idle["code"] == "KKM_NOTHING_REFUSED"
    assert (other["code"], other["field"]) == ("KKM_REFUSED_ANOTHER", "documentId")
    assert (mute["code"], mute["field"]) == ("KKM_REASON_REQUIRED", "reason")
    assert all(each["nextAction"] for each in (idle, other, mute))
    assert (await shop.kkm())["block"] == "REPLAY"


async def test_a_refused_close_shows_its_z(shop: Shop) -> None:
    await shop.sell()
    shop.ofd.is_down = True
    await shop.sell()
    await shop.close()
    shop.ofd.is_down = False
    shop.ofd.script.extend((None, 3))
    await shop.later()

    seen = await refused(shop)
    await act(shop, "markHandled", seen["documentId"])
    await shop.work()

    assert (seen["kind"], seen["text"], seen["report"]) == ("CLOSE", "", {"shiftNumber": 1})
    assert (await shop.sell())["shiftNumber"] == 2
