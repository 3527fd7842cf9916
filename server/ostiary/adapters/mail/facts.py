"""What a template may say: a notice turned into words, with names, dates, commands and a link."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

import msgspec

from ostiary.adapters.mail.address import one_line, visible
from ostiary.domain.assignment import EndCause
from ostiary.domain.notice import PEOPLE_FACTS, Notice, NoticeKind

K = NoticeKind

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Person(msgspec.Struct, frozen=True):
    """Somebody whom a notice names; shown by the name alone."""

    id: str
    name: str

    def __str__(self) -> str:
        return self.name

    def __bool__(self) -> bool:
        return bool(self.id)

    @property
    def full(self) -> str:
        """Give the name with the id, since names are not unique and can be chosen to deceive."""
        return self.name if self.name == self.id else f"{self.name} ({self.id})"


class Row(msgspec.Struct, frozen=True):
    """One line of what is known."""

    label: str
    text: str


class Link(msgspec.Struct, frozen=True):
    """Where to act in the portal."""

    label: str
    url: str


class Command(msgspec.Struct, frozen=True):
    """What to type instead, and what it does."""

    does: str
    line: str


_WORD = re.compile(r"[a-z]+(?:_[a-z]+)*", re.ASCII)

NameOf = Callable[[str], str]

# What the deadline of a notice is the deadline of.
_DEADLINES: Mapping[NoticeKind, str] = {
    K.ACTION_NEEDED: "Decide by",
    K.APPROVAL_REMINDER: "Decide by",
    K.FORWARDED: "Decide by",
    K.REQUEST_RECEIVED: "Decided at the latest",
    K.APPROVAL_EXPIRED: "Was to be decided by",
    K.REQUEST_EXPIRED: "Was to be decided by",
    K.ACCESS_READY: "Access ends",
    K.EXTEND_BY: "Access ends",
    K.ACCESS_EXTENDED: "Access now ends",
    K.ACCESS_ENDED: "Access ended",
    K.REVIEW_OPENED: "Review closes",
    K.REVIEW_REMINDER: "Review closes",
    K.DELIVERY_FAILED: "Tried until",
    K.DELIVERY_LATE: "Tried until",
}

# What the link and the commands do; `{}` is the request, assignment or review in question.
_APPROVE = (
    ("To approve", "ostiary request approve {}"),
    ("To deny", "ostiary request deny {} --justification TEXT"),
)
_SHOW_REQUEST = (("To see the request", "ostiary request show {}"),)
_SHOW_ASSIGNMENT = (("To see the access", "ostiary assignment show {}"),)
_REVIEW = (
    ("To see what to review", "ostiary review list"),
    ("To decide on one holder", "ostiary review decide {} ASSIGNMENT keep|remove"),
)
_LINKS: Mapping[NoticeKind, tuple[str, str]] = {
    K.ACTION_NEEDED: ("requests", "Decide on the request"),
    K.APPROVAL_REMINDER: ("requests", "Decide on the request"),
    K.FORWARDED: ("requests", "Decide on the request"),
    K.DECIDED: ("requests", "See the request"),
    K.APPROVAL_EXPIRED: ("requests", "See the request"),
    K.CANCELED: ("requests", "See the request"),
    K.REQUEST_RECEIVED: ("requests", "See your request"),
    K.REQUEST_DENIED: ("requests", "See your request"),
    K.REQUEST_EXPIRED: ("requests", "See your request"),
    K.ACCESS_READY: ("assignments", "See your access"),
    K.EXTEND_BY: ("assignments", "Ask to extend"),
    K.ACCESS_EXTENDED: ("assignments", "See your access"),
    K.ACCESS_ENDED: ("assignments", "See what you had"),
    K.REVIEW_OPENED: ("reviews", "Begin the review"),
    K.REVIEW_REMINDER: ("reviews", "Go on with the review"),
    K.DELIVERY_FAILED: ("requests", "See what failed"),
    K.DELIVERY_LATE: ("requests", "See what is late"),
}
_COMMANDS: Mapping[NoticeKind, tuple[tuple[str, str], ...]] = {
    K.ACTION_NEEDED: _APPROVE,
    K.APPROVAL_REMINDER: _APPROVE,
    K.FORWARDED: _APPROVE,
    K.DECIDED: _SHOW_REQUEST,
    K.APPROVAL_EXPIRED: _SHOW_REQUEST,
    K.CANCELED: _SHOW_REQUEST,
    K.REQUEST_RECEIVED: (*_SHOW_REQUEST, ("To cancel it", "ostiary request cancel {}")),
    K.REQUEST_DENIED: _SHOW_REQUEST,
    K.REQUEST_EXPIRED: _SHOW_REQUEST,
    K.ACCESS_READY: _SHOW_ASSIGNMENT,
    K.EXTEND_BY: (("To ask for more time", "ostiary request extend {}"),),
    K.ACCESS_EXTENDED: _SHOW_ASSIGNMENT,
    K.ACCESS_ENDED: _SHOW_ASSIGNMENT,
    K.REVIEW_OPENED: _REVIEW,
    K.REVIEW_REMINDER: _REVIEW,
    K.DELIVERY_FAILED: (
        *_SHOW_REQUEST,
        ("To try again after the repair", "ostiary request reprocess {}"),
    ),
    K.DELIVERY_LATE: _SHOW_REQUEST,
}

# Codes of section 19 that end a request or stop a delivery, and causes that end access, in words.
_REASONS: Mapping[str, str] = {
    "APPROVAL_TIMEOUT": "nobody decided in time",
    "DENIED_BY_APPROVER": "an approver denied it",
    "NO_APPROVER": "nobody is left who could approve it",
    "EXTENSION_NOT_ALLOWED": "the access ended before the extension was decided, or its policy"
    " allows none",
    "END_PASSED": "the fixed end of the policy was reached",
    "SUBJECT_BLOCKED": "the account is blocked",
    "SUBJECT_DELETED": "the account is deleted",
    "INCOMPATIBLE_PACKAGE": "other access of the person must not be combined with it",
    "INCOMPATIBLE_GROUP": "a group of the person must not be combined with it",
    "EXT_DENIED": "a check by another system denied it",
    "EXT_CANCELED": "another system cancelled it",
    "EXT_TIMEOUT": "another system did not answer in time",
    "PACKAGE_DELETED": "the access package was deleted",
    "NOT_IN_SCOPE": "the person is no longer among those whom the policy is for",
    "LIMIT_EXCEEDED": "a limit is reached, such as the greatest number of members",
    "RESOURCE_GONE": "the resource no longer exists",
    "INSUFFICIENT_PERMISSION": "Ostiary lacks the permission to change the resource",
    "PROVISIONING_LATE": "it takes longer than usual",
    EndCause.TIME.value: "its time was over",
    EndCause.HOLDER.value: "it was given back",
    EndCause.STAFF.value: "staff took it away",
    EndCause.REVIEW.value: "a review did not confirm it",
    EndCause.RULE.value: "the person is no longer among those whom the policy is for",
    EndCause.APPROVER.value: "an approver withdrew the approval",
    EndCause.SUBJECT_DELETED.value: "the account is deleted",
    EndCause.WORKFLOW.value: "a workflow of the person's employment took it away",
}

_LABELS: Mapping[str, str] = {
    "decided_by": "Decided by",
    "canceled_by": "Cancelled by",
    "requested_by": "Requested by",
}
# Facts that enter the sentences of a template instead of the rows.
_IN_SENTENCES = frozenset({"verdict"})


def words(instant: datetime) -> str:
    """Give an instant as people read it, in UTC and without the machine's language."""
    day = f"{_DAYS[instant.weekday()]}, {instant.day} {_MONTHS[instant.month - 1]} {instant.year}"
    return f"{day}, {instant:%H:%M} UTC"


