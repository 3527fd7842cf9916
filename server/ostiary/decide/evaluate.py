"""One question from beginning to end: scope, selection, approvers, limits, plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

import msgspec

from ostiary.decide import content, findings, limits, risk, scope
from ostiary.decide import plan as planning
from ostiary.decide.approvers import AUTOMATIC, UNDECIDED, Staffing, lacking, opened, staff
from ostiary.decide.choice import offered_policies
from ostiary.decide.model import (
    CompiledPackage,
    CompiledPolicy,
    CompiledRisk,
    PackageTraits,
    Snapshot,
)
from ostiary.decide.subject import Subject, invited_by_mail, subject_of_person
from ostiary.domain.decision import Decision, Outcome, Reason, ScheduledAction, StagePlan, Step
from ostiary.domain.errors import (
    InvalidRequestError,
    PackageNotFoundError,
    PolicyNotFoundError,
)
from ostiary.domain.people import Unknown
from ostiary.domain.reasons import Code, Severity
from ostiary.domain.request import EvaluationRequest, InlinePerson, Mode, RequestType
from ostiary.domain.tables import Conclusion, Row


class Asked(msgspec.Struct, frozen=True, gc=False):
    """A question with its names looked up."""

    request: EvaluationRequest
    package: CompiledPackage
    subject: Subject
    named: str | None
    submitter: str  # the word that the rules know the submitter by
    excluded: frozenset[str]  # who must not approve this request (S-71)


class Selection(msgspec.Struct, frozen=True, gc=False):
    """What gates 3 to 6 and 9 say."""

    policies: tuple[CompiledPolicy, ...]  # those that were looked at
    policy_ids: tuple[str, ...]
    rows: list[Row]  # what the rules say about each
    offered: list[CompiledPolicy]
    offered_ids: tuple[str, ...]
    selected: CompiledPolicy | None
    visible: bool
    conclusion: Conclusion
    row: Row

    @property
    def found(self) -> list[scope.Admission]:
        """Give each policy that was looked at with what the rules say about it."""
        return list(map(scope.Admission, self.policies, self.rows))

    def steps(self) -> list[Step]:
        """Give the look-ups so far, in order."""
        return [*map(Step, self.policy_ids, self.rows), Step("", self.row)]


class Stopped(msgspec.Struct, frozen=True, gc=False):
    """A request that gates 7 to 12 stop, with all that its reasons may need."""

    snapshot: Snapshot
    asked: Asked
    chosen: Selection
    staffing: Staffing
    inspected: content.ContentFindings
    conclusion: Conclusion

    @property
    def policy(self) -> str | None:
        """Give the id of the policy in force, if there is one."""
        return self.chosen.selected.id if self.chosen.selected is not None else None


class Plan(msgspec.Struct, frozen=True, gc=False):
    """What follows from a request that is not stopped."""

    stages: tuple[StagePlan, ...] = ()
    dated: tuple[ScheduledAction, ...] = ()
    waiting: tuple[ScheduledAction, ...] = ()
    step: tuple[Step, ...] = ()  # the look-up behind it


NO_PLAN = Plan()


def evaluate(snapshot: Snapshot, request: EvaluationRequest) -> Decision:
    """Decide one request and plan what follows.

    Raises PackageNotFoundError, UserNotFoundError, PolicyNotFoundError for names that nobody has,
    InvalidRequestError for a contradictory request, TablesUnavailableError while a lazily filled
    cell is being worked out. A denial is never an error.
    """
    return decide(snapshot, ask(snapshot, request), planned=True)


def check(snapshot: Snapshot, request: EvaluationRequest) -> Decision:
    """Decide one request as `evaluate` does, without stages, actions and steps."""
    return decide(snapshot, ask(snapshot, request), planned=False)


def decide(snapshot: Snapshot, asked: Asked, *, planned: bool) -> Decision:
    """Walk the five phases in order; the first gate that fails ends the way."""
    chosen = select(snapshot, asked)
    word = chosen.conclusion.word
    if word != "selected" and word in _CLOSING:
        reasons = findings.closed(chosen.conclusion, chosen.found, asked.subject)
        outcome = _INDETERMINATE if chosen.conclusion.reason is None else _DENY
        steps = tuple(chosen.steps()) if planned else ()
        return _decision(snapshot, asked, chosen, outcome, reasons, steps, offered=())
    if snapshot.risk is not None and chosen.selected is not None:
        chosen = _guarded(snapshot, snapshot.risk, asked, chosen)
    staffing = _staff(snapshot, asked, chosen)
    outcome, eligible, reasons, row = _limit(snapshot, asked, chosen, staffing)
    if not planned:
        return _decision(snapshot, asked, chosen, outcome, reasons, eligible=eligible)
    plan = NO_PLAN
    if chosen.selected is not None and outcome in _FOLLOWED:
        plan = _plan(snapshot, asked, chosen.selected, staffing)
    steps = (*chosen.steps(), *staffing.steps, Step("", row), *plan.step)
    return _decision(snapshot, asked, chosen, outcome, reasons, steps, eligible=eligible, plan=plan)


def ask(snapshot: Snapshot, request: EvaluationRequest) -> Asked:
    """Look up everything that the question names (gates 2 and 3)."""
    requestor, submitter, named = request.requestor, request.submitter, request.policy
    target = requestor if isinstance(requestor, str) else requestor.id
    kind = request.type
    if kind is not _USER_ADD or submitter is not None:
        _check_submitter(request, target)
    package = snapshot.packages.get(request.package)
    if package is None:
        raise PackageNotFoundError(request.package)
    subject = subject_of(snapshot, requestor, direct=kind is _ADMIN_ADD)
    if named is not None and named not in package.by_id:
        named = _named_policy(snapshot, package, named)
    return Asked(
        request,
        package,
        subject,
        named,
        "self" if kind is _USER_ADD else _submitter_word(request, subject),
        subject.alone if submitter is None else frozenset((target, submitter)),
    )


def subject_of(snapshot: Snapshot, requestor: str | InlinePerson, *, direct: bool) -> Subject:
    """Give what the core knows of a requestor; raises UserNotFoundError."""
    if isinstance(requestor, str):
        return snapshot.subject_of(requestor)
    if direct:
        person = invited_by_mail(requestor)
        return subject_of_person(person, snapshot.directory, snapshot.settings)
    # A caller who asks about one person many times hands over the same object each time.
    known = snapshot.people.get(id(requestor))
    if known is not None and known[0] is requestor:
        return known[1]
    subject = subject_of_person(requestor, snapshot.directory, snapshot.settings)
    snapshot.people.put(id(requestor), (requestor, subject))
    return subject


def _named_policy(snapshot: Snapshot, package: CompiledPackage, named: str) -> str:
    """Give the id of a policy of this package named in full; of another's, the name as it is."""
    if named in snapshot.policy_ids:
        return named
    of_package, found, policy = named.rpartition("/assignmentPolicies/")
    owner = snapshot.packages.get(of_package) if found else None
    if owner is None or policy not in owner.by_id:
        raise PolicyNotFoundError(named)
    return policy if owner is package else named


