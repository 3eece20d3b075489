"""What `sauda doctor` tells of registers: the self-test of each in one line."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from addons.fiscal_kz.services.self_test import Finding as SelfFinding
from addons.fiscal_kz.services.self_test import self_test
from addons.organization.api import Severity, register_card
from kernel.doctor_finding import Finding, Level
from kernel.errors import Refusal
from kernel.ids import CompanyId
from kernel.security.principal import SYSTEM

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.data.work import SqlRow

REGISTERS_MAX = 50  # looked at; of the others is said how many they are
AT_ONCE = 10
LANGUAGE = "en"
NAME = "register"

_ACTIVE = "SELECT company_id, register_id FROM fkz_kkm WHERE is_active = 1 ORDER BY id LIMIT ?"
_COUNT = "SELECT COUNT(*) AS n FROM fkz_kkm WHERE is_active = 1"


async def check_registers(database: Database) -> list[Finding]:
    """A line for each active KKM: what is well, or what is not and how to mend it."""
    async with database.reading(SYSTEM) as reader:
        rows = await reader.rows(_ACTIVE, REGISTERS_MAX)
        counted = await reader.row(_COUNT)
    findings = []
    for begin in range(0, len(rows), AT_ONCE):
        piece = rows[begin : begin + AT_ONCE]
        findings += await asyncio.gather(*(_look_at(database, row) for row in piece))
    more = (0 if counted is None else counted["n"]) - len(rows)
    if more > 0:
        findings.append(Finding(NAME, Level.OK, f"{more} more are not looked at", "ask each: selfTest"))
    return findings


async def _look_at(database: Database, row: SqlRow) -> Finding:
    principal = SYSTEM.within(CompanyId(row["company_id"]))
    try:
        async with database.reading(principal) as reader:
            card = await register_card(reader, row["register_id"])
        found = await self_test(database, principal, row["register_id"])
    except Refusal as refusal:
        return Finding(NAME, Level.WARN, f"{row['register_id']}: {refusal.code}")
    return _line(f"{card.company.title}, {card.number} «{card.title}»", found)


def _line(title: str, found: Sequence[SelfFinding]) -> Finding:
    wrong = sorted(
        (each for each in found if not each.is_good), key=lambda each: each.severity is not Severity.ERROR
    )
    if not wrong:
        return Finding(NAME, Level.OK, f"{title}: {len(found)} checks, all well")
    told = [each.explain(LANGUAGE) for each in wrong]
    text = "; ".join(
        f"{each.title(LANGUAGE)}: {said.message}" for each, said in zip(wrong, told, strict=True)
    )
    level = Level.FAIL if wrong[0].severity is Severity.ERROR else Level.WARN
    return Finding(NAME, level, f"{title}: {text}", told[0].next_action or "")
