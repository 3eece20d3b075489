"""What the company chose for all its registers: a tab of the settings."""

from __future__ import annotations

from starlette.responses import Response

from addons.fiscal_kz.pages.places import ACTIVATE, PAGES
from kernel.web.pages import CONSOLE, Tab
from kernel.web.view import View

CHOICES = f"{CONSOLE}/settings/registers"


@PAGES.page(CHOICES, title="fiscal_kz.registers", permission=ACTIVATE, tab=Tab("organization.settings", 25))
async def choices(view: View) -> Response:
    """When a shift closes by itself, and whether its close takes the cash out."""
    data = await view.query("choices")
    return view.show(
        "fiscal_kz/choices.html", chosen=data["fiscalChoices"], tabs=view.tabs("organization.settings")
    )


@PAGES.action(CHOICES, permission=ACTIVATE)
async def save_choices(view: View) -> Response:
    """The choices as written."""
    form = await view.form()
    minutes = form.get("autoCloseMinutes", "")
    asked = {
        "autoCloseMinutes": int(minutes) if minutes.isdecimal() else 0,
        "withdrawAtClose": form.get("withdrawAtClose") == "1",
    }
    return await view.done(await view.mutate("save_choices", input=asked), CHOICES, choices)