def _check_submitter(request: EvaluationRequest, target: str) -> None:
    submitter = request.submitter
    if request.type is RequestType.ON_BEHALF_ADD:
        if submitter is None:
            raise InvalidRequestError((("submitter", "a request on behalf names its submitter"),))
    elif request.type is RequestType.USER_ADD and submitter not in (None, target):
        raise InvalidRequestError((("submitter", "one's own request has no other submitter"),))


def _submitter_word(request: EvaluationRequest, subject: Subject) -> str:
    if request.type is RequestType.ADMIN_ADD:
        return "staff"
    if isinstance(subject.manager, Unknown):
        return "unknown"
    return "manager" if subject.manager == request.submitter else "other"


def select(snapshot: Snapshot, asked: Asked) -> Selection:
    """Ask the rules for the scope of each policy, then for the one in force (gates 3 to 6, 9)."""
    request, package, subject = asked.request, asked.package, asked.subject
    policies, policy_ids = package.policies, package.traits.policy_ids
    submitter, named = asked.submitter, asked.named
    direct = request.type is _ADMIN_ADD
    if direct and named is not None:
        # Staff are asked about the policy that they name, and about no other (S-44).
        only = package.by_id.get(named)
        if only is not None:
            policies, policy_ids = (only,), (only.id,)
    rows, offered, undecided = scope.admit(
        policies, subject, _ROUTES[submitter], request.at, snapshot.rules.scope
    )
    if len(offered) > 1:
        offered = offered_policies(offered, snapshot.profile, direct=direct)
    ids = (offered[0].id,) if len(offered) == 1 else tuple([policy.id for policy in offered])
    lookup = snapshot.rules.selection
    offsets = lookup.offsets
    cell = package.traits.selection_cells[subject.person]
    # A fact that is as usual adds nothing (see PhaseLookup).
    if subject.state != "enabled":
        cell += offsets["subject"][subject.state]
    if submitter != "self":
        cell += offsets["submitter"][submitter]
    if undecided or len(offered) != 1:
        cell += offsets["scope"][scope.gate_word(rows, len(offered), undecided=undecided)]
    if named is not None:
        found = list(map(scope.Admission, policies, rows))
        cell += offsets["named"][scope.named_word(package, named, found, ids)]
    if lookup.predicates:
        cell += lookup.own(subject)
    row = lookup.row(cell)
    visible, conclusion = row.answers
    selected = None
    if conclusion.word == "selected":
        selected = offered[0] if named is None else package.by_id[named]
    return Selection(
        policies,
        policy_ids,
        rows,
        offered,
        ids,
        selected,
        visible.word == "yes",
        conclusion,
        row,
    )


