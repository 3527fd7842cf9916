"""What README.md and docs/ show as printed is what is printed; `make golden` writes it anew."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.testing import CliRunner

from ostiary.adapters.clock import SystemClock
from ostiary.cli.exits import Exit
from ostiary.cli.main import app
from ostiary.rpc.loading import Definitions
from ostiary.rpc.reception import Reception
from ostiary.rpc.server import Server
from ostiary.rulebook.faults import FaultList
from ostiary.rulebook.pack_reader import read_pack
from ostiary.rulebook.tabulate import standard_pack_dir
from tests.golden.documents import BLOCK, ROOT, outputs, steps, without_digests, written_anew

DOCUMENTS = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))]
WITH_TRANSCRIPTS = [
    "README.md",
    "docs/command-line.md",
    "docs/counterfactual.md",
    "docs/coverage.md",
    "docs/mutation.md",
    "docs/proof.md",
    "docs/diff.md",
    "docs/revisions.md",
    "docs/rules.md",
    "docs/suites.md",
    "docs/tenant.md",
    "docs/tutorial.md",
    "docs/pull-requests.md",
]
SHOWN_RULES = re.compile(r"\brules ([0-9a-f]{12})\b")
# How many digests of edited copies of the shipped rules a document shows.
OF_COPIES = Counter({"docs/revisions.md": 1, "docs/rules.md": 1})


def test_the_documents_with_transcripts_are_known() -> None:
    found = [path for path in DOCUMENTS if any(step.command for step in steps(path.read_text()))]
    walked = "docs/requests.md"  # by test_requests_document.py
    assert {path.relative_to(ROOT).as_posix() for path in found} == {*WITH_TRANSCRIPTS, walked}


@pytest.mark.timeout(300)  # each command is a process, and most of them load the rules
@pytest.mark.parametrize("name", WITH_TRANSCRIPTS)
def test_transcripts_are_what_is_printed(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    document = ROOT / name
    text = document.read_text(encoding="utf-8")
    printed = outputs(text, tmp_path)
    if request.config.getoption("--update-golden"):
        document.write_text(written_anew(text, printed), encoding="utf-8")
        return
    shown = [(step.command, without_digests(step.shown)) for step in steps(text) if step.command]
    assert shown == [
        (command, without_digests(out)) for (command, _), out in zip(shown, printed, strict=True)
    ]


def test_the_digests_of_the_shipped_rules_are_those_of_the_shipped_rules() -> None:
    """Transcripts are compared without digests, as those of edited copies change, too."""
    pack = read_pack(standard_pack_dir(), FaultList())
    assert pack is not None
    shown = {
        path.relative_to(ROOT).as_posix(): SHOWN_RULES.findall(path.read_text(encoding="utf-8"))
        for path in DOCUMENTS
    }
    assert sum(map(len, shown.values())) > OF_COPIES.total()
    others = Counter(
        name for name, found in shown.items() for one in found if one != pack.digest[:12]
    )
    assert others == OF_COPIES


@pytest.fixture
def address() -> Iterator[str]:
    """The address of a server of the example that the documents ask."""
    tenant = ROOT / "rules" / "examples" / "tailwind"
    server = Server(Reception(Definitions(str(tenant)).load), SystemClock())
    server.start()
    server.load()
    yield server.address
    server.stop(1)


def test_the_python_of_the_readme_runs(address: str) -> None:
    blocks = BLOCK.finditer((ROOT / "README.md").read_text(encoding="utf-8"))
    (script,) = (block["body"] for block in blocks if block["language"] == "python")
    done = subprocess.run(
        [sys.executable, "-c", script.replace("127.0.0.1:50051", address)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "OUTCOME_NEEDS_APPROVAL\nstage 1: mona\nstage 2: dana\n"


def test_the_job_for_pull_requests_is_what_was_tried() -> None:
    text = (ROOT / "docs" / "pull-requests.md").read_text(encoding="utf-8")
    (job,) = (yaml.safe_load(step.content) for step in steps(text) if step.path)
    (script,) = (one["script"] for one in job.values())
    tried = [step.command.partition("; echo")[0] for step in steps(text) if step.command]
    assert script == tried[-len(script) :]
    assert len(script) >= 5


def test_documents_link_to_what_is_there() -> None:
    missing = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in DOCUMENTS
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8"))
        if not (document.parent / target).exists()
    ]
    assert missing == []


def all_commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command, those of groups that do something by themselves included."""
    for name, command in group.commands.items():
        below = getattr(command, "commands", None)
        if below is None or command.invoke_without_command:
            yield (*path, name)
        if below is not None:
            yield from all_commands(command, (*path, name))


def test_every_command_option_and_exit_code_is_documented() -> None:
    text = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    commands = list(all_commands(typer.main.get_command(app)))
    assert ("request", "create") in commands
    for command in commands:
        assert all(f"`{word}" in text or f" {word}" in text for word in command), command
        shown = CliRunner().invoke(app, [*command, "--help"]).stdout
        options = set(re.findall(r"^  (?:-\w, )?(--[a-z-]+)", shown, re.MULTILINE)) - {"--help"}
        assert options, command
        written = set(re.findall(r"(?<![\w-])--[a-z-]+", text))
        assert options - written == set(), command
    rows = re.findall(r"^\| ([0-9, ]+) \|", text, re.MULTILINE)
    assert [int(code) for row in rows for code in row.split(",")] == list(Exit)
