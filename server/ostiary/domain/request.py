"""What can be asked: one person, one access package, one instant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

import msgspec

from ostiary.domain.enumeration import Enumeration
from ostiary.domain.people import (
    UNKNOWN,
    AccountState,
    HomeIdentity,
    PersonType,
    RiskLevel,
    Unknown,
)


class RequestType(Enumeration):
    """The ways in which new access is asked for (section 9 of the semantics)."""

    USER_ADD = "user_add"
    ON_BEHALF_ADD = "on_behalf_add"
    ADMIN_ADD = "admin_add"


class Mode(Enumeration):
    """Whether the caller explores or means to submit exactly this (S-53)."""

    QUERY = "query"
    SUBMISSION = "submission"


class InlinePerson(msgspec.Struct, frozen=True):
    """A requestor described by the caller; what is UNKNOWN was not said (FACT_MISSING)."""

    id: str
    type: PersonType | Unknown
    state: AccountState | Unknown
    groups: tuple[str, ...] | Unknown  # direct or transitive, nesting is followed from here
    manager: str | None | Unknown
    sponsors: tuple[str, ...] | Unknown
    home: HomeIdentity | None | Unknown
    attributes: Mapping[str, str] | Unknown
    mail: str | None = None
    governed: bool = False
    risk: RiskLevel | Unknown = UNKNOWN


class Schedule(msgspec.Struct, frozen=True, gc=False):
    """The start and end that a requestor asks for (S-58)."""

    start: datetime | None = None
    end: datetime | None = None
    duration: timedelta | None = None


class Answer(msgspec.Struct, frozen=True):
    """The answer to one question; several values where several choices are made."""

    question: str
    values: tuple[str, ...]


class Holdings(msgspec.Struct, frozen=True):
    """What the target has and has asked for, by package id (S-60, S-117)."""

    assigned: tuple[str, ...] = ()  # current assignments
    pending: tuple[str, ...] = ()  # open requests


NOT_TOLD: Final = Holdings()  # stands in a question whose caller did not say
UNCOUNTED: Final[Mapping[str, int]] = MappingProxyType({})  # the same, of counts


class EvaluationRequest(msgspec.Struct, frozen=True, gc=False):
    """One question for the decision core."""

    package: str
    requestor: str | InlinePerson  # the target of the access
    at: datetime
    type: RequestType = RequestType.USER_ADD
    mode: Mode = Mode.QUERY
    submitter: str | None = None  # who asks for the target; None: the target
    policy: str | None = None
    justification: str | None = None
    answers: tuple[Answer, ...] = ()
    schedule: Schedule | None = None
    holdings: Holdings = NOT_TOLD
    # name of a limit of section 18 -> how many there are now; what is not said, the server counts
    counters: Mapping[str, int] = UNCOUNTED
