"""An access review for those who decide in it: whose access, what is advised, what was said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import Console
from rich.text import Text

from ostiary.cli.life import telling, words
from ostiary.cli.life.request_story import show_hint
from ostiary.cli.terminal import DIM, grid, heading, show, styled
from ostiary.v1 import access_review_pb2 as reviews


def show_review(
    screen: Console,
    review: reviews.AccessReview,
    items: Sequence[reviews.ReviewItem],
    now: datetime,
) -> None:
    """Print a review with its items."""
    title = f'Access review of "{review.access_package}" under {review.policy}'
    told = telling.Headline(title, words.review_state(review.state))
    telling.headline(screen, told, _sentence(review, now))
    telling.facts(screen, _facts(review))
    _show_items(screen, review, items)
    if review.state == reviews.REVIEW_STATE_OPEN and items:
        show_hint(screen, f"ostiary review decide {review.id} ASSIGNMENT keep|remove")


def _sentence(review: reviews.AccessReview, now: datetime) -> str:
    decided = f"{review.decided_count} of {review.item_count} decided"
    if review.state != reviews.REVIEW_STATE_OPEN:
        return f"{decided}; it closed {words.utc(review.close_time)}."
    far = words.distance(review.close_time, now)
    return f"{decided}; decisions count until {words.utc(review.close_time)} ({far})."


def _facts(review: reviews.AccessReview) -> Iterator[tuple[str, str]]:
    yield "review", review.id
    yield "opened", words.utc(review.open_time)
    if review.HasField("remind_time"):
        yield "reminder", words.utc(review.remind_time)
    yield "reviewers", words.REVIEWERS.get(review.reviewers, "unknown")
    silent = words.NO_RESPONSES.get(review.no_response, "stays as it is")
    yield "no answer", f"what nobody decides {silent}"


def _show_items(
    screen: Console, review: reviews.AccessReview, items: Sequence[reviews.ReviewItem]
) -> None:
    if not items:
        return
    heading(screen, "Whose access")
    table = grid("fixed", "fixed", "flow")
    for item in items:
        table.add_row(styled(item.assignment), words.verdict(item.verdict), _item(item, review))
    show(screen, table)


def _item(item: reviews.ReviewItem, review: reviews.AccessReview) -> Text:
    text = styled(item.holder)
    for line in _item_lines(item, review):
        text.append("\n").append_text(styled(line, DIM))
    return text


def _item_lines(item: reviews.ReviewItem, review: reviews.AccessReview) -> Iterator[str]:
    if item.recommendation:
        yield f"advice: {words.verdict(item.recommendation).plain}"
    if item.out_of_scope:
        yield "no longer in the requestor scope of the policy"
    if item.decided_by:
        said = f': "{item.justification}"' if item.justification else ""
        yield f"by {item.decided_by}, {words.utc(item.decide_time)}{said}"
    elif review.state == reviews.REVIEW_STATE_OPEN:
        yield f"{', '.join(item.reviewers) or 'nobody'} may decide"
    if item.result:
        yield words.RESULTS.get(item.result, "")
