"""The one table from our errors to gRPC status codes and google.rpc details."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping

import msgspec
from google.protobuf.any_pb2 import Any
from google.protobuf.message import Message
from google.rpc import (  # type: ignore[import-untyped]  # the package ships without types
    error_details_pb2,
    status_pb2,
)
from grpc import StatusCode

from ostiary.domain.errors import (
    BatchTooLargeError,
    InvalidRequestError,
    NotFoundError,
    NotReadyError,
    OstiaryError,
    PackageNotFoundError,
    PageTokenError,
    PolicyNotFoundError,
    TablesUnavailableError,
    UserNotFoundError,
)
from ostiary.v1 import error_pb2

DOMAIN = "ostiary"
PREFIX = "ERROR_REASON_"

_log = logging.getLogger(__name__)

# Errors travel in the trailers of a call, where about 8 KiB fit; all of this is well below.
_MOST_VIOLATIONS_BYTES = 3000
_LONGEST_TEXT = 200

# The metadata key under which a name that stands for nothing is given back.
_NAME_KEYS: Mapping[type[NotFoundError], str] = {
    UserNotFoundError: "user",
    PackageNotFoundError: "access_package",
    PolicyNotFoundError: "policy",
}

_TABLE: Mapping[type[OstiaryError], tuple[StatusCode, error_pb2.ErrorReason]] = {
    UserNotFoundError: (StatusCode.NOT_FOUND, error_pb2.ERROR_REASON_USER_NOT_FOUND),
    PackageNotFoundError: (StatusCode.NOT_FOUND, error_pb2.ERROR_REASON_ACCESS_PACKAGE_NOT_FOUND),
    PolicyNotFoundError: (StatusCode.NOT_FOUND, error_pb2.ERROR_REASON_POLICY_NOT_FOUND),
    InvalidRequestError: (StatusCode.INVALID_ARGUMENT, error_pb2.ERROR_REASON_INVALID_REQUEST),
    BatchTooLargeError: (StatusCode.INVALID_ARGUMENT, error_pb2.ERROR_REASON_BATCH_TOO_LARGE),
    PageTokenError: (StatusCode.INVALID_ARGUMENT, error_pb2.ERROR_REASON_PAGE_TOKEN_INVALID),
    NotReadyError: (StatusCode.UNAVAILABLE, error_pb2.ERROR_REASON_NOT_READY),
    TablesUnavailableError: (StatusCode.UNAVAILABLE, error_pb2.ERROR_REASON_TABLES_UNAVAILABLE),
}


class Failure(msgspec.Struct, frozen=True):
    """What a caller is told about an error."""

    code: StatusCode
    reason: error_pb2.ErrorReason
    message: str
    metadata: Mapping[str, str]
    violations: tuple[tuple[str, str], ...] = ()


def failure_of(error: Exception) -> Failure:
    """Give what the caller is told; an error that nobody foresaw is logged and only numbered."""
    if isinstance(error, InvalidRequestError):
        return _violated(error)
    if not isinstance(error, OstiaryError) or type(error) not in _TABLE:
        return _unforeseen(error)
    code, reason = _TABLE[type(error)]
    return Failure(code, reason, _short(str(error)), _metadata(error))


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
    return error.details()


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
            reason=error_pb2.ErrorReason.Name(failure.reason).removeprefix(PREFIX),
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
