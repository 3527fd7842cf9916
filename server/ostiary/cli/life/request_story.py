"""A request as a person wants to read it: who wants what, who decides until when, what comes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec
from rich.console import Console
from rich.text import Text

from ostiary.analysis.diff.words import length
from ostiary.cli.life import telling, upcoming, words
from ostiary.cli.life.record_labels import RecordLabels
from ostiary.cli.phrases import people
from ostiary.cli.terminal import DIM, grid, heading, show, styled
from ostiary.v1 import access_request_pb2 as requests
from ostiary.v1 import assignment_pb2, audit_pb2, callout_pb2, decision_pb2, work_pb2


class RequestStory(msgspec.Struct, frozen=True):
    """A request with everything that its caller may see of it."""

    request: requests.AccessRequest
    now: datetime
    timeline: Sequence[audit_pb2.AuditEvent] = ()
    assignment: assignment_pb2.Assignment | None = None
    work: Sequence[work_pb2.WorkItem] = ()
    callouts: Sequence[callout_pb2.Callout] = ()

    @property
    def labels(self) -> RecordLabels:
        """Give the names that the records bear."""
        return RecordLabels([self.request, *([] if self.assignment is None else [self.assignment])])

    @property
    def delivery(self) -> telling.Delivery:
        """Give the delivery, as far as it may be seen."""
        grants = () if self.assignment is None else tuple(self.assignment.grants)
        return telling.Delivery(grants, self.work)


def show_request(
    screen: Console, story: RequestStory, headline: telling.Headline | None = None
) -> None:
    """Print the whole story of a request."""
    show_submitted(screen, story, headline)
    request = story.request
    if request.kind not in words.REMOVES:
        telling.show_delivery(screen, story.delivery)
    telling.show_callouts(screen, story.callouts)
    telling.show_parked(screen, story.work, story.labels)
    telling.show_events(screen, story.timeline, story.labels)


def show_submitted(
    screen: Console, story: RequestStory, headline: telling.Headline | None = None
) -> None:
    """Print where a request stands, who decides, and what comes: all that a new one has."""
    request = story.request
    told = headline or telling.Headline(_title(request), words.request_state(request))
    telling.headline(screen, told, sentence(story))
    telling.facts(screen, _facts(request))
    show_stages(screen, request, story.labels)
    plan = upcoming.of_request(request, story.now)
    if story.assignment is not None and request.state in _DELIVERED:
        plan = upcoming.of_assignment(story.assignment, story.now)
    telling.show_upcoming(screen, plan, request.access_package, story.labels)


_DELIVERED = frozenset(
    {
        requests.REQUEST_STATE_DELIVERING,
        requests.REQUEST_STATE_DELIVERED,
        requests.REQUEST_STATE_PARTIALLY_DELIVERED,
    }
)


def package_of(record: requests.AccessRequest | assignment_pb2.Assignment) -> str:
    """Give the name of a record's access package."""
    return record.access_package_display_name or record.access_package


def _title(request: requests.AccessRequest) -> str:
    name = package_of(request)
    if request.kind in words.ADDS:
        return f'{request.requestor} is to have "{name}"'
    if request.kind in words.REMOVES:
        return f'{request.requestor} is to have "{name}" no longer'
    return f'{request.requestor} is to have "{name}" until another day'


def sentence(story: RequestStory) -> str:
    """Give in one sentence what the state means and what it waits for."""
    request = story.request
    told = _SENTENCES.get(request.state)
    return "" if told is None else told(story)


def _submitted(story: RequestStory) -> str:
    waits = [
        one
        for one in story.callouts
        if one.status == callout_pb2.CALLOUT_STATUS_WAITING_FOR_CALLBACK
    ]
    if story.request.status != requests.REQUEST_STATUS_WAITING_FOR_CALLBACK:
        return "It is recorded and goes on by itself."
    at = words.stage_of_extension(story.request.waiting_stage)
    until = f" until {words.utc(waits[0].deadline_time)}" if waits else ""
    who = ", ".join(one.extension for one in waits) or "a custom extension"
    return f"It waits for the reply of {who} ({at}){until}."


