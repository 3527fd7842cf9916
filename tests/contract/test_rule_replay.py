"""Replay of RuleService: a log that is sent in pieces, or kept by the server, asked again."""

from __future__ import annotations

import json
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from msgspec.structs import replace as changed
from typer.testing import CliRunner

from ostiary.cli.main import app
from ostiary.domain.decision import Revision
from ostiary.domain.request import Holdings
from ostiary.rpc import decision_lines
from ostiary.rpc.decision_lines import LONGEST_LINE, Chain, lines_of, revision_piece
from ostiary.rpc.loading import LoadedDesk
from ostiary.rpc.log_options import STORE, LogOptions
from ostiary.rpc.replaying import MOST_UNKNOWN
from ostiary.rulebook.pack_files import load_files
from ostiary.v1 import decision_pb2, decision_service_pb2
from tests.contract.lent import HARBOUR, NOW
from tests.contract.living import refused
from tests.contract.logging_decisions import logged, observed
from tests.contract.ruling import ADMINISTRATOR, R, Ruled, ruled, sent
from tests.packs.building import SMALL
from tests.packs.texts import broken, standard, with_guests, written

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def one() -> Iterator[Ruled]:
    with ruled() as made:
        yield made


@pytest.fixture
def log(harbour: LoadedDesk, tmp_path: Path) -> bytes:
    """A log of a dozen decisions of the harbour under the shipped rules."""
    return b"".join(logged(harbour, tmp_path / "log", 12))


def asked(log: Iterable[bytes], **options: Any) -> Iterator[Any]:
    """The messages that send a log."""
    yield R.ReplayRequest(options=R.ReplayOptions(**options))
    for piece in log:
        yield R.ReplayRequest(log=piece)


def exchanged(one: Ruled, messages: Iterable[Any]) -> Any:
    """The last message of the answer, which holds the report."""
    services = one.by("user:ada", ADMINISTRATOR)
    answers = list(services.exchange(services.rules.Replay, messages))
    assert all(answer.HasField("progress") for answer in answers[:-1])
    return answers[-1].report


def replayed(one: Ruled, *log: bytes, **options: Any) -> Any:
    return exchanged(one, asked(log, **options))


def cut(log: bytes, size: int) -> list[bytes]:
    return [log[at : at + size] for at in range(0, len(log), size)]


def printed(*words: str | Path) -> Any:
    """What `ostiary replay` prints for programs."""
    done = CliRunner().invoke(app, ["replay", *map(str, words), "--json"])
    return json.loads(done.stdout)


def test_a_log_reproduces_as_the_command_says(one: Ruled, log: bytes, tmp_path: Path) -> None:
    """S-46."""
    report = replayed(one, log)
    assert report.passed
    assert report.summary == "12 decisions, 12 reproduced byte for byte"
    assert json.loads(report.json) == printed(tmp_path / "log", "--tenant", HARBOUR)


def test_it_does_not_matter_where_a_log_is_cut(one: Ruled, log: bytes) -> None:
    whole = replayed(one, log)
    for size in (17, 1000, len(log) - 1):
        assert replayed(one, *cut(log, size)) == whole
    assert replayed(one, b"", *cut(log, 5000), b"") == whole


def test_a_candidate_is_compared_as_the_command_does(
    one: Ruled, log: bytes, tmp_path: Path
) -> None:
    candidate = R.CandidateRules(files=sent(with_guests()))
    folder = written(with_guests(), tmp_path / "candidate")
    report = replayed(one, log, candidate=candidate, reproduce=True)
    words = ("--tenant", HARBOUR, "--against", folder)
    assert json.loads(report.json) == printed(tmp_path / "log", *words)
    assert "12 decisions, 12 reproduced byte for byte; 12 decisions compared" in report.summary
    same = replayed(one, log, candidate=R.CandidateRules(revision="active"))
    assert (same.passed, same.summary) == (True, "12 decisions compared, 0 would differ")


def guests(harbour: LoadedDesk, tmp_path: Path, count: int = 3) -> bytes:
    """A log of decisions that the other rules made."""
    pack = load_files(with_guests())
    other = LoadedDesk(harbour.tenant, pack)
    try:
        return b"".join(logged(other, tmp_path / "guests", count))
    finally:
        other.close()


def test_decisions_that_a_candidate_makes_otherwise_are_not_passed(
    one: Ruled, harbour: LoadedDesk
) -> None:
    chain, ask = Chain("run"), observed(harbour)
    lines = [chain.begin(NOW, tenant="harbour", sample=0.5)]
    question = decision_service_pb2.EvaluateRequest(access_package="crane", requestor_id="gus")
    answer = decision_service_pb2.EvaluateResponse.FromString(ask("gus")).decision
    lines.append(decided(chain, harbour, question.SerializeToString(), answer))
    report = replayed(one, *lines, candidate=R.CandidateRules(files=sent(with_guests())))
    assert not report.passed
    assert report.summary == (
        "1 decision compared, 1 would differ; the log is a sample: 0.5 of all decisions"
    )
    assert json.loads(report.json)["differences"]["changes"] == {"DENY -> GRANT": 1}


