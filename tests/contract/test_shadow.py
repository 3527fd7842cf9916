"""A candidate that decides beside live traffic: counted, shown, and in nobody's way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ostiary.domain.errors import DefinitionError, RuleRevisionNotFoundError
from ostiary.rpc.loading import LoadedDesk
from ostiary.rpc.shadow import Shadow
from ostiary.rulebook.pack_files import load_files
from ostiary.v1 import decision_service_pb2
from tests.contract.lent import NOW
from tests.contract.living import refused, url_of
from tests.contract.logging_decisions import observed
from tests.contract.ruling import FOLDER, Ruled, ruled
from tests.packs.texts import broken, moved, standard, with_guests, written


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 40
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)


@pytest.fixture(params=[FOLDER, "sqlite"])
def one(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ruled]:
    url = FOLDER if request.param == FOLDER else url_of(request.param, request, tmp_path)
    with ruled(url) as made:
        yield made


def seen(one: Ruled, count: int) -> Any:
    """What the shadow has seen once it has looked at so many decisions."""
    until(lambda: one.rules("GetShadow").shadow.differences.compared >= count)
    return one.rules("GetShadow").shadow


def test_a_revision_decides_beside_and_nothing_changes(one: Ruled) -> None:
    assert not one.rules("GetShadow").HasField("shadow")
    before = one.decision()
    digest = one.keep(with_guests())
    assert one.rules("SetShadow", revision=digest[:8], validate_only=True).revision == digest
    assert not one.rules("GetShadow").HasField("shadow")
    assert one.rules("SetShadow", revision=digest).revision == digest
    after = one.decision()
    after.evaluate_time.CopyFrom(before.evaluate_time)
    assert after == before
    one.decision("anna")
    told = seen(one, 2)
    assert (told.revision, told.dropped, told.waiting) == (digest, 0, 0)
    found = told.differences
    assert (found.compared, found.differing) == (2, 1)
    assert [(kind.name, kind.count) for kind in found.kinds] == [("outcome", 1)]
    assert [(change.name, change.count) for change in found.changes] == [("DENY -> GRANT", 1)]
    (sample,) = found.samples
    assert (sample.requestor, sample.access_package) == ("gus", "crane")
    assert (sample.before, sample.after) == ("DENY", "GRANT")


def test_the_shadow_follows_what_is_put_in_force(one: Ruled) -> None:
    one.rules("SetShadow", revision=one.keep(with_guests()))
    one.rules("Activate", revision=one.keep(moved()))
    one.decision()
    assert seen(one, 1).differences.differing == 1


def test_the_same_by_rules_elsewhere_is_a_kind_of_its_own(one: Ruled) -> None:
    one.rules("SetShadow", revision=one.keep(moved(2, "requestor_scope.yaml")))
    one.decision()
    found = seen(one, 1).differences
    assert [(kind.name, kind.count) for kind in found.kinds] == [("rules", 1)]


def test_a_shadow_is_ended_and_forgotten(one: Ruled) -> None:
    digest = one.keep(with_guests())
    one.rules("SetShadow", revision=digest, request_id="s")
    one.decision()
    seen(one, 1)
    one.rules("SetShadow", revision=digest, request_id="s")
    assert one.rules("GetShadow").shadow.differences.compared == 1, "carried out once"
    with refused("REQUEST_ID_REUSED"):
        one.rules("SetShadow", request_id="s")
    with refused("RULE_REVISION_NOT_FOUND"):
        one.rules("SetShadow", revision="00000000")
    with refused("INVALID_REQUEST"):
        one.rules("SetShadow", request_id="s" * 257)
    assert one.rules("SetShadow").revision == ""
    assert not one.rules("GetShadow").HasField("shadow")
    one.decision()


def test_a_server_begins_with_a_shadow(tmp_path: Path) -> None:
    folder = written(with_guests(), tmp_path / "candidate")
    with ruled(shadow=str(folder)) as one:
        one.decision()
        assert seen(one, 1).differences.differing == 1


def test_a_shadow_that_cannot_be_is_told_at_once(tmp_path: Path) -> None:
    folder = written(broken(), tmp_path / "candidate")
    with pytest.raises(DefinitionError, match=r"candidate/limits\.yaml"), ruled(shadow=str(folder)):
        pass
    with pytest.raises(RuleRevisionNotFoundError), ruled(shadow="00000000"):
        pass


def test_what_does_not_fit_in_is_left_out_and_counted(harbour: LoadedDesk) -> None:
    held = threading.Event()

    def late(_: object) -> None:
        held.wait(20)

    with load_files(standard()) as pack:
        shadow = Shadow(pack.tables.digest, late, NOW, room=3)
        ask = observed(harbour, shadow)
        begun = time.monotonic()
        for _ in range(10):
            ask()
        assert time.monotonic() - begun < 5, "nobody waits for a shadow"
        until(lambda: shadow.report().waiting in (2, 3))
        told = shadow.report()
        assert told.dropped in (6, 7)  # one may be looked at already
        held.set()
        until(lambda: shadow.report().passed_over == 10 - told.dropped)
        shadow.close()


def test_a_shadow_that_fails_hurts_nobody(
    harbour: LoadedDesk, caplog: pytest.LogCaptureFixture
) -> None:
    def broken_(_: object) -> None:
        raise ZeroDivisionError

    shadow = Shadow("x", broken_, NOW)
    ask = observed(harbour, shadow)
    assert ask() == harbour.desk.evaluate(
        decision_service_pb2.EvaluateRequest(
            access_package="crane", requestor_id="anna"
        ).SerializeToString(),
        NOW,
    )
    until(lambda: "could not look" in caplog.text)
    shadow.close()
