"""Use what is generated as people do; a wrong use is marked, and the type checkers must agree that it is wrong."""

from __future__ import annotations

from acme.generated import BillingInvoicePayload, JobQueue
from acme.generated.models.billing.invoice import Card, Transfer
from acme.generated.models.common.address import Address

from memshelf import MISSING


def pay(payload: BillingInvoicePayload) -> str:
    if payload.deliver_to is not MISSING and payload.deliver_to is not None:
        print(payload.deliver_to.post_code)
    price: int | float = payload.lines[0].price.amount + payload.shipping.amount
    match payload.payment:
        case Card():
            return payload.payment.last_digits
        case Transfer():
            return f"{payload.payment.iban} {price}"


def queue_one(queue: JobQueue, address: Address) -> None:
    queue.queue_billing_invoice(
        {
            "number": 1,
            "customer": {"lines": ["1 Street"], "city": "London", "country": "GB"},
            "lines": [{"text": "Cards", "price": {"amount": 3, "currency": "GBP"}}],
            "payment": {"kind": "card", "lastDigits": "4242"},
        }
    )
    BillingInvoicePayload(number=1, customer=address, lines=[], payment=Card(kind="card", last_digits="4242"))
    Card(kind="transfer", last_digits="4242")  # type: ignore[arg-type]
    BillingInvoicePayload(number=1, customer=address, lines=[], payment="cash")  # type: ignore[arg-type]
