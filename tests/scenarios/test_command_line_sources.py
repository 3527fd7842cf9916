"""Where OLD, NEW and candidates come from: folders, and revisions of git."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.sources import Source, opened
from ostiary.rulebook.tenant_files import load_tenant
from tests.scenarios.commands import STANDARD, TAILWIND, spoil


def git(folder: Path, *words: str) -> None:
    """Run git as somebody whom no setting of the machine knows."""
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    who = ("-c", "user.name=Ann", "-c", "user.email=ann@tailwind.example")
    subprocess.run(
        ("git", *who, *words),
        cwd=folder,
        env={**os.environ, **alone},
        check=True,
        capture_output=True,
    )


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a tenant and a rule pack, each in its folder."""
    root = tmp_path / "repository"
    shutil.copytree(TAILWIND, root / "tenants" / "tailwind")
    shutil.copytree(STANDARD, root / "rules")
    git(tmp_path, "init", "-q", "-b", "main", str(root))
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "As it was")
    monkeypatch.chdir(root)
    return root


def refused(name: str) -> str:
    """What is said about a name that cannot be opened."""
    with pytest.raises(CommandError) as said, opened(name):
        pytest.fail("it was opened")
    assert said.value.code is Exit.USAGE
    return "\n".join(said.value.messages)


def parts(source: Source) -> tuple[str | None, str | None]:
    """The folders of a source, below its root."""
    found = (source.tenant, source.rules)
    tenant, rules = (None if one is None else str(one.relative_to(source.root)) for one in found)
    return tenant, rules


def test_a_folder_is_what_it_holds(repository: Path) -> None:
    with opened(str(TAILWIND)) as source:
        assert (source.tenant, source.rules) == (TAILWIND, None)
    with opened(str(STANDARD)) as source:
        assert (source.tenant, source.rules) == (None, STANDARD)
    with opened(str(repository)) as source:
        assert parts(source) == ("tenants/tailwind", "rules")


def test_a_revision_of_git_is_read_without_touching_the_files_at_hand(repository: Path) -> None:
    spoil(repository / "tenants" / "tailwind" / "catalogs" / "sales.yaml", "kind: group", "kind: x")
    before = load_tenant(TAILWIND).tenant
    with opened("git:main") as source:
        assert parts(source) == ("tenants/tailwind", "rules")
        assert source.load_tenant().tenant == before
        source.load_rules().close()
        root = source.root
    assert not root.exists()
    with opened("git:HEAD:tenants/tailwind") as source:
        assert parts(source) == (".", None)
        assert source.load_tenant().tenant == before


def test_the_path_counts_from_where_the_command_runs(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository / "tenants")
    for name, want in (
        ("git:main", ("tailwind", None)),
        ("git:main:tailwind", (".", None)),
        ("git:main:../rules", (None, ".")),
        ("git:main:..", ("tenants/tailwind", "rules")),
    ):
        with opened(name) as source:
            assert parts(source) == want, name


def test_attributes_of_the_repository_leave_nothing_out(repository: Path) -> None:
    (repository / ".gitattributes").write_text("*.yaml export-ignore\n*.yaml eol=crlf\n")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "With attributes")
    with opened("git:HEAD:tenants/tailwind") as source:
        assert source.load_tenant().tenant == load_tenant(TAILWIND).tenant


def test_faults_are_told_by_the_name_of_the_source(repository: Path) -> None:
    spoil(repository / "tenants" / "tailwind" / "catalogs" / "sales.yaml", "kind: group", "kind: x")
    spoil(repository / "rules" / "limits.yaml", "then: {outcome: grant}", "then: {outcome: x}")
    git(repository, "commit", "-q", "-a", "-m", "Spoilt")
    for name, place in (
        ("git:HEAD", "git:HEAD:tenants/tailwind/catalogs/sales.yaml:"),
        ("git:HEAD:tenants/tailwind", "git:HEAD:tenants/tailwind/catalogs/sales.yaml:"),
        (str(repository / "tenants"), f"{repository}/tenants/tailwind/catalogs/sales.yaml:"),
    ):
        with opened(name) as source, pytest.raises(CommandError) as said:
            source.load_tenant()
        assert said.value.code is Exit.FAULTY
        assert any(one.startswith(place) for one in said.value.messages)
    for name, place in (
        ("git:HEAD", "git:HEAD:rules/limits.yaml:"),
        ("git:HEAD:rules", "git:HEAD:rules/limits.yaml:"),
        ("rules", "rules/limits.yaml:"),
    ):
        with opened(name) as source, pytest.raises(CommandError) as said:
            source.load_rules()
        assert any(one.startswith(place) for one in said.value.messages)


@pytest.mark.parametrize(
    ("name", "want"),
    [
        ("nowhere", "no such folder: nowhere"),
        ("rules/limits.yaml", "rules/limits.yaml: a file; name the folder that it is in: rules"),
        ("git:", "git:: say which revision: git:REV or git:REV:PATH"),
        ("git:trunk", "git:trunk: there is no revision `trunk`"),
        ("git:--all", "git:--all: there is no revision `--all`"),
        ("git:main:nowhere", "git:main:nowhere: there is no `nowhere` at `main`"),
        (
            "git:main:rules/limits.yaml",
            "git:main:rules/limits.yaml: `rules/limits.yaml` at `main` is no folder",
        ),
        ("git:main:../..", "git:main:../..: `../..` lies outside of the repository"),
        ("git:main:/etc", "git:main:/etc: `/etc` lies outside of the repository"),
        (
            "git:main:tenants/tailwind/requests",
            "git:main:tenants/tailwind/requests: holds neither a rule pack nor a tenant",
        ),
    ],
)
@pytest.mark.usefixtures("repository")
def test_names_that_stand_for_nothing(name: str, want: str) -> None:
    assert refused(name) == want


def test_more_than_one_of_a_kind_is_a_choice_to_make(repository: Path) -> None:
    shutil.copytree(TAILWIND, repository / "tenants" / "other")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "Two tenants")
    listed = "name one of git:HEAD:tenants/other, git:HEAD:tenants/tailwind"
    assert refused("git:HEAD") == f"git:HEAD: holds more than one tenant; {listed}"


def test_a_link_in_a_repository_is_not_followed(repository: Path) -> None:
    (repository / "rules" / "more.yaml").symlink_to("/etc/passwd")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "A link")
    assert "`more.yaml` is a link to another file" in refused("git:HEAD:rules")


def test_outside_of_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert refused("git:main") == f"git:main: {tmp_path} is in no git repository"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refused("git:main") == "git:main: git is not installed"


def test_a_source_that_holds_no_tenant_has_none_to_load() -> None:
    with opened(str(STANDARD)) as source, pytest.raises(CommandError) as said:
        source.load_tenant()
    assert str(said.value) == f"{STANDARD}: holds no tenant"
