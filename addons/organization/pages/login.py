"""Signing in and out of the console, in a browser."""

from __future__ import annotations

from starlette.responses import Response

from addons.organization.pages.places import PAGES
from kernel.web.pages import CONSOLE, LOGIN
from kernel.web.view import View

LOGOUT = f"{CONSOLE}/logout"
CONFIRM = f"{LOGIN}/confirm"


@PAGES.page(LOGIN, title="organization.sign_in", is_public=True)
async def login(view: View) -> Response:
    """The form; who is signed in is led on."""
    if view.session is not None:
        return view.go(view.asked("next", CONSOLE))
    target = view.values.get("next") or view.asked("next")
    terms = (await view.query("terms"))["signUpTerms"]
    return view.show(
        "organization/login.html",
        next=target,
        is_idle=bool(view.asked("idle")),
        can_sign_up=terms["isOpen"],
    )


@PAGES.action(LOGIN, is_public=True)
async def sign_in(view: View) -> Response:
    """Sign in, by e-mail or by company and user name, and go back to the page that was open."""
    form = await view.form()
    password = form.get("password", "")
    if client := form.get("client", ""):
        name = form.get("userName", "")
        outcome = await view.mutate("sign_in_by_name", client=client, userName=name, password=password)
    else:
        outcome = await view.mutate("sign_in", email=form.get("email", ""), password=password)
    if outcome.refusal is not None:
        return await view.again(outcome.refusal, login)
    if outcome.value["__typename"] == "SecondFactorNeeded":
        return view.show(
            "organization/second_factor.html",
            title=view.text("organization.one_more_proof"),
            ticket=outcome.value["ticket"],
            kinds=outcome.value["kinds"],
            passkey=outcome.value["passkeyOptions"],
            next=form.get("next", ""),
        )
    await view.begin_session(outcome.value["accessToken"])
    return view.go(form.get("next") or CONSOLE)


@PAGES.action(CONFIRM, is_public=True)
async def confirm(view: View) -> Response:
    """The second proof; a ticket is good for one try."""
    form = await view.form()
    shown = {name: form.get(name) or None for name in ("code", "passkey")}
    outcome = await view.mutate("confirm_sign_in", ticket=form.get("ticket", ""), **shown)
    if outcome.refusal is not None:
        return await view.again(outcome.refusal, login)
    await view.begin_session(outcome.value["accessToken"])
    return view.go(form.get("next") or CONSOLE)


@PAGES.action(LOGOUT)
async def sign_out(view: View) -> Response:
    """End the session here and now."""
    await view.mutate("sign_out")
    if await view.come_back():  # a guest's own session ends with it
        await view.mutate("sign_out")
    view.end_session()
    return view.go(LOGIN)
