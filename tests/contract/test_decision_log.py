"""The log of decisions: whole, bound together, and written before an answer is given."""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from ostiary.adapters.store import open_store
from ostiary.domain.errors import LogUnavailableError, StoreUnavailableError
from ostiary.domain.request import Holdings
from ostiary.lifecycle.ports import LoggedLine, Store
from ostiary.rpc import decision_log
from ostiary.rpc.decision_lines import (
    LONGEST_LINE,
    Chain,
    Decided,
    read_lines,
    revision_piece,
)
from ostiary.rpc.decision_log import DecisionLog
from ostiary.rpc.desk import Desk
from ostiary.rpc.loading import LoadedDesk
from ostiary.rpc.observed_desk import ObservedDesk
from ostiary.rpc.replaying import replay
from ostiary.rpc.store_log import StoreSink, left_in
from ostiary.running.desks import desk_of
from ostiary.v1 import decision_service_pb2
from tests.contract.lent import NOW
from tests.contract.living import STORES, url_of
from tests.contract.logging_decisions import (
    Failing,
    file_sink,
    logged,
    observed,
    read,
    texts,
)


def own(harbour: LoadedDesk) -> dict[tuple[str, str], Desk]:
    revision = harbour.desk.snapshot.revision
    return {(revision.rules, revision.tenant): harbour.desk}


def test_a_log_reproduces_byte_for_byte(harbour: LoadedDesk, tmp_path: Path) -> None:
    """S-46."""
    lines = logged(harbour, tmp_path / "log", 30)
    found = replay(read_lines(lines), own=own(harbour))
    assert (found.lines, found.runs, found.decisions, found.reproduced) == (31, 1, 30, 30)
    assert found.reproduces


def test_a_server_without_a_log_has_a_plain_desk(harbour: LoadedDesk) -> None:
    """What nobody asked for costs nothing: not even a branch."""
    desk = desk_of(harbour.desk.snapshot, harbour.tables)
    assert type(desk) is Desk
    log = DecisionLog(Failing(file_sink(Path("never"))))
    assert isinstance(desk_of(harbour.desk.snapshot, harbour.tables, observers=[log]), ObservedDesk)


def test_a_changed_byte_anywhere_is_told(harbour: LoadedDesk, tmp_path: Path) -> None:
    whole = b"".join(logged(harbour, tmp_path / "log", 2))
    dice = random.Random(3)
    places = [0, len(whole) - 1, *(dice.randrange(len(whole)) for _ in range(600))]
    places += [place for place, byte in enumerate(whole) if byte == 0x0A]
    for place in places:
        other = bytes([whole[place] ^ (1 << dice.randrange(8))])
        changed = whole[:place] + other + whole[place + 1 :]
        found = replay(read_lines(changed.splitlines(keepends=True)), own=own(harbour))
        assert not found.reproduces, (place, other)
        assert not found.sound, (place, other)


@pytest.mark.parametrize(
    ("spoil", "want"),
    [
        pytest.param(lambda lines: lines[:2] + lines[3:], ["3 CHAIN_BROKEN"], id="one is gone"),
        pytest.param(
            lambda lines: [lines[0], lines[2], lines[1], lines[3]],
            ["2 CHAIN_BROKEN", "3 CHAIN_BROKEN", "4 CHAIN_BROKEN"],
            id="two changed places",
        ),
        pytest.param(
            lambda lines: [*lines[:2], lines[1], *lines[2:]], ["3 CHAIN_BROKEN"], id="one twice"
        ),
        pytest.param(
            lambda lines: lines[1:], ["1 CHAIN_BROKEN", "1 NO_BEGINNING"], id="no beginning"
        ),
        pytest.param(lambda lines: [b"\n", *lines], ["1 NOT_A_LINE"], id="an empty line"),
        pytest.param(lambda lines: [b"\xff\xfe\0", *lines], ["1 NOT_A_LINE"], id="binary"),
        pytest.param(
            lambda lines: [*lines, b"[" * 100_000 + b"\n"], ["5 NOT_A_LINE"], id="deeply nested"
        ),
        pytest.param(
            lambda lines: [*lines, b"x" * LONGEST_LINE], ["5 LINE_TOO_LONG"], id="a huge line"
        ),
    ],
)
def test_what_is_wrong_is_told_by_its_line(
    harbour: LoadedDesk,
    tmp_path: Path,
    spoil: Callable[[list[bytes]], list[bytes]],
    want: list[str],
) -> None:
    lines = logged(harbour, tmp_path / "log", 3)
    reads = list(read_lines(spoil(lines)))
    assert list(texts(reads))[: len(want)] == want


