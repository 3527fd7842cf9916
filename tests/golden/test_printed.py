"""What the commands print about the examples, reviewed as a diff; `make golden` writes it anew."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ostiary.cli.main import app

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "rules" / "examples"
PRINTED = Path(__file__).parent / "printed"
REQUESTS = sorted(EXAMPLES.glob("*/requests/*.json"))
DIGEST = re.compile(r"\b(rules|tenant) [0-9a-f]{12}\b")

Golden = Callable[[Path, str], None]


def printed(arguments: list[str], *, width: int) -> str:
    """Give what a command prints in a pipe of that width, less digests."""
    done = CliRunner().invoke(app, arguments, env={"COLUMNS": str(width)})
    assert done.exit_code == 0, done.output
    return DIGEST.sub(r"\1 ............", done.stdout)


def named(request: Path) -> str:
    return f"{request.parents[1].name}-{request.stem}"


@pytest.mark.parametrize("request_file", REQUESTS, ids=named)
def test_the_answer_to_every_question_of_the_examples(request_file: Path, golden: Golden) -> None:
    """S-138: outcome, approvers, dates and reasons, each with its rule."""
    tenant = request_file.parents[1]
    text = printed(["evaluate", "--tenant", str(tenant), str(request_file)], width=80)
    golden(PRINTED / f"{named(request_file)}.txt", text)


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("name", ["priya", "nils-no-manager", "otto-must-choose"])
def test_every_step_of_some_answers(name: str, width: int, golden: Golden) -> None:
    """S-138: which gate and rule decided, per policy, with what was compared."""
    tenant = EXAMPLES / "tailwind"
    question = tenant / "requests" / f"{name}.json"
    text = printed(["explain", "--tenant", str(tenant), str(question)], width=width)
    golden(PRINTED / f"explained-{name}-{width}.txt", text)


def test_the_answer_in_a_wide_window(golden: Golden) -> None:
    tenant = EXAMPLES / "tailwind"
    question = tenant / "requests" / "priya.json"
    text = printed(["evaluate", "--tenant", str(tenant), str(question)], width=120)
    golden(PRINTED / "tailwind-priya-120.txt", text)


def test_the_same_question_under_the_other_profile(golden: Golden) -> None:
    """S-55: under `entra` only the best tier is offered."""
    tenant = EXAMPLES / "overlap"
    question = tenant / "requests" / "ada.json"
    arguments = ["evaluate", "--tenant", str(tenant), "--profile", "entra", str(question)]
    golden(PRINTED / "overlap-ada-entra.txt", printed(arguments, width=80))


def test_the_cells_of_the_shipped_rules(golden: Golden, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    golden(PRINTED / "cells.txt", printed(["check", "--cells"], width=80))
