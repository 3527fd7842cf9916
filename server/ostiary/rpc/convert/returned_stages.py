"""Approval stages that custom extensions return, from their messages (S-82)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration

from ostiary.domain.policy import ApprovalStage, Approver, ApproverKind
from ostiary.rpc.convert.times import duration
from ostiary.rpc.convert.unknown_fields import note_unknown
from ostiary.rpc.convert.words import APPROVER_KINDS
from ostiary.rpc.violations import Violations
from ostiary.v1 import policy_pb2

_KINDS: Mapping[int, ApproverKind] = {
    number: kind for kind, number in APPROVER_KINDS.items() if kind is not ApproverKind.UNREADABLE
}
_NAMED = frozenset({ApproverKind.USER, ApproverKind.GROUP})


def returned_stage(
    message: policy_pb2.ApprovalStage, default: timedelta, violations: Violations
) -> ApprovalStage:
    """Give a stage with everything that is wrong with it noted; `default` is its time-out."""
    field = "approval_stage"
    note_unknown(message, field, violations)
    wait = None
    if message.HasField("escalate_after"):
        wait = duration(message.escalate_after, f"{field}.escalate_after", violations)
    return ApprovalStage(
        primary=_approvers(message.approvers, f"{field}.approvers", violations),
        fallback=_approvers(message.fallback, f"{field}.fallback", violations),
        alternates=_approvers(message.alternates, f"{field}.alternates", violations),
        alternate_fallback=_approvers(
            message.alternate_fallback, f"{field}.alternate_fallback", violations
        ),
        escalate_after=wait,
        time_out=_time_out(message, f"{field}.time_out", violations) or default,
        justification_required=message.justification_required,
    )


def _time_out(
    message: policy_pb2.ApprovalStage, field: str, violations: Violations
) -> timedelta | None:
    if not message.HasField("time_out"):
        return None
    said: Duration = message.time_out
    found = duration(said, field, violations)
    if found is not None and found <= timedelta(0):
        violations.add(field, "must be longer than nothing")
    return found


def _approvers(
    messages: Iterable[policy_pb2.Approver], field: str, violations: Violations
) -> tuple[Approver, ...]:
    listed = tuple(messages)
    if not violations.fits(len(listed), field):
        return ()
    return tuple(
        _approver(one, f"{field}[{index}]", violations) for index, one in enumerate(listed)
    )


def _approver(one: policy_pb2.Approver, field: str, violations: Violations) -> Approver:
    kind = violations.word(one.kind, _KINDS, f"{field}.kind", ApproverKind.UNREADABLE)
    if kind in _NAMED:
        return Approver(kind, violations.required_name(one.id, f"{field}.id"))
    if one.id and kind is not ApproverKind.UNREADABLE:
        violations.add(f"{field}.id", "belongs to users and groups")
    if one.level not in (0, 1, 2) or (one.level and kind is not ApproverKind.MANAGER):
        violations.add(f"{field}.level", "is 1 or 2, and of managers only")
    return Approver(kind, level=one.level or 1)
