"""The contract of the stored document: the JSON Schema that the collection's validator enforces."""

from __future__ import annotations

from typing import Any

from memshelf.states import STATES

LARGEST_WAITING = 15_600_000
"""Bytes of a waiting job: a payload of 15 MB and its history fit, and a claim's fields never pass MongoDB's 16 MB."""

_COUNT = {"bsonType": ["int", "long", "double"], "minimum": 0}
_TIME = {"bsonType": ["date", "null"]}
_TEXT = {"bsonType": ["string", "null"]}


def validator() -> dict[str, Any]:
    """Give the collection's validator: the envelope, and room for what a claim adds."""
    fits = {"$expr": {"$lte": [{"$bsonSize": "$$ROOT"}, LARGEST_WAITING]}}
    return {"$jsonSchema": envelope(), "$or": [{"state": {"$ne": "ready"}}, fits]}


def envelope() -> dict[str, Any]:
    """Give the `$jsonSchema` of a stored job; `name` to `runAt` are a foreign producer's to write, the rest is ours."""
    return {
        "bsonType": "object",
        "required": ["_id", "name", "data", "state", "queue", "priority", "runAt"],
        "properties": {
            "_id": {"bsonType": ["objectId", "string"], "description": "an ObjectId or a string"},
            "name": {"bsonType": "string", "minLength": 1, "description": "the job's name on the wire"},
            "data": {"bsonType": "object", "description": "the payload, valid under the job's schema"},
            "state": {"enum": list(STATES), "description": "a producer writes `ready`"},
            "queue": {"bsonType": "string", "minLength": 1, "description": "the queue's name, usually `default`"},
            "priority": {
                "bsonType": ["int", "long", "double"],
                "minimum": 0,
                "maximum": 9,
                "description": "0 to 9, higher first, usually 5",
            },
            "runAt": {"bsonType": "date", "description": "not before this time"},
            "version": {"bsonType": ["int", "long", "double"], "minimum": 1},
            "schema": _TEXT,
            "attempts": _COUNT,
            "lost": _COUNT,
            "maxAttempts": _COUNT,
            "maxLost": _COUNT,
            "interrupted": _COUNT,
            "lease": _TEXT,
            "worker": _TEXT,
            "leaseUntil": _TIME,
            "deadline": _TIME,
            "startedAt": _TIME,
            "finishedAt": _TIME,
            "expireAt": _TIME,
            "errors": {"bsonType": "array", "items": {"bsonType": "object"}},
            "replays": {"bsonType": "array", "items": {"bsonType": "object"}},
            "cancelRequested": {"bsonType": "bool"},
            "meta": {"bsonType": "object"},
        },
    }
