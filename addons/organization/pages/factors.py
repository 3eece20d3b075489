"""The second proofs of the person: codes of an app, passkeys, recovery codes."""

from __future__ import annotations

from markupsafe import Markup
from starlette.responses import Response

from addons.organization.pages.places import PAGES, SETTINGS
from kernel.printing.codes import qr_svg
from kernel.web.pages import CONSOLE, Tab
from kernel.web.view import Outcome, View

FACTORS = f"{CONSOLE}/settings/factors"
SECURE = "organization.secure_account"
ADDRESS_LENGTH_MAX = 500  # of an app's secret with its names: it comes back in the form


@PAGES.page(FACTORS, title="organization.factors", permission=SECURE, tab=Tab(SETTINGS, 25))
async def factors(view: View) -> Response:
    """What there is, and what may be added."""
    return await _shown(view)


@PAGES.action(FACTORS, permission=SECURE)
async def change_factors(view: View) -> Response:
    """One more, in two steps; one less; new recovery codes."""
    form = await view.form()
    title = form.get("title", "")
    match form.get("what"):
        case "codes":
            outcome = await view.mutate("begin_codes", title=title)
            if outcome.refusal is None:
                return await _shown(view, codes=outcome.value)
        case "confirm":
            outcome = await view.mutate("confirm_codes", id=form.get("id", ""), code=form.get("code", ""))
            if outcome.refusal is not None and outcome.refusal.is_about("code"):
                view.refusal = outcome.refusal  # the same app once more: its page carries what it needs
                carried = {name: form.get(name, "") for name in ("secret", "address")}
                return await _shown(view, codes=carried | {"factorId": form.get("id", "")})
            return await _added(view, outcome)
        case "passkey":
            outcome = await view.mutate("begin_passkey")
            if outcome.refusal is None:
                return await _shown(view, passkey=outcome.value | {"title": title})
        case "add":
            asked = {"ticket": form.get("ticket", ""), "answer": form.get("passkey", ""), "title": title}
            return await _added(view, await view.mutate("add_passkey", **asked))
        case "recovery":
            return await _added(view, await view.mutate("recovery_codes"))
        case _:
            outcome = await view.mutate("remove_factor", id=form.get("id", ""))
    return await view.done(outcome, FACTORS, factors, note="core.done")


async def _added(view: View, outcome: Outcome) -> Response:
    """On to the list, by way of the recovery codes when there are new ones: they are shown once."""
    if outcome.refusal is None and outcome.value["recoveryCodes"]:
        return await _shown(view, recovery=outcome.value["recoveryCodes"])
    return await view.done(outcome, FACTORS, factors, note="core.done")


async def _shown(view: View, **step: object) -> Response:
    codes = step.get("codes")
    address = codes["address"] if isinstance(codes, dict) else ""
    is_ours = address.startswith("otpauth://totp/") and len(address) <= ADDRESS_LENGTH_MAX
    qr = Markup(qr_svg(address)) if is_ours else ""
    return view.show(
        "organization/factors.html",
        factors=(await view.query("factors"))["myFactors"],
        tabs=view.tabs(SETTINGS),
        qr=qr,
        codes=codes,
        passkey=step.get("passkey"),
        recovery=step.get("recovery"),
    )
