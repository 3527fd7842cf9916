"""What definitions may say about an assignment policy (S-23)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

from ostiary.domain.policy import (
    Approver,
    ApproverKind,
    ExtensionStage,
    NoResponse,
    QuestionKind,
    Recurrence,
    ReviewerKind,
    ScopeKind,
)
from ostiary.rulebook.directory_model import SUBJECTS, Named, NamedShape
from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.faults import quoted
from ostiary.rulebook.records import (
    BROKEN,
    Broken,
    JsonSchema,
    Reader,
    Record,
    RecordShape,
    RecordsOf,
    Shape,
    Where,
    maybe,
    optional,
    required,
)
from ostiary.rulebook.shapes import (
    ID,
    Item,
    Length,
    ListOf,
    Moment,
    Text,
    TextsByName,
    Word,
    YesNo,
    read_span,
    scalar_text,
    words_of,
)
from ostiary.rulebook.source import MappingNode, Node, ScalarNode
from ostiary.rulebook.times import Span

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


class ApproverShape(Shape[Approver]):
    """An entry of an approver list: a user, a group, or somebody by relation to the target."""

    relations: ClassVar[Mapping[str, Approver]] = {
        "manager": Approver(ApproverKind.MANAGER),
        "manager:1": Approver(ApproverKind.MANAGER),
        "manager:2": Approver(ApproverKind.MANAGER, level=2),
        "internal-sponsors": Approver(ApproverKind.INTERNAL_SPONSORS),
        "external-sponsors": Approver(ApproverKind.EXTERNAL_SPONSORS),
        "own-sponsors": Approver(ApproverKind.OWN_SPONSORS),
    }
    subject = NamedShape("user", "group")
    words = ("user:ID", "group:ID", *relations)

    def read(self, node: Node, where: Where, reader: Reader) -> Approver | Broken:
        """Give the approver."""
        text = scalar_text(node, where, reader, f"one of {', '.join(self.words)}")
        if isinstance(text, Broken):
            return text
        if text in self.relations:
            return self.relations[text]
        if text.startswith(("user:", "group:")):
            named = self.subject.read(node, where, reader)
            return named if isinstance(named, Broken) else approver_of(named)
        if text.startswith("manager:"):
            message = f"{quoted(text)}: the manager (level 1) and the manager's manager (level 2)"
            return reader.invalid(node, where, f"{message} can approve, no other level")
        near = reader.near(text, self.words)
        message = f"{quoted(text)} is not one of {', '.join(self.words)}{near}"
        reader.fault(node, where, FaultCode.UNKNOWN_VALUE, message)
        return BROKEN

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """Give the relations, and the pattern of users and groups."""
        return {"anyOf": [{"enum": list(self.relations)}, self.subject.schema(defs)]}


def approver_of(named: Named) -> Approver:
    """Give the approver that a text such as `user:dana` names."""
    return Approver(ApproverKind(named.kind), named.id)


TIME = Length("days", "weeks", "hours")
APPROVERS = ListOf(ApproverShape())
JUSTIFICATION = Word({"required": True, "optional": False})


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


class AfterText(Record):
    """A length of time after which something happens."""

    after = required(TIME, "For example P7D.")


class EndText(Record):
    """When access ends: on a date or after a time."""

    on = maybe(Moment(end=True), "The last day (its end, UTC) or the exact instant of the end.")
    after = maybe(TIME, "The time from the start, e.g. P90D or PT12H.")


class ExpirationShape(Shape[EndText | None]):
    """`never`, or a mapping with `on` or `after`."""

    never = Word({"never": None})
    dated = RecordShape(EndText)

    def read(self, node: Node, where: Where, reader: Reader) -> EndText | None | Broken:
        """Give the end, or None for never."""
        if isinstance(node, ScalarNode) and not node.is_null:
            return self.never.read(node, where, reader)
        end = self.dated.read(node, where, reader)
        if isinstance(end, Broken) or end.has("on") != end.has("after"):
            return end
        return reader.invalid(node, where, "must be `never`, {on: DATE} or {after: DURATION}")

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """Give both forms."""
        return {"anyOf": [{"const": "never"}, self.dated.schema(defs)]}


class LeavingShape(Shape[timedelta | None]):
    """Whether leaving a scope ends the access: yes, no, or {after: DURATION} for a grace period."""

    flag = YesNo()
    grace = RecordShape(AfterText)

    def read(self, node: Node, where: Where, reader: Reader) -> timedelta | None | Broken:
        """Give the grace period, or None if the access stays."""
        if isinstance(node, MappingNode):
            record = self.grace.read(node, where, reader)
            return BROKEN if isinstance(record, Broken) else record.values.get("after", BROKEN)
        flag = self.flag.read(node, where, reader)
        return flag if isinstance(flag, Broken) else timedelta(0) if flag else None

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """Give both forms."""
        return {"anyOf": [self.flag.schema(defs), self.grace.schema(defs)]}


class RecurrenceShape(Shape[str | Recurrence]):
    """How often reviews come: a word that the profile may give a meaning, or a duration (S-122)."""

    months: ClassVar[Mapping[str, int]] = {"monthly": 1, "half-yearly": 6, "yearly": 12}
    words = ("monthly", "quarterly", "half-yearly", "yearly")

    def read(self, node: Node, where: Where, reader: Reader) -> str | Recurrence | Broken:
        """Give the recurrence, or the word `quarterly`."""
        text = node.text if isinstance(node, ScalarNode) else ""
        if text == "quarterly":
            return text
        if text in self.months:
            return Recurrence(months=self.months[text])
        if isinstance(node, ScalarNode) and text and not text.startswith(("P", "-P")):
            return self._unknown(node, text, where, reader)
        span = read_span(node, where, reader)
        return span if isinstance(span, Broken) else self._of(span, node, where, reader)

    def _unknown(self, node: Node, text: str, where: Where, reader: Reader) -> Broken:
        known = ", ".join(self.words)
        near = reader.near(text, self.words)
        message = f"{quoted(text)} is no duration and not one of {known}{near}"
        reader.fault(node, where, FaultCode.UNKNOWN_VALUE, message)
        return BROKEN

    def _of(self, span: Span, node: Node, where: Where, reader: Reader) -> Recurrence | Broken:
        if span.months and span.exact:
            return reader.invalid(node, where, "cannot mix calendar months with exact time")
        if not span.months and span.exact < timedelta(days=1):
            return reader.invalid(node, where, "must be at least P1D")
        return Recurrence(months=span.months) if span.months else Recurrence(every=span.exact)

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:  # noqa: ARG002  # needs no others
        """Give the words and the form of durations."""
        return {"anyOf": [{"enum": list(self.words)}, {"type": "string", "pattern": "^P"}]}


class ReviewersShape(Shape[ReviewerKind | tuple[Item[Named], ...]]):
    """Who reviews: `self`, `manager`, or a list of users and groups (S-120)."""

    word = Word({"self": ReviewerKind.SELF, "manager": ReviewerKind.MANAGER})
    named = ListOf(NamedShape("user", "group"), at_least=1)

    def read(
        self, node: Node, where: Where, reader: Reader
    ) -> ReviewerKind | tuple[Item[Named], ...] | Broken:
        """Give the relation or the list."""
        if isinstance(node, ScalarNode) and not node.is_null:
            return self.word.read(node, where, reader)
        return self.named.read(node, where, reader)

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """Give both forms."""
        return {"anyOf": [self.word.schema(defs), self.named.schema(defs)]}


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
