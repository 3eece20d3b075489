"""What the tax side refuses, each by its code; and that refusing leaves no trace."""

from __future__ import annotations

from datetime import timedelta

import pytest

from protocols.ofd import build, values
from protocols.ofd import ofd_pb2 as pb
from protocols.ofd.codes import DomainType, Operation, PaymentType, PlacementType
from protocols.ofd.messages import parse_request
from protocols.ofd.values import NO_SERVICE, Modifier, Payment, Vat
from simulators.ofd.tests.till import AT, SERVICE, Till, empty_report, line, new_till, parent_of, sale

GOOD = [
    sale(),
    sale(payments=()),
    sale(payments=(Payment(PaymentType.CARD, 11600),), taken=None, change=None),
    sale(
        payments=(Payment(PaymentType.CASH, 1600), Payment(PaymentType.CARD, 10000)), taken=2000, change=400
    ),
    sale(10600, lines=(line(discount=1000, discount_vat=138),), taken=10600),
    sale(12600, lines=(line(markup=1000, markup_vat=138),), taken=12600),
    sale(10600, lines=(line(),), discount=Modifier("Скидка", 1000), taken=10600),
    sale(12600, lines=(line(),), markup=Modifier("Наценка", 1000, (Vat(1600, 138),)), taken=12600),
    sale(11600, lines=(line(), line(), line(is_storno=True))),
    sale(lines=(line(vat_bp=None),)),
    sale(lines=(line(vat_bp=0, vat=0),)),
    sale(lines=(line(vat_bp=None),), taxes=(Vat(1600, 1600),)),
    sale(333, lines=(line(quantity=333, price=1000, sum=333, vat=46),), taken=333),
    sale(23200, lines=(line(quantity=2000, sum=23200, vat=3200, marks=("a", "b")),), taken=23200),
    sale(taken=20000, change=8400),
]


@pytest.mark.parametrize("ticket", GOOD)
def test_a_correct_ticket_is_accepted(ticket: values.Ticket) -> None:
    till = new_till()
    cash = sum(payment.sum for payment in ticket.payments if payment.type == PaymentType.CASH)
    ticket = ticket._replace(payments=ticket.payments)

    answer = till.ticket(_paid(ticket))

    assert (answer.code, answer.text) == (0, "")
    assert till.account.sums[Operation.SELL] == ticket.total
    assert cash >= 0


def _paid(ticket: values.Ticket) -> values.Ticket:
    """Make the single cash payment equal to the total where a sample changed only the total."""
    if len(ticket.payments) == 1 and ticket.payments[0].type == PaymentType.CASH:
        change = ticket.change or 0
        return ticket._replace(
            payments=(Payment(PaymentType.CASH, ticket.total),), taken=ticket.total + change
        )
    return ticket


WRONG_SUMS = {
    "total": sale(total=11601, payments=(Payment(PaymentType.CASH, 11601),), taken=11601),
    "zero total": sale(total=0, payments=(), lines=(line(price=0, sum=0, vat=0),)),
    "line": sale(lines=(line(quantity=1002),)),
    "zero quantity": sale(lines=(line(quantity=0, sum=0, vat=0), line())),
    "payments": sale(payments=(Payment(PaymentType.CARD, 11500),)),
    "two payments of a type": sale(
        payments=(Payment(PaymentType.CARD, 6600), Payment(PaymentType.CARD, 5000))
    ),
    "change": sale(taken=12000, change=300),
    "discount forgotten": sale(lines=(line(discount=1000),)),
    "both ticket modifiers": sale(discount=Modifier("a", 5), markup=Modifier("b", 5)),
    "tax": sale(lines=(line(vat=1602),)),
    "tax of a discount": sale(10600, lines=(line(discount=1000, discount_vat=300),)),
    "taxes on items and ticket": sale(taxes=(Vat(1600, 1600),)),
    "rate twice": sale(lines=(line(vat_bp=None),), taxes=(Vat(1600, 1), Vat(1600, 1))),
    "marks": sale(lines=(line(marks=("a", "b")),)),
}


