"""Settings: the company, rules of signing in, keys for programs, the audit, what is installed."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response

from addons.organization.pages.agents import name_of_agent
from addons.organization.pages.places import ACCESS, PAGES, SETTINGS, VIEW
from kernel.web.formats import ALMATY
from kernel.web.pages import CONSOLE, Menu, Tab
from kernel.web.view import View, given

COMPANY = f"{CONSOLE}/settings"
SECURITY = f"{COMPANY}/security"
TOKENS = f"{COMPANY}/keys"
AUDIT = f"{COMPANY}/audit"
INSTALLED = f"{COMPANY}/installed"
OWN = "organization.own"
VIEW_AUDIT = "organization.view_audit"
PAGE_ROWS = 50
KEY_DAYS_MAX = 3_650
APPROVALS = ("RETURN", "CASH_WITHDRAWAL", "SHIFT_CLOSE")
DETAILS = ("name", "nameKk", "city", "address", "phone", "iban", "bic", "oked", "legalForm", "taxRegime",
           "vatSeries", "vatNumber")  # fmt: skip


@PAGES.page(
    COMPANY, title="organization.company", permission="organization.manage",
    menu=Menu("settings", 10, "settings", "organization.settings"), tab=Tab(SETTINGS, 10),
)  # fmt: skip
async def company(view: View) -> Response:
    """Requisites."""
    data = await view.query("company")
    return view.show(
        "organization/company.html",
        company=data["me"]["company"],
        details=data["companyDetails"] or {},
        forms=[each["name"] for each in data["forms"]["enumValues"]],
        regimes=[each["name"] for each in data["regimes"]["enumValues"]],
        tabs=view.tabs(SETTINGS),
    )


@PAGES.action(COMPANY, permission=OWN)
async def save_company(view: View) -> Response:
    """Requisites as written."""
    form = await view.form()
    asked: dict[str, Any] = given(form, *DETAILS) | {"isVatPayer": form.get("isVatPayer") == "1"}
    return await view.done(await view.mutate("save_company", input=asked), COMPANY, company)


@PAGES.page(SECURITY, title="organization.security", permission=ACCESS, tab=Tab(SETTINGS, 20))
async def security(view: View) -> Response:
    """Rules of signing in, and where the user is signed in now."""
    data = await view.query("security")
    return view.show(
        "organization/security.html",
        rules=data["sessionRules"],
        sessions=[each | {"name": name_of_agent(each["agent"] or "")} for each in data["mySessions"]],
        actions=APPROVALS,
        needed=data["me"]["company"]["approvalNeededFor"],
        tabs=view.tabs(SETTINGS),
    )


@PAGES.action(SECURITY, permission=ACCESS)
async def save_security(view: View) -> Response:
    """Other rules, another password, or the end of sessions."""
    form = await view.form()
    match form.get("what"):
        case "password":
            outcome = await view.mutate(
                "change_password", present=form.get("present", ""), fresh=form.get("fresh", "")
            )
        case "approvals":
            outcome = await view.mutate("save_approvals", actions=await view.chosen("actions"))
        case "others":
            outcome = await view.mutate("end_others")
        case "session":
            outcome = await view.mutate("end_session", id=form.get("id", ""))
        case _:
            minutes = form.get("idleMinutes", "")
            outcome = await view.mutate(
                "save_rules",
                idleMinutes=int(minutes) if minutes.isdecimal() else 0,
                needsFactor=form.get("needsFactor") == "1",
            )
    return await view.done(outcome, SECURITY, security)


@PAGES.page(TOKENS, title="organization.keys", permission=ACCESS, tab=Tab(SETTINGS, 30))
async def tokens(view: View) -> Response:
    """Keys of programs."""
    data = await view.query("tokens", first=PAGE_ROWS, after=view.asked("after") or None)
    return view.show(
        "organization/tokens.html",
        tokens=data["apiTokens"],
        permissions=[each for each in data["installation"]["permissions"] if each["isForTokens"]],
        registers=await view.every("registers_in_use"),
        tabs=view.tabs(SETTINGS),
        fresh=None,
    )


@PAGES.action(TOKENS, permission=ACCESS)
async def change_tokens(view: View) -> Response:
    """A new key, whose text is shown once, or the end of one."""
    form = await view.form()
    if form.get("what") == "revoke":
        outcome = await view.mutate("revoke_token", id=form.get("id", ""))
        return await view.done(outcome, TOKENS, tokens, note="core.done")
    asked = {
        "title": form.get("title", ""),
        "permissions": await view.chosen("permissions"),
        "isTest": form.get("isTest") == "1",
        "registerIds": await view.chosen("registerIds"),
        "expiresAt": _expiry(view, form.get("days", "")),
    }
    outcome = await view.mutate("issue_token", input=asked)
    if outcome.refusal is not None:
        return await view.again(outcome.refusal, tokens)
    return view.show(
        "organization/token.html", title=view.text("organization.new_key"), token=outcome.value["token"]
    )


@PAGES.page(AUDIT, title="organization.audit", permission=VIEW_AUDIT, tab=Tab(SETTINGS, 40))
async def audit(view: View) -> Response:
    """Who did what, and from where."""
    wish: dict[str, Any] = {}
    if text := view.asked("q"):
        wish["text"] = text
    for name, day in (("since", view.asked("from")), ("until", view.asked("to"))):
        if moment := _moment(day, is_end=name == "until"):
            wish[name] = moment
    data = await view.query("audit", first=PAGE_ROWS, after=view.asked("after") or None, filter=wish)
    return view.show(
        "organization/audit.html", entries=data["auditLog"], tabs=view.tabs(SETTINGS), asked=view.asked
    )


@PAGES.page(INSTALLED, title="organization.installed", permission=VIEW, tab=Tab(SETTINGS, 50))
async def installed(view: View) -> Response:
    """Add-ons and themes."""
    data = await view.query("installed")
    return view.show(
        "organization/installed.html", installation=data["installation"], tabs=view.tabs(SETTINGS)
    )


def _expiry(view: View, days: str) -> str | None:
    """When a key made now for so many days ends; None for one without an end."""
    if not days.isdecimal() or not 0 < int(days) <= KEY_DAYS_MAX:
        return None
    return (view.app.clock.now() + timedelta(days=int(days))).isoformat()


def _moment(day: str, *, is_end: bool) -> str | None:
    try:
        found = datetime.combine(datetime.fromisoformat(day).date(), time.min, ZoneInfo(ALMATY))
    except ValueError:
        return None
    return (found + timedelta(days=1 if is_end else 0)).isoformat()
