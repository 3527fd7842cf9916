"""docs/requests.md is walked through, command by command; `make golden` writes it anew."""

from __future__ import annotations

import shlex

import pytest

from ostiary.lifecycle.ports import Delivered, Delivery
from tests.golden.documents import ROOT, steps, without_digests, written_anew
from tests.scenarios.walking import walking

DOCUMENT = ROOT / "docs" / "requests.md"
FULL = Delivered(
    Delivery.FAILED,
    "LIMIT_EXCEEDED",
    "group `sales-group` has 50,000 members",
    (("max", "50000"), ("name", "group_members")),
)


def test_the_document_is_what_is_printed(request: pytest.FixtureRequest) -> None:
    """S-97, S-138: the whole way, with a group that is full when Priya is to join it."""
    text = DOCUMENT.read_text(encoding="utf-8")
    shown = [(step.command, step.shown) for step in steps(text) if step.command]
    assert len(shown) > 20
    printed = []
    with walking("2031-03-10 10:05") as walk:
        walk.world.systems.answer("sales-group", FULL)
        for command, _ in shown:
            program, *words = shlex.split(command)
            assert program == "ostiary"
            printed.append(without_digests(walk.run(*words, by="").output))
    if request.config.getoption("--update-golden"):
        DOCUMENT.write_text(written_anew(text, printed), encoding="utf-8")
        return
    assert shown == list(zip([command for command, _ in shown], printed, strict=True))
