"""The same done to many registers of clients: each one by itself, in its client's company, with the rights
that client granted; one that is refused holds up no other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from addons.dealer.services.bulk_actions import BulkAction, BulkActions
from addons.dealer.services.links import CLIENTS_OF, accepted_link
from addons.organization.api import as_guest, companies_of_registers
from kernel.errors import Fact, Refusal
from kernel.ids import CompanyId
from kernel.security.principal import Principal

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.data.work import Work

REGISTERS_MAX = 200  # in one call


@dataclass(frozen=True, slots=True)
class RunBulkAction:
    """text: what the action asks for, such as the title of a group; empty for none."""

    name: str
    register_ids: tuple[str, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """refusal None: it was done."""

    register_id: str
    refusal: Refusal | None


async def bulk_actions(work: Work) -> BulkActions:
    """What installed add-ons can do to registers in bulk."""
    actions = BulkActions()
    await work.hook("dealer.bulk_actions", actions)
    return actions


async def run_bulk_action(database: Database, caller: Principal, command: RunBulkAction) -> list[BulkOutcome]:
    """What came of each register, in the order asked. A flow: each register has a transaction of its own.

    Raises Refusal: BULK_ACTION_UNKNOWN, BULK_TOO_MANY. Outcomes: REGISTER_UNKNOWN (not a client's), FORBIDDEN
    (the client did not grant it), and those of the action.
    """
    if len(command.register_ids) > REGISTERS_MAX:
        raise Refusal("BULK_TOO_MANY", field="registerIds", max=REGISTERS_MAX)
    actions = await database.transact(bulk_actions, principal=caller)
    action = actions.found.get(command.name)
    if action is None:
        raise Refusal("BULK_ACTION_UNKNOWN", field="name")
    outcomes = []
    for register_id in dict.fromkeys(command.register_ids):
        try:
            await database.transact(_run_one, action, register_id, command.text, principal=caller)
            outcomes.append(BulkOutcome(register_id, None))
        except Refusal as refusal:
            outcomes.append(BulkOutcome(register_id, refusal))
    return outcomes


async def _run_one(work: Work, action: BulkAction, register_id: str, text: str) -> None:
    owners = await companies_of_registers(work, [register_id])
    clients = {row["client_id"] for row in await work.rows(CLIENTS_OF, work.company_id)}
    client_id = owners.get(register_id)
    if client_id is None or client_id not in clients:
        raise Refusal("REGISTER_UNKNOWN", field="registerIds")
    link = await accepted_link(work, client_id)
    guest = replace(as_guest(work.principal, CompanyId(client_id)), permissions=link.permissions)
    guest.require(action.permission)
    facts: dict[str, Fact] = {"action": action.name}
    await work.audit("dealer.bulk_action", f"register:{register_id}", facts)
    with work.acting_as(guest) as there:
        await there.audit("dealer.bulk_action", f"register:{register_id}", facts)
        await action.run(there, register_id, text)
