"""Groups as sheets name them: by code, or by names from the root down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from addons.catalog.domain.commands import CreateGroup
from addons.catalog.domain.product import GroupId
from addons.catalog.domain.sheet_row import SheetRow
from addons.catalog.domain.source import Unset
from addons.catalog.services.groups import create_group
from addons.catalog.services.tables import GROUP
from kernel.data.work import Reader, SqlRow, Work
from kernel.errors import Refusal
from kernel.values import value

GROUPS_MADE_MAX = 1_000  # by one file

GroupKey = str | tuple[str, ...]  # a code, or names from the root down, in small letters


@value
class KnownGroups:
    """Groups of the company: ids by code, and by names from the root down. Archived ones are not among the
    latter."""

    by_code: Mapping[str, GroupId]
    by_names: Mapping[tuple[str, ...], GroupId]

    def find(self, key: GroupKey) -> GroupId | None:
        """The group of a code or of names; None when there is none."""
        return self.by_code.get(key) if isinstance(key, str) else self.by_names.get(key)


async def known_groups(reader: Reader) -> KnownGroups:
    """All groups of the company, in one statement."""
    rows = await reader.rows(
        f"SELECT id, code, name, parent_id, is_archived FROM {GROUP} WHERE company_id = ? ORDER BY code DESC",
        reader.company_id,
    )
    names = names_from_root(rows)
    by_names = {
        tuple(name.lower() for name in names[row["id"]]): GroupId(row["id"])
        for row in rows
        if not row["is_archived"]
    }
    return KnownGroups({row["code"]: GroupId(row["id"]) for row in rows}, by_names)


def names_from_root(rows: Sequence[SqlRow]) -> dict[str, tuple[str, ...]]:
    """Names of each group and of those it stands in, the root first; a "/" in a name is a blank."""
    by_id = {row["id"]: row for row in rows}
    found: dict[str, tuple[str, ...]] = {}
    for row in rows:
        names: tuple[str, ...] = ()
        above: SqlRow | None = row
        while above is not None and len(names) < len(rows):
            names = (above["name"].replace("/", " "), *names)
            above = by_id.get(above["parent_id"])
        found[row["id"]] = names
    return found


def group_key(row: SheetRow) -> GroupKey | None:
    """What the row says of its group; () for none, None when it says nothing.

    A code that is no number of ours ("MILK") is taken for the name of a group.
    """
    if not isinstance(row.groups, Unset) and (row.groups or isinstance(row.group_code, Unset)):
        return tuple(name.lower() for name in row.groups)
    if isinstance(row.group_code, Unset):
        return None
    if not row.group_code:
        return ()
    is_number = all(part.isascii() and part.isdigit() for part in row.group_code.split("."))
    return row.group_code if is_number else (row.group_code.lower(),)


def missing_groups(known: KnownGroups, rows: Iterable[SheetRow]) -> dict[GroupKey, tuple[str, ...]]:
    """Groups the rows name that are not there, with the names to give them, those above included, each after
    the one it stands in.
    """
    missing: dict[GroupKey, tuple[str, ...]] = {}
    for row in rows:
        key = group_key(row)
        if not key or known.find(key) is not None:
            continue
        if isinstance(key, str):
            parts = key.split(".")
            for depth in range(1, len(parts) + 1):
                code = ".".join(parts[:depth])
                if code not in known.by_code:
                    missing.setdefault(code, (f"Группа {code}",))
            continue
        names = row.groups if not isinstance(row.groups, Unset) and row.groups else (str(row.group_code),)
        for depth in range(1, len(names) + 1):
            if known.find(key[:depth]) is None:
                missing.setdefault(key[:depth], names[:depth])
    return missing


async def make_groups(work: Work, missing: Mapping[GroupKey, tuple[str, ...]]) -> int:
    """Make those groups that are still missing; how many were made. Refusals as create_group,
    SHEET_GROUPS_TOO_MANY.
    """
    if len(missing) > GROUPS_MADE_MAX:
        raise Refusal("SHEET_GROUPS_TOO_MANY", max=GROUPS_MADE_MAX)
    known = await known_groups(work)
    by_code, by_names = dict(known.by_code), dict(known.by_names)
    made = 0
    for key, names in missing.items():
        if isinstance(key, str):
            if key not in by_code:
                parent = by_code.get(key.rpartition(".")[0])
                by_code[key] = await create_group(work, CreateGroup(names[-1], parent_id=parent, code=key))
                made += 1
        elif key not in by_names:
            by_names[key] = await create_group(work, CreateGroup(names[-1], parent_id=by_names.get(key[:-1])))
            made += 1
    return made
