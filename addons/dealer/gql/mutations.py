"""Root fields that change. Annotations are real in this module: Strawberry reads them."""

from typing import Annotated

import strawberry

from addons.dealer.domain.cards import LinkId, MoveId
from addons.dealer.gql.rows import party_of
from addons.dealer.gql.types import DealerDoneType, DealerEntranceType, DealerOutcomesType, DealerOutcomeType
from addons.dealer.services.appoint import appoint_dealer, dismiss_dealer
from addons.dealer.services.bulk import RunBulkAction, run_bulk_action
from addons.dealer.services.create_client import CreateClient, create_client
from addons.dealer.services.links import accepted_link
from addons.dealer.services.moves import (
    AnswerMove,
    ProposeMove,
    answer_move,
    cancel_move,
    check_move,
    propose_move,
)
from addons.dealer.services.requests import (
    AnswerRequest,
    AskDealer,
    answer_request,
    ask_dealer,
    cancel_request,
    change_rights,
    part_from_dealer,
    remove_client,
    unblock_client,
)
from addons.dealer.services.visits import enter_client
from addons.organization.api import (
    CompanyDetails,
    LegalForm,
    OutletId,
    RegisterId,
    UserId,
    company_cards,
    leave_company,
)
from kernel.gql.context import Info
from kernel.gql.ids import from_global, to_global
from kernel.gql.permissions import Public, Requires
from kernel.gql.refusals import Refused
from kernel.i18n import explain

DealerDoneResult = Annotated[
    DealerDoneType | Refused, strawberry.union("DealerDoneResult", description="Done, or why not.")
]
DealerEntranceResult = Annotated[
    DealerEntranceType | Refused, strawberry.union("DealerEntranceResult", description="Inside, or why not.")
]
DealerOutcomesResult = Annotated[
    DealerOutcomesType | Refused,
    strawberry.union("DealerOutcomesResult", description="What came of each, or why nothing did."),
]

SERVE = [Requires("dealer.serve")]
ENGAGE = [Requires("dealer.engage")]
APPOINT = [Requires("dealer.appoint")]
MANAGE = [Requires("organization.manage")]
Id = Annotated[strawberry.ID, strawberry.argument(description="Which one.")]
ClientId = Annotated[strawberry.ID, strawberry.argument(description="The client's company.")]
Rights = Annotated[
    list[str], strawberry.argument(description="What the dealer's people may do, out of `dealerRights`.")
]
OutletArgument = Annotated[
    strawberry.ID | None, strawberry.argument(description="The receiving side's outlet.")
]


@strawberry.input(description="A new account that the caller's company looks after.")
class CreateClientInput:
    bin: str = strawberry.field(description="BIN or IIN of the client, 12 digits.")
    legal_form: LegalForm = strawberry.field(description="Legal form.")
    name: str = strawberry.field(description="Name without quotes and legal form.")
    name_kk: str = strawberry.field(default="", description="The same in Kazakh.")
    owner_email: str = strawberry.field(description="Where the owner's invitation goes.")
    permissions: list[str] = strawberry.field(description="What the dealer may do until the owner says else.")
    language: str = strawberry.field(default="ru", description="Language of the letter: ru, kk or en.")

    def command(self) -> CreateClient:
        details = CompanyDetails(legal_form=self.legal_form, name=self.name, name_kk=self.name_kk)
        return CreateClient(self.bin, details, self.owner_email, tuple(self.permissions), self.language)


