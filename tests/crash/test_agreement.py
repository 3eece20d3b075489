"""The comparison that the crash tests rest on is able to fail: every kind of damage to a copy of a sound
house is seen and said.
"""

from __future__ import annotations

import copy
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from kernel.jobs.drive import run_due
from simulators.ofd.ledger import Account, Ledger
from tests.crash.floor import PAUSE, Floor, open_floor
from tests.support.agreement import disagreements
from tests.support.house import FIRST_OFD_ID

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass(frozen=True)
class Sound:
    """A house at rest in which everything happened once: its file, its ledger, the keys of its clients."""

    path: Path
    ledger: Ledger
    promised: set[str]

    def copy(self, folder: Path) -> Path:
        """The file to damage."""
        target = folder / "damaged.db"
        shutil.copyfile(self.path, target)
        return target


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sound(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sound]:
    path = tmp_path_factory.mktemp("sound") / "sound.db"
    async with open_floor(1) as floor:
        await _a_day(floor)
        await floor.settle()
        source = floor.app.database_url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(source)) as whole, closing(sqlite3.connect(path)) as target:
            whole.backup(target)
        promised = floor.clerks[0].promised | floor.clerks[1].promised
        yield Sound(path, floor.simulator.ledger, promised)


async def _a_day(floor: Floor) -> None:
    """A shift with everything in it, a shift begun offline, and another register beside."""
    first, second = floor.clerks

    async def does(clerk: object, *kinds: str) -> None:
        assert clerk in (first, second)
        for kind in kinds:
            wish = clerk.wish(kind)  # type: ignore[attr-defined]
            floor.wanted.append((clerk, wish))  # type: ignore[arg-type]
            assert await floor.ask(clerk, wish) is not None  # type: ignore[arg-type]
            await run_due(floor.app.database)
            await floor.ask(clerk, wish)  # type: ignore[arg-type]

    await does(first, "deposit", "sale", "sale", "mixed", "return", "withdrawal", "report", "close", "sale")
    await does(second, "sale")
    await floor.simulator.refuse_connections()
    floor.clock.advance(timedelta(minutes=5))
    await does(first, "sale", "mixed", "deposit")
    await floor.simulator.accept_connections()
    floor.clock.advance(PAUSE)
    await run_due(floor.app.database)


async def test_a_sound_house_agrees(sound: Sound) -> None:
    assert disagreements(f"sqlite:///{sound.path}", sound.ledger, promised=sound.promised) == []
    assert sound.ledger.accepted() == 12


