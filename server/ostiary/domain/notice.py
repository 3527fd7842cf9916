"""What people are told, and when (S-137)."""

from __future__ import annotations

from datetime import datetime

import msgspec

from ostiary.domain.enumeration import Enumeration


class NoticeKind(Enumeration):
    """The notices of S-137; each has a template of its own."""

    ACTION_NEEDED = "action_needed"  # to approvers, when a stage opens
    APPROVAL_REMINDER = "approval_reminder"
    FORWARDED = "forwarded"  # to alternates, when a stage escalates
    DECIDED = "decided"  # to the other approvers
    APPROVAL_EXPIRED = "approval_expired"
    CANCELED = "canceled"
    REQUEST_RECEIVED = "request_received"
    REQUEST_DENIED = "request_denied"
    REQUEST_EXPIRED = "request_expired"  # nobody decided in time
    ACCESS_READY = "access_ready"
    EXTEND_BY = "extend_by"
    ACCESS_EXTENDED = "access_extended"
    ACCESS_ENDED = "access_ended"
    REVIEW_OPENED = "review_opened"
    REVIEW_REMINDER = "review_reminder"
    DELIVERY_FAILED = "delivery_failed"  # to staff
    DELIVERY_LATE = "delivery_late"  # to staff


PEOPLE_FACTS = frozenset({"decided_by", "canceled_by", "requested_by", "reviewer"})


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One notice to some people; the texts are made when it is delivered.

    `facts` are shown in their order, each with its name; those of PEOPLE_FACTS are ids of users,
    whose names are shown. `verdict` (approved, denied) enters the text.
    """

    id: str
    kind: NoticeKind
    to: tuple[str, ...]  # ids of users
    at: datetime
    target: str = ""  # whom it is about
    requestor: str = ""
    package: str = ""
    package_name: str = ""
    policy: str = ""
    request: str = ""
    assignment: str = ""
    review: str = ""
    stage: int = 0
    deadline: datetime | None = None  # until when somebody must act, or when access ends
    justification: str = ""  # of the request; in DECIDED and REQUEST_DENIED, of the decision
    reason: str = ""  # the code that ended the request or the access
    facts: tuple[tuple[str, str], ...] = ()
    # Mail addresses by id of people in `to` of whom the directory had no object.
    addresses: tuple[tuple[str, str], ...] = ()

    def address_of(self, person: str) -> str | None:
        """Give the mail address that came with somebody's request; None if there is none."""
        return dict(self.addresses).get(person)


def split(notice: Notice) -> tuple[Notice, ...]:
    """Give one notice for each person, so that each is delivered, tried again and shown alone.

    Nobody is told twice because telling somebody else failed. The ids follow from the notice's.
    """
    people = tuple(dict.fromkeys(notice.to))
    return tuple(
        msgspec.structs.replace(
            notice,
            id=f"{notice.id}/{person}",
            to=(person,),
            addresses=tuple(one for one in notice.addresses if one[0] == person),
        )
        for person in people
    )
