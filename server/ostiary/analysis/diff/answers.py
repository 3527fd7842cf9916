"""What one side answers one person about one package, as far as a change of it matters to people.

The answers come from `evaluate()` itself: where the person has a choice, each policy is asked for
by name, so that nothing of what can follow is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TypeAlias

import msgspec

from ostiary.analysis.diff.newcomers import Newcomer
from ostiary.analysis.diff.people import People
from ostiary.analysis.diff.report import (
    MANAGER,
    OWN,
    SECOND_MANAGER,
    Ending,
    Facet,
    Happening,
    Refusal,
    Requirements,
    Reviews,
    StagePeople,
    StageTimes,
    Standing,
)
from ostiary.decide import risk
from ostiary.decide.approvers import related_ids
from ostiary.decide.evaluate import evaluate, subject_of
from ostiary.decide.model import ApproverList, CompiledPolicy, CompiledStage, Snapshot
from ostiary.decide.subject import Subject
from ostiary.domain.actions import ActionKind, Anchor
from ostiary.domain.catalog import Catalog
from ostiary.domain.decision import Decision, Outcome, ScheduledAction, StagePlan
from ostiary.domain.policy import Approver, ApproverKind, AssignmentPolicy, Question
from ostiary.domain.reasons import Code, Severity
from ostiary.domain.request import EvaluationRequest

_ALIVE = frozenset({Outcome.GRANT, Outcome.NEEDS_APPROVAL})
_MAY = _ALIVE | {Outcome.NEEDS_CHOICE}
ZERO = timedelta(0)


class Offer(msgspec.Struct, frozen=True):
    """What follows if the person asks under one policy."""

    policy: str
    alive: bool  # it can be asked for; otherwise only `dead` says anything
    dead: tuple[int, ...] = ()  # stages that nobody can decide
    people: tuple[StagePeople, ...] = ()  # real ids
    approvers: tuple[StagePeople, ...] = ()  # the same with marks
    times: tuple[StageTimes, ...] = ()
    ending: Ending = Ending()
    reviews: Reviews | None = None
    actions: tuple[Happening, ...] = ()
    requirements: Requirements | None = None


class Answer(msgspec.Struct, frozen=True):
    """What one side says about one person and one package."""

    may: bool
    visible: bool
    standing: Standing
    selected: str | None
    offers: tuple[Offer, ...]
    there: bool  # the person and the package exist on this side


def absent(outcome: str) -> Answer:
    """Give the answer where the package or the person is not there."""
    return Answer(
        may=False,
        visible=False,
        standing=Standing(outcome),
        selected=None,
        offers=(),
        there=False,
    )


NO_PACKAGE, NO_PERSON = absent("NO_PACKAGE"), absent("NO_PERSON")


_Schedule: TypeAlias = tuple[tuple[StageTimes, ...], Ending, Reviews | None, tuple[Happening, ...]]


class Asking:
    """Asks one side, and counts how often it decided."""

    def __init__(self, snapshot: Snapshot, people: People, at: datetime) -> None:
        self.snapshot = snapshot
        self.people = people
        self.at = at
        self.evaluations = 0
        self._schedules: dict[tuple[object, ...], _Schedule] = {}
        self._resources: dict[int, Mapping[str, str]] = {}

    def answer(self, user_id: str, package_id: str) -> Answer:
        """Give what this side says about one person and one package."""
        if package_id not in self.snapshot.packages:
            return NO_PACKAGE
        requestor = self.people.requestor(user_id)
        if requestor is None:
            return NO_PERSON
        decision = self._decide(requestor, package_id, None)
        may = decision.outcome in _MAY
        standing = Standing(
            decision.outcome.value,
            decision.offered,
            () if may else tuple(_refusals(decision)),
        )
        offers = tuple(self._offers(requestor, package_id, decision))
        return Answer(may, decision.visible, standing, decision.selected, offers, there=True)

    def _decide(self, requestor: str | Newcomer, package_id: str, policy: str | None) -> Decision:
        self.evaluations += 1
        request = EvaluationRequest(
            package=package_id, requestor=requestor, at=self.at, policy=policy
        )
        return evaluate(self.snapshot, request)

    def _offers(
        self, requestor: str | Newcomer, package_id: str, decision: Decision
    ) -> Iterator[Offer]:
        if decision.selected is not None:
            yield self._offer(requestor, package_id, decision.selected, decision)
        elif decision.outcome is Outcome.NEEDS_CHOICE:
            for policy in decision.offered:
                named = self._decide(requestor, package_id, policy)
                yield self._offer(requestor, package_id, policy, named)

    def _offer(
        self, requestor: str | Newcomer, package_id: str, policy: str, decision: Decision
    ) -> Offer:
        dead = tuple(sorted(_dead_stages(decision)))
        if decision.outcome not in _ALIVE:
            return Offer(policy, alive=False, dead=dead)
        compiled = self.snapshot.packages[package_id].by_id[policy]
        subject = subject_of(self.snapshot, requestor, direct=False)
        marking = _Marking(self.snapshot, subject)
        stages = self._stages(compiled, subject)
        times, ending, reviews, happenings = self._schedule(package_id, compiled, decision)
        return Offer(
            policy,
            alive=True,
            dead=dead,
            people=tuple(StagePeople(one.approvers, one.alternates) for one in decision.stages),
            approvers=tuple(
                marking.marked(plan, stage)
                for plan, stage in zip(decision.stages, stages, strict=True)
            ),
            times=times,
            ending=ending,
            reviews=reviews,
            actions=happenings,
            requirements=_requirements(compiled),
        )

    def _schedule(self, package_id: str, compiled: CompiledPolicy, decision: Decision) -> _Schedule:
        """Give what is scheduled; the same for all whom the rules plan alike under a policy."""
        escalations = tuple(plan.escalate_after for plan in decision.stages)
        key = (package_id, compiled.id, decision.steps[-1].row.cell, escalations)
        known = self._schedules.get(key)
        if known is None:
            actions = decision.actions
            known = self._schedules[key] = (
                tuple(_times(plan, actions) for plan in decision.stages),
                _ending(compiled.policy, actions),
                _reviews(compiled.policy, actions),
                _happenings(actions, self._targets(package_id)),
            )
        return known

    def _targets(self, package_id: str) -> Mapping[str, str]:
        """Give by entry what the resources of a package stand for (S-14)."""
        compiled = self.snapshot.packages[package_id]
        key = id(compiled.catalog)  # it lives as long as the snapshot does
        known = self._resources.get(key)
        if known is None:
            known = self._resources[key] = _resources(compiled.catalog)
        return {
            f"{entry.resource}/{entry.role}": known.get(entry.resource, "")
            for entry in compiled.package.entries
        }

    def _stages(self, compiled: CompiledPolicy, subject: Subject) -> tuple[CompiledStage, ...]:
        """Give the stages that a request goes through, that for people at risk first (S-81)."""
        approval = compiled.traits.approval
        stages = () if approval is None else approval.stages
        guard = self.snapshot.risk
        if guard is not None and risk.word(guard, subject) != "below":
            return (guard.stage, *stages)
        return stages


def _refusals(decision: Decision) -> Iterator[Refusal]:
    for one in decision.reasons:
        if one.severity is Severity.ERROR:
            yield Refusal(one.code.value, one.policy or "", one.parameters)


def _dead_stages(decision: Decision) -> Iterator[int]:
    for reason in decision.reasons:
        if reason.code is Code.NO_APPROVER:
            yield from (int(value) for name, value in reason.parameters if name == "stage")
    for plan in decision.stages:
        if not plan.approvers and not plan.alternates:
            yield plan.number


class _Marking:
    """Puts marks in the place of people who are others for each requestor."""

    def __init__(self, snapshot: Snapshot, subject: Subject) -> None:
        self.directory = snapshot.directory
        self.subject = subject

    def marked(self, plan: StagePlan, stage: CompiledStage) -> StagePeople:
        deciders = (stage.primary, stage.fallback)
        alternates = (stage.alternates, stage.alternate_fallback)
        return StagePeople(
            self._marked(plan.approvers, deciders[plan.origin.value == "fallback"]),
            self._marked(plan.alternates, alternates[plan.alternates_origin.value == "fallback"]),
        )

    def _marked(self, people: tuple[str, ...], chosen: ApproverList) -> tuple[str, ...]:
        if not people:
            return ()
        known = set(chosen.usable_set)
        marks: dict[str, str] = {}
        for relation in chosen.relations:
            ids = related_ids(relation, self.subject, self.directory)
            if isinstance(ids, str):
                continue
            if relation.kind is ApproverKind.MANAGER:
                mark = MANAGER if relation.level == 1 else SECOND_MANAGER
                marks.update((one, mark) for one in ids if marks.get(one) != MANAGER)
            else:
                known.update(ids)
        own = self.subject.id
        found = {one if one in known else marks.get(one, one) for one in people}
        if own in known:
            found |= {own, OWN}
        return tuple(sorted(found))


def _times(plan: StagePlan, actions: tuple[ScheduledAction, ...]) -> StageTimes:
    """Give when a stage lapses and escalates, as the rules schedule it."""
    lapses = escalates = None
    for action in actions:
        if action.stage == plan.number and action.anchor is Anchor.STAGE_OPENED:
            if action.kind is ActionKind.TIME_OUT_STAGE:
                lapses = action.offset
            elif action.kind is ActionKind.ESCALATE_STAGE:
                escalates = action.offset
    return StageTimes(lapses, escalates)


def _ending(policy: AssignmentPolicy, actions: tuple[ScheduledAction, ...]) -> Ending:
    extension = "no"
    if policy.extension_allowed:
        extension = "approved" if policy.approval_for_extension else "yes"
    for action in actions:
        if action.kind is ActionKind.EXPIRE_ASSIGNMENT:
            if action.anchor is Anchor.ASSIGNMENT_END:
                return Ending(at=action.at, extension=extension)
            return Ending(after=action.offset, extension=extension)
    return Ending(extension=extension)


_OF_REVIEWS = (ActionKind.OPEN_REVIEW, ActionKind.REMIND_REVIEWERS, ActionKind.CLOSE_REVIEW)


def _reviews(policy: AssignmentPolicy, actions: tuple[ScheduledAction, ...]) -> Reviews | None:
    stated = policy.reviews
    kinds = {action.kind for action in actions}
    scheduled = tuple(kind.value for kind in _OF_REVIEWS if kind in kinds)
    if stated is None or not scheduled:
        return None
    named = tuple(map(_spelled, stated.specific))
    return Reviews(
        start=stated.start,
        recurrence=stated.recurrence,
        window=stated.window,
        reviewers=named or (stated.reviewers.value,),
        fallback=tuple(map(_spelled, stated.fallback)),
        no_response=stated.no_response.value,
        scheduled=scheduled,
    )


def _spelled(approver: Approver) -> str:
    if approver.id is not None:
        return f"{approver.kind.value}:{approver.id}"
    return (
        f"manager:{approver.level}"
        if approver.kind is ApproverKind.MANAGER
        else approver.kind.value
    )


_TOLD_ELSEWHERE = frozenset(
    {
        ActionKind.OPEN_STAGE,
        ActionKind.ESCALATE_STAGE,
        ActionKind.TIME_OUT_STAGE,
        ActionKind.EXPIRE_ASSIGNMENT,
        *_OF_REVIEWS,
    }
)
_AT_END = frozenset(
    {ActionKind.REVOKE, ActionKind.REMIND_EXPIRY, ActionKind.BLOCK_GUEST, ActionKind.DELETE_GUEST}
)
_STARTS = frozenset({Anchor.APPROVED, Anchor.ASSIGNMENT_START})
_OF_ENTRIES = frozenset({ActionKind.GRANT, ActionKind.REVOKE})


def _resources(catalog: Catalog) -> Mapping[str, str]:
    return {one.id: f"{one.kind.value.replace('_', ' ')} {one.target}" for one in catalog.resources}


def _happenings(
    actions: tuple[ScheduledAction, ...], targets: Mapping[str, str]
) -> tuple[Happening, ...]:
    """Give what follows, told from start and end of access, so that it moves with neither."""
    ends = next((one for one in actions if one.kind is ActionKind.EXPIRE_ASSIGNMENT), None)
    found = [
        Happening(
            one.kind,
            one.target,
            *_when(one, ends),
            targets.get(one.target, "") if one.kind in _OF_ENTRIES else "",
        )
        for one in actions
        if one.kind not in _TOLD_ELSEWHERE
    ]
    return tuple(
        sorted(found, key=lambda one: (one.anchor, one.offset, one.kind.value, one.target))
    )


def _when(action: ScheduledAction, ends: ScheduledAction | None) -> tuple[str, timedelta]:
    before_end = action.kind is ActionKind.CALL_EXTENSION and action.offset != ZERO
    if ends is not None and action.anchor is ends.anchor and (action.kind in _AT_END or before_end):
        return "end", action.offset - ends.offset
    if action.anchor is Anchor.ASSIGNMENT_END:
        return "end", action.offset
    if action.anchor in _STARTS:
        return "start", action.offset
    return action.anchor.value, action.offset


def _requirements(compiled: CompiledPolicy) -> Requirements:
    policy = compiled.policy
    return Requirements(
        justification=policy.justification_required,
        questions=tuple((one.id, one.text, _wanted(one)) for one in compiled.questions),
        own_schedule=policy.custom_schedule,
    )


def _wanted(question: Question) -> str:
    """Give what an answer must be, in words that differ where the demands do."""
    parts = ["required" if question.required else "optional"]
    if question.choices:
        several = "some of" if question.multiple else "one of"
        parts.append(f"{several} {', '.join(question.choices)}")
    elif question.kind.value == "choice":
        parts.append("some of none" if question.multiple else "one of none")
    if question.pattern is not None:
        parts.append(f"like {question.pattern}")
    return ", ".join(parts)


def facet(offer: Offer, name: str) -> Facet:
    """Give one respect of an offer by its name."""
    found: Facet = getattr(offer, name)
    return found
