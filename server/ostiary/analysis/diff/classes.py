"""People put together whom one package cannot tell apart, on neither side (scale.md, 3).

INVARIANT: whatever `evaluate()` looks at for one package and a request for oneself splits here.
People of one class then get equal answers up to who they and their managers are, and their two
answers differ in the same respects: a list of approvers is the same for all of them but for the
person and the managers, whose place in every list of either side is a split of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import datetime

from pyroaring import BitMap

from ostiary.analysis.diff.people import NOBODY, People, union
from ostiary.decide.approvers import related_ids
from ostiary.decide.evaluate import Selection, ask, select
from ostiary.decide.lookup import PhaseLookup
from ostiary.decide.model import (
    ApproverList,
    CompiledPackage,
    CompiledPolicy,
    CompiledStage,
    Snapshot,
)
from ostiary.decide.scope import organization_word
from ostiary.decide.subject import Subject
from ostiary.domain.policy import Approver, ApproverKind, ScopeKind
from ostiary.domain.request import EvaluationRequest

Splits = list[BitMap]
_BY_ORGANIZATION = frozenset(
    {ScopeKind.SPECIFIC_ORGANIZATIONS, ScopeKind.ALL_CONFIGURED_ORGANIZATIONS}
)


def _belonging(subject: Subject, policies: tuple[CompiledPolicy, ...]) -> Hashable:
    """Give what these policies can tell about somebody from outside."""
    words = tuple(organization_word(policy, subject) for policy in policies)
    key = (words, subject.belonging, subject.listed)
    if "mismatch" in words:  # the refusal shows what was presented (S-113)
        return (key, subject.home, subject.presented_domain, subject.lookalikes)
    return key


class Half:
    """One side's share of a package: what its rules and definitions look at."""

    def __init__(
        self, people: People, snapshot: Snapshot, package: CompiledPackage | None, at: datetime
    ) -> None:
        self.people = people
        self.snapshot = snapshot
        self.package = package
        self.at = at

    def first_splits(self) -> Splits:
        """Give what gates 3 to 6 and 9 look at."""
        if self.package is None:
            return []
        people, rules = self.people, self.snapshot.rules
        found = [*people.kinds, *map(self.targeted, self.package.policies)]
        found += self._organizations(self.package.policies)
        return found + self._predicates(rules.scope, rules.selection)

    def targeted(self, policy: CompiledPolicy) -> BitMap:
        """Give those whom the scope of a policy names, by whatever key, or whose attributes fit."""
        people, scope = self.people, policy.policy.scope
        if scope.kind is ScopeKind.SPECIFIC_SUBJECTS:
            key = (scope.users, scope.groups)
            return people.remembered(
                ("subjects", key),
                lambda: union([people.named(scope.users), *map(people.members, scope.groups)]),
            )
        if scope.kind is ScopeKind.SPECIFIC_ORGANIZATIONS:
            return union(map(people.of_organization, scope.organizations))
        if scope.kind is ScopeKind.AUTOMATIC and scope.rule is not None:
            return people.fitting(scope.rule)
        return NOBODY

    def _organizations(self, policies: tuple[CompiledPolicy, ...]) -> Splits:
        """Give people from outside by how their organization stands to each policy (S-112)."""
        telling = {
            (policy.scope_kind, policy.policy.scope.organizations): policy
            for policy in policies
            if policy.scope_kind in _BY_ORGANIZATION
        }
        return self.people.alike(
            frozenset(telling), lambda one: _belonging(one.subject, tuple(telling.values()))
        )

    def _predicates(self, *phases: PhaseLookup) -> Splits:
        wanted = {predicate for phase in phases for predicate, _ in phase.predicates}
        ordered = sorted(wanted, key=lambda one: one.name)
        return [self.people.saying_yes(predicate) for predicate in ordered]

    def selection(self, user_id: str) -> Selection | None:
        """Give what gates 3 to 6 and 9 say of one person; None: they or the package are absent."""
        requestor = self.people.requestor(user_id)
        if self.package is None or requestor is None:
            return None
        request = EvaluationRequest(package=self.package.id, requestor=requestor, at=self.at)
        return select(self.snapshot, ask(self.snapshot, request))

    def later_splits(self) -> Splits:
        """Give what gates 7 to 12 and the plan look at besides approvers."""
        if self.package is None:
            return []
        people, rules = self.people, self.snapshot.rules
        groups = self.package.package.incompatible_groups
        found = [people.members(group) for group in sorted(groups)]
        if self.snapshot.risk is not None:
            found += people.risks
        return found + self._predicates(rules.approvers, rules.limits, rules.lifecycle)

    def stages(self, policies: Iterable[CompiledPolicy]) -> Iterator[CompiledStage]:
        """Give every approval stage that a request under one of these policies may go through."""
        for policy in policies:
            if policy.traits.approval is not None:
                yield from policy.traits.approval.stages
        if self.snapshot.risk is not None:
            yield self.snapshot.risk.stage


