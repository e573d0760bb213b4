"""Write a job's bundled schema: the contract that the runtime and other languages read."""

from __future__ import annotations

import json
import re

from memshelf_gen.spec import JobSpec, Json

_SURROGATE = re.compile("[\ud800-\udfff]")


def schema(job: JobSpec) -> str:
    """Give the text of the bundle: `$schema` first, then everything as its author ordered it."""
    first: Json = {key: job.bundle[key] for key in ("$schema",) if key in job.bundle}
    text = json.dumps({**first, **job.bundle}, indent=2, ensure_ascii=False)
    return _SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", text) + "\n"
