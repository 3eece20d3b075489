"""JSON forms of what the tables keep as text. Column names and services do not belong here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields

import orjson

from addons.catalog_1c.domain.options import DEFAULT_NAMES, Wanted
from addons.catalog_1c.domain.records import PriceType, PropertyRecord, Warehouse
from addons.catalog_1c.domain.report import ImportReport, Note

_COUNTS = tuple(each.name for each in fields(ImportReport) if each.name not in ("reasons", "notes"))


def report_text(report: ImportReport) -> str:
    """A report as JSON."""
    body = {name: getattr(report, name) for name in _COUNTS}
    notes = [[note.code, note.external_id, note.fact, note.is_skip] for note in report.notes]
    return orjson.dumps({**body, "reasons": dict(report.reasons), "notes": notes}).decode()


def read_report(text: str) -> ImportReport:
    """The report of a stored text."""
    body = orjson.loads(text)
    report = ImportReport()
    for name in _COUNTS:
        setattr(report, name, int(body.get(name, 0)))  # older reports count less
    report.reasons.update(body["reasons"])
    report.notes.extend(Note(str(c), str(i), str(f), bool(s)) for c, i, f, s in body["notes"])
    return report


def names_text(names: Mapping[Wanted, tuple[str, ...]]) -> str:
    """Names of mapped fields as JSON; only what differs from the defaults."""
    return orjson.dumps({key.value: list(v) for key, v in names.items() if v != DEFAULT_NAMES[key]}).decode()


def read_names(text: str) -> Mapping[Wanted, tuple[str, ...]]:
    """Names of mapped fields, defaults included."""
    stored = orjson.loads(text)
    return {each: tuple(stored.get(each.value, DEFAULT_NAMES[each])) for each in Wanted}


def price_types_text(types: Iterable[PriceType]) -> str:
    """Declared price types as JSON."""
    return orjson.dumps([[each.external_id, each.name, each.currency] for each in types]).decode()


def read_price_types(text: str) -> tuple[PriceType, ...]:
    """Declared price types of a stored text."""
    return tuple(PriceType(str(i), str(name), str(currency)) for i, name, currency in orjson.loads(text))


def warehouses_text(found: Iterable[Warehouse]) -> str:
    """Declared warehouses as JSON."""
    return orjson.dumps([[each.external_id, each.name] for each in found]).decode()


def read_warehouses(text: str | None) -> tuple[Warehouse, ...]:
    """Declared warehouses of a stored text; none of a connection that was told of none."""
    return tuple(Warehouse(str(i), str(name)) for i, name in orjson.loads(text or "[]"))


def properties_text(properties: Mapping[str, tuple[str, Mapping[str, str]]]) -> str:
    """Mapped properties as JSON, in a fixed order: the text takes part in digests."""
    return orjson.dumps(
        {key: [name, dict(values)] for key, (name, values) in properties.items()}, option=orjson.OPT_SORT_KEYS
    ).decode()


def read_properties(text: str) -> dict[str, tuple[str, Mapping[str, str]]]:
    """Mapped properties of a stored text."""
    return {str(key): (str(name), dict(values)) for key, (name, values) in orjson.loads(text).items()}


def with_records(
    known: Mapping[str, tuple[str, Mapping[str, str]]], records: Iterable[PropertyRecord]
) -> dict[str, tuple[str, Mapping[str, str]]]:
    """Known properties with what a classifier tells laid over them."""
    return {**known, **{each.external_id: (each.name, dict(each.values)) for each in records}}
