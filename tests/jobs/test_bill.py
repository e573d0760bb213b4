"""The arithmetic of invoices."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from jobs.billing.bill import Bill, Group, Item, exact, total

cents = st.decimals(min_value=-1_000_000, max_value=1_000_000, places=2)
percents = st.decimals(min_value=0, max_value=100, places=1)


def item(price: str, *, quantity: str = "1", discounts: tuple[str, ...] = ()) -> Item:
    """Make a line."""
    return Item("Gears", Decimal(quantity), Decimal(price), tuple(map(Decimal, discounts)))


def test_numbers_are_read_as_they_were_written() -> None:
    assert [exact(0.1), exact(3), exact("19.90")] == [Decimal("0.1"), Decimal("3"), Decimal("19.90")]


def test_a_line_costs_quantity_times_price() -> None:
    assert item("19.90", quantity="3").net == Decimal("59.70")


def test_discounts_follow_one_another() -> None:
    assert item("100", discounts=("10", "10")).net == Decimal("81.00")


def test_half_a_cent_goes_to_the_even_cent() -> None:
    assert [item("0.125").net, item("0.135").net] == [Decimal("0.12"), Decimal("0.14")]


def test_tax_is_on_the_sum() -> None:
    bill = Bill("EUR", (Group("A", (item("0.02"),)), Group("B", (item("0.02"), item("0.02")))), Decimal("19"))
    assert (bill.net, bill.vat, bill.gross) == (Decimal("0.06"), Decimal("0.01"), Decimal("0.07"))


def test_nothing_costs_nothing() -> None:
    assert str(total([])) == "0.00"


@given(st.lists(cents, max_size=20), percents)
def test_a_bill_adds_up_to_the_cent(prices: list[Decimal], vat: Decimal) -> None:
    bill = Bill("EUR", (Group("A", tuple(Item("x", Decimal(1), price, ()) for price in prices)),), vat)
    assert bill.net == sum(prices, Decimal(0))
    assert bill.gross - bill.vat == bill.net
    assert bill.gross.as_tuple().exponent == -2


@given(cents, st.lists(percents, max_size=5))
def test_a_discount_never_makes_a_line_dearer(price: Decimal, discounts: list[Decimal]) -> None:
    assert abs(Item("x", Decimal(1), price, tuple(discounts)).net) <= abs(price)
