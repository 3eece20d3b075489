"""The register's line on organization's status board."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from addons.fiscal_kz.domain.kinds import Block, Link
from addons.organization.api import Severity, report_status
from kernel.journal.canonical import JSON

if TYPE_CHECKING:
    from addons.fiscal_kz.services.desk import Desk
    from kernel.data.work import Work

SOURCE = "fiscal_kz"
SHIFT_SOURCE = "fiscal_kz.shift"

_BLOCK_CODES = {
    Block.SERVER: "KKM_BLOCKED_BY_OFD",
    Block.TOKEN: "KKM_TOKEN_INVALID",
    Block.UNKNOWN_DEVICE: "KKM_UNKNOWN_TO_OFD",
    Block.SERVICE: "KKM_BLOCKED",
    Block.REPLAY: "KKM_BLOCKED",
    Block.OFFLINE_TOO_LONG: "KKM_OFFLINE_TOO_LONG",
    Block.PROGRAMMING: "KKM_PROGRAMMING",
    Block.DECOMMISSIONED: "KKM_DECOMMISSIONED",
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


async def warn_shift(
    work: Work, register_id: str, severity: Severity, code: str, *, since_ms: int, facts: Mapping[str, JSON]
) -> None:
    """A shift comes near its end, or is past it."""
    await report_status(
        work,
        register_id,
        source=SHIFT_SOURCE,
        severity=severity,
        code=code,
        since_ms=since_ms,
        facts=facts,
    )


async def clear_shift(work: Work, register_id: str) -> None:
    """The shift is closed: nothing to warn of."""
    await report_status(
        work, register_id, source=SHIFT_SOURCE, severity=Severity.OK, code="OK", since_ms=work.now_ms
    )


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
