"""What a failed call says, taken apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import grpc
from google.rpc import error_details_pb2  # type: ignore[import-untyped]  # comes without types
from grpc_status import rpc_status

from ostiary.v1 import decision_pb2, error_pb2

DOMAIN = "ostiary"
_PREFIX = "ERROR_REASON_"
_CODES = {code.value[0]: code for code in grpc.StatusCode}


class FieldViolation(NamedTuple):
    """A field of the request that is not as it must be."""

    field: str
    description: str


class CallError(Exception):
    """The server could not answer; that somebody may not have access is never one of these."""

    def __init__(
        self,
        code: grpc.StatusCode,
        message: str,
        *,
        reason: str = "",
        metadata: Mapping[str, str] | None = None,
        violations: tuple[FieldViolation, ...] = (),
        decision: decision_pb2.Decision | None = None,
    ) -> None:
        """Take the status code, the message, and what the server's details say."""
        super().__init__(f"{reason or code.name}: {message}")
        self.code = code
        self.message = message
        self.reason = reason  # ErrorReason less its prefix; empty if the answer is not Ostiary's
        self.metadata = dict(metadata or {})
        self.violations = violations
        self.decision = decision  # on a submission that was refused, in the view BASIC

    @classmethod
    def of_call(cls, error: Exception) -> CallError:
        """Give the error of a call that failed."""
        if not isinstance(error, grpc.Call):
            return cls(grpc.StatusCode.UNKNOWN, str(error))
        try:
            status = rpc_status.from_call(error)
        except ValueError:  # the details contradict the call: somebody between us and the server
            status = None
        code, message = error.code(), error.details() or ""
        if status is None:
            return cls(code, message)
        reason, metadata, violations, decision = _taken_apart(status.details)
        return cls(
            code,
            message,
            reason=reason,
            metadata=metadata,
            violations=violations,
            decision=decision,
        )

    @classmethod
    def of_item(cls, error: error_pb2.EvaluationError) -> CallError:
        """Give the error of one item of a batch: the same as of a call with that item alone."""
        return cls(
            _CODES.get(error.code, grpc.StatusCode.UNKNOWN),
            error.message,
            reason=_name(error.reason),
            metadata=error.metadata,
            violations=tuple(
                FieldViolation(one.field, one.description) for one in error.field_violations
            ),
        )


def _name(number: int) -> str:
    value = error_pb2.ErrorReason.DESCRIPTOR.values_by_number.get(number)
    return "" if value is None else value.name.removeprefix(_PREFIX)  # else of a newer server


def _taken_apart(
    details: Iterable[Any],
) -> tuple[str, Mapping[str, str], tuple[FieldViolation, ...], decision_pb2.Decision | None]:
    decision = None
    info, request = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in details:
        if detail.Is(info.DESCRIPTOR):
            detail.Unpack(info)
        elif detail.Is(request.DESCRIPTOR):
            detail.Unpack(request)
        elif detail.Is(decision_pb2.Decision.DESCRIPTOR):
            decision = decision_pb2.Decision()
            detail.Unpack(decision)
    violations = tuple(
        FieldViolation(one.field, one.description) for one in request.field_violations
    )
    if info.domain != DOMAIN:
        return "", {}, violations, decision
    return info.reason, dict(info.metadata), violations, decision
