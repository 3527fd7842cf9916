"""`ostiary diff`: what is told of a change, in every form, and what is said when it cannot be."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from ostiary.cli.exits import Exit
from tests.scenarios.commands import STANDARD, TAILWIND, run, spoil

AT = ("--at", "2031-03-10T10:00Z")
SALES = Path("catalogs/sales.yaml")


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """A copy of an example to change."""
    return Path(shutil.copytree(TAILWIND, tmp_path / "new"))


@pytest.fixture
def changed(new: Path) -> Path:
    """A copy in which Sales Team Access is open to others, and stage 2 is another."""
    spoil(new / SALES, "groups: [sales-staff]", "groups: [emea, studio-employees]")
    spoil(
        new / SALES,
        '{approvers: ["user:dana"]}',
        '{approvers: ["user:dana", "user:fran"], time_out: P10D}',
    )
    return new


def test_the_difference_is_told_in_sentences_numbers_and_names(changed: Path) -> None:
    told = run("diff", TAILWIND, changed, *AT)
    assert told.exit_code == Exit.DONE
    first, second, third, *_ = told.stdout.splitlines()
    assert first == "2 people gain access that can be asked for and 2 people lose some."
    assert second == "For 1 other person something else changes."
    # What follows stands on a line of its own where the folder's name is long.
    assert third.startswith("1 of 10 packages and 18 people compared:")
    for line in (
        "  gain             2 people  in 1 package",
        "  other deadlines  1 person  in 1 package",
        "Sales Team Access (sales-team-access)",
        "  gain: 2 people  Ella Grant, Otto Reyes",
        "  lose: 2 people  Mona Lindqvist, Nils Ekberg",
    ):
        assert line in told.stdout.splitlines()


def test_nothing_changes_between_a_tenant_and_itself() -> None:
    told = run("diff", TAILWIND, TAILWIND, *AT, "--exit-code")
    assert told.exit_code == Exit.DONE
    assert told.stdout == "Nothing changes for anybody: 18 people and 10 packages compared.\n"


def test_a_difference_may_be_an_exit_code(changed: Path) -> None:
    assert run("diff", TAILWIND, changed, *AT).exit_code == Exit.DONE
    assert run("diff", TAILWIND, changed, *AT, "--exit-code").exit_code == Exit.FAULTY
    only = run("diff", TAILWIND, changed, *AT, "--exit-code", "--only", "reviews,dead-ends")
    assert (only.exit_code, only.stdout.split(":")[0]) == (0, "Nothing changes for anybody")


def test_json_holds_everything(changed: Path) -> None:
    told = json.loads(run("diff", TAILWIND, changed, *AT, "--json").stdout)
    assert told["summary"] == {
        "gains": {"people": 2, "newcomers": [], "packages": 1},
        "losses": {"people": 2, "newcomers": [], "packages": 1},
        "approvers": {"people": 1, "newcomers": [], "packages": 1},
        "deadlines": {"people": 1, "newcomers": [], "packages": 1},
    }
    (approvers,) = (one for one in told["changes"] if one["kind"] == "approvers")
    assert approvers["people"] == ["emil"]
    assert (approvers["package"], approvers["policy"]) == ("sales-team-access", "employees")
    assert [one["deciders"] for one in approvers["new"]] == [
        [{"mark": "the manager"}],
        [{"user": "dana"}, {"user": "fran"}],
    ]
    (deadlines,) = (one for one in told["changes"] if one["kind"] == "deadlines")
    assert [one["lapses_after"] for one in deadlines["new"]] == ["P30D", "P10D"]


def test_the_table_has_a_line_for_each_person_with_their_own_approvers(
    changed: Path, tmp_path: Path
) -> None:
    table = tmp_path / "table.csv"
    run("diff", TAILWIND, changed, *AT, "--csv", table)
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["person"], row["kind"]) for row in rows] == [
        ("ella", "gains"),
        ("otto", "gains"),
        ("mona", "losses"),
        ("nils", "losses"),
        ("emil", "approvers"),
        ("emil", "deadlines"),
    ]
    assert rows[4]["before"] == "stage 1: Mona Lindqvist; stage 2: Dana Whitlock"
    assert rows[4]["after"] == "stage 1: Mona Lindqvist; stage 2: Dana Whitlock or Fran Keller"


class _Page(HTMLParser):
    """The tags of a page and what stands between them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_needs_nothing_from_elsewhere(changed: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    run("diff", TAILWIND, changed, *AT, "--html", page)
    seen = _Page(page.read_text(encoding="utf-8"))
    assert "2 people gain access that can be asked for and 2 people lose some." in seen.text
    assert "Mona Lindqvist, Nils Ekberg." in seen.text
    for tag, attributes in seen.tags:
        assert tag not in {"link", "img", "iframe", "object", "base"}
        assert "src" not in attributes
        assert (attributes.get("href") or "#").startswith("#")
    assert "url(" not in page.read_text()
    assert "@import" not in page.read_text()


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'`{{ 7*7 }}"


def test_names_stay_text_on_the_page_and_in_the_table(new: Path, tmp_path: Path) -> None:
    def rename(path: str, change: Callable[[dict[str, Any]], None]) -> None:
        content = yaml.safe_load((new / path).read_text())
        change(content)
        (new / path).write_text(yaml.safe_dump(content))

    def people(content: dict[str, Any]) -> None:
        for user in content["users"]:
            user["name"] = {"ella": HOSTILE, "otto": "=1+cmd|' /C calc'!A0"}.get(
                user["id"], "N" * 256
            )

    def sales(content: dict[str, Any]) -> None:
        (catalog,) = content["catalogs"]
        package = catalog["packages"][0]
        package["name"] = f"</title></style>{HOSTILE}"
        package["policies"][0]["name"] = HOSTILE
        package["policies"][0]["scope"]["groups"] = ["studio-employees"]

    rename("directory/people.yaml", people)
    rename(str(SALES), sales)
    page, table = tmp_path / "page.html", tmp_path / "table.csv"
    told = run("diff", TAILWIND, new, *AT, "--html", page, "--csv", table)
    assert told.exit_code == Exit.DONE
    text = page.read_text(encoding="utf-8")
    seen = _Page(text)
    assert HOSTILE in seen.text
    assert [tag for tag, _ in seen.tags].count("script") == 1
    assert not any(tag == "img" for tag, _ in seen.tags)
    assert not any(name.startswith("on") for _, found in seen.tags for name in found)
    assert "49" not in re.findall(r"alert\(1\)[^<]*?(49)", text)
    with table.open(newline="") as file:
        names = {row["person"]: row["person_name"] for row in csv.DictReader(file)}
    assert names["otto"].startswith("'=")
    assert names["ella"] == HOSTILE


def test_rules_alone_may_differ(tmp_path: Path) -> None:
    rules = Path(shutil.copytree(STANDARD, tmp_path / "rules"))
    spoil(
        rules / "lifecycle.yaml",
        "when: {end: dated, extension: allowed}",
        "when: {end: dated, extension: allowed, approval: not_required}",
    )
    told = run("diff", STANDARD, rules, *AT, "--directory", TAILWIND, "--json")
    assert told.exit_code == Exit.DONE, told.stderr
    changes = json.loads(told.stdout)["changes"]
    assert changes
    assert {one["kind"] for one in changes} == {"actions"}
    assert all("remind expiry" in one["before"] for one in changes)
    beside = run("diff", TAILWIND, TAILWIND, *AT, "--rules", rules)
    assert beside.stdout.startswith("Nothing changes")
    missing = run("diff", STANDARD, rules, *AT)
    assert missing.exit_code == Exit.USAGE
    assert missing.stderr == "neither OLD nor NEW holds a tenant; name one with --directory\n"


def test_people_may_come_from_a_directory_of_their_own(new: Path, tmp_path: Path) -> None:
    people = Path(shutil.copytree(TAILWIND, tmp_path / "people"))
    spoil(
        people / "directory" / "groups.yaml", "users: [mona, nils]", "users: [mona, nils, quentin]"
    )
    spoil(new / SALES, "groups: [sales-staff]", "groups: [emea]")
    told = json.loads(run("diff", TAILWIND, new, *AT, "--directory", people, "--json").stdout)
    assert [one["people"] for one in told["changes"] if one["kind"] == "losses"] == [
        ["mona", "nils", "quentin"]
    ]


def test_packages_come_and_go(new: Path) -> None:
    spoil(new / SALES, "- id: sales-team-access", "- id: sales-access")
    back = run("diff", TAILWIND, new, *AT)
    assert "Sales Team Access (sales-access), is new" in back.stdout
    assert "Sales Team Access (sales-team-access), is gone" in back.stdout
    assert "there is no such package → may request, with approval, under Employees" in back.stdout
    one = run("diff", TAILWIND, new, *AT, "--package", "sales-access")
    assert "of 1 package and 18 people" in one.stdout
    assert "sales-team-access" not in one.stdout


@pytest.mark.parametrize(
    ("options", "code", "want"),
    [
        (("--only", "gainz"), Exit.USAGE, "--only: `gainz` is no kind of change; there are gains,"),
        (("--only", ","), Exit.USAGE, "--only: names nothing; there are gains, losses,"),
        (
            ("--package", "sales-team-acces"),
            Exit.FAULTY,
            "--package: neither side has a package `sales-team-acces`;"
            " did you mean `sales-team-access`?",
        ),
        (("--at", "tomorrow"), Exit.USAGE, "--at: "),
        (("--rules", str(TAILWIND)), Exit.USAGE, f"--rules: {TAILWIND}: holds no rule pack"),
        (("--directory", "nowhere"), Exit.USAGE, "no such folder: nowhere"),
        (
            ("--csv", "/nowhere/t.csv"),
            Exit.USAGE,
            "cannot write /nowhere/t.csv: no such file or directory",
        ),
        (
            ("--html", "/proc/t.html"),
            Exit.USAGE,
            "cannot write /proc/t.html: no such file or directory",
        ),
    ],
)
def test_options_that_are_wrong(options: tuple[str, ...], code: Exit, want: str) -> None:
    told = run("diff", TAILWIND, TAILWIND, *options)
    assert told.exit_code == code
    assert told.stderr.startswith(want)


def test_a_side_that_does_not_load_ends_the_command_with_its_faults(new: Path) -> None:
    spoil(new / SALES, "kind: group", "kind: gruop")
    for sides in ((TAILWIND, new), (new, TAILWIND)):
        told = run("diff", *sides)
        assert (told.exit_code, told.stdout) == (Exit.FAULTY, "")
        assert f"{new}/catalogs/sales.yaml:" in told.stderr


def test_two_tenants_are_no_two_versions_of_one(new: Path) -> None:
    spoil(new / "tenant.yaml", "id: larkfield", "id: other")
    told = run("diff", TAILWIND, new)
    assert told.exit_code == Exit.FAULTY
    assert "the tenant `other`; compare two versions of one tenant" in told.stderr


def test_newcomers_of_partners_are_told_though_they_are_in_no_directory(
    new: Path, tmp_path: Path
) -> None:
    """S-110: policies for external people are about them above all."""
    spoil(new / SALES, "expiration: {after: P90D}", "expiration: {after: P180D}")
    page, table = tmp_path / "page.html", tmp_path / "table.csv"
    told = run("diff", TAILWIND, new, *AT, "--html", page, "--csv", table)
    assert told.stdout.splitlines()[:2] == [
        "Nobody gains and nobody loses access that can be asked for.",
        "For newcomers of Tailwind something else changes.",
    ]
    assert "  another duration: newcomers of Tailwind" in told.stdout.splitlines()
    assert "Access lasts another time for newcomers of Tailwind" in page.read_text()
    with table.open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["person_name"], row["kind"]) == ("newcomers of Tailwind", "duration")
    told = run("diff", TAILWIND, new, *AT, "--json")
    (change,) = json.loads(told.stdout)["changes"]
    assert (change["people"], change["newcomers"]) == ([], ["newcomers of Tailwind"])
    spoil(new / SALES, "kind: specific_organizations, organizations: [tailwind]", "kind: none")
    lost = run("diff", TAILWIND, new, *AT)
    assert lost.stdout.startswith("Nobody gains and newcomers of Tailwind lose some.\n")
    assert run("diff", new, TAILWIND, *AT).stdout.startswith(
        "Newcomers of Tailwind gain access that can be asked for and nobody loses any.\n"
    )


def test_many_newcomers_are_counted_where_there_is_no_room_for_their_names(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(STANDARD, rules)
    rule = "when: {end: dated, extension: allowed}"
    spoil(rules / "lifecycle.yaml", rule, "when: {end: dated}")
    lines = run("diff", STANDARD, rules, "--directory", TAILWIND, *AT).stdout.splitlines()
    assert lines[1] == "For 18 other people and newcomers of 3 kinds something else changes."
    assert "  other actions  18 people and newcomers of 3 kinds  in 9 packages" in lines
    assert "  other actions: newcomers of Birch Studio and of Copperline" in lines
