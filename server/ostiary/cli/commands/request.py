"""`ostiary request`: submit, look at, decide, cancel, extend and repair requests."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from ostiary.cli.commands import options as shared
from ostiary.cli.commands.options import Ask, asks, group

app = group("request", "Requests: submit, look at, decide, cancel, extend, repair.")

Request = Annotated[str, typer.Argument(metavar="REQUEST", help="The id of the request.")]
Token = Annotated[
    str | None,
    typer.Option(metavar="TOKEN", help="From a mail to an approver, in whose name it decides."),
]
Stage = Annotated[
    int, typer.Option(metavar="N", min=0, help="The stage that is meant; 0: the open one.")
]


@asks(app)
def create(  # noqa: PLR0913  # one parameter an option
    ask: Ask,
    package: Annotated[str, typer.Argument(metavar="PACKAGE", help="The access package.")],
    *,
    whom: Annotated[
        str | None,
        typer.Option("--for", metavar="USER", help="Who is to have it, if not you: a report."),
    ] = None,
    kind: Annotated[
        Literal["user-add", "on-behalf-add", "admin-add", "system-add"] | None,
        typer.Option(help="What is submitted; default: user-add, with --for on-behalf-add."),
    ] = None,
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
    """Ask for an access package, for yourself or on behalf of a report."""
    with ask.remote() as remote:
        from ostiary.cli.life import submitting
        from ostiary.v1 import request_service_pb2 as service

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
        message = submitting.create_request(remote, wish, whom, kind)
        asked = submitting.asked_by(remote, message.kind, whom, package)
        method = remote.services.requests.CreateRequest
        submitting.submit(remote, method, message, asked, service.CreateRequestResponse)


@asks(app, "list")
def list_(  # noqa: PLR0913  # one parameter an option
    ask: Ask,
    *,
    mine: Annotated[
        bool, typer.Option("--mine", help="Yours: what is asked for you. The same as --requestor.")
    ] = False,
    requestor: Annotated[
        str | None, typer.Option(metavar="USER", help="Only what is asked for this person.")
    ] = None,
    submitter: Annotated[
        str | None,
        typer.Option(metavar="WHO", help="Only what they asked: a user, service:ID or system."),
    ] = None,
    package: shared.Package = None,
    policy: shared.OfPolicy = None,
    catalog: shared.Catalog = None,
    assignment: Annotated[
        str | None, typer.Option(metavar="ID", help="Only what made or changed this assignment.")
    ] = None,
    state: Annotated[
        list[str] | None, typer.Option(metavar="STATE", help="Only in this state, e.g. denied.")
    ] = None,
    limit: shared.Limit = 50,
    all_: shared.All = False,
) -> None:
    """List requests, the newest first."""
    with ask.remote() as remote:
        from ostiary.cli.life import asking_lists

        asking_lists.requests(
            remote,
            {
                "requestor": remote.me() if mine else requestor,
                "submitter": submitter,
                "access_package": package,
                "policy": policy,
                "catalog": catalog,
                "assignment": assignment,
            },
            states=state or [],
            most=None if all_ else limit,
        )


@asks(app)
def queue(
    ask: Ask,
    *,
    approver: Annotated[
        str | None, typer.Option(metavar="USER", help="Whose list, if not yours.")
    ] = None,
    limit: shared.Limit = 50,
    all_: shared.All = False,
) -> None:
    """Show what waits for your decision."""
    with ask.remote() as remote:
        from ostiary.cli.life import asking_lists

        asking_lists.queue(remote, approver, most=None if all_ else limit)


@asks(app)
def show(ask: Ask, request: Request) -> None:
    """Tell the story of a request: who decides until when, what comes, what happened."""
    with ask.remote() as remote:
        from ostiary.cli.life import changing

        changing.show_request(remote, request)


def _deciding(name: str, about: str) -> None:
    def decide(  # one parameter an option
        ask: Ask,
        request: Request,
        *,
        justification: shared.Justification = None,
        stage: Stage = 0,
        token: Token = None,
        etag: shared.Etag = None,
        request_id: shared.RequestId = None,
    ) -> None:
        with ask.remote() as remote:
            from ostiary.cli.life import changing

            fields = {
                "justification": justification,
                "stage": stage,
                "decision_token": token,
                "etag": etag,
                "request_id": request_id,
            }
            changing.change_request(remote, name, request, fields)

    decide.__doc__ = about
    asks(app, name)(decide)


_deciding("approve", "Decide the open stage of a request with yes.")
_deciding("deny", "Decide the open stage of a request with no, which ends it.")


def _changing(name: str, about: str) -> None:
    def change(
        ask: Ask,
        request: Request,
        *,
        etag: shared.Etag = None,
        request_id: shared.RequestId = None,
    ) -> None:
        with ask.remote() as remote:
            from ostiary.cli.life import changing

            fields = {"etag": etag, "request_id": request_id}
            changing.change_request(remote, name, request, fields)

    change.__doc__ = about
    asks(app, name)(change)


_changing("cancel", "Take a request back.")
_changing("reprocess", "Try again to give what could not be given; for staff.")
_changing("delete", "Delete the record of a request that is over; for staff.")


@asks(app)
def extend(  # noqa: PLR0913  # one parameter an option
    ask: Ask,
    assignment: Annotated[
        str | None, typer.Argument(metavar="[ASSIGNMENT]", help="The id of the assignment.")
    ] = None,
    *,
    package: Annotated[
        str | None, typer.Option(metavar="ID", help="Or: your assignment of this access package.")
    ] = None,
    end: shared.End = None,
    justification: shared.Justification = None,
    answer: shared.Answers = None,
    request_id: shared.RequestId = None,
    dry_run: shared.DryRun = False,
) -> None:
    """Ask for a later end of access; staff may set any end, also an earlier one."""
    with ask.remote() as remote:
        from ostiary.cli.life import changing

        fields = {"justification": justification, "request_id": request_id}
        whole = changing.Extension(end, tuple(answer or ()), fields, dry_run=dry_run)
        changing.extend(remote, assignment, package, whole)


@asks(app)
def resume(  # noqa: PLR0913  # an option each
    ask: Ask,
    callout: Annotated[
        str, typer.Argument(metavar="CALLOUT", help="The id that the extension was told.")
    ],
    *,
    stage: Annotated[
        str,
        typer.Option(metavar="STAGE", help="At which it was called, e.g. request-created."),
    ],
    reply: Annotated[
        Literal["deny", "cancel"] | None,
        typer.Option(help="End the request; default: go on with it."),
    ] = None,
    detail: Annotated[
        str | None, typer.Option(metavar="TEXT", help="A text for the approvers.")
    ] = None,
    approver: Annotated[
        list[str] | None,
        typer.Option(
            metavar="user:ID|group:ID",
            help="Who must approve first, in a stage of their own; may be given several times.",
        ),
    ] = None,
    time_out: Annotated[
        str | None,
        typer.Option(metavar="LENGTH", help="When that stage is over undecided, e.g. 3d."),
    ] = None,
    request_id: shared.RequestId = None,
) -> None:
    """Bring the reply of a custom extension that is waited for."""
    with ask.remote() as remote:
        from ostiary.cli.life import changing

        fields = {"detail": detail, "request_id": request_id}
        asked = changing.ReturnedStage(tuple(approver or ()), time_out)
        changing.resume(remote, callout, changing.Reply(stage, reply, asked), fields)


@asks(app)
def delegate(
    ask: Ask,
    user: Annotated[str, typer.Argument(metavar="USER", help="Who is to stand in for you.")],
    *,
    start: shared.Start = None,
    end: shared.End = None,
    request_id: shared.RequestId = None,
) -> None:
    """Have somebody decide in your place what is assigned to you from now on."""
    with ask.remote() as remote:
        from ostiary.cli.life import delegation as delegations

        delegations.delegate(remote, user, start, end, request_id)


Approver = Annotated[
    str | None, typer.Option(metavar="USER", help="Whose delegation; for administrators.")
]


@asks(app)
def delegation(ask: Ask, *, approver: Approver = None) -> None:
    """Say who decides in your place."""
    with ask.remote() as remote:
        from ostiary.cli.life import delegation as delegations

        delegations.show(remote, approver)


@asks(app)
def undelegate(ask: Ask, *, approver: Approver = None, request_id: shared.RequestId = None) -> None:
    """Take back what was delegated, also what is assigned already."""
    with ask.remote() as remote:
        from ostiary.cli.life import delegation as delegations

        delegations.end(remote, approver, request_id)
