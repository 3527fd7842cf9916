"""Two ways in which people act on a server: calls of gRPC, and commands in processes.

Both give messages of the contract, so that one story is told to both and checked alike.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar

from google.protobuf import json_format, timestamp_pb2
from google.protobuf.message import Message

from ostiary.client import Services
from ostiary.v1 import (
    access_request_pb2,
    access_review_pb2,
    access_review_service_pb2,
    assignment_pb2,
    assignment_service_pb2,
    audit_service_pb2,
    clock_service_pb2,
    decision_pb2,
    decision_service_pb2,
    request_service_pb2,
    work_pb2,
)
from tests.scenarios.commands import command

Answer = TypeVar("Answer", bound=Message)

TAILWIND = "3f9a6c1e-8d42-4b77-a5e0-6c0f2b9d4e10"
PRIYA = "priya@tailwind.example"
ADMINISTRATOR = "ada"
PATIENCE = 120  # seconds for a move of the clock, on which a year of work may be done


def at(text: str) -> datetime:
    """Give an instant in UTC, e.g. 2031-03-10 10:00."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def told(stamp: timestamp_pb2.Timestamp) -> str:
    """Write an instant of a message as `at` reads it."""
    return f"{stamp.ToDatetime():%Y-%m-%d %H:%M}"


def opens_the_portal(who: str, package: str) -> dict[str, Any]:
    """What a portal asks for somebody from outside who looks at a package."""
    return {
        "accessPackage": package,
        "person": {
            "id": who,
            "type": "PERSON_TYPE_EXTERNAL",
            "state": "ACCOUNT_STATE_ENABLED",
            "groups": {},
            "manager": {"none": {}},
            "sponsors": {},
            "home": {
                "signIn": "SIGN_IN_TENANT",
                "tenantId": TAILWIND,
                "domain": "tailwind.example",
            },
            "attributes": {},
            "mail": who,
        },
    }


class Acting(Protocol):
    """What people do, and what they can look at."""

    def go(self, to: str) -> None:
        """Let time pass up to an instant, with all that is due on the way."""

    def may(self, who: str, package: str) -> decision_pb2.Decision:
        """Ask what somebody from outside may have."""

    def ask(self, who: str, package: str, why: str = "") -> access_request_pb2.AccessRequest:
        """Submit a request for oneself; who has a mail address for an id is from outside."""

    def queue(self, who: str) -> Sequence[access_request_pb2.AccessRequest]:
        """Look at what waits for an approver."""

    def approve(self, request: str, who: str) -> access_request_pb2.AccessRequest:
        """Approve the open stage."""

    def request(self, name: str) -> access_request_pb2.AccessRequest:
        """Look at a request."""

    def assignment(self, name: str) -> assignment_pb2.Assignment:
        """Look at an assignment."""

    def work(self, *, assignment: str = "", parked: bool = False) -> Sequence[work_pb2.WorkItem]:
        """Look at work that waits, or that was given up."""

    def reviews(self) -> Sequence[access_review_pb2.AccessReview]:
        """Look at all reviews, the newest first."""

    def items(self, review: str) -> Sequence[access_review_pb2.ReviewItem]:
        """Look at what a review is about."""

    def keep(self, review: str, assignment: str, who: str, why: str) -> None:
        """Say in a review that somebody's access is still needed."""

    def events(self, request: str) -> list[str]:
        """Read the names of the audit events of a request."""


