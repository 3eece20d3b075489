"""Who is calling: turns a bearer token into a Principal through the port Authenticator. Cookies are not read
at all.
"""

from __future__ import annotations

from functools import lru_cache

from starlette.requests import HTTPConnection, Request
from starlette.types import Scope

from gateway.envelope import header
from kernel.app import App
from kernel.config_sections import ServerSettings
from kernel.errors import Refusal
from kernel.i18n import ACCEPT_LENGTH_MAX, choose_language
from kernel.security.authenticator import Authenticator
from kernel.security.origin import ADDRESS_LENGTH, AGENT_LENGTH, Origin
from kernel.security.principal import ANONYMOUS, Principal
from kernel.web.rendering import language_of

TOKEN_MAX = 4_096  # characters
SCHEME = "bearer"


def origins_of(settings: ServerSettings) -> list[str]:
    """Origins of foreign pages that may call us, from their comma-separated list."""
    return [each.strip() for each in settings.allowed_origins.split(",") if each.strip()]


async def authenticate(app: App, token: str) -> Principal:
    """The subject of a token. Raises Refusal("UNAUTHENTICATED") when it is not valid, or nobody can tell."""
    authenticator = app.registry.port_or_none(Authenticator)  # type: ignore[type-abstract]
    if authenticator is None or not token or len(token) > TOKEN_MAX:
        raise Refusal("UNAUTHENTICATED")
    return await authenticator.authenticate(app.database, token)


async def principal_of(connection: HTTPConnection) -> Principal:
    """The caller of a request: anonymous without an Authorization header.

    Raises Refusal("UNAUTHENTICATED") for a token that is not valid: a wrong token is never taken for none.
    """
    return await caller_of(connection.app.state.sauda, connection.scope)


async def caller_of(app: App, scope: Scope) -> Principal:
    """The same for who has the scope of the request alone."""
    given = header(scope, b"authorization")
    return ANONYMOUS if given is None else await authenticate(app, bearer(given))


def origin_of(app: App, scope: Scope) -> Origin:
    """The client's address: the peer, or what a proxy we trust says it was. The nearest proxy's word is the
    last of X-Forwarded-For; what clients wrote before it is not believed.
    """
    client = scope.get("client")
    address = str(client[0]) if client else ""
    trusted = app.config.section(ServerSettings).trusted_proxies
    if address in trusted:
        for hop in reversed((header(scope, b"x-forwarded-for") or "").split(",")):
            address = hop.strip() or address
            if address not in trusted:
                break
    return Origin(address[:ADDRESS_LENGTH], (header(scope, b"user-agent") or "")[:AGENT_LENGTH])


def wish_of(scope: Scope) -> str:
    """The language the request asks for: of its address, else of its headers."""
    if scope["query_string"]:
        return language_of(Request(scope))
    return _wished((header(scope, b"accept-language") or "")[:ACCEPT_LENGTH_MAX])


@lru_cache(maxsize=256)
def _wished(accept: str) -> str:
    return choose_language(accept)


def bearer(given: str) -> str:
    """The token of an Authorization header. Raises Refusal("UNAUTHENTICATED") for another scheme."""
    scheme, _, token = given.strip().partition(" ")
    if scheme.lower() != SCHEME:
        raise Refusal("UNAUTHENTICATED")
    return token.strip()
