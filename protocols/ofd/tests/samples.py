"""Small factories of values and random messages for the tests of this room."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from google.protobuf.message import Message
from hypothesis import strategies as st

from protocols.ofd import ofd_pb2 as pb
from protocols.ofd.cardinality import UNKNOWN, mark
from protocols.ofd.values import Geo, Line, Payment, Registration, Report, Service, Ticket

AT = datetime(2026, 1, 15, 10, 30)  # noqa: DTZ001 - wall time of the device

REGISTRATION = Registration(
    kgd_number="000000000123",
    serial_number="SN-0001",
    kkm_id="1001",
    org_title="ТОО «Дүкен»",
    org_address="Алматы, Абая 1",
    org_address_kz="Алматы, Абай 1",
    org_bin="230140000109",
    org_oked="47111",
)
SERVICE = Service(registration=REGISTRATION, geo=Geo(432389, 768897))


def line(**changes: Any) -> Line:
    base = Line(name="Test", section="1", quantity=2500, price=46400, sum=116000, unit_code="796")
    return base._replace(**{"vat_bp": 1600, "vat": 16000, **changes})


def ticket(**changes: Any) -> Ticket:
    base = Ticket(
        operation=pb.OPERATION_SELL,
        at=AT,
        operator_code=1,
        lines=(line(),),
        payments=(Payment(pb.PAYMENT_CASH, 116000),),
        total=116000,
        taken=120000,
        change=4000,
    )
    return base._replace(**changes)


def report(**changes: Any) -> Report:
    return Report(at=AT, shift_number=7, cash=116000, revenue=116000, opened_at=AT)._replace(**changes)


TOP_MESSAGES: dict[str, type[Message]] = {
    name: getattr(pb, name) for name in sorted(pb.DESCRIPTOR.message_types_by_name)
}

_INTEGERS = {
    3: st.integers(-(2**63), 2**63 - 1),
    4: st.integers(0, 2**63 - 1),
    5: st.integers(-(2**31), 2**31 - 1),
    13: st.integers(0, 2**31 - 1),
}


@st.composite
def messages(draw: st.DrawFn, name: str, version: int) -> Message:
    """A random message of a top-level type; required and optional fields may be present or not."""
    message = TOP_MESSAGES[name]()
    _fill(draw, message, version)
    return message


def _fill(draw: st.DrawFn, message: Message, version: int) -> None:
    owner = message.DESCRIPTOR.full_name.removeprefix("sauda.ofd.")
    for field in message.DESCRIPTOR.fields:
        if mark(owner, field.name, version) == UNKNOWN:
            continue
        times = draw(st.integers(0, 2)) if field.is_repeated else draw(st.integers(0, 1))
        for _ in range(times):
            if field.message_type is None:
                value = draw(_scalar(field))
                if field.is_repeated:
                    getattr(message, field.name).append(value)
                else:
                    setattr(message, field.name, value)
            elif field.is_repeated:
                _fill(draw, getattr(message, field.name).add(), version)
            else:
                child = getattr(message, field.name)
                child.SetInParent()
                _fill(draw, child, version)


def _scalar(field: Any) -> st.SearchStrategy[Any]:
    if field.enum_type is not None:
        return st.sampled_from([value.number for value in field.enum_type.values])
    if field.type == field.TYPE_BOOL:
        return st.booleans()
    if field.type == field.TYPE_STRING:
        return st.text(max_size=8)
    if field.type == field.TYPE_BYTES:
        return st.binary(max_size=8)
    return _INTEGERS[field.type]


def complete(message: Message, version: int) -> Message:
    """Fill every field the version knows with some value, so that each can be taken away in turn."""
    owner = message.DESCRIPTOR.full_name.removeprefix("sauda.ofd.")
    for field in message.DESCRIPTOR.fields:
        if mark(owner, field.name, version) == UNKNOWN:
            continue
        if field.message_type is not None:
            child = getattr(message, field.name)
            complete(child.add() if field.is_repeated else child, version)
            continue
        value: Any = 1
        if field.type == field.TYPE_STRING:
            value = "1"
        elif field.type == field.TYPE_BYTES:
            value = b"1"
        elif field.enum_type is not None:
            value = field.enum_type.values[0].number
        if field.is_repeated:
            getattr(message, field.name).append(value)
        else:
            setattr(message, field.name, value)
    return message
