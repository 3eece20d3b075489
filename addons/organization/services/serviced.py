"""Several companies at once, for a company that looks after them: cards, counts, registers with their worst
state. Whose they are is the caller's condition: a SELECT of ids of companies, with its parameters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from addons.organization.domain.cards import CompanyCard, Severity
from kernel.errors import Fact
from kernel.ids import CompanyId

if TYPE_CHECKING:
    from kernel.data.work import Param, Reader

COMPANIES_MAX = 1_000  # cards asked for at once

# Of each company: registers in use, how many of them have something wrong, and how bad the worst is.
_COMPANIES = """
SELECT * FROM (
  SELECT c.id AS id, c.bin AS bin, c.title AS title, COALESCE(r.registers, 0) AS registers,
  COALESCE(s.problems, 0) AS problems, COALESCE(s.worst, 0) AS worst
  FROM org_company c
  LEFT JOIN (SELECT company_id, COUNT(*) AS registers FROM org_register
             WHERE is_decommissioned = 0 AND company_id IN ({whose}) GROUP BY company_id) r
    ON r.company_id = c.id
  LEFT JOIN (SELECT company_id, COUNT(DISTINCT register_id) AS problems, MAX(severity_rank) AS worst
             FROM org_status WHERE company_id IN ({whose}) GROUP BY company_id) s ON s.company_id = c.id
  WHERE c.id IN ({whose})
) board"""
_REGISTERS = """
SELECT * FROM (
  SELECT r.id AS id, r.company_id AS company_id, r.number AS number, r.title AS title,
  c.title AS company_title, o.title AS outlet_title, o.address AS address, COALESCE(s.worst, 0) AS worst,
  s.codes AS codes, s.since_ms AS since_ms
  FROM org_register r JOIN org_company c ON c.id = r.company_id JOIN org_outlet o ON o.id = r.outlet_id
  LEFT JOIN (SELECT register_id, MAX(severity_rank) AS worst, GROUP_CONCAT(code) AS codes,
             MIN(since_ms) AS since_ms
             FROM org_status WHERE company_id IN ({whose}) GROUP BY register_id) s ON s.register_id = r.id
  WHERE r.is_decommissioned = 0 AND r.company_id IN ({whose})
) board"""


@dataclass(frozen=True, slots=True)
class ServicedRegister:
    """A register as a statement lists it. decommissioned ones have is_decommissioned."""

    company_id: str
    number: int
    title: str
    created_ms: int
    is_decommissioned: bool


@dataclass(frozen=True, slots=True)
class Trouble:
    """A line of the status board."""

    code: str
    severity: Severity
    since_ms: int
    facts: Mapping[str, Fact]


def serviced_companies(whose: str, params: Sequence[Param]) -> tuple[str, tuple[Param, ...]]:
    """A SELECT (without WHERE) of id, bin, title, registers, problems, worst (0 ok, 1 warning, 2 error)."""
    return _COMPANIES.format(whose=whose), tuple(params) * 3


def serviced_registers(whose: str, params: Sequence[Param]) -> tuple[str, tuple[Param, ...]]:
    """A SELECT (without WHERE) of registers in use: id, company_id, number, title, company_title,
    outlet_title, address, worst, codes (with commas), since_ms.
    """
    return _REGISTERS.format(whose=whose), tuple(params) * 2


async def serviced_troubles(
    reader: Reader, whose: str, params: Sequence[Param], register_ids: Sequence[str]
) -> Mapping[str, list[Trouble]]:
    """What is wrong with each of these registers, the worst first; those of other companies are left out."""
    found: dict[str, list[Trouble]] = {}
    if not register_ids:
        return found
    rows = await reader.rows(
        f"""SELECT register_id, code, severity, since_ms, facts FROM org_status
            WHERE company_id IN ({whose}) AND register_id IN ({", ".join("?" * len(register_ids))})
            ORDER BY severity_rank DESC, since_ms, id""",
        *params,
        *register_ids,
    )
    for row in rows:
        trouble = Trouble(row["code"], Severity(row["severity"]), row["since_ms"], orjson.loads(row["facts"]))
        found.setdefault(row["register_id"], []).append(trouble)
    return found


async def company_cards(reader: Reader, company_ids: Sequence[str]) -> Mapping[str, CompanyCard]:
    """Cards of companies by id, of any principal's choice: the caller has checked that it may know them."""
    wanted = list(dict.fromkeys(company_ids))[:COMPANIES_MAX]
    if not wanted:
        return {}
    rows = await reader.rows(
        f"""SELECT id, bin, title, title_kk, is_vat_payer, closed_ms FROM org_company
            WHERE id IN ({", ".join("?" * len(wanted))})""",
        *wanted,
    )
    return {
        row["id"]: CompanyCard(
            id=CompanyId(row["id"]),
            bin=row["bin"],
            title=row["title"],
            title_kk=row["title_kk"],
            is_vat_payer=bool(row["is_vat_payer"]),
            is_closed=row["closed_ms"] is not None,
        )
        for row in rows
    }


async def registers_of_companies(reader: Reader, company_ids: Sequence[str]) -> list[ServicedRegister]:
    """All registers of those companies, by company and number."""
    wanted = list(dict.fromkeys(company_ids))[:COMPANIES_MAX]
    if not wanted:
        return []
    rows = await reader.rows(
        f"""SELECT company_id, number, title, created_ms, is_decommissioned FROM org_register
            WHERE company_id IN ({", ".join("?" * len(wanted))}) ORDER BY company_id, number""",
        *wanted,
    )
    return [
        ServicedRegister(
            row["company_id"], row["number"], row["title"], row["created_ms"], bool(row["is_decommissioned"])
        )
        for row in rows
    ]


async def companies_of_registers(reader: Reader, register_ids: Sequence[str]) -> Mapping[str, str]:
    """Whose each register is; unknown ones are left out."""
    if not register_ids:
        return {}
    marks = ", ".join("?" * len(register_ids))
    sql = f"SELECT id, company_id FROM org_register WHERE id IN ({marks})"
    return {row["id"]: row["company_id"] for row in await reader.rows(sql, *register_ids)}


async def members_with_role(reader: Reader, role: str) -> list[str]:
    """Ids of the users of the reader's company who have a further role."""
    sql = """SELECT x.user_id FROM org_member_role x
             JOIN org_membership m ON m.company_id = x.company_id AND m.user_id = x.user_id
             WHERE x.company_id = ? AND x.role = ? AND m.is_active = 1 ORDER BY x.user_id"""
    return [row["user_id"] for row in await reader.rows(sql, reader.company_id, role)]


async def has_member_with_role(reader: Reader, company_id: str, role: str) -> bool:
    """Whether somebody of that company has a further role."""
    sql = """SELECT x.id FROM org_member_role x
             JOIN org_membership m ON m.company_id = x.company_id AND m.user_id = x.user_id
             WHERE x.company_id = ? AND x.role = ? AND m.is_active = 1 LIMIT 1"""
    return await reader.row(sql, company_id, role) is not None
