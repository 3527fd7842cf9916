"""Ostiary's own server, started as a user starts it, and the questions it is asked."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from ostiary.v1 import decision_pb2, decision_service_pb2, person_pb2
from tests.bench import calls, standard, tenant_folder
from tests.bench.h2load import Job, WrongAnswerError, frame
from tests.bench.processes import cores_of, free_port, started
from tests.bench.tenants import package_id, shared_tenant

SERVICE = "/ostiary.v1.DecisionService"
BASIC = decision_service_pb2.DECISION_VIEW_BASIC
FULL = decision_service_pb2.DECISION_VIEW_FULL

View: TypeAlias = decision_service_pb2.DecisionView


@contextlib.contextmanager
def serving(packages: int, folder: Path, core: int, *options: str) -> Iterator[tuple[int, str]]:
    """Serve a `shared_tenant` from one process on one core; gives process id and address."""
    definitions = folder / "tenant"
    definitions.mkdir()
    tenant_folder.write(shared_tenant(packages, standard.profile()), definitions)
    port = free_port()
    address = f"127.0.0.1:{port}"
    command = [str(Path(sys.executable).with_name("ostiary")), "serve"]
    command += ["--tenant", str(definitions), "--port", str(port), *options]
    with started(command, core, folder / "ostiary.log", lambda: calls.serves(address), 120) as pid:
        if cores_of(pid) != {core}:
            raise WrongAnswerError(f"the server runs on the cores {cores_of(pid)}, not on {core}")
        yield pid, address


def job(server: int, address: str, groups: list[str], items: int, view: View, folder: Path) -> Job:
    """A job for h2load, once the server has been seen to answer every item of it."""
    method = f"{SERVICE}/{'Evaluate' if items == 1 else 'BatchEvaluate'}"
    message = _request(groups, items, view)
    word = "FULL" if view == FULL else "BASIC"
    body = folder / f"ostiary-{items}-{word}.bin"
    body.write_bytes(frame(message))
    answer = calls.answer(address, method, message)
    _must_need_approval(answer, items, view)
    name = f"Ostiary {word}, {items} a call"
    return Job(name, server, f"http://{address}{method}", body, len(frame(answer)), items)


def _request(groups: list[str], items: int, view: View) -> bytes:
    person = person_pb2.InlinePerson(
        id="visitor",
        type=person_pb2.PERSON_TYPE_MEMBER,
        state=person_pb2.ACCOUNT_STATE_ENABLED,
        groups=person_pb2.GroupMemberships(groups=groups),
        manager=person_pb2.Manager(user="manager-07"),
    )
    requests = [
        decision_service_pb2.EvaluateRequest(
            access_package=package_id(number), person=person, view=view
        )
        for number in range(items)
    ]
    if items == 1:
        return requests[0].SerializeToString()
    return decision_service_pb2.BatchEvaluateRequest(requests=requests).SerializeToString()


def _must_need_approval(answer: bytes, items: int, view: View) -> None:
    """Every item has to be the answer that was paid for: eligible, and with a plan if FULL."""
    if items == 1:
        decisions = [decision_service_pb2.EvaluateResponse.FromString(answer).decision]
    else:
        batch = decision_service_pb2.BatchEvaluateResponse.FromString(answer)
        decisions = [result.decision for result in batch.results]
    good = [one for one in decisions if _is_right(one, view)]
    if len(good) != items:
        raise WrongAnswerError(
            f"Ostiary answered {len(good)} of {items} as expected: {decisions[0]}"
        )


def _is_right(decision: decision_pb2.Decision, view: View) -> bool:
    planned = bool(decision.stages and decision.scheduled_actions and decision.explanation)
    return (
        decision.outcome == decision_pb2.OUTCOME_NEEDS_APPROVAL
        and decision.eligible
        and planned == (view == FULL)
    )
