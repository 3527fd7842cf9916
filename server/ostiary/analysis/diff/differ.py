"""Two tenants compared for everybody in every package: exact, and once for each class of people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cached_property

import msgspec
from pyroaring import BitMap, FrozenBitMap

from ostiary.analysis.diff.answers import Asking
from ostiary.analysis.diff.classes import Approving, Half, refined
from ostiary.analysis.diff.comparing import Difference, differences
from ostiary.analysis.diff.ground import Ground, same_selection
from ostiary.analysis.diff.newcomers import newcomers
from ostiary.analysis.diff.people import NOBODY, People, union
from ostiary.analysis.diff.report import Change, DiffReport, Kind, PackageDiff, Roster
from ostiary.decide.evaluate import Selection
from ostiary.decide.model import CompiledPackage, Snapshot
from ostiary.domain.tables import Tables
from ostiary.domain.tenant import Tenant
from ostiary.index.directory import IndexedDirectory
from ostiary.index.snapshot import build

Progress = Callable[[int, int], None]
_ORDER = {kind: number for number, kind in enumerate(Kind)}


class World(msgspec.Struct, frozen=True):
    """One side: a tenant under one rule pack, ready to be asked."""

    tenant: Tenant
    tables: Tables
    snapshot: Snapshot


def world(tenant: Tenant, tables: Tables, *, beside: World | None = None) -> World:
    """Make one side ready; `beside` is the other side, whose directory may serve both."""
    directory = None
    if beside is not None and _same_people(beside.tenant, tenant):
        shared = beside.snapshot.directory
        directory = shared if isinstance(shared, IndexedDirectory) else None
    return World(tenant, tables, build(tenant, tables, directory=directory))


def diff(
    old: World,
    new: World,
    at: datetime,
    *,
    packages: frozenset[str] | None = None,
    progress: Progress = lambda _done, _all: None,
) -> DiffReport:
    """Compare what both sides answer everybody about every package at one instant.

    `packages` names those that are looked at; None: all. `progress` hears how many packages of how
    many are done. Raises TablesUnavailableError as `evaluate` does.
    """
    return Differ(old, new).diff(at, packages=packages, progress=progress)


class Differ:
    """Compares two sides; what it works out about people serves every comparison."""

    def __init__(self, old: World, new: World) -> None:
        self.old = old
        self.new = new
        self.same_people = _same_people(old.tenant, new.tenant)
        ids = {user.id for user in old.tenant.users} if not self.same_people else set()
        users = sorted(ids.union(user.id for user in new.tenant.users))
        self.users = len(users)
        self.newcomers = newcomers((*old.tenant.organizations, *new.tenant.organizations))
        self.ids = (*users, *self.newcomers)
        numbers = {user_id: number for number, user_id in enumerate(self.ids)}
        self.people = self._people(numbers)

    def _people(self, numbers: Mapping[str, int]) -> tuple[People, People]:
        come = self.newcomers
        new = People(self.new.tenant, self.new.snapshot, self.ids, numbers, come)
        if self.same_people:
            return new, new
        return People(self.old.tenant, self.old.snapshot, self.ids, numbers, come), new

    def diff(
        self,
        at: datetime,
        *,
        packages: frozenset[str] | None = None,
        progress: Progress = lambda _done, _all: None,
    ) -> DiffReport:
        """Compare at one instant."""
        asking = (
            Asking(self.old.snapshot, self.people[0], at),
            Asking(self.new.snapshot, self.people[1], at),
        )
        pairs = [
            pair
            for pair in _pairs(self.old.snapshot, self.new.snapshot)
            if packages is None or pair[0] in packages
        ]
        diffs: list[PackageDiff] = []
        for done, (package_id, before, after) in enumerate(pairs):
            progress(done, len(pairs))
            halves = (
                Half(self.people[0], self.old.snapshot, before, at),
                Half(self.people[1], self.new.snapshot, after, at),
            )
            changes = _Package(package_id, halves, asking, self).changes()
            if changes:
                named = after if after is not None else before
                name = package_id if named is None else named.package.name
                there = (before is not None, after is not None)
                diffs.append(PackageDiff(package_id, name, *there, changes))
        progress(len(pairs), len(pairs))
        return DiffReport(
            old=self.old.snapshot.revision,
            new=self.new.snapshot.revision,
            at=at,
            people=self.users,
            packages=len(pairs),
            evaluations=sum(one.evaluations for one in asking),
            roster=Roster(self.ids, self.people),
            diffs=tuple(diffs),
            policy_names=dict(_policy_names(self.old.snapshot, self.new.snapshot)),
        )

    @cached_property
    def everybody(self) -> BitMap:
        """Give everybody of either side."""
        return BitMap(range(len(self.ids)))

    @cached_property
    def ground(self) -> Ground:
        """Give what both sides have in common."""
        tenants = (self.old.tenant, self.new.tenant)
        tables = (self.old.tables, self.new.tables)
        return Ground(tenants, tables, self.people, self.everybody)

    def prepare(self) -> None:
        """Work out everything about people that comparisons may need."""
        for side in self.people:
            side.prepare()
        _ = self.moved, self.ground.common

    @cached_property
    def moved(self) -> BitMap:
        """Give those whose managers, of whatever level, are others on the other side."""
        if self.same_people:
            return NOBODY
        old, new = self.people
        return BitMap(
            [
                number
                for number, who in enumerate(self.ids)
                if old.managers_of(who) != new.managers_of(who)
            ]
        )


class _Package:
    """One package on both sides."""

    def __init__(
        self,
        package_id: str,
        halves: tuple[Half, Half],
        asking: tuple[Asking, Asking],
        differ: Differ,
    ) -> None:
        self.id = package_id
        self.halves = halves
        self.asking = asking
        self.differ = differ

    def changes(self) -> tuple[Change, ...]:
        """Give every change with everybody whom it concerns, in a fixed order."""
        found: dict[Difference, list[BitMap]] = {}
        for people in self._classes(self._concerned()):
            who = self.differ.ids[people.min()]
            before, after = (asking.answer(who, self.id) for asking in self.asking)
            for difference in differences(before, after):
                found.setdefault(difference, []).append(people)
        made = [
            Change(*difference, FrozenBitMap(union(bitmaps)))
            for difference, bitmaps in found.items()
        ]
        made.sort(key=lambda one: (_ORDER[one.kind], one.policy, one.people.min()))
        return tuple(made)

    def _concerned(self) -> BitMap:
        before, after = self.halves
        return self.differ.ground.concerned(before.package, after.package)

    def _classes(self, people: BitMap) -> Iterator[BitMap]:
        """Give people in classes of equal answers."""
        if not people:
            return
        halves = self.halves
        distinct = {id(half.people): half.people.everybody for half in halves}
        parts = refined([people], distinct.values())
        for half in halves:
            parts = refined(parts, half.first_splits())
        for part in parts:
            yield from self._finer(part)

    def _finer(self, part: BitMap) -> Iterator[BitMap]:
        who = self.differ.ids[part.min()]
        approving = Approving(self.halves, lambda: self.differ.moved)
        chosen = [half.selection(who) for half in self.halves]
        if self._as_before(*chosen):
            return
        parts, open_somewhere = [part], False
        for half, one in zip(self.halves, chosen, strict=True):
            if one is None or one.conclusion.word in ("closed", "unknown"):
                continue
            open_somewhere = True
            parts = refined(parts, half.later_splits())
            approving.add(half, one.offered)
        if not open_somewhere:
            yield part
            return
        for one_part in parts:
            yield from approving.split(one_part)

    def _as_before(self, old: Selection | None, new: Selection | None) -> bool:
        """Tell whether nothing that these people can meet was changed in the package."""
        ground = self.differ.ground
        if old is None or new is None or not self.differ.same_people or not ground.common:
            return False
        before, after = (half.package for half in self.halves)
        return (
            before is not None
            and after is not None
            and ground.same_but_policies(before, after)
            and same_selection(old, new)
        )


def _same_people(old: Tenant, new: Tenant) -> bool:
    """Tell whether nothing about people differs, so that one index serves both sides."""
    return (
        old.profile.group_membership_transitive == new.profile.group_membership_transitive
        and old.settings.allowed_domains == new.settings.allowed_domains
        and old.settings.blocked_domains == new.settings.blocked_domains
        and old.organizations == new.organizations
        and old.groups == new.groups
        and old.users == new.users
    )


_Pair = tuple[str, CompiledPackage | None, CompiledPackage | None]


def _pairs(old: Snapshot, new: Snapshot) -> list[_Pair]:
    """Give every package of either side by id, as it is on both."""
    before = {package.id: package for package in old.order}
    after = {package.id: package for package in new.order}
    ids = sorted(before.keys() | after.keys())
    return [(one, before.get(one), after.get(one)) for one in ids]


def _policy_names(*snapshots: Snapshot) -> Iterator[tuple[tuple[str, str], str]]:
    for snapshot in snapshots:
        for package in snapshot.order:
            for policy in package.policies:
                yield (package.id, policy.id), policy.policy.name
