"""The question that a command is asked: a file, options, or a file whose fields options replace."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from ostiary.cli.exits import CommandError, Exit, faulty
from ostiary.cli.message_reader import Places, read_message
from ostiary.domain.errors import Fault
from ostiary.rulebook.faults import FaultList
from ostiary.rulebook.source import Node, Spot
from ostiary.rulebook.times import parse_instant
from ostiary.v1 import decision_service_pb2 as contract

LARGEST_FILE = 4 * 1024 * 1024  # what a server takes as one message
STANDARD_INPUT = "-"

TYPES = {
    "user-add": contract.REQUEST_TYPE_USER_ADD,
    "on-behalf": contract.REQUEST_TYPE_ON_BEHALF_ADD,
    "admin-add": contract.REQUEST_TYPE_ADMIN_ADD,
}


class Flags(msgspec.Struct, frozen=True):
    """What options say about the question; None: nothing."""

    package: str | None = None
    requestor: str | None = None
    policy: str | None = None
    justification: str | None = None
    at: str | None = None
    type: str | None = None
    submitter: str | None = None
    submission: bool = False


NO_FLAGS = Flags()


class Question(msgspec.Struct, frozen=True):
    """A question with the places of its fields, so that errors can name them."""

    request: contract.EvaluateRequest
    source: str | None = None  # the name of its file
    places: Places = {}

    def fault(self, field: str, code: str, message: str) -> str:
        """Give an error about a field as a line, with the place if the field came from a file."""
        if self.source is None:
            return f"{code}: {message}"
        at = self._nearest(field) or Spot(self.source)
        return str(Fault(self.source, at.line, at.column, code, message))

    def _nearest(self, field: str) -> Node | None:
        """Give the place of a field, or of what it is missing from."""
        while field and field not in self.places:
            field = field.rpartition(".")[0]
        return self.places.get(field)


def read_question(file: str | None, flags: Flags = NO_FLAGS) -> Question:
    """Give the question of a file and options; CommandError lists everything that is wrong."""
    if file is None and (flags.package is None or flags.requestor is None):
        text = "what is asked? name a FILE (- for standard input), or --requestor and --package"
        raise CommandError(Exit.USAGE, (text,))
    question = Question(contract.EvaluateRequest()) if file is None else _from_file(file)
    _replace(question.request, flags)
    return question


def _from_file(file: str) -> Question:
    name = "<stdin>" if file == STANDARD_INPUT else file
    faults = FaultList()
    content = _content(file)
    request = contract.EvaluateRequest()
    if len(content) > LARGEST_FILE:
        text = f"a request is at most {LARGEST_FILE // 1024 // 1024} MiB long"
        faults.add(Spot(name), "FILE_TOO_LARGE", text)
        raise faulty(faults.sorted())
    places = read_message(content, name, request, faults)
    if faults.has_errors:
        raise faulty(faults.sorted())
    return Question(request, name, places)


def _content(file: str) -> bytes:
    if file == STANDARD_INPUT:
        return sys.stdin.buffer.read(LARGEST_FILE + 1)
    try:
        with Path(file).open("rb") as stream:
            return stream.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise CommandError(Exit.USAGE, (f"no such file: {file}",)) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        text = (reason or str(error)).lower()
        raise CommandError(Exit.USAGE, (f"{file}: {text}",)) from None


def _replace(request: contract.EvaluateRequest, flags: Flags) -> None:
    if flags.package is not None:
        request.access_package = flags.package
    if flags.requestor is not None:
        request.requestor_id = flags.requestor
    if flags.policy is not None:
        request.policy = flags.policy
    if flags.submitter is not None:
        request.submitter = flags.submitter
    if flags.justification is not None:
        request.justification = flags.justification
    if flags.type is not None:
        request.request_type = TYPES[flags.type]
    if flags.submission:
        request.mode = contract.EVALUATION_MODE_SUBMISSION
    if flags.at is not None:
        request.evaluate_time.FromDatetime(_instant(flags.at))


def _instant(text: str) -> datetime:
    """Give the instant of an option; without a zone it is UTC."""
    written = text.strip().replace(" ", "T")
    try:
        naive = datetime.fromisoformat(written)
        if naive.tzinfo is None:
            written = naive.replace(tzinfo=UTC).isoformat()
    except ValueError:
        pass  # what is wrong with it is said below
    try:
        return parse_instant(written)
    except ValueError as error:
        raise CommandError(Exit.USAGE, (f"--at: `{text}` {error}",)) from None
