"""Reads of the hot path: one register with everything a document needs to know about its place and people.

A row comes as one column of JSON: drivers pay for every column, and by its text cards are found that were
made before, so that the next sale of a till makes none. Equal text gives equal cards, so none is ever stale.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from addons.organization.domain.cards import CompanyCard, OperatorCard, OutletCard, RegisterCard, Role
from addons.organization.models import DESK
from kernel.data.questions import KeptQuestion
from kernel.errors import Refusal

if TYPE_CHECKING:
    from kernel.data.work import Reader, SqlRow

DESKS_KEPT = 2048  # a till with its cashier is one

_REGISTER = """
r.id, r.company_id, r.number, r.title, r.is_decommissioned, o.id, o.title, o.address, o.address_kk, o.zone,
o.latitude_e4, o.longitude_e4, c.bin, c.title, c.title_kk, c.is_vat_payer, c.closed_ms"""
_TABLES = "org_register r JOIN org_outlet o ON o.id = r.outlet_id JOIN org_company c ON c.id = r.company_id"
_ONE = f"SELECT JSON_ARRAY({_REGISTER}) AS card FROM {_TABLES} WHERE r.id = ? AND r.company_id = ?"
# A limited operator works at registers named one by one or through a group; others cost no lookup.
_DESK = f"""
SELECT JSON_ARRAY({_REGISTER}, p.id, p.code, p.name, p.role, p.is_active,
CASE WHEN p.is_limited = 1 THEN
  EXISTS (SELECT 1 FROM org_operator_reach x WHERE x.operator_id = p.id AND x.place_id = r.id)
  OR EXISTS (SELECT 1 FROM org_operator_reach x JOIN org_register_group_member m ON m.group_id = x.place_id
             WHERE x.operator_id = p.id AND m.register_id = r.id)
ELSE 1 END) AS desk
FROM {_TABLES} LEFT JOIN org_operator p ON p.id = ? AND p.company_id = r.company_id
WHERE r.id = ? AND r.company_id = ?
"""


async def register_card(reader: Reader, register_id: str) -> RegisterCard:
    """A register of the reader's company with outlet and company. Raises Refusal("REGISTER_UNKNOWN")."""
    row = await reader.row(_ONE, register_id, reader.company_id)
    if row is None:
        raise Refusal("REGISTER_UNKNOWN")
    return _register(*orjson.loads(row["card"]))


async def sale_desk(reader: Reader, register_id: str, operator_id: str) -> tuple[RegisterCard, OperatorCard]:
    """Register and operator of one document, in ONE statement.

    Raises Refusal: REGISTER_UNKNOWN, COMPANY_CLOSED, REGISTER_DECOMMISSIONED, REGISTER_FORBIDDEN (the
    principal is limited to others), OPERATOR_UNKNOWN, OPERATOR_INACTIVE, OPERATOR_NOT_AT_REGISTER.
    """
    (rows,) = await reader.together(ask_desk(reader, register_id, operator_id))
    return desk_found(reader, rows)


def ask_desk(reader: Reader, register_id: str, operator_id: str | None) -> KeptQuestion:
    """The question of sale_desk, to be asked together with others; desk_found reads the answer."""
    return KeptQuestion(_DESK, (operator_id, register_id, reader.company_id), DESK)


def desk_found(reader: Reader, rows: Sequence[SqlRow]) -> tuple[RegisterCard, OperatorCard]:
    """Register and operator out of the answer to ask_desk. Raises as sale_desk."""
    if not rows:
        raise Refusal("REGISTER_UNKNOWN", field="registerId")
    register, operator, is_in_reach = _desk(rows[0]["desk"])
    if register.company.is_closed:
        raise Refusal("COMPANY_CLOSED")
    if register.is_decommissioned:
        raise Refusal("REGISTER_DECOMMISSIONED", field="registerId", number=register.number)
    reader.principal.require_register(register.id)
    if operator is None:
        raise Refusal("OPERATOR_UNKNOWN", field="operatorId")
    if not operator.is_active:
        raise Refusal("OPERATOR_INACTIVE", field="operatorId", name=operator.name)
    if not is_in_reach:
        raise Refusal("OPERATOR_NOT_AT_REGISTER", field="operatorId", name=operator.name)
    return register, operator


@lru_cache(maxsize=DESKS_KEPT)
def _desk(text: str) -> tuple[RegisterCard, OperatorCard | None, bool]:
    """Register, operator if there is one, and whether it may work there."""
    *register, operator_id, code, name, role, is_active, is_in_reach = orjson.loads(text)
    operator = None
    if operator_id is not None:
        operator = OperatorCard(operator_id, code, name, Role(role), bool(is_active))
    return _register(*register), operator, bool(is_in_reach)


def _register(
    register_id: Any,
    company_id: Any,
    number: int,
    title: str,
    is_decommissioned: int,
    outlet_id: Any,
    outlet_title: str,
    address: str,
    address_kk: str,
    zone: str,
    latitude_e4: int | None,
    longitude_e4: int | None,
    company_bin: str,
    company_title: str,
    company_title_kk: str,
    is_vat_payer: int,
    closed_ms: int | None,
) -> RegisterCard:
    """The card of a row's columns, in their order."""
    return RegisterCard(
        id=register_id,
        company_id=company_id,
        outlet_id=outlet_id,
        number=number,
        title=title,
        is_decommissioned=bool(is_decommissioned),
        outlet=OutletCard(outlet_id, outlet_title, address, address_kk, zone, latitude_e4, longitude_e4),
        company=CompanyCard(
            id=company_id,
            bin=company_bin,
            title=company_title,
            title_kk=company_title_kk,
            is_vat_payer=bool(is_vat_payer),
            is_closed=closed_ms is not None,
        ),
    )
