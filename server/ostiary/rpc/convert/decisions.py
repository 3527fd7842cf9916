"""Decisions as bytes of the contract, put together from pieces that are serialised once."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from google.protobuf.message import Message

from ostiary.domain.decision import (
    Decision,
    Reason,
    Revision,
    ScheduledAction,
    StagePlan,
    Step,
)
from ostiary.domain.tables import Row, Rule, Tables
from ostiary.rpc.convert import messages
from ostiary.rpc.convert.words import OUTCOMES
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


class DecisionWriter:
    """Writes the decisions of one snapshot and remembers the pieces that they share."""

    def __init__(self, tables: Tables, revision: Revision) -> None:
        self._tables = tables
        self._heads: Pieces[messages.Head] = Pieces(_head)
        self._reasons: Pieces[Reason] = Pieces(_reason)
        self._reason_piece = self._reasons.__getitem__
        self._stages: Pieces[messages.Stage] = Pieces(_stage)
        # By identity, which costs less than comparing; what was looked at is kept beside its
        # piece, so that nothing else can take its place in memory.
        self._rows: dict[int, tuple[Row, bytes]] = {}
        self._steps: dict[tuple[int, str], tuple[Row, bytes]] = {}
        self._actions: dict[tuple[object, ...], tuple[Rule, bytes]] = {}
        self._waiting: dict[tuple[int, int], tuple[ScheduledAction, bytes]] = {}
        self._ending: tuple[datetime | None, bytes] = (None, b"")
        self.revision = messages.revision(revision)
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
        pieces = [self._heads[head], *map(self._reason_piece, made.reasons)]
        if full:
            pieces += [part(_STAGES, self._stage(one)) for one in made.stages]
            if made.actions:
                self._add_actions(made, pieces)
            pieces += [self._step(one) for one in made.steps]
        ending = self._ending  # one look at it, for other threads put others there
        if ending[0] is not made.evaluated_at:
            ending = self._ending = self._ended(made.evaluated_at)
        pieces.append(ending[1])
        return b"".join(pieces)

    def _ended(self, at: datetime) -> tuple[datetime, bytes]:
        """Give the end of a decision with its instant; the items of a batch mostly share one."""
        return at, self._revision + part(_EVALUATE_TIME, timestamp(at))

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
        body = _bytes(messages.action(one))
        piece = _ACTIONS + varint(len(body) + varies) + body
        _keep(self._actions, key, (rule, piece))
        return piece

    def _step(self, step: Step) -> bytes:
        row, about = step.row, step.about
        known = self._steps.get((id(row), about))
        if known is not None:
            return known[1]
        named = part(_ABOUT, about.encode()) if about else b""
        piece = part(_EXPLANATION, named + self._told(row))
        _keep(self._steps, (id(row), about), (row, piece))
        return piece

    def _told(self, row: Row) -> bytes:
        known = self._rows.get(id(row))
        if known is not None:
            return known[1]
        facts = self._tables.phases[row.phase].facts_of(row.cell)
        piece = _bytes(messages.step(row, facts))
        _keep(self._rows, id(row), (row, piece))
        return piece


def _head(said: messages.Head) -> bytes:
    return _bytes(messages.head(said))


def _stage(said: messages.Stage) -> bytes:
    return _bytes(messages.stage(said))


def _reason(one: Reason) -> bytes:
    return part(_REASONS, _bytes(messages.reason(one)))


def _keep(pieces: dict[Key, Value], key: Key, value: Value) -> None:
    if len(pieces) >= _MOST_PIECES:
        pieces.clear()
    pieces[key] = value


def _bytes(message: Message) -> bytes:
    # Maps are written in the order of their keys, so that equal answers are equal bytes (S-46).
    return message.SerializeToString(deterministic=True)
