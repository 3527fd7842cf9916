"""How users stand as managers and sponsors: one for each way in which the sides can see them.

A user may stand in one way on one side and in another on the other: blocked before and enabled
now. So it is the ways on all sides together that tell users apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache

import msgspec

from ostiary.analysis.proof.possible import Side, View
from ostiary.domain.people import AccountState

_ENOUGH = 3  # of one sort: one is left when a person and their manager are taken out


class Standing(msgspec.Struct, frozen=True):
    """Users who stand for all others: as managers, as managers of managers, and as sponsors."""

    bosses: tuple[str, ...]  # one for each way in which a user and the user's manager can stand
    reports: Mapping[str, tuple[str, ...]]  # of each manager, one for each way of being a report
    heads: tuple[str, ...]  # one for each way in which a name can be found as a manager's manager
    sponsors: Mapping[str, tuple[str, ...]]  # by a word for how they stand, `_ENOUGH` at most


def standing_in(views: tuple[View, ...]) -> Standing:
    """Give the users who stand for all others on the sides of the views."""
    sides: list[Side] = []
    for view in views:
        if all(view.side.tenant.users != other.tenant.users for other in sides):
            sides.append(view.side)
    return _standing(tuple(sides))


@lru_cache(maxsize=4)  # every package of a proof has the same
def _standing(sides: tuple[Side, ...]) -> Standing:
    bosses: dict[object, str] = {}
    reports: dict[str, dict[object, str]] = defaultdict(dict)
    sponsors: dict[tuple[bool | None, ...], list[str]] = defaultdict(list)
    names = dict.fromkeys(user.id for side in reversed(sides) for user in side.tenant.users)
    for name in names:
        bosses.setdefault(tuple(side.standing(name) for side in sides), name)
        for manager in _managers_of(sides, name):
            found = tuple(_as_report(side, name, manager) for side in sides)
            reports[manager].setdefault(found, name)
        alike = sponsors[tuple(_usable(side, name) for side in sides)]
        if len(alike) < _ENOUGH:
            alike.append(name)
    heads: dict[object, str] = {}
    for name in names:
        seen = (*(_state(side, name) for side in sides), frozenset(reports.get(name, ())))
        heads.setdefault(seen, name)
    return Standing(
        bosses=tuple(bosses.values()),
        reports={name: tuple(found.values()) for name, found in reports.items()},
        heads=tuple(heads.values()),
        sponsors={_word(usable): tuple(people) for usable, people in sponsors.items()},
    )


def as_head(views: tuple[View, ...], name: str) -> tuple[object, ...]:
    """Tell what somebody's name is worth to those who look for managers."""
    return (
        *(_state(view.side, name) for view in views),
        frozenset(
            tuple(_as_report(view.side, one, name) for view in views)
            for one in standing_in(views).reports.get(name, ())
        ),
    )


def _managers_of(sides: tuple[Side, ...], name: str) -> Iterator[str]:
    users = (side.users.get(name) for side in sides)
    yield from dict.fromkeys(
        user.manager for user in users if user is not None and user.manager is not None
    )


def _as_report(side: Side, name: str, manager: str) -> tuple[object, ...]:
    """Tell how a user is a report of a manager; of anybody else's report how they stand."""
    user = side.users.get(name)
    if user is None or user.manager != manager:
        return side.standing(name)
    return ("report", user.state is AccountState.ENABLED)


def _state(side: Side, name: str) -> AccountState | None:
    user = side.users.get(name)
    return user.state if user is not None else None


def _usable(side: Side, name: str) -> bool | None:
    state = _state(side, name)
    return None if state is None else state is AccountState.ENABLED


def _word(usable: tuple[bool | None, ...]) -> str:
    if all(usable):
        return "somebody"
    if all(one is False for one in usable):
        return "unusable"
    words = {True: "enabled", False: "disabled", None: "missing"}
    return " then ".join(words[one] for one in usable)
