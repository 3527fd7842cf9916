"""procrastinate, the peer of due actions: a queue of jobs in PostgreSQL, with one worker."""

from __future__ import annotations

import asyncio
import time
from importlib.metadata import version

import procrastinate
import psycopg

VERSION = version("procrastinate")


class Peer:
    """A database of procrastinate's with one task, which does nothing."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url))

        @self._app.task(name="nothing")
        async def nothing(number: int) -> None:
            pass

        self._nothing = nothing

    def fill(self, size: int) -> None:
        """Make the tables, and so many jobs that fall due later."""

        async def prepare() -> None:
            async with self._app.open_async():
                await self._app.schema_manager.apply_schema_async()

        asyncio.run(prepare())
        with psycopg.connect(self._url, autocommit=True) as database:
            database.execute(
                "INSERT INTO procrastinate_jobs "
                "(queue_name, task_name, args, status, scheduled_at) "
                "SELECT 'default', 'nothing', '{\"number\": 1}', 'todo', "
                "now() + interval '1 day' + n * interval '1 second' "
                "FROM generate_series(1, %s) AS n",
                (size,),
            )
            database.execute("VACUUM ANALYZE")

    def carry_out(self, count: int) -> float:
        """Carry out so many jobs that are due; give how many that were in a second."""

        async def run() -> float:
            async with self._app.open_async():
                for number in range(count):
                    await self._nothing.defer_async(number=number)
                begun = time.perf_counter()
                await self._app.run_worker_async(
                    wait=False, concurrency=1, listen_notify=False, delete_jobs="always"
                )
                return count / (time.perf_counter() - begun)

        return asyncio.run(run())
