"""The least set of choices that together reach all goals: exact where that is quick."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import Generic, TypeVar

import msgspec

MOST_KINDS = 2_000  # different choices among which the least set is searched for exactly
MOST_STEPS = 50_000  # of the search; a count, not a time, so that the same input ends the same way

_T = TypeVar("_T", bound=Hashable)


class Choice(msgspec.Struct, Generic[_T], frozen=True):
    """Something that can be chosen, with the goals that it reaches, as bits."""

    goals: int
    what: _T


class Chosen(msgspec.Struct, Generic[_T], frozen=True):
    """What to choose, in the order of the choices; `exact`: no smaller set reaches all goals."""

    choices: tuple[_T, ...]
    exact: bool
    beyond: int = 0  # the goals that no choice reaches


def least(goals: int, choices: Iterable[Choice[_T]]) -> Chosen[_T]:
    """Give the least choices that reach all goals; the earlier of two equal ones is taken.

    Beyond MOST_KINDS different choices, or MOST_STEPS steps, the best set found so far is given:
    at worst that of always taking what reaches most (greedy).
    """
    kinds: dict[int, Choice[_T]] = {}
    order: dict[_T, int] = {}
    reachable = 0
    for choice in choices:
        reached = choice.goals & goals
        reachable |= reached
        if reached and reached not in kinds:
            kinds[reached] = Choice(reached, choice.what)
            order[choice.what] = len(order)
    wanted = goals & reachable
    few = len(kinds) <= MOST_KINDS
    useful = _undominated(list(kinds.values())) if few else list(kinds.values())
    best = _greedy(wanted, useful)
    exact = len(best) <= 1
    if few and not exact:
        search = _Search(useful, best)
        search.from_here(wanted, [])
        best, exact = search.best, search.steps < MOST_STEPS
    found = sorted((one.what for one in best), key=order.__getitem__)
    return Chosen(tuple(found), exact, goals & ~reachable)


def _undominated(kinds: list[Choice[_T]]) -> list[Choice[_T]]:
    """Give the choices that reach something that no other one reaches with all else, too."""
    widest = sorted(kinds, key=lambda one: -one.goals.bit_count())
    kept: list[Choice[_T]] = []
    for one in widest:
        if not any(one.goals & other.goals == one.goals for other in kept):
            kept.append(one)
    return kept


def _greedy(goals: int, kinds: list[Choice[_T]]) -> list[Choice[_T]]:
    found: list[Choice[_T]] = []
    while goals:
        most = max(kinds, key=lambda one: (one.goals & goals).bit_count())
        found.append(most)
        goals &= ~most.goals
    return found


def _bits_of(goals: int) -> Iterator[int]:
    while goals:
        lowest = goals & -goals
        yield lowest
        goals ^= lowest


class _Search(Generic[_T]):
    """Depth first, by the goal that fewest choices reach; never deeper than the best found."""

    def __init__(self, kinds: list[Choice[_T]], best: list[Choice[_T]]) -> None:
        self.kinds = kinds
        self.best = best
        self.steps = 0
        self.together: dict[int, int] = {}  # what a choice that reaches a goal may reach with it
        for one in kinds:
            for goal in _bits_of(one.goals):
                self.together[goal] = self.together.get(goal, 0) | one.goals

    def from_here(self, goals: int, taken: list[Choice[_T]]) -> None:
        """Look for a set smaller than the best that begins with what is taken."""
        if not goals:
            self.best = list(taken)
            return
        self.steps += 1
        if self.steps >= MOST_STEPS or len(taken) + self._needed(goals) >= len(self.best):
            return
        for one in self._rarest(goals):
            taken.append(one)
            self.from_here(goals & ~one.goals, taken)
            taken.pop()

    def _needed(self, goals: int) -> int:
        """Give a number of goals no two of which one choice reaches: so many are needed."""
        apart, rest = 0, goals
        for goal in sorted(_bits_of(goals), key=lambda one: self.together[one].bit_count()):
            if rest & goal:
                apart += 1
                rest &= ~self.together[goal]
        return apart

    def _rarest(self, goals: int) -> list[Choice[_T]]:
        """Give the choices that reach the goal that fewest reach; those that reach most first."""
        fewest: list[Choice[_T]] | None = None
        for goal in _bits_of(goals):
            reaching = [one for one in self.kinds if one.goals & goal]
            if fewest is None or len(reaching) < len(fewest):
                fewest = reaching
        found = fewest or []
        return sorted(found, key=lambda one: -(one.goals & goals).bit_count())
