"""The delegate of an approver on the command line."""

from __future__ import annotations

from datetime import UTC

from ostiary.cli.life import spelling
from ostiary.cli.life.asking_lists import fill
from ostiary.cli.life.remote import Remote
from ostiary.cli.terminal import console, styled
from ostiary.v1 import access_request_pb2
from ostiary.v1 import request_service_pb2 as service


def delegate(
    remote: Remote, to: str, start: str | None, end: str | None, request_id: str | None
) -> None:
    """Name a delegate and print what holds then."""
    message = service.SetDelegationRequest(delegate=to)
    fill(message, {"request_id": request_id})
    if start is not None:
        message.start_time.FromDatetime(spelling.instant("--start", start))
    if end is not None:
        message.end_time.FromDatetime(spelling.end("--end", end))
    answer = remote.call(remote.services.requests.SetDelegation, message)
    if remote.options.as_json:
        remote.print_json(answer)
    else:
        _show(answer.delegation)


def show(remote: Remote, approver: str | None) -> None:
    """Print a delegation."""
    message = service.GetDelegationRequest()
    fill(message, {"approver": approver})
    answer = remote.call(remote.services.requests.GetDelegation, message)
    if remote.options.as_json:
        remote.print_json(answer)
    elif answer.HasField("delegation"):
        _show(answer.delegation)
    else:
        whom = approver or remote.me()
        console().print(styled(f"nobody decides in the place of {whom}"))


def end(remote: Remote, approver: str | None, request_id: str | None) -> None:
    """Take a delegation back."""
    message = service.EndDelegationRequest()
    fill(message, {"approver": approver, "request_id": request_id})
    answer = remote.call(remote.services.requests.EndDelegation, message)
    if remote.options.as_json:
        remote.print_json(answer)
    else:
        whom = approver or remote.me()
        console().print(styled(f"nobody decides in the place of {whom} any more"))


def _show(one: access_request_pb2.Delegation) -> None:
    since = f"{one.start_time.ToDatetime(UTC):%Y-%m-%d %H:%M}"
    until = "until that is taken back"
    if one.HasField("end_time"):
        until = f"until {one.end_time.ToDatetime(UTC):%Y-%m-%d %H:%M}"
    text = (
        f"{one.delegate} may decide in the place of {one.approver} what is assigned since "
        f"{since}, {until} (UTC)"
    )
    console().print(styled(text))