def _pending(story: RequestStory) -> str:
    request = story.request
    stage = next((one for one in request.stages if one.number == request.open_stage), None)
    if stage is None:
        return "It waits for an approval."
    who = people(deciders(stage), story.labels) or "Nobody at the moment"
    total = len(request.stages)
    which = f"stage {stage.number} of {total}" if total > 1 else f"stage {stage.number}"
    far = words.distance(stage.deny_time, story.now)
    return (
        f"{who} may decide {which} until {words.utc(stage.deny_time)} ({far}); then it is denied."
    )


def deciders(stage: requests.StageRecord) -> list[str]:
    """Give who may decide a stage now."""
    joined = [one for one in stage.alternates if stage.escalated and one not in stage.approvers]
    return [*stage.approvers, *joined]


def _scheduled(story: RequestStory) -> str:
    far = words.distance(story.request.start_time, story.now)
    begins = f"delivery begins {words.utc(story.request.start_time)} ({far})"
    return f"{_agreed(story.request)}; {begins}."


def _agreed(request: requests.AccessRequest) -> str:
    return "Everybody has approved" if request.stages else "Nobody has to approve"


def _delivering(story: RequestStory) -> str:
    request = story.request
    if request.kind in words.REMOVES:
        return "The access is being taken away."
    if not story.delivery.grants:
        return f"{_agreed(request)}; the access is being given."
    late = " It takes longer than usual." if story.assignment and story.assignment.late else ""
    return f"{_agreed(request)}; {telling.pending(story.delivery)}.{late}"


def _delivered(story: RequestStory) -> str:
    request = story.request
    at = words.utc(request.complete_time)
    if request.kind in words.REMOVES:
        return f"The access was taken away {at}."
    if request.kind not in words.ADDS:
        return f"The access now lasts {until(request)}."
    assignment = story.assignment
    if assignment is not None and assignment.HasField("ended_time"):
        cause = words.END_CAUSES.get(assignment.end_cause, "it was ended")
        return f"The access was given {at} and ended {words.utc(assignment.ended_time)}: {cause}."
    whole = request if assignment is None else assignment
    return f"The access was given {at} and lasts {until(whole)}."


def until(record: requests.AccessRequest | assignment_pb2.Assignment) -> str:
    """Give until when access lasts."""
    if not record.HasField("end_time"):
        return "without an end"
    return f"until {words.utc(record.end_time)}"


def _undelivered(story: RequestStory) -> str:
    lost = telling.failed(story.delivery.grants)
    some = story.request.state == requests.REQUEST_STATE_PARTIALLY_DELIVERED
    what = "Some of it could not be given" if some else "Nothing could be given"
    cause = f": {lost}" if lost else ""
    return f"{what}{cause}. After the repair: ostiary request reprocess {story.request.id}"


def _denied(story: RequestStory) -> str:
    request = story.request
    text = request.reason.text or "it was denied"
    said = next(
        (
            one.decision_justification
            for one in request.stages
            if one.state == requests.STAGE_STATE_DENIED
        ),
        "",
    )
    by = "" if request.ended_by in ("", telling.SYSTEM) else f", by {request.ended_by}"
    because = f': "{said}"' if said else ""
    return f"{text[:1].upper()}{text[1:]}{by}, {words.utc(request.complete_time)}{because}"


def _canceled(story: RequestStory) -> str:
    request = story.request
    by = request.ended_by or telling.SYSTEM
    because = f": {request.reason.text}" if request.reason.text else ""
    return f"By {by}, {words.utc(request.complete_time)}{because}."


_SENTENCES = {
    requests.REQUEST_STATE_SUBMITTED: _submitted,
    requests.REQUEST_STATE_PENDING_APPROVAL: _pending,
    requests.REQUEST_STATE_SCHEDULED: _scheduled,
    requests.REQUEST_STATE_DELIVERING: _delivering,
    requests.REQUEST_STATE_DELIVERED: _delivered,
    requests.REQUEST_STATE_PARTIALLY_DELIVERED: _undelivered,
    requests.REQUEST_STATE_DELIVERY_FAILED: _undelivered,
    requests.REQUEST_STATE_DENIED: _denied,
    requests.REQUEST_STATE_CANCELED: _canceled,
}


