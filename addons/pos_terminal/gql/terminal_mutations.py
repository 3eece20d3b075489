"""Root fields that change contracts, terminals, applications. Annotations are real: Strawberry reads them."""

import base64
from typing import Annotated

import strawberry

from addons.organization.api import SubmitApplication
from addons.pos_terminal.domain.commands import (
    ApplyForTerminal,
    AskRequisites,
    BindOperator,
    ChangeTerminal,
    ConnectTerminal,
    DecideApplication,
    EditApplication,
    ProvisionTerminal,
)
from addons.pos_terminal.gql.terminal_inputs import (
    AcquirerContractInput,
    TerminalFormInput,
    TerminalPlaceInput,
)
from addons.pos_terminal.gql.terminal_types import (
    ApplicationTextType,
    ApplicationType,
    CardTerminalType,
    ContractType,
)
from addons.pos_terminal.services.acquirer_people import appoint_manager, dismiss_manager
from addons.pos_terminal.services.applications import (
    apply_for_terminal,
    ask_requisites,
    decide_application,
    edit_application,
    prepare_signature,
    send_application,
    sign_application,
    withdraw_application,
)
from addons.pos_terminal.services.contracts import set_contract
from addons.pos_terminal.services.operators import bind_operator
from addons.pos_terminal.services.terminals import (
    block_terminal,
    change_terminal,
    close_terminal,
    connect_terminal,
    provision_terminal,
    unblock_terminal,
)
from kernel.clock import from_ms
from kernel.data.work import Work
from kernel.gql.context import Info
from kernel.gql.ids import from_global, from_global_or_none, to_global
from kernel.gql.permissions import Requires
from kernel.gql.refusals import Refused

MANAGE = [Requires("pos_terminal.manage")]
DECIDE = [Requires("pos_terminal.decide")]
APPOINT = [Requires("organization.manage_access")]

ContractResult = Annotated[
    ContractType | Refused,
    strawberry.union("AcquirerContractResult", description="The contract, or why not."),
]
TerminalResult = Annotated[
    CardTerminalType | Refused,
    strawberry.union("CardTerminalResult", description="The terminal, or why not."),
]
ApplicationResult = Annotated[
    ApplicationType | Refused,
    strawberry.union("TerminalApplicationResult", description="The application, or why not."),
]
TextResult = Annotated[
    ApplicationTextType | Refused,
    strawberry.union("ApplicationTextResult", description="The text to sign, or why not."),
]


@strawberry.type(name="AcquirerManager", description="A user who speaks for the acquirer, or does no more.")
class ManagerType:
    user_id: strawberry.ID = strawberry.field(description="The user.")


ManagerResult = Annotated[
    ManagerType | Refused, strawberry.union("AcquirerManagerResult", description="Done, or why not.")
]

TerminalId = Annotated[strawberry.ID, strawberry.argument(description="Which terminal.")]
ApplicationId = Annotated[strawberry.ID, strawberry.argument(description="Which application.")]
UserArgument = Annotated[strawberry.ID, strawberry.argument(description="A user of the company.")]
Form = Annotated[TerminalFormInput, strawberry.argument(description="The form.")]
PlaceArgument = Annotated[TerminalPlaceInput, strawberry.argument(description="Where it stands.")]
ContractId = Annotated[strawberry.ID, strawberry.argument(description="Under which contract.")]
Address = Annotated[str, strawberry.argument(description="Where the driver reaches it.")]
ThroughAgent = Annotated[bool, strawberry.argument(description="Only the shop's agent reaches it.")]


@strawberry.type
class ContractMutation:
    """Contracts and who speaks for the acquirer."""

    @strawberry.mutation(
        description="Make or change a contract with an acquirer. Terms are only ever added.",
        permission_classes=MANAGE,
    )
    async def set_acquirer_contract(self, info: Info, input: AcquirerContractInput) -> ContractResult:
        key = await info.context.transact(set_contract, input.command())
        return ContractType.of(await info.context.loader("pos_terminal.contract_by_id").load(key))

    @strawberry.mutation(
        description="The user speaks for the acquirer from the next sign-in on: decides applications and "
        "gives terminals their numbers.",
        permission_classes=APPOINT,
    )
    async def appoint_acquirer_manager(self, info: Info, user_id: UserArgument) -> ManagerResult:
        await info.context.transact(appoint_manager, from_global(user_id, "User", field="userId"))
        return ManagerType(user_id=user_id)

    @strawberry.mutation(description="The user speaks for the acquirer no more.", permission_classes=APPOINT)
    async def dismiss_acquirer_manager(self, info: Info, user_id: UserArgument) -> ManagerResult:
        await info.context.transact(dismiss_manager, from_global(user_id, "User", field="userId"))
        return ManagerType(user_id=user_id)


