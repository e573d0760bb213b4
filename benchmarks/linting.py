"""What `memshelf-gen lint` costs in CPU time, in a fresh process, for 1, 20, 200 and 2,000 schemas.

Run it as `python -m benchmarks.linting`. The schemas are the example's own, again and again under other names: YAML
with comments, references to a shared file, descriptions, examples.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from tempfile import TemporaryDirectory

SIZES = (1, 20, 200, 2000)
ROUNDS = 3
EXAMPLE = Path(__file__).parents[1] / "schemas"


def main() -> None:
    """Print a table: the seconds of CPU, and the milliseconds for each schema beyond what one costs."""
    print(f"{'schemas':>8}{'CPU':>12}{'one more':>14}")
    first = 0.0
    for size in SIZES:
        with TemporaryDirectory() as folder:
            write(Path(folder), size)
            taken = median(lint(Path(folder)) for _ in range(ROUNDS))
        first = first or taken
        more = (taken - first) / (size - 1) * 1000 if size > 1 else 0.0
        print(f"{size:>8}{taken:>10.2f} s{more:>11.1f} ms")


def write(folder: Path, size: int) -> None:
    """Write a project with so many jobs."""
    (folder / "pyproject.toml").write_text("[tool.memshelf]\n", encoding="utf-8")
    shutil.copytree(EXAMPLE / "common", folder / "schemas/common")
    texts = [path.read_text(encoding="utf-8") for path in sorted(EXAMPLE.rglob("*.yaml")) if "common" not in path.parts]
    for number in range(size):
        text = re.sub(r"(?m)^  (name|previous_names): .*\n", "", texts[number % len(texts)])
        titled = re.sub(r"(?m)^title: (.*)$", rf"title: \1 {number}", text).replace("../common", "common")
        (folder / f"schemas/job{number:04}.yaml").write_text(titled, encoding="utf-8")


def lint(folder: Path) -> float:
    """Lint a project in a process of its own and give the CPU time that it took."""
    before = getrusage(RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "memshelf_gen", "lint", "--fail-on", "error"],
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
