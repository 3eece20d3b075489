"""Numbers of companies, by which their people call them when they sign in with a user name."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from kernel.errors import Fault
from kernel.ids import CompanyId, new_id

if TYPE_CHECKING:
    from kernel.data.work import Param, Work

NUMBER_FIRST, NUMBERS = 10_000_000, 90_000_000  # given at random: a number tells nothing about others
TRIES_MAX = 10
FIELDS = ("legal_form", "name", "name_kk", "tax_regime", "iban", "bic", "city", "address", "phone", "oked")
BLANK = dict.fromkeys(FIELDS, "")


async def number_company(work: Work, company_id: CompanyId) -> int:
    """Give a company its number, with empty details."""
    for _ in range(TRIES_MAX):
        number = NUMBER_FIRST + secrets.randbelow(NUMBERS)
        if await work.row("SELECT id FROM org_company_details WHERE number = ?", number) is None:
            values: dict[str, Param] = {"id": new_id(), "company_id": company_id, "number": number, **BLANK}
            await work.insert("org_company_details", {**values, "created_ms": work.now_ms})
            return number
    raise Fault("ten free numbers of companies were not found")
