"""What it costs to judge one e-mail payload, and to make it ready for the database, next to other validators.

Run it as `python -m benchmarks.judge`. Every round measures all contestants one after the other, so that a busy
machine slows them alike; a ratio is the median of the ratios of the rounds.
"""

from __future__ import annotations

import importlib
import timeit
from collections.abc import Callable
from importlib.util import find_spec
from statistics import median
from typing import Any

import bson

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


def main() -> None:
    """Print two tables: verdicts relative to the judge's, and the path of a job relative to its BSON encoding."""
    report("A verdict on a valid payload", verdicts())
    report("A payload's way into the database and back", steps())


def verdicts() -> dict[str, Callable[[], object]]:
    """Give the contestants that say yes or no to the payload; the first is the measure."""
    schema = EMAIL.schema.load()
    by_rs, by_python = (Judge(schema, compiler=each()) for each in (rs_compiler, python_compiler))
    contestants: dict[str, Callable[[], object]] = {
        "judge (jsonschema-rs, formats)": lambda: by_rs.is_valid(PAYLOAD),
        "pydantic, the generated model": lambda: read(EmailPayload, PAYLOAD),
        "judge (jsonschema, formats)": lambda: by_python.is_valid(PAYLOAD),
    }
    if find_spec("fastjsonschema"):
        fast: Any = importlib.import_module("fastjsonschema").compile(schema)
        contestants["fastjsonschema, formats"] = lambda: fast(PAYLOAD)
    return contestants


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
    timers = {name: timeit.Timer(call) for name, call in contestants.items()}
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
