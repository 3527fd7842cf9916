"""Hostile packs: never a crash, never a hang, never a yes that the invariants forbid."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ostiary.domain.errors import DefinitionError, EngineFailedError, Fault
from ostiary.domain.tables import Tables
from ostiary.domain.vocabulary import VOCABULARY
from ostiary.rulebook.invariants import INVARIANTS
from ostiary.rulebook.tabulate import load_pack
from tests.packs.building import SMALL

FILES = sorted(path.name for path in SMALL.glob("*.yaml"))
CONTENTS = {name: (SMALL / name).read_bytes() for name in FILES}
TREES = {name: yaml.safe_load(content) for name, content in CONTENTS.items()}

PIECES = (
    *(b"\xff", b"\x00", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\r", b"\t", b"\n", b" ", b"\xc2\x85"),
    *(b"- ", b": ", b"? ", b"{", b"}", b"[", b"]", b"&a ", b"*a", b"!!str ", b"!x ", b"|", b">"),
    *(b"---\n", b"...\n", b"%YAML 9.9\n", b"<<: ", b"'", b'"', b"#", b"~", b"null", b"yes"),
    *(b"0x1f", b".nan", b"1e999", b"2020-01-01", b"=", b"$or: ", b"$nex", b"[" * 500, b"{a: " * 99),
    *(b"x" * 70_000, b"S-1", b"scope", b"policy", b"when: {}", b"then: {scope: in}", b"in"),
)
VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        2**70,
        1.5,
        float("nan"),
        float("inf"),
        "",
        " ",
        "yes",
        "x" * 65_536,
    ),
    *(
        [],
        {},
        [[]],
        [{}],
        {"": ""},
        ["enabled"],
        "enabled",
        "in",
        "out",
        "unknown",
        "$or",
        "disabled",
    ),
    *({"$nex": 1}, {"scope": "in"}, {"policy": "disabled"}, ["x"] * 10_000, "é\u202e", "no_match"),
)


def breaks_an_invariant(tables: Tables) -> bool:
    """Whether some cell of the tables has a word that it must never have."""
    for invariant in INVARIANTS:
        table = tables.phases[invariant.phase]
        spec = list(VOCABULARY[invariant.phase].answers)
        cells = range(table.cells)
        for cell in cells if len(cells) < 10_000 else random.Random(1).sample(cells, 1_000):
            facts = dict(table.facts_of(cell))
            held = all(facts.get(fact, words[0]) in words for fact, words in invariant.when.items())
            word = table.row(cell).answers[spec.index(invariant.answer)].word
            if held and word in invariant.words:
                return True
    return False


def survives(room: Path, changes: dict[str, bytes]) -> str:
    """Load the small pack with some files changed; say how that ended."""
    folder = room / "pack"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in {**CONTENTS, **changes}.items():
        (folder / name).write_bytes(content)
    try:
        loaded = load_pack(folder, cache=room / "cache", deadline=20.0)
    except DefinitionError as error:
        return "refused" if error.faults and all(map(is_told_well, error.faults)) else "garbled"
    except EngineFailedError:
        return "failed"
    with loaded:
        return "widened" if breaks_an_invariant(loaded.tables) else "accepted"


def is_told_well(fault: Fault) -> bool:
    """Whether a fault has a place and one line that is not endless."""
    text = str(fault)
    return fault.line > 0 and fault.column > 0 and "\n" not in text and len(text) < 5_000


@st.composite
def damaged(draw: st.DrawFn) -> dict[str, bytes]:
    """One file of the pack with bytes cut, doubled, moved or put in."""
    name = draw(st.sampled_from(FILES))
    content = CONTENTS[name]
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, min(len(content), start + 40)))
        piece = draw(
            st.one_of(st.sampled_from(PIECES), st.just(content[start:end] * 2), st.just(b""))
        )
        content = content[:start] + piece + content[end:]
    return {name: content}


def paths_of(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The places of all values of a tree."""
    children: list[tuple[Any, Any]] = []
    if isinstance(tree, dict):
        children = list(tree.items())
    elif isinstance(tree, list):
        children = list(enumerate(tree))
    return [path, *(found for key, child in children for found in paths_of(child, (*path, key)))]


