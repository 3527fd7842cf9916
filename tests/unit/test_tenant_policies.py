"""What is refused, warned about and understood of assignment policies, approval apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ostiary.domain.policy import (
    Approver,
    ApproverKind,
    Expiration,
    ExpirationKind,
    ExtensionCall,
    ExtensionStage,
    NoResponse,
    Question,
    QuestionKind,
    Recurrence,
    ReviewerKind,
    ReviewSettings,
    ScopeKind,
)
from tests.unit.defining import (
    BASE,
    CATALOG,
    GONE,
    POLICY,
    Content,
    call,
    catalog,
    loaded,
    only_policy,
    package,
    policy,
    question,
    reviews,
    said,
    scope,
)

DAY = timedelta(days=1)
APRIL = datetime(2031, 4, 1, tzinfo=UTC)
AUTOMATIC = {"kind": "automatic", "rule": 'user.department -eq "Sales"'}


def kinds(text: str) -> str:
    known = (
        "none, specific_subjects, all_members, all_directory_users, specific_organizations, "
        "all_configured_organizations, all_external, automatic, specific_service_principals, "
        "all_service_principals, all_agents"
    )
    return text.replace("KINDS", known)


@pytest.mark.parametrize(
    ("content", "want"),
    [
        pytest.param(
            scope(kind="everybody"),
            ["UNKNOWN_VALUE: ~.scope.kind: `everybody` is not one of KINDS"],
            id="S-25 an unknown kind never means everyone",
        ),
        pytest.param(
            scope(kind="allMemberUsers"),
            [
                "UNKNOWN_VALUE: ~.scope.kind: `allMemberUsers` is not one of KINDS; write "
                "`all_members`"
            ],
            id="S-25 a kind by the name that other products use",
        ),
        pytest.param(
            scope(kind="unreadable"),
            ["UNKNOWN_VALUE: ~.scope.kind: `unreadable` is not one of KINDS"],
            id="S-25 nobody writes that a scope cannot be read",
        ),
        pytest.param(
            scope(groups=["staff"]),
            ["MISSING_FIELD: ~.scope.kind: is missing"],
            id="S-25 a scope without kind",
        ),
        pytest.param(
            policy(scope=GONE),
            ["MISSING_FIELD: ~.scope: is missing"],
            id="S-23 a policy without scope",
        ),
        pytest.param(
            scope(kind="specific_subjects"),
            [
                "INVALID_MODEL: ~.scope.groups: names no users or groups; an empty list never "
                "means everyone"
            ],
            id="S-25 specific subjects that are not named",
        ),
        pytest.param(
            scope(kind="specific_subjects", users=[], groups=[]),
            [
                "INVALID_MODEL: ~.scope.users: names no users or groups; an empty list never means "
                "everyone"
            ],
            id="S-25 an empty list of subjects",
        ),
        pytest.param(
            scope(kind="specific_subjects", users=[], groups=["staff"]),
            [],
            id="S-25 one of the two lists may be empty",
        ),
        pytest.param(
            scope(kind="specific_organizations", organizations=[]),
            [
                "INVALID_MODEL: ~.scope.organizations: names no organizations; an empty list never "
                "means everyone"
            ],
            id="S-25 an empty list of organizations",
        ),
        pytest.param(
            scope(kind="specific_subjects", groups="staff"),
            ["INVALID_MODEL: ~.scope.groups: must be a list, not `staff`"],
            id="S-25 a word where a list is wanted",
        ),
        pytest.param(
            scope(kind="specific_subjects", groups=["staff"], organizations=["acme"]),
            [
                "INVALID_MODEL: ~.scope.organizations: belongs to scope specific_organizations, "
                "not to specific_subjects"
            ],
            id="S-26 directory and external targets in one policy",
        ),
        pytest.param(
            scope(kind="specific_organizations", organizations=["acme"], users=["ann"]),
            [
                "INVALID_MODEL: ~.scope.users: belongs to scope specific_subjects, not to "
                "specific_organizations"
            ],
            id="S-26 external and directory targets in one policy",
        ),
        pytest.param(
            scope(kind="all_members", groups=["staff"]),
            [
                "INVALID_MODEL: ~.scope.groups: belongs to scope specific_subjects, not to "
                "all_members"
            ],
            id="S-25 targets of a scope that has none",
        ),
        pytest.param(
            scope(kind="specific_subjects", users=["zoe"], groups=["nobody"]),
            [
                "UNKNOWN_REFERENCE: ~.scope.users[0]: no user `zoe`",
                "UNKNOWN_REFERENCE: ~.scope.groups[0]: no group `nobody`",
            ],
            id="S-25 subjects that do not exist",
        ),
        pytest.param(
            scope(kind="specific_organizations", organizations=["acne"]),
            [
                "UNKNOWN_REFERENCE: ~.scope.organizations[0]: no organization `acne`; did you mean "
                "`acme`?"
            ],
            id="S-30 an organization that does not exist",
        ),
        pytest.param(
            scope(kind="specific_subjects", groups=["filled-by-rule"]),
            [],
            id="S-15 a dynamic group may be a scope",
        ),
        pytest.param(
            scope(kind="all_external"),
            [
                "INVALID_MODEL: ~.scope.kind: all_external is not accepted in profile standard; "
                "name the connected organizations"
            ],
            id="S-110 all external people, under standard",
        ),
        pytest.param(
            scope(kind="all_agents"),
            [
                "warning UNREADABLE_SCOPE: ~.scope.kind: scopes of service principals and agents "
                "are kept and match nobody"
            ],
            id="S-33 agents match nobody",
        ),
        pytest.param(
            scope(kind="automatic"),
            ["MISSING_FIELD: ~.scope.rule: is missing; an automatic policy needs a rule"],
            id="S-39 an automatic policy without rule",
        ),
        pytest.param(
            scope(kind="automatic", rule="department is Sales"),
            [
                "INVALID_MODEL: ~.scope.rule: at character 12: expected a comparison such as "
                "`-eq`, not `is`"
            ],
            id="S-39 anything but the rule language",
        ),
        pytest.param(
            scope(kind="all_members", rule='department -eq "x"'),
            ["INVALID_MODEL: ~.scope.rule: belongs to scope automatic, not to all_members"],
            id="S-39 a rule in a policy that is not automatic",
        ),
    ],
)
def test_scopes(tmp_path: Path, content: Content, want: list[str]) -> None:
    assert said(tmp_path, content) == [kinds(one) for one in want]


def test_all_external_people_under_entra(tmp_path: Path) -> None:
    """S-110."""
    found = only_policy(loaded(tmp_path, scope(kind="all_external"), "entra"))
    assert found.scope.kind is ScopeKind.ALL_EXTERNAL


@pytest.mark.parametrize("word", ["specific_service_principals", "all_service_principals"])
def test_scopes_of_service_principals_are_kept(tmp_path: Path, word: str) -> None:
    """S-33: they load, and match nobody."""
    (fault,) = said(tmp_path, scope(kind=word, users=["robot"], groups=["robots"]))
    assert fault.startswith("warning UNREADABLE_SCOPE: ")


@pytest.mark.parametrize(
    ("content", "want"),
    [
        pytest.param(
            policy(name=GONE),
            ["MISSING_FIELD: ~.name: is missing"],
            id="S-23 a policy without name",
        ),
        pytest.param(
            package(policies=[POLICY, {**POLICY, "name": "B"}]),
            ["DUPLICATE: ~.id: policy `a` is there already, see line 42"],
            id="two policies with one id",
        ),
        pytest.param(
            package(policies=[POLICY, {**POLICY, "id": "b"}]),
            [
                "DUPLICATE: catalogs[c].packages[p].policies[b].name: a policy called `A` is there "
                "already, see line 43"
            ],
            id="two policies with one name",
        ),
        pytest.param(
            catalog(
                packages=[*CATALOG["packages"], {**CATALOG["packages"][0], "id": "q", "name": "Q"}]
            ),
            [],
            id="policies of different packages may share ids and names",
        ),
        pytest.param(
            policy(enabled="perhaps"),
            ["INVALID_MODEL: ~.enabled: must be yes or no, not `perhaps`"],
            id="S-23 neither yes nor no",
        ),
        pytest.param(
            policy(justification="sometimes"),
            ["UNKNOWN_VALUE: ~.justification: `sometimes` is not one of required, optional"],
            id="S-23 a justification that is neither",
        ),
        pytest.param(
            policy(self_service={"ad": False}),
            ["UNKNOWN_FIELD: ~.self_service: no such field here: `ad`; did you mean `add`?"],
            id="S-23 a switch that would be overlooked",
        ),
        pytest.param(
            policy(expiration={"after": "P0D"}),
            ["INVALID_MODEL: ~.expiration.after: must be longer than nothing"],
            id="S-98 zero",
        ),
        pytest.param(
            policy(expiration={"after": "-P30D"}),
            ["INVALID_MODEL: ~.expiration.after: `-P30D` is negative"],
            id="S-98 negative",
        ),
        pytest.param(
            policy(expiration={"after": "P3661D"}),
            ["INVALID_MODEL: ~.expiration.after: must be at most P3660D"],
            id="S-98 too long",
        ),
        pytest.param(policy(expiration={"after": "P3660D"}), [], id="S-98 the longest"),
        pytest.param(policy(expiration={"after": "PT1H"}), [], id="S-98 an hour"),
        pytest.param(
            policy(expiration={"after": "PT90M"}),
            ["INVALID_MODEL: ~.expiration.after: must be in days or weeks or hours, not `PT90M`"],
            id="S-98 minutes",
        ),
        pytest.param(
            policy(expiration={"after": "P3M"}),
            ["INVALID_MODEL: ~.expiration.after: must be in days or weeks or hours, not `P3M`"],
            id="S-4 calendar months",
        ),
        pytest.param(
            policy(expiration={"on": "2031-06-31"}),
            ["INVALID_MODEL: ~.expiration.on: `2031-06-31` is not a day of the calendar"],
            id="S-98 a day that does not exist",
        ),
        pytest.param(
            policy(expiration={"on": "2031-06-30T12:00"}),
            [
                "INVALID_MODEL: ~.expiration.on: `2031-06-30T12:00` has no time zone; end it with "
                "Z for UTC"
            ],
            id="S-4 an instant without time zone",
        ),
        pytest.param(
            policy(expiration={"on": "9000-01-01"}),
            ["INVALID_MODEL: ~.expiration.on: `9000-01-01` lies outside the years 1970 to 8999"],
            id="a date beyond all bounds",
        ),
        pytest.param(
            policy(expiration="sometime"),
            ["UNKNOWN_VALUE: ~.expiration: `sometime` is not one of never"],
            id="S-25 an end that nobody knows",
        ),
        pytest.param(
            policy(expiration={}),
            ["INVALID_MODEL: ~.expiration: must be `never`, {on: DATE} or {after: DURATION}"],
            id="S-98 an end that does not say when",
        ),
        pytest.param(
            policy(expiration={"on": "2031-06-30", "after": "P1D"}),
            ["INVALID_MODEL: ~.expiration: must be `never`, {on: DATE} or {after: DURATION}"],
            id="S-98 two ends",
        ),
        pytest.param(
            policy(revoke_when_out_of_scope={"after": "P3661D"}),
            ["INVALID_MODEL: ~.revoke_when_out_of_scope: must be at most P3660D"],
            id="S-37 a grace period beyond all bounds",
        ),
        pytest.param(
            policy(remove_when_unfit=True),
            [
                "INVALID_MODEL: ~.remove_when_unfit: belongs to automatic policies; here it is "
                "revoke_when_out_of_scope"
            ],
            id="S-106 the switch of automatic policies",
        ),
        pytest.param(
            policy(scope=AUTOMATIC, revoke_when_out_of_scope=True),
            [
                "INVALID_MODEL: ~.revoke_when_out_of_scope: does not belong to automatic policies; "
                "here it is remove_when_unfit"
            ],
            id="S-37 the switch of all other policies",
        ),
        pytest.param(
            policy(scope={"kind": "none"}, revoke_when_out_of_scope=True),
            [
                "INVALID_MODEL: ~.revoke_when_out_of_scope: nobody is in scope none, so nobody can "
                "leave it"
            ],
            id="S-37 a scope that nobody can leave",
        ),
        pytest.param(
            {**BASE, "policies": [{**POLICY, "package": "q"}]},
            ["UNKNOWN_REFERENCE: policies[a].package: no package `q`"],
            id="a policy of no package",
        ),
        pytest.param(
            {**BASE, "policies": [{**POLICY, "package": "p"}]},
            [
                "DUPLICATE: policies[a].id: policy `a` is there already, see line 42",
                "DUPLICATE: policies[a].name: a policy called `A` is there already, see line 43",
            ],
            id="a policy that its package has already",
        ),
    ],
)
def test_policies(tmp_path: Path, content: Content, want: list[str]) -> None:
    assert said(tmp_path, content) == want


@pytest.mark.parametrize(
    ("now", "want"),
    [
        pytest.param(datetime(2031, 6, 30, 23, 59, tzinfo=UTC), [], id="S-98 still ahead"),
        pytest.param(
            datetime(2031, 7, 1, tzinfo=UTC),
            ["INVALID_MODEL: ~.expiration.on: lies in the past"],
            id="S-98 S-5 passed",
        ),
    ],
)
def test_a_fixed_end_in_the_past(tmp_path: Path, now: datetime, want: list[str]) -> None:
    assert said(tmp_path, policy(expiration={"on": "2031-06-30"}), now=now) == want


@pytest.mark.parametrize(
    ("fields", "profile", "want"),
    [
        pytest.param({"expiration": "never"}, None, Expiration(ExpirationKind.NEVER), id="S-98"),
        pytest.param(
            {"expiration": {"on": "2031-06-30"}},
            None,
            Expiration(ExpirationKind.DATE, at=datetime(2031, 7, 1, tzinfo=UTC)),
            id="S-6 a bare date ends at the midnight that follows",
        ),
        pytest.param(
            {"expiration": {"on": "2031-06-30T18:00+02:00"}},
            None,
            Expiration(ExpirationKind.DATE, at=datetime(2031, 6, 30, 16, tzinfo=UTC)),
            id="S-4 an instant, in UTC",
        ),
        pytest.param(
            {"expiration": {"after": "P2W"}},
            None,
            Expiration(ExpirationKind.DURATION, after=14 * DAY),
            id="S-98 weeks",
        ),
        pytest.param(
            {"expiration": GONE},
            None,
            Expiration(ExpirationKind.DURATION, after=30 * DAY),
            id="S-98 nothing said, under standard",
        ),
        pytest.param(
            {"expiration": GONE},
            "entra",
            Expiration(ExpirationKind.DURATION, after=365 * DAY),
            id="S-98 nothing said, under entra",
        ),
    ],
)
def test_expiration(tmp_path: Path, fields: Content, profile: str | None, want: Expiration) -> None:
    assert only_policy(loaded(tmp_path, policy(**fields), profile)).expiration == want


def test_what_a_policy_means_when_it_says_nothing(tmp_path: Path) -> None:
    """S-23."""
    found = only_policy(loaded(tmp_path, policy()))
    assert (found.enabled, found.self_add, found.notices) == (True, True, True)
    switches = (
        found.self_update,
        found.self_remove,
        found.on_behalf,
        found.justification_required,
        found.custom_schedule,
        found.approval_for_add,
        found.approval_for_extension,
        found.extension_allowed,
        found.revoke_when_out_of_scope,
        found.remove_when_unfit,
    )
    assert not any(switches)
    assert (found.stages, found.reviews, found.questions, found.extensions) == ((), None, (), ())


def test_what_a_policy_says(tmp_path: Path) -> None:
    """S-23."""
    content = policy(
        description="For staff",
        enabled=False,
        self_service={"add": False, "update": True, "remove": True},
        on_behalf=True,
        justification="required",
        custom_schedule=True,
        extension_allowed=True,
        revoke_when_out_of_scope={"after": "P7D"},
        notices=False,
    )
    found = only_policy(loaded(tmp_path, content))
    assert (found.enabled, found.self_add, found.notices) == (False, False, False)
    assert found.self_update
    assert found.self_remove
    assert found.on_behalf
    assert found.justification_required
    assert found.custom_schedule
    assert found.extension_allowed
    assert (found.revoke_when_out_of_scope, found.out_of_scope_grace) == (True, 7 * DAY)
    assert found.description == "For staff"


@pytest.mark.parametrize(
    ("leaving", "want"),
    [(True, (True, timedelta(0))), (False, (False, timedelta(0))), ({"after": "P1D"}, (True, DAY))],
    ids=["S-106 at once", "S-106 never", "S-106 after a grace period"],
)
def test_automatic_policies(tmp_path: Path, leaving: Any, want: tuple[bool, timedelta]) -> None:
    found = only_policy(loaded(tmp_path, policy(scope=AUTOMATIC, remove_when_unfit=leaving)))
    assert found.scope.rule is not None
    assert (found.remove_when_unfit, found.out_of_scope_grace) == want
    assert not found.revoke_when_out_of_scope


@pytest.mark.parametrize(
    ("content", "want"),
    [
        pytest.param(
            question(kind="choice"),
            [
                "INVALID_MODEL: ~.questions[why].choices: must not be empty; a choice needs "
                "something to choose from"
            ],
            id="S-57 nothing to choose from",
        ),
        pytest.param(
            question(kind="choice", choices=["a", "b", "a"]),
            ["DUPLICATE: ~.questions[why].choices[2]: stands here twice, first in line 55"],
            id="S-57 one choice twice",
        ),
        pytest.param(
            question(choices=["a"], multiple=True),
            [
                "INVALID_MODEL: ~.questions[why].choices: belongs to questions of kind choice",
                "INVALID_MODEL: ~.questions[why].multiple: belongs to questions of kind choice",
            ],
            id="S-57 choices of a text",
        ),
        pytest.param(
            question(kind="choice", choices=["a"], pattern="a"),
            ["INVALID_MODEL: ~.questions[why].pattern: belongs to questions of kind text"],
            id="S-57 a pattern of a choice",
        ),
        pytest.param(
            question(pattern="PO-(\\d+"),
            [
                "INVALID_MODEL: ~.questions[why].pattern: `PO-(\\d+` is not a pattern: missing ): "
                "PO-(\\d+"
            ],
            id="S-57 a pattern that does not close",
        ),
        pytest.param(
            question(pattern="(?=x)x"),
            [
                "INVALID_MODEL: ~.questions[why].pattern: `(?=x)x` is not a pattern: invalid perl "
                "operator: (?="
            ],
            id="S-57 a pattern that could keep the server busy",
        ),
        pytest.param(
            policy(questions=[{"id": "q", "text": "One?"}, {"id": "q", "text": "Two?"}]),
            ["DUPLICATE: ~.questions[q].id: question `q` is there already, see line 51"],
            id="S-57 two questions with one id",
        ),
        pytest.param(
            question(text=" "),
            ["INVALID_MODEL: ~.questions[why].text: must not be blank"],
            id="S-57 a question that asks nothing",
        ),
    ],
)
def test_faulty_questions(tmp_path: Path, content: Content, want: list[str]) -> None:
    assert said(tmp_path, content) == want


@pytest.mark.parametrize(
    ("fields", "want"),
    [
        pytest.param(
            {"required": True, "pattern": "PO-\\d{6}", "localized": {"de": "Warum?"}},
            Question(
                "why", "Why so?", required=True, pattern="PO-\\d{6}", localized={"de": "Warum?"}
            ),
            id="S-57 a text",
        ),
        pytest.param(
            {"kind": "choice", "choices": ["b", "a"], "multiple": True},
            Question("why", "Why so?", QuestionKind.CHOICE, choices=("b", "a"), multiple=True),
            id="S-57 a choice, in the order of the file",
        ),
    ],
)
def test_questions(tmp_path: Path, fields: Content, want: Question) -> None:
    assert only_policy(loaded(tmp_path, question(**fields))).questions == (want,)


@pytest.mark.parametrize(
    ("content", "profile", "want"),
    [
        pytest.param(
            reviews(no_response=GONE),
            None,
            ["MISSING_FIELD: ~.reviews.no_response: is missing"],
            id="S-123 what silence means must be stated",
        ),
        pytest.param(
            reviews(no_response="forget"),
            None,
            [
                "UNKNOWN_VALUE: ~.reviews.no_response: `forget` is not one of keep, remove, "
                "recommendation"
            ],
            id="S-123 a silence that nobody knows",
        ),
        pytest.param(
            reviews(reviewers="manager"),
            None,
            [
                "INVALID_MODEL: ~.reviews.fallback: must name somebody; review by the manager "
                "needs fallback reviewers"
            ],
            id="S-120 the manager without fallback",
        ),
        pytest.param(
            reviews(reviewers="manager", fallback=["user:ben"]),
            None,
            [],
            id="S-120 the manager with fallback",
        ),
        pytest.param(
            reviews(reviewers=[]),
            None,
            ["INVALID_MODEL: ~.reviews.reviewers: must not be empty"],
            id="S-25 an empty list of reviewers",
        ),
        pytest.param(
            reviews(reviewers=["user:zoe"], fallback=["group:nobody"]),
            None,
            [
                "UNKNOWN_REFERENCE: ~.reviews.reviewers[0]: no user `zoe`",
                "UNKNOWN_REFERENCE: ~.reviews.fallback[0]: no group `nobody`",
            ],
            id="S-120 reviewers that do not exist",
        ),
        pytest.param(
            reviews(reviewers="boss"),
            None,
            ["UNKNOWN_VALUE: ~.reviews.reviewers: `boss` is not one of self, manager"],
            id="S-120 a reviewer that nobody knows",
        ),
        pytest.param(
            reviews(),
            "entra",
            ["MISSING_FIELD: ~.reviews.every: is missing; profile entra has no default for it"],
            id="S-122 how often must be stated under entra",
        ),
        pytest.param(
            reviews(every="weekly"),
            None,
            [
                "UNKNOWN_VALUE: ~.reviews.every: `weekly` is no duration and not one of monthly, "
                "quarterly, half-yearly, yearly"
            ],
            id="S-122 a recurrence that nobody knows",
        ),
        pytest.param(
            reviews(every="half_yearly"),
            None,
            [
                "UNKNOWN_VALUE: ~.reviews.every: `half_yearly` is no duration and not one of "
                "monthly, quarterly, half-yearly, yearly; did you mean `half-yearly`?"
            ],
            id="S-122 a word that is nearly right",
        ),
        pytest.param(
            reviews(every="P1M1D"),
            None,
            ["INVALID_MODEL: ~.reviews.every: cannot mix calendar months with exact time"],
            id="S-4 months and days",
        ),
        pytest.param(
            reviews(every="PT12H", window="PT1H"),
            None,
            ["INVALID_MODEL: ~.reviews.every: must be at least P1D"],
            id="S-122 twice a day",
        ),
        pytest.param(
            reviews(every="P3661D"),
            None,
            ["INVALID_MODEL: ~.reviews.every: must be at most P3660D"],
            id="S-122 beyond all bounds",
        ),
        pytest.param(
            reviews(every="P25D"),
            None,
            [
                "INVALID_MODEL: ~.reviews.window: P25D must be shorter than the time between two "
                "reviews"
            ],
            id="S-121 the usual window is too long",
        ),
        pytest.param(
            reviews(every="P30D", window="P30D"),
            None,
            [
                "INVALID_MODEL: ~.reviews.window: P30D must be shorter than the time between two "
                "reviews"
            ],
            id="S-121 the window is as long as the recurrence",
        ),
        pytest.param(
            reviews(every="monthly", window="P28D"),
            None,
            [
                "INVALID_MODEL: ~.reviews.window: P28D must be shorter than the time between two "
                "reviews"
            ],
            id="S-121 as long as a February",
        ),
        pytest.param(
            reviews(every="monthly", window="P27D"), None, [], id="S-121 shorter than a February"
        ),
        pytest.param(
            reviews(start=GONE),
            None,
            ["MISSING_FIELD: ~.reviews.start: is missing"],
            id="S-119 reviews start some day",
        ),
    ],
)
def test_faulty_reviews(
    tmp_path: Path, content: Content, profile: str | None, want: list[str]
) -> None:
    assert said(tmp_path, content, profile) == want


@pytest.mark.parametrize(
    ("every", "profile", "want"),
    [
        pytest.param(GONE, None, Recurrence(every=90 * DAY), id="S-122 90 days under standard"),
        pytest.param(
            "quarterly", None, Recurrence(every=90 * DAY), id="S-122 quarterly under standard"
        ),
        pytest.param("quarterly", "entra", Recurrence(months=3), id="S-122 quarterly under entra"),
        pytest.param("monthly", "entra", Recurrence(months=1), id="S-122 monthly"),
        pytest.param("half-yearly", None, Recurrence(months=6), id="S-122 half-yearly"),
        pytest.param("yearly", None, Recurrence(months=12), id="S-122 yearly"),
        pytest.param("P60D", None, Recurrence(every=60 * DAY), id="S-122 any period"),
        pytest.param("P1Y6M", None, Recurrence(months=18), id="S-122 any number of months"),
    ],
)
def test_recurrence(tmp_path: Path, every: Any, profile: str | None, want: Recurrence) -> None:
    found = only_policy(loaded(tmp_path, reviews(every=every), profile)).reviews
    assert found is not None
    assert found.recurrence == want


def test_reviews(tmp_path: Path) -> None:
    """S-119 to S-123: a bare date starts at its midnight, the window is the profile's."""
    content = reviews(
        reviewers=["user:ben", "group:staff"], fallback=["user:ann"], no_response="remove"
    )
    assert only_policy(loaded(tmp_path, content)).reviews == ReviewSettings(
        start=APRIL,
        recurrence=Recurrence(every=90 * DAY),
        window=25 * DAY,
        reviewers=ReviewerKind.SPECIFIC,
        specific=(Approver(ApproverKind.GROUP, "staff"), Approver(ApproverKind.USER, "ben")),
        fallback=(Approver(ApproverKind.USER, "ann"),),
        no_response=NoResponse.REMOVE,
    )


