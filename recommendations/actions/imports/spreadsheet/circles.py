"""Which nodes of a graph lead back to themselves."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def circles(edges: Iterable[tuple[Node, Node]]) -> dict[Node, Node]:
    """For each node of a circle one that stands for all nodes that it leads to and that lead to it.

    The strongly connected components of two nodes and more, by Kosaraju’s algorithm; the time rises
    with the number of edges.
    """
    ahead, behind = defaultdict(list), defaultdict(list)
    for here, other in edges:
        ahead[here].append(other)
        behind[other].append(here)
    seen: set[Node] = set()
    left = [node for start in list(ahead) for node in _walk(start, ahead, seen)]
    found: dict[Node, Node] = {}
    seen = set()
    for start in reversed(left):
        group = _walk(start, behind, seen)
        if len(group) > 1:
            found |= dict.fromkeys(group, start)
    return found


def _walk(start: Node, following: Mapping[Node, Sequence[Node]], seen: set[Node]) -> list[Node]:
    """What is reached from a node and was not seen, in the order in which the walk leaves it."""
    left: list[Node] = []
    path = [] if start in seen else [(start, iter(following.get(start, ())))]
    seen.add(start)
    while path:
        node, rest = path[-1]
        for further in rest:
            if further not in seen:
                seen.add(further)
                path.append((further, iter(following.get(further, ()))))
                break
        else:
            path.pop()
            left.append(node)
    return left