def _guarded(snapshot: Snapshot, stage: CompiledRisk, asked: Asked, chosen: Selection) -> Selection:
    """Put the stage for people at risk before those of the policy in force (S-81)."""
    if chosen.selected is None or risk.word(stage, asked.subject) == "below":
        return chosen
    selected = risk.guarded(chosen.selected, stage, asked.subject, snapshot.rules.lifecycle)
    return msgspec.structs.replace(chosen, selected=selected)


def _staff(snapshot: Snapshot, asked: Asked, chosen: Selection) -> Staffing:
    selected = chosen.selected
    if selected is None:
        return UNDECIDED
    if selected.traits.approval is None:
        return AUTOMATIC
    staffing = staff(
        selected.traits.approval,
        asked.subject,
        asked.excluded,
        snapshot.directory,
        snapshot.rules.approvers,
        snapshot.staffings,
    )
    if snapshot.risk is not None and risk.word(snapshot.risk, asked.subject) == "unknown":
        return lacking(staffing, "risk")
    return staffing


def _limit(
    snapshot: Snapshot, asked: Asked, chosen: Selection, staffing: Staffing
) -> tuple[Outcome, bool, tuple[Reason, ...], Row]:
    """Ask the rules what stops this one request (gates 7, 8 and 10 to 12)."""
    request, package, subject = asked.request, asked.package, asked.subject
    selected = chosen.selected
    holdings = request.holdings
    inspected = content.FINE if selected is None else content.inspect(selected, request)
    lookup = snapshot.rules.limits
    offsets = lookup.offsets
    cell = (
        lookup.base
        + offsets["selection"][chosen.conclusion.word]
        + offsets["approval"][staffing.word]
    )
    # A fact that is as usual adds nothing (see PhaseLookup).
    if holdings.assigned or holdings.pending or package.traits.incompatible_keys:
        cell += offsets["held"][limits.held_word(package, holdings)]
        cell += offsets["duties"][limits.duties_word(package, subject, holdings)]
    if inspected is not content.FINE:
        cell += offsets["missing"][inspected.missing] + offsets["content"][inspected.content]
    if request.mode is not _QUERY:
        cell += offsets["mode"]["submission"]
    if snapshot.limits.maxima and limits.reached_limit(snapshot.limits, request) is not None:
        cell += offsets["counters"]["reached"]
    if lookup.predicates:
        cell += lookup.own(subject)
    row = lookup.row(cell)
    conclusion, eligible = row.answers
    outcome = _OUTCOMES[conclusion.word]
    if outcome is _DENY or outcome is _INDETERMINATE:
        reasons = _stops(Stopped(snapshot, asked, chosen, staffing, inspected, conclusion))
    else:
        reasons = _informs(snapshot, asked, chosen, staffing)
    return outcome, eligible.word == "yes", reasons, row


