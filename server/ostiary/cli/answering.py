"""Where answers come from: a folder on this machine or a server; both give the same response."""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

from ostiary.cli.asking import in_words, keep_proxies_off, valid_address
from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.failures import NoAnswer, command_error
from ostiary.cli.labels import Labels
from ostiary.cli.question import Question
from ostiary.client import CallError, Client
from ostiary.domain.errors import OstiaryError
from ostiary.v1 import decision_service_pb2 as contract
from ostiary.v1 import error_pb2


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
            valid_address(self.server)


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
        data = opened.desk.evaluate(question.request.SerializeToString(), SystemClock().now())
    except OstiaryError as error:
        raise command_error(_failed_here(error), question) from None
    finally:
        opened.close()
    return Answer(contract.EvaluateResponse.FromString(data), Labels(opened.tenant))


def from_server(question: Question, address: str, seconds: float) -> Answer:
    """Answer by asking a server, which knows no more of names than ids."""
    keep_proxies_off(address)
    try:
        with Client(address, timeout=seconds) as client:
            decision = client.evaluate(question.request)
    except CallError as error:
        raise command_error(_failed_there(error, address), question) from None
    return Answer(contract.EvaluateResponse(decision=decision), Labels())


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


def _failed_there(error: CallError, address: str) -> NoAnswer:
    return NoAnswer(
        error.code,
        error.reason or error.code.name,
        f"{address}: {in_words(error)}",
        error.metadata,
        error.violations,
    )
