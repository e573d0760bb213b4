"""Handle billing-invoice: Write one invoice."""

from acme.generated import BillingInvoicePayload
from memshelf import Context, Job


async def handle(job: Job[BillingInvoicePayload], context: Context) -> None:
    """Write one invoice."""
    raise NotImplementedError(
        "billing-invoice has no handler body yet: write it in src/acme/handlers/billing/invoice.py"
    )
