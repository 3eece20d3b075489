"""Who stands above whom in the tree of groups, kept as pairs so that SQL needs no recursion."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from addons.catalog.services.feed_notes import note_cards
from addons.catalog.services.tables import (
    EXTRA_GROUP,
    GROUP,
    GROUP_PATH,
    PRODUCT,
    REGISTER_GROUP,
    in_lists,
    select_in,
)
from kernel.data.work import Work
from kernel.ids import new_ids

DEPTH_MAX = 20  # groups from the root to a leaf
_COLUMNS = ("id", "company_id", "group_id", "ancestor_id")
_GOODS = (
    f"SELECT id AS product_id FROM {PRODUCT} WHERE company_id = ? AND group_id IN ({{marks}})",
    f"SELECT product_id FROM {EXTRA_GROUP} WHERE company_id = ? AND group_id IN ({{marks}})",
)
Tree = Mapping[str, str | None]  # group → the one it stands in


async def read_tree(work: Work) -> dict[str, str | None]:
    """All groups of the company with the one each stands in."""
    rows = await work.rows(f"SELECT id, parent_id FROM {GROUP} WHERE company_id = ?", work.company_id)
    return {row["id"]: row["parent_id"] for row in rows}


async def lay_paths(work: Work, tree: Tree, *, fresh: Iterable[str] = (), moved: Iterable[str] = ()) -> None:
    """Write the pairs of new groups, and anew those of moved ones and of everything below them."""
    replaced = below(tree, moved)
    for marks, piece in in_lists(replaced):
        await work.execute(f"DELETE FROM {GROUP_PATH} WHERE group_id IN ({marks})", *piece)
    pairs = [(each, above) for each in dict.fromkeys([*fresh, *replaced]) for above in chain(tree, each)]
    company_id = work.company_id
    rows = ((pair_id, company_id, *pair) for pair_id, pair in zip(new_ids(len(pairs)), pairs, strict=True))
    await work.insert_many(GROUP_PATH, _COLUMNS, rows)


async def ensure_paths(work: Work) -> None:
    """Write what is missing: pairs of groups older than the table of pairs."""
    tree = await read_tree(work)
    laid: set[str] = set()
    sql = f"SELECT DISTINCT group_id FROM {GROUP_PATH} WHERE group_id IN ({{marks}})"
    for row in await select_in(work, sql, tree):
        laid.add(row["group_id"])
    await lay_paths(work, tree, fresh=[group_id for group_id in tree if group_id not in laid])


async def note_moved_goods(work: Work, group_ids: Iterable[str]) -> None:
    """Tell the feed of all goods in these groups; unless every register sells all goods anyway."""
    sql = f"SELECT id FROM {REGISTER_GROUP} WHERE company_id = ? LIMIT 1"
    if await work.row(sql, work.company_id) is None:
        return
    goods: list[str] = []
    for sql in _GOODS:
        found = await select_in(work, sql, group_ids, before=[work.company_id])
        goods.extend(row["product_id"] for row in found)
    await note_cards(work, goods)


def chain(tree: Tree, group_id: str) -> list[str]:
    """The group and all above it up to the root, at most DEPTH_MAX + 1; a circle ends where it closes."""
    found: list[str] = []
    step: str | None = group_id
    while step is not None and step in tree and step not in found and len(found) <= DEPTH_MAX:
        found.append(step)
        step = tree[step]
    return found


def below(tree: Tree, group_ids: Iterable[str]) -> list[str]:
    """The groups and all that stand below them, each once."""
    children: defaultdict[str, list[str]] = defaultdict(list)
    for group_id, parent_id in tree.items():
        if parent_id is not None:
            children[parent_id].append(group_id)
    found = dict.fromkeys(group_ids)
    left = list(found)
    while left:
        for child in children[left.pop()]:
            if child not in found:
                found[child] = None
                left.append(child)
    return list(found)
