"""Verdicts of the OFD: token, block, unknown device, rejected replay; and what releases the register."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from addons.fiscal_kz.adapters.ofd_wire import OfdWire
from addons.fiscal_kz.domain.bodies import CashBody
from addons.fiscal_kz.domain.card import KkmCard
from addons.fiscal_kz.domain.facts import Numbers
from addons.fiscal_kz.domain.kinds import Placement
from addons.fiscal_kz.tests.shop import OFD_ID, TOKEN, Shop, open_shop
from kernel.gql.ids import to_global
from protocols.ofd import frame

TOKEN_MUTATION = """mutation($input: EnterTokenInput!) { enterToken(input: $input) {
  __typename ... on Kkm { block } ... on Refused { code } } }"""
RELEASE = """mutation($input: ReleaseKkmInput!) { releaseKkm(input: $input) {
  __typename ... on Kkm { block } ... on Refused { code } } }"""
ACTIVATE = """mutation($input: ActivateKkmInput!) { activateKkm(input: $input, wait: 0) {
  __typename ... on Kkm { isActive } ... on Refused { code nextAction } } }"""


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as opened:
        yield opened


async def enter_token(shop: Shop, token: int) -> dict[str, str]:
    given = {"registerId": to_global("Register", shop.register_id), "token": str(token)}
    return await shop.ask(TOKEN_MUTATION, input=given)


async def release(shop: Shop) -> dict[str, str]:
    given = {"registerId": to_global("Register", shop.register_id), "reason": "қаралды"}
    return await shop.ask(RELEASE, input=given)


async def test_code_2_blocks_until_a_token_is_entered(shop: Shop) -> None:
    token = shop.ofd.simulator.reset_token(OFD_ID)

    rejected = await shop.sell()
    refused = await shop.accept(("Нан", "1"), cash="200.00")
    entered = await enter_token(shop, token)
    sold = await shop.sell()

    assert rejected["rejection"]["code"] == "KKM_TOKEN_INVALID"
    assert refused["code"] == "KKM_TOKEN_INVALID"
    assert entered == {"__typename": "Kkm", "block": "NONE"}
    assert (sold["state"], sold["documentNumber"]) == ("FISCALIZED", 1)


async def test_an_offline_queue_that_meets_code_2_goes_on_under_the_new_token(shop: Shop) -> None:
    shop.ofd.is_down = True
    await shop.sell()
    await shop.sell()
    token = shop.ofd.simulator.reset_token(OFD_ID)
    shop.ofd.is_down = False
    await shop.later()
    assert (await shop.kkm())["block"] == "TOKEN"

    await enter_token(shop, token)
    await shop.later()

    assert [document.number for document in shop.account.documents] == [1, 2]
    assert (await shop.kkm())["undelivered"] == 0


async def test_the_ofds_block_is_polled_with_system_until_it_is_lifted(shop: Shop) -> None:
    shop.ofd.simulator.block(OFD_ID)
    rejected = await shop.sell()
    assert rejected["rejection"]["code"] == "KKM_BLOCKED_BY_OFD"

    await shop.later()
    assert shop.ofd.sent[-1].payload[:2] == b"\x08\x00"  # SYSTEM
    assert (await shop.accept(("Нан", "1"), cash="200.00"))["code"] == "KKM_BLOCKED_BY_OFD"
    shop.ofd.simulator.unblock(OFD_ID)
    await shop.later()

    assert (await shop.kkm())["block"] == "NONE"
    assert (await shop.sell())["state"] == "FISCALIZED"


async def test_a_queue_blocked_by_the_ofd_is_delivered_after_the_release(shop: Shop) -> None:
    shop.ofd.is_down = True
    await shop.sell()
    await shop.sell()
    shop.ofd.is_down = False
    shop.ofd.simulator.block(OFD_ID)
    await shop.later()
    assert ((await shop.kkm())["block"], len(shop.account.documents)) == ("SERVER", 0)

    shop.ofd.simulator.unblock(OFD_ID)
    await shop.later()

    assert [document.number for document in shop.account.documents] == [1, 2]


async def test_a_refused_replay_stops_the_lane_until_a_person_releases_it(shop: Shop) -> None:
    shop.ofd.is_down = True
    await shop.sell()
    await shop.sell()
    shop.ofd.is_down = False
    shop.ofd.script.append(13)
    await shop.later()

    kkm = await shop.kkm()
    assert (kkm["block"], kkm["blockCode"], kkm["undelivered"]) == ("REPLAY", 13, 2)
    assert (await shop.accept(("Нан", "1"), cash="200.00"))["code"] == "KKM_BLOCKED"
    await shop.later()
    assert len(shop.account.documents) == 0  # nothing overtakes the refused head
    assert (await release(shop))["block"] == "NONE"
    await shop.work()

    assert [document.number for document in shop.account.documents] == [1, 2]
    assert (await release(shop))["code"] == "KKM_NOT_BLOCKED"


async def test_an_unknown_result_code_refuses_the_document(shop: Shop) -> None:
    shop.ofd.script.append(99)

    rejected = await shop.sell()
    sold = await shop.sell()

    assert rejected["rejection"]["code"] == "OFD_REFUSED"
    assert sold["state"] == "FISCALIZED"


async def test_code_11_of_the_ofd_is_believed_until_the_shift_is_closed(shop: Shop) -> None:
    await shop.sell()
    shop.ofd.script.append(11)
    rejected = await shop.sell()

    refused = await shop.accept(("Нан", "1"), cash="200.00")
    await shop.close()
    sold = await shop.sell()

    assert rejected["rejection"]["code"] == "SHIFT_TOO_LONG"
    assert refused["code"] == "SHIFT_TOO_LONG"
    assert sold["state"] == "FISCALIZED"


async def test_activation_fails_with_the_ofds_reason_and_can_be_repeated() -> None:
    async with open_shop(is_active=False) as shop:
        await shop.activate(token=5)
        failed, nothing = await shop.life(), await shop.kkm()
        await shop.activate()
        active = await shop.life()

    assert (failed["stage"], failed["refusal"], nothing) == ("CREATED", {"code": "KKM_TOKEN_INVALID"}, None)
    assert (active["stage"], active["refusal"], active["kkm"]["isActive"]) == ("ACTIVE", None, True)


async def test_a_token_entered_anew_that_the_ofd_does_not_take_is_told_at_the_kkm(shop: Shop) -> None:
    await shop.activate(token=5)

    assert (await shop.kkm())["activationRefusal"] == {"code": "KKM_TOKEN_INVALID"}


async def test_activation_without_an_answer_says_so() -> None:
    async with open_shop(is_active=False) as shop:
        shop.ofd.is_down = True
        await shop.activate()

        assert (await shop.life())["refusal"] == {"code": "OFD_SILENT"}


async def test_version_203_wants_the_position_of_the_outlet() -> None:
    async with open_shop(is_active=False, latitude_e4=None) as shop:
        given = {"registerId": to_global("Register", shop.register_id), "ofdId": "1001", "token": "5"}
        refused = await shop.ask(ACTIVATE, input=given)
        allowed = await shop.ask(ACTIVATE, input={**given, "version": 202})

    assert refused["code"] == "KKM_GEO_REQUIRED"
    assert "координаты" in refused["nextAction"]
    assert allowed["__typename"] == "KkmLife"


async def test_a_register_known_to_the_ofd_takes_over_its_shift_and_counters() -> None:
    async with open_shop(is_active=False) as shop:
        wire, card = OfdWire(), KkmCard("Asia/Almaty", 432389, 768897, registration_number="000000001001")
        numbers = Numbers(1, 1, 1, 1_768_440_600_000)
        deposit = wire.cash(CashBody(Placement.DEPOSIT, 77_700, 1, "Бұрынғы"), numbers, card, version=203)
        shop.ofd.simulator.exchange.handle(frame.Frame(203, OFD_ID, TOKEN, 1, deposit))

        await shop.activate(token=shop.account.token)
        taken_over = await shop.kkm()
        await shop.sell()
        closed = await shop.close()

        assert taken_over["drawer"] == "777.00"
        assert taken_over["shift"] == {"number": 1, "isOpen": True, "documents": 0}
        assert closed["report"]["drawer"] == closed["serverReport"]["drawer"] == "977.00"
        assert shop.ofd.simulator.ledger.violations() == []


async def test_a_malformed_token_is_refused(shop: Shop) -> None:
    assert (await enter_token(shop, 2**32))["code"] == "KKM_TOKEN_MALFORMED"
    assert (await enter_token(shop, 0))["code"] == "KKM_TOKEN_MALFORMED"
