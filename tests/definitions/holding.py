"""A store with a small tenant in it, changes of it, and people who have access."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from ostiary.domain.access_request import AccessRequest, RequestKind, RequestState, Terms
from ostiary.domain.assignment import Assignment, AssignmentState
from ostiary.domain.audit import AuditEvent
from ostiary.domain.decision import Revision
from ostiary.domain.people import User
from ostiary.domain.policy import (
    AssignmentPolicy,
    Expiration,
    ExpirationKind,
    RequestorScope,
    ScopeKind,
)
from ostiary.domain.tenant import Tenant
from ostiary.lifecycle.ports import AuditQuery, Definition, DefinitionKind, Membership, Store
from ostiary.operations.definitions import apply
from ostiary.operations.replica import Replica
from ostiary.operations.revising import Changes
from ostiary.operations.submission import Actor
from ostiary.operations.writing import Author, DefinitionWriter
from tests.unit import defining

NOW = datetime(2031, 3, 3, 9, 0, tzinfo=UTC)
ADA = Author("ada", "user:ada", administrator=True)
SOL = Author("sol", "user:sol", administrator=False)


def put(
    store: Store,
    folder: Path,
    content: defining.Content,
    *,
    profile: str | None = None,
    dry_run: bool = False,
    now: datetime = NOW,
) -> Changes:
    """Apply a folder with this content."""
    folder.mkdir(exist_ok=True)
    loaded = defining.load(folder, content, profile)
    return apply(store, loaded, actor=Actor("ada", staff=True), now=now, dry_run=dry_run)


def held(store: Store) -> Tenant:
    """The tenant that the store holds."""
    with store.reading() as tx:
        tenant = Replica(tx).tenant
    assert tenant is not None
    return tenant


def user(store: Store, name: str) -> User | None:
    """A user of the directory."""
    return next((one for one in held(store).users if one.id == name), None)


def members(store: Store, group: str) -> list[str]:
    """The members and owners of a group; owners with their role."""
    with store.reading() as tx:
        found = tx.memberships(group)
    return [one.member if one.role == "Member" else f"{one.member} ({one.role})" for one in found]


def events(store: Store, since: int = 0) -> Sequence[AuditEvent]:
    """What the audit log says."""
    with store.reading() as tx:
        return tx.events(AuditQuery(after=since, size=10_000))


def last_event(store: Store) -> int:
    """The sequence of the newest event."""
    with store.reading() as tx:
        newest = tx.events(AuditQuery(newest_first=True, size=1))
    return newest[0].sequence if newest else 0


def write(store: Store, author: Author = ADA, now: datetime = NOW) -> Iterator[DefinitionWriter]:
    """A writer in a transaction, for `for writer in write(store)`."""
    with store.transaction() as tx:
        yield DefinitionWriter(tx, author, now)


def written(store: Store, kind: DefinitionKind, within: str, **fields: Any) -> Any:
    """An object that an administrator created."""
    with store.transaction() as tx:
        return DefinitionWriter(tx, ADA, NOW).create(kind, within, fields).noun


def make(store: Store, *things: User | Membership, gone: Sequence[Membership] = ()) -> None:
    """Write what no folder said, as connectors do."""
    with store.transaction() as tx:
        revision = tx.next_revision(NOW, actor="system")
        for thing in things:
            if isinstance(thing, Membership):
                tx.add_membership(thing)
                continue
            before = tx.definition(DefinitionKind.USER, "", thing.id)
            tx.put_definition(
                Definition(
                    kind=DefinitionKind.USER,
                    id=thing.id,
                    body=msgspec.json.encode(thing, order="deterministic"),
                    revision=revision,
                    applied="" if before is None else before.applied,
                )
            )
        for membership in gone:
            tx.remove_membership(membership)


def terms(package: str, policy: str) -> Terms:
    """The terms of access."""
    scope = RequestorScope(ScopeKind.ALL_MEMBERS)
    end = Expiration(ExpirationKind.NEVER)
    return Terms(package, package, "c", "C", AssignmentPolicy(policy, policy, scope, end), ())


def assign(
    store: Store, target: str, package: str = "p", policy: str = "a", *, days: int | None = None
) -> None:
    """Have somebody hold a package."""
    with store.transaction() as tx:
        tx.save_assignment(
            Assignment(
                id=f"{target}-{package}",
                target=target,
                terms=terms(package, policy),
                state=AssignmentState.DELIVERED,
                request="r",
                created_at=NOW,
                starts_at=NOW,
                ends_at=None if days is None else NOW + timedelta(days=days),
            )
        )


def ask(store: Store, target: str, state: RequestState, package: str = "p") -> str:
    """Have somebody ask for a package; gives the id of the request."""
    name = f"{target}-{state.value}"
    with store.transaction() as tx:
        tx.save_request(
            AccessRequest(
                id=name,
                kind=RequestKind.USER_ADD,
                state=state,
                target=target,
                submitter=target,
                terms=terms(package, "a"),
                submitted_at=NOW,
                revision=Revision("r", "t", "standard", "1"),
            )
        )
    return name
