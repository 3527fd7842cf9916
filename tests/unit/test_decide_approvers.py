"""Gate 11: who decides a stage, who stands in, and who joins when it is late."""

from __future__ import annotations

from typing import Any

import pytest

from ostiary.domain.decision import Decision, Origin, Outcome, StagePlan
from ostiary.domain.people import UNKNOWN
from ostiary.domain.policy import ApprovalStage, Approver
from ostiary.domain.reasons import Code
from ostiary.domain.request import RequestType
from tests.unit.deciding import (
    ALL_MEMBERS,
    AT,
    DAY,
    EXTERNAL_SPONSORS,
    INTERNAL_SPONSORS,
    MANAGER,
    OWN_SPONSORS,
    SECOND_MANAGER,
    TAILWIND,
    ask,
    codes,
    group,
    headline,
    outsider,
    package,
    policy,
    user,
)


def asked(stage: ApprovalStage, who: Any = "emil", **fields: Any) -> Decision:
    scope = ALL_MEMBERS if isinstance(who, str) and who != "gita" else TAILWIND
    return ask(package(policy(scope, stage)), who, **fields)


def stage(primary: tuple[Approver, ...], *fallback: Approver, **fields: Any) -> ApprovalStage:
    return ApprovalStage(primary, fallback=fallback, **fields)


def resolved(decision: Decision) -> StagePlan:
    assert decision.outcome is Outcome.NEEDS_APPROVAL
    return decision.stages[0]


FRAN = user("fran")


@pytest.mark.parametrize(
    ("wanted", "who", "approvers", "origin"),
    [
        pytest.param(
            stage((MANAGER,), FRAN), "emil", ("mona",), Origin.PRIMARY, id="S-67 a manager"
        ),
        pytest.param(
            stage((MANAGER,), FRAN), "lone", ("fran",), Origin.FALLBACK, id="S-67 no manager"
        ),
        pytest.param(
            stage((MANAGER,), FRAN),
            "under-bert",
            ("fran",),
            Origin.FALLBACK,
            id="S-67 the manager is blocked",
        ),
        pytest.param(
            stage((MANAGER,), FRAN), "dana", ("fran",), Origin.FALLBACK, id="S-71 one's own manager"
        ),
        pytest.param(
            stage((SECOND_MANAGER,), FRAN),
            "emil",
            ("dana",),
            Origin.PRIMARY,
            id="S-66 the manager's manager",
        ),
        pytest.param(
            stage((SECOND_MANAGER,), FRAN),
            "dana",
            ("fran",),
            Origin.FALLBACK,
            id="S-71 the second manager is oneself",
        ),
        pytest.param(
            stage((group("board"),), FRAN),
            "mona",
            ("dana",),
            Origin.PRIMARY,
            id="S-71 oneself as a member of the approver group, S-63 any other decides",
        ),
        pytest.param(
            stage((group("empty"),), FRAN),
            "emil",
            ("fran",),
            Origin.FALLBACK,
            id="S-67 empty group",
        ),
        pytest.param(
            stage((MANAGER, user("dana")), FRAN),
            "lone",
            ("dana",),
            Origin.PRIMARY,
            id="S-72 while any primary remains, the fallback stays out",
        ),
        pytest.param(
            stage((user("mona"), MANAGER)), "emil", ("mona",), Origin.PRIMARY, id="S-72 once only"
        ),
        pytest.param(
            stage((MANAGER,), FRAN),
            outsider(),
            ("fran",),
            Origin.FALLBACK,
            id="S-69 no manager here",
        ),
        pytest.param(
            stage((MANAGER,), FRAN),
            outsider(manager="mona"),
            ("mona",),
            Origin.PRIMARY,
            id="S-69 the manager of the person carried inline",
        ),
        pytest.param(
            stage((INTERNAL_SPONSORS,)), "gita", ("fran",), Origin.PRIMARY, id="S-66 our sponsors"
        ),
        pytest.param(
            stage((EXTERNAL_SPONSORS,)),
            outsider(),
            ("dana", "mona"),
            Origin.PRIMARY,
            id="S-66 their sponsors, a group without its deleted member",
        ),
        pytest.param(
            stage((OWN_SPONSORS,)), "gita", ("fran",), Origin.PRIMARY, id="S-66 own sponsors"
        ),
        pytest.param(
            stage((group("sales"),)),
            "lone",
            ("emil",),
            Origin.PRIMARY,
            id="S-15 S-34 nested members, blocked ones left out",
        ),
    ],
)
def test_who_decides(
    wanted: ApprovalStage, who: Any, approvers: tuple[str, ...], origin: Origin
) -> None:
    plan = resolved(asked(wanted, who))
    assert (plan.approvers, plan.origin) == (approvers, origin)


def test_nobody_to_ask_is_refused_at_submission_with_everybody_looked_at() -> None:
    """S-70, S-72: NO_APPROVER names each approver and why; W-7."""
    decision = asked(stage((MANAGER, user("bert"))), "lone")
    assert (decision.outcome, decision.eligible) == (Outcome.DENY, True)
    assert headline(decision) == (Code.NO_APPROVER, {"stage": "1"})
    looked_at = [dict(reason.parameters) for reason in decision.reasons[1:]]
    assert looked_at == [
        {"stage": "1", "kind": "manager", "why": "missing"},
        {"stage": "1", "kind": "user", "person": "bert", "why": "blocked"},
    ]


