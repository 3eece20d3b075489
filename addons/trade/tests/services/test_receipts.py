"""Receipts: everything order 626 item 56 asks for, never called fiscal without a sign, never wider than
paper.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from addons.trade.api import FiscalState
from addons.trade.domain.cart import Percent
from addons.trade.domain.commands import Customer, ReturnSale, SaleId
from addons.trade.domain.receipt import Receipt, tenge_text
from addons.trade.domain.receipt_words import ReceiptLanguage
from addons.trade.services.print_receipt import make_paper, receipt_text, theme_of
from addons.trade.services.receipts import receipt_of, receipt_token, sale_of_token
from addons.trade.services.register_sale import register_sale
from addons.trade.services.return_sale import return_sale
from addons.trade.tests.shop import Shop, open_shop
from kernel.config_sections import WebSettings
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.money import Money
from kernel.printing.text import as_text
from kernel.security.principal import SYSTEM


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as opened:
        yield opened


async def receipt(shop: Shop, sale_id: SaleId) -> Receipt:
    async with shop.app.database.reading(shop.principal) as reader:
        return await receipt_of(reader, await shop.sale(sale_id))


def printed(receipt: Receipt, *, width: int = 48, language: ReceiptLanguage = ReceiptLanguage.BOTH) -> str:
    return as_text(make_paper(receipt, language=language, theme=theme_of(WebSettings())), width)


async def sold(shop: Shop, state: FiscalState = FiscalState.FISCALIZED, **changes: Any) -> SaleId:
    basket = (shop.line("Нан", "2"), shop.line("Дәрі"), shop.line("Қызмет", price=Money.tenge(750)))
    command = shop.buy(*basket, cash="3000", discount=Percent(1000), customer=Customer(bin="230140000021"))
    accepted = await shop.run(register_sale, command)
    if state is not FiscalState.PENDING:
        await shop.report(accepted.sale_id, state, **changes)
    return accepted.sale_id


FISCAL_RU = """\
          ТОО «Береке»
      БИН/ИИН 230140000109
    г. Алматы, ул. Абая, 10
================================
         ФИСКАЛЬНЫЙ ЧЕК
            Продажа
================================
Чек №                         42
Смена №                        3
Касса №                        1
Кассир                  Айгүл С.
--------------------------------
1. Нан
  2 шт × 200.00           400.00
  НДС 16%                  49.66
  Код НКТ             0102030405
2. Дәрі
  1 шт × 1 500.00       1 500.00
  Скидка                 -150.00
  НДС 5%                   57.86
3. Қызмет
  1 шт × 750.00           750.00
  Без НДС
--------------------------------
Подытог                 2 500.00
Скидка на чек            -250.00
ИТОГО                 2 250.00 ₸
Наличные                2 250.00
Получено                3 000.00
Сдача                     750.00
в т.ч. НДС 16%             49.66
в т.ч. НДС 5%              57.86
--------------------------------
ИИН/БИН покупателя  230140000021
Время        15.01.2026 09:30:00
Зав. № ККМ           SWK00012345
Рег. № ККМ          010100000123
Фискальный признак    1234567890
ОФД            АО «Казахтелеком»
Проверить чек   consumer.oofd.kz
      Спасибо за покупку!
