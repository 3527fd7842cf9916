"""The story of section 20 through the command line alone, and what goes wrong on the way."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
from collections.abc import Iterator

import pytest
from google.protobuf import json_format

from ostiary.adapters.clock import SystemClock
from ostiary.cli.exits import Exit
from ostiary.lifecycle.ports import Delivered, Delivery
from ostiary.rpc.reception import Reception
from ostiary.rpc.server import Server
from ostiary.v1 import access_request_pb2 as requests
from ostiary.v1 import access_review_service_pb2 as review_service
from ostiary.v1 import assignment_pb2 as assignments
from ostiary.v1 import assignment_service_pb2 as assignment_service
from ostiary.v1 import audit_service_pb2 as audit_service
from ostiary.v1 import clock_service_pb2 as clock_service
from ostiary.v1 import decision_pb2
from ostiary.v1 import request_service_pb2 as request_service
from tests.contract.lent import Lent
from tests.scenarios.commands import command, run
from tests.scenarios.walking import PRIYA, SITE, TAILWIND_HOME, Walk, desk, walking

PACKAGE = "sales-team-access"


@pytest.fixture
def walk() -> Iterator[Walk]:
    with walking("2031-03-10 10:05") as one:
        yield one


def asks_priya(walk: Walk) -> str:
    """Priya asks, and the id of her request comes back."""
    answer = walk.read(
        request_service.CreateRequestResponse,
        *("request", "create", PACKAGE, "--mail", PRIYA, "--home", TAILWIND_HOME),
        *("--justification", "the spring campaign"),
        by=PRIYA,
    )
    return str(answer.request.id)


def request(walk: Walk, name: str) -> requests.AccessRequest:
    answer = walk.read(request_service.GetRequestResponse, "request", "show", name)
    return answer.request  # type: ignore[no-any-return]  # of a message read from JSON


def assignment(walk: Walk, name: str) -> assignments.Assignment:
    answer = walk.read(assignment_service.GetAssignmentResponse, "assignment", "show", name)
    return answer.assignment  # type: ignore[no-any-return]  # of a message read from JSON


def words(text: str) -> str:
    """A text in one line, however it was broken."""
    return re.sub(r"\s+", " ", text)


def test_a_partner_from_the_request_to_the_deleted_guest(  # noqa: PLR0915  # one story
    walk: Walk,
) -> None:
    """Section 20: S-79, S-97, S-99, S-100, S-115, S-116, S-121, S-135, S-138."""
    walk.world.systems.answer(SITE, Delivered(Delivery.AWAITING_GUEST))
    name = asks_priya(walk)
    queue = walk.told("request", "queue", by="fran")
    assert queue.startswith("1 request waits for fran\n")
    assert '"the spring campaign"' in queue
    assert "stage 1 of 1 before 2031-04-09 10:05 UTC (in 30 d)" in queue
    assert walk.told("request", "queue", by="dana") == "nothing waits for dana\n"

    walk.clock("2031-03-11T15:00Z")
    walk.told("request", "approve", name, "--justification", "fine", by="fran")
    shown = words(walk.told("request", "show", name))
    assert "2 of 3 resource roles are given; Sales Site (Contribute) waits" in shown
    assert "2031-05-26 15:00 priya@tailwind.example is reminded" in shown
    assert "2031-06-08 15:00 priya@tailwind.example is reminded" in shown
    assert "2031-06-09 15:00 the access of priya@tailwind.example ends" in shown
    held = request(walk, name).assignment
    why = walk.told("audit", "--target", PRIYA, "--package", PACKAGE)
    assert "\n\nNOT YET  2 of 3 resource roles are given;" in why

    walk.clock("2031-03-12T08:30Z")
    assert request(walk, name).state == requests.REQUEST_STATE_DELIVERED
    assert "\n\nYES  " in walk.told("audit", "--target", PRIYA, "--package", PACKAGE)
    own = walk.told("assignment", "show", held, by=PRIYA)
    assert f"ostiary request extend {held}" in own

    walk.clock("2031-04-02")
    listed = walk.read(review_service.ListReviewsResponse, "review", "list")
    [review] = listed.access_reviews
    shown = walk.told("review", "show", review.id)
    assert f"{held}  undecided  {PRIYA}" in shown
    reviewer = "dana"
    walk.told("review", "decide", review.id, held, "keep", by=reviewer)
    walk.clock("2031-04-26")
    closed = words(walk.told("review", "show", review.id))
    assert "Closed 1 of 1 decided; it closed 2031-04-26 00:00 UTC." in closed
    assert "was kept" in closed
    coming = words(walk.told("assignment", "show", held))
    assert "2031-06-09 15:00 the access of priya@tailwind.example ends" in coming
    assert "2031-06-30" not in coming  # the next round comes after the end

    walk.clock("2031-06-09T15:00Z")
    ended = assignment(walk, held)
    assert ended.state == assignments.ASSIGNMENT_STATE_EXPIRED
    assert {one.state for one in ended.grants} == {assignments.GRANT_STATE_REVOKED}
    shown = words(walk.told("assignment", "show", held))
    assert "Expired It ended 2031-06-09 15:00 UTC: its time was over." in shown
    assert "2031-07-09 15:00 the guest account of priya@tailwind.example is deleted" in shown
    assert "\n\nNO LONGER  " in walk.told("audit", "--target", PRIYA, "--package", PACKAGE)
    assert walk.world.systems.guests == {PRIYA: "blocked"}
    walk.clock("30d")
    assert not walk.world.systems.guests
    assert "deleted, if nothing" not in walk.told("assignment", "show", held)

    events = walk.read(audit_service.ListAuditEventsResponse, "audit", "--request", name).events
    assert [one.display_name for one in events] == [
        "User requests access package assignment",
        "Approval stage completed for access package assignment request",
        "Approve access package assignment request",
        "Ready to fulfill access package assignment request",
        *["Fulfill access package resource assignment"] * 3,
        "Fulfill access package assignment request",
    ]


def test_an_employee_whose_second_approver_does_nothing_asks_again(walk: Walk) -> None:
    """Section 20, beside it: S-63, S-75, S-76, S-98."""
    created = walk.told("request", "create", PACKAGE, by="emil")
    assert "mona may decide stage 1 of 2 until 2031-04-09 10:05 UTC" in words(created)
    walk.clock("2031-03-12T09:00Z")
    walk.told("request", "approve", "r-1", by="mona")
    assert "dana may decide stage 2 of 2 until 2031-04-11 09:00 UTC" in words(
        walk.told("request", "show", "r-1", by="emil")
    )
    walk.clock("2031-04-11T09:00Z")
    expired = words(walk.told("request", "show", "r-1", by="emil"))
    assert "Expired Nobody decided the approval stage in time, 2031-04-11 09:00 UTC" in expired
    assert "stage 2 timed out nobody decided until 2031-04-11 09:00 UTC" in expired
    assert "\n\nNO  " in walk.told("audit", "--target", "emil", "--package", PACKAGE)

    again = walk.read(
        request_service.CreateRequestResponse, "request", "create", PACKAGE, by="emil"
    ).request.id
    walk.told("request", "approve", again, by="mona")
    walk.clock("2031-05-08T09:00Z")
    walk.told("request", "approve", again, by="dana")
    [held] = walk.read(
        assignment_service.ListAssignmentsResponse, "assignment", "list", "--mine", by="emil"
    ).assignments
    assert held.end_time.ToJsonString() == "2031-06-07T09:00:00Z"
    mine = walk.told("request", "list", "--mine", by="emil")
    assert [line.split()[0] for line in mine.splitlines()[1:] if line[0] != " "] == [again, "r-1"]


def test_a_refused_submission_prints_its_decision(walk: Walk) -> None:
    """S-45, S-138: as `ostiary evaluate` does, and as JSON a dry run's answer; nothing is made."""
    walk.told("request", "create", PACKAGE, by="emil")
    done = walk.run("request", "create", PACKAGE, by="emil")
    assert done.exit_code == Exit.REFUSED
    assert 'May emil have "sales-team-access"?' in done.stdout
    assert "DENY  No: a request of the person for this access package is still open." in done.stdout
    assert done.stderr == "nothing was submitted: the request is refused: REQUEST_PENDING\n"
    said = walk.run("request", "create", PACKAGE, "--json", by="emil")
    dry = walk.run("request", "create", PACKAGE, "--json", "--dry-run", by="emil")
    assert (said.exit_code, dry.exit_code) == (Exit.REFUSED, Exit.DONE)
    for answer in (said, dry):
        assert '"outcome": "OUTCOME_DENY"' in answer.stdout
        assert '"request"' not in answer.stdout
    assert len(walk.world.requests()) == 1


