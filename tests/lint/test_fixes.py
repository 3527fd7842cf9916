"""`ostiary check --fix`: what has no effect goes, and every other character stays."""

from __future__ import annotations

import difflib
import random
import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from ostiary.analysis.lint.fixes import FIXABLE, Fixed, fix_folder
from ostiary.analysis.lint.pages import page_of, pages_dir
from ostiary.analysis.lint.placed import lint_folder
from ostiary.cli.exits import Exit
from ostiary.decide.evaluate import evaluate
from ostiary.domain.decision import Decision
from ostiary.domain.reasons import Severity
from ostiary.domain.request import EvaluationRequest
from ostiary.domain.tenant import Tenant
from ostiary.rulebook.tenant_files import load_tenant
from tests.lint.test_pages import NOW, YAML, example
from tests.properties.ruling import snapshot
from tests.scenarios.commands import run

INDEX = (pages_dir() / "README.md").read_text(encoding="utf-8")
(BASE,) = (block for block in YAML.findall(INDEX) if block.startswith("# base.yaml\n"))


def tenant_of(folder: Path, text: str, base: str = BASE) -> Path:
    """A tenant of the pages' base and one more file."""
    if base:
        (folder / "base.yaml").write_text(base, encoding="utf-8")
    (folder / "example.yaml").write_text(text, encoding="utf-8", newline="")
    return folder


def fixed(folder: Path) -> Fixed:
    """The folder after its fixes."""
    return fix_folder(folder, now=NOW)


def policy(approval: str, before: str = "") -> str:
    """A file with one policy, whose approval is indented by twelve."""
    return f"""{before}packages:
  - id: printing
    name: Printing
    catalog: office
    entries: [{{resource: printer, role: User}}]   # all of it
    policies:
      - id: team
        name: "Team"
        scope: {{kind: specific_subjects, groups: [team]}}
        approval:
          for: [add]
          stages:
{approval}"""


ROWS = [
    pytest.param(
        "            - approvers: [user:ada, user:ola, user:kim]   # two\n",
        "            - approvers: [user:ada, user:kim]   # two\n",
        id="in the middle of a list in one line",
    ),
    pytest.param(
        "            - approvers: [user:ada, user:ola]\n",
        "            - approvers: [user:ada]\n",
        id="at its end",
    ),
    pytest.param(
        "            - approvers: [ user:ola , user:ada ]\n",
        "            - approvers: [ user:ada ]\n",
        id="at its beginning",
    ),
    pytest.param(
        "            - approvers:\n"
        "                # who decides\n"
        "                - user:ola   # left in May\n"
        "                # and who helps: Žofie's team, 日本\n"
        "                - user:ada\n"
        "              time_out: P10D\n",
        "            - approvers:\n"
        "                # who decides\n"
        "                # and who helps: Žofie's team, 日本\n"
        "                - user:ada\n"
        "              time_out: P10D\n",
        id="a line of a list, with the comment behind it",
    ),
    pytest.param(
        '            - {approvers: ["user:ada"], fallback: ["user:ada"], time_out: P9D}\n',
        '            - {approvers: ["user:ada"], time_out: P9D}\n',
        id="a list of which nothing would be left",
    ),
    pytest.param(
        "            - approvers: [user:ada, user:kim]\n"
        "              fallback:\n"
        "                - user:kim\n"
        "              time_out: P9D",
        "            - approvers: [user:ada, user:kim]\n              time_out: P9D",
        id="the same in lines, at the end of a file without a line break",
    ),
    pytest.param(
        "            - approvers: [user:ada, user:kim]\r\n"
        "              fallback:\r\n"
        "              - user:kim\r\n"
        "              - group:board\r\n"
        "              time_out: P3D\r\n",
        "            - approvers: [user:ada, user:kim]\r\n"
        "              fallback:\r\n"
        "              - group:board\r\n"
        "              time_out: P3D\r\n",
        id="line breaks of another system",
    ),
    pytest.param(
        "            - approvers: [user:ada, user:ola, user:ona, group:board]\n",
        "            - approvers: [user:ada, group:board]\n",
        id="two of one list",
    ),
]


@pytest.mark.parametrize(("before", "after"), ROWS)
@pytest.mark.parametrize("mark", ["", "\ufeff# ü\n"], ids=["plain", "with a byte order mark"])
def test_what_goes_and_what_stays(before: str, after: str, mark: str, tmp_path: Path) -> None:
    head = f"{mark}users: [{{id: ona, name: Ona Ro, state: deleted}}]\n"
    folder = tenant_of(tmp_path, policy(before, head))
    assert fixed(folder).after == {f"{tmp_path}/example.yaml": policy(after, head)}


