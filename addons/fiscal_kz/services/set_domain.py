"""Choosing the line of trade a KKM works in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from addons.fiscal_kz.domain.rarities import DomainType
from addons.fiscal_kz.services import store
from addons.fiscal_kz.services.jobs import lane_key
from kernel.errors import Refusal

if TYPE_CHECKING:
    from kernel.data.work import Work


@dataclass(frozen=True, slots=True)
class SetDomain:
    """The line of trade of the KKM of a register."""

    register_id: str
    domain: DomainType


async def set_domain(work: Work, command: SetDomain) -> None:
    """Tickets that name no line of trade belong to this one from now on.

    Raises Refusal: FORBIDDEN, REGISTER_FORBIDDEN, KKM_NOT_ACTIVE.
    """
    work.principal.require("fiscal_kz.activate")
    work.principal.require_register(command.register_id)
    lane = await work.lane(lane_key(command.register_id), company_id=work.company_id)
    kkm = await store.kkm_of_lane(work, lane, command.register_id)
    if kkm is None:
        raise Refusal("KKM_NOT_ACTIVE")
    kkm = replace(kkm, card=replace(kkm.card, domain=command.domain))
    await store.save_card(work, lane, kkm, profile=kkm.profile, ofd_id=kkm.ofd_id)
    lane.touch()
    await work.audit("fiscal_kz.set_domain", kkm.id, {"domain": command.domain.value})