def test_a_dry_run_says_what_would_be_and_changes_nothing(walk: Walk) -> None:
    """S-45."""
    told = walk.told("request", "create", PACKAGE, "--dry-run", by="emil")
    assert "NEEDS APPROVAL  Yes, once both approval stages have approved." in told
    assert told.endswith("\na dry run: nothing was submitted\n")
    answer = walk.read(
        request_service.CreateRequestResponse,
        *("request", "create", PACKAGE, "--dry-run"),
        by="emil",
    )
    assert answer.decision.outcome == decision_pb2.OUTCOME_NEEDS_APPROVAL
    assert not walk.world.requests()


def test_a_manager_asks_on_behalf_and_the_person_is_named(walk: Walk) -> None:
    """S-38."""
    told = words(walk.told("request", "create", "reading-room", "--for", "emil", by="mona"))
    assert 'emil is to have "' in told
    assert "asked by mona" in told
    refused = walk.run("request", "create", "reading-room", "--for", "nils", by="mona")
    assert refused.exit_code == Exit.REFUSED


def test_the_same_request_id_makes_one_request(walk: Walk) -> None:
    """S-61."""
    wish = ("request", "create", PACKAGE, "--request-id", "emil-1")
    first, second = (
        walk.read(request_service.CreateRequestResponse, *wish, by="emil") for _ in range(2)
    )
    assert first.request.id == second.request.id
    said = walk.refused(*wish, "--justification", "other", by="emil", code=Exit.FAULTY)
    assert said == "REQUEST_ID_REUSED: request_id was used before for something else: `emil-1`\n"


