"""What it costs a producer to import the generated package of many jobs, in CPU time of a fresh process.

Run it as `python -m benchmarks.importing`, with the number of jobs if it shall not be 500. Every round measures each
program once, in a process of its own, with the compiled files of Python in place; a figure is the median of the rounds,
less what an empty program takes in the same round.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.project import write_project
from memshelf_gen.pipeline import generate
from memshelf_gen.settings import read_config

JOBS = 500
ROUNDS = 9
EMPTY = "pass"
PROGRAMS = {
    "pydantic alone": "import pydantic; pydantic.BaseModel",
    "pydantic with one class": "import pydantic\nclass One(pydantic.BaseModel): n: int",
    "pymongo alone": "import pymongo",
    "memshelf": "import memshelf",
    "generated package": "import made",
    "its queue": "from made import JobQueue",
    "its queue and one payload": "from made import Job0000Payload, JobQueue",
    "every payload": "import made; [getattr(made, name) for name in made.__all__ if name.endswith('Payload')]",
    "its queue, opened": "from made import JobQueue; JobQueue.connect('mongodb://127.0.0.1:1/').close()",
}


def main() -> None:
    """Print one table, in milliseconds of CPU."""
    jobs = int(sys.argv[1]) if len(sys.argv) > 1 else JOBS
    with TemporaryDirectory() as folder:
        config = read_config(write_project(Path(folder), jobs))
        generate(config)
        environment = {
            **{key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"},
            "PYTHONPATH": os.pathsep.join([folder, *sys.path]),
            "PYTHONPYCACHEPREFIX": str(Path(folder) / "compiled"),
        }
        warm = measure(lambda program: seconds(program, environment))
    print(f"{jobs} jobs, ms of CPU\n")
    for name, taken in warm.items():
        print(f"{name:<34}{taken * 1e3:>9.1f}")
    beyond = warm["its queue and one payload"] - warm["pydantic alone"]
    print(f"\n{'queue and payload beyond pydantic':<34}{beyond * 1e3:>9.1f}")


def measure(run: Callable[[str], float]) -> dict[str, float]:
    """Give what each program takes beyond the empty one."""
    for program in PROGRAMS.values():
        run(program)  # It leaves the compiled files.
    rounds = []
    for _ in range(ROUNDS):
        nothing = run(EMPTY)
        rounds.append({name: run(program) - nothing for name, program in PROGRAMS.items()})
    return {name: median(each[name] for each in rounds) for name in PROGRAMS}


def seconds(program: str, environment: Mapping[str, str]) -> float:
    """Run a program in a process of its own and give the CPU time that it took."""
    before = getrusage(RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
