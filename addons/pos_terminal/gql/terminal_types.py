"""Contracts, terminals and applications in GraphQL. Annotations are real: Strawberry reads them."""

from collections.abc import Mapping
from typing import Any, Self

import orjson
import strawberry

from addons.pos_terminal.domain.banks import is_other_bank
from addons.pos_terminal.domain.commission import Tariff
from addons.pos_terminal.domain.driver import Capabilities
from addons.pos_terminal.gql.terminal_enums import (
    ApplicationKind,
    ApplicationState,
    QrAs,
    Rounding,
    TerminalState,
)
from addons.pos_terminal.services.applications import applications_of
from addons.pos_terminal.services.contracts import TermsRow, terms_of
from addons.pos_terminal.services.operators import bindings_of
from addons.pos_terminal.services.ports import TerminalDriver
from addons.pos_terminal.services.requisites import requisites_of
from kernel.clock import from_ms
from kernel.gql.context import GqlContext, Info
from kernel.gql.ids import to_global
from kernel.gql.node import Node
from kernel.gql.scalars import Date, DateTime
from kernel.money import Money

Row = Mapping[str, Any]


def moment(ms: int | None) -> DateTime | None:
    """A moment that may not have come."""
    return None if ms is None else from_ms(ms)


@strawberry.type(name="TerminalDriver", description="A way to reach terminals, and what it can do.")
class DriverType:
    name: str = strawberry.field(description="Its name in contracts.")
    is_whole_tenge: bool = strawberry.field(description="Takes no tiyn.")
    has_status_query: bool = strawberry.field(description="Can be asked what became of a payment.")
    has_remote_cancel: bool = strawberry.field(description="The till can stop a payment that is going on.")
    has_void: bool = strawberry.field(description="Takes today's payment back whole.")
    has_refund: bool = strawberry.field(description="Gives money back to a card.")
    has_partial_refund: bool = strawberry.field(description="Also in part.")
    has_reversal: bool = strawberry.field(description="Can undo a payment whose outcome nobody knows.")
    has_settlement: bool = strawberry.field(description="Compares totals at the end of the banking day.")
    has_qr: bool = strawberry.field(description="Takes QR payments.")
    takes_card_from_device: bool = strawberry.field(
        description="A device of ours reads the card and hands encrypted data over."
    )
    needs_keys: bool = strawberry.field(
        description="Needs an application to the acquirer and keys before its first payment."
    )

    @classmethod
    def of(cls, name: str, can: Capabilities) -> Self:
        """As shown."""
        return cls(
            name=name,
            is_whole_tenge=can.is_whole_tenge,
            has_status_query=can.has_status_query,
            has_remote_cancel=can.has_remote_cancel,
            has_void=can.has_void,
            has_refund=can.has_refund,
            has_partial_refund=can.has_partial_refund,
            has_reversal=can.has_reversal,
            has_settlement=can.has_settlement,
            has_qr=can.has_qr,
            takes_card_from_device=can.takes_card_from_device,
            needs_keys=can.needs_keys,
        )


def drivers_of(context: GqlContext) -> list[DriverType]:
    """Every driver of this installation, by name."""
    offers = context.registry.offers(TerminalDriver)
    return [DriverType.of(name, offers[name].capabilities) for name in sorted(offers)]


@strawberry.type(name="ContractOption", description="A setting of the driver.")
class OptionType:
    name: str = strawberry.field(description="Which.")
    value: str = strawberry.field(description="What it is.")


@strawberry.type(name="AcquirerTariff", description="A rate of commission.")
class TariffType:
    scheme: str = strawberry.field(description='VISA, MASTERCARD, KASPI …; "*" for any other.')
    method: str = strawberry.field(description='CARD, QR; "*" for any other.')
    rate_ppm: int = strawberry.field(description="Millionths: 1.29 % is 12900.")

    @classmethod
    def of(cls, tariff: Tariff) -> Self:
        """As shown."""
        return cls(scheme=tariff.scheme, method=tariff.method, rate_ppm=tariff.rate_ppm)


@strawberry.type(name="AcquirerTerms", description="Terms of a contract from a moment on.")
class TermsType:
    valid_from: DateTime = strawberry.field(description="From when on; 1970 means since ever.")
    zone: str = strawberry.field(description="Zone of the acquirer's days, an IANA name.")
    cut_off_minute: int = strawberry.field(
        description="Minute of the local day at which the banking day ends: 1350 is 22:30."
    )
    rounding: Rounding = strawberry.field(description="What of a commission is rounded.")
    fee_min: Money = strawberry.field(description="Smallest commission of an operation.")
    fee_max: Money | None = strawberry.field(description="Largest commission of an operation.")
    is_commission_returned: bool = strawberry.field(description="Whether a refund brings it back.")
    credit_days: int = strawberry.field(description="Days from the banking day to the money.")
    qr_as: QrAs = strawberry.field(description="Which payment of a receipt a QR payment is.")
    has_partial_refund: bool = strawberry.field(description="Whether a part may be refunded.")
    tariffs: list[TariffType] = strawberry.field(description="Rates.")

    @classmethod
    def of(cls, row: TermsRow) -> Self:
        """As shown."""
        terms = row.terms
        return cls(
            valid_from=from_ms(row.valid_from_ms),
            zone=terms.zone,
            cut_off_minute=terms.cut_off_minute,
            rounding=terms.rounding,
            fee_min=terms.fee_min,
            fee_max=terms.fee_max,
            is_commission_returned=terms.is_commission_returned,
            credit_days=terms.credit_days,
            qr_as=terms.qr_as,
            has_partial_refund=terms.has_partial_refund,
            tariffs=[TariffType.of(each) for each in terms.tariffs],
        )


