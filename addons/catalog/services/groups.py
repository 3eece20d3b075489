"""What people do with groups of products."""

from __future__ import annotations

from addons.catalog.domain.commands import CreateGroup, UpdateGroup
from addons.catalog.domain.product import GroupId, clean_name
from addons.catalog.domain.source import Unset
from addons.catalog.models import GROUP_CODE_LENGTH, ProductGroup
from addons.catalog.services.codes import lock_catalogue
from addons.catalog.services.feed_notes import note_groups
from addons.catalog.services.group_paths import (
    DEPTH_MAX,
    below,
    chain,
    lay_paths,
    note_moved_goods,
    read_tree,
)
from addons.catalog.services.upsert_groups import GroupNumbers
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.texts import one_line


async def create_group(work: Work, command: CreateGroup) -> GroupId:
    """Add a group. Raises GROUP_UNKNOWN (parent), GROUP_CODE_TAKEN, GROUP_CODE_MALFORMED, GROUP_TOO_DEEP."""
    company_id = work.company_id
    await lock_catalogue(work, company_id)
    parent = await _group(command.parent_id, field="parentId") if command.parent_id else None
    tree = await read_tree(work)
    if parent is not None and len(chain(tree, parent.id)) >= DEPTH_MAX:
        raise Refusal("GROUP_TOO_DEEP", field="parentId", max=DEPTH_MAX)
    group = ProductGroup(
        id=new_id(),
        company_id=company_id,
        code=await _new_code(command.code, parent),
        name=clean_name(command.name, field="name"),
        name_kk=_name_kk(command.name_kk),
        parent_id=parent.id if parent else None,
        updated_at=work.now,
    )
    await group.save(force_create=True)
    tree[group.id] = group.parent_id
    await lay_paths(work, tree, fresh=[group.id])
    await note_groups(work, [group.id])
    await work.audit("catalog.group_created", group.id, {"code": group.code, "name": group.name})
    work.notice("catalog", company_id)
    return GroupId(group.id)


async def update_group(work: Work, command: UpdateGroup) -> GroupId:
    """Rename, move or archive; the code stays. Raises GROUP_UNKNOWN, GROUP_IN_ITSELF, GROUP_TOO_DEEP."""
    await lock_catalogue(work, work.company_id)
    group = await _group(command.group_id, field="groupId")
    if not isinstance(command.name, Unset):
        group.name = clean_name(command.name, field="name")
    if not isinstance(command.name_kk, Unset):
        group.name_kk = _name_kk(command.name_kk)
    if not isinstance(command.parent_id, Unset):
        parent = await _group(command.parent_id, field="parentId") if command.parent_id else None
        await _move(work, group, parent)
    if not isinstance(command.is_archived, Unset):
        group.is_archived = command.is_archived
    group.updated_at = work.now
    await group.save()
    await note_groups(work, [group.id])
    await work.audit("catalog.group_updated", group.id, {"code": group.code})
    work.notice("catalog", group.company_id)
    return GroupId(group.id)


def _name_kk(name: str) -> str:
    """The Kazakh name as one line; it may be empty."""
    return clean_name(name, field="nameKk") if one_line(name) else ""


async def _group(group_id: GroupId, *, field: str) -> ProductGroup:
    group: ProductGroup | None = await ProductGroup.get_or_none(id=group_id)
    if group is None:
        raise Refusal("GROUP_UNKNOWN", field=field)
    return group


async def _new_code(wanted: str, parent: ProductGroup | None) -> str:
    taken = {group.code for group in await ProductGroup.all().only("id", "code")}
    if not wanted:
        return GroupNumbers(taken).next_under(parent.code if parent else "")
    parts = wanted.split(".")
    if len(wanted) > GROUP_CODE_LENGTH or not all(part.isascii() and part.isdigit() for part in parts):
        raise Refusal("GROUP_CODE_MALFORMED", field="code")
    if wanted in taken:
        raise Refusal("GROUP_CODE_TAKEN", field="code", value=wanted)
    return wanted


async def _move(work: Work, group: ProductGroup, parent: ProductGroup | None) -> None:
    """Put the group with all below it under another one. Refusals GROUP_IN_ITSELF, GROUP_TOO_DEEP."""
    if group.parent_id == (parent.id if parent else None):
        return
    tree = await read_tree(work)
    above = chain(tree, parent.id) if parent else []
    if group.id in above:
        raise Refusal("GROUP_IN_ITSELF", field="parentId")
    moving = below(tree, [group.id])
    height = max(len(chain(tree, each)) for each in moving) - len(chain(tree, group.id)) + 1
    if len(above) + height > DEPTH_MAX:
        raise Refusal("GROUP_TOO_DEEP", field="parentId", max=DEPTH_MAX)
    tree[group.id] = group.parent_id = parent.id if parent else None
    await lay_paths(work, tree, moved=[group.id])
    await note_moved_goods(work, moving)
