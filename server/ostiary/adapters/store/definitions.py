"""Definitions, directory, roles and remembered answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import and_, case, delete, func, insert, select, tuple_

from ostiary.adapters.store import tables
from ostiary.adapters.store.rows import Row, Rows
from ostiary.domain.caller import Role, RoleAssignment
from ostiary.lifecycle.ports import (
    MEMBER,
    Definition,
    DefinitionKind,
    Membership,
    Remembered,
    Touched,
)

NO_REVISION = "begin a revision before the tenant's data is changed"
KIND_ORDER = {kind: order for order, kind in enumerate(DefinitionKind)}
_KIND_ORDER = case(
    {kind.value: order for kind, order in KIND_ORDER.items()},
    value=tables.definition.c.kind,
    else_=len(KIND_ORDER),
)


class DefinitionRows(Rows):
    """The tenant's data in a transaction; what is put is written in batches."""

    _put_later: list[Row]
    _touch_later: set[Touched]
    _begun: int  # the revision that this transaction writes; 0: none

    def _begin_definitions(self) -> None:
        self._put_later = []
        self._touch_later = set()
        self._begun = 0

    def flush(self) -> None:
        """Write the definitions that were put, and what they touched."""
        super().flush()
        self._write_definitions()
        self._write_touched()

    def _write_definitions(self) -> None:
        if self._put_later:
            # The last one of a name counts; a database refuses the same row twice in one batch.
            rows = {(row["kind"], row["within"], row["id"]): row for row in self._put_later}
            self._put_later = []
            self._put(tables.definition, list(rows.values()), "body", "revision", "applied")

    def _write_touched(self) -> None:
        if self._touch_later:
            rows = [
                {**msgspec.structs.asdict(one), "kind": one.kind.value} for one in self._touch_later
            ]
            self._touch_later = set()
            self._insert_new(tables.touched, rows)

    def _touch(self, kind: DefinitionKind, within: str, name: str, member: str = "") -> None:
        self._touch_later.add(Touched(self._begun, kind, within, name, member))

    def _may_revise(self) -> None:
        # INVARIANT: who follows the revisions sees every change, so none happens outside of one.
        self._may_write()
        if not self._begun:
            raise RuntimeError(NO_REVISION)

    def remembered(self, key: str) -> Remembered | None:
        """Give the first answer under a key."""
        c = tables.remembered.c
        row = self._first(select(c.digest, c.answer).where(c.key == key))
        return row and Remembered(digest=row.digest, answer=row.answer)

    def remember(self, key: str, remembered: Remembered, at: datetime) -> None:
        """Keep the first answer."""
        row = {"key": key, "digest": remembered.digest, "answer": remembered.answer, "at": at}
        self._insert_new(tables.remembered, row)

    def revision(self) -> int:
        """Give the number of the tenant's revision; 0: no tenant."""
        return int(self._connection.scalar(select(func.max(tables.revision.c.number))) or 0)

    def next_revision(self, at: datetime, *, actor: str, digest: str = "") -> int:
        """Begin the next revision, one transaction after another."""
        self.lock("revision")
        number = self.revision() + 1
        row = {"number": number, "at": at, "actor": actor, "digest": digest}
        self._write(insert(tables.revision), row)
        self._begun = number
        return number

    def touched_since(self, revision: int, *, most: int) -> Sequence[Touched] | None:
        """Give what later revisions wrote, oldest first; None if it is more than `most`."""
        self._write_touched()
        c = tables.touched.c
        later = select(tables.touched).where(c.revision > revision).limit(most + 1)
        rows = self._rows(later.order_by(c.revision, c.kind, c.within, c.id, c.member))
        if len(rows) > most:
            return None
        return [
            Touched(row.revision, DefinitionKind(row.kind), row.within, row.id, row.member)
            for row in rows
        ]

    def definition(self, kind: DefinitionKind, within: str | None, name: str) -> Definition | None:
        """Give one definition; without a container, the first that bears the id."""
        self._write_definitions()
        c = tables.definition.c
        wanted = select(tables.definition).where(c.kind == kind.value, c.id == name)
        if within is not None:
            wanted = wanted.where(c.within == within)
        row = self._first(wanted.order_by(c.within).limit(1))
        return row and _definition(row)

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
        self._write_definitions()
        c = tables.definition.c
        wanted = select(tables.definition)
        if kind is not None:
            wanted = wanted.where(c.kind == kind.value)
        if within is not None:
            wanted = wanted.where(c.within == within)
        if after:
            place = (after_within if within is None else within, after)
            wanted = wanted.where(tuple_(c.within, c.id) > place)
        order = (c.within, c.id) if kind is not None else (_KIND_ORDER, c.within, c.id)
        return [_definition(row) for row in self._rows(wanted.order_by(*order).limit(size))]

    def count_definitions(self, kind: DefinitionKind, *, within: str | None = None) -> int:
        """Count definitions."""
        self._write_definitions()
        number = select(func.count()).select_from(tables.definition)
        number = number.where(tables.definition.c.kind == kind.value)
        if within is not None:
            number = number.where(tables.definition.c.within == within)
        return self._connection.scalar(number) or 0

    def put_definition(self, definition: Definition) -> None:
        """Insert or replace a definition."""
        self._may_write()
        self._put_later.append(
            {
                "kind": definition.kind.value,
                "within": definition.within,
                "id": definition.id,
                "body": definition.body,
                "revision": definition.revision,
                "applied": definition.applied,
            }
        )
        touched = Touched(definition.revision, definition.kind, definition.within, definition.id)
        self._touch_later.add(touched)

    def delete_definition(self, kind: DefinitionKind, within: str, name: str) -> bool:
        """Delete a definition; False if there is none."""
        self._may_revise()
        self._write_definitions()
        c = tables.definition.c
        named = and_(c.kind == kind.value, c.within == within, c.id == name)
        found = self._write(delete(tables.definition).where(named)) == 1
        if found:
            self._touch(kind, within, name)
        return found

    def memberships(
        self, group: str | None = None, *, member: str | None = None
    ) -> Sequence[Membership]:
        """Give direct members and owners, of one group or one member if it is named, sorted."""
        c = tables.membership.c
        wanted = select(tables.membership).order_by(c.group, c.member, c.nested, c.role)
        if group is not None:
            wanted = wanted.where(c.group == group)
        if member is not None:
            wanted = wanted.where(c.member == member)
        return [
            Membership(group=row.group, member=row.member, nested=row.nested, role=row.role)
            for row in self._rows(wanted)
        ]

    def add_membership(self, membership: Membership) -> bool:
        """Add a member or owner; False if it was membership already."""
        self._may_revise()
        added = self._insert_new(tables.membership, _membership_row(membership)) == 1
        return added and self._touch_member(membership)

    def remove_membership(self, membership: Membership) -> bool:
        """Remove exactly this membership; False if it was none."""
        same = and_(
            *(
                tables.membership.c[name] == value
                for name, value in _membership_row(membership).items()
            )
        )
        self._may_revise()
        gone = self._write(delete(tables.membership).where(same)) == 1
        return gone and self._touch_member(membership)

    def _touch_member(self, membership: Membership) -> bool:
        self._touch(DefinitionKind.GROUP, "", membership.group, membership.member)
        return True

    def count_members(self, group: str) -> int:
        """Count the direct users of a group whose role is MEMBER (S-93)."""
        c = tables.membership.c
        users = and_(c.group == group, c.nested.is_(False), c.role == MEMBER)
        return self._connection.scalar(select(func.count()).where(users)) or 0

    def role_assignments(self) -> Sequence[RoleAssignment]:
        """Give all role assignments, sorted."""
        c = tables.role_assignment.c
        rows = self._rows(select(tables.role_assignment).order_by(c.holder, c.role, c.catalog))
        return [RoleAssignment(row.holder, Role(row.role), row.catalog) for row in rows]

    def add_role(self, assignment: RoleAssignment) -> bool:
        """Add a role assignment; False if it was there already."""
        self._may_revise()
        added = self._insert_new(tables.role_assignment, _role_row(assignment)) == 1
        return added and self._touch_role(assignment)

    def remove_role(self, assignment: RoleAssignment) -> bool:
        """Remove a role assignment; False if it was not there."""
        same = and_(
            *(
                tables.role_assignment.c[name] == value
                for name, value in _role_row(assignment).items()
            )
        )
        self._may_revise()
        gone = self._write(delete(tables.role_assignment).where(same)) == 1
        return gone and self._touch_role(assignment)

    def _touch_role(self, assignment: RoleAssignment) -> bool:
        if assignment.catalog:
            self._touch(DefinitionKind.CATALOG, "", assignment.catalog)
        return True


def _definition(row: Any) -> Definition:
    return Definition(
        kind=DefinitionKind(row.kind),
        within=row.within,
        id=row.id,
        body=row.body,
        revision=row.revision,
        applied=row.applied,
    )


def _membership_row(one: Membership) -> Row:
    return msgspec.structs.asdict(one)


def _role_row(one: RoleAssignment) -> Row:
    return {"holder": one.holder, "role": one.role.value, "catalog": one.catalog}
