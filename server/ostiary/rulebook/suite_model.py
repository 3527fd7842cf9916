"""What the file of a suite may say: tests of cells, of questions, and stories with a clock."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ostiary.domain.access_request import RequestState, RequestStatus
from ostiary.domain.actions import ActionKind, Anchor, Moment
from ostiary.domain.assignment import AssignmentState
from ostiary.domain.decision import Origin, Outcome
from ostiary.domain.due import WorkKind
from ostiary.domain.notice import NoticeKind
from ostiary.domain.people import AccountState, PersonType, RiskLevel
from ostiary.domain.reasons import Cause, Code, Severity
from ostiary.domain.request import Mode, RequestType
from ostiary.domain.review import ReviewState
from ostiary.domain.tables import Phase
from ostiary.domain.vocabulary import VOCABULARY
from ostiary.rulebook.directory_model import GroupText, HomeText, OrganizationText, UserText
from ostiary.rulebook.records import (
    JsonSchema,
    Record,
    RecordShape,
    RecordsOf,
    maybe,
    optional,
    required,
)
from ostiary.rulebook.shapes import (
    ID,
    Count,
    ListOf,
    Matching,
    Text,
    TextsByName,
    Word,
    YesNo,
    words_of,
)
from ostiary.rulebook.story_model import Deed, DeedText, VisitorText
from ostiary.rulebook.suite_shapes import (
    NONE,
    ByName,
    CodeOrYes,
    LengthShape,
    MomentOrLength,
    OneOrMore,
    PartOf,
    RawByName,
    RawList,
    RawMapping,
    Several,
    ShortOr,
)
from ostiary.rulebook.tenant_model import (
    CatalogText,
    LoosePackageText,
    LoosePolicyText,
    TenantText,
)
from ostiary.rulebook.time_shapes import Moment as MomentShape

RULE_ID = Matching(re.compile(r"[a-z][a-z0-9.-]{0,127}", re.ASCII), "the id of a rule")
S_NUMBER = Matching(re.compile(r"S-[1-9][0-9]{0,2}", re.ASCII), "a number such as S-41")
ENTRY = Matching(re.compile(r"[^/\n]{1,256}/[^/\n]{1,256}"), "`resource/role`")
WORD = Matching(re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}", re.ASCII), "a word")

# What of a tenant a test may change.
CHANGED: Mapping[str, type[Record]] = {
    "users": UserText,
    "groups": GroupText,
    "organizations": OrganizationText,
    "catalogs": CatalogText,
    "packages": LoosePackageText,
    "policies": LoosePolicyText,
}

_REQUEST_STATES = {state.name: state.name for state in RequestState}
_ASSIGNMENT_STATES = {state.name: state.name for state in AssignmentState}

_ACCOUNTS: Word[AccountState | str] = Word({**words_of(AccountState), NONE: NONE})


def _words(answer: str) -> Word[str]:
    """Give the words of an answer, whichever phase gives it."""
    specs = (spec.answers[answer] for spec in VOCABULARY.values() if answer in spec.answers)
    return Word({word: word for spec in specs for word in spec.words})


class ScheduledText(Record):
    """An action that the rules of a cell schedule, in the words of the rules."""

    schedule = required(Word(words_of(ActionKind)), "The kind of action.")
    at_ = required(Word(words_of(Moment)), "The moment at which it is scheduled.")


class CellListsText(Record):
    """Parts of the lists of a cell."""

    rules = maybe(OneOrMore(RULE_ID), "Rules that decide something.")
    fired = maybe(OneOrMore(RULE_ID), "Rules that fire.")
    actions = maybe(RecordsOf(ScheduledText), "In phase lifecycle: what is scheduled.")


class CellWantText(Record):
    """What a cell must say; what is not written does not matter."""

    scope = maybe(_words("scope"), "In phase requestor_scope: in, out or unknown.")
    visible = maybe(_words("visible"), "In phase policy_selection: whether the package shows.")
    selection = maybe(_words("selection"), "In phase policy_selection: what is selected.")
    deciders = maybe(_words("deciders"), "In phase approver_resolution: who decides the stage.")
    escalation = maybe(_words("escalation"), "In phase approver_resolution: who joins when late.")
    outcome = maybe(_words("outcome"), "In phase limits: what comes of the request.")
    eligible = maybe(_words("eligible"), "In phase limits: whether the person may ask.")
    reason = maybe(Word(words_of(Code)), "The reason of the answer that has one.")
    cause = maybe(Word(words_of(Cause)), "The cause of that reason.")
    fact = maybe(WORD, "The missing fact of the answer `unknown`.")
    rules = maybe(OneOrMore(RULE_ID), "The rules behind the answers that are named here; else all.")
    fired = maybe(OneOrMore(RULE_ID), "All rules that fire, those that are overruled included.")
    actions = maybe(RecordsOf(ScheduledText), "In phase lifecycle: everything that is scheduled.")
    includes = maybe(RecordShape(CellListsText), "What must be in these lists, at least.")
    lacks = maybe(RecordShape(CellListsText), "What must not be in these lists.")


class PersonText(Record):
    """A requestor described in the test; what is left out is not known."""

    id = required(ID, "How the test names the person.")
    type = maybe(Word(words_of(PersonType)), "member, guest or external.")
    state = maybe(Word(words_of(AccountState)), "enabled, blocked or deleted.")
    groups = maybe(ListOf(ID), "Ids of groups; [] if there are none.")
    manager = maybe(ID, "Id of the manager; `none` if there is none.")
    sponsors = maybe(ListOf(ID), "Ids of sponsors; [] if there are none.")
    home = maybe(RecordShape(HomeText), "How the person signs in at home.")
    attributes = maybe(TextsByName("answer"), "Attributes; {} if there are none.")
    mail = maybe(Text("name"), "The mail address.")
    governed = optional(YesNo(), default=False, about="Whether a guest is cleaned up.")
    risk = maybe(Word(words_of(RiskLevel)), "none, low, medium or high.")


class ScheduleText(Record):
    """The start and end that are asked for."""

    start = maybe(MomentShape(), "The start.")
    end = maybe(MomentShape(end=True), "The end; or say `duration`.")
    duration = maybe(LengthShape(), "How long; or say `end`.")


class HoldingsText(Record):
    """What the person has and has asked for."""

    assigned = optional(ListOf(ID), (), "Packages of current assignments.")
    pending = optional(ListOf(ID), (), "Packages of open requests.")


class AskText(Record):
    """A question, as EvaluateRequest knows it."""

    package = required(ID, "The access package.")
    requestor = required(ShortOr(PersonText, "id"), "A user's id, or a person described here.")
    type = optional(Word(words_of(RequestType)), RequestType.USER_ADD, "How access is asked for.")
    mode = optional(Word(words_of(Mode)), Mode.QUERY, "query (the default) or submission.")
    submitter = maybe(ID, "Who asks, if not the person.")
    policy = maybe(ID, "The assignment policy asked for.")
    justification = maybe(Text("answer", blank=True), "Why.")
    answers = optional(ByName(Several(Text("answer", blank=True))), {}, "Lists of values by id.")
    schedule = maybe(RecordShape(ScheduleText), "The start and end asked for.")
    holdings = maybe(RecordShape(HoldingsText), "What the person has and has asked for.")
    counters = optional(ByName(Count()), {}, "How much of each limit is used up, by its name.")


class ReasonText(Record):
    """A reason of a decision."""

    code = required(Word(words_of(Code)), "The code.")
    severity = maybe(Word(words_of(Severity)), "error, warning or info.")
    policy = maybe(ID, "The policy that it is about.")
    parameters = maybe(TextsByName("answer"), "All parameters by name.")
    evidence = maybe(Several(Text("name")), "The path that proves it.")


class StageText(Record):
    """One approval stage of a plan."""

    approvers = maybe(OneOrMore(), "Everybody who may decide.")
    origin = maybe(Word(words_of(Origin)), "Whether they are the primary or the fallback ones.")
    alternates = maybe(OneOrMore(), "Everybody who joins when it is late; [] for nobody.")
    time_out = maybe(LengthShape(), "After which nobody's decision is waited for.")
    escalate_after = maybe(LengthShape(), "After which the alternates join.")
    opens_at = maybe(MomentShape(), "When it opens, if that is known.")
    escalates_at = maybe(MomentShape(), "When the alternates join, if that is known.")
    denies_at = maybe(MomentShape(), "When the request is denied, if that is known.")
    justification_required = maybe(YesNo(), "Whether approvers must say why.")


class ActionText(Record):
    """Something that follows from a request."""

    type = required(Word(words_of(ActionKind)), "The kind of action.")
    at_ = maybe(MomentShape(), "The instant, if it is known already.")
    anchor = maybe(Word(words_of(Anchor)), "The event that it counts from.")
    after = maybe(LengthShape(), "How long after that event; -P1D is a day before it.")
    not_before = maybe(MomentShape(), "The start that was asked for.")
    stage = maybe(Count(), "The stage that it is about.")
    target = maybe(Text("name"), "`resource/role`, or the id of an extension.")
    rule = maybe(RULE_ID, "The rule that schedules it.")


class QuestionListsText(Record):
    """Parts of the lists of a decision."""

    policies = maybe(OneOrMore(), "Policies that are offered.")
    asked = maybe(OneOrMore(), "Approvers and alternates of all stages.")
    reasons = maybe(Several(ShortOr(ReasonText, "code")), "Reasons.")
    actions = maybe(Several(ShortOr(ActionText, "type")), "Actions that follow.")
    rules = maybe(OneOrMore(RULE_ID), "Rules that decided something.")
    fired = maybe(OneOrMore(RULE_ID), "Rules that fired somewhere.")


class QuestionWantText(QuestionListsText):
    """What a decision must say; lists are meant whole, in any order."""

    outcome = maybe(Word(words_of(Outcome)), "The outcome.")
    visible = maybe(YesNo(), "Whether the package shows.")
    eligible = maybe(YesNo(), "Whether the person may ask.")
    choice_required = maybe(YesNo(), "Whether a policy must be chosen.")
    selected = maybe(ID, "The policy in force; `none` if there is none.")
    approvers = maybe(Several(OneOrMore()), "Who may decide each stage, stage by stage.")
    deadlines = maybe(
        Several(MomentOrLength()), "When each stage times out: an instant, or how long after."
    )
    stages = maybe(RecordsOf(StageText), "All stages.")
    fewest_stages = maybe(Count(), "How many stages there are at least.")
    or_denied = optional(YesNo(), default=False, about="Whether the outcome DENY is as good.")
    error = maybe(ID, "The code of the error, if the question cannot be asked at all.")
    includes = maybe(RecordShape(QuestionListsText), "What must be in these lists, at least.")
    lacks = maybe(RecordShape(QuestionListsText), "What must not be in these lists.")


class RequestWantText(Record):
    """A recorded request."""

    state = maybe(Word(_REQUEST_STATES), "Its state.")
    status = maybe(
        Word({one.name: one.name for one in RequestStatus}), "What the state leaves open."
    )
    policy = maybe(ID, "Its policy.")
    stage = maybe(Count(), "The number of the open stage; 0 if none is open.")
    reason = maybe(ID, "The code that ended it.")
    starts_at = maybe(MomentOrLength(), "When the access starts.")
    ends_at = maybe(MomentOrLength(end=True), "When the access ends.")


class AssignmentWantText(Record):
    """An assignment."""

    target = maybe(ID, "Who holds it.")
    package = maybe(ID, "Of what.")
    policy = maybe(ID, "Under which policy.")
    state = maybe(Word(_ASSIGNMENT_STATES), "Its state.")
    starts_at = maybe(MomentOrLength(), "When it starts.")
    ends_at = maybe(MomentOrLength(end=True), "When it ends.")


class NoticeWantText(Record):
    """A notice to one person."""

    kind = required(Word(words_of(NoticeKind)), "The kind.")
    to_ = maybe(ID, "Who is told.")
    target = maybe(ID, "Whom it is about.")
    package = maybe(ID, "The package that it is about.")
    stage = maybe(Count(), "The stage that it is about.")
    reason = maybe(ID, "The code that ended the request or the access.")


class EventWantText(Record):
    """An event of the audit log."""

    name = required(Text("name"), "Its name.")
    actor = maybe(ID, "Who did it; `system` if nobody did.")
    target = maybe(ID, "Whom it is about.")
    package = maybe(ID, "The package that it is about.")
    reason = maybe(ID, "The code that goes with it.")


class DueWantText(Record):
    """Something that is due at a later instant."""

    type = required(Word(words_of(WorkKind)), "The kind of work.")
    at_ = maybe(MomentOrLength(), "When it is due.")
    stage = maybe(Count(), "The stage that it is about.")
    target = maybe(Text("name"), "`resource/role`, or the id of an extension.")
    rule = maybe(RULE_ID, "The rule that scheduled it.")


class ReviewWantText(Record):
    """A round of an access review."""

    package = maybe(ID, "The package under review.")
    policy = maybe(ID, "The policy under review.")
    state = maybe(Word({one.name: one.name for one in ReviewState}), "Its state.")
    opened_at = maybe(MomentOrLength(), "When it was opened.")
    closes_at = maybe(MomentOrLength(), "When it closes.")
    targets = maybe(OneOrMore(), "Whose access is under review.")


class StoryListsText(Record):
    """Parts of what is found at a step."""

    asked = maybe(OneOrMore(), "Approvers and alternates of all stages of the open requests.")
    refusals = maybe(OneOrMore(), "The codes with which the act of this step is refused.")
    assignments = maybe(Several(RecordShape(AssignmentWantText)), "Assignments, ended ones too.")
    notices = maybe(Several(ShortOr(NoticeWantText, "kind")), "Notices sent since the step before.")
    events = maybe(Several(ShortOr(EventWantText, "name")), "Audit events since the step before.")
    due = maybe(Several(ShortOr(DueWantText, "type")), "What is due later.")
    reviews = maybe(Several(RecordShape(ReviewWantText)), "Rounds of access reviews.")


class StoryWantText(StoryListsText):
    """What must be found at a step; lists are meant whole, in any order."""

    requests = maybe(ByName(ShortOr(RequestWantText, "state")), "Requests by their labels.")
    holds = maybe(ByName(OneOrMore()), "For some people, the packages that they hold; [] for none.")
    rights = maybe(ByName(OneOrMore(ENTRY)), "For some people, the `resource/role` that they have.")
    may_decide = maybe(ByName(OneOrMore()), "For some requests, who may decide them now.")
    accounts = maybe(ByName(_ACCOUNTS), "The state of accounts by user; `none`: there is none.")
    includes = maybe(RecordShape(StoryListsText), "What must be in these lists, at least.")
    lacks = maybe(RecordShape(StoryListsText), "What must not be in these lists.")


class Changes(RawMapping):
    """A part of a tenant's file, of which nothing is required."""

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """Give lists of what a tenant's files may hold, with no field required."""
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                name: {"type": "array", "items": RecordShape(record, partial=True).schema(defs)}
                for name, record in CHANGED.items()
            }
            | {
                "tenant": RecordShape(TenantText, partial=True).schema(defs),
                "without": {
                    "description": "What is not there: ids, of policies `package/policy`.",
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        name: {"type": "array", "items": {"type": "string"}} for name in CHANGED
                    },
                },
            },
        }