def _facts(request: requests.AccessRequest) -> Iterator[tuple[str, str]]:
    kind = words.KINDS.get(request.kind, "an unknown kind of request")
    yield "request", f"{request.id}, {kind}"
    yield "person", _person(request)
    if request.submitter not in ("", request.requestor):
        yield "asked by", request.submitter
    yield "submitted", words.utc(request.submit_time)
    name = package_of(request)
    known = name if name == request.access_package else f"{name} ({request.access_package})"
    yield "package", f"{known}, catalog {request.catalog}"
    policy = request.policy_display_name or request.policy
    yield "policy", policy if policy == request.policy else f"{policy} ({request.policy})"
    if request.justification:
        yield "says", f'"{request.justification}"'
    for answer in request.answers:
        yield "answer", f"{answer.question}: {', '.join(answer.values)}"
    if request.HasField("schedule"):
        yield "wants it", words.schedule(request.schedule)
    if request.bypass_approval:
        yield "approval", "left out by an administrator"
    for note in request.notes:
        yield "note", note
    if request.HasField("start_time") and request.kind in words.ADDS:
        yield "access", f"from {words.utc(request.start_time)} {until(request)}"
    if request.assignment:
        yield "assignment", request.assignment


def _person(request: requests.AccessRequest) -> str:
    person = request.external_person
    if not request.HasField("external_person"):
        return request.requestor
    mail = f", mail {person.mail}" if person.mail not in ("", person.id) else ""
    home = f", {words.sign_in(person.home)}" if person.HasField("home") else ""
    return f"{request.requestor}, from outside{mail}{home}"


def show_stages(screen: Console, request: requests.AccessRequest, labels: RecordLabels) -> None:
    """Print each approval stage: who may decide until when, and what was decided."""
    if not request.stages:
        return
    heading(screen, "Who approves (times in UTC)")
    table = grid("fixed", "fixed", "flow")
    for stage in request.stages:
        text = Text("\n").join(styled(line) for line in _stage_lines(stage, labels))
        table.add_row(styled(f"stage {stage.number}"), words.stage_state(stage.state), text)
    show(screen, table)


def _stage_lines(stage: requests.StageRecord, labels: RecordLabels) -> Iterator[str]:
    decided = stage.state in (requests.STAGE_STATE_APPROVED, requests.STAGE_STATE_DENIED)
    if decided:
        yield f"by {labels.person(stage.decided_by)}, {words.utc(stage.decide_time)}"
        if stage.decision_justification:
            yield f'"{stage.decision_justification}"'
        return
    if stage.state == requests.STAGE_STATE_TIMED_OUT:
        yield f"nobody decided until {words.utc(stage.deny_time)}"
    verb = "may decide" if stage.state == requests.STAGE_STATE_OPEN else "would decide"
    yield f"{people(deciders(stage), labels) or 'nobody'} {verb}{_origin(stage)}"
    if stage.state == requests.STAGE_STATE_OPEN:
        yield f"since {words.utc(stage.open_time)}, until {words.utc(stage.deny_time)}"
    elif stage.state == requests.STAGE_STATE_NOT_OPEN:
        yield f"for {length(stage.time_out.ToTimedelta())} from its opening"
    if stage.alternates and not stage.escalated and stage.state in _UNDECIDED:
        yield f"{_late(stage)} also {people(list(stage.alternates), labels)}"
    if stage.justification_required and stage.state in _UNDECIDED:
        yield "whoever decides has to give a reason"


_UNDECIDED = frozenset({requests.STAGE_STATE_NOT_OPEN, requests.STAGE_STATE_OPEN})


def _origin(stage: requests.StageRecord) -> str:
    fallback = stage.origin == decision_pb2.APPROVER_ORIGIN_FALLBACK
    return ", as fallback" if fallback else ""


def _late(stage: requests.StageRecord) -> str:
    if stage.HasField("escalate_time"):
        return f"from {words.utc(stage.escalate_time)}"
    return f"after {length(stage.escalate_after.ToTimedelta())}"


def show_hint(screen: Console, text: str) -> None:
    """Print a command that leads on."""
    screen.print()
    screen.print(styled(text, DIM))
