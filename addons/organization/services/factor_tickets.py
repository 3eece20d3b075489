"""What second factors have in common: their kinds, the site of passkeys, and tickets.

What a sign-in carries from its first half to its second is sealed by us and kept nowhere.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import orjson

from addons.organization.services.attempts import hidden
from kernel.config_sections import SecuritySettings, ServerSettings
from kernel.errors import Refusal
from kernel.security.sealed import Sealer, sealer_for

if TYPE_CHECKING:
    from kernel.data.work import Reader

TICKET_S = 300  # between the two halves of a sign-in, and of adding a passkey
RESPONSE_LENGTH_MAX = 16_384  # characters of a passkey's answer
SIGN_IN_TICKET, PASSKEY_TICKET = "organization.sign_in_ticket", "organization.passkey_ticket"


class FactorKind(StrEnum):
    """Kinds of second factors."""

    CODES = "codes"  # an authenticator app
    PASSKEY = "passkey"
    RECOVERY = "recovery"


def site_of(reader: Reader) -> tuple[str, list[str]]:
    """The name passkeys are bound to, and the origins of pages that may use them."""
    server = reader.settings(ServerSettings)
    base = server.public_url.rstrip("/") or f"http://localhost:{server.port}"
    return base.partition("://")[2].partition("/")[0].partition(":")[0], [base]


def recovery_digest(user_id: str, code: str) -> str:
    """What is kept of a recovery code."""
    return hidden(f"{user_id}:{code.strip().lower().replace('-', '').replace(' ', '')}")


def codes_of(factor_id: str) -> str:
    """Purpose the secret of an app is sealed for."""
    return f"organization.codes:{factor_id}"


def sealer_of(reader: Reader) -> Sealer:
    """Of secrets at rest and of tickets."""
    return sealer_for(reader.settings(SecuritySettings))


def seal_ticket(reader: Reader, purpose: str, parts: list[str]) -> str:
    """Parts that go to the browser and come back within TICKET_S."""
    plain = orjson.dumps([reader.now_ms + TICKET_S * 1000, *parts]).decode()
    return sealer_of(reader).seal(plain, purpose=purpose)


def open_ticket(reader: Reader, purpose: str, ticket: str, count: int, wrong: Refusal) -> list[str]:
    """The parts, so many of them. Raises `wrong`."""
    plain = sealer_of(reader).open_or_none(ticket, purpose=purpose)
    if plain is None:
        raise wrong
    until_ms, *parts = orjson.loads(plain)
    if until_ms < reader.now_ms or len(parts) != count:
        raise wrong
    return [str(part) for part in parts]
