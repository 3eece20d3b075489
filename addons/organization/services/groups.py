"""Register groups: named sets that filters, rights, assortments and reports may address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from addons.organization.domain.cards import RegisterGroupId, RegisterId
from addons.organization.domain.checks import check_text
from addons.organization.domain.commands import CreateRegisterGroup, UpdateRegisterGroup
from addons.organization.services.rows import (
    change,
    lock_company,
    own_row,
    require_all_registers,
    require_own,
)
from kernel.errors import Refusal
from kernel.ids import new_id

if TYPE_CHECKING:
    from kernel.data.work import Param, Reader, Work

TITLE_LENGTH_MAX = 200
MEMBERS_MAX = 2000  # registers in one group


async def create_register_group(work: Work, command: CreateRegisterGroup) -> RegisterGroupId:
    """A new group.

    Raises Refusal: REGISTER_GROUP_TITLE_TAKEN, REGISTER_GROUP_TOO_LARGE, REGISTER_UNKNOWN, TEXT_…
    """
    await lock_company(work)
    require_all_registers(work)
    title = await _free_title(work, command.title)
    group_id = RegisterGroupId(new_id())
    values: dict[str, Param] = {
        "id": group_id,
        "company_id": work.company_id,
        "title": title,
        "created_ms": work.now_ms,
    }
    await work.insert("org_register_group", values)
    await _set_members(work, group_id, command.register_ids)
    await work.audit("organization.create_register_group", f"register_group:{group_id}", {"title": title})
    return group_id


async def update_register_group(work: Work, command: UpdateRegisterGroup) -> RegisterGroupId:
    """Rename, or replace the members.

    Raises Refusal("REGISTER_GROUP_UNKNOWN") and those of create_register_group.
    """
    await lock_company(work)
    require_all_registers(work)
    row = await own_row(work, "org_register_group", command.group_id, "REGISTER_GROUP_UNKNOWN", field="id")
    if command.title is not None and command.title != row["title"]:
        await change(
            work, "org_register_group", command.group_id, {"title": await _free_title(work, command.title)}
        )
    if command.register_ids is not None:
        await _set_members(work, command.group_id, command.register_ids)
    facts = {"title": command.title, "registers": len(command.register_ids or ())}
    await work.audit("organization.update_register_group", f"register_group:{command.group_id}", facts)
    return command.group_id


async def put_in_group(work: Work, register_id: str, title: str) -> RegisterGroupId:
    """One register more in the group of that title, which is made when there is none.

    Raises Refusal: REGISTER_UNKNOWN, REGISTER_GROUP_TOO_LARGE, COMPANY_CLOSED, TEXT_…
    """
    await lock_company(work)
    clean = check_text(title, field="title", length_max=TITLE_LENGTH_MAX)
    sql = "SELECT id FROM org_register_group WHERE company_id = ? AND title = ?"
    row = await work.row(sql, work.company_id, clean)
    if row is None:
        command = CreateRegisterGroup(clean, (RegisterId(register_id),))
        return await create_register_group(work, command)
    sql = "SELECT register_id FROM org_register_group_member WHERE group_id = ? AND company_id = ?"
    known = [RegisterId(each["register_id"]) for each in await work.rows(sql, row["id"], work.company_id)]
    group_id = RegisterGroupId(row["id"])
    if register_id not in known:
        members = (*known, RegisterId(register_id))
        await update_register_group(work, UpdateRegisterGroup(group_id, register_ids=members))
    return group_id


async def delete_register_group(work: Work, group_id: RegisterGroupId) -> RegisterGroupId:
    """Forget a group; its registers stay.

    Raises Refusal: REGISTER_GROUP_UNKNOWN, REGISTER_GROUP_IN_USE (by operators).
    """
    require_all_registers(work)
    row = await own_row(work, "org_register_group", group_id, "REGISTER_GROUP_UNKNOWN", field="id")
    if await work.row("SELECT id FROM org_operator_reach WHERE place_id = ?", group_id) is not None:
        raise Refusal("REGISTER_GROUP_IN_USE", field="id")
    await work.execute("DELETE FROM org_register_group_member WHERE group_id = ?", group_id)
    await work.execute(
        "DELETE FROM org_register_group WHERE id = ? AND company_id = ?", group_id, work.company_id
    )
    await work.audit(
        "organization.delete_register_group", f"register_group:{group_id}", {"title": row["title"]}
    )
    return group_id


async def registers_of_groups(reader: Reader, group_ids: Sequence[str]) -> frozenset[str]:
    """Registers that are in at least one of the groups of the reader's company."""
    if not group_ids:
        return frozenset()
    marks = ", ".join("?" * len(group_ids))
    sql = f"SELECT register_id FROM org_register_group_member WHERE company_id = ? AND group_id IN ({marks})"
    rows = await reader.rows(sql, reader.company_id, *group_ids)
    return frozenset(row["register_id"] for row in rows)


async def _free_title(work: Work, title: str) -> str:
    clean = check_text(title, field="title", length_max=TITLE_LENGTH_MAX)
    sql = "SELECT id FROM org_register_group WHERE company_id = ? AND title = ?"
    if await work.row(sql, work.company_id, clean) is not None:
        raise Refusal("REGISTER_GROUP_TITLE_TAKEN", field="title", title=clean)
    return clean


async def _set_members(work: Work, group_id: str, register_ids: Sequence[str]) -> None:
    wanted = list(dict.fromkeys(register_ids))
    if len(wanted) > MEMBERS_MAX:
        raise Refusal("REGISTER_GROUP_TOO_LARGE", field="registerIds", max=MEMBERS_MAX)
    await require_own(work, "org_register", wanted, "REGISTER_UNKNOWN", field="registerIds")
    await work.execute("DELETE FROM org_register_group_member WHERE group_id = ?", group_id)
    columns = ("id", "company_id", "group_id", "register_id")
    rows = [(new_id(), work.company_id, group_id, register_id) for register_id in wanted]
    await work.insert_many("org_register_group_member", columns, rows)
