"""Decisions as bytes of the contract, put together from pieces that are serialised once."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message

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
from ostiary.rpc.wire import Pieces, part, tag, timestamp, varint
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
_ABOUT = tag(decision_pb2.ExplanationStep, "about")


_MOST_PIECES = 65_536

Key = TypeVar("Key")
Value = TypeVar("Value")

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


class DecisionWriter:
    """Writes the decisions of one snapshot and remembers the pieces that they share."""

    def __init__(self, tables: Tables, revision: Revision) -> None:
        self._tables = tables
        self._heads: Pieces[_Head] = Pieces(_head)
        self._reasons: Pieces[Reason] = Pieces(_reason)
        self._stages: Pieces[_Stage] = Pieces(_stage)
        # By identity, which costs less than comparing; what was looked at is kept beside its
        # piece, so that nothing else can take its place in memory.
        self._rows: dict[int, tuple[Row, bytes]] = {}
        self._steps: dict[tuple[int, str], tuple[Row, bytes]] = {}
        self._actions: dict[tuple[object, ...], tuple[Rule, bytes]] = {}
        self._waiting: dict[tuple[int, int], tuple[ScheduledAction, bytes]] = {}
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
        pieces = [self._heads[head], *[reasons[one] for one in made.reasons]]
        if full:
            pieces += [part(_STAGES, self._stage(one)) for one in made.stages]
            if made.actions:
                self._add_actions(made, pieces)
            pieces += [self._step(one) for one in made.steps]
        pieces.append(self._revision)
        pieces.append(part(_EVALUATE_TIME, timestamp(made.evaluated_at)))
        return b"".join(pieces)

    def reason(self, one: Reason) -> reason_pb2.Reason:
        """Give one reason as a message."""
        return decision_pb2.Decision.FromString(self._reasons[one]).reasons[0]

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

    def _add_actions(self, made: Decision, pieces: list[bytes]) -> None:
        """Add each action as a beginning that is kept, then what varies: time and person."""
        person_piece = part(_SUBJECT, made.subject.encode())
        width = len(person_piece)
        waiting = self._waiting
        at, time_piece = None, b""
        for one in made.actions:
            subject = b"" if one.stage else person_piece
            if one.at is None:
                known = waiting.get((id(one), width))
                pieces.append(self._waits(one, len(subject), width) if known is None else known[1])
            else:
                if one.at != at:  # neighbours are often due at one instant
                    at, time_piece = one.at, part(_TIME, timestamp(one.at))
                pieces.append(self._beginning(one, len(subject) + len(time_piece)))
                pieces.append(time_piece)
            pieces.append(subject)

    def _waits(self, one: ScheduledAction, varies: int, width: int) -> bytes:
        """Begin an action that waits for an event; most of these are the same for everybody."""
        piece = self._beginning(one, varies)
        _keep(self._waiting, (id(one), width), (one, piece))
        return piece

    def _beginning(self, one: ScheduledAction, varies: int) -> bytes:
        """Give an action up to the time and the person, which take `varies` bytes."""
        rule = one.rule
        key = (
            id(rule),
            id(one.kind),
            id(one.anchor),
            one.offset,
            one.not_before,
            one.stage,
            one.target,
            one.repeats,
            varies,
        )
        known = self._actions.get(key)
        if known is not None:
            return known[1]
        body = _bytes(_action(one))
        piece = _ACTIONS + varint(len(body) + varies) + body
        _keep(self._actions, key, (rule, piece))
        return piece

    def _step(self, step: Step) -> bytes:
        row, about = step.row, step.about
        known = self._steps.get((id(row), about))
        if known is not None:
            return known[1]
        piece = part(_EXPLANATION, part(_ABOUT, about.encode()) + self._told(row))
        _keep(self._steps, (id(row), about), (row, piece))
        return piece

    def _told(self, row: Row) -> bytes:
        known = self._rows.get(id(row))
        if known is not None:
            return known[1]
        piece = _bytes(self._row(row))
        _keep(self._rows, id(row), (row, piece))
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
    return part(
        _REASONS,
        _bytes(
            reason_pb2.Reason(
                code=CODES[one.code],
                text=reason_texts.text(one),
                severity=SEVERITIES[one.severity],
                policy=one.policy or "",
                parameters=dict(one.parameters),
                evidence=one.evidence,
            )
        ),
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


def _action(one: ScheduledAction) -> decision_pb2.ScheduledAction:
    return decision_pb2.ScheduledAction(
        kind=ACTION_KINDS[one.kind],
        subject=f"stage {one.stage}" if one.stage else "",  # else the person, who varies
        target=one.target,
        anchor=ANCHORS[one.anchor],
        offset=_duration(one.offset),
        stage=one.stage,
        not_before_time=one.not_before,
        repeats=None if one.repeats is None else _recurrence(one.repeats),
        rule=decision_pb2.RuleReference(id=one.rule.id, file=one.rule.file, line=one.rule.line),
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


def _keep(pieces: dict[Key, Value], key: Key, value: Value) -> None:
    if len(pieces) >= _MOST_PIECES:
        pieces.clear()
    pieces[key] = value


def _bytes(message: Message) -> bytes:
    # Maps are written in the order of their keys, so that equal answers are equal bytes (S-46).
    return message.SerializeToString(deterministic=True)
