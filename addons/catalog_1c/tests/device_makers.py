"""Files of offline registers as 1C writes them, built for tests from the description of the formats alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

FULL = ("$$$DELETEALLWARES", "$$$DELETEALLBACODES", "$$$DELETEALLASPECTREMAINS")


def row(fields: Mapping[int, str], width: int) -> str:
    """A row of fields by their numbers."""
    return ";".join(fields.get(number, "") for number in range(1, width + 1))


def frontol_good(
    code: str,
    name: str = "Молоко",
    price: str = "450.00",
    *,
    barcodes: Sequence[str] = (),
    width: int = 66,
    **more: str,
) -> str:
    """A goods row; further fields as f23="1"."""
    fields = {1: code, 2: ",".join(barcodes), 3: name, 4: name[:20], 5: price, 8: "0,1,1,0,0,0,0,1", 17: "1"}
    fields.update({int(key[1:]): value for key, value in more.items()})
    return row(fields, width)


def frontol_group(code: str, name: str, parent: str = "") -> str:
    """A row of a group."""
    return row({1: code, 3: name, 4: name, 16: parent, 17: "0"}, 18)


def frontol(*lines: str, mark: str = "#", encoding: str = "cp1251", end: str = "\r\n") -> bytes:
    """A whole file."""
    return end.join(("##@@&&", mark, *lines, "")).encode(encoding)


def shtrih(*lines: str, mode: str = "$$$RPL", mark: str = "#", encoding: str = "cp1251") -> bytes:
    """A whole file of Shtrih-M."""
    return "\r\n".join((f"##@@&&{mode}", mark, *lines, "")).encode(encoding)


def shtrih_good(
    code: str, name: str = "Молоко", price: str = "450.00", *, barcode: str = "", **more: str
) -> str:
    """A goods row of Shtrih-M; further fields as f11="1"."""
    fields = {1: code, 2: barcode, 3: name, 5: price, 17: "1"}
    fields.update({int(key[1:]): value for key, value in more.items()})
    return row(fields, 30)


def attributes(**values: str | None) -> str:
    """Attributes of an element; those that are None are left out."""
    return "".join(f' {key}="{escape(value)}"' for key, value in values.items() if value is not None)


def equipment_good(code: str, body: str = "", *, barcodes: Sequence[str] = (), **values: str | None) -> str:
    """A Good of version 3.x."""
    codes = "".join(f'<Barcode Value="{each}"/>' for each in barcodes)
    inner = (f"<Barcodes>{codes}</Barcodes>" if barcodes else "") + body
    defaults = {"Name": "Молоко", "Price": "450.00"}
    return f"<Good{attributes(Code=code, **{**defaults, **values})}>{inner}</Good>"


def equipment(
    *goods: str,
    groups: str = "",
    units: str = "",
    full: str | None = "true",
    version: str = "/3.0.0.3",
    processed: str = "",
) -> bytes:
    """An ExportData file with a price list."""
    namespace = f"http://www.1c.ru/EquipmentService{version}"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<ExportData xmlns="{namespace}" FormatVersion="3003" '
        f'Processed="{processed}"><PriceList{attributes(FullExport=full)}><Groups>{groups}</Groups>'
        f"<Units>{units}</Units><Goods>{''.join(goods)}</Goods></PriceList></ExportData>"
    ).encode()
