"""The one table from our errors to gRPC status codes and google.rpc details."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from typing import cast

import msgspec
from google.protobuf.any_pb2 import Any
from google.protobuf.message import Message
from google.rpc import (  # type: ignore[import-untyped]  # the package ships without types
    error_details_pb2,
    status_pb2,
)
from grpc import StatusCode

from ostiary.domain.errors import (
    AssignmentNotFoundError,
    BatchTooLargeError,
    CalloutNotFoundError,
    ConflictError,
    DefinitionNotFoundError,
    ForbiddenError,
    InvalidRequestError,
    LimitExceededError,
    NoEarlierRevisionError,
    NotFoundError,
    NotReadyError,
    OstiaryError,
    PackageNotFoundError,
    PageTokenError,
    PolicyNotFoundError,
    RefusedError,
    RequestIdReusedError,
    RequestNotFoundError,
    ReviewNotFoundError,
    RuleRevisionNotFoundError,
    RulesRefusedError,
    StoreUnavailableError,
    SubmissionRefusedError,
    SuitesFailingError,
    TablesUnavailableError,
    UnauthenticatedError,
    UserNotFoundError,
    WorkNotFoundError,
)
from ostiary.rpc.convert import messages
from ostiary.v1 import decision_pb2, error_pb2

DOMAIN = "ostiary"
PREFIX = "ERROR_REASON_"

_log = logging.getLogger(__name__)

# Errors travel in the trailers of a call, where about 8 KiB fit; all of this is well below.
_MOST_VIOLATIONS_BYTES = 3000
_MOST_DECISION_BYTES = 4000
_LONGEST_TEXT = 200

# The metadata key under which a name that stands for nothing is given back.
_NAME_KEYS: Mapping[type[NotFoundError], str] = {
    UserNotFoundError: "user",
    PackageNotFoundError: "access_package",
    PolicyNotFoundError: "policy",
    RequestNotFoundError: "request",
    AssignmentNotFoundError: "assignment",
    ReviewNotFoundError: "access_review",
    CalloutNotFoundError: "callout",
    WorkNotFoundError: "work",
    DefinitionNotFoundError: "definition",
    RuleRevisionNotFoundError: "revision",
}

# The status of each error; its ErrorReason bears the error's own `reason`, but for these.
_STATUSES: Mapping[type[OstiaryError], StatusCode] = {
    **dict.fromkeys(_NAME_KEYS, StatusCode.NOT_FOUND),
    InvalidRequestError: StatusCode.INVALID_ARGUMENT,
    BatchTooLargeError: StatusCode.INVALID_ARGUMENT,
    PageTokenError: StatusCode.INVALID_ARGUMENT,
    RequestIdReusedError: StatusCode.INVALID_ARGUMENT,
    NotReadyError: StatusCode.UNAVAILABLE,
    TablesUnavailableError: StatusCode.UNAVAILABLE,
    StoreUnavailableError: StatusCode.UNAVAILABLE,
    UnauthenticatedError: StatusCode.UNAUTHENTICATED,
    ForbiddenError: StatusCode.PERMISSION_DENIED,
    LimitExceededError: StatusCode.RESOURCE_EXHAUSTED,
    ConflictError: StatusCode.ABORTED,
    RulesRefusedError: StatusCode.FAILED_PRECONDITION,
    NoEarlierRevisionError: StatusCode.FAILED_PRECONDITION,
    SuitesFailingError: StatusCode.FAILED_PRECONDITION,
    RefusedError: StatusCode.FAILED_PRECONDITION,
    SubmissionRefusedError: StatusCode.FAILED_PRECONDITION,
}
_OTHER_REASONS: Mapping[type[OstiaryError], str] = {
    PackageNotFoundError: "ACCESS_PACKAGE_NOT_FOUND",
}


def _numbered(reason: str) -> error_pb2.ErrorReason:
    return cast("error_pb2.ErrorReason", error_pb2.ErrorReason.Value(PREFIX + reason))


_TABLE: Mapping[type[OstiaryError], tuple[StatusCode, error_pb2.ErrorReason]] = {
    kind: (code, _numbered(_OTHER_REASONS.get(kind, kind.reason)))
    for kind, code in _STATUSES.items()
}


class Failure(msgspec.Struct, frozen=True):
    """What a caller is told about an error."""

    code: StatusCode
    reason: error_pb2.ErrorReason
    message: str
    metadata: Mapping[str, str]
    violations: tuple[tuple[str, str], ...] = ()
    decision: decision_pb2.Decision | None = None  # on a submission that is refused

    @property
    def name(self) -> str:
        """Give the reason less its prefix."""
        return error_pb2.ErrorReason.Name(self.reason).removeprefix(PREFIX)


def failure_of(error: Exception) -> Failure:
    """Give what the caller is told; an error that nobody foresaw is logged and only numbered."""
    if isinstance(error, InvalidRequestError):
        return _violated(error)
    if not isinstance(error, OstiaryError):
        return _unforeseen(error)
    known = next((_TABLE[kind] for kind in type(error).__mro__ if kind in _TABLE), None)
    if known is None:
        return _unforeseen(error)
    code, reason = known
    return Failure(code, reason, _short(str(error)), _metadata(error), decision=_decision(error))


def _violated(error: InvalidRequestError) -> Failure:
    code, reason = _TABLE[InvalidRequestError]
    shown = _that_fit(error.violations)
    field, text = shown[0]
    more = len(error.violations) - 1
    message = f"{field} {text}".strip() + (f", and {more} more" if more else "")
    metadata = {"violations": str(len(error.violations))}
    return Failure(code, reason, message, metadata, shown)


def _that_fit(violations: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Give as many violations as the trailers of a call can carry, and how many more there are."""
    shown: list[tuple[str, str]] = []
    room = _MOST_VIOLATIONS_BYTES
    for field, text in violations:
        one = _short(field), _short(text)
        room -= sum(len(part.encode()) for part in one) + 8
        if room < 0:
            left = len(violations) - len(shown)
            return (*shown, ("", f"{left} more violations are not listed"))
        shown.append(one)
    return tuple(shown)


