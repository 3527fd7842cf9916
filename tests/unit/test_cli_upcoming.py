"""What is still to come of a request or an assignment, whatever has happened so far."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from ostiary.cli.life import upcoming
from ostiary.v1 import access_request_pb2 as requests
from ostiary.v1 import assignment_pb2 as assignments
from ostiary.v1 import decision_pb2 as plans


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def stamp(text: str) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(at(text))
    return made


def action(kind: str, anchor: str, days: float = 0, **more: Any) -> plans.ScheduledAction:
    offset = Duration()
    offset.FromTimedelta(timedelta(days=days))
    return plans.ScheduledAction(
        kind=f"ACTION_KIND_{kind}",
        anchor=f"ANCHOR_{anchor}",
        offset=offset,
        **more,
    )


def told(plan: plans.Decision) -> list[tuple[str, str]]:
    """Kinds with their dates, in order; `later` without one."""
    return [
        (
            plans.ActionKind.Name(one.kind).removeprefix("ACTION_KIND_"),
            f"{one.time.ToDatetime():%Y-%m-%d}" if one.HasField("time") else "later",
        )
        for one in plan.scheduled_actions
    ]


QUARTERLY = plans.Recurrence(every=Duration(seconds=90 * 86_400))
REVIEW = [
    action("OPEN_REVIEW", "REVIEW_CALENDAR", time=stamp("2031-04-01"), repeats=QUARTERLY),
    action("REMIND_REVIEWERS", "REVIEW_CALENDAR", time=stamp("2031-04-13")),
    action("CLOSE_REVIEW", "REVIEW_CALENDAR", time=stamp("2031-04-26")),
]
PLAN = [
    action("OPEN_STAGE", "STAGE_OPENED", stage=1),
    action("ESCALATE_STAGE", "STAGE_OPENED", 8, stage=1),
    action("TIME_OUT_STAGE", "STAGE_OPENED", 30, stage=1),
    action("OPEN_STAGE", "STAGE_OPENED", stage=2),
    action("TIME_OUT_STAGE", "STAGE_OPENED", 30, stage=2),
    action("GRANT", "APPROVED", target="app/User"),
    action("REMIND_EXPIRY", "APPROVED", 76),
    action("EXPIRE_ASSIGNMENT", "APPROVED", 90),
    action("REVOKE", "APPROVED", 90, target="app/User"),
    action("DELETE_GUEST", "APPROVED", 120),
]


def request(state: str, **fields: Any) -> requests.AccessRequest:
    fields.setdefault("plan", PLAN)
    return requests.AccessRequest(
        state=f"REQUEST_STATE_{state}",
        submit_time=stamp("2031-03-10"),
        **fields,
    )


def stages(first: str, second: str, **fields: Any) -> list[requests.StageRecord]:
    return [
        requests.StageRecord(number=1, state=f"STAGE_STATE_{first}", **fields),
        requests.StageRecord(number=2, state=f"STAGE_STATE_{second}"),
    ]


TIMES = {"escalate_time": stamp("2031-03-18"), "deny_time": stamp("2031-04-09")}
LATER = [
    ("GRANT", "later"),
    ("REMIND_EXPIRY", "later"),
    ("EXPIRE_ASSIGNMENT", "later"),
    ("REVOKE", "later"),
    ("DELETE_GUEST", "later"),
]


def test_the_open_stage_has_dates_and_the_next_one_waits_for_it() -> None:
    """S-75, S-77."""
    asked = request("PENDING_APPROVAL", stages=stages("OPEN", "NOT_OPEN", **TIMES))
    assert told(upcoming.of_request(asked, at("2031-03-11"))) == [
        ("ESCALATE_STAGE", "2031-03-18"),
        ("TIME_OUT_STAGE", "2031-04-09"),
        ("OPEN_STAGE", "later"),
        ("TIME_OUT_STAGE", "later"),
        *LATER,
    ]


def test_what_is_decided_or_has_escalated_is_not_announced_again() -> None:
    """S-48: void once its reason is gone."""
    late = request("PENDING_APPROVAL", stages=stages("OPEN", "NOT_OPEN", escalated=True, **TIMES))
    kinds = [kind for kind, _ in told(upcoming.of_request(late, at("2031-03-20")))]
    assert "ESCALATE_STAGE" not in kinds
    second = request("PENDING_APPROVAL", stages=stages("APPROVED", "NOT_OPEN"))
    assert told(upcoming.of_request(second, at("2031-03-20"))) == [
        ("OPEN_STAGE", "later"),
        ("TIME_OUT_STAGE", "later"),
        *LATER,
    ]


def test_an_approved_request_that_starts_later_counts_from_its_start() -> None:
    """S-58, S-99."""
    asked = request(
        "SCHEDULED",
        stages=stages("APPROVED", "APPROVED"),
        approve_time=stamp("2031-03-20"),
        start_time=stamp("2031-04-01"),
    )
    assert told(upcoming.of_request(asked, at("2031-03-21"))) == [
        ("GRANT", "2031-04-01"),
        ("REMIND_EXPIRY", "2031-06-16"),
        ("EXPIRE_ASSIGNMENT", "2031-06-30"),
        ("REVOKE", "2031-06-30"),
        ("DELETE_GUEST", "2031-07-30"),
    ]


def test_a_request_that_is_over_announces_nothing() -> None:
    for state in ("DENIED", "CANCELED", "DELIVERING", "DELIVERED"):
        assert told(upcoming.of_request(request(state), at("2031-03-21"))) == []


def assignment(**fields: Any) -> assignments.Assignment:
    fields.setdefault("plan", [*PLAN, *REVIEW])
    fields.setdefault("create_time", stamp("2031-03-11"))
    fields.setdefault("deliver_time", stamp("2031-03-11"))
    return assignments.Assignment(holder="emil", **fields)


def test_what_hangs_on_the_end_moves_with_the_end() -> None:
    """S-100, S-101."""
    moved = assignment(end_time=stamp("2031-09-01"), plan=PLAN)
    assert told(upcoming.of_assignment(moved, at("2031-03-12"))) == [
        ("REMIND_EXPIRY", "2031-08-18"),
        ("EXPIRE_ASSIGNMENT", "2031-09-01"),
        ("REVOKE", "2031-09-01"),
        ("DELETE_GUEST", "2031-10-01"),
    ]
    assert told(upcoming.of_assignment(moved, at("2031-08-20")))[0][0] == "EXPIRE_ASSIGNMENT"


def test_access_without_an_end_has_reviews_alone() -> None:
    """S-122."""
    endless = assignment()
    assert told(upcoming.of_assignment(endless, at("2031-03-12"))) == [
        ("OPEN_REVIEW", "2031-04-01"),
        ("REMIND_REVIEWERS", "2031-04-13"),
        ("CLOSE_REVIEW", "2031-04-26"),
    ]


def test_the_round_under_way_and_the_next_one() -> None:
    """S-121, S-122: every 90 days from the first."""
    endless = assignment()
    assert told(upcoming.of_assignment(endless, at("2031-04-14"))) == [
        ("CLOSE_REVIEW", "2031-04-26"),
        ("OPEN_REVIEW", "2031-06-30"),
        ("REMIND_REVIEWERS", "2031-07-12"),
        ("CLOSE_REVIEW", "2031-07-25"),
    ]
    far = told(upcoming.of_assignment(endless, at("2035-01-01")))
    assert [kind for kind, _ in far][-3:] == ["OPEN_REVIEW", "REMIND_REVIEWERS", "CLOSE_REVIEW"]


def test_a_round_that_opened_before_the_delivery_does_not_cover_it() -> None:
    """S-119."""
    late = assignment(deliver_time=stamp("2031-04-10"))
    assert told(upcoming.of_assignment(late, at("2031-04-11")))[0] == ("OPEN_REVIEW", "2031-06-30")


def test_no_round_opens_after_the_end() -> None:
    """S-123."""
    short = assignment(end_time=stamp("2031-04-20"))
    kinds = [kind for kind, _ in told(upcoming.of_assignment(short, at("2031-04-14")))]
    assert not {"OPEN_REVIEW", "REMIND_REVIEWERS", "CLOSE_REVIEW"} & set(kinds)


def test_monthly_reviews_are_clipped_from_their_start() -> None:
    """S-4."""
    monthly = plans.Recurrence(months=1)
    opening = action("OPEN_REVIEW", "REVIEW_CALENDAR", time=stamp("2031-01-31"), repeats=monthly)
    endless = assignment(plan=[opening])
    assert told(upcoming.of_assignment(endless, at("2031-03-12"))) == [
        ("OPEN_REVIEW", "2031-03-31")
    ]


def test_a_review_without_repetition_comes_once() -> None:
    once = action("OPEN_REVIEW", "REVIEW_CALENDAR", time=stamp("2031-04-01"))
    assert told(upcoming.of_assignment(assignment(plan=[once]), at("2031-04-02"))) == []


def test_after_the_end_the_guest_is_all_that_is_left() -> None:
    """S-116: counted from the end that came, not from the one that was planned."""
    ended = assignment(plan=PLAN, end_time=stamp("2031-06-09"), ended_time=stamp("2031-05-01"))
    assert told(upcoming.of_assignment(ended, at("2031-05-02"))) == [("DELETE_GUEST", "2031-05-31")]


def test_an_end_that_staff_set_is_told_though_no_plan_knew_of_it() -> None:
    """S-103."""
    endless = assignment(plan=[], end_time=stamp("2031-06-09"))
    assert told(upcoming.of_assignment(endless, at("2031-05-02"))) == [
        ("EXPIRE_ASSIGNMENT", "2031-06-09")
    ]


def test_calls_before_the_end_keep_their_distance_and_those_after_it_follow() -> None:
    """S-130."""
    calls = [
        action("CALL_EXTENSION", "APPROVED", target="at-approval"),
        action("CALL_EXTENSION", "APPROVED", 89, target="the-day-before"),
        action("EXPIRE_ASSIGNMENT", "APPROVED", 90),
        action("CALL_EXTENSION", "ASSIGNMENT_END", target="at-the-end"),
        action("TIME_OUT_EXTENSION", "ASSIGNMENT_END", 2, target="at-the-end"),
    ]
    held = assignment(plan=calls, end_time=stamp("2031-09-01"))
    assert [
        one.target for one in upcoming.of_assignment(held, at("2031-05-02")).scheduled_actions
    ] == [
        "the-day-before",
        "",
        "at-the-end",
        "at-the-end",
    ]


def test_nobody_is_said_to_lose_what_could_not_be_given() -> None:
    """S-88, S-104: of a delivery that failed, only what is done about the guest is left."""
    grants = [
        assignments.Grant(resource="g", role="Member", state=assignments.GRANT_STATE_FAILED),
        assignments.Grant(resource="a", role="User", state=assignments.GRANT_STATE_GRANTED),
    ]
    end = [
        action("REMIND_EXPIRY", "APPROVED", 76),
        action("EXPIRE_ASSIGNMENT", "APPROVED", 90),
        action("REVOKE", "APPROVED", 90, target="g/Member"),
        action("REVOKE", "APPROVED", 90, target="a/User"),
        action("BLOCK_GUEST", "APPROVED", 90),
    ]
    part = assignment(plan=end, end_time=stamp("2031-06-09"), grants=grants)
    coming = upcoming.of_assignment(part, at("2031-05-01"))
    assert [one.target for one in coming.scheduled_actions if one.target] == ["a/User"]
    failed = assignment(
        plan=end,
        end_time=stamp("2031-06-09"),
        grants=[
            assignments.Grant(
                resource=one.resource, role=one.role, state=assignments.GRANT_STATE_FAILED
            )
            for one in grants
        ],
        state=assignments.ASSIGNMENT_STATE_DELIVERY_FAILED,
    )
    assert told(upcoming.of_assignment(failed, at("2031-05-01"))) == [("BLOCK_GUEST", "2031-06-09")]
