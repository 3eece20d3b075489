"""Goods in the text format of ATOL and Frontol: `##@@&&`, `#`, then commands `$$$…` with rows of fields.

Numbers of fields are those of the integrator's manual, as 1C fills them: 1 code, 2 barcodes, 3 name, 4 text
of the receipt, 5 price, 6 stock, 8 flags, 14 coefficient, 16 parent group, 17 good or group, 23 tax group,
26 article, 55 kind of marking, 66 measure. Rows after a command that takes none are goods: so 1C writes a
full load.
"""

from __future__ import annotations

from collections.abc import Mapping

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
_COMMAND = "$$$"
_GOODS = frozenset({"$$$ADDQUANTITY", "$$$REPLACEQUANTITY", "$$$REPLACEQUANTITYWITHOUTSALE"})
# The second spelling of barcodes is the one 1C writes.
_WITHOUT_ROWS = frozenset(
    {
        "$$$DELETEALLBARCODES", "$$$DELETEALLBACODES", "$$$DELETEALLASPECTREMAINS", "$$$DELETEALLTAXRATES",
        "$$$DELETEALLTAXGROUPS", "$$$DELETEALLTAXGROUPRATES", "$$$CLEARQUANTITY", "$$$DELETEALLCLASSIFIERS",
        "$$$DELETEALLCLASSIFIERLINKS", "$$$DELETEALLENTERPRISES",
    }
)  # fmt: skip
# Field 66: codes of measures of the fiscal data format 1.2 as codes of the classifier of units.
MEASURES: Mapping[str, str] = {
    "0": "796", "10": "163", "11": "166", "12": "168", "20": "004", "21": "005", "22": "006", "30": "051",
    "31": "053", "32": "055", "40": "111", "41": "112", "42": "113", "50": "245", "70": "359", "71": "356",
    "72": "355", "73": "354",
}  # fmt: skip


def read_goods(content: bytes, *, file: str, options: ReadOptions) -> GoodsFile:
    """The goods of a file.

    Raises the Refusals of text_lines, body_of and check_whole, and C1C_DEVICE_FIELD, C1C_DEVICE_CODE,
    C1C_DEVICE_ROWS, C1C_DEVICE_HEAD; each names the file and, where there is one, the line and the field.
    """
    lines = text_lines(content, file=file, encoding=options.encoding)
    _, body = body_of(lines, file=file, head=HEAD)
    reader = _Reader(file, options)
    for line in body:
        reader.take(line)
    return reader.result()


class _Reader:
    def __init__(self, file: str, options: ReadOptions) -> None:
        self._file = file
        self._all = Gathering(file=file, options=options)
        self._command = ""
        self._fields_before = 0
        self._rates: dict[str, str] = {}
        self._rate_of_group: dict[str, str] = {}
        self._cleared: set[str] = set()

    def take(self, line: Line) -> None:
        if line.text.startswith(_COMMAND):
            self._begin(line)
            return
        row = Row(line, file=self._file)
        check_whole(row, self._fields_before)
        self._fields_before = len(row)
        match self._command:
            case "goods":
                self._ware(row)
            case "$$$DELETEWARESBYWARECODE":
                self._all.delete(row.code(1))
            case "$$$DELETEBARCODESBYWARECODE":
                self._clear(row)
            case "$$$ADDBARCODES":
                self._barcode(row)
            case "$$$ADDTAXRATES":
                text = rate_text(row.text(2), row.text(5))
                if text is not None:
                    self._rates[row.code(1)] = text
            case "$$$ADDTAXGROUPRATES":
                self._rate_of_group[row.code(2)] = row.code(3)
            case "$$$ADDTAXGROUPS":
                row.code(1)
            case "":
                raise Refusal("C1C_DEVICE_HEAD", file=self._file, line=line.number, value=line.text[:40])
            case _:
                self._all.skip(self._command)

    def result(self) -> GoodsFile:
        for group, rate in self._rate_of_group.items():
            if rate in self._rates:
                self._all.taxes[group] = self._rates[rate]
        for code in self._cleared:
            draft = self._all.good(code)
            draft.barcodes = draft.barcodes or []
        return self._all.result()

    def _begin(self, line: Line) -> None:
        command = line.text.strip().rstrip(";").upper()
        self._fields_before = 0
        if command == "$$$DELETEALLWARES":
            self._all.forget()
            self._cleared.clear()
        if command in _GOODS or command in _WITHOUT_ROWS or command == "$$$DELETEALLWARES":
            command = "goods"
        self._command = command

    def _ware(self, row: Row) -> None:
        code = row.code(1)
        if row.text(17) == "0":
            self._all.group(code, name=_name(row) or code, parent=row.text(16))
            return
        draft = self._all.good(code)
        draft.is_deleted = False
        coefficient = row.amount(14)
        self._all.barcodes(draft, row.text(2).replace(" ", "").split(","), coefficient=coefficient)
        draft.name = draft.name or _name(row)
        if row.given(5) is not None and not draft.is_priced:
            draft.price, draft.is_priced = row.amount(5), True
        draft.stock = draft.stock or row.text(6)
        draft.group = _first(draft.group, row.given(16))
        draft.article = _first(draft.article, row.given(26))
        draft.tax_group = draft.tax_group or row.text(23)
        if draft.unit_code is None:
            draft.unit_code, draft.unit_name = _unit(row)
        kind = row.text(55)
        if kind and draft.is_marked is None:
            draft.is_marked = kind != "0"

    def _clear(self, row: Row) -> None:
        code = row.code(1)
        if row.text(2):
            self._all.skip("$$$DELETEBARCODESBYWARECODE code;barcode")
        else:
            self._cleared.add(code)

    def _barcode(self, row: Row) -> None:
        draft = self._all.good(row.code(2))
        self._all.barcodes(draft, [row.code(1)], coefficient=None)


def _name(row: Row) -> str | None:
    return row.text(3) or row.text(4) or None


def _first(known: str | None, given: str | None) -> str | None:
    return given if known is None else known


def _unit(row: Row) -> tuple[str | None, str | None]:
    """Measure of field 66; without it a good of fractional quantity (first flag of field 8) is weighed."""
    measure = row.text(66)
    if measure and measure != "255":
        code = MEASURES.get(measure)
        return ("", f"№ 66: {measure[:20]}") if code is None else (code, None)
    is_fractional = row.text(8).split(",")[0].strip() == "1"
    return (KILOGRAM, None) if is_fractional else (None, None)
