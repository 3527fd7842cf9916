"""Requests, assignments, reviews and callouts in memory."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import TypeVar

from ostiary.adapters.store.memory_state import Changes, Record, Shelf
from ostiary.adapters.store.records import reviewers
from ostiary.domain.access_request import AccessRequest
from ostiary.domain.assignment import Assignment
from ostiary.domain.callout import Callout
from ostiary.domain.review import ReviewInstance
from ostiary.lifecycle.deciding import decider_keys
from ostiary.lifecycle.ports import AssignmentQuery, RequestQuery, ReviewQuery

R = TypeVar("R", bound=Record)


def _page(found: Iterable[tuple[int, R]], up_to: int | None, size: int) -> Sequence[tuple[int, R]]:
    return list(islice((pair for pair in found if up_to is None or pair[0] < up_to), size))


def _fits(wanted: str | None, value: str) -> bool:
    return wanted is None or wanted == value


class MemoryRecords(Changes):
    """The records of a transaction."""

    def request(self, request_id: str) -> AccessRequest | None:
        """Give a request."""
        return self._state.requests.get(request_id)

    def requests(self, query: RequestQuery) -> Sequence[tuple[int, AccessRequest]]:
        """Give requests with their positions."""
        return _page(self._matching_requests(query), query.up_to, query.size)

    def _matching_requests(self, query: RequestQuery) -> Iterator[tuple[int, AccessRequest]]:
        for position, one in self._state.requests.newest_first(query.target):
            if (
                _fits(query.submitter, one.submitter)
                and _fits(query.package, one.package)
                and _fits(query.policy, one.terms.policy.id)
                and _fits(query.assignment, one.assignment)
                and (query.catalogs is None or one.terms.catalog in query.catalogs)
                and (query.states is None or one.state in query.states)
                and (query.submitted_before is None or one.submitted_at < query.submitted_before)
                and (query.deciders is None or query.deciders.intersection(decider_keys(one)))
            ):
                yield position, one

    def save_request(self, request: AccessRequest) -> None:
        """Insert or replace a request."""
        self._may_write()
        before = self._state.requests.get(request.id)
        if before is not None:
            self._forget_submission(before.submitted_at)
        self._put(self._state.requests, request)
        insort(self._state.submitted, request.submitted_at)
        self._backwards(self._state.submitted.remove, request.submitted_at)

    def delete_request(self, request_id: str) -> None:
        """Delete the record of a request (S-87)."""
        self._may_write()
        before = self._state.requests.get(request_id)
        if before is not None:
            self._forget_submission(before.submitted_at)
            position = self._state.requests.drop(request_id)
            self._backwards(self._state.requests.put, before, position)

    def _forget_submission(self, at: datetime) -> None:
        self._state.submitted.remove(at)
        self._backwards(insort, self._state.submitted, at)

    def count_requests_since(self, since: datetime) -> int:
        """Count requests submitted at or after an instant."""
        return len(self._state.submitted) - bisect_left(self._state.submitted, since)

    def assignment(self, assignment_id: str) -> Assignment | None:
        """Give an assignment."""
        return self._state.assignments.get(assignment_id)

    def assignments(self, query: AssignmentQuery) -> Sequence[tuple[int, Assignment]]:
        """Give assignments with their positions."""
        found = (
            (position, one)
            for position, one in self._state.assignments.newest_first(query.target)
            if _fits(query.package, one.package)
            and _fits(query.policy, one.policy)
            and (query.catalogs is None or one.terms.catalog in query.catalogs)
            and (query.states is None or one.state in query.states)
        )
        return _page(found, query.up_to, query.size)

    def save_assignment(self, assignment: Assignment) -> None:
        """Insert or replace an assignment."""
        before = self._state.assignments.get(assignment.id)
        self._put(self._state.assignments, assignment)
        for one, step in ((before, -1), (assignment, +1)):
            if one is not None and one.current:
                self._count(one, step)
                self._backwards(self._count, one, -step)

    def _count(self, assignment: Assignment, step: int) -> None:
        self._state.current[assignment.package, assignment.policy] += step

    def count_assignments(self, *, package: str | None = None, policy: str | None = None) -> int:
        """Count current assignments, of a policy (with its package), a package, or the tenant."""
        if policy is not None:
            if package is None:
                raise ValueError("a policy is counted within its package")
            return self._state.current[package, policy]
        return sum(number for (of, _), number in self._state.current.items() if _fits(package, of))

    def review(self, review_id: str) -> ReviewInstance | None:
        """Give a review instance."""
        return self._state.reviews.get(review_id)

    def reviews(self, query: ReviewQuery) -> Sequence[tuple[int, ReviewInstance]]:
        """Give review instances with their positions."""
        found = (
            (position, one)
            for position, one in self._state.reviews.newest_first(query.policy)
            if _fits(query.package, one.package)
            and (query.catalogs is None or one.catalog in query.catalogs)
            and (query.states is None or one.state in query.states)
            and (query.reviewer is None or query.reviewer in reviewers(one))
        )
        return _page(found, query.up_to, query.size)

    def save_review(self, review: ReviewInstance) -> None:
        """Insert or replace a review instance."""
        self._put(self._state.reviews, review)

    def callout(self, callout_id: str) -> Callout | None:
        """Give a callout."""
        return self._state.callouts.get(callout_id)

    def callouts(self, request_id: str) -> Sequence[Callout]:
        """Give the callouts of a request in the order in which they were made."""
        return [one for _, one in self._state.callouts.newest_first(request_id)][::-1]

    def save_callout(self, callout: Callout) -> None:
        """Insert or replace a callout."""
        self._put(self._state.callouts, callout)

    def _put(self, shelf: Shelf[R], record: R) -> None:
        self._may_write()
        before = shelf.get(record.id)
        shelf.put(record)
        if before is None:
            self._backwards(shelf.drop, record.id)
        else:
            self._backwards(shelf.put, before)
