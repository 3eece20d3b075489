"""Subscriptions of card operations. Annotations are real: Strawberry reads them."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

import strawberry

from addons.pos_terminal.gql.payment_types import OperationType, TasksType, TaskType
from addons.pos_terminal.services.news import CARDS_TOPIC
from addons.pos_terminal.services.payment_step import OPERATION_TOPIC, REGISTER_TOPIC, TASK_TOPIC
from addons.pos_terminal.services.present_card import tasks_of
from kernel.errors import Refusal
from kernel.gql.broadcast import CIRCLE
from kernel.gql.context import Info
from kernel.gql.ids import from_global, from_global_or_none
from kernel.gql.news import moments
from kernel.gql.permissions import Requires


@strawberry.type
class PaymentSubscription:
    """Root fields that follow."""

    @strawberry.subscription(
        description="An operation now and whenever something became of it, or all that happens at a till: "
        "exactly one of both is named.",
        permission_classes=[Requires("pos_terminal.view")],
    )
    async def card_operation_changed(
        self,
        info: Info,
        operation_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="This operation.")
        ] = None,
        register_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Operations at this register.")
        ] = None,
    ) -> AsyncIterator[OperationType]:
        operation = from_global_or_none(operation_id, "CardOperation", field="operationId")
        register = from_global_or_none(register_id, "Register", field="registerId")
        if (operation is None) == (register is None):
            raise Refusal("CARD_SUBSCRIPTION_AMBIGUOUS")
        if operation is not None:
            async with info.context.app.bus.listen(OPERATION_TOPIC) as ids:
                found = await OperationType.load(info.context.fresh(), operation)
                if found is None:
                    raise Refusal("CARD_OPERATION_UNKNOWN", field="operationId")
                yield found
                async for told in ids:
                    if told == operation:
                        changed = await OperationType.load(info.context.fresh(), operation)
                        if changed is not None:
                            yield changed
            return
        assert register is not None
        info.context.principal.require_register(register)
        async with info.context.app.bus.listen(REGISTER_TOPIC) as places:
            async for told in places:
                place, _, key = told.partition("/")
                if place == register:
                    changed = await OperationType.load(info.context.fresh(), key)
                    if changed is not None:
                        yield changed

    @strawberry.subscription(
        description="The moment when something became of any card operation or terminal of the company, at"
        " most once a second: there is something to ask for.",
        permission_classes=[Requires("pos_terminal.view")],
        metadata={CIRCLE: lambda context: context.principal.require_company()},
    )
    def cards_changed(self, info: Info) -> AsyncIterator[datetime]:
        company_id = info.context.principal.require_company()
        return moments(info.context, {CARDS_TOPIC: company_id.__eq__})

    @strawberry.subscription(
        description="For a terminal's device: now and whenever it may have to ask the buyer for a card.",
        permission_classes=[Requires("pos_terminal.present_card")],
    )
    async def terminal_tasks(
        self,
        info: Info,
        terminal_id: Annotated[strawberry.ID, strawberry.argument(description="The device's terminal.")],
    ) -> AsyncIterator[TasksType]:
        key = from_global(terminal_id, "CardTerminal", field="terminalId")
        async with info.context.app.bus.listen(TASK_TOPIC) as ids:
            yield await _tasks(info, key)
            async for told in ids:
                if told == key:
                    yield await _tasks(info, key)


async def _tasks(info: Info, terminal_id: str) -> TasksType:
    async with info.context.reading() as reader:
        return TasksType(tasks=[TaskType.of(each) for each in await tasks_of(reader, terminal_id)])
