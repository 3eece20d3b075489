"""Root fields that read contracts, terminals, applications. Annotations are real: Strawberry reads them."""

from typing import Annotated, cast

import strawberry

from addons.organization.api import register_card
from addons.pos_terminal.gql.terminal_enums import ApplicationState, TerminalState
from addons.pos_terminal.gql.terminal_types import (
    ApplicationType,
    CardTerminalType,
    ContractType,
    DriverType,
    drivers_of,
)
from addons.pos_terminal.services.applications import applications_of
from addons.pos_terminal.services.contracts import contract_rows
from kernel.data.work import Param, Reader
from kernel.gql.context import Info
from kernel.gql.ids import from_global, from_global_or_none
from kernel.gql.paging import After, Before, Connection, First, Key, KeysetList, Last, fetch_page, page
from kernel.gql.permissions import Requires

VIEW = [Requires("pos_terminal.view")]
MANAGE = [Requires("pos_terminal.manage")]
BY_ID = (Key("id"),)


@strawberry.input(description="Which terminals; what is left out does not matter.")
class CardTerminalFilter:
    outlet_id: strawberry.ID | None = strawberry.field(default=None, description="In this outlet.")
    register_id: strawberry.ID | None = strawberry.field(
        default=None, description="Of this till, or carried about in its outlet."
    )
    contract_id: strawberry.ID | None = strawberry.field(default=None, description="Of this contract.")
    state: TerminalState | None = strawberry.field(default=None, description="Only in this state.")


@strawberry.type
class TerminalQuery:
    """What is known of terminals."""

    @strawberry.field(description="Contracts with acquirers, by title.", permission_classes=VIEW)
    async def acquirer_contracts(self, info: Info) -> list[ContractType]:
        async with info.context.reading() as reader:
            return [ContractType.of(row) for row in await contract_rows(reader)]

    @strawberry.field(description="Ways to reach terminals in this installation.", permission_classes=MANAGE)
    async def terminal_drivers(self, info: Info) -> list[DriverType]:
        return drivers_of(info.context)

    @strawberry.field(description="Card terminals within the caller's reach.", permission_classes=VIEW)
    async def card_terminals(
        self,
        info: Info,
        filter: Annotated[CardTerminalFilter | None, strawberry.argument(description="Which ones.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[CardTerminalType]:
        asked = page(first, after, last, before)
        async with info.context.reading() as reader:
            where, params = "company_id = ?", [cast(Param, reader.company_id)]
            allowed = reader.principal.register_ids
            if allowed is not None:
                places = ", ".join("?" * len(allowed)) or "NULL"
                where += f" AND (register_id IS NULL OR register_id IN ({places}))"
                params += sorted(allowed)
            for condition, bound in await _conditions(reader, filter):
                where += f" AND {condition}"
                params += bound
            listed = KeysetList("SELECT * FROM pos_terminal", where, tuple(params), BY_ID)
            return await fetch_page(reader, listed, asked, CardTerminalType.of)

    @strawberry.field(description="A card terminal; null when there is none.", permission_classes=VIEW)
    async def card_terminal(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Which one.")]
    ) -> CardTerminalType | None:
        return await CardTerminalType.load(info.context, from_global(id, "CardTerminal", field="id"))

    @strawberry.field(description="Applications to acquirers, the latest first.", permission_classes=VIEW)
    async def terminal_applications(
        self,
        info: Info,
        state: Annotated[
            ApplicationState | None, strawberry.argument(description="Only in this state.")
        ] = None,
    ) -> list[ApplicationType]:
        async with info.context.reading() as reader:
            rows = await applications_of(reader, state=None if state is None else state.value)
            return [ApplicationType.of(row) for row in rows]


async def _conditions(reader: Reader, filter: CardTerminalFilter | None) -> list[tuple[str, list[Param]]]:
    if filter is None:
        return []
    found: list[tuple[str, list[Param]]] = []
    outlet = from_global_or_none(filter.outlet_id, "Outlet", field="filter.outletId")
    contract = from_global_or_none(filter.contract_id, "AcquirerContract", field="filter.contractId")
    register = from_global_or_none(filter.register_id, "Register", field="filter.registerId")
    if outlet is not None:
        found.append(("outlet_id = ?", [outlet]))
    if contract is not None:
        found.append(("contract_id = ?", [contract]))
    if register is not None:
        card = await register_card(reader, register)
        condition = "(register_id = ? OR (register_id IS NULL AND outlet_id = ?))"
        found.append((condition, [register, card.outlet_id]))
    if filter.state is not None:
        found.append(("state = ?", [filter.state.value]))
    return found
