"""Create and update outlets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.organization.domain.cards import OutletId
from addons.organization.domain.checks import check_place, check_text, check_zone
from addons.organization.domain.commands import CreateOutlet, UpdateOutlet
from addons.organization.services.rows import change, lock_company, own_row
from kernel.ids import new_id

if TYPE_CHECKING:
    from kernel.data.work import Param, Work

TITLE_LENGTH_MAX = 200
ADDRESS_LENGTH_MAX = 255


async def create_outlet(work: Work, command: CreateOutlet) -> OutletId:
    """A new point of sale of the principal's company.

    Raises Refusal: COMPANY_CLOSED, ZONE_UNKNOWN, OUTLET_COORDINATES_…, TEXT_…
    """
    await lock_company(work)
    check_place(command.latitude_e4, command.longitude_e4)
    outlet_id = OutletId(new_id())
    values: dict[str, Param] = {
        "title": check_text(command.title, field="title", length_max=TITLE_LENGTH_MAX),
        "address": check_text(command.address, field="address", length_max=ADDRESS_LENGTH_MAX),
        "address_kk": check_text(
            command.address_kk, field="addressKk", length_max=ADDRESS_LENGTH_MAX, is_required=False
        ),
        "zone": check_zone(command.zone),
        "latitude_e4": command.latitude_e4,
        "longitude_e4": command.longitude_e4,
    }
    keys: dict[str, Param] = {"id": outlet_id, "company_id": work.company_id, "created_ms": work.now_ms}
    await work.insert("org_outlet", keys | values)
    await work.audit("organization.create_outlet", f"outlet:{outlet_id}", values)
    return outlet_id


async def update_outlet(work: Work, command: UpdateOutlet) -> OutletId:
    """Change what is given. Raises Refusal("OUTLET_UNKNOWN") and those of create_outlet."""
    row = await own_row(work, "org_outlet", command.outlet_id, "OUTLET_UNKNOWN", field="id")
    values: dict[str, Param] = {}
    if command.title is not None:
        values["title"] = check_text(command.title, field="title", length_max=TITLE_LENGTH_MAX)
    if command.address is not None:
        values["address"] = check_text(command.address, field="address", length_max=ADDRESS_LENGTH_MAX)
    if command.address_kk is not None:
        values["address_kk"] = check_text(
            command.address_kk, field="addressKk", length_max=ADDRESS_LENGTH_MAX, is_required=False
        )
    if command.zone is not None:
        values["zone"] = check_zone(command.zone)
    if command.latitude_e4 is not None:
        values["latitude_e4"] = command.latitude_e4
    if command.longitude_e4 is not None:
        values["longitude_e4"] = command.longitude_e4
    merged = dict(row) | values
    check_place(merged["latitude_e4"], merged["longitude_e4"])
    await change(work, "org_outlet", command.outlet_id, values)
    await work.audit("organization.update_outlet", f"outlet:{command.outlet_id}", values)
    return command.outlet_id
