"""AuditService: everything that happened, in its order."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from ostiary.lifecycle.ports import AuditQuery
from ostiary.rpc import cursors
from ostiary.rpc.calls import Call
from ostiary.rpc.convert.records import audit_event
from ostiary.rpc.convert.times import instant
from ostiary.rpc.life import Life, Look, within
from ostiary.rpc.violations import Violations
from ostiary.v1 import audit_service_pb2 as contract

DESCRIPTOR = contract.DESCRIPTOR.services_by_name["AuditService"]

_AT_ONCE = 200  # events that a watcher looks at in one go
_LONGEST_PART = 256  # characters of a part of a display name


class AuditService:
    """Answers the calls of AuditService."""

    def __init__(self, life: Life) -> None:
        self._life = life

    def list_audit_events(
        self, message: contract.ListAuditEventsRequest, call: Call
    ) -> contract.ListAuditEventsResponse:
        """List events."""
        with self._life.looking(call) as look:
            violations = Violations()
            size = cursors.size_of(message, violations)
            if message.after_sequence < 0:
                violations.add("after_sequence", "must not be negative")
            query = _filtered(look, call, message.filter, violations)
            begin = cursors.position(message)
            query = replace(
                query,
                after=message.after_sequence,
                newest_first=message.newest_first,
                size=size + 1,
            )
            if begin is not None and message.newest_first:
                query = replace(query, before=begin)
            elif begin is not None:
                query = replace(query, after=begin)
            page, more = cursors.cut(look.tx.events(query), size)
            return contract.ListAuditEventsResponse(
                events=map(audit_event, page),
                next_page_token=cursors.token(message, str(page[-1].sequence)) if more else "",
            )

    def watch_audit_events(
        self, message: contract.WatchAuditEventsRequest, call: Call
    ) -> Iterator[contract.WatchAuditEventsResponse]:
        """Tell of events until the caller leaves."""
        sequence = message.after_sequence if message.HasField("after_sequence") else None
        while True:
            with self._life.looking(call, settled=True) as look:
                violations = Violations()
                if sequence is not None and sequence < 0:
                    violations.add("after_sequence", "must not be negative")
                query = _filtered(look, call, message.filter, violations)
                newest = look.tx.settled()
                if sequence is None:
                    sequence = newest
                query = replace(query, after=sequence, before=newest + 1, size=_AT_ONCE)
                events = look.tx.events(query)
            for event in events:
                yield contract.WatchAuditEventsResponse(event=audit_event(event))
            if len(events) == _AT_ONCE:
                sequence = events[-1].sequence
                continue
            # Whatever else there was by then is of no interest here.
            sequence = max(sequence, newest)
            if not self._life.wait(call):
                return


def _filtered(
    look: Look, call: Call, message: contract.AuditFilter, violations: Violations
) -> AuditQuery:
    """Give what a filter asks for, within what the caller may see."""
    reader = look.reader
    subject = reader.user(message.subject, "filter.subject", violations)
    actor = reader.user(message.actor, "filter.actor", violations)
    request = reader.request(message.request, violations, "filter.request")
    assignment = reader.assignment(message.assignment, violations, "filter.assignment")
    package = reader.package(message.access_package, "filter.access_package", violations)
    policy = reader.filtered_policy(message.policy, package, violations)
    catalog = violations.name(message.catalog, "filter.catalog")
    part = violations.text(
        message.display_name_contains, "filter.display_name_contains", _LONGEST_PART
    )
    since = until = None
    if message.HasField("since_time"):
        since = instant(message.since_time, "filter.since_time", violations)
    if message.HasField("until_time"):
        until = instant(message.until_time, "filter.until_time", violations)
    violations.refuse_if_any()
    return AuditQuery(
        target=subject or None,
        actor=actor or None,
        request=request or None,
        assignment=assignment or None,
        package=package or None,
        policy=policy,
        catalogs=within(call.catalogs(look.rights), catalog),
        name_contains=part or None,
        since=since,
        until=until,
    )
