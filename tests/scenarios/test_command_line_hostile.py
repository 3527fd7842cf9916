"""What nobody means to do to the command line: each ends in one message, nothing half done."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ostiary.cli.exits import Exit
from tests.scenarios.commands import EMIL, EXAMPLES, STANDARD, TAILWIND, command, run, run_apart

OVERLAP = EXAMPLES / "overlap"
SUITE = STANDARD / "approver_resolution_test.yaml"


@pytest.fixture
def tenant(tmp_path: Path) -> Path:
    """A copy of a tenant whose definitions lie in folders of their own."""
    return Path(shutil.copytree(TAILWIND, tmp_path / "tenant"))


@pytest.fixture
def locked(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Have the system refuse to list a folder, whoever runs the tests."""
    listed: Any = os.scandir

    def lock(folder: Path) -> None:
        def scandir(path: Any = ".") -> Any:
            if Path(os.fsdecode(path)) == folder:
                raise PermissionError(13, "Permission denied", str(path))
            return listed(path)

        monkeypatch.setattr(os, "scandir", scandir)

    return lock


# what cannot be read is not taken for nothing (S-25)


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("check", "{}"), id="check"),
        pytest.param(("diff", "{}", TAILWIND), id="diff"),
        pytest.param(("prove", "{}"), id="prove"),
        pytest.param(("apply", "{}", "--store", "memory:"), id="apply to a store"),
        pytest.param(("apply", "{}", "--server", "127.0.0.1:1"), id="apply through a server"),
        pytest.param(("test", TAILWIND, "--tenant", "{}"), id="test"),
        pytest.param(("evaluate", "--tenant", "{}", *EMIL), id="evaluate"),
    ],
)
def test_a_folder_of_a_tenant_that_cannot_be_listed_is_a_fault(
    words: tuple[str | Path, ...], tenant: Path, locked: Callable[[Path], None]
) -> None:
    locked(tenant / "catalogs")
    done = run(*(str(one).format(tenant) for one in words))
    assert done.exit_code == Exit.FAULTY
    place = f"{tenant}/catalogs:1:1: FILE_UNREADABLE: permission denied"
    assert place in done.stdout + done.stderr


def test_a_link_to_a_folder_of_definitions_is_a_fault(tenant: Path, tmp_path: Path) -> None:
    (tenant / "catalogs").rename(tmp_path / "elsewhere")
    (tenant / "catalogs").symlink_to(tmp_path / "elsewhere")
    done = run("check", tenant)
    assert done.exit_code == Exit.FAULTY
    assert f"{tenant}/catalogs:1:1: FILE_UNREADABLE: a link to a folder" in done.stdout


def test_links_to_files_are_followed(tenant: Path, tmp_path: Path) -> None:
    (tenant / "catalogs" / "sales.yaml").rename(tmp_path / "sales.yaml")
    (tenant / "catalogs" / "sales.yaml").symlink_to(tmp_path / "sales.yaml")
    assert run("check", tenant).exit_code == Exit.DONE


QUESTION = TAILWIND / "requests" / "emil.json"
NO_PACK = f"{TAILWIND}:1:1: WRONG_KIND: is a tenant, not a rule pack"
NO_TENANT = f"{STANDARD}:1:1: WRONG_KIND: is a rule pack, not a tenant"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("rules", "upload", TAILWIND), NO_PACK),
        (("check", "--cells", TAILWIND), NO_PACK),
        (("evaluate", QUESTION, "--tenant", TAILWIND, "--rules", TAILWIND), NO_PACK),
        (("test", STANDARD, "--rules", TAILWIND), NO_PACK),
        (("evaluate", QUESTION, "--tenant", STANDARD), NO_TENANT),
        (("prove", STANDARD, "--tenant", STANDARD), NO_TENANT),
        (("apply", STANDARD, "--store", "sqlite:///{}/store.db"), NO_TENANT),
        (("apply", STANDARD, "--server", "127.0.0.1:1"), NO_TENANT),
    ],
    ids=lambda one: " ".join(map(str, one[:2])) if isinstance(one, tuple) else "",
)
def test_a_tenant_is_no_rule_pack_nor_a_rule_pack_a_tenant(
    words: tuple[str | Path, ...], said: str, tmp_path: Path
) -> None:
    done = run(*(str(one).format(tmp_path) for one in words))
    assert done.exit_code == Exit.FAULTY
    assert [one for one in done.output.splitlines() if one] == [said]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--tenant", TAILWIND, "--rules", TAILWIND), NO_PACK),
        (("--tenant", STANDARD), NO_TENANT),
    ],
    ids=["rules", "tenant"],
)
def test_a_server_refuses_a_folder_of_the_other_kind(
    words: tuple[str | Path, ...], said: str
) -> None:
    code, out, err = run_apart("serve", "--port", "0", *words)
    assert (code, out) == (Exit.FAULTY, "")
    assert [line for line in err.splitlines() if "WRONG_KIND" in line] == [said]
    assert "MISSING_FIELD" not in err


