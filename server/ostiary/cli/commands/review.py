"""`ostiary review`: access reviews, for those who decide in them and for staff."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from ostiary.cli.commands import options as shared
from ostiary.cli.commands.options import Ask, asks, group

app = group("review", "Access reviews: which access is still needed.")

Review = Annotated[str, typer.Argument(metavar="REVIEW", help="The id of the review.")]
Reviewer = Annotated[
    str | None, typer.Option(metavar="USER", help="Only what this person reviews.")
]


@asks(app, "list")
def list_(  # noqa: PLR0913  # one parameter an option
    ask: Ask,
    *,
    mine: Annotated[
        bool, typer.Option("--mine", help="Yours: what you review. The same as --reviewer.")
    ] = False,
    reviewer: Reviewer = None,
    package: shared.Package = None,
    policy: shared.OfPolicy = None,
    catalog: shared.Catalog = None,
    state: Annotated[
        list[str] | None, typer.Option(metavar="STATE", help="Only open, or only closed.")
    ] = None,
    limit: shared.Limit = 50,
    all_: shared.All = False,
) -> None:
    """List access reviews, the newest first."""
    with ask.remote() as remote:
        from ostiary.cli.life import asking_lists

        asking_lists.reviews(
            remote,
            {
                "reviewer": remote.me() if mine else reviewer,
                "access_package": package,
                "policy": policy,
                "catalog": catalog,
            },
            states=state or [],
            most=None if all_ else limit,
        )


@asks(app)
def show(
    ask: Ask,
    review: Review,
    *,
    reviewer: Reviewer = None,
    undecided: Annotated[
        bool, typer.Option("--undecided", help="Only what nobody has decided.")
    ] = False,
) -> None:
    """Show a review with the access that it covers; as JSON, the list of its items."""
    with ask.remote() as remote:
        from ostiary.cli.life import reviewing

        reviewing.show(remote, review, reviewer, undecided=undecided)


@asks(app)
def decide(
    ask: Ask,
    review: Review,
    assignments: Annotated[
        list[str], typer.Argument(metavar="ASSIGNMENT", help="Whose access, by assignment.")
    ],
    verdict: Annotated[
        Literal["keep", "remove"],
        typer.Argument(metavar="keep|remove", help="What is to become of it at the close."),
    ],
    *,
    justification: shared.Justification = None,
    request_id: shared.RequestId = None,
) -> None:
    """Say of one or several assignments whether they are still needed."""
    with ask.remote() as remote:
        from ostiary.cli.life import reviewing

        fields = {"justification": justification, "request_id": request_id}
        reviewing.decide(remote, review, assignments, verdict, fields)
