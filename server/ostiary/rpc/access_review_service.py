"""AccessReviewService: reviewers say which access is still needed."""

from __future__ import annotations

from msgspec.structs import replace

from ostiary.domain.errors import (
    BatchTooLargeError,
    ForbiddenError,
    InvalidRequestError,
    ReviewNotFoundError,
)
from ostiary.domain.review import ReviewInstance, ReviewItem, ReviewVerdict
from ostiary.lifecycle.ports import ReviewQuery
from ostiary.operations import review as reviews
from ostiary.operations.once import Write
from ostiary.operations.submission import Actor
from ostiary.rpc import cursors
from ostiary.rpc.calls import Call
from ostiary.rpc.convert.life_words import REVIEW_STATES_READ, VERDICTS_READ
from ostiary.rpc.convert.records import review_item
from ostiary.rpc.convert.submissions import states_of
from ostiary.rpc.errors import failure_of, item_error
from ostiary.rpc.life import Life, Look, within
from ostiary.rpc.permissions import Relation
from ostiary.rpc.record_names import ASSIGNMENTS, REVIEWS
from ostiary.rpc.violations import LONGEST_ID, Violations
from ostiary.v1 import access_review_service_pb2 as contract

DESCRIPTOR = contract.DESCRIPTOR.services_by_name["AccessReviewService"]

MOST_AT_ONCE = 1000


