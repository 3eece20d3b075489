"""Settings of card acquiring."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import ClassVar

from kernel.config_values import COMPANY, Secret


@dataclass(frozen=True, slots=True)
class AcquiringSettings:
    """How cards are taken.

    reversal_first: no new purchase at a terminal while a reversal there is unanswered. card_wait_ms: how long
    a card may be awaited. query_limit_ms: how long a terminal is asked about an operation whose outcome is
    not known, before it is reversed or people have to look. unclaimed_ms: an approved operation that no sale
    has claimed for so long is shown on the status board. key_age_ms: working keys older than that must be
    exchanged before the next operation. terminal_addresses: what this very server may reach of terminals in
    its own network, like `https://192.168.1.*:8080`; none: anything, but nothing in production (a hosted
    server asks the shop's agent).

    key_store: where keys of terminals go: "database" (sealed in their rows) or "hsm" (a PKCS#11 module, extra
    package `hsm`): hsm_module is its library, hsm_token the label of the token, hsm_pin of its user.
    """

    SECTION: ClassVar[str] = "pos_terminal"

    reversal_first: bool = field(default=True, metadata=COMPANY)
    unclaimed_ms: timedelta = field(default=timedelta(minutes=10), metadata=COMPANY)
    card_wait_ms: timedelta = timedelta(minutes=2)
    query_limit_ms: timedelta = timedelta(minutes=5)
    key_age_ms: timedelta = timedelta(hours=24)
    terminal_addresses: tuple[str, ...] = ()
    key_store: str = "database"
    hsm_module: str = ""
    hsm_token: str = "sauda"
    hsm_pin: Secret = Secret()
