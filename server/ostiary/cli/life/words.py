"""The states of requests, assignments, grants, reviews and work as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp
from rich.text import Text

from ostiary.analysis.diff.words import length
from ostiary.cli.labels import Labels
from ostiary.cli.phrases import instant, word_of
from ostiary.cli.terminal import BOLD, styled
from ostiary.v1 import access_request_pb2 as requests
from ostiary.v1 import access_review_pb2 as reviews
from ostiary.v1 import assignment_pb2 as assignments
from ostiary.v1 import callout_pb2, decision_service_pb2, person_pb2, work_pb2

GOOD, BUSY, BAD, OVER = "bold green", "bold yellow", "bold red", "bold"

_REQUEST_STYLES: Mapping[int, str] = {
    requests.REQUEST_STATE_SUBMITTED: BUSY,
    requests.REQUEST_STATE_PENDING_APPROVAL: BUSY,
    requests.REQUEST_STATE_SCHEDULED: BUSY,
    requests.REQUEST_STATE_DELIVERING: BUSY,
    requests.REQUEST_STATE_DELIVERED: GOOD,
    requests.REQUEST_STATE_PARTIALLY_DELIVERED: BAD,
    requests.REQUEST_STATE_DELIVERY_FAILED: BAD,
    requests.REQUEST_STATE_DENIED: BAD,
}
_ASSIGNMENT_WORDS: Mapping[int, tuple[str, str]] = {
    assignments.ASSIGNMENT_STATE_DELIVERING: ("Delivering", BUSY),
    assignments.ASSIGNMENT_STATE_PARTIALLY_DELIVERED: ("Partially delivered", BAD),
    assignments.ASSIGNMENT_STATE_DELIVERED: ("Delivered", GOOD),
    assignments.ASSIGNMENT_STATE_DELIVERY_FAILED: ("Undelivered", BAD),
    assignments.ASSIGNMENT_STATE_EXPIRED: ("Expired", OVER),
}
_GRANT_WORDS: Mapping[int, tuple[str, str]] = {
    assignments.GRANT_STATE_PENDING: ("under way", BUSY),
    assignments.GRANT_STATE_AWAITING_GUEST: ("waits for the guest", BUSY),
    assignments.GRANT_STATE_GRANTED: ("given", GOOD),
    assignments.GRANT_STATE_FAILED: ("failed", BAD),
    assignments.GRANT_STATE_REVOKING: ("being taken away", BUSY),
    assignments.GRANT_STATE_REVOKED: ("taken away", OVER),
    assignments.GRANT_STATE_KEPT: ("kept", OVER),
    assignments.GRANT_STATE_REVOKE_FAILED: ("still there", BAD),
}
_STAGE_WORDS: Mapping[int, tuple[str, str]] = {
    requests.STAGE_STATE_NOT_OPEN: ("not open yet", ""),
    requests.STAGE_STATE_OPEN: ("open", BUSY),
    requests.STAGE_STATE_APPROVED: ("approved", GOOD),
    requests.STAGE_STATE_DENIED: ("denied", BAD),
    requests.STAGE_STATE_TIMED_OUT: ("timed out", BAD),
    requests.STAGE_STATE_CLOSED: ("closed", OVER),
}
KINDS: Mapping[int, str] = {
    requests.REQUEST_KIND_USER_ADD: "new access",
    requests.REQUEST_KIND_ON_BEHALF_ADD: "new access, asked for by the manager",
    requests.REQUEST_KIND_USER_UPDATE: "a later end",
    requests.REQUEST_KIND_USER_REMOVE: "the holder gives the access back",
    requests.REQUEST_KIND_ADMIN_ADD: "new access, assigned by staff",
    requests.REQUEST_KIND_ADMIN_UPDATE: "another end, set by staff",
    requests.REQUEST_KIND_ADMIN_REMOVE: "staff take the access away",
    requests.REQUEST_KIND_SYSTEM_ADD: "new access, by rule or workflow",
    requests.REQUEST_KIND_SYSTEM_UPDATE: "a change by rule",
    requests.REQUEST_KIND_SYSTEM_REMOVE: "the system takes the access away",
    requests.REQUEST_KIND_APPROVER_REMOVE: "an approver withdraws the approval",
}
ADDS = frozenset(
    {
        requests.REQUEST_KIND_USER_ADD,
        requests.REQUEST_KIND_ON_BEHALF_ADD,
        requests.REQUEST_KIND_ADMIN_ADD,
        requests.REQUEST_KIND_SYSTEM_ADD,
    }
)
REMOVES = frozenset(
    {
        requests.REQUEST_KIND_USER_REMOVE,
        requests.REQUEST_KIND_ADMIN_REMOVE,
        requests.REQUEST_KIND_SYSTEM_REMOVE,
        requests.REQUEST_KIND_APPROVER_REMOVE,
    }
)
END_CAUSES: Mapping[int, str] = {
    assignments.END_CAUSE_TIME: "its time was over",
    assignments.END_CAUSE_HOLDER: "the holder gave it back",
    assignments.END_CAUSE_STAFF: "staff took it away",
    assignments.END_CAUSE_REVIEW: "an access review took it away",
    assignments.END_CAUSE_RULE: "the holder no longer fits the rule or the scope",
    assignments.END_CAUSE_APPROVER: "an approver withdrew the approval",
    assignments.END_CAUSE_SUBJECT_DELETED: "the holder's account was deleted",
    assignments.END_CAUSE_WORKFLOW: "a workflow took it away",
}
_WORK: Mapping[int, str] = {
    work_pb2.WORK_KIND_EXPIRE_ASSIGNMENT: "end the access",
    work_pb2.WORK_KIND_REMOVE_OUT_OF_SCOPE: "end the access, as its holder left the scope",
    work_pb2.WORK_KIND_END_ASSIGNMENT: "end the access",
    work_pb2.WORK_KIND_END_OF_DELETED: "end the access, as its holder was deleted",
    work_pb2.WORK_KIND_REVOKE: "take away {target}",
    work_pb2.WORK_KIND_TIME_OUT_STAGE: "deny the request, if stage {stage} is undecided",
    work_pb2.WORK_KIND_TIME_OUT_EXTENSION: "time out the extension {target}",
    work_pb2.WORK_KIND_ESCALATE_STAGE: "let the alternates of stage {stage} decide too",
    work_pb2.WORK_KIND_CANCEL_REQUEST: "cancel the request, as its package was deleted",
    work_pb2.WORK_KIND_OPEN_STAGE: "open stage {stage}",
    work_pb2.WORK_KIND_CALL_EXTENSION: "call the extension {target}",
    work_pb2.WORK_KIND_START_DELIVERY: "begin the delivery",
    work_pb2.WORK_KIND_INVITE_GUEST: "invite the guest",
    work_pb2.WORK_KIND_GRANT: "give {target}",
    work_pb2.WORK_KIND_LOOK_AT_SCOPE: "look whether the holder is in scope",
    work_pb2.WORK_KIND_ADD_BY_RULE: "give access by an automatic policy",
    work_pb2.WORK_KIND_CHANGE_ENTRIES: "bring the access in line with its package",
    work_pb2.WORK_KIND_CLOSE_DELIVERY: "give up what could not be delivered",
    work_pb2.WORK_KIND_REPORT_LATE: "report the delivery as late",
    work_pb2.WORK_KIND_CLOSE_REVIEW: "close the access review",
    work_pb2.WORK_KIND_OPEN_REVIEW: "open an access review",
    work_pb2.WORK_KIND_REMIND_REVIEWERS: "remind the reviewers",
    work_pb2.WORK_KIND_REMIND_APPROVERS: "remind the approvers of stage {stage}",
    work_pb2.WORK_KIND_REMIND_EXPIRY: "remind the holder of the end",
    work_pb2.WORK_KIND_BLOCK_GUEST: "block the guest account, if nothing else is assigned",
    work_pb2.WORK_KIND_DELETE_GUEST: "delete the guest account, if nothing else is assigned",
    work_pb2.WORK_KIND_PROVISION: "give {target} in the system behind it",
    work_pb2.WORK_KIND_DEPROVISION: "take away {target} in the system behind it",
    work_pb2.WORK_KIND_MAKE_GUEST: "make the guest account",
    work_pb2.WORK_KIND_SET_GUEST_STATE: "block or delete the guest account",
    work_pb2.WORK_KIND_CALL_OUT: "tell a custom extension",
    work_pb2.WORK_KIND_DELIVER_NOTICE: "deliver a notice",
}
WORK_STATES: Mapping[int, tuple[str, str]] = {
    work_pb2.WORK_STATE_WAITING: ("waiting", BUSY),
    work_pb2.WORK_STATE_DONE: ("done", GOOD),
    work_pb2.WORK_STATE_VOID: ("void", OVER),
    work_pb2.WORK_STATE_PARKED: ("parked", BAD),
}
VERDICTS: Mapping[int, tuple[str, str]] = {
    reviews.REVIEW_VERDICT_UNSPECIFIED: ("undecided", BUSY),
    reviews.REVIEW_VERDICT_KEEP: ("keep", GOOD),
    reviews.REVIEW_VERDICT_REMOVE: ("remove", BAD),
}
RESULTS: Mapping[int, str] = {
    reviews.REVIEW_RESULT_KEPT: "was kept",
    reviews.REVIEW_RESULT_REMOVED: "was taken away",
    reviews.REVIEW_RESULT_ENDED_BEFORE: "had ended before",
}
REVIEW_STATES: Mapping[int, tuple[str, str]] = {
    reviews.REVIEW_STATE_OPEN: ("Open", BUSY),
    reviews.REVIEW_STATE_CLOSED: ("Closed", OVER),
}
REVIEWERS: Mapping[int, str] = {
    reviews.REVIEWER_KIND_SELF: "the holders themselves",
    reviews.REVIEWER_KIND_SPECIFIC: "the people whom the policy names",
    reviews.REVIEWER_KIND_MANAGER: "the holders' managers",
}
NO_RESPONSES: Mapping[int, str] = {
    reviews.NO_RESPONSE_KEEP: "is kept",
    reviews.NO_RESPONSE_REMOVE: "is taken away",
    reviews.NO_RESPONSE_RECOMMENDATION: "goes by the recommendation",
}
CALLOUTS: Mapping[int, str] = {
    callout_pb2.CALLOUT_STATUS_QUEUED: "is about to be called",
    callout_pb2.CALLOUT_STATUS_CALLOUT_SENT: "was told",
    callout_pb2.CALLOUT_STATUS_WAITING_FOR_CALLBACK: "was told, its reply is awaited",
    callout_pb2.CALLOUT_STATUS_CALLBACK_RECEIVED: "replied",
    callout_pb2.CALLOUT_STATUS_CALLOUT_FAILED: "could not be told",
    callout_pb2.CALLOUT_STATUS_CALLBACK_TIMED_OUT: "did not reply in time",
}
_SIGN_INS: Mapping[int, str] = {
    person_pb2.SIGN_IN_NONE: "no identity outside",
    person_pb2.SIGN_IN_TENANT: "signed in by tenant {0.tenant_id}",
    person_pb2.SIGN_IN_ONE_TIME_PASSCODE: "signed in by a passcode for {0.domain}",
    person_pb2.SIGN_IN_FEDERATION: "signed in by {0.issuer} for {0.domain}",
    person_pb2.SIGN_IN_OTHER_CLOUD: "signed in by the cloud {0.identifier}",
    person_pb2.SIGN_IN_SOCIAL: "signed in by {0.identifier}",
}


def request_state(request: requests.AccessRequest) -> Text:
    """Give the state of a request as people are shown it, in its colour."""
    word = request.state_text or word_of(
        requests.RequestState.DESCRIPTOR, request.state, "REQUEST_STATE_"
    )
    return styled(word, _REQUEST_STYLES.get(request.state, OVER))


def assignment_state(state: int) -> Text:
    """Give the state of an assignment in its colour."""
    return _told(_ASSIGNMENT_WORDS, state)


def grant_state(state: int) -> Text:
    """Give how the delivery of a resource role stands."""
    return _told(_GRANT_WORDS, state)


def stage_state(state: int) -> Text:
    """Give how an approval stage stands."""
    return _told(_STAGE_WORDS, state)


def work_state(state: int) -> Text:
    """Give what became of a piece of work."""
    return _told(WORK_STATES, state)


def verdict(number: int) -> Text:
    """Give what a reviewer said."""
    return _told(VERDICTS, number)


def review_state(state: int) -> Text:
    """Give how a review stands."""
    return _told(REVIEW_STATES, state)


def _told(words: Mapping[int, tuple[str, str]], number: int) -> Text:
    word, style = words.get(number, (str(number), BOLD))
    return styled(word, style)


def work(item: work_pb2.WorkItem, labels: Labels) -> str:
    """Give what is to be done, as an order."""
    target = labels.entry("", item.target) if "/" in item.target else item.target
    order = _WORK.get(item.kind)
    if order is None:
        kind = word_of(work_pb2.WorkKind.DESCRIPTOR, item.kind, "WORK_KIND_")
        return f"{kind} {target}".rstrip()
    return order.format(target=target, stage=item.stage)


def stage_of_extension(stage: int) -> str:
    """Give the stage at which extensions are called, as options spell it."""
    word = word_of(callout_pb2.ExtensionStage.DESCRIPTOR, stage, "EXTENSION_STAGE_")
    return word.lower().replace("_", "-")


def sign_in(home: person_pb2.HomeIdentity) -> str:
    """Give how a person from outside signed in."""
    return _SIGN_INS.get(home.sign_in, "signed in in an unknown way").format(home)


def entry(grant: assignments.Grant) -> str:
    """Give a resource role in words: Sales Site (Contribute)."""
    name = grant.resource_display_name or grant.resource
    return f"{name} ({grant.role})" if grant.role else name


def moment(at: Timestamp) -> datetime:
    """Give an instant of a message."""
    return at.ToDatetime(UTC)


def stamp(at: datetime) -> Timestamp:
    """Give an instant as messages carry it."""
    made = Timestamp()
    made.FromDatetime(at)
    return made


def utc(at: Timestamp) -> str:
    """Give an instant of a message for people, with its zone."""
    return f"{instant(at)} UTC"


def distance(at: Timestamp, now: datetime) -> str:
    """Give how far off an instant is, roughly: in 29 d, 3 h ago."""
    between = moment(at) - now
    seconds = int(abs(between).total_seconds())
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            far = f"{seconds // size} {unit}"
            return f"in {far}" if between > timedelta(0) else f"{far} ago"
    return "now"


def schedule(wanted: decision_service_pb2.RequestedSchedule) -> str:
    """Give the start and end that were asked for."""
    parts = []
    if wanted.HasField("start_time"):
        parts.append(f"from {utc(wanted.start_time)}")
    if wanted.HasField("end_time"):
        parts.append(f"until {utc(wanted.end_time)}")
    if wanted.HasField("duration"):
        parts.append(f"for {length(wanted.duration.ToTimedelta())}")
    return " ".join(parts)
