"""What the journal keeps is enough to count the register again; a crash leaves nothing that cannot be
resumed.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from addons.fiscal_kz.domain.recount import JournalDiffers, recount
from addons.fiscal_kz.tests.shop import Shop, open_shop
from kernel.journal.chain import GENESIS


async def entries(shop: Shop) -> list[tuple[str, dict[str, object]]]:
    return [(each.entry.kind, each.facts) for each in await shop.journal()]


async def test_counters_can_be_counted_again_from_the_journal_alone() -> None:
    async with open_shop() as shop:
        await shop.sell(("Дәрі", "2"), ("Қызмет", "1"), cash="10000.00")
        shop.ofd.is_down = True
        await shop.sell(("Сүт 1 л", "3"), card="1948.50")
        await shop.move_cash("depositCash", "70.07")
        shop.ofd.is_down = False
        await shop.later()
        await shop.close()
        await shop.sell()
        journal = await entries(shop)
        record = await shop.record()

    assert recount(journal) == record.state.counters
    without_one = [each for each in journal if each[1].get("number") != 2]
    with pytest.raises(JournalDiffers, match="document 3 follows 1"):
        recount(without_one)


async def test_the_journal_has_one_chain_and_no_token() -> None:
    async with open_shop() as shop:
        await shop.sell()
        journal = await shop.journal()
        record = await shop.record()

    assert [each.entry.seq for each in journal] == list(range(1, len(journal) + 1))
    assert journal[0].entry.digest != GENESIS
    assert not any(str(record.state.token) in str(each.facts) for each in journal)


@pytest.mark.parametrize("is_processed", [True, False])
async def test_after_a_crash_while_sending_the_same_bytes_go_again(is_processed: bool) -> None:
    async with open_shop() as shop:
        real = shop.ofd.exchange

        class Dying:
            async def exchange(self, shipment):  # type: ignore[no-untyped-def]
                if is_processed:
                    await real(shipment)
                raise RuntimeError("the process dies here")

        from addons.fiscal_kz.services.jobs import DOCUMENT_JOB

        handler = shop.app.registry.job_handler(DOCUMENT_JOB)
        handler.ofd = Dying()  # type: ignore[union-attr]
        accepted = await shop.accept(("Нан", "1"), cash="200.00")
        await shop.work()
        in_flight = (await shop.record()).state.exchange
        assert in_flight is not None
        assert (await shop.sale(accepted["id"]))["state"] == "PENDING"

        handler.ofd = shop.ofd  # type: ignore[union-attr]
        await shop.later(timedelta(seconds=5))

        sale = await shop.sale(accepted["id"])
        assert sale["state"] == "FISCALIZED"
        assert not sale["isOffline"]
        assert shop.ofd.sent[-1].reqnum == in_flight.reqnum
        assert shop.ofd.sent[-1].token == in_flight.token
        assert len(shop.account.documents) == 1
        assert (await shop.record()).state.counters.drawer == 20_000


async def test_only_one_exchange_of_a_register_can_be_open() -> None:
    async with open_shop() as shop:
        shop.ofd.is_down = True
        await shop.sell()
        await shop.sell()
        open_ones = await shop.rows("SELECT COUNT(*) AS n FROM fkz_exchange WHERE open_kkm_id IS NOT NULL")
        shop.ofd.is_down = False
        await shop.later()
        ended = await shop.rows("SELECT code, answer FROM fkz_exchange WHERE command = 1 ORDER BY started_ms")
        still = await shop.rows("SELECT COUNT(*) AS n FROM fkz_exchange WHERE open_kkm_id IS NOT NULL")

    assert open_ones[0]["n"] == 1
    assert still[0]["n"] == 0
    assert [row["code"] for row in ended] == [0, 0]
    assert all(row["answer"] for row in ended)
