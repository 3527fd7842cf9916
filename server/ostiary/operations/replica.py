"""A copy of the store's tenant in memory that follows the store's revisions."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import msgspec

from ostiary.domain.caller import Role
from ostiary.domain.catalog import Catalog
from ostiary.domain.people import Group, User
from ostiary.domain.tenant import Tenant
from ostiary.lifecycle.ports import MEMBER, Definition, DefinitionKind, Touched, Transaction
from ostiary.operations.documents import Key, TenantDocument, decode, with_members, with_policies
from ostiary.rulebook.tenant_digest import digest_of, part, spelled

MOST_TOUCHED = 1000  # beyond it everything is read anew

_DIRECTORY = frozenset({DefinitionKind.USER, DefinitionKind.GROUP})


class DirectoryChange(msgspec.Struct, frozen=True):
    """What changed if only people and memberships did; None stands for who is gone."""

    users: dict[str, User | None]
    groups: dict[str, Group | None]


class Replica:
    """The tenant of one revision, object by object; not shared between threads."""

    def __init__(self, tx: Transaction) -> None:
        """Read everything."""
        self.revision = tx.revision()
        self.nouns: dict[DefinitionKind, dict[tuple[str, str], Any]] = defaultdict(dict)
        for row in tx.definitions():
            self.nouns[row.kind][row.within, row.id] = decode(row)
        groups = with_members(self.nouns[DefinitionKind.GROUP].values(), tx.memberships())
        self.nouns[DefinitionKind.GROUP] = {("", group.id): group for group in groups}
        self.owners = _owners(tx)
        self.tenant = self._tenant()
        self.total = 0 if self.tenant is None else int(self.tenant.digest, 16)

    def follow(self, tx: Transaction) -> DirectoryChange | None:
        """Come to the revision that a transaction sees.

        Gives what changed if that is people and memberships alone, else None; `tenant` is then new.
        """
        touched = tx.touched_since(self.revision, most=MOST_TOUCHED)
        if touched is None or self.tenant is None:
            self.__init__(tx)  # type: ignore[misc]  # everything anew
            return None
        self.revision = tx.revision()
        if all(one.kind in _DIRECTORY for one in touched):
            return self._directory(tx, touched)
        for one in touched:
            if one.member:
                self._membership(tx, one)
            else:
                self._definition(tx, Key(one.kind, one.within, one.id))
        if any(one.kind is DefinitionKind.CATALOG for one in touched):
            self.owners = _owners(tx)
        self.tenant = self._tenant()
        self.total = 0 if self.tenant is None else int(self.tenant.digest, 16)
        return None

    def _directory(self, tx: Transaction, touched: Iterable[Touched]) -> DirectoryChange:
        before: dict[Key, Any] = {}
        for one in touched:
            key = Key(one.kind, one.within, one.id)
            before.setdefault(key, self.nouns[one.kind].get((one.within, one.id)))
            if one.member:
                self._membership(tx, one)
            else:
                self._definition(tx, key)
        change = DirectoryChange({}, {})
        for key, was in before.items():
            now = self.nouns[key.kind].get((key.within, key.id))
            self.total += _part(key.kind, now) - _part(key.kind, was)
            into: dict[str, Any] = (
                change.users if key.kind is DefinitionKind.USER else change.groups
            )
            if now != was:
                into[key.id] = now
        return change

    @property
    def digest(self) -> str:
        """Give the digest of the tenant as it is now."""
        return spelled(self.total)

    def current_tenant(self) -> Tenant | None:
        """Give the whole tenant, put together anew if only people changed since the last time."""
        if self.tenant is not None and self.tenant.digest != self.digest:
            self.tenant = msgspec.structs.replace(
                self.tenant,
                users=_in_order(self.nouns[DefinitionKind.USER]),
                groups=_in_order(self.nouns[DefinitionKind.GROUP]),
                digest=self.digest,
            )
        return self.tenant

    def _definition(self, tx: Transaction, key: Key) -> None:
        row = tx.definition(*key)
        nouns = self.nouns[key.kind]
        if row is None:
            nouns.pop((key.within, key.id), None)
        elif key.kind is DefinitionKind.GROUP:
            nouns[key.within, key.id] = self._group(tx, row)
        else:
            nouns[key.within, key.id] = decode(row)

    def _group(self, tx: Transaction, row: Definition) -> Group:
        (group,) = with_members([decode(row)], tx.memberships(row.id))
        return group

    def _membership(self, tx: Transaction, one: Touched) -> None:
        group: Group | None = self.nouns[one.kind].get((one.within, one.id))
        if group is None:
            return  # its definition is touched too, and reads all members
        there = {
            found.nested
            for found in tx.memberships(member=one.member)
            if found.group == one.id and found.role == MEMBER
        }
        self.nouns[one.kind][one.within, one.id] = msgspec.structs.replace(
            group,
            users=_with(group.users, one.member, there=False in there),
            groups=_with(group.groups, one.member, there=True in there),
        )

    def _tenant(self) -> Tenant | None:
        own: TenantDocument | None = next(iter(self.nouns[DefinitionKind.TENANT].values()), None)
        if own is None:
            return None
        tenant = Tenant(
            id=own.id,
            name=own.name,
            profile=own.profile,
            settings=own.settings,
            users=_in_order(self.nouns[DefinitionKind.USER]),
            groups=_in_order(self.nouns[DefinitionKind.GROUP]),
            organizations=_in_order(self.nouns[DefinitionKind.ORGANIZATION]),
            catalogs=self._catalogs(),
        )
        return msgspec.structs.replace(tenant, digest=digest_of(tenant))

    def _catalogs(self) -> tuple[Catalog, ...]:
        resources = _by_holder(self.nouns[DefinitionKind.RESOURCE])
        extensions = _by_holder(self.nouns[DefinitionKind.EXTENSION])
        policies = _by_holder(self.nouns[DefinitionKind.POLICY])
        packages = _by_holder(self.nouns[DefinitionKind.PACKAGE])
        return tuple(
            msgspec.structs.replace(
                catalog,
                owners=self.owners.get(catalog.id, ()),
                resources=tuple(resources.get(catalog.id, ())),
                extensions=tuple(extensions.get(catalog.id, ())),
                packages=tuple(
                    with_policies(package, policies.get(package.id, ()))
                    for package in packages.get(catalog.id, ())
                ),
            )
            for catalog in _in_order(self.nouns[DefinitionKind.CATALOG])
        )


def _owners(tx: Transaction) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for role in tx.role_assignments():
        if role.role is Role.CATALOG_OWNER:
            found[role.catalog].append(role.holder)
    return {catalog: tuple(sorted(holders)) for catalog, holders in found.items()}


def _in_order(nouns: dict[tuple[str, str], Any]) -> tuple[Any, ...]:
    return tuple(nouns[key] for key in sorted(nouns))


def _by_holder(nouns: dict[tuple[str, str], Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for key in sorted(nouns):
        found[key[0]].append(nouns[key])
    return found


def _part(kind: DefinitionKind, noun: Any) -> int:
    return 0 if noun is None else part((kind.value, noun))


def _with(names: tuple[str, ...], name: str, *, there: bool) -> tuple[str, ...]:
    """Give sorted names with or without one of them."""
    at = bisect_left(names, name)
    found = at < len(names) and names[at] == name
    if found == there:
        return names
    return (*names[:at], name, *names[at:]) if there else (*names[:at], *names[at + 1 :])
