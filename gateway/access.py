"""Who is calling: turns a bearer token into a Principal through the port Authenticator. Cookies are not read
at all.
"""

from __future__ import annotations

from starlette.requests import HTTPConnection

from kernel.app import App
from kernel.config_sections import ServerSettings
from kernel.errors import Refusal
from kernel.security.authenticator import Authenticator
from kernel.security.principal import ANONYMOUS, Principal

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
    header = connection.headers.get("authorization")
    if header is None:
        return ANONYMOUS
    return await authenticate(connection.app.state.sauda, bearer(header))


def bearer(header: str) -> str:
    """The token of an Authorization header. Raises Refusal("UNAUTHENTICATED") for another scheme."""
    scheme, _, token = header.strip().partition(" ")
    if scheme.lower() != SCHEME:
        raise Refusal("UNAUTHENTICATED")
    return token.strip()
