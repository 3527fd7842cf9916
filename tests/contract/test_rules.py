"""RuleService over a socket, without a store and on each of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import grpc
import pytest
from msgspec.structs import replace

from ostiary.client import CallError
from ostiary.lifecycle.ports import AuditQuery
from ostiary.rulebook.pack_files import load_files
from ostiary.v1 import decision_pb2
from tests.contract.living import STORES, refused, url_of
from tests.contract.ruling import ADMINISTRATOR, FOLDER, R, Ruled, ruled, sent
from tests.packs.texts import broken, edited, moved, standard, with_guests

GRANT, DENY = decision_pb2.OUTCOME_GRANT, decision_pb2.OUTCOME_DENY


@pytest.fixture(params=[FOLDER, *STORES])
def one(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ruled]:
    url = FOLDER if request.param == FOLDER else url_of(request.param, request, tmp_path)
    with ruled(url) as made:
        yield made


@pytest.fixture
def folder() -> Iterator[Ruled]:
    with ruled() as made:
        yield made


def until(true: Any) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)


def test_a_revision_is_put_in_force_and_gone_back_from(one: Ruled) -> None:
    before = one.in_force
    assert one.decision().outcome == DENY
    digest = one.keep(with_guests(), note="guests come in")
    assert one.in_force == before, "keeping puts nothing in force"

    made = one.rules("Activate", revision=digest, note="for the summer").activation
    assert (made.revision, made.actor, made.note) == (digest, "ada", "for the summer")
    assert made.origin == R.ACTIVATION_ORIGIN_CALLER
    assert one.in_force == digest
    assert one.decision().outcome == GRANT

    back = one.rules("Rollback", note="summer is over").activation
    assert (back.revision, back.sequence) == (before, made.sequence + 1)
    assert back.origin == R.ACTIVATION_ORIGIN_ROLLBACK
    assert one.decision().outcome == DENY
    assert one.in_force == before

    listed = one.rules("ListRevisions").revisions
    assert [(kept.revision, kept.active, kept.note) for kept in listed] == [
        (digest, False, "guests come in"),
        (before, True, ""),
    ]
    assert not any(kept.files for kept in listed)
    told = one.rules("ListActivations").activations
    assert [each.revision for each in told] == [before, digest, before]
    assert told[-1].origin == R.ACTIVATION_ORIGIN_SHIPPED


def test_rollbacks_go_back_step_by_step(folder: Ruled) -> None:
    shipped = folder.in_force
    digests = [folder.keep(moved(lines)) for lines in (1, 2)]
    for digest in digests:
        folder.rules("Activate", revision=digest)
    assert folder.rules("Rollback").activation.revision == digests[0]
    assert folder.rules("Rollback").activation.revision == shipped
    with refused("NO_EARLIER_REVISION", status=grpc.StatusCode.FAILED_PRECONDITION):
        folder.rules("Rollback")
    folder.rules("Activate", revision=digests[1])
    assert folder.rules("Rollback").activation.revision == shipped


def test_a_revision_is_given_back_as_it_was_sent(one: Ruled) -> None:
    digest = one.keep(moved())
    for name in (digest, digest[:8]):
        found = one.rules("GetRevision", revision=name).revision
        assert {file.name: file.content for file in found.files} == moved()
        assert (found.revision, found.actor, found.active) == (digest, "ada", False)
    active = one.rules("GetRevision", revision="active").revision
    assert {file.name: file.content for file in active.files} == standard()
    assert active.active


def test_a_revision_that_nobody_kept(one: Ruled) -> None:
    shipped = one.in_force
    for name in ("0" * 64, "0" * 8, shipped[:7], f"{shipped}0", "aktive"):
        for method in ("GetRevision", "Activate"):
            with refused("RULE_REVISION_NOT_FOUND", status=grpc.StatusCode.NOT_FOUND) as told:
                one.rules(method, revision=name)
            assert told.value.metadata == {"revision": name}


def test_keeping_again_gives_the_first(folder: Ruled) -> None:
    first = folder.rules("CreateRevision", files=sent(moved()), note="first")
    again = folder.rules("CreateRevision", files=sent(moved()), note="second")
    assert (first.created, again.created) == (True, False)
    assert again.revision == first.revision
    assert again.revision.note == "first"


def test_the_order_of_the_files_does_not_show(folder: Ruled) -> None:
    turned = dict(sorted(standard().items(), reverse=True))
    answer = folder.rules("CreateRevision", files=sent(turned))
    assert (answer.created, answer.revision.revision) == (False, folder.in_force)


def test_a_faulty_pack_is_told_with_every_fault_and_not_kept(one: Ruled) -> None:
    files = {**broken(), "approver_resolution.yaml": b"phase: nonsense\n"}
    answers = [
        one.rules("Validate", files=sent(files)),
        one.rules("CreateRevision", files=sent(files)),
    ]
    for answer in answers:
        places = {(fault.file, fault.line) for fault in answer.faults}
        assert ("limits.yaml", 1) in places
        assert ("approver_resolution.yaml", 1) in places
        assert not any("/tmp" in fault.message + fault.file for fault in answer.faults)
    assert not answers[0].revision
    assert not answers[1].HasField("revision")
    assert len(one.rules("ListRevisions").revisions) == 1


def test_a_pack_is_checked_without_being_kept(folder: Ruled) -> None:
    answer = folder.rules("Validate", files=sent(with_guests()))
    with load_files(with_guests()) as pack:
        assert answer.revision == pack.tables.digest
    assert [phase.phase for phase in answer.phases] == [
        "requestor_scope",
        "policy_selection",
        "approver_resolution",
        "limits",
        "lifecycle",
    ]
    assert all(phase.rules > 0 < phase.cells for phase in answer.phases)
    assert [fault.code for fault in answer.faults if fault.warning] == ["OVERRULED"]
    assert len(folder.rules("ListRevisions").revisions) == 1


def test_a_cell_without_an_answer_refuses_the_pack(folder: Ruled) -> None:
    """What only its cells tell is told with the numbers of rules and cells."""
    piece = "when: {scope: all_members, person: member}"
    files = edited("requestor_scope.yaml", (piece, piece.replace("member}", "guest}")))
    answer = folder.rules("Validate", files=sent(files))
    assert answer.faults
    assert not answer.revision
    assert len(answer.phases) == 5


def test_trying_changes_nothing(one: Ruled) -> None:
    before = one.in_force
    answer = one.rules("CreateRevision", files=sent(moved()), validate_only=True)
    assert answer.created
    with refused("RULE_REVISION_NOT_FOUND"):
        one.rules("GetRevision", revision=answer.revision.revision)
    digest = one.keep(moved())
    tried = one.rules("Activate", revision=digest, validate_only=True).activation
    assert (tried.revision, tried.sequence, tried.etag) == (digest, 0, "")
    assert one.in_force == before
    one.rules("Activate", revision=digest)
    tried = one.rules("Rollback", validate_only=True).activation
    assert (tried.revision, tried.sequence) == (before, 0)
    assert one.in_force == digest


def test_what_is_in_force_already_is_not_put_in_force_again(folder: Ruled) -> None:
    first = folder.rules("GetStatus").activation
    assert folder.rules("Activate", revision=first.revision).activation == first
    assert len(folder.rules("ListActivations").activations) == 1


def test_an_etag_that_is_not_the_last_is_a_conflict(one: Ruled) -> None:
    digest = one.keep(moved())
    seen = one.rules("GetStatus").activation.etag
    one.rules("Activate", revision=digest, etag=seen)
    for method, fields in (("Activate", {"revision": digest}), ("Rollback", {})):
        with refused("CONFLICT", status=grpc.StatusCode.ABORTED):
            one.rules(method, etag=seen, **fields)
    one.rules("Rollback", etag=one.rules("GetStatus").activation.etag)


def test_a_write_that_is_sent_again_is_carried_out_once(one: Ruled) -> None:
    """S-61."""
    shipped = one.in_force
    kept = one.rules("CreateRevision", files=sent(moved()), request_id="k")
    assert one.rules("CreateRevision", files=sent(moved()), request_id="k") == kept
    assert kept.created
    digest = kept.revision.revision
    made = one.rules("Activate", revision=digest, request_id="a")
    one.rules("Rollback", request_id="r")
    assert one.rules("Activate", revision=digest, request_id="a") == made
    assert one.rules("Rollback", request_id="r").activation.revision == shipped
    assert one.in_force == shipped, "what is sent again puts nothing in force again"
    assert len(one.rules("ListActivations").activations) == 3
    for method, fields in (
        ("CreateRevision", {"files": sent(standard()), "request_id": "k"}),
        ("Activate", {"revision": shipped, "request_id": "a"}),
        ("Rollback", {"note": "other", "request_id": "r"}),
    ):
        with refused("REQUEST_ID_REUSED", status=grpc.StatusCode.INVALID_ARGUMENT):
            one.rules(method, **fields)


@pytest.mark.parametrize(
    ("method", "fields", "paths"),
    [
        pytest.param("Validate", {}, ["files"], id="nothing to check"),
        pytest.param("CreateRevision", {}, ["files"], id="nothing to keep"),
        pytest.param(
            "CreateRevision",
            {
                "files": [
                    R.RuleFile(name="/etc/a.yaml"),
                    R.RuleFile(name="../a.yaml"),
                    R.RuleFile(name="a/./b.yaml"),
                    R.RuleFile(name=".a.yaml"),
                    R.RuleFile(name="a.txt"),
                    R.RuleFile(name="a_test.yaml"),
                    R.RuleFile(name="a.yaml"),
                    R.RuleFile(name="a.yaml"),
                    R.RuleFile(),
                    R.RuleFile(name="b.yaml", content=b"x" * (1024 * 1024 + 1)),
                ],
                "note": "n" * 1001,
                "request_id": "r" * 257,
            },
            [
                "note",
                "request_id",
                *(f"files[{number}].name" for number in (0, 1, 2, 3, 4, 5, 7, 8)),
                "files[9].content",
            ],
            id="everything at once",
        ),
        pytest.param(
            "Validate",
            {"files": [R.RuleFile(name=f"{number}.yaml") for number in range(101)]},
            ["files"],
            id="too many files",
        ),
        pytest.param("GetRevision", {}, ["revision"], id="which revision"),
        pytest.param("Activate", {"note": "n" * 1001}, ["note", "revision"], id="activate what"),
        pytest.param("Rollback", {"note": "n" * 1001}, ["note"], id="a long note"),
        pytest.param("ListRevisions", {"page_size": -1}, ["page_size"], id="a negative page"),
        pytest.param("ListActivations", {"page_size": -1}, ["page_size"], id="of activations too"),
    ],
)
def test_what_is_malformed_is_told_by_its_field(
    folder: Ruled, method: str, fields: dict[str, Any], paths: list[str]
) -> None:
    with refused("INVALID_REQUEST", status=grpc.StatusCode.INVALID_ARGUMENT) as told:
        folder.rules(method, **fields)
    assert [one.field for one in told.value.violations] == paths


def test_lists_come_in_pages(folder: Ruled) -> None:
    for lines in (1, 2, 3):
        folder.rules("Activate", revision=folder.keep(moved(lines)))
    for method, field in (("ListRevisions", "revisions"), ("ListActivations", "activations")):
        found: list[str] = []
        token = ""
        while True:
            page = folder.rules(method, page_size=3, page_token=token)
            found += [one.revision for one in getattr(page, field)]
            token = page.next_page_token
            if not token:
                break
        whole = [one.revision for one in getattr(folder.rules(method), field)]
        assert found == whole
        assert len(found) == 4
        with refused("PAGE_TOKEN_INVALID"):
            folder.rules(method, page_token="Mg==")


def test_a_watcher_is_told_what_is_in_force_and_then_each_change(one: Ruled) -> None:
    services = one.by("user:ada", ADMINISTRATOR)
    first = one.rules("GetStatus").activation
    stream = cast(Any, services.stream(services.rules.Watch, R.WatchRequest()))
    with closing(stream):
        assert next(stream).activation == first
        made = one.rules("Activate", revision=one.keep(moved())).activation
        assert next(stream).activation == made
        back = one.rules("Rollback").activation
        assert next(stream).activation == back
    again = cast(Any, services.stream(services.rules.Watch, R.WatchRequest(after_sequence=1)))
    with closing(again):
        assert [next(again).activation for _ in range(2)] == [made, back]
    with refused("INVALID_REQUEST"):
        next(iter(services.stream(services.rules.Watch, R.WatchRequest(after_sequence=-1))))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_two_servers_over_one_store_decide_by_the_same_rules(
    tmp_path: Path, request: pytest.FixtureRequest, kind: str
) -> None:
    url = url_of(kind, request, tmp_path)
    with ruled(url) as first, ruled(url) as second:
        digest = first.keep(moved())
        first.rules("Activate", revision=digest)
        until(lambda: second.in_force == digest)
        second.rules("Rollback")
        until(lambda: first.in_force == second.in_force != digest)


def test_what_was_activated_outlives_the_server(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The shipped rules do not come back by a start."""
    url = url_of("sqlite", request, tmp_path)
    with ruled(url) as first:
        digest = first.keep(moved())
        first.rules("Activate", revision=digest)
    with ruled(url) as second:
        assert second.in_force == digest


