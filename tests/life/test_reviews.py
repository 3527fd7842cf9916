"""Access reviews: who decides, and what the close does (section 14)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from ostiary.domain.access_request import RequestKind
from ostiary.domain.assignment import AssignmentState, EndCause
from ostiary.domain.errors import RefusedError
from ostiary.domain.policy import (
    Approver,
    ApproverKind,
    Expiration,
    ExpirationKind,
    NoResponse,
    Recurrence,
    ReviewerKind,
    ReviewSettings,
)
from ostiary.domain.review import ReviewInstance, ReviewState, ReviewVerdict
from ostiary.lifecycle.ports import ReviewQuery
from ostiary.operations import review
from ostiary.operations.submission import Actor
from tests.life.conftest import Begin
from tests.life.world import World, at

TEAM = "sales-team-access"
DAY = timedelta(days=1)


def reviewed(begin: Begin, **settings: Any) -> World:
    world = begin("2031-03-10 09:00")
    fields: dict[str, Any] = {
        "start": at("2031-04-01 00:00"),
        "recurrence": Recurrence(every=90 * DAY),
        "window": 25 * DAY,
        "reviewers": ReviewerKind.SPECIFIC,
        "specific": (Approver(ApproverKind.USER, "dana"),),
        "no_response": NoResponse.KEEP,
        **settings,
    }
    world.policy(
        TEAM,
        "employees",
        approval_for_add=False,
        stages=(),
        expiration=Expiration(ExpirationKind.NEVER),
        reviews=ReviewSettings(**fields),
    )
    return world


def reviews(world: World) -> list[ReviewInstance]:
    with world.store.reading() as tx:
        return [one for _, one in reversed(tx.reviews(ReviewQuery()))]


def say(world: World, verdict: ReviewVerdict, who: str = "dana") -> None:
    [opened] = [one for one in reviews(world) if one.state is ReviewState.OPEN]
    item = opened.items[0].assignment
    review.decide(world.office, opened.id, item, Actor(who), verdict=verdict)


def test_a_denial_takes_the_access_away_when_the_instance_closes(begin: Begin) -> None:
    """S-119, S-121, S-123: a decision may be changed while it is open."""
    world = reviewed(begin)
    world.ask("emil", TEAM)
    world.go("2031-04-02 00:00")
    say(world, ReviewVerdict.KEEP)
    say(world, ReviewVerdict.REMOVE)
    world.go("2031-04-25 23:59")
    assert world.assignments()[0].current
    world.go("2031-04-26 00:00")
    [assignment] = world.assignments()
    assert (assignment.state, assignment.end_cause, assignment.ended_at) == (
        AssignmentState.EXPIRED,
        EndCause.REVIEW,
        at("2031-04-26 00:00"),
    )
    assert world.systems.rights == set()
    [closed] = reviews(world)
    assert closed.items[0].applied == "removed"
    with pytest.raises(RefusedError) as caught:
        review.decide(
            world.office,
            closed.id,
            assignment.id,
            Actor("dana"),
            verdict=ReviewVerdict.KEEP,
        )
    assert caught.value.code == "STAGE_CLOSED"


@pytest.mark.parametrize(
    ("rule", "signed_in", "current"),
    [
        pytest.param(NoResponse.KEEP, None, True, id="kept"),
        pytest.param(NoResponse.REMOVE, None, False, id="removed"),
        pytest.param(NoResponse.RECOMMENDATION, None, False, id="never seen, removed"),
        pytest.param(NoResponse.RECOMMENDATION, "2031-03-02 00:00", True, id="seen, kept"),
        pytest.param(NoResponse.RECOMMENDATION, "2031-03-01 23:59", False, id="not seen lately"),
    ],
)
def test_silence_means_what_the_policy_says(
    begin: Begin, rule: NoResponse, signed_in: str | None, current: bool
) -> None:
    """S-123, S-124: the last 30 days before the instance opens."""
    world = reviewed(begin, no_response=rule)
    world.users(emil={"last_sign_in": None if signed_in is None else at(signed_in)})
    world.ask("emil", TEAM)
    world.go("2031-04-27 00:00")
    assert world.assignments()[0].current is current


def test_instances_come_round_until_nothing_is_left_to_review(begin: Begin) -> None:
    """S-122: exactly 90 days from the start."""
    world = reviewed(begin)
    world.ask("emil", TEAM)
    world.go("2031-10-01 00:00")
    assert [one.opened_at for one in reviews(world)] == [
        at("2031-04-01 00:00"),
        at("2031-06-30 00:00"),
        at("2031-09-28 00:00"),
    ]


@pytest.mark.parametrize(
    ("settings", "want"),
    [
        pytest.param({"reviewers": ReviewerKind.MANAGER}, ("mona",), id="the manager"),
        pytest.param({"reviewers": ReviewerKind.SELF}, ("emil",), id="the holder"),
        pytest.param(
            {"specific": (Approver(ApproverKind.USER, "emil"), Approver(ApproverKind.USER, "sol"))},
            ("sol",),
            id="never on one's own access",
        ),
        pytest.param(
            {
                "specific": (Approver(ApproverKind.USER, "emil"),),
                "fallback": (Approver(ApproverKind.USER, "fran"),),
            },
            ("fran",),
            id="nobody left, the fallback",
        ),
        pytest.param(
            {"specific": (Approver(ApproverKind.USER, "emil"),)}, (), id="nobody, the rule decides"
        ),
    ],
)
def test_who_reviews(begin: Begin, settings: Any, want: tuple[str, ...]) -> None:
    """S-120."""
    world = reviewed(begin, **settings)
    world.ask("emil", TEAM)
    world.go("2031-04-01 00:00")
    assert reviews(world)[0].items[0].reviewers == want


def test_only_reviewers_decide_and_never_on_their_own_access(begin: Begin) -> None:
    """S-120."""
    world = reviewed(begin)
    world.ask("emil", TEAM)
    world.go("2031-04-01 00:00")
    for who, code in (("emil", "SELF_APPROVAL"), ("sol", "NOT_APPROVER")):
        with pytest.raises(RefusedError) as caught:
            say(world, ReviewVerdict.KEEP, who)
        assert caught.value.code == code


def test_access_that_ended_meanwhile_is_no_error(begin: Begin) -> None:
    """S-123."""
    world = reviewed(begin)
    world.ask("emil", TEAM)
    world.go("2031-04-01 00:00")
    say(world, ReviewVerdict.REMOVE)
    world.ask("emil", TEAM, kind=RequestKind.ADMIN_REMOVE, actor=Actor("sol", staff=True))
    world.go("2031-04-27 00:00")
    assert reviews(world)[0].items[0].applied == "ended_before"


def test_a_change_of_job_shows_beside_the_holder_and_ends_nothing_by_itself(begin: Begin) -> None:
    """S-109."""
    world = reviewed(begin)
    world.ask("emil", TEAM)
    groups = tuple(
        msgspec.structs.replace(one, groups=(), users=()) for one in world.tenants.tenant.groups
    )
    world.tenants.change(groups=groups)
    world.go("2031-04-27 00:00")
    assert reviews(world)[0].items[0].out_of_scope
    assert world.assignments()[0].current
