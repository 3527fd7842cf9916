"""The examples that come with the product raise what they mean to show, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from ostiary.analysis.lint.placed import lint_folder
from ostiary.rulebook.tenant_files import load_tenant
from tests.lint.test_pages import NOW
from tests.scenarios.commands import EXAMPLES, TAILWIND


@pytest.mark.parametrize(
    ("folder", "want"),
    [
        pytest.param(
            TAILWIND,
            [("pitfalls.yaml", "CATALOG_WITHOUT_OWNER"), ("pitfalls.yaml", "DEAD_END")],
            id="tailwind: its pitfalls alone",
        ),
        pytest.param(EXAMPLES / "overlap", [], id="overlap: what it shows is said to be meant"),
    ],
)
def test_examples(folder: Path, want: list[tuple[str, str]]) -> None:
    report = lint_folder(folder, load_tenant(folder), now=NOW)
    assert [(Path(one.file).name, one.finding.code) for one in report.placed] == want
    assert report.ignored > 0
