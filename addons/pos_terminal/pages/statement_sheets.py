"""The sheets of a statement: summary, operations, differences, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from addons.pos_terminal.domain.masked_number import masked_number
from addons.pos_terminal.domain.payment import OperationKind
from addons.pos_terminal.pages.statement_book import Content, Sheet
from addons.pos_terminal.services.charges import ChargeLine
from addons.pos_terminal.services.reports import Difference, Report
from kernel.clock import from_ms
from kernel.data.work import SqlRow
from kernel.money import Money
from kernel.values import value

WORDS: Mapping[str, Mapping[str, str]] = {
    "ru": {
        "summary": "Сводка", "operations": "Операции", "differences": "Расхождения", "period": "Период",
        "made": "Составлена", "zone": "Часовой пояс", "company": "Организация", "bin": "БИН/ИИН",
        "day": "Банковский день", "credit_day": "Дата зачисления", "terminal": "Терминал",
        "pos": "ИД терминала", "scheme": "Платёжная система", "method": "Способ", "purchases": "Покупок",
        "returns": "Возвратов", "sold": "Сумма покупок", "given_back": "Сумма возвратов", "gross": "Сумма",
        "commission": "Комиссия", "net": "Зачислено", "iban": "Счёт", "state": "Данные", "raw": "сырые",
        "settled": "сверены", "total": "Итого", "kind": "Тип операции", "at": "Дата и время операции",
        "rate": "Тариф, %", "rrn": "RRN", "code": "Код авторизации", "card": "Карта", "why": "Расхождение",
        "ours": "У нас", "theirs": "В банке", "our_fee": "Комиссия у нас", "their_fee": "Комиссия банка",
        "PURCHASE": "Покупка", "REFUND": "Возврат", "VOID": "Отмена", "reversals": "Реверсалов",
        "AMOUNT_DIFFERS": "сумма отличается", "COMMISSION_DIFFERS": "комиссия отличается",
        "BANK_ONLY": "только в банке, чека нет", "LEDGER_ONLY": "в банке нет, деньги не пришли",
        "REVERSED_CREDITED": "отменена у нас, а деньги зачислены",
    },
    "kk": {
        "summary": "Жиынтық", "operations": "Операциялар", "differences": "Айырмашылықтар",
        "period": "Кезең", "made": "Жасалған", "zone": "Уақыт белдеуі", "company": "Ұйым",
        "bin": "БСН/ЖСН", "day": "Банк күні", "credit_day": "Есептелген күні", "terminal": "Терминал",
        "pos": "Терминал ИД", "scheme": "Төлем жүйесі", "method": "Тәсіл", "purchases": "Сатып алу саны",
        "returns": "Қайтару саны", "sold": "Сатып алу сомасы", "given_back": "Қайтару сомасы",
        "gross": "Сомасы", "commission": "Комиссия", "net": "Есептелді", "iban": "Шот", "state": "Деректер",
        "raw": "шикі", "settled": "салыстырылған", "total": "Барлығы", "kind": "Операция түрі",
        "at": "Операция уақыты", "rate": "Тариф, %", "rrn": "RRN", "code": "Авторизация коды",
        "card": "Карта", "why": "Айырмашылық", "ours": "Бізде", "theirs": "Банкте",
        "our_fee": "Біздегі комиссия", "their_fee": "Банк комиссиясы", "PURCHASE": "Сатып алу",
        "REFUND": "Қайтару", "VOID": "Болдырмау", "reversals": "Реверсал саны",
        "AMOUNT_DIFFERS": "сомасы басқа", "COMMISSION_DIFFERS": "комиссиясы басқа",
        "BANK_ONLY": "тек банкте, чек жоқ", "LEDGER_ONLY": "банкте жоқ, ақша түспеген",
        "REVERSED_CREDITED": "бізде болдырылмаған, ал ақша түскен",
    },
    "en": {
        "summary": "Summary", "operations": "Operations", "differences": "Differences", "period": "Period",
        "made": "Made at", "zone": "Time zone", "company": "Company", "bin": "BIN/IIN",
        "day": "Banking day", "credit_day": "Credit date", "terminal": "Terminal", "pos": "POS id",
        "scheme": "Scheme", "method": "Method", "purchases": "Purchases", "returns": "Returns",
        "sold": "Sum of purchases", "given_back": "Sum of returns", "gross": "Amount",
        "commission": "Commission", "net": "Credited", "iban": "Account", "state": "Data", "raw": "raw",
        "settled": "settled", "total": "Total", "kind": "Kind", "at": "Date and time", "rate": "Rate, %",
        "rrn": "RRN", "code": "Authorization code", "card": "Card", "why": "Difference", "ours": "Ours",
        "theirs": "The bank's", "our_fee": "Our commission", "their_fee": "Bank's commission",
        "PURCHASE": "Purchase", "REFUND": "Refund", "VOID": "Void", "reversals": "Reversals",
        "AMOUNT_DIFFERS": "another sum", "COMMISSION_DIFFERS": "another commission",
        "BANK_ONLY": "at the bank only, no receipt", "LEDGER_ONLY": "not at the bank, no money came",
        "REVERSED_CREDITED": "reversed here, credited there",
    },
}  # fmt: skip


@value
class StatementFacts:
    """What the sheets need beside the figures. terminals: title and POS id by id; zone: of the times."""

    company: str
    bin: str
    language: str
    zone: str
    made_ms: int
    terminals: Mapping[str, tuple[str, str]]

    def word(self, name: str) -> str:
        """In the reader's language."""
        return WORDS.get(self.language, WORDS["ru"])[name]

    def words(self, *names: str) -> list[str]:
        """Several."""
        return [self.word(name) for name in names]

    def time(self, ms: int) -> datetime:
        """As clocks show it there."""
        return from_ms(ms).astimezone(ZoneInfo(self.zone))