@pytest.mark.parametrize("rules", [False, True])
def test_a_pipe_among_definitions_keeps_nobody_waiting(rules: bool, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(STANDARD if rules else OVERLAP, tmp_path / "folder"))
    os.mkfifo(folder / "a.yaml")
    done = run("check", folder)
    assert done.exit_code == Exit.FAULTY
    assert f"{folder}/a.yaml:1:1: FILE_UNREADABLE: not a regular file" in done.stdout


@pytest.fixture
def tested(tmp_path: Path) -> Path:
    """A folder with a suite that passes."""
    folder = tmp_path / "tested"
    folder.mkdir()
    text = SUITE.read_text(encoding="utf-8")
    alone = text.replace("\nsuite:", f"\nrules: {STANDARD}\nsuite:", 1)
    (folder / "a_test.yaml").write_text(alone, encoding="utf-8")
    return folder


def a_link_to_a_folder(tested: Path) -> str:
    elsewhere = tested.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "b_test.yaml").write_text("]", encoding="utf-8")
    (tested / "link").symlink_to(elsewhere)
    return "link:1:1: FILE_UNREADABLE: a link to a folder, which is not followed"


def a_link_to_nothing(tested: Path) -> str:
    (tested / "z_test.yaml").symlink_to("nothere")
    return "z_test.yaml:1:1: FILE_UNREADABLE: no such file or directory"


def a_pipe(tested: Path) -> str:
    os.mkfifo(tested / "pipe_test.yaml")
    return "pipe_test.yaml:1:1: FILE_UNREADABLE: not a regular file"


def a_folder(tested: Path) -> str:
    (tested / "folder_test.yaml").mkdir()
    return "folder_test.yaml:1:1: FILE_UNREADABLE: not a regular file"


NO_SUITES = (a_link_to_a_folder, a_link_to_nothing, a_pipe, a_folder)


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("test",), id="test"),
        pytest.param(("test", "--coverage", STANDARD), id="coverage"),
        pytest.param(("mutate", STANDARD, "--suites"), id="mutate"),
    ],
)
@pytest.mark.parametrize("spoiled", NO_SUITES, ids=lambda one: str(one.__name__))
def test_suites_that_cannot_be_read_are_not_left_out(
    words: tuple[str | Path, ...], spoiled: Callable[[Path], str], tested: Path
) -> None:
    said = spoiled(tested)
    done = run(*words, tested)
    assert (done.exit_code, done.stdout) == (Exit.FAULTY, "")
    assert f"{tested}/{said}" in done.stderr


def test_every_suite_that_cannot_be_read_is_told_at_once(tested: Path) -> None:
    said = [spoil(tested) for spoil in NO_SUITES]
    done = run("test", tested)
    assert done.exit_code == Exit.FAULTY
    assert [one for one in said if f"{tested}/{one}" not in done.stderr] == []


def test_links_to_suites_and_to_folders_that_are_looked_at_anyway_do_no_harm(tested: Path) -> None:
    (tested / "more").mkdir()
    (tested / "link").symlink_to("more")
    (tested / "b_test.yaml").symlink_to("a_test.yaml")
    done = run("test", tested)
    assert done.exit_code == Exit.DONE
    assert done.stdout.splitlines()[-1].startswith("2 suites, ")


def test_a_link_into_a_hidden_folder_hides_suites(tested: Path) -> None:
    (tested / ".kept").mkdir()
    (tested / "link").symlink_to(".kept")
    done = run("test", tested)
    assert done.exit_code == Exit.FAULTY
    assert f"{tested}/link:1:1: FILE_UNREADABLE: a link to a folder" in done.stderr