def test_an_extension_by_the_id_or_by_the_package(walk: Walk) -> None:
    """S-101, S-102: the new end counts from now; here it needs the approval again."""
    walk.world.policy(PACKAGE, "partners", approval_for_extension=True)
    name = asks_priya(walk)
    walk.told("request", "approve", name, by="fran")
    walk.clock("2031-03-20T09:00Z")
    held = request(walk, name).assignment
    told = words(walk.told("request", "extend", "--package", PACKAGE, by=PRIYA))
    assert f'{PRIYA} is to have "Sales Team Access" until another day' in told
    again = walk.refused("request", "extend", held, by=PRIYA)
    assert "REQUEST_PENDING" in again
    why = walk.told("audit", "--target", PRIYA, "--package", PACKAGE)
    assert re.search(r"Also under way\n  \S+  \S.*a later end\n$", why)
    assert "whose end?" in walk.refused("request", "extend", by=PRIYA, code=Exit.USAGE)
    nothing = walk.refused("request", "extend", "--package", PACKAGE, by="emil")
    assert nothing.startswith("NOT_ASSIGNED: emil has no access to `sales-team-access`")


def test_staff_set_another_end_and_the_reminders_move_with_it(walk: Walk) -> None:
    """S-100, S-103."""
    name = asks_priya(walk)
    walk.told("request", "approve", name, by="fran")
    held = request(walk, name).assignment
    walk.told("request", "extend", held, "--end", "2031-07-31")
    shown = words(walk.told("assignment", "show", held))
    for date in ("2031-07-18 00:00", "2031-07-31 00:00"):
        assert f"{date} {PRIYA} is reminded that the access will end" in shown
    assert f"2031-08-01 00:00 the access of {PRIYA} ends" in shown
    due = walk.told("work", "list", "--assignment", held)
    assert "2031-07-18 00:00  waiting  remind the holder" in due
    assert "2031-08-01 00:00  waiting  end the access" in due


