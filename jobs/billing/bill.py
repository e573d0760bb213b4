"""The arithmetic of an invoice: exact decimals, rounded once per line and once for the tax."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Item:
    """One line, priced: what it costs after its discounts."""

    text: str
    quantity: Decimal
    unit_price: Decimal
    discounts: tuple[Decimal, ...]
    """Percents, applied one after the other."""

    @property
    def net(self) -> Decimal:
        """The price of the line, in whole cents."""
        price = self.quantity * self.unit_price
        for percent in self.discounts:
            price *= (100 - percent) / 100
        return price.quantize(CENT, ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class Group:
    """Items under one heading."""

    title: str
    items: tuple[Item, ...]

    @property
    def net(self) -> Decimal:
        """The sum of the items."""
        return total(item.net for item in self.items)


@dataclass(frozen=True, slots=True)
class Bill:
    """All groups in one currency, with tax."""

    currency: str
    groups: tuple[Group, ...]
    vat_percent: Decimal

    @property
    def net(self) -> Decimal:
        """The sum before tax."""
        return total(group.net for group in self.groups)

    @property
    def vat(self) -> Decimal:
        """The tax, in whole cents."""
        return (self.net * self.vat_percent / 100).quantize(CENT, ROUND_HALF_EVEN)

    @property
    def gross(self) -> Decimal:
        """What the customer pays."""
        return self.net + self.vat


def exact(number: int | float | str) -> Decimal:
    """Read a number of JSON as it was written: 0.1 is a tenth, not the float nearest to it."""
    return Decimal(str(number))


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Add amounts up; nothing adds up to 0.00."""
    return sum(amounts, Decimal("0.00"))
