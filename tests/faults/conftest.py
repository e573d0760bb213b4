"""What every trial may ask for: a seed that is told, how much is wanted, and servers that it may hurt."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from memshelf.devserver import DevServer, listens
from tests.faults.trial import Trial

FULL = os.environ.get("FAULTS") == "full"
"""Whether minutes may be spent: `make faults`, not `make test`."""
MINUTES = float(os.environ.get("FAULTS_MINUTES") or 3)
"""How long the random mix of the full form lasts."""
SEED = int(os.environ.get("FAULTS_SEED") or random.randrange(2**32))


def pytest_report_header() -> str:
    """Say how to have the same trials again."""
    return f"faults: {'full' if FULL else 'short'} form, make faults SEED={SEED}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Name the seed beside a trial that failed."""
    report = yield
    if report.failed:  # type: ignore[attr-defined]
        report.sections.append(("faults", f"make faults SEED={SEED} ARGS='-k {item.name}'"))  # type: ignore[attr-defined]
    return report


@pytest.fixture(autouse=True)
def _in_full(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("full") and not FULL:
        pytest.skip("takes minutes: make faults")


@pytest.fixture
def scale() -> int:
    """Give by how much the full form is larger."""
    return 5 if FULL else 1


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> random.Random:
    """Give the trial's own chance, which its name and the seed decide."""
    return random.Random(f"{SEED}/{request.node.name}")


@pytest.fixture
def trial(mongo_url: str, database_name: str, tmp_path: Path, rng: random.Random) -> Iterator[Trial]:
    """Give a trial on the session's server."""
    with Trial(mongo_url, database_name, tmp_path, rng) as opened:
        yield opened


@pytest.fixture(scope="session")
def _victim() -> Iterator[DevServer]:
    with DevServer() as started:
        yield started


@pytest.fixture
def server(_victim: DevServer) -> DevServer:
    """Give a server that this trial may hurt; one that the last trial left dead is started again."""
    if not listens(urlsplit(_victim.url).port or 0):
        _victim.restart()
    return _victim


@pytest.fixture
def own_trial(server: DevServer, tmp_path: Path, rng: random.Random) -> Iterator[Trial]:
    """Give a trial on the server that may be hurt, in a database of its own."""
    with Trial(server.url, f"memshelf_{uuid4().hex[:16]}", tmp_path, rng) as opened:
        yield opened