def facts_of(  # what a mail is made of, each by its name
    notice: Notice,
    *,
    recipient: str,
    name_of: NameOf,
    portal: str,
    organization: str,
    secret: str = "",
) -> dict[str, Any]:
    """Give every variable of the templates; all are always there, empty where nothing is known.

    With a `secret`, link and commands decide the request in the recipient's name (S-79).
    """
    person = _People(name_of)
    thing = _thing(notice)
    facts = {name: one_line(text) for name, text in notice.facts}
    label, url = _link(notice, portal, thing, secret)
    return {
        "kind": notice.kind.value,
        "recipient": person(recipient),
        "target": person(notice.target),
        "requestor": person(notice.requestor or notice.target),
        "yours": recipient == notice.target,
        "package": one_line(notice.package_name or notice.package),
        "package_id": notice.package,
        "policy": notice.policy,
        "request": notice.request,
        "assignment": notice.assignment,
        "review": notice.review,
        "stage": notice.stage,
        "at": words(notice.at),
        "deadline": "" if notice.deadline is None else words(notice.deadline),
        "justification": visible(notice.justification).strip(),
        "reason": _reason(notice.reason),
        "verdict": facts.get("verdict", ""),
        "facts": facts,
        "rows": _rows(notice, person),
        "link": Link(label, url) if url else None,
        "commands": _commands(notice, thing, secret),
        "decides": bool(secret),
        "organization": one_line(organization),
    }


