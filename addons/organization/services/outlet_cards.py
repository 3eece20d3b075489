"""Outlets as other rooms know them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.organization.domain.cards import OutletCard, OutletId
from addons.organization.services.rows import own_row

if TYPE_CHECKING:
    from kernel.data.work import Reader


async def outlet_card(reader: Reader, outlet_id: str) -> OutletCard:
    """An outlet of the reader's company. Raises Refusal("OUTLET_UNKNOWN")."""
    row = await own_row(reader, "org_outlet", outlet_id, "OUTLET_UNKNOWN", field="outletId")
    return OutletCard(
        OutletId(row["id"]),
        row["title"],
        row["address"],
        row["address_kk"],
        row["zone"],
        row["latitude_e4"],
        row["longitude_e4"],
    )
