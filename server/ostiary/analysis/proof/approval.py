"""Approval that is not weakened, and that nobody gives to themselves."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ostiary.analysis.proof.people import Kind
from ostiary.analysis.proof.possible import View
from ostiary.analysis.proof.report import Door, Example, Property, Way
from ostiary.analysis.proof.ways import decided, leads_on, way_of
from ostiary.decide.approvers import StaffedStage, staff_stage
from ostiary.decide.evaluate import subject_of
from ostiary.decide.model import CompiledPolicy
from ostiary.decide.risk import with_stage, word
from ostiary.domain.decision import StagePlan
from ostiary.domain.policy import ExpirationKind

_WORDS = {0: "no approval", 1: "one stage"}


def weaker_approval(old: View | None, new: View, kind: Kind) -> Example | None:
    """Give the example if this kind of person needs fewer approvals than before.

    Whoever could not have the package before is not compared: that is new access.
    """
    if old is None:
        return None
    before = list(_ways(old, kind))
    if not before:
        return None
    now = list(_ways(new, kind))
    found = _weaker(before, now, "gets it with")
    got = None
    if found is None:
        found = _weaker(
            list(_extensions(old, kind, before)),
            list(_extensions(new, kind, now)),
            "extends it with",
        )
        policy = None if found is None else found[1].policy
        got = next((way for way in now if way.policy == policy), None)
    if found is None:
        return None
    was, way, sentence = found
    example = _example(Property.NO_WEAKER_APPROVAL, new, kind, way, sentence, was)
    return msgspec.structs.replace(example, got=got)


def _weaker(before: list[Way], now: list[Way], verb: str) -> tuple[Way, Way, str] | None:
    """Compare the easiest way of each side."""
    if not before or not now:
        return None
    was, way = min(before, key=_strength), min(now, key=_strength)
    if _strength(way) >= _strength(was):
        return None
    return was, way, f"{verb} {_told(way)} and needed {_told(was)} before"


def _strength(way: Way) -> int:
    return len(way.stages)


def _told(way: Way) -> str:
    return _WORDS.get(len(way.stages), f"{len(way.stages)} stages")


def _ways(view: View, kind: Kind) -> Iterator[Way]:
    for door, question, decision in decided(view, kind, planned=True):
        if leads_on(decision):
            yield way_of(door, question, decision)


def _extensions(view: View, kind: Kind, ways: list[Way]) -> Iterator[Way]:
    """Give how access under each policy is extended by those who can have it (S-101, S-102)."""
    for policy in view.package.policies:
        if extends(policy) and any(way.policy == policy.id for way in ways):
            stages = extension_stages(view, kind, policy)
            if all(one.word == "staffed" for one in stages):
                approvers = tuple(one.plan.approvers for one in stages)
                yield Way(Door.EXTENSION, view.package.id, policy.id, "EXTENDED", approvers)


def extension_stages(view: View, kind: Kind, policy: CompiledPolicy) -> tuple[StaffedStage, ...]:
    """Resolve the stages of an extension, as operations do."""
    snapshot, asks = view.side.snapshot, policy.policy
    subject = subject_of(snapshot, kind.person, direct=False)
    if snapshot.risk is not None and word(snapshot.risk, subject) != "below":
        asks = with_stage(asks, snapshot.risk, extension=True)
    excluded = frozenset({kind.person.id})
    return tuple(
        staff_stage(stage, number, subject, excluded, snapshot.directory, snapshot.rules.approvers)
        for number, stage in enumerate(asks.stages if asks.approval_for_extension else (), start=1)
    )


def extends(policy: CompiledPolicy) -> bool:
    """Tell whether access under a policy can be extended, which it can if it ends (S-101)."""
    ends = policy.policy.expiration.kind is not ExpirationKind.NEVER
    return policy.policy.extension_allowed and (ends or policy.policy.custom_schedule)


def self_approval(_: View | None, new: View, kind: Kind) -> Example | None:
    """Give the example if somebody is among those who could decide their own request (S-71)."""
    for door, question, decision in decided(new, kind, planned=True):
        own = {kind.person.id, question.submitter or kind.person.id}
        if leads_on(decision) and door is not Door.AUTOMATIC:
            stage = _own_stage(decision.stages, own)
            if stage is not None:
                way = _with_alternates(way_of(door, question, decision), decision.stages)
                return _own(new, kind, way, stage)
    got = list(_ways(new, kind))
    for policy in new.package.policies:
        first = next((way for way in got if way.policy == policy.id), None)
        if first is None or not extends(policy):
            continue
        plans = tuple(one.plan for one in extension_stages(new, kind, policy))
        stage = _own_stage(plans, {kind.person.id})
        if stage is not None:
            people = tuple(one.approvers for one in plans)
            way = Way(Door.EXTENSION, new.package.id, policy.id, "EXTENDED", people)
            example = _own(new, kind, _with_alternates(way, plans), stage)
            return msgspec.structs.replace(example, got=first)
    return None


def _with_alternates(way: Way, stages: tuple[StagePlan, ...]) -> Way:
    alternates = tuple(stage.alternates for stage in stages)
    return msgspec.structs.replace(way, alternates=alternates)


def _own_stage(stages: tuple[StagePlan, ...], own: set[str]) -> StagePlan | None:
    return next((one for one in stages if own & {*one.approvers, *one.alternates}), None)


def _own(view: View, kind: Kind, way: Way, stage: StagePlan) -> Example:
    sentence = f"could decide stage {stage.number} of a request of their own"
    return _example(Property.NO_SELF_APPROVAL, view, kind, way, sentence)


def _example(
    of: Property, view: View, kind: Kind, way: Way, sentence: str, before: Way | None = None
) -> Example:
    return Example(
        property=of,
        package=view.package.id,
        person=kind.person,
        at=kind.at,
        holdings=kind.holdings,
        way=way,
        sentence=sentence,
        before=before,
    )
