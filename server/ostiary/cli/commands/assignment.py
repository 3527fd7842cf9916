"""`ostiary assignment`: who has what, giving and taking it directly, repairing it."""

from __future__ import annotations

from typing import Annotated

import typer

from ostiary.cli.commands import options as shared
from ostiary.cli.commands.options import Ask, asks, group

app = group("assignment", "Assignments: who has what; assign, remove, repair.")

Assignment = Annotated[str, typer.Argument(metavar="ASSIGNMENT", help="The id of the assignment.")]


@asks(app, "list")
def list_(  # noqa: PLR0913  # one parameter an option
    ask: Ask,
    *,
    mine: Annotated[
        bool, typer.Option("--mine", help="Yours: what you have. The same as --holder.")
    ] = False,
    holder: Annotated[
        str | None, typer.Option(metavar="USER", help="Only what this person has.")
    ] = None,
    package: shared.Package = None,
    policy: shared.OfPolicy = None,
    catalog: shared.Catalog = None,
    state: Annotated[
        list[str] | None, typer.Option(metavar="STATE", help="Only in this state, e.g. delivered.")
    ] = None,
    limit: shared.Limit = 50,
    all_: shared.All = False,
) -> None:
    """List assignments, the newest first."""
    with ask.remote() as remote:
        from ostiary.cli.life import asking_lists

        asking_lists.assignments(
            remote,
            {
                "holder": remote.me() if mine else holder,
                "access_package": package,
                "policy": policy,
                "catalog": catalog,
            },
            states=state or [],
            most=None if all_ else limit,
        )


@asks(app)
def show(ask: Ask, assignment: Assignment) -> None:
    """Tell the story of an assignment: what is given, what failed and why, what comes."""
    with ask.remote() as remote:
        from ostiary.cli.life import changing

        changing.show_assignment(remote, assignment)


@asks(app)
def assign(  # noqa: PLR0913  # one parameter an option
    ask: Ask,
    package: Annotated[str, typer.Argument(metavar="PACKAGE", help="The access package.")],
    user: Annotated[str, typer.Argument(metavar="USER", help="Who is to have it.")],
    *,
    policy: shared.Policy = None,
    justification: shared.Justification = None,
    answer: shared.Answers = None,
    start: shared.Start = None,
    end: shared.End = None,
    duration: shared.Duration = None,
    mail: shared.Mail = None,
    home: shared.Home = None,
    bypass_approval: Annotated[
        bool, typer.Option("--bypass-approval", help="Leave approval out; for administrators.")
    ] = False,
    request_id: shared.RequestId = None,
    dry_run: shared.DryRun = False,
) -> None:
    """Give access directly; for staff."""
    with ask.remote() as remote:
        from ostiary.cli.life import submitting
        from ostiary.v1 import access_request_pb2, assignment_service_pb2

        wish = submitting.Wish(
            package=package,
            policy=policy,
            justification=justification,
            answers=tuple(answer or ()),
            start=start,
            end=end,
            duration=duration,
            mail=mail,
            home=home,
            bypass_approval=bypass_approval,
            request_id=request_id,
            dry_run=dry_run,
        )
        message = submitting.assign_request(wish, user)
        kind = access_request_pb2.REQUEST_KIND_ADMIN_ADD
        asked = submitting.asked_by(remote, kind, user, package)
        method = remote.services.assignments.AssignAccess
        answered = assignment_service_pb2.AssignAccessResponse
        submitting.submit(remote, method, message, asked, answered)


@asks(app)
def remove(
    ask: Ask,
    assignment: Assignment,
    *,
    justification: shared.Justification = None,
    request_id: shared.RequestId = None,
    dry_run: shared.DryRun = False,
) -> None:
    """End an assignment: give it back as its holder, or take it away as staff."""
    with ask.remote() as remote:
        from ostiary.cli.life import changing

        fields = {"justification": justification, "request_id": request_id}
        changing.remove(remote, assignment, fields, dry_run=dry_run)


@asks(app)
def reprocess(
    ask: Ask,
    assignment: Assignment,
    *,
    etag: shared.Etag = None,
    request_id: shared.RequestId = None,
) -> None:
    """Give anew what was changed outside; for staff."""
    with ask.remote() as remote:
        from ostiary.cli.life import changing

        changing.reprocess_assignment(remote, assignment, {"etag": etag, "request_id": request_id})
