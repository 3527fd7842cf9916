"""The stage that comes before all others when the target's account is at risk (S-81).

The policy in force is looked at as if it had the stage: so plan, terms and history agree, and all
gates after it hold for the stage too.
"""

from __future__ import annotations

from datetime import timedelta

import msgspec

from ostiary.decide.approvers import compile_list
from ostiary.decide.lookup import PhaseLookup
from ostiary.decide.model import CompiledApproval, CompiledPolicy, CompiledRisk, CompiledStage
from ostiary.decide.ports import Directory
from ostiary.decide.subject import Subject
from ostiary.domain.decision import Reason
from ostiary.domain.people import Unknown
from ostiary.domain.policy import ApprovalStage, AssignmentPolicy
from ostiary.domain.reasons import Code, Severity
from ostiary.domain.tenant import Profile, Settings

_LONGEST = timedelta(days=14)
# Numbers that no compiler and no renewal gives: those of policies with the stage before their own.
_APPROVALS, _SHAPES = 2**42, 2**42


def compile_risk(settings: Settings, profile: Profile, directory: Directory) -> CompiledRisk | None:
    """Give the stage of a tenant; None: it has none, or the profile does not know it."""
    wanted = settings.risk_stage
    if wanted is None or not profile.risk_stage:
        return None
    stage = ApprovalStage(
        primary=wanted.approvers, time_out=min(profile.risk_stage_time_out, _LONGEST)
    )
    nobody = compile_list((), directory)
    compiled = CompiledStage(
        number=1,
        about="stage 1",
        stage=stage,
        primary=compile_list(stage.primary, directory),
        fallback=nobody,
        alternates=nobody,
        alternate_fallback=nobody,
    )
    return CompiledRisk(wanted.threshold, compiled)


def word(risk: CompiledRisk | None, subject: Subject) -> str:
    """Give `below`, `reached`, or `unknown` if nobody told how much at risk the account is."""
    if risk is None:
        return "below"
    if isinstance(subject.risk, Unknown):
        return "unknown"
    return "reached" if subject.risk.height >= risk.threshold.height else "below"


def with_stage(
    policy: AssignmentPolicy, risk: CompiledRisk, *, extension: bool = False
) -> AssignmentPolicy:
    """Give a policy with the stage before its own, as the terms of a request record it."""
    asks = policy.approval_for_extension if extension else policy.approval_for_add
    return msgspec.structs.replace(
        policy,
        stages=(risk.stage.stage, *(policy.stages if asks else ())),
        approval_for_add=policy.approval_for_add or not extension,
        approval_for_extension=policy.approval_for_extension or extension,
    )


def guarded(
    policy: CompiledPolicy, risk: CompiledRisk, subject: Subject, lifecycle: PhaseLookup
) -> CompiledPolicy:
    """Give a compiled policy with the stage before its own."""
    traits, offsets = policy.traits, lifecycle.offsets["approval"]
    before = traits.approval
    cell = traits.lifecycle_cell
    if before is None:
        cell += offsets["required"] - offsets["not_required"]
    stages = (risk.stage, *(() if before is None else map(_later, before.stages)))
    level = "unknown" if isinstance(subject.risk, Unknown) else subject.risk.value
    required = Reason(
        Code.APPROVAL_REQUIRED,
        Severity.INFO,
        policy.id,
        (("risk", level), ("stages", str(len(stages)))),
    )
    return msgspec.structs.replace(
        policy,
        policy=with_stage(policy.policy, risk),
        traits=msgspec.structs.replace(
            traits,
            approval=CompiledApproval(
                uid=_APPROVALS + (0 if before is None else before.uid + 1),
                stages=stages,
                only_by_manager=before is None or before.only_by_manager,
                people=risk.stage.primary.usable_set
                | (frozenset() if before is None else before.people),
            ),
            lifecycle_cell=cell,
            shape=_SHAPES + traits.shape,
            selected_reasons=(traits.selected_reasons[0], required),
        ),
    )


def _later(stage: CompiledStage) -> CompiledStage:
    number = stage.number + 1
    return msgspec.structs.replace(stage, number=number, about=f"stage {number}")