class Approving:
    """Who stands in the approver lists of both sides, and which relations lead to others."""

    def __init__(self, halves: tuple[Half, Half], moved: Callable[[], BitMap]) -> None:
        self.halves = halves
        self.moved = moved  # people whose managers are others on the other side
        self.named: dict[frozenset[str], None] = {}
        self.relations: dict[Approver, None] = {}

    def add(self, half: Half, policies: Iterable[CompiledPolicy]) -> None:
        """Take the stages of policies that a class may use on one side."""
        for stage in half.stages(policies):
            for listed in _lists(stage):
                if listed.usable_set:
                    self.named[listed.usable_set] = None
                for relation in listed.relations:
                    self.relations[relation] = None

    def split(self, people: BitMap) -> Iterator[BitMap]:
        """Give the classes of people whose approvers differ in nothing but themselves."""
        levels = {one.level for one in self.relations if one.kind is ApproverKind.MANAGER}
        sponsors = [one for one in self.relations if one.kind is not ApproverKind.MANAGER]
        alone = NOBODY
        if levels and self.moved().intersect(people):
            alone = people & self.moved()
            yield from (BitMap([number]) for number in alone)
        special = NOBODY
        if sponsors:
            special = (people - alone) & self._sponsored()
            for alike in self._by_sponsors(special):
                named = {**self.named, **self._named_sponsors(alike, sponsors)}
                yield from refined([alike], self._splits(levels, named))
        yield from refined([people - alone - special], self._splits(levels, self.named))

    def _sponsored(self) -> BitMap:
        return union(side.sponsored for side in _distinct(self.halves))

    def _splits(self, levels: set[int], named: Iterable[frozenset[str]]) -> Iterator[BitMap]:
        for side in _distinct(self.halves):
            yield from map(side.among, named)
            for level in sorted(levels):
                yield from side.managers[level - 1].states
                for names in named:
                    yield side.managed_by(level, names)
            if 2 in levels:
                yield side.own_second

    def _by_sponsors(self, people: BitMap) -> list[BitMap]:
        """Put those together who have the same sponsors, of their own and their organization's."""
        parts = [people]
        for side in _distinct(self.halves):
            alike = [(part & group) for part in parts for group in side.sponsors]
            rest = [part - side.sponsored for part in parts]
            parts = [part for part in (*alike, *rest) if part]
        return parts

    def _named_sponsors(
        self, people: BitMap, sponsors: list[Approver]
    ) -> dict[frozenset[str], None]:
        named: dict[frozenset[str], None] = {}
        for half in self.halves:
            who = half.people.ids[people.min()]
            if half.people.requestor(who) is not None:
                subject = half.people.subject(who)
                for one in sponsors:
                    named[frozenset(related_ids(one, subject, half.snapshot.directory))] = None
        return named


def _distinct(halves: tuple[Half, Half]) -> tuple[People, ...]:
    one, other = halves
    return (one.people,) if one.people is other.people else (one.people, other.people)


def _lists(stage: CompiledStage) -> tuple[ApproverList, ...]:
    if stage.stage.escalate_after is None:
        return (stage.primary, stage.fallback)
    return (stage.primary, stage.fallback, stage.alternates, stage.alternate_fallback)


def refined(parts: list[BitMap], splits: Iterable[BitMap]) -> list[BitMap]:
    """Give the parts split by every bitmap; none is empty."""
    parts = [part for part in parts if part]
    for split in splits:
        if not split:
            continue
        found: list[BitMap] = []
        for part in parts:
            inside = part & split
            if not inside or len(inside) == len(part):
                found.append(part)
            else:
                found += (inside, part - inside)
        parts = found
    return parts
