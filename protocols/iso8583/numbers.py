"""Times, numbers and small texts inside elements: DE7, 11, 12, 13, 22, 48, 70, 90. No clock is read here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from protocols.iso8583.errors import MalformedMessage

STAN_MAX = 999_999
TENGE = "398"  # ISO 4217
AMOUNT_MAX = 10**12 - 1  # tiyn, twelve digits of DE4
PART_MAX = 999  # characters of one part of DE48


class Processing(StrEnum):
    """DE3."""

    PURCHASE = "000000"
    VOID = "020000"
    REFUND = "200000"
    SETTLE = "920000"
    SETTLE_AFTER_UPLOAD = "960000"


class Network(StrEnum):
    """DE70 of 0800."""

    SIGN_ON = "001"
    SIGN_OFF = "002"
    PIN_KEY = "101"
    MAC_KEY = "160"
    ECHO = "301"


class ReversalReason(StrEnum):
    """DE56 of a reversal: why."""

    CUSTOMER_CANCELLED = "4000"
    NOT_COMPLETED = "4002"
    CARD_REFUSED = "4007"
    LATE_ANSWER = "4006"
    WRONG_ANSWER = "4020"
    NO_ANSWER = "4021"


class Balance(StrEnum):
    """DE66 of 0510."""

    UNKNOWN = "0"
    IN = "1"
    OUT = "2"
    ERROR = "3"


class Part(StrEnum):
    """Parts of DE48."""

    KSN = "01"  # hexadecimal: key serial number of the encrypted track
    TRACK = "02"  # hexadecimal: track 2 as the device encrypted it
    PIN_BLOCK = "03"  # hexadecimal: 16 bytes of format 4, which DE52 cannot hold
    SCHEME = "04"
    MASKED_NUMBER = "05"
    WALLET = "06"  # 1 when a phone or a watch was shown


def next_stan(stan: int) -> int:
    """1–999999; 999999 is followed by 1."""
    return stan % STAN_MAX + 1


def transmitted(at_ms: int) -> str:
    """DE7, MMDDhhmmss in UTC. at_ms: since 1970."""
    return _moment(at_ms, UTC).strftime("%m%d%H%M%S")


def local_time(at_ms: int, zone: ZoneInfo, digits: int = 6) -> str:
    """DE12, hhmmss in the terminal's zone; YYMMDDhhmmss for the dialects with twelve digits."""
    return _moment(at_ms, zone).strftime("%y%m%d%H%M%S")[-digits:]


def local_date(at_ms: int, zone: ZoneInfo) -> str:
    """DE13, MMDD in the terminal's zone."""
    return _moment(at_ms, zone).strftime("%m%d")


class OriginalData(NamedTuple):
    """DE90: which message is meant."""

    mti: str
    stan: int
    transmitted: str
    acquirer: str = ""
    forwarder: str = ""

    def text(self) -> str:
        """Forty-two digits."""
        return (
            f"{self.mti}{self.stan:06d}{self.transmitted}"
            f"{self.acquirer.rjust(11, '0')}{self.forwarder.rjust(11, '0')}"
        )


def read_original_data(text: str) -> OriginalData:
    """Raises MalformedMessage unless it is 42 digits."""
    if not re.fullmatch(r"[0-9]{42}", text, re.ASCII):
        raise MalformedMessage("field 90 is not 42 digits")
    return OriginalData(text[:4], int(text[4:10]), text[10:20], text[20:31], text[31:])


class OriginalSlip(NamedTuple):
    """DE61 of a void or a refund: batch, number and local date of the payment, as on the slip."""

    batch: int
    stan: int
    date: str

    def text(self) -> str:
        """Sixteen digits."""
        return f"{self.batch:06d}{self.stan:06d}{self.date}"


def read_original_slip(text: str) -> OriginalSlip:
    """Raises MalformedMessage unless it is 16 digits."""
    if not re.fullmatch(r"[0-9]{16}", text, re.ASCII):
        raise MalformedMessage("field 61 is not 16 digits")
    return OriginalSlip(int(text[:6]), int(text[6:12]), text[12:])


def write_parts(parts: Mapping[Part, str]) -> str:
    """DE48: number of two digits, length of three, value; empty values are left out."""
    if any(len(given) > PART_MAX for given in parts.values()):
        raise MalformedMessage("a part of field 48 is too long")
    return "".join(f"{part}{len(given):03d}{given}" for part, given in sorted(parts.items()) if given)


def read_parts(text: str) -> dict[str, str]:
    """Parts of DE48 by number. Raises MalformedMessage."""
    parts: dict[str, str] = {}
    while text:
        head = re.match(r"([0-9]{2})([0-9]{3})", text, re.ASCII)
        if head is None or len(text) < 5 + int(head[2]) or head[1] in parts:
            raise MalformedMessage("field 48 is no row of parts")
        end = 5 + int(head[2])
        parts[head[1]] = text[5:end]
        text = text[end:]
    return parts


def _moment(at_ms: int, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(at_ms // 1000, zone)
