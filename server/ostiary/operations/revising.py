"""One new revision of the tenant while it is written: each change with its event (S-134)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from ostiary.domain.audit import AuditEvent, Change, named
from ostiary.domain.caller import RoleAssignment
from ostiary.domain.enumeration import Enumeration
from ostiary.lifecycle.ports import (
    MEMBER,
    Definition,
    DefinitionKind,
    Membership,
    Transaction,
)
from ostiary.operations.consequences import change_entries
from ostiary.operations.documents import TENANT_ID, Key, tenant_document


class Action(Enumeration):
    """What is done to an object."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class ObjectChange(msgspec.Struct, frozen=True):
    """One definition that was created, changed or deleted."""

    action: Action
    key: Key
    name: str  # for people
    resource_name: str
    fields: tuple[Change, ...] = ()


class MemberChange(msgspec.Struct, frozen=True):
    """A member or owner who was added to a group or removed from it."""

    added: bool
    membership: Membership


class RoleChange(msgspec.Struct, frozen=True):
    """A role of section 16 that was given or taken."""

    added: bool
    assignment: RoleAssignment


class Changes(msgspec.Struct, frozen=True):
    """What a write comes to; `revision` is the tenant's after it."""

    revision: int = 0
    objects: tuple[ObjectChange, ...] = ()
    members: tuple[MemberChange, ...] = ()
    roles: tuple[RoleChange, ...] = ()
    kept: tuple[str, ...] = ()  # names of what differs from the folder and was left as it is
    warnings: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        """Tell whether there is nothing to change."""
        return not (self.objects or self.members or self.roles)


_NAMES: Mapping[DefinitionKind, Mapping[Action, str]] = {
    **{
        kind: {action: f"{action.value.capitalize()} {words}" for action in Action}
        for kind, words in (
            (DefinitionKind.USER, "user"),
            (DefinitionKind.GROUP, "group"),
            (DefinitionKind.ORGANIZATION, "connected organization"),
            (DefinitionKind.CATALOG, "catalog"),
            (DefinitionKind.EXTENSION, "custom extension"),
            (DefinitionKind.PACKAGE, "access package"),
            (DefinitionKind.POLICY, "assignment policy"),
        )
    },
    DefinitionKind.RESOURCE: {
        Action.CREATE: "Create resource request",
        Action.UPDATE: "Update catalog resource",
        Action.DELETE: "Create resource remove request",
    },
    DefinitionKind.TENANT: dict.fromkeys(Action, "Update tenant setting"),
}
_COLLECTIONS: Mapping[DefinitionKind, str] = {
    DefinitionKind.USER: "users",
    DefinitionKind.GROUP: "groups",
    DefinitionKind.ORGANIZATION: "connectedOrganizations",
    DefinitionKind.CATALOG: "catalogs",
    DefinitionKind.RESOURCE: "resources",
    DefinitionKind.EXTENSION: "customExtensions",
    DefinitionKind.PACKAGE: "accessPackages",
    DefinitionKind.POLICY: "assignmentPolicies",
}

# Lists of which section 17 has events of their own for each entry: the words of the two events.
_LISTS: Mapping[tuple[DefinitionKind, str], tuple[str, str]] = {
    (DefinitionKind.PACKAGE, "incompatible_packages"): (
        "Create incompatible access package",
        "Delete incompatible access package",
    ),
    (DefinitionKind.PACKAGE, "incompatible_groups"): (
        "Create incompatible group",
        "Delete incompatible group",
    ),
    **{
        (DefinitionKind.ORGANIZATION, f"{side}_sponsor_{kind}s"): (
            f"Assign {kind} as {side} sponsor",
            f"Remove {kind} as {side} sponsor",
        )
        for side in ("internal", "external")
        for kind in ("user", "group")
    },
}


def resource_name(tenant: str, key: Key, catalog: str = "") -> str:
    """Give the resource name of a definition; a policy's needs the catalog of its package."""
    root = f"tenants/{tenant}"
    if key.kind is DefinitionKind.TENANT:
        return root
    own = f"{_COLLECTIONS[key.kind]}/{key.id}"
    if key.kind is DefinitionKind.POLICY:
        return f"{root}/catalogs/{catalog}/accessPackages/{key.within}/{own}"
    return f"{root}/catalogs/{key.within}/{own}" if key.within else f"{root}/{own}"


