"""The handler of build-report, on a folder of real invoices."""

from __future__ import annotations

import csv
import json
from typing import Any

import pytest

from generated import BillingInvoicePayload, ReportPayload
from jobs.billing.invoice import handle as write_invoice
from jobs.report import handle
from jobs.services import Documents
from memshelf import Discard
from memshelf.testing import fake_context, fake_job


def put_invoice(documents: Documents, number: str, day: str, name: str, amount: str, currency: str = "EUR") -> None:
    """Write an invoice of one line, with 20 % tax."""
    payload = {
        "number": number,
        "issuedOn": day,
        "customer": {"name": name, "lines": ["1 Main Street"], "city": "Springfield", "country": "US"},
        "sections": [
            {"title": "All", "lines": [{"text": "It", "unitPrice": {"amount": amount, "currency": currency}}]}
        ],
        "vatPercent": 20,
        "payment": {"kind": "card", "brand": "visa", "last4": "4242"},
    }
    write_invoice(fake_job(BillingInvoicePayload.model_validate(payload)), fake_context({Documents: documents}))


@pytest.fixture
def shop(documents: Documents) -> Documents:
    """Give a folder with five invoices."""
    put_invoice(documents, "A1", "2025-01-01", "Ada", "0.10")
    put_invoice(documents, "A2", "2025-01-31", "Grace", "0.20")
    put_invoice(documents, "A3", "2025-02-01", "Ada", "100")
    put_invoice(documents, "A4", "2025-02-02", "Ada", "7", currency="USD")
    put_invoice(documents, "A5", "2026-01-01", "Ada", "1")
    return documents


def report(documents: Documents, **fields: Any) -> str:
    """Run a report on 2025 and give its text."""
    payload = ReportPayload.model_validate({"from": "2025-01-01", "to": "2025-12-31", **fields})
    job = fake_job(payload)
    handle(job, fake_context({Documents: documents}))
    return (documents.folder / f"reports/{job.id}.{payload.format}").read_bytes().decode()


def rows(text: str) -> list[list[str]]:
    """Read CSV."""
    return list(csv.reader(text.splitlines()))


def test_months_are_added_up_by_currency(shop: Documents) -> None:
    assert rows(report(shop)) == [
        ["group", "currency", "invoices", "net", "vat", "gross"],
        ["2025-01", "EUR", "2", "0.30", "0.06", "0.36"],
        ["2025-02", "EUR", "1", "100.00", "20.00", "120.00"],
        ["2025-02", "USD", "1", "7.00", "1.40", "8.40"],
    ]


def test_customers_are_added_up(shop: Documents) -> None:
    text = report(shop, groupBy="customer", format="json")
    assert [(row["group"], row["currency"], row["invoices"], row["gross"]) for row in json.loads(text)] == [
        ("Ada", "EUR", 2, "120.12"),
        ("Ada", "USD", 1, "8.40"),
        ("Grace", "EUR", 1, "0.24"),
    ]


def test_payments_are_added_up(shop: Documents) -> None:
    assert [row[0] for row in rows(report(shop, groupBy="payment"))[1:]] == ["card", "card"]


def test_both_ends_of_the_period_belong_to_it(shop: Documents) -> None:
    assert rows(report(shop, **{"from": "2025-01-01", "to": "2025-01-31"}))[1][2] == "2"


def test_a_period_without_invoices_has_a_head_line_alone(shop: Documents) -> None:
    assert len(rows(report(shop, **{"from": "2024-01-01", "to": "2024-12-31"}))) == 1


def test_a_period_that_ends_before_it_begins_ends_the_job(shop: Documents) -> None:
    with pytest.raises(Discard, match="swap"):
        report(shop, **{"from": "2025-12-31", "to": "2025-01-01"})


def test_no_customers_name_becomes_a_formula(documents: Documents) -> None:
    put_invoice(documents, "A1", "2025-01-01", '=HYPERLINK("http://example.com")', "1")
    assert rows(report(documents, groupBy="customer"))[1][0] == '\'=HYPERLINK("http://example.com")'
