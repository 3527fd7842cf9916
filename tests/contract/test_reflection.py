"""A caller without generated code: everything it needs comes from the server by reflection."""

from __future__ import annotations

import threading
from typing import Any

import grpc
import pytest
from google.protobuf import descriptor_pool, json_format, message_factory
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from ostiary.client import Client
from ostiary.rpc.server import Server
from tests.contract.questions import asked

SERVICE = "ostiary.v1.DecisionService"


@pytest.fixture
def pool(channel: grpc.Channel) -> descriptor_pool.DescriptorPool:
    return descriptor_pool.DescriptorPool(ProtoReflectionDescriptorDatabase(channel))


def _call(
    channel: grpc.Channel, pool: descriptor_pool.DescriptorPool, name: str, request: dict[str, Any]
) -> dict[str, Any]:
    method = pool.FindServiceByName(SERVICE).FindMethodByName(name)
    question = message_factory.GetMessageClass(method.input_type)()
    json_format.ParseDict(request, question, descriptor_pool=pool)
    call: Any = channel.unary_unary(
        f"/{SERVICE}/{name}",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=message_factory.GetMessageClass(method.output_type).FromString,
    )
    answer = call(question, timeout=5)
    return json_format.MessageToDict(answer, descriptor_pool=pool)


def test_the_services_are_listed(channel: grpc.Channel) -> None:
    names = ProtoReflectionDescriptorDatabase(channel).get_services()
    assert set(names) == {
        SERVICE,
        "grpc.health.v1.Health",
        "grpc.reflection.v1alpha.ServerReflection",
    }


def test_evaluate_can_be_called_knowing_nothing(
    channel: grpc.Channel, pool: descriptor_pool.DescriptorPool, client: Client
) -> None:
    answer = _call(channel, pool, "Evaluate", {"accessPackage": "berth", "requestorId": "anna"})
    assert answer["decision"]["outcome"] == "OUTCOME_NEEDS_APPROVAL"
    assert answer["decision"] == json_format.MessageToDict(client.evaluate(asked("berth")))


def test_every_method_can_be_called(
    channel: grpc.Channel, pool: descriptor_pool.DescriptorPool
) -> None:
    crane = {"accessPackage": "crane", "requestorId": "anna"}
    requests: dict[str, dict[str, Any]] = {
        "Evaluate": crane,
        "BatchEvaluate": {"requests": [crane]},
        "ListRequestable": {"requestorId": "anna"},
        "ResolveApprovers": crane,
        "Explain": {"question": crane, "whatWouldChange": "WANTED_ANSWER_OTHER"},
    }
    service = pool.FindServiceByName(SERVICE)
    assert {method.name for method in service.methods} == set(requests)
    for name, request in requests.items():
        assert _call(channel, pool, name, request)


def test_open_reflection_streams_do_not_stop_the_answers(server: Server) -> None:
    """Each open stream holds a thread; the callers must not wait for them."""
    with grpc.insecure_channel(server.address) as channel:
        stub: Any = reflection_pb2_grpc.ServerReflectionStub(channel)
        streams = [stub.ServerReflectionInfo(_asks_and_waits()) for _ in range(20)]
        with Client(server.address) as client:
            assert client.evaluate(asked("crane")).eligible
        for stream in streams:
            stream.cancel()


def _asks_and_waits() -> Any:
    yield reflection_pb2.ServerReflectionRequest(list_services="")
    threading.Event().wait(3)
