"""Approval that is not weakened, and that nobody gives to themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from ostiary.analysis.proof.holding import with_groups
from ostiary.analysis.proof.people import Kind
from ostiary.analysis.proof.possible import View
from ostiary.analysis.proof.report import Door, Example, Property, Way
from ostiary.analysis.proof.ways import decided, direct_questions, leads_on, way_of
from ostiary.decide.approvers import staff_stage
from ostiary.decide.evaluate import check, subject_of
from ostiary.decide.model import CompiledPolicy
from ostiary.decide.risk import with_stage, word
from ostiary.domain.decision import StagePlan
from ostiary.domain.people import PersonType
from ostiary.domain.policy import ExpirationKind
from ostiary.domain.reasons import Code

_WORDS = {0: "no approval", 1: "one stage"}


def weaker_approval(old: View | None, new: View, kind: Kind) -> Example | None:
    """Give the example if this kind of person needs fewer approvals than before.

    Whoever could not have the package before is not compared: that is new access.
    """
    if old is None:
        return None
    before, now = list(_ways(old, kind)), list(_ways(new, kind))
    found = _weaker(before, now, "gets it with")
    got = None
    if found is None:
        # Where nothing was extended, whoever wanted to go on had to ask anew.
        extensions = list(_extensions(old, kind)) or before
        found = _weaker(extensions, list(_extensions(new, kind)), "extends it with")
        policy = None if found is None else found[1].policy
        got = next((way for each, way in extendable(new, kind) if each.id == policy), None)
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


def _had(view: View, kind: Kind) -> Iterator[Way]:
    """Give every way to have the package, those included that only staff can open."""
    for door, question, decision in decided(view, kind, planned=True, direct=True):
        if leads_on(decision):
            yield way_of(door, question, decision)


def _extensions(view: View, kind: Kind) -> Iterator[Way]:
    """Give how access under each policy is extended by those who can have it (S-101, S-102)."""
    for policy, _ in extendable(view, kind):
        extension = extended(view, kind, policy)
        if extension.word == "staffed":
            yield extension.way(view, policy, "EXTENDED")


def extendable(view: View, kind: Kind) -> Iterator[tuple[CompiledPolicy, Way]]:
    """Give each policy under which this kind can extend what they came to, and how they came to it.

    Whoever was invited is a guest by then, which is another kind (S-115).
    """
    policies = [one for one in view.package.policies if one.policy.extension_allowed]
    if not policies or kind.person.type is PersonType.EXTERNAL:
        return
    by_policy: dict[str | None, list[Way]] = {}
    for way in _had(view, kind):
        by_policy.setdefault(way.policy, []).append(way)
    for policy in policies:
        got = next((way for way in by_policy.get(policy.id, ()) if _can_extend(policy, way)), None)
        if got is not None and _is_asked(view, kind, policy):
            yield policy, got


def _can_extend(policy: CompiledPolicy, got: Way) -> bool:
    """Tell whether access is extended, which it can be if it ends (S-101)."""
    terms = policy.policy
    if terms.expiration.kind is not ExpirationKind.NEVER:
        return True
    # Whoever asks can name an end, and so can staff.
    return terms.custom_schedule and got.door is not Door.AUTOMATIC


def _is_asked(view: View, kind: Kind, policy: CompiledPolicy) -> bool:
    """Tell whether an extension comes as far as its stages.

    A package may give a group that it excludes: whoever holds it is refused from then on (S-117).
    """
    person = with_groups(kind.person, frozenset({view.package.id}), (view,))
    if person is kind.person:
        return True
    holder = Kind(person, kind.at, kind.holdings)
    question = next(one for _, one in direct_questions(view, holder) if one.policy == policy.id)
    decision = check(view.side.snapshot, question)
    return leads_on(decision) or decision.reasons[0].code is Code.NO_APPROVER


class Extension(NamedTuple):
    """Who decides an extension; `word`: whether every stage is staffed, or one has nobody."""

    plans: tuple[StagePlan, ...]
    word: str  # staffed, nobody or unknown

    def way(self, view: View, policy: CompiledPolicy, outcome: str) -> Way:
        """Give the extension in the form of reports."""
        approvers = tuple(one.approvers for one in self.plans)
        return Way(Door.EXTENSION, view.package.id, policy.id, outcome, approvers)


def extended(view: View, kind: Kind, policy: CompiledPolicy) -> Extension:
    """Resolve the stages of an extension, as operations do."""
    snapshot, asks = view.side.snapshot, policy.policy
    subject = subject_of(snapshot, kind.person, direct=False)
    if snapshot.risk is not None and word(snapshot.risk, subject) != "below":
        asks = with_stage(asks, snapshot.risk, extension=True)
    if not asks.approval_for_extension:
        return Extension((), "staffed")
    excluded = frozenset({kind.person.id})
    stages = [
        staff_stage(stage, number, subject, excluded, snapshot.directory, snapshot.rules.approvers)
        for number, stage in enumerate(asks.stages, start=1)
    ]
    words = {one.word for one in stages} or {"nobody"}  # required, and there is no stage
    found = next((one for one in ("nobody", "unknown") if one in words), "staffed")
    return Extension(tuple(one.plan for one in stages), found)


def self_approval(_: View | None, new: View, kind: Kind) -> Example | None:
    """Give the example if somebody is among those who could decide their own request (S-71)."""
    for door, question, decision in decided(new, kind, planned=True):
        own = {kind.person.id, question.submitter or kind.person.id}
        if leads_on(decision) and door is not Door.AUTOMATIC:
            stage = _own_stage(decision.stages, own)
            if stage is not None:
                way = _with_alternates(way_of(door, question, decision), decision.stages)
                return _own(new, kind, way, stage)
    for policy, got in extendable(new, kind):
        extension = extended(new, kind, policy)
        stage = _own_stage(extension.plans, {kind.person.id})
        if stage is not None and extension.word == "staffed":  # else it is refused
            way = extension.way(new, policy, "EXTENDED")
            example = _own(new, kind, _with_alternates(way, extension.plans), stage)
            return msgspec.structs.replace(example, got=got)
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
