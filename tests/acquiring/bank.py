"""The money afterwards: what we settled beside what the bank's statements say."""

from __future__ import annotations

from collections import Counter

from addons.pos_terminal.services.take_statement import take_statement
from simulators.acquirer.statement import as_csv, as_table, as_xlsx, days_of, rows_of
from tests.acquiring.stage import Stage

Sums = dict[tuple[str, str], tuple[int, int]]


async def settled_sums(stage: Stage) -> tuple[Sums, Sums]:
    """By banking day and terminal: gross and commission, ours and the bank's; days without money are in
    neither.

    A payment of one day that was reversed on another is two rows of the bank and none of ours: they cancel
    each other out, and so they are left out here.
    """
    codes = {terminal_id: code for code, terminal_id in stage.terminals.items()}
    ours: Sums = {}
    for row in await stage.counter.rows("SELECT * FROM pos_charge"):
        _add(ours, (row["day"], codes[row["terminal_id"]]), row["gross_tiyn"], row["commission_tiyn"])
    theirs: Sums = {}
    ledger, tariff = stage.host.ledger, stage.host.settings.tariff
    for day in days_of(ledger):
        for line in rows_of(ledger, tariff, day):
            if line.posting.is_standing:
                _add(theirs, (day.isoformat(), line.posting.terminal), line.gross, -line.fee)
    return _with_money(ours), _with_money(theirs)


async def import_days(stage: Stage) -> Counter[str]:
    """Every statement of the bank goes in; verdicts on their rows."""
    ledger, settings = stage.host.ledger, stage.host.settings
    for number, day in enumerate(days_of(ledger)):
        rows = rows_of(ledger, settings.tariff, day)
        if rows:
            table = as_table(rows, day, stage.host.exchange.terminals, settings)
            name, write = (f"{day}.csv", as_csv) if number % 2 else (f"{day}.xlsx", as_xlsx)
            database = stage.counter.app.database
            await take_statement(database, stage.everyone, stage.contract_id, name, write(table))
            await stage.work()
    found = await stage.counter.rows("SELECT verdict FROM pos_statement_row")
    return Counter(row["verdict"] for row in found)


def _add(sums: Sums, key: tuple[str, str], gross: int, commission: int) -> None:
    before = sums.get(key, (0, 0))
    sums[key] = before[0] + gross, before[1] + commission


def _with_money(sums: Sums) -> Sums:
    return {key: given for key, given in sums.items() if any(given)}
