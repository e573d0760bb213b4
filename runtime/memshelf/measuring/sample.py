"""The job that is measured: its payload may be any object, and its handler does nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from memshelf.errors import InputError
from memshelf.jobtype import BundledSchema, JobType
from memshelf.payload import Payload
from memshelf.plain import NotPlain, plain
from memshelf.retry import RetryPolicy

LARGEST = 15_000_000
_UNITS = {"": 1, "B": 1, "KB": 1_000, "MB": 1_000_000}


class SamplePayload(Payload):
    """Any object."""


def _payload() -> type[SamplePayload]:
    return SamplePayload


SAMPLE = JobType(
    name="memshelf-bench",
    key="memshelf-bench",
    payload=_payload,
    schema=BundledSchema("memshelf.measuring", "sample.json", "sha256:memshelf-bench"),
    retries=RetryPolicy(max=0),
    max_payload=LARGEST,
)


def read_payload(said: str) -> dict[str, Any]:
    """Give the payload that is meant: one of a size such as `200`, `64KB` or `1MB`, or that of a JSON file.

    Raises:
        InputError: it is neither, or no payload.
    """
    size = re.fullmatch(r"([0-9]+) ?(B|KB|MB|)", said)
    return _of_size(int(size[1]) * _UNITS[size[2]], said) if size else _of_file(said)


def _of_size(size: int, said: str) -> dict[str, Any]:
    least = len(json.dumps({"text": ""}))
    if not least <= size <= LARGEST:
        raise InputError(f"--payload: must be a size from {least} bytes to 15MB, or a file, got {said}")
    return {"text": "x" * (size - least)}


def _of_file(said: str) -> dict[str, Any]:
    try:
        read = json.loads(Path(said).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"--payload: must be a size such as 200, 64KB or 1MB, or a file that can be read, got {said!r}"
        ) from error
    except ValueError as error:
        raise InputError(f"--payload: {said}: must hold JSON: {error}") from error
    try:
        return plain(read, max_bytes=LARGEST)
    except NotPlain as error:
        raise InputError(f"--payload: {said}: {error.path}: {error.message}") from None
