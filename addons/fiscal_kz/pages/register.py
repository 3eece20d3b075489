"""A register's page: how it is, its documents, its shifts, its settings."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.responses import Response

from addons.fiscal_kz.pages.places import (
    ACTIVATE,
    CARD,
    CHOICES_SHOWN,
    LIST,
    OVERVIEW,
    PAGES,
    TABS,
    VIEW,
    card_of,
)
from kernel.web.pages import Tab
from kernel.web.view import View, given

PAGE_ROWS = 50
DOMAINS = ("TRADING", "SERVICES", "GASOIL", "HOTELS", "TAXI", "PARKING")


@PAGES.page(CARD, title="fiscal_kz.overview", permission=VIEW, tab=Tab(TABS, 10))
async def card(view: View) -> Response:
    """State, numbers and sums, as the configurator of a KKM shows them."""
    shown = await frame(view)
    if shown["life"]["stage"] in ("NONE", "CREATED", "PASSPORT", "CHECKING"):
        return view.go(card_of(view.place("id"), "/setup"))
    state = await view.query("register_state", id=view.place("id"))
    shifts = state["zReports"]["nodes"]
    return view.show(
        "fiscal_kz/register.html",
        **shown,
        last=state["lastReceipt"],
        refused=state["refusedDocument"],
        last_shift=shifts[0] if shifts else None,
        fragments=await view.fill(OVERVIEW, register_id=view.place("id")),
    )


@PAGES.page(f"{CARD}/documents", title="fiscal_kz.documents", permission=VIEW, tab=Tab(TABS, 30))
async def documents(view: View) -> Response:
    """Everything in the order of the journal, with what the OFD said."""
    data = await view.query(
        "register_documents", id=view.place("id"), first=PAGE_ROWS, after=view.asked("after") or None
    )
    return view.show(
        "fiscal_kz/documents.html",
        **await frame(view),
        documents=data["fiscalDocuments"],
        is_newest=not view.asked("after"),
    )


@PAGES.page(f"{CARD}/shifts", title="fiscal_kz.shifts", permission="trade.view", tab=Tab(TABS, 40))
async def shifts(view: View) -> Response:
    """Shifts with their sums."""
    data = await view.query(
        "register_shifts", id=view.place("id"), first=PAGE_ROWS, after=view.asked("after") or None
    )
    return view.show("fiscal_kz/shifts.html", **await frame(view), shifts=data["shifts"])


@PAGES.page(f"{CARD}/reports/{{report}}", title="fiscal_kz.report", permission=VIEW)
async def report(view: View) -> Response:
    """An X or Z report as paper and as sums."""
    data = await view.query("report", id=view.place("report"))
    return view.show("fiscal_kz/report.html", **await frame(view), report=data["fiscalReport"])


@PAGES.page(f"{CARD}/settings", title="fiscal_kz.register_settings", permission=ACTIVATE, tab=Tab(TABS, 90))
async def settings(view: View) -> Response:
    """Name, place, token, devices, programming, checks."""
    data = await view.query("register_settings", id=view.place("id"))
    checks = await view.query("register_checks", id=view.place("id")) if view.asked("test") else None
    devices = [
        each
        for each in await view.every("devices", limit=CHOICES_SHOWN)
        if (each["register"] or {}).get("id") == view.place("id")
    ]
    return view.show(
        "fiscal_kz/settings.html",
        **await frame(view),
        outlets=await view.every("outlets", limit=CHOICES_SHOWN),
        devices=[each for each in devices if not each["isRevoked"]],
        comparisons=data["counterComparisons"][:1],
        domains=DOMAINS,
        checks=checks["selfTest"] if checks else None,
        binding=None,
    )


@PAGES.action(f"{CARD}/settings", permission=ACTIVATE)
async def save(view: View) -> Response:
    """What one of the small forms asks for."""
    register_id, form = view.place("id"), await view.form()
    reason = form.get("why", "")
    wishes: dict[str, tuple[str, dict[str, Any]]] = {
        "title": ("rename_register", {"input": {"id": register_id, "title": form.get("title", "")}}),
        "move": ("move_register", {"id": register_id, "outletId": form.get("outletId", "")}),
        "token": ("enter_token", {"input": {"registerId": register_id, "token": form.get("token", "")}}),
        "domain": ("set_domain", {"id": register_id, "domain": form.get("domain", "")}),
        "begin": ("begin_programming", {"id": register_id}),
        "end": ("end_programming", {"id": register_id}),
        "unbind": ("unbind_device", {"id": register_id}),
        "device_gone": ("unbind", {"id": form.get("device", "")}),
        "compare": ("compare", {"id": register_id}),
        "release": ("release", {"input": {"registerId": register_id, "reason": reason}}),
    }
    document, variables = wishes.get(form.get("what", ""), wishes["title"])
    outcome = await view.mutate(document, **variables)
    return await view.done(outcome, card_of(register_id, "/settings"), settings)


@PAGES.action(f"{CARD}/device", permission="organization.manage_access")
async def bind_device(view: View) -> Response:
    """A one-time token for a till, shown once."""
    form = await view.form()
    outcome = await view.mutate("bind_device", id=view.place("id"), title=form.get("device_title", ""))
    if outcome.refusal is not None:
        return await view.again(outcome.refusal, settings)
    return view.show("fiscal_kz/binding.html", **await frame(view), binding=outcome.value)


@PAGES.action(f"{CARD}/refused", permission="fiscal_kz.mark_handled")
async def settle_refused(view: View) -> Response:
    """Send a refused document again, or take it out of the queue."""
    form = await view.form()
    asked = {"registerId": view.place("id"), "reason": ""} | given(form, "documentId", "reason")
    document = "mark_handled" if form.get("what") == "handled" else "retry"
    outcome = await view.mutate(document, input=asked)
    return await view.done(outcome, card_of(view.place("id")), card, note="core.done")


async def frame(view: View) -> dict[str, Any]:
    """What every tab of a register shows around its own."""
    data = await view.query("register", id=view.place("id"))
    register = data["node"]
    return {
        "title": register["title"],
        "register": register,
        "troubles": [
            each | {"facts": orjson.loads(each["facts"])}
            for each in register["status"] or []
            if each["severity"] != "OK"
        ],
        "life": data["kkmLife"],
        "kkm": data["kkmLife"]["kkm"],
        "profiles": {each["code"]: each["title"] for each in data["ofdProfiles"]},
        "tabs": view.tabs(TABS),
        "base": card_of(view.place("id")),
        "list": LIST,
    }
