"""The payload of the fault suite."""

from __future__ import annotations

from memshelf.payload import Payload


class ActPayload(Payload):
    """What happens in each run; the last holds for all that follow."""

    runs: list[str]
