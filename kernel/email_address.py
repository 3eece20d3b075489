"""What an e-mail address must look like before it may stand in a header or in a command to a mail server."""

from __future__ import annotations

import re

from kernel.errors import Refusal

ADDRESS_LENGTH_MAX = 254  # RFC 5321: a path of 256 with its brackets
LOCAL_LENGTH_MAX = 64

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def check_address(text: str, field: str = "email") -> str:
    """One plain address, its domain in small ASCII letters (`пример.қаз` becomes `xn--…`).

    No list, no display name, no quotes, no line breaks. Raises Refusal("EMAIL_MALFORMED").
    """
    local, at, domain = text.strip(" ").rpartition("@")
    try:
        host = domain.encode("idna").decode("ascii").lower() if domain else ""
    except UnicodeError:
        raise Refusal("EMAIL_MALFORMED", field=field) from None
    labels = host.split(".")
    is_plain = (
        at
        and len(local) <= LOCAL_LENGTH_MAX
        and len(local) + 1 + len(host) <= ADDRESS_LENGTH_MAX
        and _LOCAL.fullmatch(local)
        and len(labels) >= 2
        and all(_LABEL.fullmatch(label) for label in labels)
        and not labels[-1].isdigit()
    )
    if not is_plain:
        raise Refusal("EMAIL_MALFORMED", field=field)
    return f"{local}@{host}"


def is_address(text: str) -> bool:
    """True for what check_address lets through."""
    try:
        return bool(check_address(text))
    except Refusal:
        return False
