"""A dealer opens an account for a client: looked after from the first moment, its owner invited."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from addons.dealer.domain.cards import LinkState
from addons.dealer.services.links import check_rights, lock_client
from addons.dealer.services.requests import insert_link
from addons.organization.api import CompanyDetails, Invite, OpenCompany, Role, as_guest, invite, open_company
from kernel.ids import CompanyId

if TYPE_CHECKING:
    from kernel.data.work import Work

OWN = frozenset({"organization.own"})


@dataclass(frozen=True, slots=True)
class CreateClient:
    """owner_email: where the owner's invitation goes; permissions: what the dealer may do until the owner
    says otherwise.
    """

    bin: str
    details: CompanyDetails
    owner_email: str
    permissions: tuple[str, ...]
    language: str = "ru"


async def create_client(work: Work, command: CreateClient) -> CompanyId:
    """A new company that is serviced by the principal's.

    Raises Refusal: those of organization's open_company and invite, DEALER_RIGHT_NOT_GRANTABLE.
    """
    permissions = check_rights(work, command.permissions)
    client_id = await open_company(work, OpenCompany(command.bin, command.details))
    await lock_client(work, client_id)
    guest = as_guest(work.principal, client_id)
    # Nobody owns the company yet: for this one letter its founder does.
    founder = replace(guest, permissions=guest.permissions | OWN)
    with work.acting_as(founder) as there:
        await invite(there, Invite(command.owner_email, Role.OWNER, command.language))
        facts = {"permissions": permissions}
        await there.audit("dealer.create_client", f"company:{work.company_id}", facts)
    await insert_link(work, work.company_id, client_id, LinkState.ACCEPTED, permissions)
    await work.audit("dealer.create_client", f"company:{client_id}", {"bin": command.bin})
    return client_id
