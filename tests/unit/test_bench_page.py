"""The page of benchmarks keeps what a run did not measure."""

from __future__ import annotations

from tests.bench import page
from tests.bench.figures import Part, Table, Target


def part(figure: str) -> Part:
    """A part with one table and one target."""
    target = Target("speed", 1.0, 2.0, "x", at_least=True, sound=True)
    return Part((Table("Some table", ("what", "figure"), (("speed", figure),)),), (target,))


def test_parts_that_were_not_run_stay_in_their_place() -> None:
    whole = page.written(
        [("in-process", part("one")), ("wire", part("two"))],
        [("Memory", "1 GiB"), ("Peer", "Cerbos")],
        command="python -m tests.bench",
        date="2026-11-25",
    )
    added = page.written(
        [("life", part("three"))],
        [("Memory", "2 GiB"), ("Databases", "SQLite")],
        command="python -m tests.bench --only life",
        date="2026-11-26",
        before=whole,
    )
    assert "| Memory | 2 GiB |\n| Databases | SQLite |\n| Peer | Cerbos |\n\n## In" in added
    kept, _, new = added.partition("\n\n## The life of requests\n")
    assert kept.partition("## In")[2] == whole.rstrip().partition("## In")[2]
    assert "`python -m tests.bench --only life` on 2026-11-26" in new
    assert "| speed | three |" in new
    assert "| speed | at least 2x | 1.00x | FAIL |" in new
    again = page.written(
        [("wire", part("four"))], [], command="again", date="2026-11-27", before=added
    )
    assert [line for line in again.splitlines() if line.startswith("## ")] == [
        "## In process",
        "## Over the wire",
        "## The life of requests",
    ]
    assert "| speed | two |" not in again
    assert again.count("| Memory | 2 GiB |") == 1