def test_access_is_assigned_and_taken_away_by_staff(walk: Walk) -> None:
    """S-44, S-66, S-86, S-104."""
    wish = ("assignment", "assign", PACKAGE, "emil", "--policy", "employees")
    assert walk.refused(*wish, "--bypass-approval", by="emil").startswith("FORBIDDEN: ")
    told = walk.told(*wish, "--bypass-approval")
    assert "left out by an administrator" in told
    [held] = walk.read(
        assignment_service.ListAssignmentsResponse, "assignment", "list", "--state", "delivered"
    ).assignments
    dry = walk.told("assignment", "remove", held.id, "--dry-run")
    assert dry == "a dry run: nothing was submitted\n"
    walk.told("assignment", "reprocess", held.id)
    walk.told("assignment", "remove", held.id, "--justification", "moved on")
    shown = words(walk.told("assignment", "show", held.id))
    assert "staff took it away" in shown
    gone = walk.refused("assignment", "remove", held.id)
    assert gone.startswith("NOT_ASSIGNED: ")


def test_a_full_group_shows_its_cause_and_is_repaired(walk: Walk) -> None:
    """S-93, S-94, S-97, W-8."""
    full = Delivered(
        Delivery.FAILED,
        "LIMIT_EXCEEDED",
        "the group is full",
        (("max", "50000"), ("name", "group_members")),
    )
    walk.world.systems.answer("sales-group", full)
    name = asks_priya(walk)
    walk.told("request", "approve", name, by="fran")
    why = words(walk.told("audit", "--target", PRIYA, "--package", PACKAGE))
    cause = "Sales Group (Member): LIMIT_EXCEEDED (group_members, max 50000): the group"
    assert f"IN PART Some of it could not be given: {cause} is full." in why
    assert f"After the repair: ostiary request reprocess {name}" in why
    assert "Provisioning failed: the group is full" in why
    failures = walk.read(
        audit_service.ListAuditEventsResponse, "audit", "--filter", "FAILED access package"
    ).events
    assert [one.reason for one in failures] == ["LIMIT_EXCEEDED"]
    walk.told("request", "reprocess", name)
    assert request(walk, name).state == requests.REQUEST_STATE_DELIVERED
    assert "\n\nYES  " in walk.told("audit", "--target", PRIYA, "--package", PACKAGE)


def test_what_was_given_up_is_shown_and_tried_again(walk: Walk) -> None:
    """S-92, S-116: parked work waits for staff, who find it and have it tried again."""
    name = asks_priya(walk)
    walk.told("request", "approve", name, by="fran")
    held = request(walk, name).assignment
    gone = Delivered(Delivery.FAILED, "INSUFFICIENT_PERMISSION", "we may not")
    walk.world.systems.answer(SITE, gone)
    walk.told("assignment", "remove", held)
    shown = walk.told("assignment", "show", held)
    assert "still there" in shown
    [order] = re.findall(r"^  ostiary work retry (\S+)$", shown, re.MULTILINE)
    parked = walk.read(request_service.ListWorkResponse, "work", "list", "--state", "parked").work
    assert [one.id for one in parked] == [order]
    assert "we may not" in walk.told("work", "list", "--state", "parked")
    assert walk.refused("work", "retry", order, by="emil").startswith("FORBIDDEN: ")
    walk.told("work", "retry", order)
    assert assignment(walk, held).grants[-1].state == assignments.GRANT_STATE_REVOKED
    assert walk.told("work", "list", "--state", "parked") == "no work\n"


def test_an_approver_decides_with_the_command_of_the_mail(walk: Walk) -> None:
    """S-79: nobody needs to say who they are."""
    name = asks_priya(walk)
    [(token, notice)] = walk.world.postman.secrets
    assert notice.to == ("fran",)
    assert walk.refused("request", "approve", name, f"--token={token}x", by="") == (
        "NOT_APPROVER: the link is not one for this request\n"
    )
    walk.told("request", "approve", name, f"--token={token}", by="")
    assert request(walk, name).stages[0].decided_by == "fran"