def test_another_schema_is_no_line(tmp_path: Path) -> None:
    for body in (b'{"line":"other"', b'{"line":"decision","number":"x"', b'["a"', b'{"line":1'):
        said = hashlib.blake2b(body, digest_size=16).hexdigest().encode()
        (one,) = read_lines([body + b',"sum":"' + said + b'"}\n'])
        assert one.line is None
        assert [flaw.code for flaw in one.flaws] == ["NOT_A_LINE"]


def test_what_is_forged_with_a_right_checksum_does_not_reproduce(
    harbour: LoadedDesk, tmp_path: Path
) -> None:
    """Checksums are no signatures: whoever forges a line well is found out by asking again."""
    snapshot = harbour.desk.snapshot
    answer = observed(harbour)("gus")
    other = observed(harbour)("anna")
    chain = Chain("forged")
    lines = [chain.begin(NOW, tenant="harbour", sample=1.0)]
    for ask, said in ((b"\xff", answer[3:]), (b"", b"\xff\xff"), (b"", other[3:])):
        lines.append(
            chain.decided(
                ask=ask,
                at=NOW,
                answer=said,
                revision=revision_piece(snapshot.revision),
                given=None,
            )
        )
    found = replay(read_lines(lines), own=own(harbour))
    assert not found.reproduces
    assert found.reproduced == 0
    assert found.otherwise_count + found.flaw_count >= 3


def test_a_torn_line_is_told_and_the_next_run_goes_on(harbour: LoadedDesk, tmp_path: Path) -> None:
    path = tmp_path / "log"
    lines = logged(harbour, path, 2)
    for length in (1, 20, len(lines[1]) - 2):
        with path.open("ab") as file:
            file.write(lines[1][:length])
        before = read(path)
        assert (before[-1].torn, list(texts(before))) == (True, [])
        logged(harbour, path, 1)
        after = read(path)
        assert list(texts(after)) == []
        assert [one.torn for one in after].count(True) == (1, 20, len(lines[1]) - 2).index(
            length
        ) + 1
    found = replay(read(path), own=own(harbour))
    assert found.reproduces
    assert (found.runs, found.decisions, len(found.torn)) == (4, 5, 3)


def test_a_line_that_lacks_only_its_end_is_whole(harbour: LoadedDesk, tmp_path: Path) -> None:
    path = tmp_path / "log"
    logged(harbour, path, 1)
    path.write_bytes(path.read_bytes().removesuffix(b"\n"))
    logged(harbour, path, 1)
    reads = read(path)
    assert list(texts(reads)) == []
    assert not any(one.torn for one in reads)


def test_a_log_is_read_by_its_owner_alone(harbour: LoadedDesk, tmp_path: Path) -> None:
    logged(harbour, tmp_path / "log", 1)
    assert (tmp_path / "log").stat().st_mode & 0o077 == 0


def test_a_sample_follows_from_question_and_instant(harbour: LoadedDesk, tmp_path: Path) -> None:
    counts = []
    for name in ("one", "other"):
        log = DecisionLog(file_sink(tmp_path / name), sample=0.1)
        ask = observed(harbour, log)
        for number in range(2_000):
            ask(at=NOW + timedelta(milliseconds=number))
        log.close()
        lines = [one.line for one in read(tmp_path / name)]
        counts.append([one.at for one in lines if isinstance(one, Decided)])
    assert counts[0] == counts[1]
    assert 130 < len(counts[0]) < 270


def test_what_cannot_be_written_is_waited_for(harbour: LoadedDesk, tmp_path: Path) -> None:
    sink = Failing(file_sink(tmp_path / "log"))
    log = DecisionLog(sink)
    ask = observed(harbour, log)
    ask()
    sink.fails = True
    answers: list[bytes] = []
    asking = threading.Thread(target=lambda: answers.append(ask("gus")))
    asking.start()
    while sink.tried < 3:
        time.sleep(0.01)
    assert not answers, "no answer without its line"
    sink.fails = False
    asking.join(10)
    assert len(answers) == 1
    log.close()
    assert sum(isinstance(one.line, Decided) for one in read(tmp_path / "log")) == 2


