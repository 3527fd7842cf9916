"""What follows in people's cases when a package is taken away (S-108)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ostiary.domain.access_request import OPEN_STATES, RequestState
from ostiary.domain.assignment import CURRENT_STATES, Assignment
from ostiary.domain.due import DueAction, WorkKind, user_case
from ostiary.lifecycle.ports import AssignmentQuery, RequestQuery, Transaction

# Open requests that are not on their way to delivery; those that are finish (T19).
CANCELLABLE = frozenset(
    {RequestState.SUBMITTED, RequestState.PENDING_APPROVAL, RequestState.SCHEDULED}
)
_PAGE = 500


def cancel_requests(tx: Transaction, package: str, now: datetime) -> int:
    """Have each open request for a deleted package cancelled in its own case; give how many."""
    found = 0
    query = RequestQuery(package=package, states=CANCELLABLE, size=_PAGE)
    while page := tx.requests(query):
        found += len(page)
        tx.schedule(
            DueAction(
                id=f"{request.id}:package-deleted",
                kind=WorkKind.CANCEL_REQUEST,
                due_at=now,
                case=user_case(request.target),
                request=request.id,
                target=package,
            )
            for _, request in page
        )
        query = RequestQuery(
            package=package, states=CANCELLABLE, size=_PAGE, up_to=min(at for at, _ in page)
        )
    return found


def change_entries(tx: Transaction, package: str, revision: int, now: datetime) -> int:
    """Have each holder's rights brought in line with a changed package (S-16); give how many."""
    holders = 0
    for assignment in current(tx, package=package):
        holders += 1
        tx.schedule(
            [
                DueAction(
                    id=f"{assignment.id}/CHANGE_ENTRIES/{revision}",
                    kind=WorkKind.CHANGE_ENTRIES,
                    due_at=now,
                    planned_at=now,
                    case=user_case(assignment.target),
                    request=assignment.request,
                    assignment=assignment.id,
                )
            ]
        )
    return holders


def endless_assignments(tx: Transaction, package: str) -> int:
    """Count the current assignments of a package that never end by themselves."""
    return sum(one.ends_at is None for one in current(tx, package=package))


def has_access(tx: Transaction, user: str) -> bool:
    """Tell whether somebody has a current assignment or an open request."""
    open_requests = RequestQuery(target=user, states=OPEN_STATES, size=1)
    return any(current(tx, target=user)) or bool(tx.requests(open_requests))


def current(
    tx: Transaction, *, package: str | None = None, target: str | None = None
) -> Iterator[Assignment]:
    """Give the current assignments of a package or a person."""
    up_to: int | None = None
    while page := tx.assignments(
        AssignmentQuery(
            package=package, target=target, states=CURRENT_STATES, up_to=up_to, size=_PAGE
        )
    ):
        yield from (one for _, one in page)
        up_to = min(at for at, _ in page)
