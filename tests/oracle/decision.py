"""The gates of S-40 in their order, and the answer that they add up to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ostiary.domain.decision import Outcome
from ostiary.domain.people import AccountState, PersonType, Unknown
from ostiary.domain.policy import AssignmentPolicy
from ostiary.domain.reasons import Code, Severity
from ostiary.domain.request import EvaluationRequest, Holdings, InlinePerson, Mode, RequestType
from ostiary.domain.tenant import Tenant
from tests.oracle.approvers import Staffed, staff
from tests.oracle.case import Case, group_paths, look_up, shortest
from tests.oracle.choice import Choice, choose, gate_nine, gate_six, is_visible
from tests.oracle.content import content_faults
from tests.oracle.expected import Expected, ExpectedReason, reason
from tests.oracle.plan import plan_actions, plan_stages
from tests.oracle.scope import Admitted

NOTHING_HELD = Holdings()
COUNTERS = ("assignments_per_package", "assignments_per_tenant", "requests_in_three_months")


def decide(tenant: Tenant, request: EvaluationRequest) -> Expected:
    """The whole answer to one request; the first gate that is not passed gives it (S-40)."""
    case = look_up(tenant, request)
    choice = choose(case)
    visible = is_visible(case, choice, subject_gates(case))
    early = first_of(submitter_gate(case), subject_gates(case), gate_six(case, choice))
    if early:
        return refusal(case, early, visible=visible)
    held = first_of(gate_seven(case), gate_eight(case))
    if held:
        return refusal(case, held, visible=visible, choice=choice)
    not_selected = gate_nine(case, choice)
    if not_selected:
        return refusal(case, not_selected, visible=visible, eligible=True, choice=choice)
    if choice.selected is None:
        return to_choose(case, choice, visible=visible)
    return decide_selected(case, choice, choice.selected, visible=visible)


def first_of(*answers: list[ExpectedReason]) -> list[ExpectedReason]:
    """The first gate that has something to say."""
    return next((answer for answer in answers if answer), [])


def refusal(
    case: Case,
    reasons: Sequence[ExpectedReason],
    *,
    visible: bool,
    eligible: bool = False,
    choice: Choice | None = None,
) -> Expected:
    """No, or that we cannot know (FACT_MISSING); what was offered stays to be seen."""
    unknown = reasons[0].code is Code.FACT_MISSING
    return Expected(
        outcome=Outcome.INDETERMINATE if unknown else Outcome.DENY,
        visible=visible,
        eligible=eligible,
        offered=() if choice is None else choice.ids,
        selected=None if choice is None or choice.selected is None else choice.selected.id,
        choice_required=choice is not None and choice.required,
        reasons=tuple(reasons),
        subject=case.person.id,
    )


def submitter_gate(case: Case) -> list[ExpectedReason]:
    """Only the direct manager may ask on behalf of somebody (S-38)."""
    if case.request.type is not RequestType.ON_BEHALF_ADD:
        return []
    if isinstance(case.person.manager, Unknown):
        return [reason(Code.FACT_MISSING, fact="manager")]
    if case.person.manager != case.request.submitter:
        return [reason(Code.NOT_MANAGER)]
    return []


def subject_gates(case: Case) -> list[ExpectedReason]:
    """Gates 3 to 5: a usable person, a catalog that is on and open to them (S-12, S-35)."""
    if isinstance(case.person.state, Unknown):
        return [reason(Code.FACT_MISSING, fact="state")]
    if case.person.state is AccountState.DELETED:
        return [reason(Code.SUBJECT_DELETED)]
    if case.person.state is AccountState.BLOCKED:
        return [reason(Code.SUBJECT_BLOCKED)]
    if not case.catalog.enabled:
        return [reason(Code.CATALOG_DISABLED)]
    outsider = case.person.type is PersonType.EXTERNAL and not case.direct
    if outsider and not case.catalog.external:
        return [reason(Code.CATALOG_NOT_EXTERNAL)]
    return []


def gate_seven(case: Case) -> list[ExpectedReason]:
    """One current assignment and one open request of a package at most (S-60)."""
    if case.package.id in case.request.holdings.assigned:
        return [reason(Code.ALREADY_ASSIGNED)]
    if case.package.id in case.request.holdings.pending:
        return [reason(Code.REQUEST_PENDING)]
    return []


def gate_eight(case: Case) -> list[ExpectedReason]:
    """Separation of duties: what this package must not be held together with (S-117, S-118)."""
    held = set(case.package.incompatible_packages) & set(case.request.holdings.assigned)
    if held:
        return [reason(Code.INCOMPATIBLE_PACKAGE, package=min(held))]
    if not case.package.incompatible_groups:
        return []
    paths = group_paths(case.tenant, case.person)
    if isinstance(paths, Unknown):
        return [reason(Code.FACT_MISSING, fact="groups")]
    clashing = set(case.package.incompatible_groups) & set(paths)
    if clashing:
        group = min(clashing)
        return [reason(Code.INCOMPATIBLE_GROUP, group=group, evidence=shortest([paths[group]]))]
    return []


def to_choose(case: Case, choice: Choice, *, visible: bool) -> Expected:
    """Several policies and none named: a query asks back, a submission is refused (S-53)."""
    offered = ",".join(choice.ids)
    if case.request.mode is Mode.SUBMISSION:
        headline = reason(Code.CHOICE_REQUIRED, offered=offered)
        return refusal(case, [headline], visible=visible, eligible=True, choice=choice)
    return Expected(
        outcome=Outcome.NEEDS_CHOICE,
        visible=visible,
        eligible=True,
        offered=choice.ids,
        selected=None,
        choice_required=True,
        reasons=(
            reason(Code.CHOICE_REQUIRED, severity=Severity.INFO, offered=offered),
            *[scope_matched(choice, policy) for policy in choice.offered],
            *empty_package(case),
        ),
        subject=case.person.id,
    )


def decide_selected(
    case: Case, choice: Choice, policy: AssignmentPolicy, *, visible: bool
) -> Expected:
    """Gates 10 to 12 for the selected policy, and the plan if they are passed."""
    needed = policy.stages if policy.approval_for_add else ()
    staffed = [staff(case, stage) for stage in needed]
    fault = first_of(content_faults(case, policy), gate_eleven(policy, staffed), gate_twelve(case))
    if fault:
        return refusal(case, fault, visible=visible, eligible=True, choice=choice)
    stages = plan_stages(case, policy, staffed) if needed else ()
    return Expected(
        outcome=Outcome.NEEDS_APPROVAL if needed else Outcome.GRANT,
        visible=visible,
        eligible=True,
        offered=choice.ids,
        selected=policy.id,
        choice_required=False,
        reasons=(
            scope_matched(choice, policy),
            reason(Code.POLICY_SELECTED, policy.id, severity=Severity.INFO),
            *approval_reasons(policy, staffed),
            *empty_package(case),
        ),
        subject=case.person.id,
        stages=stages,
        actions=plan_actions(case, policy, stages),
    )


def gate_eleven(policy: AssignmentPolicy, staffed: list[Staffed]) -> list[ExpectedReason]:
    """Every stage must have somebody, so that nobody is asked in vain (S-72)."""
    reasons = []
    for number, people in enumerate(staffed, 1):
        if people.nobody:
            reasons.append(reason(Code.NO_APPROVER, policy.id, stage=str(number)))
            reasons += unusable_reasons(policy, number, people)
    if reasons:
        return reasons
    for people in staffed:
        if people.missing is not None:
            return [reason(Code.FACT_MISSING, policy.id, fact=people.missing)]
    return []


def unusable_reasons(
    policy: AssignmentPolicy, number: int, people: Staffed
) -> list[ExpectedReason]:
    """Every approver who was looked at in vain, with why (S-72)."""
    return [
        reason(
            Code.APPROVER_UNUSABLE,
            policy.id,
            severity=Severity.INFO,
            stage=str(number),
            kind=kind.value,
            person=person,
            why=why.value,
        )
        for kind, person, why in people.discarded
    ]


def gate_twelve(case: Case) -> list[ExpectedReason]:
    """The maximum itself is allowed, one more is not (section 18)."""
    for name in COUNTERS:
        most = case.tenant.profile.limits.get(name)
        if most is not None and case.request.counters.get(name, 0) + 1 > most:
            return [reason(Code.LIMIT_EXCEEDED, name=name, max=str(most))]
    return []


def scope_matched(choice: Choice, policy: AssignmentPolicy) -> ExpectedReason:
    """Why the policy admits the person, with the path (S-34, S-138)."""
    found = {each.id: admission for each, admission in choice.admissions}[policy.id]
    evidence = found.evidence if isinstance(found, Admitted) else ()
    return reason(Code.SCOPE_MATCHED, policy.id, severity=Severity.INFO, evidence=evidence)


def approval_reasons(policy: AssignmentPolicy, staffed: list[Staffed]) -> list[ExpectedReason]:
    """Whether anybody must agree, and what stands out in each stage."""
    if not staffed:
        return [reason(Code.AUTO_APPROVED, policy.id, severity=Severity.INFO)]
    info = Severity.INFO
    count = str(len(staffed))
    reasons = [reason(Code.APPROVAL_REQUIRED, policy.id, severity=info, stages=count)]
    for number, (stage, people) in enumerate(zip(policy.stages, staffed, strict=True), 1):
        if people.approvers and people.origin.value == "fallback":
            reasons.append(reason(Code.FALLBACK_USED, policy.id, severity=info, stage=str(number)))
        reasons += unusable_reasons(policy, number, people)
        if stage.escalate_after is not None and not people.alternates:
            reasons.append(
                reason(Code.ESCALATION_EMPTY, policy.id, severity=info, stage=str(number))
            )
    return reasons


def empty_package(case: Case) -> list[ExpectedReason]:
    """A package without entries gives nothing, which is a warning (S-20)."""
    if case.package.entries:
        return []
    return [reason(Code.EMPTY_PACKAGE, severity=Severity.WARNING)]


def list_requestable(
    tenant: Tenant,
    requestor: str | InlinePerson,
    at: datetime,
    holdings: Holdings = NOTHING_HELD,
) -> list[tuple[str, bool, tuple[str, ...]]]:
    """What a person sees, and whether they could ask for it now (S-49, S-52)."""
    packages = [package for catalog in tenant.catalogs for package in catalog.packages]
    seen = []
    for package in sorted(packages, key=lambda each: (each.name.casefold(), each.id)):
        request = EvaluationRequest(
            package=package.id, requestor=requestor, at=at, holdings=holdings
        )
        answer = decide(tenant, request)
        if answer.visible:
            seen.append((package.id, answer.eligible, answer.offered))
    return seen