def test_an_approver_has_somebody_else_decide(walk: Walk) -> None:
    """S-80."""
    walk.world.switch(approval_delegation=True)
    nobody = "nobody decides in the place of fran"
    assert walk.told("request", "delegation", by="fran") == f"{nobody}\n"
    told = walk.told("request", "delegate", "sol", "--end", "2031-04-01", by="fran")
    assert " ".join(told.split()) == (
        "sol may decide in the place of fran what is assigned since 2031-03-10 10:05, "
        "until 2031-04-02 00:00 (UTC)"
    )
    assert walk.told("request", "delegation", "--approver", "fran") == told
    name = asks_priya(walk)
    walk.told("request", "approve", name, by="sol")
    assert request(walk, name).stages[0].decided_instead_of == "fran"
    assert walk.told("request", "undelegate", by="fran") == f"{nobody} any more\n"
    said = walk.refused("request", "delegate", "fran", by="fran", code=Exit.FAULTY)
    assert said == "INVALID_REQUEST: USER: is the approver\n"


def test_somebody_who_never_asked_is_told_what_stands_in_the_way(walk: Walk) -> None:
    """S-138."""
    told = walk.told("audit", "--target", "sol", "--package", PACKAGE)
    assert told.startswith(f'Does sol have "{PACKAGE}"?\n\nNO  sol has never asked for it')
    assert f'May sol have "{PACKAGE}"?' in told


def test_names_that_stand_for_nothing_are_compared_with_those_that_do(walk: Walk) -> None:
    said = walk.refused("request", "create", "sales-taem-access", by="emil", code=Exit.FAULTY)
    assert said == (
        "ACCESS_PACKAGE_NOT_FOUND: access package not found: `sales-taem-access`;"
        " did you mean `sales-team-access`?\n"
    )
    said = walk.refused(
        *("request", "create", PACKAGE, "--policy", "employes"), by="emil", code=Exit.FAULTY
    )
    assert said.endswith("`employes`; did you mean `employees`?\n")
    said = walk.refused("request", "list", "--state", "denyed", code=Exit.USAGE)
    assert said == "--state: there is no `denyed`; did you mean `denied`?\n"


@pytest.mark.parametrize(
    ("command", "by", "code", "want"),
    [
        pytest.param(
            ("request", "list", "--mine"),
            "service:pdp",
            Exit.USAGE,
            "--as: say who asks, as user:ID\n",
            id="a service has no list of its own",
        ),
        pytest.param(
            ("request", "list", "--all"),
            "",
            Exit.USAGE,
            "UNAUTHENTICATED: the call does not say who makes it\n"
            "say who asks: --as user:ID, or in the environment as OSTIARY_CALLER\n",
            id="nobody",
        ),
        pytest.param(
            ("request", "list"),
            "emil",
            Exit.REFUSED,
            "FORBIDDEN: the caller may not do this\n"
            "only staff see everybody's; --mine lists what is yours\n",
            id="somebody wants to see everybody's",
        ),
        pytest.param(
            ("request", "show", "nosuch"),
            "ada",
            Exit.FAULTY,
            "REQUEST_NOT_FOUND: request not found: `nosuch`\n",
            id="no request",
        ),
        pytest.param(
            ("request", "create", PACKAGE, "--end", "2031-04-01", "--duration", "3d"),
            "emil",
            Exit.USAGE,
            "--end: not together with --duration; both say when it ends\n",
            id="two ends",
        ),
        pytest.param(
            ("request", "create", PACKAGE, "--justification", "x" * 10_001),
            "emil",
            Exit.FAULTY,
            "INVALID_REQUEST: --justification: ",
            id="a field of the request by its option",
        ),
        pytest.param(
            ("request", "create", PACKAGE, "--home", "tailwind.example"),
            PRIYA,
            Exit.USAGE,
            "--home: `tailwind.example` does not say how they sign in; write tenant:ID, ",
            id="no way to sign in",
        ),
        pytest.param(
            ("request", "resume", "c-1", "--stage", "request-create"),
            "ada",
            Exit.USAGE,
            "--stage: there is no `request-create`; did you mean `request-created`?\n",
            id="no stage of extensions",
        ),
        pytest.param(
            ("request", "resume", "c-1", "--stage", "request-created"),
            "ada",
            Exit.FAULTY,
            "CALLOUT_NOT_FOUND: callout not found: `c-1`\n",
            id="no callout",
        ),
        pytest.param(
            ("request", "resume", "c-1", "--stage", "request-created", "--approver", "sol"),
            "ada",
            Exit.USAGE,
            "--approver: expected user:ID or group:ID, not `sol`\n",
            id="an approver of no kind",
        ),
        pytest.param(
            ("request", "resume", "c-1", "--stage", "request-created", "--time-out", "3d"),
            "ada",
            Exit.USAGE,
            "--time-out: is that of the stage of --approver, which is not given\n",
            id="a time-out without a stage",
        ),
        pytest.param(
            (
                *("request", "resume", "c-1", "--stage", "request-created"),
                *("--approver", "user:sol", "--time-out", "3d"),
            ),
            "ada",
            Exit.FAULTY,
            "CALLOUT_NOT_FOUND: callout not found: `c-1`\n",
            id="no callout for a stage",
        ),
        pytest.param(
            ("clock", "advance", "2031-01-01"),
            "",
            Exit.FAULTY,
            "INVALID_REQUEST: ",
            id="the clock does not go back",
        ),
        pytest.param(
            ("clock", "advance", "soon"),
            "",
            Exit.USAGE,
            "WHEN: `soon` is no date or instant; write it like 2031-06-30 or",
            id="no time",
        ),
        pytest.param(
            ("clock", "advance", "1m"),
            "",
            Exit.USAGE,
            "WHEN: `1m` is no date or instant; write it like 2031-06-30 or 2031-06-30T18:00Z,"
            " or a length of time like 30d, 36h or 90min\n",
            id="a length of time that could be months or minutes",
        ),
    ],
)
def test_what_is_wrong_is_said_in_the_words_of_the_command(
    walk: Walk, command: tuple[str, ...], by: str, code: Exit, want: str
) -> None:
    """S-139."""
    done = walk.run(*command, by=by)
    assert (done.exit_code, done.stdout) == (code, "")
    assert done.stderr.startswith(want)


