"""Serving with a store, in processes of their own: what is kept, followed, and refused."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
import msgspec
import pytest

from ostiary.adapters.store import open_store
from ostiary.client import CallError, Services
from ostiary.domain.errors import NotReadyError
from ostiary.operations.definitions import apply
from ostiary.operations.submission import Actor
from ostiary.rpc.loading import Definitions
from ostiary.rpc.serving import ServeOptions, StoreOptions
from ostiary.rulebook import tenant_files
from ostiary.running.serving import serve
from ostiary.v1 import (
    access_request_pb2,
    clock_service_pb2,
    decision_service_pb2,
    reason_pb2,
    request_service_pb2,
)
from tests.contract.living import QUAY, USER_ADD
from tests.contract.test_processes import SCRIPT, Running, running

WAIT = 60.0
DELIVERED = access_request_pb2.REQUEST_STATE_DELIVERED


def _kept(folder: Path, **fields: Any) -> StoreOptions:
    url = f"sqlite:///{folder}/ostiary.db"
    return StoreOptions(url=url, believes_headers=True, **fields)


def _submit(server: Running, who: str, package: str = "plain") -> str:
    with Services(server.address, caller=f"user:{who}") as services:
        asked = request_service_pb2.CreateRequestRequest(kind=USER_ADD, access_package=package)
        return services.call(services.requests.CreateRequest, asked).request.id


def _see(server: Running, who: str, request: str) -> access_request_pb2.AccessRequest:
    with Services(server.address, caller=f"user:{who}") as services:
        asked = request_service_pb2.GetRequestRequest(request=request)
        return services.call(services.requests.GetRequest, asked).request


def _headline(server: Running, who: str, package: str = "plain", **fields: Any) -> int:
    with Services(server.address) as services:
        asked = decision_service_pb2.EvaluateRequest(
            access_package=package, requestor_id=who, **fields
        )
        return services.call(services.decisions.Evaluate, asked).decision.reasons[0].code


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)


def test_what_was_submitted_outlives_the_server(tmp_path: Path) -> None:
    """S-60, S-91: delivered by the worker in the process, and there after a kill."""
    kept = _kept(tmp_path)
    with running(tmp_path / "log", QUAY, store=kept) as server:
        request = _submit(server, "ana")
        _until(lambda: _see(server, "ana", request).state == DELIVERED)
        assert _headline(server, "ana") == reason_pb2.REASON_CODE_ALREADY_ASSIGNED
        said = decision_service_pb2.Holdings()
        assert _headline(server, "ana", holdings=said) != reason_pb2.REASON_CODE_ALREADY_ASSIGNED
        with Services(server.address) as services:
            listed = services.call(
                services.decisions.ListRequestable,
                decision_service_pb2.ListRequestableRequest(requestor_id="ana"),
            ).access_packages
        assert {one.access_package: one.eligible for one in listed}["plain"] is False
        server.process.kill()
        server.process.wait(WAIT)
    with running(tmp_path / "log2", QUAY, store=kept) as server:
        assert _see(server, "ana", request).state == DELIVERED
        assert _headline(server, "ana") == reason_pb2.REASON_CODE_ALREADY_ASSIGNED
        code, log = server.stop()
    assert code == 0
    assert "Traceback" not in log


def test_a_server_without_a_worker_leaves_the_work_to_another(tmp_path: Path) -> None:
    """Any number of processes share a store; whoever works does all of it."""
    with running(tmp_path / "log", QUAY, store=_kept(tmp_path, works=False)) as idle:
        request = _submit(idle, "ana")
        time.sleep(0.6)
        assert _see(idle, "ana", request).state == access_request_pb2.REQUEST_STATE_DELIVERING
        with running(tmp_path / "log2", QUAY, store=_kept(tmp_path), processes=2) as busy:
            _until(lambda: _see(idle, "ana", request).state == DELIVERED)
            assert _see(busy, "ana", request).state == DELIVERED


def test_a_server_begins_when_somebody_applies_a_tenant(tmp_path: Path) -> None:
    """An empty store serves nothing, and says so; a newer revision is followed."""
    kept = _kept(tmp_path)
    store = open_store(kept.url)
    script = _Later(tmp_path, kept)
    try:
        with pytest.raises(CallError) as raised:
            script.ask()
        assert raised.value.code is grpc.StatusCode.UNAVAILABLE
        assert raised.value.reason == "NOT_READY"
        loaded = tenant_files.load_tenant(QUAY)
        apply(store, loaded, actor=Actor("ada"), now=datetime(2031, 3, 10, tzinfo=UTC))
        _until(script.answers)
    finally:
        script.stop()
        store.close()


class _Later:
    """A server that is not ready when it starts."""

    def __init__(self, folder: Path, kept: StoreOptions) -> None:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            port = found.getsockname()[1]
        self.address = f"127.0.0.1:{port}"
        told = ServeOptions(definitions=Definitions(tenant=""), store=kept, port=port)
        self._log = (folder / "later").open("w")
        self.process = subprocess.Popen(
            [sys.executable, str(SCRIPT), msgspec.json.encode(told).decode()],
            stdout=subprocess.DEVNULL,
            stderr=self._log,
        )
        _until(self._listens)

    def _listens(self) -> bool:
        host, port = self.address.split(":")
        with socket.socket() as tried:
            return tried.connect_ex((host, int(port))) == 0

    def ask(self) -> None:
        """Ask something, once."""
        with grpc.insecure_channel(self.address) as channel:
            method: Any = channel.unary_unary("/ostiary.v1.DecisionService/Evaluate")
            asked = decision_service_pb2.EvaluateRequest(access_package="plain", requestor_id="ana")
            try:
                method(asked.SerializeToString(), timeout=10)
            except grpc.RpcError as error:
                raise CallError.of_call(error) from error

    def answers(self) -> bool:
        """Tell whether questions are answered."""
        try:
            self.ask()
        except CallError:
            return False
        return True

    def stop(self) -> None:
        """End the server."""
        self.process.terminate()
        self.process.wait(WAIT)
        self._log.close()


def test_a_folder_is_applied_again_on_sighup(tmp_path: Path) -> None:
    folder = tmp_path / "tenant"
    shutil.copytree(QUAY, folder)
    with running(tmp_path / "log", folder, store=_kept(tmp_path)) as server:
        assert _headline(server, "ana") == reason_pb2.REASON_CODE_SCOPE_MATCHED
        file = folder / "tenant.yaml"
        file.write_text(file.read_text().replace("name: Work", "name: Work\n    enabled: no"))
        server.process.send_signal(signal.SIGHUP)
        _until(lambda: _headline(server, "ana") == reason_pb2.REASON_CODE_CATALOG_DISABLED)
        file.write_text("tenant: [")
        server.process.send_signal(signal.SIGHUP)
        _until(lambda: "not reloaded" in server.log.read_text())
        assert _headline(server, "ana") == reason_pb2.REASON_CODE_CATALOG_DISABLED


def test_a_year_passes_on_a_movable_clock_and_time_never_goes_back(tmp_path: Path) -> None:
    """S-98: the same code as ever, on another clock; a restart begins where time stood."""
    kept = _kept(tmp_path, movable_clock=True)
    with running(tmp_path / "log", QUAY, store=kept) as server:
        request = _submit(server, "ana")
        with Services(server.address, timeout=60) as services:
            moved = services.call(
                services.clock.AdvanceTime,
                clock_service_pb2.AdvanceTimeRequest(by={"seconds": 365 * 86_400}),
            )
        assert moved.work_done > 5
        assert _see(server, "ana", request).state == DELIVERED
    with running(tmp_path / "log2", QUAY, store=kept) as server:
        with Services(server.address) as services:
            now = services.call(services.clock.GetTime, clock_service_pb2.GetTimeRequest())
        assert now.time.ToDatetime(UTC) > datetime.now(UTC)


def test_a_server_on_the_clock_of_the_machine_has_no_clock_service(tmp_path: Path) -> None:
    with (
        running(tmp_path / "log", QUAY, store=_kept(tmp_path)) as server,
        Services(server.address) as services,
        pytest.raises(CallError) as raised,
    ):
        services.call(services.clock.GetTime, clock_service_pb2.GetTimeRequest())
    assert raised.value.code is grpc.StatusCode.UNIMPLEMENTED


def test_several_processes_need_a_tenant_to_begin_with(tmp_path: Path) -> None:
    told = ServeOptions(
        definitions=Definitions(tenant=""), store=_kept(tmp_path), port=0, processes=2
    )
    with pytest.raises(NotReadyError):
        serve(told, lambda _, __: None)


def test_whoever_is_not_believed_changes_nothing(tmp_path: Path) -> None:
    """A server that others reach believes no header."""
    kept = StoreOptions(url=f"sqlite:///{tmp_path}/ostiary.db")
    with running(tmp_path / "log", QUAY, store=kept) as server:
        with pytest.raises(CallError) as raised:
            _submit(server, "ana")
        assert raised.value.reason == "UNAUTHENTICATED"
        assert _headline(server, "ana") == reason_pb2.REASON_CODE_SCOPE_MATCHED
