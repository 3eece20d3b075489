"""The end of a banking day: its operations are charged, and the batches of its terminals are cut off.

A schedule looks which contracts have passed their cut-off; the rest are jobs, so that a day is settled once
and a silent host holds nobody up. Source: acquiring reference §1.9, §6.2, §6.3.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from addons.pos_terminal.domain.banking_day import banking_day
from addons.pos_terminal.services.batches import ask_cut
from addons.pos_terminal.services.charges import LOOK_BACK_DAYS, uncharged, write_charges
from kernel.ids import CompanyId, new_id
from kernel.security.principal import SYSTEM

if TYPE_CHECKING:
    from kernel.data.work import Work
    from kernel.jobs.lanes import Job

SETTLE_JOB = "pos_terminal.settle_day"
EVERY = timedelta(seconds=20)
_DAY = timedelta(days=1)
_CONTRACTS = """
SELECT c.id, c.company_id, k.zone, k.cut_off_minute,
  (SELECT MAX(s.day) FROM pos_settlement s WHERE s.contract_id = c.id) AS settled
FROM pos_contract c JOIN pos_terms k ON k.contract_id = c.id
WHERE k.valid_from_ms = (SELECT MAX(x.valid_from_ms) FROM pos_terms x
                         WHERE x.contract_id = c.id AND x.valid_from_ms <= ?)
"""


async def watch_cut_offs(work: Work) -> None:
    """A service of a schedule: contracts whose banking day is over get their settlement."""
    for row in await work.rows(_CONTRACTS, work.now_ms):
        ended = (banking_day(work.now_ms, row["zone"], row["cut_off_minute"]) - _DAY).isoformat()
        if row["settled"] is not None and row["settled"] >= ended:
            continue
        with work.acting_as(SYSTEM.within(CompanyId(row["company_id"]))) as inside:
            lane = await inside.lane(f"pos-day:{row['id']}", company_id=row["company_id"])
            if not lane.length:
                lane.enqueue(SETTLE_JOB, {"contract": row["id"], "day": ended})


async def settle_day(work: Work, job: Job) -> None:
    """Charge what is not charged up to that day, note the day, and let the terminals' batches end."""
    await settle(work, str(job.body["contract"]), date.fromisoformat(str(job.body["day"])))


async def settle(work: Work, contract_id: str, day: date) -> None:
    """The same, in whose lane it may be."""
    lines = await uncharged(work, contract_id, day - timedelta(days=LOOK_BACK_DAYS), day)
    await write_charges(work, contract_id, lines)
    sql = "SELECT MAX(day) AS day FROM pos_settlement WHERE contract_id = ? AND company_id = ?"
    last = await work.row(sql, contract_id, work.company_id)
    first = day
    if last is not None and last["day"] is not None:
        first = max(date.fromisoformat(last["day"]) + _DAY, day - timedelta(days=LOOK_BACK_DAYS))
    while first <= day:
        count = sum(each.day == first.isoformat() for each in lines)
        await work.insert(
            "pos_settlement",
            {
                "id": new_id(),
                "company_id": work.company_id,
                "contract_id": contract_id,
                "day": first.isoformat(),
                "operations": count,
                "settled_ms": work.now_ms,
            },
        )
        first += _DAY
    sql = "SELECT id FROM pos_terminal WHERE contract_id = ? AND company_id = ? AND terminal_code IS NOT NULL"
    for row in await work.rows(sql, contract_id, work.company_id):
        await ask_cut(work, row["id"], day.isoformat())
