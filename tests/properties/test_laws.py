"""Laws that hold in every world, whatever the tenant: asked of the real thing alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostiary.decide.evaluate import evaluate
from ostiary.domain.decision import Decision, Outcome
from ostiary.domain.errors import OstiaryError
from ostiary.domain.people import UNKNOWN, AccountState, PersonType
from ostiary.domain.policy import Approver, ApproverKind
from ostiary.domain.reasons import Code
from ostiary.domain.request import EvaluationRequest, InlinePerson, Mode
from ostiary.domain.tenant import Tenant
from tests.properties.changes import (
    backwards,
    described,
    reordered,
    shuffler,
    with_packages,
    with_standby,
    with_state,
)
from tests.properties.dice import Dice
from tests.properties.printing import as_python
from tests.properties.ruling import snapshot
from tests.properties.worlds import LARGEST, World, busy_worlds, worlds_of

YES = frozenset({Outcome.GRANT, Outcome.NEEDS_APPROVAL, Outcome.NEEDS_CHOICE})
FACTS = ("type", "state", "groups", "manager", "sponsors", "home", "attributes")
replace = msgspec.structs.replace
in_every_world = settings(max_examples=250)
seeds = st.integers(0, 2**32)
sizes = st.integers(2, LARGEST)


@dataclass(frozen=True)
class Answered:
    """A world with what the real thing answers in it."""

    world: World
    decision: Decision

    @property
    def own(self) -> set[str | None]:
        return {self.decision.subject, self.world.request.submitter}

    def told(self) -> str:
        return f"{as_python(self.world.tenant)}\n{as_python(self.world.request)}"


def decision_of(tenant: Tenant, request: EvaluationRequest) -> Decision | None:
    """The decision; none where the request names what does not exist."""
    try:
        return evaluate(snapshot(tenant), request)
    except OstiaryError:
        return None


def answers(seed: int, size: int) -> Iterator[Answered]:
    """The answers to the requests about one tenant."""
    for world in worlds_of(seed, size):
        decision = decision_of(world.tenant, world.request)
        if decision is not None:
            yield Answered(world, decision)


def widens(before: Decision, after: Decision | None) -> bool:
    """Whether a change turned a no into a yes, in the outcome or in what is shown."""
    return after is not None and (
        (after.outcome in YES and before.outcome not in YES)
        or (after.eligible and not before.eligible)
        or (after.visible and not before.visible)
    )


@in_every_world
@given(seed=seeds, size=sizes)
def test_nobody_approves_their_own_request(seed: int, size: int) -> None:
    """S-71 and S-72: neither as approver nor as fallback, alternate, sponsor or group member."""
    for each in answers(seed, size):
        enabled = {u.id for u in each.world.tenant.users if u.state is AccountState.ENABLED}
        for stage in each.decision.stages:
            people = set(stage.approvers) | set(stage.alternates)
            assert stage.approvers, each.told()
            assert people <= enabled - each.own, each.told()


@in_every_world
@given(seed=seeds, size=sizes)
def test_only_a_yes_has_a_plan(seed: int, size: int) -> None:
    """S-45 and S-47: nothing follows a no, and every yes has a reason without error."""
    for each in answers(seed, size):
        decision = each.decision
        planned = decision.outcome in {Outcome.GRANT, Outcome.NEEDS_APPROVAL}
        assert planned or not (decision.stages or decision.actions), each.told()
        assert bool(decision.stages) == (decision.outcome is Outcome.NEEDS_APPROVAL), each.told()
        errors = [reason for reason in decision.reasons if reason.severity.value == "error"]
        assert bool(errors) == (decision.outcome not in YES), each.told()
        assert decision.outcome not in YES or decision.eligible, each.told()


@in_every_world
@given(seed=seeds, size=sizes)
def test_a_person_described_is_answered_like_the_same_person_looked_up(
    seed: int, size: int
) -> None:
    """S-46: every way of asking agrees."""
    for each in answers(seed, size):
        asked = each.world.request
        if isinstance(asked.requestor, str):
            person = described(each.world.tenant, asked.requestor)
            again = decision_of(each.world.tenant, replace(asked, requestor=person))
            assert again == each.decision, each.told()


@pytest.mark.parametrize("fact", FACTS)
@settings(max_examples=120)
@given(seed=seeds, size=sizes)
def test_forgetting_a_fact_never_turns_a_no_into_a_yes(fact: str, seed: int, size: int) -> None:
    """S-47: nothing unknown is ever a yes that the fact itself would not give (FACT_MISSING)."""
    for each in answers(seed, size):
        asked = each.world.request
        person = asked.requestor
        if isinstance(person, str):
            person = described(each.world.tenant, person)
        forgotten = replace(person, **{fact: UNKNOWN})
        after = decision_of(each.world.tenant, replace(asked, requestor=forgotten))
        assert not widens(each.decision, after), each.told()


@in_every_world
@given(seed=seeds, size=sizes)
def test_blocking_a_user_never_gives_more(seed: int, size: int) -> None:
    """S-35 and S-72: fewer people can ask and fewer can decide, never more."""
    for each in answers(seed, size):
        tenant = each.world.tenant
        blocked = Dice(seed, size).pick(tenant.users).id
        after = decision_of(with_state(tenant, blocked, AccountState.BLOCKED), each.world.request)
        assert not widens(each.decision, after), (blocked, each.told())
        if blocked == each.decision.subject and isinstance(each.world.request.requestor, str):
            assert after is not None
            assert after.outcome not in YES


@in_every_world
@given(seed=seeds, size=sizes)
def test_a_further_fallback_never_turns_a_yes_into_a_no(seed: int, size: int) -> None:
    """S-67: it stands in where nobody was found, and stays out where anybody was."""
    for each in answers(seed, size):
        standby = Approver(ApproverKind.USER, each.world.tenant.users[-1].id)
        after = decision_of(with_standby(each.world.tenant, standby), each.world.request)
        assert after is not None
        assert not (each.decision.outcome in YES and after.outcome not in YES), each.told()
        for stage, later in zip(each.decision.stages, after.stages, strict=False):
            assert set(stage.approvers) <= set(later.approvers), each.told()


@in_every_world
@given(seed=seeds, size=sizes)
def test_the_order_of_definitions_never_shows(seed: int, size: int) -> None:
    """S-46: users, groups, organizations, catalogs and packages in any order, built anew."""
    for each in answers(seed, size):
        for order in (backwards, shuffler(seed)):
            again = decision_of(reordered(each.world.tenant, order), each.world.request)
            assert again == each.decision, each.told()


@settings(max_examples=30)
@given(seed=seeds, size=sizes)
def test_what_was_answered_before_never_shows(seed: int, size: int) -> None:
    """S-46: a snapshot that has answered others gives byte for byte what a new one gives."""
    busy = None
    for world in busy_worlds(seed, size, 40):
        busy = busy or snapshot(world.tenant)
        try:
            decision = evaluate(busy, world.request)
        except OstiaryError:
            continue
        assert decision == decision_of(world.tenant, world.request), as_python(world.request)


@in_every_world
@given(seed=seeds, size=sizes)
def test_a_submission_is_never_answered_better_than_a_query(seed: int, size: int) -> None:
    """S-53 and S-56: exploring forgives what is missing, submitting does not."""
    for each in answers(seed, size):
        asked = each.world.request
        query = decision_of(each.world.tenant, replace(asked, mode=Mode.QUERY))
        submission = decision_of(each.world.tenant, replace(asked, mode=Mode.SUBMISSION))
        assert query is not None
        assert not widens(query, submission), each.told()
        assert submission is not None
        assert submission.outcome is not Outcome.NEEDS_CHOICE, each.told()


@in_every_world
@given(seed=seeds, size=sizes)
def test_hiding_a_package_changes_nothing_but_that_it_is_seen(seed: int, size: int) -> None:
    """S-49: it can still be requested by its id."""
    for each in answers(seed, size):
        hidden = with_packages(each.world.tenant, lambda old: replace(old, hidden=True))
        after = decision_of(hidden, each.world.request)
        assert after == replace(each.decision, visible=False, steps=after.steps if after else ())


@in_every_world
@given(seed=seeds, size=sizes)
def test_holding_a_package_never_hides_it(seed: int, size: int) -> None:
    """S-50 and S-60: it is seen, but cannot be asked for again."""
    for each in answers(seed, size):
        asked = each.world.request
        held = replace(asked, holdings=replace(asked.holdings, assigned=(asked.package,)))
        after = decision_of(each.world.tenant, held)
        assert after is not None
        assert after.visible == each.decision.visible, each.told()
        assert after.outcome not in YES, each.told()
        if each.decision.eligible:
            assert after.reasons[0].code is Code.ALREADY_ASSIGNED, each.told()


@in_every_world
@given(seed=seeds, size=sizes)
def test_an_invited_guest_is_invited_before_anything_is_granted(seed: int, size: int) -> None:
    """S-115: only people without a directory object, and before any grant."""
    for each in answers(seed, size):
        kinds = [action.kind.value for action in each.decision.actions]
        person = each.world.request.requestor
        outside = isinstance(person, InlinePerson) and person.type is PersonType.EXTERNAL
        planned = each.decision.outcome in {Outcome.GRANT, Outcome.NEEDS_APPROVAL}
        assert ("INVITE_GUEST" in kinds) == (outside and planned), each.told()
        if outside and "GRANT" in kinds:
            assert kinds.index("INVITE_GUEST") < kinds.index("GRANT"), each.told()
