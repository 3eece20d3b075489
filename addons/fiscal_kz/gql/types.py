"""KKM and fiscal facts in GraphQL. Annotations are real: Strawberry reads them."""

from typing import Self

import strawberry

from addons.fiscal_kz.gql.enums import FiscalDocumentState, KkmBlock, KkmLink
from addons.fiscal_kz.services.views import KkmView, TicketView
from addons.fiscal_kz.settings import FiscalSettings
from addons.trade.api import TradeDomain
from kernel.clock import from_ms, to_ms
from kernel.errors import Refusal
from kernel.gql.context import GqlContext, Info
from kernel.gql.ids import to_global
from kernel.gql.node import Node
from kernel.gql.refusals import Refused, refused
from kernel.gql.scalars import DateTime
from kernel.money import Money


@strawberry.type(name="KkmShift", description="The current shift of a KKM, or its last one.")
class KkmShiftType:
    number: int = strawberry.field(description="Running number since registration; 0 before the first.")
    is_open: bool = strawberry.field(description="Whether documents are added to it.")
    opened_at: DateTime | None = strawberry.field(description="Time of its first document.")
    must_close_by: DateTime | None = strawberry.field(
        description="From then on sales are refused (24 hours)."
    )
    closes_by_itself_at: DateTime | None = strawberry.field(
        description="When the system closes it; null when none is open or it never does."
    )
    seconds_left: int | None = strawberry.field(
        description="Seconds until sales are refused, 0 when they are; null when none is open."
    )
    is_ending: bool = strawberry.field(description="True from the hour on when people are to be warned.")
    documents: int = strawberry.field(description="Documents in it.")


@strawberry.type(name="Kkm", description="A fiscal register (KKM) behind a workplace, and how it is.")
class KkmType(Node):
    node_permission = "fiscal_kz.view"

    view: strawberry.Private[KkmView]
    register_id: strawberry.ID = strawberry.field(description="The workplace.")
    profile: str = strawberry.field(description="Operator of fiscal data, by its code in the settings.")
    ofd_id: str = strawberry.field(description="Device id given by the OFD.")
    version: int = strawberry.field(description="Protocol version as in the header: 203 = 2.0.3.")
    domain: TradeDomain = strawberry.field(description="Line of trade of tickets that name none.")
    device_id: strawberry.ID | None = strawberry.field(description="The only device it works for.")
    is_active: bool = strawberry.field(description="Whether INFO was answered and sales may be made.")
    link: KkmLink = strawberry.field(description="Link to the OFD.")
    offline_since: DateTime | None = strawberry.field(description="First failed attempt of this outage.")
    undelivered: int = strawberry.field(description="Offline documents the OFD has not acknowledged.")
    block: KkmBlock = strawberry.field(description="Why it may not work, NONE when it may.")
    block_code: int = strawberry.field(description="Result code of the OFD that blocked it, 0 for none.")
    ofd_notice: str = strawberry.field(description="The OFD's text to show while it is blocked.")
    registration_number: str = strawberry.field(description="Registration number given by the KGD.")
    factory_number: str = strawberry.field(description="Factory number.")
    documents: str = strawberry.field(description="Fiscal documents since registration.")
    drawer: Money = strawberry.field(description="Cash in the drawer.")
    revenue: Money = strawberry.field(description="Revenue of the shift, signed.")
    shift: KkmShiftType = strawberry.field(description="The current or last shift.")

    @strawberry.field(description="Why the last activation failed; null when it did not.")
    def activation_refusal(self, info: Info) -> Refused | None:
        code = self.view.activation_code
        return None if code is None else refused(Refusal(code), info.context.language)

    @classmethod
    async def load(cls, context: GqlContext, key: str) -> Self | None:
        view: KkmView | None = await context.loader("fiscal_kz.kkm_by_id").load(key)
        return None if view is None else cls.of(view, context)

    @classmethod
    def of(cls, view: KkmView, context: GqlContext) -> Self:
        """The KKM as shown."""
        database, opened = context.app.database, view.shift_opened_ms
        settings = database.choices.settings_of(FiscalSettings, context.principal.company_id)
        clock = None if opened is None else settings.shift_clock(opened)
        now_ms = to_ms(database.clock.now())
        return cls(
            key=view.id,
            view=view,
            register_id=to_global("Register", view.register_id),
            profile=view.profile,
            ofd_id=str(view.ofd_id),
            version=view.version,
            domain=TradeDomain(view.card.domain.value),
            device_id=None if view.device_id is None else to_global("Device", view.device_id),
            is_active=view.is_active,
            link=view.link,
            offline_since=_moment(view.offline_since_ms),
            undelivered=view.undelivered,
            block=view.block,
            block_code=view.block_code,
            ofd_notice=view.notice,
            registration_number=view.card.registration_number,
            factory_number=view.card.factory_number,
            documents=str(view.documents),
            drawer=Money(view.drawer),
            revenue=Money(view.revenue),
            shift=KkmShiftType(
                number=view.shift_number,
                is_open=opened is not None,
                opened_at=_moment(opened),
                must_close_by=None if clock is None else from_ms(clock.ends_ms),
                closes_by_itself_at=None if clock is None else _moment(clock.closes_ms),
                seconds_left=None if clock is None else clock.left_s(now_ms),
                is_ending=clock is not None and clock.is_ending(now_ms),
                documents=view.shift_documents,
            ),
        )


