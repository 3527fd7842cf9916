"""Serving as processes: ready, pinned, reloaded, restarted, stopped by signals."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import msgspec
import pytest

from ostiary.client import CallError, Client
from ostiary.domain.errors import AddressError, DefinitionError
from ostiary.rpc.loading import Definitions
from ostiary.rpc.processes import serve
from ostiary.rpc.serving import ServeOptions
from ostiary.v1 import decision_pb2
from tests.contract.lent import HARBOUR
from tests.contract.questions import asked

SCRIPT = Path(__file__).parent / "serve_script.py"
WAIT = 60.0


class Running:
    """A server in processes of its own."""

    def __init__(self, process: subprocess.Popen[str], address: str, log: Path) -> None:
        self.process = process
        self.address = address
        self.log = log

    def ask(self, package: str = "crane") -> decision_pb2.Decision:
        """Ask on a new connection, which the kernel may give to any of the processes."""
        with Client(self.address) as client:
            return client.evaluate(asked(package))

    def children(self) -> list[int]:
        """Give the serving processes below the first one."""
        text = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in text.split()]

    def stop(self) -> tuple[int, str]:
        """Send SIGTERM; give the exit code and the log."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(WAIT)
        return code, self.log.read_text()


@contextmanager
def running(log: Path, tenant: Path = HARBOUR, **options: object) -> Iterator[Running]:
    told = ServeOptions(
        definitions=Definitions(tenant=str(tenant)),
        port=0,
        grace=5.0,
        **options,  # type: ignore[arg-type]
    )
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, str(SCRIPT), msgspec.json.encode(told).decode()],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, log.read_text()
        yield Running(process, line.split()[0], log)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("one") / "log") as server:
        yield server


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)


def test_a_single_process_serves_from_one_core(one: Running) -> None:
    assert one.ask().eligible
    tasks = Path(f"/proc/{one.process.pid}/task").iterdir()
    cores = {frozenset(os.sched_getaffinity(int(task.name))) for task in tasks}
    assert len(cores) == 1
    assert len(next(iter(cores))) == 1


def test_a_single_process_may_be_left_unpinned(tmp_path: Path) -> None:
    with running(tmp_path / "log", pinned=False) as server:
        assert os.sched_getaffinity(server.process.pid) == os.sched_getaffinity(0)


def test_sigterm_ends_the_server_with_calls_in_flight_finished(tmp_path: Path) -> None:
    """Several ask on and on, so that some call is in flight whenever the signal comes."""
    batch = [asked("berth")] * 1000
    spans: list[tuple[float, float]] = []
    errors: list[grpc.StatusCode] = []
    with running(tmp_path / "log") as server, Client(server.address) as client:

        def ask_on() -> None:
            try:
                while True:
                    begun = time.monotonic()
                    assert len(client.batch_evaluate(batch, timeout=30)) == 1000
                    spans.append((begun, time.monotonic()))
            except CallError as error:
                errors.append(error.code)

        asking = [threading.Thread(target=ask_on) for _ in range(4)]
        for one in asking:
            one.start()
        _until(lambda: len(spans) > 4)
        stopped = time.monotonic()
        code, log = server.stop()
        for one in asking:
            one.join(WAIT)
    assert code == 0
    assert any(begun < stopped < ended for begun, ended in spans)
    assert errors == [grpc.StatusCode.UNAVAILABLE] * 4
    assert "stopping" in log
    assert "Traceback" not in log


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_still_loads_can_be_stopped(tmp_path: Path, number: signal.Signals) -> None:
    shutil.copytree(HARBOUR, tmp_path / "tenant")
    many = "\n".join(f"  - {{id: u{n}, name: U{n}}}" for n in range(20_000))  # seconds of loading
    (tmp_path / "tenant" / "many.yaml").write_text(f"users:\n{many}\n")
    told = ServeOptions(definitions=Definitions(tenant=str(tmp_path / "tenant")), port=0)
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), msgspec.json.encode(told).decode()],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert "listening" in process.stderr.readline()
    process.send_signal(number)
    assert process.wait(WAIT) == 0
    process.stderr.close()


def test_sighup_loads_again_and_a_broken_file_changes_nothing(tmp_path: Path) -> None:
    """S-3: a broken file at reload leaves the last good state serving and the faults in the log."""
    tenant = tmp_path / "tenant"
    shutil.copytree(HARBOUR, tenant)
    packages = tenant / "packages.yaml"
    good = packages.read_text()
    with running(tmp_path / "log", tenant) as server:
        first = server.ask()
        packages.write_text(good.replace("id: crane", "id: kran"))
        server.process.send_signal(signal.SIGHUP)
        _until(lambda: "not reloaded" in server.log.read_text())
        # a package is incompatible with `crane`, which is gone
        assert "UNKNOWN_REFERENCE" in server.log.read_text()
        assert server.ask().revision == first.revision
        packages.write_text(good.replace("{after: P10D}", "{after: P20D}"))
        server.process.send_signal(signal.SIGHUP)
        _until(lambda: server.log.read_text().count("loaded rules") == 2)
        assert server.ask().revision.tenant != first.revision.tenant
        assert server.stop()[0] == 0


def test_two_processes_share_the_port_each_on_a_core(tmp_path: Path) -> None:
    with running(tmp_path / "log", processes=2) as server:
        children = server.children()
        assert len(children) == 2
        assert all(server.ask().eligible for _ in range(20))
        cores = [frozenset(os.sched_getaffinity(child)) for child in children]
        assert all(len(core) == 1 for core in cores)
        assert len(set(cores)) == min(2, len(os.sched_getaffinity(0)))
        server.process.send_signal(signal.SIGHUP)
        _until(lambda: server.log.read_text().count("loaded rules") == 4)
        code, log = server.stop()
        assert code == 0
        assert "Traceback" not in log
        assert not any(Path(f"/proc/{child}").exists() for child in children)


def test_a_process_that_dies_is_started_again(tmp_path: Path) -> None:
    with running(tmp_path / "log", processes=2) as server:
        first, second = server.children()
        os.kill(first, signal.SIGKILL)
        _until(lambda: len(server.children()) == 2 and first not in server.children())
        _until(lambda: server.log.read_text().count("serves") == 3)
        assert second in server.children()
        assert all(server.ask().eligible for _ in range(10))
        assert "ended with -9" in server.stop()[1]


def test_children_do_not_outlive_their_parent(tmp_path: Path) -> None:
    with running(tmp_path / "log", processes=2) as server:
        children = server.children()
        server.process.kill()
        server.process.wait()
        _until(lambda: not any(_alive(child) for child in children))


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.parametrize("processes", [1, 2])
def test_a_port_that_is_taken_is_refused(processes: int) -> None:
    """The accident of two servers on one port, each answering half of the callers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        options = ServeOptions(
            definitions=Definitions(tenant=str(HARBOUR)),
            port=taken.getsockname()[1],
            processes=processes,
            pinned=False,
        )
        with pytest.raises(AddressError):
            serve(options, lambda *_: None)


@pytest.mark.parametrize("processes", [1, 2])
def test_faulty_definitions_are_raised_before_anything_is_served(
    tmp_path: Path, processes: int
) -> None:
    (tmp_path / "tenant.yaml").write_text("tenant: {id: x}\nusers: [{id: a, manager: b}]\n")
    options = ServeOptions(
        definitions=Definitions(tenant=str(tmp_path)), port=0, processes=processes, pinned=False
    )
    with pytest.raises(DefinitionError, match="UNKNOWN_REFERENCE"):
        serve(options, lambda *_: pytest.fail("it serves"))
