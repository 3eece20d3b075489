"""Find the company people name when they sign in with a user name: by its number, its name or its BIN."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.organization.domain.bin import BIN_LENGTH
from kernel.ids import CompanyId

if TYPE_CHECKING:
    from kernel.data.work import Reader


async def find_client(reader: Reader, text: str) -> CompanyId | None:
    """The company of any principal's choice; None when nobody is called so. It looks across companies, so
    only a sign-in may ask.
    """
    wanted = text.strip().casefold()
    if wanted.isdigit() and len(wanted) == BIN_LENGTH:
        row = await reader.row("SELECT id AS company_id FROM org_company WHERE bin = ?", wanted)
    elif wanted.isdigit():
        sql = "SELECT company_id FROM org_company_details WHERE number = ?"
        row = await reader.row(sql, int(wanted[:9]))
    else:
        row = await reader.row("SELECT company_id FROM org_company_details WHERE login = ?", wanted)
    return None if row is None else CompanyId(row["company_id"])
