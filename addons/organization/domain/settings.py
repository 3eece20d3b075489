"""Settings of organization, section [organization]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class OrganizationSettings:
    """Lifetimes in seconds unless the name says otherwise."""

    SECTION: ClassVar[str] = "organization"

    access_token_s: int = 900
    user_session_days: int = 30  # a user who does not come back for so long signs in again
    operator_session_hours: int = 12  # an operator signs in anew for every working day
    refresh_leeway_s: int = 10  # a refresh token may come twice within this: the answer to the first was lost
    binding_s: int = 900  # a one-time binding token waits so long for its device
    principal_cache_s: int = 5  # a revocation in another process is noticed at the latest after this
    signing_key_days: int = 90  # then a new key signs; old tokens are believed until they expire