@strawberry.type
class DealerMutation:
    """What a dealer does."""

    @strawberry.mutation(
        description="The user serves clients from the next sign-in on: the company is a dealer.",
        permission_classes=APPOINT,
    )
    async def appoint_dealer(self, info: Info, id: Id) -> DealerDoneResult:
        await info.context.transact(appoint_dealer, UserId(from_global(id, "User", field="id")))
        return DealerDoneType(id=id)

    @strawberry.mutation(description="The user serves clients no more.", permission_classes=APPOINT)
    async def dismiss_dealer(self, info: Info, id: Id) -> DealerDoneResult:
        await info.context.transact(dismiss_dealer, UserId(from_global(id, "User", field="id")))
        return DealerDoneType(id=id)

    @strawberry.mutation(description="Open an account for a client.", permission_classes=SERVE)
    async def create_client(self, info: Info, input: CreateClientInput) -> DealerDoneResult:
        key = await info.context.transact(create_client, input.command())
        return DealerDoneType(id=to_global("Company", key))

    @strawberry.mutation(description="Answer a client's request.", permission_classes=SERVE)
    async def answer_dealer_request(
        self,
        info: Info,
        id: Id,
        is_accepted: Annotated[bool, strawberry.argument(description="Yes or no.")],
        is_blocked: Annotated[
            bool, strawberry.argument(description="With a no: take no more requests of this client.")
        ] = False,
    ) -> DealerDoneResult:
        key = LinkId(from_global(id, "DealerLink", field="id"))
        await info.context.transact(answer_request, AnswerRequest(key, is_accepted, is_blocked))
        return DealerDoneType(id=id)

    @strawberry.mutation(description="Take requests of a client again.", permission_classes=SERVE)
    async def unblock_client(self, info: Info, client_id: ClientId) -> DealerDoneResult:
        await info.context.transact(unblock_client, from_global(client_id, "Company", field="clientId"))
        return DealerDoneType(id=client_id)

    @strawberry.mutation(description="Look after a client no more.", permission_classes=SERVE)
    async def remove_client(self, info: Info, client_id: ClientId) -> DealerDoneResult:
        await info.context.transact(remove_client, from_global(client_id, "Company", field="clientId"))
        return DealerDoneType(id=client_id)

    @strawberry.mutation(
        description="Enter a client's account, with what the client granted; both sides' audits tell.",
        permission_classes=SERVE,
    )
    async def enter_client(self, info: Info, client_id: ClientId) -> DealerEntranceResult:
        key = from_global(client_id, "Company", field="clientId")
        pair = await info.context.transact(enter_client, key)
        async with info.context.reading() as reader:
            link = await accepted_link(reader, key)
            card = (await company_cards(reader, [key]))[key]
        return DealerEntranceType(
            client=party_of(card),
            access_token=pair.access,
            refresh_token=pair.refresh,
            expires_in_s=pair.access_s,
            permissions=sorted(link.permissions),
        )

    @strawberry.mutation(
        description="Leave the client's account: the session there is over.", permission_classes=[Public]
    )
    async def leave_client(self, info: Info) -> DealerDoneResult:
        session_id = await info.context.database.transact(leave_company, principal=info.context.principal)
        return DealerDoneType(id=to_global("Session", session_id))

    @strawberry.mutation(description="Do the same to many registers of clients.", permission_classes=SERVE)
    async def run_dealer_action(
        self,
        info: Info,
        name: Annotated[str, strawberry.argument(description="One of `dealerActions`.")],
        register_ids: Annotated[list[strawberry.ID], strawberry.argument(description="At most 200.")],
        text: Annotated[str, strawberry.argument(description="What the action asks for.")] = "",
    ) -> DealerOutcomesResult:
        context = info.context
        keys = tuple(from_global(each, "Register", field="registerIds") for each in register_ids)
        command = RunBulkAction(name, keys, text)
        outcomes = []
        for each in await run_bulk_action(context.database, context.principal, command):
            refusal = each.refusal
            text_ = (
                None if refusal is None else explain(refusal.code, refusal.facts, context.language).message
            )
            outcomes.append(
                DealerOutcomeType(
                    register_id=to_global("Register", each.register_id),
                    code=None if refusal is None else refusal.code,
                    message=text_,
                )
            )
        return DealerOutcomesType(outcomes=outcomes)