def test_a_log_of_rules_that_nobody_knows_is_refused_in_words(
    harbour: LoadedDesk, tmp_path: Path
) -> None:
    log = guests(harbour, tmp_path)
    with ruled() as one:
        report = replayed(one, log)
        assert not report.passed
        assert report.summary.startswith("3 decisions, 0 reproduced: the log is refused; ")
        assert report.summary.endswith(", which are not known here")
        (unknown,) = json.loads(report.json)["unknown"]
        digest = one.keep(with_guests())
        assert unknown == {"rules": digest, "tenant": harbour.tenant.digest, "lines": 3}
        assert f"3 decisions by rules {digest[:12]} and tenant" in report.summary
        known = replayed(one, log)
        assert (known.passed, known.summary) == (True, "3 decisions, 3 reproduced byte for byte")


def test_a_log_of_another_tenant_is_refused(one: Ruled, harbour: LoadedDesk, log: bytes) -> None:
    tenant = changed(harbour.tenant, id="elsewhere", digest="f" * 64)
    elsewhere = Revision(harbour.desk.snapshot.revision.rules, tenant.digest, "standard", "1")
    chain = Chain("run")
    lines = [chain.begin(NOW, tenant="elsewhere", sample=1.0)]
    answer = decision_pb2.Decision()
    answer.revision.rules, answer.revision.tenant = elsewhere.rules, elsewhere.tenant
    lines.append(decided(chain, harbour, b"", answer, revision=elsewhere))
    report = replayed(one, *lines)
    assert not report.passed
    assert f"and tenant {'f' * 12}, which are not known here" in report.summary
    report = replayed(one, *lines, candidate=R.CandidateRules(revision="active"))
    assert "line 2: OTHER_TENANT: is of tenant `elsewhere`, not `harbour`" in report.summary


