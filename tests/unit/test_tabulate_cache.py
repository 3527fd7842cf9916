"""The cache: used when it is sound, passed over when it is not, never trusted, never fatal."""

from __future__ import annotations

import hashlib
import os
import sys
from array import array
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import msgspec
import pytest

from ostiary.domain.tables import Phase
from ostiary.rulebook import cache, engine_run
from ostiary.rulebook.cache import default_cache, key_of, read_cells, write_cells
from ostiary.rulebook.compiler import CompiledPhase, compile_phase
from ostiary.rulebook.engine_run import FiredCells
from ostiary.rulebook.tabulate import load_pack
from tests.packs.building import SMALL, changed, read_small

NO_ENGINE = (sys.executable, "-c", "raise SystemExit(7)")
MAGIC = b"ostiary cells 1\n"


@pytest.fixture
def engine_runs(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The names of the phases of each run of the engine."""
    runs: list[list[str]] = []
    real = engine_run.run_engine

    def counting(phases: list[CompiledPhase], *others: object) -> dict[str, FiredCells]:
        runs.append([phase.name for phase in phases])
        return real(phases, *others)  # type: ignore[arg-type]  # passed on as they are

    monkeypatch.setattr("ostiary.rulebook.tabulate.run_engine", counting)
    return runs


def test_a_known_pack_needs_no_engine(tmp_path: Path) -> None:
    first = load_pack(SMALL, cache=tmp_path / "cache")
    again = load_pack(SMALL, cache=tmp_path / "cache", command=NO_ENGINE)
    for phase in Phase:
        one, other = first.tables.phases[phase], again.tables.phases[phase]
        assert [one.row(cell) for cell in range(one.cells)] == [
            other.row(cell) for cell in range(other.cells)
        ]


def test_only_phases_that_changed_are_worked_out_again(
    tmp_path: Path, engine_runs: list[list[str]]
) -> None:
    folder = tmp_path / "cache"
    load_pack(SMALL, cache=folder)
    load_pack(SMALL, cache=folder)
    load_pack(changed(tmp_path, "limits", "[selected, choose", "[choose, selected"), cache=folder)
    assert engine_runs == [[phase.value for phase in Phase], ["limits"]]


def test_without_a_cache_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(tmp_path))
    load_pack(SMALL, cache=None)
    assert list(tmp_path.iterdir()) == []


def test_the_folder_can_be_named_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(tmp_path))
    load_pack(SMALL)
    assert len(list((tmp_path / "tables").glob("*.cells"))) == len(Phase)


def test_a_user_without_a_home_has_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(cache.FOLDER_VARIABLE, raising=False)
    monkeypatch.setattr("platformdirs.user_cache_path", lambda _: Path("~/.cache/ostiary"))
    assert default_cache() is None


def test_the_cache_is_private_and_leaves_nothing_else_behind(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    load_pack(SMALL, cache=folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    names = [path.name for path in folder.iterdir()]
    assert len(names) == len(Phase)
    assert all(name.endswith(".cells") and not name.startswith(".") for name in names)


LIMITS = compile_phase(read_small().phases[Phase.LIMITS])


def fired(phase: CompiledPhase = LIMITS) -> FiredCells:
    """An answer that fits a phase, right or wrong."""
    return FiredCells([0, 0b101], array("I", [0, 1] * (phase.cells // 2)))


def stored(folder: Path) -> Path:
    """The file of an answer that was written."""
    write_cells(folder, LIMITS, fired())
    (path,) = folder.iterdir()
    return path


def test_what_was_written_is_read(tmp_path: Path) -> None:
    stored(tmp_path)
    assert read_cells(tmp_path, LIMITS) == fired()


def sealed(payload: bytes) -> bytes:
    """A payload with the digest that it should have."""
    return MAGIC + hashlib.sha256(payload).digest() + payload


def packed(**changes: object) -> bytes:
    """A sealed file of the right form with some fields changed."""
    content: dict[str, object] = {
        "key": key_of(LIMITS),
        "sets": [[], [0, 2]],
        "cells": bytes(4 * LIMITS.cells),
    }
    return sealed(msgspec.msgpack.encode({**content, **changes}))


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda content: content[:100], id="truncated"),
        pytest.param(lambda content: content[:-1], id="one byte short"),
        pytest.param(lambda content: content + b"\0", id="one byte long"),
        pytest.param(lambda content: content[:200] + b"\1" + content[201:], id="one byte changed"),
        pytest.param(lambda content: b"O" + content[1:], id="another format"),
        pytest.param(lambda _: os.urandom(1_000), id="noise"),
        pytest.param(lambda _: b"gASVBQAAAAAAAABLAS4=", id="a pickle"),
        pytest.param(lambda _: sealed(b""), id="a digest of nothing"),
        pytest.param(lambda _: sealed(b"\x91" * 100_000), id="nested too deep"),
        pytest.param(lambda _: packed(key="0" * 64), id="of another pack"),
        pytest.param(lambda _: packed(cells=b""), id="no cells"),
        pytest.param(lambda _: packed(cells=bytes(4 * LIMITS.cells + 4)), id="too many cells"),
        pytest.param(lambda _: packed(cells=b"\2\0\0\0" * LIMITS.cells), id="no such set"),
        pytest.param(lambda _: packed(sets=[]), id="no sets"),
        pytest.param(lambda _: packed(sets=[[9]]), id="no such rule"),
        pytest.param(lambda _: packed(sets=[[-1]]), id="a negative rule"),
        pytest.param(lambda _: packed(sets=[[10**18]]), id="a huge rule"),
        pytest.param(lambda _: packed(sets="all"), id="sets of another kind"),
    ],
)
def test_a_damaged_file_is_passed_over(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path = stored(tmp_path)
    path.write_bytes(damage(path.read_bytes()))
    assert read_cells(tmp_path, LIMITS) is None


def test_a_damaged_cache_is_mended(tmp_path: Path, engine_runs: list[list[str]]) -> None:
    folder = tmp_path / "cache"
    load_pack(SMALL, cache=folder)
    for path in folder.iterdir():
        path.write_bytes(path.read_bytes()[:-1])
    load_pack(SMALL, cache=folder)
    load_pack(SMALL, cache=folder)
    assert len(engine_runs) == 2


def test_a_forged_cache_cannot_widen_access(tmp_path: Path, engine_runs: list[list[str]]) -> None:
    """A file that is sound but says that `granted` fires everywhere: the reference knows better."""
    folder = tmp_path / "cache"
    with load_pack(SMALL, cache=folder) as honest:
        table = honest.tables.phases[Phase.LIMITS]
    everywhere = FiredCells([0b100000], array("I", bytes(4 * LIMITS.cells)))
    write_cells(folder, LIMITS, everywhere)
    assert read_cells(folder, LIMITS) == everywhere
    with load_pack(SMALL, cache=folder) as loaded:
        again = loaded.tables.phases[Phase.LIMITS]
    assert [table.row(cell) for cell in range(table.cells)] == [
        again.row(cell) for cell in range(table.cells)
    ]
    assert engine_runs[1:] == [["limits"]]


def test_what_cannot_be_read_or_written_is_no_matter(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    write_cells(file / "cache", LIMITS, fired())
    assert read_cells(file / "cache", LIMITS) is None
    folder = tmp_path / "cache"
    (folder / f"{key_of(LIMITS)}.cells").mkdir(parents=True)
    write_cells(folder, LIMITS, fired())
    assert read_cells(folder, LIMITS) is None
    assert len(list(folder.iterdir())) == 1, "no temporary file stays"


def test_a_file_that_is_too_large_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(tmp_path)
    monkeypatch.setattr(cache, "_LARGEST_FILE", 100)
    assert read_cells(tmp_path, LIMITS) is None


def test_the_oldest_files_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST_FILES", 3)
    for number in range(4):
        path = tmp_path / f"{number}.cells"
        path.touch()
        os.utime(path, (number, number))
    write_cells(tmp_path, LIMITS, fired())
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["2.cells", "3.cells", f"{key_of(LIMITS)}.cells"]
    )


@pytest.mark.parametrize(
    "change",
    [
        {"name": "lifecycle"},
        {"ruleset": LIMITS.ruleset.replace("r1_0", "r2_0")},
        {"facts": LIMITS.facts[::-1]},
        {"rules": LIMITS.rules + 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_everything_that_decides_what_fires_is_part_of_the_key(change: dict[str, object]) -> None:
    assert key_of(msgspec.structs.replace(LIMITS, **change)) != key_of(LIMITS)


def test_versions_are_part_of_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {key_of(LIMITS)}
    monkeypatch.setattr(cache, "COMPILER_VERSION", 0)
    keys.add(key_of(LIMITS))
    monkeypatch.setattr(cache, "_engine_version", lambda: "2.0.29")
    keys.add(key_of(LIMITS))
    monkeypatch.setattr(cache, "VOCABULARY", {})
    keys.add(key_of(LIMITS))
    assert len(keys) == 4


def test_the_version_of_the_engine_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cache._engine_version() == "2.0.28"

    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert cache._engine_version() == "absent"


def test_numbers_are_little_endian_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = array("I", [1, 2])
    assert cache._little_endian(cells) is cells
    monkeypatch.setattr(sys, "byteorder", "big")
    assert list(cache._little_endian(cells)) == [1 << 24, 2 << 24]
