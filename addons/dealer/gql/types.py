"""GraphQL types of dealer. Annotations are real in this module: Strawberry reads them."""

import orjson
import strawberry

from addons.dealer.domain.cards import LinkState, MoveState
from addons.organization.api import Severity
from kernel.clock import from_ms
from kernel.errors import Refusal
from kernel.gql.context import Info
from kernel.gql.node import Node
from kernel.gql.refusals import Refused, refused
from kernel.gql.scalars import DateTime
from kernel.i18n import explain

strawberry.enum(LinkState, name="DealerLinkState", description="What became of a request to a dealer.")
strawberry.enum(MoveState, name="DealerMoveState", description="What became of a proposal to move.")


@strawberry.type(name="DealerParty", description="The other side: a dealer or a client.")
class DealerPartyType:
    id: strawberry.ID = strawberry.field(description="The company.")
    bin: str = strawberry.field(description="Its BIN or IIN.")
    title: str = strawberry.field(description="Its title.")


@strawberry.type(name="DealerLink", description="A client's request to a dealer and what became of it.")
class DealerLinkType(Node):
    dealer: DealerPartyType = strawberry.field(description="Who looks after.")
    client: DealerPartyType = strawberry.field(description="Who is looked after.")
    state: LinkState = strawberry.field(description="What became of it.")
    permissions: list[str] = strawberry.field(description="What the dealer's people may do there.")
    asked_at: DateTime = strawberry.field(description="When it was asked.")
    answered_at: DateTime | None = strawberry.field(description="When it was answered.")
    ended_at: DateTime | None = strawberry.field(description="When it ended.")


@strawberry.type(name="DealerClient", description="A client on the dealer's board.")
class DealerClientType:
    id: strawberry.ID = strawberry.field(description="The company.")
    bin: str = strawberry.field(description="Its BIN or IIN.")
    title: str = strawberry.field(description="Its title.")
    registers: int = strawberry.field(description="Its registers in use.")
    problems: int = strawberry.field(description="How many of them have something wrong.")
    worst: int = strawberry.field(description="0 all well, 1 a warning, 2 an error.")


@strawberry.type(name="DealerTrouble", description="Something that is wrong with a client's register.")
class DealerTroubleType:
    code: str = strawberry.field(description="Stable code.")
    severity: Severity = strawberry.field(description="How bad it is.")
    message: str = strawberry.field(description="What is wrong, in the reader's language.")
    since: DateTime = strawberry.field(description="Since when.")
    facts: str = strawberry.field(description="Details as a JSON object.")


@strawberry.type(name="DealerRegister", description="A client's register on the dealer's board.")
class DealerRegisterType:
    key: strawberry.Private[str]
    id: strawberry.ID = strawberry.field(description="The register.")
    client_id: strawberry.ID = strawberry.field(description="Whose it is.")
    client_title: str = strawberry.field(description="Its title.")
    number: int = strawberry.field(description="Number, unique in the client's company.")
    title: str = strawberry.field(description="Title.")
    outlet_title: str = strawberry.field(description="Where it stands.")
    address: str = strawberry.field(description="Address of that outlet.")
    worst: int = strawberry.field(description="0 all well, 1 a warning, 2 an error.")
    codes: list[str] = strawberry.field(description="What is wrong, stable codes.")
    since: DateTime | None = strawberry.field(description="Since when something is wrong.")

    @strawberry.field(description="What is wrong, the worst first.")
    async def troubles(self, info: Info) -> list[DealerTroubleType]:
        context = info.context
        return [
            DealerTroubleType(
                code=each.code,
                severity=each.severity,
                message=explain(each.code, each.facts, context.language).message,
                since=from_ms(each.since_ms),
                facts=orjson.dumps(each.facts).decode(),
            )
            for each in await context.loader("dealer.troubles_by_register").load(self.key)
        ]


@strawberry.type(name="DealerCounts", description="The dealer's board in figures.")
class DealerCountsType:
    clients: int = strawberry.field(description="Clients.")
    registers: int = strawberry.field(description="Their registers in use.")
    warnings: int = strawberry.field(description="Registers with a warning and nothing worse.")
    errors: int = strawberry.field(description="Registers with an error.")
    requests: int = strawberry.field(description="Requests that wait.")


@strawberry.type(name="DealerVisit", description="Somebody of a dealer in a client's account.")
class DealerVisitType(Node):
    other: str = strawberry.field(description="Title of the other side.")
    user_name: str = strawberry.field(description="Who.")
    entered_at: DateTime = strawberry.field(description="Since when.")
    left_at: DateTime | None = strawberry.field(description="Until when; null while still inside.")
    address: str | None = strawberry.field(description="From where.")


@strawberry.type(name="DealerMove", description="A proposal to move a register to the other side.")
class DealerMoveType(Node):
    register_title: str = strawberry.field(description="Which register.")
    is_ours_to_answer: bool = strawberry.field(description="Whether the caller's company is asked.")
    is_outgoing: bool = strawberry.field(description="Whether the register leaves the caller's company.")
    other: str = strawberry.field(description="Title of the other side.")
    needs_outlet: bool = strawberry.field(description="Whether the answer has to name an outlet.")
    state: MoveState = strawberry.field(description="What became of it.")
    code: strawberry.Private[str | None]
    proposed_at: DateTime = strawberry.field(description="When it was proposed.")

    @strawberry.field(
        description="While it is checked: why the register could not move yet; null while it is being asked."
    )
    def problem(self, info: Info) -> Refused | None:
        return None if self.code is None else refused(Refusal(self.code), info.context.language)


@strawberry.type(name="DealerRight", description="Something a client may let its dealer do.")
class DealerRightType:
    permission: str = strawberry.field(description="Permission.")
    title: str = strawberry.field(description="In the caller's language.")
    is_reading: bool = strawberry.field(description="Whether an accountant has it too: it changes nothing.")


@strawberry.type(name="DealerBulkAction", description="Something that can be done to many registers at once.")
class DealerBulkActionType:
    name: str = strawberry.field(description="Goes with `runDealerAction`.")
    title: str = strawberry.field(description="In the caller's language.")
    text_title: str | None = strawberry.field(description="What its text is; null for an action without one.")
    permission: str = strawberry.field(description="What the client must have granted.")


@strawberry.type(name="DealerOutcome", description="What came of one register.")
class DealerOutcomeType:
    register_id: strawberry.ID = strawberry.field(description="The register.")
    code: str | None = strawberry.field(description="Why not; null when it was done.")
    message: str | None = strawberry.field(description="The same in the caller's language.")


@strawberry.type(name="DealerOutcomes", description="What came of each register.")
class DealerOutcomesType:
    outcomes: list[DealerOutcomeType] = strawberry.field(description="In the order asked.")


@strawberry.type(name="DealerDone", description="It is done.")
class DealerDoneType:
    id: strawberry.ID = strawberry.field(description="Of what it was about.")


@strawberry.type(name="DealerEntrance", description="The caller is inside the client's account.")
class DealerEntranceType:
    client: DealerPartyType = strawberry.field(description="Whose account.")
    access_token: str = strawberry.field(description="Goes into `Authorization: Bearer …`.")
    refresh_token: str = strawberry.field(description="Turns into the next pair, once.")
    expires_in_s: int = strawberry.field(description="Seconds the access token is good for.")
    permissions: list[str] = strawberry.field(description="What may be done there.")
