"""Submitting requests: what options say becomes a message, and what came of it is told."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

import msgspec
from google.protobuf.message import Message
from rich.console import Console

from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.labels import Labels
from ostiary.cli.life import spelling
from ostiary.cli.life.remote import Remote
from ostiary.cli.life.request_story import RequestStory, show_hint, show_submitted
from ostiary.cli.life.suggesting import suggest_packages, suggest_policies
from ostiary.cli.plain import clean
from ostiary.cli.show_decision import Answered, show_decision
from ostiary.cli.terminal import console, styled
from ostiary.client import CallError
from ostiary.v1 import access_request_pb2 as requests
from ostiary.v1 import assignment_service_pb2 as assignment_service
from ostiary.v1 import decision_pb2, person_pb2
from ostiary.v1 import decision_service_pb2 as decisions
from ostiary.v1 import request_service_pb2 as service

KINDS = {
    "user-add": requests.REQUEST_KIND_USER_ADD,
    "on-behalf-add": requests.REQUEST_KIND_ON_BEHALF_ADD,
    "admin-add": requests.REQUEST_KIND_ADMIN_ADD,
    "system-add": requests.REQUEST_KIND_SYSTEM_ADD,
}
_TYPES: Mapping[int, decisions.RequestType] = {
    requests.REQUEST_KIND_ON_BEHALF_ADD: decisions.REQUEST_TYPE_ON_BEHALF_ADD,
    requests.REQUEST_KIND_ADMIN_ADD: decisions.REQUEST_TYPE_ADMIN_ADD,
}
_SIGN_INS = {
    "tenant": person_pb2.SIGN_IN_TENANT,
    "domain": person_pb2.SIGN_IN_ONE_TIME_PASSCODE,
    "federation": person_pb2.SIGN_IN_FEDERATION,
    "cloud": person_pb2.SIGN_IN_OTHER_CLOUD,
    "social": person_pb2.SIGN_IN_SOCIAL,
}


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for, as the options say; None: nothing was said."""

    package: str
    policy: str | None = None
    justification: str | None = None
    answers: tuple[str, ...] = ()
    start: str | None = None
    end: str | None = None
    duration: str | None = None
    mail: str | None = None
    home: str | None = None
    bypass_approval: bool = False
    request_id: str | None = None
    dry_run: bool = False


def wanted_schedule(wish: Wish) -> decisions.RequestedSchedule | None:
    """Give the start and end asked for; None if none are."""
    if wish.start is None and wish.end is None and wish.duration is None:
        return None
    if wish.end is not None and wish.duration is not None:
        raise spelling.wrong("--end", "not together with --duration; both say when it ends")
    schedule = decisions.RequestedSchedule()
    if wish.start is not None:
        schedule.start_time.FromDatetime(spelling.instant("--start", wish.start))
    if wish.end is not None:
        schedule.end_time.FromDatetime(spelling.end("--end", wish.end))
    if wish.duration is not None:
        schedule.duration.FromTimedelta(spelling.length("--duration", wish.duration))
    return schedule


def answers(given: tuple[str, ...]) -> list[decisions.Answer]:
    """Give the answers to a policy's questions."""
    return [
        decisions.Answer(question=question, values=values)
        for question, values in spelling.answers("--answer", given)
    ]


def outsider(name: str, wish: Wish) -> requests.ExternalPerson | None:
    """Give a person from outside; None if the options describe none."""
    if wish.mail is None and wish.home is None:
        return None
    home = None if wish.home is None else _home(wish.home)
    return requests.ExternalPerson(id=name, mail=wish.mail or "", home=home)


def _home(text: str) -> person_pb2.HomeIdentity:
    """Give how somebody signed in, from KIND:WHERE."""
    kind, _, rest = text.partition(":")
    if kind not in _SIGN_INS or not rest:
        shapes = "tenant:ID, domain:DOMAIN, federation:DOMAIN@ISSUER, cloud:NAME or social:NAME"
        raise spelling.wrong("--home", f"`{text}` does not say how they sign in; write {shapes}")
    home = person_pb2.HomeIdentity(sign_in=_SIGN_INS[kind])
    match kind:
        case "tenant":
            home.tenant_id, _, home.domain = rest.partition("@")
        case "domain":
            home.domain = rest
        case "federation":
            home.domain, _, home.issuer = rest.partition("@")
        case _:
            home.identifier = rest
    return home


