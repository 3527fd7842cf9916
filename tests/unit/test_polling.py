"""The switch of gRPC that is set before it is imported."""

from __future__ import annotations

import pytest

from ostiary.rpc.polling import VARIABLE, poll_while_serving


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param({}, "-event_engine_listener", id="nothing was said"),
        pytest.param({VARIABLE: ""}, "-event_engine_listener", id="nothing but the name was said"),
        pytest.param({VARIABLE: "a,-b"}, "a,-b,-event_engine_listener", id="others are kept"),
        pytest.param(
            {VARIABLE: "a,event_engine_listener"},
            "a,event_engine_listener",
            id="whoever wants it otherwise gets it",
        ),
    ],
)
def test_what_grpc_is_told(before: dict[str, str], after: str) -> None:
    poll_while_serving(before, imported=())
    assert before == {VARIABLE: after}


def test_it_is_an_error_to_be_too_late() -> None:
    with pytest.raises(RuntimeError, match="imported before"):
        poll_while_serving({}, imported={"grpc"})


def test_whoever_is_told_twice_is_not_too_late() -> None:
    environment: dict[str, str] = {}
    poll_while_serving(environment, imported=())
    poll_while_serving(environment, imported={"grpc"})
