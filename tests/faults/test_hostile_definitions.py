"""Hostile definitions: whatever a file holds, only a tenant or faults come out, and soon."""

from __future__ import annotations

import copy
import os
import random
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ostiary.domain.errors import DefinitionError, Fault
from ostiary.domain.tenant import Tenant
from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.places import rules_dir
from ostiary.rulebook.source import LARGEST_FILE
from ostiary.rulebook.tenant_files import definition_files, load_tenant

EXAMPLES = {
    path.name: path.read_text(encoding="utf-8")
    for name in ("tailwind", "overlap")
    for path, _ in definition_files(rules_dir() / "examples" / name)
}
CODES = {code.value for code in FaultCode}
SOON = 20.0  # seconds; a machine under load is slow, a loop without end is not
MEGABYTE = "x" * 1_000_000


def faults_of(folder: Path, content: str | bytes) -> tuple[Fault, ...]:
    """The faults of a folder with one file; none if it loads. Fails if it takes too long."""
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    (folder / "file.yaml").write_bytes(data)
    begun = time.monotonic()
    try:
        loaded = load_tenant(folder)
        assert isinstance(loaded.tenant, Tenant)
        found: tuple[Fault, ...] = loaded.warnings
    except DefinitionError as error:
        found = error.faults
        assert any(fault.severity == "error" for fault in found)
    assert time.monotonic() - begun < SOON
    for fault in found:
        assert fault.code in CODES
        assert fault.line >= 1
        assert fault.column >= 1
        assert len(fault.message) < 10_000
        assert fault.message.isprintable()
    return found


def codes(folder: Path, content: str | bytes) -> set[str]:
    return {fault.code for fault in faults_of(folder, content)}


SMALL = """
tenant: {id: t}
users: [{id: ann}]
groups: [{id: team}]
catalogs:
  - id: c
    name: C
    resources: [{id: team, kind: group, group: team}]
    packages:
      - id: p
        name: P
        entries: [{resource: team, role: Member}]
        policies: [{id: a, name: A, scope: {kind: specific_subjects, users: [ann]}}]
"""
WITH_USERS = "tenant: {id: t}\nusers: "
WITH_GROUPS = "tenant: {id: t}\ngroups: "


def listed(entries: Iterable[str]) -> str:
    """A list of YAML in one line."""
    return f"[{', '.join(entries)}]"


