"""`memshelf dev`: a database and a worker for development, in one command."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from memshelf.cli.output import AsJson
from memshelf.cli.worker import Concurrency, LogFormat, LogLevel, Queues, child_arguments, worker_settings


def dev(
    context: typer.Context,
    queue: Queues = None,
    concurrency: Concurrency = None,
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Keep the database in this folder. Default: it goes at the end.")
    ] = None,
    port: Annotated[int | None, typer.Option("--port", min=1, max=65535, help="Default: a free port.")] = None,
    reload: Annotated[
        bool, typer.Option("--reload/--no-reload", help="Start the worker again when schemas or code change.")
    ] = True,
    log_level: LogLevel = None,
    log_format: LogFormat = None,
    as_json: AsJson = False,
) -> None:
    """Start a MongoDB server and a worker for development; Ctrl-C ends both.

    \b
    memshelf dev
    memshelf dev --folder .memshelf --port 27117     the same address and the same jobs next time

    The line that it prints first points producers and other commands at the server. When a schema changes and
    memshelf-gen is installed, the code is generated before the worker starts again.
    """
    import asyncio

    from memshelf.cli.devloop import DevLoop
    from memshelf.devserver import DevServer
    from memshelf.logs import configure

    settings = worker_settings(queue, concurrency, log_level, log_format)
    package = context.obj.package
    configure(settings.log_format, settings.log_level)
    with DevServer(folder, port=port) as server:
        _announce(server, as_json)
        loop = DevLoop(
            child_arguments(package, settings),
            {"MEMSHELF_MONGO_URL": server.url},
            project=context.obj.project if reload else None,
        )
        asyncio.run(loop.run())


def _announce(server: Any, as_json: bool) -> None:
    """Say on standard output how to reach the server, and on standard error what it is."""
    typer.echo(server.notice, err=True)
    if as_json:
        typer.echo(json.dumps({"url": server.url, "version": server.version}))
    else:
        typer.echo(f"export MEMSHELF_MONGO_URL={shlex.quote(server.url)}")
