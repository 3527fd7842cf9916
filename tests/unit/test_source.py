"""YAML with places: what is read, and what is refused where."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ostiary.rulebook import source
from ostiary.rulebook.faults import FaultList, did_you_mean, quoted, suggest
from ostiary.rulebook.source import (
    MappingNode,
    Meaning,
    Node,
    ScalarNode,
    SequenceNode,
    kind_of,
    load,
    parse,
)


def read(text: str | bytes) -> Node:
    """The document in a text without faults."""
    faults = FaultList()
    node = parse(text.encode() if isinstance(text, str) else text, "a.yaml", faults)
    assert faults.sorted() == ()
    assert node is not None
    return node


def refused(text: str | bytes) -> list[str]:
    """The faults of a text that gives no document."""
    faults = FaultList()
    assert parse(text.encode() if isinstance(text, str) else text, "a.yaml", faults) is None
    return [str(fault).removeprefix("a.yaml:") for fault in faults.sorted()]


def scalar(text: str) -> ScalarNode:
    """The only value of a document."""
    node = read(f"key: {text}")
    assert isinstance(node, MappingNode)
    value = node.fields["key"]
    assert isinstance(value, ScalarNode)
    return value


def test_everything_knows_its_place() -> None:
    node = read("first: 1\nlist:\n  - a\n  - {b: 'c'}\n")
    assert isinstance(node, MappingNode)
    assert (node.line, node.column, node.file) == (1, 1, "a.yaml")
    assert [(key.text, key.line, key.column) for key in node.keys.values()] == [
        ("first", 1, 1),
        ("list", 2, 1),
    ]
    items = node.fields["list"]
    assert isinstance(items, SequenceNode)
    assert [(item.line, item.column) for item in items.items] == [(3, 5), (4, 5)]
    inner = items.items[1]
    assert isinstance(inner, MappingNode)
    assert inner.fields["b"] == ScalarNode("a.yaml", 4, 9, "c", quoted=True)


def test_columns_count_characters_and_not_bytes() -> None:
    node = read("{é: ä, ß: x}")
    assert isinstance(node, MappingNode)
    assert [key.column for key in node.keys.values()] == [2, 8]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        *((word, Meaning.BOOLEAN) for word in ("yes", "No", "ON", "off", "true", "False")),
        *((word, Meaning.NULL) for word in ("", "~", "null", "NULL")),
        *((word, Meaning.NUMBER) for word in ("5", "-1.5", "0x1F", "1_000", ".inf", "1e3", "1:30")),
        *((word, Meaning.DATE) for word in ("2020-01-01", "2020-01-01T10:00:00Z")),
        *((word, Meaning.TEXT) for word in ('"yes"', "'5'", "yess", "1.2.3", "S-28", ".nano", "n")),
    ],
)
def test_what_yaml_would_take_a_word_for(text: str, meaning: Meaning) -> None:
    assert scalar(text).meaning is meaning


def test_words_of_truth() -> None:
    assert [scalar(text).flag for text in ("yes", "'No'", "TRUE", "perhaps")] == [
        *(True, False, True),
        None,
    ]
    assert scalar("~").is_null
    assert not scalar("'~'").is_null


def test_kinds_in_words() -> None:
    node = read("[[], {}, text, 1]")
    assert isinstance(node, SequenceNode)
    assert [kind_of(item) for item in node.items] == ["a list", "a mapping", "text", "a number"]


def test_an_alias_stands_for_its_anchor() -> None:
    node = read("a: &x [1, 2]\nb: *x\n")
    assert isinstance(node, MappingNode)
    assert node.fields["a"] is node.fields["b"]


def test_a_byte_order_mark_is_no_content() -> None:
    assert isinstance(read(b"\xef\xbb\xbfa: 1\n"), MappingNode)


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        pytest.param(
            "a: 1\nb: 2\na: 3\n",
            ["3:1: DUPLICATE_KEY: key `a` stands here twice, first in line 1"],
            id="a key twice",
        ),
        pytest.param(
            "a: 1\na: 2\nb: {c: 1, c: 2}\n",
            [
                "2:1: DUPLICATE_KEY: key `a` stands here twice, first in line 1",
                "3:11: DUPLICATE_KEY: key `c` stands here twice, first in line 3",
            ],
            id="every duplicate at once",
        ),
        pytest.param(
            b"a: caf\xe9\n", ["1:7: NOT_UTF8: byte 0xe9 is not valid UTF-8 here"], id="Latin-1"
        ),
        pytest.param(
            "a: 1\n".encode("utf-16"),
            ["1:1: NOT_UTF8: byte 0xff is not valid UTF-8 here"],
            id="UTF-16",
        ),
        pytest.param(
            "a: 1\r\nb: \x07\n",
            ["2:4: CONTROL_CHARACTER: control character U+0007 is not allowed"],
            id="a bell",
        ),
        pytest.param(
            'a: "\\0"\n',
            ["1:4: CONTROL_CHARACTER: control character in `\\x00`"],
            id="an escaped control character",
        ),
        pytest.param(
            "a: " + "[" * 100_000,
            ["1:67: TOO_DEEP: nested deeper than 64 levels"],
            id="deep lists",
        ),
        pytest.param(
            "a: " + "{b: " * 100_000,
            ["1:256: TOO_DEEP: nested deeper than 64 levels"],
            id="deep mappings",
        ),
        pytest.param(
            "a: &x [1, *x]\n",
            ["1:11: ALIAS_CYCLE: alias `*x` contains itself"],
            id="an alias within its anchor",
        ),
        pytest.param(
            "a: *x\n", ["1:4: UNKNOWN_ALIAS: no anchor `&x` before this"], id="no such anchor"
        ),
        pytest.param(
            BOMB,
            ["6:8: ALIAS_EXPANSION: aliases expand to more than 100,000 values"],
            id="billion laughs",
        ),
        pytest.param(
            "a: !!python/object/apply:os.system [echo]\n",
            ["1:4: TAG: tags are not allowed: `tag:yaml.org,2002:python/object/apply:os.system`"],
            id="a tag that would run something",
        ),
        pytest.param("a: !!str 5\n", ["1:4: TAG: tags are not allowed: `tag:yaml.org,2002:str`"]),
        pytest.param(
            "a: 1\n---\nb: 2\n",
            ["2:1: MANY_DOCUMENTS: a file holds one document only"],
            id="two documents",
        ),
        pytest.param("", ["1:1: EMPTY_FILE: the file is empty"], id="nothing"),
        pytest.param("# nothing\n", ["1:1: EMPTY_FILE: the file is empty"], id="a comment"),
        pytest.param(
            "? [a, b]\n: c\n", ["1:3: KEY_NOT_TEXT: a key must be text, not a list"], id="list key"
        ),
        pytest.param(
            "a: b: c\n",
            ["1:5: YAML_SYNTAX: mapping values are not allowed in this context"],
            id="two colons",
        ),
        pytest.param(
            "a: [1,\n",
            ["2:1: YAML_SYNTAX: did not find expected node content, while parsing a flow node"],
            id="a truncated list",
        ),
        pytest.param(
            'a: "\\q"\n',
            ["1:5: YAML_SYNTAX: found unknown escape character, while parsing a quoted scalar"],
            id="no such escape",
        ),
    ],
)
def test_what_is_refused(text: str | bytes, faults: list[str]) -> None:
    assert refused(text) == faults


def test_a_long_text_is_read_as_it_is() -> None:
    assert scalar("x" * 1_000_000).text == "x" * 1_000_000


def test_a_long_list_is_read_as_it_is() -> None:
    node = read("- x\n" * 10_000)
    assert isinstance(node, SequenceNode)
    assert len(node.items) == 10_000


def load_faults(path: Path) -> list[str]:
    """The faults of a file that cannot be read."""
    faults = FaultList()
    assert load(path, "a.yaml", faults) is None
    return [str(fault) for fault in faults.sorted()]


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\n", encoding="utf-8")
    assert isinstance(load(path, "a.yaml", FaultList()), MappingNode)


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)  # opening it would wait for ever
    assert load_faults(fifo) == ["a.yaml:1:1: FILE_UNREADABLE: not a regular file"]
    assert load_faults(tmp_path) == ["a.yaml:1:1: FILE_UNREADABLE: not a regular file"]
    assert load_faults(tmp_path / "gone") == [
        "a.yaml:1:1: FILE_UNREADABLE: no such file or directory"
    ]
    assert load_faults(tmp_path / "with\0null") == [
        "a.yaml:1:1: FILE_UNREADABLE: embedded null byte"
    ]


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: " + b"x" * 1024 * 1024)
    faults = FaultList()
    assert load(path, "a.yaml", faults, largest=1024 * 1024) is None
    assert [str(fault) for fault in faults.sorted()] == [
        "a.yaml:1:1: FILE_TOO_LARGE: the file is larger than 1 MiB"
    ]
    assert load(path, "a.yaml", FaultList()) is not None
    assert source.LARGEST_FILE == 64 * 1024 * 1024


def test_faults_are_sorted_and_each_counts_once() -> None:
    faults = FaultList()
    first, second = source.Spot("a.yaml", 2, 1), source.Spot("a.yaml", 1, 9)
    faults.add(first, "B", "b")
    faults.add(second, "A", "a", warning=True)
    faults.add(first, "B", "b")
    assert [str(fault) for fault in faults.sorted()] == [
        "a.yaml:1:9: warning A: a",
        "a.yaml:2:1: B: b",
    ]
    assert faults.has_errors


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("enabeld", "enabled"),
        ("Enabled", "enabled"),
        ("all-members", "all_members"),
        ("xyz", None),
        ("e" * 200, None),
    ],
)
def test_names_that_are_nearly_right(word: str, meant: str | None) -> None:
    assert suggest(word, ["enabled", "disabled", "all_members"]) == meant


def test_texts_of_users_are_quoted_short_and_on_one_line() -> None:
    assert did_you_mean("enabeld", ["enabled"]) == "; did you mean `enabled`?"
    assert did_you_mean("xyz", ["enabled"]) == ""
    assert quoted("a\nb\x1b[31m") == "`a\\nb\\x1b[31m`"
    assert quoted("x" * 100) == f"`{'x' * 63}…`"
