"""The goods of a register in one SQLite file: what is sold by, and beside it what is being loaded.

Every method is one transaction, so a power cut between any two leaves the file whole: a page is either
stored together with the cursor behind it, or it will be asked for again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

CHECK_PRIME = 2_147_483_647
KINDS = ("cards", "bundles", "groups")

_TABLES = """
CREATE TABLE IF NOT EXISTS goods (id TEXT PRIMARY KEY, kind TEXT, version INTEGER, body TEXT);
CREATE TABLE IF NOT EXISTS scan (barcode TEXT, id TEXT, quantity TEXT, PRIMARY KEY (barcode, id));
CREATE INDEX IF NOT EXISTS scan_id ON scan (id);
CREATE TABLE IF NOT EXISTS incoming (id TEXT PRIMARY KEY, kind TEXT, version INTEGER, body TEXT);
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT);
"""
# state: applied, incoming: cursors; is_load: incoming replaces everything; complete: count and checksum the
# goods must have once incoming is applied; verified: they had; acked: what the server was told.
_UPSERT = "INSERT OR REPLACE INTO incoming (id, kind, version, body) VALUES (?, ?, ?, ?)"
_SHARE = f"(version % {CHECK_PRIME}) * (version % {CHECK_PRIME}) % {CHECK_PRIME}"
_SUM = f"SELECT COUNT(*), SUM({_SHARE}) FROM goods"
_SCAN = """
INSERT OR REPLACE INTO scan
SELECT json_extract(each.value, '$.barcode'), incoming.id, json_extract(each.value, '$.quantity')
FROM incoming, json_each(incoming.body, '$.barcodes') AS each WHERE incoming.kind = 'cards'"""
_FIND = "SELECT goods.body, scan.quantity FROM scan JOIN goods ON goods.id = scan.id WHERE scan.barcode = ?"


class Goods:
    """Opens the file, or makes it."""

    def __init__(self, path: Path | str) -> None:
        self._file = sqlite3.connect(path, isolation_level=None)
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.execute("PRAGMA synchronous=NORMAL")  # a page lost in a power cut is asked for again
        self._file.executescript(_TABLES)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    # --- loading

    @property
    def cursor(self) -> str | None:
        """Where to ask on from; None: from the beginning."""
        return self._state("incoming") if self.is_loading else self._state("applied")

    @property
    def is_loading(self) -> bool:
        """Whether something came that is not applied yet."""
        return self._state("is_load") is not None

    @property
    def is_complete(self) -> bool:
        """Whether what came may be applied."""
        return self._state("complete") is not None

    def begin_anew(self) -> None:
        """Forget what was being loaded, and load everything; what is sold by stays."""
        with self._transaction():
            self._file.execute("DELETE FROM incoming")
            self._set(incoming=None, complete=None, is_load="1")

    def store(self, page: Mapping[str, Any]) -> None:
        """Keep a page of catalogChanges with the cursor behind it."""
        rows = [
            (row["id"], kind, int(row["version"]), json.dumps(row, ensure_ascii=False))
            for kind in KINDS
            for row in page[kind]
        ]
        with self._transaction():
            self._file.executemany(_UPSERT, rows)
            self._file.executemany(_UPSERT, [(each, "", 0, None) for each in page["tombstones"]])
            is_load = page["isLoad"] or self._state("is_load") == "1"
            complete = json.dumps([page["count"], page["checksum"]]) if page["upToDate"] else None
            self._set(incoming=page["nextCursor"], is_load="1" if is_load else "0", complete=complete)

    def apply(self) -> bool:
        """Make what came what is sold by, at once and as a whole. False when it does not add up to what the
        server said: then nothing was changed and everything has to be loaded anew. (The server does not
        always say; is_verified tells.)
        """
        assert self.is_complete
        expected = json.loads(self._state("complete") or "")
        with self._transaction() as transaction:
            if self._state("is_load") == "1":
                self._file.execute("DELETE FROM goods")
                self._file.execute("DELETE FROM scan")
            else:
                self._file.execute("DELETE FROM goods WHERE id IN (SELECT id FROM incoming)")
                self._file.execute("DELETE FROM scan WHERE id IN (SELECT id FROM incoming)")
            self._file.execute("INSERT INTO goods SELECT * FROM incoming WHERE body IS NOT NULL")
            self._file.execute(_SCAN)
            count, total = self._file.execute(_SUM).fetchone()
            is_verified = expected[0] is not None
            if is_verified and [count, (total or 0) % CHECK_PRIME] != expected:
                transaction.undo()
                return False
            self._file.execute("DELETE FROM incoming")
            self._set(applied=self._state("incoming"), incoming=None, is_load=None, complete=None)
            self._set(verified="1" if is_verified else "0")
        return True

    @property
    def is_verified(self) -> bool:
        """Whether what is sold by was found to add up."""
        return self._state("verified") == "1"

    @property
    def to_ack(self) -> str | None:
        """The cursor of what is sold by, if the server was not told of it, or not that it adds up."""
        applied = self._state("applied")
        return applied if f"{applied} {self.is_verified}" != self._state("acked") else None

    def acked(self, cursor: str) -> None:
        """The server was told."""
        with self._transaction():
            self._set(acked=f"{cursor} {self.is_verified}")

    # --- selling

    def __len__(self) -> int:
        """Cards, packages and groups that are sold by."""
        count: int = self._file.execute("SELECT COUNT(*) FROM goods").fetchone()[0]
        return count

    def rows(self) -> dict[str, dict[str, Any]]:
        """All of them by id."""
        return {each: json.loads(body) for each, body in self._file.execute("SELECT id, body FROM goods")}

    def find(self, barcode: str) -> list[tuple[dict[str, Any], str]]:
        """Cards that bear the barcode, each with how much of it one scan is."""
        found = self._file.execute(_FIND, (barcode,))
        return [(json.loads(body), quantity) for body, quantity in found]

    # --- state

    def _state(self, name: str) -> str | None:
        row = self._file.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def _set(self, **values: str | None) -> None:
        self._file.executemany("INSERT OR REPLACE INTO state (name, value) VALUES (?, ?)", values.items())

    @contextmanager
    def _transaction(self) -> Iterator[_Transaction]:
        transaction = _Transaction()
        self._file.execute("BEGIN IMMEDIATE")
        try:
            yield transaction
        except BaseException:
            self._file.execute("ROLLBACK")
            raise
        self._file.execute("ROLLBACK" if transaction.is_undone else "COMMIT")


class _Transaction:
    is_undone = False

    def undo(self) -> None:
        """Leave everything as it was."""
        self.is_undone = True


def price_at(card: Mapping[str, Any], moment: datetime | None = None) -> str | None:
    """What a new receipt of that moment asks for one unit; None: the cashier types it."""
    now = moment or datetime.now(UTC)
    price: str | None = None
    for each in card["prices"]:
        if each["since"] is None or datetime.fromisoformat(each["since"]) <= now:
            price = each["price"]
    return price
