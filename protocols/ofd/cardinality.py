"""The check of a message against what its version demands and knows.

Versions before 2.0.3 are read by the column of 2.0.2. Walking a message costs more than building it: use it
in tests, tools and activation, not for every receipt.
"""

from __future__ import annotations

from google.protobuf.message import Message

from protocols.ofd import ofd_pb2 as pb
from protocols.ofd.cardinality_table import CARDINALITY
from protocols.ofd.codes import V203, V204

REQUIRED = "R"
UNKNOWN = "-"


def column(version: int) -> int:
    """Index into a triple: 0 up to 2.0.2, 1 for 2.0.3, 2 from 2.0.4."""
    return 0 if version < V203 else 1 if version < V204 else 2


_MARKS = {
    (message, field): triple
    for message, groups in CARDINALITY.items()
    for triple, fields in groups.items()
    for field in fields.split()
}


def mark(message: str, field: str, version: int) -> str:
    """R, O (also for repeated fields) or - for a field of a message, e.g. mark("Money", "coins", 202)."""
    return _MARKS.get((message, field), "OOO")[column(version)]


def missing_fields(message: Message, version: int) -> list[str]:
    """Paths of the fields the version demands and the message lacks, e.g. "ticket.items.0.commodity.sum".

    An absent optional message demands nothing of its own fields. For a Request the rules in words are added.
    """
    found: list[str] = []
    _walk(message, version, "", missing=found, foreign=[])
    if isinstance(message, pb.Request):
        found.extend(path for path in _required_by_text(message, version) if path not in found)
    return found


def foreign_fields(message: Message, version: int) -> list[str]:
    """Paths of the fields the message carries although the version does not know them."""
    found: list[str] = []
    _walk(message, version, "", missing=[], foreign=found)
    return found


def _walk(message: Message, version: int, path: str, *, missing: list[str], foreign: list[str]) -> None:
    descriptor = message.DESCRIPTOR
    name = descriptor.full_name.removeprefix("sauda.ofd.")
    present = {field.name for field, _ in message.ListFields()}
    for field in descriptor.fields:
        sign = mark(name, field.name, version)
        where = f"{path}{field.name}"
        if field.name not in present:
            if sign == REQUIRED:
                missing.append(where)
            continue
        if sign == UNKNOWN:
            foreign.append(where)
        if field.message_type is None:
            continue
        value = getattr(message, field.name)
        if field.is_repeated:
            for index, element in enumerate(value):
                _walk(element, version, f"{where}.{index}.", missing=missing, foreign=foreign)
        else:
            _walk(value, version, f"{where}.", missing=missing, foreign=foreign)


_BODIES = {
    pb.COMMAND_TICKET: "ticket",
    pb.COMMAND_CLOSE_SHIFT: "close_shift",
    pb.COMMAND_REPORT: "report",
    pb.COMMAND_NOMENCLATURE: "nomenclature",
    pb.COMMAND_MONEY_PLACEMENT: "money_placement",
    pb.COMMAND_AUTH: "auth",
    pb.COMMAND_QR_GENERATE: "qr",
    pb.COMMAND_QR_GET_STATUS: "qr",
}
_LOCATED = ("ticket", "close_shift", "report", "money_placement")


def _required_by_text(request: pb.Request, version: int) -> list[str]:
    """What the protocol text demands although the schema leaves it optional (CPCR 1.2.5 – 2.0.4)."""
    body = _BODIES.get(request.command)
    if body is None:
        return []
    if not request.HasField(body):  # type: ignore[arg-type]
        return [body]
    found: list[str] = []
    if body in _LOCATED and version >= 200 and not request.service.HasField("reg_info"):
        found.append("service.reg_info")
    if body in _LOCATED and version >= V203 and not request.service.security_stats.HasField("geo_position"):
        found.append("service.security_stats.geo_position")
    if body == "ticket":
        found.extend(_required_of_ticket(request.ticket, version))
    if body == "close_shift" and version >= 125:
        found.extend(
            f"close_shift.{f}" for f in ("z_report", "operator") if not request.close_shift.HasField(f)
        )
    if body == "report" and version >= 125 and not request.report.HasField("zx_report"):
        found.append("report.zx_report")
    if body == "money_placement" and version >= 202 and not request.money_placement.HasField("operator"):
        found.append("money_placement.operator")
    return found


def _required_of_ticket(ticket: pb.TicketRequest, version: int) -> list[str]:
    found: list[str] = []
    if not ticket.items:
        found.append("ticket.items")
    if (version <= 124 or version >= V203) and not ticket.domain.HasField("type"):
        found.append("ticket.domain.type")
    if version >= 201:
        for index, item in enumerate(ticket.items):
            found.extend(_required_of_item(item, f"ticket.items.{index}"))
        for name in ("markup", "discount"):
            if ticket.amounts.HasField(name) and not getattr(ticket.amounts, name).HasField("name"):
                found.append(f"ticket.amounts.{name}.name")
    if any(payment.type == pb.PAYMENT_CASH for payment in ticket.payments):
        found.extend(f"ticket.amounts.{f}" for f in ("taken", "change") if not ticket.amounts.HasField(f))
    is_return = ticket.operation in (pb.OPERATION_BUY_RETURN, pb.OPERATION_SELL_RETURN)
    if version >= V203 and is_return and not ticket.HasField("parent_ticket"):
        found.append("ticket.parent_ticket")
    return found


def _required_of_item(item: pb.TicketRequest.Item, path: str) -> list[str]:
    for name in ("commodity", "storno_commodity"):
        if item.HasField(name):
            commodity = getattr(item, name)
            return [f"{path}.{name}.{f}" for f in ("name", "measure_unit_code") if not commodity.HasField(f)]
    for name in ("markup", "storno_markup", "discount", "storno_discount"):
        if item.HasField(name):
            return [] if getattr(item, name).HasField("name") else [f"{path}.{name}.name"]
    return [f"{path}.commodity"]
