"""One transaction about one case: what it sees, and the few ways in which it writes.

`at` is the instant at which things happen: now for what a caller does, and the due instant for
overdue work, so that it takes effect with the time at which it was due (S-7).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from ostiary.decide.evaluate import subject_of
from ostiary.decide.model import Snapshot
from ostiary.decide.subject import Subject
from ostiary.domain.access_request import (
    SYSTEM,
    AccessRequest,
    ExternalPerson,
    RequestKind,
    RequestState,
)
from ostiary.domain.assignment import CURRENT_STATES, Assignment
from ostiary.domain.audit import AuditEvent, named
from ostiary.domain.caller import CATALOG_ROLES, Role
from ostiary.domain.callout import Callout
from ostiary.domain.due import DueAction, WorkKind, WorkState, user_case
from ostiary.domain.errors import AssignmentNotFoundError, RequestNotFoundError
from ostiary.domain.notice import Notice, NoticeKind, split
from ostiary.domain.people import AccountState, PersonType, RiskLevel, User
from ostiary.domain.request import InlinePerson
from ostiary.lifecycle.ports import AssignmentQuery, Ids, RequestQuery, Transaction, WorkQuery

EVERYTHING = 1_000_000  # a case holds one person's records; none is left out


class Unit:
    """A transaction that holds the lock of one case."""

    def __init__(
        self, tx: Transaction, case: str, now: datetime, snapshot: Snapshot, ids: Ids
    ) -> None:
        self.tx = tx
        self.case = case
        self.now = now
        self.at = now
        self.doing = ""  # id of the due action that is being carried out
        self.snapshot = snapshot
        self.ids = ids

    # reading

    def request(self, request_id: str) -> AccessRequest:
        """Give a request; raises RequestNotFoundError."""
        request = self.tx.request(request_id)
        if request is None:
            raise RequestNotFoundError(request_id)
        return request

    def assignment(self, assignment_id: str) -> Assignment:
        """Give an assignment; raises AssignmentNotFoundError."""
        assignment = self.tx.assignment(assignment_id)
        if assignment is None:
            raise AssignmentNotFoundError(assignment_id)
        return assignment

    def maker_of(self, assignment: Assignment) -> AccessRequest:
        """Give the request that made an assignment, or what the assignment itself tells of it.

        The record of a request may be deleted while its assignment lives on (S-87).
        """
        request = self.tx.request(assignment.request)
        if request is not None:
            return request
        return AccessRequest(
            id=assignment.request,
            kind=RequestKind.SYSTEM_ADD,
            state=RequestState.DELIVERED,
            target=assignment.target,
            submitter=SYSTEM,
            terms=assignment.terms,
            submitted_at=assignment.created_at,
            assignment=assignment.id,
            revision=self.snapshot.revision,
        )

    def current(self, target: str) -> tuple[Assignment, ...]:
        """Give the current assignments of a person, the oldest first (S-88)."""
        query = AssignmentQuery(target=target, states=CURRENT_STATES, size=EVERYTHING)
        return tuple(reversed([found for _, found in self.tx.assignments(query)]))

    def requests(self, query: RequestQuery) -> tuple[AccessRequest, ...]:
        """Give requests, the oldest first."""
        return tuple(reversed([found for _, found in self.tx.requests(query)]))

    def outside(
        self, kind: WorkKind, *, case: str | None = None, assignment: str | None = None
    ) -> tuple[DueAction, ...]:
        """Give the waiting calls of one kind to systems behind us."""
        query = WorkQuery(
            states=frozenset({WorkState.WAITING}),
            case=case or self.case,
            assignment=assignment,
            size=EVERYTHING,
        )
        return tuple(one for one in self.tx.work(query) if one.kind is kind)

    def user(self, user_id: str) -> User | None:
        """Give a user of the directory."""
        return self.snapshot.directory.user(user_id)

    def enabled(self, user_id: str) -> bool:
        """Tell whether somebody can act."""
        user = self.user(user_id)
        return user is not None and user.state is AccountState.ENABLED

    def outside_directory(self, user_id: str) -> bool:
        """Tell whether somebody has no object in the directory, or only the remains of a guest.

        INVARIANT: a deleted account stands in the way as long as it could be restored, and without
        end if nobody knows when it was deleted or if it was no guest's (S-35, S-107).
        """
        user = self.user(user_id)
        if user is None:
            return True
        if user.state is not AccountState.DELETED or user.type is not PersonType.GUEST:
            return False
        restorable = self.snapshot.profile.restore_of_deleted_users
        return user.deleted_at is not None and user.deleted_at + restorable <= self.at

    def subject(self, target: str, external: ExternalPerson | None, *, direct: bool) -> Subject:
        """Give the target as decisions see them; raises UserNotFoundError."""
        if external is not None and self.outside_directory(target):
            return subject_of(self.snapshot, as_person(external), direct=direct)
        return subject_of(self.snapshot, target, direct=direct)

    def staff_of(self, catalog: str) -> tuple[str, ...]:
        """Give the people who answer for a catalog: managers of assignments, packages, owners.

        Administrators are told only where a catalog has nobody of its own.
        """
        wanted = CATALOG_ROLES - {Role.CATALOG_READER}
        found: set[str] = set()
        administrators: set[str] = set()
        for one in self.tx.role_assignments():
            if one.role is Role.ADMINISTRATOR:
                administrators |= self._people(one.holder)
            elif one.role in wanted and one.catalog == catalog:
                found |= self._people(one.holder)
        for package in self.snapshot.order:
            if package.catalog.id == catalog:
                found.update(*map(self._people, package.catalog.owners))
                break
        return tuple(sorted(found or administrators))

    def _people(self, holder: str) -> set[str]:
        kind, _, name = holder.partition(":")
        if kind == "user":
            return {name}
        if kind == "group":
            return {user.id for user in self.snapshot.directory.members(name)}
        return set()

    # writing

    def change(self, record: Any, **fields: Any) -> Any:
        """Save a record with some fields changed, and give it back; its version goes up."""
        changed = msgspec.structs.replace(record, version=record.version + 1, **fields)
        if isinstance(changed, AccessRequest):
            self.tx.save_request(changed)
        elif isinstance(changed, Assignment):
            self.tx.save_assignment(changed)
        elif isinstance(changed, Callout):
            self.tx.save_callout(changed)
        else:
            self.tx.save_review(changed)
        return changed

    def schedule(self, *actions: DueAction) -> None:
        """Make work due; what is due by now runs before the transaction ends."""
        self.tx.schedule(actions)

    def void_all(self, *, request: str | None = None, assignment: str | None = None) -> None:
        """Void what waits for a request or an assignment, but for the work now being done (S-48).

        Notices are delivered all the same: what happened, happened.
        """
        query = WorkQuery(
            states=frozenset({WorkState.WAITING}),
            case=self.case,
            request=request,
            assignment=assignment,
            size=EVERYTHING,
        )
        self.void(
            one
            for one in self.tx.work(query)
            if one.id != self.doing and one.kind is not WorkKind.DELIVER_NOTICE
        )

    def void(self, actions: Iterable[DueAction]) -> None:
        """Void actions whose reason is gone (S-48)."""
        for action in actions:
            self.tx.finish(action.id, WorkState.VOID, self.at)

    def audit(
        self,
        name: str,
        *,
        actor: str = SYSTEM,
        request: AccessRequest | None = None,
        assignment: Assignment | None = None,
        reason: str = "",
        about: str = "",
        details: Mapping[str, str] | None = None,
    ) -> None:
        """Append an event about a request or an assignment (S-134)."""
        record = request or assignment
        self.tx.record(
            AuditEvent(
                at=self.at,
                name=named(name),
                actor=actor,
                target=record.target if record is not None else "",
                request=request.id if request is not None else "",
                assignment=assignment.id
                if assignment is not None
                else (request.assignment if request is not None else ""),
                package=record.package if record is not None else "",
                policy=record.terms.policy.id if record is not None else "",
                catalog=record.terms.catalog if record is not None else "",
                object=about,
                reason=reason,
                details=tuple(sorted((details or {}).items())),
                revision=self.snapshot.revision.tenant,
            )
        )

    def notify(
        self,
        kind: NoticeKind,
        to: Iterable[str],
        record: AccessRequest | Assignment,
        **fields: Any,
    ) -> None:
        """Tell people of something, one mail each, unless the policy says not to (S-137)."""
        people = tuple(sorted(set(to) - {SYSTEM, ""}))
        if not people or not record.terms.policy.notices:
            return
        is_request = isinstance(record, AccessRequest)
        owner = record.id
        external = self._external(record)
        notice = Notice(
            id=f"{owner}/{record.version}/{kind.value}/{self.at.isoformat()}",
            kind=kind,
            to=people,
            at=self.at,
            target=record.target,
            requestor=record.submitter if isinstance(record, AccessRequest) else record.target,
            package=record.package,
            package_name=record.terms.package_name,
            policy=record.terms.policy.id,
            request=owner if is_request else record.request,  # type: ignore[union-attr]
            assignment=record.assignment if isinstance(record, AccessRequest) else owner,
            addresses=((external.id, external.mail),) if external and external.mail else (),
            **fields,
        )
        self.tx.schedule(self.mail(one) for one in split(notice))

    def _external(self, record: AccessRequest | Assignment) -> ExternalPerson | None:
        """Give whom a record is about as they asked, while the directory has no object of them."""
        made_by = self.tx.request(record.request) if isinstance(record, Assignment) else record
        external = None if made_by is None else made_by.external
        return external if external and self.outside_directory(external.id) else None

    def mail(self, notice: Notice) -> DueAction:
        """Give the work of delivering one notice to one person."""
        return DueAction(
            id=notice.id,
            kind=WorkKind.DELIVER_NOTICE,
            due_at=notice.at,
            planned_at=notice.at,
            case=user_case(notice.to[0]),
            request=notice.request,
            assignment=notice.assignment,
            target=notice.kind.value,
            payload=msgspec.json.encode(notice).decode(),
        )


def as_person(external: ExternalPerson) -> InlinePerson:
    """Give an external person with all that is known of them: there is nothing else to know."""
    return InlinePerson(
        id=external.id,
        type=PersonType.EXTERNAL,
        state=AccountState.ENABLED,
        groups=(),
        manager=None,
        sponsors=(),
        home=external.home,
        attributes={},
        mail=external.mail,
        risk=RiskLevel.NONE,
    )
