"""Decisions as bytes of the contract, put together from pieces that are serialised once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message

from ostiary.domain.actions import ActionKind, Anchor
from ostiary.domain.decision import (
    Decision,
    DiscardedApprover,
    Origin,
    Outcome,
    Reason,
    Revision,
    ScheduledAction,
    StagePlan,
    Step,
)
from ostiary.domain.policy import Recurrence
from ostiary.domain.tables import Conclusion, Row, Rule, Tables
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
from ostiary.rpc.wire import Pieces, part, tag, timestamp
from ostiary.v1 import decision_pb2, decision_service_pb2, reason_pb2

_DECISION = decision_pb2.Decision
_REASONS = tag(_DECISION, "reasons")
_STAGES = tag(_DECISION, "stages")
_ACTIONS = tag(_DECISION, "scheduled_actions")
_EXPLANATION = tag(_DECISION, "explanation")
_REVISION = tag(_DECISION, "revision")
_EVALUATE_TIME = tag(_DECISION, "evaluate_time")
_STAGE = decision_pb2.PlannedStage
_OPEN_TIME = tag(_STAGE, "open_time")
_ESCALATE_TIME = tag(_STAGE, "escalate_time")
_DENY_TIME = tag(_STAGE, "deny_time")
_ACTION = decision_pb2.ScheduledAction
_SUBJECT = tag(_ACTION, "subject")
_TIME = tag(_ACTION, "time")
_NOT_BEFORE = tag(_ACTION, "not_before_time")
_ABOUT = tag(decision_pb2.ExplanationStep, "about")


_MOST_ROWS = 65_536

# What the pieces say, apart from what differs from decision to decision: instants and subjects.
_Head = tuple[Outcome, bool, bool, tuple[str, ...], str | None, bool]
_Stage = tuple[
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
_Action = tuple[ActionKind, str, str, int, Anchor, timedelta, int, str, Recurrence | None]


class DecisionWriter:
    """Writes the decisions of one snapshot and remembers the pieces that they share."""

    def __init__(self, tables: Tables, revision: Revision) -> None:
        self._tables = tables
        self._heads: Pieces[_Head] = Pieces(_head)
        self._reasons: Pieces[Reason] = Pieces(_reason)
        self._stages: Pieces[_Stage] = Pieces(_stage)
        self._actions: Pieces[_Action] = Pieces(_action)
        # A row's piece by the row's identity; the row is kept, so that no other takes its place.
        self._rows: dict[int, tuple[Row, bytes]] = {}
        self.revision = _revision(revision)
        self._revision = part(_REVISION, _bytes(self.revision))

    def decision(self, made: Decision, *, full: bool) -> bytes:
        """Give a decision as a serialised ostiary.v1.Decision, whole or in the view BASIC."""
        head = (
            made.outcome,
            made.visible,
            made.eligible,
            made.offered,
            made.selected,
            made.choice_required,
        )
        reasons = self._reasons
        pieces = [self._heads[head], *[part(_REASONS, reasons[one]) for one in made.reasons]]
        if full:
            pieces += [part(_STAGES, self._stage(one)) for one in made.stages]
            pieces += self._scheduled(made.actions, made.subject)
            pieces += [self._step(one) for one in made.steps]
        pieces.append(self._revision)
        pieces.append(part(_EVALUATE_TIME, timestamp(made.evaluated_at)))
        return b"".join(pieces)

    def reason(self, one: Reason) -> reason_pb2.Reason:
        """Give one reason as a message."""
        return reason_pb2.Reason.FromString(self._reasons[one])

    def approvers(self, made: Decision) -> decision_service_pb2.ResolveApproversResponse:
        """Give what a decision says about approval."""
        return decision_service_pb2.ResolveApproversResponse(
            outcome=OUTCOMES[made.outcome],
            selected_policy=made.selected or "",
            offered_policies=made.offered,
            stages=[decision_pb2.PlannedStage.FromString(self._stage(one)) for one in made.stages],
            reasons=map(self.reason, made.reasons),
            revision=self.revision,
            evaluate_time=made.evaluated_at,
        )

    def _stage(self, plan: StagePlan) -> bytes:
        lasting = (
            plan.number,
            plan.approvers,
            plan.origin,
            plan.alternates,
            plan.alternates_origin,
            plan.time_out,
            plan.escalate_after,
            plan.justification_required,
            plan.discarded,
        )
        piece = self._stages[lasting]
        if plan.opens_at is not None:
            piece += part(_OPEN_TIME, timestamp(plan.opens_at))
        if plan.escalates_at is not None:
            piece += part(_ESCALATE_TIME, timestamp(plan.escalates_at))
        if plan.denies_at is not None:
            piece += part(_DENY_TIME, timestamp(plan.denies_at))
        return piece

    def _scheduled(self, actions: tuple[ScheduledAction, ...], person: str) -> Iterator[bytes]:
        lasting = self._actions
        person_piece = part(_SUBJECT, person.encode())
        at, time_piece = None, b""
        for one in actions:
            rule = one.rule
            piece = lasting[
                one.kind,
                rule.id,
                rule.file,
                rule.line,
                one.anchor,
                one.offset,
                one.stage,
                one.target,
                one.repeats,
            ]
            # Neighbours are often due at one instant.
            if one.at != at:
                at = one.at
                time_piece = b"" if at is None else part(_TIME, timestamp(at))
            piece += time_piece if one.stage else person_piece + time_piece
            if one.not_before is not None:
                piece += part(_NOT_BEFORE, timestamp(one.not_before))
            yield part(_ACTIONS, piece)

    def _step(self, step: Step) -> bytes:
        row = step.row
        known = self._rows.get(id(row))
        piece = self._remember(row) if known is None else known[1]
        if step.about:
            piece = part(_ABOUT, step.about.encode()) + piece
        return part(_EXPLANATION, piece)

    def _remember(self, row: Row) -> bytes:
        if len(self._rows) >= _MOST_ROWS:
            self._rows.clear()
        piece = _bytes(self._row(row))
        self._rows[id(row)] = row, piece
        return piece

    def _row(self, row: Row) -> decision_pb2.ExplanationStep:
        deciders = {rule.id for rule in row.deciders}
        deciders.update(action.rule.id for action in row.actions)
        answers = zip(VOCABULARY[row.phase].answers, row.answers, row.deciders, strict=True)
        return decision_pb2.ExplanationStep(
            phase=PHASES[row.phase],
            facts=[
                decision_pb2.Fact(name=name, value=word)
                for name, word in self._tables.phases[row.phase].facts_of(row.cell)
            ],
            rules=[_fired(rule, decided=rule.id in deciders) for rule in row.fired],
            conclusions=[
                _conclusion(answer, conclusion, rule) for answer, conclusion, rule in answers
            ],
        )


def _reason(one: Reason) -> bytes:
    return _bytes(
        reason_pb2.Reason(
            code=CODES[one.code],
            text=reason_texts.text(one),
            severity=SEVERITIES[one.severity],
            policy=one.policy or "",
            parameters=dict(one.parameters),
            evidence=one.evidence,
        )
    )


def _revision(revision: Revision) -> decision_pb2.Revision:
    return decision_pb2.Revision(
        rules=revision.rules,
        tenant=revision.tenant,
        profile=revision.profile,
        profile_version=revision.profile_version,
    )


def _head(head: _Head) -> bytes:
    outcome, visible, eligible, offered, selected, choice_required = head
    return _bytes(
        decision_pb2.Decision(
            outcome=OUTCOMES[outcome],
            visible=visible,
            eligible=eligible,
            offered_policies=offered,
            selected_policy=selected or "",
            choice_required=choice_required,
        )
    )


def _stage(lasting: _Stage) -> bytes:
    number, approvers, origin, alternates, alternates_origin, time_out, escalate, wanted, out = (
        lasting
    )
    return _bytes(
        decision_pb2.PlannedStage(
            number=number,
            approvers=approvers,
            origin=ORIGINS[origin],
            alternates=alternates,
            alternates_origin=ORIGINS[alternates_origin] if alternates else None,
            time_out=_duration(time_out),
            escalate_after=None if escalate is None else _duration(escalate),
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
    )


def _action(lasting: _Action) -> bytes:
    kind, rule, file, line, anchor, offset, stage, target, repeats = lasting
    return _bytes(
        decision_pb2.ScheduledAction(
            kind=ACTION_KINDS[kind],
            subject=f"stage {stage}" if stage else "",  # else the person, who varies
            target=target,
            anchor=ANCHORS[anchor],
            offset=_duration(offset),
            stage=stage,
            repeats=None if repeats is None else _recurrence(repeats),
            rule=decision_pb2.RuleReference(id=rule, file=file, line=line),
        )
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


def _recurrence(repeats: Recurrence) -> decision_pb2.Recurrence:
    if repeats.every is None:
        return decision_pb2.Recurrence(months=repeats.months)
    return decision_pb2.Recurrence(every=_duration(repeats.every))


def _duration(length: timedelta) -> Duration:
    seconds, nanos = seconds_and_nanos(length)
    return Duration(seconds=seconds, nanos=nanos)


def _bytes(message: Message) -> bytes:
    # Maps are written in the order of their keys, so that equal answers are equal bytes (S-46).
    return message.SerializeToString(deterministic=True)
