"""A new terminal: an application to the acquirer step by step, or a smart terminal the shop owns already."""

from __future__ import annotations

import base64
from typing import Any

from starlette.responses import Response

from addons.pos_terminal.pages.places import (
    APPLICATION,
    CARDS,
    DECIDE,
    MANAGE,
    NEW,
    PAGES,
    TERMINAL,
    VIEW,
    at,
    places_of,
)
from kernel.web.view import View

FORM = ("serialNumber", "business", "city", "zip", "iban", "bic", "contactEmail")
SIGNATURE_BYTES_MAX = 64 * 1024


@PAGES.page(NEW, title="pos_terminal.new_terminal", permission=MANAGE)
async def new(view: View) -> Response:
    """First the contract, then what its driver needs."""
    contracts = [
        each for each in (await view.query("choose_contract"))["acquirerContracts"] if each["isActive"]
    ]
    chosen = view.asked("contract") or (contracts[0]["id"] if len(contracts) == 1 else "")
    contract = next((each for each in contracts if each["id"] == chosen), None)
    places = await places_of(view)
    only = next(iter(places["registers"])) if len(places["registers"]) == 1 else ""
    return view.show(
        "pos_terminal/new_terminal.html",
        contracts=contracts,
        contract=contract,
        register=view.asked("register") or only,
        **places,
    )


@PAGES.action(NEW, permission=MANAGE)
async def create(view: View) -> Response:
    """A draft of an application, or a connected terminal."""
    form = await view.form()
    asked: dict[str, Any] = {"contractId": form.get("contractId", ""), "place": _place(form)}
    if form.get("what") == "connect":
        asked |= {name: form.get(name, "") for name in ("address", "serialNumber", "terminalCode")}
        asked["isThroughAgent"] = "isThroughAgent" in form
        outcome = await view.mutate("connect_terminal", **asked)
        path = TERMINAL
    else:
        outcome = await view.mutate("apply_for_terminal", **asked, form=_form(form))
        path = APPLICATION
    if outcome.refusal is not None:
        return await view.again(outcome.refusal, new)
    return view.go(at(path, outcome.value["id"]), "core.saved")


@PAGES.page(APPLICATION, title="pos_terminal.application", permission=VIEW)
async def application(view: View) -> Response:
    """Where an application is on its way, and what is to be done next."""
    return await _shown(view, None)


@PAGES.action(APPLICATION, permission=VIEW)
async def go_on(view: View) -> Response:
    """The next step of an application; the API knows who may."""
    key, form = view.place("id"), await view.form()
    what = form.get("what", "")
    if what == "prepare":
        outcome = await view.mutate("prepare_application", id=key)
        if outcome.refusal is None:
            return await _shown(view, outcome.value)
    elif what == "sign":
        signature = form.get("signature", "")
        for _, content in (await view.files("file"))[:1]:
            signature = _as_base64(content[:SIGNATURE_BYTES_MAX])
        outcome = await view.mutate("sign_application", textId=form.get("textId", ""), signature=signature)
    elif what == "edit":
        outcome = await view.mutate("edit_application", id=key, place=_place(form), form=_form(form))
    elif what in ("approve", "reject"):
        outcome = await view.mutate(
            "decide_application",
            id=key,
            version=int(form.get("version", "0")),
            isApproved=what == "approve",
            reason=form.get("reason", ""),
        )
    else:
        outcome = await view.mutate("send_application" if what == "send" else "withdraw_application", id=key)
    return await view.done(outcome, at(APPLICATION, key), application, note="core.done")


async def _shown(view: View, text: dict[str, Any] | None) -> Response:
    found = (await view.query("application", id=view.place("id")))["node"]
    if not found:
        return view.go(CARDS)
    terminal = (await view.query("terminal", id=found["terminalId"]))["cardTerminal"]
    return view.show(
        "pos_terminal/application.html",
        application=found,
        terminal=terminal,
        text=text,
        own=at(APPLICATION, found["id"]),
        may_decide=view.may(DECIDE),
        **await places_of(view),
    )


def _place(form: Any) -> dict[str, Any]:
    return {
        "outletId": form.get("outletId", ""),
        "registerId": form.get("registerId") or None,
        "title": form.get("title", ""),
    }


def _form(form: Any) -> dict[str, Any]:
    return {name: form.get(name, "") for name in FORM} | {"agreement": form.get("agreement", "")}


def _as_base64(content: bytes) -> str:
    """A CMS file as it is, or one that is base64 already."""
    if content[:1] == b"\x30":  # DER
        return base64.b64encode(content).decode()
    return content.decode("ascii", "replace").strip()
