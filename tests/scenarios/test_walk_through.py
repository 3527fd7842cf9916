"""Section 20 from end to end, with real systems round a real server, and a year that passes.

Told by gRPC and by command line, on SQLite and on PostgreSQL. At each step LDAP, SCIM and the site
are looked at from outside, and every mail is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ostiary.v1 import access_request_pb2 as requests
from ostiary.v1 import access_review_pb2 as reviews
from ostiary.v1 import assignment_pb2 as assignments
from ostiary.v1 import decision_pb2 as decisions
from ostiary.v1 import reason_pb2, work_pb2
from tests.scenarios.acting import PRIYA, Acting, ByCommand, ByGrpc, told
from tests.scenarios.larkfield import PACKAGE, PEOPLE, ByFolder, ByObject, write
from tests.scenarios.neighbours import Neighbours, neighbours
from tests.scenarios.served import served

EMIL, MONA, FRAN, DANA = (f"{name}@larkfield.example" for name in ("emil", "mona", "fran", "dana"))
NOTHING: dict[str, list[Any]] = {"group": [], "app": [], "site": []}


class Story:
    """Somebody who acts, somebody who defines, and the systems round them."""

    def __init__(self, act: Acting, define: ByObject | ByFolder, around: Neighbours) -> None:
        self.act = act
        self.define = define
        self.around = around

    def due(self, assignment: str, kind: work_pb2.WorkKind) -> list[str]:
        """When a kind of work waits to be done for an assignment."""
        found = self.act.work(assignment=assignment)
        return [told(one.planned_time) for one in found if one.kind == kind]

    def has(self, *people: str) -> dict[str, list[Any]]:
        """What the systems hold if exactly these people have the package."""
        named = sorted(people)
        return {
            "group": named,
            "app": [(one, "User") for one in named],
            "site": [(one, "Contribute") for one in named],
        }


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/ostiary.db"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture(params=["grpc", "command line"])
def story(request: pytest.FixtureRequest, store: str, tmp_path: Path) -> Iterator[Story]:
    tenant = write(tmp_path / "tenant", PEOPLE)
    with (
        neighbours(tmp_path) as around,
        served(store, tenant, around, tmp_path / "log") as address,
    ):
        if request.param == "grpc":
            by_grpc = ByGrpc(address)
            yield Story(by_grpc, ByObject(by_grpc), around)
            by_grpc.close()
        else:
            by_command = ByCommand(address)
            yield Story(by_command, ByFolder(by_command, tenant), around)


@pytest.mark.timeout(900)  # some ninety commands, each in a process of its own
def test_the_walk_through_of_the_semantics(story: Story) -> None:
    """Section 20, instant by instant, with Emil beside Priya."""
    the_package_is_defined(story)
    priya, emil = two_people_ask(story)
    held = fran_approves(story, priya)
    priya_signs_in(story, priya, held)
    emils_second_stage_opens(story, emil)
    review = a_review_opens(story, held)
    again = emils_request_times_out(story, emil)
    the_review_closes(story, review, held)
    emil_has_access_for_a_month(story, again)
    priyas_access_ends(story, held)
    the_guest_is_deleted(story)
    a_year_after_the_first_request_priya_comes_back(story)
    nothing_is_left_over(story, priya)


def the_package_is_defined(story: Story) -> None:
    """S-9, S-11, S-14, S-17, S-21, S-30: a package without a policy is a draft, and says so."""
    steps: list[tuple[str, Callable[[], list[str]], list[str]]] = [
        ("2031-03-03 09:00", story.define.catalog, []),
        ("2031-03-03 09:10", story.define.resources, []),
        ("2031-03-03 09:20", story.define.package, ["NO_POLICY"]),
        ("2031-03-03 09:30", story.define.employees, []),
        ("2031-03-04 08:00", story.define.organization, []),
        ("2031-03-04 08:20", story.define.partners, []),
    ]
    for when, define, warned in steps:
        story.act.go(when)
        assert define() == warned, when
    assert story.around.new_mail() == []


def two_people_ask(story: Story) -> tuple[str, str]:
    """S-49, S-53, S-67, S-69, S-72, S-75, S-79: Fran stands in for a manager who is not there."""
    act, around = story.act, story.around
    act.go("2031-03-10 09:00")
    emil = act.ask("emil", PACKAGE)
    assert (emil.state, emil.open_stage) == (requests.REQUEST_STATE_PENDING_APPROVAL, 1)
    assert [list(one.approvers) for one in emil.stages] == [["mona"], ["dana"]]
    assert told(emil.stages[0].deny_time) == "2031-04-09 09:00"
    act.go("2031-03-10 10:00")
    assert around.new_mail() == [("action_needed", MONA), ("request_received", EMIL)]

    seen = act.may(PRIYA, PACKAGE)
    assert (seen.visible, seen.eligible) == (True, True)
    assert (list(seen.offered_policies), seen.selected_policy) == (["partners"], "partners")
    [stage] = seen.stages
    assert list(stage.approvers) == ["fran"]
    assert stage.origin == decisions.APPROVER_ORIGIN_FALLBACK
    assert [
        told(one.time)
        for one in seen.scheduled_actions
        if one.kind == decisions.ACTION_KIND_TIME_OUT_STAGE
    ] == ["2031-04-09 10:00"]

    act.go("2031-03-10 10:05")
    priya = act.ask(PRIYA, PACKAGE, "the spring campaign")
    assert priya.state == requests.REQUEST_STATE_PENDING_APPROVAL
    assert told(priya.stages[0].deny_time) == "2031-04-09 10:05"
    act.go("2031-03-10 10:06")
    assert around.new_mail() == [("action_needed", FRAN), ("request_received", PRIYA)]
    asked = around.letter("action_needed", FRAN)
    assert "the spring campaign" in asked
    assert f"ostiary request approve {priya.id}" in asked
    assert [one.id for one in act.queue("fran")] == [priya.id]
    assert [one.id for one in act.queue("mona")] == [emil.id]
    assert list(act.queue("dana")) == []
    assert around.everything() == NOTHING
    assert (around.ldap_guest(PRIYA), around.scim_guest(PRIYA)) == ("none", "none")
    return priya.id, emil.id


def fran_approves(story: Story, priya: str) -> str:
    """S-91, S-96, S-99, S-100, S-115: a guest is made first; the site waits for a sign-in."""
    act, around = story.act, story.around
    act.go("2031-03-11 15:00")
    approved = act.approve(priya, "fran")
    assert approved.state == requests.REQUEST_STATE_DELIVERING
    held = approved.assignment
    assert told(act.assignment(held).end_time) == "2031-06-09 15:00"
    assert story.due(held, work_pb2.WORK_KIND_REMIND_EXPIRY) == [
        "2031-05-26 15:00",
        "2031-06-08 15:00",
    ]
    assert story.due(held, work_pb2.WORK_KIND_EXPIRE_ASSIGNMENT) == ["2031-06-09 15:00"]
    assert around.everything() == NOTHING

    act.go("2031-03-11 15:04")
    assert around.everything() == {"group": [PRIYA], "app": [(PRIYA, "User")], "site": []}
    assert (around.ldap_guest(PRIYA), around.scim_guest(PRIYA)) == ("active", "active")
    assert around.site.count("guest.create", PRIYA) == 1
    waiting = act.request(priya)
    assert waiting.state == requests.REQUEST_STATE_DELIVERING
    assert waiting.status == requests.REQUEST_STATUS_AWAITING_GUEST
    assert {one.resource: one.state for one in act.assignment(held).grants} == {
        "sales-group": assignments.GRANT_STATE_GRANTED,
        "sales-app": assignments.GRANT_STATE_GRANTED,
        "sales-site": assignments.GRANT_STATE_AWAITING_GUEST,
    }
    assert around.new_mail() == []
    return held


def priya_signs_in(story: Story, priya: str, held: str) -> None:
    """S-88, S-96, S-135, S-137: not bound to the retry window, nor late; then it is ready."""
    act, around = story.act, story.around
    act.go("2031-03-12 08:29")
    assert act.request(priya).status == requests.REQUEST_STATUS_AWAITING_GUEST
    assert not act.assignment(held).late
    assert around.on_site() == []
    around.site.signed_in.add(PRIYA)
    act.go("2031-03-12 08:30")
    assert around.everything() == story.has(PRIYA)
    assert around.site.count("grant", PRIYA) == 36  # each half hour since 15:00
    ready = act.request(priya)
    assert ready.state == requests.REQUEST_STATE_DELIVERED
    assert told(ready.complete_time) == "2031-03-12 08:30"
    assert act.assignment(held).state == assignments.ASSIGNMENT_STATE_DELIVERED
    assert around.new_mail() == [("access_ready", PRIYA)]
    assert act.events(priya) == [
        "User requests access package assignment",
        "Approval stage completed for access package assignment request",
        "Approve access package assignment request",
        "Ready to fulfill access package assignment request",
        *["Fulfill access package resource assignment"] * 3,
        "Fulfill access package assignment request",
    ]


def emils_second_stage_opens(story: Story, emil: str) -> None:
    """S-75: with a clock of its own."""
    story.act.go("2031-03-12 09:00")
    opened = story.act.approve(emil, "mona")
    assert (opened.state, opened.open_stage) == (requests.REQUEST_STATE_PENDING_APPROVAL, 2)
    assert told(opened.stages[1].deny_time) == "2031-04-11 09:00"
    story.act.go("2031-03-12 09:01")
    assert story.around.new_mail() == [("action_needed", DANA)]
    assert story.around.everything() == story.has(PRIYA)


def a_review_opens(story: Story, held: str) -> str:
    """S-119, S-121: of those who have it under the policy; Emil's is another."""
    act = story.act
    act.go("2031-03-31 23:59")
    assert list(act.reviews()) == []
    act.go("2031-04-01 00:00")
    [review] = act.reviews()
    assert (told(review.open_time), told(review.close_time)) == (
        "2031-04-01 00:00",
        "2031-04-26 00:00",
    )
    assert told(review.remind_time) == "2031-04-13 12:00"
    assert [(one.assignment, list(one.reviewers)) for one in act.items(review.id)] == [
        (held, ["dana"])
    ]
    assert story.around.new_mail() == [("review_opened", DANA)]
    act.go("2031-04-02 09:00")
    act.keep(review.id, held, "dana", "the campaign goes on")
    return review.id