def create_request(
    remote: Remote, wish: Wish, whom: str | None, kind: str | None
) -> service.CreateRequestRequest:
    """Give the message that submits a wish."""
    mine = whom is None
    default = "user-add" if mine else "on-behalf-add"
    request = service.CreateRequestRequest(
        kind=KINDS[kind or default],
        access_package=wish.package,
        policy=wish.policy or "",
        justification=wish.justification or "",
        answers=answers(wish.answers),
        schedule=wanted_schedule(wish),
        bypass_approval=wish.bypass_approval,
        request_id=wish.request_id or "",
        validate_only=wish.dry_run,
    )
    person = outsider(whom or remote.me(), wish) if wish.mail or wish.home else None
    if person is not None:
        request.external_person.CopyFrom(person)
    elif whom is not None:
        request.requestor_id = whom
    return request


def assign_request(wish: Wish, whom: str) -> assignment_service.AssignAccessRequest:
    """Give the message that assigns access directly."""
    request = assignment_service.AssignAccessRequest(
        access_package=wish.package,
        policy=wish.policy or "",
        justification=wish.justification or "",
        answers=answers(wish.answers),
        schedule=wanted_schedule(wish),
        bypass_approval=wish.bypass_approval,
        request_id=wish.request_id or "",
        validate_only=wish.dry_run,
    )
    person = outsider(whom, wish)
    if person is not None:
        request.external_person.CopyFrom(person)
    else:
        request.holder_id = whom
    return request


Answer = (
    service.CreateRequestResponse
    | assignment_service.AssignAccessResponse
    | assignment_service.ExtendAssignmentResponse
    | assignment_service.RemoveAssignmentResponse
)


class Asked(msgspec.Struct, frozen=True):
    """What was submitted, in the words of a decision: who is to have which package."""

    target: str
    package: str
    kind: int = requests.REQUEST_KIND_USER_ADD
    submitter: str = ""

    def question(self) -> decisions.EvaluateRequest:
        """Give the question that the decision answers."""
        return decisions.EvaluateRequest(
            access_package=self.package,
            requestor_id=self.target,
            request_type=_TYPES.get(self.kind, decisions.REQUEST_TYPE_USER_ADD),
            submitter=self.submitter,
        )


def asked_by(remote: Remote, kind: int, whom: str | None, package: str) -> Asked:
    """Give who is to have what, and who asks if that is somebody else."""
    me = (remote.options.caller or "").removeprefix("user:")
    target = whom or me
    return Asked(target, package, kind, "" if target == me else me)


def submit(
    remote: Remote,
    method: Callable[..., Answer],
    message: Message,
    asked: Asked,
    answer: type[Answer],
) -> None:
    """Submit, and tell what came of it; a refusal prints its decision and ends with REFUSED.

    In JSON a refusal is what a dry run would have answered: the decision without a request.
    """
    suggest_packages(remote, asked.target)
    suggest_policies(remote, asked.target, asked.package)
    try:
        response = remote.services.call(method, message)
    except CallError as error:
        if error.decision is None:
            raise remote.refusals.ending(error, message) from None
        _refused(remote, error.decision, asked, answer, error.message)
        return
    if remote.options.as_json:
        remote.print_json(response)
        return
    show_answer(console(), remote, response, asked)


def _refused(
    remote: Remote,
    decision: decision_pb2.Decision,
    asked: Asked,
    answer: type[Answer],
    text: str,
) -> None:
    if remote.options.as_json:
        remote.print_json(_refusal(answer, decision))
    else:
        show_decision(console(), Answered(asked.question(), decision, Labels()))
        sys.stdout.flush()
    raise CommandError(Exit.REFUSED, (f"nothing was submitted: {clean(text)}",))


def _refusal(answer: type[Answer], decision: decision_pb2.Decision) -> Answer:
    made = answer()
    if not isinstance(made, assignment_service.RemoveAssignmentResponse):  # that is never decided
        made.decision.CopyFrom(decision)
    return made


def show_answer(screen: Console, remote: Remote, response: Answer, asked: Asked) -> None:
    """Print a submitted request, or of a dry run its decision."""
    if response.HasField("request"):
        show_submitted(screen, RequestStory(response.request, remote.now()))
        show_hint(screen, f"ostiary request show {response.request.id}")
        return
    if not isinstance(response, assignment_service.RemoveAssignmentResponse):
        show_decision(screen, Answered(asked.question(), response.decision, Labels()))
        screen.print()
    screen.print(styled("a dry run: nothing was submitted"))
