"""Gates 7, 8, 10 and 12: holdings, separation of duties, content and counters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from ostiary.domain.decision import Decision, Outcome
from ostiary.domain.people import UNKNOWN
from ostiary.domain.policy import Expiration, ExpirationKind, Question, QuestionKind
from ostiary.domain.reasons import Code
from ostiary.domain.request import Answer, Holdings, Mode, RequestType, Schedule
from tests.unit.deciding import (
    ALL_MEMBERS,
    AT,
    DAY,
    NEVER,
    RESOURCES,
    TAILWIND,
    ask,
    codes,
    headline,
    outsider,
    package,
    policy,
    profile,
    snapshot,
)

TICKET = Question("ticket", "Which ticket?", required=True, pattern="[A-Z]{2}[0-9]+")
SITES = Question("site", "Which sites?", QuestionKind.CHOICE, choices=("north", "south"))
PLAIN = package(policy(ALL_MEMBERS))


def submit(wanted: Any, who: Any = "emil", **fields: Any) -> Decision:
    return ask(wanted, who, mode=Mode.SUBMISSION, **fields)


@pytest.mark.parametrize(
    ("holdings", "code"),
    [
        pytest.param(Holdings(assigned=("access",)), Code.ALREADY_ASSIGNED, id="S-60 assigned"),
        pytest.param(Holdings(pending=("access",)), Code.REQUEST_PENDING, id="S-60 pending"),
        pytest.param(
            Holdings(assigned=("access",), pending=("access",)),
            Code.ALREADY_ASSIGNED,
            id="S-60 assigned is told first",
        ),
    ],
)
@pytest.mark.parametrize("kind", [RequestType.USER_ADD, RequestType.ADMIN_ADD])
def test_one_assignment_at_a_time_also_for_staff(
    holdings: Holdings, code: Code, kind: RequestType
) -> None:
    decision = ask(PLAIN, holdings=holdings, type=kind)
    assert (decision.outcome, decision.eligible, codes(decision)) == (Outcome.DENY, False, [code])


def test_holding_another_package_is_no_hindrance() -> None:
    """S-60 is about this package."""
    assert ask(PLAIN, holdings=Holdings(("other",), ("another",))).outcome is Outcome.GRANT


GUARDED = package(
    policy(ALL_MEMBERS, name="members"),
    policy(TAILWIND, name="partners"),
    incompatible_packages=("rival",),
    incompatible_groups=("sales",),
)


@pytest.mark.parametrize("kind", [RequestType.USER_ADD, RequestType.ADMIN_ADD])
def test_separation_of_duties_binds_staff_too(kind: RequestType) -> None:
    """S-117: before any approver is asked, with the way to the group."""
    decision = ask(GUARDED, type=kind, policy="members")
    assert headline(decision) == (Code.INCOMPATIBLE_GROUP, {"group": "sales"})
    assert decision.reasons[0].evidence == ("emea", "sales")
    held = ask(GUARDED, "fran", type=kind, policy="members", holdings=Holdings(("rival",)))
    assert headline(held) == (Code.INCOMPATIBLE_PACKAGE, {"package": "rival"})


def test_separation_of_duties_has_one_direction() -> None:
    """S-118: P listing Q blocks P for holders of Q, not Q for holders of P."""
    rival = package(policy(ALL_MEMBERS), id="rival", name="Rival")
    snap = snapshot(GUARDED, rival)
    decision = ask(snap, "fran", package="rival", holdings=Holdings(assigned=("access",)))
    assert decision.outcome is Outcome.GRANT


def test_duties_of_somebody_whose_groups_nobody_told() -> None:
    """S-47, S-117: unknown is never a yes."""
    decision = ask(GUARDED, outsider(groups=UNKNOWN))
    assert decision.outcome is Outcome.INDETERMINATE
    assert headline(decision) == (Code.FACT_MISSING, {"fact": "groups"})


@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param(None, Code.JUSTIFICATION_REQUIRED, id="S-56 missing"),
        pytest.param("", Code.JUSTIFICATION_REQUIRED, id="S-56 empty"),
        pytest.param(" \n\t", Code.JUSTIFICATION_REQUIRED, id="S-56 blank"),
        pytest.param("for the fair", Code.SCOPE_MATCHED, id="S-56 given"),
    ],
)
def test_justification(given: str | None, code: Code) -> None:
    wanted = package(policy(ALL_MEMBERS, justification_required=True))
    assert headline(submit(wanted, justification=given))[0] is code
    assert ask(wanted, justification=given).outcome is Outcome.GRANT  # a query explores


ASKING = package(policy(ALL_MEMBERS, questions=(TICKET, SITES)))


@pytest.mark.parametrize(
    ("answers", "want"),
    [
        pytest.param({}, (Code.ANSWER_REQUIRED, {"question": "ticket"}), id="S-57 missing"),
        pytest.param(
            {"ticket": ("  ",)}, (Code.ANSWER_REQUIRED, {"question": "ticket"}), id="S-57 blank"
        ),
        pytest.param(
            {"ticket": ("see AB12",)},
            (Code.ANSWER_INVALID, {"question": "ticket"}),
            id="S-57 the pattern matches the whole answer",
        ),
        pytest.param(
            {"ticket": ("AB1",), "site": ("west",)},
            (Code.ANSWER_INVALID, {"question": "site"}),
            id="S-57 not a listed choice",
        ),
        pytest.param(
            {"ticket": ("AB1",), "site": ("north", "south")},
            (Code.ANSWER_INVALID, {"question": "site"}),
            id="S-57 several where one is allowed",
        ),
        pytest.param(
            {"ticket": ("AB1",), "colour": ("red",)},
            (Code.INVALID_MODEL, {"field": "answers"}),
            id="S-57 an unknown question",
        ),
    ],
)
def test_answers(answers: dict[str, tuple[str, ...]], want: tuple[Code, dict[str, str]]) -> None:
    given = tuple(Answer(name, values) for name, values in answers.items())
    decision = submit(ASKING, answers=given)
    assert (decision.outcome, headline(decision)) == (Outcome.DENY, want)


def test_every_fault_of_the_content_is_told_at_once() -> None:
    """S-40 gate 10, S-139: all of them, in order."""
    wanted = package(policy(ALL_MEMBERS, justification_required=True, questions=(TICKET, SITES)))
    decision = submit(wanted, answers=(Answer("site", ("west",)),), schedule=Schedule(end=AT))
    assert codes(decision) == [
        Code.JUSTIFICATION_REQUIRED,
        Code.ANSWER_REQUIRED,
        Code.ANSWER_INVALID,
        Code.SCHEDULE_NOT_ALLOWED,
    ]


def test_a_resource_asks_its_own_questions() -> None:
    """S-18: all must be answered, and only for resources that the package has."""
    group, app = RESOURCES
    optional = replace(TICKET, required=False)
    asking = snapshot(PLAIN, resources=(replace(group, questions=(optional,)), app))
    assert headline(submit(asking)) == (Code.ANSWER_REQUIRED, {"question": "ticket"})
    other = replace(app, id="other", questions=(optional,))
    assert submit(snapshot(PLAIN, resources=(group, app, other))).outcome is Outcome.GRANT


def test_a_pattern_cannot_run_for_ever() -> None:
    """S-57: time in proportion to the answer, whatever the pattern."""
    slow = Question("q", "?", required=True, pattern="(a+)+$")
    wanted = package(policy(ALL_MEMBERS, questions=(slow,)))
    decision = submit(wanted, answers=(Answer("q", ("a" * 10_000 + "b",)),))
    assert headline(decision)[0] is Code.ANSWER_INVALID


FREE = policy(ALL_MEMBERS, custom_schedule=True)
DATED = Expiration(ExpirationKind.DATE, at=AT + 20 * DAY)
INSTANT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("schedule", "code"),
    [
        pytest.param(Schedule(start=AT - INSTANT), Code.SCHEDULE_INVALID, id="S-58 in the past"),
        pytest.param(Schedule(end=AT), Code.SCHEDULE_INVALID, id="S-58 end not after start"),
        pytest.param(
            Schedule(start=AT + DAY, end=AT + DAY), Code.SCHEDULE_INVALID, id="S-58 no time at all"
        ),
        pytest.param(Schedule(duration=timedelta(0)), Code.SCHEDULE_INVALID, id="S-58 zero"),
        pytest.param(Schedule(duration=-DAY), Code.SCHEDULE_INVALID, id="S-58 negative"),
        pytest.param(
            Schedule(end=AT + DAY, duration=DAY), Code.SCHEDULE_INVALID, id="S-58 end and duration"
        ),
        pytest.param(
            Schedule(end=AT + 30 * DAY + INSTANT), Code.SCHEDULE_BEYOND_POLICY, id="S-59 beyond"
        ),
        pytest.param(Schedule(end=AT + 30 * DAY), Code.SCOPE_MATCHED, id="S-59 equal is fine"),
        pytest.param(
            Schedule(start=AT + DAY, end=AT + 31 * DAY),
            Code.SCOPE_MATCHED,
            id="S-59 counted from the start that is asked for",
        ),
    ],
)
def test_schedule(schedule: Schedule, code: Code) -> None:
    assert headline(ask(package(FREE), schedule=schedule))[0] is code


def test_a_schedule_stays_within_a_fixed_date() -> None:
    """S-59: the policy's fixed end, told in the answer."""
    wanted = package(replace(FREE, expiration=DATED))
    late = ask(wanted, schedule=Schedule(end=AT + 20 * DAY + INSTANT))
    assert headline(late) == (Code.SCHEDULE_BEYOND_POLICY, {"latest": "2031-03-30T10:00:00Z"})
    assert ask(wanted, schedule=Schedule(end=AT + 20 * DAY)).outcome is Outcome.GRANT
    endless = package(replace(FREE, expiration=NEVER))
    assert ask(endless, schedule=Schedule(end=AT + 9_000 * DAY)).outcome is Outcome.GRANT


def test_a_schedule_needs_permission() -> None:
    """S-58: SCHEDULE_NOT_ALLOWED unless the policy allows one."""
    assert headline(ask(PLAIN, schedule=Schedule(end=AT + DAY)))[0] is Code.SCHEDULE_NOT_ALLOWED


@pytest.mark.parametrize(("held", "outcome"), [(4, Outcome.GRANT), (5, Outcome.DENY)])
def test_the_maximum_itself_is_allowed(held: int, outcome: Outcome) -> None:
    """S-40 gate 12: of five, a fifth is given and a sixth is not."""
    tight = profile(limits={"assignments_per_package": 5})
    decision = ask(snapshot(PLAIN, under=tight), counters={"assignments_per_package": held})
    assert decision.outcome is outcome
    if outcome is Outcome.DENY:
        want = (Code.LIMIT_EXCEEDED, {"name": "assignments_per_package", "max": "5"})
        assert headline(decision) == want


def test_an_empty_package_is_delivered_with_a_warning() -> None:
    """S-20: the same warning, never an error."""
    decision = ask(package(policy(ALL_MEMBERS), entries=()))
    assert (decision.outcome, codes(decision)[-1]) == (Outcome.GRANT, Code.EMPTY_PACKAGE)
