"""What people and programs ask of the fiscal engine besides selling. Checks of form only."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from kernel.errors import Refusal
from kernel.ids import is_uuid

UINT32_MAX = 2**32 - 1
BARCODE_LENGTH_MAX = 64
_REGISTRATION = re.compile(r"[0-9]{12}")  # the KGD's, on the registration card
VERSIONS = (202, 203, 204)


@dataclass(frozen=True, slots=True)
class ActivateKkm:
    """Make a register fiscal, or take over one that exists at the OFD: id and token come from its cabinet.

    version None: by settings. registration_number: compared with what the OFD says; empty: taken from it.
    vat_series, vat_number: VAT certificate of the company; empty: left as it is.
    """

    register_id: str
    ofd_id: int
    token: int
    profile: str = "simulator"
    version: int | None = None
    registration_number: str = ""
    vat_series: str = ""
    vat_number: str = ""

    def check(self) -> None:
        """Raises Refusal: OFD_ID_MALFORMED, KKM_TOKEN_MALFORMED, OFD_VERSION_UNKNOWN,
        KKM_REGISTRATION_MALFORMED.
        """
        if self.registration_number and _REGISTRATION.fullmatch(self.registration_number) is None:
            raise Refusal("KKM_REGISTRATION_MALFORMED", field="registrationNumber")
        if not 0 < self.ofd_id <= UINT32_MAX:
            raise Refusal("OFD_ID_MALFORMED", field="ofdId")
        check_token(self.token)
        if self.version is not None and self.version not in VERSIONS:
            raise Refusal("OFD_VERSION_UNKNOWN", field="version", version=self.version)


@dataclass(frozen=True, slots=True)
class AskGoods:
    """Ask the OFD for its goods. barcode None: the whole list since the version that was filled in last."""

    register_id: str
    barcode: str | None = None

    def check(self) -> None:
        """Raises Refusal: OFD_BARCODE_MALFORMED."""
        if self.barcode is None:
            return
        if not 0 < len(self.barcode) <= BARCODE_LENGTH_MAX or not self.barcode.isprintable():
            raise Refusal("OFD_BARCODE_MALFORMED", field="barcode", max=BARCODE_LENGTH_MAX)


@dataclass(frozen=True, slots=True)
class TakeGood:
    """Put the good an ask found into the catalogue."""

    ask_id: str


@dataclass(frozen=True, slots=True)
class MakePassport:
    """Make the passport of a new KKM and send it. email None: to the user who asks."""

    register_id: str
    email: str | None = None


@dataclass(frozen=True, slots=True)
class BindDevice:
    """Let a KKM work for one device alone. device_id None: the device that asks."""

    register_id: str
    device_id: str | None = None


@dataclass(frozen=True, slots=True)
class DecommissionKkm:
    """Take a KKM out of use. reason: kept in the audit and the journal."""

    register_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class CreateSandbox:
    """A register with a KKM that a simulator takes. outlet_id None: an outlet made for it."""

    title: str
    outlet_id: str | None = None


@dataclass(frozen=True, slots=True)
class CloseShift:
    """Z report. key: UUID made by the client; the same key closes once.

    withdraws_cash: whether all cash is taken out with it; None: as the company has chosen. approval: an
    administrator's word, where the company asks for it.
    """

    key: str
    register_id: str
    operator_id: str | None = None
    withdraws_cash: bool | None = None
    approval: str | None = field(default=None, repr=False)


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


@dataclass(frozen=True, slots=True)
class RetryDocument:
    """A person mended what the OFD refused a document for: let it be sent again. reason: for the audit."""

    register_id: str
    document_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class MarkHandled:
    """A person settles a refused document apart from the OFD: out of the queue with it. reason: kept in the
    journal and the audit.
    """

    register_id: str
    document_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReleaseJournal:
    """A person has investigated a broken journal and lets the register work. reason: kept for good."""

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
