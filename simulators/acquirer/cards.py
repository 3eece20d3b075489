"""Cards that exist only here, and the keys of their readers: both known to everybody, worth nothing.

A card number is put together when it is used and never leaves this folder in clear: the device encrypts it,
the host opens it and keeps six and four digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from protocols.iso8583.crypto import Algorithm, cmac

# Base derivation key of the readers: the one of the examples of ANSI X9.24-1.
READER_KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
READER_SET = b"SAUDA"  # key set in the KSN of readers that this host can open
ISSUER_KEY = b"sauda test cards"  # 16 bytes: makes and checks cryptograms
EXPIRY = "3012"


class Scheme(StrEnum):
    """Payment schemes a statement tells apart."""

    VISA = "VISA"
    MASTERCARD = "MASTERCARD"
    UNIONPAY = "UNIONPAY"


class Wallet(StrEnum):
    """Phones and watches: a contactless token in place of the card."""

    APPLE_PAY = "apple_pay"
    GOOGLE_PAY = "google_pay"
    SAMSUNG_PAY = "samsung_pay"
    GARMIN_PAY = "garmin_pay"


@dataclass(frozen=True, slots=True, repr=False)
class Card:
    """body: the number without its check digit. aid: application identifier of the chip."""

    title: str
    scheme: Scheme
    aid: str
    body: str
    pin: str = ""
    wallet: Wallet | None = None

    @property
    def number(self) -> str:
        """All digits."""
        return self.body + luhn_digit(self.body)

    @property
    def masked_number(self) -> str:
        """As a slip shows it."""
        number = self.number
        return f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}"

    @property
    def track(self) -> str:
        """Track 2, as the chip tells it."""
        return f"{self.number}={EXPIRY}2010000000000"

    def cryptogram(self, amount_tiyn: int, counter: int, unpredictable: bytes) -> bytes:
        """The chip's word for this operation (9F26). counter: of the card's operations (9F36)."""
        said = f"{self.number}{amount_tiyn:012d}{counter:04X}".encode() + unpredictable
        return cmac(Algorithm.AES, ISSUER_KEY, said)[:8]


def luhn_digit(body: str) -> str:
    """The check digit of a card number (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


_VISA, _MASTERCARD, _UNIONPAY = "A0000000031010", "A0000000041010", "A000000333010101"

CARDS = (
    Card("visa", Scheme.VISA, _VISA, "400303" + "000000001", pin="1234"),
    Card("visa-2", Scheme.VISA, _VISA, "440043" + "000000002", pin="4321"),
    Card("mastercard", Scheme.MASTERCARD, _MASTERCARD, "510510" + "000000003", pin="1111"),
    Card("unionpay", Scheme.UNIONPAY, _UNIONPAY, "625904" + "000000004", pin="222222"),
    Card("apple-visa", Scheme.VISA, _VISA, "489537" + "000000005", wallet=Wallet.APPLE_PAY),
    Card(
        "google-mastercard", Scheme.MASTERCARD, _MASTERCARD, "520424" + "000000006", wallet=Wallet.GOOGLE_PAY
    ),
    Card("samsung-visa", Scheme.VISA, _VISA, "489537" + "000000007", wallet=Wallet.SAMSUNG_PAY),
    Card(
        "garmin-mastercard", Scheme.MASTERCARD, _MASTERCARD, "520424" + "000000008", wallet=Wallet.GARMIN_PAY
    ),
)
BY_TITLE = {card.title: card for card in CARDS}
BY_NUMBER = {card.number: card for card in CARDS}
