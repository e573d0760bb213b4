"""A table of good and bad payloads of the example's jobs, each with the one verdict that everybody must reach."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

EMAIL: dict[str, Any] = {"to": "ada@example.com", "subject": "Hi"}
WEBHOOK: dict[str, Any] = {"url": "https://example.com/hooks/orders"}
INVOICE: dict[str, Any] = {
    "number": "INV-2025-0042",
    "issuedOn": "2025-03-14",
    "customer": {"name": "Ada Lovelace", "lines": ["12 St James's Square"], "city": "London", "country": "GB"},
    "sections": [
        {
            "title": "Order 1042",
            "lines": [{"text": "Punched cards", "quantity": 2, "unitPrice": {"amount": "19.90", "currency": "GBP"}}],
        }
    ],
    "payment": {"kind": "card", "brand": "visa", "last4": "4242"},
}
BASES = {"email": EMAIL, "webhook": WEBHOOK, "billing/invoice": INVOICE}
GONE = object()
"""Stands for a property that is taken out."""


@dataclass(frozen=True, slots=True)
class Case:
    """One payload and its verdict."""

    key: str
    """The path of the job's schema."""
    title: str
    payload: dict[str, Any]
    valid: bool

    def __str__(self) -> str:
        return f"{self.key}: {self.title}"


def case(key: str, title: str, valid: bool, *changes: tuple[str, object]) -> Case:
    """Change a good payload at some places, each written as `sections/0/title`."""
    payload = deepcopy(BASES[key])
    for place, value in changes:
        *steps, last = place.split("/")
        part: Any = payload
        for step in steps:
            part = part[int(step) if isinstance(part, list) else step]
        if value is GONE:
            del part[last]
        else:
            part[int(last) if isinstance(part, list) else last] = value
    return Case(key, title, payload, valid)


def good(key: str, title: str, *changes: tuple[str, object]) -> Case:
    return case(key, title, True, *changes)


def bad(key: str, title: str, *changes: tuple[str, object]) -> Case:
    return case(key, title, False, *changes)


LINE = "sections/0/lines/0"
TRANSFER = {"kind": "transfer", "iban": "DE89370400440532013000"}
DEBIT = {"kind": "debit", "mandate": "MD-1815", "takenOn": "2025-04-01"}
SECTION = INVOICE["sections"][0]

