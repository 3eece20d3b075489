"""Signed-in browsers: a cookie nobody but the server reads, a session that ends when nothing happens, and a
mark in every form that a foreign page cannot know.

Who signs in, and how, is not decided here: the add-on that owns sessions provides the port.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

from kernel.config_sections import ServerSettings
from kernel.errors import Refusal
from kernel.security.principal import Principal

if TYPE_CHECKING:
    from kernel.app import App
    from kernel.data.database import Database

COOKIE = "sauda_session"
HOME_COOKIE = "sauda_home"  # of a guest: the session in the own company, to come back to
SECURE_PREFIX = "__Host-"  # a browser takes such a name over HTTPS only, from this host only
COOKIE_MAX = 256  # characters
CSRF_FIELD = "csrf"
CSRF_HEADER = "x-csrf-token"
LIVE_HEADER = "x-sauda-live"  # a page that refreshes itself; nobody did anything


@dataclass(frozen=True, slots=True)
class WebSession:
    """A signed-in browser. person: name to show; idle_s: it ends after so many seconds without activity;
    left_s: of those, how many are left; company: title of the one acted for.
    """

    principal: Principal
    person: str
    idle_s: int
    left_s: int
    company: str = ""

    @property
    def is_guest(self) -> bool:
        """Whether somebody of another company is in this one."""
        return self.principal.via_company_id is not None


class WebSessions(Protocol):
    """Provided by the add-on that owns sessions."""

    news_topic: str  # notices: rights or sessions changed, of the subject, session or company with this id

    async def start(self, database: Database, access_token: str) -> str:
        """The cookie of a browser whose user has just signed in. Raises Refusal("UNAUTHENTICATED")."""
        ...

    async def resume(self, database: Database, cookie: str, *, is_active: bool) -> WebSession:
        """Whose cookie it is; is_active: somebody did something, so the time begins anew.

        Raises Refusal: SESSION_IDLE (nothing happened for too long), UNAUTHENTICATED.
        """
        ...


def is_secure(app: App, request: HTTPConnection) -> bool:
    """Whether people reach us over HTTPS, maybe through a proxy."""
    public = app.config.section(ServerSettings).public_url
    return public.startswith("https://") or request.url.scheme in ("https", "wss")


def cookie_of(app: App, request: HTTPConnection, name: str = COOKIE) -> str:
    """The session's cookie, or the one a guest comes back to; empty when there is none."""
    given = request.cookies.get(f"{SECURE_PREFIX}{name}" if is_secure(app, request) else name, "")
    return given if len(given) <= COOKIE_MAX else ""


def keep_cookie(
    app: App, request: HTTPConnection, response: Response, value: str, name: str = COOKIE
) -> None:
    """Let the browser keep the session's cookie until it is closed; an empty value takes it back."""
    secure = is_secure(app, request)
    response.set_cookie(
        f"{SECURE_PREFIX}{name}" if secure else name,
        value,
        max_age=None if value else 0,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def csrf_of(cookie: str) -> str:
    """The mark of every form of a session; who cannot read the cookie cannot make it."""
    return hmac.new(cookie.encode(), b"sauda form", hashlib.sha256).hexdigest() if cookie else ""


def demand_own_form(request: HTTPConnection, cookie: str, given: str) -> None:
    """Raises Refusal("FORM_FOREIGN") for a form that does not come from a page of this session.

    Without a session (the sign-in) where it comes from must do: browsers say so themselves.
    """
    if not is_own_page(request) or (cookie and not hmac.compare_digest(csrf_of(cookie), given)):
        raise Refusal("FORM_FOREIGN")


def is_own_page(request: HTTPConnection) -> bool:
    """Whether a page of ours asks, as far as the browser says who does."""
    came_from = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    return came_from in ("same-origin", "none") and (
        origin is None or urlsplit(origin).netloc == request.headers.get("host", "")
    )
