"""What the server would do for a flow: every call explained, and the reads among them made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from pymongo import UpdateOne

from memshelf.call import Call, Flow
from memshelf.mongo import Store

READS = ("find", "aggregate", "distinct", "count_documents")
CHANGED = SimpleNamespace(modified_count=10**9, deleted_count=0)
"""What a flow is told of a write: whatever it named was changed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How one command is carried out, and what that took."""

    command: str
    stages: frozenset[str]
    indexes: frozenset[str]
    keys: int
    documents: int
    returned: int


def explained(store: Store, flow: Flow[Any]) -> list[Plan]:
    """Give the plans of a flow's calls; its writes are not made, only said to be."""
    plans: list[Plan] = []
    try:
        asked = next(flow)
        while True:
            plans += [explained_command(store, command) for command in commands(store.settings.collection, asked)]
            reply = store.run(_once(asked)) if asked.method in READS else CHANGED
            asked = flow.send(reply)
    except StopIteration:
        return plans


def explained_command(store: Store, command: Mapping[str, Any]) -> Plan:
    """Have the server explain a command."""
    database = store.client[store.settings.database]
    said = database.command("explain", command, verbosity="executionStats")
    plan = said["stages"][0]["$cursor"] if "stages" in said else said
    nodes = list(_nodes(plan["queryPlanner"]["winningPlan"]))
    stats = plan["executionStats"]
    return Plan(
        next(iter(command)),
        frozenset(node["stage"] for node in nodes),
        frozenset(node["indexName"] for node in nodes if "indexName" in node),
        stats["totalKeysExamined"],
        stats["totalDocsExamined"],
        stats["nReturned"],
    )


def commands(collection: str, asked: Call) -> Iterator[dict[str, Any]]:
    """Write a call as the commands that the driver would send."""
    match asked.method, asked.args:
        case "find", (chosen, *projection):
            fields = {"projection": projection[0]} if projection else {}
            yield {"find": collection, "filter": chosen, **fields, **_options(asked, "sort", "hint", "limit", "skip")}
        case "distinct", (key, chosen):
            yield {"distinct": collection, "key": key, "query": chosen}
        case "count_documents", (chosen,):
            pipeline = [{"$match": chosen}, {"$group": {"_id": 1, "n": {"$sum": 1}}}]
            yield {"aggregate": collection, "pipeline": pipeline, "cursor": {}}
        case "aggregate", (pipeline,):
            yield {"aggregate": collection, "pipeline": pipeline, "cursor": {}, **_options(asked, "hint")}
        case ("update_one" | "update_many"), (chosen, change):
            many = asked.method == "update_many"
            yield _update(collection, {"q": chosen, "u": change, "multi": many, **_options(asked, "hint")})
        case "bulk_write", (statements,):
            for each in statements:
                assert isinstance(each, UpdateOne)
                yield _update(collection, {"q": each._filter, "u": each._doc, "hint": each._hint})
        case "delete_many", (chosen,):
            yield {"delete": collection, "deletes": [{"q": chosen, "limit": 0}]}
        case "find_one_and_update", (chosen, change):
            yield {"findAndModify": collection, "query": chosen, "update": change, **_options(asked, "sort", "hint")}
        case "find_one_and_delete", (chosen,):
            yield {"findAndModify": collection, "query": chosen, "remove": True}
        case method, _:
            raise NotImplementedError(method)


def _update(collection: str, statement: dict[str, Any]) -> dict[str, Any]:
    return {"update": collection, "updates": [statement]}


def _options(asked: Call, *names: str) -> dict[str, Any]:
    chosen = {name: asked.options[name] for name in names if asked.options.get(name)}
    return {name: dict(value) if name == "sort" else value for name, value in chosen.items()}


def _once(asked: Call) -> Flow[Any]:
    return (yield asked)


def _nodes(plan: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(plan, Mapping):
        if "stage" in plan:
            yield plan
        inner: Iterable[Any] = plan.values()
    else:
        inner = plan if isinstance(plan, list) else ()
    for each in inner:
        yield from _nodes(each)
