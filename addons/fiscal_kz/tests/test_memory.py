"""What a lane remembers of its register: used in the steady flow, and never older than the rows.

That it is equal to the rows is checked in every test of this room (conftest.py).
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from addons.fiscal_kz.domain.state import State
from addons.fiscal_kz.services import store
from addons.fiscal_kz.services.memory import forget_kkm, recall_kkm
from addons.fiscal_kz.services.ports import OfdOutcome, Shipment
from addons.fiscal_kz.services.records import DocumentRecord, KkmRecord
from addons.fiscal_kz.services.turns import READ_AHEAD
from addons.fiscal_kz.tests.shop import Shop, open_shop
from kernel.data.work import Reader, Work

SERVICES = Path(store.__file__).parent
WRITING = {
    "write",
    "write_row",
    "write_many",
    "write_rows",
    "insert",
    "insert_many",
    "execute",
    "execute_many",
}
FORGETTING = {"forget_kkm", "forget_document"}
NOT_REMEMBERED = {"notices", "activation_code", "activated_ms"}


def _called(function: ast.AST) -> set[str]:
    calls = [each.func for each in ast.walk(function) if isinstance(each, ast.Call)]
    return {each.attr if isinstance(each, ast.Attribute) else getattr(each, "id", "") for each in calls}


def test_whoever_writes_a_remembered_row_forgets_it_first() -> None:
    tree = ast.parse((SERVICES / "store.py").read_text())
    functions = [each for each in ast.walk(tree) if isinstance(each, ast.AsyncFunctionDef)]
    writers = {each.name: _called(each) for each in functions if _called(each) & WRITING}

    assert {name for name, called in writers.items() if not called & FORGETTING} == {"insert_document"}
    assert len(writers) >= 12


def test_other_files_write_only_columns_that_nobody_remembers() -> None:
    found: set[str] = set()
    for path in SERVICES.parent.rglob("*.py"):
        if path.name == "store.py" or {"tests", "migrations"} & set(path.parts):
            continue
        text = path.read_text()
        assert not re.search(r"(INSERT INTO|DELETE FROM) fkz_(kkm|exchange|document)", text), path
        for change in re.findall(r"UPDATE fkz_(?:kkm|exchange|document) SET (.*?) WHERE", text, re.DOTALL):
            found |= set(re.findall(r"(\w+) = ", change))

    assert found == NOT_REMEMBERED
    assert not found & {*State._fields, *KkmRecord.__annotations__}


@pytest.fixture
def read_ahead(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers of documents read at once, one for each time."""
    found: list[int] = []
    issued_from = store.issued_from

    async def counted(reader: Reader, kkm_id: str, lane_seq: int, limit: int) -> list[DocumentRecord]:
        records = await issued_from(reader, kkm_id, lane_seq, limit)
        found.append(len(records))
        return records

    monkeypatch.setattr(store, "issued_from", counted)
    return found


async def test_a_steady_flow_reads_neither_the_kkm_nor_the_document(recalled: Counter[str]) -> None:
    async with open_shop() as shop:
        await shop.sell()
        recalled.clear()

        await shop.sell()

    assert recalled == {"kkm": 3, "document": 1}  # accepted, prepared and settled; prepared


async def test_a_worker_that_remembers_nothing_asks_once_for_both(
    recalled: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    kkm_and_document = store.kkm_and_document

    async def counted(
        reader: Reader, kkm_id: str, document_id: str
    ) -> tuple[KkmRecord | None, DocumentRecord | None]:
        asked.append(document_id)
        return await kkm_and_document(reader, kkm_id, document_id)

    monkeypatch.setattr(store, "kkm_and_document", counted)
    async with open_shop() as shop:
        await shop.sell()
        asked.clear()
        recalled.clear()
        sale = await shop.accept(("Нан", "1"), cash="200.00")
        shop.app.database.lane_memory.clear()  # as another process would
        await shop.work()
        sale = await shop.sale(sale["id"])

    assert sale["state"] == "FISCALIZED"
    assert len(asked) == 1
    assert recalled == {"kkm": 3, "document": 1}  # accepted; what was asked for at once; settled


async def test_replay_reads_documents_ahead(read_ahead: list[int]) -> None:
    async with open_shop() as shop:
        await _sell_offline(shop, READ_AHEAD + 4)
        await shop.later()
        kkm = await shop.kkm()

    assert kkm["undelivered"] == 0
    assert read_ahead == [READ_AHEAD, 4]


async def test_a_sale_during_a_replay_keeps_what_was_read_ahead(
    read_ahead: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_shop() as shop:
        await _sell_offline(shop, 5)
        exchange = shop.ofd.exchange

        async def selling_meanwhile(shipment: Shipment) -> OfdOutcome:
            if len(shop.ofd.sent) == before + 1:
                await shop.accept(("Нан", "1"), cash="200.00")
            return await exchange(shipment)

        before = len(shop.ofd.sent)
        monkeypatch.setattr(shop.ofd, "exchange", selling_meanwhile)
        await shop.later()
        kkm = await shop.kkm()
        states = await shop.rows("SELECT state, is_offline, COUNT(*) AS n FROM fkz_document GROUP BY 1, 2")

    assert kkm["undelivered"] == 0
    assert [tuple(row.values()) for row in states] == [("DONE", 1, 6)]
    assert read_ahead == [5]


async def test_what_is_written_outlives_no_memory_even_if_nothing_else_changes_the_lane() -> None:
    async with open_shop() as shop:
        await shop.sell()
        lane_key = f"register:{shop.register_id}"

        async def write(work: Work) -> tuple[int, KkmRecord | None]:
            lane = await work.lane(lane_key, company_id=None)
            before = recall_kkm(lane)
            assert before is not None
            await store.save_card(work, lane, before, profile=before.profile, ofd_id=77)
            return lane.revision, recall_kkm(lane)

        async def read(work: Work) -> tuple[int, KkmRecord | None]:
            lane = await work.lane(lane_key, company_id=None)
            return lane.revision, recall_kkm(lane)

        revision, inside = await shop.app.database.transact(write, principal=shop.owner)
        assert inside is None
        assert await shop.app.database.transact(read, principal=shop.owner) == (revision + 1, None)
        assert (await shop.record()).ofd_id == 77


async def test_a_work_that_fails_changes_nothing_remembered() -> None:
    async with open_shop() as shop:
        await shop.sell()
        lane_key = f"register:{shop.register_id}"

        async def fail(work: Work) -> None:
            forget_kkm(await work.lane(lane_key, company_id=None))
            raise LookupError

        async def read(work: Work) -> KkmRecord | None:
            return recall_kkm(await work.lane(lane_key, company_id=None))

        with pytest.raises(LookupError):
            await shop.app.database.transact(fail, principal=shop.owner)
        assert await shop.app.database.transact(read, principal=shop.owner) == await shop.record()


async def _sell_offline(shop: Shop, sales: int) -> None:
    """They wait for an OFD that is back again, but nobody knows it yet."""
    shop.ofd.is_down = True
    for _ in range(sales):
        await shop.sell()
    shop.ofd.is_down = False