# One statement of damage, and words of the complaint.
FIRST_SALE = "(SELECT id FROM trd_sale ORDER BY created_at, id LIMIT 1)"
LAST_TICKET = "(SELECT id FROM fkz_document WHERE kind = 'TICKET' ORDER BY document_number DESC LIMIT 1)"
KKM = "(SELECT id FROM fkz_kkm ORDER BY ofd_id LIMIT 1)"
DAMAGES = [
    (f"DELETE FROM trd_sale WHERE id = {FIRST_SALE}", "promised and lost"),
    (f"DELETE FROM trd_sale_line WHERE sale_id = {FIRST_SALE}", "has no lines"),
    (f"UPDATE trd_sale SET total = total + 1 WHERE id = {FIRST_SALE}", "total"),
    (f"UPDATE trd_sale SET cash = cash + 1 WHERE id = {FIRST_SALE}", "payments"),
    (f"UPDATE trd_sale SET state = 'PENDING' WHERE id = {FIRST_SALE}", "state: PENDING here"),
    (f"UPDATE trd_sale SET sign = '0' WHERE id = {FIRST_SALE}", "sign: 0 here"),
    ("UPDATE trd_sale SET returned_cash = returned_cash + 1 WHERE returned_cash > 0", "cash given back"),
    ("UPDATE trd_cash SET amount = amount + 1", "amount"),
    ("UPDATE trd_cash SET document_number = 99", "document_number: 99 here"),
    (f"DELETE FROM fkz_document WHERE id = {LAST_TICKET}", "documents, the OFD took"),
    (f"UPDATE fkz_document SET sign = '1' WHERE id = {LAST_TICKET}", "sign"),
    (f"UPDATE fkz_document SET state = 'OFFLINE' WHERE id = {LAST_TICKET}", "is still OFFLINE"),
    ("UPDATE fkz_document SET is_marked = 1 - is_marked WHERE document_number = 2", "made offline"),
    (
        "UPDATE fkz_document SET offline_number = 7 WHERE kind = 'TICKET'",
        "offline number 7 was given",
    ),
    (
        "UPDATE fkz_document SET lane_seq = 1000 - lane_seq",
        "numbered in another order than they were accepted",
    ),
    ("UPDATE fkz_document SET document_number = document_number + 1", "document numbers are not"),
    ("UPDATE fkz_exchange SET reqnum = reqnum + 1", "request number"),
    ("UPDATE fkz_exchange SET token = 5 WHERE command = 1", "token it went with: 5 here"),
    ("DELETE FROM fkz_exchange WHERE command = 6", "no exchange says"),
    (
        "UPDATE fkz_exchange SET ended_ms = NULL WHERE id = (SELECT max(id) FROM fkz_exchange)",
        "is open",
    ),
    (
        "INSERT INTO fkz_exchange SELECT 'again', company_id, kkm_id, NULL, document_id, command, token,"
        " reqnum, numbers, started_ms, ended_ms, attempts, may_have_arrived, request, answer, code"
        " FROM fkz_exchange WHERE command = 1 LIMIT 1",
        "was taken by 2 exchanges",
    ),
    (f"UPDATE fkz_kkm SET documents = documents + 1 WHERE id = {KKM}", "number of documents"),
    (f"UPDATE fkz_kkm SET token = 1 WHERE id = {KKM}", "token: 1 here"),
    (f"UPDATE fkz_kkm SET link = 'OFFLINE' WHERE id = {KKM}", "link is OFFLINE"),
    (f"UPDATE fkz_kkm SET undelivered = 1 WHERE id = {KKM}", "undelivered is 1"),
    (f"UPDATE fkz_kkm SET block = 'TOKEN' WHERE id = {KKM}", "block is TOKEN"),
    (f"UPDATE fkz_kkm SET shift_number = 9 WHERE id = {KKM}", "shift number: 9 here"),
    (f"UPDATE fkz_kkm SET shift_opened_ms = NULL WHERE id = {KKM}", "open shift"),
    ("DELETE FROM fkz_shift WHERE closed_ms IS NOT NULL", "documents have others"),
    ("UPDATE fkz_shift SET closed_ms = NULL", "closed: False here"),
    ("DELETE FROM trd_shift_summary", "has no summary"),
    ("UPDATE trd_shift_summary SET documents = documents + 1", "documents in the summary"),
    ("UPDATE kernel_lane SET tail_seq = tail_seq + 1", "1 jobs wait"),
    ("UPDATE kernel_lane SET blocked_code = 'JOB_FAULT'", "blocked by JOB_FAULT"),
    ("UPDATE kernel_lane SET lease_owner = 'somebody'", "still leased by somebody"),
    (
        "INSERT INTO kernel_job (id, kind, body, due_ms, enqueued_ms) VALUES ('x/1', 'k', '{}', 0, 0)",
        "no lane that waits",
    ),
    ("UPDATE kernel_journal SET body = body || ' '", "was altered"),
    ("UPDATE kernel_journal SET body = replace(body, 'j1.test.', 'j1.rest.')", "cannot be opened"),
    ("DELETE FROM kernel_journal WHERE seq = 3", "stands where 3 should"),
    (
        "DELETE FROM kernel_journal WHERE kind = 'fiscal_kz.delivered'",
        "the journal delivered other documents",
    ),
    ("DELETE FROM kernel_journal WHERE kind = 'sale.accepted'", "the journal accepted"),
    ("DELETE FROM kernel_journal WHERE kind = 'fiscal_kz.counted'", "the journal counted"),
    ("UPDATE kernel_lane SET journal_seq = journal_seq + 1", "the lane remembers"),
]


