"""Two decisions on the same question, side by side: whether they differ, and in what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import msgspec
from google.protobuf.message import DecodeError

from ostiary.v1 import decision_pb2, decision_service_pb2

MOST_SAMPLES = 5  # of each kind

OUTCOME, POLICY, APPROVERS, TIMES = "outcome", "policy", "approvers", "times"
ACTIONS, REASONS, RULES, FAILED = "actions", "reasons", "rules", "failed"
# What a difference may be in, the gravest first; a decision counts under the first that fits.
KINDS = (FAILED, OUTCOME, POLICY, APPROVERS, TIMES, ACTIONS, REASONS, RULES)


def kind_of(before: decision_pb2.Decision, after: decision_pb2.Decision) -> str:
    """Give the gravest kind of difference; empty: they say the same of the same."""
    if before.outcome != after.outcome:
        return OUTCOME
    if _policy(before) != _policy(after):
        return POLICY
    if list(map(_people, before.stages)) != list(map(_people, after.stages)):
        return APPROVERS
    if list(before.stages) != list(after.stages):
        return TIMES
    if list(map(_action, before.scheduled_actions)) != list(map(_action, after.scheduled_actions)):
        return ACTIONS
    if list(before.reasons) != list(after.reasons):
        return REASONS
    told = list(before.explanation), list(before.scheduled_actions)
    return RULES if told != (list(after.explanation), list(after.scheduled_actions)) else ""


def _policy(one: decision_pb2.Decision) -> tuple[object, ...]:
    policies = tuple(one.offered_policies)
    return one.visible, one.eligible, one.choice_required, one.selected_policy, policies


def _people(stage: decision_pb2.PlannedStage) -> tuple[object, ...]:
    return tuple(stage.approvers), tuple(stage.alternates), stage.origin, stage.alternates_origin


def _action(action: decision_pb2.ScheduledAction) -> decision_pb2.ScheduledAction:
    """Give an action without the rule that put it there."""
    bare = decision_pb2.ScheduledAction()
    bare.CopyFrom(action)
    bare.ClearField("rule")
    return bare


class Sample(msgspec.Struct, frozen=True):
    """One question that is decided otherwise."""

    kind: str
    number: int  # of the line of a log; 0: none
    at: str
    package: str
    requestor: str
    before: str  # the outcomes in words
    after: str  # or why there is no answer


class Differences(msgspec.Struct):
    """What was compared so far."""

    compared: int = 0
    differing: int = 0
    kinds: Counter[str] = msgspec.field(default_factory=Counter)
    changes: Counter[str] = msgspec.field(default_factory=Counter)  # of outcomes: GRANT -> DENY
    samples: list[Sample] = []

    def compare(
        self, question: bytes, at: str, before: bytes, after: bytes | str, *, number: int = 0
    ) -> str:
        """Count one question with both answers, or why there is none after; give the kind."""
        self.compared += 1
        was = decision_pb2.Decision.FromString(before)
        will = None if isinstance(after, str) else decision_pb2.Decision.FromString(after)
        kind = FAILED if will is None else kind_of(was, will)
        if not kind:
            return ""
        self.differing += 1
        self.kinds[kind] += 1
        if kind == OUTCOME and will is not None:
            self.changes[f"{outcome(was)} -> {outcome(will)}"] += 1
        if self.kinds[kind] <= MOST_SAMPLES:
            asked = _question(question)
            sample = Sample(
                kind,
                number,
                at,
                asked.access_package,
                asked.requestor_id or asked.person.id,
                _told(was, kind),
                str(after) if will is None else _told(will, kind),
            )
            self.samples.append(sample)
        return kind

    def by_kind(self) -> Iterator[tuple[str, int]]:
        """Give how many there are of each kind, the gravest first."""
        return ((kind, self.kinds[kind]) for kind in KINDS if self.kinds[kind])


def _question(question: bytes) -> decision_service_pb2.EvaluateRequest:
    """Give a question; an empty one for what is none."""
    try:
        return decision_service_pb2.EvaluateRequest.FromString(question)
    except DecodeError:
        return decision_service_pb2.EvaluateRequest()


def outcome(one: decision_pb2.Decision) -> str:
    """Give an outcome as it is called; a log may hold one that nobody knows."""
    if one.outcome not in decision_pb2.Outcome.values():
        return "UNKNOWN"
    return decision_pb2.Outcome.Name(one.outcome).removeprefix("OUTCOME_")


def _told(one: decision_pb2.Decision, kind: str) -> str:
    """Give a decision in a few words, those that a kind of difference is about."""
    said: Mapping[str, str] = {
        POLICY: f"{outcome(one)} {one.selected_policy or ','.join(one.offered_policies) or '-'}",
        APPROVERS: " then ".join("|".join(stage.approvers) for stage in one.stages) or "nobody",
        ACTIONS: f"{len(one.scheduled_actions)} actions",
    }
    return said.get(kind, outcome(one))