@pytest.mark.parametrize("name", sorted(WRONG_SUMS))
def test_sums_that_do_not_match_are_refused_with_13(name: str) -> None:
    till = new_till()

    answer = till.ticket(WRONG_SUMS[name])

    assert answer.code == 13, answer.text
    assert answer.text
    assert (till.account.seq, till.account.drawer, till.account.is_shift_open) == (0, 0, False)
    assert till.ticket(sale()).code == 0


def without(path: str, ticket: values.Ticket | None = None) -> bytes:
    """A good ticket request with one field taken away."""
    request = parse_request(build.build_ticket(ticket or sale(), SERVICE, version=203), 203)
    *parents, last = path.split(".")
    message = request
    for name in parents:
        message = message[int(name)] if name.isdigit() else getattr(message, name)
    message.ClearField(last)
    return request.SerializeToString()


@pytest.mark.parametrize(
    "path",
    [
        "ticket.operation",
        "ticket.date_time",
        "ticket.operator",
        "ticket.domain",
        "ticket.items",
        "ticket.amounts.total",
        "ticket.amounts.taken",
        "ticket.items.0.commodity.name",
        "ticket.items.0.commodity.measure_unit_code",
        "ticket.items.0.commodity.section_code",
        "ticket.items.0.commodity.sum",
        "ticket.items.0.commodity",
        "ticket.payments.0.sum",
        "service.reg_info",
        "service.security_stats",
    ],
)
def test_a_ticket_without_a_mandatory_field_blocks_the_register(path: str) -> None:
    till = new_till()

    answer = till.send(without(path))

    assert answer.code == 15
    assert till.system().code == 15
    till.simulator.unblock(1001)
    assert till.ticket(sale()).code == 0


def test_before_2_0_3_domain_and_position_are_not_demanded() -> None:
    till = new_till(version=202)
    request = parse_request(build.build_ticket(sale(), SERVICE, version=202), 202)
    request.ticket.ClearField("domain")

    assert till.send(request.SerializeToString()).code == 0


def test_header_124_may_come_without_name_unit_and_registration() -> None:
    till = new_till(version=124)
    request = parse_request(build.build_ticket(sale(), NO_SERVICE, version=202), 203)
    commodity = request.ticket.items[0].commodity
    commodity.ClearField("name")
    commodity.ClearField("measure_unit_code")

    assert till.send(request.SerializeToString()).code == 0


def test_a_purchase_beyond_the_drawer_is_refused_with_14() -> None:
    till = new_till()
    till.deposit(11599)

    refused = till.ticket(sale(operation=Operation.BUY))
    till.deposit(1)
    accepted = till.ticket(sale(operation=Operation.BUY))

    assert (refused.code, accepted.code) == (14, 0)
    assert till.account.drawer == 0


def test_the_seller_may_not_be_the_buyer() -> None:
    till = new_till()

    assert till.ticket(sale(customer_bin="230140000109")).code == 17
    assert till.ticket(sale(customer_bin="230140000021")).code == 0


def test_an_offline_number_serves_once_in_a_life() -> None:
    till = new_till()

    codes = [till.ticket(sale(offline_number=number)).code for number in (5, 5, 6)]
    till.close()

    assert codes == [0, 13, 0]
    assert till.ticket(sale(offline_number=5)).code == 13


@pytest.mark.parametrize("number", [0, 2**31])
def test_an_offline_number_has_31_bits(number: int) -> None:
    assert new_till().ticket(sale(offline_number=number)).code == 13


def test_a_shift_over_24_hours_refuses_online_documents_only() -> None:
    till = new_till()
    till.ticket(sale())
    late = AT + timedelta(hours=24, seconds=1)

    assert till.ticket(sale(at=AT + timedelta(hours=24))).code == 0
    assert till.ticket(sale(at=late)).code == 11
    assert till.placement(PlacementType.DEPOSIT, 100, late).code == 11
    assert till.ticket(sale(at=late, offline_number=7)).code == 0
    assert till.placement(PlacementType.DEPOSIT, 100, late, is_offline=True).code == 0
    assert till.close(at=late).code == 0
    assert till.ticket(sale(at=late)).code == 0


