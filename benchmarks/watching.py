"""How long `memshelf-gen watch` takes from a save to the line that says what was generated, for 1, 20 and 200 schemas.

Run it as `python -m benchmarks.watching`. Each save changes the schema of one job; the line comes when all files are
written. The wait is what somebody waits who saves: it has the 20 ms in it during which another save would count too.
CPU is what the process used for a save: on a busy machine it says more.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import psutil

SIZES = (1, 20, 50, 200)
SAVES = 30


def main() -> None:
    """Print a table: the median and the longest wait, and the median of CPU."""
    print(f"{'schemas':>8}{'median':>12}{'longest':>12}{'CPU':>12}")
    for size in SIZES:
        with TemporaryDirectory() as folder:
            waits, used = zip(*measure(Path(folder), size), strict=True)
        print(f"{size:>8}{median(waits):>9.0f} ms{max(waits):>9.0f} ms{median(used):>9.0f} ms")


def measure(folder: Path, size: int) -> Iterator[tuple[float, float]]:
    """Give the milliseconds from each save until its line, and those of CPU."""
    (folder / "pyproject.toml").write_text("[tool.memshelf]\n")
    (folder / "schemas").mkdir()
    for number in range(size):
        save(folder / f"schemas/job{number:03}.json", f"Job {number}.")
    command = [sys.executable, "-m", "memshelf_gen", "watch", "--json"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        check(process.stdout.readline())
        for number in range(SAVES):
            time.sleep(0.3)  # Somebody thinks; and what is behind the first line has begun to watch.
            used, begun = cpu(process.pid), time.perf_counter()
            save(folder / f"schemas/job{number % size:03}.json", f"Changed in {number}.")
            check(process.stdout.readline())
            yield (time.perf_counter() - begun) * 1000, (cpu(process.pid) - used) * 1000
        process.terminate()


def save(path: Path, description: str) -> None:
    """Save a schema of six fields in one step, as most editors do."""
    words = {"type": "string", "maxLength": 200}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "description": description,
        "x-job": {"retries": 3},
        "type": "object",
        "additionalProperties": False,
        "required": ["to", "subject"],
        "properties": {
            "to": {**words, "format": "email"},
            "subject": words,
            "body": {"type": "string"},
            "priority": {"enum": ["low", "normal", "high"]},
            "variables": {"type": "object", "additionalProperties": {"type": "string"}},
            "attempts": {"type": "integer", "minimum": 0},
        },
    }
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(json.dumps(schema, indent=2))
    os.replace(beside, path)


def check(line: str) -> None:
    """Read one round, which must have gone well."""
    told: dict[str, Any] = json.loads(line)
    assert told["ok"], told


def cpu(process: int) -> float:
    """Give the seconds of CPU that a process has used."""
    times = psutil.Process(process).cpu_times()
    return times.user + times.system


if __name__ == "__main__":
    main()
