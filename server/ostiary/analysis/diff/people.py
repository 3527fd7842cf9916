"""The people of one side as bitmaps: who has which key, attribute, manager, state (scale.md, 2).

Everything is worked out when it is first asked for, and once. Numbers are those of the roster,
which both sides share.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

import msgspec
from pyroaring import BitMap

from ostiary.analysis.diff.newcomers import Newcomer
from ostiary.decide.attributes import holds
from ostiary.decide.evaluate import subject_of
from ostiary.decide.model import Snapshot
from ostiary.decide.organizations import mail_domain
from ostiary.decide.predicates import predicate_word
from ostiary.decide.subject import Subject
from ostiary.domain.attributes import AllOf, AnyOf, AttributeRule, AttributeTest, Negation
from ostiary.domain.people import AccountState, PersonType, User
from ostiary.domain.tables import Predicate
from ostiary.domain.tenant import Tenant

Key = TypeVar("Key", bound=Hashable)

NOBODY = BitMap()


def union(bitmaps: Iterable[BitMap]) -> BitMap:
    """Give everybody of any of the bitmaps."""
    found = list(bitmaps)
    return BitMap.union(*found) if found else BitMap()


class Outsiders(msgspec.Struct, frozen=True):
    """People from outside who sign in alike: no scope tells them apart but by who they are."""

    subject: Subject  # of one of them
    people: BitMap


class Managers(msgspec.Struct, frozen=True):
    """Who has which manager, and how it stands with those."""

    reports: Mapping[str, BitMap]  # by the manager's id
    states: tuple[BitMap, ...]  # disjoint; whoever has no manager is in none of them


class People:
    """The directory of one side by numbers of the roster."""

    def __init__(
        self,
        tenant: Tenant,
        snapshot: Snapshot,
        ids: tuple[str, ...],
        numbers: Mapping[str, int],
        newcomers: Mapping[str, Newcomer],
    ) -> None:
        self.tenant = tenant
        self.newcomers = newcomers
        self.snapshot = snapshot
        self.ids = ids
        self.numbers = numbers
        self._members: dict[str, BitMap] = {}
        self._direct: dict[str, BitMap] = {}
        self._attributes: dict[str, Mapping[str, BitMap]] = {}
        self._memo: dict[Hashable, BitMap] = {}
        self._alike: dict[frozenset[Hashable], list[BitMap]] = {}

    def prepare(self) -> None:
        """Work out now what is the same for every package."""
        _ = self.everybody, self.kinds, self.outsiders, self.managers, self.own_second
        _ = self.sponsors, self._by_organization
        for group in self._groups:
            self._direct_members(group)

    # who they are

    @cached_property
    def everybody(self) -> BitMap:
        """Give everybody who is in the directory of this side."""
        numbers = self.numbers
        everybody = BitMap([numbers[user.id] for user in self.tenant.users])
        everybody.update(numbers[name] for name in self.newcomers)
        return everybody

    def requestor(self, who: str) -> str | Newcomer | None:
        """Give whom to ask for: a user, or somebody who is in no directory; None: not there."""
        newcomer = self.newcomers.get(who)
        if newcomer is not None:
            return newcomer
        return None if self.snapshot.directory.user(who) is None else who

    def subject(self, who: str) -> Subject:
        """Give somebody who is there as decisions see them."""
        return subject_of(self.snapshot, self.newcomers.get(who, who), direct=False)

    @cached_property
    def kinds(self) -> tuple[BitMap, ...]:
        """Give people by type, state, and whether they are governed guests."""
        usual = (PersonType.MEMBER, AccountState.ENABLED, False)
        found = _grouped(
            (
                (user.type, user.state, user.governed and user.type is PersonType.GUEST),
                self.numbers[user.id],
            )
            for user in self.tenant.users
        )
        outside = BitMap([self.numbers[name] for name in self.newcomers])
        return (*(people for kind, people in found.items() if kind != usual), outside)

    @cached_property
    def risks(self) -> tuple[BitMap, ...]:
        """Give people by how much at risk their account is."""
        found = _grouped((user.risk, self.numbers[user.id]) for user in self.tenant.users)
        return tuple(found.values())

    @cached_property
    def outsiders(self) -> tuple[Outsiders, ...]:
        """Give the people who are no members, those together who sign in alike."""
        pairs: list[tuple[Hashable, int]] = [
            ((user.home, mail_domain(user.home, user.mail), user.type), self.numbers[user.id])
            for user in self.tenant.users
            if user.type is not PersonType.MEMBER
        ]
        pairs += [
            ((one.home, None, one.type), self.numbers[name]) for name, one in self.newcomers.items()
        ]
        return tuple(
            Outsiders(self.subject(self.ids[people.min()]), people)
            for people in _grouped(pairs).values()
        )

    # keys of scopes

    def named(self, ids: Collection[str]) -> BitMap:
        """Give the users of these ids; an id that nobody has stands for nobody."""
        numbers = self.numbers
        try:
            found = BitMap([numbers[one] for one in ids])
        except KeyError:
            found = BitMap([numbers[one] for one in ids if one in numbers])
        return found if len(self.everybody) == len(numbers) else found & self.everybody

    def remembered(self, key: Hashable, make: Callable[[], BitMap]) -> BitMap:
        """Give what was worked out under a key, or work it out."""
        known = self._memo.get(key)
        if known is None:
            known = self._memo[key] = make()
        return known

    def members(self, group: str) -> BitMap:
        """Give the users of a group, nesting followed where the profile says so (S-34)."""
        known = self._members.get(group)
        if known is None:
            known = self._members[group] = self._find_members(group)
        return known

    def _find_members(self, group: str) -> BitMap:
        if not self.tenant.profile.group_membership_transitive:
            return self._direct_members(group)
        seen, waiting = {group}, [group]
        while waiting:
            found = self._groups.get(waiting.pop())
            new = [] if found is None else [one for one in found[1] if one not in seen]
            seen.update(new)
            waiting.extend(new)
        return union(map(self._direct_members, seen))

    def _direct_members(self, group: str) -> BitMap:
        known = self._direct.get(group)
        if known is None:
            users = self._groups[group][0] if group in self._groups else ()
            known = self._direct[group] = self.named(users)
        return known

    @cached_property
    def _groups(self) -> Mapping[str, tuple[Sequence[str], Sequence[str]]]:
        return {group.id: (group.users, group.groups) for group in self.tenant.groups}

    def of_organization(self, organization: str) -> BitMap:
        """Give the people who sign in as those of a connected organization (S-112)."""
        return self._by_organization.get(organization, NOBODY)

    @cached_property
    def _by_organization(self) -> Mapping[str, BitMap]:
        found: dict[str, BitMap] = defaultdict(BitMap)
        for one in self.outsiders:
            for organization in one.subject.organizations:
                found[organization] |= one.people
        return found

    # attributes

    def fitting(self, rule: AttributeRule) -> BitMap:
        """Give those of whom an attribute rule is true (S-39)."""
        return self.remembered(("rule", rule), lambda: self._truth(rule)[0])

    def _truth(self, rule: AttributeRule) -> tuple[BitMap, BitMap]:
        """Give those of whom a rule is true, and those of whom it is false; of others neither."""
        match rule:
            case AttributeTest():
                return self._tested(rule)
            case Negation():
                true, false = self._truth(rule.part)
                return false, true
            case AllOf() | AnyOf():
                parts = [self._truth(part) for part in rule.parts]
                if not parts:
                    return NOBODY, NOBODY
                trues, falses = [one[0] for one in parts], [one[1] for one in parts]
                if isinstance(rule, AllOf):
                    return _all_of(trues), union(falses)
                return union(trues), _all_of(falses)

    def _tested(self, test: AttributeTest) -> tuple[BitMap, BitMap]:
        true, false = BitMap(), BitMap()
        for value, people in self._values(test.attribute).items():
            held = holds(test, {test.attribute: value})
            if held is not None:
                into = true if held else false
                into |= people
        return true, false

    def saying_yes(self, predicate: Predicate) -> BitMap:
        """Give those of whom a predicate of a rule pack holds."""
        return self.remembered(("predicate", predicate), lambda: self._yes(predicate))

    def _yes(self, predicate: Predicate) -> BitMap:
        name = predicate.attribute
        values = self._values(name).items()
        held = [
            people for value, people in values if predicate_word(predicate, {name: value}) == "yes"
        ]
        return union(held)

    def _values(self, attribute: str) -> Mapping[str, BitMap]:
        known = self._attributes.get(attribute)
        if known is None:
            known = self._attributes[attribute] = _grouped(
                (user.attributes[attribute], self.numbers[user.id])
                for user in self.tenant.users
                if attribute in user.attributes
            )
        return known

    # managers and sponsors

    @cached_property
    def managers(self) -> tuple[Managers, Managers]:
        """Give the managers of level 1 and 2."""
        return self._managers(lambda user: user.manager), self._managers(self._second)

    def _second(self, user: User) -> str | None:
        first = None if user.manager is None else self.snapshot.directory.user(user.manager)
        return None if first is None else first.manager

    def _managers(self, of: Callable[[User], str | None]) -> Managers:
        numbers = self.numbers
        found: dict[str, list[int]] = defaultdict(list)
        own: list[int] = []
        for user in self.tenant.users:
            manager = of(user)
            if manager is not None:
                found[manager].append(numbers[user.id])
                if manager == user.id:
                    own.append(numbers[user.id])
        reports = {manager: BitMap(people) for manager, people in found.items()}
        by_state = _united((self._state(manager), people) for manager, people in reports.items())
        mine = BitMap(own)
        states = tuple(people - mine for people in by_state.values())
        return Managers(reports, (*states, mine))

    def _state(self, user_id: str) -> AccountState | None:
        user = self.snapshot.directory.user(user_id)
        return None if user is None else user.state

    def managed_by(self, level: int, ids: frozenset[str]) -> BitMap:
        """Give those whose manager is one of these."""
        return self.remembered(("managed", level, ids), lambda: self._managed_by(level, ids))

    def _managed_by(self, level: int, ids: frozenset[str]) -> BitMap:
        reports = self.managers[level - 1].reports
        if len(ids) > len(reports):
            found = [people for manager, people in reports.items() if manager in ids]
        else:
            found = [reports[one] for one in ids if one in reports]
        return union(found)

    @cached_property
    def own_second(self) -> BitMap:
        """Give those whose manager of level 2 is their manager of level 1 too."""
        return BitMap(
            [
                self.numbers[user.id]
                for user in self.tenant.users
                if user.manager is not None and self._second(user) == user.manager
            ]
        )

    @cached_property
    def sponsored(self) -> BitMap:
        """Give those who have sponsors of their own, or belong to an organization."""
        return union(self.sponsors)

    @cached_property
    def sponsors(self) -> tuple[BitMap, ...]:
        """Give those together whose own sponsors and first organization are the same."""
        first = {
            number: one.subject.organizations[0]
            for one in self.outsiders
            if one.subject.organizations
            for number in one.people
        }
        found: dict[int, tuple[tuple[str, ...], str | None]] = {
            number: ((), organization) for number, organization in first.items()
        }
        for user in self.tenant.users:
            if user.sponsors:
                number = self.numbers[user.id]
                found[number] = (user.sponsors, first.get(number))
        return tuple(_grouped((key, number) for number, key in found.items()).values())

    def among(self, ids: frozenset[str]) -> BitMap:
        """Give those who are one of these."""
        return self.remembered(("among", ids), lambda: self.named(ids))

    def alike(
        self, key: frozenset[Hashable], tell: Callable[[Outsiders], Hashable]
    ) -> list[BitMap]:
        """Give people from outside put together by what is told of them, remembered by a key."""
        known = self._alike.get(key)
        if known is None:
            found = _united((tell(one), one.people) for one in self.outsiders)
            known = self._alike[key] = list(found.values())
        return known

    # for reports

    def name_of(self, who: str) -> str | None:
        """Give the name of a user, or None: there is none."""
        if who in self.newcomers:
            return self.newcomers[who].label
        user = self.snapshot.directory.user(who)
        return None if user is None else user.name

    def managers_of(self, who: str) -> tuple[str | None, str | None]:
        """Give the manager and the manager's manager."""
        user = self.snapshot.directory.user(who)
        return (None, None) if user is None else (user.manager, self._second(user))


def _all_of(bitmaps: list[BitMap]) -> BitMap:
    return BitMap.intersection(*bitmaps)


def _grouped(pairs: Iterable[tuple[Key, int]]) -> dict[Key, BitMap]:
    found: dict[Key, list[int]] = defaultdict(list)
    for key, number in pairs:
        found[key].append(number)
    return {key: BitMap(numbers) for key, numbers in found.items()}


def _united(pairs: Iterable[tuple[Key, BitMap]]) -> dict[Key, BitMap]:
    found: dict[Key, list[BitMap]] = defaultdict(list)
    for key, people in pairs:
        found[key].append(people)
    return {key: union(bitmaps) for key, bitmaps in found.items()}
