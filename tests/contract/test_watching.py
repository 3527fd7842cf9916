"""Folders that are watched: taken when they have come to rest, refused with their faults."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ostiary.domain.errors import DefinitionError
from ostiary.rulebook.pack_files import load_files, read_steadily
from ostiary.rulebook.tenant_files import load_tenant
from ostiary.running import watching
from tests.contract.lent import HARBOUR
from tests.contract.living import url_of
from tests.contract.ruling import FOLDER, R, Ruled, ruled
from tests.packs.texts import broken, moved, standard, with_guests, written

SETTLE = 0.6


@pytest.fixture
def tenant(tmp_path: Path) -> Path:
    return Path(shutil.copytree(HARBOUR, tmp_path / "tenant"))


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return written(standard(), tmp_path / "rules")


@pytest.fixture(params=[FOLDER, "sqlite"])
def one(
    request: pytest.FixtureRequest, tenant: Path, rules: Path, tmp_path: Path
) -> Iterator[Ruled]:
    url = FOLDER if request.param == FOLDER else url_of(request.param, request, tmp_path)
    with ruled(url, rules, tenant, watch=True, settle=SETTLE) as made:
        yield made


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 40
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)


def digest_of(files: dict[str, bytes] | object) -> str:
    with load_files(files) as pack:  # type: ignore[arg-type]
        return pack.tables.digest


def test_a_changed_folder_of_rules_is_taken(one: Ruled, rules: Path) -> None:
    assert one.rules("GetStatus").watching
    before = one.in_force
    written(with_guests(), rules)
    until(lambda: one.in_force != before)
    assert one.in_force == digest_of(with_guests())
    told = one.rules("ListActivations").activations
    assert [each.origin for each in told] == [R.ACTIVATION_ORIGIN_FOLDER] * 2
    assert told[0].note == rules.as_posix()
    assert one.rules("Rollback").activation.revision == before
    time.sleep(2 * SETTLE)
    assert one.in_force == before, "the folder says what it said before"


def test_a_changed_folder_of_definitions_is_taken(one: Ruled, tenant: Path) -> None:
    before = one.decision().revision
    path = tenant / "packages.yaml"
    path.write_text(path.read_text().replace("name: Crane\n", "name: Crane on rails\n"))
    until(lambda: one.decision().revision.tenant != before.tenant)
    assert one.in_force == before.rules


def test_a_faulty_folder_is_refused_and_the_last_good_serves(
    one: Ruled, rules: Path, tenant: Path
) -> None:
    before = one.decision()
    written(broken(), rules)
    until(lambda: one.rules("GetStatus").HasField("refused"))
    refused = one.rules("GetStatus").refused
    assert refused.source == str(rules)
    assert (rules / "limits.yaml").as_posix() in {fault.file for fault in refused.faults}
    assert one.in_force == before.revision.rules
    written(moved(), rules)
    until(lambda: one.in_force == digest_of(moved()))
    until(lambda: not one.rules("GetStatus").HasField("refused"))

    path = tenant / "packages.yaml"
    good = path.read_text()
    path.write_text(good.replace("scope: {kind: all_members}", "scope: {kind: nobody}", 1))
    until(lambda: one.rules("GetStatus").HasField("refused"))
    refused = one.rules("GetStatus").refused
    assert refused.source == str(tenant)
    assert [fault.code for fault in refused.faults if not fault.warning]
    assert one.decision().revision.tenant == before.revision.tenant
    path.write_text(good.replace("name: Crane\n", "name: Crane on rails\n"))
    until(lambda: one.decision().revision.tenant != before.revision.tenant)
    until(lambda: not one.rules("GetStatus").HasField("refused"))


def test_a_folder_that_goes_away_is_refused(rules: Path, tenant: Path) -> None:
    with ruled(FOLDER, rules, tenant, watch=True, settle=SETTLE) as one:
        before = one.in_force
        rules.rename(rules.with_name("gone"))
        until(lambda: one.rules("GetStatus").HasField("refused"))
        assert one.in_force == before
        rules.with_name("gone").rename(rules)
        until(lambda: not one.rules("GetStatus").HasField("refused"))


def test_a_half_written_folder_never_serves(one: Ruled, rules: Path) -> None:
    """Each file alone would make a pack that loads; only the two together are what is meant."""
    wanted = {
        **moved(1, "limits.yaml"),
        "lifecycle.yaml": moved(1, "lifecycle.yaml")["lifecycle.yaml"],
    }
    before = one.in_force
    seen: set[str] = set()
    stopped = threading.Event()

    def look() -> None:
        while not stopped.is_set():
            seen.add(one.in_force)
            time.sleep(0.01)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        for name, content in wanted.items():
            (rules / name).write_bytes(content[: len(content) // 2])
            time.sleep(SETTLE / 4)
            (rules / name).write_bytes(content)
            time.sleep(SETTLE / 4)
        until(lambda: one.in_force != before)
    finally:
        stopped.set()
        looking.join()
    assert seen <= {before, digest_of(wanted)}
    assert len(one.rules("ListActivations").activations) == 2


def test_what_changes_while_it_is_read_is_not_taken(
    tenant: Path, rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = load_tenant

    def load_and_change(folder: Path, **options: object) -> object:
        loaded = load(folder, **options)  # type: ignore[arg-type]
        with (tenant / "directory.yaml").open("a") as file:
            file.write("# later\n")
        return loaded

    monkeypatch.setattr(watching, "load_tenant", load_and_change)
    with pytest.raises(DefinitionError, match="CHANGED_MEANWHILE"):
        watching.load_steadily(tenant)

    from ostiary.rulebook import pack_files

    read = pack_files.read_files

    def read_and_change(folder: Path) -> object:
        files = read(folder)
        with (rules / "limits.yaml").open("a") as file:
            file.write("# later\n")
        return files

    monkeypatch.setattr(pack_files, "read_files", read_and_change)
    with pytest.raises(DefinitionError, match="CHANGED_MEANWHILE"):
        read_steadily(rules)
