"""Keys of a terminal of an acquirer's host: what is loaded, the exchange of working keys, and the ceremony in
which people who do not know each other's part put a master key together.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from addons.pos_terminal.pages.places import LOAD_KEYS, PAGES, TERMINAL, TERMINAL_FRAGMENTS, VIEW, at
from kernel.web.view import View

CEREMONY = f"{TERMINAL}/keys"


@PAGES.slot(TERMINAL_FRAGMENTS, order=10, permission=VIEW)
async def keys_card(view: View, terminal_id: str) -> str:
    """On a terminal's page: its keys by their check values."""
    data = await view.query("terminal_keys", id=terminal_id)
    terminal = data["cardTerminal"]
    if not terminal or not (terminal["contract"]["driver"] or {}).get("needsKeys"):
        return ""
    return view.part(
        "pos_terminal/keys_card.html", keys=data["cardTerminalKeys"], own=at(TERMINAL, terminal_id)
    )


@PAGES.action(f"{TERMINAL}/update-keys", permission="pos_terminal.pay")
async def update_keys(view: View) -> Response:
    """Exchange working keys with the host."""
    key = view.place("id")
    outcome = await view.mutate("update_keys", id=key)
    return await view.done(outcome, at(TERMINAL, key), ceremony, note="pos_terminal.keys_asked")


@PAGES.page(CEREMONY, title="pos_terminal.key_ceremony", permission=LOAD_KEYS)
async def ceremony(view: View) -> Response:
    """Begin one, enter one's own component, compare the check value and take the key in."""
    data = await view.query("terminal_keys", id=view.place("id"))
    terminal, keys = data["cardTerminal"], data["cardTerminalKeys"]
    going: dict[str, Any] | None = None
    if keys["ceremonyId"]:
        going = (await view.query("key_ceremony", id=keys["ceremonyId"]))["keyCeremony"]
    return view.show(
        "pos_terminal/ceremony.html",
        terminal=terminal,
        keys=keys,
        going=going,
        named_forms=[(each["name"], each["name"].replace("_", "-")) for each in data["forms"]["enumValues"]],
        own=at(CEREMONY, view.place("id")),
        back_to=at(TERMINAL, view.place("id")),
    )


@PAGES.action(CEREMONY, permission=LOAD_KEYS)
async def go_on(view: View) -> Response:
    """The next step. A component is never shown again, not even in the form after a refusal."""
    key, form = view.place("id"), dict(await view.form())
    going = form.get("ceremonyId", "")
    wishes: dict[str, tuple[str, dict[str, Any]]] = {
        "start": (
            "start_ceremony",
            {
                "input": {
                    "terminalId": key,
                    "form": form.get("form", ""),
                    "componentCount": 3 if form.get("count") == "3" else 2,
                }
            },
        ),
        "enter": (
            "enter_component",
            {
                "id": going,
                "component": form.get("component", "").replace(" ", ""),
                "checkValue": form.get("checkValue", ""),
            },
        ),
        "confirm": ("confirm_ceremony", {"id": going, "checkValue": form.get("checkValue", "")}),
        "cancel": ("cancel_ceremony", {"id": going}),
    }
    document, asked = wishes.get(form.get("what", ""), wishes["cancel"])
    outcome = await view.mutate(document, **asked)
    return await view.done(outcome, at(CEREMONY, key), ceremony, note="core.done")