def test_who_stops_waits_no_more(harbour: LoadedDesk, tmp_path: Path) -> None:
    sink = Failing(file_sink(tmp_path / "log"))
    sink.fails = True
    log = DecisionLog(sink)
    ask = observed(harbour, log)
    raised: list[LogUnavailableError] = []

    def asking() -> None:
        try:
            ask()
        except LogUnavailableError as error:
            raised.append(error)

    thread = threading.Thread(target=asking)
    thread.start()
    while not sink.tried:
        time.sleep(0.01)
    log.close()
    thread.join(10)
    assert [one.reason for one in raised] == ["STORE_UNAVAILABLE"]


def test_what_cannot_be_written_goes_to_the_spill_file(harbour: LoadedDesk, tmp_path: Path) -> None:
    now = [0.0]

    def pass_(seconds: float) -> None:
        now[0] += seconds

    sink = Failing(file_sink(tmp_path / "log"), pass_)
    log = DecisionLog(sink, spill=file_sink(tmp_path / "spill"), clock=lambda: now[0])
    ask = observed(harbour, log)
    ask()
    sink.fails = True
    ask("gus")
    sink.fails = False
    ask("gus")  # for a while the log is not tried again
    assert sink.tried == 2
    pass_(6)
    sink.takes = 1.0  # slow: this one is written, the next goes elsewhere
    ask()
    sink.takes = 0.0
    ask("gus")
    log.close()
    assert (log.logged, log.spilled) == (2, 3)
    for name, count in (("log", 2), ("spill", 3)):
        found = replay(read(tmp_path / name), own=own(harbour))
        assert (found.reproduces, found.decisions) == (True, count)


