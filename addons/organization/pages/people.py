"""Cashiers, who work at registers by PIN, and users, who sign in here."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from addons.organization.pages.places import ACCESS, MANAGE, PAGES, PEOPLE, VIEW
from kernel.gql.ids import to_global
from kernel.web.pages import CONSOLE, Menu, Tab
from kernel.web.view import View, given

OPERATORS = f"{CONSOLE}/operators"
NEW_OPERATOR = f"{OPERATORS}/new"
OPERATOR = f"{OPERATORS}/{{id}}"
USERS = f"{CONSOLE}/users"
NEW_USER = f"{USERS}/new"
PAGE_ROWS = 50
PLACES_SHOWN = 200  # registers, and groups of them, to tick in one form
OPERATOR_ROLES = ("CASHIER", "SENIOR_CASHIER", "ADMINISTRATOR")
USER_ROLES = ("ADMINISTRATOR", "OWNER", "ACCOUNTANT")
LANGUAGES = (("ru", "Русский"), ("kk", "Қазақша"), ("en", "English"))


@PAGES.page(
    OPERATORS,
    title="organization.operators",
    permission=VIEW,
    menu=Menu("shop", 20, "people", "organization.people", also=(f"{CONSOLE}/users",)),
    tab=Tab(PEOPLE, 10),
)
async def operators(view: View) -> Response:
    """Cashiers."""
    wish = None if view.asked("gone") else {"isActive": True}
    data = await view.query("operators", first=PAGE_ROWS, after=view.asked("after") or None, filter=wish)
    return view.show(
        "organization/operators.html",
        operators=data["operators"],
        tabs=view.tabs(PEOPLE),
        asked=view.asked,
    )


@PAGES.page(NEW_OPERATOR, title="organization.new_operator", permission=MANAGE)
async def new_operator(view: View) -> Response:
    """An empty form."""
    return await _operator_form(view, None)


@PAGES.action(NEW_OPERATOR, permission=MANAGE)
async def create_operator(view: View) -> Response:
    """A new cashier."""
    outcome = await view.mutate("create_operator", input=await _operator_written(view))
    return await view.done(outcome, OPERATORS, new_operator)


@PAGES.page(OPERATOR, title="organization.operator", permission=VIEW)
async def operator(view: View) -> Response:
    """One cashier."""
    found = (await view.query("operator", id=view.place("id")))["node"]
    return view.go(OPERATORS) if found is None else await _operator_form(view, found)


@PAGES.action(OPERATOR, permission=MANAGE)
async def save_operator(view: View) -> Response:
    """The cashier as written, or switched off and on."""
    form = await view.form()
    if form.get("what") in ("block", "unblock"):
        asked: dict[str, Any] = {"id": view.place("id"), "isActive": form["what"] == "unblock"}
    else:
        asked = await _operator_written(view) | {"id": view.place("id")}
    return await view.done(await view.mutate("save_operator", input=asked), OPERATORS, operator)


@PAGES.page(USERS, title="organization.users", permission=MANAGE, tab=Tab(PEOPLE, 20))
async def users(view: View) -> Response:
    """Who signs in to the console."""
    data = await view.query("users", first=PAGE_ROWS, after=view.asked("after") or None)
    return view.show(
        "organization/users.html",
        users=data["users"],
        me=to_global("User", data["me"]["subjectId"]),
        roles=USER_ROLES,
        tabs=view.tabs(PEOPLE),
    )


@PAGES.action(USERS, permission=ACCESS)
async def change_user(view: View) -> Response:
    """Another role, or blocked, or let in again."""
    form = await view.form()
    asked: dict[str, Any] = {"id": form.get("id", "")} | given(form, "role")
    if form.get("what") in ("block", "unblock"):
        asked["isActive"] = form["what"] == "unblock"
    return await view.done(await view.mutate("save_user", input=asked), USERS, users)


@PAGES.page(NEW_USER, title="organization.new_user", permission=ACCESS)
async def new_user(view: View) -> Response:
    """An empty form."""
    return view.show("organization/new_user.html", roles=USER_ROLES, languages_known=LANGUAGES)


@PAGES.action(NEW_USER, permission=ACCESS)
async def create_user(view: View) -> Response:
    """A new user with a first password, or a letter that invites one."""
    form = await view.form()
    asked = {"email": ""} | given(form, "email", "language", "role")
    if form.get("how") == "letter":
        outcome = await view.mutate("invite", input=asked)
        return await view.done(outcome, USERS, new_user, note="organization.invited")
    asked |= {"name": form.get("name", ""), "password": form.get("password", "")}
    return await view.done(await view.mutate("create_user", input=asked), USERS, new_user)


async def _operator_form(view: View, found: dict[str, Any] | None) -> Response:
    registers = await view.every("registers_in_use", limit=PLACES_SHOWN)
    groups = await view.every("group_titles", limit=PLACES_SHOWN)
    chosen = {each["id"] for each in (found or {}).get("registers", [])}
    chosen_groups = {each["id"] for each in (found or {}).get("groups", [])}
    return view.show(
        "organization/operator.html",
        title=found["name"] if found else view.text("organization.new_operator"),
        operator=found,
        roles=OPERATOR_ROLES,
        registers=registers,
        groups=groups,
        chosen=chosen | chosen_groups,
        unseen=sorted(chosen - {each["id"] for each in registers}),
        unseen_groups=sorted(chosen_groups - {each["id"] for each in groups}),
    )


async def _operator_written(view: View) -> dict[str, Any]:
    form = await view.form()
    asked: dict[str, Any] = {"name": ""} | given(form, "name", "pin", "role")
    asked["isPinTemporary"] = "pin" in asked and form.get("temporary") == "on"
    asked["registerIds"] = await view.chosen("registerIds")
    asked["groupIds"] = await view.chosen("groupIds")
    return asked
