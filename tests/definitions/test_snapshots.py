"""The snapshot follows the store: never half, never an old one, and no more work than needed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from ostiary.adapters.store import open_store
from ostiary.decide.evaluate import evaluate
from ostiary.domain.decision import Outcome
from ostiary.domain.errors import NotReadyError, OstiaryError
from ostiary.domain.people import AccountState, PersonType, RiskLevel, User
from ostiary.domain.request import EvaluationRequest
from ostiary.index.snapshot import build
from ostiary.lifecycle.ports import DefinitionKind, Membership, Store
from ostiary.operations.snapshots import Follower, Held, SnapshotSource
from tests.definitions.holding import NOW, held, make, put, user, written
from tests.properties.ruling import standard_tables
from tests.unit import defining

CONTENT = defining.approval(
    {"approvers": ["group:team"], "fallback": ["user:ben"]},
    scope={"kind": "specific_subjects", "groups": ["staff"]},
)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    url = "memory:" if request.param == "memory" else f"sqlite:///{tmp_path / 'store.db'}"
    opened = open_store(url)
    put(opened, tmp_path / "first", CONTENT)
    yield opened
    opened.close()


@pytest.fixture
def source() -> SnapshotSource:
    return SnapshotSource(standard_tables())


def outcome(source: SnapshotSource, store: Store, requestor: str = "ann") -> tuple[Outcome, object]:
    """What somebody is told who asks for the package, and who would approve."""
    with store.reading() as tx:
        snapshot = source.current(tx)
    question = EvaluationRequest(package="p", requestor=requestor, at=NOW)
    decision = evaluate(snapshot, question)
    return decision.outcome, [stage.approvers for stage in decision.stages]


def revision(source: SnapshotSource) -> str:
    """The digest of the tenant in answers."""
    snapshot = source.latest()
    assert snapshot is not None
    return snapshot.revision.tenant


def test_nothing_is_decided_without_a_tenant(source: SnapshotSource) -> None:
    with open_store("memory:").reading() as tx, pytest.raises(NotReadyError):
        source.current(tx)
    assert source.latest() is None


def test_each_write_is_in_the_next_answer(
    store: Store, source: SnapshotSource, tmp_path: Path
) -> None:
    fallback = (Outcome.NEEDS_APPROVAL, [("ben",)])
    assert outcome(source, store) == fallback
    make(store, Membership("team", "gus"))
    assert outcome(source, store) == (Outcome.NEEDS_APPROVAL, [("gus",)])
    gus = user(store, "gus")
    assert gus is not None
    make(store, msgspec.structs.replace(gus, state=AccountState.BLOCKED))
    assert outcome(source, store) == fallback
    make(store, gone=[Membership("staff", "ann")])
    assert outcome(source, store)[0] is Outcome.DENY
    make(store, Membership("staff", "team", nested=True), Membership("team", "ann"))
    assert outcome(source, store) == fallback
    put(store, tmp_path / "two", defining.policy(scope={"kind": "none"}))
    assert outcome(source, store)[0] is Outcome.DENY


def test_the_digest_is_that_of_the_whole_tenant(store: Store, source: SnapshotSource) -> None:
    """S-46: however the state was come by."""
    outcome(source, store)
    make(store, User("new", "New", type=PersonType.GUEST), Membership("team", "new"))
    outcome(source, store)
    assert revision(source) == held(store).digest
    assert source.tenant() == held(store)
    written(store, DefinitionKind.PACKAGE, "general", id="q", name="Q")
    outcome(source, store)
    assert revision(source) == held(store).digest
    assert source.tenant() == held(store)


def test_people_at_risk_are_looked_at_by_whoever_is_in_the_group_now(
    tmp_path: Path, source: SnapshotSource
) -> None:
    """S-81: also after nothing but people changed."""
    store = open_store("memory:")
    stage = {"threshold": "high", "approvers": ["group:team"]}
    put(store, tmp_path, defining.settings(risk_stage=stage), profile="entra")
    assert outcome(source, store) == (Outcome.GRANT, [])
    ann = user(store, "ann")
    assert ann is not None
    make(store, msgspec.structs.replace(ann, risk=RiskLevel.HIGH))
    assert outcome(source, store)[0] is Outcome.DENY, "the group has nobody"
    make(store, Membership("team", "gus"))
    assert outcome(source, store) == (Outcome.NEEDS_APPROVAL, [("gus",)])
    make(store, msgspec.structs.replace(ann, risk=RiskLevel.MEDIUM))
    assert outcome(source, store) == (Outcome.GRANT, [])


def test_people_alone_compile_no_packages_anew(store: Store, source: SnapshotSource) -> None:
    outcome(source, store)
    before = source.latest()
    make(store, Membership("mailing", "ann"))
    outcome(source, store)
    after = source.latest()
    assert before is not None
    assert after is not None
    assert after is not before
    assert after.order is before.order


def test_a_transaction_that_began_before_is_answered_from_what_it_sees(
    tmp_path: Path, source: SnapshotSource
) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    store, other = open_store(url), open_store(url)
    put(store, tmp_path / "first", CONTENT)
    with other.reading() as early:
        assert early.revision() == 1
        make(store, gone=[Membership("staff", "ann")])
        assert outcome(source, store)[0] is Outcome.DENY
        question = EvaluationRequest(package="p", requestor="ann", at=NOW)
        assert evaluate(source.current(early), question).outcome is Outcome.NEEDS_APPROVAL
    assert outcome(source, store)[0] is Outcome.DENY
    store.close()
    other.close()


def test_other_processes_are_followed(tmp_path: Path, source: SnapshotSource) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    ours, theirs = open_store(url), open_store(url)
    put(theirs, tmp_path / "first", CONTENT)
    told: list[Held] = []
    source.when_new(told.append)
    follower = Follower(ours, source, every=0.02)
    follower.start()
    make(theirs, Membership("team", "gus"))
    deadline = time.monotonic() + 10
    while (not told or told[-1].revision < 2) and time.monotonic() < deadline:
        time.sleep(0.01)
    follower.stop()
    assert told[-1].revision == 2
    assert told[-1].snapshot is source.latest()
    ours.close()
    theirs.close()


def test_new_rules_decide_from_then_on(store: Store, source: SnapshotSource) -> None:
    outcome(source, store)
    before = source.latest()
    source.put_rules(standard_tables())
    after = source.latest()
    assert before is not None
    assert after is not None
    assert after is not before
    assert after.revision == before.revision


def test_many_readers_and_writers_see_whole_states(tmp_path: Path, source: SnapshotSource) -> None:
    """Every answer is that of a state that was there, and the last one is the last."""
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}", connections=12)
    put(store, tmp_path / "first", CONTENT)
    wrong: list[object] = []
    over = threading.Event()

    def read() -> None:
        while not over.is_set():
            try:
                found = outcome(source, store)
            except OstiaryError as error:
                wrong.append(error)
                return
            # `gus` and `ann` come and go together: one without the other was never there
            if found not in (
                (Outcome.NEEDS_APPROVAL, [("ben",)]),
                (Outcome.NEEDS_APPROVAL, [("gus",)]),
            ):
                wrong.append(found)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for number in range(40):
        both = [Membership("team", "gus"), Membership("mailing", "ann")]
        if number % 2:
            make(store, gone=both)
        else:
            make(store, *both)
    over.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    outcome(source, store)
    latest = source.latest()
    assert latest is not None
    fresh = build(held(store), standard_tables())
    assert latest.revision == fresh.revision
    store.close()
