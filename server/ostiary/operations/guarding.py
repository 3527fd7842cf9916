"""The stage of security administrators in requests for people whose account is at risk (S-81)."""

from __future__ import annotations

import msgspec

from ostiary.decide.risk import with_stage, word
from ostiary.decide.subject import Subject
from ostiary.domain.access_request import RISK, StageRecord
from ostiary.domain.policy import AssignmentPolicy
from ostiary.operations.unit import Unit


def guarded(
    unit: Unit, policy: AssignmentPolicy, stages: tuple[StageRecord, ...], subject: Subject
) -> tuple[AssignmentPolicy, tuple[StageRecord, ...]]:
    """Give the policy and the stages of a decision as a request for new access records them."""
    risk = unit.snapshot.risk
    if risk is None or not stages or word(risk, subject) == "below":
        return policy, stages
    first = msgspec.structs.replace(stages[0], added_by=RISK)
    return with_stage(policy, risk), (first, *stages[1:])


def for_extension(unit: Unit, policy: AssignmentPolicy, subject: Subject) -> AssignmentPolicy:
    """Give the policy by which an extension is approved: with the stage if there is a risk now."""
    risk = unit.snapshot.risk
    if risk is None or word(risk, subject) == "below":
        return policy
    return with_stage(policy, risk, extension=True)
