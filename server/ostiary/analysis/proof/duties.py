"""Separation of duties: what must not be held together cannot be, by any order of requests.

A package that lists another as incompatible is refused to who holds that one (S-117), but not the
other way round (S-118). So two packages are apart only if each lists the other, or if nobody can
have both; and a group that a package lists may be given by another package.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import chain

import msgspec

from ostiary.analysis.proof.answering import Wanted
from ostiary.analysis.proof.holding import given_groups, with_groups
from ostiary.analysis.proof.homes import TooManyError
from ostiary.analysis.proof.people import Kind, kinds_of
from ostiary.analysis.proof.possible import Side, View
from ostiary.analysis.proof.report import Example, Property, Way
from ostiary.analysis.proof.simpler import simplest
from ostiary.analysis.proof.ways import decided, leads_on, unanswered, way_of
from ostiary.analysis.proof.worlds import hangs_on, supposing
from ostiary.domain.policy import ExpirationKind
from ostiary.domain.request import Holdings

_MOST_HELPERS = 4


class Pair(msgspec.Struct, frozen=True):
    """Something that must not be held together with a package."""

    package: View
    what: str  # the other package, or `group NAME`
    other: View  # the other package, or one that gives the group
    group: str | None = None
    supposed: frozenset[Wanted] = frozenset()  # questions that somebody is supposed to answer
    ending: bool = False  # what is needed on the way alone may end before the next request


def pairs(side: Side) -> Iterator[Pair]:
    """Give everything that must not be held together with some package and can be given."""
    givers = [(view, _reached(view)) for view in _giving(side)]
    for package in side.packages.values():
        view = View(side, package)
        for name in sorted(package.package.incompatible_packages):
            if name in side.packages and name != package.id:
                yield Pair(view, name, View(side, side.packages[name]))
        for group in sorted(package.package.incompatible_groups):
            key = side.snapshot.directory.group_key(group)
            for giver, reached in givers:
                if key in reached:
                    yield Pair(view, f"the group {group}", giver, group)


def together(pair: Pair, at: datetime) -> tuple[Example | None, int]:
    """Give somebody who comes to hold both, and how many kinds of people were looked at.

    Raises what `kinds_of` raises.
    """
    views = _views(pair)
    kinds = kinds_of(views, at)
    judge = judge_of(pair, kinds.instants)
    looked = 0
    for person in kinds.people():
        looked += 1
        kind = Kind(person, at, Holdings())
        example = judge(None, pair.package, kind)
        if example is not None:
            return simplest(judge, None, pair.package, kind, example), looked
    return None, looked


def doubt(pair: Pair, at: datetime) -> str | None:
    """Say why it is not known that nobody comes to hold both, where `together` finds nobody.

    Raises what `kinds_of` raises.
    """
    wanted = {key: name for view in _views(pair) for key, name in unanswered(view).items()}
    if wanted:
        supposed = msgspec.structs.replace(pair, supposed=frozenset(wanted))
        if together(supposed, at)[0] is not None:
            return hangs_on(wanted.values())
    helpers = _helpers(pair)
    if helpers:
        ending = msgspec.structs.replace(pair, supposed=frozenset(wanted), ending=True)
        if together(ending, at)[0] is not None:
            names = ", ".join(sorted(view.package.id for view in helpers))
            return f"it hangs on whether anybody can hold {names} for a while and then no longer"
    return None


def _views(pair: Pair) -> tuple[View, ...]:
    views = (pair.package, pair.other, *_helpers(pair))
    distinct = {view.package.id: view for view in views}
    return tuple(supposing(view, pair.supposed) for view in distinct.values())


class _Standing(msgspec.Struct, frozen=True):
    """How far a story has come: what is held, and the instant that it has reached."""

    held: frozenset[tuple[str, str]]  # package and policy
    since: int  # which instant
    steps: tuple[Way, ...] = ()

    @property
    def packages(self) -> frozenset[str]:
        """Give the packages that are held."""
        return frozenset(package for package, _ in self.held)


def _orders(
    views: tuple[View, ...],
    kind: Kind,
    pair: Pair,
    instants: tuple[datetime, ...],
    *,
    planned: bool = False,
) -> tuple[Way, ...] | None:
    """Try every order of requests of one person, the shortest first, as time goes by.

    With `planned` each step says who decides it, which takes longer.
    """
    goal = frozenset({pair.package.package.id, pair.other.package.id})
    waiting = [_Standing(frozenset(), 0)]
    seen = {(waiting[0].held, 0)}
    for standing in waiting:
        steps = chain(
            _next(views, kind, standing, instants, planned=planned),
            _ended(standing, goal) if pair.ending else (),
        )
        for after in steps:
            if goal <= after.packages:
                return after.steps
            if (after.held, after.since) not in seen:
                seen.add((after.held, after.since))
                waiting.append(after)
    return None


def _next(
    views: tuple[View, ...],
    kind: Kind,
    standing: _Standing,
    instants: tuple[datetime, ...],
    *,
    planned: bool,
) -> Iterator[_Standing]:
    held = standing.packages
    at = instants[standing.since]
    for view in views:
        if view.package.id not in held:
            now = Kind(kind.person, at, kind.holdings)
            for way in _got(view, now, held, views, planned=planned):
                taken = standing.held | {(view.package.id, way.policy or "")}
                yield _Standing(taken, standing.since, (*standing.steps, way))
    if held and standing.since + 1 < len(instants):
        lasting = frozenset(one for one in standing.held if _lasts(views, one, at, instants))
        yield _Standing(lasting, standing.since + 1, standing.steps)


def _ended(standing: _Standing, goal: frozenset[str]) -> Iterator[_Standing]:
    """Give how it stands once something has ended that is not to be held in the end."""
    for one in sorted(standing.held):
        if one[0] not in goal:
            yield _Standing(standing.held - {one}, standing.since, standing.steps)


def _lasts(
    views: tuple[View, ...], held: tuple[str, str], at: datetime, instants: tuple[datetime, ...]
) -> bool:
    """Tell whether access that was got at the last moment lasts beyond the next instant."""
    package = next(view.package for view in views if view.package.id == held[0])
    policy = package.by_id[held[1]].policy
    following = [instant for instant in instants if instant > at]
    if policy.expiration.kind is ExpirationKind.DATE and policy.expiration.at is not None:
        return policy.expiration.at > following[0]
    return True


def _got(
    view: View, kind: Kind, held: frozenset[str], views: tuple[View, ...], *, planned: bool
) -> Iterator[Way]:
    """Give the ways to the package for somebody who holds others, one for each policy."""
    found: set[str | None] = set()
    person = with_groups(kind.person, held, views)
    now = Kind(person, kind.at, Holdings(assigned=tuple(sorted(held))))
    for door, question, decision in decided(view, now, planned=planned, direct=True):
        way = way_of(door, question, decision)
        if leads_on(decision) and way.policy not in found:
            found.add(way.policy)
            yield msgspec.structs.replace(way, at=kind.at)


def _giving(side: Side) -> Iterator[View]:
    """Give the packages that make their holders members of some group."""
    for package in side.packages.values():
        view = View(side, package)
        if given_groups(view):
            yield view


def _reached(view: View) -> frozenset[int]:
    """Give the keys of the groups that somebody is in who holds the package."""
    return view.side.snapshot.directory.closure(tuple(sorted(given_groups(view))))


def _helpers(pair: Pair) -> tuple[View, ...]:
    """Give packages that bring somebody into a scope whose groups one of the pair excludes.

    Any other group of a scope somebody may be in from the beginning.
    """
    side = pair.package.side
    excluded = frozenset().union(
        *(view.package.traits.incompatible_keys for view in (pair.package, pair.other))
    )
    if not excluded:
        return ()
    ids = (pair.package.package.id, pair.other.package.id)
    found = [
        view
        for view in _giving(side)
        if view.package.id not in ids and not excluded.isdisjoint(_reached(view))
    ]
    if len(found) > _MOST_HELPERS:
        raise TooManyError("the packages that give an incompatible group are too many")
    return tuple(found)


def _example(pair: Pair, kind: Kind, steps: tuple[Way, ...]) -> Example:
    order = ", then ".join(way.package for way in steps)
    if len(steps) == 1:
        sentence = f"is in {pair.what} by holding it, though the two must not go together"
    else:
        sentence = f"comes to hold it together with {pair.what}: first {order}"
    held = frozenset(way.package for way in steps[:-1])
    groups = with_groups(kind.person, held, _views(pair)).groups
    return Example(
        property=Property.NO_INCOMPATIBLE_PAIR,
        package=pair.package.package.id,
        person=kind.person,
        at=kind.at,
        holdings=kind.holdings,
        way=steps[-1],
        sentence=sentence,
        steps=steps,
        groups=groups if isinstance(groups, tuple) else (),
    )


def judge_of(
    pair: Pair, instants: tuple[datetime, ...]
) -> Callable[[View | None, View, Kind], Example | None]:
    """Give what judges one person, for looking for the simplest one."""
    views = _views(pair)

    def judge(_: View | None, __: View, kind: Kind) -> Example | None:
        if _orders(views, kind, pair, instants) is None:
            return None
        steps = _orders(views, kind, pair, instants, planned=True)
        return None if steps is None else _example(pair, kind, steps)

    return judge
