"""Files that take a result: one that cannot be written is told before the work, in one way."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.written import try_targets, write
from tests.scenarios.commands import TAILWIND, run

COMMANDS = [
    ("test", "gone", "--junit"),
    ("check", "gone", "--sarif"),
    ("diff", "gone", "gone", "--csv"),
    ("diff", "gone", "gone", "--html"),
]


def below_nothing(room: Path) -> tuple[Path, str]:
    return room / "none" / "x", "no such file or directory"


def below_a_file(room: Path) -> tuple[Path, str]:
    (room / "file").touch()
    return room / "file" / "x", "not a directory"


def a_folder(room: Path) -> tuple[Path, str]:
    return room, "is a directory"


def too_long(room: Path) -> tuple[Path, str]:
    return room / ("x" * 255), "file name too long"


TARGETS = [below_nothing, below_a_file, a_folder, too_long]
Target = Callable[[Path], tuple[Path, str]]


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: f"{words[0]} {words[-1]}")
@pytest.mark.parametrize("target", TARGETS)
def test_a_target_that_cannot_be_written_is_told_before_anything_else(
    words: tuple[str, ...], target: Target, tmp_path: Path
) -> None:
    """What the command is to work on is not there either, and it does not come to that."""
    path, why = target(tmp_path)
    done = run(*words, path)
    assert (done.exit_code, done.output) == (Exit.USAGE, f"cannot write {path}: {why}\n")


def test_all_targets_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    done = run("diff", "gone", "gone", "--csv", tmp_path, "--html", tmp_path / "none" / "x")
    assert done.exit_code == Exit.USAGE
    assert done.stderr.count("cannot write ") == 2


def test_nothing_is_mended_where_the_report_of_it_cannot_be_written(tmp_path: Path) -> None:
    tenant = Path(shutil.copytree(TAILWIND, tmp_path / "tenant"))
    before = {file: file.read_bytes() for file in tenant.rglob("*.yaml")}
    assert run("check", tenant, "--fix", "--sarif", tmp_path).exit_code == Exit.USAGE
    assert {file: file.read_bytes() for file in tenant.rglob("*.yaml")} == before
    assert "mended" in run("check", tenant, "--fix").stderr  # there was something to mend


@pytest.mark.parametrize("target", TARGETS)
def test_the_write_itself_says_the_same(target: Target, tmp_path: Path) -> None:
    path, why = target(tmp_path)
    for attempt in (try_targets, lambda one: write(one, "text")):
        with pytest.raises(CommandError) as told:
            attempt(path)
        assert (told.value.code, told.value.messages) == (
            Exit.USAGE,
            (f"cannot write {path}: {why}",),
        )


def test_a_target_that_is_tried_stays_as_it_was(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("before")
    try_targets(old, None, new)
    assert [one.name for one in tmp_path.iterdir()] == ["old"]
    assert old.read_text() == "before"


def test_a_pipe_is_written_to_as_it_is() -> None:
    reading, writing = os.pipe()
    try:
        target = Path(f"/dev/fd/{writing}")
        try_targets(target)
        write(target, "text")
        assert os.read(reading, 100) == b"text"
    finally:
        os.close(reading)
        os.close(writing)