def test_a_changed_byte_is_told_by_its_line(one: Ruled, log: bytes) -> None:
    report = replayed(one, log.replace(b'"number":3', b'"number":4'))
    assert not report.passed
    assert "line 4: CHANGED: has been changed: its checksum is another" in report.summary
    report = replayed(one, log[: len(log) // 2])
    assert report.passed
    assert json.loads(report.json)["torn"]


# hostile logs


def decided(
    chain: Chain,
    harbour: LoadedDesk,
    ask: bytes,
    answer: decision_pb2.Decision,
    *,
    at: datetime = NOW,
    revision: Revision | None = None,
) -> bytes:
    """A line whose checksum is right."""
    made = harbour.desk.snapshot.revision if revision is None else revision
    answer.revision.rules, answer.revision.tenant = made.rules, made.tenant
    return chain.decided(
        ask=ask,
        at=at,
        answer=answer.SerializeToString(),
        revision=revision_piece(made),
        given=None,
    )


@pytest.mark.parametrize(
    "hostile",
    [
        pytest.param(b"\0" * 100_000, id="nothing but zeros"),
        pytest.param(b"\n" * 100_000, id="empty lines"),
        pytest.param(b"{}\n" * 1000, id="other JSON"),
        pytest.param(b"[" * 100_000 + b"\n", id="deep JSON"),
        pytest.param(os.urandom(100_000), id="noise"),
    ],
)
def test_hostile_logs_are_told_in_words(one: Ruled, hostile: bytes) -> None:
    report = replayed(one, *cut(hostile, 4096), candidate=R.CandidateRules(revision="active"))
    told = json.loads(report.json)
    assert len(told["flaws"]) <= 100
    assert report.passed == (not told["flaw_count"])
    assert told["decisions"] == 0


def test_an_empty_log_holds_no_decision(one: Ruled) -> None:
    report = replayed(one)
    assert (report.passed, report.summary) == (True, "0 decisions, 0 reproduced byte for byte")


@pytest.mark.parametrize("reproduce", [False, True])
def test_whatever_has_a_right_checksum_is_asked_and_ends_nothing(
    one: Ruled, harbour: LoadedDesk, reproduce: bool
) -> None:
    """Checksums are no signatures: anybody makes them of anything."""
    chain = Chain("forged")
    crane = decision_service_pb2.EvaluateRequest(access_package="crane", requestor_id="gus")
    ancient = Timestamp(seconds=-62_135_596_800)  # the first instant that there is
    strange = decision_pb2.Decision()
    strange.MergeFromString(b"\x08\xff\xff\xff\x07" + b"\x18\xff\xff\xff\x07")
    lines = [
        chain.begin(NOW, tenant="harbour", sample=1.0),
        *(
            decided(chain, harbour, ask, answer, at=at)
            for ask in (b"", b"\xff\xff", crane.SerializeToString())
            for answer in (decision_pb2.Decision(), strange)
            for at in (NOW, datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
        ),
    ]
    crane.evaluate_time.CopyFrom(ancient)
    lines.append(decided(chain, harbour, crane.SerializeToString(), strange))
    candidate = R.CandidateRules(revision="active")
    report = replayed(one, *lines, candidate=candidate, reproduce=reproduce)
    told = json.loads(report.json)
    assert not report.passed
    assert told["decisions"] == 19
    assert told["differences"]["compared"] == 19
    assert told["differences"]["differing"] == 19
    assert told["otherwise_count"] == (19 if reproduce else 0)


def test_an_instant_without_its_offset_is_no_line(harbour: LoadedDesk) -> None:
    chain = Chain("forged")
    line = decided(chain, harbour, b"", decision_pb2.Decision())
    stamp = NOW.isoformat().encode()
    assert line.count(stamp) == 1
    body = line.replace(stamp, stamp[: -len("+00:00")]).rpartition(b',"sum":')[0]
    again = b'%b,"sum":"%b"}\n' % (body, decision_lines._sum(body).encode())
    (read,) = decision_lines.read_lines([again])
    assert [flaw.code for flaw in read.flaws] == ["NOT_A_LINE"]


def test_revisions_that_nobody_knows_are_counted_and_not_all_named(
    one: Ruled, harbour: LoadedDesk
) -> None:
    chain = Chain("forged")
    lines = [chain.begin(NOW, tenant="harbour", sample=1.0)]
    for number in range(MOST_UNKNOWN + 20):
        other = Revision(f"{number:0>100}", harbour.tenant.digest, "standard", "1")
        lines.append(decided(chain, harbour, b"", decision_pb2.Decision(), revision=other))
    told = json.loads(replayed(one, *lines).json)
    assert sum(each["lines"] for each in told["unknown"]) == MOST_UNKNOWN + 20
    assert len(told["unknown"]) <= MOST_UNKNOWN + 1
    assert all(len(each["rules"]) <= 64 for each in told["unknown"])


def test_lines_are_cut_wherever_pieces_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decision_lines, "LONGEST_LINE", 10)
    text = b"one\n\n0123456789abcdef\nxx\n012345678\nend"
    want = [b"one\n", b"\n", b"0123456789", b"xx\n", b"012345678\n", b"end"]
    for size in range(1, len(text) + 1):
        assert list(lines_of(cut(text, size))) == want


def test_a_line_without_an_end_is_not_held_as_a_whole(one: Ruled) -> None:
    pieces = [b"x" * 1024 * 1024] * (LONGEST_LINE // 1024 // 1024 + 4)
    report = replayed(one, *pieces)
    assert not report.passed
    (flaw,) = json.loads(report.json)["flaws"]
    assert flaw["code"] == "LINE_TOO_LONG"


# what is malformed


@pytest.mark.parametrize(
    ("messages", "fields"),
    [
        pytest.param([], ["options"], id="nothing"),
        pytest.param([R.ReplayRequest(log=b"x")], ["options"], id="no options"),
        pytest.param([R.ReplayRequest()], ["options"], id="an empty message"),
        pytest.param([*asked([]), *asked([])], ["options"], id="options twice"),
        pytest.param([*asked([]), R.ReplayRequest()], ["options"], id="an empty piece"),
        pytest.param(
            list(asked([], candidate=R.CandidateRules())),
            ["options.candidate.files"],
            id="no rules",
        ),
        pytest.param(
            list(asked([], candidate=R.CandidateRules(revision="active", files=sent(standard())))),
            ["options.candidate.files"],
            id="rules twice",
        ),
        pytest.param(list(asked([], kept=R.KeptLog())), ["options.kept"], id="no log is kept"),
    ],
)
def test_what_is_malformed_is_told_by_its_field(
    one: Ruled, messages: list[Any], fields: list[str]
) -> None:
    with refused("INVALID_REQUEST") as told:
        exchanged(one, messages)
    assert [each.field for each in told.value.violations] == fields


def test_faulty_candidates_are_refused(one: Ruled) -> None:
    with refused("RULES_REFUSED") as told:
        replayed(one, b"", candidate=R.CandidateRules(files=sent(broken())))
    assert told.value.metadata["first"].startswith("limits.yaml:")
    with refused("RULE_REVISION_NOT_FOUND"):
        replayed(one, b"", candidate=R.CandidateRules(revision="00000000"))


# a log that the server keeps


def stamp(at: datetime) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(at)
    return made


def settled(question: Callable[[], Any], want: Any, seconds: float = 20) -> Any:
    """What is answered, once it is as it must be or has had time enough."""
    until = time.monotonic() + seconds
    while (got := question()) != want and time.monotonic() < until:
        time.sleep(0.1)
    return got


def test_the_log_that_the_server_keeps_is_asked_again(tmp_path: Path) -> None:
    log = LogOptions(to=STORE, spill=str(tmp_path / "spool"))
    with ruled(f"sqlite:///{tmp_path}/store.db", log=log) as one:
        begin = datetime.now(UTC)
        for who in ("anna", "gus", "anna"):
            one.decision(who)
        end = datetime.now(UTC) + timedelta(seconds=1)

        def summary(**span: Any) -> Any:
            report = replayed(one, kept=R.KeptLog(**span))
            return report.passed, report.summary

        def again(count: int) -> tuple[bool, str]:
            return True, f"{count} decisions, {count} reproduced byte for byte"

        def arrived() -> Any:
            with one.backing.store.reading() as tx:  # type: ignore[attr-defined]
                return sum(len(tx.logged_decisions(run)) for run in tx.logged_runs())

        assert settled(arrived, 4) == 4
        assert summary() == again(3)
        hour = timedelta(hours=1)
        assert summary(from_time=stamp(begin - hour), before_time=stamp(end)) == again(3)
        assert summary(from_time=stamp(end)) == again(0)
        assert summary(before_time=stamp(begin)) == again(0)
        with refused("INVALID_REQUEST") as told:
            summary(from_time=stamp(end), before_time=stamp(end))
        assert [each.field for each in told.value.violations] == ["options.kept.before_time"]
        digest = one.keep(with_guests())
        report = replayed(one, kept=R.KeptLog(), candidate=R.CandidateRules(revision=digest))
        assert not report.passed
        assert report.summary == "3 decisions compared, 1 would differ"


# whoever leaves


def working() -> int:
    """How many threads carry out long work."""
    return sum(thread.name == "analyses" for thread in threading.enumerate())


@pytest.mark.parametrize("sends", [True, False])
def test_who_leaves_ends_the_work_and_decisions_are_made_meanwhile(
    one: Ruled, log: bytes, caplog: pytest.LogCaptureFixture, sends: bool
) -> None:
    gone = threading.Event()

    def endless() -> Iterator[Any]:
        yield from asked([log])
        while not gone.wait(0.01):
            if sends:
                yield R.ReplayRequest(log=log)

    services = one.by("user:ada", ADMINISTRATOR)
    with closing(cast(Any, services.exchange(services.rules.Replay, endless()))) as stream:
        assert next(stream).progress.done > 0
        assert working() == 1
        assert one.decision().revision.rules
    gone.set()
    assert settled(working, 0) == 0
    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]


def test_holdings_of_then_are_asked_with(one: Ruled, harbour: LoadedDesk) -> None:
    """What was recorded of a person when it was decided stands in the log."""
    chain = Chain("run")
    lines = [chain.begin(NOW, tenant="harbour", sample=1.0)]
    asked_for = decision_service_pb2.EvaluateRequest(access_package="crane", requestor_id="anna")
    question = asked_for.SerializeToString()
    answer = harbour.desk.decision_again(question, NOW, Holdings(assigned=("crane",)), {})
    reader = harbour.desk._reader
    given = changed(reader.evaluation(question, NOW)[0], holdings=Holdings(assigned=("crane",)))
    lines.append(
        chain.decided(
            ask=question,
            at=NOW,
            answer=answer,
            revision=revision_piece(harbour.desk.snapshot.revision),
            given=given,
        )
    )
    assert replayed(one, *lines).summary == "1 decision, 1 reproduced byte for byte"


def test_the_program_of_the_page_does_what_it_says(
    one: Ruled,
    log: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = (ROOT / "docs" / "revisions.md").read_text(encoding="utf-8")
    program = page.partition("```python\n")[2].partition("```")[0]
    assert program.count("127.0.0.1:50051") == 1
    (tmp_path / "decisions.jsonl").write_bytes(log)
    folder = Path(shutil.copytree(SMALL, tmp_path / "my-rules"))
    monkeypatch.chdir(tmp_path)
    words = program.replace("127.0.0.1:50051", one.server.address)
    for covered in ("0.0 % is under 100 %", "100.0 % looked at"):
        exec(compile(words, "revisions.md", "exec"), {})  # it is ours
        coverage, replay = capsys.readouterr().out.splitlines()
        assert coverage.endswith(f"; .: {covered}")
        assert replay.startswith("12 decisions, 12 reproduced byte for byte; 12 decisions")
    assert list(folder.glob("*_test.yaml"))