def sheets_of(
    facts: StatementFacts,
    report: Report,
    operations: Sequence[tuple[ChargeLine, SqlRow]],
    differences: Sequence[Difference],
) -> list[Sheet]:
    """All three."""
    return [summary(facts, report), operations_sheet(facts, operations), _differences(facts, differences)]


def summary(facts: StatementFacts, report: Report) -> Sheet:
    """Days, terminals, schemes and methods, with their total."""
    wish, total = report.wish, report.total
    rows: list[list[Content]] = [
        [
            line.day,
            line.credit_day,
            *_terminal(facts, line.terminal_id),
            line.scheme,
            line.method,
            line.sums.purchases,
            Money(line.sums.sold),
            line.sums.returns,
            Money(line.sums.given_back),
            Money(line.sums.gross),
            Money(line.sums.commission),
            Money(line.sums.net),
            line.iban,
            facts.word("raw" if line.is_raw else "settled"),
        ]
        for line in report.lines
    ]
    return Sheet(
        title=facts.word("summary"),
        head=[
            [facts.word("company"), facts.company],
            [facts.word("bin"), facts.bin],
            [facts.word("period"), f"{wish.first.isoformat()} — {wish.last.isoformat()}"],
            [facts.word("zone"), facts.zone],
            [facts.word("made"), facts.time(facts.made_ms)],
            [facts.word("reversals"), sum(report.reversals.values())],
            [],
        ],
        columns=facts.words(
            "day", "credit_day", "terminal", "pos", "scheme", "method", "purchases", "sold", "returns",
            "given_back", "gross", "commission", "net", "iban", "state",
        ),
        widths=(15, 15, 20, 14, 16, 10, 10, 15, 10, 15, 15, 13, 15, 23, 10),
        rows=rows,
        total=[
            facts.word("total"), "", "", "", "", "", total.purchases, Money(total.sold), total.returns,
            Money(total.given_back), Money(total.gross), Money(total.commission), Money(total.net), "", "",
        ],
    )  # fmt: skip


def operations_sheet(facts: StatementFacts, operations: Sequence[tuple[ChargeLine, SqlRow]]) -> Sheet:
    """Every operation with what it cost. Commissions are costs: sum − commission = credited."""
    rows: list[list[Content]] = []
    for line, row in operations:
        terminal, pos = _terminal(facts, line.terminal_id)
        rows.append(
            [
                line.credit_day,
                facts.word(OperationKind(line.kind).value),
                pos,
                Money(line.gross),
                Money(line.commission),
                Money(line.net),
                facts.time(row["sent_ms"]),
                line.day,
                terminal,
                line.scheme,
                line.method,
                f"{line.rate_ppm // 10_000}.{line.rate_ppm % 10_000:04d}",
                row["rrn"],
                row["authorization_code"],
                masked_number(row["masked_number"]),
                facts.word("raw" if line.is_raw else "settled"),
            ]
        )
    gross, fee = sum(line.gross for line, _ in operations), sum(line.commission for line, _ in operations)
    return Sheet(
        title=facts.word("operations"),
        head=[],
        columns=facts.words(
            "credit_day", "kind", "pos", "gross", "commission", "net", "at", "day", "terminal", "scheme",
            "method", "rate", "rrn", "code", "card", "state",
        ),
        widths=(15, 13, 14, 15, 13, 15, 20, 15, 20, 16, 10, 10, 15, 12, 20, 10),
        rows=rows,
        total=[facts.word("total"), "", "", Money(gross), Money(fee), Money(gross - fee)],
    )  # fmt: skip


def _differences(facts: StatementFacts, differences: Sequence[Difference]) -> Sheet:
    rows: list[list[Content]] = []
    for each in differences:
        title, pos = ("", each.terminal_code)
        if each.terminal_id is not None:
            title, pos = _terminal(facts, each.terminal_id)
        sums = (each.ours, each.theirs, each.our_commission, each.their_commission)
        rows.append(
            [
                facts.word(each.kind),
                each.day,
                facts.time(each.at_ms),
                title,
                pos,
                each.rrn,
                each.authorization_code,
                masked_number(each.masked_number),
                *("" if one is None else Money(one) for one in sums),
            ]
        )
    return Sheet(
        title=facts.word("differences"),
        head=[],
        columns=facts.words(
            "why", "day", "at", "terminal", "pos", "rrn", "code", "card", "ours", "theirs", "our_fee",
            "their_fee",
        ),
        widths=(34, 15, 20, 20, 14, 15, 12, 20, 15, 15, 14, 14),
        rows=rows,
    )  # fmt: skip


def _terminal(facts: StatementFacts, terminal_id: str) -> tuple[str, str]:
    return facts.terminals.get(terminal_id, ("", ""))
