"""By whom a request that waits for a decision is found (S-73, S-79).

Who may decide depends on groups as they are at that moment, so it is not kept. What is kept are the
people and groups by whom somebody could come to decide; of what they find, the rest is looked at.
"""

from __future__ import annotations

from ostiary.domain.access_request import AccessRequest, StageRecord
from ostiary.domain.policy import ApprovalStage, ApproverKind


def user_key(user_id: str) -> str:
    """Give the key of one person."""
    return f"user:{user_id}"


def group_key(group_id: str) -> str:
    """Give the key of the members of a group, nested ones included."""
    return f"group:{group_id}"


def decider_keys(request: AccessRequest) -> tuple[str, ...]:
    """Give the keys by which the open stage of a request is found, sorted; none: it has none.

    INVARIANT: whoever may decide the stage, today or later, bears one of them as long as the record
    stays as it is. Some who bear one may not decide: alternates in time, the fallback, the target.
    """
    record = request.open_stage()
    if record is None or record.decision is not None or not request.open:
        return ()
    stages = request.terms.policy.stages
    named = _named(stages[record.number - 1]) if record.number <= len(stages) else set()
    return tuple(sorted(named | _recorded(record)))


def _named(stage: ApprovalStage) -> set[str]:
    key_of = {ApproverKind.USER: user_key, ApproverKind.GROUP: group_key}
    everybody = (*stage.primary, *stage.fallback, *stage.alternates, *stage.alternate_fallback)
    return {
        key_of[one.kind](one.id) for one in everybody if one.kind in key_of and one.id is not None
    }


def _recorded(record: StageRecord) -> set[str]:
    """Give those who were found when the stage opened or escalated, e.g. as managers."""
    delegates = (one.delegate for one in record.delegates)
    return {user_key(one) for one in (*record.people, *record.late_people, *delegates)}