def test_each_activation_is_in_the_audit_log(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """S-134."""
    url = url_of("sqlite", request, tmp_path)
    with ruled(url) as one:
        digest = one.keep(moved(), note="why")
        one.rules("Activate", revision=digest)
        one.rules("Rollback")
        with one.backing.store.reading() as tx:  # type: ignore[attr-defined]  # it has one
            events = tx.events(AuditQuery(name_contains="rule revision"))
    assert [(event.name, event.actor) for event in events] == [
        ("Create rule revision", "system"),
        ("Activate rule revision", "system"),
        ("Create rule revision", "ada"),
        ("Activate rule revision", "ada"),
        ("Roll back rule revision", "ada"),
    ]
    assert events[2].object == f"rules/{digest}"
    assert events[2].details == (("note", "why"),)


def test_a_revision_that_this_server_cannot_load_is_refused(
    folder: Ruled, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The text was changed in the database, or a newer release kept it."""
    digest = folder.keep(moved())
    before = folder.in_force
    store = folder.backing._store  # type: ignore[attr-defined]  # there is no other way to it
    kept = store._state.rule_revisions
    for files, told in ((moved(2), "DIGEST"), (broken(), "limits.yaml:")):
        kept[digest] = replace(kept[digest], files=files)
        with refused("RULES_REFUSED", status=grpc.StatusCode.FAILED_PRECONDITION) as error:
            folder.rules("Activate", revision=digest)
        assert error.value.metadata["revision"] == digest
        assert told in error.value.metadata["first"]
        assert folder.in_force == before


def test_nobody_changes_rules_without_the_right(folder: Ruled) -> None:
    """S-132, S-133."""
    asked = R.ActivateRequest(revision=folder.in_force)
    for caller, roles, reason in (
        ("", (), "UNAUTHENTICATED"),
        ("user:ana", (), "FORBIDDEN"),
        ("service:pdp", ("evaluator",), "FORBIDDEN"),
    ):
        services = folder.by(caller, *roles)
        with pytest.raises(CallError) as told:
            services.call(services.rules.Activate, asked)
        assert told.value.reason == reason
