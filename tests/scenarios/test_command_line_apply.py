"""`ostiary apply`: a folder into a store or through a server, what it prints, how it ends."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ostiary.adapters.clock import FixedClock
from ostiary.adapters.store import open_store
from ostiary.cli.exits import Exit
from ostiary.rpc.catalog_service import DESCRIPTOR, CatalogService
from ostiary.rpc.defining import Defining
from ostiary.rpc.hosting import Hosted
from ostiary.rpc.identity import DevelopmentHeaders
from ostiary.rpc.loading import Definitions
from ostiary.rpc.reception import Reception
from ostiary.rpc.server import Server
from tests.contract.lent import HARBOUR, NOW
from tests.definitions.holding import assign, held
from tests.scenarios.commands import TAILWIND, run, spoil


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of an example to change."""
    return Path(shutil.copytree(TAILWIND, tmp_path / "tailwind"))


@pytest.fixture
def store(tmp_path: Path) -> str:
    """The address of a store with nothing in it."""
    return f"sqlite:///{tmp_path / 'store.db'}"


def test_a_folder_is_applied_and_applied_again(folder: Path, store: str) -> None:
    first = run("apply", folder, "--store", store)
    assert first.exit_code == Exit.DONE
    lines = first.stdout.splitlines()
    assert "create  tenant larkfield (Larkfield Group)" in lines
    assert (
        "create  assignment policy sales-resources/sales-team-access/employees (Employees)" in lines
    )
    assert lines[-2].endswith(" roles given; the tenant is at revision 1")
    assert lines[-1].startswith("3 warnings about the definitions; `ostiary check ")
    again = run("apply", folder, "--store", store)
    assert again.stdout.splitlines()[0] == "nothing to change, the tenant is at revision 1"


def test_a_dry_run_says_what_would_change_and_changes_nothing(folder: Path, store: str) -> None:
    run("apply", folder, "--store", store)
    spoil(folder / "catalogs" / "sales.yaml", "name: Sales Team Access", "name: Team Access")
    tried = run("apply", folder, "--store", store, "--dry-run")
    assert tried.exit_code == Exit.DONE
    assert tried.stdout.splitlines()[:2] == [
        "change  access package sales-resources/sales-team-access (Team Access): name",
        "dry run, nothing was changed: 1 changed",
    ]
    done = run("apply", folder, "--store", store)
    assert done.stdout.splitlines()[1] == "1 changed; the tenant is at revision 2"


def test_a_dry_run_into_a_store_that_is_not_there_makes_none(folder: Path, tmp_path: Path) -> None:
    words = ("apply", folder, "--store", f"sqlite:///{tmp_path}/new.db")
    dry = run(*words, "--dry-run")
    assert dry.exit_code == Exit.DONE
    assert not (tmp_path / "new.db").exists()
    real = run(*words)
    assert (tmp_path / "new.db").is_file()
    planned, created = (
        [line for line in one.stdout.splitlines() if line.startswith("create ")]
        for one in (dry, real)
    )
    assert planned == created != []


def test_faults_are_told_as_by_check(folder: Path, store: str) -> None:
    spoil(folder / "directory" / "people.yaml", "manager: mona", "manager: monna")
    done = run("apply", folder, "--store", store)
    assert done.exit_code == Exit.FAULTY
    assert done.stdout == run("check", folder).stdout
    opened = open_store(store)
    with opened.reading() as tx:
        assert tx.revision() == 0
    opened.close()


def test_what_stands_in_the_way_refuses(folder: Path, store: str) -> None:
    """S-28."""
    run("apply", folder, "--store", store)
    opened = open_store(store)
    assign(opened, "emil", "sales-team-access", "employees")
    before = held(opened)
    spoil(folder / "catalogs" / "sales.yaml", "id: employees", "id: staff")
    done = run("apply", folder, "--store", store)
    assert done.exit_code == Exit.REFUSED
    assert done.stdout.splitlines() == [
        "NOT_EMPTY: policy `employees` of package `sales-team-access` has 1 current assignment;"
        " disable it instead",
        "nothing was changed",
    ]
    assert held(opened) == before
    opened.close()


def test_json_is_the_answer_of_the_contract(folder: Path, store: str) -> None:
    said = json.loads(run("apply", folder, "--store", store, "--json").stdout)
    assert said["revision"] == "1"
    assert {one["action"] for one in said["changes"]} == {"CHANGE_ACTION_CREATE"}
    assert {one["code"] for one in said["faults"]} >= {"EMPTY_PACKAGE"}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        pytest.param((), Exit.USAGE, "name either --store URL or --server HOST:PORT", id="neither"),
        pytest.param(
            ("--store", "memory:", "--server", "127.0.0.1:1"),
            Exit.USAGE,
            "name either --store URL or --server HOST:PORT",
            id="both",
        ),
        pytest.param(("--store", "mysql://x/y"), Exit.FAULTY, "expected sqlite:///", id="address"),
        pytest.param(
            ("--store", "postgresql://nobody@127.0.0.1:1/none"),
            Exit.NO_ANSWER,
            "the store cannot be used just now",
            id="no database",
        ),
        pytest.param(("--server", "127.0.0.1:1"), Exit.NO_ANSWER, "127.0.0.1:1", id="no server"),
        pytest.param(("--server", "nowhere"), Exit.USAGE, "is not HOST:PORT", id="no address"),
    ],
)
def test_wrong_addresses(folder: Path, arguments: tuple[str, ...], code: Exit, said: str) -> None:
    done = run("apply", folder, *arguments)
    assert done.exit_code == code
    assert said in done.stderr


@pytest.fixture
def server(store: str) -> Iterator[str]:
    """The address of a server of definitions over the store."""
    opened = open_store(store)
    clock = FixedClock(NOW)
    services = [(DESCRIPTOR, CatalogService(Defining(opened, clock.now)))]
    hosted = Hosted(services, DevelopmentHeaders())
    serving = Server(Reception(Definitions(tenant=str(HARBOUR)).load), clock, hosted=hosted)
    serving.start()
    serving.load()
    yield serving.address
    serving.stop(0.2)
    opened.close()


def test_a_server_says_the_same_as_a_store(folder: Path, store: str, server: str) -> None:
    ours = f"{store}.other"
    by_ada = ("--server", server, "--as", "user:ada", "--role", "administrator")
    refused = run("apply", folder, "--server", server, "--as", "user:ada")
    assert refused.exit_code == Exit.REFUSED
    assert run("apply", folder, *by_ada).stdout == run("apply", folder, "--store", ours).stdout
    spoil(folder / "directory" / "people.yaml", "manager: mona", "manager: monna")
    faulty = run("apply", folder, *by_ada)
    assert faulty.exit_code == Exit.FAULTY
    assert faulty.stdout == run("check", folder).stdout
