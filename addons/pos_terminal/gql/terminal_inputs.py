"""What is given about contracts, terminals and applications. Annotations are real: Strawberry reads them."""

import strawberry

from addons.pos_terminal.domain.application import ApplicationForm
from addons.pos_terminal.domain.commands import Place
from addons.pos_terminal.domain.commission import ANY, Tariff
from addons.pos_terminal.domain.contract import CUT_OFF_MINUTE, SetContract, TermsChoice
from addons.pos_terminal.gql.terminal_enums import QrAs, Rounding
from kernel.clock import to_ms
from kernel.gql.ids import from_global, from_global_or_none
from kernel.gql.scalars import DateTime
from kernel.money import Money


@strawberry.input(description="A setting of the driver.")
class ContractOptionInput:
    name: str = strawberry.field(description="Which: small letters, digits and _.")
    value: str = strawberry.field(description="What it is.")


@strawberry.input(description="A rate of commission.")
class AcquirerTariffInput:
    scheme: str = strawberry.field(default=ANY, description='VISA, KASPI …; "*" for any other.')
    method: str = strawberry.field(default=ANY, description='CARD, QR; "*" for any other.')
    rate_ppm: int = strawberry.field(description="Millionths: 1.29 % is 12900.")


@strawberry.input(description="Terms of a contract from a moment on.")
class AcquirerTermsInput:
    valid_from: DateTime | None = strawberry.field(
        default=None, description="Left out: from now on. The first terms hold since ever."
    )
    zone: str = strawberry.field(default="Asia/Almaty", description="Zone of the acquirer's days.")
    cut_off_minute: int = strawberry.field(
        default=CUT_OFF_MINUTE, description="Minute of the local day: 1350 is 22:30."
    )
    rounding: Rounding = strawberry.field(default=Rounding.PER_OPERATION, description="What is rounded.")
    fee_min: Money = strawberry.field(default=Money.ZERO, description="Smallest commission of an operation.")
    fee_max: Money | None = strawberry.field(default=None, description="Largest; left out: without limit.")
    is_commission_returned: bool = strawberry.field(
        default=True, description="Whether a refund brings the commission back."
    )
    credit_days: int = strawberry.field(default=1, description="Days from the banking day to the money.")
    qr_as: QrAs = strawberry.field(
        default=QrAs.CARD, description="Which payment of a receipt a QR payment is."
    )
    has_partial_refund: bool = strawberry.field(default=False, description="Whether a part may be refunded.")
    tariffs: list[AcquirerTariffInput] = strawberry.field(description='Rates; one of them for "*" and "*".')

    def choice(self) -> TermsChoice:
        """The same for the services."""
        return TermsChoice(
            tariffs=tuple(Tariff(each.scheme, each.method, each.rate_ppm) for each in self.tariffs),
            valid_from_ms=None if self.valid_from is None else to_ms(self.valid_from),
            zone=self.zone,
            cut_off_minute=self.cut_off_minute,
            rounding=self.rounding,
            fee_min=self.fee_min,
            fee_max=self.fee_max,
            is_commission_returned=self.is_commission_returned,
            credit_days=self.credit_days,
            qr_as=self.qr_as,
            has_partial_refund=self.has_partial_refund,
        )


@strawberry.input(description="A contract with an acquirer, whole: what is left out becomes empty.")
class AcquirerContractInput:
    id: strawberry.ID | None = strawberry.field(
        default=None, description="To change one; left out: a new one."
    )
    title: str = strawberry.field(description="How people call it.")
    driver: str = strawberry.field(description="One of `terminalDrivers`.")
    number: str = strawberry.field(default="", description="Number of the paper.")
    merchant_code: str = strawberry.field(default="", description="Number of the merchant at the acquirer.")
    address: str = strawberry.field(default="", description="host:port of the acquirer.")
    options: list[ContractOptionInput] = strawberry.field(
        default_factory=list, description="Settings of the driver."
    )
    agreement: str = strawberry.field(
        default="", description="Version of the acquirer's terms of service to be accepted."
    )
    is_active: bool = strawberry.field(default=True, description="Whether new terminals are taken on.")
    terms: AcquirerTermsInput | None = strawberry.field(
        default=None, description="New terms; a new contract needs some."
    )

    def command(self) -> SetContract:
        """The same for the services."""
        return SetContract(
            id=from_global_or_none(self.id, "AcquirerContract", field="id"),
            title=self.title,
            driver=self.driver,
            number=self.number,
            merchant_code=self.merchant_code,
            address=self.address,
            options={each.name: each.value for each in self.options},
            agreement=self.agreement,
            is_active=self.is_active,
            terms=None if self.terms is None else self.terms.choice(),
        )


@strawberry.input(description="Where a terminal stands.")
class TerminalPlaceInput:
    outlet_id: strawberry.ID = strawberry.field(description="Outlet.")
    register_id: strawberry.ID | None = strawberry.field(
        default=None, description="The till it belongs to; left out for one that is carried about."
    )
    title: str = strawberry.field(description="How people call it.")

    def place(self) -> Place:
        """The same for the services."""
        outlet = from_global(self.outlet_id, "Outlet", field="place.outletId")
        register = from_global_or_none(self.register_id, "Register", field="place.registerId")
        return Place(outlet, register, self.title)


@strawberry.input(description="What the acquirer wants to know of a terminal.")
class TerminalFormInput:
    serial_number: str = strawberry.field(description="Of the device.")
    business: str = strawberry.field(description="What is sold there.")
    city: str = strawberry.field(description="Where it stands.")
    zip: str = strawberry.field(description="Postal index: 050000 or A05E4F6.")
    iban: str = strawberry.field(description="Account of this very terminal.")
    bic: str = strawberry.field(description="Its bank.")
    contact_email: str = strawberry.field(description="Who is told of the answer and of changes.")
    agreement: str = strawberry.field(
        default="", description="Version of the acquirer's terms of service that is accepted."
    )

    def form(self) -> ApplicationForm:
        """The same for the services."""
        return ApplicationForm(
            serial_number=self.serial_number,
            business=self.business,
            city=self.city,
            zip=self.zip,
            iban=self.iban,
            bic=self.bic,
            contact_email=self.contact_email,
            agreement=self.agreement,
        )
