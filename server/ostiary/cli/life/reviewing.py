"""Looking at access reviews, and deciding in them."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.life import words
from ostiary.cli.life.remote import Remote
from ostiary.cli.life.review_pages import show_review
from ostiary.cli.terminal import console, styled
from ostiary.v1 import access_review_pb2 as reviews
from ostiary.v1 import access_review_service_pb2 as service
from ostiary.v1 import error_pb2

_VERDICTS = {"keep": reviews.REVIEW_VERDICT_KEEP, "remove": reviews.REVIEW_VERDICT_REMOVE}


def show(remote: Remote, review: str, reviewer: str | None, *, undecided: bool) -> None:
    """Print a review with its items; as JSON, the items alone."""
    asked = service.ListReviewItemsRequest(
        access_review=review, reviewer=reviewer or "", undecided=undecided
    )
    page = remote.listed(remote.services.reviews.ListReviewItems, asked, "items", None)
    if remote.options.as_json:
        remote.print_json(page)
        return
    whole = remote.call(
        remote.services.reviews.GetReview, service.GetReviewRequest(access_review=review)
    )
    show_review(console(), whole.access_review, page.items, remote.now())


def decide(
    remote: Remote,
    review: str,
    assignments: Sequence[str],
    verdict: str,
    said: Mapping[str, Any],
) -> None:
    """Decide on assignments; each is told by itself, and one that fails ends with REFUSED."""
    message = service.DecideReviewItemsRequest(
        access_review=review,
        request_id=said["request_id"] or "",
        decisions=[
            service.ReviewDecision(
                assignment=one,
                verdict=_VERDICTS[verdict],
                justification=said["justification"] or "",
            )
            for one in assignments
        ],
    )
    answer = remote.call(remote.services.reviews.DecideReviewItems, message)
    if remote.options.as_json:
        remote.print_json(answer)
    else:
        _show(remote, answer)
    failed = [
        f"{_code(result.error)}: {one}: {result.error.message}"
        for one, result in zip(assignments, answer.results, strict=False)
        if result.HasField("error")
    ]
    if failed:
        sys.stdout.flush()
        raise CommandError(Exit.REFUSED, failed)


def _code(error: error_pb2.EvaluationError) -> str:
    value = error_pb2.ErrorReason.DESCRIPTOR.values_by_number.get(error.reason)
    name = "UNKNOWN" if value is None else value.name.removeprefix("ERROR_REASON_")
    return error.metadata.get("code", name)


def _show(remote: Remote, answer: service.DecideReviewItemsResponse) -> None:
    screen = console()
    for result in answer.results:
        if result.HasField("item"):
            item = result.item
            line = styled(f"{item.assignment}  {item.holder}  ")
            screen.print(line.append_text(words.verdict(item.verdict)))
    review = answer.access_review
    far = words.distance(review.close_time, remote.now())
    text = f"{review.decided_count} of {review.item_count} decided; it may be changed until"
    screen.print(styled(f"{text} {words.utc(review.close_time)} ({far})"))
