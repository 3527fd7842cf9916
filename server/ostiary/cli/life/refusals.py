"""What a server refuses, in the words of the person who typed the command, with a way on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

import grpc
from google.protobuf.message import Message

from ostiary.cli.asking import in_words
from ostiary.cli.exits import CommandError, Exit
from ostiary.client import CallError
from ostiary.rulebook.faults import did_you_mean

_EXITS: Mapping[grpc.StatusCode, Exit] = {
    grpc.StatusCode.NOT_FOUND: Exit.FAULTY,
    grpc.StatusCode.INVALID_ARGUMENT: Exit.FAULTY,
    grpc.StatusCode.UNAUTHENTICATED: Exit.USAGE,
    grpc.StatusCode.PERMISSION_DENIED: Exit.REFUSED,
    grpc.StatusCode.FAILED_PRECONDITION: Exit.REFUSED,
    grpc.StatusCode.RESOURCE_EXHAUSTED: Exit.REFUSED,
    grpc.StatusCode.ABORTED: Exit.REFUSED,
    grpc.StatusCode.UNAVAILABLE: Exit.NO_ANSWER,
    grpc.StatusCode.DEADLINE_EXCEEDED: Exit.NO_ANSWER,
    grpc.StatusCode.CANCELLED: Exit.NO_ANSWER,
    grpc.StatusCode.UNIMPLEMENTED: Exit.NO_ANSWER,
}
# How the command line calls the fields of requests; a path is looked up from its end.
_OPTIONS: Mapping[str, str] = {
    "access_package": "--package",
    "access_review": "REVIEW",
    "actor": "--actor",
    "after_sequence": "--after",
    "answers": "--answer",
    "approver": "--approver",
    "assignment": "--assignment",
    "by": "--by",
    "callout": "CALLOUT",
    "catalog": "--catalog",
    "decision_token": "--token",
    "decisions": "ASSIGNMENT",
    "delegate": "USER",
    "detail": "--detail",
    "display_name_contains": "--filter",
    "duration": "--duration",
    "end_time": "--end",
    "holder": "--holder",
    "holder_id": "USER",
    "home": "--home",
    "justification": "--justification",
    "mail": "--mail",
    "note": "--note",
    "page_size": "--limit",
    "policy": "--policy",
    "reply": "--reply",
    "request": "--request",
    "request_id": "--request-id",
    "requestor": "--requestor",
    "requestor_id": "--for",
    "reviewer": "--reviewer",
    "revision": "REVISION",
    "since_time": "--since",
    "stage": "--stage",
    "start_time": "--start",
    "states": "--state",
    "subject": "--target",
    "submitter": "--submitter",
    "to_time": "--to",
    "until_time": "--until",
    "work": "WORK",
}
# What is an argument where something is done to it, and an option where lists are narrowed by it.
_ARGUMENTS: Mapping[str, str] = {
    "access_package": "PACKAGE",
    "assignment": "ASSIGNMENT",
    "request": "REQUEST",
}
_LISTS = ("List", "Watch")
_INDEX = re.compile(r"\[(\d+)\]")
_REFUSED = frozenset({"REFUSED", "SUBMISSION_REFUSED"})
# The names that the command typed, by the key under which the server gives an unknown one back.
Names = Callable[[], Iterable[str]]


class Refusals:
    """Turns failed calls to one server into what ends the command."""

    def __init__(self, server: str, caller: str) -> None:
        self._server = server
        self._caller = caller
        self._names: dict[str, Names] = {}
        self._hints: dict[str, str] = {}

    def suggest(self, key: str, names: Names) -> None:
        """Say what is known by a key such as `access_package`, to find what was meant."""
        self._names[key] = names

    def hint(self, reason: str, text: str) -> None:
        """Say what a person may do about a reason, e.g. FORBIDDEN, in the command at hand."""
        self._hints[reason] = text

    def ending(self, error: CallError, request: Message) -> CommandError:
        """Give the error that ends the command."""
        code = _EXITS.get(error.code, Exit.FAILED)
        if error.violations:
            lines = [self._violated(error, *one, request) for one in error.violations]
        else:
            lines = [f"{self._name(error)}: {self._words(error)}{self._meant(error)}"]
        hint = self._hint(error)
        return CommandError(code, [*lines, *([hint] if hint else [])])

    def _name(self, error: CallError) -> str:
        if error.reason in _REFUSED:
            return error.metadata.get("code", error.reason)
        return error.reason or error.code.name

    def _words(self, error: CallError) -> str:
        if error.reason:
            return error.message
        # Nobody of ours has spoken, so that it matters who was asked.
        return f"{self._server}: {in_words(error)}"

    def _violated(self, error: CallError, field: str, text: str, request: Message) -> str:
        return f"{error.reason}: {option_of(field, request)}: {text}" if field else text

    def _meant(self, error: CallError) -> str:
        for key, names in self._names.items():
            if key in error.metadata:
                return did_you_mean(error.metadata[key], sorted(set(names())))
        return ""

    def _hint(self, error: CallError) -> str:
        name = self._name(error)
        if name in self._hints:
            return self._hints[name]
        if error.code is grpc.StatusCode.UNAUTHENTICATED and not self._caller:
            return "say who asks: --as user:ID, or in the environment as OSTIARY_CALLER"
        if error.code is grpc.StatusCode.UNIMPLEMENTED:
            return "this server does not offer it; is it one with a store, and new enough?"
        return ""


def option_of(field: str, request: Message) -> str:
    """Give the option or argument that a field of a request was typed as."""
    narrows = request.DESCRIPTOR.name.startswith(_LISTS)
    known = _OPTIONS if narrows else {**_OPTIONS, **_ARGUMENTS}
    for part in reversed(field.split(".")):
        name, number = _INDEX.sub("", part), _INDEX.search(part)
        option = known.get(name)
        if option is not None:
            several = number is not None and len(getattr(request, name, ())) > 1
            return f"{option} (number {int(number[1]) + 1})" if several and number else option
    return field
