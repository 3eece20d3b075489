"""Bulk actions that need nothing but organization: gather registers in a group, unbind their tills."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.dealer.services.bulk_actions import BulkAction, BulkActions
from addons.organization.api import RegisterId, put_in_group, unbind_register

if TYPE_CHECKING:
    from kernel.data.work import Work


async def offer(work: Work, payload: object) -> None:
    """Hook dealer.bulk_actions."""
    assert isinstance(payload, BulkActions)
    payload.add(
        BulkAction(
            "dealer.put_in_group",
            "organization.manage",
            {
                "ru": "Добавить в группу касс клиента",
                "kk": "Клиенттің кассалар тобына қосу",
                "en": "Put into a register group of the client",
            },
            _put_in_group,
            {"ru": "Название группы", "kk": "Топ атауы", "en": "Title of the group"},
        )
    )
    payload.add(
        BulkAction(
            "dealer.unbind_devices",
            "organization.manage",
            {"ru": "Отвязать устройства", "kk": "Құрылғыларды ажырату", "en": "Unbind devices"},
            _unbind,
        )
    )


async def _put_in_group(work: Work, register_id: str, text: str) -> None:
    await put_in_group(work, RegisterId(register_id), text)


async def _unbind(work: Work, register_id: str, _text: str) -> None:
    await unbind_register(work, RegisterId(register_id))
