"""Reports and cash slips as papers: every figure given is said, in both languages, in every theme."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from addons.trade.api import (
    CashDirection,
    CashFiscalFacts,
    CashId,
    FiscalState,
    paper_of_report,
    record_cash_fiscal,
)
from addons.trade.domain.commands import MoveCash
from addons.trade.domain.receipt import tenge_text
from addons.trade.domain.receipt_words import ReceiptLanguage
from addons.trade.domain.report_paper import REPORT_KIND, cash_slip_paper, report_paper
from addons.trade.domain.report_samples import CASHIERS, HEAD, SLIP, Z_REPORT
from addons.trade.services.move_cash import move_cash
from addons.trade.services.print_reports import paper_of_cash, theme_of_reports
from addons.trade.tests.shop import BINS, Shop, furnish, open_shop
from kernel.config_sections import WebSettings
from kernel.errors import Refusal
from kernel.gql.context import GqlContext
from kernel.gql.ids import to_global
from kernel.ids import new_id
from kernel.money import Money
from kernel.printing.text import as_text
from kernel.security.principal import SYSTEM
from kernel.web.themes import installed_themes

THEME = theme_of_reports(WebSettings())
RU = ReceiptLanguage.RU
Z_RU = """\
      ТОО «Береке Маркет»
      БИН/ИИН 230140000109
г. Алматы, ул. Абая, 10, магазин
            «Береке»
================================
            Z-ОТЧЁТ
         смена закрыта
================================
Документ №                   121
Смена №                        3
Касса №                        1
Кассир            Айгүл Сейітова
Зав. № ККМ           SWK00012345
Рег. № ККМ          010100000123
Открыта      15.01.2026 09:30:00
Закрыта      15.01.2026 21:30:00
Сформирован  15.01.2026 21:30:00
Документов                   121
  из них автономных            4
--------------------------------
ПРОДАЖА
  Чеков                      118
  Сумма             1 234 567.50
  Наличные (71)       634 567.50
  Банковская карта (40)
                      550 000.00
  Мобильный платёж (7) 50 000.00
  Скидки               -8 410.50
  Выдано сдачи         41 250.00
ВОЗВРАТ ПРОДАЖИ
  Чеков                        2
  Сумма                 4 640.00
  Наличные (2)          4 640.00
--------------------------------
НДС
  Продажа, 16%        160 000.00
    оборот          1 160 000.00
  Продажа, 5%           3 000.00
    оборот             63 000.00
  Возврат продажи, 16%    640.00
    оборот              4 640.00
--------------------------------
НАЛИЧНЫЕ В КАССЕ
  Внесено (1)          20 000.00
  Изъято (2)          600 000.00
  В кассе              49 927.50
  Выручка           1 229 927.50
--------------------------------
НЕОБНУЛЯЕМЫЕ СУММЫ
  Продажа
    на начало смены
                   20 500 000.00
    на конец       21 734 567.50
  Возврат продажи
    на начало смены   120 000.00
    на конец          124 640.00
