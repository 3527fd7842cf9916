"""Rules are swapped and processes killed under load: every answer is of one revision, and whole."""

from __future__ import annotations

import os
import random
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from ostiary.client import CallError, Services
from ostiary.rpc.desk import Desk
from ostiary.rpc.loading import LoadedDesk
from ostiary.rpc.serving import StoreOptions
from ostiary.rulebook import tenant_files
from ostiary.rulebook.pack_files import Files, load_files
from ostiary.v1 import decision_service_pb2, rule_service_pb2
from tests.contract.lent import HARBOUR, NOW
from tests.contract.ruling import sent
from tests.contract.test_processes import Running, running
from tests.packs.texts import moved, standard, with_guests

METHOD = "/ostiary.v1.DecisionService/Evaluate"
TEXTS: tuple[Files, ...] = (standard(), with_guests(), moved(3), moved(5, "lifecycle.yaml"))


def questions() -> list[bytes]:
    """Questions that say everything, so that nothing recorded counts."""
    at = Timestamp()
    at.FromDatetime(NOW)
    return [
        decision_service_pb2.EvaluateRequest(
            access_package=package,
            requestor_id=who,
            evaluate_time=at,
            holdings=decision_service_pb2.Holdings(),
            counters=decision_service_pb2.Counters(),
        ).SerializeToString()
        for package in ("crane", "berth", "asking")
        for who in ("gus", "anna")
    ]


@contextmanager
def desks(tenants: list[Path]) -> Iterator[Mapping[tuple[str, str], Desk]]:
    """The very desk of each pair of revisions, to ask what it would answer."""
    with ExitStack() as until:
        made: dict[tuple[str, str], Desk] = {}
        for files in TEXTS:
            for folder in tenants:
                loaded = LoadedDesk(tenant_files.load_tenant(folder).tenant, load_files(files))
                until.callback(loaded.close)
                revision = loaded.desk.snapshot.revision
                made[revision.rules, revision.tenant] = loaded.desk
        yield made


class Hammer:
    """Asks again and again on connections of its own, and keeps each answer that is new."""

    def __init__(self, address: str, asked: list[bytes]) -> None:
        self._address = address
        self._asked = asked
        self.answers: set[tuple[bytes, bytes]] = set()
        self.count = 0
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        while not self.stopped.is_set():
            # A connection of its own each time, so that a process that is back is asked, too.
            options = (("grpc.use_local_subchannel_pool", 1),)
            with grpc.insecure_channel(self._address, options=options) as channel:
                ask: Callable[..., bytes] = channel.unary_unary(METHOD)
                with suppress(grpc.RpcError):  # it was killed meanwhile: no answer is no mixture
                    for _ in range(25):
                        for question in self._asked:
                            answer = ask(question, timeout=5)
                            self.answers.add((question, answer))
                            self.count += 1

    def stop(self) -> None:
        """Ask no more."""
        self.stopped.set()
        self.thread.join(30)


def _activate(server: Running, digest: str) -> bool:
    with Services(server.address, caller="user:x", roles=("administrator",), timeout=10) as one:
        asked = rule_service_pb2.ActivateRequest(revision=digest)
        with suppress(CallError):  # killed in the middle, or not back yet
            one.call(one.rules.Activate, asked)
            return True
    return False


def _keep(server: Running) -> list[str]:
    with Services(server.address, caller="user:x", roles=("administrator",), timeout=60) as one:
        asked = (rule_service_pb2.CreateRevisionRequest(files=sent(files)) for files in TEXTS)
        answers = [one.call(one.rules.CreateRevision, each) for each in asked]
    return [answer.revision.revision for answer in answers]


def hammered(
    server: Running,
    seconds: float,
    digests: list[str],
    change: Callable[[random.Random], None],
    dice: random.Random,
) -> set[tuple[bytes, bytes]]:
    """Every answer that was given while rules were swapped and processes killed."""
    hammers = [Hammer(server.address, questions()) for _ in range(3)]
    begun, swaps, kills = time.monotonic(), 0, 0
    next_kill = 0.5
    try:
        while time.monotonic() - begun < seconds or not kills or swaps < 3:
            assert time.monotonic() - begun < seconds + 60, "it never was swapped and killed"
            killer = None
            if time.monotonic() - begun > next_kill:
                # In the middle of a swap, wherever that is.
                killer = threading.Timer(dice.uniform(0, 0.4), _kill_one, (server, dice))
                killer.start()
                next_kill += dice.uniform(0.8, 2.5)
            swaps += _activate(server, dice.choice(digests))
            change(dice)
            if killer is not None:
                killer.join()
                kills += 1
            time.sleep(dice.uniform(0, 0.2))
    finally:
        for one in hammers:
            one.stop()
    assert sum(one.count for one in hammers) > 200
    return set.union(*(one.answers for one in hammers))


def _kill_one(server: Running, dice: random.Random) -> None:
    children = server.children()
    if children:
        with suppress(ProcessLookupError):
            os.kill(dice.choice(children), signal.SIGKILL)


def _checked(
    answers: set[tuple[bytes, bytes]], known: Mapping[tuple[str, str], Desk]
) -> set[tuple[str, str]]:
    """The revisions that answered; each answer is exactly what its revision's own desk says."""
    seen = set()
    for question, answer in answers:
        decision = decision_service_pb2.EvaluateResponse.FromString(answer).decision
        revision = decision.revision.rules, decision.revision.tenant
        assert known[revision].evaluate(question, NOW) == answer
        seen.add(revision)
    return seen


def _swapped(tmp_path: Path, seconds: float, seed: int, *, store: bool) -> None:
    dice = random.Random(seed)
    tenant = Path(shutil.copytree(HARBOUR, tmp_path / "tenant"))
    other = Path(shutil.copytree(HARBOUR, tmp_path / "other"))
    packages = (other / "packages.yaml").read_text()
    (other / "packages.yaml").write_text(packages.replace("P90D", "P60D"))

    def change(dice: random.Random) -> None:
        if dice.random() < 0.3:
            source = dice.choice([other, HARBOUR])
            shutil.copy(source / "packages.yaml", tenant / "packages.yaml")

    kept = None
    if store:
        kept = StoreOptions(url=f"sqlite:///{tmp_path}/o.db", believes_headers=True, works=False)
    options = {"store": kept, "processes": 2, "watch": True, "settle": 0.3}
    with (
        desks([HARBOUR, other]) as known,
        running(tmp_path / "log", tenant, believes_headers=True, **options) as server,
    ):
        digests = _keep(server)
        assert set(digests) == {rules for rules, _ in known}
        answers = hammered(server, seconds, digests, change, dice)
        log = server.stop()[1]
    seen = _checked(answers, known)
    assert len({rules for rules, _ in seen}) > 1, log
    assert "Traceback" not in log


@pytest.mark.parametrize("store", [False, True], ids=["folder", "store"])
def test_no_answer_is_mixed_from_two_revisions(tmp_path: Path, store: bool) -> None:
    """S-46."""
    _swapped(tmp_path, 2, 7, store=store)


@pytest.mark.long
@pytest.mark.timeout(400)
@pytest.mark.parametrize("store", [False, True], ids=["folder", "store"])
def test_no_answer_is_mixed_from_two_revisions_for_long(tmp_path: Path, store: bool) -> None:
    """S-46."""
    _swapped(tmp_path, 120, random.SystemRandom().randrange(2**32), store=store)