def replaced(tree: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The tree with another value at one place."""
    if not path:
        return value
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[path[0]] = replaced(copy[path[0]], path[1:], value)
    return copy


def at(tree: Any, path: tuple[Any, ...]) -> Any:
    """The value at one place of a tree."""
    for key in path:
        tree = tree[key]
    return tree


@st.composite
def rebuilt(draw: st.DrawFn) -> dict[str, bytes]:
    """One file of the pack with values put in the place of others, from anywhere."""
    name = draw(st.sampled_from(FILES))
    tree = TREES[name]
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(paths_of(tree)))
        other = draw(st.sampled_from(paths_of(tree)))
        value = draw(st.one_of(st.sampled_from(VALUES), st.just(at(tree, other))))
        tree = replaced(tree, path, value)
    return {name: yaml.safe_dump(tree, sort_keys=False, allow_unicode=True).encode()}


few = settings(
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@few
@given(changes=damaged())
def test_damaged_bytes(tmp_path: Path, changes: dict[str, bytes]) -> None:
    """S-25: what cannot be read admits nobody."""
    assert survives(tmp_path, changes) in ("accepted", "refused")


@few
@given(changes=rebuilt())
def test_values_in_the_wrong_places(tmp_path: Path, changes: dict[str, bytes]) -> None:
    assert survives(tmp_path, changes) in ("accepted", "refused")


@pytest.mark.long
@settings(few, max_examples=5_000)
@given(changes=damaged())
def test_damaged_bytes_by_the_thousand(tmp_path: Path, changes: dict[str, bytes]) -> None:
    assert survives(tmp_path, changes) in ("accepted", "refused")


@pytest.mark.long
@settings(few, max_examples=5_000)
@given(changes=rebuilt())
def test_values_in_the_wrong_places_by_the_thousand(
    tmp_path: Path, changes: dict[str, bytes]
) -> None:
    assert survives(tmp_path, changes) in ("accepted", "refused")


def scope_with(rules: str, facts: str = "  policy: [enabled, disabled]\n") -> dict[str, bytes]:
    """The first phase with other rules."""
    steps = f"steps:\n  - step: all\n    rules:\n{rules}"
    return {"requestor_scope.yaml": f"phase: requestor_scope\nfacts:\n{facts}{steps}".encode()}


def rule(name: str, when: str, then: str = "{scope: out, reason: NOT_IN_SCOPE}") -> str:
    """A rule in YAML."""
    return f"      - {{id: {name}, for: A rule., when: {when}, then: {then}}}\n"


OUT = rule("out", "{}")


@pytest.mark.parametrize(
    ("changes", "end"),
    [
        pytest.param(scope_with(OUT), "accepted", id="one rule is enough"),
        pytest.param(
            scope_with("".join(rule(f"r{n}", "{policy: enabled}") for n in range(300))),
            "refused",
            id="300 rules with the same conditions",
        ),
        pytest.param(
            scope_with("".join(rule(f"r{n}", "{}") for n in range(10_000))),
            "refused",
            id="10,000 rules",
        ),
        pytest.param(scope_with(rule("r", "{policy: " + "[" * 60)), "refused", id="half a list"),
        pytest.param(
            scope_with(rule("r", "{policy: {$or: [enabled]}}")), "refused", id="an operator"
        ),
        pytest.param(scope_with(rule("r", "{policy: !!int 5}")), "refused", id="a tag"),
        pytest.param(scope_with(rule("r", "{policy: [5, .nan]}")), "refused", id="numbers"),
        pytest.param(
            scope_with(rule("r", "{policy: [" + "enabled, " * 10_000 + "]}")),
            "refused",
            id="a list of 10,000 words",
        ),
        pytest.param(
            scope_with(rule("r", "{policy: " + "x" * 1_000_000 + "}")), "refused", id="a long word"
        ),
        pytest.param(scope_with(rule("r", "{}", "{scope: in}")), "refused", id="everybody, always"),
        pytest.param(
            scope_with(OUT, "  policy: &p [enabled, disabled]\n  catalog: *p\n"),
            "refused",
            id="an alias of other words",
        ),
        pytest.param(
            scope_with(OUT, "".join(f"  f{n}: [a, b]\n" for n in range(10_000))),
            "refused",
            id="10,000 facts",
        ),
        pytest.param(
            scope_with(
                OUT
                + "predicates:\n"
                + "".join(f"  p{n}: {{attribute: a, equals: x}}\n" for n in range(40))
            ),
            "refused",
            id="40 predicates",
        ),
        pytest.param(
            scope_with(
                OUT
                + "predicates:\n"
                + "".join(f"  p{n}: {{attribute: a, equals: x}}\n" for n in range(30))
            ),
            "accepted",
            id="10 to the power of 14 cells",
        ),
        pytest.param(
            scope_with(
                "".join(rule(f"r{n}", f"{{p{n}: 'yes'}}") for n in range(30))
                + OUT
                + "predicates:\n"
                + "".join(f"  p{n}: {{attribute: a, equals: x}}\n" for n in range(30))
            ),
            "refused",
            id="a billion combinations of rules",
        ),
        pytest.param(
            {"requestor_scope.yaml": b"a: &a [*a]"}, "refused", id="a cycle through an alias"
        ),
        pytest.param({"x.yaml": b"[" * 1_000_000}, "refused", id="a million brackets"),
        pytest.param({"x.yaml": b"\xff" * 1_000_000}, "refused", id="a megabyte of no text"),
        pytest.param({"x.yaml": b"- " * 1_000_000}, "refused", id="a million dashes"),
        pytest.param({"x.yaml": random.Random(1).randbytes(100_000)}, "refused", id="noise"),
    ],
)
def test_hostile_packs(tmp_path: Path, changes: dict[str, bytes], end: str) -> None:
    assert survives(tmp_path, changes) == end
