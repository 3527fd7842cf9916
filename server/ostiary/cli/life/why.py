"""Does somebody have a package, and if not, why not: one answer with the story behind it (S-97).

The last request and the last assignment of the person are looked at; where there never was one, the
decision on asking now says what stands in the way.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from rich.console import Console
from rich.text import Text

from ostiary.cli.labels import Labels
from ostiary.cli.life import gathering, telling, words
from ostiary.cli.life.assignment_story import show_assignment
from ostiary.cli.life.remote import Remote
from ostiary.cli.life.request_story import package_of, show_request
from ostiary.cli.show_decision import Answered, show_decision
from ostiary.cli.terminal import grid, heading, show, styled
from ostiary.v1 import access_request_pb2, assignment_pb2, audit_pb2
from ostiary.v1 import assignment_service_pb2 as assignment_service
from ostiary.v1 import decision_service_pb2 as decisions
from ostiary.v1 import request_service_pb2 as request_service

_CURRENT = frozenset(
    {
        assignment_pb2.ASSIGNMENT_STATE_DELIVERING,
        assignment_pb2.ASSIGNMENT_STATE_PARTIALLY_DELIVERED,
        assignment_pb2.ASSIGNMENT_STATE_DELIVERED,
    }
)
_ASSIGNMENTS = {
    assignment_pb2.ASSIGNMENT_STATE_DELIVERING: ("NOT YET", words.BUSY),
    assignment_pb2.ASSIGNMENT_STATE_PARTIALLY_DELIVERED: ("IN PART", words.BAD),
    assignment_pb2.ASSIGNMENT_STATE_DELIVERED: ("YES", words.GOOD),
    assignment_pb2.ASSIGNMENT_STATE_DELIVERY_FAILED: ("NO", words.BAD),
    assignment_pb2.ASSIGNMENT_STATE_EXPIRED: ("NO LONGER", words.BAD),
}
_OPEN = frozenset(
    {
        access_request_pb2.REQUEST_STATE_SUBMITTED,
        access_request_pb2.REQUEST_STATE_PENDING_APPROVAL,
        access_request_pb2.REQUEST_STATE_SCHEDULED,
        access_request_pb2.REQUEST_STATE_DELIVERING,
    }
)


class Known(msgspec.Struct, frozen=True):
    """The last things that are recorded of a person and a package."""

    request: access_request_pb2.AccessRequest | None  # for new access
    assignment: assignment_pb2.Assignment | None
    open: tuple[access_request_pb2.AccessRequest, ...] = ()  # of any kind

    def speaks(self) -> access_request_pb2.AccessRequest | assignment_pb2.Assignment | None:
        """Give the record that says how things stand."""
        request, assignment = self.request, self.assignment
        if request is None or assignment is None:
            return assignment or request
        if assignment.state in _CURRENT or assignment.id == request.assignment:
            return assignment
        newer = words.moment(request.submit_time) >= words.moment(assignment.create_time)
        return request if newer or request.state in _OPEN else assignment


def show_why(
    screen: Console,
    remote: Remote,
    target: str,
    package: str,
    events: Sequence[audit_pb2.AuditEvent],
) -> None:
    """Print whether a person has a package and why, then everything that happened about it."""
    known = look_up(remote, target, package)
    speaks = known.speaks()
    match speaks:
        case assignment_pb2.Assignment() as assignment:
            word = _ASSIGNMENTS.get(assignment.state, ("UNKNOWN", words.BAD))
            told = gathering.assignment_answer(remote, assignment.id)
            found = gathering.assignment_story(remote, told)
            story = msgspec.structs.replace(found, timeline=events)
            show_assignment(screen, story, _headline(target, package_of(assignment), *word))
        case access_request_pb2.AccessRequest() as request:
            word = ("NOT YET", words.BUSY) if request.state in _OPEN else ("NO", words.BAD)
            whole = gathering.request_story(remote, gathering.request_answer(remote, request.id))
            shown = msgspec.structs.replace(whole, timeline=events)
            show_request(screen, shown, _headline(target, package_of(request), *word))
        case _:
            _show_never(screen, remote, target, package, events)
            return
    _show_open(screen, [one for one in known.open if one.id not in _told_by(speaks)])


def _told_by(speaks: access_request_pb2.AccessRequest | assignment_pb2.Assignment) -> set[str]:
    """Give the requests that a story tells about already."""
    by = speaks.request if isinstance(speaks, assignment_pb2.Assignment) else speaks.id
    return {by}


def _show_open(screen: Console, requests: Sequence[access_request_pb2.AccessRequest]) -> None:
    """Print what else is under way, e.g. an extension that waits for its approval."""
    if not requests:
        return
    heading(screen, "Also under way")
    table = grid("fixed", "flow", "flow")
    for one in requests:
        kind = words.KINDS.get(one.kind, "of an unknown kind")
        table.add_row(styled(one.id), words.request_state(one), styled(kind))
    show(screen, table)


def look_up(remote: Remote, target: str, package: str) -> Known:
    """Give the last request for new access and the last assignment."""
    asked = request_service.ListRequestsRequest(
        filter=request_service.RequestFilter(requestor=target, access_package=package),
        page_size=_LOOKED_AT,
    )
    requests = remote.call(remote.services.requests.ListRequests, asked).requests
    wanted = assignment_service.ListAssignmentsRequest(
        filter=assignment_service.AssignmentFilter(holder=target, access_package=package),
        page_size=_LOOKED_AT,
    )
    assignments = remote.call(remote.services.assignments.ListAssignments, wanted).assignments
    current = next((one for one in assignments if one.state in _CURRENT), None)
    return Known(
        next((one for one in requests if one.kind in words.ADDS), None),
        current or next(iter(assignments), None),
        tuple(one for one in requests if one.state in _OPEN),
    )


_LOOKED_AT = 100  # the newest come first


def _headline(target: str, package: str, word: str, style: str) -> telling.Headline:
    return telling.Headline(f'Does {target} have "{package}"?', styled(word, style))


def _show_never(
    screen: Console,
    remote: Remote,
    target: str,
    package: str,
    events: Sequence[audit_pb2.AuditEvent],
) -> None:
    told = _headline(target, package, "NO", words.BAD)
    telling.headline(screen, told, f"{target} has never asked for it, and nobody has assigned it.")
    question = decisions.EvaluateRequest(access_package=package, requestor_id=target)
    answer = remote.call(remote.services.decisions.Evaluate, question)
    screen.print(Text())
    show_decision(screen, Answered(question, answer.decision, Labels()))
    telling.show_events(screen, events, Labels())
