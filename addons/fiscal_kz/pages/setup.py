"""From a workplace to a working KKM: factory number, passport, registration, activation; and its end."""

from __future__ import annotations

import base64

from starlette.responses import Response

from addons.fiscal_kz.pages.places import ACTIVATE, CARD, LIST, PAGES, VIEW, card_of
from addons.fiscal_kz.pages.register import card
from kernel.web.view import Outcome, View, given

SETUP = f"{CARD}/setup"
STEPS = ("NONE", "CREATED", "PASSPORT", "ACTIVE")  # stages in which something is to be done, in order


@PAGES.page(SETUP, title="fiscal_kz.setup", permission=VIEW)
async def setup(view: View) -> Response:
    """What is to be done next."""
    register_id = view.place("id")
    data = await view.query("register", id=register_id)
    stage = data["kkmLife"]["stage"]
    is_data_asked = view.asked("known") or "token" in view.values  # or written, and refused
    shown = "PASSPORT" if stage == "CHECKING" or is_data_asked else stage
    done = STEPS.index(shown) if shown in STEPS else len(STEPS)
    return view.show(
        "fiscal_kz/setup.html",
        title=data["node"]["title"],
        register=data["node"],
        life=data["kkmLife"],
        profiles=data["ofdProfiles"],
        stage=shown,
        is_checking=stage == "CHECKING",
        steps=[(name, place < done, place == done) for place, name in enumerate(STEPS)],
        base=card_of(register_id),
    )


@PAGES.action(f"{CARD}/create", permission=ACTIVATE)
async def create_kkm(view: View) -> Response:
    """The factory number."""
    return await _next(view, await view.mutate("create_kkm", id=view.place("id")))


@PAGES.action(f"{CARD}/passport", permission=ACTIVATE)
async def make_passport(view: View) -> Response:
    """The passport, also by e-mail."""
    email = (await view.form()).get("email") or None
    return await _next(view, await view.mutate("make_passport", id=view.place("id"), email=email))


@PAGES.page(f"{CARD}/passport.pdf", title="fiscal_kz.passport", permission=VIEW)
async def passport_file(view: View) -> Response:
    """The passport as a file."""
    passport = (await view.query("passport", id=view.place("id")))["kkmLife"]["passport"]
    if passport is None:
        return view.go(card_of(view.place("id"), "/setup"))
    name = f"passport-{view.place('id').strip('=')}.pdf"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(base64.b64decode(passport["pdf"]), media_type="application/pdf", headers=headers)


@PAGES.action(f"{CARD}/activate", permission=ACTIVATE)
async def activate(view: View) -> Response:
    """Ask the OFD; the register works once it says yes."""
    form = await view.form()
    names = ("ofdId", "token", "profile", "registrationNumber", "vatSeries", "vatNumber")
    asked = {"ofdId": "", "token": ""} | given(form, *names) | {"registerId": view.place("id")}
    outcome = await view.mutate("activate", input=asked)
    return await _next(view, outcome, note="fiscal_kz.asked_ofd")


@PAGES.action(f"{CARD}/delete", permission=ACTIVATE)
async def delete_kkm(view: View) -> Response:
    """Take back a KKM that never fiscalized."""
    outcome = await view.mutate("delete_kkm", id=view.place("id"))
    return await view.done(outcome, card_of(view.place("id"), "/setup"), setup, note="core.done")


@PAGES.action(f"{CARD}/decommission", permission=ACTIVATE)
async def decommission(view: View) -> Response:
    """Out of use for good."""
    reason = (await view.form()).get("reason", "")
    outcome = await view.mutate("decommission", id=view.place("id"), reason=reason)
    return await view.done(outcome, LIST, card, note="core.done")


async def _next(view: View, outcome: Outcome, note: str = "core.done") -> Response:
    return await view.done(outcome, card_of(view.place("id"), "/setup"), setup, note=note)
