"""What a company asks of its people's sessions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from addons.organization.domain.settings import OrganizationSettings
from kernel.company_settings import choose_setting
from kernel.errors import Refusal

if TYPE_CHECKING:
    from kernel.data.work import Work

IDLE_MINUTES_MAX = 30 * 24 * 60
IDLE_MINUTES_MIN = 5


@dataclass(frozen=True, slots=True)
class SessionRules:
    """idle_minutes: a user who does nothing for so long signs in again, 0 for never; needs_factor: whether
    owners and administrators need a second factor. None leaves a rule as it is.
    """

    idle_minutes: int | None = None
    needs_factor: bool | None = None


async def choose_session_rules(work: Work, command: SessionRules) -> SessionRules:
    """The company's own choice from now on. Raises Refusal("IDLE_OUT_OF_RANGE")."""
    minutes = command.idle_minutes
    if minutes is not None:
        if minutes and not IDLE_MINUTES_MIN <= minutes <= IDLE_MINUTES_MAX:
            raise Refusal(
                "IDLE_OUT_OF_RANGE", field="idleMinutes", min=IDLE_MINUTES_MIN, max=IDLE_MINUTES_MAX
            )
        await choose_setting(work, OrganizationSettings, "session_idle_minutes", str(minutes))
    if command.needs_factor is not None:
        text = "true" if command.needs_factor else "false"
        await choose_setting(work, OrganizationSettings, "second_factor", text)
    facts = {"idle_minutes": minutes, "needs_factor": command.needs_factor}
    await work.audit("organization.choose_session_rules", f"company:{work.company_id}", facts)
    return command