def test_decisions_that_come_too_late_or_from_the_wrong_person(walk: Walk) -> None:
    """S-64, S-71, S-85."""
    walk.told("request", "create", PACKAGE, by="emil")
    assert walk.refused("request", "approve", "r-1", by="dana").startswith("NOT_APPROVER: ")
    assert walk.refused("request", "approve", "r-1", by="emil").startswith("SELF_APPROVAL: ")
    stale = walk.refused("request", "approve", "r-1", "--etag", "v99", by="mona")
    assert stale.startswith("CONFLICT: ")
    walk.told("request", "cancel", "r-1", by="emil")
    assert walk.refused("request", "deny", "r-1", by="mona").startswith("STAGE_CLOSED: ")
    assert walk.refused("request", "cancel", "r-1", by="emil").startswith("NOT_CANCELLABLE: ")
    canceled = words(walk.told("request", "show", "r-1", by="emil"))
    assert "Canceled By emil, 2031-03-10 10:05 UTC." in canceled
    walk.told("request", "delete", "r-1")
    walk.refused("request", "show", "r-1", code=Exit.FAULTY)


def test_a_denial_shows_who_and_why(walk: Walk) -> None:
    """S-63."""
    walk.told("request", "create", PACKAGE, by="emil")
    told = words(walk.told("request", "deny", "r-1", "--justification", "no budget", by="mona"))
    assert 'Denied An approver denied the request, by mona, 2031-03-10 10:05 UTC: "no' in told


def test_one_review_item_that_fails_leaves_the_others_decided(walk: Walk) -> None:
    """S-120."""
    name = asks_priya(walk)
    walk.told("request", "approve", name, by="fran")
    held = request(walk, name).assignment
    walk.clock("2031-04-02")
    done = walk.run("review", "decide", "v-1", held, "nosuch", "remove", by="dana")
    assert done.exit_code == Exit.REFUSED
    assert f"{held}  {PRIYA}  remove\n" in done.stdout
    assert done.stderr == "ASSIGNMENT_NOT_FOUND: nosuch: assignment not found: `nosuch`\n"
    decided = walk.read(review_service.ListReviewItemsResponse, "review", "show", "v-1").items
    assert [one.decided_by for one in decided] == ["dana"]


