"""A broken journal stops its register, and only it, with the record named; a person lets it go on. X and Z
reports carry what proves the shift.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from addons.fiscal_kz.domain.commands import ReleaseJournal
from addons.fiscal_kz.services import integrity, proof
from addons.fiscal_kz.services.release_journal import release_journal
from addons.fiscal_kz.services.watch_journals import watch_at_night, watch_at_start
from addons.fiscal_kz.tests.shop import CLOSE, REPORT, X_REPORT, Shop, open_shop
from addons.organization.api import CreateUser, Role, create_user
from kernel.clock import from_ms, to_ms
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.gql.ids import to_global
from kernel.journal import watch
from kernel.journal.export import export_lane, finish_export
from kernel.journal.journal_check import Check
from kernel.journal.journal_check import Shift as ArchivedShift
from kernel.journal.periods import parse_period
from kernel.journal.verify import Mark, verify_lane
from kernel.security.principal import SYSTEM

RELEASE = """mutation($input: ReleaseJournalInput!) { releaseJournal(input: $input) {
  __typename ... on Kkm { block } ... on Refused { code field message nextAction } } }"""
RELEASE_KKM = """mutation($input: ReleaseKkmInput!) { releaseKkm(input: $input) {
  __typename ... on Refused { code } } }"""
STATE = """query($id: ID!) { journalState(registerId: $id) {
  entries head verifiedAt isBlocked breach { breach seq kind at } } }"""
MAIL = {"mail": {"host": "127.0.0.1", "port": 9, "tls": "none", "sender": "kassa@example.kz"}}
PROOF = "proof { head headSeq digest documents }"
BREAK = (
    "UPDATE kernel_journal SET body = body || ' ' "
    "WHERE kind = ? AND seq = (SELECT {}(seq) FROM kernel_journal WHERE kind = ?)"
)


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as opened:
        yield opened


def damage(shop: Shop, which: str = "MAX", kind: str = "fiscal_kz.counted") -> int:
    """As somebody with the file in hand would; number of the entry."""
    with closing(sqlite3.connect(shop.app.database.url.path)) as connection, connection:
        assert connection.execute(BREAK.format(which), (kind, kind)).rowcount == 1
        found = connection.execute(f"SELECT {which}(seq) FROM kernel_journal WHERE kind = ?", (kind,))
        return int(found.fetchone()[0])


async def board(shop: Shop) -> list[tuple[str, str]]:
    rows = await shop.rows("SELECT source, code FROM org_status ORDER BY source")
    return [(row["source"], row["code"]) for row in rows]


async def blocked(shop: Shop) -> str | None:
    rows = await shop.rows(
        "SELECT blocked_code FROM kernel_lane WHERE lane_key = ?", f"register:{shop.register_id}"
    )
    return None if rows[0]["blocked_code"] is None else str(rows[0]["blocked_code"])


async def release(shop: Shop, reason: str = "диск заменён, сверено с ОФД") -> Any:
    given = {"registerId": to_global("Register", shop.register_id), "reason": reason}
    return await shop.ask(RELEASE, input=given)


async def test_a_shift_does_not_open_on_a_broken_journal(shop: Shop) -> None:
    await shop.sell()
    await shop.close()
    seq = damage(shop)

    refused = await shop.accept(("Нан", "1"), cash="200.00")
    again = await shop.accept(("Нан", "1"), cash="200.00")

    assert (refused["code"], again["code"]) == ("JOURNAL_BROKEN", "JOURNAL_BROKEN")
    assert f"запись {seq} её журнала (fiscal_kz.counted, 15.01.2026 " in refused["message"]
    assert again["message"] == refused["message"]
    assert "администратору" in refused["nextAction"]
    assert await blocked(shop) == "JOURNAL_BROKEN"  # durable, though the sale was undone
    assert await board(shop) == [("fiscal_kz.journal", "JOURNAL_BROKEN")]
    assert await shop.rows("SELECT * FROM kernel_audit WHERE action = 'fiscal_kz.journal_broken'")
    assert len(await shop.rows("SELECT id FROM trd_sale")) == 1


async def test_a_shift_does_not_close_on_a_broken_journal_but_sells_until_it_is_known(shop: Shop) -> None:
    await shop.sell()
    damage(shop)
    sold = await shop.sell()

    refused = await shop.ask_report(CLOSE)

    assert sold["state"] == "FISCALIZED"  # a sale in an open shift reads no journal
    assert refused["code"] == "JOURNAL_BROKEN"
    assert (await shop.accept(("Нан", "1"), cash="200.00"))["code"] == "JOURNAL_BROKEN"


async def test_the_administrator_gets_a_letter_in_his_language() -> None:
    async with open_shop(others=MAIL) as shop:
        user = CreateUser(
            "kk@example.kz", "Ахмет", role=Role.ADMINISTRATOR, password_hash="x" * 60, language="kk"
        )
        await shop.app.database.transact(create_user, user, principal=shop.owner)
        await shop.sell()
        seq = damage(shop)

        for _ in range(2):
            assert (await shop.ask_report(CLOSE))["code"] == "JOURNAL_BROKEN"

        [letter] = await shop.rows("SELECT recipient, subject FROM kernel_letter")
    assert letter["recipient"] == "kk@example.kz"
    assert f"журналының {seq} жазбасы" in letter["subject"]


async def test_at_the_start_of_a_worker_the_last_shift_is_verified(shop: Shop) -> None:
    await shop.sell()
    await shop.app.database.transact(watch_at_start, principal=SYSTEM)
    await shop.work()
    assert await blocked(shop) is None
    damage(shop)

    await shop.app.database.transact(watch_at_start, principal=SYSTEM)
    await shop.work()

    assert await blocked(shop) == "JOURNAL_BROKEN"


async def test_of_a_long_shift_the_start_reads_the_end_and_the_close_reads_all(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(integrity, "LAST_ENTRIES_MAX", 4)
    for _ in range(4):
        await shop.sell()
    damage(shop, "MIN")

    await shop.app.database.transact(watch_at_start, principal=SYSTEM)
    await shop.work()

    assert await blocked(shop) is None
    assert (await shop.ask_report(CLOSE))["code"] == "JOURNAL_BROKEN"


async def test_an_old_entry_is_found_at_night_in_slices(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        await shop.sell()
        await shop.close()
    seq = damage(shop, "MIN")
    assert (await shop.sell())["state"] == "FISCALIZED"  # the last shift is whole

    until = datetime(2026, 1, 15, 21, 0, tzinfo=UTC) - from_ms(to_ms(shop.clock.now()))  # 2 in the morning
    shop.clock.advance(until)
    await shop.app.database.transact(watch_at_night, principal=SYSTEM)
    for _ in range(20):
        await shop.later(timedelta(seconds=1))

    async with shop.app.database.reading(shop.owner) as reader:
        found = await watch.noted_breach(reader, f"register:{shop.register_id}")
    assert found is not None
    assert (found.seq, found.kind) == (seq, "fiscal_kz.counted")
    state = await shop.ask(STATE, id=to_global("Register", shop.register_id))
    assert state["isBlocked"]
    assert state["verifiedAt"] is not None
    assert (state["breach"]["seq"], state["breach"]["breach"]) == (str(seq), "altered")
    assert await blocked(shop) == "JOURNAL_BROKEN"
    assert not await _is_started_again(shop)


async def _is_started_again(shop: Shop) -> bool:
    """The same night nothing is verified twice."""

    async def look(work: Work) -> bool:
        await watch_at_night(work)
        return (await work.lane("journal:watch", company_id=None)).length > 0

    return await shop.app.database.transact(look, principal=SYSTEM)


@pytest.mark.parametrize("which", ["MIN", "MAX"])
async def test_after_an_investigation_the_register_goes_on(shop: Shop, which: str) -> None:
    await shop.sell()
    await shop.sell()
    seq = damage(shop, which)
    assert (await shop.ask_report(CLOSE))["code"] == "JOURNAL_BROKEN"

    too_short = await release(shop, "ок")
    other = {"registerId": to_global("Register", shop.register_id), "reason": "қаралды"}
    wrong_way = await shop.ask(RELEASE_KKM, input=other)
    released = await release(shop)
    twice = await release(shop)

    assert (too_short["code"], too_short["field"]) == ("JOURNAL_REASON_REQUIRED", "reason")
    assert wrong_way["code"] == "JOURNAL_BROKEN"
    assert released == {"__typename": "Kkm", "block": "NONE"}
    assert twice["code"] == "JOURNAL_NOT_BROKEN"
    assert (await shop.sell())["state"] == "FISCALIZED"
    assert (await shop.close())["state"] == "DONE"
    assert await board(shop) == []
    async with shop.app.database.reading(shop.owner) as reader:
        assert (await verify_lane(reader, f"register:{shop.register_id}")).is_whole
        [note] = await reader.rows(
            "SELECT facts FROM kernel_audit WHERE action = 'fiscal_kz.release_journal'"
        )
    assert json.loads(note["facts"])["gaps"] == [[seq, seq, "altered"]]
    # Between the gap and now every entry still proves itself.
    damage(shop)
    async with shop.app.database.reading(shop.owner) as reader:
        assert not (await verify_lane(reader, f"register:{shop.register_id}")).is_whole


async def test_only_who_may_releases(shop: Shop) -> None:
    assert "fiscal_kz.release_journal" not in shop.app.registry.roles["senior_cashier"]
    assert "fiscal_kz.release_journal" not in shop.app.registry.roles["service"]
    senior = replace(shop.cashier, permissions=shop.app.registry.roles["senior_cashier"])
    command = ReleaseJournal(shop.register_id, "диск заменён, сверено")
    with pytest.raises(Refusal, match="FORBIDDEN"):
        await shop.app.database.transact(release_journal, command, principal=senior)


def digest_of(register_id: str, documents: list[tuple[int, int, str, int]]) -> str:
    """Computed from what the description says, apart from the product."""
    digest = "0" * 64
    for at_ms, total, kind, user in documents:
        text = f"{digest}\n{at_ms}\n{total}\n{kind}\n{user}\n{register_id}\n"
        digest = hashlib.sha256(text.encode()).hexdigest()
    return digest


async def proved(shop: Shop, query: str) -> dict[str, Any]:
    asked = await shop.ask_report(query)
    await shop.work()
    text = REPORT.replace("drawer revenue closedAt", f"drawer revenue closedAt {PROOF}")
    found: dict[str, Any] = (await shop.ask(text, id=asked["id"]))["report"]["proof"]
    return found


@pytest.mark.parametrize("is_down", [False, True])
async def test_x_and_z_prove_the_shift(shop: Shop, is_down: bool) -> None:
    await shop.sell()
    await shop.close()  # an earlier shift has no part in it
    shop.ofd.is_down = is_down
    sold = await shop.sell(("Сүт 1 л", "2"), card="1299.00")
    await shop.take_back(sold["id"])
    await shop.move_cash("depositCash", "70.07")
    await shop.work()
    x = await proved(shop, X_REPORT)
    before = await shop.journal()
    await shop.sell()
    z = await proved(shop, CLOSE)
    journal = await shop.journal()

    rows = await shop.rows(
        "SELECT d.at_ms, d.total, d.kind, d.body FROM fkz_document d "
        "WHERE d.shift_number = 2 AND d.document_number IS NOT NULL AND d.kind <> 'CLOSE' "
        "ORDER BY d.document_number"
    )
    documents = []
    for row in rows:
        body = json.loads(row["body"])
        kind = body.get("operation") or body["placement"]
        user = body["operator"][0] if "operator" in body else body["operator_code"]
        documents.append((row["at_ms"], row["total"], kind, user))
    assert [kind for _, _, kind, _ in documents] == ["SELL", "SELL_RETURN", "DEPOSIT", "SELL"]
    assert (x["documents"], z["documents"]) == (3, 4)
    assert x["digest"] == digest_of(shop.register_id, documents[:3])
    assert z["digest"] == digest_of(shop.register_id, documents)
    last = before[-1].entry
    assert (x["head"], x["headSeq"]) == (last.digest, str(last.seq))
    assert z["head"] == journal[int(z["headSeq"]) - 1].entry.digest
    [first, closing_entry] = [each for each in journal if each.facts.get("op") == "CLOSE"]
    assert (closing_entry.facts["digest"], closing_entry.facts["documents"]) == (z["digest"], 4)
    assert first.facts["documents"] == 1


async def test_what_was_read_ahead_is_not_read_again_and_never_believed_against_the_rows(shop: Shop) -> None:
    await shop.sell()
    lane_key = f"register:{shop.register_id}"
    async with shop.app.database.reading(shop.owner) as reader:
        await proof.prove_ahead(reader, shop.register_id)
    known = proof._proved[shop.app.database][lane_key]
    await shop.sell()
    proof._proved[shop.app.database][lane_key] = known._replace(mark=Mark(known.mark.seq, "f" * 64))

    z = await proved(shop, CLOSE)

    assert known.documents == 1
    assert z["documents"] == 2
    assert await blocked(shop) is None


async def test_what_lies_open_of_a_document_is_what_the_digest_needs_and_no_more(shop: Shop) -> None:
    await shop.sell()

    [row] = await shop.rows("SELECT body FROM kernel_journal WHERE kind = 'fiscal_kz.counted'")

    face = json.loads(row["body"].split(".", 4)[4])
    assert set(face) == {"at_ms", "op", "shift", "sum", "user"}
    assert (face["op"], face["sum"]) == ("SELL", 20_000)


async def test_an_archive_bears_out_the_digest_on_the_paper(shop: Shop, tmp_path: Path) -> None:
    await shop.sell()
    await shop.sell(("Сүт 1 л", "2"), card="1299.00")
    z = await proved(shop, CLOSE)
    await shop.sell()  # the next shift is still open
    month = parse_period("2026-01")
    lane_key = f"register:{shop.register_id}"
    async with shop.app.database.reading(shop.owner) as reader:
        made = await export_lane(reader, lane_key, month, tmp_path, company_id=shop.company_id)
        finish_export(tmp_path, month, [made], company_id=shop.company_id, made_ms=reader.now_ms)

    check = Check(str(tmp_path), is_telling_shifts=True)
    check.run()

    assert check.problems == []
    assert f"{lane_key}: shift 1: 2 documents, digest {z['digest']}" in check.notes


def test_a_shift_that_was_closed_with_another_digest_is_found() -> None:
    sale = {"at_ms": 1, "sum": 20_000, "op": "SELL", "user": 1, "shift": 4}
    digest = digest_of("one", [(1, 20_000, "SELL", 1)])
    close = {**sale, "op": "CLOSE", "sum": 0, "documents": 1, "digest": digest}

    def closed(is_known: bool, *faces: dict[str, Any]) -> str:
        found = ArchivedShift("one", is_known)
        return [found.take(each) for each in faces][-1]

    assert closed(True, sale, close) == ""
    assert "closes shift 4 with 1 documents" in closed(True, sale, sale, close)
    assert "closes shift 4" in closed(True, {**sale, "sum": 20_001}, close)
    assert "closes shift 4" in closed(True, close)
    assert closed(False, close) == ""  # its beginning is not in the archive