SIXTY = listed(f"g{n}" for n in range(60))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"", "EMPTY_FILE", id="nothing"),
        pytest.param(b"# only a comment\n", "EMPTY_FILE", id="a comment"),
        pytest.param(b"tenant: \xff\xfe", "NOT_UTF8", id="invalid UTF-8"),
        pytest.param("tenant: {id: t}".encode("utf-16"), "NOT_UTF8", id="UTF-16"),
        pytest.param(b"tenant: {id: \xed\xa0\x80}", "NOT_UTF8", id="half a character"),
        pytest.param("tenant: {id: t\x00}", "CONTROL_CHARACTER", id="a null character"),
        pytest.param('tenant: {id: "\\u0007"}', "CONTROL_CHARACTER", id="a bell in disguise"),
        pytest.param("tenant: {id: t", "YAML_SYNTAX", id="not closed"),
        pytest.param("\t- x", "YAML_SYNTAX", id="a tabulator"),
        pytest.param("tenant: {id: t}\n---\nusers: []", "MANY_DOCUMENTS", id="two documents"),
        pytest.param("tenant: !!python/object:os.system {id: t}", "TAG", id="a tag"),
        pytest.param("tenant: !secret {id: t}", "TAG", id="a tag of one's own"),
        pytest.param("users: " + "[" * 100_000, "TOO_DEEP", id="deep lists"),
        pytest.param("users: " + "{a: " * 10_000, "TOO_DEEP", id="deep mappings"),
        pytest.param("? [a, b]\n: c", "KEY_NOT_TEXT", id="a list as key"),
        pytest.param("tenant: {id: t}\ntenant: {id: u}", "DUPLICATE_KEY", id="a key twice"),
        pytest.param("users: &a [*a]", "ALIAS_CYCLE", id="a list in itself"),
        pytest.param("users: *nobody", "UNKNOWN_ALIAS", id="an alias of nothing"),
        pytest.param(
            "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
            + "".join(
                f"{b}: &{b} [{','.join(['*' + a] * 10)}]\n"
                for a, b in zip("abcdefgh", "bcdefghi", strict=True)
            ),
            "ALIAS_EXPANSION",
            id="a bomb of aliases",
        ),
        pytest.param("5", "INVALID_MODEL", id="a number"),
        pytest.param("null", "INVALID_MODEL", id="null"),
        pytest.param("[]", "INVALID_MODEL", id="a list"),
        pytest.param("tenant: []", "INVALID_MODEL", id="a tenant that is a list"),
        pytest.param("tenant: {id: {id: t}}", "INVALID_MODEL", id="an id that is a mapping"),
        pytest.param(f"tenant: {{id: {MEGABYTE}}}", "INVALID_MODEL", id="an id of 1 MB"),
        pytest.param(
            f"tenant: {{id: t, name: {MEGABYTE}}}", "INVALID_MODEL", id="S-32 a name of 1 MB"
        ),
        pytest.param(f"{MEGABYTE}: x", "YAML_SYNTAX", id="a key of 1 MB"),
        pytest.param(f'? "{MEGABYTE}"\n: x', "UNKNOWN_FIELD", id="a spelled-out key of 1 MB"),
        pytest.param(
            SMALL.replace("specific_subjects", MEGABYTE), "UNKNOWN_VALUE", id="S-25 a word of 1 MB"
        ),
        pytest.param(
            SMALL.replace("users: [ann]", f"users: [{MEGABYTE}]"), "INVALID_MODEL",
            id="a reference of 1 MB",
        ),
        pytest.param(
            SMALL.replace("kind: specific_subjects, users: [ann]",
                          f"kind: automatic, rule: '{'(' * 4_000}'"),
            "INVALID_MODEL", id="S-39 a rule of brackets",
        ),
        pytest.param(
            SMALL.replace("{id: a, ", f"{{id: a, expiration: {{after: P{'9' * 4_000}D}}, "),
            "INVALID_MODEL", id="S-98 a duration beyond all numbers",
        ),
        pytest.param(
            SMALL.replace("{id: a, ", "{id: a, expiration: {on: 99999-99-99}, "),
            "INVALID_MODEL", id="S-98 a date beyond all calendars",
        ),
        pytest.param(
            SMALL.replace("{id: a, ", "{id: a, expiration: {on: 8999-12-31T23:00-23:59}, "),
            "INVALID_MODEL", id="S-98 an instant beyond the last",
        ),
        pytest.param(
            SMALL.replace(
                "{id: a, ",
                "{id: a, questions: [{id: q, text: t, pattern: '((a{99}){99}){99}'}], ",
            ),
            "INVALID_MODEL", id="S-57 a pattern that explodes",
        ),
        pytest.param(
            SMALL.replace("id: t}", f"id: t, overrides: {{limits: {{group_members: {2**99}}}}}}}"),
            "INVALID_MODEL", id="S-3 a number beyond all numbers",
        ),
        pytest.param(
            SMALL.replace("tenant: {id: t}", "tenant: {id: t, profile: ../../../etc/passwd}"),
            "UNKNOWN_VALUE", id="S-2 a profile outside the folder",
        ),
        pytest.param(
            WITH_USERS + listed(f"{{id: u{n}, manager: u{n + 1}x}}" for n in range(10_000)),
            "UNKNOWN_REFERENCE", id="10,000 references to names that are nearly right",
        ),
        pytest.param(
            WITH_USERS + listed(["{id: same}"] * 10_000), "DUPLICATE",
            id="10,000 users with one id",
        ),
        pytest.param(
            WITH_USERS + listed(["{idd: x, naem: y}"] * 10_000), "UNKNOWN_FIELD",
            id="10,000 users with unknown fields",
        ),
        pytest.param(
            WITH_USERS + listed(["[]"] * 10_000), "INVALID_MODEL",
            id="10,000 users that are lists",
        ),
        pytest.param(
            SMALL.replace("users: [ann]", f"users: [{', '.join(['ann'] * 10_000)}]"), "DUPLICATE",
            id="one user 10,000 times",
        ),
        pytest.param(
            SMALL.replace("id: a, name: A,", "id: a, name: A, approval: {for: [add], stages: ["
                          + ", ".join(['{approvers: ["user:ann"]}'] * 10_000) + "]},"),
            "LIMIT_EXCEEDED", id="S-62 10,000 stages",
        ),
        pytest.param(
            WITH_GROUPS + listed(f"{{id: g{n}, groups: [g{(n + 1) % 9999}]}}" for n in range(9999)),
            "GROUP_CYCLE", id="S-34 a cycle of 9,999 groups",
        ),
        pytest.param(
            WITH_GROUPS + listed(f"{{id: g{n}, groups: {SIXTY}}}" for n in range(60)),
            "GROUP_CYCLE", id="S-34 groups that all contain each other",
        ),
    ],
)  # fmt: skip
def test_hostile_files(tmp_path: Path, content: str | bytes, code: str) -> None:
    assert code in codes(tmp_path, content)


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    with (tmp_path / "file.yaml").open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    with pytest.raises(DefinitionError, match="FILE_TOO_LARGE"):
        load_tenant(tmp_path)


def test_a_file_that_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(DefinitionError, match=r"pipe\.yaml:1:1: FILE_UNREADABLE"):
        load_tenant(tmp_path)