@strawberry.type
class ClientMutation:
    """What a client does about its dealer."""

    @strawberry.mutation(description="Ask a dealer to look after the company.", permission_classes=ENGAGE)
    async def ask_dealer(
        self,
        info: Info,
        dealer: Annotated[str, strawberry.argument(description="Its number, name or BIN.")],
        permissions: Rights,
    ) -> DealerDoneResult:
        key = await info.context.transact(ask_dealer, AskDealer(dealer, tuple(permissions)))
        return DealerDoneType(id=to_global("DealerLink", key))

    @strawberry.mutation(description="Take the request back.", permission_classes=ENGAGE)
    async def cancel_dealer_request(self, info: Info) -> DealerDoneResult:
        context = info.context
        key = await context.database.transact(cancel_request, principal=context.principal)
        return DealerDoneType(id=to_global("DealerLink", key))

    @strawberry.mutation(
        description="Let the dealer do other things; its people who are inside come in again.",
        permission_classes=ENGAGE,
    )
    async def change_dealer_rights(self, info: Info, permissions: Rights) -> DealerDoneResult:
        key = await info.context.transact(change_rights, tuple(permissions))
        return DealerDoneType(id=to_global("DealerLink", key))

    @strawberry.mutation(
        description="Part from the dealer; its people are out at once.", permission_classes=ENGAGE
    )
    async def part_from_dealer(self, info: Info) -> DealerDoneResult:
        context = info.context
        key = await context.database.transact(part_from_dealer, principal=context.principal)
        return DealerDoneType(id=to_global("DealerLink", key))


@strawberry.type
class MoveMutation:
    """What either side does about moving registers."""

    @strawberry.mutation(
        description="Propose to move a register to the other side of a link, or, with an outlet of one's "
        "own, to take one over.",
        permission_classes=MANAGE,
    )
    async def propose_register_move(
        self,
        info: Info,
        link_id: Annotated[strawberry.ID, strawberry.argument(description="Dealer and client.")],
        register_id: Annotated[strawberry.ID, strawberry.argument(description="Which register.")],
        outlet_id: OutletArgument = None,
    ) -> DealerDoneResult:
        command = ProposeMove(
            LinkId(from_global(link_id, "DealerLink", field="linkId")),
            RegisterId(from_global(register_id, "Register", field="registerId")),
            _outlet(outlet_id),
        )
        key = await info.context.transact(propose_move, command)
        return DealerDoneType(id=to_global("DealerMove", key))

    @strawberry.mutation(
        description="Agree, and the register moves: at once, or, with a KKM at work, once its OFD has told "
        "the new BIN; or do not.",
        permission_classes=MANAGE,
    )
    async def answer_register_move(
        self,
        info: Info,
        id: Id,
        is_accepted: Annotated[bool, strawberry.argument(description="Yes or no.")],
        outlet_id: OutletArgument = None,
    ) -> DealerDoneResult:
        key = MoveId(from_global(id, "DealerMove", field="id"))
        await info.context.transact(answer_move, AnswerMove(key, is_accepted, _outlet(outlet_id)))
        return DealerDoneType(id=id)

    @strawberry.mutation(
        description="Try a move again that both sides agreed on and that could not be yet.",
        permission_classes=MANAGE,
    )
    async def check_register_move(self, info: Info, id: Id) -> DealerDoneResult:
        await info.context.transact(check_move, MoveId(from_global(id, "DealerMove", field="id")))
        return DealerDoneType(id=id)

    @strawberry.mutation(
        description="Take a proposal back, or give a move up that could not be yet.",
        permission_classes=MANAGE,
    )
    async def cancel_register_move(self, info: Info, id: Id) -> DealerDoneResult:
        await info.context.transact(cancel_move, MoveId(from_global(id, "DealerMove", field="id")))
        return DealerDoneType(id=id)


def _outlet(outlet_id: strawberry.ID | None) -> OutletId | None:
    return None if outlet_id is None else OutletId(from_global(outlet_id, "Outlet", field="outletId"))
