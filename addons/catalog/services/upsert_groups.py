"""Import of a tree of groups from an outside source."""

from __future__ import annotations

from collections.abc import Sequence

from addons.catalog.domain.product import NAME_LENGTH_MAX
from addons.catalog.domain.source import GroupRow, SourceKey, UpsertReport
from addons.catalog.services.codes import lock_catalogue
from addons.catalog.services.feed_notes import note_groups
from addons.catalog.services.group_paths import DEPTH_MAX, below, chain, lay_paths, note_moved_goods
from addons.catalog.services.tables import GROUP, GROUP_COLUMNS, upsert_statement
from kernel.data.work import Param, Work
from kernel.errors import Refusal
from kernel.ids import new_id

GROUPS_MAX = 50_000  # in one company; a tree of groups is read whole
_KEPT = ("id", "company_id", "code", "name_kk", "source", "external_id")
PARENT_UNKNOWN = "GROUP_PARENT_UNKNOWN"
PLACE_REFUSED = "GROUP_PLACE_REFUSED"  # in itself, or too deep: it stays where it was


async def upsert_groups(work: Work, source: SourceKey, rows: Sequence[GroupRow]) -> UpsertReport:
    """Create or change the groups of a source; a group that moved keeps its code. Parents come before
    children in `rows`.

    Raises Refusal("GROUPS_TOO_MANY").
    """
    company_id = work.company_id
    await lock_catalogue(work, company_id)
    stored = await work.rows(
        f"SELECT {', '.join(GROUP_COLUMNS)} FROM {GROUP} WHERE company_id = ?", company_id
    )
    if len(stored) + len(rows) > GROUPS_MAX:
        raise Refusal("GROUPS_TOO_MANY", max=GROUPS_MAX)
    report = UpsertReport()
    known: dict[str, dict[str, Param]] = {
        row["external_id"]: dict(row) for row in stored if row["source"] == source
    }
    numbers = GroupNumbers({row["code"] for row in stored})
    tree: dict[str, str | None] = {row["id"]: row["parent_id"] for row in stored}
    moved: list[str] = []
    fresh: list[dict[str, Param]] = []
    changed: list[dict[str, Param]] = []
    for row in rows:
        parent = known.get(row.parent_external_id) if row.parent_external_id else None
        if row.parent_external_id and parent is None:
            report.notes.append((row.external_id, PARENT_UNKNOWN))
        said: dict[str, Param] = {
            "name": row.name[:NAME_LENGTH_MAX],
            "parent_id": parent["id"] if parent else None,
            "is_archived": int(row.is_deleted),
        }
        present = known.get(row.external_id)
        if parent is not None and not _is_sound(tree, parent, present):
            said["parent_id"] = present["parent_id"] if present else None
            report.notes.append((row.external_id, PLACE_REFUSED))
        if present is None:
            known[row.external_id] = {
                "id": new_id(),
                "company_id": company_id,
                "code": numbers.next_under(str(parent["code"]) if parent else ""),
                "name_kk": "",
                "source": source,
                "external_id": row.external_id,
                "updated_ms": work.now_ms,
                **said,
            }
            fresh.append(known[row.external_id])
            tree[str(known[row.external_id]["id"])] = _text(said["parent_id"])
            report.created.append(row.external_id)
        elif any(present[column] != value for column, value in said.items()):
            if present["parent_id"] != said["parent_id"]:
                moved.append(str(present["id"]))
                tree[moved[-1]] = _text(said["parent_id"])
            present.update(said, updated_ms=work.now_ms)
            changed.append(present)
            report.updated += 1
        else:
            report.unchanged += 1
    await work.insert_many(GROUP, GROUP_COLUMNS, map(_values, fresh))
    await work.execute_many(
        upsert_statement(GROUP, GROUP_COLUMNS, _KEPT, work.dialect), map(_values, changed)
    )
    await lay_paths(work, tree, fresh=[str(row["id"]) for row in fresh], moved=moved)
    await note_groups(work, [str(row["id"]) for row in (*fresh, *changed)])
    await note_moved_goods(work, below(tree, moved))
    return report


def _is_sound(
    tree: dict[str, str | None], parent: dict[str, Param], present: dict[str, Param] | None
) -> bool:
    """Whether a group may stand in that parent: not below itself, not too deep."""
    above = chain(tree, str(parent["id"]))
    return len(above) < DEPTH_MAX and (present is None or present["id"] not in above)


def _text(value: Param) -> str | None:
    return None if value is None else str(value)


class GroupNumbers:
    """Numbers of groups as people see them: 1, 2, 2.1, 2.2 …; a number once used is never used again."""

    def __init__(self, taken: set[str]) -> None:
        self._taken = taken
        self._last: dict[str, int] = {}

    def next_under(self, parent_code: str) -> str:
        """First free number under the parent ("" is the root)."""
        number = self._last.get(parent_code, 0)
        prefix = f"{parent_code}." if parent_code else ""
        while True:
            number += 1
            code = f"{prefix}{number}"
            if code not in self._taken:
                self._taken.add(code)
                self._last[parent_code] = number
                return code


def _values(row: dict[str, Param]) -> tuple[Param, ...]:
    return tuple(row[column] for column in GROUP_COLUMNS)
