"""The status board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from addons.organization.domain.cards import *  # noqa: F403
from addons.organization.domain.commands import *  # noqa: F403

if TYPE_CHECKING:
    from kernel.data.work import Reader, Work


async def report_status(
    work: Work,
    register_id: str,
    *,
    source: str,
    severity: Severity,
    code: str,
    since_ms: int,
    facts: Mapping[str, str | int | None] | None = None,
) -> None:
    raise NotImplementedError
