"""What definitions may say about an assignment policy (S-23)."""

from __future__ import annotations

from ostiary.domain.policy import ExtensionStage, NoResponse, QuestionKind, ScopeKind
from ostiary.rulebook.directory_model import SUBJECTS
from ostiary.rulebook.policy_shapes import (
    APPROVERS,
    JUSTIFICATION,
    TIME,
    ApproverShape,
    ExpirationShape,
    LeavingShape,
    RecurrenceShape,
    ReviewersShape,
)
from ostiary.rulebook.records import Record, RecordShape, RecordsOf, maybe, optional, required
from ostiary.rulebook.shapes import ID, ListOf, Text, TextsByName, Word, YesNo, words_of
from ostiary.rulebook.time_shapes import Length, Moment

# Scopes of service principals and agents are kept and match nobody (S-33).
UNREADABLE_SCOPES = ("specific_service_principals", "all_service_principals", "all_agents")
SCOPE_WORDS = {
    **{word: kind for word, kind in words_of(ScopeKind).items() if word != "unreadable"},
    **dict.fromkeys(UNREADABLE_SCOPES, ScopeKind.UNREADABLE),
}
# The names of section 5 that other products use for the same scopes.
_DOCUMENTED_SCOPES = {
    "notSpecified": "none",
    "specificDirectoryUsers": "specific_subjects",
    "allMemberUsers": "all_members",
    "allDirectoryUsers": "all_directory_users",
    "specificConnectedOrganizationUsers": "specific_organizations",
    "allConfiguredConnectedOrganizationUsers": "all_configured_organizations",
    "allExternalUsers": "all_external",
    "specificDirectoryServicePrincipals": "specific_service_principals",
    "allDirectoryServicePrincipals": "all_service_principals",
    "allDirectoryAgentIdentities": "all_agents",
}


class ScopeText(Record):
    """Who may request under a policy."""

    kind = required(Word(SCOPE_WORDS, _DOCUMENTED_SCOPES), "The kind of requestor scope.")
    users = optional(ListOf(ID), (), "With specific_subjects: ids of users.")
    groups = optional(ListOf(ID), (), "With specific_subjects: ids of groups.")
    organizations = optional(
        ListOf(ID), (), "With specific_organizations: ids of connected organizations."
    )
    rule = maybe(Text("description"), 'With automatic: e.g. user.department -eq "Sales".')


class SelfServiceText(Record):
    """What people may do for themselves."""

    add = optional(YesNo(), default=True, about="Ask for access; default yes.")
    update = optional(YesNo(), default=False, about="Change answers or schedule; default no.")
    remove = optional(YesNo(), default=False, about="Give the access back; default no.")


class QuestionText(Record):
    """A question that a requestor answers."""

    id = required(ID, "Unique among the questions of the policy or resource.")
    text = required(Text("description"), "The question as people read it.")
    kind = optional(Word(words_of(QuestionKind)), QuestionKind.TEXT, "text (default) or choice.")
    required_ = optional(YesNo(), default=False, about="Whether it must be answered; default no.")
    pattern = maybe(Text("description"), "A pattern that the whole text answer must match.")
    choices = optional(ListOf(Text("answer")), (), "With choice: the answers to choose from.")
    multiple = optional(YesNo(), default=False, about="With choice: whether several may be chosen.")
    localized = optional(TextsByName("description"), {}, "The question by language, e.g. de.")


class StageText(Record):
    """One stage of approval; any one of its approvers decides it."""

    approvers = required(ListOf(ApproverShape(), at_least=1), "Who may approve; one is enough.")
    fallback = optional(APPROVERS, (), "Who stands in if no approver can be found.")
    alternates = optional(APPROVERS, (), "Who joins if the approvers are late.")
    alternate_fallback = optional(APPROVERS, (), "Who stands in if no alternate can be found.")
    escalate_after = maybe(TIME, "When the alternates join, e.g. P8D.")
    time_out = maybe(TIME, "When the request is denied if nobody decided.")
    justification = optional(
        JUSTIFICATION, default=False, about="Whether the approver must give reasons."
    )


class ApprovalText(Record):
    """Whether and how requests are approved."""

    for_ = required(
        ListOf(Word({"add": "add", "extension": "extension"})),
        "What needs approval: new access (add), extension, or both.",
    )
    stages = optional(RecordsOf(StageText), (), "The stages, one after another.")


class ReviewText(Record):
    """The access reviews of a policy."""

    start = required(Moment(), "The first day or instant of the first review.")
    every = maybe(RecurrenceShape(), "monthly, quarterly, half-yearly, yearly or a duration.")
    window = maybe(TIME, "How long reviewers have; the profile's if left out.")
    reviewers = required(ReviewersShape(), "self, manager, or a list of users and groups.")
    fallback = optional(SUBJECTS, (), "Who reviews if nobody else can; required with manager.")
    no_response = required(
        Word(words_of(NoResponse)), "What happens to access that nobody reviewed."
    )


class ExtensionCallText(Record):
    """A custom extension called at one stage."""

    extension = required(ID, "The id of an extension of the package's catalog.")
    stage = required(Word(words_of(ExtensionStage)), "When it is called.")
    wait = maybe(
        Length("days", "hours", "minutes"), "How long its reply is awaited; if left out it is not."
    )


class PolicyText(Record):
    """One assignment policy of an access package."""

    id = required(ID, "Unique among the policies of the package.")
    name = required(Text("name"), "The name for people, unique in the package.")
    description = optional(Text("description", blank=True), "", "What the policy is for.")
    enabled = optional(YesNo(), default=True, about="Whether it takes part; default yes.")
    scope = required(RecordShape(ScopeText), "Who may request.")
    self_service = maybe(RecordShape(SelfServiceText), "What people may do for themselves.")
    on_behalf = optional(
        YesNo(), default=False, about="Whether managers may request for direct reports."
    )
    justification = optional(JUSTIFICATION, default=False, about="Whether reasons are required.")
    questions = optional(RecordsOf(QuestionText), (), "What the requestor is asked.")
    custom_schedule = optional(
        YesNo(), default=False, about="Whether requests may state a start and an end."
    )
    approval = maybe(RecordShape(ApprovalText), "Who approves; nobody needs to if left out.")
    expiration = optional(
        ExpirationShape(), None, "When access ends; the profile's duration if left out."
    )
    extension_allowed = optional(
        YesNo(), default=False, about="Whether access may be extended before it ends."
    )
    reviews = maybe(RecordShape(ReviewText), "Access reviews.")
    extensions = optional(RecordsOf(ExtensionCallText), (), "Outside workflows that are called.")
    revoke_when_out_of_scope = optional(
        LeavingShape(), None, "Whether leaving the scope ends the access, at once or after a time."
    )
    remove_when_unfit = optional(
        LeavingShape(), None, "With automatic: whether access ends if the rule no longer fits."
    )
    notices = optional(YesNo(), default=True, about="Whether people are told by mail.")
    approver_reminders = optional(
        YesNo(),
        default=False,
        about="Whether approvers are reminded at half-time of their stage; default no.",
    )