def test_mutants_of_a_tenant_behind_a_link_are_not_left_out(tenant: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(OVERLAP, elsewhere / "below")
    (tmp_path / "tenants").mkdir()
    tenant.rename(tmp_path / "tenants" / "one")
    (tmp_path / "tenants" / "link").symlink_to(elsewhere)
    done = run("mutate", tmp_path / "tenants")
    assert done.exit_code == Exit.FAULTY
    said = f"{tmp_path}/tenants/link:1:1: FILE_UNREADABLE: a link to a folder"
    assert said in done.stdout + done.stderr


def test_a_folder_of_a_pack_that_cannot_be_listed_is_a_fault(
    tmp_path: Path, locked: Callable[[Path], None]
) -> None:
    pack = Path(shutil.copytree(STANDARD, tmp_path / "pack"))
    (pack / "more").mkdir()
    locked(pack / "more")
    done = run("check", pack)
    assert done.exit_code == Exit.FAULTY
    assert f"{pack}/more:1:1: FILE_UNREADABLE: permission denied" in done.stdout


def test_suites_that_may_lie_in_a_folder_that_cannot_be_listed_are_not_left_out(
    tenant: Path, locked: Callable[[Path], None]
) -> None:
    locked(tenant / "tests")
    done = run("test", tenant)
    assert done.exit_code == Exit.FAULTY
    assert f"{tenant}/tests:1:1: FILE_UNREADABLE: permission denied" in done.stderr


# nothing that was tested is not taken for passed


def test_no_test_passes_on_a_tenant_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = run("test", TAILWIND, "--tenant", tmp_path / "empty")
    assert done.exit_code != Exit.DONE
    assert " passed" not in done.stdout


def test_no_test_passes_under_a_profile_that_is_not_there() -> None:
    done = run("test", TAILWIND, "--profile", "nope")
    assert done.exit_code == Exit.FAULTY
    assert "there is no profile `nope`, only entra, standard" in done.stdout + done.stderr
    assert " passed" not in done.stdout


def test_no_mutant_of_that_name_is_not_taken_for_none_that_survives() -> None:
    done = run("mutate", OVERLAP, "--only", "zzz")
    assert done.exit_code == Exit.USAGE
    assert done.stderr == "no mutant has anything like `zzz` in its id\n"


def test_an_empty_log_reproduces_nothing(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.touch()
    done = run("replay", log, "--tenant", OVERLAP)
    assert done.exit_code == Exit.FAULTY
    assert done.stderr == f"{log}: is no log: it is empty\n"


# what cannot be written


@pytest.mark.parametrize(
    ("below", "code", "why"),
    [("file", Exit.USAGE, " is a file"), ("file/below", Exit.FAULTY, ": not a directory")],
)
def test_counterexamples_that_cannot_be_written_are_a_message(
    tmp_path: Path, below: str, code: Exit, why: str
) -> None:
    (tmp_path / "file").touch()
    words = ("--property", "no-dead-end", "--at", "2031-03-10", "--write", tmp_path / below)
    done = run("prove", TAILWIND, *words)
    assert done.exit_code == code
    assert done.stderr.startswith(f"--write: {tmp_path / below}{why}")
    assert (tmp_path / "file").read_bytes() == b""


def test_a_full_disk_behind_the_output_is_a_message() -> None:
    words = command("check", "--explain", "DEAD_END")
    with Path("/dev/full").open("wb") as full:
        # Kept back until the end, as it is where nobody says otherwise.
        kept = {name: text for name, text in os.environ.items() if name != "PYTHONUNBUFFERED"}
        done = subprocess.run(
            words, stdout=full, stderr=subprocess.PIPE, timeout=60, check=False, env=kept
        )
    assert done.stderr == b"the output cannot be written: no space left on device\n"
    assert done.returncode == Exit.FAULTY


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_streams_may_be_closed(closed: str) -> None:
    words = " ".join(command("test", SUITE, "--filter", "manager"))
    done = subprocess.run(
        ["/bin/sh", "-c", f"{words} {closed}"], capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (Exit.DONE, b"")


def test_a_report_is_not_written_over_before_the_new_one_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = tmp_path / "report.xml"
    report.write_text("the last one", encoding="utf-8")

    def interrupted(*_: object, **__: object) -> Iterator[str]:
        raise KeyboardInterrupt

    monkeypatch.setattr("ostiary.cli.whole_file.tempfile.NamedTemporaryFile", interrupted)
    done = run("test", SUITE, "--junit", report)
    assert done.exit_code == Exit.INTERRUPTED
    assert report.read_text(encoding="utf-8") == "the last one"


# Ctrl-C


_PRESSING = """
import os, signal, sys

class Press:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

# Whoever started the tests may have had it ignored, as shells do for what runs behind them.
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Press())
sys.argv = ["ostiary", "check", "--explain", "DEAD_END"]
from ostiary.cli.starting import main
main()
"""


@pytest.mark.parametrize(
    "module",
    [
        pytest.param("ostiary.cli.main", id="before anything is imported"),
        pytest.param("typer", id="while it is imported"),
        pytest.param("ostiary.cli.check_options", id="in the command"),
    ],
)
def test_ctrl_c_ends_a_command_without_a_word_however_early(module: str) -> None:
    words = [sys.executable, "-c", _PRESSING.format(module=module)]
    done = subprocess.run(words, capture_output=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == (b"", b"")
    # Ended by the signal, which shells report as 130, or by the command with this code.
    assert done.returncode in (-signal.SIGINT, Exit.INTERRUPTED)


# odd values


@pytest.mark.parametrize("text", ["", ",", "DEAD_END,EMPTY_GROUP_IN_SCOPE"])
def test_explain_takes_one_code(text: str) -> None:
    done = run("check", "--explain", text)
    assert done.exit_code == Exit.USAGE
    assert done.stderr == f"--explain takes one code, not `{text}`\n"


@pytest.mark.parametrize("seconds", ["inf", "1e300", "nan", "0", "-1"])
def test_a_time_to_wait_is_a_time(seconds: str) -> None:
    words = ("--requestor", "emil", "--package", "sales-team-access", "--timeout", seconds)
    assert run("evaluate", "--server", "127.0.0.1:1", *words).exit_code == Exit.USAGE


def test_a_table_of_coverage_keeps_its_titles_where_there_is_little_room() -> None:
    done = run("test", TAILWIND, "--coverage")
    assert "…" not in done.stdout
    titles = ["policy", "selected", "offered", "refused", "inside", "outside"]
    assert titles in [line.split() for line in done.stdout.splitlines()]
