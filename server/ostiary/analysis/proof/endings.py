"""No request without an answer, and no deadline without an end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import msgspec

from ostiary.analysis.proof.people import Kind
from ostiary.analysis.proof.possible import View
from ostiary.analysis.proof.report import Door, Example, Missing, Property, Way
from ostiary.analysis.proof.ways import decided, leads_on, way_of
from ostiary.decide.evaluate import evaluate
from ostiary.decide.model import CompiledPolicy
from ostiary.domain.actions import ActionKind
from ostiary.domain.decision import Decision, ScheduledAction
from ostiary.domain.people import PersonType
from ostiary.domain.policy import ExpirationKind
from ostiary.domain.reasons import Code
from ostiary.domain.request import EvaluationRequest, Schedule
from ostiary.domain.tenant import GuestCleanup

LATER = timedelta(days=1)
_CLEANS = {
    ActionKind.BLOCK_GUEST: (GuestCleanup.BLOCK, GuestCleanup.BLOCK_AND_DELETE),
    ActionKind.DELETE_GUEST: (GuestCleanup.DELETE, GuestCleanup.BLOCK_AND_DELETE),
}


def dead_end(_: View | None, new: View, kind: Kind) -> Example | None:
    """Give the example if somebody may ask and nobody could ever answer.

    Either a request is taken although a stage of it has nobody, or everything that the person may
    ask for is refused since a stage has nobody (S-72).
    """
    refused: Way | None = None
    answered = False
    for door, question, decision in decided(new, kind, planned=True):
        if leads_on(decision):
            answered = True
            empty = [one for one in decision.stages if not one.approvers and not one.alternates]
            if not empty or door is Door.AUTOMATIC:
                continue
            sentence = f"waits at stage {empty[0].number}, which nobody can decide"
            return _example(
                Property.NO_DEAD_END, new, kind, way_of(door, question, decision), sentence
            )
        if door is not Door.AUTOMATIC and decision.reasons[0].code is Code.NO_APPROVER:
            refused = refused or way_of(door, question, decision)
    if refused is None or answered:
        return None
    sentence = "may ask for it, but a stage has nobody who could decide"
    return _example(Property.NO_DEAD_END, new, kind, refused, sentence)


def endless(_: View | None, new: View, kind: Kind) -> Example | None:
    """Give the example if something begins to wait or to run for this kind and has no end."""
    for one in _with_governed(kind):
        for door, question, decision in decided(new, one, planned=True):
            found = _endless(new, one, door, question, decision)
            if found is not None:
                return found
    return None


def _with_governed(kind: Kind) -> Iterator[Kind]:
    """Give a guest also as one whose account Ostiary made, who is cleaned up (S-116)."""
    yield kind
    if kind.person.type is PersonType.GUEST:
        person = msgspec.structs.replace(kind.person, governed=True)
        yield Kind(person, kind.at, kind.holdings)


def _endless(
    view: View, kind: Kind, door: Door, question: EvaluationRequest, decision: Decision
) -> Example | None:
    if not leads_on(decision):
        return None
    policy = view.package.by_id[decision.selected or ""]
    wrong = next(_without_end(view, kind, policy, decision, door), None)
    if wrong is None and policy.policy.custom_schedule:
        later = msgspec.structs.replace(question, schedule=Schedule(start=kind.at + LATER))
        delayed = evaluate(view.side.snapshot, later)
        if leads_on(delayed) and all(
            one.kind is not ActionKind.START_DELIVERY for one in delayed.actions
        ):
            sentence = "asks for a later start, and nothing starts the delivery"
            wrong = Missing(ActionKind.START_DELIVERY, sentence, later=True)
    if wrong is None:
        return None
    way = way_of(door, question, decision)
    example = _example(Property.EVERY_DEADLINE_ENDS, view, kind, way, wrong.sentence)
    return msgspec.structs.replace(example, missing=wrong)


def _without_end(
    view: View, kind: Kind, policy: CompiledPolicy, decision: Decision, door: Door
) -> Iterator[Missing]:
    """Say what begins and is never said to end."""
    actions = decision.actions
    if door is not Door.AUTOMATIC:
        timed = {one.stage for one in actions if one.kind is ActionKind.TIME_OUT_STAGE}
        for stage in decision.stages:
            if stage.number not in timed or stage.time_out <= timedelta(0):
                sentence = f"waits at stage {stage.number} for ever: nothing times it out"
                yield Missing(ActionKind.TIME_OUT_STAGE, sentence, stage=stage.number)
    answered = _targets(actions, ActionKind.TIME_OUT_EXTENSION)
    for call in policy.policy.extensions:
        if call.wait is not None and call.extension not in answered:
            sentence = f"waits for the extension {call.extension} for ever: nothing times it out"
            yield Missing(ActionKind.TIME_OUT_EXTENSION, sentence, target=call.extension)
    yield from _of_assignment(view, kind, policy, actions)


def _of_assignment(
    view: View, kind: Kind, policy: CompiledPolicy, actions: tuple[ScheduledAction, ...]
) -> Iterator[Missing]:
    kinds = {action.kind for action in actions}
    if policy.policy.expiration.kind is not ExpirationKind.NEVER:
        if ActionKind.EXPIRE_ASSIGNMENT not in kinds:
            sentence = "holds it beyond its end: nothing ends the assignment"
            yield Missing(ActionKind.EXPIRE_ASSIGNMENT, sentence)
        revoked = _targets(actions, ActionKind.REVOKE)
        for entry in view.package.traits.entries:
            if entry not in revoked:
                sentence = f"keeps {entry} beyond the end: nothing revokes it"
                yield Missing(ActionKind.REVOKE, sentence, target=entry)
        yield from _of_guest(view, kind, kinds)
    if ActionKind.OPEN_REVIEW in kinds and ActionKind.CLOSE_REVIEW not in kinds:
        yield Missing(ActionKind.CLOSE_REVIEW, "is under review for ever: nothing closes it")
    if policy.policy.revoke_when_out_of_scope and ActionKind.REMOVE_OUT_OF_SCOPE not in kinds:
        yield Missing(ActionKind.REMOVE_OUT_OF_SCOPE, "keeps it out of scope: nothing removes it")


def _of_guest(view: View, kind: Kind, kinds: set[ActionKind]) -> Iterator[Missing]:
    """Say where a guest of ours stays, though the tenant has guests blocked or deleted (S-116)."""
    if not kind.person.governed and kind.person.type is not PersonType.EXTERNAL:
        return
    cleanup = view.side.tenant.settings.guest_cleanup
    for action, cleanups in _CLEANS.items():
        if cleanup in cleanups and action not in kinds:
            yield Missing(action, f"keeps a guest account: there is no {action.value}")


def _targets(actions: tuple[ScheduledAction, ...], kind: ActionKind) -> set[str]:
    return {action.target for action in actions if action.kind is kind}


def _example(of: Property, view: View, kind: Kind, way: Way, sentence: str) -> Example:
    return Example(
        property=of,
        package=view.package.id,
        person=kind.person,
        at=kind.at,
        holdings=kind.holdings,
        way=way,
        sentence=sentence,
    )
