"""Import of a 1C catalogue of 100,000 goods: first, and again unchanged, beside raw ceilings of the same run.
Long because ours and the honest program stand side by side.

    python -m bench.import_1c --goods 100000 --database mariadb

Ceilings, all with lxml and sqlite3 or PyMySQL alone: *parse* walks the file and frees it; *read* also takes
the fields that the catalogue stores; *upsert* writes rows of the same tables and indexes in batches of 500,
durably (SQLite: WAL, synchronous=FULL), with the database's own upsert. "In series" is read + upsert: the
smallest honest program that does the same work. Digests, groups, codes, VAT rules, the check of the whole
file before the first row and the report are ours.

Each run is a process of its own; runs alternate with nothing else and medians are printed.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import re
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pymysql
from lxml import etree

from bench.figures import Figure
from bench.measure import Spread, show, spread

GOODS = 100_000
RUNS = 3
BATCH_ROWS = 500
TARGET_FIRST, TARGET_AGAIN, TARGET_MIB = 0.5, 0.7, 64
NAMESPACE = "{urn:1C.ru:commerceml_2}"


def parse_only(path: Path) -> int:
    """Walk the goods of a file and free them."""
    count = 0
    for _, element in etree.iterparse(str(path), tag=f"{NAMESPACE}Товар"):
        count += 1
        free(element)
    return count


def read_rows(path: Path) -> Iterator[tuple[str, ...]]:
    """The fields of every good, the plainest way."""
    find = {
        name: f"{NAMESPACE}{name}" for name in ("Ид", "Штрихкод", "Артикул", "Наименование", "БазоваяЕдиница")
    }
    group = f"{NAMESPACE}Группы/{NAMESPACE}Ид"
    rate = f"{NAMESPACE}СтавкиНалогов/{NAMESPACE}СтавкаНалога/{NAMESPACE}Ставка"
    requisites = f"{NAMESPACE}ЗначенияРеквизитов"
    for _, element in etree.iterparse(str(path), tag=f"{NAMESPACE}Товар"):
        named = {each[0].text: each[1].text or "" for each in element.find(requisites)}
        yield (
            *(element.findtext(tag, "") for tag in find.values()),
            element.find(find["БазоваяЕдиница"]).get("Код"),
            element.findtext(group, ""),
            element.findtext(rate, ""),
            named.get("Код", ""),
            named.get("Наименование на казахском", ""),
        )
        free(element)


def free(element: Any) -> None:
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


class RawUpsert:
    """The same tables and indexes, written with a driver alone."""

    product_table, barcode_table, mark = "cat_product", "cat_barcode", "?"

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = columns
        self.changed = [name for name in columns if name not in ("id", "company_id", "code", "created_ms")]

    def store(self, rows: Sequence[tuple[str, ...]], *, is_first: bool) -> None:
        """One batch in one transaction."""
        self.begin()
        insert = self._insert(self.product_table, self.columns)
        self.write(f"{insert} {self.on_conflict()}", [self._product(row) for row in rows])
        if is_first:
            columns = (
                "id", "company_id", "product_id", "key_text", "barcode", "place", "coefficient_thousandths",
            )  # fmt: skip
            self.write(
                self._insert(self.barcode_table, columns),
                [(f"b{row[0]}"[:36], "c" * 36, row[0], f"0{row[1]}", row[1], 0, 1000) for row in rows],
            )
        self.commit()

    def _insert(self, table: str, columns: Sequence[str]) -> str:
        marks = ", ".join([self.mark] * len(columns))
        return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"

    def on_conflict(self) -> str:
        raise NotImplementedError

    def begin(self) -> None:
        raise NotImplementedError

    def write(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        raise NotImplementedError

    def commit(self) -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def _product(self, row: tuple[str, ...]) -> list[object]:
        external_id, barcode, article, name, unit_name, unit_code, _, _, code, name_kk = row
        known: dict[str, object] = {
            "id": external_id, "company_id": "c" * 36, "code": int(code), "name": name, "name_kk": name_kk,
            "search_key": name.lower(), "article": article, "barcode": barcode, "vat_kind": "standard",
            "unit_code": unit_code, "unit_name": unit_name, "source": "s" * 36, "external_id": external_id,
            "card_digest": external_id[:24], "ntin": "", "gtin": "", "offer_digest": "", "group_id": "g" * 36,
            "created_ms": 1, "updated_ms": 1, "characteristic": "",
        }  # fmt: skip
        nullable = ("price_tiyn", "vat_bp", "base_id", "own_register_id", "purchase_price_tiyn")
        return [known.get(column, None if column in nullable else 0) for column in self.columns]


class RawSqlite(RawUpsert):
    """With sqlite3, in a file of its own."""

    def __init__(self, path: Path, ddl: Sequence[str], columns: Sequence[str]) -> None:
        super().__init__(columns)
        self.connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-65536"):
            self.connection.execute(f"PRAGMA {pragma}")
        for statement in ddl:
            self.connection.execute(statement)

    def on_conflict(self) -> str:
        return (
            f"ON CONFLICT(company_id, source, external_id) DO UPDATE SET"
            f" {', '.join(f'{name}=excluded.{name}' for name in self.changed)}"
            f" WHERE cat_product.card_digest <> excluded.card_digest"
        )

    def begin(self) -> None:
        self.connection.execute("BEGIN IMMEDIATE")

    def write(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        self.connection.executemany(sql, rows)

    def commit(self) -> None:
        self.connection.execute("COMMIT")

    def close(self) -> None:
        self.connection.close()


class RawMariaDb(RawUpsert):
    """With PyMySQL, in tables of its own beside ours. The server writes no row that is as it was."""

    product_table, barcode_table, mark = "raw_product", "raw_barcode", "%s"

    def __init__(self, url: str, columns: Sequence[str]) -> None:
        super().__init__(columns)
        parts = urlsplit(url)
        self.connection = pymysql.connect(
            host=parts.hostname, port=parts.port or 3306, user=parts.username, password=parts.password or "",
            database=parts.path[1:], charset="utf8mb4",
        )  # fmt: skip
        self.cursor = self.connection.cursor()
        self.cursor.execute("CREATE TABLE raw_product LIKE cat_product")
        self.cursor.execute("CREATE TABLE raw_barcode LIKE cat_barcode")

    def on_conflict(self) -> str:
        return f"ON DUPLICATE KEY UPDATE {', '.join(f'{name}=VALUES({name})' for name in self.changed)}"

    def begin(self) -> None:
        self.connection.begin()

    def write(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        self.cursor.executemany(sql, rows)

    def commit(self) -> None:
        self.connection.commit()

    def close(self) -> None:
        self.connection.close()


async def one_run(folder: Path, count: int, database: str) -> dict[str, float]:
    """All figures of one process: ours first, so that its memory is measured clean."""
    from kernel.testing.schema import mysql_database

    if database == "sqlite":
        return await one_run_on(folder, count, None)
    async with mysql_database() as url:
        return await one_run_on(folder, count, url)


async def one_run_on(folder: Path, count: int, url: str | None) -> dict[str, float]:
    """The same on a database; None: a new SQLite file."""
    from addons.catalog.services.tables import PRODUCT_COLUMNS
    from addons.catalog_1c.adapters.commerceml import CommerceMl
    from addons.catalog_1c.domain.commands import ImportFiles
    from addons.catalog_1c.services.import_files import import_files
    from kernel.clock import SystemClock
    from kernel.ids import CompanyId, new_id
    from kernel.security.principal import SYSTEM
    from kernel.testing import running_app

    figures: dict[str, float] = {}
    goods, offers = folder / "import0_1.xml", folder / "offers0_1.xml"
    async with running_app(["catalog_1c"], clock=SystemClock(), url=url) as app:
        principal = SYSTEM.within(CompanyId(new_id()))
        if url is None:
            await fill_page_caches(app.database)
        gc.collect()
        gc.freeze()

        async def load(path: Path, name: str) -> None:
            before, began = peak_kib(), time.perf_counter()
            result = await import_files(
                app.database, ImportFiles((path,)), format=CommerceMl(), principal=principal
            )
            figures[name] = count / (time.perf_counter() - began)
            figures[f"{name} MiB"] = (peak_kib() - before) / 1024
            done = {"first": "created", "offers first": "updated"}.get(name, "unchanged")
            if getattr(result.report, done) != count or result.report.skipped:
                raise SystemExit(f"{name}: {result.report}")

        for path, name in (
            (goods, "first"),
            (goods, "again"),
            (offers, "offers first"),
            (offers, "offers again"),
        ):
            await load(path, name)
        async with app.database.reading(principal) as reader:
            stored = await reader.row("SELECT COUNT(*) AS n, COUNT(price_tiyn) AS p FROM cat_product")
            if url is None:
                ddl = await reader.rows(
                    "SELECT sql FROM sqlite_master WHERE tbl_name LIKE 'cat_%' AND sql IS NOT NULL"
                )
        if stored is None or (stored["n"], stored["p"]) != (count, count):
            raise SystemExit(f"rows at the end: {stored}")
        raw: RawUpsert
        if url is None:
            statements = [re.sub(r"\s+", " ", row["sql"]) for row in ddl]
            raw = RawSqlite(folder / f"raw-{time.time_ns()}.db", statements, PRODUCT_COLUMNS)
        else:
            raw = RawMariaDb(url, PRODUCT_COLUMNS)
        figures.update(ceilings(raw, goods, count))
    return figures


async def fill_page_caches(database: Any) -> None:
    """Let SQLite take the memory its two connections are allowed anyway, so that growth is that of the
    import."""
    from kernel.security.principal import SYSTEM

    async def write(work: Any) -> None:
        await work.execute("CREATE TABLE bench_filler (body BLOB)")
        await work.execute(
            "INSERT INTO bench_filler WITH RECURSIVE"
            " n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 24000) SELECT randomblob(3500) FROM n"
        )

    await database.transact(write, principal=SYSTEM)
    async with database.reading(SYSTEM) as reader:
        await reader.rows("SELECT SUM(INSTR(body, x'00FF')) FROM bench_filler")


def ceilings(raw: RawUpsert, goods: Path, count: int) -> dict[str, float]:
    """Rates of the raw programs."""
    rows = list(read_rows(goods))
    if len(rows) != count:
        raise SystemExit(f"raw read: {len(rows)}")

    def upsert(is_first: bool) -> None:
        source = iter(rows)
        while batch := list(islice(source, BATCH_ROWS)):
            raw.store(batch, is_first=is_first)

    found = {
        "parse": rate(count, lambda: parse_only(goods)),
        "read": rate(count, lambda: sum(1 for _ in read_rows(goods))),
        "upsert": rate(count, lambda: upsert(True)),
        "upsert again": rate(count, lambda: upsert(False)),
    }
    raw.close()
    return found


def rate(count: int, work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return count / (time.perf_counter() - began)


def in_series(*rates: float) -> float:
    """Rate of programs run one after another."""
    return 1 / sum(1 / each for each in rates)


def peak_kib() -> int:
    """Highest resident memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def generate(folder: Path, count: int) -> None:
    """Write both files of the catalogue."""
    from addons.catalog_1c.demo.many_goods import many_goods, many_groups
    from addons.catalog_1c.demo.writer import write_import, write_offers

    write_import(folder / "import0_1.xml", many_groups(), many_goods(count))
    write_offers(folder / "offers0_1.xml", many_goods(count))


