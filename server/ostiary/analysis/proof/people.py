"""The kinds of people: everybody who could ever ask, in finitely many kinds.

Two people are of one kind if nothing that decisions about the given packages look at tells them
apart, and somebody stands for each kind. What is true of all of these is true of everybody: of any
member, guest or outsider, with any memberships, organization, attributes, manager and sponsors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice, product
from math import prod
from typing import Any

import msgspec

from ostiary.analysis.proof.attributes import Witnesses, witnesses
from ostiary.analysis.proof.homes import (
    Origin,
    TooManyError,
    origins,
    relations_of,
)
from ostiary.analysis.proof.possible import Side, View
from ostiary.analysis.proof.standing import as_head, standing_in
from ostiary.decide.approvers import compile_list, organization_sponsors
from ostiary.decide.model import ApproverList, CompiledPolicy
from ostiary.domain.people import AccountState, RiskLevel
from ostiary.domain.policy import ApproverKind
from ostiary.domain.request import Holdings, InlinePerson

MOST_KINDS = 500_000  # for one package
_MOST_MEMBERSHIPS = 4_096
_SPONSORS = (ApproverKind.INTERNAL_SPONSORS, ApproverKind.EXTERNAL_SPONSORS)


class Kind(msgspec.Struct, frozen=True):
    """Somebody who stands for a kind, with what they hold, at one instant."""

    person: InlinePerson
    at: datetime
    holdings: Holdings
    answers: dict[Any, Any] = {}  # what has been asked about them already


class Kinds(msgspec.Struct, frozen=True):
    """What people can be, one axis at a time; every combination is a kind."""

    stranger: str  # a name that nobody has
    stand_ins: Mapping[str, tuple[str, ...]]  # users who can be sponsors, by how they stand
    names: tuple[str, ...]
    origins: tuple[Origin, ...]
    memberships: tuple[tuple[str, ...], ...]
    attributes: Witnesses
    managers: Mapping[str, tuple[str | None, ...]]  # by name of the person
    sponsors: tuple[str, ...]  # words
    risks: tuple[RiskLevel, ...]
    instants: tuple[datetime, ...]
    held: tuple[tuple[str, ...], ...]

    @property
    def count(self) -> int:
        """Give how many kinds there are."""
        alike = (
            self.origins,
            self.memberships,
            self.attributes.found,
            self.sponsors,
            self.risks,
            self.instants,
            self.held,
        )
        return sum(map(len, self.managers.values())) * prod(map(len, alike))

    def __iter__(self) -> Iterator[Kind]:
        """Give every kind, those of whom least is to be said first."""
        for person in self.people():
            for at, held in product(self.instants, self.held):
                yield Kind(person, at, Holdings(assigned=held))

    def people(self) -> Iterator[InlinePerson]:
        """Give somebody of every kind."""
        for name in self.names:
            others = product(
                self.managers[name],
                self.sponsors,
                self.risks,
                self.attributes.found,
                self.origins,
                self.memberships,
            )
            for manager, sponsor, risk, attributes, origin, groups in others:
                yield InlinePerson(
                    id=name,
                    type=origin.type,
                    state=AccountState.ENABLED,
                    groups=groups,
                    manager=manager,
                    sponsors=self._sponsor(sponsor, name, manager),
                    home=origin.home,
                    attributes=attributes,
                    mail=origin.mail,
                    risk=risk,
                )

    def _sponsor(self, word: str, name: str, manager: str | None) -> tuple[str, ...]:
        """Give the sponsors that a word stands for."""
        match word:
            case "":
                return ()
            case "self":
                return (name,)
            case "manager":
                return () if manager is None else (manager,)
            case "gone":
                return (f"{self.stranger}-gone",)
            case _:
                others = (one for one in self.stand_ins[word] if one not in (name, manager))
                return tuple(islice(others, 1))


def kinds_of(views: tuple[View, ...], at: datetime) -> Kinds:
    """Give the kinds of people that the packages of the views can tell apart from `at` on.

    Raises TooManyError.

    Accounts are enabled in all of them: no rule pack in force admits anybody else (INVARIANTS of
    `rulebook.invariants`), so that there is nothing to prove about blocked and deleted people.
    """
    places = origins(views)
    names = _names(views, places)
    deciding = (
        *(one.usable_set for view in views for one in lists_of(view)),
        *map(frozenset, _sponsor_lists(views, places)),
    )
    found = Kinds(
        stranger=views[-1].side.names.stranger,
        stand_ins=standing_in(views).sponsors,
        names=names,
        origins=places,
        memberships=_memberships(views),
        attributes=witnesses(views),
        managers={name: _managers(views, deciding, name, names) for name in names},
        sponsors=_sponsors(views),
        risks=_risks(views),
        instants=_instants(views, at),
        held=_held(views),
    )
    if found.count > MOST_KINDS:
        raise TooManyError(f"the kinds of people are too many ({found.count:,})")
    return found


def policies_of(views: Iterable[View]) -> Iterator[tuple[View, CompiledPolicy]]:
    """Give every policy of the views."""
    for view in views:
        for policy in view.package.policies:
            yield view, policy


def lists_of(view: View) -> Iterator[ApproverList]:
    """Give every list of approvers of the package, those of extensions and risk included."""
    for policy in view.package.policies:
        for stage in policy.policy.stages:
            for approvers in (
                stage.primary,
                stage.fallback,
                stage.alternates,
                stage.alternate_fallback,
            ):
                yield compile_list(approvers, view.side.snapshot.directory)
    if view.side.snapshot.risk is not None:
        yield view.side.snapshot.risk.stage.primary


def _names(views: tuple[View, ...], places: tuple[Origin, ...]) -> tuple[str, ...]:
    """Give one id for each way in which scopes and approver lists can know somebody by name."""
    lists = [(view, one) for view in views for one in lists_of(view)]
    keys = [(view, policy.keys) for view, policy in policies_of(views) if policy.user_ids]
    sponsors = [frozenset(one) for one in _sponsor_lists(views, places)]
    known: dict[object, None] = dict.fromkeys([views[0].side.names.stranger])
    for _, policy in policies_of(views):
        known.update(dict.fromkeys(sorted(policy.user_ids)))
    for _, one in lists:
        known.update(dict.fromkeys(one.resolved.usable))
    for people in sponsors:
        known.update(dict.fromkeys(sorted(people)))
    # Who is not in the directory is nobody's approver, not even by being their own sponsor.
    above = any(
        kind in relations_of(view)
        for view in views
        for kind in (ApproverKind.MANAGER, ApproverKind.OWN_SPONSORS)
    )
    if above:
        known.update(dict.fromkeys(standing_in(views).heads))
    found: dict[tuple[object, ...], str] = {}
    for name in map(str, known):
        seen: tuple[object, ...] = (
            *(view.side.snapshot.directory.user_key(name) in of_scope for view, of_scope in keys),
            *(name in one.usable_set for _, one in lists),
            *(name in people for people in sponsors),
        )
        if above:
            seen = (*seen, *as_head(views, name))
        found.setdefault(seen, name)
    return tuple(found.values())


def _sponsor_lists(
    views: tuple[View, ...], places: tuple[Origin, ...]
) -> Iterator[tuple[str, ...]]:
    for view in views:
        wanted = [kind for kind in _SPONSORS if kind in relations_of(view)]
        directory = view.side.snapshot.directory
        if not wanted:
            continue
        for origin in places:
            names = directory.organizations_of(origin.home) if origin.home is not None else ()
            for kind in wanted if names else ():
                yield organization_sponsors(kind, directory.organization(names[0]), directory)


def _memberships(views: tuple[View, ...]) -> tuple[tuple[str, ...], ...]:
    """Give memberships for each way in which they can meet scopes and incompatible groups.

    Nesting is Horn: whoever is in some groups is in all above them, and the union of two such sets
    is one too. So the ways are those of single groups, closed under union. In one directory the
    groups that are named generate all; if two directories nest differently a group below may stand
    differently in each, so that all of those count too.
    """
    scopes = [(view, policy.keys) for view, policy in policies_of(views) if policy.keys]
    scopes += [
        (view, view.package.traits.incompatible_keys)
        for view in views
        if view.package.traits.incompatible_keys
    ]
    found: dict[tuple[bool, ...], tuple[str, ...]] = {(False,) * len(scopes): ()}
    ways: dict[tuple[bool, ...], str] = {}
    for name in _groups(views):
        way = tuple(
            not view.side.snapshot.directory.closure((name,)).isdisjoint(keys)
            for view, keys in scopes
        )
        if any(way):
            ways.setdefault(way, name)
    waiting = list(found)
    for met in waiting:
        for way, name in ways.items():
            both = tuple(map(max, met, way))
            if both not in found:
                found[both] = (*found[met], name)
                waiting.append(both)
                if len(found) > _MOST_MEMBERSHIPS:
                    raise TooManyError("the ways of being in the groups of the scopes are too many")
    return tuple(found.values())


def _groups(views: tuple[View, ...]) -> tuple[str, ...]:
    """Give the groups that memberships are made of."""
    named = {name for _, policy in policies_of(views) for name in policy.group_ids}
    named.update(name for view in views for name in view.package.package.incompatible_groups)
    sides = {id(view.side): view.side for view in views}
    nestings = [side.nesting for side in sides.values()]
    if any(one != nestings[0] for one in nestings):
        waiting = list(named)
        while waiting:
            group = waiting.pop()
            below = {name for nesting in nestings for name in nesting.get(group, ())} - named
            named |= below
            waiting += below
    return tuple(sorted(named))


def _managers(
    views: tuple[View, ...],
    deciding: tuple[frozenset[str], ...],
    name: str,
    names: tuple[str, ...],
) -> tuple[str | None, ...]:
    """Give one manager for each way in which a person's manager can stand."""
    by_manager = any(ApproverKind.MANAGER in relations_of(view) for view in views)
    on_behalf = any(policy.policy.on_behalf for _, policy in policies_of(views))
    if not by_manager and not on_behalf:
        return (None,)
    standing = standing_in(views)
    candidates: dict[str | None, None] = {None: None}
    candidates.update(dict.fromkeys((*standing.bosses, *standing.reports.get(name, ()))))
    candidates.update(dict.fromkeys((name, f"{views[0].side.names.stranger}-gone")))
    lists: tuple[frozenset[str], ...] = ()
    if on_behalf:  # it is the manager's request too, so that they cannot decide it (S-71)
        candidates.update(dict.fromkeys(names))
        lists = deciding
        candidates.update(dict.fromkeys(name for people in lists for name in sorted(people)))
    found: dict[tuple[object, ...], str | None] = {}
    for one in candidates:
        seen = (
            one is None,
            one == name,
            *(_standing(view.side, one, name) for view in views),
            *(one in people for people in lists),
        )
        found.setdefault(seen, one)
    return tuple(found.values())


