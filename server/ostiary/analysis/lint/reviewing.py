"""Findings about access reviews: who reviews, and whether anything is there to review."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from ostiary.analysis.lint.approving import gone
from ostiary.analysis.lint.codes import finding
from ostiary.analysis.lint.findings import Finding
from ostiary.analysis.lint.views import PolicyView, World, others
from ostiary.domain.policy import (
    Approver,
    ApproverKind,
    Recurrence,
    ReviewerKind,
    ReviewSettings,
)
from ostiary.rulebook.faults import quoted
from ostiary.rulebook.times import spell_duration

_SHORTEST_MONTH = timedelta(days=28)
_MANAGER = (Approver(ApproverKind.MANAGER),)


def check_reviews(world: World, view: PolicyView) -> Iterator[Finding]:
    """Give what is likely wrong with the reviews of a policy."""
    reviews = view.policy.reviews
    if reviews is None:
        return
    yield from _dates(view, reviews)
    if reviews.reviewers is ReviewerKind.SELF:
        text = "everybody confirms their own access, and nobody else looks at it"
        yield finding("SELF_REVIEW_ONLY", view.path("reviews", "reviewers"), text)
        return
    for name, named in (("reviewers", reviews.specific), ("fallback", reviews.fallback)):
        codes = ("REVIEWER_LEFT", "REVIEWER_GROUP_EMPTY")
        yield from gone(world, named, view.path("reviews", name), codes, "review")
    yield from _unreviewed(world, view, reviews)


def _dates(view: PolicyView, reviews: ReviewSettings) -> Iterator[Finding]:
    end = view.policy.expiration
    if end.at is not None and reviews.start >= end.at:
        text = f"the first review is due when all access has ended on {end.at:%Y-%m-%d}"
        yield finding("REVIEW_AFTER_END", view.path("reviews", "start"), text)
    every = _least(reviews.recurrence)
    if end.after is not None and not view.policy.extension_allowed and end.after < every:
        text = (
            f"the access lasts {spell_duration(end.after)}, and reviews are"
            f" {spell_duration(every)} apart or more: access between two is never reviewed"
        )
        yield finding("REVIEWS_TOO_RARE", view.path("reviews", "every"), text)


def _least(recurrence: Recurrence) -> timedelta:
    if recurrence.months is not None:
        return recurrence.months * _SHORTEST_MONTH
    return recurrence.every or timedelta(0)


def _unreviewed(world: World, view: PolicyView, reviews: ReviewSettings) -> Iterator[Finding]:
    """S-120: nobody decides on their own access; if nobody is left, silence decides."""
    first = reviews.specific if reviews.reviewers is ReviewerKind.SPECIFIC else _MANAGER
    people = world.people
    without = view.scope - people.staffed(first) - people.staffed(reviews.fallback)
    if without:
        witness = people.first(without)
        text = (
            f"nobody reviews the access of {quoted(witness.id)}{others(len(without))}, so that"
            f" `no_response: {reviews.no_response.value}` decides"
        )
        path = view.path("reviews", "reviewers")
        yield finding("REVIEW_WITHOUT_REVIEWER", path, text, witness=witness)
