"""From each reason of a decision back to the step and the rule that it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from ostiary.v1 import decision_pb2 as contract
from ostiary.v1 import reason_pb2


class Origin(msgspec.Struct, frozen=True):
    """Where a reason comes from: the number of the step, and the rule if it is known."""

    step: int  # from 0
    rule: contract.RuleReference | None


# These are no conclusions of their own; they belong to the answer that they tell about.
_INFORMS: Mapping[int, tuple[int, str]] = {
    reason_pb2.REASON_CODE_SCOPE_MATCHED: (contract.PHASE_REQUESTOR_SCOPE, "scope"),
    reason_pb2.REASON_CODE_POLICY_SELECTED: (contract.PHASE_POLICY_SELECTION, "selection"),
    reason_pb2.REASON_CODE_CHOICE_REQUIRED: (contract.PHASE_LIMITS, "outcome"),
    reason_pb2.REASON_CODE_APPROVAL_REQUIRED: (contract.PHASE_LIMITS, "outcome"),
    reason_pb2.REASON_CODE_AUTO_APPROVED: (contract.PHASE_LIMITS, "outcome"),
    reason_pb2.REASON_CODE_FALLBACK_USED: (contract.PHASE_APPROVER_RESOLUTION, "deciders"),
    reason_pb2.REASON_CODE_APPROVER_UNUSABLE: (contract.PHASE_APPROVER_RESOLUTION, "deciders"),
    reason_pb2.REASON_CODE_ESCALATION_EMPTY: (contract.PHASE_APPROVER_RESOLUTION, "escalation"),
}


def origin_of(reason: reason_pb2.Reason, decision: contract.Decision) -> Origin | None:
    """Give the step and the rule behind a reason; None without an explanation."""
    found = list(_candidates(reason, decision))
    if not found:
        return None
    about = _about(reason)
    exact = [one for one in found if decision.explanation[one[0]].about == about]
    # What is not about one policy is about the request; the last step spoke last.
    step, answer = exact[0] if exact else found[-1]
    return Origin(step, _reference(decision.explanation[step], answer.rule))


def _candidates(
    reason: reason_pb2.Reason, decision: contract.Decision
) -> Iterator[tuple[int, contract.Conclusion]]:
    phase, answer = _INFORMS.get(reason.code, (0, ""))
    for number, step in enumerate(decision.explanation):
        for one in step.conclusions:
            if answer:
                if (step.phase, one.answer) == (phase, answer) and _fits(step, _about(reason)):
                    yield number, one
            elif reason.code == reason_pb2.REASON_CODE_FACT_MISSING:
                if one.missing_fact == reason.parameters["fact"]:
                    yield number, one
            elif one.reason == reason.code:
                yield number, one


def _fits(step: contract.ExplanationStep, about: str) -> bool:
    return not step.about or step.about == about


def _about(reason: reason_pb2.Reason) -> str:
    if "stage" in reason.parameters:
        return f"stage {reason.parameters['stage']}"
    return reason.policy


def _reference(step: contract.ExplanationStep, rule: str) -> contract.RuleReference | None:
    return next((fired.rule for fired in step.rules if fired.rule.id == rule), None)