class _People:
    """Gives people with their names; who has none goes by the id."""

    def __init__(self, name_of: NameOf) -> None:
        self.name_of = name_of

    def __call__(self, person: str) -> Person:
        name = one_line(self.name_of(person)) if person else ""
        return Person(person, name or person)


def _reason(code: str) -> str:
    return _REASONS.get(code, one_line(code))


def _rows(notice: Notice, person: _People) -> tuple[Row, ...]:
    package = one_line(notice.package_name or notice.package)
    if notice.package and package != notice.package:
        package = f"{package} ({notice.package})"
    requestor = notice.requestor if notice.requestor != notice.target else ""
    rows = [
        Row("Access package", package),
        Row("For", person(notice.target).full),
        Row("Requested by", person(requestor).full),
        Row("Stage", str(notice.stage or "")),
        Row("Reason", _reason(notice.reason)),
        *(_fact_row(name, text, person) for name, text in notice.facts if _shown(name)),
        Row(_DEADLINES.get(notice.kind, "Until"), _deadline(notice)),
        Row("Request", one_line(notice.request)),
        Row("Assignment", one_line(notice.assignment)),
        Row("Review", one_line(notice.review)),
    ]
    return tuple(row for row in rows if row.text)


def _shown(name: str) -> bool:
    return name not in _IN_SENTENCES


def _fact_row(name: str, text: str, person: _People) -> Row:
    if name in PEOPLE_FACTS:
        return Row(_LABELS.get(name, _label(name)), person(text).full)
    return Row(_label(name), _reason(text))


def _label(name: str) -> str:
    """Give a fact's name for people; what is no plain word, such as a resource, stays as it is."""
    return name.replace("_", " ").capitalize() if _WORD.fullmatch(name) else one_line(name)


def _deadline(notice: Notice) -> str:
    return "" if notice.deadline is None else words(notice.deadline)


def _thing(notice: Notice) -> str:
    """Give the id of what the link and the commands of a notice are about."""
    section = _LINKS[notice.kind][0]
    return {
        "requests": notice.request,
        "assignments": notice.assignment,
        "reviews": notice.review,
    }[section]


def _link(notice: Notice, portal: str, thing: str, secret: str) -> tuple[str, str]:
    section, label = _LINKS[notice.kind]
    url = f"{portal}/{section}/{quote(thing, safe='')}" if portal and thing else ""
    # What follows # is not sent to servers, so it is in none of their logs.
    return label, f"{url}#decision_token={quote(secret, safe='')}" if url and secret else url


def _commands(notice: Notice, thing: str, secret: str) -> tuple[Command, ...]:
    """Give the commands with the id in quotes where a shell would read more than an id."""
    if not thing:
        return ()
    name = shlex.quote(one_line(thing))
    # A secret that begins with `-` is no option.
    token = f" --token={shlex.quote(secret)}" if secret else ""
    return tuple(Command(does, line.format(name) + token) for does, line in _COMMANDS[notice.kind])
