"""Arithmetic of a ticket: tables of examples and properties that hold for any cart."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from addons.trade.domain.cart import LINES_MAX, Cart, CartLine, Percent, Reduction, allocate, calculate
from kernel.errors import Refusal
from kernel.money import Money, divide_half_up
from kernel.quantity import Quantity


def line(
    price: str,
    quantity: str = "1",
    *,
    vat_bp: int | None = 1600,
    discount: Reduction | None = None,
    markup: Reduction | None = None,
) -> CartLine:
    return CartLine(
        product_id=None,
        name="Нан",
        section="1",
        quantity=Quantity.parse(quantity),
        price=Money.parse(price),
        vat_bp=vat_bp,
        unit_code="796",
        unit_name="шт",
        discount=discount,
        markup=markup,
    )


def ring(*lines: CartLine, discount: Reduction | None = None, markup: Reduction | None = None) -> Cart:
    return calculate(lines, discount=discount, markup=markup)


@pytest.mark.parametrize(
    ("price", "quantity", "expected"),
    [
        ("100", "1", "100.00"),
        ("0.01", "0.5", "0.01"),  # half a tiyn goes up
        ("0.01", "1.499", "0.01"),
        ("333.33", "0.333", "111.00"),  # 110.99889
        ("1999.99", "1.005", "2009.99"),  # 2009.98995
        ("500", "2.5", "1250.00"),
    ],
)
def test_line_sum_is_price_times_quantity_rounded_half_up_once(
    price: str, quantity: str, expected: str
) -> None:
    assert str(ring(line(price, quantity)).lines[0].sum) == expected


@pytest.mark.parametrize(
    ("total", "rate_bp", "vat"),
    [
        ("500", 1200, "53.57"),
        ("19000", 1200, "2035.71"),
        ("150", 1200, "16.07"),
        ("116", 1600, "16.00"),
        ("105", 500, "5.00"),
    ],
)
def test_vat_is_inside_the_price(total: str, rate_bp: int, vat: str) -> None:
    assert str(ring(line(total, vat_bp=rate_bp)).lines[0].vat) == vat


def test_without_vat_and_rate_of_zero_are_different_things_with_the_same_sum() -> None:
    without, zero = ring(line("10", vat_bp=None), line("10", vat_bp=0)).lines

    assert (without.vat_bp, without.vat) == (None, Money.ZERO)
    assert (zero.vat_bp, zero.vat) == (0, Money.ZERO)


def test_vat_is_taken_after_all_modifiers() -> None:
    cart = ring(line("200", discount=Money.tenge(50)), discount=Percent(2000))

    assert str(cart.lines[0].total) == "120.00"
    assert str(cart.vat) == "16.55"


def test_percents_of_a_line_are_taken_from_its_sum() -> None:
    (only,) = ring(line("1000", discount=Percent(1000), markup=Percent(500))).lines

    assert (str(only.discount), str(only.markup), str(only.total)) == ("100.00", "50.00", "950.00")


def test_receipt_discount_is_spread_by_largest_remainder() -> None:
    cart = ring(line("100"), line("100"), line("100"), discount=Money.tenge(100))

    assert [str(each.shared_discount) for each in cart.lines] == ["33.34", "33.33", "33.33"]
    assert str(cart.total) == "200.00"


def test_receipt_percents_are_taken_from_the_subtotal_of_the_lines() -> None:
    cart = ring(
        line("600"), line("400", discount=Money.tenge(100)), discount=Percent(1000), markup=Percent(1000)
    )

    assert (str(cart.discount), str(cart.markup), str(cart.total)) == ("90.00", "90.00", "900.00")


@pytest.mark.parametrize(
    ("lines", "discount", "code", "field"),
    [
        ([], None, "SALE_EMPTY", "lines"),
        ([line("0")], None, "SALE_LINE_ZERO", "lines.0.price"),
        ([line("5"), line("5", "0")], None, "SALE_LINE_ZERO", "lines.1.quantity"),
        ([line("0.01", "0.001")], None, "SALE_LINE_ZERO", "lines.0.price"),
        ([line("-1")], None, "SALE_PRICE_NEGATIVE", "lines.0.price"),
        ([line("10", discount=Money.tenge(10))], None, "SALE_DISCOUNT_TOO_LARGE", "lines.0.discount"),
        ([line("10", discount=Percent(10_000))], None, "SALE_DISCOUNT_TOO_LARGE", "lines.0.discount"),
        ([line("10", discount=Money(-1))], None, "SALE_MODIFIER_NEGATIVE", "lines.0.discount"),
        ([line("10", markup=Money(-1))], None, "SALE_MODIFIER_NEGATIVE", "lines.0.markup"),
        ([line("10"), line("5")], Money.tenge(15), "SALE_DISCOUNT_TOO_LARGE", "discount"),
        ([line("1"), line("0.01")], Money(99), "SALE_DISCOUNT_TOO_LARGE", "discount"),
        ([line("1")] * (LINES_MAX + 1), None, "SALE_TOO_LONG", "lines"),
        ([line("9000000000000", "1000")], None, "MONEY_TOO_LARGE", "lines.0.price"),
        ([line("9000000000000"), line("9000000000000")], None, "MONEY_TOO_LARGE", "lines"),
        (
            [line("9000000000000", markup=Money.parse("9000000000000"))],
            None,
            "MONEY_TOO_LARGE",
            "lines.0.markup",
        ),
    ],
)
def test_impossible_carts_are_refused_at_the_field_at_fault(
    lines: list[CartLine], discount: Reduction | None, code: str, field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        ring(*lines, discount=discount)

    assert (refused.value.code, refused.value.field) == (code, field)


@pytest.mark.parametrize("bp", [-1, 100_001])
def test_percent_has_bounds(bp: int) -> None:
    with pytest.raises(Refusal, match="SALE_PERCENT_OUT_OF_RANGE"):
        Percent(bp)


prices = st.integers(100, 10**9).map(Money)
quantities = st.integers(1, 10**6).map(Quantity)
percents = st.integers(1, 9_999).map(Percent)
rates = st.sampled_from([None, 0, 500, 1000, 1200, 1600])
cart_lines = st.builds(
    CartLine,
    product_id=st.none(),
    name=st.just("Шай"),
    section=st.just("1"),
    quantity=quantities,
    price=prices,
    vat_bp=rates,
    unit_code=st.just("796"),
    unit_name=st.just("шт"),
    discount=st.none() | percents,
    markup=st.none() | percents,
)


@settings(max_examples=150, deadline=None)
@given(
    lines=st.lists(cart_lines, min_size=1, max_size=12),
    discount=st.none() | percents | st.integers(1, 10**7).map(Money),
    markup=st.none() | percents | st.integers(1, 10**7).map(Money),
)
def test_no_tiyn_is_lost_in_any_cart(
    lines: list[CartLine], discount: Reduction | None, markup: Reduction | None
) -> None:
    try:
        cart = calculate(lines, discount=discount, markup=markup)
    except Refusal as refusal:
        assume(False)
        raise AssertionError from refusal

    assert cart.total.tiyn == sum(each.total.tiyn for each in cart.lines) > 0
    assert cart.discount.tiyn == sum(each.shared_discount.tiyn for each in cart.lines)
    assert cart.markup.tiyn == sum(each.shared_markup.tiyn for each in cart.lines)
    for each, asked in zip(cart.lines, lines, strict=True):
        assert each.total == each.sum - each.discount + each.markup
        assert each.total.tiyn > 0
        assert each.sum == asked.price.times(asked.quantity)
        assert Money.ZERO <= each.vat < each.total
        rate = each.vat_bp or 0
        assert each.vat.tiyn == divide_half_up(each.total.tiyn * rate, 10_000 + rate)
    assert cart.vat.tiyn == sum(each.vat.tiyn for each in cart.lines)


@settings(max_examples=200, deadline=None)
@given(amount=st.integers(0, 10**15), weights=st.lists(st.integers(1, 10**13), min_size=1, max_size=40))
def test_allocation_adds_up_and_is_never_a_whole_unit_off(amount: int, weights: list[int]) -> None:
    parts = allocate(amount, weights)

    assert sum(parts) == amount
    whole = sum(weights)
    assert all(
        abs(part * whole - amount * weight) < whole for part, weight in zip(parts, weights, strict=True)
    )
