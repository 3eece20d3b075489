"""Selling: what is stored, what the same key answers, and what is refused with nothing stored by halves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from addons.trade.api import FiscalState, PaymentKind, TicketPayment
from addons.trade.domain.cart import Percent
from addons.trade.domain.commands import MARKS_MAX, Customer, LineAsked, VatAsked
from addons.trade.services import rows
from addons.trade.services.register_sale import register_sale
from addons.trade.settings import TradeSettings
from addons.trade.tests.shop import BINS, Shop, furnish, open_shop
from kernel.clock import to_ms
from kernel.company_settings import choose_setting
from kernel.data.group_writes import GroupWrites
from kernel.data.sqlite import EmbeddedClient
from kernel.data.work import Work
from kernel.errors import Fault, Refusal
from kernel.ids import new_id
from kernel.journal.reading import read_journal
from kernel.money import Money
from kernel.quantity import Quantity
from kernel.security.principal import SYSTEM

STATEMENTS_MAX = 9  # of trade and the kernel: at most three questions, then sale, lines, lane, journal, job


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as opened:
        yield opened


async def code_of(shop: Shop, command: Any) -> tuple[str, str | None]:
    with pytest.raises(Refusal) as refused:
        await shop.run(register_sale, command)
    return refused.value.code, refused.value.field


async def test_sale_is_stored_whole_and_handed_to_the_fiscal_engine(shop: Shop) -> None:
    command = shop.buy(shop.line("Нан", "2"), "Сүт 1 л", cash="2000")

    accepted = await shop.run(register_sale, command)

    (order,) = shop.fiscalizer.tickets
    record = await shop.sale(accepted.sale_id)
    assert not accepted.is_replay
    assert (str(record.total), str(record.taken), str(record.change)) == ("1049.50", "2000.00", "950.50")
    assert record.payments == (TicketPayment(PaymentKind.CASH, Money.parse("1049.50")),) == order.payments
    assert record.fiscal.state is FiscalState.PENDING
    assert record.header.company_title_kk == "«Береке» ЖШС"
    assert record.vat == Money(sum(line.vat.tiyn for line in order.lines))
    async with shop.app.database.reading(shop.principal) as reader:
        stored = await rows.lines_of(reader, accepted.sale_id)
    assert tuple(each.line for each in stored) == order.lines
    assert order.lines[0].ntin == "0102030405"


async def test_accepting_a_sale_takes_few_statements(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    statements: list[str] = []
    for owner, name in (
        *((EmbeddedClient, name) for name in ("_plain", "change_many")),
        *((GroupWrites, name) for name in ("say", "say_many")),
    ):
        original = getattr(owner, name)

        def counted(self: Any, sql: str, *params: Any, run: Any = original) -> Any:
            statements.append(sql.split(maxsplit=1)[0])
            return run(self, sql, *params)

        monkeypatch.setattr(owner, name, counted)

    async def asked(*goods: LineAsked | str) -> int:
        statements.clear()
        await shop.run(register_sale, shop.buy(*goods, cash="5000"))
        assert len(statements) <= STATEMENTS_MAX, statements
        return statements.count("SELECT")

    await shop.run(register_sale, shop.buy("Нан", cash="200"))  # the first one makes the lane
    assert await asked("Нан", "Сүт 1 л", "Ірімшік") == 3  # key, two products: the rest is kept
    assert await asked("Ірімшік", "Нан") == 1
    scanned = LineAsked(Quantity.ONE, barcode="4870000000013")
    assert (await asked(scanned), await asked(scanned)) == (2, 1)


async def test_journal_remembers_what_was_sold(shop: Shop) -> None:
    accepted = await shop.run(register_sale, shop.buy("Нан", card="200", customer=Customer(email="a@b.kz")))

    async with shop.app.database.reading(SYSTEM) as reader:
        (lane,) = await reader.rows("SELECT lane_key FROM kernel_lane WHERE journal_seq > 0")
        [(entry, body)] = [each async for each in read_journal(reader, lane["lane_key"])]
    assert entry.kind == "sale.accepted"
    assert (body["sale"], body["total"], body["payments"]) == (accepted.sale_id, 20000, {"CARD": 20000})
    assert body["lines"][0]["vat_bp"] == 1600
    assert "a@b.kz" not in str(body)
    assert "Нан" not in entry.body  # what was sold is sealed


async def test_second_send_of_same_key_returns_first_sale(shop: Shop) -> None:
    command = shop.buy("Нан", cash="200")
    first = await shop.run(register_sale, command)

    second = await shop.run(register_sale, replace(command, sale_id=new_id()))

    assert (second.sale_id, second.is_replay) == (first.sale_id, True)
    assert await shop.count("trd_sale") == 1
    assert len(shop.fiscalizer.tickets) == 1


async def test_same_key_with_another_body_is_refused(shop: Shop) -> None:
    command = shop.buy("Нан", cash="200")
    await shop.run(register_sale, command)

    for other in (
        replace(command, payments=(TicketPayment(PaymentKind.CARD, Money.tenge(200)),)),
        replace(command, lines=(shop.line("Нан", "1", discount=Money.tenge(1)),)),
        replace(command, customer=Customer(bin=BINS[1])),
    ):
        assert await code_of(shop, other) == ("SALE_KEY_CONFLICT", "saleKey")
    assert await shop.count("trd_sale") == 1


async def test_known_key_answers_even_when_the_sale_would_be_refused_today(shop: Shop) -> None:
    command = shop.buy("Нан", cash="200")
    first = await shop.run(register_sale, command)

    async def close(work: Work) -> None:
        await work.execute("UPDATE org_company SET closed_ms = ?", work.now_ms)

    await shop.app.database.transact(close, principal=SYSTEM)
    assert (await shop.run(register_sale, command)).sale_id == first.sale_id
    assert (await code_of(shop, replace(command, sale_key=new_id())))[0] == "COMPANY_CLOSED"


async def test_concurrent_sends_of_one_key_make_one_sale_and_one_answer(shop: Shop) -> None:
    command = shop.buy("Нан", cash="200")

    answers = await asyncio.gather(
        *(shop.run(register_sale, replace(command, sale_id=new_id())) for _ in range(8))
    )

    assert len({answer.sale_id for answer in answers}) == 1
    assert sorted(answer.is_replay for answer in answers) == [False] + [True] * 7
    assert await shop.count("trd_sale") == 1


async def test_refused_key_is_not_used_up(shop: Shop) -> None:
    command = shop.buy("Нан", cash="100")
    assert (await code_of(shop, command))[0] == "SALE_UNDERPAID"

    mended = replace(command, payments=(TicketPayment(PaymentKind.CASH, Money.tenge(200)),))

    assert not (await shop.run(register_sale, mended)).is_replay


async def test_refusal_of_the_fiscal_engine_leaves_nothing_behind(shop: Shop) -> None:
    shop.fiscalizer.mood = "refuse"

    assert (await code_of(shop, shop.buy("Нан", cash="200")))[0] == "KKM_NOT_ACTIVE"

    for table in ("trd_sale", "trd_sale_line", "kernel_journal", "kernel_job"):
        assert await shop.count(table) == 0


async def test_offline_receipt_is_there_as_soon_as_the_sale_is(shop: Shop) -> None:
    shop.fiscalizer.mood = "offline"

    accepted = await shop.run(register_sale, shop.buy("Нан", cash="200"))

    fiscal = (await shop.sale(accepted.sale_id)).fiscal
    assert (fiscal.state, fiscal.offline_number) == (FiscalState.OFFLINE, 77)


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"payments": ()}, "SALE_PAYMENT_MISSING", "payments"),
        ({"lines": ()}, "SALE_EMPTY", "lines"),
        ({"sale_key": "ABC"}, "SALE_KEY_MALFORMED", "saleKey"),
        ({"register_id": new_id()}, "REGISTER_UNKNOWN", "registerId"),
        ({"operator_id": new_id()}, "SALE_OPERATOR_OTHER", "operatorId"),
        ({"discount": Money.tenge(200)}, "SALE_DISCOUNT_TOO_LARGE", "discount"),
        ({"expected_total": Money.tenge(199)}, "SALE_TOTAL_DIFFERS", "expectedTotal"),
        ({"customer": Customer(bin="12345")}, "BIN_MALFORMED", "customer.bin"),
        ({"customer": Customer(bin="230140000022")}, "BIN_WRONG_DIGIT", "customer.bin"),
        ({"customer": Customer(email="x" * 129)}, "SALE_CONTACT_TOO_LONG", "customer.email"),
        (
            {"payments": (TicketPayment(PaymentKind.CARD, Money.tenge(201)),)},
            "SALE_NONCASH_TOO_LARGE",
            "payments",
        ),
    ],
)
async def test_bad_sales_are_refused(shop: Shop, changes: dict[str, Any], code: str, field: str) -> None:
    assert await code_of(shop, replace(shop.buy("Нан", cash="200"), **changes)) == (code, field)
    assert await shop.count("trd_sale") == 0


@pytest.mark.parametrize(
    ("line", "code", "field"),
    [
        (LineAsked(Quantity.ONE, product_id=new_id()), "SALE_PRODUCT_UNKNOWN", "lines.1"),
        (LineAsked(Quantity.ONE, product_id="nonsense"), "SALE_PRODUCT_UNKNOWN", "lines.1"),
        (LineAsked(Quantity.ONE, code=4711), "SALE_PRODUCT_UNKNOWN", "lines.1"),
        (LineAsked(Quantity.ONE, barcode="0000"), "SALE_PRODUCT_UNKNOWN", "lines.1"),
        (LineAsked(Quantity.ONE, code=1, barcode="4870000000013"), "SALE_PRODUCT_AMBIGUOUS", "lines.1"),
        (LineAsked(Quantity.ONE, price=Money.tenge(5)), "SALE_NAME_MISSING", "lines.1.name"),
        (LineAsked(Quantity.ONE, name="Шай"), "SALE_PRICE_MISSING", "lines.1.price"),
        (LineAsked(Quantity.ONE, name="Ш" * 256, price=Money.tenge(5)), "SALE_NAME_TOO_LONG", "lines.1.name"),
        (LineAsked(Quantity(0), name="Шай", price=Money.tenge(5)), "SALE_LINE_ZERO", "lines.1.quantity"),
        (
            LineAsked(Quantity.pieces(2_000_000), name="А", price=Money(10**13)),
            "MONEY_TOO_LARGE",
            "lines.1.price",
        ),
        (
            LineAsked(Quantity.ONE, name="Шай", price=Money.tenge(5), vat=VatAsked(10_000)),
            "SALE_VAT_OUT_OF_RANGE",
            "lines.1.vat",
        ),
    ],
)
async def test_bad_lines_are_refused(shop: Shop, line: LineAsked, code: str, field: str) -> None:
    assert await code_of(shop, shop.buy("Нан", line, cash="200")) == (code, field)
    assert await shop.count("trd_sale") == 0


async def test_free_position_is_sold_by_name_and_price(shop: Shop) -> None:
    free = LineAsked(Quantity.ONE, name="  Гүл   шоғы ", price=Money.tenge(2320), vat=VatAsked(1600))

    await shop.run(register_sale, shop.buy(free, cash="2320"))

    (line,) = shop.fiscalizer.tickets[0].lines
    assert (line.name, str(line.total), line.vat_bp, str(line.vat)) == ("Гүл шоғы", "2320.00", 1600, "320.00")


async def test_product_is_found_by_barcode(shop: Shop) -> None:
    await shop.run(register_sale, shop.buy(LineAsked(Quantity.ONE, barcode="4870000000013"), cash="200"))

    (line,) = shop.fiscalizer.tickets[0].lines
    assert (line.name, line.barcode) == ("Нан", "4870000000013")


async def test_price_and_vat_of_the_catalogue_hold_unless_somebody_may_change_them(shop: Shop) -> None:
    dear = shop.buy(shop.line("Нан", price=Money.tenge(250)), cash="250")
    own_price = shop.buy(shop.line("Қызмет", price=Money.tenge(750)), cash="750")
    own_vat = shop.buy(shop.line("Нан", vat=VatAsked(500)), cash="200")

    assert await code_of(shop, dear) == ("SALE_PRICE_FIXED", "lines.0.price")
    assert await code_of(shop, own_vat) == ("SALE_VAT_NOT_FREE", "lines.0.vat")
    await shop.run(register_sale, own_price)
    await shop.with_rights("trade.free_price").run(register_sale, dear)
    assert [str(order.total) for order in shop.fiscalizer.tickets] == ["750.00", "250.00"]


async def test_products_own_discount_applies_unless_another_is_asked(shop: Shop) -> None:
    await shop.run(register_sale, shop.buy("Дәрі", cash="1350"))
    await shop.run(register_sale, shop.buy(shop.line("Дәрі", discount=Money.ZERO), cash="1500"))
    await shop.run(register_sale, shop.buy(shop.line("Дәрі", discount=Percent(2000)), cash="1200"))

    assert [str(order.total) for order in shop.fiscalizer.tickets] == ["1350.00", "1500.00", "1200.00"]


async def test_discount_above_the_companys_limit_needs_the_right() -> None:
    async with open_shop(trade={"discount_limit_bp": 500}) as shop:
        on_line = shop.buy(shop.line("Нан", discount=Percent(600)), cash="188")
        on_receipt = shop.buy("Нан", cash="188", discount=Money.tenge(12))

        assert await code_of(shop, on_line) == ("SALE_DISCOUNT_ABOVE_LIMIT", "lines.0.discount")
        assert await code_of(shop, on_receipt) == ("SALE_DISCOUNT_ABOVE_LIMIT", "discount")
        await shop.run(register_sale, shop.buy("Нан", cash="190", discount=Percent(500)))
        await shop.with_rights("trade.free_discount").run(register_sale, on_line)


async def test_company_may_choose_its_own_limit(shop: Shop) -> None:
    async def choose(work: Work) -> None:
        await choose_setting(work, TradeSettings, "discount_limit_bp", "300")

    await shop.app.database.transact(choose, principal=SYSTEM.within(shop.company_id))
    async with shop.app.database.reading(SYSTEM) as reader:
        await shop.app.database.choices.refresh(reader)

    assert (await code_of(shop, shop.buy("Нан", cash="190", discount=Percent(500))))[0] == (
        "SALE_DISCOUNT_ABOVE_LIMIT"
    )
    await shop.run(register_sale, shop.buy("Нан", cash="194", discount=Percent(300)))


async def test_marked_product_is_sold_with_one_code_a_piece(shop: Shop) -> None:
    def cigarettes(*marks: str) -> LineAsked:
        return shop.line("Темекі", "2", marks=marks)

    assert (await code_of(shop, shop.buy(cigarettes(), cash="1800")))[0] == "SALE_MARKS_MISSING"
    for wrong in (("01a",), ("01a", "01a"), ("01a", "")):
        assert (await code_of(shop, shop.buy(cigarettes(*wrong), cash="1800")))[0] == "SALE_MARKS_MISMATCH"
    crowd = shop.buy(cigarettes(*map(str, range(MARKS_MAX + 1))), cash="1800")
    assert (await code_of(shop, crowd))[0] == "SALE_MARKS_TOO_MANY"
    await shop.run(register_sale, shop.buy(cigarettes("01a", "01b"), cash="1800"))
    assert shop.fiscalizer.tickets[0].lines[0].marks == ("01a", "01b")


async def test_company_that_is_no_vat_payer_sells_without_vat(shop: Shop) -> None:
    async def leave_vat(work: Work) -> None:
        await work.execute("UPDATE org_company SET is_vat_payer = 0")

    await shop.app.database.transact(leave_vat, principal=SYSTEM)
    await shop.run(register_sale, shop.buy("Нан", cash="200"))

    assert shop.fiscalizer.tickets[0].lines[0].vat_bp is None


async def test_archived_product_is_not_sold(shop: Shop) -> None:
    async def archive(work: Work) -> None:
        await work.execute("UPDATE cat_product SET is_archived = 1")

    await shop.app.database.transact(archive, principal=SYSTEM)
    assert (await code_of(shop, shop.buy("Нан", cash="200")))[0] == "SALE_PRODUCT_ARCHIVED"


@pytest.mark.parametrize("rights", [set(), {"trade.view"}])
async def test_selling_needs_the_right(shop: Shop, rights: set[str]) -> None:
    stranger = replace(shop, principal=replace(shop.principal, permissions=frozenset(rights)))

    assert (await code_of(stranger, shop.buy("Нан", cash="200")))[0] == "FORBIDDEN"


async def test_nothing_of_another_company_can_be_sold_seen_or_replayed(shop: Shop) -> None:
    other = await furnish(shop.app, shop.fiscalizer, BINS[1])
    ours = shop.buy("Нан", cash="200")
    accepted = await shop.run(register_sale, ours)

    at_our_register = other.buy("Нан", cash="200", register_id=shop.register_id)
    our_goods = other.buy(shop.line("Нан"), cash="200")
    same_key = replace(other.buy("Нан", cash="200"), sale_key=ours.sale_key)

    assert (await code_of(other, at_our_register))[0] == "REGISTER_UNKNOWN"
    assert (await code_of(other, our_goods))[0] == "SALE_PRODUCT_UNKNOWN"
    assert not (await other.run(register_sale, same_key)).is_replay
    async with shop.app.database.reading(other.principal) as reader:
        assert await rows.sale_by_id(reader, accepted.sale_id) is None
        assert await rows.lines_of(reader, accepted.sale_id) == ()
        assert await rows.sales_by_ids(reader, [accepted.sale_id]) == [None]
    with pytest.raises(Fault):
        await other.report(accepted.sale_id, FiscalState.FISCALIZED)


async def test_a_sale_that_waited_at_its_till_keeps_the_time_it_was_sold_at(shop: Shop) -> None:
    now_ms = to_ms(shop.app.clock.now())
    command = shop.buy("Нан", cash="200")
    hour_ago = replace(command, sold_ms=now_ms - 3_600_000)

    accepted = await shop.run(register_sale, hour_ago)
    again = await shop.run(register_sale, command)  # as it was sent at first, when nobody answered

    record = await shop.sale(accepted.sale_id)
    assert record.details is not None
    assert (record.details.sold_ms, again.sale_id, again.is_replay) == (
        hour_ago.sold_ms,
        accepted.sale_id,
        True,
    )


async def test_a_till_whose_clock_is_ahead_sells_all_the_same(shop: Shop) -> None:
    now_ms = to_ms(shop.app.clock.now())

    accepted = await shop.run(register_sale, replace(shop.buy("Нан", cash="200"), sold_ms=now_ms + 9_000_000))

    assert (await shop.sale(accepted.sale_id)).details is None
