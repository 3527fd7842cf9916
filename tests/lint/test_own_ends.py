"""Access that never ends by its policy may end by its request, and be put off and called about."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ostiary.cli.main import app
from tests.lint.test_pages import checked

POLICY = """packages:
  - id: printing
    name: Printing
    catalog: office
    entries: [{resource: printer, role: User}]
    policies:
      - id: team
        name: Team
        scope: {kind: specific_subjects, groups: [team]}
        expiration: END
        custom_schedule: OWN
        extension_allowed: yes
        extensions: [{extension: tell, stage: fourteen_days_before_expiry}]
"""
IN_VAIN, NEVER_MADE = "EXTENDS_IN_VAIN", "CALL_NEVER_MADE"


@pytest.mark.parametrize(
    ("end", "own", "want"),
    [
        pytest.param("never", "no", {IN_VAIN, NEVER_MADE}, id="nothing ever ends it"),
        pytest.param("never", "yes", set(), id="a request may name its end"),
        pytest.param("{on: 2031-12-31}", "no", {IN_VAIN}, id="all get the fixed end"),
        pytest.param("{on: 2031-12-31}", "yes", set(), id="a request may name an earlier end"),
        pytest.param("{after: P10D}", "yes", {NEVER_MADE}, id="no request may name a later end"),
    ],
)
def test_what_comes_before_the_end_counts_ends_that_requests_name(
    tmp_path: Path, end: str, own: str, want: set[str]
) -> None:
    report = checked(tmp_path, POLICY.replace("END", end).replace("OWN", own))
    found = {one.finding.code for one in report.placed}
    assert found & {IN_VAIN, NEVER_MADE} == want


STORY = """suite: an end of one's own
tests:
  - name: it is called about and put off
    begins: 2031-03-10T09:00Z
    steps:
      - who: cem
        does: request
        package: printing
        label: first
        end: 2031-04-09T09:00Z
        want: {holds: {cem: [printing]}, includes: {due: [{type: CALL_EXTENSION, at: P16D}]}}
      - {at: P1D, who: cem, does: extend, package: printing, label: more, end: 2031-05-09T09:00Z}
      - {at: P31D, want: {holds: {cem: [printing]}}}
      - {at: P61D, want: {holds: {cem: []}}}
"""


def test_such_an_end_is_called_about_and_put_off(tmp_path: Path) -> None:
    checked(tmp_path, POLICY.replace("END", "never").replace("OWN", "yes"))  # writes the files
    (tmp_path / "own_end_test.yaml").write_text(STORY, encoding="utf-8")
    done = CliRunner().invoke(app, ["test", str(tmp_path)])
    assert done.exit_code == 0, done.output
