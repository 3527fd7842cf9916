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
    changes: contract.WhatWouldChange | None = None  # what would change it, if that was asked


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


def wanted(*, what_would_change: bool, any_other: bool) -> contract.WantedAnswer:
    """Give which changes are looked for; CommandError if the options do not go together."""
    if not what_would_change:
        if any_other:
            raise _usage("--any-other goes with --what-would-change")
        return contract.WANTED_ANSWER_UNSPECIFIED
    return contract.WANTED_ANSWER_OTHER if any_other else contract.WANTED_ANSWER_BETTER


def answer(
    question: Question,
    source: Source,
    looked_for: contract.WantedAnswer = contract.WANTED_ANSWER_UNSPECIFIED,
) -> Answer:
    """Answer a question from where the options say; CommandError says why there is no answer."""
    if source.tenant is not None:
        return from_folder(question, source.tenant, source.rules, source.profile, looked_for)
    return from_server(question, source.server or "", source.seconds, looked_for)


def from_folder(
    question: Question,
    tenant: Path,
    rules: Path | None,
    profile: str | None,
    looked_for: contract.WantedAnswer = contract.WANTED_ANSWER_UNSPECIFIED,
) -> Answer:
    """Answer from a tenant's folder, as a server would that has loaded it."""
    from ostiary.adapters.clock import SystemClock
    from ostiary.cli.folders import load_desk

    logging.getLogger("ostiary").addHandler(logging.NullHandler())  # `check` tells warnings
    opened = load_desk(tenant, rules, profile)
    labels, now = Labels(opened.tenant), SystemClock().now()
    try:
        if looked_for:
            return _explained(opened.desk.explain(_explaining(question, looked_for), now), labels)
        data = opened.desk.evaluate(question.request.SerializeToString(), now)
        return Answer(contract.EvaluateResponse.FromString(data), labels)
    except OstiaryError as error:
        raise command_error(_failed_here(error), question) from None
    finally:
        opened.close()


def from_server(
    question: Question,
    address: str,
    seconds: float,
    looked_for: contract.WantedAnswer = contract.WANTED_ANSWER_UNSPECIFIED,
) -> Answer:
    """Answer by asking a server, which knows no more of names than ids."""
    keep_proxies_off(address)
    try:
        with Client(address, timeout=seconds) as client:
            if looked_for:
                return _explained(client.explain(_explaining(question, looked_for)), Labels())
            decision = client.evaluate(question.request)
    except CallError as error:
        raise command_error(_failed_there(error, address), question) from None
    return Answer(contract.EvaluateResponse(decision=decision), Labels())


def _explaining(question: Question, looked_for: contract.WantedAnswer) -> contract.ExplainRequest:
    return contract.ExplainRequest(question=question.request, what_would_change=looked_for)


def _explained(response: contract.ExplainResponse, labels: Labels) -> Answer:
    decided = contract.EvaluateResponse(decision=response.decision)
    return Answer(decided, labels, response.what_would_change)


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
