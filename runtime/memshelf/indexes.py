"""The indexes of the jobs collection, and what each is for."""

from __future__ import annotations

from pymongo import ASCENDING, DESCENDING, IndexModel

CLAIM = "memshelf_claim"
DUE = "memshelf_due"
LEASES = "memshelf_leases"
LISTING = "memshelf_listing"
RETENTION = "memshelf_retention"
IDS = "_id_"
"""The one that every collection has. What names its jobs by their ids says so: left to itself the server weighs it
against the index of listings, and takes that one where few jobs run, to keep it when many do."""

PURPOSE = {
    CLAIM: "candidates of a claim, in order",
    DUE: "when the next waiting job is due",
    LEASES: "running jobs: whose lease has ended, and what a lease token holds",
    LISTING: "counts and listings by state and name",
    RETENTION: "removes finished jobs when their retention has passed (TTL)",
}


def wanted_indexes() -> list[IndexModel]:
    """Give every index that the runtime needs; creating them again changes nothing."""
    ready = {"state": "ready"}
    running = {"state": "running"}
    return [
        IndexModel(
            [
                ("state", ASCENDING),
                ("queue", ASCENDING),
                ("name", ASCENDING),
                ("priority", DESCENDING),
                ("runAt", ASCENDING),
                ("_id", ASCENDING),
            ],
            name=CLAIM,
            partialFilterExpression=ready,
        ),
        IndexModel(
            [("state", ASCENDING), ("queue", ASCENDING), ("name", ASCENDING), ("runAt", ASCENDING)],
            name=DUE,
            partialFilterExpression=ready,
        ),
        IndexModel([("state", ASCENDING), ("leaseUntil", ASCENDING)], name=LEASES, partialFilterExpression=running),
        IndexModel([("state", ASCENDING), ("name", ASCENDING), ("_id", DESCENDING)], name=LISTING),
        IndexModel(
            [("expireAt", ASCENDING)],
            name=RETENTION,
            expireAfterSeconds=0,
            partialFilterExpression={"state": {"$in": ["succeeded", "dead", "cancelled", "quarantined"]}},
        ),
    ]
