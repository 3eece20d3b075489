"""Reads of the hot path: one register with everything a document needs to know about its place and people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.organization.domain.cards import (
    CompanyCard,
    OperatorCard,
    OperatorId,
    OutletCard,
    OutletId,
    RegisterCard,
    RegisterId,
    Role,
)
from kernel.errors import Refusal
from kernel.ids import CompanyId

if TYPE_CHECKING:
    from kernel.data.work import Reader, SqlRow

REGISTER_COLUMNS = """
r.id AS register_id, r.company_id AS company_id, r.number AS register_number, r.title AS register_title,
r.is_decommissioned AS is_decommissioned, o.id AS outlet_id, o.title AS outlet_title, o.address AS address,
o.address_kk AS address_kk, o.zone AS zone, o.latitude_e4 AS latitude_e4, o.longitude_e4 AS longitude_e4,
c.bin AS company_bin, c.title AS company_title, c.title_kk AS company_title_kk,
c.is_vat_payer AS is_vat_payer, c.closed_ms AS closed_ms
"""
REGISTER_TABLES = """
org_register r JOIN org_outlet o ON o.id = r.outlet_id JOIN org_company c ON c.id = r.company_id
"""
_REGISTERS = f"SELECT {REGISTER_COLUMNS} FROM {REGISTER_TABLES} WHERE r.company_id = ?"
# A limited operator works at registers named one by one or through a group; others cost no lookup.
_DESK = f"""
SELECT {REGISTER_COLUMNS}, p.id AS operator_id, p.code AS operator_code, p.name AS operator_name,
p.role AS operator_role, p.is_active AS operator_is_active,
CASE WHEN p.is_limited = 1 THEN
  EXISTS (SELECT 1 FROM org_operator_reach x WHERE x.operator_id = p.id AND x.place_id = r.id)
  OR EXISTS (SELECT 1 FROM org_operator_reach x JOIN org_register_group_member m ON m.group_id = x.place_id
             WHERE x.operator_id = p.id AND m.register_id = r.id)
ELSE 1 END AS reaches
FROM {REGISTER_TABLES} LEFT JOIN org_operator p ON p.id = ? AND p.company_id = r.company_id
WHERE r.id = ? AND r.company_id = ?
"""


async def register_card(reader: Reader, register_id: str) -> RegisterCard:
    """A register of the reader's company with outlet and company. Raises Refusal("REGISTER_UNKNOWN")."""
    row = await reader.row(f"{_REGISTERS} AND r.id = ?", reader.company_id, register_id)
    if row is None:
        raise Refusal("REGISTER_UNKNOWN")
    return card_of_register(row)


async def sale_desk(reader: Reader, register_id: str, operator_id: str) -> tuple[RegisterCard, OperatorCard]:
    """Register and operator of one document, in ONE statement.

    Raises Refusal: REGISTER_UNKNOWN, COMPANY_CLOSED, REGISTER_DECOMMISSIONED, REGISTER_FORBIDDEN (the
    principal is limited to others), OPERATOR_UNKNOWN, OPERATOR_INACTIVE, OPERATOR_NOT_AT_REGISTER.
    """
    row = await reader.row(_DESK, operator_id, register_id, reader.company_id)
    if row is None:
        raise Refusal("REGISTER_UNKNOWN", field="registerId")
    if row["closed_ms"] is not None:
        raise Refusal("COMPANY_CLOSED")
    if row["is_decommissioned"]:
        raise Refusal("REGISTER_DECOMMISSIONED", field="registerId", number=row["register_number"])
    reader.principal.require_register(register_id)
    if row["operator_id"] is None:
        raise Refusal("OPERATOR_UNKNOWN", field="operatorId")
    if not row["operator_is_active"]:
        raise Refusal("OPERATOR_INACTIVE", field="operatorId", name=row["operator_name"])
    if not row["reaches"]:
        raise Refusal("OPERATOR_NOT_AT_REGISTER", field="operatorId", name=row["operator_name"])
    return card_of_register(row), _card_of_operator(row)


def card_of_register(row: SqlRow) -> RegisterCard:
    """A card out of a row with REGISTER_COLUMNS."""
    company_id = CompanyId(row["company_id"])
    outlet_id = OutletId(row["outlet_id"])
    return RegisterCard(
        id=RegisterId(row["register_id"]),
        company_id=company_id,
        outlet_id=outlet_id,
        number=row["register_number"],
        title=row["register_title"],
        is_decommissioned=bool(row["is_decommissioned"]),
        outlet=OutletCard(
            id=outlet_id,
            title=row["outlet_title"],
            address=row["address"],
            address_kk=row["address_kk"],
            zone=row["zone"],
            latitude_e4=row["latitude_e4"],
            longitude_e4=row["longitude_e4"],
        ),
        company=CompanyCard(
            id=company_id,
            bin=row["company_bin"],
            title=row["company_title"],
            title_kk=row["company_title_kk"],
            is_vat_payer=bool(row["is_vat_payer"]),
            is_closed=row["closed_ms"] is not None,
        ),
    )


def _card_of_operator(row: SqlRow) -> OperatorCard:
    return OperatorCard(
        id=OperatorId(row["operator_id"]),
        code=row["operator_code"],
        name=row["operator_name"],
        role=Role(row["operator_role"]),
        is_active=bool(row["operator_is_active"]),
    )
