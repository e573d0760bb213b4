"""Processes that tests have started do not outlive the tests, however these end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from tests.runtime.processes import ROOT

STARTS = """
import subprocess, sys, time
from pathlib import Path
from tests.runtime.processes import WorkerProcess
worker = WorkerProcess({"MEMSHELF_MONGO_URL": "mongodb://127.0.0.1:1"}, log=Path(sys.argv[1]))
print(worker.pid, flush=True)
time.sleep(600)
"""


def test_a_worker_ends_when_its_tests_are_killed_even_if_it_is_frozen(tmp_path: Path) -> None:
    command = [sys.executable, "-c", STARTS, str(tmp_path / "log")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as tests:
        assert tests.stdout is not None
        worker = psutil.Process(int(tests.stdout.readline()))
        os.kill(worker.pid, signal.SIGSTOP)
        tests.kill()
    _, alive = psutil.wait_procs([worker], timeout=60)
    assert alive == []
