"""The ways in which somebody comes to a package, each as the real engine decides it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ostiary.analysis.proof.answering import Filled, Wanted, fill
from ostiary.analysis.proof.people import Kind
from ostiary.analysis.proof.possible import View
from ostiary.analysis.proof.report import Door, Way
from ostiary.decide.attributes import holds
from ostiary.decide.evaluate import check, evaluate
from ostiary.decide.model import CompiledPolicy
from ostiary.domain.decision import Decision, Outcome
from ostiary.domain.people import PersonType, Unknown
from ostiary.domain.policy import ScopeKind
from ostiary.domain.request import EvaluationRequest, InlinePerson, Mode, RequestType

SYSTEM = "system"  # submits what an automatic policy gives
_Decided = tuple[Door, EvaluationRequest, Decision]
_GOES_ON = (Outcome.GRANT, Outcome.NEEDS_APPROVAL)


class UndecidedError(Exception):
    """The rules decide nothing about somebody, though all is known of them; says what."""


def questions(view: View, kind: Kind) -> Iterator[tuple[Door, EvaluationRequest]]:
    """Give every question that could bring somebody to the package, completely filled in."""
    person = kind.person
    named = [None, *(policy.id for policy in view.package.policies)]
    for policy in named:
        yield Door.REQUEST, _question(view, kind, policy)
    on_behalf = [one.id for one in view.package.policies if one.policy.on_behalf]
    if on_behalf and isinstance(person.manager, str):
        for policy in (None, *on_behalf):
            question = _question(
                view, kind, policy, kind=RequestType.ON_BEHALF_ADD, submitter=person.manager
            )
            yield Door.ON_BEHALF, question
    for one in view.package.policies:
        if fits_rule(one, person):
            question = _question(view, kind, one.id, kind=RequestType.ADMIN_ADD, submitter=SYSTEM)
            yield Door.AUTOMATIC, question


def direct_questions(view: View, kind: Kind) -> Iterator[tuple[Door, EvaluationRequest]]:
    """Give the questions of staff, who decide themselves whom they assign."""
    for one in view.package.policies:
        yield Door.DIRECT, _question(view, kind, one.id, kind=RequestType.ADMIN_ADD)


def decided(
    view: View, kind: Kind, *, planned: bool = False, direct: bool = False
) -> Iterator[_Decided]:
    """Give each question with its answer; with `planned` also who decides and what follows.

    With `direct` those of staff too.
    """
    yield from _known(view, kind, questions, planned=planned)
    if direct:
        yield from _known(view, kind, direct_questions, planned=planned)


def _known(
    view: View,
    kind: Kind,
    asked: Callable[[View, Kind], Iterator[tuple[Door, EvaluationRequest]]],
    *,
    planned: bool,
) -> list[_Decided]:
    key = (view.package.id, id(view.side), view.supposed, asked, planned)
    known: list[_Decided] | None = kind.answers.get(key)
    if known is None:
        decide = evaluate if planned else check
        snapshot = view.side.snapshot
        known = [
            (door, question, decide(snapshot, question)) for door, question in asked(view, kind)
        ]
        kind.answers[key] = known
    return known


def doors(view: View, kind: Kind) -> dict[Door, tuple[EvaluationRequest, Decision]]:
    """Give the doors through which somebody comes to the package, each with the first question."""
    found: dict[Door, tuple[EvaluationRequest, Decision]] = {}
    for door, question, decision in decided(view, kind):
        if decision.outcome in _GOES_ON:
            found.setdefault(door, (question, decision))
    return found


def leads_on(decision: Decision) -> bool:
    """Tell whether access follows, at once or after approval."""
    return decision.outcome in _GOES_ON


def fits_rule(policy: CompiledPolicy, person: InlinePerson) -> bool:
    """Tell whether somebody of the directory gets a package by an automatic policy (S-106)."""
    rule = policy.policy.scope.rule
    if policy.scope_kind is not ScopeKind.AUTOMATIC or rule is None or not policy.policy.enabled:
        return False
    if person.type is PersonType.EXTERNAL or isinstance(person.attributes, Unknown):
        return False
    return holds(rule, person.attributes) is True


def way_of(door: Door, question: EvaluationRequest, decision: Decision) -> Way:
    """Give a way in the form of reports."""
    stages = () if door is Door.AUTOMATIC else decision.stages
    return Way(
        door,
        question.package,
        question.policy or decision.selected,
        decision.outcome.value,
        tuple(stage.approvers for stage in stages),
        answers=question.answers,
    )


def _question(
    view: View,
    one: Kind,
    policy: str | None,
    *,
    kind: RequestType = RequestType.USER_ADD,
    submitter: str | None = None,
) -> EvaluationRequest:
    compiled = view.package.by_id.get(policy) if policy is not None else None
    filled = Filled() if compiled is None else fill(compiled)
    return EvaluationRequest(
        package=view.package.id,
        requestor=one.person,
        at=one.at,
        type=kind,
        # A query is not held to its answers (R1): so somebody is supposed to have one.
        mode=Mode.QUERY if _supposed(view, filled) else Mode.SUBMISSION,
        submitter=submitter,
        policy=policy,
        justification="It is needed.",
        answers=filled.answers,
        holdings=one.holdings,
    )


def _supposed(view: View, filled: Filled) -> bool:
    """Tell whether there is no answer to some question, and for each is supposed to be one."""
    return bool(filled.open) and all(wanted in view.supposed for _, wanted in filled.open)


def unanswered(view: View) -> dict[Wanted, str]:
    """Give the questions that a submission must answer and to which no answer was found."""
    return {
        wanted: f"{policy.id}/{name}"
        for policy in view.package.policies
        for name, wanted in fill(policy).open
    }
