"""A real PostgreSQL of the tests' own: in a temporary folder, on 127.0.0.1, gone at the end.

PostgreSQL refuses to run as root, so root starts it as the user `postgres`, or as `nobody`. The
default collation of its databases is a language's, not that of code points, since nothing of ours
may depend on it.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest

NEEDED = "OSTIARY_TESTS_NEED_SERVICES"
_PROGRAMS = ("initdb", "postgres")
_PATIENCE = 60  # seconds for a start or a stop
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "120",
    "shared_buffers": "32MB",
    "deadlock_timeout": "200ms",
    "log_min_duration_statement": "-1",
    # fsync stays on: what is committed is on the disk when a process is killed.
}


def programs() -> Path | None:
    """The folder of the newest PostgreSQL that is installed; None: there is none."""
    places = [*Path("/usr/lib/postgresql").glob("*/bin")]
    places.sort(key=lambda place: int(place.parent.name.partition(".")[0]), reverse=True)
    if found := shutil.which("postgres"):
        places.append(Path(found).parent)
    return next((p for p in places if all((p / name).is_file() for name in _PROGRAMS)), None)


def need_programs() -> Path:
    """The folder of PostgreSQL; without one the test is skipped, or fails where all must run."""
    found = programs()
    if found is not None:
        return found
    reason = "PostgreSQL is not installed; on Debian: apt-get install postgresql"
    if os.environ.get(NEEDED) == "1":
        pytest.fail(f"{reason} ({NEEDED}=1 makes this an error)")
    pytest.skip(reason)


def _owner() -> dict[str, Any]:
    """How a process is started that must not be root's."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    pytest.fail("PostgreSQL refuses root, and there is no user `postgres` or `nobody`")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# Ends the server when the process that started it is gone, however it went.
_GUARD = """
exec 3<&0
"$@" & server=$!
(cat <&3 >/dev/null; kill -INT $server 2>/dev/null) & guard=$!
wait $server; code=$?
kill $guard 2>/dev/null
exit $code
"""


class Postgres:
    """A server with a data folder; it can be stopped, killed and started again."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.programs = need_programs()
        self.folder = folder
        self._settings = {**_SETTINGS, **(settings or {})}
        self.port = _free_port()
        self._owner = _owner()
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        if self._owner:
            os.chown(folder, self._owner["user"], self._owner["group"])
        self._initialise()
        self.start()

    def url(self, database: str = "postgres") -> str:
        """The address of a database."""
        return f"postgresql://ostiary:secret@127.0.0.1:{self.port}/{database}"

    def fresh(self, template: str = "template0") -> str:
        """The address of a new database, empty or a copy of another."""
        name = f"test_{next(self._numbers)}"
        self.ask(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop(self, url: str) -> None:
        """Delete a database, whoever is still connected."""
        self.ask(f'DROP DATABASE IF EXISTS "{url.rpartition("/")[2]}" WITH (FORCE)')

    def ask(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """What a statement gives, without any code of ours."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def empty(self, url: str) -> None:
        """Delete all that a store holds, and number from 1 again."""
        from ostiary.adapters.store.tables import metadata

        tables = metadata.sorted_tables
        emptied = [f'DELETE FROM "{table.name}"' for table in reversed(tables)]
        numbered = [one for table in tables for one in table.c if one.autoincrement is True]
        restarted = [
            f'ALTER SEQUENCE "{one.table.name}_{one.name}_seq" RESTART' for one in numbered
        ]
        self.ask("; ".join([*emptied, *restarted]), url.rpartition("/")[2])

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = {**self._settings, "port": self.port, "unix_socket_directories": self.folder}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        data = self.folder / "data"
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["sh", "-c", _GUARD, "guard", self.programs / "postgres", "-D", data, *options],
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                **self._owner,
            )
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                self.ask("SELECT 1")
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    log_text = (self.folder / "log").read_text(errors="replace")
                    pytest.fail(f"PostgreSQL did not start:\n{log_text[-3000:]}")
                time.sleep(0.05)
            else:
                return

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server: at once, cutting all connections (SIGINT), or as a crash (SIGQUIT)."""
        if self._process is not None:
            lines = (self.folder / "data" / "postmaster.pid").read_text().splitlines()
            os.kill(int(lines[0]), how)
            self._process.communicate(timeout=_PATIENCE)
            self._process = None

    def _initialise(self) -> None:
        command = [
            *(str(self.programs / "initdb"), "-D", str(self.folder / "data"), "-U", "ostiary"),
            *("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
        ]
        said = ""
        german = ["--locale-provider=icu", "--icu-locale=de-DE"]
        for more in (german, []):  # a build without ICU sorts by code point
            done = subprocess.run(
                [*command, *more],
                cwd=self.folder,
                capture_output=True,
                text=True,
                check=False,
                **self._owner,
            )
            if done.returncode == 0:
                return
            said = done.stdout + done.stderr
            shutil.rmtree(self.folder / "data", ignore_errors=True)
        pytest.fail(f"initdb failed:\n{said}")


@contextlib.contextmanager
def running(settings: Mapping[str, str] | None = None) -> Iterator[Postgres]:
    """A server of one's own, for tests that stop it, or want other settings."""
    need_programs()
    folder = Path(tempfile.mkdtemp(prefix="ostiary-pg-"))
    server = None
    try:
        server = Postgres(folder, settings)
        yield server
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server that the whole run shares; nobody stops it."""
    with running() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """The address of an empty database for one test."""
    url = postgres.fresh()
    yield url
    postgres.drop(url)


@pytest.fixture(scope="module")
def postgres_module_url(postgres: Postgres) -> Iterator[str]:
    """The address of an empty database for one module."""
    url = postgres.fresh()
    yield url
    postgres.drop(url)


@pytest.fixture(scope="session")
def _store_url(postgres: Postgres) -> str:
    from ostiary.adapters.store import migrate

    url = postgres.fresh()
    migrate(url)
    return url


@pytest.fixture
def postgres_store_url(postgres: Postgres, _store_url: str) -> str:
    """The address of a store with nothing in it, for a test that does not ask for a database.

    It is the same database each time, emptied: making one anew takes seconds on a slow disk.
    """
    postgres.empty(_store_url)
    return _store_url
