"""Every code of lint has a page, whose examples raise it and do not."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from msgspec.structs import replace

from ostiary.analysis.lint.codes import CODES, LOADING
from ostiary.analysis.lint.pages import page_of, pages_dir
from ostiary.analysis.lint.placed import FolderReport, lint_folder
from ostiary.analysis.lint.ruling import lint_pack, lint_under
from ostiary.rulebook.tabulate import _prepare, standard_pack_dir
from ostiary.rulebook.tenant_files import load_tenant
from ostiary.rulebook.times import parse_instant

NOW = parse_instant("2031-03-10T09:00Z")
YAML = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECTIONS = [
    "What it means",
    "An example that raises it",
    "One that comes close and does not",
    "How to mend it",
]
MARK = re.compile(r"#\s*<-")


def example(code: str, heading: str) -> str:
    """The YAML of one section of a page."""
    page = page_of(code)
    assert page is not None
    section = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    (block,) = YAML.findall(section)
    return str(block)


def checked(folder: Path, text: str) -> FolderReport:
    """The findings over the examples' base with one more file, or with a pack beside it."""
    ruled = re.match(r"# (\w+\.yaml)\n", text)
    if ruled is not None:
        return checked_rules(folder, ruled[1], *text.partition("# in the tenant\n")[::2])
    index = (pages_dir() / "README.md").read_text(encoding="utf-8")
    (base,) = (block for block in YAML.findall(index) if block.startswith("# base.yaml\n"))
    if not re.search(r"^tenant:", text, re.MULTILINE):
        (folder / "base.yaml").write_text(base, encoding="utf-8")
    (folder / "example.yaml").write_text(text, encoding="utf-8")
    return lint_folder(folder, load_tenant(folder), now=NOW)


def checked_rules(folder: Path, name: str, rules: str, tenant: str) -> FolderReport:
    """The findings over the shipped pack with what a page adds to one of its files.

    Lines are counted in the example.
    """
    pack = Path(shutil.copytree(standard_pack_dir(), folder / "rules"))
    predicates, _, steps = rules.partition("\nsteps:")
    _, _, predicates = predicates.partition("\n")
    file = pack / name
    shipped = file.read_text(encoding="utf-8")
    mixed = shipped.replace(
        "\nsteps:\n", f"\n{predicates}\nsteps:\n{steps.partition(chr(10))[2]}", 1
    )
    file.write_text(mixed, encoding="utf-8")
    faults = _prepare(pack).faults
    assert not faults.has_errors, faults.sorted()
    room = folder / "tenant"
    room.mkdir()
    checked(room, tenant or "users: []\n")  # writes the files
    found = (*lint_pack(pack), *lint_under(pack, load_tenant(room).tenant))
    lines = rules.splitlines()
    placed = [
        replace(one, file="example.yaml", line=1 + lines.index(mixed.splitlines()[one.line - 1]))
        for one in found
    ]
    return FolderReport(tuple(placed))


def lines_of(report: FolderReport, code: str) -> list[int]:
    """The lines of the example in which a code is found; its base is what it is."""
    return [
        one.line
        for one in report.placed
        if one.finding.code == code and Path(one.file).name == "example.yaml"
    ]


@pytest.mark.parametrize("code", CODES)
def test_the_example_raises_its_code_in_the_marked_lines_alone(code: str, tmp_path: Path) -> None:
    text = example(code, "An example that raises it")
    marked = [n for n, line in enumerate(text.splitlines(), start=1) if MARK.search(line)]
    assert marked, "mark the line with `# <-`"
    assert lines_of(checked(tmp_path, text), code) == marked


@pytest.mark.parametrize("code", CODES)
def test_the_example_that_comes_close_does_not(code: str, tmp_path: Path) -> None:
    text = example(code, "One that comes close and does not")
    assert lines_of(checked(tmp_path, text), code) == []


@pytest.mark.parametrize("code", LOADING)
def test_what_loading_warns_of_has_examples_too(code: str, tmp_path: Path) -> None:
    for heading, marks in (
        ("An example that raises it", True),
        ("One that comes close and does not", False),
    ):
        text = example(code, heading)
        marked = [n for n, line in enumerate(text.splitlines(), start=1) if MARK.search(line)]
        folder = tmp_path / heading
        folder.mkdir()
        checked(folder, text)
        found = [one.line for one in load_tenant(folder).warnings if one.code == code]
        assert found == marked
        assert bool(marked) is marks


@pytest.mark.parametrize("code", [*CODES, *LOADING])
def test_a_page_says_what_the_product_says(code: str) -> None:
    page, about = page_of(code), {**CODES, **LOADING}[code]
    assert page is not None
    kind = "A warning" if about.severity == "warning" else "Advice"
    assert page.startswith(f"# {code}\n{kind}: {about.title}.\n")
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == SECTIONS


def test_there_is_no_page_without_a_code() -> None:
    pages = {path.stem for path in pages_dir().glob("*.md")} - {"README"}
    assert pages == set(CODES) | set(LOADING)
    assert not set(CODES) & set(LOADING)


def test_the_index_lists_every_code() -> None:
    index = (pages_dir() / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[([A-Z_]+)\]\(\1\.md\) \| (\w+) \| (.+) \|$", index, re.MULTILINE)
    listed = (*CODES.values(), *LOADING.values())
    assert rows == [(one.code, str(one.severity), one.title) for one in listed]
