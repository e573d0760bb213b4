"""What it costs to generate the code of 1, 20, 200 and 2,000 jobs, beside datamodel-code-generator for the same models.

Run it as `python -m benchmarks.generating`, with the numbers of jobs if they shall be others. Every figure is the CPU
time (user and system) of a process of its own, its imports included. Each round measures all contestants one after the
other, so that a busy machine slows them alike; a figure is the median of the rounds, a ratio that of their ratios.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.project import write_project

SIZES = (1, 20, 200, 2_000)
ROUNDS = 5
MANY, FEWER = 1_000, 3
"""So many jobs take minutes, and fewer rounds."""

ALONE = """
import sys
from pathlib import Path
from datamodel_code_generator import GenerateConfig, generate
options = dict(
    input_file_type="jsonschema",
    output_model_type="pydantic_v2.BaseModel",
    target_python_version="3.11",
    target_pydantic_version="2.14",
    use_annotated=True,
    field_constraints=True,
    use_union_operator=True,
    use_standard_collections=True,
    use_missing_sentinel=True,
    enum_field_as_literal="all",
    strict_nullable=True,
    use_schema_description=True,
    use_field_description=True,
    use_double_quotes=True,
    disable_timestamp=True,
    formatters=["builtin"],
    builtin_format_line_length=88,
)
made = generate(Path("schemas"), config=GenerateConfig(**options))
assert len(made) > 1
"""
"""datamodel-code-generator's own API: one call for the whole folder, with its built-in formatter; it writes nothing."""
COMMAND = ("-m", "memshelf_gen", "--quiet")
CONTESTANTS: Mapping[str, Sequence[str]] = {
    "dmcg alone": ("-c", ALONE),
    "generate": COMMAND,
    "again": COMMAND,
    "check": (*COMMAND, "check"),
    "check --no-cache": (*COMMAND, "check", "--no-cache"),
}
"""In the order of a round: the first generation finds neither generated files nor a cache."""
WITHOUT_WORK: Mapping[str, Sequence[str]] = {
    "python -c pass": ("-c", "pass"),
    "--version": ("-m", "memshelf_gen", "--version"),
    "--help": ("-m", "memshelf_gen", "--help"),
}


def main() -> None:
    """Print a table of generations, and one of what takes no work."""
    sizes = [int(each) for each in sys.argv[1:]] or SIZES
    names = [*CONTESTANTS, "ratio", "ms a job"]
    print(f"{'jobs':>6}" + "".join(f"{name:>18}" for name in names))
    with TemporaryDirectory() as folder:
        measure(Path(folder), 1)  # It leaves Python's compiled files.
    before: tuple[int, float] | None = None
    for size in sizes:
        with TemporaryDirectory() as folder:
            rounds = measure(Path(folder), size)
        medians = {name: median(each[name] for each in rounds) for name in CONTESTANTS}
        ratio = median(each["generate"] / each["dmcg alone"] for each in rounds)
        cells = [*(f"{medians[name]:.2f} s" for name in CONTESTANTS), f"{ratio:.2f}"]
        if before is not None:
            cells.append(f"{(medians['generate'] - before[1]) / (size - before[0]) * 1e3:.1f}")
        print(f"{size:>6,}" + "".join(f"{cell:>18}" for cell in cells), flush=True)
        before = size, medians["generate"]
    print()
    with TemporaryDirectory() as folder:
        for name, arguments in WITHOUT_WORK.items():
            taken = median(seconds(arguments, Path(folder)) for _ in range(2 * ROUNDS + 1))
            print(f"{name:<16}{taken:>8.3f} s")


def measure(folder: Path, size: int) -> list[dict[str, float]]:
    """Give the time of each contestant in each round."""
    write_project(folder, size)
    return [one_round(folder) for _ in range(ROUNDS if size < MANY else FEWER)]


def one_round(folder: Path) -> dict[str, float]:
    """Measure every contestant once, the first generation of memshelf-gen in a folder without its files."""
    for made in ("made", "handlers", ".memshelf-cache"):
        shutil.rmtree(folder / made, ignore_errors=True)
    return {name: seconds(arguments, folder) for name, arguments in CONTESTANTS.items()}


def seconds(arguments: Sequence[str], folder: Path) -> float:
    """Run a program in a process of its own and give the CPU time that it took."""
    environment = {
        **{key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"},
        "PYTHONPATH": os.pathsep.join(each for each in sys.path if each),
        "XDG_CACHE_HOME": str(folder / "home"),
    }
    before = getrusage(RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