class Revising:
    """Writes one revision; nothing begins before the first change, so no change makes none."""

    def __init__(self, transaction: Transaction, *, actor: str, now: datetime) -> None:
        """Take the transaction, whose case `tenant` is locked."""
        self.transaction = transaction
        self.actor = actor
        self.now = now
        self.objects: list[ObjectChange] = []
        self.members: list[MemberChange] = []
        self.roles: list[RoleChange] = []
        self.catalog_of: dict[str, str] = {}  # package -> catalog, for names
        self._revision = 0
        self._tenant = ""

    @property
    def revision(self) -> int:
        """Give the number of the revision that is written; begins it."""
        if not self._revision:
            self._revision = self.transaction.next_revision(self.now, actor=self.actor)
        return self._revision

    def changes(self, *, kept: tuple[str, ...] = (), warnings: tuple[str, ...] = ()) -> Changes:
        """Give everything that was changed so far."""
        return Changes(
            self._revision or self.transaction.revision(),
            tuple(self.objects),
            tuple(self.members),
            tuple(self.roles),
            kept,
            warnings,
        )

    def put(self, key: Key, body: bytes, *, applied: str, before: Definition | None) -> Definition:
        """Insert or replace a definition; equal content is no change and gives no event."""
        if before is not None and before.body == body:
            if applied == before.applied:
                return before
            same = msgspec.structs.replace(before, applied=applied)
            self.transaction.put_definition(same)
            return same
        made = Definition(
            kind=key.kind,
            within=key.within,
            id=key.id,
            body=body,
            revision=self.revision,
            applied=applied,
        )
        self.transaction.put_definition(made)
        action = Action.CREATE if before is None else Action.UPDATE
        self._changed(action, key, before.body if before else b"{}", body)
        if key.kind is DefinitionKind.PACKAGE and before is not None:
            self._entries(key, before.body, body)
        return made

    def _entries(self, key: Key, before: bytes, after: bytes) -> None:
        """Let a package's holders follow its entries (S-16)."""
        if _plain(before).get("entries") != _plain(after).get("entries"):
            change_entries(self.transaction, key.id, self.revision, self.now)

    def delete(self, before: Definition) -> None:
        """Delete a definition."""
        _ = self.revision
        self.transaction.delete_definition(before.kind, before.within, before.id)
        key = Key(before.kind, before.within, before.id)
        self._changed(Action.DELETE, key, before.body, b"{}")

    def add_member(self, membership: Membership) -> bool:
        """Add a member or owner to a group; False if they were one already."""
        _ = self.revision
        return self.transaction.add_membership(membership) and self._member(membership, added=True)

    def remove_member(self, membership: Membership) -> bool:
        """Remove a member or owner from a group; False if they were none."""
        _ = self.revision
        removed = self.transaction.remove_membership(membership)
        return removed and self._member(membership, added=False)

    def add_role(self, assignment: RoleAssignment) -> bool:
        """Give a role; False if it was given already."""
        _ = self.revision
        return self.transaction.add_role(assignment) and self._role(assignment, added=True)

    def remove_role(self, assignment: RoleAssignment) -> bool:
        """Take a role away; False if nobody had it."""
        _ = self.revision
        return self.transaction.remove_role(assignment) and self._role(assignment, added=False)

    # events

    def _changed(self, action: Action, key: Key, before: bytes, after: bytes) -> None:
        old, new = _plain(before), _plain(after)
        fields = tuple(_fields(old, new))
        name = str((new or old).get("name", key.id))
        change = ObjectChange(action, key, name, self.name_of(key), fields)
        self.objects.append(change)
        self._record(_NAMES[key.kind][action], key, change.resource_name, fields)
        for (kind, field), (added, removed) in _LISTS.items():
            if kind is key.kind:
                was, now = old.get(field, ()), new.get(field, ())
                for words, one in (
                    *((added, one) for one in now if one not in was),
                    *((removed, one) for one in was if one not in now),
                ):
                    self._record(words, key, change.resource_name, details=(("id", str(one)),))

    def _member(self, membership: Membership, *, added: bool) -> bool:
        self.members.append(MemberChange(added, membership))
        role = "member" if membership.role == MEMBER else "owner"
        words = f"Add {role} to group" if added else f"Remove {role} from group"
        key = Key(DefinitionKind.GROUP, "", membership.group)
        kind = "group" if membership.nested else "user"
        self._record(
            words,
            key,
            self.name_of(key),
            target="" if membership.nested else membership.member,
            details=((kind, membership.member),),
        )
        return True

    def _role(self, assignment: RoleAssignment, *, added: bool) -> bool:
        self.roles.append(RoleChange(added, assignment))
        kind, _, holder = assignment.holder.partition(":")
        key = Key(DefinitionKind.CATALOG, "", assignment.catalog)
        whole = Key(DefinitionKind.TENANT, "", TENANT_ID)
        self._record(
            "Add role assignment" if added else "Remove role assignment",
            key if assignment.catalog else whole,
            self.name_of(key if assignment.catalog else whole),
            target=holder if kind == "user" else "",
            details=(("role", assignment.role.value), ("holder", assignment.holder)),
        )
        return True

    def _record(
        self,
        words: str,
        key: Key,
        name: str,
        fields: tuple[Change, ...] = (),
        *,
        target: str = "",
        details: tuple[tuple[str, str], ...] = (),
    ) -> None:
        package = {DefinitionKind.PACKAGE: key.id, DefinitionKind.POLICY: key.within}.get(key.kind)
        self.transaction.record(
            AuditEvent(
                at=self.now,
                name=named(words),
                actor=self.actor,
                target=key.id if key.kind is DefinitionKind.USER else target,
                package=package or "",
                policy=key.id if key.kind is DefinitionKind.POLICY else "",
                catalog=self._catalog(key),
                object=name,
                details=details,
                changes=fields,
                revision=str(self.revision),
            )
        )

    def _catalog(self, key: Key) -> str:
        if key.kind is DefinitionKind.CATALOG:
            return key.id
        if key.kind is DefinitionKind.POLICY:
            return self.catalog_of.get(key.within, "")
        return key.within

    def name_of(self, key: Key) -> str:
        """Give the resource name of a definition."""
        return resource_name(self._tenant_id(), key, self._catalog(key))

    def _tenant_id(self) -> str:
        if not self._tenant:
            own = self.transaction.definition(DefinitionKind.TENANT, "", TENANT_ID)
            self._tenant = "" if own is None else tenant_document(own.body).id
        return self._tenant


def _plain(body: bytes) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.json.decode(body)
    return plain


def _fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield Change(name, _text(old, name), _text(new, name))


def _text(said: Mapping[str, Any], name: str) -> str:
    """Give a value as text: what people wrote as it is, all else as JSON."""
    if name not in said:
        return ""
    value = said[name]
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