def test_long_lists_say_that_more_follows(walk: Walk) -> None:
    for who in ("emil", "nils", "otto"):
        walk.told("request", "create", "reading-room", by=who)
    done = walk.run("request", "list", "--limit", "2")
    assert len(done.stdout.splitlines()) == 3
    assert done.stderr == "the first 2; more follow: --limit N or --all\n"
    whole = walk.read(request_service.ListRequestsResponse, "request", "list", "--all")
    assert len(whole.requests) == 3
    assert not whole.next_page_token


def test_the_log_can_be_narrowed_by_time_and_turned_round(walk: Walk) -> None:
    """S-97, S-134."""
    walk.told("request", "create", PACKAGE, by="emil")
    walk.clock("2d")
    walk.told("request", "cancel", "r-1", by="emil")
    late = walk.read(audit_service.ListAuditEventsResponse, "audit", "--since", "1d").events
    assert [one.display_name for one in late] == ["Cancel access package assignment request"]
    early = walk.told("audit", "--until", "2031-03-11", "--actor", "emil")
    assert "User requests access package assignment, by emil" in early
    assert "Cancel" not in early
    turned = walk.told("audit", "--newest-first", "--request", "r-1")
    assert turned.index("Cancel access") < turned.index("User requests")
    nothing = walk.told("audit", "--filter", "no such thing")
    assert nothing == "nothing happened that fits\n"


def test_the_clock_shows_what_is_due(walk: Walk) -> None:
    walk.told("request", "create", PACKAGE, by="emil")
    told = walk.told("clock", "show", by="")
    assert told == ("now       2031-03-10 10:05 UTC\nnext due  2031-04-09 10:05 UTC (in 30 d)\n")
    moved = walk.read(clock_service.AdvanceTimeResponse, "clock", "advance", "2031-04-10", by="")
    assert moved.work_done >= 1
    assert moved.time.ToJsonString() == "2031-04-10T00:00:00Z"


def test_following_tells_what_was_and_then_what_happens(walk: Walk) -> None:
    """S-134: each event once and in order, as JSON one a line, until Ctrl-C."""
    walk.told("request", "create", PACKAGE, by="emil")
    asked = ("audit", "--follow", "--since", "1d", "--target", "emil", "--json")
    started = subprocess.Popen(
        command(*asked, "--as", "user:ada", "--server", walk.server.address),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert started.stdout is not None
        told = [started.stdout.readline()]
        walk.told("request", "create", PACKAGE, by="nils")  # about somebody else
        walk.told("request", "cancel", "r-1", by="emil")
        told.append(started.stdout.readline())
        started.send_signal(signal.SIGINT)
        rest, err = started.communicate(timeout=60)
    finally:
        started.kill()
        started.communicate(timeout=30)
    events = [json_format.Parse(line, audit_service.WatchAuditEventsResponse()) for line in told]
    assert [one.event.display_name for one in events] == [
        "User requests access package assignment",
        "Cancel access package assignment request",
    ]
    assert (started.returncode, rest, err) == (Exit.INTERRUPTED, "", "")


def test_following_ends_in_words_when_the_server_does(walk: Walk) -> None:
    refused = walk.refused("audit", "--follow", by="emil")
    assert refused == "FORBIDDEN: the caller may not do this\n"


def test_nobody_there_is_no_answer(unused_tcp_port: int) -> None:
    done = run("request", "list", "--as", "user:ada", "--server", f"127.0.0.1:{unused_tcp_port}")
    assert done.exit_code == Exit.NO_ANSWER
    assert done.stderr.startswith(f"UNAVAILABLE: 127.0.0.1:{unused_tcp_port}: ")
    assert run("request", "list", "--server", "nowhere").exit_code == Exit.USAGE


@pytest.fixture
def unused_tcp_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_a_server_that_only_decides_says_so() -> None:
    """Without a store there are no requests, and the clock is that of the machine."""
    alone = Server(Reception(lambda: Lent(desk())), SystemClock())
    alone.start()
    alone.load()
    for asked, hint in (
        (("request", "list"), "this server does not offer it; is it one with a store,"),
        (("clock", "show"), "its clock is that of its machine; `ostiary serve --clock mov"),
    ):
        done = run(*asked, "--as", "user:ada", "--server", alone.address)
        assert done.exit_code == Exit.NO_ANSWER
        assert hint in done.stderr
    alone.stop(0)
