"""A folder's tenant brought into the store, as one revision or not at all (ADR 8).

A folder takes away only what a folder brought. What it says anew is carried out; what it says as
before is left as it is now, since somebody may have changed it on purpose in between.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

import msgspec

from ostiary.domain.caller import RoleAssignment
from ostiary.domain.errors import ChangeRefusedError
from ostiary.domain.people import AccountState, User
from ostiary.domain.tenant import Profile
from ostiary.lifecycle.ports import Definition, DefinitionKind, Membership, Store, Transaction
from ostiary.operations.consequences import (
    cancel_requests,
    endless_assignments,
    has_access,
)
from ostiary.operations.documents import (
    TENANT_ID,
    Key,
    decode,
    documents_of,
    encode,
    memberships_of,
    owners_of,
    tenant_document,
)
from ostiary.operations.merging import Merged, Refusal, check_merged
from ostiary.operations.revising import Changes, Revising
from ostiary.operations.submission import Actor
from ostiary.rulebook.tenant_files import LoadedTenant

TENANT_CASE = "tenant"

# Objects are written in this order, and deleted in the opposite one.
_ORDER = {kind: order for order, kind in enumerate(DefinitionKind)}


class UndoneError(Exception):
    """Undoes the transaction of a dry run; whoever raises it catches it."""


def apply(
    store: Store, loaded: LoadedTenant, *, actor: Actor, now: datetime, dry_run: bool = False
) -> Changes:
    """Bring what a folder defines into the store, and give what that changes.

    ChangeRefusedError, and nothing is changed, if live data stand in the way: NOT_EMPTY for what is
    still used (S-13, S-14, S-28, S-108), INVALID_MODEL for what contradicts what others wrote. A
    dry run does all of it and then undoes it.
    """
    changes = Changes()
    with undone(dry_run), store.transaction() as tx:
        tx.lock(TENANT_CASE)
        changes = _Applying(tx, loaded, Revising(tx, actor=actor.id, now=now)).run()
        undo(dry_run)
    return changes


@contextmanager
def undone(only_tried: bool) -> Iterator[None]:
    """Swallow the error by which a trial undoes its transaction."""
    try:
        yield
    except UndoneError:
        if not only_tried:
            raise


def undo(only_tried: bool) -> None:
    """End a transaction without a trace if its work was only tried."""
    if only_tried:
        raise UndoneError


def refuse(refusals: Iterable[Refusal]) -> None:
    """Raise ChangeRefusedError with every refusal, if there is one."""
    found = sorted(set(refusals))
    if found:
        raise ChangeRefusedError((refusal.code, refusal.text) for refusal in found)


def fingerprint(body: bytes) -> str:
    """Give the digest by which is known what a folder said last."""
    return hashlib.sha256(body).hexdigest()[:32]


class _Applying:
    """One folder against what the store holds."""

    def __init__(self, tx: Transaction, loaded: LoadedTenant, revising: Revising) -> None:
        self.tx = tx
        self.tenant = loaded.tenant
        self.profile: Profile = loaded.tenant.profile
        self.revising = revising
        self.live = {Key(one.kind, one.within, one.id): one for one in tx.definitions()}
        self.mine = dict(
            documents_of(
                loaded.tenant, overrides=loaded.overrides, known_domains=loaded.known_domains
            )
        )
        self.said = {key: fingerprint(body) for key, body in self.mine.items()}
        self.left = {
            key
            for key, row in self.live.items()
            if row.applied and row.applied == self.said.get(key)
        }
        self.gone = self._gone()
        self.warnings: list[str] = []

    def _gone(self) -> dict[Key, Definition]:
        """Give what a folder brought and this one does not know, with all that is inside it."""
        gone = {key: row for key, row in self.live.items() if row.applied and key not in self.mine}
        holders = {
            (DefinitionKind.CATALOG, key.id) for key in gone if key.kind is DefinitionKind.CATALOG
        } | {(DefinitionKind.PACKAGE, key.id) for key in gone if key.kind is DefinitionKind.PACKAGE}
        inside = {
            DefinitionKind.RESOURCE: DefinitionKind.CATALOG,
            DefinitionKind.EXTENSION: DefinitionKind.CATALOG,
            DefinitionKind.POLICY: DefinitionKind.PACKAGE,
        }
        for key, row in self.live.items():
            holder = inside.get(key.kind)
            if holder is not None and (holder, key.within) in holders and key not in self.mine:
                gone[key] = row
        return gone

    def run(self) -> Changes:
        """Write everything that is different."""
        self._check()
        self._note_catalogs()
        for key in sorted(self.gone, key=_written, reverse=True):
            self._delete(self.gone[key])
        for key in sorted(self.mine, key=_written):
            if key not in self.left:
                self._put(key)
        kept = (key for key in self.left if self.live[key].body != self.mine[key])
        names = tuple(sorted(map(self.revising.name_of, kept)))
        return self.revising.changes(kept=names, warnings=tuple(self.warnings))

    # what stands in the way

    def _check(self) -> None:
        refuse(
            [*self._same_tenant(), *self._moved(), *self._in_use(), *check_merged(self._merged())]
        )

    def _merged(self) -> Merged:
        """Give what the store will hold; `others` is what this folder does not say."""
        bodies: dict[Key, bytes] = {}
        others: set[Key] = set()
        for key, row in self.live.items():
            if key in self.gone:
                continue
            if key in self.left or key not in self.mine:
                bodies[key] = row.body
                if row.body != self.mine.get(key):
                    others.add(key)
        for key, body in self.mine.items():
            bodies.setdefault(key, body)
        return Merged(bodies, frozenset(others), self.profile)

    def _same_tenant(self) -> Iterator[Refusal]:
        own = self.live.get(Key(DefinitionKind.TENANT, "", TENANT_ID))
        if own is not None and tenant_document(own.body).id != self.tenant.id:
            there = tenant_document(own.body).id
            text = f"the store holds tenant `{there}`, the folder defines `{self.tenant.id}`"
            yield Refusal("INVALID_MODEL", text)

    def _moved(self) -> Iterator[Refusal]:
        """S-10."""
        package = DefinitionKind.PACKAGE
        before = {key.id: key.within for key in self.live if key.kind is package}
        for key in self.mine:
            if key.kind is package and before.get(key.id, key.within) != key.within:
                text = f"package `{key.id}` cannot move from catalog `{before[key.id]}`"
                yield Refusal("INVALID_MODEL", f"{text} to `{key.within}`")

    def _in_use(self) -> Iterator[Refusal]:
        """S-28, and S-108 where the profile keeps packages that somebody has."""
        packages = {key.id for key in self.gone if key.kind is DefinitionKind.PACKAGE}
        for key in self.gone:
            if key.kind is DefinitionKind.PACKAGE:
                yield from package_in_use(self.tx, key.id, self.profile)
            elif key.kind is DefinitionKind.POLICY and key.within not in packages:
                yield from policy_in_use(self.tx, key.within, key.id)

    # writing

    def _note_catalogs(self) -> None:
        for key in (*self.live, *self.mine):
            if key.kind is DefinitionKind.PACKAGE:
                self.revising.catalog_of[key.id] = key.within

    def _put(self, key: Key) -> None:
        before, body = self.live.get(key), self.mine[key]
        stated = _stated(before) if before is not None and before.applied else frozenset()
        self.revising.put(key, body, applied=self.said[key], before=before)
        wanted = _stated(
            Definition(kind=key.kind, within=key.within, id=key.id, body=body, applied="-")
        )
        for one in sorted(stated - wanted, key=repr):
            self._take(one)
        for one in sorted(wanted - stated, key=repr):
            self._give(one)

    def _give(self, one: Membership | RoleAssignment) -> None:
        if isinstance(one, Membership):
            self.revising.add_member(one)
        else:
            self.revising.add_role(one)

    def _take(self, one: Membership | RoleAssignment) -> None:
        if isinstance(one, Membership):
            self.revising.remove_member(one)
        else:
            self.revising.remove_role(one)

    def _delete(self, row: Definition) -> None:
        self.warnings += delete_object(self.revising, row).notes


def _written(key: Key) -> tuple[int, str, str]:
    return _ORDER[key.kind], key.within, key.id


def _stated(row: Definition) -> frozenset[Membership | RoleAssignment]:
    """Give the members or owners that a definition states."""
    if row.kind is DefinitionKind.GROUP:
        return frozenset(memberships_of(decode(row)))
    if row.kind is DefinitionKind.CATALOG:
        return frozenset(owners_of(decode(row)))
    return frozenset()


def package_in_use(tx: Transaction, package: str, profile: Profile) -> Iterator[Refusal]:
    """Refuse to delete a package that somebody has, where the profile says so (S-108)."""
    if profile.delete_package_with_assignments:
        return
    count = tx.count_assignments(package=package)
    if count:
        yield Refusal("NOT_EMPTY", f"package `{package}` has {_counted(count)}")


def policy_in_use(tx: Transaction, package: str, policy: str) -> Iterator[Refusal]:
    """Refuse to delete a policy under which somebody has access (S-28)."""
    count = tx.count_assignments(package=package, policy=policy)
    if count:
        text = f"policy `{policy}` of package `{package}` has {_counted(count)}; disable it instead"
        yield Refusal("NOT_EMPTY", text)


def _counted(count: int) -> str:
    return f"{count:,} current assignment{'' if count == 1 else 's'}"


class Deleted(msgspec.Struct, frozen=True):
    """What people should know of a deletion."""

    notes: tuple[str, ...] = ()
    endless: int = 0  # current assignments that never end by themselves
    cancelled: int = 0  # open requests


def delete_object(revising: Revising, row: Definition) -> Deleted:
    """Delete one definition with its rows, and see to what follows.

    What is inside it must be gone, and nothing may refer to it.
    """
    if row.kind is DefinitionKind.USER:
        return _delete_user(revising, row)
    if row.kind is DefinitionKind.GROUP:
        _leave_everything(revising, f"group:{row.id}", row.id, nested=True)
        for one in revising.transaction.memberships(row.id):
            revising.remove_member(one)
    elif row.kind is DefinitionKind.CATALOG:
        for role in revising.transaction.role_assignments():
            if role.catalog == row.id:
                revising.remove_role(role)
    revising.delete(row)
    return _after_package(revising, row) if row.kind is DefinitionKind.PACKAGE else Deleted()


def _after_package(revising: Revising, row: Definition) -> Deleted:
    """S-108: what is open is cancelled, what somebody has stays until it ends."""
    cancelled = cancel_requests(revising.transaction, row.id, revising.now)
    endless = endless_assignments(revising.transaction, row.id)
    notes = []
    if cancelled:
        requests = "1 open request is" if cancelled == 1 else f"{cancelled:,} open requests are"
        notes.append(f"package `{row.id}`: {requests} cancelled")
    if endless:
        one = "1 assignment never ends by itself"
        ends = one if endless == 1 else f"{endless:,} assignments never end by themselves"
        notes.append(f"package `{row.id}`: {ends}")
    return Deleted(tuple(notes), endless, cancelled)


def _delete_user(revising: Revising, row: Definition) -> Deleted:
    """S-107: whoever has access counts as existing as long as the account can be restored."""
    if not has_access(revising.transaction, row.id):
        _leave_everything(revising, f"user:{row.id}", row.id, nested=False)
        revising.delete(row)
        return Deleted()
    mark_deleted(revising, row)
    return Deleted((f"user `{row.id}` has access or asks for it, and is marked as deleted",))


def mark_deleted(revising: Revising, row: Definition) -> None:
    """Delete an account so that it can be restored; no folder holds it any more."""
    user: User = decode(row)
    if user.state is not AccountState.DELETED:
        deleted = msgspec.structs.replace(user, state=AccountState.DELETED, deleted_at=revising.now)
        key = Key(row.kind, row.within, row.id)
        revising.put(key, encode(row.kind, deleted), applied="", before=row)


def _leave_everything(revising: Revising, holder: str, name: str, *, nested: bool) -> None:
    """Take somebody out of all groups and roles."""
    for one in revising.transaction.memberships(member=name):
        if one.nested is nested:
            revising.remove_member(one)
    for role in revising.transaction.role_assignments():
        if role.holder == holder:
            revising.remove_role(role)


def own_row(tx: Transaction) -> Definition | None:
    """Give what is said of the tenant itself, or None if the store holds no tenant."""
    return tx.definition(DefinitionKind.TENANT, "", TENANT_ID)
