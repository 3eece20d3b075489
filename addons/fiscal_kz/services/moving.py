"""A register with an open shift or undelivered documents neither moves nor goes: its documents name its
place. To another company it moves without its KKM, unless the OFD has said that the KKM is that company's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.fiscal_kz.services import store
from addons.fiscal_kz.services.passports import passport_of
from addons.organization.api import RegisterDecommissioning, RegisterMoving
from kernel.errors import Refusal

if TYPE_CHECKING:
    from addons.fiscal_kz.services.records import KkmRecord
    from kernel.data.work import Work
    from kernel.jobs.lanes import Lane


async def refuse_while_busy(work: Work, payload: object) -> None:
    """Hooks organization.register_moving and register_decommissioning.

    Raises Refusal: KKM_BUSY; KKM_OF_THIS_COMPANY while a KKM that is to stay was not decommissioned.
    """
    assert isinstance(payload, RegisterMoving | RegisterDecommissioning)
    kkm = await store.kkm_of_register(work, payload.register_id)
    if kkm is None:
        return
    if is_under_way(kkm):
        raise Refusal("KKM_BUSY")
    leaves = isinstance(payload, RegisterMoving) and payload.to_company_id is not None
    if leaves and not payload.with_registration:  # type: ignore[union-attr]  # it is a RegisterMoving
        paper = await passport_of(work, payload.register_id)
        if paper is None or paper.decommissioned_ms is None:
            raise Refusal("KKM_OF_THIS_COMPANY")


def is_under_way(kkm: KkmRecord) -> bool:
    """True while the KKM owes something to the OFD that knows it now."""
    state = kkm.state
    return state.is_shift_open or state.undelivered > 0 or state.exchange is not None


def refuse_undelivered(kkm: KkmRecord, lane: Lane) -> None:
    """Raises Refusal("KKM_BUSY") while a shift is open or anything waits in the register's locked lane."""
    if is_under_way(kkm) or lane.length:
        raise Refusal("KKM_BUSY")
