"""Queues stand beside each other in a table, in plots, and in rows that hold memshelf against the others."""

from __future__ import annotations

from benchmarks.peers.queues import OURS, PEERS
from benchmarks.peers.standing import DRAIN, FASTER, PICK_UP, Standing, exhibit, rows

AGENDA = next(queue for queue in PEERS if queue.name == "Agenda")
BULLMQ = next(queue for queue in PEERS if queue.name == "BullMQ")
STANDINGS = [
    Standing(OURS, "0.1.0", "MongoDB 6.0.5", 15000, 8600.4, 6100.0, 5.84, 14.2),
    Standing(AGENDA, "6.2.6", "MongoDB 6.0.5", 500, 100.0, 80.0, 21.6, 58.0),
    Standing(BULLMQ, "5.81.5", "Redis 7.0.15", 15000, 9000.0, 7000.0, 1.9, 4.0),
]


def test_the_table_has_the_fastest_drain_first_and_memshelf_in_bold() -> None:
    assert exhibit(STANDINGS).text.splitlines()[2:5] == [
        "| BullMQ 5.81.5 | Redis 7.0.15 | 15,000 | 9,000 | 7,000 | 1.9 | 4.0 |",
        "| **memshelf 0.1.0** | MongoDB 6.0.5 | 15,000 | 8,600 | 6,100 | 5.8 | 14.2 |",
        "| Agenda 6.2.6 | MongoDB 6.0.5 | 500 | 100 | 80 | 21.6 | 58.0 |",
    ]


def test_both_plots_are_drawn_and_shown() -> None:
    shown = exhibit(STANDINGS)
    assert set(shown.plots) == {DRAIN, PICK_UP}
    assert all(f"](plots/{name}.svg)" in shown.text for name in shown.plots)
    assert "8,600" in shown.plots[DRAIN]
    assert all("Agenda (MongoDB)" in plot for plot in shown.plots.values())


def test_rows_say_where_memshelf_loses_and_where_no_bar_is_set() -> None:
    told = {(row.what, row.yardstick): row.met for row in rows(STANDINGS)}
    assert told == {
        ("drain, one worker", "Agenda 6.2.6"): True,
        ("drain, one worker", "BullMQ 5.81.5"): False,
        ("pick-up, p50", "Agenda 6.2.6"): True,
        ("pick-up, p50", "BullMQ 5.81.5"): None,
    }


def test_bars_are_set_for_queues_that_exist_and_each_queue_has_its_program() -> None:
    assert set(FASTER) <= {queue.name for queue in PEERS}
    suffixes = {"python": "py", "node": "mjs"}
    assert [
        queue.name for queue in (OURS, *PEERS) if not (queue.folder / f"program.{suffixes[queue.language]}").exists()
    ] == []
