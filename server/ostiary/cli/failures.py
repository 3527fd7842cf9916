"""What a command says when there is no answer: the same words, whoever could not give it."""

from __future__ import annotations

from collections.abc import Mapping

import grpc
import msgspec

from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.question import Question

_EXITS: Mapping[grpc.StatusCode, Exit] = {
    grpc.StatusCode.NOT_FOUND: Exit.FAULTY,
    grpc.StatusCode.INVALID_ARGUMENT: Exit.FAULTY,
    grpc.StatusCode.FAILED_PRECONDITION: Exit.FAULTY,
    grpc.StatusCode.RESOURCE_EXHAUSTED: Exit.FAULTY,
    grpc.StatusCode.UNAVAILABLE: Exit.NO_ANSWER,
    grpc.StatusCode.DEADLINE_EXCEEDED: Exit.NO_ANSWER,
    grpc.StatusCode.CANCELLED: Exit.NO_ANSWER,
    # Something answers there, but no server of this contract.
    grpc.StatusCode.UNIMPLEMENTED: Exit.NO_ANSWER,
}
# The fields whose value may be the name that was not found, by the key that it is given back under.
_NAMING: Mapping[str, tuple[str, ...]] = {
    "user": ("requestor_id", "submitter"),
    "access_package": ("access_package",),
    "policy": ("policy",),
}


class NoAnswer(msgspec.Struct, frozen=True):
    """Why a question has no answer."""

    code: grpc.StatusCode
    reason: str  # an ErrorReason less its prefix, or the name of the status code
    message: str
    metadata: Mapping[str, str] = {}
    violations: tuple[tuple[str, str], ...] = ()


def command_error(failed: NoAnswer, question: Question) -> CommandError:
    """Give the error that ends the command, with the place of everything that is wrong."""
    code = _EXITS.get(failed.code, Exit.FAILED)
    if failed.violations:
        lines = (
            question.fault(field, failed.reason, f"{field}: {text}" if field else text)
            for field, text in failed.violations
        )
        return CommandError(code, lines)
    field = _named_field(failed.metadata, question)
    if field is not None:
        return CommandError(code, (question.fault(field, failed.reason, failed.message),))
    return CommandError(code, (f"{failed.reason}: {failed.message}",))


def _named_field(metadata: Mapping[str, str], question: Question) -> str | None:
    for key, fields in _NAMING.items():
        for field in fields:
            if key in metadata and getattr(question.request, field) == metadata[key]:
                return field
    return None
