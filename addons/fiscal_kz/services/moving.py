"""A register with an open shift or undelivered documents stays where it is: its documents name its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.fiscal_kz.services import store
from addons.organization.api import RegisterMoving
from kernel.errors import Refusal

if TYPE_CHECKING:
    from kernel.data.work import Work


async def refuse_moving(work: Work, payload: object) -> None:
    """Hook organization.register_moving. Raises Refusal("KKM_BUSY")."""
    assert isinstance(payload, RegisterMoving)
    kkm = await store.kkm_of_register(work, payload.register_id)
    if kkm is not None and (
        kkm.state.is_shift_open or kkm.state.undelivered or kkm.state.exchange is not None
    ):
        raise Refusal("KKM_BUSY")
