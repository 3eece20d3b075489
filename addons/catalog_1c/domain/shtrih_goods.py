"""Goods in the text format of Shtrih-M: Kassir: `##@@&&$$$CLR {COM_GR_TOV} $$$ADD`, `#`, then rows.

Fields of a good: 1 code, 2 barcode, 3 name, 4 text of the receipt, 5 price, 6 stock, 8 fractional, 11 tax
group, 12 article, 16 parent group, 17 good or group, 28 kind of marking. A row that begins with `#` brings
one more barcode of its good, `+` a tax rate, `*` a tax group, `<` an attribute.
"""

from __future__ import annotations

from addons.catalog_1c.domain.device_files import (
    KILOGRAM,
    Gathering,
    GoodsFile,
    Line,
    ReadOptions,
    Row,
    body_of,
    check_whole,
    rate_text,
    text_lines,
)
from kernel.errors import Refusal

HEAD = "##@@&&"
_FULL = "$$$CLR"
_CHANGES = "$$$RPL"
_BARCODE_FIELDS = 6  # a row with one more barcode names its coefficient last, behind the price


def read_goods(content: bytes, *, file: str, options: ReadOptions) -> GoodsFile:
    """The goods of a file; Refusals as those of atol_goods.read_goods."""
    lines = text_lines(content, file=file, encoding=options.encoding)
    mode, body = body_of(lines, file=file, head=HEAD)
    reader = _Reader(file, options)
    if mode.startswith(_FULL):
        reader.all.forget()
    elif not mode.startswith(_CHANGES):
        raise Refusal("C1C_DEVICE_HEAD", file=file, line=1, value=mode[:40])
    for line in body:
        reader.take(line)
    return reader.result()


class _Reader:
    def __init__(self, file: str, options: ReadOptions) -> None:
        self.all = Gathering(file=file, options=options)
        self._file = file
        self._fields_before = 0
        self._rates: dict[str, str] = {}
        self._rates_of_group: dict[str, list[str]] = {}

    def take(self, line: Line) -> None:
        text = line.text.strip()
        row = Row(line, file=self._file, text=text[1:] if text[0] in "#+*" else text)
        match text[0]:
            case "<":
                self.all.skip(text.split(" ")[0].split(">")[0])
            case "+":
                rate = rate_text(row.text(2), row.text(4))
                if rate is not None:
                    self._rates[row.code(1)] = rate
            case "*":
                self._rates_of_group[row.code(1)] = row.rest(3)
            case "#":
                self._barcode(row)
            case _:
                check_whole(row, self._fields_before)
                self._fields_before = len(row)
                self._ware(row)

    def result(self) -> GoodsFile:
        for group, rates in self._rates_of_group.items():
            found = [self._rates[rate] for rate in rates if rate in self._rates]
            if len(found) == 1:  # several rates of one group say nothing about VAT
                self.all.taxes[group] = found[0]
        return self.all.result()

    def _ware(self, row: Row) -> None:
        code = row.code(1)
        if row.text(17) == "0":
            self.all.group(code, name=row.text(3) or row.text(4) or code, parent=row.text(16))
            return
        draft = self.all.good(code)
        self.all.barcodes(draft, [row.text(2).replace(" ", "")], coefficient=None)
        draft.name = draft.name or row.text(3) or row.text(4) or None
        if row.given(5) is not None and not draft.is_priced:
            draft.price, draft.is_priced = row.amount(5), True
        draft.stock = draft.stock or row.text(6)
        if row.flag(8) and draft.unit_code is None:
            draft.unit_code = KILOGRAM
        draft.tax_group = draft.tax_group or row.text(11)
        draft.article = row.given(12) if draft.article is None else draft.article
        draft.group = row.given(16) if draft.group is None else draft.group
        kind = row.text(28)
        if kind and draft.is_marked is None:
            draft.is_marked = kind != "0"

    def _barcode(self, row: Row) -> None:
        draft = self.all.good(row.code(1))
        coefficient = row.amount(len(row)) if len(row) >= _BARCODE_FIELDS else None
        self.all.barcodes(draft, [row.text(2).replace(" ", "")], coefficient=coefficient)
