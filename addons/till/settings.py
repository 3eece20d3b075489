"""Settings of the cashier screen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from kernel.company_settings import COMPANY


@dataclass(frozen=True, slots=True)
class TillSettings:
    """How long a till may sell while Sauda is out of its reach; its sales wait in the browser meanwhile.

    offline_hours: age of the oldest sale that waits, 0 to 72 (after 72 hours the law stops the register);
    offline_sales: how many may wait. 0 of either: no sale without an answer of the server.
    """

    SECTION: ClassVar[str] = "till"

    offline_hours: int = field(default=72, metadata=COMPANY)
    offline_sales: int = field(default=500, metadata=COMPANY)