"""


async def test_fiscal_receipt_of_58_mm_says_all_that_the_order_asks_for(shop: Shop) -> None:
    text = printed(await receipt(shop, await sold(shop)), width=32, language=ReceiptLanguage.RU)

    assert [line.rstrip() for line in text.splitlines()] == FISCAL_RU.splitlines()


@pytest.mark.parametrize("width", [24, 32, 48])
@pytest.mark.parametrize("language", list(ReceiptLanguage))
async def test_no_line_is_wider_than_the_paper(shop: Shop, width: int, language: ReceiptLanguage) -> None:
    text = printed(await receipt(shop, await sold(shop)), width=width, language=language)

    assert max(len(line) for line in text.splitlines()) <= width


@pytest.mark.parametrize(
    ("language", "seen", "unseen"),
    [
        (ReceiptLanguage.RU, ["ФИСКАЛЬНЫЙ ЧЕК", "ул. Абая"], ["ФИСКАЛДЫҚ", "Абай к-сі"]),
        (ReceiptLanguage.KK, ["ФИСКАЛДЫҚ ЧЕК", "БАРЛЫҒЫ", "Абай к-сі"], ["ФИСКАЛЬНЫЙ", "ИТОГО"]),
        (ReceiptLanguage.BOTH, ["ФИСКАЛДЫҚ ЧЕК", "ФИСКАЛЬНЫЙ ЧЕК", "БАРЛЫҒЫ / ИТОГО"], []),
    ],
)
async def test_receipt_speaks_kazakh_russian_or_both(
    shop: Shop, language: ReceiptLanguage, seen: list[str], unseen: list[str]
) -> None:
    text = printed(await receipt(shop, await sold(shop)), language=language)

    assert all(word in text for word in seen)
    assert not any(word in text for word in unseen)


@pytest.mark.parametrize(
    ("state", "changes", "seen"),
    [
        (FiscalState.PENDING, {}, ["ещё не фискальный"]),
        (FiscalState.REJECTED, {}, ["Чек отклонён"]),
        (FiscalState.FISCALIZED, {"is_test": True}, ["ТЕСТ, нефискальный"]),
        (FiscalState.OFFLINE, {"is_test": True}, ["ТЕСТ, нефискальный", "Автономный"]),
    ],
)
async def test_paper_without_a_real_sign_is_never_called_fiscal(
    shop: Shop, state: FiscalState, changes: dict[str, Any], seen: list[str]
) -> None:
    text = printed(await receipt(shop, await sold(shop, state, **changes)), width=96)

    assert all(word in text for word in seen)
    assert "ФИСКАЛЬНЫЙ ЧЕК" not in text
    assert "ФИСКАЛДЫҚ ЧЕК" not in text


async def test_offline_receipt_is_marked_autonomous_before_and_after_delivery(shop: Shop) -> None:
    sale_id = await sold(shop, FiscalState.OFFLINE)
    before = printed(await receipt(shop, sale_id), language=ReceiptLanguage.RU)
    await shop.report(sale_id, FiscalState.FISCALIZED, is_offline=True, offline_number=77)
    after = printed(await receipt(shop, sale_id), language=ReceiptLanguage.RU)

    assert "Автономный признак" in before
    assert "77" in before
    for text in (before, after):
        assert "ФИСКАЛЬНЫЙ ЧЕК" in text
        assert "Автономный" in text
    assert "1234567890" in after


async def test_return_receipt_names_its_basis(shop: Shop) -> None:
    sale_id = await sold(shop)
    command = ReturnSale(SaleId(new_id()), new_id(), shop.register_id, None, sale_id)
    accepted = await shop.run(return_sale, command)
    await shop.report(accepted.sale_id, FiscalState.FISCALIZED, sign="222")

    text = printed(await receipt(shop, accepted.sale_id), language=ReceiptLanguage.RU)

    assert "Возврат продажи" in text
    assert "Основание возврата: чек 1234567890, 15.01.2026" in text


async def test_company_name_on_a_receipt_does_not_change_later(shop: Shop) -> None:
    sale_id = await sold(shop)

    async def rename(work: Any) -> None:
        await work.execute("UPDATE org_company SET title = 'ТОО «Басқа»'")

    await shop.app.database.transact(rename, principal=SYSTEM)
    assert "Береке" in printed(await receipt(shop, sale_id))


@pytest.mark.parametrize("width", [0, 23, 97])
async def test_impossible_width_is_refused(shop: Shop, width: int) -> None:
    sale_id = await sold(shop)

    async with shop.app.database.reading(shop.principal) as reader:
        with pytest.raises(Refusal, match="PRINTING_WIDTH_IMPOSSIBLE"):
            await receipt_text(reader, sale_id, columns=width)


async def test_receipt_link_cannot_be_guessed_or_cut(shop: Shop) -> None:
    sale_id = await sold(shop)
    record = await shop.sale(sale_id)
    token = receipt_token(record)
    wrong = [token[:-1], token + "A", token[:22] + "A" * 22, "A" * 44, "é" * 44, "", "!" * 44, token[::-1]]

    async with shop.app.database.reading(SYSTEM) as reader:
        assert await sale_of_token(reader, token) == record
        assert [await sale_of_token(reader, each) for each in wrong] == [None] * len(wrong)
    assert len(record.receipt_secret) == 22  # 128 bits in base64url


@pytest.mark.parametrize(
    ("tiyn", "text"), [(0, "0.00"), (5, "0.05"), (123_456_789, "1 234 567.89"), (-100_000, "-1 000.00")]
)
def test_sums_have_their_thousands_apart(tiyn: int, text: str) -> None:
    assert tenge_text(Money(tiyn)) == text
