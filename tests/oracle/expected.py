"""The shape in which an expected and a real decision are compared."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from ostiary.domain.actions import ActionKind, Anchor
from ostiary.domain.decision import Decision, Origin, Outcome, Unusable
from ostiary.domain.policy import ApproverKind, Recurrence
from ostiary.domain.reasons import Code, Severity

Discarded = tuple[ApproverKind, str | None, Unusable]


class ExpectedReason(NamedTuple):
    """One reason; parameters sorted by name."""

    code: Code
    policy: str | None = None
    parameters: tuple[tuple[str, str], ...] = ()
    evidence: tuple[str, ...] = ()
    severity: Severity = Severity.ERROR


class ExpectedStage(NamedTuple):
    """One approval stage."""

    number: int
    approvers: tuple[str, ...]
    origin: Origin
    alternates: tuple[str, ...]
    alternates_origin: Origin
    time_out: timedelta
    escalate_after: timedelta | None
    justification_required: bool
    opens_at: datetime | None
    escalates_at: datetime | None
    denies_at: datetime | None
    discarded: tuple[Discarded, ...]


class ExpectedAction(NamedTuple):
    """One scheduled action."""

    kind: ActionKind
    anchor: Anchor
    offset: timedelta
    at: datetime | None
    not_before: datetime | None
    stage: int
    target: str
    repeats: Recurrence | None


class Expected(NamedTuple):
    """A whole decision, less the rules behind it."""

    outcome: Outcome
    visible: bool
    eligible: bool
    offered: tuple[str, ...]
    selected: str | None
    choice_required: bool
    reasons: tuple[ExpectedReason, ...]
    subject: str
    stages: tuple[ExpectedStage, ...] = ()
    actions: tuple[ExpectedAction, ...] = ()


def reason(
    code: Code,
    policy: str | None = None,
    *,
    severity: Severity = Severity.ERROR,
    evidence: tuple[str, ...] = (),
    **parameters: str | None,
) -> ExpectedReason:
    """A reason with the parameters that have a value, sorted by name."""
    told = tuple(sorted((name, text) for name, text in parameters.items() if text is not None))
    return ExpectedReason(code, policy, told, evidence, severity)


def as_expected(decision: Decision) -> Expected:
    """The parts of a real decision that the oracle answers for."""
    return Expected(
        outcome=decision.outcome,
        visible=decision.visible,
        eligible=decision.eligible,
        offered=decision.offered,
        selected=decision.selected,
        choice_required=decision.choice_required,
        reasons=tuple(
            ExpectedReason(each.code, each.policy, each.parameters, each.evidence, each.severity)
            for each in decision.reasons
        ),
        subject=decision.subject,
        stages=tuple(
            ExpectedStage(
                each.number,
                each.approvers,
                each.origin,
                each.alternates,
                each.alternates_origin,
                each.time_out,
                each.escalate_after,
                each.justification_required,
                each.opens_at,
                each.escalates_at,
                each.denies_at,
                tuple((out.kind, out.person, out.why) for out in each.discarded),
            )
            for each in decision.stages
        ),
        actions=tuple(
            ExpectedAction(
                each.kind,
                each.anchor,
                each.offset,
                each.at,
                each.not_before,
                each.stage,
                each.target,
                each.repeats,
            )
            for each in decision.actions
        ),
    )
