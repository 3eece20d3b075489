"""Find a company for a command of the system, which has none of its own yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.organization.domain.cards import CompanyCard
from kernel.errors import Refusal
from kernel.ids import CompanyId

if TYPE_CHECKING:
    from kernel.data.work import Reader

CHOICES_MAX = 10  # companies named when none was chosen


async def find_company(reader: Reader, wanted: str) -> CompanyCard:
    """The company of that identifier or BIN; with "" the only company there is.

    For commands of the system: it looks across companies. Raises Refusals COMPANY_UNKNOWN, COMPANY_NOT_CHOSEN
    (with the BINs to choose from), COMPANY_CLOSED.
    """
    rows = await reader.rows(
        "SELECT id, bin, title, title_kk, is_vat_payer, closed_ms FROM org_company"
        " WHERE id = ? OR bin = ? OR ? = '' ORDER BY bin LIMIT ?",
        wanted,
        wanted,
        wanted,
        CHOICES_MAX,
    )
    if not rows:
        raise Refusal("COMPANY_UNKNOWN", value=wanted)
    if len(rows) > 1:
        raise Refusal("COMPANY_NOT_CHOSEN", choices=", ".join(row["bin"] for row in rows))
    row = rows[0]
    if row["closed_ms"] is not None:
        raise Refusal("COMPANY_CLOSED")
    return CompanyCard(
        id=CompanyId(row["id"]),
        bin=row["bin"],
        title=row["title"],
        title_kk=row["title_kk"],
        is_vat_payer=bool(row["is_vat_payer"]),
        is_closed=False,
    )
