"""An application that was generated for one test: its schemas, its code, its queue and its worker."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from memshelf_gen.pipeline import generate
from memshelf_gen.results import Generated
from tests.generator.projects import EMAIL, Json, make, write
from tests.runtime.processes import ROOT, WorkerProcess

HANDLER = """\
import os

from generated import {cls}
from memshelf import Context, Job


async def handle(job: Job[{cls}], context: Context) -> None:
    with open(os.environ["APP_JOURNAL"], "a") as journal:
        print(job.id, job.payload.to, file=journal)
"""


@dataclass(frozen=True, slots=True)
class GeneratedApp:
    """A project in a folder of its own, with a database of its own."""

    folder: Path
    environment: dict[str, str]

    @property
    def journal(self) -> list[str]:
        """What its handlers wrote, a line for each job."""
        path = Path(self.environment["APP_JOURNAL"])
        return path.read_text().splitlines() if path.exists() else []

    def generate(self) -> Generated:
        """Bring its code up to date."""
        return generate(make(self.folder, {}))

    def schema(self, path: str, schema: Json | str) -> None:
        """Write one of its schemas."""
        write(self.folder / "schemas" / path, schema)

    def python(self, script: str) -> str:
        """Run a script as a producer of the application does; give what it prints."""
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=self.folder,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    @contextmanager
    def worker(self, *arguments: str, **variables: str) -> Iterator[WorkerProcess]:
        """Run its worker."""
        environment = {**self.environment, **{f"MEMSHELF_{name.upper()}": value for name, value in variables.items()}}
        log = self.folder / f"log{len([*self.folder.glob('log*')])}"
        with WorkerProcess(environment, *arguments, log=log, app=None, folder=self.folder) as process:
            yield process


def make_app(folder: Path, mongo_url: str, database_name: str) -> GeneratedApp:
    """Make an application with one job, which writes its receiver into a journal."""
    make(folder, {"email.json": {**EMAIL, "x-job": {"name": "send-email"}}})
    write(folder / "jobs/email.py", HANDLER.format(cls="EmailPayload"))
    app = GeneratedApp(
        folder,
        {
            "PYTHONPATH": f"{ROOT / 'runtime'}:{folder}",
            "MEMSHELF_MONGO_URL": mongo_url,
            "MEMSHELF_DATABASE": database_name,
            "MEMSHELF_PROCESS_EVERY": "100ms",
            "MEMSHELF_LOG_FORMAT": "json",
            "APP_JOURNAL": str(folder / "journal"),
        },
    )
    app.generate()
    return app
