"""What a caller submits, and who they are towards it."""

from __future__ import annotations

import msgspec

from ostiary.domain.access_request import AccessRequest, ExternalPerson, RequestKind
from ostiary.domain.decision import Decision
from ostiary.domain.request import Answer, Schedule


class Actor(msgspec.Struct, frozen=True):
    """Who does something; `staff` if a role lets them do it for others (section 16)."""

    id: str
    staff: bool = False


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it is submitted; which fields it needs depends on its kind."""

    kind: RequestKind
    target: str | ExternalPerson
    package: str = ""  # of additions
    assignment: str = ""  # of updates and removals; empty: the current one of `package`
    policy: str | None = None
    justification: str | None = None
    answers: tuple[Answer, ...] = ()
    schedule: Schedule | None = None
    bypass_approval: bool = False  # administrators only (S-66)
    request_id: str = ""  # the caller's own id (S-61)
    validate_only: bool = False


class Submitted(msgspec.Struct, frozen=True):
    """What became of a submission: the decision on it, and the request if it was not a trial."""

    decision: Decision | None  # None: a removal needs none
    request: AccessRequest | None