class StepText(DeedText):
    """A step of a story: somebody does something, or it is only looked how things stand."""

    at_ = maybe(MomentOrLength(), "When: an instant, or how long after the beginning.")
    after = maybe(LengthShape(), "When: how long after the step before.")
    who = maybe(ID, "Who does it: a user, a visitor, or `staff`.")
    does = maybe(Word(words_of(Deed)), "What is done.")
    change = maybe(Changes(), "What the definitions say from then on, written as `given` is.")
    refused = optional(
        CodeOrYes(), "", "Whether it is refused, or with which code; `either`: it may be."
    )
    want = maybe(RecordShape(StoryWantText), "What must be found after it.")


class CaseText(Record):
    """What every test may say."""

    name = required(Text("name"), "What is tested, as a sentence.")
    about = maybe(Text("description"), "More for readers.")
    cites = optional(OneOrMore(S_NUMBER), (), "The statements of the specification that it tests.")
    use = maybe(ID, "The fixture whose fields it takes over.")
    matrix = maybe(
        RawMapping({"type": "object", "additionalProperties": {"type": ["array", "string"]}}),
        "Fields with lists of values: one test for each combination.",
    )


class CellCaseText(CaseText):
    """A test of one cell of a rule pack."""

    phase = required(Word(words_of(Phase)), "The phase.")
    given = required(
        RawMapping({"type": "object", "additionalProperties": {"type": ["string", "boolean"]}}),
        "A word for each fact of the phase.",
    )
    want = required(PartOf(CellWantText), "What the cell must say.")