TABLE: tuple[Case, ...] = (
    good("email", "the least"),
    good("email", "everything", ("body", "Dear Ada"), ("templateId", "welcome"), ("priority", "high")),
    good("email", "an empty subject", ("subject", "")),
    good("email", "text beyond ASCII, with NUL and line ends", ("body", "Grüße 😀 \0 \r\n\u2028")),
    bad("email", "nobody to send it to", ("to", GONE)),
    bad("email", "no subject", ("subject", GONE)),
    bad("email", "an address without @", ("to", "ada")),
    bad("email", "an empty address", ("to", "")),
    bad("email", "two receivers in a list", ("to", ["ada@example.com", "bob@example.com"])),
    bad("email", "null for text", ("subject", None)),
    bad("email", "null for what may be absent", ("body", None)),
    bad("email", "a number for text", ("subject", 1)),
    bad("email", "a boolean for text", ("subject", True)),
    bad("email", "an unknown property", ("cc", "bob@example.com")),
    bad("email", "Python's spelling in a dict", ("template_id", "welcome")),
    bad("email", "a choice that is none", ("priority", "urgent")),
    bad("email", "a choice in capitals", ("priority", "LOW")),
    bad("email", "a choice that is null", ("priority", None)),
    bad("email", "an empty key", ("", "x")),
    bad("email", "an operator as key", ("$set", {"to": "x"})),
    good("webhook", "the least"),
    good("webhook", "another method", ("method", "DELETE")),
    good("webhook", "headers", ("headers", {"X-Tenant": "acme", "X-1": ""})),
    good("webhook", "no headers", ("headers", {})),
    good("webhook", "any JSON as body", ("body", {"a": [1, -1.5, None, True, {"": {}}], "z": [], "b": 2**63 - 1})),
    good("webhook", "operators and dots as keys", ("body", {"$set": {"a.b": 1}, "x.": 0, "$": 1, "_id": 5, ".": []})),
    good("webhook", "what looks like a DBRef", ("body", {"$ref": "a", "$id": 1})),
    good("webhook", "what looks like a DBRef, out of order", ("body", {"$id": 1, "x": 1, "$ref": "a", "$db": None})),
    good("webhook", "keys in no order", ("body", {"z": 1, "a": {"y": 1, "b": 1}, "10": 1, "9": 1})),
    good("webhook", "whole floats and small integers", ("body", {"float": 1.0, "int": 1, "zero": -0.0, "big": 1e300})),
    good("webhook", "a long URL", ("url", "https://example.com/" + "a" * 1980)),
    bad("webhook", "a longer URL", ("url", "https://example.com/" + "a" * 1981)),
    bad("webhook", "another scheme", ("url", "ftp://example.com/")),
    bad("webhook", "no URL at all", ("url", "https:// not a url")),
    bad("webhook", "a method that is none", ("method", "GET")),
    bad("webhook", "a header with a bad name", ("headers", {"X Tenant": "acme"})),
    bad("webhook", "a header beyond ASCII", ("headers", {"X-Tenant": "é"})),
    bad("webhook", "a header that is a number", ("headers", {"X-Tenant": 1})),
    bad("webhook", "too many headers", ("headers", {f"X-{n}": "" for n in range(33)})),
    bad("webhook", "a body that is an array", ("body", [])),
    good("billing/invoice", "a card"),
    good("billing/invoice", "a transfer", ("payment", TRANSFER)),
    good("billing/invoice", "a debit", ("payment", DEBIT)),
    good("billing/invoice", "a tag that is not first", ("payment", dict(reversed(DEBIT.items())))),
    good("billing/invoice", "a leap day", ("dueOn", "2024-02-29")),
    good("billing/invoice", "tax as a whole float", ("vatPercent", 19.0)),
    good("billing/invoice", "tax at its limit", ("vatPercent", 100)),
    good("billing/invoice", "a fraction of one", (f"{LINE}/quantity", 1e-9)),
    good("billing/invoice", "the most characters, outside the basic plane", ("customer/name", "😀" * 200)),
    good("billing/invoice", "a credit", (f"{LINE}/unitPrice/amount", "-5")),
    good("billing/invoice", "discounts", (f"{LINE}/discounts", [{"reason": "early", "percent": 2.5}] * 5)),
    good("billing/invoice", "a hundred sections", ("sections", [SECTION] * 100)),
    bad("billing/invoice", "one section too many", ("sections", [SECTION] * 101)),
    bad("billing/invoice", "no section", ("sections", [])),
    bad("billing/invoice", "an object for a list", ("sections", {"0": SECTION})),
    bad("billing/invoice", "a section without lines", ("sections/0/lines", [])),
    bad("billing/invoice", "null in a list", ("sections/0/lines/0", None)),
    bad("billing/invoice", "one character too many", ("customer/name", "😀" * 201)),
    bad("billing/invoice", "a country of three letters", ("customer/country", "GBR")),
    bad("billing/invoice", "an address without its city", ("customer/city", GONE)),
    bad("billing/invoice", "an unknown property deep inside", (f"{LINE}/unitPrice/vat", 1)),
    bad("billing/invoice", "an amount as a number", (f"{LINE}/unitPrice/amount", 19.9)),
    bad("billing/invoice", "an amount with a leading zero", (f"{LINE}/unitPrice/amount", "019.90")),
    bad("billing/invoice", "an amount with a comma", (f"{LINE}/unitPrice/amount", "19,90")),
    bad("billing/invoice", "a currency that is none", (f"{LINE}/unitPrice/currency", "XXX")),
    bad("billing/invoice", "none of it", (f"{LINE}/quantity", 0)),
    bad("billing/invoice", "none of it, as minus zero", (f"{LINE}/quantity", -0.0)),
    bad("billing/invoice", "a boolean for a number", (f"{LINE}/quantity", True)),
    bad("billing/invoice", "text for a number", (f"{LINE}/quantity", "2")),
    bad("billing/invoice", "a discount of more than all", (f"{LINE}/discounts", [{"reason": "x", "percent": 100.5}])),
    bad("billing/invoice", "too many discounts", (f"{LINE}/discounts", [{"reason": "x", "percent": 1}] * 6)),
    bad("billing/invoice", "tax below nothing", ("vatPercent", -1)),
    bad("billing/invoice", "a day that never was", ("issuedOn", "2025-02-30")),
    bad("billing/invoice", "a date with its time", ("issuedOn", "2025-03-14T00:00:00Z")),
    bad("billing/invoice", "a date in another order", ("issuedOn", "14-03-2025")),
    bad("billing/invoice", "a payment without its tag", ("payment/kind", GONE)),
    bad("billing/invoice", "a payment with an unknown tag", ("payment/kind", "cash")),
    bad("billing/invoice", "a payment with another's properties", ("payment", {**TRANSFER, "kind": "card"})),
    bad("billing/invoice", "a payment with more than its properties", ("payment", {**TRANSFER, "brand": "visa"})),
    bad("billing/invoice", "a payment that is null", ("payment", None)),
    bad("billing/invoice", "a number in small letters", ("number", "inv-1")),
    bad("billing/invoice", "a note that is too long", ("note", "x" * 1001)),
)