@strawberry.type(name="AcquirerContract", description="A contract with an acquirer.")
class ContractType(Node):
    title: str = strawberry.field(description="How people call it.")
    number: str = strawberry.field(description="Number of the paper.")
    driver_name: strawberry.Private[str]
    merchant_code: str = strawberry.field(description="Number of the merchant at the acquirer.")
    address: str = strawberry.field(description="host:port of the acquirer; empty for terminals in shops.")
    options: list[OptionType] = strawberry.field(description="Settings of the driver.")
    agreement: str = strawberry.field(
        description="Version of the acquirer's terms of service that applications have to accept."
    )
    is_active: bool = strawberry.field(description="Whether new terminals are taken on.")
    created_at: DateTime = strawberry.field(description="Since when it is here.")

    @strawberry.field(description="How its terminals are reached; null when that add-on is gone.")
    def driver(self, info: Info) -> DriverType | None:
        found = info.context.registry.offers(TerminalDriver).get(self.driver_name)
        return None if found is None else DriverType.of(self.driver_name, found.capabilities)

    @strawberry.field(description="All its terms, the latest first.")
    async def terms(self, info: Info) -> list[TermsType]:
        async with info.context.reading() as reader:
            return [TermsType.of(each) for each in await terms_of(reader, self.key)]

    @classmethod
    def of(cls, row: Row) -> Self:
        """Out of a row of pos_contract."""
        options = orjson.loads(row["options"])
        return cls(
            key=row["id"],
            title=row["title"],
            number=row["number"],
            driver_name=row["driver"],
            merchant_code=row["merchant_code"],
            address=row["address"],
            options=[OptionType(name=name, value=options[name]) for name in sorted(options)],
            agreement=row["agreement"],
            is_active=bool(row["is_active"]),
            created_at=from_ms(row["created_ms"]),
        )


@strawberry.type(name="TerminalRequisites", description="Where the money of a terminal goes from a day on.")
class RequisitesType:
    version: int = strawberry.field(description="1, 2, 3 …")
    from_day: Date = strawberry.field(description="First banking day, the whole of it.")
    iban: str = strawberry.field(description="Account.")
    bic: str = strawberry.field(description="Bank.")
    is_other_bank: bool = strawberry.field(description="The account seems to belong to another bank.")

    @classmethod
    def of(cls, row: Row) -> Self:
        """Out of a row of pos_requisites."""
        return cls(
            version=row["version"],
            from_day=Date.fromisoformat(row["from_day"]),
            iban=row["iban"],
            bic=row["bic"],
            is_other_bank=is_other_bank(row["iban"], row["bic"]),
        )


@strawberry.type(name="TerminalBinding", description="Who worked with a terminal from when until when.")
class BindingType:
    operator_id: strawberry.ID = strawberry.field(description="The operator.")
    since: DateTime = strawberry.field(description="From when on.")
    until: DateTime | None = strawberry.field(description="Until when; null while it lasts.")

    @classmethod
    def of(cls, row: Row) -> Self:
        """Out of a row of pos_operator_binding."""
        operator_id = to_global("Operator", row["operator_id"])
        return cls(operator_id=operator_id, since=from_ms(row["from_ms"]), until=moment(row["until_ms"]))


@strawberry.type(name="TerminalApplication", description="An application to an acquirer.")
class ApplicationType(Node):
    node_permission = "pos_terminal.view"

    terminal_id: strawberry.ID = strawberry.field(description="About which terminal.")
    kind: ApplicationKind = strawberry.field(description="What is asked.")
    state: ApplicationState = strawberry.field(description="What became of it.")
    version: int = strawberry.field(description="Grows with every edit; the acquirer answers to one version.")
    serial_number: str = strawberry.field(description="Of the device.")
    business: str = strawberry.field(description="What is sold there.")
    city: str = strawberry.field(description="Where it stands.")
    zip: str = strawberry.field(description="Postal index.")
    iban: str = strawberry.field(description="Account of this terminal.")
    bic: str = strawberry.field(description="Its bank.")
    is_other_bank: bool = strawberry.field(description="The account seems to belong to another bank.")
    contact_email: str = strawberry.field(description="Who is told of the answer.")
    agreement: str = strawberry.field(description="Version of the acquirer's terms that was accepted.")
    signer_name: str = strawberry.field(description="Who signed; empty while nobody did.")
    signed_at: DateTime | None = strawberry.field(description="When it was signed.")
    sent_at: DateTime | None = strawberry.field(description="When it went to the acquirer.")
    decided_at: DateTime | None = strawberry.field(description="When the acquirer answered.")
    reason: str = strawberry.field(description="Why not.")

    @classmethod
    async def load(cls, context: GqlContext, key: str) -> "ApplicationType | None":
        row = await context.loader("pos_terminal.application_by_id").load(key)
        return None if row is None else cls.of(row)

    @classmethod
    def of(cls, row: Row) -> Self:
        """Out of a row of pos_application."""
        same = ("version", "serial_number", "business", "city", "zip", "iban", "bic", "contact_email")
        return cls(
            key=row["id"],
            terminal_id=to_global("CardTerminal", row["terminal_id"]),
            kind=ApplicationKind(row["kind"]),
            state=ApplicationState(row["state"]),
            is_other_bank=is_other_bank(row["iban"], row["bic"]),
            agreement=row["agreement"],
            signer_name=row["signer_name"],
            signed_at=moment(row["signed_ms"]),
            sent_at=moment(row["sent_ms"]),
            decided_at=moment(row["decided_ms"]),
            reason=row["reason"],
            **{name: row[name] for name in same},
        )


