"""Looking at one request or assignment, and changing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec
from google.protobuf.message import Message

from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.life import gathering, spelling, submitting, tables
from ostiary.cli.life.asking_lists import fill
from ostiary.cli.life.assignment_story import show_assignment as show_assignment_story
from ostiary.cli.life.record_labels import RecordLabels
from ostiary.cli.life.remote import Remote
from ostiary.cli.life.request_story import RequestStory, show_hint, show_submitted
from ostiary.cli.life.request_story import show_request as show_request_story
from ostiary.cli.terminal import console, styled
from ostiary.v1 import access_request_pb2, assignment_pb2, callout_pb2, decision_pb2
from ostiary.v1 import assignment_service_pb2 as assignment_service
from ostiary.v1 import request_service_pb2 as service

Said = Mapping[str, Any]

_CURRENT = (
    assignment_pb2.ASSIGNMENT_STATE_DELIVERING,
    assignment_pb2.ASSIGNMENT_STATE_PARTIALLY_DELIVERED,
    assignment_pb2.ASSIGNMENT_STATE_DELIVERED,
)
_REPLIES = {
    None: callout_pb2.CALLOUT_REPLY_UNSPECIFIED,
    "deny": callout_pb2.CALLOUT_REPLY_DENIED,
    "cancel": callout_pb2.CALLOUT_REPLY_CANCELED,
}


def show_request(remote: Remote, name: str) -> None:
    """Print the story of a request."""
    told = gathering.request_answer(remote, name)
    if remote.options.as_json:
        remote.print_json(told)
    else:
        show_request_story(console(), gathering.request_story(remote, told))


def show_assignment(remote: Remote, name: str) -> None:
    """Print the story of an assignment."""
    told = gathering.assignment_answer(remote, name)
    if remote.options.as_json:
        remote.print_json(told)
    else:
        show_assignment_story(console(), gathering.assignment_story(remote, told))


def change_request(remote: Remote, what: str, name: str, said: Said) -> None:
    """Approve, deny, cancel, reprocess or delete a request, and print how it stands then."""
    requests = remote.services.requests
    changes: Mapping[str, tuple[Callable[..., Any], type[Message]]] = {
        "approve": (requests.ApproveRequest, service.ApproveRequestRequest),
        "deny": (requests.DenyRequest, service.DenyRequestRequest),
        "cancel": (requests.CancelRequest, service.CancelRequestRequest),
        "reprocess": (requests.ReprocessRequest, service.ReprocessRequestRequest),
        "delete": (requests.DeleteRequest, service.DeleteRequestRequest),
    }
    method, message = changes[what]
    asked = message()
    fill(asked, {"request": name, **said})
    answer = remote.call(method, asked)
    if remote.options.as_json:
        remote.print_json(answer)
    elif isinstance(answer, service.DeleteRequestResponse):
        console().print(styled(f"the record of request {name} is deleted"))
    else:
        _show_changed(remote, answer.request)


def _show_changed(remote: Remote, request: access_request_pb2.AccessRequest) -> None:
    screen = console()
    show_submitted(screen, RequestStory(request, remote.now()))
    show_hint(screen, f"ostiary request show {request.id}")


class Extension(msgspec.Struct, frozen=True):
    """What is said of a later end."""

    end: str | None
    answers: tuple[str, ...]
    fields: Said
    dry_run: bool


def extend(remote: Remote, assignment: str | None, package: str | None, wish: Extension) -> None:
    """Ask for a later end of an assignment, named by its id or by its package."""
    if (assignment is None) == (package is None):
        text = "whose end? name either ASSIGNMENT or --package ID"
        raise CommandError(Exit.USAGE, (text,))
    message = assignment_service.ExtendAssignmentRequest(
        answers=submitting.answers(wish.answers), validate_only=wish.dry_run
    )
    fill(message, wish.fields)
    if wish.end is not None:
        message.end_time.FromDatetime(spelling.end("--end", wish.end))
    message.assignment = assignment or _mine(remote, package or "")
    asked = submitting.Asked(_caller(remote), package or f"assignment {assignment}")
    method = remote.services.assignments.ExtendAssignment
    answered = assignment_service.ExtendAssignmentResponse
    submitting.submit(remote, method, message, asked, answered)


def _caller(remote: Remote) -> str:
    return (remote.options.caller or "").removeprefix("user:")


def _mine(remote: Remote, package: str) -> str:
    """Give the id of the caller's own assignment of a package."""
    wanted = assignment_service.AssignmentFilter(
        holder=remote.me(), access_package=package, states=_CURRENT
    )
    asked = assignment_service.ListAssignmentsRequest(filter=wanted, page_size=1)
    found = remote.call(remote.services.assignments.ListAssignments, asked).assignments
    if not found:
        text = f"NOT_ASSIGNED: {remote.me()} has no access to `{package}` that could be extended"
        raise CommandError(Exit.REFUSED, (text,))
    return found[0].id


