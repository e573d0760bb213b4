"""The page of an invoice: HTML without any resource from outside, every value escaped."""

from collections.abc import Iterator
from decimal import Decimal
from html import escape

from generated import BillingInvoicePayload
from generated.models.billing.invoice import CardPayment, DebitPayment, TransferPayment
from generated.models.common.address import Address
from jobs.billing.bill import Bill, Group
from memshelf import MISSING

STYLE = """\
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem; color: #1d1d1f }
table { width: 100%; border-collapse: collapse } th { text-align: left; padding-top: 1.2rem }
td { padding: .2rem 0; border-bottom: 1px solid #ddd } td + td, th + th { text-align: right }
.sum td { border: 0 } .gross { font-weight: 700 } address { white-space: pre-line; font-style: normal }
@media print { body { margin: 0 } }"""


def page(payload: BillingInvoicePayload, bill: Bill) -> str:
    """Lay the invoice out."""
    return "\n".join(_lines(payload, bill)) + "\n"


def _lines(payload: BillingInvoicePayload, bill: Bill) -> Iterator[str]:
    number = escape(payload.number)
    yield "<!doctype html>"
    yield f'<html lang="en"><head><meta charset="utf-8"><title>Invoice {number}</title>'
    yield f"<style>\n{STYLE}\n</style></head><body>"
    yield f"<h1>Invoice {number}</h1>"
    yield f"<address>{_post(payload.customer)}</address>"
    if payload.deliver_to is not MISSING:
        yield f"<h2>Delivered to</h2>\n<address>{_post(payload.deliver_to)}</address>"
    yield f"<p>Issued on {escape(payload.issued_on)}</p>"
    if payload.due_on is not MISSING:
        yield f"<p>Due on {escape(payload.due_on)}</p>"
    yield "<table>"
    for group in bill.groups:
        yield from _group(group, bill.currency)
    yield from _sums(bill)
    yield "</table>"
    yield f"<p>{_payment(payload)}</p>"
    if payload.note is not MISSING:
        yield f"<p>{escape(payload.note)}</p>"
    yield "</body></html>"


def _post(address: Address) -> str:
    code = "" if address.postal_code is MISSING else f"{address.postal_code} "
    return escape("\n".join([address.name, *address.lines, f"{code}{address.city}", address.country]))


def _group(group: Group, currency: str) -> Iterator[str]:
    yield f"<tr><th>{escape(group.title)}</th><th></th></tr>"
    for item in group.items:
        off = "".join(f", {plain(percent)} % off" for percent in item.discounts)
        what = f"{escape(item.text)}<br><small>{plain(item.quantity)} × {item.unit_price} {currency}{off}</small>"
        yield f"<tr><td>{what}</td><td>{item.net} {currency}</td></tr>"


def _sums(bill: Bill) -> Iterator[str]:
    yield f'<tr class="sum"><td>Net</td><td>{bill.net} {bill.currency}</td></tr>'
    yield f'<tr class="sum"><td>VAT {plain(bill.vat_percent)} %</td><td>{bill.vat} {bill.currency}</td></tr>'
    yield f'<tr class="sum gross"><td>Total</td><td>{bill.gross} {bill.currency}</td></tr>'


def _payment(payload: BillingInvoicePayload) -> str:
    match payload.payment:
        case CardPayment(brand=brand, last4=last4):
            return f"Paid by {escape(brand)} card ending in {escape(last4)}."
        case TransferPayment(iban=iban, reference=reference):
            words = payload.number if reference is MISSING else reference
            return f"Please transfer to {escape(iban)} with the reference {escape(words)}."
        case DebitPayment(mandate=mandate, taken_on=taken_on):
            return f"We take the amount from your account on {escape(taken_on)} (mandate {escape(mandate)})."


def plain(number: Decimal) -> str:
    """Spell a number without an exponent and without zeros at its end."""
    return f"{number.normalize():f}"
