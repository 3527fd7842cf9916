"""More than ten thousand hostile messages: no crash, no hang, no yes (S-25, S-47).

Whatever comes, the caller is told what is wrong or gets a decision that is no yes, and afterwards
the server answers as before.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import Any

import grpc
import pytest

from ostiary.client import CallError, Client
from ostiary.rpc.server import LARGEST_MESSAGE, Server
from ostiary.v1 import decision_pb2
from ostiary.v1.decision_service_pb2 import (
    BatchEvaluateRequest,
    BatchEvaluateResponse,
    EvaluateResponse,
    ListRequestableRequest,
)
from tests.contract.questions import asked
from tests.faults import hostile_messages as hostile

SEED = 20310310
TOLD = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
}
YES = {
    decision_pb2.OUTCOME_GRANT,
    decision_pb2.OUTCOME_NEEDS_APPROVAL,
    decision_pb2.OUTCOME_NEEDS_CHOICE,
}
PATIENCE = 20.0
AT_ONCE = 64

RANDOM, OTHERS, MUTATED, SCRAMBLED, BATCHES, TOKENS = 2000, 500, 2000, 3000, 3, 500


def _method(channel: grpc.Channel, name: str) -> Any:
    return channel.unary_unary(f"/ostiary.v1.DecisionService/{name}")


def _sent(server: Server, messages: Iterable[bytes], name: str = "Evaluate") -> Iterator[bytes]:
    """Send each message, many at once; give the answers that are no errors."""
    with grpc.insecure_channel(server.address) as channel:
        call = _method(channel, name)
        waiting: list[Any] = []
        for message in messages:
            waiting.append(call.future(message, timeout=PATIENCE))
            if len(waiting) == AT_ONCE:
                yield from _answers(waiting)
                waiting.clear()
        yield from _answers(waiting)


def _answers(calls: Iterable[Any]) -> Iterator[bytes]:
    for call in calls:
        if call.code() is grpc.StatusCode.OK:
            yield call.result()
        else:
            assert call.code() in TOLD, (call.code(), call.details())


def _no_yes(answers: Iterable[bytes]) -> int:
    """Check that no answer leads to access; give how many there were."""
    count = 0
    for answer in answers:
        decision = EvaluateResponse.FromString(answer).decision
        assert decision.outcome not in YES, decision
        assert decision.outcome != decision_pb2.OUTCOME_UNSPECIFIED
        assert not decision.eligible
        assert not decision.scheduled_actions
        count += 1
    return count


def test_random_bytes(server: Server) -> None:
    dice = random.Random(SEED)
    messages = (dice.randbytes(dice.randrange(200)) for _ in range(RANDOM))
    _no_yes(_sent(server, messages))


@pytest.mark.parametrize(
    "name", ["BatchEvaluate", "Explain", "ListRequestable", "ResolveApprovers"]
)
def test_random_bytes_to_the_other_methods(server: Server, name: str) -> None:
    dice = random.Random(SEED)
    messages = [dice.randbytes(dice.randrange(1, 100)) for _ in range(OTHERS)]
    assert all(isinstance(answer, bytes) for answer in _sent(server, messages, name))


@pytest.mark.parametrize("make", [hostile.refused, hostile.large])
def test_flipped_cut_and_doubled_bytes(server: Server, make: Any) -> None:
    dice = random.Random(SEED)
    honest = make().SerializeToString()
    _no_yes(_sent(server, (hostile.mutated(dice, honest) for _ in range(MUTATED))))


def test_every_beginning_of_a_message(server: Server) -> None:
    whole = hostile.large().SerializeToString()
    answered = _no_yes(_sent(server, (whole[:size] for size in range(len(whole) + 1))))
    assert answered > 0


def test_random_fields_with_random_values(server: Server) -> None:
    dice = random.Random(SEED)
    messages = (hostile.scrambled(dice).SerializeToString() for _ in range(SCRAMBLED))
    answered = _no_yes(_sent(server, messages))
    assert answered > 100, "some of them are well-formed, and are answered with no"


def test_random_fields_in_batches(server: Server) -> None:
    """A thousand hostile items a call: each has its answer or its error in its place."""
    dice = random.Random(SEED + 1)
    batches = [
        BatchEvaluateRequest(requests=[hostile.scrambled(dice) for _ in range(1000)])
        for _ in range(BATCHES)
    ]
    messages = [batch.SerializeToString() for batch in batches]
    for answer in _sent(server, messages, "BatchEvaluate"):
        results = BatchEvaluateResponse.FromString(answer).results
        assert len(results) == 1000
        for result in results:
            if result.WhichOneof("result") == "decision":
                assert result.decision.outcome not in YES
            else:
                assert result.error.code in {3, 5}, result.error


def test_fields_of_the_wrong_wire_type(server: Server) -> None:
    _no_yes(_sent(server, hostile.wrong_wire_types()))


def test_text_that_is_not_utf_8(server: Server) -> None:
    """None of it is answered: the message as a whole is malformed."""
    assert _no_yes(_sent(server, hostile.invalid_texts())) == 0


def test_numbers_that_no_enumeration_has(server: Server) -> None:
    """None of it is answered: an unknown number never stands for a default (S-25)."""
    messages = (one.SerializeToString() for one in hostile.unknown_enumerations())
    assert _no_yes(_sent(server, messages)) == 0


def test_nesting_deeper_than_any_message(server: Server) -> None:
    _no_yes(_sent(server, hostile.deep()))


def test_texts_of_a_megabyte_and_lists_of_ten_thousand(server: Server) -> None:
    messages = (one.SerializeToString() for one in hostile.huge())
    answered = _no_yes(_sent(server, messages))
    assert answered == 3, "lists of exactly ten thousand entries are answered"


def test_empty_scopes_and_lists_never_mean_everybody(server: Server) -> None:
    """S-25: a person with empty everything is in no scope of named subjects."""
    with Client(server.address) as client:
        for package in ("berth", "pilotage", "ways"):
            person = {
                "id": "",
                "type": "PERSON_TYPE_EXTERNAL",
                "state": "ACCOUNT_STATE_ENABLED",
                "groups": {},
                "sponsors": {},
                "attributes": {},
                "home": {"signIn": "SIGN_IN_NONE"},
            }
            with pytest.raises(CallError):
                client.evaluate(asked(package, person))
            decision = client.evaluate(asked(package, person | {"id": "x"}))
            assert decision.outcome == decision_pb2.OUTCOME_DENY


def test_a_message_over_the_bound_is_refused(server: Server) -> None:
    with grpc.insecure_channel(server.address) as channel:
        for size in (LARGEST_MESSAGE + 1, 3 * LARGEST_MESSAGE):
            with pytest.raises(grpc.RpcError) as raised:
                _method(channel, "Evaluate")(b"\x00" * size, timeout=PATIENCE)
            assert CallError.of_call(raised.value).code is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_page_tokens_of_all_kinds(server: Server) -> None:
    dice = random.Random(SEED)
    tokens = (
        "".join(chr(dice.randrange(1, 0x250)) for _ in range(dice.randrange(1, 60)))
        for _ in range(TOKENS)
    )
    messages = (
        ListRequestableRequest(requestor_id="anna", page_token=token).SerializeToString()
        for token in tokens
    )
    assert list(_sent(server, messages, "ListRequestable")) == []


def test_methods_that_do_not_exist(server: Server) -> None:
    with grpc.insecure_channel(server.address) as channel:
        for path in ("/ostiary.v1.DecisionService/Grant", "/", "/a/b", "/ostiary.v2.X/Evaluate"):
            call: Any = channel.unary_unary(path)
            with pytest.raises(grpc.RpcError) as raised:
                call(b"", timeout=PATIENCE)
            assert CallError.of_call(raised.value).code is grpc.StatusCode.UNIMPLEMENTED


def test_there_are_more_than_ten_thousand_of_them() -> None:
    told = [hostile.wrong_wire_types(), hostile.invalid_texts(), hostile.unknown_enumerations()]
    counted = sum(1 for one in told for _ in one) + len(hostile.large().SerializeToString())
    assert (
        RANDOM + 3 * OTHERS + 2 * MUTATED + SCRAMBLED + BATCHES * 1000 + TOKENS + counted > 10_000
    )
