"""Findings about approval: who is asked, who stands in, and for whom nobody is left."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from pyroaring import BitMap

from ostiary.analysis.lint.codes import finding
from ostiary.analysis.lint.findings import Finding, Path, Witness
from ostiary.analysis.lint.views import PolicyView, StageView, World, others, person, spell_approver
from ostiary.decide.approvers import RELATIONS
from ostiary.domain.policy import Approver, ApproverKind, ScopeKind
from ostiary.rulebook.faults import quoted

_STAND_INS = (("fallback", "approvers"), ("alternate_fallback", "alternates"))
_SPONSORS = frozenset({ApproverKind.INTERNAL_SPONSORS, ApproverKind.EXTERNAL_SPONSORS})


def check_approval(world: World, view: PolicyView) -> Iterator[Finding]:
    """Give what is likely wrong with the approval of a policy."""
    for stage in view.stages():
        yield from _entries(world, stage)
        yield from _repeated(stage)
        yield from _escalation(world, stage)
        yield from _sponsors(world, stage)
        if view.policy.approval_for_add:
            yield from _staffing(world, stage)
    yield from _shared(world, view)
    if view.policy.approval_for_extension and not view.policy.extension_allowed:
        text = "extensions need approval, but are not allowed"
        yield finding("EXTENSION_APPROVAL_UNUSED", view.path("approval", "for"), text)


def _entries(world: World, stage: StageView) -> Iterator[Finding]:
    for name, approvers in stage.lists():
        codes = ("APPROVER_LEFT", "APPROVER_GROUP_EMPTY")
        yield from gone(world, approvers, stage.path(name), codes, "approve")


def gone(
    world: World, named: tuple[Approver, ...], path: Path, codes: tuple[str, str], act: str
) -> Iterator[Finding]:
    """Report the users of a list who have left, and the groups in which nobody is left."""
    left, empty = codes
    for one in named:
        place = (*path, f"[{spell_approver(one)}]")
        if one.kind is ApproverKind.USER and one.id is not None:
            for user in world.people.gone((one.id,)):
                text = f"{quoted(user.id)} is {user.state.value} and cannot {act}"
                yield finding(left, place, text, witness=person(user.id))
        elif one.kind is ApproverKind.GROUP and not world.people.named_approvers((one,)):
            text = f"nobody in group {quoted(str(one.id))} could {act}"
            yield finding(empty, place, text, witness=Witness("group", str(one.id)))


def stuck(world: World, stage: StageView) -> BitMap:
    """Give the people who may request and for whom neither approvers nor fallback are found."""
    primary, fallback = stage.stage.primary, stage.stage.fallback
    return stage.view.asking - world.people.staffed(primary) - world.people.staffed(fallback)


def _staffing(world: World, stage: StageView) -> Iterator[Finding]:
    """S-72: whom nobody but themselves could approve for is left to the fallback, if any."""
    primary, fallback = stage.stage.primary, stage.stage.fallback
    without = stuck(world, stage)
    if without:
        witness = world.people.first(without)
        text = (
            f"{quoted(witness.id)}{others(len(without))} may request, but nobody can approve"
            f" stage {stage.number}: {_spelled(primary)} {_leads(fallback)}"
        )
        yield finding("DEAD_END", stage.path("approvers"), text, witness=witness)
    asking = stage.view.asking
    standing_in = asking - world.people.staffed(primary) - without
    if not standing_in:
        return
    if standing_in == asking and not (stage.view.for_externals and _has_relations(primary)):
        text = f"{_spelled(primary)} leads to nobody for anybody in the scope"
        witness = world.people.first(asking)
        yield finding("ALWAYS_FALLS_BACK", stage.path("approvers"), text, witness=witness)
        return
    own = standing_in & world.people.named_approvers(primary)
    if own:
        witness = world.people.first(own)
        text = f"{quoted(witness.id)} is the only approver of stage {stage.number} and may request"
        yield finding("ONLY_APPROVER_ASKS", stage.path("approvers"), text, witness=witness)


def _has_relations(approvers: tuple[Approver, ...]) -> bool:
    return any(one.kind in RELATIONS for one in approvers)


def _spelled(approvers: tuple[Approver, ...]) -> str:
    return ", ".join(map(spell_approver, approvers))


def _leads(fallback: tuple[Approver, ...]) -> str:
    if not fallback:
        return "leads to nobody else, and there is no fallback"
    return f"leads to nobody else, nor does the fallback {_spelled(fallback)}"


def _repeated(stage: StageView) -> Iterator[Finding]:
    """Who was not found the first time is not found the second; who may act need not join."""
    lists = dict(stage.lists())
    for name, first in _STAND_INS:
        for one in lists[name]:
            if one in lists[first]:
                path = stage.path(name, f"[{spell_approver(one)}]")
                text = f"{spell_approver(one)} is among the {first}, for whom this stands in"
                yield finding("FALLBACK_REPEATS", path, text)
    for one in lists["alternates"]:
        if one in lists["approvers"]:
            path = stage.path("alternates", f"[{spell_approver(one)}]")
            text = f"{spell_approver(one)} is among the approvers from the beginning"
            yield finding("ALTERNATE_IS_APPROVER", path, text)


def _escalation(world: World, stage: StageView) -> Iterator[Finding]:
    """S-68: alternates whom nobody finds do not join."""
    if stage.stage.escalate_after is None:
        return
    joining = (*stage.stage.alternates, *stage.stage.alternate_fallback)
    if joining and (_has_relations(joining) or world.people.named_approvers(joining)):
        return
    text = "nobody joins then: " + ("no alternate can be found" if joining else "no alternates")
    yield finding("ESCALATION_TO_NOBODY", stage.path("escalate_after"), text)


def _sponsors(world: World, stage: StageView) -> Iterator[Finding]:
    """S-67, S-70: an organization without usable sponsors leaves it to the fallback."""
    for one in stage.stage.primary:
        if one.kind not in _SPONSORS:
            continue
        for name in _organizations(world, stage.view):
            if not world.people.sponsors(name, one.kind):
                path = stage.path("approvers", f"[{spell_approver(one)}]")
                side = str(one.kind.value).partition("_")[0]
                text = f"organization {quoted(name)} has no {side} sponsor who could approve"
                witness = Witness("organization", name)
                yield finding("SPONSORS_MISSING", path, text, witness=witness)


def _organizations(world: World, view: PolicyView) -> tuple[str, ...]:
    if view.policy.scope.kind is ScopeKind.SPECIFIC_ORGANIZATIONS:
        return view.policy.scope.organizations
    return world.configured


def _shared(world: World, view: PolicyView) -> Iterator[Finding]:
    """S-74: whoever can decide two stages makes one of them idle."""
    for one, other in combinations(view.stages(), 2):
        first = world.people.named_approvers(one.stage.primary)
        both = first & world.people.named_approvers(other.stage.primary)
        if both:
            witness = world.people.first(both)
            text = f"{quoted(witness.id)}{others(len(both))} may decide stage {one.number} as well"
            path = other.path("approvers")
            yield finding("STAGES_SHARE_APPROVERS", path, text, witness=witness)