# Looking a member of an enumeration up costs more than the comparison.
_USER_ADD, _ADMIN_ADD, _QUERY = RequestType.USER_ADD, RequestType.ADMIN_ADD, Mode.QUERY
_DENY, _INDETERMINATE = Outcome.DENY, Outcome.INDETERMINATE
_CLOSING = ("closed", "unknown")
_FOLLOWED = (Outcome.NEEDS_APPROVAL, Outcome.GRANT)

_ROUTES = {
    "self": RequestType.USER_ADD.value,
    "manager": RequestType.ON_BEHALF_ADD.value,
    "other": RequestType.ON_BEHALF_ADD.value,
    "unknown": RequestType.ON_BEHALF_ADD.value,
    "staff": RequestType.ADMIN_ADD.value,
}
_OUTCOMES = {
    "grant": Outcome.GRANT,
    "needs_approval": Outcome.NEEDS_APPROVAL,
    "needs_choice": Outcome.NEEDS_CHOICE,
    "refuse": Outcome.DENY,
    "selection_stands": Outcome.DENY,
    "unknown": Outcome.INDETERMINATE,
}


def _selection_stands(stop: Stopped) -> tuple[Reason, ...]:
    asked, chosen = stop.asked, stop.chosen
    return (
        findings.refused_choice(
            chosen.conclusion, asked.named or "", chosen.found, chosen.offered_ids, asked.subject
        ),
    )


def _fact_missing(stop: Stopped) -> tuple[Reason, ...]:
    fact = stop.conclusion.fact or "facts"
    if fact != "approvers":
        return (findings.fact_missing(fact),)
    stages = stop.staffing.stages
    missing = (one.missing_fact for one in stages if one.missing_fact is not None)
    return (findings.fact_missing(next(missing, fact), stop.policy),)


def _duties(stop: Stopped) -> tuple[Reason, ...]:
    asked = stop.asked
    return (
        limits.duties_reason(
            asked.package, asked.subject, asked.request.holdings, stop.snapshot.directory
        ),
    )


def _offered(chosen: Selection) -> tuple[tuple[str, str], ...]:
    return (("offered", ",".join(chosen.offered_ids)),)


def _choice_required(stop: Stopped) -> tuple[Reason, ...]:
    return (Reason(Code.CHOICE_REQUIRED, parameters=_offered(stop.chosen)),)


def _no_approver(stop: Stopped) -> tuple[Reason, ...]:
    return findings.unstaffed(stop.policy or "", stop.staffing)


def _limit_exceeded(stop: Stopped) -> tuple[Reason, ...]:
    name, most = limits.reached_limit(stop.snapshot.limits, stop.asked.request) or ("", 0)
    return (Reason(Code.LIMIT_EXCEEDED, parameters=(("max", str(most)), ("name", name))),)


def _content_faults(stop: Stopped) -> tuple[Reason, ...]:
    submission = stop.asked.request.mode is Mode.SUBMISSION
    return (*(stop.inspected.absent if submission else ()), *stop.inspected.wrong)


# What is said beside a refusal by gates 7 to 12; any other reason stands alone.
_REASONS_OF: Mapping[Code, Callable[[Stopped], tuple[Reason, ...]]] = {
    Code.INCOMPATIBLE_PACKAGE: _duties,
    Code.INCOMPATIBLE_GROUP: _duties,
    Code.CHOICE_REQUIRED: _choice_required,
    Code.NO_APPROVER: _no_approver,
    Code.LIMIT_EXCEEDED: _limit_exceeded,
    Code.JUSTIFICATION_REQUIRED: _content_faults,
    Code.ANSWER_REQUIRED: _content_faults,
    Code.ANSWER_INVALID: _content_faults,
    Code.INVALID_MODEL: _content_faults,
    Code.SCHEDULE_NOT_ALLOWED: _content_faults,
    Code.SCHEDULE_INVALID: _content_faults,
    Code.SCHEDULE_BEYOND_POLICY: _content_faults,
}


