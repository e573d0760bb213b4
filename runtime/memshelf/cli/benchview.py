"""What `memshelf bench` shows, before and after it has measured."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from statistics import median
from typing import Any

from memshelf.cli.figures import size
from memshelf.measuring.findings import Drain, Findings, Server, limits, percentile
from memshelf.measuring.place import Place, shown_name
from memshelf.measuring.plan import Plan

SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


def before(place: Place, plan: Plan, server: Server) -> str:
    """Say what is about to be done to the server."""
    return (
        f"{_server(server)}: this writes at most {plan.documents:,} documents ({size(plan.bytes(place))}) into "
        f"{shown_name(place.settings)},\nwhich is dropped at the end; your jobs are not touched, but they share the "
        f"server for about {plan.seconds:g} seconds at most"
    )


def value(found: Findings, plan: Plan, place: Place, delay: timedelta) -> dict[str, Any]:
    """Give everything for programs; times are milliseconds, rates are a second's."""
    server, single = found.server, found.one_by_one
    return {
        "server": {
            "version": server.version,
            "kind": server.kind,
            "replicaSet": server.set_name,
            "members": server.members,
            "roundTripMs": round(server.round_trip, 3),
        },
        "measured": {
            "complete": found.complete,
            "jobs": plan.jobs,
            "payloadBytes": _payload_size(plan),
            "concurrency": found.concurrency,
            "delayMs": delay / timedelta(milliseconds=1),
            "documents": plan.documents,
            "loadPerCore": None if found.load is None else round(found.load, 2),
            "dropped": shown_name(place.settings),
        },
        "insert": _times(single.inserts),
        "oneByOne": {"perSecond": _rate(1000 / median(single.calls)), **_times(single.calls)},
        "manyAtOnce": {"perSecond": _rate(median(found.many)), "rounds": [_rate(each) for each in found.many]},
        "drain": {kind: _drain(each) for kind, each in found.drains.items()},
        "pickUp": {
            **_times(found.pick_up.waits),
            "insertP50Ms": round(median(found.pick_up.inserts), 3),
            "wakesBy": found.pick_up.wakes_by,
        },
        "limits": list(limits(found)),
    }


def picture(found: Findings, plan: Plan) -> Any:
    """Draw the figures for people."""
    from rich.console import Group
    from rich.text import Text

    from memshelf.cli.tables import table

    drawn = table("", ">jobs/s", ">p50 ms", ">p95 ms", ">p99 ms", "measured")
    single, picked = found.one_by_one, found.pick_up
    drawn.add_row("insert, for comparison", *_cells(single.inserts), f"{len(single.inserts):,} by the driver alone")
    drawn.add_row("queue one by one", *_cells(single.calls), f"{len(single.calls):,} jobs")
    rounds = f"median of {len(found.many)}"
    drawn.add_row("queue many at once", f"{median(found.many):,.0f}", "", "", "", f"{rounds}, {plan.jobs:,} a call")
    for kind, drains in found.drains.items():
        rate = f"{median(each.rate for each in drains):,.0f}"
        commands = f"{median(each.commands for each in drains):.2f} commands a job"
        at_once = f"median of {len(drains)}, {found.concurrency} at once, {commands}"
        drawn.add_row(f"drain, {kind}", rate, "", "", "", at_once)
    drawn.add_row(
        "pick-up by an idle worker", "", *_cells(picked.waits)[1:], f"{len(picked.waits):,} jobs, {picked.wakes_by}"
    )
    parts: list[Any] = [Text(_server(found.server)), drawn, *(Text(each) for each in limits(found))]
    if not found.complete:
        parts.append(Text("the time was too short for all of it: raise --seconds, or lower --jobs", style="yellow"))
    return Group(*parts)


def _server(server: Server) -> str:
    members = "1 member" if server.members == 1 else f"{server.members} members"
    home = server.kind if server.set_name is None else f"replica set {server.set_name} of {members}"
    return f"MongoDB {server.version}, {home}, {server.round_trip:.1f} ms away"


def _cells(times: Sequence[float]) -> list[str]:
    return [f"{1000 / median(times):,.0f}", *(f"{percentile(times, share):.1f}" for share in SHARES.values())]


def _times(times: Sequence[float]) -> dict[str, Any]:
    shares = {f"{name}Ms": round(percentile(times, share), 3) for name, share in SHARES.items()}
    return {**shares, "measured": len(times)}


def _drain(drains: Sequence[Drain]) -> dict[str, Any]:
    return {
        "perSecond": _rate(median(each.rate for each in drains)),
        "commandsPerJob": round(median(each.commands for each in drains), 3),
        "cores": round(median(each.cpu for each in drains), 2),
        "rounds": [{"jobs": each.jobs, "perSecond": _rate(each.rate)} for each in drains],
    }


def _rate(figure: float) -> float:
    return round(figure, 1)


def _payload_size(plan: Plan) -> int:
    import json

    return len(json.dumps(plan.payload, ensure_ascii=False).encode())
