"""A register moves to another company, and its KKM goes along if the OFD says that it is that company's."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from addons.dealer.services.moves import (
    AnswerMove,
    answer_move,
    cancel_move,
    check_move,
)
from addons.dealer.tests.service_centre import audited
from addons.dealer.tests.test_console_pages import signed_in
from addons.fiscal_kz.domain.recount import recount
from addons.fiscal_kz.tests.shop import SELLER_BIN
from addons.organization.api import (
    MoveWorkplace,
    RegisterId,
    tell_of_move,
)
from kernel import crash
from kernel.errors import Refusal
from kernel.gql.ids import to_global
from kernel.journal.joint import CONTINUED, CONTINUES
from kernel.journal.reading import read_journal
from kernel.journal.verify import Breach
from kernel.testing.schema import mysql_database
from tests.dealer.giving import Story, begun, overwrite

MAIL = {"host": "mail.example.kz", "sender": "sauda@example.kz"}


async def _entries(story: Story, register_id: str) -> list[tuple[str, Any]]:
    async with story.shop.app.database.reading(story.shop.owner) as reader:
        return [
            (each.entry.kind, each.facts) async for each in read_journal(reader, f"register:{register_id}")
        ]


async def test_a_kkm_that_is_the_new_companys_at_the_ofd_goes_along_and_counts_on() -> None:
    async with begun() as story:
        story.reregister()
        before = await story.shop.record()

        await story.agree()

        assert await story.state() == ("DONE", None)
        moved = await story.moved()
        kkm = await moved.record()
        assert kkm.card.org_bin == story.dealer.bin
        assert kkm.state.shift_number == before.state.shift_number == 1
        assert kkm.state.counters == before.state.counters
        old_row, new_row = await story.registers()
        assert old_row == (story.shop.company_id, story.shop.register_id, False)
        assert new_row == (story.dealer.company_id, moved.register_id, True)
        assert (await story.shop.life())["stage"] == "MOVED"

        sale = await moved.sell(("Нан", "2"), cash="400.00")
        await moved.close()

        assert sale["state"] == "FISCALIZED"
        assert (sale["shiftNumber"], sale["documentNumber"]) == (2, before.state.documents + 1)
        assert moved.ofd.simulator.ledger.violations() == []
        assert {row["company_id"] for row in await story.shop.rows("SELECT company_id FROM trd_sale")} == {
            story.shop.company_id,
            story.dealer.company_id,
        }


@pytest.mark.mariadb
async def test_a_kkm_goes_along_on_a_server_too() -> None:
    async with mysql_database() as url, begun(url=url) as story:
        story.reregister()

        await story.agree()

        assert await story.state() == ("DONE", None)
        moved = await story.moved()
        assert (await moved.sell(("Нан", "1"), cash="200.00"))["state"] == "FISCALIZED"
        for register_id in (story.shop.register_id, moved.register_id):
            assert (await story.verdict(register_id)).is_whole


async def test_the_new_chain_opens_with_the_old_head_and_both_ends_are_verified() -> None:
    async with begun() as story:
        story.reregister()
        await story.agree()
        moved = await story.moved()
        await moved.sell(("Нан", "1"), cash="200.00")

        before, after = [await _entries(story, each) for each in (story.shop.register_id, moved.register_id)]

        assert before[-1][0] == CONTINUED
        assert before[-1][1]["lane"] == f"register:{moved.register_id}"
        assert after[0][0] == CONTINUES
        head = await story.shop.rows("SELECT seq, digest FROM kernel_journal WHERE kind = ?", CONTINUED)
        assert (after[0][1]["seq"], after[0][1]["head"]) == (head[0]["seq"], head[0]["digest"])
        assert recount(after) == (await moved.record()).state.counters
        for register_id in (story.shop.register_id, moved.register_id):
            assert (await story.verdict(register_id)).is_whole

        await overwrite(
            moved, "DELETE FROM kernel_journal WHERE lane_key = ?", f"register:{moved.register_id}"
        )
        await overwrite(
            moved,
            "UPDATE kernel_lane SET journal_seq = 0, journal_digest = ? WHERE lane_key = ?",
            "0" * 64,
            f"register:{moved.register_id}",
        )

        assert (await story.verdict(moved.register_id)).is_whole  # nothing there contradicts itself …
        assert (
            await story.verdict(story.shop.register_id)
        ).breach is Breach.SEVERED  # … but the other end does


async def test_an_old_chain_that_was_written_anew_is_found_at_the_new_one() -> None:
    async with begun() as story:
        story.reregister()
        await story.agree()
        moved = await story.moved()

        await overwrite(moved, "UPDATE kernel_journal SET digest = ? WHERE kind = ?", "f" * 64, CONTINUED)

        verdict = await story.verdict(moved.register_id)
        assert (verdict.breach, verdict.seq) == (Breach.SEVERED, 1)
        refused = await moved.accept(("Нан", "1"), cash="200.00")
        assert refused["code"] == "JOURNAL_BROKEN"


async def test_a_kkm_that_is_still_the_old_companys_waits_and_may_be_left_behind() -> None:
    async with begun() as story:
        await story.agree()

        assert await story.state() == ("CHECKING", "KKM_BIN_DIFFERS")
        assert [row[0] for row in await story.registers()] == [story.shop.company_id]
        sold = await story.shop.sell(("Нан", "1"), cash="200.00")  # nothing has happened to the register
        assert sold["state"] == "FISCALIZED"
        await story.shop.close()

        document = (
            """mutation ($id: ID!) { decommissionKkm(registerId: $id, reason: "переезд") { __typename } }"""
        )
        await story.shop.ask(document, id=to_global("Register", story.shop.register_id))
        await story.check()

        assert await story.state() == ("DONE", None)
        moved = await story.moved()
        assert (await moved.life())["stage"] == "NONE"
        assert (await story.shop.life())["stage"] == "DECOMMISSIONED"


async def test_silence_of_the_ofd_is_no_answer_and_is_asked_again() -> None:
    async with begun() as story:
        story.reregister()
        story.shop.ofd.is_down = True
        await story.agree()
        assert await story.state() == ("CHECKING", "OFD_SILENT")

        await story.shop.later(timedelta(seconds=61))
        assert await story.state() == ("CHECKING", "OFD_SILENT")
        asked = len(story.shop.ofd.sent)
        await story.shop.later(timedelta(seconds=61))
        assert len(story.shop.ofd.sent) == asked  # later and later

        story.shop.ofd.is_down = False
        await story.shop.later(timedelta(seconds=61))

        assert await story.state() == ("DONE", None)
        assert (await (await story.moved()).record()).card.org_bin == story.dealer.bin


async def test_a_lost_answer_is_asked_for_by_hand_too() -> None:
    async with begun() as story:
        story.reregister()
        story.shop.ofd.script.append("LOST_AFTER")
        await story.agree()
        assert await story.state() == ("CHECKING", "OFD_SILENT")

        await story.check()

        assert await story.state() == ("DONE", None)
        await story.shop.later()
        assert len(await story.registers()) == 2  # the question that was put off finds nothing to do


async def test_an_open_shift_keeps_the_register_and_so_does_one_opened_meanwhile() -> None:
    async with begun(is_shift_closed=False) as story:
        story.reregister()
        with pytest.raises(Refusal) as refusal:
            await story.agree()
        assert refusal.value.code == "KKM_BUSY"
        assert await story.state() == ("PROPOSED", None)
        await story.shop.close()

        command = AnswerMove(story.move, True, story.dealer.outlet_id)
        await story.shop.app.database.transact(answer_move, command, principal=story.dealer.owner)
        await story.shop.accept(("Нан", "1"), cash="200.00")  # behind the question
        await story.shop.work()

        assert await story.state() == ("CHECKING", "KKM_BUSY")
        assert [row[0] for row in await story.registers()] == [story.shop.company_id]
        await story.shop.close()
        await story.check()
        assert await story.state() == ("DONE", None)


async def test_an_outlet_without_a_position_takes_no_kkm() -> None:
    async with begun(is_located=False) as story:
        with pytest.raises(Refusal) as refusal:
            await story.agree()
        assert refusal.value.code == "KKM_GEO_REQUIRED"

        await story.locate()
        story.reregister()
        await story.agree()
        assert await story.state() == ("DONE", None)


async def test_a_move_given_up_while_the_ofd_is_asked_does_not_happen() -> None:
    async with begun() as story:
        story.reregister()
        transact = story.shop.app.database.transact
        command = AnswerMove(story.move, True, story.dealer.outlet_id)
        await transact(answer_move, command, principal=story.dealer.owner)
        await transact(cancel_move, story.move, principal=story.dealer.owner)

        await story.shop.work()

        assert await story.state() == ("CANCELLED", None)
        assert [row[0] for row in await story.registers()] == [story.shop.company_id]
        with pytest.raises(Refusal) as refusal:
            await transact(check_move, story.move, principal=story.giver)
        assert refusal.value.code == "MOVE_UNKNOWN"


async def test_the_console_says_why_a_move_waits_and_tries_it_again() -> None:
    async with begun() as story:
        await story.agree()
        async with signed_in(story.shop.app, story.dealer) as browser:
            waiting = await browser.see("/console/dealer/moves")
            move = re.search(r'name="id" value="([^"]+)"', waiting)
            assert move is not None
            story.reregister()
            await browser.post("/console/dealer/moves", what="check", id=move[1])
            asking = await browser.see("/console/dealer/moves")
            await story.shop.work()
            moved = await browser.see("/console/dealer/moves")

    assert "ОФД называет другой БИН" in waiting
    assert "Спрашиваем ОФД" in asking
    assert "Переведена" in moved


async def test_both_audits_tell_who_agreed_who_waited_and_what_moved() -> None:
    async with begun() as story:
        await story.agree()
        story.reregister()
        await story.check()

        for company_id, own in ((story.shop.company_id, "moved_out"), (story.dealer.company_id, "moved_in")):
            actions = [action for action, _ in await audited(story.shop.app, company_id)]
            told = [each for each in actions if each.startswith("dealer.") and "move" in each]
            assert told == [
                "dealer.propose_move",
                "dealer.move_agreed",
                "dealer.move_waits",
                "dealer.check_move",
                "dealer.move_done",
            ]
            assert f"fiscal_kz.kkm_{own}" in actions
        assert (await _old_bin(story)) == SELLER_BIN


async def test_both_sides_are_written_to_when_a_move_has_to_wait() -> None:
    async with begun(mail=MAIL) as story:
        transact = story.shop.app.database.transact
        command = AnswerMove(story.move, True, story.dealer.outlet_id)
        await transact(answer_move, command, principal=story.dealer.owner)
        move = MoveWorkplace(
            RegisterId(story.shop.register_id),
            story.shop.company_id,
            story.dealer.company_id,
            story.dealer.outlet_id,
        )

        for code in ("OFD_SILENT", "KKM_BIN_DIFFERS", "KKM_BIN_DIFFERS"):
            await transact(tell_of_move, move, code, principal=story.shop.owner)

        sql = "SELECT company_id, subject FROM kernel_letter WHERE about LIKE 'dealer.move_waits%'"
        letters = [(row["company_id"], row["subject"]) for row in await story.shop.rows(sql)]
        assert letters == [(story.dealer.company_id, "Register Касса 1 has not moved yet")]  # once


async def _old_bin(story: Story) -> str:
    """Documents stay with the company that made them."""
    sql = "SELECT c.bin FROM fkz_document d JOIN org_company c ON c.id = d.company_id GROUP BY c.bin"
    (row,) = await story.shop.rows(sql)
    return str(row["bin"])


class _PowerCutError(Exception):
    """What was under way is undone, or was done and nobody heard of it."""


class _CutAt:
    """A crash plan that tears down the work under way instead of the process."""

    def __init__(self, name: str) -> None:
        self.name, self.is_over = name, False

    def passes(self, name: str) -> bool:
        if name == self.name and not self.is_over:
            self.is_over = True
            raise _PowerCutError(name)
        return False


@pytest.mark.parametrize(
    "point",
    [
        "fiscal_kz.before_settle_commit",
        "fiscal_kz.before_finish_move",
        "fiscal_kz.after_finish_move",
    ],
)
async def test_a_power_cut_on_the_way_moves_the_kkm_once(point: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with begun() as story:
        story.reregister()
        plan = _CutAt(point)
        monkeypatch.setattr(crash, "_plan", plan)

        await story.agree()
        for _ in range(5):  # leases end, the next process goes on
            await story.shop.later(timedelta(minutes=2))

        assert plan.is_over
        assert await story.state() == ("DONE", None)
        assert [row[0] for row in await story.registers()] == [story.shop.company_id, story.dealer.company_id]
        moved = await story.moved()
        assert (await moved.sell(("Нан", "1"), cash="200.00"))["state"] == "FISCALIZED"
        for register_id in (story.shop.register_id, moved.register_id):
            assert (await story.verdict(register_id)).is_whole
