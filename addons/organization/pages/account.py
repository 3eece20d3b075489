"""What a letter leads to: a new account, a forgotten password, an invitation; and a newcomer's company.

The token of a letter stands behind "#" of its link; a script puts it into the form, or people paste it.
"""

from __future__ import annotations

import base64
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from addons.organization.pages.places import PAGES
from kernel.errors import Refusal
from kernel.web.pages import CONSOLE, LOGIN
from kernel.web.view import View, given

LETTER_PATH = "/account/{purpose}"  # as letters say it
ACCOUNT = f"{CONSOLE}/account"
SIGN_UP, CONFIRM = f"{ACCOUNT}/new", f"{ACCOUNT}/sign-up"
FORGOT, PASSWORD = f"{ACCOUNT}/forgot", f"{ACCOUNT}/password"
INVITATION = f"{ACCOUNT}/invitation"
OPEN = f"{ACCOUNT}/company"
SIGN = f"{OPEN}/sign"
FIRST_DETAILS = ("legalForm", "name", "nameKk", "city", "phone")
PURPOSES = ("sign-up", "password", "invitation")


async def from_letter(request: Request) -> Response:
    """GET /account/{purpose}: on to the page of the console; the browser keeps what stands behind "#".

    Raises Refusal("LETTER_TOKEN_WRONG").
    """
    purpose = request.path_params["purpose"]
    if purpose not in PURPOSES:
        raise Refusal("LETTER_TOKEN_WRONG")
    return RedirectResponse(f"{ACCOUNT}/{purpose}", status_code=303)


@PAGES.page(FORGOT, title="organization.forgot", is_public=True)
async def forgot(view: View) -> Response:
    """Where to send a letter."""
    return _shown(view, "forgot")


@PAGES.action(FORGOT, is_public=True)
async def ask_letter(view: View) -> Response:
    """The letter; whether the address is known is not told."""
    outcome = await view.mutate("request_password", email=(await view.form()).get("email", ""))
    return await view.done(outcome, PASSWORD, forgot, note="organization.letter_sent")


@PAGES.page(PASSWORD, title="organization.new_password_title", is_public=True)
async def password(view: View) -> Response:
    """The code of the letter and a new password."""
    return _shown(view, "password")


@PAGES.action(PASSWORD, is_public=True)
async def set_password(view: View) -> Response:
    """A new password; all sessions of the person end."""
    form = await view.form()
    outcome = await view.mutate(
        "reset_password", token=form.get("token", ""), password=form.get("password", "")
    )
    return await view.done(outcome, LOGIN, password, note="organization.password_set")


@PAGES.page(SIGN_UP, title="organization.sign_up", is_public=True)
async def sign_up(view: View) -> Response:
    """A new account, where strangers may open one."""
    terms = (await view.query("terms"))["signUpTerms"]
    return _shown(view, "sign_up", terms=terms)


@PAGES.action(SIGN_UP, is_public=True)
async def open_account(view: View) -> Response:
    """A letter to the new person."""
    form = await view.form()
    asked: dict[str, Any] = {"email": "", "name": "", "password": ""} | given(
        form, "email", "name", "password", "phone", "termsVersion"
    )
    if form.get("nonce"):
        asked["proof"] = {"challenge": form.get("challenge", ""), "nonce": form["nonce"]}
    outcome = await view.mutate("sign_up", input=asked | {"language": view.language})
    return await view.done(outcome, CONFIRM, sign_up, note="organization.letter_sent")


@PAGES.page(CONFIRM, title="organization.confirm_address", is_public=True)
async def confirm_address(view: View) -> Response:
    """The code of the letter."""
    return _shown(view, "confirm")


@PAGES.action(CONFIRM, is_public=True)
async def confirmed(view: View) -> Response:
    """Signed in, and on to a company; or the letter once more."""
    form = await view.form()
    if form.get("what") == "resend":
        outcome = await view.mutate("resend_sign_up", email=form.get("email", ""))
        return await view.done(outcome, CONFIRM, confirm_address, note="organization.letter_sent")
    outcome = await view.mutate("confirm_sign_up", token=form.get("token", ""))
    if outcome.refusal is not None:
        return await view.again(outcome.refusal, confirm_address)
    await view.begin_session(outcome.value["accessToken"])
    return view.go(OPEN)


@PAGES.page(INVITATION, title="organization.invitation", is_public=True)
async def invitation(view: View) -> Response:
    """The code of the letter; a name and a password from whoever is new here."""
    return _shown(view, "invitation", terms=(await view.query("terms"))["signUpTerms"])


@PAGES.action(INVITATION, is_public=True)
async def accept(view: View) -> Response:
    """A member of the company from now on."""
    form = await view.form()
    asked = {"token": ""} | given(form, "token", "name", "password", "termsVersion")
    outcome = await view.mutate("accept_invitation", input=asked)
    if outcome.refusal is not None:
        return await view.again(outcome.refusal, invitation)
    if "accessToken" not in outcome.value:
        return view.go(LOGIN)
    await view.begin_session(outcome.value["accessToken"])
    return view.go(CONSOLE)


@PAGES.page(OPEN, title="organization.open_company")
async def first_company(view: View) -> Response:
    """BIN and name of the company."""
    known = (await view.query("legal_forms"))["forms"]["enumValues"]
    terms = (await view.query("terms"))["signUpTerms"]
    return _shown(view, "company", forms=[each["name"] for each in known], terms=terms)


@PAGES.action(OPEN)
async def open_company(view: View) -> Response:
    """The caller's own company."""
    form = await view.form()
    asked = {"bin": form.get("bin", ""), "details": given(form, *FIRST_DETAILS)}
    if form.get("what") == "sign":
        outcome = await view.mutate("prepare_application", input=asked)
        if outcome.refusal is not None:
            return await view.again(outcome.refusal, first_company)
        return _signing(view, outcome.value)
    outcome = await view.mutate("open_company", input=asked)
    if outcome.refusal is not None:
        return await view.again(outcome.refusal, first_company)
    await view.begin_session(outcome.value["tokens"]["accessToken"])
    return view.go(f"{CONSOLE}/registers/new")


@PAGES.page(SIGN, title="organization.sign_application")
async def sign_again(view: View) -> Response:
    """Nothing is left of a text but on the page that showed it."""
    return view.go(OPEN)


@PAGES.action(SIGN)
async def company_signed(view: View) -> Response:
    """The company is opened by the signature of its head."""
    form = await view.form()
    files = await view.files("file")
    signature = base64.b64encode(files[0][1]).decode() if files else form.get("signature", "")
    outcome = await view.mutate("submit_application", id=form.get("textId", ""), signature=signature)
    if outcome.refusal is not None:
        view.refusal = outcome.refusal
        text = form.get("text", "")
        shown = base64.b64decode(text, validate=False).decode(errors="replace")
        kept = {"id": form.get("textId", ""), "base64": text, "text": shown, "expiresAt": form.get("until")}
        return _signing(view, kept)
    await view.begin_session(outcome.value["tokens"]["accessToken"])
    return view.go(f"{CONSOLE}/registers/new")


def _signing(view: View, text: dict[str, Any]) -> Response:
    title = view.text("organization.sign_application")
    return view.show("organization/sign_application.html", title=title, text=text)


def _shown(view: View, step: str, **context: Any) -> Response:
    shown = {"terms": None, **context}
    return view.show("organization/account.html", step=step, **shown)
