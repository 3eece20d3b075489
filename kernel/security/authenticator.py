"""Port: turns the text of a credential into a Principal. The gateway calls it once per request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from kernel.security.principal import Principal

if TYPE_CHECKING:
    from kernel.data.database import Database


class Authenticator(Protocol):
    """Provided by the add-on that owns sessions, devices and API tokens.

    The database comes with each call because add-ons register before any is open:
    `await registry.port(Authenticator).authenticate(app.database, token)`.
    """

    async def authenticate(self, database: Database, token: str) -> Principal:
        """The subject of a valid token. Raises Refusal("UNAUTHENTICATED") for anything else."""
        ...
