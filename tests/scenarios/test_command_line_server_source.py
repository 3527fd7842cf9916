"""A running server as OLD or NEW: its tenant and its rules, as they are there."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.sources import Access, opened
from ostiary.domain.tenant import Tenant
from ostiary.rulebook.tenant_files import load_tenant
from tests.scenarios.commands import STANDARD, TAILWIND, command, run, spoil

AT = ("--at", "2031-03-10T10:00Z")
ADMINISTRATOR = ("--as", "user:ada", "--role", "administrator")
ACCESS = Access("user:ada", ("administrator",))


@contextmanager
def server(tenant: Path, *more: str | Path) -> Iterator[str]:
    """Serve a tenant from a store that ends with it, and give the source that stands for it."""
    words = command("serve", "--tenant", tenant, "--store", "memory:", "--port", "0", *more)
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        found = re.match(r"serving tenant .* on (127\.0\.0\.1:\d+),", process.stdout.readline())
        assert found is not None
        yield f"server:{found[1]}"
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.fixture(scope="module")
def tailwind() -> Iterator[str]:
    """The example, served with the shipped rules."""
    with server(TAILWIND) as name:
        yield name


def content(tenant: Tenant) -> Tenant:
    """A tenant less who runs its catalogs, which is no part of any decision."""
    catalogs = tuple(msgspec.structs.replace(one, owners=()) for one in tenant.catalogs)
    return msgspec.structs.replace(tenant, catalogs=catalogs, digest="")


def test_a_server_has_the_tenant_that_its_folder_says(tailwind: str) -> None:
    with opened(tailwind, ACCESS) as source:
        served = source.load_tenant().tenant
        with (
            source.load_rules() as rules,
            opened(str(STANDARD)) as ours,
            ours.load_rules() as known,
        ):
            assert rules.tables.digest == known.tables.digest
    assert content(served) == content(load_tenant(TAILWIND).tenant)


def test_what_a_server_has_is_compared_with_a_folder(tailwind: str, tmp_path: Path) -> None:
    same = run("diff", tailwind, TAILWIND, *AT, *ADMINISTRATOR)
    assert same.stdout == "Nothing changes for anybody: 18 people and 10 packages compared.\n"
    new = Path(shutil.copytree(TAILWIND, tmp_path / "new"))
    spoil(new / "catalogs" / "sales.yaml", "groups: [sales-staff]", "groups: [emea]")
    told = run("diff", tailwind, new, *AT, *ADMINISTRATOR)
    assert told.stdout.startswith("Nobody gains and 2 people lose some.\n")


def test_a_profile_with_overrides_and_all_settings_comes_back(tmp_path: Path) -> None:
    tenant = Path(shutil.copytree(TAILWIND, tmp_path / "tenant"))
    (tenant / "catalogs" / "pitfalls.yaml").unlink()
    (tenant / "tenant.yaml").write_text(
        """
tenant:
  id: larkfield
  name: Larkfield "Group"
  profile: standard
  overrides: {risk_stage: yes, default_duration: P45D, limits: {catalogs_per_tenant: 50}}
  settings:
    guest_cleanup: block
    allowed_domains: [tailwind.example]
    blocked_domains: [throwaway.example]
    keep_audit_for: P3650D
    keep_requests_for: P90D
    risk_stage: {threshold: medium, approvers: ["user:dana", "group:hr-leads"]}
    known_tenants:
      - {tenant_id: 7d2c1f60-5a0e-4f0b-9c39-2f6a1d1b7e01, domains: [birch-studio.example]}
"""
    )
    rules = Path(shutil.copytree(STANDARD, tmp_path / "rules"))
    spoil(rules / "lifecycle.yaml", "id: plan.remind-expiry", "id: plan.remind-of-expiry")
    want = load_tenant(tenant)
    with server(tenant, "--rules", rules) as name, opened(name, ACCESS) as source:
        served = source.load_tenant()
        assert content(served.tenant) == content(want.tenant)
        assert served.known_domains == want.known_domains
        with source.load_rules() as pack, opened(str(rules)) as ours, ours.load_rules() as known:
            assert pack.tables.digest == known.tables.digest
            digest = known.tables.digest
        with opened(f"{name}@{digest[:12]}", ACCESS) as again, again.load_rules() as pack:
            assert pack.tables.digest == digest
        with pytest.raises(CommandError) as said, opened(f"{name}@0123456789ab", ACCESS):
            pytest.fail("it was opened")
        assert said.value.code is Exit.FAULTY


@pytest.mark.parametrize(
    ("name", "code", "want"),
    [
        ("server:nowhere", Exit.USAGE, "server:nowhere: `nowhere` is not HOST:PORT"),
        ("server:127.0.0.1:1", Exit.NO_ANSWER, ""),
    ],
)
def test_servers_that_are_none(name: str, code: Exit, want: str) -> None:
    told = run("diff", name, TAILWIND, *ADMINISTRATOR)
    assert told.exit_code == code
    assert want in told.stderr


def test_a_server_shows_all_of_it_to_administrators_only(tailwind: str) -> None:
    for who in (("--as", "user:emil"), ("--as", "user:emil", "--role", "evaluator")):
        told = run("diff", tailwind, TAILWIND, *who)
        assert (told.exit_code, told.stdout) == (Exit.REFUSED, "")
    assert run("diff", tailwind, TAILWIND).exit_code == Exit.USAGE
