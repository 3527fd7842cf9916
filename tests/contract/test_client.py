"""The thin client: deadlines, asking again, and errors from servers that are not ours."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import contextmanager

import grpc
import pytest
from google.protobuf.any_pb2 import Any
from google.rpc import (  # type: ignore[import-untyped]  # the package ships without types
    error_details_pb2,
    status_pb2,
)
from grpc_status import rpc_status

from ostiary.client import CallError, Client
from ostiary.v1 import decision_pb2, error_pb2
from ostiary.v1.decision_service_pb2 import EvaluateResponse
from tests.contract.questions import asked

Behaviour = Callable[[grpc.ServicerContext], EvaluateResponse]


@contextmanager
def _served(behave: Behaviour) -> Iterator[Client]:
    def evaluate(_: bytes, context: grpc.ServicerContext) -> bytes:
        return behave(context).SerializeToString()

    server = grpc.server(futures.ThreadPoolExecutor(2))
    handler: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {
        "Evaluate": grpc.unary_unary_rpc_method_handler(evaluate)
    }
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("ostiary.v1.DecisionService", handler),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with Client(f"127.0.0.1:{port}", timeout=2) as client:
        yield client
    server.stop(0)


def test_a_server_that_is_not_ready_is_asked_again() -> None:
    calls = []

    def behave(context: grpc.ServicerContext) -> EvaluateResponse:
        calls.append(1)
        if len(calls) < 3:
            context.abort(grpc.StatusCode.UNAVAILABLE, "loading")
        return EvaluateResponse(decision=decision_pb2.Decision(visible=True))

    with _served(behave) as client:
        assert client.evaluate(asked("crane")).visible
    assert len(calls) == 3


@pytest.mark.parametrize("code", [grpc.StatusCode.INTERNAL, grpc.StatusCode.NOT_FOUND])
def test_any_other_error_is_told_at_once(code: grpc.StatusCode) -> None:
    calls = []

    def behave(context: grpc.ServicerContext) -> EvaluateResponse:
        calls.append(1)
        context.abort(code, "no")

    with _served(behave) as client, pytest.raises(CallError) as raised:
        client.evaluate(asked("crane"))
    assert (raised.value.code, raised.value.message, raised.value.reason) == (code, "no", "")
    assert len(calls) == 1


def test_a_call_ends_at_its_deadline() -> None:
    def behave(context: grpc.ServicerContext) -> EvaluateResponse:
        time.sleep(0.5)
        return EvaluateResponse()

    with _served(behave) as client:
        began = time.monotonic()
        with pytest.raises(CallError) as raised:
            client.evaluate(asked("crane"), timeout=0.05)
    assert raised.value.code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert time.monotonic() - began < 0.5


def test_nobody_there_is_unavailable() -> None:
    with Client("127.0.0.1:1", timeout=3) as client, pytest.raises(CallError) as raised:
        client.evaluate(asked("crane"))
    assert raised.value.code is grpc.StatusCode.UNAVAILABLE
    assert raised.value.reason == ""


def test_details_of_another_domain_are_not_taken_for_ours() -> None:
    def behave(context: grpc.ServicerContext) -> EvaluateResponse:
        info = Any()
        info.Pack(error_details_pb2.ErrorInfo(reason="USER_NOT_FOUND", domain="elsewhere"))
        status = status_pb2.Status(code=5, message="no", details=[info])
        context.abort_with_status(rpc_status.to_status(status))

    with _served(behave) as client, pytest.raises(CallError) as raised:
        client.evaluate(asked("crane"))
    assert (raised.value.reason, raised.value.metadata) == ("", {})


def test_details_that_contradict_the_call_are_left_aside() -> None:
    def behave(context: grpc.ServicerContext) -> EvaluateResponse:
        status = status_pb2.Status(code=7, message="other")
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
        context.abort(grpc.StatusCode.NOT_FOUND, "no")

    with _served(behave) as client, pytest.raises(CallError) as raised:
        client.evaluate(asked("crane"))
    assert (raised.value.code, raised.value.message) == (grpc.StatusCode.NOT_FOUND, "no")


def test_a_reason_of_a_newer_server_is_left_open() -> None:
    error = error_pb2.EvaluationError(code=99, message="new", reason=77)  # type: ignore[arg-type]
    told = CallError.of_item(error)
    assert (told.code, told.reason, told.message) == (grpc.StatusCode.UNKNOWN, "", "new")


def test_an_error_that_is_no_call_is_unknown() -> None:
    assert CallError.of_call(grpc.RpcError("lost")).code is grpc.StatusCode.UNKNOWN
