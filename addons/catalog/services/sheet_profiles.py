"""Profiles of sheets that a company made for itself."""

from __future__ import annotations

import orjson

from addons.catalog.domain.sheet_profile import (
    PROFILES_MAX,
    READY_PROFILES,
    SheetProfile,
    check_profile,
    profile_facts,
    read_profile,
)
from addons.catalog.models_sheet import SheetProfileRow
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.ids import new_id


async def save_profile(work: Work, profile: SheetProfile) -> SheetProfile:
    """Keep a profile under its name, in place of one of that name. Imports on their way keep the one they
    began with.

    Refusals of check_profile, SHEET_PROFILES_TOO_MANY.
    """
    checked = check_profile(profile)
    row = await SheetProfileRow.get_or_none(name=checked.name)
    if row is None:
        if await SheetProfileRow.all().count() >= PROFILES_MAX:
            raise Refusal("SHEET_PROFILES_TOO_MANY", max=PROFILES_MAX)
        row = SheetProfileRow(id=new_id(), company_id=work.company_id, name=checked.name)
        is_new = True
    else:
        is_new = False
    row.body = orjson.dumps(profile_facts(checked)).decode()
    row.updated_at = work.now
    await row.save(force_create=is_new)
    await work.audit("catalog.sheet_profile_saved", row.id, {"name": checked.name})
    return checked


async def remove_profile(work: Work, name: str) -> str:
    """Forget a profile of the company. Raises Refusal("SHEET_PROFILE_UNKNOWN"), for a ready one too."""
    row = await SheetProfileRow.get_or_none(name=name)
    if row is None:
        raise Refusal("SHEET_PROFILE_UNKNOWN", field="name", value=name[:60])
    await row.delete()
    await work.audit("catalog.sheet_profile_removed", row.id, {"name": name})
    return name


async def all_profiles() -> list[SheetProfile]:
    """The ready ones, then the company's own by name. Called inside a reading scope."""
    rows = await SheetProfileRow.all().order_by("name")
    return [*READY_PROFILES.values(), *(read_profile(orjson.loads(row.body)) for row in rows)]
