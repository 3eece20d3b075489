"""What people and programs ask of the fiscal engine besides selling. Checks of form only."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.errors import Refusal
from kernel.ids import is_uuid

UINT32_MAX = 2**32 - 1
VERSIONS = (202, 203, 204)


@dataclass(frozen=True, slots=True)
class ActivateKkm:
    """Make a register fiscal: device id and first token come from the OFD's cabinet.

    version None: by settings.
    """

    register_id: str
    ofd_id: int
    token: int
    profile: str = "simulator"
    version: int | None = None

    def check(self) -> None:
        """Raises Refusal: OFD_ID_MALFORMED, KKM_TOKEN_MALFORMED, OFD_VERSION_UNKNOWN."""
        if not 0 < self.ofd_id <= UINT32_MAX:
            raise Refusal("OFD_ID_MALFORMED", field="ofdId")
        check_token(self.token)
        if self.version is not None and self.version not in VERSIONS:
            raise Refusal("OFD_VERSION_UNKNOWN", field="version", version=self.version)


@dataclass(frozen=True, slots=True)
class CloseShift:
    """Z report. key: UUID made by the client; the same key closes once."""

    key: str
    register_id: str
    operator_id: str | None = None


@dataclass(frozen=True, slots=True)
class RequestReport:
    """X report. key: UUID made by the client."""

    key: str
    register_id: str
    operator_id: str | None = None


@dataclass(frozen=True, slots=True)
class EnterToken:
    """A new token from the OFD's cabinet, the remedy for code 2."""

    register_id: str
    token: int


@dataclass(frozen=True, slots=True)
class ReleaseKkm:
    """A person looked at what blocks the register and lets it try again. reason: kept in the audit."""

    register_id: str
    reason: str


def check_token(token: int) -> None:
    """A token is a full unsigned 32-bit number, never 0 (CPCR 2.0.2 §2.2).

    Raises Refusal("KKM_TOKEN_MALFORMED").
    """
    if not 0 < token <= UINT32_MAX:
        raise Refusal("KKM_TOKEN_MALFORMED", field="token")


def check_key(key: str) -> None:
    """Raises Refusal("KEY_MALFORMED")."""
    if not is_uuid(key):
        raise Refusal("FISCAL_KEY_MALFORMED", field="key")
