"""Counters: properties over random days, a genuine Z, the second computation from the journal, reports on
the wire and back.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from addons.fiscal_kz.adapters.ofd_reports import counters_of, read_wire_report, wire_report
from addons.fiscal_kz.domain.bodies import Line, modifier_taxes
from addons.fiscal_kz.domain.counters import (
    DOCUMENT_MAX,
    SUM_MAX,
    Counters,
    with_cash,
    with_shift_closed,
    with_ticket,
)
from addons.fiscal_kz.domain.facts import CashFacts, SectionSum, TaxSum, TicketFacts
from addons.fiscal_kz.domain.kinds import Means, Operation, Placement
from addons.fiscal_kz.domain.report import report_of
from addons.fiscal_kz.domain.state import State
from addons.fiscal_kz.services.texts import counters_text, read_counters, read_report, report_text

AMOUNT = st.integers(1, 10**9)


@st.composite
def tickets(draw: st.DrawFn) -> TicketFacts:
    total = draw(AMOUNT)
    cash = draw(st.integers(0, total))
    payments = tuple(
        (means, part) for means, part in ((Means.CASH, cash), (Means.CARD, total - cash)) if part
    )
    discount = draw(st.integers(0, 10_000))
    rate = draw(st.sampled_from((0, 500, 1600)))
    tax = (2 * total * rate + 10_000 + rate) // (2 * (10_000 + rate))
    return TicketFacts(
        operation=draw(st.sampled_from(list(Operation))),
        total=total,
        payments=payments,
        change=draw(st.integers(0, 5_000)),
        discount=discount,
        discount_count=1 if discount else 0,
        markup=0,
        markup_count=0,
        sections=(SectionSum(draw(st.sampled_from(("1", "2", "a.b"))), 2, total + discount),),
        taxes=(TaxSum(rate, total, tax),),
    )


placements = st.builds(CashFacts, st.sampled_from(list(Placement)), AMOUNT)
days = st.lists(st.tuples(tickets() | placements, st.booleans()), max_size=30)


def count_day(counters: Counters, day: list[tuple[TicketFacts | CashFacts, bool]]) -> Counters:
    for facts, is_offline in day:
        if isinstance(facts, TicketFacts):
            counters = with_ticket(counters, facts, is_offline=is_offline)
        else:
            counters = with_cash(counters, facts, is_offline=is_offline)
    return counters


@given(st.lists(days, min_size=1, max_size=3))
@settings(max_examples=60, deadline=None)
def test_any_life_equals_a_second_computation_from_the_formulas(
    life: list[list[tuple[TicketFacts, bool]]],
) -> None:
    counters, drawer, sums = Counters(), 0, dict.fromkeys(Operation, 0)
    for day in life:
        start = dict(sums)
        counters = count_day(with_shift_closed(counters), day)
        for facts, _ in day:
            if isinstance(facts, CashFacts):
                drawer += facts.amount if facts.placement is Placement.DEPOSIT else -facts.amount
                continue
            sums[facts.operation] += facts.total
            sign = 1 if facts.operation in (Operation.SELL, Operation.BUY_RETURN) else -1
            drawer += sign * dict(facts.payments).get(Means.CASH, 0)
        tickets_of_day = [facts for facts, _ in day if isinstance(facts, TicketFacts)]
        revenue = {each: sums[each] - start[each] for each in Operation}

        assert counters.drawer == drawer
        assert counters.revenue == (
            revenue[Operation.SELL]
            - revenue[Operation.SELL_RETURN]
            - revenue[Operation.BUY]
            + revenue[Operation.BUY_RETURN]
        )
        for operation in Operation:
            mine = [each for each in tickets_of_day if each.operation is operation]
            assert counters.count(operation) == len(mine)
            assert counters.sum(operation) == sum(each.total for each in mine)
            assert counters.non_nullable_at_start(operation) == start[operation]
            assert counters.non_nullable(operation) == start[operation] + counters.sum(operation)
            paid = sum(counters.paid(operation, means)[1] for means in Means)
            assert paid == counters.sum(operation)
            before = sum(counters.section(each, operation)[1] for each in counters.sections)
            assert before - counters.discount(operation)[1] == counters.sum(operation)


def test_revenue_of_a_genuine_z_report() -> None:
    sums = {
        Operation.SELL: 1_562_00,
        Operation.SELL_RETURN: 590_00,
        Operation.BUY: 53_789_00,
    }
    counters = Counters()
    for operation, total in sums.items():
        facts = TicketFacts(operation, total, ((Means.CARD, total),), 0, 0, 0, 0, 0, (), ())
        counters = with_ticket(counters, facts, is_offline=False)

    assert counters.revenue == -52_817_00


@given(days)
@settings(max_examples=40, deadline=None)
def test_counters_and_reports_survive_text_and_wire(day: list[tuple[TicketFacts, bool]]) -> None:
    state = State(counters=count_day(Counters(), day), shift_number=3, shift_opened_ms=1_768_451_400_000)
    report = report_of(state, at_ms=1_768_455_000_000, is_z=True)

    assert read_counters(counters_text(state.counters)) == state.counters
    assert read_report(report_text(report)) == report
    sent = wire_report(report, "Asia/Almaty")
    came_back = read_wire_report(sent, "Asia/Almaty", is_z=True)
    assert came_back.operations == report.operations
    assert (came_back.drawer, came_back.revenue) == (report.drawer, report.revenue)
    theirs = counters_of(sent, is_shift_open=True)
    assert theirs.shift == {key: amount for key, amount in state.counters.shift.items() if amount}


@given(
    amount=AMOUNT,
    discount_part=st.integers(0, 99),
    markup=st.integers(0, 50_000),
    rate=st.sampled_from((0, 500, 1000, 1200, 1600)),
)
def test_taxes_of_modifiers_add_up_to_the_tax_of_the_line(
    amount: int, discount_part: int, markup: int, rate: int
) -> None:
    discount = amount * discount_part // 100
    total = amount - discount + markup
    vat = (2 * total * rate + 10_000 + rate) // (2 * (10_000 + rate))
    line = Line("a", "1", 1000, amount, amount, discount, markup, total, rate, vat, "796", "", "", ())

    before, of_discount, of_markup = modifier_taxes(line)

    assert before - of_discount + of_markup == vat
    assert min(before, of_discount, of_markup) >= 0


def test_a_counter_never_grows_beyond_what_a_report_can_show() -> None:
    nearly = Counters(life={"sum.SELL": SUM_MAX - 100})

    assert nearly.can_take(100)
    assert not nearly.can_take(101)
    assert not Counters().can_take(DOCUMENT_MAX + 1)
    assert not Counters(shift={"disc.SELL": SUM_MAX}).can_take(1)