@strawberry.type(name="ApplicationText", description="A text to be signed in NCALayer (CMS, attached).")
class ApplicationTextType:
    id: strawberry.ID = strawberry.field(description="Goes with `signTerminalApplication`.")
    text: str = strawberry.field(description="Exactly what is signed.")
    base64: str = strawberry.field(description="The same in base64, as NCALayer wants it.")
    expires_at: DateTime = strawberry.field(description="Until when the signature is awaited.")


@strawberry.type(name="CardTerminal", description="A card terminal.")
class CardTerminalType(Node):
    node_permission = "pos_terminal.view"

    contract_key: strawberry.Private[str]
    title: str = strawberry.field(description="How people call it.")
    state: TerminalState = strawberry.field(description="Where it is in its life.")
    outlet_id: strawberry.ID = strawberry.field(description="Where it stands.")
    register_id: strawberry.ID | None = strawberry.field(
        description="The till it belongs to; null for one that is carried about."
    )
    operator_id: strawberry.ID | None = strawberry.field(description="The only operator who works with it.")
    terminal_code: str | None = strawberry.field(description="Its number at the acquirer.")
    merchant_code: str = strawberry.field(description="Number of the merchant at the acquirer.")
    serial_number: str = strawberry.field(description="Of the device.")
    address: str = strawberry.field(description="Where the driver reaches it; empty: the contract's.")
    is_through_agent: bool = strawberry.field(description="Only the shop's agent reaches it.")
    iban: str = strawberry.field(description="Where its money goes now.")
    bic: str = strawberry.field(description="The bank of that account.")
    contact_email: str = strawberry.field(description="Who is told of changes.")
    batch: int = strawberry.field(description="Number of the open batch.")
    has_secrets: bool = strawberry.field(description="Whether something secret is kept to talk to it.")
    keys_loaded_at: DateTime | None = strawberry.field(description="When its working keys were exchanged.")
    created_at: DateTime = strawberry.field(description="Since when it is here.")

    @strawberry.field(description="Its contract.")
    async def contract(self, info: Info) -> ContractType:
        row = await info.context.loader("pos_terminal.contract_by_id").load(self.contract_key)
        return ContractType.of(row)

    @strawberry.field(description="Where its money goes, the latest first.")
    async def requisites(self, info: Info) -> list[RequisitesType]:
        async with info.context.reading() as reader:
            return [RequisitesType.of(row) for row in await requisites_of(reader, self.key)]

    @strawberry.field(description="Who worked with it, the latest first.")
    async def bindings(self, info: Info) -> list[BindingType]:
        async with info.context.reading() as reader:
            return [BindingType.of(row) for row in await bindings_of(reader, self.key)]

    @strawberry.field(description="Its applications, the latest first.")
    async def applications(self, info: Info) -> list[ApplicationType]:
        async with info.context.reading() as reader:
            rows = await applications_of(reader, terminal_id=self.key)
            return [ApplicationType.of(row) for row in rows]

    @classmethod
    async def load(cls, context: GqlContext, key: str) -> "CardTerminalType | None":
        row = await context.loader("pos_terminal.terminal_by_id").load(key)
        return None if row is None else cls.of(row)

    @classmethod
    def of(cls, row: Row) -> Self:
        """Out of a row of pos_terminal."""
        register, operator = row["register_id"], row["operator_id"]
        same = ("title", "terminal_code", "merchant_code", "serial_number", "address", "iban", "bic")
        return cls(
            key=row["id"],
            contract_key=row["contract_id"],
            state=TerminalState(row["state"]),
            outlet_id=to_global("Outlet", row["outlet_id"]),
            register_id=None if register is None else to_global("Register", register),
            operator_id=None if operator is None else to_global("Operator", operator),
            is_through_agent=bool(row["is_through_agent"]),
            contact_email=row["contact_email"],
            batch=row["batch"],
            has_secrets=row["secrets_sealed"] is not None,
            keys_loaded_at=moment(row["keys_loaded_ms"]),
            created_at=from_ms(row["created_ms"]),
            **{name: row[name] for name in same},
        )
