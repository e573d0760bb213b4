"""Handle billing-invoice: Write one invoice as a document that can be printed or mailed."""

import json
from decimal import InvalidOperation

from generated import BillingInvoicePayload
from generated.models.billing.invoice import Line
from jobs.billing.bill import Bill, Group, Item, exact
from jobs.billing.page import page
from jobs.services import Documents, file_name
from memshelf import MISSING, Context, Discard, Job


def handle(job: Job[BillingInvoicePayload], context: Context) -> None:
    """Write one invoice as a document that can be printed or mailed."""
    try:
        bill = bill_of(job.payload)
        html, record = page(job.payload, bill), record_of(job.payload, bill)
    except InvalidOperation as error:
        raise Discard("an amount is too large to be computed to the cent") from error
    # Named by the job and replaced as a whole: a repeat leaves the same two files. The record comes last, because
    # reports read records, and no report shall name an invoice that has no page.
    documents, name = context.get(Documents), file_name(job.id)
    written = documents.write("invoices", f"{name}.html", html)
    documents.write("invoices", f"{name}.json", record)
    context.log.info("invoice.written", file=written.name, lines=sum(len(group.items) for group in bill.groups))


def bill_of(payload: BillingInvoicePayload) -> Bill:
    """Price the payload's lines."""
    currencies = {line.unit_price.currency for section in payload.sections for line in section.lines}
    if len(currencies) > 1:
        raise Discard(f"an invoice has one currency, this one has {len(currencies)}: {', '.join(sorted(currencies))}")
    groups = tuple(Group(section.title, tuple(item_of(line) for line in section.lines)) for section in payload.sections)
    return Bill(currencies.pop(), groups, vat_percent=exact(payload.vat_percent))


def item_of(line: Line) -> Item:
    """Price one line."""
    return Item(
        text=line.text,
        quantity=exact(line.quantity),
        unit_price=exact(line.unit_price.amount),
        discounts=() if line.discounts is MISSING else tuple(exact(each.percent) for each in line.discounts),
    )


def record_of(payload: BillingInvoicePayload, bill: Bill) -> str:
    """Give what the report job reads, as JSON; amounts are text."""
    record = {
        "number": payload.number,
        "issuedOn": payload.issued_on,
        "customer": payload.customer.name,
        "payment": payload.payment.kind,
        "currency": bill.currency,
        "net": str(bill.net),
        "vat": str(bill.vat),
        "gross": str(bill.gross),
    }
    return json.dumps(record, ensure_ascii=False, indent=2) + "\n"
