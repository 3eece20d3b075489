"""A pass for the page of sample receipts: browsers that open a link cannot show a token of ours."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from kernel.config_sections import SecuritySettings
from kernel.errors import Fault, Refusal
from kernel.security.sealed import sealer_for

if TYPE_CHECKING:
    from kernel.data.work import Reader

PREVIEW_PATH = "/receipts/preview"
PURPOSE = "trade.receipt_preview"
VALID_MS = 3_600_000
PASS_MAX = 300  # characters


def issue_pass(reader: Reader) -> str:
    """A pass good for an hour."""
    sealed = sealer_for(reader.settings(SecuritySettings)).seal(
        str(reader.now_ms + VALID_MS), purpose=PURPOSE
    )
    return base64.urlsafe_b64encode(sealed.encode()).decode()


def check_pass(reader: Reader, given: str) -> None:
    """Raises Refusal("RECEIPT_PREVIEW_UNKNOWN") for a pass that is not ours or is over."""
    try:
        sealed = base64.urlsafe_b64decode(given[:PASS_MAX].encode()).decode()
        until_ms = int(sealer_for(reader.settings(SecuritySettings)).open(sealed, purpose=PURPOSE))
    except (ValueError, Fault) as error:
        raise Refusal("RECEIPT_PREVIEW_UNKNOWN") from error
    if until_ms < reader.now_ms:
        raise Refusal("RECEIPT_PREVIEW_UNKNOWN")
