"""What a name, an address, a PIN, an e-mail or a place on the map must look like. No tables here."""

from __future__ import annotations

import re
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from zxcvbn import zxcvbn

from kernel.errors import Refusal
from kernel.texts import one_line

EMAIL_LENGTH_MAX = 190
PASSWORD_LENGTH_MIN = 8
PASSWORD_SCORE_MIN = 3  # of 4 by zxcvbn: ten thousand million guesses and more
PASSWORD_READ_MAX = 72  # characters that are looked at: the time to look grows with the square
LATITUDE_E4_MAX = 90 * 10_000
LONGITUDE_E4_MAX = 180 * 10_000
OPERATOR_CODE_MAX = 9999  # four digits: what every OFD accepts as the operator's code
REGISTER_NUMBER_MAX = 1_000_000

_EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")
_PIN = re.compile(r"[0-9]{4,12}")
_ZONE = re.compile(r"[A-Za-z]+(/[A-Za-z0-9_+-]+)*")


def check_text(text: str, *, field: str, length_max: int, is_required: bool = True) -> str:
    """The text with single spaces and without control characters.

    Raises Refusal("TEXT_EMPTY") when required and nothing is left, Refusal("TEXT_TOO_LONG").
    """
    clean = one_line(text)
    if not clean and is_required:
        raise Refusal("TEXT_EMPTY", field=field)
    if len(clean) > length_max:
        raise Refusal("TEXT_TOO_LONG", field=field, max=length_max)
    return clean


def check_zone(zone: str) -> str:
    """An IANA name this machine knows. Raises Refusal("ZONE_UNKNOWN")."""
    if _ZONE.fullmatch(zone) is None:
        raise Refusal("ZONE_UNKNOWN", field="zone")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        raise Refusal("ZONE_UNKNOWN", field="zone") from None
    return zone


def check_place(latitude_e4: int | None, longitude_e4: int | None) -> None:
    """Coordinates in 1/10000 of a degree, both or none.

    Raises Refusal("OUTLET_COORDINATES_INCOMPLETE"), Refusal("OUTLET_COORDINATES_OUT_OF_RANGE").
    """
    if latitude_e4 is None and longitude_e4 is None:
        return
    if latitude_e4 is None or longitude_e4 is None:
        raise Refusal(
            "OUTLET_COORDINATES_INCOMPLETE", field="latitudeE4" if latitude_e4 is None else "longitudeE4"
        )
    if abs(latitude_e4) > LATITUDE_E4_MAX:
        raise Refusal("OUTLET_COORDINATES_OUT_OF_RANGE", field="latitudeE4")
    if abs(longitude_e4) > LONGITUDE_E4_MAX:
        raise Refusal("OUTLET_COORDINATES_OUT_OF_RANGE", field="longitudeE4")


def check_pin(pin: str, *, field: str = "pin") -> str:
    """4 to 12 digits. Raises Refusal("PIN_MALFORMED").

    Source: state requirements to registers, part 3: passwords of at least four digits.
    """
    if _PIN.fullmatch(pin) is None:
        raise Refusal("PIN_MALFORMED", field=field)
    return pin


def check_pin_strength(pin: str, *, is_production: bool, field: str = "pin") -> str:
    """The PIN, where real money is taken only one that nobody tries first; demos may use any.

    Raises Refusal("PIN_WEAK") for one digit over and over and for digits in a row, such as 1111, 1234, 9876.
    """
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    if is_production and steps in ({0}, {1}, {9}):
        raise Refusal("PIN_WEAK", field=field)
    return pin


def check_email(email: str) -> str:
    """The address in lower case. Raises Refusal("EMAIL_MALFORMED")."""
    clean = email.strip().lower()
    if len(clean) > EMAIL_LENGTH_MAX or _EMAIL.fullmatch(clean) is None:
        raise Refusal("EMAIL_MALFORMED", field="email")
    return clean


def check_password(password: str, *, about: tuple[str, ...] = ()) -> str:
    """The password itself, when it is not among those tried first. No rules about digits and signs.

    about: what a guesser knows of its owner, such as e-mail and name. Raises Refusal: PASSWORD_TOO_SHORT,
    PASSWORD_WEAK.
    """
    if len(password) < PASSWORD_LENGTH_MIN:
        raise Refusal("PASSWORD_TOO_SHORT", field="password", min=PASSWORD_LENGTH_MIN)
    known = [word for text in about for word in re.split(r"[\s@.]+", text) if word]
    verdict = zxcvbn(password[:PASSWORD_READ_MAX], user_inputs=[*about, *known, "sauda"])
    if verdict["score"] < PASSWORD_SCORE_MIN:
        raise Refusal("PASSWORD_WEAK", field="password")
    return password


def check_language(language: str) -> str:
    """One of ru, kk, en. Raises Refusal("LANGUAGE_UNKNOWN")."""
    if language not in ("ru", "kk", "en"):
        raise Refusal("LANGUAGE_UNKNOWN", field="language")
    return language
