"""Many writers at once and one place left: exactly one of them has it, each time (section 18).

Under `-m long` each is repeated 200 times on PostgreSQL.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ostiary.adapters.store import open_store
from ostiary.domain.errors import OstiaryError
from ostiary.lifecycle.ports import DefinitionKind, Store
from ostiary.operations.documents import Key
from tests.definitions.holding import held, put, write, written
from tests.unit import defining

CATALOG, RESOURCE = DefinitionKind.CATALOG, DefinitionKind.RESOURCE
PACKAGE, POLICY = DefinitionKind.PACKAGE, DefinitionKind.POLICY
WRITERS = 50
Plain = dict[str, Any]


class Crowd(msgspec.Struct):
    """Many who write to one store at once, a number of times."""

    store: Store
    times: int

    def told(self, work: Callable[[int], object]) -> list[str]:
        """What the writers are told: `` or the error."""
        start = threading.Barrier(WRITERS)
        told: list[str] = []

        def one(number: int) -> None:
            start.wait(60)
            try:
                work(number)
                told.append("")
            except OstiaryError as error:
                told.append(f"{error.reason} {error.details().get('name', '')}")

        threads = [threading.Thread(target=one, args=(number,)) for number in range(WRITERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(told)

    def edit(self, key: Key, edit: Callable[[Any], Plain]) -> None:
        """Write an object anew, as somebody who sees what is there."""
        for writer in write(self.store):
            writer.update(key, edit)


@pytest.fixture(
    params=[
        pytest.param(("memory", 1), id="memory"),
        pytest.param(("sqlite", 1), id="sqlite"),
        pytest.param(("postgresql", 5), id="postgresql"),
        pytest.param(
            ("postgresql", 200),
            id="postgresql-200",
            marks=[pytest.mark.long, pytest.mark.timeout(3600)],
        ),
    ]
)
def crowd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Crowd]:
    """Writers over a store of each kind with the small tenant in it."""
    kind, times = request.param
    url = "memory:" if kind == "memory" else f"sqlite:///{tmp_path / 'store.db'}"
    if kind == "postgresql":
        url = str(request.getfixturevalue("postgres_url"))
    store = open_store(url, connections=WRITERS + 5)
    try:
        put(store, tmp_path / "first", defining.BASE)
        yield Crowd(store, times)
    finally:
        store.close()


def one_of_many(limit: str) -> list[str]:
    return [""] + [f"LIMIT_EXCEEDED {limit}"] * (WRITERS - 1)


def test_of_many_who_create_the_last_package_one_does(crowd: Crowd, tmp_path: Path) -> None:
    """499 packages and 50 writers at once give 500."""
    many = [{"id": f"x{number}", "name": f"X{number}"} for number in range(498)]
    put(crowd.store, tmp_path / "many", defining.catalog(packages=[defining.PACKAGE, *many]))
    for time in range(crowd.times):
        told = crowd.told(
            lambda number, time=time: written(  # type: ignore[misc]  # a lambda with a default
                crowd.store, PACKAGE, "c", id=f"y{time}-{number}", name=f"Y{time}-{number}"
            )
        )
        assert told == one_of_many("packages_per_catalog")
        with crowd.store.reading() as tx:
            rows = tx.definitions(PACKAGE, within="c")
        assert len(rows) == 500
        [last] = [row.id for row in rows if row.id.startswith("y")]
        for writer in write(crowd.store):
            writer.delete(Key(PACKAGE, "c", last))


def test_of_many_who_add_the_automatic_policy_one_does(crowd: Crowd) -> None:
    """S-29."""
    for time in range(crowd.times):
        told = crowd.told(
            lambda number, time=time: written(  # type: ignore[misc]  # a lambda with a default
                crowd.store,
                POLICY,
                "p",
                id=f"y{time}-{number}",
                name=f"Y{time}-{number}",
                scope={"kind": "automatic", "rule": 'user.x -eq "y"'},
            )
        )
        assert told == one_of_many("auto_policies_per_package")
        [policy] = [one for one in policies(crowd.store) if one.id.startswith("y")]
        for writer in write(crowd.store):
            writer.delete(Key(POLICY, "p", policy.id))


def policies(store: Store) -> Any:
    """The policies of the package."""
    return [
        policy
        for catalog in held(store).catalogs
        for package in catalog.packages
        if package.id == "p"
        for policy in package.policies
    ]


def test_many_who_add_stages_never_pass_two(crowd: Crowd) -> None:
    """S-62: each adds one to what it sees."""
    stage = {"approvers": ["user:ben"]}
    plain: Plain = {"id": "b", "name": "B", "scope": {"kind": "all_members"}}

    def stages(count: int) -> Plain:
        return plain | {"approval": {"for": ["add"], "stages": [stage] * count}}

    def seen(policy: Any) -> Plain:
        return stages(len(policy.stages) + 1)

    written(crowd.store, POLICY, "p", **stages(1))
    for _ in range(crowd.times):
        told = crowd.told(lambda _: crowd.edit(Key(POLICY, "p", "b"), seen))
        assert told == one_of_many("approval_stages")
        [policy] = [one for one in policies(crowd.store) if one.id == "b"]
        assert len(policy.stages) == 2
        crowd.edit(Key(POLICY, "p", "b"), lambda _: stages(1))


def test_many_who_add_entries_never_pass_thirty_resources(crowd: Crowd) -> None:
    """Each adds one to what it sees; nobody's is lost and none passes the limit."""
    for writer in write(crowd.store):
        for number in range(29 + WRITERS):
            app = {"id": f"a{number}", "kind": "application", "application": f"app-{number}"}
            writer.create(RESOURCE, "c", app)

    def filled(*resources: str) -> Plain:
        entries = [{"resource": one, "role": "Default Access"} for one in resources]
        return {"id": "full", "name": "Full", "entries": entries}

    def one_more(number: int) -> None:
        def edit(package: Any) -> Plain:
            return filled(*(one.resource for one in package.entries), f"a{number + 29}")

        crowd.edit(Key(PACKAGE, "c", "full"), edit)

    almost = [f"a{number}" for number in range(29)]
    written(crowd.store, PACKAGE, "c", **filled(*almost))
    for _ in range(crowd.times):
        told = crowd.told(one_more)
        assert told == one_of_many("resources_per_package")
        (catalog,) = (one for one in held(crowd.store).catalogs if one.id == "c")
        (package,) = (one for one in catalog.packages if one.id == "full")
        assert len(package.entries) == 30
        crowd.edit(Key(PACKAGE, "c", "full"), lambda _: filled(*almost))
