"""Operators as other rooms know them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.organization.domain.cards import OperatorCard, OperatorId, Role
from addons.organization.services.rows import own_row

if TYPE_CHECKING:
    from kernel.data.work import Reader


async def operator_card(reader: Reader, operator_id: str) -> OperatorCard:
    """An operator of the reader's company, active or not. Raises Refusal("OPERATOR_UNKNOWN")."""
    row = await own_row(reader, "org_operator", operator_id, "OPERATOR_UNKNOWN", field="operatorId")
    return OperatorCard(
        OperatorId(row["id"]), row["code"], row["name"], Role(row["role"]), bool(row["is_active"])
    )