def emils_request_times_out(story: Story, emil: str) -> str:
    """S-5, S-60, S-76: closed at the deadline; he may ask again at once."""
    act, around = story.act, story.around
    act.go("2031-04-11 08:59")
    assert act.request(emil).state == requests.REQUEST_STATE_PENDING_APPROVAL
    act.go("2031-04-11 09:00")
    late = act.request(emil)
    assert (late.state, late.reason.code) == (
        requests.REQUEST_STATE_DENIED,
        reason_pb2.REASON_CODE_APPROVAL_TIMEOUT,
    )
    assert (told(late.complete_time), late.ended_by) == ("2031-04-11 09:00", "system")
    assert not late.assignment
    assert around.new_mail() == [("approval_expired", DANA), ("request_expired", EMIL)]
    assert act.events(emil)[-1] == "Deny access package assignment request"
    again = act.ask("emil", PACKAGE, "once more")
    assert again.state == requests.REQUEST_STATE_PENDING_APPROVAL
    act.go("2031-04-11 09:01")
    assert around.new_mail() == [("action_needed", MONA), ("request_received", EMIL)]
    assert around.everything() == story.has(PRIYA)
    return again.id


def the_review_closes(story: Story, review: str, held: str) -> None:
    """S-121, S-122: reminded at half-time though all is decided; the next one in 90 days."""
    act, around = story.act, story.around
    act.go("2031-04-13 12:00")
    assert around.new_mail() == [("review_reminder", DANA)]
    act.go("2031-04-26 00:00")
    [closed] = act.reviews()
    assert (closed.id, closed.state) == (review, reviews.REVIEW_STATE_CLOSED)
    [item] = act.items(review)
    assert (item.assignment, item.decided_by, item.result) == (
        *(held, "dana"),
        reviews.REVIEW_RESULT_KEPT,
    )
    opening = [one for one in act.work() if one.kind == work_pb2.WORK_KIND_OPEN_REVIEW]
    assert [told(one.due_time) for one in opening] == ["2031-06-30 00:00"]
    assert around.everything() == story.has(PRIYA)
    assert around.new_mail() == []


