"""Count how many schemas are asked about one value, so that no schema asks for more than anybody can wait for."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from typing import TypeVar

MOST = 100_000
"""Schemas that may be asked about one value; a validator needs about a millisecond for so many."""
Node = TypeVar("Node", bound=Hashable)


def excessive(edges: Mapping[Node, Sequence[Node]], *, without: Collection[Node]) -> Iterator[Node]:
    """Give each node from which more than so many ways lead on, while none of those that it leads to is one.

    Args:
        edges: For each node those that it leads to, as often as it leads there.
        without: The nodes that stand in a circle.
    """
    straight = {
        node: [each for each in found if each not in without] for node, found in edges.items() if node not in without
    }
    counts: dict[Node, int] = {}
    for node in TopologicalSorter(straight).static_order():
        counts[node] = 1 + sum(counts[each] for each in straight.get(node, ()))
        if counts[node] > MOST:
            counts[node] = MOST + 1
            if all(counts[each] <= MOST for each in straight.get(node, ())):
                yield node
