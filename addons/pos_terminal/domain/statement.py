"""A bank's statement as a grid of cells, made into rows whose sums agree. No files and no tables here.

Two layouts, told apart by their heads: `acquirer` (17 columns, as Halyk's "Выписка по POS" has them, heads
in Russian, Kazakh or English) and `kaspi` (outlet, date, time, amount, fee, kind, way, channel, number). A
column is found by its head, wherever it stands. The file proves itself by its total.
Source: acquiring reference §6.1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from addons.pos_terminal.domain.masked_number import masked_number
from kernel.clock import to_ms
from kernel.errors import Refusal
from kernel.texts import one_line

ROWS_MAX = 50_000
HEAD_LINES_MAX = 60  # above the heads of the columns
FEE_ENDING = "FE"  # of the RRN of an instalment's own fee
SUM_MAX = 10**15

Cell = str | int | float | bool | datetime | date | time | None


class Layout(StrEnum):
    """Whose statement it is."""

    ACQUIRER = "acquirer"
    KASPI = "kaspi"


class RowKind(StrEnum):
    """What a row says of the money."""

    PURCHASE = "PURCHASE"
    REFUND = "REFUND"  # a refund or a void: banks show both as a return
    FEE = "FEE"  # a charge beside an operation


@dataclass(frozen=True, slots=True)
class BankRow:
    """A row of a statement. number: its line in the file; gross, commission, net: tiyn, gross − commission =
    net, all negative for a return. credit_day: "" when the bank names none.
    """

    number: int
    kind: RowKind
    rrn: str
    at_ms: int
    credit_day: str
    terminal_code: str
    gross: int
    commission: int
    net: int
    authorization_code: str = ""
    masked_number: str = ""
    scheme: str = ""
    method: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class BankStatement:
    """A whole file that agrees with its own total."""

    layout: Layout
    rows: tuple[BankRow, ...]

    @property
    def gross(self) -> int:
        """Sum of the rows, tiyn."""
        return sum(row.gross for row in self.rows)

    @property
    def commission(self) -> int:
        """Sum of the rows, tiyn."""
        return sum(row.commission for row in self.rows)


# Heads of columns by what they mean: in lower case, without marks.
_HEADS: Mapping[str, tuple[str, ...]] = {
    "credit_day": ("дата зачисления", "credit date", "есептелген күні"),
    "moment": ("дата и время операции", "дата операции", "дата транзакции", "date and time", "операция күні"),
    "date": ("дата", "date", "күні"),
    "time": ("время", "time", "уақыты"),
    "terminal": ("номер терминала", "терминал", "ид терминала", "pos id", "terminal no", "terminal"),
    "kind": ("тип операции", "вид операции", "kind", "операция түрі"),
    "gross": ("сумма операции", "сумма", "amount", "сомасы"),
    "net": ("сумма к зачислению", "к зачислению", "зачислено", "credited", "есептелетін сома"),
    "commission": ("комиссия банка", "комиссия kaspi", "комиссия", "commission", "комиссиясы"),
    "code": ("код авторизации", "authorisation code", "authorization code"),
    "rrn": ("rrn/srn", "rrn", "номер операции", "operation no", "srn"),
    "mask": ("маска карты", "номер карты", "карта", "card"),
    "scheme": ("платежная система", "тип карты", "scheme"),
    "method": ("способ оплаты", "канал", "канал оплаты", "method"),
    "note": ("назначение", "примечание", "детали", "text", "адрес точки продаж", "торговая точка"),
}
_NEEDED = ("kind", "gross", "commission", "rrn")
_TOTAL = ("итого", "всего", "total", "барлығы")
_KINDS: Mapping[str, RowKind] = {
    "покупка": RowKind.PURCHASE,
    "оплата": RowKind.PURCHASE,
    "продажа": RowKind.PURCHASE,
    "purchase": RowKind.PURCHASE,
    "возврат": RowKind.REFUND,
    "отмена": RowKind.REFUND,
    "refund": RowKind.REFUND,
    "void": RowKind.REFUND,
    "комиссия": RowKind.FEE,
    "fee": RowKind.FEE,
}
_MOMENTS = (
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%d.%m.%y %H:%M:%S",
)
_DAYS = ("%d.%m.%Y", "%Y-%m-%d", "%d.%m.%y")
_TIMES = ("%H:%M:%S", "%H:%M")
_SUM = re.compile(r"(-?)(\d{1,15})(?:\.(\d{0,2})0*)?", re.ASCII)
_CARD = re.compile(r"\d{13,19}")


def read_statement(grid: Sequence[Sequence[Cell]], zone: str) -> BankStatement:
    """The rows of a statement. zone: of the bank's times.

    Raises Refusal: STATEMENT_LAYOUT_UNKNOWN, STATEMENT_ROWS_TOO_MANY, STATEMENT_EMPTY, STATEMENT_CELL (a row
    and a column that cannot be read), STATEMENT_CARD_NUMBER, STATEMENT_ROW_SUM, STATEMENT_TOTAL_MISSING,
    STATEMENT_TOTAL_DIFFERS.
    """
    place, columns = _heads(grid)
    layout = Layout.KASPI if "time" in columns else Layout.ACQUIRER
    rows: list[BankRow] = []
    totals = _head_totals(grid[:place])
    for number, cells in enumerate(grid[place + 1 :], place + 2):
        words = [_words(cell) for cell in cells]
        if not any(words):
            continue
        if next(filter(None, words)).casefold().startswith(_TOTAL):
            totals = _row_totals(cells, columns, number)
            break
        if len(rows) == ROWS_MAX:
            raise Refusal("STATEMENT_ROWS_TOO_MANY", max=ROWS_MAX)
        rows.append(_Line(cells, columns, number).read(ZoneInfo(zone)))
    if not rows:
        raise Refusal("STATEMENT_EMPTY")
    statement = BankStatement(layout, tuple(rows))
    _check_totals(statement, totals)
    return statement


def tiyn_of(cell: Cell) -> int:
    """A sum as a cell holds it: 1234.5, "1 234,50", "-38 ₸". Raises ValueError for anything else, fractions
    of a tiyn among it.
    """
    if isinstance(cell, float):
        # What a spreadsheet shows for a sum in tiyn differs from it by less than a tenth of a tiyn.
        text = f"{cell:.3f}"
        if not text.endswith("0"):
            raise ValueError("fractions of a tiyn")
        text = text[:-1]
    elif isinstance(cell, int) and not isinstance(cell, bool):
        text = str(cell)
    elif isinstance(cell, str):
        text = re.sub(r"[\s\u00a0\u202f'₸]|тг\.?|KZT", "", cell).replace("\u2212", "-")
        text = text.replace(",", "") if "," in text and "." in text else text.replace(",", ".")
    else:
        raise ValueError("no sum")
    found = _SUM.fullmatch(text)
    if found is None:
        raise ValueError("no sum, or fractions of a tiyn")
    tiyn = int(found[2]) * 100 + int((found[3] or "").ljust(2, "0"))
    return _bounded(-tiyn if found[1] else tiyn)


def _bounded(tiyn: int) -> int:
    if abs(tiyn) > SUM_MAX:
        raise ValueError("too large")
    return tiyn


def _heads(grid: Sequence[Sequence[Cell]]) -> tuple[int, dict[str, int]]:
    """The line of the heads, and where each column stands."""
    for place, cells in enumerate(grid[:HEAD_LINES_MAX]):
        columns: dict[str, int] = {}
        texts = [_head(cell) for cell in cells]
        for name, heads in _HEADS.items():
            found = [texts.index(head) for head in heads if head in texts]
            if found:
                columns.setdefault(name, found[0])
        has_time = "moment" in columns or {"date", "time"} <= columns.keys()
        if has_time and all(name in columns for name in _NEEDED):
            return place, columns
    raise Refusal("STATEMENT_LAYOUT_UNKNOWN")


def _head(cell: Cell) -> str:
    return re.sub(r"[^\w/ ]", "", _words(cell).casefold().replace("ё", "е")).strip()


def _words(cell: Cell) -> str:
    return "" if cell is None else one_line(str(cell))


def _head_totals(lines: Sequence[Sequence[Cell]]) -> dict[str, int]:
    """Totals that stand above the table as "what: sum"."""
    names = {
        "gross": ("сумма операций", "итого сумма", "amount"),
        "commission": ("комиссия",),
        "net": ("к зачислению",),
    }
    found: dict[str, int] = {}
    for cells in lines:
        filled = [cell for cell in cells if _words(cell)]
        if len(filled) != 2:
            continue
        label = _head(filled[0])
        for name, labels in names.items():
            if label.startswith(labels):
                try:
                    found[name] = tiyn_of(filled[1])
                except ValueError:
                    raise Refusal("STATEMENT_TOTAL_MISSING") from None
    return found


def _row_totals(cells: Sequence[Cell], columns: Mapping[str, int], number: int) -> dict[str, int]:
    found = {}
    for name in ("gross", "commission", "net"):
        place = columns.get(name)
        if place is not None and place < len(cells) and _words(cells[place]):
            try:
                found[name] = tiyn_of(cells[place])
            except ValueError:
                raise Refusal("STATEMENT_CELL", row=number, column=name) from None
    return found


def _check_totals(statement: BankStatement, totals: Mapping[str, int]) -> None:
    """Commission stands in a statement as what is taken off: minus our cost."""
    if "gross" not in totals or "commission" not in totals:
        raise Refusal("STATEMENT_TOTAL_MISSING")
    gross, commission = statement.gross, statement.commission
    counted = {"gross": gross, "commission": -commission, "net": gross - commission}
    for name, total in totals.items():
        if counted[name] != total:
            shown = {"counted": _shown(counted[name]), "total": _shown(total)}
            raise Refusal("STATEMENT_TOTAL_DIFFERS", column=name, **shown)


def _shown(tiyn: int) -> str:
    return f"{'-' if tiyn < 0 else ''}{abs(tiyn) // 100}.{abs(tiyn) % 100:02d}"


class _Line:
    """One row of a table that is being read."""

    def __init__(self, cells: Sequence[Cell], columns: Mapping[str, int], number: int) -> None:
        self.cells, self.columns, self.number = cells, columns, number

    def read(self, zone: ZoneInfo) -> BankRow:
        """The row. Raises Refusal."""
        rrn = self._text("rrn", 64)
        kind = self._kind(rrn)
        gross, fee = self._sum("gross"), self._sum("commission")
        net = gross + fee if not self._text("net", 40) else self._sum("net")
        if gross > 0 and self._text("kind", 40).casefold().startswith("отмена"):
            kind = RowKind.PURCHASE  # a refund that was undone on a later day: the money comes again
        is_of_kind = kind is RowKind.FEE or (gross > 0) == (kind is RowKind.PURCHASE)
        if gross + fee != net or not is_of_kind:
            raise Refusal("STATEMENT_ROW_SUM", row=self.number)
        if not rrn:
            raise self._wrong("rrn")
        return BankRow(
            number=self.number,
            kind=kind,
            rrn=rrn,
            at_ms=self._moment(zone),
            credit_day=self._day("credit_day"),
            terminal_code=self._text("terminal", 32),
            gross=gross,
            commission=-fee,
            net=net,
            authorization_code=self._text("code", 16),
            masked_number=self._mask(),
            scheme=self._text("scheme", 32).upper(),
            method=self._text("method", 32),
            note=_CARD.sub(lambda found: f"{found[0][:6]}…", self._text("note", 250)),
        )

    def _cell(self, name: str) -> Cell:
        place = self.columns.get(name)
        return None if place is None or place >= len(self.cells) else self.cells[place]

    def _text(self, name: str, length: int) -> str:
        cell = self._cell(name)
        if isinstance(cell, float) and cell.is_integer():
            cell = int(cell)
        return _words(cell)[:length]

    def _wrong(self, name: str) -> Refusal:
        return Refusal("STATEMENT_CELL", row=self.number, column=name)

    def _kind(self, rrn: str) -> RowKind:
        if rrn.endswith(FEE_ENDING):
            return RowKind.FEE
        word = self._text("kind", 40).casefold()
        found = next((kind for head, kind in _KINDS.items() if word.startswith(head)), None)
        if found is None:
            raise self._wrong("kind")
        return found

    def _sum(self, name: str) -> int:
        try:
            return tiyn_of(self._cell(name))
        except ValueError:
            raise self._wrong(name) from None

    def _mask(self) -> str:
        """Masked, in our one form; a whole number is not let in."""
        shown = self._text("mask", 40)
        if _CARD.search(re.sub(r"[\s-]", "", shown)):
            raise Refusal("STATEMENT_CARD_NUMBER", row=self.number)
        return masked_number(shown.replace("…", "..."))

    def _day(self, name: str) -> str:
        cell = self._cell(name)
        if isinstance(cell, datetime):
            return cell.date().isoformat()
        if isinstance(cell, date):
            return cell.isoformat()
        text = _words(cell)
        if not text:
            return ""
        found = _parsed(text, _DAYS) or _parsed(text, _MOMENTS)
        if found is None:
            raise self._wrong(name)
        return found.date().isoformat()

    def _moment(self, zone: ZoneInfo) -> int:
        if "time" not in self.columns:
            cell = self._cell("moment")
            found = cell if isinstance(cell, datetime) else _parsed(_words(cell), _MOMENTS)
            if found is None:
                raise self._wrong("moment")
        else:
            day = self._day("date" if "date" in self.columns else "moment")
            at = self._cell("time")
            clock = at if isinstance(at, time) else None
            if clock is None:
                parsed = at if isinstance(at, datetime) else _parsed(_words(at), _TIMES)
                clock = None if parsed is None else parsed.time()
            if not day or clock is None:
                raise self._wrong("time")
            found = datetime.combine(date.fromisoformat(day), clock)
        local = found if found.tzinfo is not None else found.replace(tzinfo=zone)
        return to_ms(local.astimezone(UTC).replace(microsecond=0))


def _parsed(text: str, formats: Sequence[str]) -> datetime | None:
    for each in formats:
        try:
            return datetime.strptime(text, each)  # noqa: DTZ007 the bank's own zone is put on by the caller
        except ValueError:
            continue
    return None