def _standing(side: Side, manager: str | None, person: str) -> tuple[object, ...]:
    user = side.users.get(manager or "")
    return (*side.standing(manager), user is not None and user.manager == person)


def _sponsors(views: tuple[View, ...]) -> tuple[str, ...]:
    """Give words for sponsors of one's own: none, or one who stands in each way."""
    if not any(ApproverKind.OWN_SPONSORS in relations_of(view) for view in views):
        return ("",)
    words = ("", *standing_in(views).sponsors, "self", "gone")
    on_behalf = any(policy.policy.on_behalf for _, policy in policies_of(views))
    return (*words, "manager") if on_behalf else words


def _risks(views: tuple[View, ...]) -> tuple[RiskLevel, ...]:
    found: dict[tuple[bool, ...], RiskLevel] = {}
    for level in RiskLevel:
        stages = (view.side.snapshot.risk for view in views)
        seen = tuple(one is not None and level.height >= one.threshold.height for one in stages)
        found.setdefault(seen, level)
    return tuple(found.values())


def _instants(views: tuple[View, ...], at: datetime) -> tuple[datetime, ...]:
    """Give every instant from which on something is another: fixed ends that lie ahead (S-99)."""
    ends = {policy.fixed_end for _, policy in policies_of(views) if policy.fixed_end is not None}
    return (at, *sorted(end for end in ends if end > at))


def _held(views: tuple[View, ...]) -> tuple[tuple[str, ...], ...]:
    """Give packages to hold for each way in which they can stand against the views' packages."""
    listed = {name for view in views for name in view.package.traits.incompatible_packages}
    # Who holds the package itself is refused for that (S-60), whatever else it lists.
    packages = sorted(listed - {view.package.id for view in views})
    found: dict[tuple[bool, ...], tuple[str, ...]] = {(False,) * len(views): ()}
    ways: dict[tuple[bool, ...], str] = {}
    for name in packages:
        way = tuple(name in view.package.traits.incompatible_packages for view in views)
        ways.setdefault(way, name)
    waiting = list(found)
    for met in waiting:
        for way, name in ways.items():
            both = tuple(map(max, met, way))
            if both not in found:
                found[both] = (*found[met], name)
                waiting.append(both)
    return tuple(found.values())