def _stops(stop: Stopped) -> tuple[Reason, ...]:
    """Say why gates 7 to 12 stop the request; at gate 10 with every fault."""
    if stop.conclusion.word == "selection_stands":
        return _selection_stands(stop)
    code = stop.conclusion.reason
    if code is None:
        return _fact_missing(stop)
    details = _REASONS_OF.get(code)
    # A rule of the pack may refuse where the facts hold no fault; the reason then stands alone.
    return (details(stop) if details is not None else ()) or (Reason(code),)


def _informs(
    snapshot: Snapshot, asked: Asked, chosen: Selection, staffing: Staffing
) -> tuple[Reason, ...]:
    """Say what let the request through, and what a reader should know beside it."""
    directory, subject, selected = snapshot.directory, asked.subject, chosen.selected
    if selected is None:
        matched = [findings.scope_matched(one, subject, directory) for one in chosen.offered]
        choice = Reason(Code.CHOICE_REQUIRED, Severity.INFO, None, _offered(chosen))
        return (choice, *matched, *findings.empty_package(asked.package))
    first = (
        findings.scope_matched(selected, subject, directory),
        *selected.traits.selected_reasons,
    )
    if not staffing.noteworthy and asked.package.traits.entries:
        return first
    told = findings.approvers_told(selected.id, staffing)
    return (*first, *told, *findings.empty_package(asked.package))


def _plan(
    snapshot: Snapshot,
    asked: Asked,
    selected: CompiledPolicy,
    staffing: Staffing,
) -> Plan:
    """Turn the verdicts into people and dates."""
    request, lookup = asked.request, snapshot.rules.lifecycle
    schedule, offsets = request.schedule, lookup.offsets
    later = schedule is not None and planning.starts_later(schedule, request.at)
    cell = (
        selected.traits.lifecycle_cell
        + offsets["start"]["later" if later else "on_approval"]
        + offsets["end"]["dated" if planning.has_end(selected, schedule) else "never"]
        + offsets["person"][asked.subject.lifecycle]
    )
    if lookup.predicates:
        cell += lookup.own(asked.subject)
    row = lookup.row(cell)
    stages = staffing.plans
    if stages and not selected.traits.waits_before_approval:
        stages = (opened(stages[0], request.at), *stages[1:])
    if schedule is not None or selected.fixed_end is not None:
        entries, escalations = asked.package.traits.entries, staffing.escalations
        course = planning.plot(
            entries, selected, snapshot.profile, request.at, escalations, schedule
        )
        dated, waiting = planning.actions(course, row.actions)
    else:
        table = _timetable(snapshot, asked.package.traits, selected, staffing.escalations, row)
        dated = planning.dated_actions(table, selected, request.at)
        waiting = table.waiting
    return Plan(stages, dated, waiting, (Step("", row),))


def _timetable(
    snapshot: Snapshot,
    traits: PackageTraits,
    selected: CompiledPolicy,
    escalations: tuple[timedelta | None, ...],
    row: Row,
) -> planning.Timetable:
    """Give what policies of one shape schedule on these entries, worked out once."""
    whole = (selected.traits.shape, row.cell, escalations, traits.entries_number)
    table: planning.Timetable | None = snapshot.timetables.get(whole)
    if table is not None:
        return table
    key = (selected.traits.shape, row.cell, escalations)
    made = snapshot.templates.get(key)
    if made is None:
        made = planning.template(selected, snapshot.profile, escalations, row)
        snapshot.templates.put(key, made)
    table = planning.timetable(made, traits.entries)
    snapshot.timetables.put(whole, table)
    return table


def _decision(  # noqa: PLR0913  # the parts of one value, put together here alone
    snapshot: Snapshot,
    asked: Asked,
    chosen: Selection,
    outcome: Outcome,
    reasons: tuple[Reason, ...],
    steps: tuple[Step, ...] = (),
    *,
    eligible: bool = False,
    plan: Plan = NO_PLAN,
    offered: tuple[str, ...] | None = None,
) -> Decision:
    if offered is None:
        offered = chosen.offered_ids
    return Decision(
        asked.subject.id,
        outcome,
        chosen.visible,
        eligible,
        offered,
        chosen.selected.id if chosen.selected is not None else None,
        len(offered) > 1 and asked.named is None,
        reasons,
        plan.stages,
        plan.dated,
        plan.waiting,
        steps,
        snapshot.revision,
        asked.request.at,
    )
