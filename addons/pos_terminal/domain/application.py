"""Applications to an acquirer: the form, its states, and who may do what with it. No tables here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from kernel.errors import Refusal
from kernel.texts import one_line

BUSINESS_LENGTH_MAX = 255
CITY_LENGTH_MAX = 100
SERIAL_LENGTH_MAX = 64
TITLE_LENGTH_MAX = 120
REASON_LENGTH_MAX = 250

_ZIP = re.compile(r"[0-9]{6}|[A-Z][0-9]{2}[A-Z][0-9][A-Z][0-9]")  # the old index and the new one
_SERIAL = re.compile(r"[0-9A-Za-z./-]{3,64}")


class ApplicationKind(StrEnum):
    """What is asked of the acquirer."""

    CONNECT = "connect"  # a new terminal
    REQUISITES = "requisites"  # money of a terminal goes to another account


class ApplicationState(StrEnum):
    """What became of it. Any edit leads back to DRAFT: a signature is good for exactly what was signed."""

    DRAFT = "draft"
    SIGNED = "signed"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"

    @property
    def is_open(self) -> bool:
        """True while it may still be edited."""
        return self not in (ApplicationState.APPROVED, ApplicationState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class ApplicationForm:
    """What the acquirer wants to know of a terminal. iban, bic: of this terminal, checked by the caller.

    agreement: version of the acquirer's terms of service that is accepted.
    """

    serial_number: str
    business: str
    city: str
    zip: str
    iban: str
    bic: str
    contact_email: str
    agreement: str

    def checked(self) -> ApplicationForm:
        """The same, tidy. Raises Refusal: TERMINAL_SERIAL_MALFORMED, APPLICATION_FIELD_EMPTY,
        APPLICATION_ZIP_MALFORMED.
        """
        serial = self.serial_number.strip()
        if _SERIAL.fullmatch(serial) is None:
            raise Refusal("TERMINAL_SERIAL_MALFORMED", field="serialNumber", max=SERIAL_LENGTH_MAX)
        index = re.sub(r"\s", "", self.zip).upper()
        if _ZIP.fullmatch(index) is None:
            raise Refusal("APPLICATION_ZIP_MALFORMED", field="zip")
        for name, given in (("iban", self.iban), ("bic", self.bic), ("contactEmail", self.contact_email)):
            if not given:
                raise Refusal("APPLICATION_FIELD_EMPTY", field=name)
        return ApplicationForm(
            serial_number=serial,
            business=_words(self.business, "business", BUSINESS_LENGTH_MAX),
            city=_words(self.city, "city", CITY_LENGTH_MAX),
            zip=index,
            iban=self.iban,
            bic=self.bic,
            contact_email=self.contact_email,
            agreement=one_line(self.agreement)[:64],
        )


def check_title(text: str) -> str:
    """How people call a terminal. Raises Refusal("APPLICATION_FIELD_EMPTY")."""
    return _words(text, "title", TITLE_LENGTH_MAX)


def check_reason(text: str) -> str:
    """Why something was declined or blocked. Raises Refusal("APPLICATION_FIELD_EMPTY")."""
    return _words(text, "reason", REASON_LENGTH_MAX)


def _words(text: str, field: str, length_max: int) -> str:
    clean = one_line(text)
    if not clean:
        raise Refusal("APPLICATION_FIELD_EMPTY", field=field)
    if len(clean) > length_max:
        raise Refusal("APPLICATION_FIELD_LONG", field=field, max=length_max)
    return clean
