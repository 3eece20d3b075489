"""The register's line on organization's status board."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.fiscal_kz.domain.kinds import Block, Link
from addons.organization.api import Severity, report_status

if TYPE_CHECKING:
    from addons.fiscal_kz.services.desk import Desk

SOURCE = "fiscal_kz"

_BLOCK_CODES = {
    Block.SERVER: "KKM_BLOCKED_BY_OFD",
    Block.TOKEN: "KKM_TOKEN_INVALID",
    Block.UNKNOWN_DEVICE: "KKM_UNKNOWN_TO_OFD",
    Block.SERVICE: "KKM_BLOCKED",
    Block.REPLAY: "KKM_BLOCKED",
    Block.OFFLINE_TOO_LONG: "KKM_OFFLINE_TOO_LONG",
}


async def tell_status(desk: Desk) -> None:
    """Report block before link before well-being."""
    state = desk.state
    if state.block is not Block.NONE:
        await _tell(desk, Severity.ERROR, _BLOCK_CODES[state.block])
    elif state.link is Link.OFFLINE or state.undelivered:
        await _tell(desk, Severity.WARNING, "KKM_OFFLINE")
    else:
        await _tell(desk, Severity.OK, "OK")


async def _tell(desk: Desk, severity: Severity, code: str) -> None:
    since_ms = desk.state.offline_since_ms if code == "KKM_OFFLINE" else None
    await report_status(
        desk.work,
        desk.kkm.register_id,
        source=SOURCE,
        severity=severity,
        code=code,
        since_ms=since_ms or desk.work.now_ms,
        facts={"result_code": desk.state.block_code, "undelivered": desk.state.undelivered},
    )
