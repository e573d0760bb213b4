"""Handle build-report: Add up the invoices of a period and write the totals."""

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import Any

from generated import ReportPayload
from jobs.services import Documents, file_name
from memshelf import Context, Discard, Job


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report; amounts are text, exact."""

    group: str
    currency: str
    invoices: int
    net: str
    vat: str
    gross: str


def handle(job: Job[ReportPayload], context: Context) -> None:
    """Add up the invoices of a period and write the totals."""
    payload = job.payload
    if payload.from_ > payload.to:  # dates of ISO 8601 sort as text
        raise Discard("the period ends before it begins: swap `from` and `to`")
    documents = context.get(Documents)
    records = [json.loads(text) for text in documents.read("invoices", ".json")]
    chosen = [record for record in records if payload.from_ <= record["issuedOn"] <= payload.to]
    rows = add_up(chosen, group_by=payload.group_by)
    text = as_csv(rows) if payload.format == "csv" else as_json(rows)
    written = documents.write("reports", f"{file_name(job.id)}.{payload.format}", text)
    context.log.info("report.written", file=written.name, invoices=len(chosen), rows=len(rows))


def add_up(records: Iterable[dict[str, Any]], *, group_by: str) -> list[Row]:
    """Add records up, one row per group and currency, sorted by both."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for record in records:
        group = record["issuedOn"][:7] if group_by == "month" else record[group_by]
        groups.setdefault((group, record["currency"]), []).append(record)
    return [
        Row(
            group=group,
            currency=currency,
            invoices=len(members),
            net=str(sum(Decimal(member["net"]) for member in members)),
            vat=str(sum(Decimal(member["vat"]) for member in members)),
            gross=str(sum(Decimal(member["gross"]) for member in members)),
        )
        for (group, currency), members in sorted(groups.items(), key=lambda entry: entry[0])
    ]


def as_csv(rows: Iterable[Row]) -> str:
    """Spell the rows as RFC 4180 has it, with a head line."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(field.name for field in fields(Row))
    writer.writerows(_harmless(asdict(row)) for row in rows)
    return out.getvalue()


def as_json(rows: Iterable[Row]) -> str:
    """Spell the rows as a JSON array."""
    return json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=2) + "\n"


def _harmless(row: dict[str, Any]) -> list[Any]:
    # A spreadsheet runs a cell that begins with one of these; customers choose their own names.
    group = row.pop("group")
    return [f"'{group}" if group.startswith(("=", "+", "-", "@", "\t", "\r")) else group, *row.values()]