def test_all_stages_are_resolved_ahead() -> None:
    """S-72: nobody is asked in stage 1 if stage 2 cannot be staffed."""
    decision = ask(package(policy(ALL_MEMBERS, stage((FRAN,)), stage((user("emil"),)))), "emil")
    assert headline(decision) == (Code.NO_APPROVER, {"stage": "2"})


@pytest.mark.parametrize("place", ["primary", "fallback", "alternates", "alternate_fallback"])
def test_nobody_stands_in_any_list_of_their_own_request(place: str) -> None:
    """S-71: as approver, fallback, alternate, or the alternates' fallback."""
    lists: dict[str, Any] = {
        "primary": (FRAN,),
        "escalate_after": DAY,
        place: (user("emil"), user("dana")),
    }
    if place == "fallback":
        lists["primary"] = (user("dora"),)
    plan = resolved(asked(ApprovalStage(**lists), "emil"))
    assert "emil" not in plan.approvers + plan.alternates


def test_who_submits_for_another_cannot_approve() -> None:
    """S-71: the own request of the submitter too; S-66 direct assignment needs approval."""
    wanted = package(policy(ALL_MEMBERS, stage((MANAGER,), FRAN)))
    decision = ask(wanted, type=RequestType.ADMIN_ADD, submitter="mona")
    assert resolved(decision).approvers == ("fran",)


def test_fallback_is_not_escalation() -> None:
    """S-68: alternates join when primaries are late, not when a manager is missing."""
    late = stage((MANAGER,), alternates=(FRAN,), escalate_after=8 * DAY)
    assert headline(asked(late, "lone"))[0] is Code.NO_APPROVER
    plan = resolved(asked(late, "emil"))
    assert (plan.approvers, plan.alternates) == (("mona",), ("fran",))
    assert plan.escalates_at == AT + 8 * DAY


def test_alternates_have_a_fallback_of_their_own() -> None:
    """S-68: used when none of the alternates can be found."""
    late = ApprovalStage(
        (MANAGER,),
        alternates=(user("dora"),),
        alternate_fallback=(FRAN,),
        escalate_after=8 * DAY,
    )
    plan = resolved(asked(late))
    assert (plan.alternates, plan.alternates_origin) == (("fran",), Origin.FALLBACK)


def test_a_stage_without_alternates_has_no_escalation_and_says_so() -> None:
    """S-68: ESCALATION_EMPTY; a decided plan without ESCALATE_STAGE."""
    late = ApprovalStage((MANAGER,), alternates=(group("empty"),), escalate_after=8 * DAY)
    decision = asked(late)
    assert Code.ESCALATION_EMPTY in codes(decision)
    assert resolved(decision).escalates_at is None
    assert "ESCALATE_STAGE" not in [action.kind.value for action in decision.actions]


def test_overlapping_approver_sets_are_not_refused() -> None:
    """S-74: recommended, not enforced."""
    twice = package(policy(ALL_MEMBERS, stage((FRAN,)), stage((FRAN,))))
    assert [plan.approvers for plan in ask(twice).stages] == [("fran",), ("fran",)]


@pytest.mark.parametrize(
    ("wanted", "fields", "fact"),
    [
        pytest.param(stage((MANAGER,), FRAN), {"manager": UNKNOWN}, "manager", id="S-47 manager"),
        pytest.param(stage((OWN_SPONSORS,)), {"sponsors": UNKNOWN}, "sponsors", id="S-47 sponsors"),
        pytest.param(
            stage((user("dora"),), MANAGER), {"manager": UNKNOWN}, "manager", id="S-47 fallback"
        ),
        pytest.param(
            ApprovalStage((FRAN,), alternates=(MANAGER,), escalate_after=DAY),
            {"manager": UNKNOWN},
            "manager",
            id="S-47 alternate",
        ),
        pytest.param(
            ApprovalStage((FRAN,), alternate_fallback=(MANAGER,), escalate_after=DAY),
            {"manager": UNKNOWN},
            "manager",
            id="S-47 fallback of the alternates",
        ),
    ],
)
def test_a_person_without_word_of_a_manager_is_indeterminate(
    wanted: ApprovalStage, fields: dict[str, Any], fact: str
) -> None:
    decision = asked(wanted, outsider(**fields))
    assert decision.outcome is Outcome.INDETERMINATE
    assert headline(decision) == (Code.FACT_MISSING, {"fact": fact})


def test_without_approval_a_request_approves_itself() -> None:
    """S-65: AUTO_APPROVED, nothing pending."""
    decision = ask(package(policy(ALL_MEMBERS)))
    assert (decision.outcome, decision.stages) == (Outcome.GRANT, ())
    assert Code.AUTO_APPROVED in codes(decision)


def test_two_stages_run_one_after_another() -> None:
    """S-62, S-75: each with its own clock, the second from when it opens."""
    wanted = package(policy(ALL_MEMBERS, stage((MANAGER,)), stage((user("dana"),))))
    first, second = ask(wanted).stages
    assert (first.opens_at, first.denies_at) == (AT, AT + 30 * DAY)
    assert (second.opens_at, second.denies_at, second.time_out) == (None, None, 30 * DAY)
