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
    way = {root: 0}  # the groups from the root to here, with their places on the way
    ahead = [iter(inside[root])]
    while ahead:
        group = next(ahead[-1], None)
        if group is None:
            ahead.pop()
            done.add(way.popitem()[0])
        elif group in way:
            yield (*list(way)[way[group] :], group)
        elif group in inside and group not in done:
            way[group] = len(way)
            ahead.append(iter(inside[group]))


def spell_way(way: tuple[str, ...]) -> str:
    """Give the way with arrows, the middle of a long one left out."""
    if len(way) > _NAMES_SHOWN:
        half = _NAMES_SHOWN // 2
        way = (*way[:half], "…", *way[-half:])
    return " → ".join(way)
