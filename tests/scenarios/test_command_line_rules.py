"""`ostiary rules` on a server and on a store: as people and programs use it."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from tests.contract.ruling import ADMINISTRATOR, Ruled, ruled
from tests.packs.texts import broken, moved, written
from tests.scenarios.commands import STANDARD, command, run


@pytest.fixture(scope="module")
def served() -> Iterator[Ruled]:
    with ruled() as made:
        yield made


@pytest.fixture
def one(served: Ruled, monkeypatch: pytest.MonkeyPatch) -> Ruled:
    monkeypatch.setenv("OSTIARY_SERVER", served.server.address)
    monkeypatch.setenv("OSTIARY_CALLER", "user:ada")
    monkeypatch.setenv("OSTIARY_ROLES", ADMINISTRATOR)
    return served


@pytest.fixture(params=["server", "store"])
def where(request: pytest.FixtureRequest, one: Ruled, tmp_path: Path) -> tuple[str, ...]:
    """The options that say where: a server, or a store in which the shipped rules are in force."""
    if request.param == "server":
        return ()
    named = ("--store", f"sqlite:///{tmp_path}/rules.db")
    digest = done("upload", STANDARD, *named).stdout.split()[0]
    done("activate", digest, *named)
    return named


def done(*arguments: str | Path) -> Result:
    result = run("rules", *arguments)
    assert result.exit_code == 0, result.output
    return result


def as_json(*arguments: str | Path) -> Any:
    return json.loads(done(*arguments, "--json").stdout)


def test_a_pack_is_uploaded_activated_and_gone_back_from(
    where: tuple[str, ...], tmp_path: Path
) -> None:
    shipped = as_json("show", *where)["revision"]["revision"]
    folder = written(moved(7), tmp_path / "mine")
    told = done("upload", folder, "--note", "seven lines", "--dry-run", *where)
    digest, words = told.stdout.strip().split(" ", 1)
    assert words == "would be kept"
    assert done("upload", folder, "--note", "seven lines", *where).stdout == f"{digest} kept\n"
    assert done("upload", folder, *where).stdout == f"{digest} was kept before\n"

    told = done("activate", digest[:8], "--dry-run", *where)
    assert told.stdout == f"{digest} could be put in force\n"
    told = done("activate", digest[:8], "--note", "try it", *where)
    assert told.stdout.startswith(f"{digest} is in force, activation ")
    listed = done("list", *where).stdout
    line = next(text for text in listed.splitlines() if text.startswith(digest[:12]))
    assert "in force" in line
    assert "seven lines" in line
    assert "try it" in done("history", *where).stdout.splitlines()[1]
    assert done("rollback", *where).stdout.startswith(f"{shipped} is in force, activation ")
    assert as_json("history", "--limit", "1", *where)["activations"][0]["origin"].endswith(
        "ROLLBACK"
    )
    shown = done("show", digest[:10], "--out", tmp_path / "out", *where).stdout
    assert "in force  no" in shown
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == moved(7)


@pytest.mark.parametrize("words", [("activate",), ("show",)])
def test_too_few_first_digits_are_told_as_such(
    where: tuple[str, ...], words: tuple[str, ...]
) -> None:
    digest = as_json("show", *where)["revision"]["revision"]
    result = run("rules", *words, digest[:7], *where)
    assert result.exit_code == 1
    assert f"not found: `{digest[:7]}`; at least 8 digits are needed" in result.stderr
    assert "digits are needed" not in run("rules", *words, "activ", *where).stderr


def test_a_list_that_is_cut_off_says_so(one: Ruled) -> None:
    one.keep(moved(8))
    one.keep(moved(9))
    result = run("rules", "list", "--limit", "1")
    assert "the first 1; more follow" in result.stderr
    assert len(as_json("list", "--all")["revisions"]) >= 3


def test_a_faulty_pack_is_told_with_its_places(where: tuple[str, ...], tmp_path: Path) -> None:
    folder = written(broken(), tmp_path / "mine")
    result = run("rules", "upload", folder, *where)
    assert result.exit_code == 1
    assert f"{folder}/limits.yaml:1:1: MISSING_FIELD" in result.stderr
    result = run("rules", "upload", folder, "--json", *where)
    assert result.exit_code == 1
    assert json.loads(result.stdout)["faults"]


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (("activate", "00000000"), 1, "RULE_REVISION_NOT_FOUND"),
        (("show", "00000000"), 1, "RULE_REVISION_NOT_FOUND"),
        (("activate", "active", "--etag", "a99"), 5, "CONFLICT"),
        (("activate", "active", "--note", "n" * 1001), 1, "--note: is longer than"),
        (("list", "--server", "127.0.0.1:1"), 3, "Connection refused"),
        (("list", "--as", "user:emil", "--role", "evaluator"), 5, "FORBIDDEN"),
        (("list", "--store", "nowhere"), 1, "cannot use the store"),
        (("list", "--store", "sqlite:///none/at/all.db"), 2, "no such store: none/at/all.db"),
        (("list", "--store", "memory:", "--as", "emil"), 2, "--as"),
        (("upload", "no-such-folder"), 2, "does not exist"),
    ],
)
def test_what_cannot_be_done_is_told_with_its_exit_code(
    one: Ruled, arguments: tuple[str, ...], code: int, text: str
) -> None:
    result = run("rules", *arguments)
    assert (result.exit_code, text in result.output) == (code, True), result.output


@pytest.mark.parametrize(
    "words",
    [
        ("rules", "list"),
        ("rules", "history"),
        ("rules", "show"),
        ("rules", "activate", "00000000"),
        ("rules", "rollback"),
        ("replay", "store"),
        ("replay", "log.jsonl", "--against", str(STANDARD)),
    ],
    ids=" ".join,
)
def test_a_mistyped_store_is_not_made(words: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "typo.db"
    result = run(*words, "--store", f"sqlite:///{file}")
    assert (result.exit_code, result.output) == (2, f"no such store: {file}\n")
    assert not list(tmp_path.iterdir())


def test_a_dry_run_imagines_a_store_that_is_not_there(tmp_path: Path) -> None:
    words = ("rules", "upload", STANDARD, "--dry-run", "--store")
    result = run(*words, f"sqlite:///{tmp_path}/new.db")
    assert (result.exit_code, result.stdout.split()[1:]) == (0, ["would", "be", "kept"])
    assert not list(tmp_path.iterdir())
    result = run(*words, f"sqlite:///{tmp_path}/none/new.db")
    assert result.exit_code == 1
    assert f"{tmp_path}/none/new.db: No such file or directory" in result.stderr


def test_the_first_upload_makes_the_store(tmp_path: Path) -> None:
    named = ("--store", f"sqlite:///{tmp_path}/new.db")
    done("upload", STANDARD, *named)
    assert len(as_json("list", *named)["revisions"]) == 1


def test_the_status_tells_what_decides(one: Ruled) -> None:
    told = done("status").stdout
    assert one.in_force in told
    assert "not watched" in told
    assert as_json("status")["activation"]["revision"] == one.in_force


def test_activations_are_followed_until_interrupted(one: Ruled) -> None:
    following = subprocess.Popen(
        command("rules", "watch"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert following.stdout is not None
        assert one.in_force[:12] in following.stdout.readline()
        digest = one.keep(moved(11))
        one.rules("Activate", revision=digest, note="followed")
        line = following.stdout.readline()
        assert digest[:12] in line
        assert line.endswith("activated by ada: followed\n")
        one.rules("Rollback")
        assert "rolled back by ada" in following.stdout.readline()
        following.send_signal(signal.SIGINT)
        out, error = following.communicate(timeout=30)
        assert (following.returncode, out, error) == (130, "", "")
    finally:
        following.kill()
        following.wait()
