"""Forgetting what the tenant does not want to keep any longer (S-87, S-136)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from ostiary.domain.access_request import SYSTEM, AccessRequest, RequestState
from ostiary.domain.due import user_case
from ostiary.lifecycle.ports import RequestQuery, Transaction
from ostiary.operations import cancel
from ostiary.operations.office import Office

BATCH = 500  # what one transaction deletes
_CASE = "retention"  # two workers would delete the same
_OVER = frozenset(
    {
        RequestState.DELIVERED,
        RequestState.PARTIALLY_DELIVERED,
        RequestState.DELIVERY_FAILED,
        RequestState.DENIED,
        RequestState.CANCELED,
    }
)
_THREE_MONTHS = timedelta(days=92)


def forget(office: Office) -> int:
    """Delete a batch of what is older than the settings want kept; give how much that was.

    By default everything is kept. Raises NotReadyError while there is no tenant.
    """
    settings = office.look(lambda unit: unit.snapshot.settings)
    done = 0
    if settings.keep_audit_for is not None:
        done += _forget_events(office, settings.keep_audit_for)
    if settings.keep_requests_for is not None:
        done += _forget_requests(office, settings.keep_requests_for)
    return done


def _forget_events(office: Office, wanted: timedelta) -> int:
    with office.store.transaction() as tx:
        if not tx.try_lock(_CASE):
            return 0
        return tx.forget_events(office.now() - wanted, most=BATCH)


def _forget_requests(office: Office, wanted: timedelta) -> int:
    """Delete records as staff do: each in its own case, with an event; access is left alone."""
    done = 0
    with office.store.transaction() as tx:
        unit = office.unit(tx, "")
        if unit.snapshot.profile.limits["requests_in_three_months"] is not None:
            wanted = max(wanted, _THREE_MONTHS)  # what is counted must be there
        for request in _old(tx, unit.now - wanted):
            keep = max(wanted, request.terms.reprocess_window)  # S-94
            if request.completed_at is None or request.completed_at > unit.now - keep:
                continue
            case = user_case(request.target)
            if tx.try_lock(case) and (now := tx.request(request.id)) == request:
                cancel.delete(office.unit(tx, case), now, by=SYSTEM)
                done += 1
            if done == BATCH:
                break
    return done


def _old(tx: Transaction, before: datetime) -> Iterator[AccessRequest]:
    """Give the requests that are over and were submitted before an instant."""
    up_to: int | None = None
    while page := tx.requests(
        RequestQuery(states=_OVER, submitted_before=before, up_to=up_to, size=BATCH)
    ):
        yield from (request for _, request in page)
        up_to = page[-1][0]
