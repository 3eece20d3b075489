"""Result codes of the OFD and what each tells the register to do.

Source: CPCR 2.0.2 §2.4, ofd_protocol §1.6.

Texts for people are in locale/refusals.toml, never taken from the server's result_text.
"""

from __future__ import annotations

from addons.fiscal_kz.domain.kinds import Verdict

OK = 0
UNKNOWN_ID = 1
INVALID_TOKEN = 2
UNKNOWN_COMMAND = 4
UNSUPPORTED_COMMAND = 5
INVALID_REQUEST_NUMBER = 8
INVALID_RETRY_REQUEST = 9
SHIFT_EXPIRED = 11
NOT_ENOUGH_CASH = 14
BLOCKED = 15
SAME_TAXPAYER = 17
UNAVAILABLE = 254
UNKNOWN_ERROR = 255

NO_SUCH_COMMAND = (UNKNOWN_COMMAND, UNSUPPORTED_COMMAND)
NO_SUCH_BARCODE_203 = 18
DEREGISTERED_204 = 18
DISCONNECTED_204 = 19
VERSION_204 = 204

_VERDICTS = {
    OK: Verdict.OK,
    UNKNOWN_ID: Verdict.UNKNOWN_DEVICE,
    INVALID_TOKEN: Verdict.TOKEN,
    3: Verdict.SERVICE,  # PROTOCOL_ERROR
    UNKNOWN_COMMAND: Verdict.SERVICE,
    UNSUPPORTED_COMMAND: Verdict.SERVICE,
    6: Verdict.SERVICE,  # INVALID_CONFIGURATION
    7: Verdict.SERVICE,  # SSL_IS_NOT_ALLOWED
    INVALID_REQUEST_NUMBER: Verdict.SERVICE,
    INVALID_RETRY_REQUEST: Verdict.SERVICE,
    SHIFT_EXPIRED: Verdict.SHIFT_EXPIRED,
    BLOCKED: Verdict.SERVER_BLOCK,
    UNAVAILABLE: Verdict.REPEAT,
    UNKNOWN_ERROR: Verdict.REPEAT,
}

_REFUSALS = {
    SHIFT_EXPIRED: "SHIFT_TOO_LONG",
    13: "OFD_REFUSED_DATA",
    NOT_ENOUGH_CASH: "NOT_ENOUGH_CASH",
    SAME_TAXPAYER: "BUYER_IS_SELLER",
    UNKNOWN_ID: "KKM_UNKNOWN_TO_OFD",
    INVALID_TOKEN: "KKM_TOKEN_INVALID",
    BLOCKED: "KKM_BLOCKED_BY_OFD",
}


def verdict_of(code: int, *, version: int) -> Verdict:
    """What to do about a result code. A code this list does not know is a refusal of the document.

    18 and 19 changed their meaning with 2.0.4 and are read by the register's version.
    """
    if version >= VERSION_204:
        if code == DEREGISTERED_204:
            return Verdict.UNKNOWN_DEVICE
        if code == DISCONNECTED_204:
            return Verdict.SERVICE
    return _VERDICTS.get(code, Verdict.REFUSE)


def refusal_of(code: int) -> str:
    """Refusal code (locale/refusals.toml) that explains a result code to people."""
    return _REFUSALS.get(code, "OFD_REFUSED")
