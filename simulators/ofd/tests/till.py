"""A small honest register for the tests: keeps token and number, can lie on demand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from protocols.ofd import build, values
from protocols.ofd.answer import read_answer
from protocols.ofd.codes import Command, Operation, PaymentType, PlacementType, ReportType
from protocols.ofd.frame import Frame, decode_frame, encode_frame
from protocols.ofd.values import Answer, Geo, Line, Payment, Registration, Report, Service, Ticket
from simulators.ofd.ledger import Account
from simulators.ofd.server import OfdSimulator
from simulators.ofd.settings import OfdSettings

AT = datetime(2026, 1, 15, 10, 30)  # noqa: DTZ001 - wall time of the register
SERVICE = Service(
    registration=Registration(kgd_number="000000001001", org_bin="230140000109"), geo=Geo(432389, 768897)
)


def line(**changes: Any) -> Line:
    base = Line(
        name="Нан", section="1", quantity=1000, price=11600, sum=11600, unit_code="796", vat_bp=1600, vat=1600
    )
    return base._replace(**changes)


def sale(amount: int = 11600, **changes: Any) -> Ticket:
    """A cash sale of one line of `amount` tiyn without modifiers."""
    vat = (amount * 16 * 2 + 116) // (116 * 2)
    base = Ticket(
        operation=Operation.SELL,
        at=AT,
        operator_code=1,
        lines=(line(price=amount, sum=amount, vat=vat),),
        payments=(Payment(PaymentType.CASH, amount),),
        total=amount,
        taken=amount,
        change=0,
    )
    return base._replace(**changes)


def parent_of(ticket: Ticket, sign: str, account: Account) -> values.Parent:
    return values.Parent(
        sign, ticket.at, account.data.kgd_number, ticket.total, ticket.offline_number is not None
    )


def empty_report(**changes: Any) -> Report:
    return Report(at=AT, shift_number=1, cash=0, revenue=0, opened_at=AT)._replace(**changes)


class Till:
    """Talks to a simulator without a socket; `exchange` gives the raw answer frame."""

    def __init__(
        self, simulator: OfdSimulator, ofd_id: int = 1001, token: int = 777, version: int = 203
    ) -> None:
        self.simulator = simulator
        self.account = simulator.ledger.accounts.get(ofd_id) or simulator.add_register(ofd_id, token)
        self.ofd_id = ofd_id
        self.token = token
        self.reqnum = 0
        self.version = version

    def next_frame(self, payload: bytes) -> bytes:
        self.reqnum = (self.reqnum + 1) & 0xFFFF
        return encode_frame(self.version, self.ofd_id, self.token, self.reqnum, payload)

    def take(self, answer: Frame) -> Answer:
        assert answer.reqnum == self.reqnum
        assert answer.device_id == self.ofd_id
        self.token = answer.token
        return read_answer(answer.payload, version=answer.version)

    def exchange(self, frame: bytes) -> Frame:
        return decode_frame(self.simulator.answer(decode_frame(frame)))

    def send(self, payload: bytes) -> Answer:
        return self.take(self.exchange(self.next_frame(payload)))

    def ticket(self, ticket: Ticket, service: Service = SERVICE) -> Answer:
        return self.send(build.build_ticket(ticket, service, version=self.version))

    def placement(
        self, operation: PlacementType, amount: int, at: datetime = AT, *, is_offline: bool = False
    ) -> Answer:
        placement = values.Placement(operation, at, amount, 1, is_offline=is_offline)
        return self.send(build.build_placement(placement, SERVICE, version=self.version))

    def deposit(self, amount: int) -> Answer:
        return self.placement(PlacementType.DEPOSIT, amount)

    def close(self, report: Report | None = None, **changes: Any) -> Answer:
        closing = values.Closing(AT + timedelta(hours=1), report or empty_report(), 1)._replace(**changes)
        return self.send(build.build_close_shift(closing, SERVICE, version=self.version))

    def report(self, kind: ReportType = ReportType.X) -> Answer:
        ask = values.ReportAsk(kind, AT, empty_report())
        return self.send(build.build_report(ask, SERVICE, version=self.version))

    def info(self) -> Answer:
        service = SERVICE._replace(asks_registration=True, asks_taxation=True)
        return self.send(build.build_info(service, version=self.version))

    def system(self) -> Answer:
        return self.send(build.build_system(SERVICE, version=self.version))


def new_till(version: int = 203, **settings: Any) -> Till:
    return Till(OfdSimulator(OfdSettings(**settings)), version=version)


__all__ = ["AT", "Command", "Operation", "PaymentType", "PlacementType", "ReportType", "Till", "new_till"]