@pytest.mark.parametrize(
    ("content", "want"),
    [
        pytest.param(
            call(extension="flaw"),
            [
                "INVALID_MODEL: ~.extensions[0].extension: catalog `c` has no extension `flaw`; "
                "did you mean `flow`?"
            ],
            id="S-125 an extension that is not of the catalog",
        ),
        pytest.param(call(wait="P14D"), [], id="S-126 the longest wait"),
        pytest.param(
            call(wait="P14DT1M"),
            ["INVALID_MODEL: ~.extensions[0].wait: must be at most P14D"],
            id="S-126 a wait that is too long",
        ),
        pytest.param(
            call(stage="one_day_before_expiry", wait="PT1H"),
            [
                "INVALID_MODEL: ~.extensions[0].wait: nothing waits at a stage before the end of "
                "access"
            ],
            id="S-126 waiting before the end",
        ),
        pytest.param(
            call(stage="fourteen_days_before_expiry"),
            [],
            id="S-126 launch and continue at any stage",
        ),
        pytest.param(
            call(stage="requested"),
            [
                "UNKNOWN_VALUE: ~.extensions[0].stage: `requested` is not one of request_created, "
                "request_approved, assignment_granted, assignment_removed, "
                "fourteen_days_before_expiry, one_day_before_expiry"
            ],
            id="S-125 a stage that nobody knows",
        ),
        pytest.param(
            policy(extensions=[{"extension": "flow", "stage": "request_created"}] * 2),
            ["DUPLICATE: ~.extensions[1]: `flow` is called at this stage already"],
            id="S-125 one call twice",
        ),
    ],
)
def test_faulty_extension_calls(tmp_path: Path, content: Content, want: list[str]) -> None:
    assert said(tmp_path, content) == want


def test_an_extension_of_another_catalog(tmp_path: Path) -> None:
    """S-125."""
    other = {"id": "d", "name": "D", "extensions": [{"id": "theirs", "url": "u"}]}
    content = call(extension="theirs")
    content["catalogs"].append(other)
    assert said(tmp_path, content) == [
        "INVALID_MODEL: ~.extensions[0].extension: catalog `c` has no extension `theirs`"
    ]


def test_extension_calls(tmp_path: Path) -> None:
    """S-125, S-126: in the order of the stages."""
    calls = [
        {"extension": "flow", "stage": "assignment_granted"},
        {"extension": "flow", "stage": "request_created", "wait": "PT2H"},
    ]
    assert only_policy(loaded(tmp_path, policy(extensions=calls))).extensions == (
        ExtensionCall("flow", ExtensionStage.REQUEST_CREATED, timedelta(hours=2)),
        ExtensionCall("flow", ExtensionStage.ASSIGNMENT_GRANTED),
    )
