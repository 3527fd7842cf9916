"""From what a policy says about access reviews to checked settings (S-119 to S-123)."""

from __future__ import annotations

from datetime import timedelta

from ostiary.domain.policy import Approver, Recurrence, ReviewerKind, ReviewSettings
from ostiary.rulebook.approval_checks import sort_approvers
from ostiary.rulebook.directory_checks import refer_named
from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.policy_model import ReviewText
from ostiary.rulebook.policy_shapes import approver_of
from ostiary.rulebook.reader import Unreadable
from ostiary.rulebook.records import run_checks
from ostiary.rulebook.tenant_draft import Draft
from ostiary.rulebook.times import spell_duration

_SHORTEST_MONTH = timedelta(days=28)
_LONGEST_MONTH = timedelta(days=31)


class ReviewChecks:
    """The checks of one policy's reviews, each for one rule of the semantics."""

    def __init__(self, draft: Draft, reviews: ReviewText) -> None:
        self.draft = draft
        self.reader = draft.reader
        self.profile = draft.profile
        self.reviews = reviews

    def run(self) -> None:
        """Report everything that is wrong with the reviews."""
        run_checks((self._reviewers, self._fallback, self._stated, self._longest, self._window))

    def _reviewers(self) -> None:
        """S-120."""
        reviewers = self.reviews.reviewers
        if isinstance(reviewers, tuple):
            refer_named(self.draft, reviewers)
        elif reviewers is ReviewerKind.MANAGER and not self.reviews.count("fallback"):
            text = "must name somebody; review by the manager needs fallback reviewers"
            field = "fallback" if self.reviews.has("fallback") else "reviewers"
            self.reader.invalid(self.reviews.at(field), self.reviews.to("fallback"), text)

    def _fallback(self) -> None:
        refer_named(self.draft, self.reviews.fallback)

    def _stated(self) -> None:
        """S-122."""
        if not self.reviews.has("every") and self.profile.default_review_recurrence is None:
            text = f"is missing; profile {self.profile.name} has no default for it"
            where = self.reviews.to("every")
            self.reader.fault(self.reviews.node, where, FaultCode.MISSING_FIELD, text)

    def _longest(self) -> None:
        longest = self.profile.longest_duration
        if self._between_two()[1] > longest:
            text = f"must be at most {spell_duration(longest)}"
            self.reader.invalid(self.reviews.at("every"), self.reviews.to("every"), text)

    def _window(self) -> None:
        """S-121."""
        window = self._length()
        if window >= self._between_two()[0]:
            text = f"{spell_duration(window)} must be shorter than the time between two reviews"
            field = "window" if self.reviews.has("window") else "every"
            self.reader.invalid(self.reviews.at(field), self.reviews.to("window"), text)

    def _length(self) -> timedelta:
        return self.reviews.window or self.profile.review_window

    def _recurrence(self) -> Recurrence:
        every = self.reviews.every
        if isinstance(every, str):
            return self.draft.loaded.quarterly
        if every is None and self.profile.default_review_recurrence is None:
            raise Unreadable("every")
        return every or Recurrence(every=self.profile.default_review_recurrence)

    def _between_two(self) -> tuple[timedelta, timedelta]:
        """Give the least and the most time between two reviews."""
        recurrence = self._recurrence()
        if recurrence.months is None:
            exact = recurrence.every or timedelta(0)
            return exact, exact
        return recurrence.months * _SHORTEST_MONTH, recurrence.months * _LONGEST_MONTH

    def settings(self) -> ReviewSettings:
        """Give the settings."""
        reviewers = self.reviews.reviewers
        named: tuple[Approver, ...] = ()
        if isinstance(reviewers, tuple):
            named = sort_approvers(approver_of(item.value) for item in reviewers)
        return ReviewSettings(
            start=self.reviews.start,
            recurrence=self._recurrence(),
            window=self._length(),
            reviewers=ReviewerKind.SPECIFIC if isinstance(reviewers, tuple) else reviewers,
            specific=named,
            fallback=sort_approvers(approver_of(item.value) for item in self.reviews.fallback),
            no_response=self.reviews.no_response,
        )
