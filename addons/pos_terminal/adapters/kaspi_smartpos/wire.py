"""What Kaspi Smart POS says in the shop's network: HTTPS, JSON, everything by GET under /v2/.

Source: reference of the local protocol (docs/acquiring.md, "Kaspi Smart POS"): register, revoke, payment,
status, actualize, refund, deviceinfo; numbers of errors, which may also come as HTTP status.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any
from urllib.parse import urlencode

from addons.pos_terminal.adapters.shop_answers import inner, json_of, number, text
from kernel.device_http import DeviceAnswer, DeviceRequest
from kernel.values import value

PREFIX = "/v2/"
TOKEN_HEADER = "accesstoken"
SUCCESS_STATUS = 200
UNAUTHORIZED = (401, 403)


class Code(IntEnum):
    """Numbers of errors that mean one thing; 100, 106, 108 and 999 may mean anything."""

    OK = 0
    PROCESS_UNKNOWN = 101
    CANNOT_ACTUALIZE = 103
    NAME_OR_TOKEN_WRONG = 105
    BUSY = 107


@value
class Said:
    """An answer. code: Code or another number; None when nobody can make anything of it."""

    code: int | None
    data: Mapping[str, Any]
    is_unauthorized: bool = False


def request(origin: str, task: str, fingerprint: str, token: str, **query: str) -> DeviceRequest:
    """A question; token "" for those that need none."""
    headers = {TOKEN_HEADER: token} if token else {}
    path = f"{PREFIX}{task}" + (f"?{urlencode(query)}" if query else "")
    return DeviceRequest(origin, "GET", path, headers, fingerprint=fingerprint)


def said(answer: DeviceAnswer) -> Said:
    """Read an answer; a number in the body weighs more than one in the HTTP status."""
    body = json_of(answer.body)
    if body is None:
        is_number = answer.status != SUCCESS_STATUS and answer.status not in UNAUTHORIZED
        return Said(answer.status if is_number else None, {}, answer.status in UNAUTHORIZED)
    code = number(body, "statusCode")
    if code is None and answer.status != SUCCESS_STATUS:
        code = answer.status
    return Said(code, inner(body, "data"), answer.status in UNAUTHORIZED or code in UNAUTHORIZED)


def tokens(data: Mapping[str, Any]) -> dict[str, str] | None:
    """What `register` and `revoke` give; None when a part is missing."""
    access, refresh = data.get("accessToken"), data.get("refreshToken")
    if not (isinstance(access, str) and access and isinstance(refresh, str) and refresh):
        return None
    return {"access_token": access, "refresh_token": refresh, "expires": text(data, "expirationDate")}
