"""Mutations of a KKM's life besides its activation. Annotations are real: Strawberry reads them."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import strawberry

from addons.fiscal_kz.domain.commands import BindDevice, CreateSandbox, DecommissionKkm, MakePassport
from addons.fiscal_kz.gql.arguments import RegisterArgument, reason_text, register_key
from addons.fiscal_kz.gql.life_types import KkmLifeType
from addons.fiscal_kz.gql.outcome import ended_asking, life_of_register
from addons.fiscal_kz.services.device import bind_kkm, unbind_kkm
from addons.fiscal_kz.services.passport_letter import make_passport
from addons.fiscal_kz.services.passports import create_kkm
from addons.fiscal_kz.services.retire import (
    begin_programming,
    decommission_kkm,
    delete_kkm,
    end_programming,
)
from addons.fiscal_kz.services.sandbox import create_sandbox
from kernel.data.work import Work
from kernel.gql.context import GqlContext, Info
from kernel.gql.ids import from_global_or_none
from kernel.gql.permissions import Requires
from kernel.gql.refusals import Refused
from kernel.gql.waiting import WAIT_MS_DEFAULT, WAIT_MS_MAX, check_wait

ACTIVATE = [Requires("fiscal_kz.activate")]

KkmLifeResult = Annotated[
    KkmLifeType | Refused, strawberry.union("KkmLifeResult", description="The life of the KKM, or why not.")
]
Wait = Annotated[
    int,
    strawberry.argument(
        description=f"Milliseconds to wait for the OFD, 0 to {WAIT_MS_MAX}; then the stage is CHECKING."
    ),
]


@strawberry.type
class KkmLifeMutation:
    """Root fields that write."""

    @strawberry.mutation(
        description="Begin a new KKM: it gets its factory number and year of make.",
        permission_classes=ACTIVATE,
    )
    async def create_kkm(self, info: Info, register_id: RegisterArgument) -> KkmLifeResult:
        return await _changed(info.context, register_id, create_kkm)

    @strawberry.mutation(
        description="Make the passport of a new KKM and send it to its administrator.",
        permission_classes=ACTIVATE,
    )
    async def make_kkm_passport(
        self,
        info: Info,
        register_id: RegisterArgument,
        email: Annotated[
            str | None, strawberry.argument(description="Where to; to the signed-in user when left out.")
        ] = None,
    ) -> KkmLifeResult:
        key = register_key(register_id)
        await info.context.transact(make_passport, MakePassport(key, email))
        return await life_of_register(info.context, key)

    @strawberry.mutation(
        description="Delete a KKM that never fiscalized; the register may get another one.",
        permission_classes=ACTIVATE,
    )
    async def delete_kkm(self, info: Info, register_id: RegisterArgument) -> KkmLifeResult:
        return await _changed(info.context, register_id, delete_kkm)

    @strawberry.mutation(
        description="Take a KKM out of use for good: its shift is closed and everything is delivered.",
        permission_classes=ACTIVATE,
    )
    async def decommission_kkm(
        self,
        info: Info,
        register_id: RegisterArgument,
        reason: Annotated[str, strawberry.argument(description="Why, for the audit.")],
    ) -> KkmLifeResult:
        key = register_key(register_id)
        await info.context.transact(decommission_kkm, DecommissionKkm(key, reason_text(reason)))
        return await life_of_register(info.context, key)

    @strawberry.mutation(
        description="Enter programming mode: the shift must be closed, documents are refused.",
        permission_classes=ACTIVATE,
    )
    async def begin_programming(self, info: Info, register_id: RegisterArgument) -> KkmLifeResult:
        return await _changed(info.context, register_id, begin_programming)

    @strawberry.mutation(
        description="Leave programming mode: documents are taken again.", permission_classes=ACTIVATE
    )
    async def end_programming(self, info: Info, register_id: RegisterArgument) -> KkmLifeResult:
        return await _changed(info.context, register_id, end_programming)

    @strawberry.mutation(
        description="Bind a KKM to a device of its register: no other device makes documents on it.",
        permission_classes=ACTIVATE,
    )
    async def bind_kkm_device(
        self,
        info: Info,
        register_id: RegisterArgument,
        device_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Device; left out by a device itself.")
        ] = None,
    ) -> KkmLifeResult:
        key = register_key(register_id)
        command = BindDevice(key, from_global_or_none(device_id, "Device", field="deviceId"))
        await info.context.transact(bind_kkm, command)
        return await life_of_register(info.context, key)

    @strawberry.mutation(
        description="«Отвязать устройство»: the KKM works for every device of its register again.",
        permission_classes=[Requires("fiscal_kz.unbind")],
    )
    async def unbind_kkm_device(self, info: Info, register_id: RegisterArgument) -> KkmLifeResult:
        return await _changed(info.context, register_id, unbind_kkm)

    @strawberry.mutation(
        description="A register for trying things out: a KKM behind which is a simulator, active at once.",
        permission_classes=ACTIVATE,
    )
    async def create_sandbox_register(
        self,
        info: Info,
        title: Annotated[str, strawberry.argument(description="Name of the register.")] = "Песочница",
        outlet_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Outlet; one is made when left out.")
        ] = None,
        wait: Wait = WAIT_MS_DEFAULT,
    ) -> KkmLifeResult:
        wait_ms = check_wait(wait)
        command = CreateSandbox(title, from_global_or_none(outlet_id, "Outlet", field="outletId"))
        register_id = await info.context.transact(create_sandbox, command)
        return await ended_asking(info.context, register_id, wait_ms=wait_ms)


async def _changed(
    context: GqlContext, register_id: strawberry.ID, service: Callable[[Work, str], Awaitable[object]]
) -> KkmLifeType:
    key = register_key(register_id)
    await context.transact(service, key)
    return await life_of_register(context, key)
