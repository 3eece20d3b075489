"""What the OFD checks in a document before it accepts it: presence, sums, cash, shift time, uniqueness.

Written from the protocol text (CPCR 2.0.2 – 2.0.4) and the register requirements; shares nothing with Sauda's
client. Numbers of codes: result table of CPCR. A function returns None when all is well, else (code, reason).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from protocols.ofd import ofd_pb2 as pb
from simulators.ofd.ledger import Account, Ledger

PROTOCOL_ERROR = 3
SHIFT_TOO_LONG = 11
WRONG_DATA = 13
NOT_ENOUGH_CASH = 14
BLOCKED = 15
SAME_PARTIES = 17

Refused = tuple[int, str]
_RETURNS = (pb.OPERATION_BUY_RETURN, pb.OPERATION_SELL_RETURN)
_CASH_OUT = (pb.OPERATION_BUY, pb.OPERATION_SELL_RETURN)


def tiyn(money: pb.Money) -> int:
    return money.bills * 100 + money.coins


def moment(source: pb.DateTime) -> datetime | None:
    """The wall time told by the register, None when there is no such moment."""
    date, time = source.date, source.time
    try:
        return datetime(  # noqa: DTZ001 - wall time of the register
            date.year, date.month, date.day, time.hour, time.minute, time.second
        )
    except ValueError:
        return None


def check_surroundings(request: pb.Request, version: int) -> str:
    """What every fiscal request must carry beside its document: who (since 2.0.0) and where (since 2.0.3)."""
    service = request.service
    if version >= 200 and not service.HasField("reg_info"):
        return "service.reg_info is missing"
    if version >= 203:
        position = service.security_stats.geo_position
        if not (position.HasField("latitude") and position.HasField("longitude")):
            return "service.security_stats.geo_position is missing"
        if version >= 204 and not position.source:
            return "service.security_stats.geo_position.source is missing"
    return ""


def check_ticket_presence(request: pb.Request, version: int) -> str:
    """Mandatory fields of a ticket; what is missing puts the register into server block (code 15)."""
    ticket = request.ticket
    if not ticket.HasField("operation"):
        return "operation is missing"
    if not (ticket.date_time.HasField("date") and ticket.date_time.HasField("time")):
        return "date_time is missing"
    if not ticket.operator.HasField("code"):
        return "operator is missing"
    if not ticket.amounts.HasField("total"):
        return "amounts.total is missing"
    if not ticket.items:
        return "items are missing"
    if (version >= 203 or version <= 124) and not ticket.domain.HasField("type"):
        return "domain is missing"
    if (
        version >= 203
        and ticket.operation in _RETURNS
        and (reason := _check_parent_presence(ticket.parent_ticket))
    ):
        return reason
    for item in ticket.items:
        if reason := _check_item_presence(item, version):
            return reason
    for payment in ticket.payments:
        if not (payment.HasField("type") and payment.HasField("sum")):
            return "payment type or sum is missing"
        if payment.type == pb.PAYMENT_CASH:
            amounts = ticket.amounts
            if not (amounts.HasField("taken") and amounts.HasField("change")):
                return "amounts.taken and change are mandatory for cash"
    return check_surroundings(request, version)


def _check_parent_presence(parent: pb.TicketRequest.ParentTicket) -> str:
    wanted = (
        "parent_ticket_number",
        "parent_ticket_data_time",
        "kgd_kkm_id",
        "parent_ticket_total",
        "parent_ticket_is_offline",
    )
    for name in wanted:
        if not parent.HasField(name):  # type: ignore[arg-type]
            return f"parent_ticket.{name} is missing in a return"
    return ""


def _check_item_presence(item: pb.TicketRequest.Item, version: int) -> str:
    commodity: pb.TicketRequest.Item.Commodity | pb.TicketRequest.Item.StornoCommodity
    if item.type == pb.ITEM_COMMODITY and item.HasField("commodity"):
        commodity = item.commodity
    elif item.type == pb.ITEM_STORNO_COMMODITY and item.HasField("storno_commodity"):
        commodity = item.storno_commodity
    else:
        modifier = modifier_of(item)
        if modifier is None or not modifier.HasField("sum"):
            return "an item lacks its body"
        return "" if version < 201 or modifier.name else "the name of a modifier is missing"
    if not commodity.HasField("section_code"):
        return "section_code is missing"
    if not (commodity.HasField("quantity") and commodity.HasField("price") and commodity.HasField("sum")):
        return "quantity, price or sum is missing"
    if version >= 201 and not (commodity.name and commodity.measure_unit_code):
        return "name or measure_unit_code is missing"
    return ""


def modifier_of(item: pb.TicketRequest.Item) -> pb.TicketRequest.Modifier | None:
    """The modifier an item of that type must carry, None when it does not."""
    name = {
        pb.ITEM_MARKUP: "markup",
        pb.ITEM_STORNO_MARKUP: "storno_markup",
        pb.ITEM_DISCOUNT: "discount",
        pb.ITEM_STORNO_DISCOUNT: "storno_discount",
    }.get(item.type)
    if name is None or not item.HasField(name):  # type: ignore[arg-type]
        return None
    modifier: pb.TicketRequest.Modifier = getattr(item, name)
    return modifier


def check_parties(account: Account, ticket: pb.TicketRequest) -> Refused | None:
    """Code 17: the buyer is the seller."""
    customer = ticket.extension_options.customer_iin_or_bin
    if customer and customer == account.data.org_bin:
        return SAME_PARTIES, "buyer and seller have the same IIN/BIN"
    return None


def check_offline_number(account: Account, ticket: pb.TicketRequest) -> Refused | None:
    """An offline number is unique for the life of the register."""
    if not ticket.HasField("offline_ticket_number"):
        return None
    number = ticket.offline_ticket_number
    if number == 0 or number > 0x7FFF_FFFF:
        return WRONG_DATA, "the offline number is outside 1 … 2147483647"
    if number in account.offline_numbers:
        return WRONG_DATA, f"offline number {number} was used before"
    return None


def check_parent(ledger: Ledger, ticket: pb.TicketRequest, version: int) -> Refused | None:
    """A return of a ticket that this OFD knows must tell its true total and way of issue."""
    if version < 203 or ticket.operation not in _RETURNS:
        return None
    parent = ticket.parent_ticket
    if parent.kgd_kkm_id not in ledger.by_kgd:
        return None  # issued through another OFD
    original = ledger.find_ticket(parent.kgd_kkm_id, parent.parent_ticket_number)
    if original is None:
        return WRONG_DATA, "the parent ticket is unknown"
    if original.operation != ticket.operation - 1:
        return WRONG_DATA, "the parent ticket is no sale or purchase of that kind"
    if original.total != tiyn(parent.parent_ticket_total):
        return WRONG_DATA, "the total of the parent ticket differs"
    if original.is_offline != parent.parent_ticket_is_offline:
        return WRONG_DATA, "the parent ticket was issued otherwise"
    return None


def check_shift_time(account: Account, at: datetime, is_offline: bool, hours_max: int) -> Refused | None:
    """Code 11 for documents made online in a shift older than a day; never for resent offline ones."""
    if is_offline or not account.is_shift_open:
        return None
    if at - account.opened_at > timedelta(hours=hours_max):
        return SHIFT_TOO_LONG, f"the shift is open since {account.opened_at}"
    return None


def check_cash(account: Account, outgoing: int) -> Refused | None:
    """Code 14: an outgoing operation exceeds the cash of the drawer."""
    if outgoing > account.drawer:
        return NOT_ENOUGH_CASH, f"{outgoing} wanted, {account.drawer} in the drawer"
    return None


def cash_change(ticket: pb.TicketRequest) -> int:
    """What the ticket does to the drawer, signed."""
    cash = sum(tiyn(payment.sum) for payment in ticket.payments if payment.type == pb.PAYMENT_CASH)
    return -cash if ticket.operation in _CASH_OUT else cash
