"""X and Z of the tax side: a day by hand, a random day against plain sums, disagreement with the register."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.ofd.codes import Operation, PaymentType, PlacementType, ReportType
from protocols.ofd.values import (
    OperationRow,
    Payment,
    PaymentRow,
    PlacementRow,
    SumRow,
    TaxRow,
    TaxTurnover,
    TicketRow,
)
from simulators.ofd.tests.till import AT, empty_report, line, new_till, parent_of, sale


def test_a_register_that_never_worked_has_shift_zero() -> None:
    answer = new_till().info()

    assert answer.report is not None
    assert (answer.report_type, answer.report.shift_number, answer.report.cash) == (ReportType.Z, 0, 0)


def test_info_tells_what_the_cabinet_knows_in_the_way_of_the_version() -> None:
    answers = {version: new_till(version).info() for version in (202, 203, 204)}

    for version, answer in answers.items():
        assert answer.service is not None
        registration = answer.service.registration
        assert registration is not None
        assert (registration.kgd_number, registration.org_bin) == ("000000001001", "230140000109")
        assert registration.tenant_id == (None if version == 204 else 1)
        assert bool(registration.org_address_kz) == (version >= 203)
        assert (answer.service.ofd is not None) == (version == 204)
        assert [tax.bp for tax in answer.service.taxes] == [1600, 500, 1000, 0]


def test_a_day_by_hand() -> None:
    till = new_till()
    till.deposit(100000)
    sold = sale(offline_number=1)
    sign = till.ticket(sold).sign
    discounted = sale(
        10600,
        lines=(line(discount=1000, discount_vat=138),),
        payments=(Payment(PaymentType.CARD, 10600),),
        taken=None,
        change=None,
    )
    till.ticket(discounted)
    till.ticket(sale(operation=Operation.SELL_RETURN, parent=parent_of(sold, sign, till.account)))
    till.ticket(sale(operation=Operation.BUY, taken=20000, change=8400))
    till.placement(PlacementType.WITHDRAWAL, 30000)

    report = till.report().report

    assert report is not None
    assert report.shift_number == 1
    assert report.opened_at == AT
    assert report.cash == 100000 + 11600 - 11600 - 11600 - 30000
    assert report.revenue == 22200 - 11600 - 11600
    assert report.operations[Operation.SELL] == OperationRow(2, 2, 23200)
    assert report.discounts[Operation.SELL] == OperationRow(2, 1, 1000)
    assert report.totals[Operation.SELL] == OperationRow(2, 2, 22200)
    assert report.sections[0].operations[-1] == OperationRow(3, 1, 11600)
    assert report.taxes == (
        TaxRow(
            1600,
            (
                TaxTurnover(0, 11600, 1600, 10000),
                TaxTurnover(1, 0, 0, 0),
                TaxTurnover(2, 22200, 3062, 19138),
                TaxTurnover(3, 11600, 1600, 10000),
            ),
        ),
    )
    payments = (PaymentRow(0, 11600, 1), PaymentRow(1, 10600, 1))
    assert report.tickets[Operation.SELL] == TicketRow(2, 2, 2, 22200, payments, 1, 1000, 0, 0)
    assert report.tickets[Operation.BUY].change == 8400
    assert report.placements == (PlacementRow(0, 1, 1, 100000), PlacementRow(1, 1, 1, 30000))
    assert report.sums == (SumRow(0, 11600), SumRow(1, 0), SumRow(2, 22200), SumRow(3, 11600))
    assert report.start_sums == (SumRow(0, 0), SumRow(1, 0), SumRow(2, 0), SumRow(3, 0))


def test_a_close_gives_the_z_and_the_next_shift_starts_from_its_sums() -> None:
    till = new_till()
    till.ticket(sale())

    z = till.close().report
    x_after = till.report().report
    last_z = till.report(ReportType.Z).report
    till.ticket(sale())
    x = till.report().report

    assert z is not None
    assert z.closed_at is not None
    assert x_after == last_z == z
    assert x is not None
    assert (x.shift_number, x.closed_at) == (2, None)
    assert (x.start_sums[2], x.sums[2]) == (SumRow(2, 11600), SumRow(2, 23200))
    assert (x.tickets[2].total_count, x.tickets[2].shift_count) == (2, 1)
    assert x.cash == 23200


def test_withdrawing_at_close_empties_the_drawer_inside_the_shift() -> None:
    till = new_till()
    till.ticket(sale())

    z = till.close(withdraws_cash=True).report

    assert z is not None
    assert z.cash == 0
    assert z.placements[1] == PlacementRow(1, 1, 1, 11600)
    assert till.account.drawer == 0
    assert not any("drawer" in text for text in till.simulator.ledger.violations())


def test_a_register_that_counts_as_the_server_does_shows_no_difference() -> None:
    till = new_till()
    till.ticket(sale())
    counted = till.report().report
    assert counted is not None

    till.close(counted)

    assert till.account.documents[-1].differences == ()
    assert till.simulator.ledger.violations() == []


def test_a_register_that_counts_otherwise_is_told_on() -> None:
    till = new_till()
    till.ticket(sale())
    counted = till.report().report
    assert counted is not None

    till.close(counted._replace(cash=1, revenue=-11600))

    assert till.account.documents[-1].differences == (
        "cash_sum: register 1, server 11600",
        "revenue: register -11600, server 11600",
    )
    assert len(till.simulator.ledger.violations()) == 2


def test_absent_rows_mean_zero() -> None:
    till = new_till()
    till.deposit(500)

    bare = empty_report(cash=500, placements=(PlacementRow(0, 1, 1, 500),))
    till.close(bare)

    assert till.account.documents[-1].differences == ()


events = st.lists(
    st.tuples(
        st.sampled_from(["sell", "buy", "in", "out", "close"]),
        st.integers(1, 5000),
        st.booleans(),
        st.booleans(),
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None)
@given(events)
def test_any_day_agrees_with_plain_sums(day: list[tuple[str, int, bool, bool]]) -> None:
    till = new_till()
    drawer, sold, bought, shift_sold, numbers = 0, 0, 0, 0, iter(range(1, 99))
    is_open = False
    for what, amount, by_card, is_offline in day:
        number = next(numbers) if is_offline else None
        kind = PaymentType.CARD if by_card else PaymentType.CASH
        cash = 0 if by_card else amount
        operation = Operation.SELL if what == "sell" else Operation.BUY
        ticket = sale(amount, operation=operation, payments=(Payment(kind, amount),), offline_number=number)
        if what == "sell":
            assert till.ticket(ticket).code == 0
            drawer, sold, shift_sold, is_open = drawer + cash, sold + amount, shift_sold + amount, True
        elif what == "buy":
            is_enough = cash <= drawer
            assert till.ticket(ticket).code == (0 if is_enough else 14)
            if is_enough:
                drawer, bought, shift_sold, is_open = (
                    drawer - cash,
                    bought + amount,
                    shift_sold - amount,
                    True,
                )
        elif what == "in":
            assert till.deposit(amount).code == 0
            drawer, is_open = drawer + amount, True
        elif what == "out":
            is_enough = amount <= drawer
            assert till.placement(PlacementType.WITHDRAWAL, amount).code == (0 if is_enough else 14)
            drawer, is_open = drawer - amount * is_enough, is_open or is_enough
        else:
            assert till.close(at=AT).code == (0 if is_open else 13)
            is_open, shift_sold = False, 0 if is_open else shift_sold
    report = till.info().report

    assert report is not None
    assert (till.account.drawer, till.account.sums) == (drawer, [bought, 0, sold, 0])
    assert report.cash == drawer
    if is_open:
        assert report.revenue == shift_sold
        assert [end.sum - start.sum for end, start in zip(report.sums, report.start_sums, strict=True)] == [
            row.sum for row in report.tickets
        ]
