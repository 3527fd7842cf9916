"""`ostiary rehearse`: a story on the real code, and what is said of one that is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.scenarios.commands import ROOT, TAILWIND, run, spoil

STORY = ROOT / "rules" / "stories" / "partner-and-employee.yaml"


@pytest.fixture
def story(tmp_path: Path) -> Path:
    copy = tmp_path / "story.yaml"
    copy.write_text(STORY.read_text(encoding="utf-8"), encoding="utf-8")
    return copy


def test_the_shipped_story_comes_out_as_section_20_tells_it() -> None:
    """Section 20, S-76, S-100, S-116."""
    told = run("rehearse", TAILWIND, "--story", STORY, "--json")
    assert told.exit_code == 0, told.output
    calendar = json.loads(told.stdout)
    assert calendar["surprises"] == []
    assert calendar["held"] == []
    found = {(line["time"][:16], line["what"]) for line in calendar["calendar"]}
    assert found >= {
        ("2031-04-01T00:00", "Create access review"),
        ("2031-04-11T09:00", "Deny access package assignment request"),
        ("2031-04-12T08:00", "approve refused: STAGE_CLOSED"),
        ("2031-04-13T12:00", "review reminder"),
        ("2031-05-26T15:00", "extend by"),
        ("2031-06-08T15:00", "extend by"),
    }
    deleted = [line["time"] for line in calendar["calendar"] if "guest deleted" in line["about"]]
    assert [time[:16] for time in deleted] == ["2031-07-09T15:00"]


def test_the_same_story_gives_the_same_bytes() -> None:
    """S-46."""
    first = run("rehearse", TAILWIND, "--story", STORY, "--json").stdout
    assert run("rehearse", TAILWIND, "--story", STORY, "--json").stdout == first


def test_a_story_is_told_for_people() -> None:
    told = run("rehearse", TAILWIND, "--story", STORY)
    assert "2031-04-12 08:00  Dana Whitlock: approve refused: STAGE_CLOSED" in told.stdout
    assert told.stdout.rstrip().endswith("When the story ends, nobody holds anything.")


def test_what_goes_otherwise_than_the_story_says_ends_with_1(story: Path) -> None:
    spoil(story, ", refused: yes", "")
    told = run("rehearse", TAILWIND, "--story", story)
    assert told.exit_code == 1
    assert "dana could not approve: the request is decided or has ended" in told.stdout
    spoil(
        story,
        "{after: PT1H, who: dana, does: review, verdict: keep,",
        "{after: PT1H, who: dana, does: review, verdict: keep, refused: yes,",
    )
    assert (
        "was meant to be refused and was not" in run("rehearse", TAILWIND, "--story", story).stdout
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param("does: deny", "does: deny", "", id="nothing wrong"),
        pytest.param(
            "of: priya}", "of: prija}", "no act before bears the label `prija`", id="label"
        ),
        pytest.param("ends: 2031-07-31", "ends: 2031-03-01", "must be after begins", id="ends"),
        pytest.param("does: request,", "does: beg,", "`beg`", id="a deed that nobody knows"),
        pytest.param("{after: PT1H, who", "{who", "when? say `at` or `after`", id="no time"),
        pytest.param("verdict: keep, ", "", "a review says `verdict: keep`", id="no verdict"),
        pytest.param(
            "{at: 2031-03-12T09:00Z",
            "{at: 2031-03-11T09:00Z",
            "before the act before it",
            id="back",
        ),
        pytest.param(
            "who: emil, does: request, package: sales-team-access, label: emil-first",
            "who: emil, does: assign, package: sales-team-access, for: emil",
            "only `staff` can assign",
            id="not staff",
        ),
    ],
)
def test_a_faulty_story_is_refused_with_its_places(
    story: Path, old: str, new: str, said: str
) -> None:
    """S-139."""
    text = story.read_text(encoding="utf-8")
    story.write_text(text.replace(old, new, 1), encoding="utf-8")
    told = run("rehearse", TAILWIND, "--story", story)
    if not said:
        assert told.exit_code == 0
        return
    assert told.exit_code == 1
    assert said in told.stdout + told.stderr
    assert f"{story}:" in told.stdout + told.stderr
