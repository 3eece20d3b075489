"""Rows of fkz_passport: what a KKM is before and besides being fiscal."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from addons.fiscal_kz.domain.factory import OWN_DIGITS, factory_number
from addons.fiscal_kz.domain.kinds import Block
from addons.fiscal_kz.domain.life import Known, Stage, stage_of
from addons.fiscal_kz.services.views import KkmView, kkms_by_registers
from addons.organization.api import RegisterCard, as_guest, register_card
from kernel.clock import from_ms
from kernel.errors import Refusal
from kernel.ids import new_id

if TYPE_CHECKING:
    from kernel.data.work import Param, Reader, SqlRow, Work

_COLUMNS = """register_id, factory_number, made_year, is_sandbox, created_ms, passport_ms, mailed_to,
asked_ms, refusal_code, decommissioned_ms, moved_ms"""
_BY_REGISTER = f"SELECT {_COLUMNS} FROM fkz_passport WHERE register_id = ? AND company_id = ?"
_BY_REGISTERS = f"SELECT {_COLUMNS} FROM fkz_passport WHERE company_id = ? AND register_id IN"


@dataclass(frozen=True, slots=True)
class Passport:
    """A row; see models.KkmPassport."""

    register_id: str
    factory_number: str | None
    made_year: int | None
    is_sandbox: bool
    created_ms: int
    passport_ms: int | None
    mailed_to: str | None
    asked_ms: int | None
    refusal_code: str | None
    decommissioned_ms: int | None
    moved_ms: int | None


@dataclass(frozen=True, slots=True)
class LifeView:
    """A register's KKM from its beginning to its end; either part may be missing."""

    register_id: str
    passport: Passport | None
    kkm: KkmView | None

    @property
    def stage(self) -> Stage:
        """How far it has come."""
        paper, kkm = self.passport, self.kkm
        return stage_of(
            Known(
                is_begun=paper is not None,
                has_passport=paper is not None and paper.passport_ms is not None,
                is_asked=paper is not None and paper.asked_ms is not None,
                has_moved=paper is not None and paper.moved_ms is not None,
                is_decommissioned=paper is not None and paper.decommissioned_ms is not None,
                is_active=kkm is not None and kkm.is_active,
                block=Block.NONE if kkm is None else kkm.block,
            )
        )


async def create_kkm(work: Work, register_id: str) -> str:
    """Begin a new KKM: it gets its factory number and year of make; the number.

    Raises Refusal: KKM_EXISTS, REGISTER_UNKNOWN, REGISTER_FORBIDDEN, REGISTER_DECOMMISSIONED.
    """
    work.principal.require("fiscal_kz.activate")
    register = await open_register(work, register_id)
    known = await life_of(work, register.id)
    assert known is not None
    if known.kkm is not None or known.passport is not None:
        raise Refusal("KKM_EXISTS", field="registerId")
    year = from_ms(work.now_ms).year
    number = factory_number(year, secrets.randbelow(10**OWN_DIGITS))
    await insert_passport(work, register.id, number=number, made_year=year)
    await work.audit("fiscal_kz.create_kkm", f"register:{register.id}", {"factory_number": number})
    return number


async def open_register(work: Work, register_id: str) -> RegisterCard:
    """A register the caller may change. Raises Refusal: REGISTER_UNKNOWN, _FORBIDDEN, _DECOMMISSIONED."""
    work.principal.require_register(register_id)
    register = await register_card(work, register_id)
    if register.is_decommissioned:
        raise Refusal("REGISTER_DECOMMISSIONED", number=register.number)
    return register


async def insert_passport(
    work: Work, register_id: str, *, number: str | None = None, made_year: int | None = None,
    is_sandbox: bool = False,
) -> None:  # fmt: skip
    """Begin the row. Raises tortoise IntegrityError when the register has one."""
    await work.insert(
        "fkz_passport",
        {
            "id": new_id(),
            "company_id": work.company_id,
            "register_id": register_id,
            "factory_number": number,
            "made_year": made_year,
            "is_sandbox": int(is_sandbox),
            "created_ms": work.now_ms,
        },
    )


async def change_passport(work: Work, register_id: str, values: Mapping[str, Param]) -> None:
    """Write some columns; nothing happens when there is no row."""
    columns = ", ".join(f"{name} = ?" for name in values)
    sql = f"UPDATE fkz_passport SET {columns} WHERE register_id = ? AND company_id = ?"
    await work.execute(sql, *values.values(), register_id, work.company_id)


async def hand_over_passport(work: Work, old: RegisterCard, new: RegisterCard) -> None:
    """The KKM went with its register to another company: so do its number and papers. The principal acts for
    that company; the row that stays says that it has moved.
    """
    row = await work.row(_BY_REGISTER, old.id, old.company_id)
    gone: dict[str, Param] = {"decommissioned_ms": work.now_ms, "moved_ms": work.now_ms, "asked_ms": None}
    with work.acting_as(as_guest(work.principal, old.company_id)) as there:
        if row is None:
            await insert_passport(there, old.id)
        await change_passport(there, old.id, {**gone, "factory_number": None})
    if row is None:
        await insert_passport(work, new.id)
        return
    number, year = row["factory_number"], row["made_year"]
    await insert_passport(work, new.id, number=number, made_year=year, is_sandbox=bool(row["is_sandbox"]))
    await change_passport(work, new.id, {"passport_ms": row["passport_ms"], "mailed_to": None})


async def delete_passport(work: Work, register_id: str) -> None:
    """The KKM was never begun."""
    sql = "DELETE FROM fkz_passport WHERE register_id = ? AND company_id = ?"
    await work.execute(sql, register_id, work.company_id)


async def passport_of(reader: Reader, register_id: str) -> Passport | None:
    """The row of a register of the reader's company."""
    row = await reader.row(_BY_REGISTER, register_id, reader.company_id)
    return None if row is None else _passport(row)


async def life_of(reader: Reader, register_id: str) -> LifeView | None:
    """The life of a register's KKM; None for a register out of the caller's reach."""
    return (await lives_by_registers(reader, [register_id]))[0]


async def lives_by_registers(reader: Reader, register_ids: Sequence[str]) -> list[LifeView | None]:
    """One life per register, in two statements; registers out of the caller's reach have none."""
    if not register_ids:
        return []
    sql = f"{_BY_REGISTERS} ({', '.join('?' * len(register_ids))})"
    rows = await reader.rows(sql, reader.company_id, *register_ids)
    papers = {row["register_id"]: _passport(row) for row in rows}
    kkms = await kkms_by_registers(reader, register_ids)
    allowed = reader.principal.register_ids
    return [
        LifeView(each, papers.get(each), kkm) if allowed is None or each in allowed else None
        for each, kkm in zip(register_ids, kkms, strict=True)
    ]


def _passport(row: SqlRow) -> Passport:
    return Passport(
        register_id=row["register_id"],
        factory_number=row["factory_number"],
        made_year=row["made_year"],
        is_sandbox=bool(row["is_sandbox"]),
        created_ms=row["created_ms"],
        passport_ms=row["passport_ms"],
        mailed_to=row["mailed_to"],
        asked_ms=row["asked_ms"],
        refusal_code=row["refusal_code"],
        decommissioned_ms=row["decommissioned_ms"],
        moved_ms=row["moved_ms"],
    )
