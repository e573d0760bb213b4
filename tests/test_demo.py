"""The demo, run once as its reader runs it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

REPOSITORY = Path(__file__).parents[1]
DEMO = [sys.executable, str(REPOSITORY / "docs/demo/main.py")]


@pytest.mark.slow
def test_every_job_of_the_demo_ends_as_it_should(tmp_path: Path) -> None:
    began = time.monotonic()
    done = subprocess.run(
        DEMO, cwd=tmp_path, env=environment(tmp_path), text=True, capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert time.monotonic() - began < 60
    for text in ("payload is not valid", "succeeded 6", "dead 2", "cancelled 1", "quarantined 1", "all 10 jobs ended"):
        assert text in done.stdout
    assert done.stderr == ""
    assert leftovers(tmp_path) == []


@pytest.mark.slow
def test_ctrl_c_leaves_nothing_behind(tmp_path: Path) -> None:
    with subprocess.Popen(
        DEMO, cwd=tmp_path, env=environment(tmp_path), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as demo:
        assert demo.stdout is not None
        output = ""
        while "worker.started" not in output:
            line = demo.stdout.readline()
            assert line, output
            output += line
        children = psutil.Process(demo.pid).children(recursive=True)
        assert len(children) >= 2, "a server and a worker"
        demo.send_signal(signal.SIGINT)
        output += demo.stdout.read()
    assert demo.returncode == 130, output
    assert "Traceback" not in output
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []
    assert leftovers(tmp_path) == []


def environment(folder: Path) -> dict[str, str]:
    """Give the demo a folder of its own for temporary files, and settings of the shell's to put aside."""
    paths = os.pathsep.join(str(REPOSITORY / part) for part in ("runtime", "generator"))
    return {**os.environ, "PYTHONPATH": paths, "TMPDIR": str(folder), "MEMSHELF_QUEUES": "another"}


def leftovers(folder: Path) -> list[str]:
    """Give what the demo left in its temporary folder."""
    return [path.name for path in folder.iterdir() if "memshelf" in path.name]
