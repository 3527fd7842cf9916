"""The plan: what follows, on which day, and by which rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from ostiary.decide.calendar import add_months, next_instance
from ostiary.domain.actions import Anchor
from ostiary.domain.decision import Decision
from ostiary.domain.policy import (
    ApprovalStage,
    Expiration,
    ExpirationKind,
    ExtensionCall,
    ExtensionStage,
    Recurrence,
    ReviewerKind,
    ReviewSettings,
)
from ostiary.domain.request import RequestType, Schedule
from ostiary.domain.tenant import GuestCleanup, Settings
from tests.unit.deciding import (
    ADMINISTRATORS_ONLY,
    ALL_MEMBERS,
    AT,
    DAY,
    MANAGER,
    NEVER,
    TAILWIND,
    ask,
    outsider,
    package,
    policy,
    snapshot,
    user,
)

FRAN = ApprovalStage((MANAGER,), fallback=(user("fran"),))
REVIEWS = ReviewSettings(
    datetime(2031, 4, 1, tzinfo=UTC),
    Recurrence(every=90 * DAY),
    25 * DAY,
    ReviewerKind.MANAGER,
)


def dated(decision: Decision) -> list[tuple[str, str]]:
    return [
        (f"{action.at:%m-%d %H:%M}", action.kind.value)
        for action in decision.actions
        if action.at is not None
    ]


def anchored(decision: Decision) -> list[tuple[str, int, str]]:
    return [
        (action.anchor.value, action.offset.days, action.kind.value)
        for action in decision.actions
        if action.at is None
    ]


def test_the_partner_of_the_story() -> None:
    """S-47, S-48, S-69, S-75, S-100, S-115, S-116, S-121: the plan of 2031-03-10 10:00."""
    partners = policy(
        TAILWIND,
        FRAN,
        expiration=Expiration(ExpirationKind.DURATION, after=90 * DAY),
        extension_allowed=True,
        reviews=REVIEWS,
    )
    decision = ask(package(partners), outsider())
    assert dated(decision) == [
        ("03-10 10:00", "OPEN_STAGE"),
        ("04-01 00:00", "OPEN_REVIEW"),
        ("04-09 10:00", "TIME_OUT_STAGE"),
        ("04-13 12:00", "REMIND_REVIEWERS"),
        ("04-26 00:00", "CLOSE_REVIEW"),
    ]
    assert anchored(decision) == [
        ("approved", 0, "INVITE_GUEST"),
        ("approved", 0, "GRANT"),
        ("approved", 0, "GRANT"),
        ("approved", 76, "REMIND_EXPIRY"),
        ("approved", 89, "REMIND_EXPIRY"),
        ("approved", 90, "EXPIRE_ASSIGNMENT"),
        ("approved", 90, "REVOKE"),
        ("approved", 90, "REVOKE"),
        ("approved", 90, "BLOCK_GUEST"),
        ("approved", 120, "DELETE_GUEST"),
    ]
    assert all(action.rule.id and action.rule.line > 0 for action in decision.actions)


def test_everything_is_dated_when_nobody_has_to_approve() -> None:
    """S-8, S-16, S-99: each entry is granted, and expiry goes before revocation."""
    decision = ask(package(policy(ALL_MEMBERS)))
    assert dated(decision) == [
        ("03-10 10:00", "GRANT"),
        ("03-10 10:00", "GRANT"),
        ("04-09 10:00", "EXPIRE_ASSIGNMENT"),
        ("04-09 10:00", "REVOKE"),
        ("04-09 10:00", "REVOKE"),
    ]
    targets = [action.target for action in decision.actions]
    assert targets[:2] == ["sales-app/User", "sales-group/Member"]


def test_a_second_stage_has_its_clock_from_when_it_opens() -> None:
    """S-75, S-76, S-77: offsets from the event that is still to come."""
    second = replace(FRAN, alternates=(user("dana"),), escalate_after=8 * DAY)
    decision = ask(package(policy(ALL_MEMBERS, FRAN, second)))
    stages = [action for action in decision.actions if action.anchor is Anchor.STAGE_OPENED]
    assert [(one.stage, one.offset.days, one.kind.value) for one in stages] == [
        (1, 0, "OPEN_STAGE"),
        (1, 30, "TIME_OUT_STAGE"),
        (2, 0, "OPEN_STAGE"),
        (2, 8, "ESCALATE_STAGE"),
        (2, 30, "TIME_OUT_STAGE"),
    ]
    assert [one.at for one in stages] == [AT, AT + 30 * DAY, None, None, None]


def test_a_fixed_date_ends_access_whenever_it_began() -> None:
    """S-98, S-99, W-4: the end is an instant even while approval is awaited."""
    fixed = Expiration(ExpirationKind.DATE, at=datetime(2031, 7, 1, tzinfo=UTC))
    decision = ask(package(policy(ALL_MEMBERS, FRAN, expiration=fixed, extension_allowed=True)))
    assert dated(decision)[2:5] == [
        ("06-17 00:00", "REMIND_EXPIRY"),
        ("06-30 00:00", "REMIND_EXPIRY"),
        ("07-01 00:00", "EXPIRE_ASSIGNMENT"),
    ]


def test_access_without_an_end_has_no_end_and_no_reminder() -> None:
    """S-98, S-100."""
    decision = ask(package(policy(ALL_MEMBERS, expiration=NEVER, extension_allowed=True)))
    assert {kind for _, kind in dated(decision)} == {"GRANT"}


@pytest.mark.parametrize(
    ("days", "allowed", "reminders"),
    [
        pytest.param(30, True, 2, id="S-100 14 days and 1 day before"),
        pytest.param(10, True, 1, id="S-100 the one that would lie in the past is skipped"),
        pytest.param(14, True, 1, id="S-100 not at the very start"),
        pytest.param(1, True, 0, id="S-100 a single day"),
        pytest.param(30, False, 0, id="S-100 none without extension"),
    ],
)
def test_reminders(days: int, allowed: bool, reminders: int) -> None:
    lasts = Expiration(ExpirationKind.DURATION, after=days * DAY)
    for stages in ((), (FRAN,)):
        wanted = policy(ALL_MEMBERS, *stages, expiration=lasts, extension_allowed=allowed)
        kinds = [action.kind.value for action in ask(package(wanted)).actions]
        assert kinds.count("REMIND_EXPIRY") == reminders


def test_a_later_start_moves_everything_that_hangs_on_it() -> None:
    """S-58, S-90: delivery starts then, and the end counts from there (S-99)."""
    free = policy(ALL_MEMBERS, custom_schedule=True)
    start = AT + 5 * DAY
    decision = ask(package(free), schedule=Schedule(start=start))
    assert dated(decision)[0] == ("03-15 10:00", "START_DELIVERY")
    assert dated(decision)[-1] == ("04-14 10:00", "REVOKE")
    waits = ask(
        package(replace(free, approval_for_add=True, stages=(FRAN,))),
        schedule=Schedule(start=start),
    )
    begun = [action for action in waits.actions if action.kind.value == "START_DELIVERY"]
    assert [(one.anchor, one.not_before) for one in begun] == [(Anchor.ASSIGNMENT_START, start)]


@pytest.mark.parametrize(
    ("cleanup", "kinds"),
    [
        pytest.param(GuestCleanup.NONE, [], id="S-116 none"),
        pytest.param(GuestCleanup.BLOCK, ["BLOCK_GUEST"], id="S-116 block"),
        pytest.param(
            GuestCleanup.BLOCK_AND_DELETE, ["BLOCK_GUEST", "DELETE_GUEST"], id="S-116 both"
        ),
        pytest.param(GuestCleanup.DELETE, ["DELETE_GUEST"], id="S-116 delete without block"),
    ],
)
def test_guests_are_cleaned_up_as_the_settings_say(cleanup: GuestCleanup, kinds: list[str]) -> None:
    snap = snapshot(package(policy(TAILWIND)), settings=Settings(guest_cleanup=cleanup))
    ours = [one.kind.value for one in ask(snap, outsider()).actions if "GUEST" in one.kind.value]
    assert ours == ["INVITE_GUEST", *kinds]
    # S-116: guests who existed before are left alone unless marked governed
    assert not [one for one in ask(snap, "gita").actions if "GUEST" in one.kind.value]


def test_reviews_that_access_does_not_live_to_see_are_left_out() -> None:
    """S-119: a review covers what is delivered when it opens."""
    wanted = policy(ALL_MEMBERS, reviews=REVIEWS)
    assert ("04-01 00:00", "OPEN_REVIEW") in dated(ask(package(wanted)))
    brief = replace(wanted, expiration=Expiration(ExpirationKind.DURATION, after=5 * DAY))
    assert "OPEN_REVIEW" not in {kind for _, kind in dated(ask(package(brief)))}


def test_leaving_the_scope_can_end_access() -> None:
    """S-37: after the grace, if the policy says so."""
    wanted = policy(
        ALL_MEMBERS, revoke_when_out_of_scope=True, out_of_scope_grace=timedelta(days=7)
    )
    assert anchored(ask(package(wanted))) == [("out_of_scope", 7, "REMOVE_OUT_OF_SCOPE")]


def test_custom_extensions_are_called_at_their_stages() -> None:
    """S-125, S-126: a waiting one before approval keeps every later instant open."""
    calls = (
        ExtensionCall("hook", ExtensionStage.REQUEST_CREATED, wait=timedelta(days=2)),
        ExtensionCall("hook", ExtensionStage.ONE_DAY_BEFORE_EXPIRY),
    )
    decision = ask(package(policy(ALL_MEMBERS, extensions=calls)))
    assert dated(decision) == [
        ("03-10 10:00", "CALL_EXTENSION"),
        ("03-12 10:00", "TIME_OUT_EXTENSION"),
    ]
    assert ("approved", 29, "CALL_EXTENSION") in anchored(decision)
    assert ("approved", 0, "GRANT") in anchored(decision)


def test_staff_assign_from_now_on() -> None:
    """S-44: under a policy without requestors, dated from the assignment."""
    decision = ask(package(policy(ADMINISTRATORS_ONLY)), type=RequestType.ADMIN_ADD)
    assert dated(decision)[0] == ("03-10 10:00", "GRANT")


@pytest.mark.parametrize(
    ("start", "months", "want"),
    [
        pytest.param((2031, 1, 31), 1, (2031, 2, 28), id="S-4 clipped to the month's last day"),
        pytest.param((2032, 1, 31), 1, (2032, 2, 29), id="S-4 in a leap year"),
        pytest.param((2031, 11, 30), 3, (2032, 2, 29), id="S-4 across the year"),
        pytest.param((2031, 3, 15), 12, (2032, 3, 15), id="S-4 a year"),
    ],
)
def test_months_are_calendar_steps(
    start: tuple[int, int, int], months: int, want: tuple[int, int, int]
) -> None:
    assert add_months(datetime(*start, tzinfo=UTC), months) == datetime(*want, tzinfo=UTC)


@pytest.mark.parametrize(
    ("recurrence", "after", "want"),
    [
        pytest.param(Recurrence(every=90 * DAY), (2031, 3, 1), (2031, 4, 1), id="S-122 the first"),
        pytest.param(
            Recurrence(every=90 * DAY), (2031, 4, 1), (2031, 6, 30), id="S-122 W-2 second"
        ),
        pytest.param(Recurrence(every=90 * DAY), (2031, 10, 1), (2031, 12, 27), id="S-122 W-2"),
        pytest.param(Recurrence(months=3), (2031, 4, 1), (2031, 7, 1), id="S-122 calendar quarter"),
        pytest.param(Recurrence(months=1), (2040, 2, 1), (2040, 3, 1), id="S-122 years later"),
    ],
)
def test_the_next_review(
    recurrence: Recurrence, after: tuple[int, int, int], want: tuple[int, int, int]
) -> None:
    start = datetime(2031, 4, 1, tzinfo=UTC)
    got = next_instance(start, recurrence, datetime(*after, tzinfo=UTC))
    assert got == datetime(*want, tzinfo=UTC)


def test_a_clipped_month_does_not_shorten_the_ones_after_it() -> None:
    """S-4, S-122: each instance counts from the start."""
    start = datetime(2031, 1, 31, tzinfo=UTC)
    march = next_instance(start, Recurrence(months=1), datetime(2031, 3, 1, tzinfo=UTC))
    assert march == datetime(2031, 3, 31, tzinfo=UTC)
