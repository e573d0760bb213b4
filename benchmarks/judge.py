"""What it costs to judge one e-mail payload, and to make it ready for the database, next to other validators.

Run it as `python -m benchmarks.judge`. It counts the CPU time of this process. Every round measures all contestants one
after the other, so that a busy machine slows them alike; a ratio is the median of the ratios of the rounds.
"""

from __future__ import annotations

import importlib
import time
import timeit
from collections.abc import Callable
from statistics import median
from typing import Any, Literal

import bson
from pydantic import BaseModel, ConfigDict, EmailStr, Field

from generated import EmailPayload
from generated.catalog import EMAIL
from memshelf.judge import Judge, python_compiler, rs_compiler
from memshelf.payload import read, wire
from memshelf.plain import plain

ROUNDS = 101
SECONDS = 0.004
"""How long one contestant runs in one round."""

PAYLOAD: dict[str, Any] = {
    "to": "ada@example.com",
    "subject": "Your invoice of March",
    "body": "Dear customer, thank you for your order. " * 5,
    "templateId": "invoice-3",
    "priority": "high",
}
INVALID = {**PAYLOAD, "to": "ada", "urgent": True}


class PydanticAlone(BaseModel):
    """The payload as pydantic judges it without a schema: the format by its own type, unknown properties refused."""

    model_config = ConfigDict(extra="forbid")

    to: EmailStr
    subject: str
    body: str | None = None
    template_id: str | None = Field(default=None, alias="templateId")
    priority: Literal["low", "normal", "high"] = "normal"


def main() -> None:
    """Print what verdicts, problems, first uses and a payload's way cost, each relative to the first of its table."""
    report("A verdict on a valid payload", verdicts())
    report("What is wrong with an invalid payload", complaints())
    report("Before the first verdict", compilations())
    report("A payload's way into the database and back", steps())


def verdicts() -> dict[str, Callable[[], object]]:
    """Give the contestants that say yes or no to the payload; the first is the measure."""
    schema = EMAIL.schema.load()
    by_rs, by_python = (Judge(schema, compiler=each()) for each in (rs_compiler, python_compiler))
    fast: Any = importlib.import_module("fastjsonschema").compile(schema)
    jsonschema: Any = importlib.import_module("jsonschema")
    return {
        "judge (jsonschema-rs, formats)": lambda: by_rs.is_valid(PAYLOAD),
        "model (generated, no formats)": lambda: read(EmailPayload, PAYLOAD),
        "judge and model (a worker)": lambda: by_rs.is_valid(PAYLOAD) and read(EmailPayload, PAYLOAD),
        "fastjsonschema, formats": lambda: fast(PAYLOAD),
        "pydantic alone, EmailStr": lambda: PydanticAlone.model_validate(PAYLOAD),
        "judge where jsonschema stands in": lambda: by_python.is_valid(PAYLOAD),
        "jsonschema.validate, as in its manual": lambda: jsonschema.validate(PAYLOAD, schema),
    }


def complaints() -> dict[str, Callable[[], object]]:
    """Give the judges that list what is wrong with a payload."""
    by_rs, by_python = (Judge(EMAIL.schema.load(), compiler=each()) for each in (rs_compiler, python_compiler))
    return {
        "judge (jsonschema-rs)": lambda: by_rs.problems(INVALID),
        "judge where jsonschema stands in": lambda: by_python.problems(INVALID),
    }


def compilations() -> dict[str, Callable[[], object]]:
    """Give what the judges do once, on the first payload of a job."""
    schema = EMAIL.schema.load()
    fastjsonschema: Any = importlib.import_module("fastjsonschema")
    rs, python = rs_compiler(), python_compiler()
    return {
        "judge (jsonschema-rs)": lambda: Judge(schema, compiler=rs).is_valid(PAYLOAD),
        "judge where jsonschema stands in": lambda: Judge(schema, compiler=python).is_valid(PAYLOAD),
        "fastjsonschema": lambda: fastjsonschema.compile(schema),
    }


def steps() -> dict[str, Callable[[], object]]:
    """Give the steps that a payload goes through; the first is the measure."""
    judge = EMAIL.schema.judge
    model = EmailPayload(
        to=PAYLOAD["to"],
        subject=PAYLOAD["subject"],
        body=PAYLOAD["body"],
        template_id=PAYLOAD["templateId"],
        priority="high",
    )
    return {
        "bson.encode": lambda: bson.encode(PAYLOAD),
        "plain": lambda: plain(PAYLOAD),
        "plain + judge (a dict is queued)": lambda: judge.problems(plain(PAYLOAD)),
        "wire + plain + judge (a model is queued)": lambda: judge.problems(plain(wire(model))),
        "plain + judge + read (a worker reads)": lambda: (judge.problems(plain(PAYLOAD)), read(EmailPayload, PAYLOAD)),
    }


def report(title: str, contestants: dict[str, Callable[[], object]]) -> None:
    """Measure and print one table."""
    timers = {name: timeit.Timer(call, timer=time.process_time) for name, call in contestants.items()}
    counts = {name: repetitions(timer) for name, timer in timers.items()}
    rounds = [
        {name: timer.timeit(counts[name]) / counts[name] for name, timer in timers.items()} for _ in range(ROUNDS)
    ]
    first = next(iter(timers))
    print(f"{title}\n{'':<44}{'µs':>9}{'ratio':>9}")
    for name in timers:
        ratio = median(each[name] / each[first] for each in rounds)
        print(f"{name:<44}{median(each[name] for each in rounds) * 1e6:>9.2f}{ratio:>9.2f}")
    print()


def repetitions(timer: timeit.Timer) -> int:
    """Give how often a contestant runs in one round."""
    once = min(timer.repeat(5, 20)) / 20
    return max(1, int(SECONDS / once))


if __name__ == "__main__":
    main()
