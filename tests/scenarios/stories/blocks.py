"""The OFD says no to one register: it stops, the others do not, and a person or the OFD mends it."""

from __future__ import annotations

from simulators.till import documents
from simulators.till.shop import Till, cash, free_line
from tests.scenarios.stage import LAST_OFD_ID, LAST_TOKEN, Stage, refusal

LINE = free_line("Қант", "520.00")


class BlockStories:
    """One register blocked."""

    async def test_a_wrong_token_stops_the_register_until_the_right_one_is_entered(
        self, stage: Stage, till: Till
    ) -> None:
        other = await stage.till()
        token = stage.simulator.reset_token(till.ofd_id)

        rejected = await till.sell([LINE], [cash("520.00")])
        refused = await refusal(till.sell([LINE], [cash("520.00")]))
        meanwhile = await other.sell([LINE], [cash("520.00")])
        asked = {"registerId": till.register_id, "token": str(token)}
        entered = await stage.shop.owner.mutate(documents.ENTER_TOKEN, input=asked)
        mended = await till.sell([LINE], [cash("520.00")])
        stage.pardon(till)

        assert (rejected["state"], refused) == ("REJECTED", "KKM_TOKEN_INVALID")
        assert meanwhile["state"] == "FISCALIZED"
        assert entered["block"] == "NONE"
        assert mended["state"] == "FISCALIZED"
        assert [each.number for each in stage.account(till).documents] == [1]

    async def test_a_block_by_the_ofd_is_lifted_by_the_ofd_alone(self, stage: Stage, till: Till) -> None:
        other = await stage.till()
        await till.sell([LINE], [cash("520.00")])
        stage.simulator.block(till.ofd_id)

        rejected = await till.sell([LINE], [cash("520.00")])
        refused = await refusal(till.sell([LINE], [cash("520.00")]))
        meanwhile = await other.sell([LINE], [cash("520.00")])
        stage.simulator.unblock(till.ofd_id)
        await stage.kkm(till, block="NONE")
        mended = await till.sell([LINE], [cash("520.00")])
        stage.pardon(till)

        assert (rejected["state"], refused) == ("REJECTED", "KKM_BLOCKED_BY_OFD")
        assert (meanwhile["state"], mended["state"]) == ("FISCALIZED", "FISCALIZED")
        assert [each.number for each in stage.account(till).documents] == [1, 2]

    async def test_a_queue_that_meets_a_block_is_delivered_after_it(self, stage: Stage, till: Till) -> None:
        await till.sell([LINE], [cash("520.00")])
        await stage.simulator.refuse_connections()
        sales = [await till.sell([LINE], [cash("520.00")]) for _ in range(2)]
        stage.simulator.block(till.ofd_id)
        await stage.simulator.accept_connections()

        await stage.kkm(till, block="SERVER", undelivered=2)
        stage.simulator.unblock(till.ofd_id)
        arrived = [await stage.delivered(till, each) for each in sales]
        stage.pardon(till)

        assert [each.sign for each in stage.account(till).documents][1:] == [each["sign"] for each in arrived]

    async def test_a_register_is_activated_with_its_own_token_and_once(
        self, stage: Stage, till: Till
    ) -> None:
        owner = stage.shop.owner
        bare = await owner.mutate(
            documents.CREATE_REGISTER, input={"outletId": stage.shop.outlet_id, "title": "Жаңа касса"}
        )
        asked = {"registerId": bare["id"], "token": "12345"}

        taken = await refusal(owner.mutate(documents.ACTIVATE, input={**asked, "ofdId": str(till.ofd_id)}))
        unknown = await refusal(owner.mutate(documents.ACTIVATE, input={**asked, "ofdId": "424242"}))
        wrong = await refusal(owner.mutate(documents.ACTIVATE, input={**asked, "ofdId": str(LAST_OFD_ID)}))
        stage.simulator.ledger.account(LAST_OFD_ID).refusals.clear()
        unready = Till(till.client, bare["id"], till.operator_id, LAST_OFD_ID)
        refused = await refusal(unready.sell([LINE], [cash("520.00")]))
        right = {**asked, "ofdId": str(LAST_OFD_ID), "token": str(LAST_TOKEN)}
        active = await owner.mutate(documents.ACTIVATE, input=right)
        sold = await unready.sell([LINE], [cash("520.00")])

        assert (taken, unknown, wrong) == ("OFD_ID_TAKEN", "KKM_UNKNOWN_TO_OFD", "KKM_TOKEN_INVALID")
        assert (refused, active["isActive"], sold["state"]) == ("KKM_NOT_ACTIVE", True, "FISCALIZED")
