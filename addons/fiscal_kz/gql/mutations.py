"""Mutations of the fiscal engine. Annotations are real: Strawberry reads them."""

from typing import Annotated

import strawberry

from addons.fiscal_kz.domain.commands import (
    ActivateKkm,
    CloseShift,
    EnterToken,
    ReleaseJournal,
    ReleaseKkm,
    RequestReport,
)
from addons.fiscal_kz.gql.arguments import reason_text, register_key
from addons.fiscal_kz.gql.life_types import KkmLifeType
from addons.fiscal_kz.gql.outcome import activated, kkm_of_register, reported
from addons.fiscal_kz.gql.report_types import FiscalReportType
from addons.fiscal_kz.gql.types import KkmType
from addons.fiscal_kz.services.activate import enter_token, release_kkm
from addons.fiscal_kz.services.release_journal import release_journal
from kernel.errors import Refusal
from kernel.gql.context import Info
from kernel.gql.ids import from_global_or_none
from kernel.gql.permissions import Requires
from kernel.gql.refusals import Refused
from kernel.gql.scalars import UUID
from kernel.gql.waiting import WAIT_MS_DEFAULT, WAIT_MS_MAX, check_wait

NUMBER_LENGTH_MAX = 10

ActivateKkmResult = Annotated[
    KkmType | KkmLifeType | Refused,
    strawberry.union(
        "ActivateKkmResult", description="The KKM; its life while the OFD has not answered; or why not."
    ),
]
EnterTokenResult = Annotated[
    KkmType | Refused, strawberry.union("EnterTokenResult", description="The KKM, or why not.")
]
ReleaseKkmResult = Annotated[
    KkmType | Refused, strawberry.union("ReleaseKkmResult", description="The KKM, or why not.")
]
ReleaseJournalResult = Annotated[
    KkmType | Refused, strawberry.union("ReleaseJournalResult", description="The KKM, or why not.")
]
CloseShiftResult = Annotated[
    FiscalReportType | Refused, strawberry.union("CloseShiftResult", description="The Z report, or why not.")
]
XReportResult = Annotated[
    FiscalReportType | Refused, strawberry.union("XReportResult", description="The X report, or why not.")
]
Wait = Annotated[
    int,
    strawberry.argument(
        description=f"Milliseconds to wait for the outcome, 0 to {WAIT_MS_MAX}; then the state is QUEUED."
    ),
]

WithdrawCash = Annotated[
    bool | None,
    strawberry.argument(
        description="Whether all cash is taken out of the drawer with it; as the company chose when left out."
    ),
]

ApprovalArgument = Annotated[
    str | None,
    strawberry.argument(description="An administrator's word from `approve`, where the company asks for it."),
]


@strawberry.input(description="What makes a workplace a KKM; from the OFD's cabinet.")
class ActivateKkmInput:
    register_id: strawberry.ID = strawberry.field(description="Workplace.")
    ofd_id: str = strawberry.field(description="Device id given by the OFD, a number as text.")
    token: str = strawberry.field(description="First token given by the OFD, a number as text.")
    profile: str = strawberry.field(default="simulator", description="Operator of fiscal data by its code.")
    version: int | None = strawberry.field(
        default=None, description="202, 203 or 204; by the settings when left out."
    )
    registration_number: str = strawberry.field(
        default="", description="Given by the KGD, 12 digits; compared with what the OFD says."
    )
    vat_series: str = strawberry.field(default="", description="Series of the VAT certificate.")
    vat_number: str = strawberry.field(
        default="", description="Number of the VAT certificate; kept once the OFD has said yes."
    )


@strawberry.input(description="Who asks for a report or a shift close at which register.")
class ShiftReportInput:
    key: UUID = strawberry.field(description="Made and stored by the client before sending; acts once.")
    register_id: strawberry.ID = strawberry.field(description="Register.")
    operator_id: strawberry.ID | None = strawberry.field(
        default=None, description="Operator; left out by a signed-in operator."
    )


@strawberry.input(description="A new token for a KKM that waits for it.")
class EnterTokenInput:
    register_id: strawberry.ID = strawberry.field(description="Register.")
    token: str = strawberry.field(description="Token from the OFD's cabinet, a number as text.")


