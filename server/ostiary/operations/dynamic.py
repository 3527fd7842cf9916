"""Approval stages that an extension returns (S-82): what may be in them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from ostiary.domain.access_request import AccessRequest
from ostiary.domain.errors import InvalidRequestError
from ostiary.domain.policy import ApprovalStage, ExtensionStage
from ostiary.operations.unit import Unit

_FIELD = "approval_stage"


def check_returned(
    unit: Unit,
    request: AccessRequest | None,
    stage: ExtensionStage,
    state: str,
    returned: ApprovalStage,
) -> None:
    """Raise InvalidRequestError with everything that is wrong with a returned stage."""
    faults = [*_where(unit, request, stage, state), *_clocks(unit, returned)]
    if not returned.primary and not returned.fallback:
        faults.append((f"{_FIELD}.approvers", "is empty"))
    if faults:
        raise InvalidRequestError(faults)


def _where(
    unit: Unit, request: AccessRequest | None, stage: ExtensionStage, state: str
) -> Iterator[tuple[str, str]]:
    if not unit.snapshot.profile.dynamic_stage:
        yield _FIELD, "the profile has no stages of extensions (`dynamic_stage`)"
    if stage is not ExtensionStage.REQUEST_CREATED:
        yield _FIELD, f"cannot be returned at stage {stage.value}"
    if state:
        yield _FIELD, f"cannot come with a reply that says {state}"
    if request is not None and request.bypass_approval:
        yield _FIELD, "approval of this request is left out"


def _clocks(unit: Unit, returned: ApprovalStage) -> Iterator[tuple[str, str]]:
    """S-76 and S-77, as for the stages of policies."""
    profile, wait = unit.snapshot.profile, returned.escalate_after
    if not timedelta(0) < returned.time_out <= profile.longest_duration:
        days = profile.longest_duration.days
        yield f"{_FIELD}.time_out", f"must be longer than nothing and at most {days} days"
    if wait is None:
        return
    if not profile.shortest_escalation <= wait < returned.time_out:
        days = profile.shortest_escalation.days
        text = f"must be at least {days} days and shorter than the time-out"
        yield f"{_FIELD}.escalate_after", text
    if returned.time_out < profile.shortest_time_out_with_escalation:
        days = profile.shortest_time_out_with_escalation.days
        yield f"{_FIELD}.time_out", f"must be at least {days} days, since the stage escalates"
