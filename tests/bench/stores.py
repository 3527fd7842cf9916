"""Stores of any size to measure: what one request leaves behind, copied inside the database."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, Table, create_engine, make_url, select, text

from ostiary.adapters.clock import FixedClock
from ostiary.adapters.ids import RandomIds
from ostiary.adapters.memory import MemoryCaller, MemoryConnector, MemoryPostman, OneConnector
from ostiary.adapters.store import tables
from ostiary.adapters.store.opening import open_store
from ostiary.domain.access_request import RequestKind
from ostiary.domain.due import DueAction, WorkKind, user_case
from ostiary.domain.notice import Notice, NoticeKind
from ostiary.domain.people import User
from ostiary.domain.tenant import Tenant
from ostiary.lifecycle.ports import Store
from ostiary.operations.office import Office
from ostiary.operations.submission import Actor, Submission
from ostiary.operations.submit import submit
from ostiary.worker.worker import Worker
from tests.life.world import Tenants, example

NOW = datetime(2031, 3, 10, 9, tzinfo=UTC)
PACKAGE, POLICY, CATALOG = "sales-team-access", "employees", "sales-resources"
FUTURE_ACTIONS = 3  # of each assignment: two reminders and its end
EACH_HOLDS = 5
EVENTS = 2  # of each assignment that are copied, of more
PACKAGES = 1000
_YEAR = 31_536_000  # seconds, over which what is due later is spread


class Site:
    """One store with an office and a worker."""

    def __init__(self, url: str, newcomers: int = 50_000) -> None:
        self.url = url
        self.store: Store = open_store(url)
        self.clock = FixedClock(NOW)
        self.office = Office(self.store, Tenants(_tenant(newcomers)), self.clock, RandomIds())
        self.postman = MemoryPostman()
        self.worker = Worker(
            self.office,
            OneConnector(MemoryConnector()),
            MemoryCaller(),
            self.postman,
            jitter=lambda: 0.5,
        )
        self._newcomers = itertools.count()

    def assign(self) -> str:
        """Assign the package to somebody new, which is delivered at once; gives who it was."""
        target = self._newcomer()
        self._submit(Actor("ines", staff=True), target, RequestKind.ADMIN_ADD, bypass=True)
        return target

    def ask(self) -> None:
        """Submit a request of somebody new, which a manager and one more must approve."""
        target = self._newcomer()
        self._submit(Actor(target), target, RequestKind.USER_ADD, bypass=False)

    def deliver(self) -> None:
        """Carry out everything that is due now: what was assigned, and mails."""
        self.worker.run_until_idle()

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()

    def make_due(self, count: int, batch: str) -> None:
        """Make mails due that nobody has delivered yet."""
        with self.store.transaction() as tx:
            tx.schedule(_mail(batch, number) for number in range(count))

    def _newcomer(self) -> str:
        return f"new-{next(self._newcomers):05}"

    def _submit(self, actor: Actor, target: str, kind: RequestKind, *, bypass: bool) -> None:
        asked = Submission(
            kind=kind, target=target, package=PACKAGE, policy=POLICY, bypass_approval=bypass
        )
        submit(self.office, asked, actor)


def _tenant(newcomers: int) -> Tenant:
    """A shipped tenant with a crowd in the scope of its package, which may be extended."""
    tenant = example("tailwind")
    crowd = tuple(User(f"new-{number:05}", f"New {number}") for number in range(newcomers))
    return msgspec.structs.replace(
        tenant,
        users=tuple(sorted((*tenant.users, *crowd), key=lambda user: user.id)),
        groups=tuple(
            msgspec.structs.replace(one, users=(*one.users, *(user.id for user in crowd)))
            if one.id == "sales-staff"
            else one
            for one in tenant.groups
        ),
        catalogs=tuple(map(_extensible, tenant.catalogs)),
    )


def _extensible(catalog: Any) -> Any:
    replace = msgspec.structs.replace
    packages = tuple(
        replace(
            package,
            policies=tuple(replace(one, extension_allowed=True) for one in package.policies),
        )
        for package in catalog.packages
    )
    return replace(catalog, packages=packages)


def _mail(batch: str, number: int) -> DueAction:
    notice = Notice(id=f"{batch}-{number}", kind=NoticeKind.ACCESS_READY, to=("emil",), at=NOW)
    return DueAction(
        id=notice.id,
        kind=WorkKind.DELIVER_NOTICE,
        due_at=NOW,
        planned_at=NOW,
        case=user_case(f"batch-{number}"),
        payload=msgspec.json.encode(notice).decode(),
    )


# filling

_COPIED = (tables.request, tables.assignment, tables.action, tables.event)


@contextmanager
def database(url: str) -> Iterator[Connection]:
    """A connection that is not the store's own; committed at the end."""
    engine = _engine(url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def _engine(url: str, **options: Any) -> Engine:
    parsed = make_url(url)
    named = parsed.set(drivername="postgresql+psycopg") if parsed.host else parsed
    return create_engine(named, **options)


def fill(site: Site, size: int) -> None:
    """Put so many assignments into an empty store, as the product left one of them.

    Each has its request, its future actions and some of its events. One in a thousand is of the
    package that the bench asks about.
    """
    target = site.assign()
    site.deliver()
    with database(site.url) as connection:
        request = connection.scalar(select(tables.request.c.id))
        assignment = connection.scalar(select(tables.assignment.c.id))
        holes = {
            str(request): "'r-' || n",
            str(assignment): "'a-' || n",
            target: f"'u-' || (n % {max(size // EACH_HOLDS, 1)})",
            PACKAGE: f"CASE n % {PACKAGES} WHEN 0 THEN '{PACKAGE}' "
            f"ELSE 'package-' || (n % {PACKAGES}) END",
        }
        _prepare(connection)
        # An index is made faster over all rows than row by row.
        indexes = [index for table in _COPIED for index in table.indexes]
        for index in indexes:
            index.drop(connection)
        for table in _COPIED:
            for model in _models(connection, table):
                _copy(connection, table, model, holes, size)
        for index in indexes:
            index.create(connection)
        _count(connection)
    settle(site.url)


def _prepare(connection: Connection) -> None:
    """Spare the filling what only matters if the machine fails meanwhile."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
        connection.execute(text("SET LOCAL synchronous_commit = off"))


def _models(connection: Connection, table: Table) -> Sequence[Mapping[Any, Any]]:
    """The rows that are copied."""
    wanted = select(table).order_by(*table.primary_key)
    if table is tables.action:
        wanted = wanted.where(tables.action.c.state == "waiting")
    if table is tables.event:
        wanted = wanted.limit(EVENTS)
    return connection.execute(wanted).mappings().all()


def _copy(
    connection: Connection,
    table: Table,
    model: Mapping[Any, Any],
    holes: Mapping[str, str],
    size: int,
) -> None:
    """Insert copies of a row, with other names in the places of its own."""
    values: dict[str, str] = {}
    constants: dict[str, object] = {"size": size}

    def constant(value: object) -> str:
        name = f"c{len(constants)}"
        constants[name] = value
        kind = "TEXT" if isinstance(value, str) else "BIGINT"
        return f"CAST(:{name} AS {kind})"

    for column in table.columns:
        value = model[column.name]
        if column.autoincrement is True or value is None:
            continue
        if isinstance(value, str):
            pieces = re.split(f"({'|'.join(map(re.escape, holes))})", value)
            values[column.name] = " || ".join(
                f"({holes[piece]})" if piece in holes else constant(piece) for piece in pieces
            )
        elif isinstance(value, bool):
            values[column.name] = str(value).upper()
        elif isinstance(value, datetime):
            instant = constant(column.type.process_bind_param(value, connection.dialect))  # type: ignore[attr-defined]
            later = f" + (n % {_YEAR}) * CAST(1000000 AS BIGINT)"
            values[column.name] = instant + (later if table is tables.action else "")
        else:
            values[column.name] = constant(value)
    columns = ", ".join(f'"{name}"' for name in values)
    series = (
        "generate_series(1, CAST(:size AS INTEGER)) AS s(n)"
        if connection.dialect.name == "postgresql"
        else "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < :size) "
        "SELECT n FROM s)"
    )
    connection.execute(
        text(
            f"INSERT INTO {table.name} ({columns}) "
            f"SELECT {', '.join(values.values())} FROM {series}"
        ),
        constants,
    )


def _count(connection: Connection) -> None:
    """Bring up to date what the product counts as it writes."""
    for statement in (
        "DELETE FROM assignment_tally",
        "INSERT INTO assignment_tally (package, policy, part, number) "
        "SELECT package, policy, 0, count(*) FROM assignment GROUP BY package, policy",
        "UPDATE request_tally SET number = (SELECT count(*) FROM request)",
    ):
        connection.execute(text(statement))


def settle(url: str) -> None:
    """Have PostgreSQL know what is in its tables, as by itself some time after a change."""
    engine = _engine(url, isolation_level="AUTOCOMMIT")
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()
