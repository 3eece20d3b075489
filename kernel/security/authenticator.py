"""Port: turns the text of a credential into a Principal. The gateway calls it once per request."""

from __future__ import annotations

from typing import Protocol

from kernel.security.principal import Principal


class Authenticator(Protocol):
    """Provided by the add-on that owns sessions, devices and API tokens."""

    async def authenticate(self, token: str) -> Principal:
        """The subject of a valid token. Raises Refusal("UNAUTHENTICATED") for anything else."""
        ...
