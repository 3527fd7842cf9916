"""Who has to be looked at in a package: nobody where nothing that it looks at is different.

INVARIANT: whoever is left out gets the same answers on both sides. In doubt everybody is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from pyroaring import BitMap

from ostiary.analysis.diff.people import NOBODY, People, union
from ostiary.decide.evaluate import Selection
from ostiary.decide.model import ApproverList, CompiledPackage, CompiledPolicy, Snapshot
from ostiary.domain.catalog import Catalog
from ostiary.domain.people import Group, User
from ostiary.domain.reasons import Cause
from ostiary.domain.tables import Phase, PhaseTable, Row, Tables
from ostiary.domain.tenant import Tenant
from ostiary.index.directory import IndexedDirectory

_MOST_CELLS = 250_000  # of a phase whose rules are compared cell by cell


class Ground:
    """What both sides have in common beside their packages."""

    def __init__(
        self,
        tenants: tuple[Tenant, Tenant],
        tables: tuple[Tables, Tables],
        people: tuple[People, People],
        everybody: BitMap,
    ) -> None:
        self.tenants = tenants
        self.tables = tables
        self.people = people
        self.everybody = everybody
        self._equal_lists: dict[tuple[int, int], bool] = {}
        self._pointed: dict[tuple[int, int], frozenset[str]] = {}

    def concerned(self, before: CompiledPackage | None, after: CompiledPackage | None) -> BitMap:
        """Give everybody whose answers about a package could differ, and maybe others."""
        if before is None or after is None or not self.common or not self._same(before, after):
            return self.everybody
        if self.people[0] is self.people[1]:
            return NOBODY
        if not self._same_approvers(before, after):
            return self.everybody
        return self.changed_people | self._moved_between(self._groups_of(after))

    @cached_property
    def common(self) -> bool:
        """Tell whether rules, profile, settings and organizations are the same."""
        old, new = self.tenants
        return (
            old.profile == new.profile
            and old.settings == new.settings
            and old.organizations == new.organizations
            and self._same_risk_stage
            and alike(*self.tables)
        )

    @property
    def _same_risk_stage(self) -> bool:
        one, other = (side.snapshot.risk for side in self.people)
        if one is None or other is None:
            return one is other
        return one.stage.primary.resolved == other.stage.primary.resolved

    # packages

    def _same(self, before: CompiledPackage, after: CompiledPackage) -> bool:
        """Tell whether a package and what its catalog adds to it are the same."""
        return (
            before.package == after.package
            and before.catalog.enabled == after.catalog.enabled
            and before.catalog.external == after.catalog.external
            and all(
                one.questions == other.questions
                for one, other in zip(before.policies, after.policies, strict=True)
            )
            and self._same_targets(before, after)
        )

    def same_but_policies(self, before: CompiledPackage, after: CompiledPackage) -> bool:
        """Tell whether a package is the same whatever its policies are."""
        one, other = before.package, after.package
        return (
            one.entries == other.entries
            and one.incompatible_groups == other.incompatible_groups
            and one.incompatible_packages == other.incompatible_packages
            and self._same_targets(before, after)
        )

    def _same_targets(self, before: CompiledPackage, after: CompiledPackage) -> bool:
        """Tell whether the resources of a package stand for what they stood for (S-14)."""
        pointed = self._pointed_elsewhere(before.catalog, after.catalog)
        return pointed.isdisjoint(entry.resource for entry in after.package.entries)

    def _pointed_elsewhere(self, before: Catalog, after: Catalog) -> frozenset[str]:
        """Give the resources of either catalog that are another thing in the other."""
        key = (id(before), id(after))  # both live as long as the snapshots do
        known = self._pointed.get(key)
        if known is None:
            old, new = (
                {one.id: (one.kind, one.target) for one in catalog.resources}
                for catalog in (before, after)
            )
            known = self._pointed[key] = frozenset(
                name for name in old.keys() | new.keys() if old.get(name) != new.get(name)
            )
        return known

    # people

    @cached_property
    def changed_people(self) -> BitMap:
        """Give those who are others than they were, or whose managers or sponsors may be."""
        old, new = ({user.id: user for user in tenant.users} for tenant in self.tenants)
        changed = [
            who
            for who in old.keys() | new.keys()
            if who not in old or who not in new or _facts(old[who]) != _facts(new[who])
        ]
        ids = frozenset(changed)
        found = [BitMap([self.people[0].numbers[who] for who in changed])]
        for side in self.people:
            found += [side.managed_by(level, ids) for level in (1, 2)]
            found.append(side.sponsored)
        return union(found)

    @cached_property
    def changed_groups(self) -> frozenset[str]:
        """Give the groups whose members are others, nesting followed."""
        old, new = ({group.id: group for group in tenant.groups} for tenant in self.tenants)
        changed = [
            name
            for name in old.keys() | new.keys()
            if _inside(old.get(name)) != _inside(new.get(name))
        ]
        return frozenset(
            above
            for name in changed
            for side in self.people
            for above in _above(side.snapshot, name)
        )

    def _moved_between(self, groups: Iterable[str]) -> BitMap:
        old, new = self.people
        changed = self.changed_groups
        return union(old.members(name) ^ new.members(name) for name in groups if name in changed)

    def _groups_of(self, package: CompiledPackage) -> Iterator[str]:
        yield from package.package.incompatible_groups
        for policy in package.policies:
            yield from policy.policy.scope.groups

    # approvers

    def _same_approvers(self, before: CompiledPackage, after: CompiledPackage) -> bool:
        pairs = zip(_lists(before.policies), _lists(after.policies), strict=True)
        return all(self._equal(one, other) for one, other in pairs)

    def _equal(self, one: ApproverList, other: ApproverList) -> bool:
        key = (id(one), id(other))  # both live as long as the snapshots do
        known = self._equal_lists.get(key)
        if known is None:
            known = self._equal_lists[key] = one.resolved == other.resolved
        return known


def same_selection(old: Selection, new: Selection) -> bool:
    """Tell whether gates 3 to 6 and 9 lead the same people to the same terms on both sides.

    Rules, settings and people must be the same; then everything after these gates is so too.
    """
    return (
        old.conclusion == new.conclusion
        and old.visible == new.visible
        and old.policy_ids == new.policy_ids
        and [row.answers for row in old.rows] == [row.answers for row in new.rows]
        # Such a refusal shows the organizations of the scope (S-113).
        and not any(row.answers[0].cause is Cause.AUTHENTICATION_MISMATCH for row in new.rows)
        and list(map(_terms, old.offered)) == list(map(_terms, new.offered))
    )


def _terms(policy: CompiledPolicy) -> tuple[object, ...]:
    return policy.policy, policy.questions


def _lists(policies: Iterable[CompiledPolicy]) -> Iterator[ApproverList]:
    for policy in policies:
        if policy.traits.approval is not None:
            for stage in policy.traits.approval.stages:
                yield from (
                    stage.primary,
                    stage.fallback,
                    stage.alternates,
                    stage.alternate_fallback,
                )


def _facts(user: User) -> tuple[object, ...]:
    """Give what a decision can see of a user."""
    return (
        user.type,
        user.state,
        user.manager,
        user.sponsors,
        user.home,
        user.mail,
        user.governed,
        user.risk,
        user.attributes,
    )


def _inside(group: Group | None) -> tuple[frozenset[str], frozenset[str]]:
    if group is None:
        return frozenset(), frozenset()
    return frozenset(group.users), frozenset(group.groups)


def _above(snapshot: Snapshot, group: str) -> tuple[str, ...]:
    directory = snapshot.directory
    if not isinstance(directory, IndexedDirectory):
        raise TypeError("only snapshots of an index can be compared")
    return directory.above(group)


# rules


def alike(old: Tables, new: Tables) -> bool:
    """Tell whether two rule packs give the same verdicts everywhere, whatever their rules are."""
    if old.digest == new.digest:
        return True
    return old.predicates == new.predicates and all(
        _same_verdicts(old.phases[phase], new.phases[phase]) for phase in Phase
    )


def _same_verdicts(old: PhaseTable, new: PhaseTable) -> bool:
    if list(old.facts.items()) != list(new.facts.items()) or old.cells > _MOST_CELLS:
        return False
    return all(_verdict(old.row(cell)) == _verdict(new.row(cell)) for cell in range(old.cells))


def _verdict(row: Row) -> tuple[object, ...]:
    return row.answers, tuple((one.kind, one.moment) for one in row.actions)
