"""Numbers of the exchange and what a result code means. Decisions about them belong to the fiscal engine."""

from __future__ import annotations

from enum import IntEnum, StrEnum

V202 = 202
V203 = 203
V204 = 204
VERSIONS = (V202, V203, V204)


class Command(IntEnum):
    """Source: CPCR 2.0.2 and 2.0.4, command table."""

    SYSTEM = 0
    TICKET = 1
    CLOSE_SHIFT = 2
    REPORT = 3
    NOMENCLATURE = 4
    INFO = 5
    MONEY_PLACEMENT = 6
    CANCEL_TICKET = 7
    AUTH = 8
    OPEN_SHIFT = 9
    QR_GENERATE = 100
    QR_GET_STATUS = 101
    RESERVED = 127


class Operation(IntEnum):
    BUY = 0
    BUY_RETURN = 1
    SELL = 2
    SELL_RETURN = 3


class PaymentType(IntEnum):
    CASH = 0
    CARD = 1
    CREDIT = 2
    TARE = 3
    MOBILE = 4


class DomainType(IntEnum):
    TRADING = 0
    SERVICES = 1
    GASOIL = 2
    HOTELS = 3
    TAXI = 4
    PARKING = 5


class CommodityType(IntEnum):
    """Since 2.0.4."""

    PRODUCT = 0
    TASK = 1
    SERVICE = 2


class PlacementType(IntEnum):
    DEPOSIT = 0
    WITHDRAWAL = 1


class ReportType(IntEnum):
    Z = 0
    X = 1


class AdType(IntEnum):
    OFD = 0
    ORG = 1
    POS = 2
    KKM = 3
    INFO = 4


TAX_VAT = 100


class ResultCode(IntEnum):
    """Source: CPCR 2.0.2 and 2.0.4, result table. Number 18 changed its meaning between 2.0.3 and 2.0.4."""

    OK = 0
    UNKNOWN_ID = 1
    INVALID_TOKEN = 2
    PROTOCOL_ERROR = 3
    UNKNOWN_COMMAND = 4
    UNSUPPORTED_COMMAND = 5
    INVALID_CONFIGURATION = 6
    SSL_IS_NOT_ALLOWED = 7
    INVALID_REQUEST_NUMBER = 8
    INVALID_RETRY_REQUEST = 9
    CANT_CANCEL_TICKET = 10
    OPEN_SHIFT_TIMEOUT_EXPIRED = 11
    INVALID_LOGIN_PASSWORD = 12
    INCORRECT_REQUEST_DATA = 13
    NOT_ENOUGH_CASH = 14
    BLOCKED = 15
    SHIFT_ALREADY_OPENED = 16
    SAME_TAXPAYER_AND_CUSTOMER = 17
    DEREGISTERED = 18
    DISCONNECTED = 19
    SERVICE_TEMPORARILY_UNAVAILABLE = 254
    UNKNOWN_ERROR = 255


class Verdict(StrEnum):
    """What a result code asks of the register."""

    OK = "ok"
    RETRY = "retry"  # the same bytes again within the transaction time, then offline
    TOKEN = "token"  # blocked until a person enters a correct token
    BLOCK = "block"  # the server does not let this register work
    STOP = "stop"  # no operation until the cause is mended: protocol, command or numbering
    REJECT = "reject"  # this document is wrong, the register is not
    UNKNOWN = "unknown"  # a code we do not know: as a rejection


_VERDICTS: dict[int, Verdict] = {
    0: Verdict.OK,
    1: Verdict.BLOCK,
    2: Verdict.TOKEN,
    3: Verdict.STOP,
    4: Verdict.STOP,
    5: Verdict.STOP,
    6: Verdict.STOP,
    7: Verdict.STOP,
    8: Verdict.STOP,
    9: Verdict.STOP,
    10: Verdict.REJECT,
    11: Verdict.REJECT,
    12: Verdict.REJECT,
    13: Verdict.REJECT,
    14: Verdict.REJECT,
    15: Verdict.BLOCK,
    16: Verdict.REJECT,
    17: Verdict.REJECT,
    254: Verdict.RETRY,
    255: Verdict.RETRY,
}


def verdict(code: int, version: int) -> Verdict:
    """What the code means in an answer whose header carries `version` (202, 203 …).

    During the replay of an offline queue everything but OK and RETRY blocks the register (CPCR 2.0.2 §5.4);
    that is the caller's rule, not a property of the code.
    """
    if code in (ResultCode.DEREGISTERED, ResultCode.DISCONNECTED):
        if version >= V204:
            return Verdict.BLOCK
        return Verdict.REJECT if code == 18 else Verdict.UNKNOWN
    return _VERDICTS.get(code, Verdict.UNKNOWN)


def code_name(code: int, version: int) -> str:
    """Stable English name of a result code, "CODE_n" for one we do not know."""
    if code == 18 and version < V204:
        return "ELEMENT_NOT_FOUND_BY_BARCODE"
    try:
        return ResultCode(code).name
    except ValueError:
        return f"CODE_{code}"


def has_rotating_token(command: int) -> bool:
    """Whether the answer may carry a new token (a client stores whatever token comes back anyway)."""
    return command in _ROTATING


_ROTATING = frozenset(
    (Command.TICKET, Command.CLOSE_SHIFT, Command.MONEY_PLACEMENT, Command.CANCEL_TICKET, Command.RESERVED)
)
