"""What is refused, warned about and understood of questions, reviews and custom extensions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ostiary.domain.policy import (
    Approver,
    ApproverKind,
    ExtensionCall,
    ExtensionStage,
    NoResponse,
    Question,
    QuestionKind,
    Recurrence,
    ReviewerKind,
    ReviewSettings,
)
from tests.unit.defining import (
    GONE,
    Content,
    call,
    loaded,
    only_policy,
    policy,
    question,
    reviews,
    said,
)

DAY = timedelta(days=1)
APRIL = datetime(2031, 4, 1, tzinfo=UTC)


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
