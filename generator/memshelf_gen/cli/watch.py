"""The command `memshelf-gen watch`: what a generation does, after every save."""

from __future__ import annotations

import gc
import signal
from dataclasses import replace
from datetime import datetime

import typer

from memshelf_gen.cli.options import ConfigOption, JsonOption, QuietOption, joined, project_config


def watch(
    context: typer.Context,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Generate after every save of a schema or of the configuration; Ctrl-C ends it.

    \b
    12:03:05 email.yaml → 3 files in 84 ms
    12:03:11 email.yaml → schemas/email.yaml:7:12: x-job.retries: must be at least 0, got -1

    A round that finds faults writes nothing; the next save is another try. With --json, each round is an object on a
    line of its own.

    Exit codes: 0 ended by Ctrl-C or SIGTERM, 2 there is no project to watch.
    """
    report, named = joined(context, config, as_json, quiet)
    report = replace(report, indent=None)
    try:
        with report.faults():
            from memshelf_gen.settings import FILE
            from memshelf_gen.watch import Watcher

            found = project_config(named)
            gc.enable()  # which commands that end soon do without
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            file = named if named is not None and named.is_file() else found.root / FILE
            before = None
            for each in Watcher(found, file=file.absolute()).rounds():
                report.round(each, at=datetime.now(), before=before)
                before = each.generated or before
    except KeyboardInterrupt:
        raise typer.Exit from None
