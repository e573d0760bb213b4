"""Programs of Node that our tests hold ours against: fetched once by npm, pinned, and started as processes.

They lie in `.corpora/node/`, or in the folder that MEMSHELF_CORPORA names. Without Node a test is skipped with the
reason; where Node is and npm cannot fetch, it fails under continuous integration (`CI` is set).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.corpora import FOLDER

SCRIPTS = Path(__file__).parent / "node"
OLDEST = 20


def ask(script: str, question: Any, **variables: str) -> Any:
    """Run a script of `tests/node/` with a JSON document on its standard input, and give the one that it prints."""
    done = subprocess.run(
        ["node", str(SCRIPTS / script)],
        input=json.dumps(question),
        env={**environment(), **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def environment() -> dict[str, str]:
    """Give the environment in which Node finds what `tests/node/package.json` pins; the test is skipped without."""
    return {**os.environ, "NODE_PATH": str(_modules())}


def program(name: str) -> str:
    """Give the path of a program that comes with a package."""
    return str(_modules() / ".bin" / name)


@cache
def _modules() -> Path:
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not here")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.removeprefix("v").partition(".")[0]) < OLDEST:
        pytest.skip(f"node {OLDEST} or newer is needed, and this is {version}")
    wanted = (SCRIPTS / "package.json").read_text(encoding="utf-8")
    folder = FOLDER / "node"
    done = folder / "installed.json"
    if not done.is_file() or done.read_text(encoding="utf-8") != wanted:
        _install(folder, wanted)
        done.write_text(wanted, encoding="utf-8")
    return folder / "node_modules"


def _install(folder: Path, wanted: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text(wanted, encoding="utf-8")
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--silent"]
    installed = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    if installed.returncode:
        said = f"npm cannot fetch what tests/node/package.json pins: {installed.stderr.strip()[-300:]}"
        if os.environ.get("CI"):
            pytest.fail(said, pytrace=False)
        pytest.skip(said)
