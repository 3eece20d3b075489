"""Groups of goods."""

from __future__ import annotations

from starlette.responses import Response

from addons.catalog.pages.lists import all_groups
from addons.catalog.pages.places import EDIT, GOODS, PAGES, TABS, VIEW
from kernel.web.pages import Tab
from kernel.web.view import View, given

GROUPS = f"{GOODS}/groups"


@PAGES.page(GROUPS, title="catalog.groups", permission=VIEW, tab=Tab(TABS, 20))
async def groups(view: View) -> Response:
    """Groups, each under its parent."""
    return view.show("catalog/groups.html", groups=await all_groups(view), tabs=view.tabs(TABS))


@PAGES.action(GROUPS, permission=EDIT)
async def save_group(view: View) -> Response:
    """A new group, or another name of one."""
    form = await view.form()
    if not form.get("groupId"):
        asked = {"name": ""} | given(form, "name", "nameKk", "parentId")
        return await view.done(await view.mutate("create_group", input=asked), GROUPS, groups)
    asked = {"groupId": form["groupId"], "name": form.get("newName", ""), "nameKk": form.get("newNameKk", "")}
    outcome = await view.mutate("save_group", input=asked)
    if outcome.refusal is not None:
        outcome.refusal.field = None  # told above the list: the fields of a new group are not at fault
    return await view.done(outcome, GROUPS, groups)