def _metadata(error: OstiaryError) -> Mapping[str, str]:
    if isinstance(error, NotFoundError):
        return {_NAME_KEYS[type(error)]: _short(error.name)}
    return {name: _short(text) for name, text in error.details().items()}


def _decision(error: OstiaryError) -> decision_pb2.Decision | None:
    if not isinstance(error, SubmissionRefusedError):
        return None
    decision = messages.decision(error.decision)
    return decision if decision.ByteSize() <= _MOST_DECISION_BYTES else None


def _unforeseen(error: Exception) -> Failure:
    correlation_id = uuid.uuid4().hex[:16]
    _log.error("failed, correlation id %s", correlation_id, exc_info=error)
    return Failure(
        StatusCode.INTERNAL,
        error_pb2.ERROR_REASON_INTERNAL,
        f"the server failed; its log has the details under {correlation_id}",
        {"correlation_id": correlation_id},
    )


def status_of(failure: Failure) -> status_pb2.Status:
    """Give a failure as the google.rpc.Status that ends a call."""
    details: list[Message] = [
        error_details_pb2.ErrorInfo(
            reason=failure.name,
            domain=DOMAIN,
            metadata=failure.metadata,
        )
    ]
    if failure.violations:
        details.append(
            error_details_pb2.BadRequest(
                field_violations=[
                    error_details_pb2.BadRequest.FieldViolation(field=field, description=text)
                    for field, text in failure.violations
                ]
            )
        )
    if failure.decision is not None:
        details.append(failure.decision)
    status = status_pb2.Status(code=_number(failure.code), message=failure.message)
    status.details.extend(map(_packed, details))
    return status


def item_error(failure: Failure) -> error_pb2.EvaluationError:
    """Give a failure as the result of one item of a batch."""
    return error_pb2.EvaluationError(
        code=_number(failure.code),
        reason=failure.reason,
        message=failure.message,
        metadata=failure.metadata,
        field_violations=[
            error_pb2.FieldViolation(field=field, description=text)
            for field, text in failure.violations
        ],
    )


def _packed(detail: Message) -> Any:
    packed = Any()
    packed.Pack(detail)
    return packed


def _number(code: StatusCode) -> int:
    number: int = code.value[0]
    return number


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"