def test_a_file_that_fails_in_the_middle_of_a_line_begins_anew(
    harbour: LoadedDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = decision_log._write_whole
    log = DecisionLog(file_sink(tmp_path / "log"))
    ask = observed(harbour, log)
    ask()

    def half(file: int, content: bytes) -> None:
        monkeypatch.setattr(decision_log, "_write_whole", whole)
        whole(file, content[: len(content) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(decision_log, "_write_whole", half)
    ask("gus")
    log.close()
    reads = read(tmp_path / "log")
    assert list(texts(reads)) == []
    assert [one.torn for one in reads].count(True) == 1
    assert sum(isinstance(one.line, Decided) for one in reads) == 2


class _Recorded:
    """Knows that everybody has one package."""

    def filled(self, question: object) -> object:
        return replace(question, holdings=Holdings(assigned=("crane",)), counters={"x": 1})  # type: ignore[type-var]

    def holdings(self, requestor: object) -> Holdings:
        raise AssertionError


def test_what_was_recorded_is_logged_with_the_question(harbour: LoadedDesk, tmp_path: Path) -> None:
    """S-60: without it the same question would be decided otherwise."""
    log = DecisionLog(file_sink(tmp_path / "log"))
    snapshot = harbour.desk.snapshot
    desk = desk_of(snapshot, harbour.tables, _Recorded(), [log])  # type: ignore[arg-type]
    asked = decision_service_pb2.EvaluateRequest(access_package="crane", requestor_id="anna")
    answer = desk.evaluate(asked.SerializeToString(), NOW)
    assert answer != harbour.desk.evaluate(asked.SerializeToString(), NOW)
    log.close()
    reads = read(tmp_path / "log")
    assert replay(reads, own=own(harbour)).reproduces
    (line,) = (one.line for one in reads if isinstance(one.line, Decided))
    assert line.given is not None
    assert line.given.holdings.assigned == ("crane",)
    assert line.given.counters == {"x": 1}


# in a store


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = open_store(url_of(request.param, request, tmp_path))
    yield opened
    opened.close()


def of_store(store: Store) -> list[bytes]:
    with store.reading() as tx:
        runs = tx.logged_runs()
        return [one.text.encode() for run in runs for one in tx.logged_decisions(run)]


def test_lines_of_runs_are_kept_once_and_in_order(store: Store) -> None:
    lines = [LoggedLine("b", number, f"b{number}") for number in range(4)]
    with store.transaction() as tx:
        tx.log_decisions(lines[:2])
        tx.log_decisions([LoggedLine("a", 0, "a0")])
        tx.log_decisions([replace(lines[1], text="other"), *lines[2:]])
        tx.log_decisions([])
    with store.reading() as tx:
        assert list(tx.logged_runs()) == ["b", "a"]
        assert list(tx.logged_decisions("b")) == lines
        assert list(tx.logged_decisions("b", after=1, size=1)) == lines[2:3]
        assert list(tx.logged_decisions("none")) == []


def test_a_log_in_a_store_reproduces(store: Store, harbour: LoadedDesk, tmp_path: Path) -> None:
    path = tmp_path / "spool"
    for _ in range(2):
        sink = StoreSink(store, file_sink(path), path, most=1000)
        log = DecisionLog(sink)
        sink.start()
        ask = observed(harbour, log)
        for number in range(700):
            ask(at=NOW + timedelta(seconds=number))
        log.close()
        assert path.read_bytes() == b""
    with store.reading() as tx:
        runs = tx.logged_runs()
    assert len(runs) == 2
    lines = of_store(store)
    for run in (lines[:701], lines[701:]):
        found = replay(read_lines(run, one_run=True), own=own(harbour))
        assert (found.reproduces, found.decisions) == (True, 700)


class _Away:
    """A store that is away as long as it is told to be."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.away = True

    def transaction(self) -> object:
        if self.away:
            raise StoreUnavailableError("no connection")
        return self._store.transaction()


def test_a_store_that_is_away_is_waited_for_or_not_as_it_was_chosen(
    harbour: LoadedDesk, tmp_path: Path
) -> None:
    for most, asked in ((5, 5), (None, 50)):
        inner = open_store("memory:")
        away, path = _Away(inner), tmp_path / f"spool-{most}"
        sink = StoreSink(away, file_sink(path), path, most=most)  # type: ignore[arg-type]
        log = DecisionLog(sink)
        ask = observed(harbour, log)
        for number in range(asked - (1 if most else 0)):
            ask(at=NOW + timedelta(seconds=number))
        if most:
            waiting = threading.Thread(target=ask)
            waiting.start()
            waiting.join(0.5)
            assert waiting.is_alive(), "too many wait for the store already"
            away.away = False
            sink.ship()
            waiting.join(10)
            assert not waiting.is_alive()
        away.away = False
        log.close()
        assert path.read_bytes() == b""
        assert replay(read_lines(of_store(inner), one_run=True), own=own(harbour)).reproduces


def test_what_a_killed_process_left_is_brought_to_the_store(
    harbour: LoadedDesk, tmp_path: Path
) -> None:
    inner, path = open_store("memory:"), tmp_path / "spool"
    away = _Away(inner)
    sink = StoreSink(away, file_sink(path), path, most=None)  # type: ignore[arg-type]
    ask = observed(harbour, DecisionLog(sink))
    for number in range(20):
        ask(at=NOW + timedelta(seconds=number))
    with path.open("ab") as file:  # and now it is killed
        file.write(b'{"line":"decision","run":"ru')
    assert len(left_in(path)) == 21
    assert left_in(tmp_path / "none") == []

    later = StoreSink(inner, file_sink(path), path, most=None)
    log = DecisionLog(later)
    later.start()
    observed(harbour, log)("gus")
    log.close()
    with inner.reading() as tx:
        counts = [len(tx.logged_decisions(run)) for run in tx.logged_runs()]
    assert counts == [21, 2]


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_a_hundred_thousand_decisions_reproduce(harbour: LoadedDesk, tmp_path: Path) -> None:
    """S-46."""
    path = tmp_path / "log"
    log = DecisionLog(file_sink(path))
    ask = observed(harbour, log)
    dice = random.Random(9)
    packages = [one.id for one in harbour.desk.snapshot.order]
    for number in range(100_000):
        ask(
            dice.choice(["anna", "gus", "boss"]),
            dice.choice(packages),
            NOW + timedelta(seconds=number),
        )
    log.close()
    with path.open("rb") as file:
        found = replay(read_lines(file), own=own(harbour))
    assert (found.reproduces, found.decisions) == (True, 100_000)
    content = bytearray(path.read_bytes())
    content[dice.randrange(len(content))] ^= 0x20
    found = replay(read_lines(bytes(content).splitlines(keepends=True)), own=own(harbour))
    assert not found.sound
