"""Findings about approval: who is asked, who stands in, and for whom nobody is left."""

from __future__ import annotations

from collections.abc import Iterator

from pyroaring import BitMap

from ostiary.analysis.lint.codes import finding
from ostiary.analysis.lint.findings import Finding, Witness
from ostiary.analysis.lint.views import PolicyView, StageView, World, others, person, spell_approver
from ostiary.domain.policy import Approver, ApproverKind
from ostiary.rulebook.faults import quoted


def check_approval(world: World, view: PolicyView) -> Iterator[Finding]:
    """Give what is likely wrong with the approval of a policy."""
    for stage in view.stages():
        yield from _entries(world, stage)
        if view.policy.approval_for_add:
            yield from _dead_end(world, stage)


def _entries(world: World, stage: StageView) -> Iterator[Finding]:
    for name, approvers in stage.lists():
        for one in approvers:
            path = stage.path(name, f"[{spell_approver(one)}]")
            if one.kind is ApproverKind.USER and one.id is not None:
                for user in world.people.gone((one.id,)):
                    text = f"{quoted(user.id)} is {user.state.value} and cannot approve"
                    yield finding("APPROVER_LEFT", path, text, witness=person(user.id))
            elif one.kind is ApproverKind.GROUP and not world.people.named_approvers((one,)):
                text = f"nobody in group {quoted(str(one.id))} could approve"
                witness = Witness("group", str(one.id))
                yield finding("APPROVER_GROUP_EMPTY", path, text, witness=witness)


def stuck(world: World, stage: StageView) -> BitMap:
    """Give the people who may request and for whom neither approvers nor fallback are found."""
    primary, fallback = stage.stage.primary, stage.stage.fallback
    return stage.view.asking - world.people.staffed(primary) - world.people.staffed(fallback)


def _dead_end(world: World, stage: StageView) -> Iterator[Finding]:
    """S-72: nobody found and no fallback is NO_APPROVER as soon as the request is made."""
    without = stuck(world, stage)
    if not without:
        return
    primary, fallback = stage.stage.primary, stage.stage.fallback
    witness = world.people.first(without)
    text = (
        f"{quoted(witness.id)}{others(len(without))} may request, but nobody can approve stage"
        f" {stage.number}: {_spelled(primary)} {_leads(fallback)}"
    )
    yield finding("DEAD_END", stage.path("approvers"), text, witness=witness)


def _spelled(approvers: tuple[Approver, ...]) -> str:
    return ", ".join(map(spell_approver, approvers))


def _leads(fallback: tuple[Approver, ...]) -> str:
    if not fallback:
        return "leads to nobody else, and there is no fallback"
    return f"leads to nobody else, nor does the fallback {_spelled(fallback)}"
