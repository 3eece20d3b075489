"""Returns never give back more than was sold; prices obey the catalogue unless somebody may change them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from addons.trade.domain.cart import CartLine, Percent, Reduction, calculate
from addons.trade.domain.pricing import allowed_price, check_modifier, percent_text
from addons.trade.domain.returns import SoldLine, take_back
from addons.trade.domain.ticket import TicketLine
from kernel.errors import Refusal
from kernel.money import Money
from kernel.quantity import Quantity


def sold_line(
    price: int,
    quantity: int,
    *,
    discount: Reduction | None = None,
    markup: Reduction | None = None,
    marks: tuple[str, ...] = (),
) -> TicketLine:
    wanted = CartLine(
        product_id="p",
        name="Ірімшік",
        section="2",
        quantity=Quantity(quantity),
        price=Money(price),
        vat_bp=1200,
        unit_code="166",
        unit_name="кг",
        marks=marks,
        discount=discount,
        markup=markup,
    )
    return calculate([wanted], discount=None, markup=None).lines[0]


def is_worth_a_tiyn(line: TicketLine, part: int) -> bool:
    exact = line.total.tiyn * part // line.quantity.thousandths
    return exact >= 1 and line.price.times(Quantity(part)).tiyn > 0


def test_whole_line_comes_back_as_it_was_sold() -> None:
    line = sold_line(1000_00, 2_500, discount=Percent(1000), markup=Money.tenge(7))

    back = take_back(SoldLine(line, Quantity(0)), line.quantity, position=1, field="lines.0")

    assert back == replace(line, original_position=1)


@settings(max_examples=200, deadline=None)
@given(
    price=st.integers(1, 10**7),
    parts=st.lists(st.integers(1, 5_000), min_size=1, max_size=6),
    discount=st.none() | st.integers(1, 9_000).map(Percent),
    markup=st.none() | st.integers(1, 9_000).map(Percent),
)
def test_partial_returns_add_up_to_the_sold_total(
    price: int, parts: list[int], discount: Reduction | None, markup: Reduction | None
) -> None:
    try:
        line = sold_line(price, sum(parts), discount=discount, markup=markup)
    except Refusal:
        assume(False)
    given_back, returned = 0, 0

    for part in parts:
        assume(is_worth_a_tiyn(line, part))
        back = take_back(SoldLine(line, Quantity(returned)), Quantity(part), position=1, field="lines.0")
        assert back.total == back.sum - back.discount + back.markup
        assert min(back.discount, back.markup) >= Money.ZERO
        assert back.sum == line.price.times(Quantity(part))
        given_back += back.total.tiyn
        returned += part

    assert given_back == line.total.tiyn


@pytest.mark.parametrize(
    ("returned", "asked", "marks", "code"),
    [
        (0, 2_001, (), "RETURN_MORE_THAN_SOLD"),
        (1_500, 501, (), "RETURN_MORE_THAN_SOLD"),
        (2_000, 1, (), "RETURN_MORE_THAN_SOLD"),
        (0, 0, (), "SALE_LINE_ZERO"),
    ],
)
def test_returns_are_bounded_by_what_was_sold(
    returned: int, asked: int, marks: tuple[str, ...], code: str
) -> None:
    sold = SoldLine(sold_line(500_00, 2_000, marks=marks), Quantity(returned))

    with pytest.raises(Refusal) as refused:
        take_back(sold, Quantity(asked), position=1, field="lines.0")

    assert (refused.value.code, refused.value.field) == (code, "lines.0.quantity")


@pytest.mark.parametrize(
    ("asked", "marks", "code", "field"),
    [
        (1_000, (), "RETURN_MARKED_PARTLY", "marks"),
        (1_000, ("a", "b"), "RETURN_MARKS_MISMATCH", "marks"),
        (2_000, ("a", "a"), "RETURN_MARKS_MISMATCH", "marks"),
        (500, ("a",), "RETURN_MARKS_MISMATCH", "marks"),
        (2_000, ("a", "x"), "RETURN_MARK_UNKNOWN", "marks.1"),
        (1_000, ("c",), "RETURN_MARK_RETURNED", "marks.0"),
    ],
)
def test_pieces_that_come_back_are_named_by_their_marks(
    asked: int, marks: tuple[str, ...], code: str, field: str
) -> None:
    line = sold_line(500_00, 4_000, marks=("a", "b", "c", "d"))

    with pytest.raises(Refusal) as refused:
        take_back(
            SoldLine(line, Quantity(1_000), ("c",)), Quantity(asked), position=1, field="lines.0", marks=marks
        )

    assert (refused.value.code, refused.value.field) == (code, f"lines.0.{field}")


def test_pieces_come_back_until_all_that_are_left_need_no_naming() -> None:
    line = sold_line(333_33, 3_000, marks=("a", "b", "c"), discount=Money(1))

    one = take_back(SoldLine(line, Quantity(0)), Quantity(1_000), position=1, field="f", marks=("b",))
    rest = take_back(SoldLine(line, Quantity(1_000), ("b",)), Quantity(2_000), position=1, field="f")

    assert (one.marks, rest.marks) == (("b",), ("a", "c"))
    assert one.total + rest.total == line.total


@pytest.mark.parametrize(
    ("catalogue", "asked", "is_editable", "may_override", "sold_at"),
    [
        ("100", None, False, False, "100.00"),
        ("100", "100", False, False, "100.00"),
        ("100", "90", True, False, "90.00"),
        ("100", "90", False, True, "90.00"),
        ("0", "55", True, False, "55.00"),
    ],
)
def test_price_may_differ_only_when_the_product_or_the_seller_allows(
    catalogue: str, asked: str | None, is_editable: bool, may_override: bool, sold_at: str
) -> None:
    wanted = None if asked is None else Money.parse(asked)

    price = allowed_price(
        Money.parse(catalogue), wanted, is_editable=is_editable, may_override=may_override, field="lines.0"
    )

    assert str(price) == sold_at


@pytest.mark.parametrize(
    ("catalogue", "asked", "code"), [("100", "99", "SALE_PRICE_FIXED"), ("0", None, "SALE_PRICE_MISSING")]
)
def test_price_rules_refuse(catalogue: str, asked: str | None, code: str) -> None:
    wanted = None if asked is None else Money.parse(asked)

    with pytest.raises(Refusal, match=code):
        allowed_price(Money.parse(catalogue), wanted, is_editable=False, may_override=False, field="lines.0")


@pytest.mark.parametrize(
    ("asked", "limit_bp", "may_override", "is_refused"),
    [
        (Percent(1000), 1000, False, False),
        (Percent(1001), 1000, False, True),
        (Money.tenge(10), 1000, False, False),
        (Money(10_01), 1000, False, True),
        (Percent(5000), None, False, False),
        (Percent(5000), 0, True, False),
        (Percent(1), 0, False, True),
        (None, 0, False, False),
    ],
)
def test_discount_is_limited_by_the_product(
    asked: Reduction | None, limit_bp: int | None, may_override: bool, is_refused: bool
) -> None:
    refused = ""
    try:
        check_modifier(
            Money.tenge(100), asked, limit_bp=limit_bp, may_override=may_override, code="TOO_MUCH", field="x"
        )
    except Refusal as refusal:
        refused = refusal.code

    assert bool(refused) is is_refused


@pytest.mark.parametrize(("bp", "text"), [(1600, "16"), (1250, "12.5"), (5, "0.05"), (0, "0"), (1000, "10")])
def test_percent_is_written_as_people_write_it(bp: int, text: str) -> None:
    assert percent_text(bp) == text
