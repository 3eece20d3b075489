"""A KKM may be bound to one device: no other one makes documents on it until an administrator unbinds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.fiscal_kz.domain.commands import BindDevice
from addons.fiscal_kz.services import store
from addons.fiscal_kz.services.activate import desk_of_register
from addons.fiscal_kz.services.register_news import tell_register
from addons.organization.api import is_device_of
from kernel.errors import Refusal

if TYPE_CHECKING:
    from addons.fiscal_kz.services.desk import Desk
    from kernel.data.work import Work


async def bind_kkm(work: Work, command: BindDevice) -> None:
    """Let the KKM work for one device alone. The same device again changes nothing.

    Raises Refusal: KKM_DEVICE_REQUIRED, KKM_DEVICE_UNKNOWN, KKM_BOUND_TO_OTHER_DEVICE, KKM_NOT_ACTIVE.
    """
    work.principal.require("fiscal_kz.activate")
    device_id = command.device_id or work.principal.device_id
    if device_id is None:
        raise Refusal("KKM_DEVICE_REQUIRED", field="deviceId")
    desk = await desk_of_register(work, command.register_id)
    if not await is_device_of(work, device_id, command.register_id):
        raise Refusal("KKM_DEVICE_UNKNOWN", field="deviceId")
    if desk.kkm.device_id == device_id:
        return
    if desk.kkm.device_id is not None:
        raise Refusal("KKM_BOUND_TO_OTHER_DEVICE", field="deviceId")
    await _save(desk, device_id)
    await work.audit("fiscal_kz.bind_device", desk.kkm.id, {"device": device_id})


async def unbind_kkm(work: Work, register_id: str) -> None:
    """«Отвязать устройство»: the KKM works for every device again.

    Raises Refusal: KKM_NOT_BOUND, KKM_NOT_ACTIVE.
    """
    work.principal.require("fiscal_kz.unbind")
    desk = await desk_of_register(work, register_id)
    device_id = desk.kkm.device_id
    if device_id is None:
        raise Refusal("KKM_NOT_BOUND", field="registerId")
    await _save(desk, None)
    await work.audit("fiscal_kz.unbind_device", desk.kkm.id, {"device": device_id})


async def _save(desk: Desk, device_id: str | None) -> None:
    await store.save_device(desk.work, desk.lane, desk.kkm, device_id)
    desk.chronicle.note(
        "device", {"kkm": desk.kkm.id, "device": device_id, "by": desk.work.principal.subject_id}
    )
    tell_register(desk.work, desk.kkm.register_id)
