"""Approvers decide by a link in their mail, once, with the checks of any decision (S-79)."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from ostiary.adapters.ids import RandomIds
from ostiary.adapters.mail.log_postman import LogPostman
from ostiary.domain.access_request import AccessRequest, RequestState
from ostiary.domain.errors import RefusedError
from ostiary.domain.people import AccountState
from ostiary.domain.policy import ApprovalStage, Approver, ApproverKind
from ostiary.operations import cancel
from ostiary.operations.decision_links import decide_by_link
from ostiary.operations.submission import Actor
from ostiary.worker.worker import Worker
from tests.life.conftest import Begin
from tests.life.world import World

TEAM = "sales-team-access"
DAY = timedelta(days=1)


def users(*ids: str) -> tuple[Approver, ...]:
    return tuple(Approver(ApproverKind.USER, one) for one in ids)


def started(begin: Begin, *stages: ApprovalStage) -> World:
    """A tenant in which Fran or Dana approve unless it is said otherwise."""
    world = begin("2031-03-10 09:00")
    stages = stages or (ApprovalStage(primary=users("fran", "dana")),)
    world.policy(TEAM, "employees", stages=stages)
    return world


def secret(world: World, request: AccessRequest, who: str, stage: int = 1) -> str:
    """The newest secret that somebody was sent for a stage."""
    found = [
        one
        for one, notice in world.postman.secrets
        if (notice.to, notice.request, notice.stage) == ((who,), request.id, stage)
    ]
    return found[-1]


def decide(world: World, request: AccessRequest, by: str, **said: Any) -> AccessRequest:
    said.setdefault("approved", True)
    decide_by_link(world.office, request.id, by, **said)
    world.worker.run_until_idle()
    return world.request(request.id)


def refused(world: World, code: str, request: AccessRequest, by: str, **said: Any) -> None:
    before = world.request(request.id), world.events()
    with pytest.raises(RefusedError) as caught:
        decide(world, request, by, **said)
    assert caught.value.code == code
    assert (world.request(request.id), world.events()) == before


def test_a_link_decides_as_the_approver_it_was_sent_to(begin: Begin) -> None:
    """S-79: it ends in the same call as any decision."""
    world = started(begin)
    request = world.ask("emil", TEAM)
    delivered = decide(world, request, secret(world, request, "fran"), justification="fits")
    assert delivered.state is RequestState.DELIVERED
    decision = delivered.stages[0].decision
    assert decision is not None
    assert (decision.by, decision.justification) == ("fran", "fits")
    assert [who for who, _ in world.mails("decided")] == ["dana"]
    assert {one.actor for one in world.events(name_contains="approve")} == {"fran"}


def test_a_link_denies_too(begin: Begin) -> None:
    """S-79."""
    world = started(begin)
    request = world.ask("emil", TEAM)
    denied = decide(world, request, secret(world, request, "dana"), approved=False)
    assert (denied.reason, denied.ended_by) == ("DENIED_BY_APPROVER", "dana")


def test_a_link_is_good_for_one_decision(begin: Begin) -> None:
    """S-64, S-79: not for a second, and not for the other approver's after it."""
    world = started(begin, ApprovalStage(primary=users("fran", "sol")), *_then("dana"))
    request = world.ask("emil", TEAM)
    mine, theirs = secret(world, request, "fran"), secret(world, request, "sol")
    decide(world, request, mine)
    for link in (mine, theirs):
        refused(world, "STAGE_CLOSED", request, link)
        refused(world, "STAGE_CLOSED", request, link, approved=False)
    assert world.request(request.id).stage == 2


def _then(*ids: str) -> tuple[ApprovalStage, ...]:
    return (ApprovalStage(primary=users(*ids)),)


def test_of_two_clicks_at_once_one_counts(begin: Begin) -> None:
    """S-64, S-79."""
    world = started(begin)
    request = world.ask("emil", TEAM)
    link = secret(world, request, "fran")
    said: list[str] = []

    def click() -> None:
        try:
            decide_by_link(world.office, request.id, link, approved=True)
            said.append("decided")
        except RefusedError as error:
            said.append(error.code)

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["STAGE_CLOSED"] * 3 + ["decided"]


def test_a_link_is_for_one_stage(begin: Begin) -> None:
    """S-79: the same approver has another one for the next."""
    world = started(begin, ApprovalStage(primary=users("fran")), *_then("fran"))
    request = world.ask("emil", TEAM)
    first = secret(world, request, "fran")
    refused(world, "NOT_APPROVER", request, first, stage=2)
    decide(world, request, first)
    refused(world, "STAGE_CLOSED", request, first)
    refused(world, "NOT_APPROVER", request, secret(world, request, "fran", stage=2), stage=1)
    decide(world, request, secret(world, request, "fran", stage=2))
    assert world.request(request.id).state is RequestState.DELIVERED


def test_a_link_is_over_with_its_stage(begin: Begin) -> None:
    """S-5, S-79: at the deadline, even if nothing of ours was running, and after a cancellation."""
    world = started(begin)
    request = world.ask("emil", TEAM)
    link = secret(world, request, "fran")
    world.jump("2031-04-09 09:00")
    with pytest.raises(RefusedError) as caught:
        decide_by_link(world.office, request.id, link, approved=True)
    assert caught.value.code == "STAGE_CLOSED"
    other = world.ask("nils", TEAM)
    cancel.cancel(world.office, other.id, Actor("nils"))
    refused(world, "STAGE_CLOSED", other, secret(world, other, "fran"))


