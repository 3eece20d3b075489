"""Giving out product codes: small integers, unique in a company. Codes of registers and operators do not
belong here."""

from __future__ import annotations

from collections.abc import Sequence

from addons.catalog.domain.product import CODE_MAX, FREE_POSITION_CODE
from addons.catalog.services.tables import COUNTER, PRODUCT, select_in
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.ids import new_id


async def lock_catalogue(work: Work, company_id: str) -> int:
    """Lock the catalogue of a company against other writers until the end of the Work; the next code to
    try."""
    ignore = "INSERT IGNORE" if work.dialect == "mysql" else "INSERT OR IGNORE"
    select = f"SELECT next_code FROM {COUNTER} WHERE company_id = ?"
    if work.dialect == "mysql":
        select += " FOR UPDATE"
    row = await work.row(select, company_id)
    if row is None:
        await work.execute(
            f"{ignore} INTO {COUNTER} (id, company_id, next_code) VALUES (?, ?, ?)", new_id(), company_id, 1
        )
        row = await work.row(select, company_id)
        assert row is not None
    return int(row["next_code"])


async def take_codes(work: Work, company_id: str, *, first: int, wanted: Sequence[int | None]) -> list[int]:
    """One code for each place of `wanted`: the wanted one when it is free, else the next free one from
    `first` on.

    The catalogue must be locked. Raises Refusal("PRODUCT_CODES_EXHAUSTED") past CODE_MAX.
    """
    asked = {code for code in wanted if code is not None and 1 <= code <= CODE_MAX}
    taken = await _taken(work, company_id, asked) | {FREE_POSITION_CODE}
    codes: list[int | None] = []
    for code in wanted:
        free = code is not None and code in asked and code not in taken
        codes.append(code if free else None)
        if free and code is not None:
            taken.add(code)
    missing = codes.count(None)
    if missing:
        spare = await _next_free(work, company_id, first=first, count=missing, taken=taken)
        supply = iter(spare)
        codes = [next(supply) if code is None else code for code in codes]
        await work.execute(
            f"UPDATE {COUNTER} SET next_code = ? WHERE company_id = ?", spare[-1] + 1, company_id
        )
    return [code for code in codes if code is not None]


async def _taken(work: Work, company_id: str, codes: set[int]) -> set[int]:
    sql = f"SELECT code FROM {PRODUCT} WHERE company_id = ? AND code IN ({{marks}})"
    return {row["code"] for row in await select_in(work, sql, codes, before=[company_id])}


async def _next_free(work: Work, company_id: str, *, first: int, count: int, taken: set[int]) -> list[int]:
    free: list[int] = []
    start = first
    while len(free) < count:
        end = start + count + 100
        if end > CODE_MAX:
            raise Refusal("PRODUCT_CODES_EXHAUSTED", max=CODE_MAX)
        rows = await work.rows(
            f"SELECT code FROM {PRODUCT} WHERE company_id = ? AND code >= ? AND code < ?",
            company_id,
            start,
            end,
        )
        used = taken | {row["code"] for row in rows}
        free.extend(code for code in range(start, end) if code not in used)
        start = end
    return free[:count]