@strawberry.type
class ApplicationMutation:
    """Applications, from the form to the answer."""

    @strawberry.mutation(
        description="Apply for a terminal of an acquirer's host: a draft, to be signed.",
        permission_classes=MANAGE,
    )
    async def apply_for_terminal(
        self, info: Info, contract_id: ContractId, place: PlaceArgument, form: Form
    ) -> ApplicationResult:
        contract = from_global(contract_id, "AcquirerContract", field="contractId")
        command = ApplyForTerminal(contract, place.place(), form.form())
        return await _application(info, await info.context.transact(apply_for_terminal, command))

    @strawberry.mutation(
        description="Ask for another account of a working terminal: a draft, to be signed. It applies to "
        "the whole banking day in which it is approved.",
        permission_classes=MANAGE,
    )
    async def change_terminal_requisites(
        self,
        info: Info,
        terminal_id: TerminalId,
        iban: Annotated[str, strawberry.argument(description="The new account.")],
        bic: Annotated[str, strawberry.argument(description="Its bank.")],
        contact_email: Annotated[
            str, strawberry.argument(description="Who is told from then on; the old address is told too.")
        ],
    ) -> ApplicationResult:
        terminal = from_global(terminal_id, "CardTerminal", field="terminalId")
        command = AskRequisites(terminal, iban, bic, contact_email)
        return await _application(info, await info.context.transact(ask_requisites, command))

    @strawberry.mutation(
        description="New contents of an application that is not approved; its signature is void.",
        permission_classes=MANAGE,
    )
    async def edit_terminal_application(
        self, info: Info, id: ApplicationId, place: PlaceArgument, form: Form
    ) -> ApplicationResult:
        key = from_global(id, "TerminalApplication", field="id")
        command = EditApplication(key, place.place(), form.form())
        return await _application(info, await info.context.transact(edit_application, command))

    @strawberry.mutation(
        description="The text of an application, to be signed in NCALayer (CMS, attached) by the company's "
        "head with a key for signing.",
        permission_classes=MANAGE,
    )
    async def prepare_terminal_application(self, info: Info, id: ApplicationId) -> TextResult:
        key = from_global(id, "TerminalApplication", field="id")
        made = await info.context.transact(prepare_signature, key)
        return ApplicationTextType(
            id=to_global("ApplicationText", made.id),
            text=made.text.decode(),
            base64=base64.b64encode(made.text).decode(),
            expires_at=from_ms(made.until_ms),
        )

    @strawberry.mutation(
        description="The signed text: the application is signed, until somebody edits it.",
        permission_classes=MANAGE,
    )
    async def sign_terminal_application(
        self,
        info: Info,
        text_id: Annotated[strawberry.ID, strawberry.argument(description="Of the prepared text.")],
        signature: Annotated[str, strawberry.argument(description="The CMS message in base64.")],
    ) -> ApplicationResult:
        context = info.context
        command = SubmitApplication(from_global(text_id, "ApplicationText", field="textId"), signature)
        key = await sign_application(context.database, context.principal, command)
        context.forget()
        return await _application(info, key)

    @strawberry.mutation(description="A signed application goes to the acquirer.", permission_classes=MANAGE)
    async def send_terminal_application(self, info: Info, id: ApplicationId) -> ApplicationResult:
        key = from_global(id, "TerminalApplication", field="id")
        return await _application(info, await info.context.transact(send_application, key))

    @strawberry.mutation(
        description="Give an application up; a terminal that was applied for is closed with it.",
        permission_classes=MANAGE,
    )
    async def withdraw_terminal_application(self, info: Info, id: ApplicationId) -> ApplicationResult:
        key = from_global(id, "TerminalApplication", field="id")
        return await _application(info, await info.context.transact(withdraw_application, key))

    @strawberry.mutation(
        description="The acquirer's word about an application; never by who signed it.",
        permission_classes=DECIDE,
    )
    async def decide_terminal_application(
        self,
        info: Info,
        id: ApplicationId,
        version: Annotated[int, strawberry.argument(description="Of what was looked at.")],
        is_approved: Annotated[bool, strawberry.argument(description="Yes or no.")],
        reason: Annotated[str, strawberry.argument(description="Why not.")] = "",
    ) -> ApplicationResult:
        key = from_global(id, "TerminalApplication", field="id")
        command = DecideApplication(key, version, is_approved, reason)
        return await _application(info, await info.context.transact(decide_application, command))


