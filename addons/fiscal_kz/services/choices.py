"""What a company chooses about its fiscal registers."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from addons.fiscal_kz.settings import CLOSE_MINUTES_MIN, FiscalSettings
from kernel.company_settings import choose_setting
from kernel.errors import Refusal

if TYPE_CHECKING:
    from kernel.data.work import Work


@dataclass(frozen=True, slots=True)
class SetFiscalChoices:
    """None: stays as it is."""

    withdraw_at_close: bool | None = None
    auto_close_minutes: int | None = None


async def set_fiscal_choices(work: Work, command: SetFiscalChoices) -> None:
    """The company's own choice, audited. Raises Refusal("AUTO_CLOSE_OUT_OF_RANGE")."""
    minutes, limit = command.auto_close_minutes, work.settings(FiscalSettings).shift_limit_hours * 60
    if minutes and not CLOSE_MINUTES_MIN <= minutes < limit:
        raise Refusal(
            "AUTO_CLOSE_OUT_OF_RANGE", field="autoCloseMinutes", min=CLOSE_MINUTES_MIN, max=limit - 1
        )
    for each in fields(command):
        choice = getattr(command, each.name)
        if choice is not None:
            await choose_setting(work, FiscalSettings, each.name, str(choice).lower())
