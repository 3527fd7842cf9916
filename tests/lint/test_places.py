"""Findings have the place of what they are about, however the files are laid out."""

from __future__ import annotations

from pathlib import Path

import pytest

from ostiary.analysis.lint.places import Places
from ostiary.rulebook.source import Spot

PACKAGE = ("packages", "[wiki]")
POLICY = (*PACKAGE, "policies", "[staff]")
STAGE = (*POLICY, "approval", "stages", "[0]")

IN_CATALOG = """catalogs:
  - id: office
    packages:
      - name: Wiki
        id: wiki
        entries: [{resource: r, role: User}]
        policies:
          - id: staff
            scope: {kind: all_members}
            approval: {stages: [{approvers: [manager]}, {approvers: ["user:ada"]}]}
"""
LOOSE = """packages:
  - id: wiki
policies:
  - {package: other, id: staff, scope: {kind: none}}
  - {package: wiki, id: staff, scope: {kind: none}}
"""


def spot(folder: Path, text: str, path: tuple[str, ...]) -> tuple[int, int]:
    """The line and column of a path in a folder of one file."""
    file = folder / "all.yaml"
    file.write_text(text, encoding="utf-8")
    (folder / "people.yaml").write_text("users:\n  - {id: wiki}\n", encoding="utf-8")
    found = Places(folder, [path]).spot(path)
    assert found.file == file.as_posix()
    return found.line, found.column


@pytest.mark.parametrize(
    ("text", "path", "want"),
    [
        pytest.param(IN_CATALOG, PACKAGE, (5, 13), id="a package, by its id"),
        pytest.param(IN_CATALOG, (*PACKAGE, "name"), (4, 15), id="a field of it"),
        pytest.param(IN_CATALOG, (*PACKAGE, "hidden"), (5, 13), id="a field that is not written"),
        pytest.param(IN_CATALOG, (*PACKAGE, "entries", "[r/User]"), (6, 19), id="an entry"),
        pytest.param(IN_CATALOG, (*STAGE, "approvers"), (10, 45), id="a stage by its number"),
        pytest.param(IN_CATALOG, (*STAGE, "fallback"), (10, 33), id="a stage without the field"),
        pytest.param(LOOSE, (*POLICY, "scope"), (5, 39), id="a loose policy, of its own package"),
        pytest.param("\ufeff" + LOOSE, PACKAGE, (2, 9), id="a byte order mark"),
        pytest.param('{"users": [], "packages": [{"id": "wiki"}]}', PACKAGE, (1, 35), id="JSON"),
        pytest.param(
            "---\nusers: []\n'packages': [{id: wiki}]", PACKAGE, (3, 19), id="quoted keys"
        ),
    ],
)
def test_places(text: str, path: tuple[str, ...], want: tuple[int, int], tmp_path: Path) -> None:
    assert spot(tmp_path, text, path) == want


def test_what_stands_in_no_file_is_of_the_folder(tmp_path: Path) -> None:
    path = ("catalogs", "[general]", "enabled")
    assert Places(tmp_path, [path]).spot(path) == Spot(tmp_path.as_posix())