class TenantCaseText(CaseText):
    """What every test of a tenant may say."""

    profile = maybe(ID, "The profile, if not the tenant's own.")
    given = maybe(
        Changes(),
        "Changes of the tenant for this test, as its files would say them: what has an id that is"
        " there already is changed field by field, the rest is added.",
    )


class QuestionCaseText(TenantCaseText):
    """A test of one question to a tenant."""

    at_ = required(MomentShape(), "The instant to decide for.")
    ask = required(PartOf(AskText), "The question.")
    want = required(PartOf(QuestionWantText), "What the decision must say.")


class StoryCaseText(TenantCaseText):
    """A test of a story: people act while time goes by."""

    begins = required(MomentShape(), "The instant at which it begins.")
    visitors = optional(RecordsOf(VisitorText), (), "People from outside.")
    steps = required(RecordsOf(StepText, at_least=1), "What happens, in order.")


KINDS = (CellCaseText, QuestionCaseText, StoryCaseText)


class SuiteText(Record):
    """The file of a suite."""

    suite = required(Text("name"), "What is tested.")
    about = maybe(Text("description"), "More for readers.")
    rules = maybe(Text("name"), "The folder of the rule pack, from this file.")
    tenant = maybe(Text("name"), "The folder of the tenant, from this file.")
    profile = maybe(ID, "The profile, if not the tenant's own.")
    fixtures = maybe(RawByName(*KINDS), "Named fields of tests; `from` names one to begin with.")
    tests = required(RawList(*KINDS), "The tests.")