--------------------------------
Цепочка журнала
9f2b6a0c4e9f2b6a0c4e9f2b6a0c4e9f
2b6a0c4e9f2b6a0c4e9f2b6a0c4eabcd
Контрольная сумма
41d7f0a3bc41d7f0a3bc41d7f0a3bc41
d7f0a3bc41d7f0a3bc41d7f0a3bc0123
"""


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as opened:
        yield opened


def test_a_z_report_of_58_mm() -> None:
    assert as_text(report_paper(Z_REPORT, language=RU, theme=THEME), 32) == Z_RU


@pytest.mark.parametrize("language", list(ReceiptLanguage))
@pytest.mark.parametrize("theme", [theme.name for theme in installed_themes(WebSettings())])
@pytest.mark.parametrize("columns", [32, 48])
def test_every_figure_is_said_in_every_language(language: ReceiptLanguage, theme: str, columns: int) -> None:
    settings = WebSettings(theme=theme)
    said = as_text(report_paper(Z_REPORT, language=language, theme=theme_of_reports(settings)), columns)

    sums = [each.total for each in Z_REPORT.operations]
    sums += [paid for each in Z_REPORT.operations for _, _, paid in each.payments]
    sums += [sum_ for tax in Z_REPORT.taxes for sum_ in (tax.turnover, tax.vat)]
    sums += [sum_ for _, start, end in Z_REPORT.non_nullable for sum_ in (start, end)]
    sums += [Z_REPORT.drawer or Money.ZERO, Z_REPORT.revenue or Money.ZERO]
    assert [tenge_text(sum_) for sum_ in sums if tenge_text(sum_) not in said] == []
    assert Z_REPORT.chain_head in "".join(said.split())
    assert Z_REPORT.digest in "".join(said.split())
    assert max(len(line) for line in said.splitlines()) <= columns


def test_a_number_of_documents_never_reads_as_thousands() -> None:
    for columns in (32, 48):
        said = as_text(report_paper(Z_REPORT, language=RU, theme=THEME), columns)
        assert "2 600 000.00" not in " ".join(said.split()).replace("(2) ", "")
        assert "Изъято (2)" in said


def test_an_x_report_says_that_the_shift_goes_on_and_a_copy_that_it_is_one() -> None:
    report = replace(
        Z_REPORT,
        title=type(Z_REPORT.title).X,
        closed_at=None,
        head=replace(HEAD, is_copy=True, is_test=True, is_offline=True),
    )
    said = as_text(report_paper(report, language=ReceiptLanguage.BOTH, theme=THEME), 48)

    for text in (
        "X-ЕСЕП",
        "X-ОТЧЁТ",
        "смена открыта",
        "КӨШІРМЕ",
        "ДУБЛИКАТ",
        "ТЕСТ, нефискальный",
        "Автономды",
    ):
        assert text in said
    assert "Закрыта" not in said


def test_a_report_by_cashiers_has_a_part_for_each() -> None:
    said = as_text(report_paper(CASHIERS, language=RU, theme=THEME), 48)

    assert said.index("ОТЧЁТ ПО КАССИРАМ") < said.index("Айгүл Сейітова") < said.index("Ерлан Қасымов")
    assert "НДС" not in said
    assert "НЕОБНУЛЯЕМЫЕ" not in said


@pytest.mark.parametrize(
    ("state", "mark"),
    [
        (FiscalState.FISCALIZED, ""),
        (FiscalState.PENDING, "Отправляется"),
        (FiscalState.REJECTED, "Отклонено"),
    ],
)
def test_a_slip_has_a_line_to_sign_on(state: FiscalState, mark: str) -> None:
    said = as_text(cash_slip_paper(replace(SLIP, state=state), language=RU, theme=THEME), 32)

    assert "ИЗЪЯТИЕ НАЛИЧНЫХ" in said
    assert "600 000.00 ₸" in said
    assert said.splitlines()[-1] == "Подпись         " + "_" * 16
    assert mark in said


async def test_the_slip_of_a_stored_operation(shop: Shop) -> None:
    command = MoveCash(
        cash_id=CashId(new_id()),
        cash_key=new_id(),
        register_id=shop.register_id,
        operator_id=shop.operator_id,
        direction=CashDirection.DEPOSIT,
        amount=Money.tenge(5000),
    )
    await shop.run(move_cash, command)
    facts = CashFiscalFacts(command.cash_id, FiscalState.FISCALIZED, shift_number=3, document_number=7)
    await shop.app.database.transact(record_cash_fiscal, facts, principal=SYSTEM.within(shop.company_id))
    async with shop.app.database.reading(shop.principal) as reader:
        said = as_text(await paper_of_cash(reader, command.cash_id, language=RU), 32)
        report = as_text(paper_of_report(reader, Z_REPORT), 48)
    stranger = await furnish(shop.app, shop.fiscalizer, company_bin=BINS[1])
    async with shop.app.database.reading(stranger.principal) as reader:
        with pytest.raises(Refusal, match="CASH_UNKNOWN"):
            await paper_of_cash(reader, command.cash_id)

    for text in ("ВНЕСЕНИЕ НАЛИЧНЫХ", "5 000.00 ₸", "Айгүл С.", "ТОО «Береке»"):
        assert text in said
    assert "Z-ЕСЕП" in report


async def test_a_client_prints_the_slip(shop: Shop) -> None:
    context = GqlContext(shop.app, shop.principal, request_id="test", language="ru")
    query = """mutation($input: MoveCashInput!) { depositCash(input: $input, wait: 0) {
      ... on CashOperation { slip(language: RU) {
        title text(width: 32) escpos(printer: { columns: 32 }) pdf(roll: MM58) png } } } }"""
    asked = {
        "cashKey": new_id(),
        "registerId": to_global("Register", shop.register_id),
        "amount": "5000",
    }
    answer = await shop.app.schema.execute(query, variable_values={"input": asked}, context_value=context)

    assert answer.errors is None, answer.errors
    slip = answer.data["depositCash"]["slip"]
    assert slip["title"].startswith("ВНЕСЕНИЕ НАЛИЧНЫХ, ")
    assert "Отправляется" in slip["text"]
    assert all(slip[form] for form in ("escpos", "pdf", "png"))


def test_a_theme_may_leave_nothing_out_of_a_report() -> None:
    assert REPORT_KIND.needed == REPORT_KIND.parts