def test_a_link_of_another_request_or_of_none_is_refused(begin: Begin) -> None:
    """S-79: in the same words, whether or not there is such a request."""
    world = started(begin)
    request, other = world.ask("emil", TEAM), world.ask("nils", TEAM)
    refused(world, "NOT_APPROVER", request, secret(world, other, "fran"))
    for guess in ("", "secret-999", "' OR 1=1 --"):
        refused(world, "NOT_APPROVER", request, guess)
    with pytest.raises(RefusedError) as caught:
        decide_by_link(world.office, "r-999", secret(world, other, "fran"), approved=True)
    assert caught.value.code == "NOT_APPROVER"


def test_who_cannot_decide_any_more_cannot_by_link_either(begin: Begin) -> None:
    """S-73, S-79."""
    group = (Approver(ApproverKind.GROUP, "hr-leads"),)
    world = started(begin, ApprovalStage(primary=(*users("fran"), *group)))
    request = world.ask("emil", TEAM)
    world.users(fran={"state": AccountState.BLOCKED})
    world.members("hr-leads", ["hana"])
    for who in ("fran", "ivo"):
        refused(world, "NOT_APPROVER", request, secret(world, request, who))
    decide(world, request, secret(world, request, "hana"))


def test_a_stage_that_wants_reasons_wants_them_of_links_too(begin: Begin) -> None:
    """S-64, S-79: and the refusal does not use the link up."""
    world = started(begin, ApprovalStage(primary=users("fran"), justification_required=True))
    request = world.ask("emil", TEAM)
    link = secret(world, request, "fran")
    refused(world, "JUSTIFICATION_REQUIRED", request, link)
    decide(world, request, link, justification="a new campaign")


def test_reminders_and_escalations_bring_links_of_their_own(begin: Begin) -> None:
    """S-77, S-78, S-79: those of before stay good."""
    stage = ApprovalStage(primary=users("fran"), alternates=users("sol"), escalate_after=8 * DAY)
    world = started(begin, stage)
    world.policy(TEAM, "employees", approver_reminders=True)
    request = world.ask("emil", TEAM)
    first = secret(world, request, "fran")
    world.go("2031-03-26 09:00")
    assert secret(world, request, "fran") != first
    assert secret(world, request, "sol")
    decide(world, request, first)


def test_only_those_who_are_to_decide_get_links(begin: Begin) -> None:
    """S-79: in no other mail."""
    world = started(begin)
    request = world.ask("emil", TEAM)
    decide(world, request, secret(world, request, "fran"))
    world.go("2031-05-01 00:00")
    assert {notice.kind.value for _, notice in world.postman.secrets} == {"action_needed"}
    assert {notice.to for _, notice in world.postman.secrets} == {("fran",), ("dana",)}


def test_a_mail_that_is_late_holds_no_link_of_a_stage_that_is_over(begin: Begin) -> None:
    """S-79."""
    world = started(begin)
    quiet = Worker(world.office, *_without_mail(world), jitter=lambda: 0.5)
    world.worker = quiet
    request = world.ask("emil", TEAM)
    world.approve(request, "fran")
    assert world.postman.secrets == []


def _without_mail(world: World) -> tuple[Any, Any, Any]:
    class Late:
        carries_secrets = True

        def deliver(self, notice: Any, *, key: str, secret: str = "") -> Any:
            if world.request(notice.request).open:
                raise ConnectionError("the mail server is away")
            return world.postman.deliver(notice, key=key, secret=secret)

    return world.worker._connectors, world.caller, Late()  # the world's own


def test_the_store_holds_no_secret(begin: Begin) -> None:
    """S-79: neither in requests nor in the work, and the etag of who looks stays good."""
    world = started(begin)
    world.office.ids.secret = RandomIds().secret  # type: ignore[method-assign]
    request = world.ask("emil", TEAM)
    assert len(request.stages[0].links) == 2
    held = msgspec.json.encode([world.requests(), world.work(), world.events()]).decode()
    for one, _ in world.postman.secrets:
        assert len(one) == 43
        assert one not in held
    assert request.version == 1


def test_what_is_only_written_to_a_log_holds_no_secret(begin: Begin) -> None:
    """S-79: whoever reads a log must not be able to decide."""
    world = started(begin)
    connectors, caller = world.worker._connectors, world.caller  # the world's own
    world.worker = Worker(world.office, connectors, caller, LogPostman(), jitter=lambda: 0.5)
    assert world.ask("emil", TEAM).stages[0].links == ()


def test_without_the_switch_mail_only_links_to_the_portal(begin: Begin) -> None:
    """S-79: off in the entra profile; switched off later, a link is good for nothing."""
    world = started(begin)
    request = world.ask("emil", TEAM)
    link = secret(world, request, "fran")
    world.switch(decide_by_mail=False)
    refused(world, "NOT_APPROVER", request, link)
    before = len(world.postman.secrets)
    world.ask("nils", TEAM)
    assert len(world.postman.secrets) == before