@pytest.mark.parametrize(
    "approval",
    [
        pytest.param("            - approvers: [user:ada, user:lee]\n", id="blocked, not deleted"),
        pytest.param("            - approvers: [user:ola]\n", id="nobody else on the list"),
        pytest.param(
            "            - approvers: [user:ada, # who left is still here:\n"
            "                          user:ola]\n",
            id="a comment would go along",
        ),
        pytest.param(
            "            - approvers: &people [user:ada, user:ola]\n"
            "            - approvers: *people\n",
            id="an alias shares the list",
        ),
        pytest.param(
            "            - approvers: [user:ada, &gone user:ola]\n"
            "              fallback: [*gone, user:kim]\n",
            id="an alias needs the entry",
        ),
        pytest.param(
            "            - approvers: [manager]\n              fallback: [manager]\n",
            id="without the fallback loading would warn",
        ),
        pytest.param(
            "            - approvers: [user:ada]\n"
            "              alternates: [user:ada, group:empty]\n"
            "              alternate_fallback: [user:kim]\n"
            "              escalate_after: P3D\n",
            id="without the alternate others would join",
        ),
    ],
)
def test_what_is_left_alone(approval: str, tmp_path: Path) -> None:
    folder = tenant_of(tmp_path, policy(approval))
    assert fixed(folder) == Fixed()


def test_a_loose_policy_is_found_by_its_package(tmp_path: Path) -> None:
    text = policy("            - approvers: [user:ada]\n")
    loose = """
policies:
  - id: loose
    package: other
    name: Loose
    scope: {kind: none}
    approval: {for: [add], stages: [{approvers: [user:ada]}]}
  - id: loose
    package: printing
    name: Loose
    scope: {kind: none}
    approval: {for: [add], stages: [{approvers: [user:ada, user:ola]}]}
packages:
  - {id: other, name: Other, catalog: office, entries: [{resource: printer, role: User}]}
"""
    folder = tenant_of(tmp_path, text)
    (folder / "loose.yaml").write_text(loose, encoding="utf-8")
    (new,) = fixed(folder).after.values()
    assert new == loose.replace("[user:ada, user:ola]", "[user:ada]")


def test_an_override_goes_with_the_section_that_it_leaves_empty(tmp_path: Path) -> None:
    text = """tenant:
  id: tiny
  overrides:   # nothing yet
    limits:
      approval_stages: 2
  name: Tiny
"""
    folder = tenant_of(tmp_path, text, base="")
    assert fixed(folder).after == {
        f"{tmp_path}/example.yaml": "tenant:\n  id: tiny\n  name: Tiny\n"
    }


def answers(tenant: Tenant) -> list[Decision]:
    """What everybody is told about everything, without remarks on who was passed over."""
    snap, found = snapshot(tenant), []
    for package in snap.order:
        for user in tenant.users:
            decision = evaluate(snap, EvaluationRequest(package.id, user.id, NOW))
            told = tuple(one for one in decision.reasons if one.severity is not Severity.INFO)
            stages = tuple(replace(stage, discarded=()) for stage in decision.stages)
            found.append(
                replace(decision, reasons=told, stages=stages, steps=(), revision=snap.revision)
            )
    return [replace(one, revision=None) for one in found]


@pytest.mark.parametrize(
    "seeds",
    [
        pytest.param(range(8), id="a few"),
        pytest.param(range(8, 250), id="many", marks=[pytest.mark.long, pytest.mark.timeout(1800)]),
    ],
)
def test_fixes_change_no_answer_raise_nothing_and_are_done_at_once(
    seeds: range, tmp_path: Path
) -> None:
    """Over random files: the same answers, no new finding, and a second time nothing to do."""
    mended = 0
    for seed in seeds:
        folder = tmp_path / str(seed)
        folder.mkdir()
        tenant_of(folder, random_policies(random.Random(seed)))
        before = load_tenant(folder)
        said = said_of(folder)
        result = fixed(folder)
        for name, text in result.after.items():
            lines = difflib.ndiff(result.before[name].splitlines(), text.splitlines())
            assert not any(line.startswith("+") and not loses(line) for line in lines)
            Path(name).write_bytes(text.encode())
        assert answers(load_tenant(folder).tenant) == answers(before.tenant), seed
        assert said_of(folder) <= said, seed
        assert fixed(folder) == Fixed(), seed
        mended += len(result.mended)
    assert mended > 2 * len(seeds)


def loses(line: str) -> bool:
    """Say that a line is one that only lost entries: it still stands in brackets."""
    return "[" in line


def said_of(folder: Path) -> set[tuple[str, str]]:
    """What is reported about a folder."""
    report = lint_folder(folder, load_tenant(folder), now=NOW)
    return {(one.finding.code, one.finding.where) for one in report.placed}


