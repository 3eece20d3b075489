"""Batches for DataLoaders: one statement each, as far as the caller may see."""

from __future__ import annotations

from collections.abc import Sequence

from addons.fiscal_kz.services.passports import LifeView, lives_by_registers
from addons.fiscal_kz.services.views import (
    SELECT_KKM,
    KkmView,
    TicketView,
    kkm_view,
    kkms_by_registers,
    tickets_by_subjects,
)
from kernel.data.work import Reader


async def kkm_by_register(reader: Reader, keys: Sequence[str]) -> list[KkmView | None]:
    """One KKM or None per register."""
    return await kkms_by_registers(reader, keys)


async def kkm_by_id(reader: Reader, keys: Sequence[str]) -> list[KkmView | None]:
    """One KKM or None per id."""
    sql = f"{SELECT_KKM} WHERE company_id = ? AND id IN ({', '.join('?' * len(keys))})"
    allowed = reader.principal.register_ids
    found = {row["id"]: kkm_view(row) for row in await reader.rows(sql, reader.company_id, *keys)}
    return [
        view if view is None or allowed is None or view.register_id in allowed else None
        for view in (found.get(key) for key in keys)
    ]


async def life_by_register(reader: Reader, keys: Sequence[str]) -> list[LifeView | None]:
    """The life of each register's KKM; None for registers out of the caller's reach."""
    return await lives_by_registers(reader, keys)


async def ticket_by_subject(reader: Reader, keys: Sequence[str]) -> list[TicketView | None]:
    """Fiscal facts per sale or cash operation."""
    return await tickets_by_subjects(reader, keys)