@strawberry.type
class TerminalMutation:
    """Terminals themselves."""

    @strawberry.mutation(
        description="The acquirer's numbers of an approved terminal; its keys are awaited then.",
        permission_classes=DECIDE,
    )
    async def provision_terminal(
        self,
        info: Info,
        id: TerminalId,
        terminal_code: Annotated[str, strawberry.argument(description="Number of the terminal.")],
        merchant_code: Annotated[
            str, strawberry.argument(description="Number of the merchant; empty: the contract's.")
        ] = "",
    ) -> TerminalResult:
        command = ProvisionTerminal(from_global(id, "CardTerminal", field="id"), terminal_code, merchant_code)
        return await _terminal(info, await info.context.transact(provision_terminal, command))

    @strawberry.mutation(
        description="Connect a smart terminal that the shop owns: no application, no keys of ours.",
        permission_classes=MANAGE,
    )
    async def connect_terminal(
        self,
        info: Info,
        contract_id: ContractId,
        place: PlaceArgument,
        address: Address,
        serial_number: Annotated[str, strawberry.argument(description="Of the device.")] = "",
        terminal_code: Annotated[str, strawberry.argument(description="Its number at the bank.")] = "",
        is_through_agent: ThroughAgent = False,
    ) -> TerminalResult:
        contract = from_global(contract_id, "AcquirerContract", field="contractId")
        command = ConnectTerminal(
            contract, place.place(), address, serial_number, terminal_code, is_through_agent
        )
        return await _terminal(info, await info.context.transact(connect_terminal, command))

    @strawberry.mutation(description="Another name, till or address.", permission_classes=MANAGE)
    async def change_terminal(
        self,
        info: Info,
        id: TerminalId,
        place: PlaceArgument,
        address: Address = "",
        is_through_agent: ThroughAgent = False,
    ) -> TerminalResult:
        key = from_global(id, "CardTerminal", field="id")
        command = ChangeTerminal(key, place.place(), address, is_through_agent)
        return await _terminal(info, await info.context.transact(change_terminal, command))

    @strawberry.mutation(
        description="Who works with the terminal from now on, and with no other; refused while an operation "
        "is open or unknown.",
        permission_classes=MANAGE,
    )
    async def bind_terminal_operator(
        self,
        info: Info,
        terminal_id: TerminalId,
        operator_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="The operator; left out: nobody.")
        ] = None,
    ) -> TerminalResult:
        key = from_global(terminal_id, "CardTerminal", field="terminalId")
        operator = from_global_or_none(operator_id, "Operator", field="operatorId")
        return await _terminal(info, await info.context.transact(bind_operator, BindOperator(key, operator)))

    @strawberry.mutation(
        description="No new operation begins at the terminal; open ones end as they do.",
        permission_classes=MANAGE,
    )
    async def block_terminal(
        self,
        info: Info,
        id: TerminalId,
        reason: Annotated[str, strawberry.argument(description="Why; kept in the audit log.")],
    ) -> TerminalResult:
        key = from_global(id, "CardTerminal", field="id")

        async def blocking(work: Work, why: str) -> str:
            return await block_terminal(work, key, why)

        return await _terminal(info, await info.context.transact(blocking, reason))

    @strawberry.mutation(description="A blocked terminal goes on.", permission_classes=MANAGE)
    async def unblock_terminal(self, info: Info, id: TerminalId) -> TerminalResult:
        key = from_global(id, "CardTerminal", field="id")
        return await _terminal(info, await info.context.transact(unblock_terminal, key))

    @strawberry.mutation(
        description="The terminal never works again; its operations stay.", permission_classes=MANAGE
    )
    async def close_terminal(self, info: Info, id: TerminalId) -> TerminalResult:
        key = from_global(id, "CardTerminal", field="id")
        return await _terminal(info, await info.context.transact(close_terminal, key))


async def _terminal(info: Info, key: str) -> CardTerminalType:
    return CardTerminalType.of(await info.context.loader("pos_terminal.terminal_by_id").load(key))


async def _application(info: Info, key: str) -> ApplicationType:
    return ApplicationType.of(await info.context.loader("pos_terminal.application_by_id").load(key))
