"""The table of rules and tests must see every mention, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.s_rules import (
    Rule,
    collect,
    faults,
    main,
    mentions_in_python,
    mentions_in_suite,
    read_rules,
    table,
)

LIST = "# a remark\nS-1 | time | days\n\nS-2 | time | months | waits: request life cycle\n"
DAYS, MONTHS = Rule(1, "time", "days", ""), Rule(2, "time", "months", "waits: request life cycle")
TEST = "def test_a() -> None:"
ROOT = Path(__file__).resolve().parents[2]


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_read_rules() -> None:
    assert read_rules(LIST) == (DAYS, MONTHS)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("S-1 | time", id="a column is missing"),
        pytest.param("S-x | time | days", id="not a number"),
        pytest.param("S-1 | time | days | later", id="an unknown mark"),
        pytest.param("S-1 | time | days\nS-1 | time | months", id="one number twice"),
    ],
)
def test_a_malformed_list_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="line"):
        read_rules(line)


@pytest.mark.parametrize(
    ("source", "want"),
    [
        pytest.param(f"{TEST}\n    '''S-1.'''", [(1, "test_a")], id="docstring"),
        pytest.param(f"{TEST} ...  # S-1, S-2", [(1, "test_a"), (2, "test_a")], id="comment"),
        pytest.param(f"@mark('S-1 id')\n{TEST} ...", [(1, "test_a")], id="decorator"),
        pytest.param(f"class TestA:\n    {TEST} ...  # S-1", [(1, "test_a")], id="method"),
        pytest.param(f"ROWS = ['S-1']\n{TEST} ...", [(1, "")], id="module"),
        pytest.param("# S-1\ndef a() -> None: ...", [], id="a module without tests proves nothing"),
        pytest.param(f"# NS-1 US-1 S-x\n{TEST} ...", [], id="other words"),
        pytest.param(f"# S-14\n{TEST} ...", [(14, "")], id="the whole number"),
        pytest.param(f"# S-14-kinds\n{TEST} ...", [(14, "")], id="part of an id"),
    ],
)
def test_mentions_in_python(source: str, want: list[tuple[int, str]]) -> None:
    assert list(mentions_in_python(source)) == want


def test_mentions_in_suite() -> None:
    suite = "# S-1\nname: nobody is forgotten  # S-2\ntests:\n  - name: again\n    cites: [S-3]\n"
    assert [number for number, _ in mentions_in_suite(suite)] == [1, 2, 3]
    assert list(mentions_in_suite(suite))[-1] == (3, "again")


def test_faults_name_untested_and_unknown_rules() -> None:
    assert faults([DAYS, MONTHS], {1: ("a::b",)}) == []
    assert faults([DAYS, MONTHS], {}) == ["S-1 (days): no test names it"]
    assert faults([DAYS], {1: ("a",), 9: ("b",)}) == ["S-9: no such rule, named by b"]


def test_table_shows_tests_or_what_they_wait_for() -> None:
    lines = list(table([DAYS, MONTHS], {1: ("a", "b", "c", "d")}))
    assert [line.strip() for line in lines[1:5]] == ["a", "b", "c", "and 1 more"]
    assert lines[-1].strip() == "waits: request life cycle"
    assert list(table([DAYS], {}))[-1].strip() == "NO TEST"


def test_main_fails_until_a_test_names_the_rule(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "tests/s_rules.txt", LIST)
    write(tmp_path, "tests/oracle/days.py", "def days() -> int: ...  # S-1")
    assert main(tmp_path) == 1
    assert "S-1 (days): no test names it" in capsys.readouterr().err
    write(tmp_path, "tests/unit/test_days.py", "def test_days() -> None: ...  # S-1")
    write(tmp_path, "rules/packs/standard/days_test.yaml", "name: months  # S-2")
    assert main(tmp_path) == 0
    assert "2 rules, 2 with tests, 0 waiting, 0 faults" in capsys.readouterr().out
    assert collect(tmp_path)[1] == ("tests/unit/test_days.py::test_days",)


def test_the_list_holds_every_rule_in_order() -> None:
    rules = read_rules((ROOT / "tests" / "s_rules.txt").read_text(encoding="utf-8"))
    assert [rule.number for rule in rules] == list(range(1, 141))
