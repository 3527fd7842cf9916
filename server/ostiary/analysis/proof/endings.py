"""No request without an answer, and no deadline without an end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from ostiary.analysis.proof.approval import extendable, extended
from ostiary.analysis.proof.people import Kind
from ostiary.analysis.proof.possible import View
from ostiary.analysis.proof.report import Door, Example, Missing, Property, Way
from ostiary.analysis.proof.ways import UndecidedError, decided, leads_on, way_of
from ostiary.decide.calendar import next_instance
from ostiary.decide.evaluate import evaluate
from ostiary.decide.model import CompiledPolicy
from ostiary.domain.actions import ActionKind
from ostiary.domain.decision import Decision, Outcome, ScheduledAction
from ostiary.domain.people import PersonType
from ostiary.domain.policy import ExpirationKind
from ostiary.domain.reasons import Code
from ostiary.domain.request import EvaluationRequest, Schedule
from ostiary.domain.tenant import GuestCleanup

LATER = timedelta(days=1)
_BEFORE = timedelta(seconds=1)
_CLEANS = {
    ActionKind.BLOCK_GUEST: (GuestCleanup.BLOCK, GuestCleanup.BLOCK_AND_DELETE),
    ActionKind.DELETE_GUEST: (GuestCleanup.DELETE, GuestCleanup.BLOCK_AND_DELETE),
}


def dead_end(_: View | None, new: View, kind: Kind) -> Example | None:
    """Give the example if somebody may ask and nobody could ever answer.

    Either a request is taken although a stage of it has nobody, or everything that the person may
    ask for is refused since a stage has nobody (S-72), or what they came to they may ask to extend,
    and nobody could decide that (S-102). Raises UndecidedError if the rules do not say.
    """
    refused: Way | None = None
    undecided: Decision | None = None
    led_on = False
    for door, question, decision in decided(new, kind, planned=True):
        way = way_of(door, question, decision)
        if leads_on(decision):
            led_on = True
            empty = [one for one in decision.stages if not one.approvers and not one.alternates]
            if empty and door is not Door.AUTOMATIC:
                sentence = f"waits at stage {empty[0].number}, which nobody can decide"
                return _example(Property.NO_DEAD_END, new, kind, way, sentence)
        elif door is not Door.AUTOMATIC and decision.reasons[0].code is Code.NO_APPROVER:
            refused = refused or way
        elif decision.outcome is Outcome.INDETERMINATE:
            undecided = undecided or decision
    if refused is not None and not led_on:
        sentence = "may ask for it, but a stage has nobody who could decide"
        return _example(Property.NO_DEAD_END, new, kind, refused, sentence)
    unextended = _unextended(new, kind)
    if unextended is None and undecided is not None and not led_on:
        fact = dict(undecided.reasons[0].parameters).get("fact", "something")
        text = f"the rules leave it open whether {kind.person.id} may ask: {fact} is not known"
        raise UndecidedError(text)
    return unextended


def _unextended(view: View, kind: Kind) -> Example | None:
    """Give the example if somebody may ask to extend what they came to, and nobody could decide."""
    for policy, got in extendable(view, kind):
        extension = extended(view, kind, policy)
        if extension.word == "nobody":
            way = extension.way(view, policy, "DENY")
            sentence = "may ask to extend it, but a stage has nobody who could decide"
            example = _example(Property.NO_DEAD_END, view, kind, way, sentence)
            return msgspec.structs.replace(example, got=got)
        if extension.word == "unknown":
            text = f"the rules leave it open who decides what {kind.person.id} asks to extend"
            raise UndecidedError(text)
    return None


def endless(_: View | None, new: View, kind: Kind) -> Example | None:
    """Give the example if something begins to wait or to run for this kind and has no end.

    What staff assign begins to run, too.
    """
    for one in _sooner_or_later(new, kind):
        for door, question, decision in decided(new, one, planned=True, direct=True):
            found = _endless(new, one, door, question, decision)
            if found is not None:
                return found
    return None


def _sooner_or_later(view: View, kind: Kind) -> Iterator[Kind]:
    """Give the kind, a guest also as one of ours, and each also right before the next review.

    Who is of ours is cleaned up (S-116); what ends before the next review is under none (S-119).
    """
    people = [kind.person]
    if kind.person.type is PersonType.GUEST:
        people.append(msgspec.structs.replace(kind.person, governed=True))
    reviews = (policy.policy.reviews for policy in view.package.policies)
    opens = {
        next_instance(one.start, one.recurrence, kind.at) for one in reviews if one is not None
    }
    for person in people:
        yield kind if person is kind.person else Kind(person, kind.at, kind.holdings)
        for at in sorted(instant - _BEFORE for instant in opens if instant - _BEFORE > kind.at):
            yield Kind(person, at, kind.holdings)


def _endless(
    view: View, kind: Kind, door: Door, question: EvaluationRequest, decision: Decision
) -> Example | None:
    if not leads_on(decision):
        return None
    policy = view.package.by_id[decision.selected or ""]
    for schedule in (None,) if door is Door.AUTOMATIC else _schedules(policy, kind.at):
        said = decision
        if schedule is not None:
            asked = msgspec.structs.replace(question, schedule=schedule)
            said = evaluate(view.side.snapshot, asked)
        if not leads_on(said):
            continue
        wrong = next(_without_end(view, kind, policy, said, door, schedule), None)
        if wrong is not None:
            way = way_of(door, question, said)
            example = _example(Property.EVERY_DEADLINE_ENDS, view, kind, way, wrong.sentence)
            missing = msgspec.structs.replace(wrong, schedule=schedule)
            return msgspec.structs.replace(example, missing=missing)
    return None


def _schedules(policy: CompiledPolicy, at: datetime) -> Iterator[Schedule | None]:
    """Give what can be asked for of a start and an end that changes what follows (S-58, S-59)."""
    yield None
    if policy.policy.custom_schedule:
        yield Schedule(start=at + LATER)
        if policy.policy.expiration.kind is ExpirationKind.NEVER:
            yield Schedule(end=at + 2 * LATER)
            yield Schedule(start=at + LATER, end=at + 2 * LATER)


def _without_end(
    view: View,
    kind: Kind,
    policy: CompiledPolicy,
    decision: Decision,
    door: Door,
    schedule: Schedule | None,
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
    starts_later = schedule is not None and schedule.start is not None
    if starts_later and all(one.kind is not ActionKind.START_DELIVERY for one in actions):
        sentence = "asks for a later start, and nothing starts the delivery"
        yield Missing(ActionKind.START_DELIVERY, sentence)
    ends = policy.policy.expiration.kind is not ExpirationKind.NEVER
    if ends or (schedule is not None and schedule.end is not None):
        yield from _at_the_end(view, kind, actions)
    yield from _while_it_lasts(policy, actions)


def _at_the_end(view: View, kind: Kind, actions: tuple[ScheduledAction, ...]) -> Iterator[Missing]:
    kinds = {action.kind for action in actions}
    if ActionKind.EXPIRE_ASSIGNMENT not in kinds:
        sentence = "holds it beyond its end: nothing ends the assignment"
        yield Missing(ActionKind.EXPIRE_ASSIGNMENT, sentence)
    revoked = _targets(actions, ActionKind.REVOKE)
    for entry in view.package.traits.entries:
        if entry not in revoked:
            sentence = f"keeps {entry} beyond the end: nothing revokes it"
            yield Missing(ActionKind.REVOKE, sentence, target=entry)
    yield from _of_guest(view, kind, kinds)


def _while_it_lasts(
    policy: CompiledPolicy, actions: tuple[ScheduledAction, ...]
) -> Iterator[Missing]:
    kinds = {action.kind for action in actions}
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