def remove(remote: Remote, assignment: str, said: Said, *, dry_run: bool) -> None:
    """End an assignment."""
    message = assignment_service.RemoveAssignmentRequest(
        assignment=assignment, validate_only=dry_run
    )
    fill(message, said)
    asked = submitting.Asked(_caller(remote), f"assignment {assignment}")
    method = remote.services.assignments.RemoveAssignment
    answered = assignment_service.RemoveAssignmentResponse
    submitting.submit(remote, method, message, asked, answered)


def reprocess_assignment(remote: Remote, assignment: str, said: Said) -> None:
    """Give an assignment anew where it was changed outside."""
    message = assignment_service.ReprocessAssignmentRequest(assignment=assignment)
    fill(message, said)
    answer = remote.call(remote.services.assignments.ReprocessAssignment, message)
    if remote.options.as_json:
        remote.print_json(answer)
        return
    screen = console()
    tables.show_assignments(screen, [answer.assignment])
    show_hint(screen, f"ostiary assignment show {answer.assignment.id}")


class ReturnedStage(NamedTuple):
    """A stage that an extension wants approved first, as it was written."""

    approvers: tuple[str, ...]
    time_out: str | None


class Reply(NamedTuple):
    """What an extension answers."""

    stage: str
    reply: str | None
    asked: ReturnedStage


def resume(remote: Remote, callout: str, reply: Reply, said: Said) -> None:
    """Bring the reply of a custom extension."""
    kind: Any = callout_pb2.ExtensionStage.DESCRIPTOR
    [number] = spelling.values("--stage", kind, "EXTENSION_STAGE_", [reply.stage])
    message = service.ResumeRequestRequest(callout=callout, reply=_REPLIES[reply.reply])
    fill(message, {"stage": number})
    _fill_stage(message, reply.asked)
    fill(message, said)
    answer = remote.call(remote.services.requests.ResumeRequest, message)
    if remote.options.as_json:
        remote.print_json(answer)
        return
    screen = console()
    screen.print(styled(f"the reply to {answer.callout.extension} is received"))
    show_hint(screen, f"ostiary request show {answer.callout.request}")


def _fill_stage(message: service.ResumeRequestRequest, asked: ReturnedStage) -> None:
    for text in asked.approvers:
        kind, colon, name = text.partition(":")
        if kind not in _APPROVERS or not colon or not name:
            raise spelling.wrong("--approver", f"expected user:ID or group:ID, not `{text}`")
        message.approval_stage.approvers.add(kind=_APPROVERS[kind], id=name)
    if asked.time_out is None:
        return
    if not asked.approvers:
        raise spelling.wrong("--time-out", "is that of the stage of --approver, which is not given")
    message.approval_stage.time_out.FromTimedelta(spelling.length("--time-out", asked.time_out))


_APPROVERS = {
    "user": decision_pb2.APPROVER_KIND_USER,
    "group": decision_pb2.APPROVER_KIND_GROUP,
}


def work_list(remote: Remote, said: Said, states: list[str], most: int | None) -> None:
    """Print the work that is due, was done, or was given up."""
    from ostiary.v1 import work_pb2

    kind: Any = work_pb2.WorkState.DESCRIPTOR
    numbers: Any = spelling.values("--state", kind, "WORK_STATE_", states)
    asked = service.ListWorkRequest(states=numbers)
    fill(asked, said)
    page = remote.listed(remote.services.requests.ListWork, asked, "work", most)
    if remote.options.as_json:
        remote.print_json(page)
    else:
        tables.show_work(console(), page.work, RecordLabels([]))
    remote.tell_more(page, "work")


def work_retry(remote: Remote, name: str, request_id: str | None) -> None:
    """Have work tried again that was given up."""
    asked = service.RetryWorkRequest(work=name, request_id=request_id or "")
    answer = remote.call(remote.services.requests.RetryWork, asked)
    if remote.options.as_json:
        remote.print_json(answer)
    else:
        tables.show_work(console(), [answer.work], RecordLabels([]))