class ByGrpc:
    """Calls of gRPC, each by whoever acts."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._callers: dict[tuple[str, tuple[str, ...]], Services] = {}

    def close(self) -> None:
        """Let go of all connections."""
        for one in self._callers.values():
            one.close()

    def by(self, who: str, *roles: str) -> Services:
        """Give the services as somebody calls them; an administrator is one by a role."""
        if who == ADMINISTRATOR:
            roles = ("administrator",)
        if (who, roles) not in self._callers:
            caller = Services(self.address, caller=f"user:{who}" if who else "", roles=roles)
            self._callers[who, roles] = caller
        return self._callers[who, roles]

    def go(self, to: str) -> None:
        services = self.by("")
        asked = clock_service_pb2.AdvanceTimeRequest()
        asked.to_time.FromDatetime(at(to))
        services.call(services.clock.AdvanceTime, asked, timeout=PATIENCE)

    def may(self, who: str, package: str) -> decision_pb2.Decision:
        services = self.by(who)
        asked = decision_service_pb2.EvaluateRequest()
        json_format.ParseDict(opens_the_portal(who, package), asked)
        return services.call(services.decisions.Evaluate, asked).decision

    def ask(self, who: str, package: str, why: str = "") -> access_request_pb2.AccessRequest:
        services = self.by(who)
        asked = request_service_pb2.CreateRequestRequest(
            kind=access_request_pb2.REQUEST_KIND_USER_ADD,
            access_package=package,
            justification=why,
        )
        if "@" in who:
            home = opens_the_portal(who, package)["person"]["home"]
            person = {"id": who, "mail": who, "home": home}
            json_format.ParseDict(person, asked.external_person)
        return services.call(services.requests.CreateRequest, asked).request

    def queue(self, who: str) -> Sequence[access_request_pb2.AccessRequest]:
        services = self.by(who)
        asked = request_service_pb2.ListApprovalsRequest()
        return services.call(services.requests.ListApprovals, asked).requests

    def approve(self, request: str, who: str) -> access_request_pb2.AccessRequest:
        services = self.by(who)
        asked = request_service_pb2.ApproveRequestRequest(request=request)
        return services.call(services.requests.ApproveRequest, asked).request

    def request(self, name: str) -> access_request_pb2.AccessRequest:
        services = self.by(ADMINISTRATOR)
        asked = request_service_pb2.GetRequestRequest(request=name)
        return services.call(services.requests.GetRequest, asked).request

    def assignment(self, name: str) -> assignment_pb2.Assignment:
        services = self.by(ADMINISTRATOR)
        asked = assignment_service_pb2.GetAssignmentRequest(assignment=name)
        return services.call(services.assignments.GetAssignment, asked).assignment

    def work(self, *, assignment: str = "", parked: bool = False) -> Sequence[work_pb2.WorkItem]:
        services = self.by(ADMINISTRATOR)
        state = work_pb2.WORK_STATE_PARKED if parked else work_pb2.WORK_STATE_WAITING
        asked = request_service_pb2.ListWorkRequest(assignment=assignment, states=[state])
        return services.call(services.requests.ListWork, asked).work

    def reviews(self) -> Sequence[access_review_pb2.AccessReview]:
        services = self.by(ADMINISTRATOR)
        asked = access_review_service_pb2.ListReviewsRequest()
        return services.call(services.reviews.ListReviews, asked).access_reviews

    def items(self, review: str) -> Sequence[access_review_pb2.ReviewItem]:
        services = self.by(ADMINISTRATOR)
        asked = access_review_service_pb2.ListReviewItemsRequest(access_review=review)
        return services.call(services.reviews.ListReviewItems, asked).items

    def keep(self, review: str, assignment: str, who: str, why: str) -> None:
        services = self.by(who)
        decision = access_review_service_pb2.ReviewDecision(
            assignment=assignment,
            verdict=access_review_pb2.REVIEW_VERDICT_KEEP,
            justification=why,
        )
        asked = access_review_service_pb2.DecideReviewItemsRequest(
            access_review=review, decisions=[decision]
        )
        services.call(services.reviews.DecideReviewItems, asked)

    def events(self, request: str) -> list[str]:
        services = self.by(ADMINISTRATOR)
        asked = audit_service_pb2.ListAuditEventsRequest()
        asked.filter.request = request
        found = services.call(services.audit.ListAuditEvents, asked).events
        return [one.display_name for one in found]


class ByCommand:
    """Commands, each in a process of its own."""

    def __init__(self, address: str) -> None:
        self.address = address

    def close(self) -> None:
        """Do nothing: no command outlives its answer."""

    def read(self, answer: type[Answer], who: str, *words: str, given: str | None = None) -> Answer:
        """Run a command as somebody and give what it prints as JSON."""
        return json_format.Parse(self.text(who, *words, "--json", given=given), answer())

    def text(self, who: str, *words: str, given: str | None = None) -> str:
        """Run a command as somebody and give what it prints."""
        roles = {"OSTIARY_ROLES": "administrator"} if who == ADMINISTRATOR else {}
        caller = {"OSTIARY_CALLER": f"user:{who}"} if who else {}
        done = subprocess.run(
            command(*words),
            env={**os.environ, "OSTIARY_SERVER": self.address, **caller, **roles},
            input=given,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def go(self, to: str) -> None:
        moment = at(to).isoformat().replace("+00:00", "Z")
        answer = clock_service_pb2.AdvanceTimeResponse
        self.read(answer, "", "clock", "advance", moment, "--timeout", str(PATIENCE))

    def may(self, who: str, package: str) -> decision_pb2.Decision:
        asked = json.dumps(opens_the_portal(who, package))
        words = ("evaluate", "--server", self.address, "-")
        return self.read(decision_service_pb2.EvaluateResponse, who, *words, given=asked).decision

    def ask(self, who: str, package: str, why: str = "") -> access_request_pb2.AccessRequest:
        words = ["request", "create", package]
        if why:
            words += ["--justification", why]
        if "@" in who:
            words += ["--mail", who, "--home", f"tenant:{TAILWIND}@tailwind.example"]
        return self.read(request_service_pb2.CreateRequestResponse, who, *words).request

    def queue(self, who: str) -> Sequence[access_request_pb2.AccessRequest]:
        answer = request_service_pb2.ListApprovalsResponse
        return self.read(answer, who, "request", "queue").requests

    def approve(self, request: str, who: str) -> access_request_pb2.AccessRequest:
        answer = request_service_pb2.ApproveRequestResponse
        return self.read(answer, who, "request", "approve", request).request

    def request(self, name: str) -> access_request_pb2.AccessRequest:
        answer = request_service_pb2.GetRequestResponse
        return self.read(answer, ADMINISTRATOR, "request", "show", name).request

    def assignment(self, name: str) -> assignment_pb2.Assignment:
        answer = assignment_service_pb2.GetAssignmentResponse
        return self.read(answer, ADMINISTRATOR, "assignment", "show", name).assignment

    def work(self, *, assignment: str = "", parked: bool = False) -> Sequence[work_pb2.WorkItem]:
        words = ["work", "list", "--state", "parked" if parked else "waiting"]
        if assignment:
            words += ["--assignment", assignment]
        return self.read(request_service_pb2.ListWorkResponse, ADMINISTRATOR, *words).work

    def reviews(self) -> Sequence[access_review_pb2.AccessReview]:
        answer = access_review_service_pb2.ListReviewsResponse
        return self.read(answer, ADMINISTRATOR, "review", "list").access_reviews

    def items(self, review: str) -> Sequence[access_review_pb2.ReviewItem]:
        answer = access_review_service_pb2.ListReviewItemsResponse
        return self.read(answer, ADMINISTRATOR, "review", "show", review).items

    def keep(self, review: str, assignment: str, who: str, why: str) -> None:
        words = ("review", "decide", review, assignment, "keep", "--justification", why)
        self.read(access_review_service_pb2.DecideReviewItemsResponse, who, *words)

    def events(self, request: str) -> list[str]:
        answer = audit_service_pb2.ListAuditEventsResponse
        found = self.read(answer, ADMINISTRATOR, "audit", "--request", request).events
        return [one.display_name for one in found]


def days(count: int) -> timedelta:
    """Give a number of days, of 24 hours each (S-4)."""
    return timedelta(days=count)
