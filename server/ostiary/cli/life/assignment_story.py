"""An assignment as a person wants to read it: who has what until when, and how each part stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import msgspec
from rich.console import Console

from ostiary.analysis.diff.words import length
from ostiary.cli.life import telling, upcoming, words
from ostiary.cli.life.record_labels import RecordLabels
from ostiary.cli.life.request_story import package_of, show_stages, until
from ostiary.v1 import access_request_pb2, audit_pb2, work_pb2
from ostiary.v1 import assignment_pb2 as assignments


class AssignmentStory(msgspec.Struct, frozen=True):
    """An assignment with everything that its caller may see of it."""

    assignment: assignments.Assignment
    now: datetime
    timeline: Sequence[audit_pb2.AuditEvent] = ()
    request: access_request_pb2.AccessRequest | None = None  # the one that made it
    work: Sequence[work_pb2.WorkItem] = ()

    @property
    def labels(self) -> RecordLabels:
        """Give the names that the records bear."""
        return RecordLabels([self.assignment])


def show_assignment(
    screen: Console, story: AssignmentStory, headline: telling.Headline | None = None
) -> None:
    """Print the whole story of an assignment."""
    assignment, labels = story.assignment, story.labels
    told = headline or telling.Headline(
        f'{assignment.holder} and "{package_of(assignment)}"',
        words.assignment_state(assignment.state),
    )
    telling.headline(screen, told, sentence(story))
    telling.facts(screen, _facts(story))
    if story.request is not None:
        show_stages(screen, story.request, labels)
    telling.show_delivery(screen, telling.Delivery(assignment.grants, story.work))
    plan = upcoming.of_assignment(assignment, story.now)
    telling.show_upcoming(screen, plan, assignment.access_package, labels)
    telling.show_parked(screen, story.work, labels)
    telling.show_events(screen, story.timeline, labels)


def sentence(story: AssignmentStory) -> str:
    """Give in one sentence what the state means."""
    assignment = story.assignment
    delivery = telling.Delivery(assignment.grants, story.work)
    match assignment.state:
        case assignments.ASSIGNMENT_STATE_DELIVERING:
            late = " It takes longer than usual." if assignment.late else ""
            return f"{_capital(telling.pending(delivery))}.{late}"
        case assignments.ASSIGNMENT_STATE_DELIVERED:
            return f"{assignment.holder} has the access {until(assignment)}{_far(story)}."
        case assignments.ASSIGNMENT_STATE_EXPIRED:
            cause = words.END_CAUSES.get(assignment.end_cause, "it was ended")
            return f"It ended {words.utc(assignment.ended_time)}: {cause}."
    some = assignment.state == assignments.ASSIGNMENT_STATE_PARTIALLY_DELIVERED
    lost = telling.failed(assignment.grants)
    what = "Some of it could not be given" if some else "Nothing could be given"
    cause = f": {lost}" if lost else ""
    return f"{what}{cause}. After the repair: ostiary request reprocess {assignment.request}"


def _far(story: AssignmentStory) -> str:
    if not story.assignment.HasField("end_time"):
        return ""
    return f" ({words.distance(story.assignment.end_time, story.now)})"


def _delay(story: AssignmentStory) -> str:
    """Give how long the last delivery took, or takes by now (S-92)."""
    assignment = story.assignment
    begun = words.moment(assignment.delivery_open_time)
    ended = assignment.HasField("delivery_close_time")
    until_then = words.moment(assignment.delivery_close_time) if ended else story.now
    seconds = timedelta(seconds=int((until_then - begun).total_seconds()))
    time = length(seconds) if seconds else "less than a second"
    late = ", longer than usual (PROVISIONING_LATE)" if assignment.late else ""
    return f"{'took' if ended else 'under way for'} {time}{late}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _facts(story: AssignmentStory) -> Iterator[tuple[str, str]]:
    assignment = story.assignment
    yield "assignment", assignment.id
    yield "holder", assignment.holder
    name = package_of(assignment)
    known = name if name == assignment.access_package else f"{name} ({assignment.access_package})"
    yield "package", f"{known}, catalog {assignment.catalog}"
    policy = assignment.policy_display_name or assignment.policy
    shown = policy if policy == assignment.policy else f"{policy} ({assignment.policy})"
    yield "policy", shown
    yield "request", assignment.request
    yield "access", f"from {words.utc(assignment.start_time)} {until(assignment)}"
    if assignment.HasField("delivery_open_time"):
        yield "delivery", _delay(story)
    current = assignment.state != assignments.ASSIGNMENT_STATE_EXPIRED
    if current and assignment.extension_allowed and assignment.HasField("end_time"):
        yield "more time", f"ostiary request extend {assignment.id}"
    if assignment.HasField("out_of_scope_time"):
        left = words.utc(assignment.out_of_scope_time)
        yield "scope", f"the holder is out of the policy's scope since {left}"
