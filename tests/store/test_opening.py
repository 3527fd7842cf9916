"""Opening a store: the address, its tables, and what is refused in words."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

from ostiary.adapters.store import migrate, open_store, schema
from ostiary.adapters.store.memory import MemoryStore
from ostiary.adapters.store.opening import without_password
from ostiary.adapters.store.tables import metadata
from ostiary.domain.access_request import Delegate
from ostiary.domain.errors import StoreUnavailableError, StoreUrlError
from ostiary.lifecycle.ports import RequestQuery
from tests.services.postgres import Postgres
from tests.store import records
from tests.store.records import request


def test_a_file_is_kept_and_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for url in ("sqlite:///own.db", f"sqlite:///{tmp_path}/own.db"):
        store = open_store(url)
        with store.transaction() as tx:
            tx.save_request(request(url))
            assert tx.request("sqlite:///own.db") is not None
        store.close()


def test_only_the_owner_reads_the_file(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/own.db")
    with store.transaction() as tx:
        tx.save_request(request("r-1"))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    store.close()
    assert set(modes) >= {"own.db", "own.db-wal"}
    assert set(modes.values()) == {0o600}


def test_a_name_that_sqlite_would_interpret_is_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    open_store("sqlite:///file:x").close()
    assert (tmp_path / "file:x").is_file()


@pytest.mark.parametrize("url", ["memory:", "memory", "sqlite://", "sqlite:///:memory:"])
def test_a_store_in_memory_is_a_new_one_each_time(url: str) -> None:
    first, second = open_store(url), open_store(url)
    assert isinstance(first, MemoryStore)
    with first.transaction() as tx:
        tx.save_request(request("r-1"))
    with second.reading() as tx:
        assert tx.request("r-1") is None
    assert migrate(url) == schema.NEWEST


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param("ostiary.db", "ostiary.db", id="a plain file name"),
        pytest.param("mysql://u:p4ss@h/d", "mysql://u:***@h/d", id="another database"),
        pytest.param("sqlite://host/file", "sqlite://host/file", id="two slashes"),
        pytest.param("sqlite:/file", "sqlite:/file", id="one slash"),
        pytest.param("postgresql://u:p4ss@h:port/d", "postgresql://u:***@h:port/d", id="the port"),
        pytest.param("postgresql//u:p4ss@h/d", "postgresql//u:***@h/d", id="no colon"),
    ],
)
def test_a_wrong_address_is_named_without_its_password(url: str, shown: str) -> None:
    for use in (open_store, migrate):
        with pytest.raises(StoreUrlError) as caught:
            use(url)
        assert f"`{shown}`" in str(caught.value)
        assert "p4ss" not in str(caught.value)
        assert "sqlite:///FILE" in str(caught.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u@h/d", "postgresql://u@h/d"),
        ("postgresql://u:secret@h/d", "postgresql://u:***@h/d"),
        ("postgresql://u:se@c/r:et@h/d", "postgresql://u:***@h/d"),
        ("postgresql://u:secr\net@h/d", "postgresql://u:***@h/d"),
        ("postgresql://:secret@h/d", "postgresql://:***@h/d"),
        ("postgresql://h/d?user=u&password=secret", "postgresql://h/d?user=u&password=***"),
        ("postgresql://h/d?PASSWORD=secret&x=1", "postgresql://h/d?PASSWORD=***&x=1"),
        ("postgresql://h/d?sslpassword=secret", "postgresql://h/d?sslpassword=***"),
        ("sqlite:///a:b@c.db", "sqlite:///a:b@c.db"),
    ],
)
def test_a_password_is_never_shown(url: str, shown: str) -> None:
    assert without_password(url) == shown


def _folder(path: Path) -> None:
    path.mkdir()


def _text(path: Path) -> None:
    path.write_text("This is not a database, however much one would like it to be one. " * 20)


def _others(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.close()


@pytest.mark.parametrize(
    ("make", "why"),
    [
        pytest.param(_folder, "Is a directory", id="a folder"),
        pytest.param(_text, "not a database", id="a text"),
        pytest.param(_others, "tables that are not ours, e.g. `recipes`", id="a foreign database"),
    ],
)
def test_what_is_no_store_of_ours_is_left_alone(
    tmp_path: Path, make: Callable[[Path], None], why: str
) -> None:
    path = tmp_path / "it"
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(StoreUrlError, match=why):
        open_store(f"sqlite:///{path}")
    assert not path.is_file() or path.read_bytes() == before


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreUrlError, match="No such file or directory"):
        open_store(f"sqlite:///{tmp_path}/no/such.db")


def test_a_store_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/own.db"
    migrate(url)
    with sqlite3.connect(tmp_path / "own.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    for use in (open_store, migrate):
        with pytest.raises(StoreUrlError, match=r"`9999` is not known here .* newer version"):
            use(url)


def test_a_newer_store_on_postgresql_is_refused(postgres: Postgres, postgres_url: str) -> None:
    assert migrate(postgres_url) == schema.NEWEST
    database = postgres_url.rpartition("/")[2]
    postgres.ask("UPDATE alembic_version SET version_num = '9999'", database)
    with pytest.raises(StoreUrlError, match="`9999` is not known here"):
        open_store(postgres_url)


def test_a_database_of_others_on_postgresql_is_left_alone(
    postgres: Postgres, postgres_url: str
) -> None:
    database = postgres_url.rpartition("/")[2]
    postgres.ask("CREATE TABLE recipes (name text)", database)
    with pytest.raises(StoreUrlError, match=r"tables that are not ours, e\.g\. `recipes`"):
        open_store(postgres_url)
    assert postgres.ask(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'", database
    ) == [("recipes",)]


def test_a_server_that_is_not_there_is_unavailable(postgres: Postgres) -> None:
    with pytest.raises(StoreUnavailableError) as caught:
        open_store("postgresql://u:p4ss@127.0.0.1:1/none")
    assert "p4ss" not in str(caught.value)
    with pytest.raises(StoreUnavailableError, match="does not exist"):
        open_store(postgres.url("no_such_database"))


def test_settings_of_a_connection_are_checked(postgres: Postgres, postgres_url: str) -> None:
    with pytest.raises((StoreUrlError, StoreUnavailableError), match="no_such_setting"):
        open_store(f"{postgres_url}?no_such_setting=1")
    store = open_store(f"{postgres_url}?application_name=night+shift&options=-c%20work_mem=9MB")
    with store.reading() as tx:
        connection = tx._connection  # type: ignore[attr-defined]  # only visible inside
        ask = connection.exec_driver_sql
        assert ask("SHOW application_name").scalar() == "night shift"
        assert ask("SHOW work_mem").scalar() == "9MB"
        assert ask("SHOW lock_timeout").scalar() == "30s"
        assert ask("SHOW transaction_isolation").scalar() == "repeatable read"
    with store.transaction() as tx:
        ask = tx._connection.exec_driver_sql  # type: ignore[attr-defined]  # only visible inside
        assert ask("SHOW transaction_isolation").scalar() == "read committed"
    store.close()


def test_sqlite_is_set_up_as_the_docs_say(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/own.db")
    with store.reading() as tx:
        ask = tx._connection.exec_driver_sql  # type: ignore[attr-defined]  # only visible inside
        found = {
            name: ask(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    store.close()
    full = 2
    assert found == {
        "journal_mode": "wal",
        "synchronous": full,
        "foreign_keys": 1,
        "busy_timeout": 30_000,
    }


def test_the_migrations_make_the_tables_that_the_code_uses(
    tmp_path: Path, postgres_store_url: str
) -> None:
    migrate(f"sqlite:///{tmp_path}/own.db")
    for url in (
        f"sqlite:///{tmp_path}/own.db",
        postgres_store_url.replace("postgresql:", "postgresql+psycopg:"),
    ):
        engine = create_engine(url)
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, metadata) == []
            # Alembic does not look at the conditions of indexes.
            partial = _conditions(connection)
        engine.dispose()
        assert partial == {
            "action_inside": "waiting not outside",
            "action_outside": "waiting outside",
            "action_parked": "parked",
        }


def _conditions(connection: Connection) -> dict[str, str]:
    question = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE sql LIKE '%INDEX%WHERE%'",
        "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE indexdef LIKE '%WHERE%'"
        " AND schemaname = 'public'",
    }[connection.dialect.name]
    words = ("waiting", "parked", "not", "outside")
    found = {}
    for name, said in connection.execute(text(question)):
        condition = said.partition("WHERE")[2].lower()
        found[name] = " ".join(word for word in words if word in condition)
    return found


@pytest.mark.parametrize("system", ["sqlite", "postgresql"])
def test_what_waits_for_a_decision_is_found_anew_after_a_migration(
    request: pytest.FixtureRequest, tmp_path: Path, system: str
) -> None:
    """S-73: version 0005 finds requests by groups too, also those of before."""
    url = f"sqlite:///{tmp_path}/own.db"
    if system == "postgresql":
        url = request.getfixturevalue("postgres_url")
    store = open_store(url)
    waiting = [
        records.request(
            f"r-{number}",
            stages=(records.stage(people=("eve",), delegates=(Delegate("eve", "dana"),)),),
            stage=1,
        )
        for number in range(1_200)
    ]
    with store.transaction() as tx:
        for one in (*waiting, records.request("r-over", stage=0)):
            tx.save_request(one)
    store.close()
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM request_approver"))
        connection.execute(
            text(
                "INSERT INTO request_approver (approver, position) "
                "SELECT 'eve', position FROM request WHERE id <> 'r-over'"
            )
        )
        connection.execute(text("DROP TABLE decision_log"))  # of a later version
        connection.execute(text("UPDATE alembic_version SET version_num = '0004'"))
    engine.dispose()
    store = open_store(url)
    with store.reading() as tx:
        for key in ("user:eve", "user:dana", "user:mona"):
            found = tx.requests(RequestQuery(deciders=frozenset({key}), size=9_999))
            assert [one for _, one in reversed(found)] == waiting
        assert list(tx.requests(RequestQuery(deciders=frozenset({"eve"})))) == []
    store.close()


def test_the_code_knows_every_version_of_the_tables() -> None:
    scripts = ScriptDirectory(str(schema.MIGRATIONS))
    known = [script.revision for script in scripts.walk_revisions()]
    assert list(schema.VERSIONS) == known[::-1]


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path}/own.db"


def test_processes_that_open_a_new_store_at_once_all_get_it(new_url: str) -> None:
    code = """
import sys
from ostiary.adapters.store import open_store
sys.stdin.readline()
store = open_store(sys.argv[1])
with store.reading() as tx:
    print(tx.revision())
store.close()
"""
    processes = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", code, new_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        for _ in range(4)
    ]
    with ThreadPoolExecutor(len(processes)) as pool:
        answers = list(pool.map(lambda one: one.communicate(b"\n", timeout=60), processes))
    assert answers == [(b"0\n", b"")] * len(processes)


def test_a_migration_that_fails_leaves_nothing(
    new_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class BrokenError(Exception):
        pass

    def then_break(connection: object) -> None:
        upgrade(connection)  # type: ignore[arg-type]  # a connection
        raise BrokenError

    upgrade = schema._upgrade
    monkeypatch.setattr(schema, "_upgrade", then_break)
    with pytest.raises(BrokenError):
        open_store(new_url)
    monkeypatch.undo()
    engine = create_engine(new_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        assert not engine.dialect.get_table_names(connection)
    engine.dispose()
    open_store(new_url).close()