def emil_has_access_for_a_month(story: Story, again: str) -> None:
    """S-98, S-99, S-100: the profile's 30 days from the last approval; without reminders."""
    act, around = story.act, story.around
    act.go("2031-05-01 09:00")
    act.approve(again, "mona")
    act.go("2031-05-08 09:00")
    assert around.new_mail() == [("action_needed", DANA)]
    held = act.approve(again, "dana").assignment
    act.go("2031-05-08 09:04")
    assert told(act.assignment(held).end_time) == "2031-06-07 09:00"
    assert act.request(again).state == requests.REQUEST_STATE_DELIVERED
    assert around.everything() == story.has("emil", PRIYA)
    assert around.new_mail() == [("access_ready", EMIL)]
    act.go("2031-05-26 15:00")
    assert around.new_mail() == [("extend_by", PRIYA)]
    act.go("2031-06-07 08:59")
    assert around.everything() == story.has("emil", PRIYA)
    act.go("2031-06-07 09:00")
    assert around.everything() == story.has(PRIYA)
    assert around.new_mail() == [("access_ended", EMIL)]
    assert act.assignment(held).end_cause == assignments.END_CAUSE_TIME
    assert around.scim_guest("emil") == "active"  # he is no guest: nobody touches his account


def priyas_access_ends(story: Story, held: str) -> None:
    """S-99, S-104, S-116: all three are taken away, and the guest is blocked."""
    act, around = story.act, story.around
    act.go("2031-06-08 15:00")
    assert around.new_mail() == [("extend_by", PRIYA)]
    act.go("2031-06-09 14:59")
    assert around.everything() == story.has(PRIYA)
    act.go("2031-06-09 15:00")
    ended = act.assignment(held)
    assert ended.state == assignments.ASSIGNMENT_STATE_EXPIRED
    assert told(ended.ended_time) == "2031-06-09 15:00"
    assert {one.state for one in ended.grants} == {assignments.GRANT_STATE_REVOKED}
    assert around.everything() == NOTHING
    assert (around.ldap_guest(PRIYA), around.scim_guest(PRIYA)) == ("blocked", "blocked")
    assert around.site.count("guest.block", PRIYA) == 1
    told_site = [when for what, who, when in around.site.told if (what, who) == ("revoke", PRIYA)]
    assert told_site == ["2031-06-09T15:00:00Z"]
    assert around.new_mail() == [("access_ended", PRIYA)]


