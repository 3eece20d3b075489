"""Settings of delivery."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import ClassVar

from kernel.company_settings import COMPANY


@dataclass(frozen=True, slots=True)
class DeliverySettings:
    """How receipts reach buyers.

    follows_sales: something is to be done with new receipts; kept up to date by `setRegisterPrinting` and
    `setReceiptMail`, so that a company that uses nothing of this pays nothing for it.
    mails_receipts: to every buyer who left an address. mails_unprinted: to those whose receipt could not be
    printed. late_ms: a receipt that waited for so long is not printed any more.
    lease_ms: how long an agent keeps a job before it counts as possibly printed. keep_ms: how long jobs that
    ended stay visible.
    prints_locally: `sauda up` prints on printers marked local, on this machine and in its network.
    local_folder: where it remembers what it has printed.
    """

    SECTION: ClassVar[str] = "delivery"

    follows_sales: bool = field(default=False, metadata=COMPANY)
    mails_receipts: bool = field(default=False, metadata=COMPANY)
    mails_unprinted: bool = field(default=False, metadata=COMPANY)
    late_ms: timedelta = field(default=timedelta(hours=2), metadata=COMPANY)
    lease_ms: timedelta = timedelta(minutes=2)
    keep_ms: timedelta = timedelta(days=30)
    prints_locally: bool = False
    local_folder: str = "var/printing"
