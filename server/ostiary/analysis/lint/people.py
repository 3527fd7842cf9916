"""The people of a tenant as bitmaps: who is in a group, in a scope, or has an approver.

A person is a number in the order of ids. What is resolved once is kept, so that the work grows
with the tenant and not with the pairs of people and policies.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from msgspec.structs import replace
from pyroaring import BitMap

from ostiary.analysis.lint.findings import Witness
from ostiary.decide.attributes import holds
from ostiary.decide.organizations import mail_domain
from ostiary.domain.attributes import AllOf, AnyOf, AttributeRule, AttributeTest, Negation
from ostiary.domain.people import AccountState, Group, OrganizationState, PersonType, User
from ostiary.domain.policy import Approver, ApproverKind, RequestorScope, ScopeKind
from ostiary.domain.tenant import Tenant
from ostiary.index.directory import IndexedDirectory

EXTERNAL_SCOPES = frozenset(
    {
        ScopeKind.SPECIFIC_ORGANIZATIONS,
        ScopeKind.ALL_CONFIGURED_ORGANIZATIONS,
        ScopeKind.ALL_EXTERNAL,
    }
)
_NOBODY = BitMap()


class People:
    """The directory of one tenant, resolved on demand."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.users = tenant.users
        self.number = {user.id: number for number, user in enumerate(tenant.users)}
        self.groups = {group.id: group for group in tenant.groups}
        self.organizations = {one.id: one for one in tenant.organizations}
        self.work = 0
        self._members: dict[str, BitMap] = {}
        self._direct: dict[str, BitMap] = {}
        self._usable_members: dict[str, BitMap] = {}
        self._staffed: dict[tuple[Approver, ...], BitMap] = {}
        self._values: dict[str, dict[str, BitMap]] = {}  # attribute -> value -> people

    def user(self, user_id: str) -> User | None:
        """Give a user of the directory."""
        number = self.number.get(user_id)
        return None if number is None else self.users[number]

    def first(self, people: BitMap) -> Witness:
        """Give the person with the first id as a witness."""
        return Witness("person", self.users[people.min()].id)

    def named(self, ids: Iterable[str]) -> BitMap:
        """Give people by their ids."""
        return BitMap([n for n in map(self.number.get, ids) if n is not None])

    @cached_property
    def usable(self) -> BitMap:
        """Those whose account is enabled: only they can request and approve (S-35, S-72)."""
        return BitMap(
            [n for n, user in enumerate(self.users) if user.state is AccountState.ENABLED]
        )

    @cached_property
    def guests(self) -> BitMap:
        """Those who are guests of the directory."""
        return BitMap([n for n, user in enumerate(self.users) if user.type is PersonType.GUEST])

    @cached_property
    def requestors(self) -> BitMap:
        """Those who may request anything at all: usable, and not on a block-list (S-35, S-111)."""
        settings = self.tenant.settings
        if settings.allowed_domains is None and not settings.blocked_domains:
            return self.usable
        return self.usable - BitMap([n for n in self.guests if self._blocklisted(self.users[n])])

    @cached_property
    def member_requestors(self) -> BitMap:
        """Those of them who are no guests."""
        return self.requestors - self.guests

    def _blocklisted(self, user: User) -> bool:
        domain = mail_domain(user.home, user.mail)
        allowed = self.tenant.settings.allowed_domains
        blocked = domain in self.tenant.settings.blocked_domains
        return blocked or (allowed is not None and domain not in allowed)

    def members(self, group_id: str) -> BitMap:
        """Give all members of a group, as the profile counts nested groups (S-34)."""
        known = self._members.get(group_id)
        if known is None:
            known = self._members[group_id] = self._gather(group_id)
        return known

    def usable_members(self, group_id: str) -> BitMap:
        """Give the members of a group whose account is enabled; not to be changed."""
        known = self._usable_members.get(group_id)
        if known is None:
            known = self._usable_members[group_id] = self.members(group_id) & self.usable
        return known

    def _gather(self, group_id: str) -> BitMap:
        self.work += 1
        transitive = self.tenant.profile.group_membership_transitive
        seen, waiting = {group_id}, [group_id]
        found = []
        while waiting:
            name = waiting.pop()
            done = self._members.get(name)
            if done is not None:
                found.append(done)  # nothing below it can add anybody
                continue
            group = self.groups.get(name)
            if group is None:
                continue
            found.append(self._directly(group))
            if transitive:
                new = [child for child in group.groups if child not in seen]
                seen.update(new)
                waiting.extend(new)
        return BitMap.union(*found) if found else BitMap()

    def _directly(self, group: Group) -> BitMap:
        known = self._direct.get(group.id)
        if known is None:
            known = self._direct[group.id] = self.named(group.users)
        return known

    @cached_property
    def _partners(self) -> IndexedDirectory:
        """The index that tells to which organizations a person belongs (S-112), and no more."""
        return IndexedDirectory(replace(self.tenant, users=(), groups=()))

    @cached_property
    def homes(self) -> dict[int, tuple[str, ...]]:
        """The organizations of each guest who has any, by id."""
        found: dict[int, tuple[str, ...]] = {}
        for number in self.guests:
            home = self.users[number].home
            belongs = () if home is None else self._partners.organizations_of(home)
            if belongs:
                found[number] = belongs
        return found

    @cached_property
    def by_organization(self) -> dict[str, BitMap]:
        """The guests of each organization."""
        found: dict[str, BitMap] = defaultdict(BitMap)
        for number, names in self.homes.items():
            for name in names:
                found[name].add(number)
        return dict(found)

    @cached_property
    def of_configured(self) -> BitMap:
        """The guests who belong to an organization that is configured (S-30)."""
        parts = [
            self.by_organization.get(one.id, _NOBODY)
            for one in self.tenant.organizations
            if one.state is OrganizationState.CONFIGURED
        ]
        return BitMap.union(*parts) if parts else BitMap()

    def above(self, group_id: str) -> tuple[str, ...]:
        """Give a group and the groups whose members its members are (S-34)."""
        if not self.tenant.profile.group_membership_transitive:
            return (group_id,)
        seen, waiting = {group_id}, [group_id]
        while waiting:
            new = [one for one in self._parents.get(waiting.pop(), ()) if one not in seen]
            seen.update(new)
            waiting.extend(new)
        return tuple(sorted(seen))

    @cached_property
    def _parents(self) -> dict[str, list[str]]:
        parents: dict[str, list[str]] = defaultdict(list)
        for group in self.tenant.groups:
            for child in group.groups:
                parents[child].append(group.id)
        return dict(parents)

    def fitting(self, rule: AttributeRule) -> BitMap:
        """Give those who may request anything and whose attributes fit a rule (S-39)."""
        self.work += 1
        return self._held(rule)[0] & self.requestors

    def _held(self, rule: AttributeRule) -> tuple[BitMap, BitMap]:
        """Give of whom a rule is true and of whom it is false; of the others nobody knows."""
        match rule:
            case AttributeTest():
                return self._compared(rule)
            case AllOf():
                true, false = self._parts(rule.parts)
                return BitMap.intersection(*true), BitMap.union(*false)
            case AnyOf():
                true, false = self._parts(rule.parts)
                return BitMap.union(*true), BitMap.intersection(*false)
            case Negation():
                true_of, false_of = self._held(rule.part)
                return false_of, true_of

    def _parts(self, parts: tuple[AttributeRule, ...]) -> tuple[list[BitMap], list[BitMap]]:
        # A list without parts is neither true nor false of anybody.
        held = [self._held(part) for part in parts] or [(BitMap(), BitMap())]
        return [one for one, _ in held], [other for _, other in held]

    def _compared(self, test: AttributeTest) -> tuple[BitMap, BitMap]:
        """Compare each value that anybody has once, however many people have it."""
        true, false = [BitMap()], [BitMap()]
        for value, having in self._having_value(test.attribute).items():
            held = holds(test, {test.attribute: value})
            if held is not None:
                (true if held else false).append(having)
        return BitMap.union(*true), BitMap.union(*false)

    def _having_value(self, attribute: str) -> dict[str, BitMap]:
        known = self._values.get(attribute)
        if known is None:
            gathered: dict[str, list[int]] = defaultdict(list)
            for number, user in enumerate(self.users):
                value = user.attributes.get(attribute)
                if value is not None:
                    gathered[value].append(number)
            known = {value: BitMap(numbers) for value, numbers in gathered.items()}
            self._values[attribute] = known
        return known

    def in_scope(self, scope: RequestorScope, *, external: bool) -> BitMap:
        """Give the people of the directory who may request under a scope (section 5).

        `external` says whether the catalog is open to people from outside (S-43).
        """
        self.work += 1
        if scope.kind in EXTERNAL_SCOPES and not external:
            return BitMap()
        return self._scoped(scope) & self.requestors

    def _scoped(self, scope: RequestorScope) -> BitMap:
        match scope.kind:
            case ScopeKind.SPECIFIC_SUBJECTS:
                return BitMap.union(self.named(scope.users), *map(self.members, scope.groups))
            case ScopeKind.ALL_MEMBERS:
                return self.member_requestors
            case ScopeKind.ALL_DIRECTORY_USERS:
                return self.requestors
            case ScopeKind.SPECIFIC_ORGANIZATIONS:
                by = self.by_organization
                return BitMap.union(
                    BitMap(), *(by.get(name, _NOBODY) for name in scope.organizations)
                )
            case ScopeKind.ALL_CONFIGURED_ORGANIZATIONS:
                return self.of_configured
            case ScopeKind.ALL_EXTERNAL:
                return self.guests
            case ScopeKind.NONE | ScopeKind.AUTOMATIC | ScopeKind.UNREADABLE:
                return BitMap()

    # who has an approver

    def named_approvers(self, approvers: Iterable[Approver]) -> BitMap:
        """Give the usable people whom a list names, by themselves or by their group."""
        parts = []
        for one in approvers:
            if one.kind is ApproverKind.USER and one.id is not None:
                parts.append(self.named((one.id,)) & self.usable)
            elif one.kind is ApproverKind.GROUP and one.id is not None:
                parts.append(self.usable_members(one.id))
        if len(parts) == 1:
            return parts[0]
        return BitMap.union(*parts) if parts else BitMap()

    def staffed(self, approvers: tuple[Approver, ...]) -> BitMap:
        """Give the people for whom a list finds somebody other than themselves (S-71, S-72)."""
        known = self._staffed.get(approvers)
        if known is None:
            known = self._staffed[approvers] = self._staff(approvers)
        return known

    def _staff(self, approvers: tuple[Approver, ...]) -> BitMap:
        self.work += 1
        named = self.named_approvers(approvers)
        if len(named) > 1:
            return self.everybody
        parts = [self.related(one) for one in approvers]
        if named:
            parts.append(self.everybody - named)
        return BitMap.union(BitMap(), *parts)

    @cached_property
    def everybody(self) -> BitMap:
        """All users of the directory, whatever their state."""
        found = BitMap(range(len(self.users)))
        found.run_optimize()
        return found

    def related(self, approver: Approver) -> BitMap:
        """Give the people for whom a relation leads to a usable person other than themselves."""
        match approver.kind:
            case ApproverKind.MANAGER:
                return self.managed if approver.level == 1 else self.managed_twice
            case ApproverKind.OWN_SPONSORS:
                return self.sponsored
            case ApproverKind.INTERNAL_SPONSORS:
                return self.sponsored_inside
            case ApproverKind.EXTERNAL_SPONSORS:
                return self.sponsored_outside
            case _:
                return _NOBODY

    @cached_property
    def managed(self) -> BitMap:
        """Those whose manager can approve for them."""
        return self._having(lambda user: (user.manager,))

    @cached_property
    def managed_twice(self) -> BitMap:
        """Those whose manager's manager can approve for them."""
        return self._having(lambda user: (self._above(user.manager),))

    def _above(self, user_id: str | None) -> str | None:
        user = None if user_id is None else self.user(user_id)
        return None if user is None else user.manager

    @cached_property
    def sponsored(self) -> BitMap:
        """Those of whose own sponsors one can approve for them."""
        return self._having(lambda user: user.sponsors)

    def _having(self, named: Callable[[User], Iterable[str | None]]) -> BitMap:
        usable, number = self.usable, self.number
        return BitMap(
            [
                n
                for n, user in enumerate(self.users)
                if any(
                    one is not None
                    and (at := number.get(one)) is not None
                    and at != n
                    and at in usable
                    for one in named(user)
                )
            ]
        )

    @cached_property
    def sponsored_inside(self) -> BitMap:
        """The guests of whose organization an internal sponsor can approve for them."""
        return self._sponsored_by(ApproverKind.INTERNAL_SPONSORS)

    @cached_property
    def sponsored_outside(self) -> BitMap:
        """The guests of whose organization an external sponsor can approve for them."""
        return self._sponsored_by(ApproverKind.EXTERNAL_SPONSORS)

    def _sponsored_by(self, kind: ApproverKind) -> BitMap:
        sponsors = {name: self.sponsors(name, kind) for name in self.organizations}
        # the sponsors of the first organization count, as in a decision
        return BitMap(
            [n for n, names in self.homes.items() if len(sponsors[names[0]] - BitMap([n]))]
        )

    def sponsors(self, organization_id: str, kind: ApproverKind) -> BitMap:
        """Give the usable sponsors of one side of an organization (S-30)."""
        one = self.organizations[organization_id]
        internal = kind is ApproverKind.INTERNAL_SPONSORS
        users = one.internal_sponsor_users if internal else one.external_sponsor_users
        groups = one.internal_sponsor_groups if internal else one.external_sponsor_groups
        parts = (self.named(users) & self.usable, *map(self.usable_members, groups))
        return BitMap.union(*parts)

    def gone(self, ids: Iterable[str]) -> Iterator[User]:
        """Give those of the named users who are blocked or deleted."""
        for name in ids:
            user = self.user(name)
            if user is not None and user.state is not AccountState.ENABLED:
                yield user
