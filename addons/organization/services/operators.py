"""Create and update operators: the people at the till."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from addons.organization.domain.cards import OPERATOR_ROLES, OperatorId, Role
from addons.organization.domain.checks import OPERATOR_CODE_MAX, check_pin, check_pin_strength, check_text
from addons.organization.domain.commands import CreateOperator, UpdateOperator
from addons.organization.services.rows import (
    change,
    lock_company,
    own_row,
    require_all_registers,
    require_own,
)
from addons.organization.services.sessions import end_sessions_of
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.security.passwords import hash_secret

if TYPE_CHECKING:
    from kernel.data.work import Param, Work

NAME_LENGTH_MAX = 128
PLACES_MAX = 200  # registers and groups one operator may be limited to
MANAGE_ACCESS = "organization.manage_access"


async def hash_pin(pin: str, *, is_production: bool = False) -> str:
    """The slow hash of a PIN, made before the transaction. Raises Refusal: PIN_MALFORMED, PIN_WEAK."""
    return await hash_secret(check_pin_strength(check_pin(pin), is_production=is_production))


async def create_operator(work: Work, command: CreateOperator) -> OperatorId:
    """A new operator of the principal's company.

    Raises Refusal: COMPANY_CLOSED, OPERATOR_CODE_TAKEN, OPERATOR_CODE_OUT_OF_RANGE, ROLE_NOT_FOR_OPERATOR,
    REGISTER_UNKNOWN, REGISTER_GROUP_UNKNOWN, USER_UNKNOWN, TEXT_…, FORBIDDEN (an administrator is made by
    those who manage access).
    """
    await lock_company(work)
    require_all_registers(work)
    _check_role(work, command.role)
    await _check_user(work, command.user_id)
    operator_id = OperatorId(new_id())
    values: dict[str, Param] = {
        "code": await _code(work, command.code),
        "name": check_text(command.name, field="name", length_max=NAME_LENGTH_MAX),
        "role": command.role.value,
        "is_limited": int(bool(command.register_ids or command.group_ids)),
    }
    await work.insert(
        "org_operator",
        {
            "id": operator_id,
            "company_id": work.company_id,
            "pin_hash": command.pin_hash,
            "is_pin_temporary": int(command.is_pin_temporary),
            "user_id": command.user_id,
            "is_active": 1,
            "created_ms": work.now_ms,
            **values,
        },
    )
    await _set_places(work, operator_id, command.register_ids, command.group_ids)
    await work.audit("organization.create_operator", f"operator:{operator_id}", values)
    return operator_id


async def update_operator(work: Work, command: UpdateOperator) -> OperatorId:
    """Change what is given; a new PIN, role or a block ends the operator's sessions.

    Raises Refusal("OPERATOR_UNKNOWN") and those of create_operator.
    """
    require_all_registers(work)
    row = await own_row(work, "org_operator", command.operator_id, "OPERATOR_UNKNOWN", field="id")
    _check_role(work, Role(row["role"]))
    values: dict[str, Param] = {}
    if command.name is not None:
        values["name"] = check_text(command.name, field="name", length_max=NAME_LENGTH_MAX)
    if command.role is not None:
        _check_role(work, command.role)
        values["role"] = command.role.value
    if command.pin_hash is not None:
        values |= {"pin_hash": command.pin_hash, "is_pin_temporary": int(command.is_pin_temporary)}
    if command.is_active is not None:
        values["is_active"] = int(command.is_active)
    if command.register_ids is not None or command.group_ids is not None:
        registers, groups = command.register_ids or (), command.group_ids or ()
        values["is_limited"] = int(bool(registers or groups))
        await _set_places(work, command.operator_id, registers, groups)
    await change(work, "org_operator", command.operator_id, values)
    if command.role is not None or command.pin_hash is not None or command.is_active is False:
        await end_sessions_of(work, command.operator_id)
    facts = {key: value for key, value in values.items() if key != "pin_hash"} | {
        "pin": bool(command.pin_hash)
    }
    await work.audit("organization.update_operator", f"operator:{command.operator_id}", facts)
    return command.operator_id


async def choose_pin(work: Work, operator_id: OperatorId, pin_hash: str) -> None:
    """The operator's own PIN, chosen at a till; sessions with the former one end."""
    await change(work, "org_operator", operator_id, {"pin_hash": pin_hash, "is_pin_temporary": 0})
    await end_sessions_of(work, operator_id)
    await work.audit("organization.choose_pin", f"operator:{operator_id}")


def _check_role(work: Work, role: Role) -> None:
    if role not in OPERATOR_ROLES:
        raise Refusal("ROLE_NOT_FOR_OPERATOR", field="role", role=role.value)
    if role is Role.ADMINISTRATOR:
        work.principal.require(MANAGE_ACCESS)


async def _check_user(work: Work, user_id: str | None) -> None:
    if user_id is not None:
        sql = "SELECT id FROM org_membership WHERE company_id = ? AND user_id = ?"
        if await work.row(sql, work.company_id, user_id) is None:
            raise Refusal("USER_UNKNOWN", field="userId")


async def _code(work: Work, wanted: int | None) -> int:
    """The wanted code when it is free, or the next one; the company is locked."""
    if wanted is None:
        row = await work.row(
            "SELECT MAX(code) AS top FROM org_operator WHERE company_id = ?", work.company_id
        )
        wanted = ((row["top"] if row else None) or 0) + 1
    if not 1 <= wanted <= OPERATOR_CODE_MAX:
        raise Refusal("OPERATOR_CODE_OUT_OF_RANGE", field="code", max=OPERATOR_CODE_MAX)
    sql = "SELECT id FROM org_operator WHERE company_id = ? AND code = ?"
    if await work.row(sql, work.company_id, wanted) is not None:
        raise Refusal("OPERATOR_CODE_TAKEN", field="code", code=wanted)
    return wanted


async def _set_places(
    work: Work, operator_id: str, register_ids: Sequence[str], group_ids: Sequence[str]
) -> None:
    registers, groups = list(dict.fromkeys(register_ids)), list(dict.fromkeys(group_ids))
    if len(registers) + len(groups) > PLACES_MAX:
        raise Refusal("OPERATOR_PLACES_TOO_MANY", field="registerIds", max=PLACES_MAX)
    await require_own(work, "org_register", registers, "REGISTER_UNKNOWN", field="registerIds")
    await require_own(work, "org_register_group", groups, "REGISTER_GROUP_UNKNOWN", field="groupIds")
    await work.execute(
        "DELETE FROM org_operator_reach WHERE company_id = ? AND operator_id = ?",
        work.company_id,
        operator_id,
    )
    columns = ("id", "company_id", "operator_id", "place_id", "is_group")
    rows = [(new_id(), work.company_id, operator_id, place, 0) for place in registers]
    rows += [(new_id(), work.company_id, operator_id, place, 1) for place in groups]
    await work.insert_many("org_operator_reach", columns, rows)
