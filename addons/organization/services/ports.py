"""What services of organization ask of the world outside."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from addons.organization.domain.cards import BoardLine
    from kernel.data.database import Database
    from kernel.errors import Fact
    from kernel.security.principal import Principal


class RevocationState(StrEnum):
    """What is known about a certificate."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"  # nobody could be asked, or the answer proves nothing


class Revocation(Protocol):
    """Asks the authority whether a certificate was revoked."""

    async def state_of(self, certificate: bytes, issuer: bytes, *, now: datetime) -> RevocationState:
        """certificate, issuer: in DER; the path between them was checked. Never raises for a silent one."""
        ...


class Opinion(StrEnum):
    """What a second verifier says of a signature."""

    NOT_REVOKED = "not_revoked"  # it is good, and the authority was asked
    CONFIRMED = "confirmed"  # it is good; the authority was not asked
    REVOKED = "revoked"
    DENIED = "denied"
    NONE = "none"  # nobody answered, or not about this signature


class SecondVerifier(Protocol):
    """Looks at a signature once more."""

    async def opinion(self, url: str, cms: str, serial: int, *, asks_authority: bool) -> Opinion:
        """cms: the message in base64, found good by ourselves; serial: number of its signer's certificate.
        Never raises for a silent one.
        """
        ...


class DeviceProbe(Protocol):
    """Looks whether a device beside a register works: offered under the name of what it is, "terminal"."""

    async def look(
        self, database: Database, principal: Principal, register_id: str
    ) -> BoardLine | Mapping[str, Fact] | None:
        """What is wrong; when all is well, facts for people; None when the register has no such device.

        Outside of any transaction, within seconds; never raises for a silent device.
        """
        ...
