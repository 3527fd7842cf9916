"""The oracle itself against answers worked out by hand: section 20 and the worked examples."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from ostiary.domain.actions import ActionKind, Anchor
from ostiary.domain.catalog import (
    AccessPackage,
    Catalog,
    CustomExtension,
    PackageEntry,
    Resource,
    ResourceKind,
)
from ostiary.domain.decision import Origin, Outcome
from ostiary.domain.people import (
    ConnectedOrganization,
    Group,
    HomeIdentity,
    IdentitySource,
    PersonType,
    SignIn,
    SourceKind,
    User,
)
from ostiary.domain.policy import (
    ApprovalStage,
    Approver,
    ApproverKind,
    AssignmentPolicy,
    Expiration,
    ExpirationKind,
    ExtensionCall,
    ExtensionStage,
    Recurrence,
    RequestorScope,
    ReviewerKind,
    ReviewSettings,
    ScopeKind,
)
from ostiary.domain.reasons import Code
from ostiary.domain.request import EvaluationRequest, Schedule
from ostiary.domain.tenant import Tenant
from tests.oracle import decide, list_requestable
from tests.oracle.expected import Expected
from tests.oracle.instances import nth_review
from tests.properties.profiles import ENTRA, STANDARD

DAY = timedelta(days=1)
FRAN = Approver(ApproverKind.USER, "fran")
MANAGER = Approver(ApproverKind.MANAGER)
TAILWIND = HomeIdentity(SignIn.TENANT, tenant_id="tailwind-id", domain="tailwind.example")
EMPLOYEES = AssignmentPolicy(
    id="employees",
    name="Employees",
    scope=RequestorScope(ScopeKind.SPECIFIC_SUBJECTS, groups=("sales-staff",)),
    expiration=Expiration(ExpirationKind.DURATION, after=30 * DAY),
    approval_for_add=True,
    stages=(
        ApprovalStage(primary=(MANAGER,), fallback=(FRAN,)),
        ApprovalStage(primary=(Approver(ApproverKind.USER, "dana"),)),
    ),
)
PARTNERS = AssignmentPolicy(
    id="partners",
    name="Partners",
    scope=RequestorScope(ScopeKind.SPECIFIC_ORGANIZATIONS, organizations=("tailwind",)),
    expiration=Expiration(ExpirationKind.DURATION, after=90 * DAY),
    approval_for_add=True,
    stages=(ApprovalStage(primary=(MANAGER,), fallback=(FRAN,)),),
    extension_allowed=True,
    reviews=ReviewSettings(
        start=datetime(2031, 4, 1, tzinfo=UTC),
        recurrence=Recurrence(every=90 * DAY),
        window=25 * DAY,
        reviewers=ReviewerKind.SELF,
    ),
)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def the_tenant(*policies: AssignmentPolicy, tiers: bool = False) -> Tenant:
    roles = (("sales-app", "User"), ("sales-group", "Member"), ("sales-site", "Contribute"))
    package = AccessPackage(
        id="sales-team",
        name="Sales Team Access",
        catalog="sales",
        entries=tuple(PackageEntry(*pair) for pair in roles),
        policies=policies,
    )
    resources = tuple(
        Resource(each, each, ResourceKind.APPLICATION, each, (role,)) for each, role in roles
    )
    return Tenant(
        id="acme",
        name="Acme",
        profile=ENTRA if tiers else STANDARD,
        users=(
            User("dana", "Dana"),
            User("emil", "Emil", manager="mona"),
            User("fran", "Fran"),
            User("mona", "Mona"),
            User("priya", "Priya", type=PersonType.GUEST, governed=True, home=TAILWIND),
        ),
        groups=(Group("emea", "E", users=("emil",)), Group("sales-staff", "S", groups=("emea",))),
        organizations=(
            ConnectedOrganization(
                "tailwind",
                "Tailwind",
                sources=(IdentitySource(SourceKind.TENANT, tenant_id="tailwind-id"),),
            ),
        ),
        catalogs=(
            Catalog(
                "sales",
                "Sales",
                resources=resources,
                packages=(package,),
                extensions=(CustomExtension("x", "X", "https://x"),),
            ),
        ),
    )


def ask(tenant: Tenant, who: str, at: str, schedule: Schedule | None = None) -> Expected:
    request = EvaluationRequest("sales-team", who, instant(at), schedule=schedule)
    return decide(tenant, request)


def dates(answer: Expected, kind: ActionKind) -> list[str | timedelta]:
    """The instants of a kind of action, or the offsets where the instant is not known."""
    return [
        each.offset if each.at is None else f"{each.at:%Y-%m-%d %H:%M}"
        for each in answer.actions
        if each.kind is kind
    ]


def test_priya_of_tailwind_is_answered_by_the_fallback() -> None:
    """The story of section 20 with S-67, S-69, S-76 and S-122."""
    answer = ask(the_tenant(EMPLOYEES, PARTNERS), "priya", "2031-03-10 10:00")
    assert answer.outcome is Outcome.NEEDS_APPROVAL
    assert (answer.visible, answer.eligible, answer.offered) == (True, True, ("partners",))
    (stage,) = answer.stages
    assert (stage.approvers, stage.origin) == (("fran",), Origin.FALLBACK)
    assert stage.denies_at == instant("2031-04-09 10:00")
    assert dates(answer, ActionKind.EXPIRE_ASSIGNMENT) == [90 * DAY]
    assert dates(answer, ActionKind.REMIND_EXPIRY) == [76 * DAY, 89 * DAY]
    assert dates(answer, ActionKind.GRANT) == [timedelta(0)] * 3
    assert dates(answer, ActionKind.BLOCK_GUEST) == [90 * DAY]
    assert dates(answer, ActionKind.DELETE_GUEST) == [120 * DAY]
    assert dates(answer, ActionKind.OPEN_REVIEW) == ["2031-04-01 00:00"]
    assert dates(answer, ActionKind.REMIND_REVIEWERS) == ["2031-04-13 12:00"]
    assert dates(answer, ActionKind.CLOSE_REVIEW) == ["2031-04-26 00:00"]


def test_emil_matches_by_a_nested_group() -> None:
    """S-34 with the path, S-75: the second stage has a clock of its own."""
    answer = ask(the_tenant(EMPLOYEES, PARTNERS), "emil", "2031-03-10 09:00")
    assert [stage.approvers for stage in answer.stages] == [("mona",), ("dana",)]
    assert answer.reasons[0].evidence == ("emea", "sales-staff")
    assert answer.stages[1].denies_at is None
    second = [each for each in answer.actions if each.stage == 2]
    assert [(each.kind, each.anchor, each.offset) for each in second] == [
        (ActionKind.OPEN_STAGE, Anchor.STAGE_OPENED, timedelta(0)),
        (ActionKind.TIME_OUT_STAGE, Anchor.STAGE_OPENED, 30 * DAY),
    ]


ALL_MEMBERS = AssignmentPolicy(
    id="staff",
    name="Staff",
    scope=RequestorScope(ScopeKind.ALL_MEMBERS),
    expiration=Expiration(ExpirationKind.DURATION, after=90 * DAY),
    custom_schedule=True,
)


def test_the_better_tier_holds_back_the_other() -> None:
    """W-3 and S-55: a choice under one profile, the stricter tier alone under the other."""
    chosen = ask(the_tenant(EMPLOYEES, ALL_MEMBERS), "emil", "2031-03-10 09:00")
    assert (chosen.outcome, chosen.offered) == (Outcome.NEEDS_CHOICE, ("employees", "staff"))
    tiered = ask(the_tenant(EMPLOYEES, ALL_MEMBERS, tiers=True), "emil", "2031-03-10 09:00")
    assert (tiered.outcome, tiered.offered) == (Outcome.NEEDS_APPROVAL, ("employees",))


def test_a_guest_who_only_looks_like_tailwind_is_told_what_was_compared() -> None:
    """W-5, S-112 and S-113."""
    tenant = the_tenant(PARTNERS)
    by_passcode = HomeIdentity(
        SignIn.ONE_TIME_PASSCODE, tenant_id="tailwind-id", domain="t.example"
    )
    stranger = User("pia", "Pia", type=PersonType.GUEST, home=by_passcode)
    tenant = msgspec.structs.replace(tenant, users=(*tenant.users, stranger))
    answer = ask(tenant, "pia", "2031-03-10 09:00")
    assert [each.code for each in answer.reasons] == [Code.NOT_IN_SCOPE, Code.NOT_IN_SCOPE]
    assert answer.reasons[1].parameters == (
        ("cause", "authentication_mismatch"),
        ("compared", "tailwind-id"),
        ("presented_domain", "t.example"),
        ("presented_tenant", "tailwind-id"),
    )


def test_without_approval_every_date_is_known() -> None:
    """S-65, S-98 and S-100."""
    answer = ask(the_tenant(ALL_MEMBERS), "emil", "2031-03-10 09:00")
    assert answer.outcome is Outcome.GRANT
    assert dates(answer, ActionKind.GRANT) == ["2031-03-10 09:00"] * 3
    assert dates(answer, ActionKind.REVOKE) == ["2031-06-08 09:00"] * 3
    assert dates(answer, ActionKind.REMIND_EXPIRY) == []


@pytest.mark.parametrize(
    ("schedule", "code"),
    [
        pytest.param(Schedule(end=instant("2031-06-08 09:00")), None, id="the last end, S-59"),
        pytest.param(
            Schedule(end=instant("2031-06-08 09:01")), Code.SCHEDULE_BEYOND_POLICY, id="too late"
        ),
        pytest.param(
            Schedule(start=instant("2031-03-10 08:59")), Code.SCHEDULE_INVALID, id="past, S-58"
        ),
        pytest.param(
            Schedule(end=instant("2031-03-11 09:00"), duration=DAY),
            Code.SCHEDULE_INVALID,
            id="two ends, S-58",
        ),
    ],
)
def test_asked_for_schedule(schedule: Schedule, code: Code | None) -> None:
    answer = ask(the_tenant(ALL_MEMBERS), "emil", "2031-03-10 09:00", schedule)
    assert (answer.reasons[0].code if answer.outcome is Outcome.DENY else None) == code


def test_a_workflow_that_is_waited_for_leaves_everything_after_it_open() -> None:
    """S-127: nobody is asked and nothing starts before it answers; S-128 ends the wait."""
    call = ExtensionCall("x", ExtensionStage.REQUEST_CREATED, wait=2 * DAY)
    waiting = msgspec.structs.replace(ALL_MEMBERS, extensions=(call,))
    answer = ask(the_tenant(waiting), "emil", "2031-03-10 09:00")
    assert dates(answer, ActionKind.TIME_OUT_EXTENSION) == ["2031-03-12 09:00"]
    assert dates(answer, ActionKind.GRANT) == [timedelta(0)] * 3
    assert dates(answer, ActionKind.EXPIRE_ASSIGNMENT) == [90 * DAY]


def test_months_are_clipped_without_drift() -> None:
    """S-4 and S-122: counted from the first instance, not from the clipped one."""
    reviews = ReviewSettings(
        start=instant("2032-01-31 00:00"),
        recurrence=Recurrence(months=1),
        window=5 * DAY,
        reviewers=ReviewerKind.SELF,
    )
    openings = [f"{nth_review(reviews, number):%m-%d}" for number in range(4)]
    assert openings == ["01-31", "02-29", "03-31", "04-30"]


def test_only_what_can_be_seen_is_listed() -> None:
    """S-49, S-51 and S-110: Fran is out of scope and sees it only where the profile says so."""
    at = instant("2031-03-10 09:00")
    seen = [("sales-team", True, ("employees",))]
    assert list_requestable(the_tenant(EMPLOYEES), "emil", at) == seen
    assert list_requestable(the_tenant(EMPLOYEES), "fran", at) == []
    shown = [("sales-team", False, ())]
    assert list_requestable(the_tenant(EMPLOYEES, tiers=True), "fran", at) == shown
