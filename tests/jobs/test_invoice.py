"""The handler of billing-invoice, on a real folder."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest

from generated import BillingInvoicePayload
from jobs.billing.invoice import handle
from jobs.services import Documents
from memshelf import Discard, Job
from memshelf.testing import fake_context, fake_job

INVOICE: dict[str, Any] = {
    "number": "INV-2025-0042",
    "issuedOn": "2025-03-14",
    "customer": {"name": "Ada Lovelace", "lines": ["12 St James's Square"], "city": "London", "country": "GB"},
    "sections": [
        {
            "title": "Order 1",
            "lines": [
                {"text": "Cards", "quantity": 3, "unitPrice": {"amount": "19.90", "currency": "GBP"}},
                {
                    "text": "Gears",
                    "quantity": 1.5,
                    "unitPrice": {"amount": "240", "currency": "GBP"},
                    "discounts": [{"reason": "Early payment", "percent": 2.5}],
                },
            ],
        },
        {"title": "Order 2", "lines": [{"text": "Oil", "unitPrice": {"amount": "0.10", "currency": "GBP"}}]},
    ],
    "vatPercent": 20,
    "payment": {"kind": "card", "brand": "visa", "last4": "4242"},
}


def invoice(**changes: Any) -> Job[BillingInvoicePayload]:
    """Give a job that writes the invoice above, with changes."""
    return fake_job(BillingInvoicePayload.model_validate({**deepcopy(INVOICE), **changes}))


def written(documents: Documents, job: Job[BillingInvoicePayload]) -> tuple[str, dict[str, Any]]:
    """Write an invoice; give its page and its record."""
    handle(job, fake_context({Documents: documents}))
    shelf = documents.folder / "invoices"
    page = (shelf / f"{job.id}.html").read_text(encoding="utf-8")
    return page, json.loads((shelf / f"{job.id}.json").read_text(encoding="utf-8"))


def test_the_record_has_the_totals_to_the_cent(documents: Documents) -> None:
    _, record = written(documents, invoice())
    assert record == {
        "number": "INV-2025-0042",
        "issuedOn": "2025-03-14",
        "customer": "Ada Lovelace",
        "payment": "card",
        "currency": "GBP",
        "net": "410.80",
        "vat": "82.16",
        "gross": "492.96",
    }


def test_the_page_shows_every_line_and_the_total(documents: Documents) -> None:
    page, _ = written(documents, invoice(dueOn="2025-04-13", note="Thank you."))
    for text in (
        "Order 2",
        "3 × 19.90 GBP",
        "2.5 % off",
        "351.00 GBP",
        "492.96 GBP",
        "Due on 2025-04-13",
        "Thank you.",
    ):
        assert text in page


def test_a_repeat_leaves_the_same_two_files(documents: Documents) -> None:
    job = invoice()
    first = written(documents, job)
    assert written(documents, job) == first
    assert len(list((documents.folder / "invoices").iterdir())) == 2


def test_no_value_becomes_markup(documents: Documents) -> None:
    customer = {"name": "<script>alert(1)</script>", "lines": ['"&'], "city": "<b>", "country": "GB"}
    page, _ = written(documents, invoice(customer=customer, deliverTo=customer, note="<img src=x>"))
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.parametrize(
    ("payment", "sentence"),
    [
        ({"kind": "card", "brand": "amex", "last4": "0005"}, "Paid by amex card ending in 0005."),
        (
            {"kind": "transfer", "iban": "DE89370400440532013000"},
            "Please transfer to DE89370400440532013000 with the reference INV-2025-0042.",
        ),
        (
            {"kind": "transfer", "iban": "DE89370400440532013000", "reference": "Ada & Co"},
            "Please transfer to DE89370400440532013000 with the reference Ada &amp; Co.",
        ),
        (
            {"kind": "debit", "mandate": "MD-1815", "takenOn": "2025-04-01"},
            "We take the amount from your account on 2025-04-01 (mandate MD-1815).",
        ),
    ],
)
def test_each_way_to_pay_has_its_sentence(documents: Documents, payment: dict[str, str], sentence: str) -> None:
    page, record = written(documents, invoice(payment=payment))
    assert f"<p>{sentence}</p>" in page
    assert record["payment"] == payment["kind"]


def test_two_currencies_end_the_job(documents: Documents) -> None:
    sections = deepcopy(INVOICE["sections"])
    sections[1]["lines"][0]["unitPrice"]["currency"] = "EUR"
    with pytest.raises(Discard, match="EUR, GBP"):
        written(documents, invoice(sections=sections))


def test_an_amount_beyond_computing_ends_the_job(documents: Documents) -> None:
    sections = deepcopy(INVOICE["sections"])
    sections[1]["lines"][0]["quantity"] = 1e300
    with pytest.raises(Discard, match="too large"):
        written(documents, invoice(sections=sections))
    assert not (documents.folder / "invoices").exists()