@pytest.mark.parametrize(("damage", "complaint"), DAMAGES, ids=lambda text: str(text)[:60])
async def test_damage_to_the_database_is_seen(
    sound: Sound, tmp_path: Path, damage: str, complaint: str
) -> None:
    path = sound.copy(tmp_path)
    with closing(sqlite3.connect(path)) as connection, connection:
        assert connection.execute(damage).rowcount > 0

    found = disagreements(f"sqlite:///{path}", sound.ledger, promised=sound.promised)

    assert any(complaint in text for text in found), found


@pytest.mark.parametrize("counter", ["drawer", "n.SELL", "sum.SELL", "start.SELL", "n.DEPOSIT"])
async def test_a_counter_that_is_off_by_one_is_seen(sound: Sound, tmp_path: Path, counter: str) -> None:
    path = sound.copy(tmp_path)
    change = f"json_set(counters, '$[0].\"{counter}\"', json_extract(counters, '$[0].\"{counter}\"') + 1)"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"UPDATE fkz_kkm SET counters = {change} WHERE id = {KKM}")

    found = disagreements(f"sqlite:///{path}", sound.ledger, promised=sound.promised)

    assert any(f"counter {counter} since registration" in text for text in found), found


@pytest.mark.parametrize("counter", ["sum.SELL", "off.SELL", "pay.SELL.CARD", "cash.DEPOSIT", "sec.SELL.1"])
async def test_a_counter_of_the_shift_that_is_off_by_one_is_seen(
    sound: Sound, tmp_path: Path, counter: str
) -> None:
    path = sound.copy(tmp_path)
    change = f"json_set(counters, '$[1].\"{counter}\"', json_extract(counters, '$[1].\"{counter}\"') + 1)"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"UPDATE fkz_kkm SET counters = {change} WHERE id = {KKM}")

    found = disagreements(f"sqlite:///{path}", sound.ledger, promised=sound.promised)

    assert any(f"counter {counter} of the shift" in text for text in found), found


def _lost(account: Account) -> None:
    account.documents.pop()


def _doubled(account: Account) -> None:
    account.documents.append(copy.copy(account.documents[-1]))


def _swapped(account: Account) -> None:
    documents = account.documents
    documents[1], documents[2] = documents[2], documents[1]


def _refused(account: Account) -> None:
    account.refusals.append((1, 2, "the token is not the issued one"))


def _different_z(account: Account) -> None:
    account.documents[7].differences = ("cash_sum: register 1, server 2",)


def _richer(account: Account) -> None:
    account.drawer += 1


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (_lost, "documents, the OFD took"),
        (_doubled, "came twice"),
        (_swapped, "its number at the OFD: 2 here, 3 there"),
        (_refused, "refused command 1 with code 2"),
        (_different_z, "cash_sum: register 1, server 2"),
        (_richer, "the drawer holds"),
    ],
)
async def test_damage_to_the_ledger_is_seen(
    sound: Sound, damage: Callable[[Account], None], complaint: str
) -> None:
    ledger = copy.deepcopy(sound.ledger)
    damage(ledger.account(FIRST_OFD_ID))

    found = disagreements(f"sqlite:///{sound.path}", ledger, promised=sound.promised)

    assert any(complaint in text for text in found), found


async def test_a_promise_without_a_sale_and_a_register_without_a_kkm_are_seen(sound: Sound) -> None:
    ledger = copy.deepcopy(sound.ledger)
    ledger.accounts[7] = copy.deepcopy(ledger.account(FIRST_OFD_ID))
    ledger.accounts[7].ofd_id = 7

    found = disagreements(f"sqlite:///{sound.path}", ledger, promised={"never-stored"})

    assert "promised and lost: key never-stored" in found
    assert any("register 7: unknown to us" in text for text in found)