def test_a_return_names_its_true_parent() -> None:
    till = new_till()
    original = sale()
    sign = till.ticket(original).sign
    parent = parent_of(original, sign, till.account)
    back = sale(operation=Operation.SELL_RETURN)

    def code(**changes: object) -> int:
        return till.ticket(back._replace(parent=parent._replace(**changes))).code

    assert code(total=1) == 13
    assert code(sign="1") == 13
    assert code(is_offline=True) == 13
    assert code() == 0
    assert till.ticket(sale(operation=Operation.BUY_RETURN, parent=parent)).code == 13
    assert (
        code(kgd_number="999999999999") == 14
    )  # another OFD's ticket is taken on trust; the drawer is empty


def test_a_return_of_an_offline_ticket_may_name_its_offline_number() -> None:
    till = new_till()
    original = sale(offline_number=1001)
    till.ticket(original)
    parent = parent_of(original, "1001", till.account)

    assert till.ticket(sale(operation=Operation.SELL_RETURN, parent=parent, offline_number=1002)).code == 0


def test_a_return_without_parent_blocks_from_2_0_3_and_passes_before() -> None:
    new, old = new_till(), new_till(version=202)
    for till in (new, old):
        till.deposit(50000)

    assert new.ticket(sale(operation=Operation.SELL_RETURN)).code == 15
    assert old.ticket(sale(operation=Operation.SELL_RETURN)).code == 0


@pytest.mark.parametrize(
    "domain",
    [
        values.Domain(DomainType.SERVICES, account_number="1"),
        values.Domain(DomainType.TAXI, car_number="777AAA02", current_fee=1),
        values.Domain(DomainType.PARKING, parking_begin=AT, parking_end=AT),
    ],
)
def test_other_domains_are_accepted(domain: values.Domain) -> None:
    assert new_till().ticket(sale(domain=domain)).code == 0


def test_impossible_days_and_empty_sums_are_refused_with_13() -> None:
    till = new_till()
    request = parse_request(build.build_ticket(sale(), SERVICE, version=203), 203)
    request.ticket.date_time.date.day = 31
    request.ticket.date_time.date.month = 2

    assert till.send(request.SerializeToString()).code == 13
    assert till.placement(PlacementType.DEPOSIT, 0).code == 13


def test_cash_and_close_lacking_parts_are_refused_with_3() -> None:
    till = new_till()
    till.deposit(100)
    placement = values.Placement(PlacementType.DEPOSIT, AT, 5, 1)
    bare = parse_request(build.build_placement(placement, SERVICE, version=203), 203)
    bare.money_placement.ClearField("operator")
    closing = values.Closing(AT, empty_report(), 1)
    no_z = parse_request(build.build_close_shift(closing, SERVICE, version=203), 203)
    no_z.close_shift.ClearField("z_report")

    assert till.send(bare.SerializeToString()).code == 3
    assert till.send(no_z.SerializeToString()).code == 3
    assert till.send(build.build_placement(placement, NO_SERVICE, version=203)).code == 3
    assert till.send(build.build_close_shift(closing, NO_SERVICE, version=203)).code == 3


def test_a_closed_shift_cannot_be_closed() -> None:
    till = new_till()

    assert till.close().code == 13
    till.ticket(sale())
    assert (till.close().code, till.close().code) == (0, 13)


def test_the_answer_repeats_the_command() -> None:
    till = new_till()

    assert till.deposit(5).command == pb.COMMAND_MONEY_PLACEMENT
    assert till.deposit(0).command == pb.COMMAND_MONEY_PLACEMENT
    assert till.close().command == pb.COMMAND_CLOSE_SHIFT


def test_the_till_is_what_the_tests_think(  # the helper itself must be able to fail
) -> None:
    till: Till = new_till()

    with pytest.raises(AssertionError):
        till.take(till.exchange(till.next_frame(b"\x08\x00"))._replace(reqnum=9))
