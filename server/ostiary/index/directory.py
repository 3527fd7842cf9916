"""The directory in memory: people, nested groups and organizations by subject key (S-34)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from functools import lru_cache
from typing import TypeVar

from ostiary.decide.organizations import belongs, mail_domain, resembles
from ostiary.domain.people import AccountState, ConnectedOrganization, Group, HomeIdentity, User
from ostiary.domain.tenant import Tenant

_REMEMBERED = 65_536


class IndexedDirectory:
    """Answers what the decision core asks about people; immutable once built."""

    def __init__(self, tenant: Tenant) -> None:
        """Index the directory of one tenant."""
        self._transitive = tenant.profile.group_membership_transitive
        self._users = {user.id: user for user in tenant.users}
        self._groups = {group.id: group for group in tenant.groups}
        self._organizations = {one.id: one for one in tenant.organizations}
        self._keys = _number(self._users, self._groups, self._organizations)
        self._parents = _parents(tenant.groups)
        self._direct = _direct_groups(tenant.groups)
        self._by_domain, self._by_tenant, self._by_other = _sources(tenant.organizations)
        self._remember()

    def _remember(self) -> None:
        self.closure = lru_cache(maxsize=_REMEMBERED)(self._closure)
        self.path = lru_cache(maxsize=_REMEMBERED)(self._path)
        self.members = lru_cache(maxsize=None)(self._members)
        self._ancestors = lru_cache(maxsize=None)(self._find_ancestors)

    def renewed(
        self, users: Mapping[str, User | None], groups: Mapping[str, Group | None]
    ) -> IndexedDirectory:
        """Give the directory with these people and groups as they are now; None: they are gone.

        What is there already keeps its subject key.
        """
        made = copy(self)
        made.replace(users, groups)
        return made

    def replace(self, users: Mapping[str, User | None], groups: Mapping[str, Group | None]) -> None:
        """Put people and groups in the place of others, in a copy that nobody reads yet."""
        new = [("user", name) for name in users if ("user", name) not in self._keys]
        new += [("group", name) for name in groups if ("group", name) not in self._keys]
        if new:
            after = max(self._keys.values(), default=-1) + 1
            self._keys = dict(self._keys)
            self._keys.update({name: key for key, name in enumerate(new, start=after)})
        if users:
            self._users = _replaced(self._users, users)
        if groups:
            before, self._groups = self._groups, _replaced(self._groups, groups)
            self._direct = _relinked(self._direct, before, self._groups, groups, "users")
            self._parents = _relinked(self._parents, before, self._groups, groups, "groups")
        self._remember()

    def with_organization(self, organization: ConnectedOrganization) -> IndexedDirectory:
        """Give the directory with one organization as it would be; its sources stay as they are."""
        made = copy(self)
        made.put(organization)
        return made

    def put(self, organization: ConnectedOrganization) -> None:
        """Put an organization in the place of what it was, in a copy that nobody reads yet."""
        self._organizations = {**self._organizations, organization.id: organization}
        self._remember()

    @property
    def organizations(self) -> tuple[ConnectedOrganization, ...]:
        """Give the connected organizations by id."""
        return tuple(one for _, one in sorted(self._organizations.items()))

    @property
    def enabled(self) -> Iterator[str]:
        """Give the users who can act."""
        states = ((name, user.state) for name, user in self._users.items())
        return (name for name, state in states if state is AccountState.ENABLED)

    def above(self, group_id: str) -> tuple[str, ...]:
        """Give a group and the groups whose members its members are."""
        if not self._transitive:
            return (group_id,)
        seen, waiting = {group_id}, [group_id]
        while waiting:
            new = set(self._parents.get(waiting.pop(), ())) - seen
            seen |= new
            waiting.extend(new)
        return tuple(sorted(seen))

    def user(self, user_id: str) -> User | None:
        """Give the user object, deleted ones included, or None."""
        return self._users.get(user_id)

    def user_key(self, user_id: str) -> int | None:
        """Give the subject key of a user of the directory."""
        return self._keys.get(("user", user_id))

    def group_key(self, group_id: str) -> int | None:
        """Give the subject key of a group."""
        return self._keys.get(("group", group_id))

    def organization_key(self, organization_id: str) -> int:
        """Give the subject key of a connected organization."""
        return self._keys["organization", organization_id]

    def groups_of(self, user_id: str) -> tuple[str, ...]:
        """Give the groups that hold the user directly, sorted by id."""
        return self._direct.get(user_id, ())

    def organization(self, organization_id: str) -> ConnectedOrganization:
        """Give a connected organization."""
        return self._organizations[organization_id]

    def organizations_of(self, home: HomeIdentity) -> tuple[str, ...]:
        """Give the organizations whose people sign in like this, by id (S-112)."""
        near = self._near(home.domain, home.tenant_id)
        near |= self._by_other.get((home.identifier or "").lower(), frozenset())
        return tuple(sorted(name for name in near if belongs(self._organizations[name], home)))

    def lookalikes_of(self, home: HomeIdentity | None, mail: str | None) -> tuple[str, ...]:
        """Give the organizations that this person resembles but does not belong to (S-113)."""
        near = self._near(mail_domain(home, mail), home.tenant_id if home is not None else None)
        return tuple(
            sorted(
                name
                for name in near
                if resembles(self._organizations[name], home, mail)
                and (home is None or not belongs(self._organizations[name], home))
            )
        )

    def _near(self, domain: str | None, tenant_id: str | None) -> frozenset[str]:
        by_domain = self._by_domain.get((domain or "").lower(), frozenset())
        return by_domain | self._by_tenant.get((tenant_id or "").lower(), frozenset())

    def _closure(self, group_ids: tuple[str, ...]) -> frozenset[int]:
        if not self._transitive:
            keys = (self.group_key(name) for name in group_ids)
            return frozenset(key for key in keys if key is not None)
        return frozenset().union(
            *(self._ancestors(name) for name in group_ids if name in self._groups)
        )

    def _find_ancestors(self, group_id: str) -> frozenset[int]:
        # Every group is entered once, so that a cycle of groups ends (S-34).
        seen, waiting = {group_id}, [group_id]
        while waiting:
            for parent in self._parents.get(waiting.pop(), ()):
                if parent not in seen:
                    seen.add(parent)
                    waiting.append(parent)
        return frozenset(self._keys["group", name] for name in seen)

    def _path(self, start: tuple[str, ...], goals: frozenset[str]) -> tuple[str, ...]:
        level: list[tuple[str, ...]] = sorted(
            (name,) for name in set(start) if name in self._groups
        )
        seen = {path[-1] for path in level}
        while level:
            arrived = [path for path in level if path[-1] in goals]
            if arrived:
                return arrived[0]
            if not self._transitive:
                return ()
            reached: dict[str, tuple[str, ...]] = {}
            for path in level:
                for parent in self._parents.get(path[-1], ()):
                    if parent not in seen:
                        reached.setdefault(parent, (*path, parent))
            seen.update(reached)
            level = sorted(reached.values())
        return ()

    def _members(self, group_id: str) -> tuple[User, ...]:
        seen, waiting = {group_id}, [group_id]
        found: set[str] = set()
        while waiting:
            group = self._groups.get(waiting.pop())
            if group is None:
                continue
            found.update(group.users)
            if self._transitive:
                new = [name for name in group.groups if name not in seen]
                seen.update(new)
                waiting.extend(new)
        return tuple(self._users[name] for name in sorted(found) if name in self._users)


def _number(
    users: dict[str, User],
    groups: dict[str, Group],
    organizations: dict[str, ConnectedOrganization],
) -> dict[tuple[str, str], int]:
    names = [("group", name) for name in groups]
    names += [("organization", name) for name in organizations]
    names += [("user", name) for name in users]
    return {name: key for key, name in enumerate(names)}


def _parents(groups: tuple[Group, ...]) -> dict[str, tuple[str, ...]]:
    parents: dict[str, set[str]] = defaultdict(set)
    for group in groups:
        for child in group.groups:
            parents[child].add(group.id)
    return {child: tuple(sorted(found)) for child, found in parents.items()}


def _direct_groups(groups: tuple[Group, ...]) -> dict[str, tuple[str, ...]]:
    direct: dict[str, set[str]] = defaultdict(set)
    for group in groups:
        for user in group.users:
            direct[user].add(group.id)
    return {user: tuple(sorted(found)) for user, found in direct.items()}


T = TypeVar("T")


def _replaced(known: dict[str, T], changed: Mapping[str, T | None]) -> dict[str, T]:
    gone = {name for name, now in changed.items() if now is None}
    made = {**known, **{name: now for name, now in changed.items() if now is not None}}
    for name in gone:
        made.pop(name, None)
    return made


def _relinked(
    links: dict[str, tuple[str, ...]],
    before: Mapping[str, Group],
    after: Mapping[str, Group],
    changed: Iterable[str],
    field: str,
) -> dict[str, tuple[str, ...]]:
    """Give which groups hold a member directly, after some groups have changed."""
    made = links
    for name in changed:
        was = frozenset(getattr(before.get(name), field, ()))
        now = frozenset(getattr(after.get(name), field, ()))
        if was != now and made is links:
            made = dict(links)
        for member in was - now:
            made[member] = tuple(one for one in made[member] if one != name)
        for member in now - was:
            made[member] = tuple(sorted({*made.get(member, ()), name}))
    return made


_Names = dict[str, frozenset[str]]


def _sources(organizations: tuple[ConnectedOrganization, ...]) -> tuple[_Names, _Names, _Names]:
    by_domain: dict[str, set[str]] = defaultdict(set)
    by_tenant: dict[str, set[str]] = defaultdict(set)
    by_other: dict[str, set[str]] = defaultdict(set)
    for organization in organizations:
        for source in organization.sources:
            for name, found in (
                (source.domain, by_domain),
                (source.tenant_id, by_tenant),
                (source.identifier, by_other),
            ):
                if name:
                    found[name.lower()].add(organization.id)
    return _frozen(by_domain), _frozen(by_tenant), _frozen(by_other)


def _frozen(found: dict[str, set[str]]) -> _Names:
    return {name: frozenset(names) for name, names in found.items()}