class AccessReviewService:
    """Answers the calls of AccessReviewService."""

    def __init__(self, life: Life) -> None:
        self._life = life

    def get_review(
        self, message: contract.GetReviewRequest, call: Call
    ) -> contract.GetReviewResponse:
        """Give a review without its items."""
        with self._life.looking(call) as look:
            review = _review(look, message.access_review)
            call.allow(look.rights, review.catalog, _reviewer(call, review))
            return contract.GetReviewResponse(access_review=look.writer.review(review))

    def list_reviews(
        self, message: contract.ListReviewsRequest, call: Call
    ) -> contract.ListReviewsResponse:
        """List reviews, the newest first."""
        with self._life.looking(call) as look:
            violations = Violations()
            size = cursors.size_of(message, violations)
            reviewer = look.reader.user(message.reviewer, "reviewer", violations)
            package = look.reader.package(message.access_package, "access_package", violations)
            policy = look.reader.filtered_policy(message.policy, package, violations)
            catalog = violations.name(message.catalog, "catalog")
            states = states_of(message.states, REVIEW_STATES_READ, "states", violations)
            violations.refuse_if_any()
            own = Relation.NAMED if call.is_user(reviewer) else None
            found = look.tx.reviews(
                ReviewQuery(
                    package=package or None,
                    policy=policy,
                    catalogs=within(call.catalogs(look.rights, own), catalog),
                    reviewer=reviewer or None,
                    states=states,
                    up_to=cursors.position(message),
                    size=size + 1,
                )
            )
            page, more = cursors.cut(found, size)
            return contract.ListReviewsResponse(
                access_reviews=[look.writer.review(one) for _, one in page],
                next_page_token=cursors.token(message, str(page[-1][0])) if more else "",
            )

    def list_review_items(
        self, message: contract.ListReviewItemsRequest, call: Call
    ) -> contract.ListReviewItemsResponse:
        """List the items of a review, by assignment."""
        with self._life.looking(call) as look:
            violations = Violations()
            size = cursors.size_of(message, violations)
            reviewer = look.reader.user(message.reviewer, "reviewer", violations)
            violations.refuse_if_any()
            review = _review(look, message.access_review)
            call.allow(look.rights, review.catalog, _reviewer(call, review))
            if not look.rights.have(call.row.roles, review.catalog):
                if reviewer and not call.is_user(reviewer):
                    raise ForbiddenError
                reviewer = call.caller.id
            after = cursors.opened(message) or ""
            found = [
                one
                for one in sorted(review.items, key=lambda one: one.assignment)
                if one.assignment > after
                and (not reviewer or reviewer in one.reviewers)
                and not (message.undecided and one.verdict is not ReviewVerdict.NONE)
            ]
            page, more = cursors.cut(found[: size + 1], size)
            return contract.ListReviewItemsResponse(
                items=[review_item(one, review) for one in page],
                next_page_token=cursors.token(message, page[-1].assignment) if more else "",
            )

    def decide_review_items(
        self, message: contract.DecideReviewItemsRequest, call: Call
    ) -> contract.DecideReviewItemsResponse:
        """Decide items of one review, each for itself."""
        size = len(message.decisions)
        if size > MOST_AT_ONCE:
            raise BatchTooLargeError(size, MOST_AT_ONCE)
        with self._life.looking(call) as look:
            name = self._checked(look, message)
            review = look.review(name)
            own = any(call.is_user(one.target) for one in review.items)
            call.allow(
                look.rights,
                review.catalog,
                _reviewer(call, review),
                Relation.OWN if own else None,
            )
            write = self._life.write(call, message, request_id=message.request_id)
        results = [
            self._result(call, name, item, index, write)
            for index, item in enumerate(message.decisions)
        ]
        with self._life.looking(call) as look:
            return contract.DecideReviewItemsResponse(
                results=results, access_review=look.writer.review(look.review(name))
            )

    def _checked(self, look: Look, message: contract.DecideReviewItemsRequest) -> str:
        violations = Violations()
        name = look.reader.record(REVIEWS, message.access_review, "access_review", violations)
        violations.text(message.request_id, "request_id", LONGEST_ID)
        seen: set[str] = set()
        for index, item in enumerate(message.decisions):
            field = f"decisions[{index}].assignment"
            assignment = look.reader.assignment(item.assignment, violations, field)
            if assignment in seen:
                violations.add(field, "is decided twice")
            seen.add(assignment)
        violations.refuse_if_any()
        return name

    def _result(
        self, call: Call, review: str, item: contract.ReviewDecision, index: int, write: Write
    ) -> contract.DecideReviewItemResult:
        try:
            return self._decided(call, review, item, index, write)
        except InvalidRequestError as error:
            failure = failure_of(error.within(f"decisions[{index}]"))
        except Exception as error:  # noqa: BLE001 one item's failure leaves the others alone
            failure = failure_of(error)
        return contract.DecideReviewItemResult(error=item_error(failure))

    def _decided(
        self, call: Call, review: str, item: contract.ReviewDecision, index: int, write: Write
    ) -> contract.DecideReviewItemResult:
        with self._life.looking(call) as look:
            violations = Violations()
            name = look.reader.record(ASSIGNMENTS, item.assignment, "assignment", violations)
            none = ReviewVerdict.NONE
            verdict = violations.word(item.verdict, VERDICTS_READ, "verdict", none)
            justification = look.reader.justification(item.justification, violations)
            violations.refuse_if_any()
        # Each item is its own write, remembered for itself.
        own = replace(write, key=f"{write.key}/{index}") if write.key else write
        self._life.once(
            own,
            lambda office: reviews.decide(
                office,
                review,
                name,
                Actor(call.actor_id),
                verdict=verdict,
                justification=justification,
            ),
        )
        with self._life.looking(call) as look:
            found = look.there(look.tx.review(review), ReviewNotFoundError(review))
            return contract.DecideReviewItemResult(item=review_item(_item(found, name), found))


def _review(look: Look, name: str) -> ReviewInstance:
    violations = Violations()
    found = look.reader.record(REVIEWS, name, "access_review", violations)
    violations.refuse_if_any()
    return look.review(found)


def _reviewer(call: Call, review: ReviewInstance) -> Relation | None:
    """Tell whether the caller reviews at least one item."""
    mine = any(call.is_user(who) for one in review.items for who in one.reviewers)
    return Relation.REVIEWER if mine else None


def _item(review: ReviewInstance, assignment: str) -> ReviewItem:
    return next(one for one in review.items if one.assignment == assignment)
