"""Draw docs/states.md from the table of states; `python docs/draw_states.py` writes it."""

from __future__ import annotations

from pathlib import Path

from memshelf.states import FINAL, MOVES, STATES

PAGE = Path(__file__).parent / "states.md"

MEANING = {
    "ready": "waiting for its time or for a free slot; so is a job that will be tried again",
    "running": "claimed by one worker, under a lease that its heartbeat extends",
    "succeeded": "its handler returned; kept 7 days unless the settings say otherwise",
    "dead": "given up: out of retries, out of lost leases, or discarded by its handler; kept for ever",
    "cancelled": "nobody wanted it any more; kept 7 days unless the settings say otherwise",
    "quarantined": "cannot be what its producer promised: invalid, or not decodable; kept for ever",
}


def draw() -> str:
    """Give the page."""
    return "\n".join([*_introduction(), *_diagram(), *_states(), *_moves()]) + "\n"


def _introduction() -> list[str]:
    return [
        "# The states of a job",
        "",
        "This page is drawn from the table in `runtime/memshelf/states.py` by `python docs/draw_states.py`, and a test",
        "compares the two. The same table gives each database write its filter, so no write can make another move.",
        "",
    ]


def _diagram() -> list[str]:
    arrows: dict[tuple[str, str], list[str]] = {}
    for action, move in MOVES.items():
        for state in move.sources:
            arrows.setdefault((state, move.target or "[*]"), []).append(action)
    lines = [f"    {source} --> {target}: {', '.join(actions)}" for (source, target), actions in arrows.items()]
    return ["```mermaid", "stateDiagram-v2", "    [*] --> ready: queue", *lines, "```", ""]


def _states() -> list[str]:
    rows = [f"| `{state}` | {'yes' if state in FINAL else 'no'} | {MEANING[state]} |" for state in STATES]
    return ["| state | final | meaning |", "|---|---|---|", *rows, ""]


def _moves() -> list[str]:
    rows = [
        f"| {action} | {', '.join(f'`{state}`' for state in move.sources)} | "
        f"{f'`{move.target}`' if move.target else 'removed'} | {move.why} |"
        for action, move in MOVES.items()
    ]
    return ["| action | from | to | when |", "|---|---|---|---|", *rows]


if __name__ == "__main__":
    PAGE.write_text(draw(), encoding="utf-8")
