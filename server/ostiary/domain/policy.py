"""Assignment policies: who may ask, who must agree, and how long it lasts (S-23).

INVARIANT: what is kept of a policy is read whole or not at all. A field that this version does not
know may narrow the others, so that its policy is refused rather than read without it (S-25).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from ostiary.domain.attributes import AttributeRule
from ostiary.domain.enumeration import Enumeration


class ScopeKind(Enumeration):
    """The kinds of requestor scope (section 5 of the semantics)."""

    NONE = "none"
    SPECIFIC_SUBJECTS = "specific_subjects"
    ALL_MEMBERS = "all_members"
    ALL_DIRECTORY_USERS = "all_directory_users"
    SPECIFIC_ORGANIZATIONS = "specific_organizations"
    ALL_CONFIGURED_ORGANIZATIONS = "all_configured_organizations"
    ALL_EXTERNAL = "all_external"
    AUTOMATIC = "automatic"
    UNREADABLE = "unreadable"  # imported and not understood, or for agents: matches nobody (S-25)


class RequestorScope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may request under a policy."""

    kind: ScopeKind
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()
    rule: AttributeRule | None = None  # of an automatic policy (S-39)


class ApproverKind(Enumeration):
    """Ways of naming an approver (S-66 to S-71)."""

    USER = "user"
    GROUP = "group"
    MANAGER = "manager"
    INTERNAL_SPONSORS = "internal_sponsors"
    EXTERNAL_SPONSORS = "external_sponsors"
    OWN_SPONSORS = "own_sponsors"
    UNREADABLE = "unreadable"  # imported and not understood: stands for nobody (S-25)


class Approver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of an approver list: a user, a group, or a relation to the target."""

    kind: ApproverKind
    id: str | None = None  # of the user or group
    level: int = 1  # of the manager: 1, or 2 for the manager's manager


class ApprovalStage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One stage of approval; any one of its approvers decides it (S-63)."""

    primary: tuple[Approver, ...]
    fallback: tuple[Approver, ...] = ()
    alternates: tuple[Approver, ...] = ()
    alternate_fallback: tuple[Approver, ...] = ()
    escalate_after: timedelta | None = None  # None: no escalation (S-77)
    time_out: timedelta = timedelta(days=30)  # always set by the loader from policy or profile
    justification_required: bool = False


class QuestionKind(Enumeration):
    """How a question is answered (S-57)."""

    TEXT = "text"
    CHOICE = "choice"


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question that a requestor answers (S-57)."""

    id: str
    text: str
    kind: QuestionKind = QuestionKind.TEXT
    required: bool = False
    pattern: str | None = None  # must match the whole answer
    choices: tuple[str, ...] = ()
    multiple: bool = False
    localized: Mapping[str, str] = {}


class ExpirationKind(Enumeration):
    """How an assignment ends (S-98)."""

    NEVER = "never"
    DATE = "date"
    DURATION = "duration"


class Expiration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When assignments of a policy end (S-98, S-99)."""

    kind: ExpirationKind
    at: datetime | None = None  # DATE: the instant at which access is over
    after: timedelta | None = None  # DURATION, counted from the start

    def __post_init__(self) -> None:
        """Raise ValueError for an end that says nothing: it must not be taken for none."""
        if self.kind is ExpirationKind.DATE and self.at is None:
            raise ValueError("an end on a date names no date")
        if self.kind is ExpirationKind.DURATION and self.after is None:
            raise ValueError("an end after a time names no time")


class ReviewerKind(Enumeration):
    """Who decides in an access review (S-120)."""

    SELF = "self"
    SPECIFIC = "specific"
    MANAGER = "manager"


class NoResponse(Enumeration):
    """What happens to an assignment that no reviewer decided (S-123)."""

    KEEP = "keep"
    REMOVE = "remove"
    RECOMMENDATION = "recommendation"


class Recurrence(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """The distance of two reviews: exact time or calendar months, never both (S-122)."""

    every: timedelta | None = None
    months: int | None = None


class ReviewSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The access reviews of a policy (S-119 to S-124)."""

    start: datetime
    recurrence: Recurrence
    window: timedelta
    reviewers: ReviewerKind
    specific: tuple[Approver, ...] = ()
    fallback: tuple[Approver, ...] = ()
    no_response: NoResponse = NoResponse.KEEP


class ExtensionStage(Enumeration):
    """When a custom extension is called (section 15 of the semantics)."""

    REQUEST_CREATED = "request_created"
    REQUEST_APPROVED = "request_approved"
    ASSIGNMENT_GRANTED = "assignment_granted"
    ASSIGNMENT_REMOVED = "assignment_removed"
    FOURTEEN_DAYS_BEFORE_EXPIRY = "fourteen_days_before_expiry"
    ONE_DAY_BEFORE_EXPIRY = "one_day_before_expiry"


class ExtensionCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A custom extension called at one stage; `wait` is how long a reply is awaited (S-126)."""

    extension: str
    stage: ExtensionStage
    wait: timedelta | None = None  # None: launch and continue


class AssignmentPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One assignment policy of an access package (S-23)."""

    id: str
    name: str
    scope: RequestorScope
    expiration: Expiration
    description: str = ""
    enabled: bool = True
    self_add: bool = True
    self_update: bool = False
    self_remove: bool = False
    on_behalf: bool = False
    justification_required: bool = False
    questions: tuple[Question, ...] = ()
    custom_schedule: bool = False
    approval_for_add: bool = False
    approval_for_extension: bool = False
    stages: tuple[ApprovalStage, ...] = ()
    extension_allowed: bool = False
    reviews: ReviewSettings | None = None
    extensions: tuple[ExtensionCall, ...] = ()
    revoke_when_out_of_scope: bool = False
    out_of_scope_grace: timedelta = timedelta(0)
    remove_when_unfit: bool = False  # of an automatic policy (S-106)
    notices: bool = True
    approver_reminders: bool = False  # at half-time of each stage (S-78)