def test_a_rule_pack_is_no_tenant() -> None:
    folder = rules_dir() / "packs" / "standard"
    with pytest.raises(DefinitionError) as refused:
        load_tenant(folder)
    (fault,) = refused.value.faults
    message = "is a rule pack, not a tenant"
    assert fault == Fault(folder.as_posix(), 1, 1, FaultCode.WRONG_KIND.value, message)


def test_a_tenant_with_a_stray_phase_is_still_a_tenant(tmp_path: Path) -> None:
    """Only what is clearly of the other kind is refused without a look at the rest."""
    (tmp_path / "a.yaml").write_text("phase: limits", encoding="utf-8")
    assert [fault.code for fault in faults_of(tmp_path, SMALL)] == ["UNKNOWN_FIELD"]


def test_a_link_to_nowhere(tmp_path: Path) -> None:
    (tmp_path / "link.yaml").symlink_to(tmp_path / "nowhere")
    with pytest.raises(DefinitionError, match=r"link\.yaml:1:1: FILE_UNREADABLE"):
        load_tenant(tmp_path)


def test_a_folder_in_itself(tmp_path: Path) -> None:
    """It is not followed, and not taken for nothing either (S-25)."""
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    [fault] = faults_of(tmp_path, SMALL)
    assert (fault.code, fault.file) == ("FILE_UNREADABLE", str(tmp_path / "loop"))


def test_deep_nesting_of_groups_loads(tmp_path: Path) -> None:
    """S-34: 10,000 levels are no cycle."""
    chain = ", ".join(f"{{id: g{n}, groups: [g{n + 1}]}}" for n in range(10_000))
    assert faults_of(tmp_path, f"tenant: {{id: t}}\ngroups: [{chain}, {{id: g10000}}]") == ()


WRONG: tuple[Any, ...] = (
    None, True, 0, -1, 2**70, 1.5, "", " ", "yes", "*", "none", "P0D", "2031-13-01", "user:",
    "\u202e", "x" * 300, [], [None], [[]], ["a", "a"], [{}], {}, {"id": None}, {"": ""},
    {"kind": "all_external"},
)  # fmt: skip


def places(content: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all values in a tree."""
    if path:
        yield path
    pairs = content.items() if isinstance(content, dict) else enumerate(content)
    if isinstance(content, dict | list):
        for key, value in pairs:
            yield from places(value, (*path, key))


def put(content: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The tree with another value at one place."""
    changed = copy.deepcopy(content)
    target = changed
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    return changed


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_every_value_replaced_by_a_wrong_one(tmp_path: Path, name: str) -> None:
    """Each place of each example once, by a value that fits nowhere or only by chance (S-25)."""
    content = yaml.load(EXAMPLES[name], yaml.BaseLoader)
    content.setdefault("tenant", {"id": "t"})
    for number, path in enumerate(places(content)):
        faults_of(tmp_path, yaml.safe_dump(put(content, path, WRONG[number % len(WRONG)])))


def cut(text: str, dice: random.Random) -> str:
    return text[: dice.randrange(len(text))]


def swap_lines(text: str, dice: random.Random) -> str:
    lines = text.splitlines()
    one, other = dice.randrange(len(lines)), dice.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return "\n".join(lines)


def double(text: str, dice: random.Random) -> str:
    at = dice.randrange(len(text))
    return text[:at] + text[at : at + 40] + text[at:]


def replace_word(text: str, dice: random.Random) -> str:
    words = text.split(" ")
    words[dice.randrange(len(words))] = str(dice.choice(WRONG))
    return " ".join(words)


def noise(text: str, dice: random.Random) -> str:
    at = dice.randrange(len(text))
    signs = "{}[]:,-#&*!|>'\"%@`\t\n\\\x00\x85\ufeff\u2028é😀"
    return text[:at] + dice.choice(signs) + text[at + dice.randrange(2) :]


CHANGES: tuple[Callable[[str, random.Random], str], ...] = (
    cut, swap_lines, double, replace_word, noise
)  # fmt: skip


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(sorted(EXAMPLES)),
    changes=st.lists(st.sampled_from(CHANGES), min_size=1, max_size=6),
    dice=st.randoms(use_true_random=False),
)
def test_mutated_examples(
    tmp_path: Path,
    name: str,
    changes: list[Callable[[str, random.Random], str]],
    dice: random.Random,
) -> None:
    text = EXAMPLES[name]
    for change in changes:
        text = change(text, dice) or "x"
    faults_of(tmp_path, text)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    ("tenant", "users", "catalogs", "packages", "policies", "id", "scope")
                )
                | st.text(max_size=5),
                inner,
                max_size=5,
            )
        ),
        max_leaves=30,
    )
)
def test_any_tree(tmp_path: Path, content: Any) -> None:
    faults_of(tmp_path, yaml.safe_dump(content))


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300))
def test_any_bytes(tmp_path: Path, content: bytes) -> None:
    faults_of(tmp_path, b"tenant: {id: t}\n" + content)
