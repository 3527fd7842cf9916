"""What happened is exactly what the plan announced, given what the people did (DESIGN, S-48)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ostiary.adapters.store.opening import open_store
from tests.life.prophecy import Prophet
from tests.life.stories import tell
from tests.life.telling import Teller


def difference(seed: int) -> str:
    """What the story of a seed did otherwise than foretold; empty if nothing."""
    story = tell(seed)
    store = open_store("memory:")
    try:
        teller = Teller(store, story)
        decision = teller.tell()
        happened = teller.history()
    finally:
        store.close()
    if decision is None:
        return "" if not happened else f"refused, but {happened}"
    foretold = Prophet(story, teller.policy, decision).foretell()
    missing = [one for one in foretold if one not in happened]
    extra = [one for one in happened if one not in foretold]
    if not missing and not extra and len(foretold) == len(happened):
        return ""
    lines = [f"seed {seed}:"]
    lines += [f"  foretold only: {one.at} {one.kind} {one.stage} {one.target}" for one in missing]
    lines += [f"  happened only: {one.at} {one.kind} {one.stage} {one.target}" for one in extra]
    return "\n".join(lines)


def differences(first: int, count: int) -> list[str]:
    return [found for seed in range(first, first + count) if (found := difference(seed))]


def digests(first: int, count: int) -> str:
    found = []
    for seed in range(first, first + count):
        store = open_store("memory:")
        teller = Teller(store, tell(seed))
        teller.tell()
        found.append(teller.bytes_of_history())
        store.close()
    return " ".join(found)


def test_history_is_what_the_plan_announced() -> None:
    """S-8, S-48, S-75, S-76, S-77, S-99, S-100, S-116, S-122, S-128."""
    assert differences(0, 400) == []


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.parametrize("part", range(10))
def test_history_is_what_the_plan_announced_in_many_stories(part: int) -> None:
    """100,000 stories in all."""
    assert differences(1_000_000 + part * 10_000, 10_000) == []


def test_the_stories_reach_every_kind_of_action() -> None:
    """What is compared is not one and the same thing again and again."""
    kinds: dict[str, int] = {}
    for seed in range(300):
        store = open_store("memory:")
        teller = Teller(store, tell(seed))
        teller.tell()
        for one in teller.history():
            kinds[one.kind] = kinds.get(one.kind, 0) + 1
        store.close()
    assert set(kinds) == {
        "BLOCK_GUEST",
        "CALL_EXTENSION",
        "CLOSE_REVIEW",
        "DELETE_GUEST",
        "ESCALATE_STAGE",
        "EXPIRE_ASSIGNMENT",
        "GRANT",
        "INVITE_GUEST",
        "OPEN_REVIEW",
        "OPEN_STAGE",
        "REMIND_EXPIRY",
        "REMIND_REVIEWERS",
        "REVOKE",
        "START_DELIVERY",
        "TIME_OUT_EXTENSION",
        "TIME_OUT_STAGE",
    }
    assert min(kinds.values()) >= 10, kinds


def test_the_same_seed_gives_the_same_bytes_in_another_process() -> None:
    """S-46: hash seeds and thread order never show."""
    code = "from tests.life.test_plan_and_history import digests; print(digests(0, 25))"
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONHASHSEED": "4711"}
    other = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert other.stdout.strip() == digests(0, 25)