def random_policies(dice: random.Random) -> str:
    """Packages whose lists name people who are there and people who are not, in any layout."""
    people = [
        "user:ada",
        "user:bea",
        "user:kim",
        "user:ola",
        "user:lee",
        "group:board",
        "group:empty",
    ]

    def some(extra: list[str], least: int = 1) -> list[str]:
        found = dice.sample([*people, *extra], dice.randint(least, 4))
        return list(dict.fromkeys(found))

    def spelled(name: str, entries: list[str], indent: str) -> str:
        if not entries:
            return ""
        if dice.random() < 0.5:
            return f"{indent}{name}: [{', '.join(entries)}]\n"
        lines = [f"{indent}  - {one}{dice.choice(['', '   # why'])}\n" for one in entries]
        return f"{indent}{name}:\n{''.join(lines)}"

    text = ""
    for number in range(3):
        stages = ""
        for _ in range(dice.randint(1, 2)):
            alternates = some([], 0)
            later = "P3D" if alternates else ""
            indent = " " * 14
            stage = spelled("approvers", some(["manager"]), indent)
            stage += spelled("fallback", some([], 0), indent)
            stage += spelled("alternates", alternates, indent)
            stage += spelled("alternate_fallback", some([], 0) if alternates else [], indent)
            stage += f"{indent}escalate_after: {later}\n" if later else ""
            stages += f"{' ' * 12}- justification: required\n{stage}"
        wanted = dice.choice(["[add]", "[add, extension]"])
        text += (
            policy(stages)
            .replace("for: [add]", f"for: {wanted}")
            .replace("printing", f"printing-{number}")
            .replace("name: Printing", f"name: Printing {number}")
            .removeprefix("packages:\n")
        )
    return "packages:\n" + text


def test_the_command_prints_the_difference_and_writes_nothing(tmp_path: Path) -> None:
    text = policy("            - approvers: [user:ada, user:ola]\n")
    folder = tenant_of(tmp_path, text)
    done = run("check", folder, "--fix", "--dry-run", "--at", "2031-03-10")
    assert done.exit_code == Exit.DONE
    assert "-            - approvers: [user:ada, user:ola]\n" in done.stdout
    assert "+            - approvers: [user:ada]\n" in done.stdout
    assert done.stderr == f"{folder}: 1 finding would be mended: APPROVER_LEFT\n"
    assert (folder / "example.yaml").read_text(encoding="utf-8") == text


def test_the_command_mends_and_reports_what_is_left(tmp_path: Path) -> None:
    folder = tenant_of(
        tmp_path, policy("            - approvers: [user:ada, user:ola, user:lee]\n")
    )
    file = folder / "example.yaml"
    file.chmod(0o640)
    done = run("check", folder, "--fix", "--select", "APPROVER_LEFT", "--at", "2031-03-10")
    assert done.exit_code == Exit.DONE
    assert "[user:ada, user:lee]" in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o777 == 0o640
    assert [line.partition(": ")[2][:22] for line in done.stdout.splitlines()] == [
        "warning APPROVER_LEFT:"
    ]
    assert f"{folder}: 1 finding mended: APPROVER_LEFT\n" in done.stderr
    assert {path.name for path in folder.iterdir()} == {"base.yaml", "example.yaml"}


def test_only_what_is_selected_is_mended_and_a_link_stays_a_link(tmp_path: Path) -> None:
    text = policy(
        '            - approvers: [user:ada, user:ola]\n              fallback: ["user:ada"]\n'
    )
    room = tmp_path / "real"
    room.mkdir()
    folder = tenant_of(tmp_path, text)
    (folder / "example.yaml").rename(room / "held.txt")
    (folder / "example.yaml").symlink_to(room / "held.txt")
    run("check", folder, "--fix", "--select", "FALLBACK_REPEATS", "--at", "2031-03-10")
    assert (folder / "example.yaml").is_symlink()
    assert (room / "held.txt").read_text(encoding="utf-8") == policy(
        "            - approvers: [user:ada, user:ola]\n"
    )
    run("check", folder, "--fix", "--ignore", "APPROVER_LEFT", "--at", "2031-03-10")
    assert "user:ola" in (room / "held.txt").read_text(encoding="utf-8")


def test_a_tenant_that_does_not_load_is_not_touched(tmp_path: Path) -> None:
    text = policy("            - approvers: [user:ada, user:ola, user:nobody]\n")
    folder = tenant_of(tmp_path, text)
    done = run("check", folder, "--fix")
    assert done.exit_code == Exit.FAULTY
    assert (folder / "example.yaml").read_text(encoding="utf-8") == text


def test_dry_run_goes_with_fix(tmp_path: Path) -> None:
    done = run("check", tenant_of(tmp_path, ""), "--dry-run")
    assert done.exit_code == Exit.USAGE
    assert done.stderr == "--dry-run goes with --fix\n"


def test_the_index_names_every_code_that_mends_itself() -> None:
    section = INDEX.partition("## What mends itself\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"\b[A-Z]+_[A-Z_]+\b", section)) == FIXABLE
    for code in FIXABLE:
        assert page_of(code) is not None
        assert example(code, "An example that raises it")