def table(runs: Sequence[dict[str, float]], database: str) -> list[Figure]:
    """Print the medians; the figures that have targets."""
    middle: dict[str, Spread] = {name: spread([run[name] for run in runs]) for name in runs[0]}
    series = {
        "first": spread([in_series(run["read"], run["upsert"]) for run in runs]),
        "again": spread([in_series(run["read"], run["upsert again"]) for run in runs]),
    }
    hard = {
        "first": spread([in_series(run["parse"], run["upsert"]) for run in runs]),
        "again": spread([in_series(run["parse"], run["upsert again"]) for run in runs]),
    }
    rows = [
        [f"ceiling: {name}", str(middle[name]), "", "", ""]
        for name in ("parse", "read", "upsert", "upsert again")
    ]
    rows += [[f"ceiling: read + upsert, {name}", str(series[name]), "", "", ""] for name in series]
    figures = []
    for name, target in (("first", TARGET_FIRST), ("again", TARGET_AGAIN)):
        ratio = spread(
            [run[name] / in_series(run["read"], run[key]) for run, key in each_run(runs, name)]
        ).median
        of_hard = middle[name].median / hard[name].median
        memory = middle[f"{name} MiB"].high
        title, wanted = f"1C import on {database}, goods/s, {name}", f"≥ {target:.0%} of parse and upsert"
        figures.append(Figure(title, str(middle[name]), ratio, wanted, ratio >= target))
        title, wanted = f"1C import on {database}, growth of memory, {name}", f"≤ {TARGET_MIB} MiB"
        figures.append(Figure(title, f"{memory:.0f} MiB", None, wanted, memory <= TARGET_MIB))
        rows.append([f"import, {name}", str(middle[name]), f"{ratio:.0%}", f"{of_hard:.0%}", f"{memory:.0f}"])
    for name in ("offers first", "offers again"):
        rows.append([name, str(middle[name]), "", "", f"{middle[f'{name} MiB'].high:.0f}"])
    columns = ("what", "goods/s", "of read + upsert", "of parse + upsert", "growth MiB")
    targets = f"targets ≥ {TARGET_FIRST:.0%} · ≥ {TARGET_AGAIN:.0%} again, growth ≤ {TARGET_MIB} MiB"
    title = f"1C import on {database}, {targets}"
    show(title, columns, rows)
    return figures


def each_run(runs: Sequence[dict[str, float]], name: str) -> Iterator[tuple[dict[str, float], str]]:
    key = "upsert" if name == "first" else "upsert again"
    return ((run, key) for run in runs)


def run(goods: int = GOODS, runs: int = RUNS, database: str = "sqlite") -> list[Figure]:
    """Measure in processes of their own, print the table, give the figures that have targets."""
    with tempfile.TemporaryDirectory(prefix="sauda-bench-") as name:
        folder = Path(name)
        generate(folder, goods)
        found = []
        for _ in range(runs):
            command = [sys.executable, "-m", "bench.import_1c", "--child", name, "--goods", str(goods)]
            command += ["--database", database]
            done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
            found.append(json.loads(done.stdout.splitlines()[-1]))
        return table(found, database)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--goods", type=int, default=GOODS)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--database", choices=("sqlite", "mariadb"), default="sqlite")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(asyncio.run(one_run(options.child, options.goods, options.database))))
        return
    figures = run(options.goods, options.runs, options.database)
    if not all(each.is_met for each in figures):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
