"""Draw docs/x-job.md from the metaschema of `x-job`; `python docs/draw_x_job.py` writes it."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent / "x-job.md"

INTRODUCTION = """# The keys of `x-job`

A schema file with an `x-job` describes a job; a file without one holds definitions that others use. `x-job: {}` is a
job with every default. Other keys are refused, with the one that was probably meant. This page is drawn from the
metaschema `job.schema.json`, which comes with the generator, by `python docs/draw_x_job.py`; a test compares the two.
"""

EXAMPLE = """## All of them

```yaml
# schemas/thumbnail.yaml
$schema: https://json-schema.org/draft/2020-12/schema
title: Thumbnail
description: Make a small picture of a large one.
x-job:
  name: make-thumbnail
  version: 2
  queue: pictures
  priority: 3
  concurrency: 2
  retries: {max: 5, backoff: exponential, delay: 2s, max_delay: 10m, jitter: true}
  max_lost: 2
  timeout: 1m30s
  acknowledge: each
  isolation: process
  max_payload: 64KB
  previous_names: [thumbnail]
  keep: {succeeded: 1d, dead: 90d, cancelled: 1h, quarantined: forever}
  schedule: [{cron: 30 4 * * sun, timezone: Europe/Berlin, payload: {picture: 'https://example.com/a.png', width: 64}}]
  compatibility: full
  allow_breaking: [{rule: maximum-narrowed, path: width, reason: no wider picture was ever asked for}]
type: object
additionalProperties: false
required: [picture, width]
properties:
  picture: {type: string, format: uri}
  width: {type: integer, minimum: 16, maximum: 1024}
```

Durations have the units w, d, h, m, s and ms, from the largest to the smallest: `500ms`, `30s`, `1h30m`, `5 seconds`,
`1 hour and 15 minutes`. Months and years are refused, since they have no length.
"""


def draw() -> str:
    """Give the page."""
    schema = json.loads(files("memshelf_gen").joinpath("job.schema.json").read_text(encoding="utf-8"))
    definitions = schema["$defs"]
    tables = [
        *_table("x-job", definitions["Job"]["properties"], definitions),
        "",
        "## The keys of `retries`",
        "",
        *_table("retries", definitions["Retries"]["properties"], definitions),
        "",
        "## The keys of `keep`",
        "",
        *_table("keep", definitions["Keep"]["properties"], definitions),
        "",
        "## The keys of each `schedule`",
        "",
        *_table("schedule", definitions["Schedule"]["properties"], definitions),
        "",
        "[Schedules](schedules.md) has the whole story.",
        "",
        "## The keys of each `allow_breaking`",
        "",
        *_table("allow_breaking", definitions["Excuse"]["properties"], definitions),
    ]
    return INTRODUCTION + "\n" + "\n".join(tables) + "\n\n" + EXAMPLE


def _table(owner: str, properties: dict[str, Any], definitions: dict[str, Any]) -> list[str]:
    rows = [f"| `{owner}.{key}` | {_cells(schema, definitions)} |" for key, schema in properties.items()]
    return ["| key | value | default | meaning |", "|---|---|---|---|", *rows]


def _cells(schema: dict[str, Any], definitions: dict[str, Any]) -> str:
    whole = {**definitions.get(schema.get("$ref", "").rpartition("/")[2], {}), **schema}
    default = f"`{json.dumps(whole['default'])}`".replace('"', "") if "default" in whole else ""
    return f"{whole['title']} | {default} | {whole['description']}"


if __name__ == "__main__":
    PAGE.write_text(draw(), encoding="utf-8")
