"""The parts of a decision as messages of the contract; each is built once and kept as bytes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration

from ostiary.domain.decision import (
    Decision,
    DiscardedApprover,
    Origin,
    Outcome,
    Reason,
    Revision,
    ScheduledAction,
)
from ostiary.domain.policy import Recurrence
from ostiary.domain.tables import Conclusion, Row, Rule
from ostiary.domain.vocabulary import VOCABULARY
from ostiary.rpc import reason_texts
from ostiary.rpc.convert.times import seconds_and_nanos
from ostiary.rpc.convert.words import (
    ACTION_KINDS,
    ANCHORS,
    APPROVER_KINDS,
    CODES,
    ORIGINS,
    OUTCOMES,
    PHASES,
    SEVERITIES,
    UNUSABLE,
)
from ostiary.v1 import decision_pb2, reason_pb2

# What the pieces say, apart from what differs from decision to decision: instants and subjects.
Head = tuple[Outcome, bool, bool, tuple[str, ...], str | None, bool]
Stage = tuple[
    int,
    tuple[str, ...],
    Origin,
    tuple[str, ...],
    Origin,
    timedelta,
    timedelta | None,
    bool,
    tuple[DiscardedApprover, ...],
]


def reason(one: Reason) -> reason_pb2.Reason:
    """Give one reason, with its sentence."""
    return reason_pb2.Reason(
        code=CODES[one.code],
        text=reason_texts.text(one),
        severity=SEVERITIES[one.severity],
        policy=one.policy or "",
        parameters=dict(one.parameters),
        evidence=one.evidence,
    )


def revision(made_by: Revision) -> decision_pb2.Revision:
    """Give the revision that made an answer."""
    return decision_pb2.Revision(
        rules=made_by.rules,
        tenant=made_by.tenant,
        profile=made_by.profile,
        profile_version=made_by.profile_version,
    )


def head(said: Head) -> decision_pb2.Decision:
    """Give the beginning of a decision."""
    outcome, visible, eligible, offered, selected, choice_required = said
    return decision_pb2.Decision(
        outcome=OUTCOMES[outcome],
        visible=visible,
        eligible=eligible,
        offered_policies=offered,
        selected_policy=selected or "",
        choice_required=choice_required,
    )


def decision(made: Decision) -> decision_pb2.Decision:
    """Give a decision in the view BASIC."""
    said = (
        made.outcome,
        made.visible,
        made.eligible,
        made.offered,
        made.selected,
        made.choice_required,
    )
    message = head(said)
    message.reasons.extend(map(reason, made.reasons))
    message.revision.CopyFrom(revision(made.revision))
    message.evaluate_time.FromDatetime(made.evaluated_at)
    return message


def stage(said: Stage) -> decision_pb2.PlannedStage:
    """Give one planned stage without instants."""
    number, approvers, origin, alternates, alternates_origin, time_out, escalate, wanted, out = said
    return decision_pb2.PlannedStage(
        number=number,
        approvers=approvers,
        origin=ORIGINS[origin],
        alternates=alternates,
        alternates_origin=ORIGINS[alternates_origin] if alternates else None,
        time_out=duration(time_out),
        escalate_after=None if escalate is None else duration(escalate),
        justification_required=wanted,
        discarded=[
            decision_pb2.DiscardedApprover(
                kind=APPROVER_KINDS[one.kind],
                person=one.person or "",
                cause=UNUSABLE[one.why],
            )
            for one in out
        ],
    )


def action(one: ScheduledAction) -> decision_pb2.ScheduledAction:
    """Give one scheduled action without its time and the person."""
    return decision_pb2.ScheduledAction(
        kind=ACTION_KINDS[one.kind],
        subject=f"stage {one.stage}" if one.stage else "",  # else the person, who varies
        target=one.target,
        anchor=ANCHORS[one.anchor],
        offset=duration(one.offset),
        stage=one.stage,
        not_before_time=one.not_before,
        repeats=None if one.repeats is None else recurrence(one.repeats),
        rule=decision_pb2.RuleReference(id=one.rule.id, file=one.rule.file, line=one.rule.line),
    )


def step(row: Row, facts: Iterable[tuple[str, str]]) -> decision_pb2.ExplanationStep:
    """Give what a look-up says, without what it is about."""
    deciders = {rule.id for rule in row.deciders}
    deciders.update(one.rule.id for one in row.actions)
    answers = zip(VOCABULARY[row.phase].answers, row.answers, row.deciders, strict=True)
    return decision_pb2.ExplanationStep(
        phase=PHASES[row.phase],
        facts=[decision_pb2.Fact(name=name, value=word) for name, word in facts],
        rules=[_fired(rule, decided=rule.id in deciders) for rule in row.fired],
        conclusions=[_conclusion(answer, given, rule) for answer, given, rule in answers],
    )


def _fired(rule: Rule, *, decided: bool) -> decision_pb2.FiredRule:
    return decision_pb2.FiredRule(
        rule=decision_pb2.RuleReference(id=rule.id, file=rule.file, line=rule.line),
        sentence=rule.sentence,
        carries_out=rule.carries_out,
        decided=decided,
    )


def _conclusion(answer: str, conclusion: Conclusion, rule: Rule) -> decision_pb2.Conclusion:
    return decision_pb2.Conclusion(
        answer=answer,
        value=conclusion.word,
        reason=None if conclusion.reason is None else CODES[conclusion.reason],
        cause="" if conclusion.cause is None else conclusion.cause.value,
        missing_fact=conclusion.fact or "",
        rule=rule.id,
    )


def recurrence(repeats: Recurrence) -> decision_pb2.Recurrence:
    """Give the distance between two repetitions."""
    if repeats.every is None:
        return decision_pb2.Recurrence(months=repeats.months)
    return decision_pb2.Recurrence(every=duration(repeats.every))


def duration(length: timedelta) -> Duration:
    """Give a length of time."""
    seconds, nanos = seconds_and_nanos(length)
    return Duration(seconds=seconds, nanos=nanos)
