"""Find the circles of a graph, in one walk over it."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def circles(edges: Mapping[Node, Collection[Node]]) -> Iterator[list[Node]]:
    """Give each part of a graph in which every node leads to every other, once (Tarjan 1972); a node may be its own.

    Every node has to be a key. The walk needs no recursion, so that a long chain is no trouble.
    """
    order: dict[Node, int] = {}
    low: dict[Node, int] = {}
    path: dict[Node, None] = {}
    """The nodes whose part is not complete yet, in the order of discovery."""
    for start in edges:
        if start in order:
            continue
        walk = [(start, _enter(start, edges, order, low, path))]
        while walk:
            node, following = walk[-1]
            for target in following:
                if target not in order:
                    walk.append((target, _enter(target, edges, order, low, path)))
                    break
                if target in path:
                    low[node] = min(low[node], order[target])
            else:
                walk.pop()
                if walk:
                    low[walk[-1][0]] = min(low[walk[-1][0]], low[node])
                if low[node] == order[node]:
                    part = [*_take_back_to(node, path)]
                    if len(part) > 1 or node in edges[node]:
                        yield part


def _enter(
    node: Node,
    edges: Mapping[Node, Iterable[Node]],
    order: dict[Node, int],
    low: dict[Node, int],
    path: dict[Node, None],
) -> Iterator[Node]:
    order[node] = low[node] = len(order)
    path[node] = None
    return iter(edges[node])


def _take_back_to(node: Node, path: dict[Node, None]) -> Iterator[Node]:
    while True:
        last, _ = path.popitem()
        yield last
        if last == node:
            return