@strawberry.input(description="Let a blocked KKM try again after a person has looked.")
class ReleaseKkmInput:
    register_id: strawberry.ID = strawberry.field(description="Register.")
    reason: str = strawberry.field(description="Why, for the audit.")


@strawberry.input(description="What an investigation of a broken journal found.")
class ReleaseJournalInput:
    register_id: strawberry.ID = strawberry.field(description="Register.")
    reason: str = strawberry.field(description="What was found; kept in the journal and the audit.")


@strawberry.type
class FiscalMutation:
    """Root fields that write."""

    @strawberry.mutation(
        description="Enter the OFD's data of a KKM, a new one or one it knows: an INFO exchange proves id "
        "and token and brings the registration data. A refusal leaves everything as it was.",
        permission_classes=[Requires("fiscal_kz.activate")],
    )
    async def activate_kkm(
        self, info: Info, input: ActivateKkmInput, wait: Wait = WAIT_MS_DEFAULT
    ) -> ActivateKkmResult:
        command = ActivateKkm(
            register_id=register_key(input.register_id),
            ofd_id=_number(input.ofd_id, "OFD_ID_MALFORMED", "ofdId"),
            token=_number(input.token, "KKM_TOKEN_MALFORMED", "token"),
            profile=input.profile,
            version=input.version,
            registration_number=input.registration_number.strip(),
            vat_series=input.vat_series,
            vat_number=input.vat_number,
        )
        return await activated(info.context, command, wait_ms=check_wait(wait))

    @strawberry.mutation(
        description="Close the shift (Z report). The same key closes once.",
        permission_classes=[Requires("fiscal_kz.close_shift")],
    )
    async def close_shift(
        self,
        info: Info,
        input: ShiftReportInput,
        withdraw_cash: WithdrawCash = None,
        approval: ApprovalArgument = None,
        wait: Wait = WAIT_MS_DEFAULT,
    ) -> CloseShiftResult:
        register_id, operator_id = register_key(input.register_id), _operator(input.operator_id)
        command = CloseShift(input.key, register_id, operator_id, withdraw_cash, approval)
        return await reported(info.context, command, wait_ms=check_wait(wait))

    @strawberry.mutation(
        description="Take an X report. The same key gives the same report.",
        permission_classes=[Requires("fiscal_kz.report")],
    )
    async def x_report(
        self, info: Info, input: ShiftReportInput, wait: Wait = WAIT_MS_DEFAULT
    ) -> XReportResult:
        command = RequestReport(input.key, register_key(input.register_id), _operator(input.operator_id))
        return await reported(info.context, command, wait_ms=check_wait(wait))

    @strawberry.mutation(
        description="Enter a new token, the remedy for result code 2.",
        permission_classes=[Requires("fiscal_kz.activate")],
    )
    async def enter_token(self, info: Info, input: EnterTokenInput) -> EnterTokenResult:
        register_id = register_key(input.register_id)
        token = _number(input.token, "KKM_TOKEN_MALFORMED", "token")
        await info.context.transact(enter_token, EnterToken(register_id, token))
        return await kkm_of_register(info.context, register_id)

    @strawberry.mutation(
        description="Let a blocked KKM try again.", permission_classes=[Requires("fiscal_kz.activate")]
    )
    async def release_kkm(self, info: Info, input: ReleaseKkmInput) -> ReleaseKkmResult:
        register_id = register_key(input.register_id)
        await info.context.transact(release_kkm, ReleaseKkm(register_id, reason_text(input.reason)))
        return await kkm_of_register(info.context, register_id)

    @strawberry.mutation(
        description="Let a register with a broken journal work after an investigation.",
        permission_classes=[Requires("fiscal_kz.release_journal")],
    )
    async def release_journal(self, info: Info, input: ReleaseJournalInput) -> ReleaseJournalResult:
        register_id = register_key(input.register_id)
        await info.context.transact(release_journal, ReleaseJournal(register_id, reason_text(input.reason)))
        return await kkm_of_register(info.context, register_id)


def _operator(operator_id: strawberry.ID | None) -> str | None:
    return from_global_or_none(operator_id, "Operator", field="operatorId")


def _number(text: str, code: str, field: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= NUMBER_LENGTH_MAX):
        raise Refusal(code, field=field)
    return int(text)
