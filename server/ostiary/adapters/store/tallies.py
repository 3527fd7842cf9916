"""Numbers that are kept while records change, so that no limit has to count a million rows.

A number is the sum of a few parts, chosen by a hash of the record, so that writers seldom meet.
What changed is written at the end of a transaction, in one order, so that nobody deadlocks and the
rows are locked as briefly as can be.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from zlib import crc32

from sqlalchemy import func, select

from ostiary.adapters.store.rows import Rows
from ostiary.adapters.store.tables import assignment_tally, request, request_tally

_PARTS = 8
_DAY = timedelta(days=1)


def _day_of(instant: datetime) -> datetime:
    """Give the midnight, in UTC, at which the day of an instant began."""
    return instant.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


class TallyRows(Rows):
    """How many current assignments there are, and how many requests of each day."""

    _current: Counter[tuple[str, str, int]]
    _submitted: Counter[tuple[datetime, int]]

    def _begin_tallies(self) -> None:
        self._current = Counter()
        self._submitted = Counter()

    def _tally_assignment(self, record_id: str, package: str, policy: str, step: int) -> None:
        self._current[package, policy, crc32(record_id.encode()) % _PARTS] += step

    def _tally_request(self, record_id: str, submitted_at: datetime, step: int) -> None:
        self._submitted[_day_of(submitted_at), crc32(record_id.encode()) % _PARTS] += step

    def flush(self) -> None:
        """Write what changed."""
        super().flush()
        for (package, policy, part), step in sorted(self._current.items()):
            if step:
                row = {"package": package, "policy": policy, "part": part, "number": step}
                insert = self._insert(assignment_tally)
                self._write(
                    insert.on_conflict_do_update(
                        index_elements=["package", "policy", "part"],
                        set_={"number": assignment_tally.c.number + insert.excluded.number},
                    ),
                    row,
                )
        for (day, part), step in sorted(self._submitted.items()):
            if step:
                insert = self._insert(request_tally)
                self._write(
                    insert.on_conflict_do_update(
                        index_elements=["day", "part"],
                        set_={"number": request_tally.c.number + insert.excluded.number},
                    ),
                    {"day": day, "part": part, "number": step},
                )
        self._begin_tallies()

    def count_assignments(self, *, package: str | None = None, policy: str | None = None) -> int:
        """Count current assignments, of a policy (with its package), a package, or the tenant."""
        if policy is not None and package is None:
            raise ValueError("a policy is counted within its package")
        query = select(func.coalesce(func.sum(assignment_tally.c.number), 0))
        if package is not None:
            query = query.where(assignment_tally.c.package == package)
        if policy is not None:
            query = query.where(assignment_tally.c.policy == policy)
        waiting = sum(
            step
            for (of_package, of_policy, _), step in self._current.items()
            if package in {None, of_package} and policy in {None, of_policy}
        )
        return int(self._connection.scalar(query) or 0) + waiting

    def count_requests_since(self, since: datetime) -> int:
        """Count requests submitted at or after an instant."""
        first_whole_day = _day_of(since - timedelta(microseconds=1)) + _DAY
        whole = select(func.coalesce(func.sum(request_tally.c.number), 0)).where(
            request_tally.c.day >= first_whole_day
        )
        begun = (
            select(func.count())
            .select_from(request)
            .where(request.c.submitted_at >= since, request.c.submitted_at < first_whole_day)
        )
        waiting = sum(step for (day, _), step in self._submitted.items() if day >= first_whole_day)
        return sum(int(self._connection.scalar(query) or 0) for query in (whole, begun)) + waiting