def the_guest_is_deleted(story: Story) -> None:
    """S-116: after 30 days, and nobody is told."""
    act, around = story.act, story.around
    act.go("2031-07-09 14:59")
    assert (around.ldap_guest(PRIYA), around.scim_guest(PRIYA)) == ("blocked", "blocked")
    act.go("2031-07-09 15:00")
    assert (around.ldap_guest(PRIYA), around.scim_guest(PRIYA)) == ("none", "none")
    assert around.site.count("guest.delete", PRIYA) == 1
    assert around.new_mail() == []
    assert len(act.reviews()) == 1  # nobody had it on 2031-06-30


def a_year_after_the_first_request_priya_comes_back(story: Story) -> None:
    """S-115, S-116, S-121, S-123: as a new guest, until a review that nobody answers."""
    act, around = story.act, story.around
    act.go("2032-03-10 10:05")
    assert around.new_mail() == []
    again = act.ask(PRIYA, PACKAGE, "another spring")
    act.approve(again.id, "fran")
    act.go("2032-03-10 10:06")
    assert around.everything() == {"group": [PRIYA], "app": [(PRIYA, "User")], "site": []}
    assert (around.ldap_guest(PRIYA), around.scim_guest(PRIYA)) == ("active", "active")
    around.site.signed_in.add(PRIYA)
    act.go("2032-03-10 10:35")
    assert around.everything() == story.has(PRIYA)
    assert around.new_mail() == [
        *(("access_ready", PRIYA), ("action_needed", FRAN), ("request_received", PRIYA)),
    ]
    held = act.request(again.id).assignment
    act.go("2032-03-26 00:00")
    newest, *_ = act.reviews()
    assert told(newest.open_time) == "2032-03-26 00:00"
    assert [one.assignment for one in act.items(newest.id)] == [held]
    act.go("2032-04-19 23:59")
    assert around.everything() == story.has(PRIYA)
    assert around.new_mail() == [("review_opened", DANA), ("review_reminder", DANA)]
    act.go("2032-04-20 00:00")
    assert act.assignment(held).end_cause == assignments.END_CAUSE_REVIEW
    assert around.everything() == NOTHING
    assert (around.ldap_guest(PRIYA), around.scim_guest(PRIYA)) == ("blocked", "blocked")
    assert around.new_mail() == [("access_ended", PRIYA)]
    act.go("2032-05-20 00:00")
    assert (around.ldap_guest(PRIYA), around.scim_guest(PRIYA)) == ("none", "none")


def nothing_is_left_over(story: Story, priya: str) -> None:
    """S-7, S-48, S-87: no work was given up, none is late, and the story can be read for ever."""
    act, around = story.act, story.around
    assert list(act.work(parked=True)) == []
    act.go("2033-01-01 00:00")
    assert around.everything() == NOTHING
    assert around.new_mail() == []
    assert [one for one in act.work() if told(one.due_time) < "2033-01-01 00:00"] == []
    assert act.request(priya).state == requests.REQUEST_STATE_DELIVERED
    assert around.site.count("revoke", PRIYA) == 2
