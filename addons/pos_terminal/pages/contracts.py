"""Contracts with acquirers, their terms and tariffs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from addons.pos_terminal.pages.places import CONTRACT, CONTRACTS, MANAGE, PAGES, TABS, VIEW, at
from kernel.web.pages import Tab
from kernel.web.view import Declined, View

NEW_CONTRACT = f"{CONTRACTS}/new"
TARIFFS_SHOWN = 6  # lines of the form
ZONES = ("Asia/Almaty",)
PPM_OF_PERCENT = 10_000
_PERCENT = re.compile(r"(\d{1,2})(?:[.,](\d{1,4}))?")
_TIME = re.compile(r"(\d{2}):(\d{2})")


@PAGES.page(CONTRACTS, title="pos_terminal.contracts", permission=VIEW, tab=Tab(TABS, 60))
async def contracts(view: View) -> Response:
    """Who takes the cards, and for how much."""
    data = await view.query("contracts")
    return view.show(
        "pos_terminal/contracts.html",
        contracts=data["acquirerContracts"],
        percent=percent,
        tabs=view.tabs(TABS),
    )


@PAGES.page(NEW_CONTRACT, title="pos_terminal.new_contract", permission=MANAGE)
async def new_contract(view: View) -> Response:
    """An empty form."""
    return await _form(view, None)


@PAGES.action(NEW_CONTRACT, permission=MANAGE)
async def create(view: View) -> Response:
    """A contract with its first terms."""
    return await _save(view, None, new_contract)


@PAGES.page(CONTRACT, title="pos_terminal.contract", permission=VIEW)
async def contract(view: View) -> Response:
    """One contract with the history of its terms."""
    return await _form(view, view.place("id"))


@PAGES.action(CONTRACT, permission=MANAGE)
async def save(view: View) -> Response:
    """Another name, address or options; new terms when they are filled in."""
    return await _save(view, view.place("id"), contract)


async def _form(view: View, key: str | None) -> Response:
    found = None
    drivers: list[dict[str, Any]] = []
    if key is not None:
        known = (await view.query("contracts"))["acquirerContracts"]
        found = next((each for each in known if each["id"] == key), None)
        if found is None:
            return view.go(CONTRACTS)
    if view.may(MANAGE):
        drivers = (await view.query("drivers"))["terminalDrivers"]
    return view.show(
        "pos_terminal/contract.html",
        title=found["title"] if found else view.text("pos_terminal.new_contract"),
        contract=found,
        drivers=[(each["name"], view.text(f"pos_terminal.driver_{each['name']}")) for each in drivers]
        if drivers
        else [],
        options="\n".join(f"{each['name']} = {each['value']}" for each in found["options"]) if found else "",
        lines=range(TARIFFS_SHOWN),
        zones=ZONES,
        percent=percent,
    )


async def _save(view: View, key: str | None, again: Any) -> Response:
    form = await view.form()
    try:
        asked = {
            "id": key,
            **{name: form.get(name, "") for name in ("title", "driver", "number", "merchantCode", "address")},
            "agreement": form.get("agreement", ""),
            "options": _options(form.get("options", "")),
            "isActive": "isActive" in form or key is None,
            "terms": _terms(view, form) if key is None or "newTerms" in form else None,
        }
    except Declined as declined:
        return await view.again(declined, again)
    outcome = await view.mutate("set_contract", input=asked)
    if outcome.refusal is not None:
        return await view.again(outcome.refusal, again)
    return view.go(at(CONTRACT, outcome.value["id"]), "core.saved")


def percent(ppm: int) -> str:
    """12900 as 1,29; the tail of noughts is cut."""
    whole, rest = divmod(ppm, PPM_OF_PERCENT)
    tail = f"{rest:04d}".rstrip("0")
    return f"{whole},{tail}" if tail else str(whole)


def _options(text: str) -> list[dict[str, str]]:
    """Lines like `dialect = ascii`."""
    pairs = (line.partition("=") for line in text.splitlines() if line.strip())
    return [{"name": name.strip(), "value": value.strip()} for name, _, value in pairs]


def _terms(view: View, form: Mapping[str, str]) -> dict[str, Any]:
    tariffs = []
    for line in range(TARIFFS_SHOWN):
        rate = form.get(f"rate{line}", "")
        if rate:
            scheme, method = form.get(f"scheme{line}") or "*", form.get(f"method{line}") or "*"
            ppm = _ppm(view, rate, f"rate{line}")
            tariffs.append({"scheme": scheme.upper(), "method": method, "ratePpm": ppm})
    cut_off = _TIME.fullmatch(form.get("cutOff", ""))
    if cut_off is None:
        raise Declined("BAD_USER_INPUT", view.text("core.bad_value"), "cutOff")
    return {
        "tariffs": tariffs,
        "cutOffMinute": int(cut_off[1]) * 60 + int(cut_off[2]),
        "rounding": form.get("rounding") or "PER_OPERATION",
        "feeMin": form.get("feeMin") or "0",
        "feeMax": form.get("feeMax") or None,
        "isCommissionReturned": "isCommissionReturned" in form,
        "creditDays": int(form.get("creditDays") or "1"),
        "qrAs": form.get("qrAs") or "CARD",
        "hasPartialRefund": "hasPartialRefund" in form,
    }


def _ppm(view: View, text: str, field: str) -> int:
    found = _PERCENT.fullmatch(text)
    if found is None:
        raise Declined("BAD_USER_INPUT", view.text("core.bad_value"), field)
    return int(found[1]) * PPM_OF_PERCENT + int((found[2] or "").ljust(4, "0"))
