"""Requests, assignments, reviews and callouts: documents with columns for what is searched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Column, Select, Table, delete, insert, select, update

from ostiary.adapters.store import tables
from ostiary.adapters.store.rows import Row
from ostiary.adapters.store.tallies import TallyRows
from ostiary.domain.access_request import AccessRequest
from ostiary.domain.assignment import CURRENT_STATES, Assignment
from ostiary.domain.callout import Callout
from ostiary.domain.enumeration import Enumeration
from ostiary.domain.review import ReviewInstance
from ostiary.lifecycle.deciding import decider_keys
from ostiary.lifecycle.ports import AssignmentQuery, RequestQuery, ReviewQuery

_encode = msgspec.json.Encoder().encode
_request_of = msgspec.json.Decoder(AccessRequest).decode
_assignment_of = msgspec.json.Decoder(Assignment).decode
_review_of = msgspec.json.Decoder(ReviewInstance).decode
_callout_of = msgspec.json.Decoder(Callout).decode

_CURRENT = frozenset(state.value for state in CURRENT_STATES)


def reviewers(record: ReviewInstance) -> tuple[str, ...]:
    """Give everybody who reviews at least one item."""
    return tuple(sorted({name for item in record.items for name in item.reviewers}))


def _among(column: Column[Any], values: Iterable[Enumeration]) -> Any:
    return column.in_(sorted(value.value for value in values))


def _text(document: object) -> str:
    return _encode(document).decode()


class RecordRows(TallyRows):
    """The records of a transaction."""

    def request(self, request_id: str) -> AccessRequest | None:
        """Give a request."""
        row = self._first(
            select(tables.request.c.document).where(tables.request.c.id == request_id)
        )
        return row and _request_of(row.document)

    def requests(self, query: RequestQuery) -> Sequence[tuple[int, AccessRequest]]:
        """Give requests with their positions."""
        wanted = select(tables.request.c.position, tables.request.c.document)
        for name in ("target", "submitter", "package", "policy", "assignment"):
            if (value := getattr(query, name)) is not None:
                wanted = wanted.where(tables.request.c[name] == value)
        if query.states is not None:
            wanted = wanted.where(_among(tables.request.c.state, query.states))
        if query.submitted_before is not None:
            wanted = wanted.where(tables.request.c.submitted_at < query.submitted_before)
        if query.deciders is not None:
            mine = tables.request_approver.c
            found = select(mine.position).where(mine.approver.in_(sorted(query.deciders)))
            wanted = wanted.where(tables.request.c.position.in_(found))
        return [(row.position, _request_of(row.document)) for row in self._page(wanted, query)]

    def save_request(self, request: AccessRequest) -> None:
        """Insert or replace a request."""
        row: Row = {
            "id": request.id,
            "target": request.target,
            "submitter": request.submitter,
            "package": request.package,
            "policy": request.terms.policy.id,
            "catalog": request.terms.catalog,
            "assignment": request.assignment,
            "state": request.state.value,
            "submitted_at": request.submitted_at,
            "document": _text(request),
        }
        found = self._place(tables.request, request.id, tables.request.c.submitted_at)
        if found is not None:
            self._tally_request(request.id, found.submitted_at, -1)
        self._tally_request(request.id, request.submitted_at, +1)
        position = self._save(tables.request, found, row)
        self._link(
            tables.request_approver, "approver", position, decider_keys(request), new=found is None
        )

    def delete_request(self, request_id: str) -> None:
        """Delete the record of a request (S-87)."""
        found = self._place(tables.request, request_id, tables.request.c.submitted_at)
        if found is not None:
            self._tally_request(request_id, found.submitted_at, -1)
            self._write(delete(tables.request).where(tables.request.c.position == found.position))

    def assignment(self, assignment_id: str) -> Assignment | None:
        """Give an assignment."""
        row = self._first(
            select(tables.assignment.c.document).where(tables.assignment.c.id == assignment_id)
        )
        return row and _assignment_of(row.document)

    def assignments(self, query: AssignmentQuery) -> Sequence[tuple[int, Assignment]]:
        """Give assignments with their positions."""
        wanted = select(tables.assignment.c.position, tables.assignment.c.document)
        for name in ("target", "package", "policy"):
            if (value := getattr(query, name)) is not None:
                wanted = wanted.where(tables.assignment.c[name] == value)
        if query.states is not None:
            wanted = wanted.where(_among(tables.assignment.c.state, query.states))
        return [(row.position, _assignment_of(row.document)) for row in self._page(wanted, query)]

    def save_assignment(self, assignment: Assignment) -> None:
        """Insert or replace an assignment."""
        row: Row = {
            "id": assignment.id,
            "target": assignment.target,
            "package": assignment.package,
            "policy": assignment.policy,
            "catalog": assignment.terms.catalog,
            "state": assignment.state.value,
            "document": _text(assignment),
        }
        c = tables.assignment.c
        found = self._place(tables.assignment, assignment.id, c.package, c.policy, c.state)
        if found is not None and found.state in _CURRENT:
            self._tally_assignment(assignment.id, found.package, found.policy, -1)
        if assignment.current:
            self._tally_assignment(assignment.id, assignment.package, assignment.policy, +1)
        self._save(tables.assignment, found, row)

    def review(self, review_id: str) -> ReviewInstance | None:
        """Give a review instance."""
        row = self._first(select(tables.review.c.document).where(tables.review.c.id == review_id))
        return row and _review_of(row.document)

    def reviews(self, query: ReviewQuery) -> Sequence[tuple[int, ReviewInstance]]:
        """Give review instances with their positions."""
        wanted = select(tables.review.c.position, tables.review.c.document)
        for name in ("package", "policy"):
            if (value := getattr(query, name)) is not None:
                wanted = wanted.where(tables.review.c[name] == value)
        if query.states is not None:
            wanted = wanted.where(_among(tables.review.c.state, query.states))
        if query.reviewer is not None:
            mine = tables.review_reviewer.c
            wanted = wanted.join(
                tables.review_reviewer, mine.position == tables.review.c.position
            ).where(mine.reviewer == query.reviewer)
        return [(row.position, _review_of(row.document)) for row in self._page(wanted, query)]

    def save_review(self, review: ReviewInstance) -> None:
        """Insert or replace a review instance."""
        row: Row = {
            "id": review.id,
            "package": review.package,
            "policy": review.policy,
            "catalog": review.catalog,
            "state": review.state.value,
            "document": _text(review),
        }
        found = self._place(tables.review, review.id)
        position = self._save(tables.review, found, row)
        self._link(
            tables.review_reviewer, "reviewer", position, reviewers(review), new=found is None
        )

    def callout(self, callout_id: str) -> Callout | None:
        """Give a callout."""
        row = self._first(
            select(tables.callout.c.document).where(tables.callout.c.id == callout_id)
        )
        return row and _callout_of(row.document)

    def callouts(self, request_id: str) -> Sequence[Callout]:
        """Give the callouts of a request in the order in which they were made."""
        wanted = select(tables.callout.c.document).where(tables.callout.c.request == request_id)
        return [_callout_of(row.document) for row in self._rows(wanted.order_by("position"))]

    def save_callout(self, callout: Callout) -> None:
        """Insert or replace a callout."""
        row: Row = {"id": callout.id, "request": callout.request, "document": _text(callout)}
        self._save(tables.callout, self._place(tables.callout, callout.id), row)

    def _page(
        self, wanted: Select[Any], query: RequestQuery | AssignmentQuery | ReviewQuery
    ) -> list[Any]:
        """Give the newest rows below `up_to`, in the catalogs that are asked for."""
        (table, *_) = {column.table for column in wanted.selected_columns}
        if query.catalogs is not None:
            wanted = wanted.where(table.c.catalog.in_(sorted(query.catalogs)))
        if query.up_to is not None:
            wanted = wanted.where(table.c.position < query.up_to)
        return self._rows(wanted.order_by(table.c.position.desc()).limit(query.size))

    def _place(self, table: Table, record_id: str, *also: Column[Any]) -> Any:
        """Give position and some columns of a record that is to change; None: there is none."""
        self._may_write()
        found = select(table.c.position, *also).where(table.c.id == record_id)
        return self._first(found.with_for_update())

    def _save(self, table: Table, found: Any, row: Row) -> int:
        """Write a record; give its position."""
        if found is not None:
            self._write(update(table).where(table.c.position == found.position).values(row))
            return int(found.position)
        made = self._connection.execute(insert(table).returning(table.c.position), row)
        return int(made.scalar_one())

    def _link(
        self, table: Table, name: str, position: int, people: Sequence[str], *, new: bool
    ) -> None:
        """Have a record found by these people and no others."""
        if not new:
            self._write(delete(table).where(table.c.position == position))
        if people:
            self._write(insert(table), [{name: who, "position": position} for who in people])
