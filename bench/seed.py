"""Years of sales in minutes: clones true ones inside a stopped house's SQLite file, with whole chains.

Each register's last true sale is the template: its sale, lines, fiscal document, exchange and journal entries
are written again under new ids and keys, and the digests are those the system would have made, so that
`sauda journal verify` passes. Counters of registers stay those of the true sales.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kernel.journal.canonical import canonical_json
from kernel.journal.chain import JournalEntry, digest_of
from kernel.journal.sealing import JournalSealer, face_of
from kernel.security.sealed import parse_keys

BATCH = 20_000  # sales per transaction
SPACING_MS = 20  # between seeded sales, all of them before the true ones
KEYS_SEED = 20260115


@dataclass(slots=True)
class Template:
    """One register's true sale and the end of its lane's chain."""

    lane_key: str
    company_id: str
    sale: dict[str, object]
    lines: list[dict[str, object]]
    document: dict[str, object]
    exchange: dict[str, object]
    entries: list[dict[str, object]]
    bodies: list[tuple[str, str]]  # opened, and what lies open
    sealer: JournalSealer
    seq: int
    digest: str
    old_sale_id: str
    old_key: str
    old_document_id: str


def seed_sales(path: Path, count: int, *, seal_key: str) -> None:
    """Add `count` sales, spread evenly over the registers that have sold something."""
    sealer = JournalSealer(parse_keys(seal_key))
    database = sqlite3.connect(path, isolation_level=None)
    database.row_factory = sqlite3.Row
    for pragma in ("synchronous=OFF", "cache_size=-1000000", "temp_store=MEMORY"):
        database.execute(f"PRAGMA {pragma}")
    templates = [_template(database, row["lane_key"], sealer) for row in database.execute(_LANES)]
    keys = random.Random(KEYS_SEED)
    first_ms = int(str(templates[0].sale["created_at"])) - (count + 1) * SPACING_MS
    for start in range(0, count, BATCH):
        database.execute("BEGIN")
        batch = list(_clones(templates, keys, range(start, min(count, start + BATCH)), first_ms))
        for index, (table, columns) in enumerate(_tables(templates[0])):
            marks = ", ".join("?" * len(columns))
            sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
            database.executemany(sql, (row for each in batch for row in each[index]))
        database.execute("COMMIT")
    database.executemany(
        "UPDATE kernel_lane SET journal_seq = ?, journal_digest = ? WHERE lane_key = ?",
        [(each.seq, each.digest, each.lane_key) for each in templates],
    )
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


_LANES = "SELECT lane_key FROM kernel_lane WHERE lane_key LIKE 'register:%' AND journal_seq > 0"


def _template(database: sqlite3.Connection, lane_key: str, sealer: JournalSealer) -> Template:
    def one(sql: str, *values: object) -> dict[str, object]:
        return dict(database.execute(sql, values).fetchone())

    register_id = lane_key.partition(":")[2]
    sale = one("SELECT * FROM trd_sale WHERE register_id = ? ORDER BY created_at DESC LIMIT 1", register_id)
    document = one("SELECT * FROM fkz_document WHERE subject_id = ?", sale["id"])
    lane = one("SELECT * FROM kernel_lane WHERE lane_key = ?", lane_key)
    journal = database.execute("SELECT * FROM kernel_journal WHERE lane_key = ? ORDER BY seq", (lane_key,))
    entries, bodies = [], []
    for row in journal:
        entry = {name: row[name] for name in row.keys() if name != "id"}  # noqa: SIM118
        body = sealer.open(JournalEntry(**entry)).body
        if str(sale["id"]) in body:
            entries.append(entry)
            bodies.append((body, canonical_json(face) if (face := face_of(entry["body"])) else ""))
    lines = database.execute("SELECT * FROM trd_sale_line WHERE sale_id = ? ORDER BY position", (sale["id"],))
    return Template(
        lane_key=lane_key,
        company_id=str(sale["company_id"]),
        sale=sale,
        lines=[dict(row) for row in lines],
        document=document,
        exchange=one("SELECT * FROM fkz_exchange WHERE document_id = ?", document["id"]),
        entries=entries,
        bodies=bodies,
        sealer=sealer,
        seq=int(str(lane["journal_seq"])),
        digest=str(lane["journal_digest"]),
        old_sale_id=str(sale["id"]),
        old_key=str(sale["sale_key"]),
        old_document_id=str(document["id"]),
    )


def _tables(template: Template) -> list[tuple[str, list[str]]]:
    return [
        ("trd_sale", list(template.sale)),
        ("trd_sale_line", list(template.lines[0])),
        ("fkz_document", list(template.document)),
        ("fkz_exchange", list(template.exchange)),
        ("kernel_journal", list(template.entries[0])),
    ]


def _clones(
    templates: list[Template], keys: random.Random, numbers: range, first_ms: int
) -> Iterator[tuple[list[tuple[object, ...]], ...]]:
    """Rows of each table, one sale at a time. Ids rise and lie before all true ones."""
    for number in numbers:
        it = templates[number % len(templates)]
        at_ms = first_ms + number * SPACING_MS
        sale_id, document_id = _id(1, number), _id(2, number)
        key = f"{keys.getrandbits(32):08x}-{number >> 32:04x}-4000-8000-{keys.getrandbits(48):012x}"
        sale, document, exchange = it.sale, it.document, it.exchange
        changes = (
            (str(it.old_sale_id), sale_id),
            (str(it.old_key), key),
            (str(it.old_document_id), document_id),
        )
        # The templates are written over: each clone sets all that differs.
        sale["id"], sale["sale_key"], sale["receipt_secret"] = sale_id, key, f"{number:022x}"
        sale["created_at"] = sale["ticket_at"] = at_ms
        for line in it.lines:
            line["id"], line["sale_id"] = f"{sale_id}/{line['position']:04}", sale_id
        document["id"], document["subject_id"], document["created_ms"] = document_id, sale_id, at_ms
        exchange["id"], exchange["document_id"], exchange["started_ms"] = _id(3, number), document_id, at_ms
        yield (
            [tuple(sale.values())],
            [tuple(line.values()) for line in it.lines],
            [tuple(document.values())],
            [tuple(exchange.values())],
            [
                _entry(it, entry, body, changes, at_ms)
                for entry, body in zip(it.entries, it.bodies, strict=True)
            ],
        )


def _entry(
    it: Template,
    entry: dict[str, object],
    opened: tuple[str, str],
    changes: tuple[tuple[str, str], ...],
    at_ms: int,
) -> tuple[object, ...]:
    body, face = opened
    for old, new in changes:
        body = body.replace(old, new)
    it.seq += 1
    kind = str(entry["kind"])
    place: dict[str, Any] = {"company_id": it.company_id, "lane_key": it.lane_key, "seq": it.seq}
    place |= {"kind": kind, "at_ms": at_ms}
    sealed = it.sealer.seal(body, face, **place)
    it.digest = digest_of(it.digest, body=sealed, **place)
    new_values = {"seq": it.seq, "at_ms": at_ms, "body": sealed, "digest": it.digest}
    return tuple(new_values.get(name, value) for name, value in entry.items())


def _id(kind: int, number: int) -> str:
    return f"01900000-0000-7000-8{kind:03x}-{number:012x}"
