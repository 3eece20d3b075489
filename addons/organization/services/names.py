"""Registers, outlets and operators by name, for reports: as many as asked for, in one statement each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kernel.data.work import Param, Reader

_REGISTERS = "SELECT id, number, title, outlet_id FROM org_register WHERE company_id = ?"


@dataclass(frozen=True, slots=True)
class RegisterName:
    """A register as reports name it, decommissioned ones included."""

    id: str
    number: int
    title: str
    outlet_id: str


async def register_names(reader: Reader, *, outlet_id: str | None = None) -> list[RegisterName]:
    """Registers of the reader's company, or of one of its outlets, that the principal may see, by number."""
    params: list[Param] = [reader.company_id]
    where = ""
    if outlet_id is not None:
        where, params = " AND outlet_id = ?", [*params, outlet_id]
    allowed = reader.principal.register_ids
    rows = await reader.rows(f"{_REGISTERS}{where} ORDER BY number", *params)
    return [
        RegisterName(row["id"], row["number"], row["title"], row["outlet_id"])
        for row in rows
        if allowed is None or row["id"] in allowed
    ]


async def outlet_names(reader: Reader) -> dict[str, str]:
    """Titles of the outlets of the reader's company, closed ones included, by id."""
    rows = await reader.rows("SELECT id, title FROM org_outlet WHERE company_id = ?", reader.company_id)
    return {row["id"]: row["title"] for row in rows}


async def operator_names(reader: Reader, operator_ids: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Code and name of operators of the reader's company, by id."""
    if not operator_ids:
        return {}
    marks = ", ".join("?" * len(operator_ids))
    rows = await reader.rows(
        f"SELECT id, code, name, company_id FROM org_operator WHERE id IN ({marks})", *operator_ids
    )
    return {row["id"]: (row["code"], row["name"]) for row in rows if row["company_id"] == reader.company_id}