@strawberry.type(name="FiscalTicket", description="What the fiscal engine knows of a sale or cash operation.")
class FiscalTicketType:
    state: FiscalDocumentState = strawberry.field(description="How far it has come.")
    sign: str | None = strawberry.field(description="Fiscal sign given by the OFD.")
    is_offline: bool = strawberry.field(description="Whether it was issued autonomously.")
    offline_number: str | None = strawberry.field(description="Autonomous sign.")
    shift_number: int | None = strawberry.field(description="Shift.")
    document_number: str | None = strawberry.field(description="Number of the document since registration.")
    shift_document_number: int | None = strawberry.field(description="Number of the document in its shift.")
    qr: str | None = strawberry.field(description="Check link; before delivery the autonomous one.")
    registration_number: str = strawberry.field(description="Registration number of the KKM.")
    factory_number: str = strawberry.field(description="Factory number of the KKM.")
    ofd_title: str = strawberry.field(description="Operator of fiscal data.")
    ofd_site: str = strawberry.field(description="Where buyers check receipts.")
    is_test: bool = strawberry.field(description="Whether the OFD is a simulator.")
    at: DateTime | None = strawberry.field(description="Time of the ticket.")
    acknowledged_at: DateTime | None = strawberry.field(description="When the OFD answered.")
    result_code: int | None = strawberry.field(description="Result code of the OFD.")
    reject_code: strawberry.Private[str | None]

    @strawberry.field(description="Why it was refused, in the caller's language.")
    def rejection(self, info: Info) -> Refused | None:
        code = self.reject_code
        return None if code is None else refused(Refusal(code), info.context.language)

    @classmethod
    def of(cls, view: TicketView, context: GqlContext) -> Self:
        """The facts as shown."""
        profile = context.registry.settings_of(FiscalSettings).profile(view.profile)
        number, offline = view.document_number, view.offline_number
        return cls(
            state=view.state,
            sign=view.sign,
            is_offline=view.is_offline,
            offline_number=None if offline is None else str(offline),
            shift_number=view.shift_number,
            document_number=None if number is None else str(number),
            shift_document_number=view.shift_document_number,
            qr=view.qr_text or None,
            registration_number=view.card.registration_number,
            factory_number=view.card.factory_number,
            ofd_title=profile.title,
            ofd_site=profile.check_site,
            is_test=profile.is_test,
            at=_moment(view.at_ms),
            acknowledged_at=_moment(view.settled_ms),
            result_code=view.result_code,
            reject_code=view.reject_code,
        )


def _moment(ms: int | None) -> DateTime | None:
    return None if ms is None else from_ms(ms)
