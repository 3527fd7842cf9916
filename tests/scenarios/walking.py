"""A served tenant whose requests live, and commands against it: what walks through a story."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message
from typer.testing import CliRunner, Result

from ostiary.adapters.store.opening import open_store
from ostiary.cli.exits import Exit
from ostiary.cli.main import app
from ostiary.domain.caller import Role, RoleAssignment
from ostiary.rpc.hosting import life_services
from ostiary.rpc.identity import DevelopmentHeaders
from ostiary.rpc.loading import LoadedDesk
from ostiary.rpc.reception import Reception
from ostiary.rpc.server import Server
from ostiary.rulebook import tabulate
from ostiary.worker.passing import MovingTime
from tests.contract.lent import Lent
from tests.life.world import World, example, tables

DIGEST = re.compile(r"\b(rules|tenant) [0-9a-f]{12}\b")
TAILWIND_HOME = "tenant:3f9a6c1e-8d42-4b77-a5e0-6c0f2b9d4e10@tailwind.example"
PRIYA = "priya@tailwind.example"
SITE = "https://sites.larkfield.example/sites/sales"


@cache
def desk() -> LoadedDesk:
    """The desk of the example, which all servers of these tests lend out."""
    return LoadedDesk(example("tailwind"), tabulate.load_pack(tabulate.standard_pack_dir()))


class Walk:
    """One server with a clock that commands move; ada is the administrator."""

    def __init__(self, now: str) -> None:
        self.store = open_store("memory:")
        self.world = World(self.store, example("tailwind"), now)
        with self.store.transaction() as tx:
            tx.next_revision(self.world.clock.now(), actor="system")
            tx.add_role(RoleAssignment("user:ada", Role.ADMINISTRATOR))
        passing = MovingTime(self.world.clock, self.store, self.world.worker)
        hosted = life_services(
            self.world.office, lambda _: tables(), DevelopmentHeaders(), passing=passing
        )
        self.server = Server(Reception(lambda: Lent(desk())), self.world.clock, hosted=hosted)
        self.server.start()
        self.server.load()

    def run(self, *words: str, by: str = "ada", width: int = 80) -> Result:
        """Run a command as somebody, then let the worker do what is due."""
        caller = {"OSTIARY_CALLER": by if ":" in by else f"user:{by}"} if by else {}
        done = CliRunner().invoke(
            app,
            list(words),
            env={"COLUMNS": str(width), "OSTIARY_SERVER": self.server.address, **caller},
        )
        self.world.worker.run_until_idle()
        return done

    def told(self, *words: str, by: str = "ada", width: int = 80) -> str:
        """Give what a command that succeeds prints, less digests."""
        done = self.run(*words, by=by, width=width)
        assert done.exit_code == Exit.DONE, done.output
        return DIGEST.sub(r"\1 ............", done.stdout)

    def refused(self, *words: str, by: str = "ada", code: Exit = Exit.REFUSED) -> str:
        """Give what a command says on standard error that does not succeed."""
        done = self.run(*words, by=by)
        assert done.exit_code == code, done.output
        return done.stderr

    def read(self, message: Any, *words: str, by: str = "ada") -> Any:
        """Give the message that a command prints as JSON."""
        done = self.run(*words, "--json", by=by)
        assert done.exit_code == Exit.DONE, done.output
        answer: Message = json_format.Parse(done.stdout, message())
        return answer

    def clock(self, when: str) -> None:
        """Move the clock."""
        self.told("clock", "advance", when, by="")

    def stop(self) -> None:
        """End the server."""
        self.server.stop(0.2)
        self.store.close()


@contextmanager
def walking(now: str) -> Iterator[Walk]:
    """Begin a walk and end it."""
    walk = Walk(now)
    try:
        yield walk
    finally:
        walk.stop()
