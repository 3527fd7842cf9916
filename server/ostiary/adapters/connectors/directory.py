"""Ostiary's own groups and guests: the connector that needs no system outside."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from ostiary.adapters.clock import Clock
from ostiary.adapters.connectors.outcomes import DONE, already, failed, forbidden, full, gone
from ostiary.domain.access_request import SYSTEM, Entry, ExternalPerson
from ostiary.domain.catalog import ResourceKind
from ostiary.domain.due import TENANT_CASE
from ostiary.domain.people import AccountState, Group, GroupKind, PersonType, User
from ostiary.lifecycle.ports import (
    MEMBER,
    OWNER,
    Definition,
    DefinitionKind,
    Delivered,
    Delivery,
    Holder,
    Membership,
    Store,
    Transaction,
)

T = TypeVar("T")
Change = Callable[[Transaction], Delivered]


class _NothingChanged(Exception):  # noqa: N818  # undoes a transaction, never leaves this module
    """The transaction is to be undone, revision and all, and this is the answer."""

    def __init__(self, answer: Delivered) -> None:
        super().__init__()
        self.answer = answer


class DirectoryConnector:
    """Writes memberships and guests into the store, each change as a revision of the tenant.

    `most_members` gives the present maximum of a Microsoft 365 group; None: not limited (S-93).
    Calls are idempotent whatever their keys, since they only look at what is there.
    """

    def __init__(
        self, store: Store, clock: Clock, *, most_members: Callable[[], int | None]
    ) -> None:
        self._store = store
        self._clock = clock
        self._most_members = most_members

    def grant(self, holder: Holder, entry: Entry, *, key: str) -> Delivered:  # noqa: ARG002
        """Make the holder a member or owner of a group; see the class for keys."""
        membership = _membership(holder, entry)
        if isinstance(membership, Delivered):
            return membership
        return self._change(lambda work: self._add(work, membership))

    def revoke(self, holder: Holder, entry: Entry, *, key: str) -> Delivered:  # noqa: ARG002
        """End the membership or ownership; a group that is gone has no members."""
        membership = _membership(holder, entry)
        if isinstance(membership, Delivered):
            return membership
        return self._change(lambda work: _remove(work, membership))

    def make_guest(self, person: ExternalPerson, *, key: str) -> Delivered:  # noqa: ARG002
        """Create the user object of an external person, marked as governed (S-115)."""
        return self._change(lambda work: _make_guest(work, person))

    def block_guest(self, holder: Holder, *, key: str) -> Delivered:  # noqa: ARG002
        """Block a governed guest (S-116)."""
        return self._change(lambda work: self._set_state(work, holder, AccountState.BLOCKED))

    def delete_guest(self, holder: Holder, *, key: str) -> Delivered:  # noqa: ARG002
        """Delete a governed guest (S-116): out of all groups, and the object marked as deleted.

        The object stays, since policies and people may still refer to it.
        """
        return self._change(lambda work: self._delete(work, holder))

    def close(self) -> None:
        """Do nothing: the store is not ours to close."""

    def _change(self, change: Change) -> Delivered:
        """Carry out a change in a transaction that begins a revision, or undo both."""
        try:
            with self._store.transaction() as work:
                # INVARIANT: definitions change one after another, so that counts hold.
                work.lock(TENANT_CASE)
                work.next_revision(self._clock.now(), actor=SYSTEM)
                _undo_unless_done(change(work))
        except _NothingChanged as nothing:
            return nothing.answer
        return DONE

    def _add(self, work: Transaction, membership: Membership) -> Delivered:
        group = _read(work, DefinitionKind.GROUP, membership.group, Group)
        if group is None:
            return gone(f"there is no group `{membership.group}`")
        written_elsewhere = _written_elsewhere(group)
        if written_elsewhere:
            return forbidden(f"group `{group.id}` {written_elsewhere}")
        user = _read(work, DefinitionKind.USER, membership.member, User)
        if user is None or user.state is AccountState.DELETED:
            return failed(f"the directory has no user `{membership.member}`")
        if not work.add_membership(membership):
            return already()
        return self._fits(work, group, membership)

    def _fits(self, work: Transaction, group: Group, membership: Membership) -> Delivered:
        """S-93: the membership that would pass the maximum is not kept."""
        most = self._most_members()
        limited = group.kind is GroupKind.MICROSOFT_365 and membership.role == MEMBER
        if most is None or not limited or work.count_members(group.id) <= most:
            return DONE
        return full("group_members", most, f"group `{group.id}` has {most:,} members")

    def _set_state(self, work: Transaction, holder: Holder, state: AccountState) -> Delivered:
        user = _read(work, DefinitionKind.USER, holder.id, User)
        if user is None or user.state in {state, AccountState.DELETED}:
            return already()
        if user.type is not PersonType.GUEST or not user.governed:
            return already(f"`{holder.id}` is no guest that Ostiary keeps, and was left alone")
        # S-107: it could be restored for a while from then on.
        deleted_at = self._clock.now() if state is AccountState.DELETED else None
        _write(work, msgspec.structs.replace(user, state=state, deleted_at=deleted_at))
        return DONE

    def _delete(self, work: Transaction, holder: Holder) -> Delivered:
        answer = self._set_state(work, holder, AccountState.DELETED)
        if answer.result is Delivery.DONE:
            for membership in work.memberships(member=holder.id):
                work.remove_membership(membership)
        return answer


def _undo_unless_done(answer: Delivered) -> None:
    if answer.result is not Delivery.DONE:
        raise _NothingChanged(answer)


def _membership(holder: Holder, entry: Entry) -> Membership | Delivered:
    """Give the membership that an entry stands for, or why it stands for none."""
    if entry.kind is not ResourceKind.GROUP:
        return failed(f"the directory has groups only, not a resource of kind {entry.kind.value}")
    if entry.role not in {MEMBER, OWNER}:
        return failed(f"a group has no role `{entry.role}`, only {MEMBER} and {OWNER}")
    return Membership(entry.target, holder.id, role=entry.role)


def _written_elsewhere(group: Group) -> str:
    """Say why the members of a group cannot be written here (S-14), if they cannot."""
    if group.dynamic:
        return "has dynamic membership, which cannot be written"
    if group.synchronised:
        return "is synchronised from on premises and cannot be written here"
    if group.kind is GroupKind.DISTRIBUTION:
        return "is a distribution list"
    return ""


def _remove(work: Transaction, membership: Membership) -> Delivered:
    return DONE if work.remove_membership(membership) else already()


def _make_guest(work: Transaction, person: ExternalPerson) -> Delivered:
    found = _read(work, DefinitionKind.USER, person.id, User)
    if found is not None and found.state is not AccountState.DELETED:
        # S-116: somebody who was there before is not ours to clean up.
        return already()
    guest = User(
        id=person.id,
        name=person.mail or person.id,
        type=PersonType.GUEST,
        home=person.home,
        mail=person.mail,
        governed=True,
    )
    _write(work, guest)
    return DONE


def _read(work: Transaction, kind: DefinitionKind, name: str, noun: type[T]) -> T | None:
    found = work.definition(kind, "", name)
    return None if found is None else msgspec.json.decode(found.body, type=noun)


def _write(work: Transaction, user: User) -> None:
    before = work.definition(DefinitionKind.USER, "", user.id)
    work.put_definition(
        Definition(
            kind=DefinitionKind.USER,
            id=user.id,
            body=msgspec.json.encode(user, order="deterministic"),
            revision=work.revision(),
            # A folder that says of a guest what it said before must not undo what we did to them.
            applied="" if before is None else before.applied,
        )
    )
