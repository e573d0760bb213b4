"""Use what is generated as people do; a wrong use is marked, and the type checkers must agree that it is wrong."""

from __future__ import annotations

from names_generated import ClassPayload, ClassPayloadDict, JobQueue

LITTLE: ClassPayloadDict = {"class": 1, "self": "s", "a-b": "x", "__x": "y", "list": ["z"], "1st": "1"}


def queue_one(queue: JobQueue) -> None:
    queue.queue_class_(LITTLE)
    queue.queue_class_({"class": "1", "self": "s"})  # type: ignore[arg-type]
    print(ClassPayload.model_validate(LITTLE).class_ + 1)
