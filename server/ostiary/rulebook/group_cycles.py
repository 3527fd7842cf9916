"""Groups that contain each other: allowed, and worth a warning (S-34)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

_NAMES_SHOWN = 6


def group_cycles(inside: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Give ways from a group back to itself, e.g. (a, b, a); at least one for each knot."""
    done: set[str] = set()
    for root in sorted(inside):
        if root not in done:
            yield from _cycles_below(root, inside, done)


def _cycles_below(
    root: str, inside: Mapping[str, tuple[str, ...]], done: set[str]
) -> Iterator[tuple[str, ...]]:
    way = [root]  # the groups from the root to here
    place = {root: 0}  # of each of them on the way
    ahead = [iter(inside[root])]
    while ahead:
        group = next(ahead[-1], None)
        if group is None:
            ahead.pop()
            place.pop(way[-1])
            done.add(way.pop())
        elif group in place:
            yield (*way[place[group] :], group)
        elif group in inside and group not in done:
            place[group] = len(way)
            way.append(group)
            ahead.append(iter(inside[group]))


def spell_way(way: tuple[str, ...]) -> str:
    """Give the way with arrows, the middle of a long one left out."""
    if len(way) > _NAMES_SHOWN:
        half = _NAMES_SHOWN // 2
        way = (*way[:half], "…", *way[-half:])
    return " → ".join(way)
