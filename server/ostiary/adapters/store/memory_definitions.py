"""Definitions, directory, roles and remembered answers in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from ostiary.adapters.store.definitions import KIND_ORDER, NO_REVISION
from ostiary.adapters.store.memory_state import Changes, State
from ostiary.domain.caller import RoleAssignment
from ostiary.lifecycle.ports import (
    MEMBER,
    Definition,
    DefinitionKind,
    Membership,
    Remembered,
    Touched,
)

K = TypeVar("K")
V = TypeVar("V")


class MemoryDefinitions(Changes):
    """The tenant's data in a transaction."""

    def __init__(self, state: State, *, writable: bool) -> None:
        super().__init__(state, writable=writable)
        self._begun = 0  # the revision that this transaction writes; 0: none

    def remembered(self, key: str) -> Remembered | None:
        """Give the first answer under a key."""
        kept = self._state.remembered.get(key)
        return None if kept is None else kept[0]

    def remember(self, key: str, remembered: Remembered, at: datetime) -> None:
        """Keep the first answer."""
        self._may_write()
        self._add(self._state.remembered, key, (remembered, at))

    def revision(self) -> int:
        """Give the number of the tenant's revision; 0: no tenant."""
        return len(self._state.revisions)

    def next_revision(self, at: datetime, *, actor: str, digest: str = "") -> int:
        """Begin the next revision."""
        self._may_write()
        revisions = self._state.revisions
        revisions.append((at, actor, digest))
        self._backwards(revisions.pop)
        self._begun = len(revisions)
        return self._begun

    def touched_since(self, revision: int, *, most: int) -> Sequence[Touched] | None:
        """Give what later revisions wrote, oldest first; None if it is more than `most`."""
        later = [one for one in self._state.touched if one.revision > revision]
        return None if len(later) > most else sorted(later, key=_touched_order)

    def definition(self, kind: DefinitionKind, within: str | None, name: str) -> Definition | None:
        """Give one definition; without a container, the first that bears the id."""
        if within is not None:
            return self._state.definitions.get((kind.value, within, name))
        named = (one for one in self._of_kind(kind) if one.id == name)
        return min(named, key=lambda one: one.within, default=None)

    def definitions(
        self,
        kind: DefinitionKind | None = None,
        *,
        within: str | None = None,
        after: str = "",
        after_within: str = "",
        size: int | None = None,
    ) -> Sequence[Definition]:
        """Give definitions in the order of kind, container and id."""
        if after and kind is None:
            raise ValueError("`after` needs a kind")
        place = (after_within if within is None else within, after)
        found = [
            one
            for one in self._of_kind(kind)
            if within in {None, one.within} and (not after or (one.within, one.id) > place)
        ]
        found.sort(key=lambda one: (KIND_ORDER[one.kind], one.within, one.id))
        return found[:size]

    def _of_kind(self, kind: DefinitionKind | None) -> list[Definition]:
        return [one for one in self._state.definitions.values() if kind in {None, one.kind}]

    def count_definitions(self, kind: DefinitionKind, *, within: str | None = None) -> int:
        """Count definitions."""
        return sum(within in {None, one.within} for one in self._of_kind(kind))

    def put_definition(self, definition: Definition) -> None:
        """Insert or replace a definition."""
        self._may_write()
        key = (definition.kind.value, definition.within, definition.id)
        kept = self._state.definitions
        if (before := kept.get(key)) is not None:
            self._backwards(kept.__setitem__, key, before)
            kept[key] = definition
        else:
            self._add(kept, key, definition)
        self._touch(definition.revision, definition.kind, definition.within, definition.id)

    def delete_definition(self, kind: DefinitionKind, within: str, name: str) -> bool:
        """Delete a definition; False if there is none."""
        self._may_revise()
        gone = self._drop(self._state.definitions, (kind.value, within, name))
        if gone:
            self._touch(self._begun, kind, within, name)
        return gone

    def memberships(
        self, group: str | None = None, *, member: str | None = None
    ) -> Sequence[Membership]:
        """Give direct members and owners, of one group or one member if it is named, sorted."""
        if group is not None:
            found = list(self._state.members.get(group, ()))
        elif member is not None:
            found = list(self._state.groups.get(member, ()))
        else:
            found = [one for members in self._state.members.values() for one in members]
        return sorted(one for one in found if member in {None, one.member})

    def add_membership(self, membership: Membership) -> bool:
        """Add a member or owner; False if it was one already."""
        self._may_revise()
        return (
            self._add(self._state.members[membership.group], membership, None)
            and self._add(self._state.groups[membership.member], membership, None)
            and self._touch_member(membership)
        )

    def remove_membership(self, membership: Membership) -> bool:
        """Remove exactly this membership; False if it was none."""
        self._may_revise()
        return (
            self._drop(self._state.members[membership.group], membership)
            and self._drop(self._state.groups[membership.member], membership)
            and self._touch_member(membership)
        )

    def count_members(self, group: str) -> int:
        """Count the direct users of a group whose role is MEMBER (S-93)."""
        members = self._state.members.get(group, ())
        return sum(not one.nested and one.role == MEMBER for one in members)

    def role_assignments(self) -> Sequence[RoleAssignment]:
        """Give all role assignments, sorted."""
        return sorted(self._state.roles, key=lambda one: (one.holder, one.role.value, one.catalog))

    def add_role(self, assignment: RoleAssignment) -> bool:
        """Add a role assignment; False if it was there already."""
        self._may_revise()
        return self._add(self._state.roles, assignment, None) and self._touch_role(assignment)

    def remove_role(self, assignment: RoleAssignment) -> bool:
        """Remove a role assignment; False if it was not there."""
        self._may_revise()
        return self._drop(self._state.roles, assignment) and self._touch_role(assignment)

    def _may_revise(self) -> None:
        # INVARIANT: who follows the revisions sees every change, so none happens outside of one.
        self._may_write()
        if not self._begun:
            raise RuntimeError(NO_REVISION)

    def _touch_member(self, membership: Membership) -> bool:
        kind = DefinitionKind.GROUP
        self._touch(self._begun, kind, "", membership.group, membership.member)
        return True

    def _touch_role(self, assignment: RoleAssignment) -> bool:
        if assignment.catalog:
            self._touch(self._begun, DefinitionKind.CATALOG, "", assignment.catalog)
        return True

    def _touch(
        self, revision: int, kind: DefinitionKind, within: str, name: str, member: str = ""
    ) -> None:
        self._add(self._state.touched, Touched(revision, kind, within, name, member), None)

    def _add(self, kept: dict[K, V], key: K, value: V) -> bool:
        """Add what is not there yet."""
        if key in kept:
            return False
        kept[key] = value
        self._backwards(kept.pop, key)
        return True

    def _drop(self, kept: dict[K, V], key: K) -> bool:
        """Take out what is there."""
        if key not in kept:
            return False
        self._backwards(kept.__setitem__, key, kept.pop(key))
        return True


def _touched_order(one: Touched) -> tuple[int, str, str, str, str]:
    return one.revision, one.kind.value, one.within, one.id, one.member
