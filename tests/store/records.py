"""Records to keep, with only those fields named that a test is about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from ostiary.domain.access_request import (
    AccessRequest,
    Entry,
    RequestKind,
    RequestState,
    StageRecord,
    Terms,
)
from ostiary.domain.assignment import Assignment, AssignmentState, Grant
from ostiary.domain.attributes import AllOf, AttributeTest, Comparison
from ostiary.domain.audit import AuditEvent
from ostiary.domain.callout import Callout, CalloutStatus
from ostiary.domain.catalog import ResourceKind
from ostiary.domain.decision import Origin, Revision
from ostiary.domain.due import DueAction, WorkKind
from ostiary.domain.policy import (
    ApprovalStage,
    Approver,
    ApproverKind,
    AssignmentPolicy,
    Expiration,
    ExpirationKind,
    ExtensionStage,
    Question,
    Recurrence,
    RequestorScope,
    ReviewerKind,
    ReviewSettings,
    ScopeKind,
)
from ostiary.domain.review import ReviewInstance, ReviewItem, ReviewState
from ostiary.lifecycle.ports import Definition, DefinitionKind, Store, Transaction

NOW = datetime(2031, 3, 10, 10, 0, tzinfo=UTC)
ENTRY = Entry("sales-group", "Member", ResourceKind.GROUP, "g-1", "Sales Group")


def later(**distance: float) -> datetime:
    """An instant after NOW."""
    return NOW + timedelta(**distance)


def terms(package: str = "sales", policy: str = "staff", catalog: str = "general") -> Terms:
    """Terms in which every kind of value of a policy occurs."""
    fits = AttributeTest("department", Comparison.EQ, ("Sales",))
    return Terms(
        package=package,
        package_name=package.title(),
        catalog=catalog,
        catalog_name=catalog.title(),
        policy=AssignmentPolicy(
            id=policy,
            name="Stäff ☂",
            scope=RequestorScope(ScopeKind.AUTOMATIC, rule=AllOf((fits, fits))),
            expiration=Expiration(ExpirationKind.DURATION, after=timedelta(days=30, seconds=1)),
            questions=(Question("why", "Why?", localized={"de": "Warum?"}),),
            stages=(ApprovalStage((Approver(ApproverKind.USER, "mona"),)),),
            reviews=ReviewSettings(
                start=NOW,
                recurrence=Recurrence(every=timedelta(days=90)),
                window=timedelta(days=25),
                reviewers=ReviewerKind.SELF,
            ),
        ),
        entries=(ENTRY,),
        expiry_reminders=(timedelta(days=14), timedelta(days=1)),
    )


def stage(number: int = 1, **fields: Any) -> StageRecord:
    """An open stage that mona may decide, and on escalation otto."""
    said: dict[str, Any] = {
        "number": number,
        "approvers": ("mona",),
        "origin": Origin.PRIMARY,
        "alternates": ("otto",),
        "alternates_origin": Origin.PRIMARY,
        "time_out": timedelta(days=14),
        "escalate_after": timedelta(days=4),
        "justification_required": False,
    }
    return StageRecord(**{**said, **fields})


def request(name: str, **fields: Any) -> AccessRequest:
    """A request of ana for the package `sales`."""
    said: dict[str, Any] = {
        "kind": RequestKind.USER_ADD,
        "state": RequestState.PENDING_APPROVAL,
        "target": "ana",
        "submitter": "ana",
        "terms": terms(),
        "submitted_at": NOW,
        "revision": Revision("r", "t", "standard", "1.0"),
    }
    return AccessRequest(id=name, **{**said, **fields})


def assignment(name: str, **fields: Any) -> Assignment:
    """An assignment of ana, delivered."""
    said: dict[str, Any] = {
        "target": "ana",
        "terms": terms(),
        "state": AssignmentState.DELIVERED,
        "request": "r-1",
        "created_at": NOW,
        "starts_at": NOW,
        "ends_at": None,
        "grants": (Grant(ENTRY),),
    }
    return Assignment(id=name, **{**said, **fields})


def review(name: str, *reviewers: str, **fields: Any) -> ReviewInstance:
    """A review of the policy `staff`, with one item for each reviewer."""
    said: dict[str, Any] = {
        "package": "sales",
        "policy": "staff",
        "catalog": "general",
        "settings": terms().policy.reviews,
        "state": ReviewState.OPEN,
        "opened_at": NOW,
        "remind_at": later(days=12.5),
        "closes_at": later(days=25),
        "items": tuple(ReviewItem(f"a-{who}", f"t-{who}", (who,)) for who in reviewers),
    }
    return ReviewInstance(id=name, **{**said, **fields})


def callout(name: str, request_id: str = "r-1", **fields: Any) -> Callout:
    """A call about a request that waits to be made."""
    said: dict[str, Any] = {
        "extension": "ticket",
        "url": "https://tickets.example/hook",
        "catalog": "general",
        "stage": ExtensionStage.REQUEST_CREATED,
        "case": "user:ana",
        "target": "ana",
        "request": request_id,
        "status": CalloutStatus.QUEUED,
        "created_at": NOW,
    }
    return Callout(id=name, **{**said, **fields})


def action(name: str, kind: WorkKind = WorkKind.GRANT, **fields: Any) -> DueAction:
    """An action in the case of ana that is due NOW."""
    said: dict[str, Any] = {"due_at": NOW, "case": "user:ana"}
    return DueAction(id=name, kind=kind, **{**said, **fields})


def event(name: str = "User requests access package assignment", **fields: Any) -> AuditEvent:
    """An event that ana caused NOW."""
    said: dict[str, Any] = {"at": NOW, "actor": "ana"}
    return AuditEvent(name=name, **{**said, **fields})


def definition(kind: DefinitionKind, name: str, within: str = "", **fields: Any) -> Definition:
    """A definition with a little body."""
    said: dict[str, Any] = {"body": b'{"id":"%s"}' % name.encode(), "revision": 1}
    return Definition(kind=kind, within=within, id=name, **{**said, **fields})


class UndoneError(Exception):
    """Why a transaction does not come to its end."""


@contextmanager
def undone(store: Store) -> Iterator[Transaction]:
    """A transaction that raises at its end."""
    with suppress(UndoneError), store.transaction() as tx:
        yield tx
        raise UndoneError
