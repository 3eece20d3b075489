"""A register with an open shift or undelivered documents neither moves nor goes: its documents name its
place. To another company it moves without its KKM, which is registered to one BIN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.fiscal_kz.services import store
from addons.fiscal_kz.services.passports import passport_of
from addons.organization.api import RegisterDecommissioning, RegisterMoving
from kernel.errors import Refusal

if TYPE_CHECKING:
    from kernel.data.work import Work


async def refuse_while_busy(work: Work, payload: object) -> None:
    """Hooks organization.register_moving and register_decommissioning.

    Raises Refusal: KKM_BUSY; KKM_OF_THIS_COMPANY while a KKM that is to stay was not decommissioned.
    """
    assert isinstance(payload, RegisterMoving | RegisterDecommissioning)
    kkm = await store.kkm_of_register(work, payload.register_id)
    if kkm is None:
        return
    state = kkm.state
    if state.is_shift_open or state.undelivered or state.exchange is not None:
        raise Refusal("KKM_BUSY")
    if isinstance(payload, RegisterMoving) and payload.to_company_id is not None:
        paper = await passport_of(work, payload.register_id)
        if paper is None or paper.decommissioned_ms is None:
            raise Refusal("KKM_OF_THIS_COMPANY")
