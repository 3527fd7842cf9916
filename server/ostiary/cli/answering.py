"""Where answers come from: a folder on this machine or a server; both give the same response."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import cast

import grpc
import msgspec
from google.rpc import error_details_pb2  # type: ignore[import-untyped]  # ships without types
from grpc_status import rpc_status

from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.failures import NoAnswer, command_error
from ostiary.cli.labels import Labels
from ostiary.cli.question import Question
from ostiary.domain.errors import OstiaryError
from ostiary.v1 import decision_service_pb2 as contract
from ostiary.v1 import decision_service_pb2_grpc, error_pb2


class Answer(msgspec.Struct, frozen=True):
    """The response to a question, with the names that are known here."""

    response: contract.EvaluateResponse
    labels: Labels


class Source(msgspec.Struct, frozen=True):
    """Where the answer is to come from, as the options say."""

    tenant: Path | None
    server: str | None
    rules: Path | None
    profile: str | None
    seconds: float

    def check(self) -> None:
        """Raise CommandError if the options do not go together."""
        if (self.tenant is None) == (self.server is None):
            raise _usage("who is to answer? name either --tenant DIR or --server HOST:PORT")
        if self.server is not None:
            if self.rules is not None or self.profile is not None:
                raise _usage("--rules and --profile go with --tenant; a server has its own")
            host, _, port = self.server.rpartition(":")
            if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
                raise _usage(f"--server: `{self.server}` is not HOST:PORT")


def _usage(text: str) -> CommandError:
    return CommandError(Exit.USAGE, (text,))


def answer(question: Question, source: Source) -> Answer:
    """Answer a question from where the options say; CommandError says why there is no answer."""
    if source.tenant is not None:
        return from_folder(question, source.tenant, source.rules, source.profile)
    return from_server(question, source.server or "", source.seconds)


def from_folder(
    question: Question, tenant: Path, rules: Path | None, profile: str | None
) -> Answer:
    """Answer from a tenant's folder, as a server would that has loaded it."""
    from ostiary.adapters.clock import SystemClock
    from ostiary.cli.folders import load_desk

    logging.getLogger("ostiary").addHandler(logging.NullHandler())  # `check` tells warnings
    opened = load_desk(tenant, rules, profile)
    try:
        data = opened.desk.evaluate(question.request, SystemClock().now())
    except OstiaryError as error:
        raise command_error(_failed_here(error), question) from None
    finally:
        opened.close()
    return Answer(contract.EvaluateResponse.FromString(data), Labels(opened.desk.tenant))


def from_server(question: Question, address: str, seconds: float) -> Answer:
    """Answer by asking a server, which knows no more of names than ids."""
    try:
        with grpc.insecure_channel(address, options=_options(address)) as channel:
            stub = decision_service_pb2_grpc.DecisionServiceStub(channel)
            response = stub.Evaluate(question.request, timeout=seconds)
    except grpc.RpcError as error:
        raise _failed_there(error, address, question) from None
    return Answer(response, Labels())


def _options(address: str) -> tuple[tuple[str, int], ...]:
    """Keep a proxy from standing between this machine and itself."""
    host = address.rpartition(":")[0].strip("[]")
    here = host in {"localhost", "::1"} or host.startswith("127.")
    return (("grpc.enable_http_proxy", 0),) if here else ()


def _failed_here(error: OstiaryError) -> NoAnswer:
    from ostiary.rpc.errors import failure_of

    failure = failure_of(error)
    return NoAnswer(
        failure.code,
        _reason(failure.reason),
        failure.message,
        failure.metadata,
        failure.violations,
    )


def _reason(reason: error_pb2.ErrorReason) -> str:
    return error_pb2.ErrorReason.Name(reason).removeprefix("ERROR_REASON_")


def _in_words(call: grpc.Call) -> str:
    """Give what gRPC says, less what only its authors understand."""
    if call.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
        return "no answer in time"
    said = call.details() or "no answer"
    return said.rpartition("Failed to connect to remote host: ")[2].removeprefix("connect: ")


def _failed_there(error: grpc.RpcError, address: str, question: Question) -> CommandError:
    call = cast(grpc.Call, error)  # every error of a call is one; its class does not say so
    reason, metadata = call.code().name, {}
    violations: list[tuple[str, str]] = []
    status = rpc_status.from_call(call)
    for detail in status.details if status is not None else ():
        info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        if detail.Unpack(info):
            reason, metadata = info.reason, dict(info.metadata)
        elif detail.Unpack(bad):
            violations = [(one.field, one.description) for one in bad.field_violations]
    message = f"{address}: {_in_words(call)}"
    failed = NoAnswer(call.code(), reason, message, metadata, tuple(violations))
    return command_error(failed, question)
