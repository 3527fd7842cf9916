"""Tests of questions: one decision of the core, and all that it says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from ostiary.analysis.coverage.tenant import sights_of
from ostiary.analysis.suites.comparing import OR_DENIED, AtLeast, compared, unknown_people
from ostiary.analysis.suites.report import Mismatch, Touched
from ostiary.decide.evaluate import evaluate
from ostiary.decide.model import Snapshot
from ostiary.domain.access_request import StageRecord
from ostiary.domain.decision import Decision, Outcome, Reason, ScheduledAction, StagePlan
from ostiary.domain.errors import OstiaryError
from ostiary.domain.request import InlinePerson
from ostiary.domain.tables import Phase, Row, Rule
from ostiary.rulebook.suite_file import QuestionTest
from ostiary.rulebook.suite_shapes import NONE


def check_question(
    test: QuestionTest, snapshot: Snapshot
) -> tuple[list[Mismatch], Decision | None]:
    """Ask the question, and give what is otherwise than the test says; None: it was an error."""
    try:
        decision = evaluate(snapshot, test.request)
    except OstiaryError as error:
        return _after_error(test, error), None
    wants = [want for want in test.wants if want.name != OR_DENIED]
    if decision.outcome is Outcome.DENY and any(
        want.value for want in test.wants if want.name == OR_DENIED
    ):
        return [], decision
    found = unknown_people(wants, partial(_known, snapshot, test))
    return found + compared(
        wants,
        lambda field, wanted: (
            _deadlines(decision.stages, wanted) if field == "deadlines" else _GOT[field](decision)
        ),
        lambda field: _rules(field, decision),
    ), decision


def _known(snapshot: Snapshot, test: QuestionTest, name: str) -> bool:
    requestor = test.request.requestor
    described = requestor.id if isinstance(requestor, InlinePerson) else requestor
    return name in (described, test.request.submitter) or snapshot.directory.user(name) is not None


def _after_error(test: QuestionTest, error: OstiaryError) -> list[Mismatch]:
    code = getattr(error, "code", error.reason)
    found = []
    for want in test.wants:
        if want.name == "error" and want.value == code:
            continue
        expected = str(want.value) if want.name == "error" else f"an answer with `{want.name}`"
        found.append(Mismatch(want.name, expected, f"error {code}: {error}", want.place))
    return found


def touched_by(test: QuestionTest, decision: Decision) -> tuple[Touched, ...]:
    """Give the policies that a decision looked at, with the ways in which it saw each."""
    package = test.request.package.rpartition("/")[2]
    seen: dict[str, list[str]] = {}
    for policy, sight in sights_of(decision):
        seen.setdefault(policy, []).append(sight.value)
    return tuple(Touched(package, policy, tuple(sights)) for policy, sights in seen.items())


def reason_of(one: Reason) -> dict[str, Any]:
    """Give a reason with everything that a test may say about it."""
    return {
        "code": one.code,
        "severity": one.severity,
        "policy": one.policy or NONE,
        "parameters": dict(one.parameters),
        "evidence": one.evidence,
    }


def stage_of(one: StagePlan) -> dict[str, Any]:
    """Give a planned stage with everything that a test may say about it."""
    return {
        "approvers": one.approvers,
        "origin": one.origin,
        "alternates": one.alternates,
        "time_out": one.time_out,
        "escalate_after": one.escalate_after or NONE,
        "opens_at": one.opens_at or NONE,
        "escalates_at": one.escalates_at or NONE,
        "denies_at": one.denies_at or NONE,
        "justification_required": one.justification_required,
    }


def asked_of(stages: Iterable[StagePlan | StageRecord]) -> list[str]:
    """Give everybody who is an approver or an alternate of a stage, each once."""
    return sorted({name for one in stages for name in (*one.approvers, *one.alternates)})


def action_of(one: ScheduledAction) -> dict[str, Any]:
    """Give a planned action with everything that a test may say about it."""
    return {
        "type": one.kind,
        "at": one.at or NONE,
        "anchor": one.anchor,
        "after": one.offset,
        "not_before": one.not_before or NONE,
        "stage": one.stage,
        "target": one.target,
        "rule": one.rule.id,
    }


def _deadlines(stages: tuple[StagePlan, ...], wanted: tuple[Any, ...]) -> tuple[Any, ...]:
    """Give when stages time out, as instants or as lengths of time: as the test speaks of them."""
    found: list[Any] = []
    for number, stage in enumerate(stages):
        as_instant = number < len(wanted) and isinstance(wanted[number], datetime)
        found.append((stage.denies_at or NONE) if as_instant else stage.time_out)
    return tuple(found)


def _deciding(row: Row) -> tuple[Rule, ...]:
    return row.deciders or row.fired  # in the lifecycle phase whatever fires decides


def _ids(decision: Decision, of: Callable[[Row], tuple[Rule, ...]]) -> list[str]:
    return list(dict.fromkeys(rule.id for step in decision.steps for rule in of(step.row)))


_GOT: Mapping[str, Callable[[Decision], Any]] = {
    "outcome": lambda one: one.outcome,
    "visible": lambda one: one.visible,
    "eligible": lambda one: one.eligible,
    "choice_required": lambda one: one.choice_required,
    "selected": lambda one: one.selected or NONE,
    "policies": lambda one: list(one.offered),
    "reasons": lambda one: list(map(reason_of, one.reasons)),
    "approvers": lambda one: tuple(stage.approvers for stage in one.stages),
    "asked": lambda one: asked_of(one.stages),
    "fewest_stages": lambda one: AtLeast(len(one.stages)),
    "stages": lambda one: tuple(map(stage_of, one.stages)),
    "actions": lambda one: list(map(action_of, one.actions)),
    "rules": lambda one: _ids(one, _deciding),
    "fired": lambda one: _ids(one, lambda row: row.fired),
    "error": lambda _: NONE,
}

# Which phases have decided what a test looks at.
_PHASES: Mapping[str, tuple[Phase, ...]] = {
    "outcome": (Phase.LIMITS, Phase.POLICY_SELECTION),
    "eligible": (Phase.LIMITS, Phase.POLICY_SELECTION),
    "visible": (Phase.POLICY_SELECTION,),
    "choice_required": (Phase.POLICY_SELECTION,),
    "selected": (Phase.POLICY_SELECTION,),
    "policies": (Phase.REQUESTOR_SCOPE,),
    "reasons": (Phase.LIMITS, Phase.POLICY_SELECTION),
    "approvers": (Phase.APPROVER_RESOLUTION,),
    "asked": (Phase.APPROVER_RESOLUTION,),
    "fewest_stages": (Phase.APPROVER_RESOLUTION,),
    "stages": (Phase.APPROVER_RESOLUTION,),
    "actions": (Phase.LIFECYCLE,),
}


def _rules(field: str, decision: Decision) -> tuple[Rule, ...]:
    """Give the rules behind a part of the decision: those of the first phase that was asked."""
    for phase in _PHASES.get(field, ()):
        rows = [step.row for step in decision.steps if step.row.phase is phase]
        if rows:
            which = 0 if field in ("outcome", "visible") else 1
            return tuple(dict.fromkeys(rule for row in rows for rule in _of(row, which)))
    return ()


def _of(row: Row, which: int) -> tuple[Rule, ...]:
    if len(row.deciders) > which and row.phase is not Phase.APPROVER_RESOLUTION:
        return (row.deciders[which],)
    return _deciding(row)
