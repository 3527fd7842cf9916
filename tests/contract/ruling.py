"""Servers whose rules are changed while they serve, and those who change them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ostiary.client import Services
from ostiary.rpc.loading import Definitions
from ostiary.rpc.reception import Reception
from ostiary.rpc.server import Server
from ostiary.rpc.serving import Backing, ServeOptions, StoreOptions
from ostiary.running.serving import backing_of
from ostiary.v1 import decision_pb2, decision_service_pb2, rule_service_pb2
from tests.contract.lent import HARBOUR

R = rule_service_pb2
ADMINISTRATOR = "administrator"
FOLDER = "folder"  # a server without a store of its tenant


class Ruled:
    """A server, and its callers."""

    def __init__(self, server: Server, backing: Backing) -> None:
        self.server = server
        self.backing = backing
        self._callers: dict[tuple[str, ...], Services] = {}

    def by(self, caller: str, *roles: str) -> Services:
        """Whoever calls: `user:ID` or `service:ID`, empty nobody."""
        key = (caller, *roles)
        if key not in self._callers:
            self._callers[key] = Services(
                self.server.address, caller=caller, roles=roles, timeout=30
            )
        return self._callers[key]

    def rules(self, method: str, /, **fields: Any) -> Any:
        """Call a method of RuleService as an administrator."""
        services = self.by("user:ada", ADMINISTRATOR)
        request = getattr(R, f"{method}Request")(**fields)
        return services.call(getattr(services.rules, method), request)

    def keep(self, files: Mapping[str, bytes], **fields: Any) -> str:
        """Keep a pack; gives its digest."""
        answer = self.rules("CreateRevision", files=sent(files), **fields)
        assert answer.revision.revision, answer.faults
        return str(answer.revision.revision)

    def decision(self, who: str = "gus", package: str = "crane") -> decision_pb2.Decision:
        """What is decided about somebody."""
        services = self.by("")
        asked = decision_service_pb2.EvaluateRequest(access_package=package, requestor_id=who)
        return services.call(services.decisions.Evaluate, asked).decision

    @property
    def in_force(self) -> str:
        """The digest of the rules that decide."""
        return self.decision().revision.rules

    def stop(self) -> None:
        """End everything."""
        for one in self._callers.values():
            one.close()
        self.server.stop(0.2)
        self.backing.close()


def sent(files: Mapping[str, bytes]) -> list[rule_service_pb2.RuleFile]:
    """Files as they are sent."""
    return [R.RuleFile(name=name, content=content) for name, content in files.items()]


@contextmanager
def ruled(
    url: str = FOLDER, rules: Path | None = None, tenant: Path = HARBOUR, **options: Any
) -> Iterator[Ruled]:
    """A server until the end of the block, over a store or a folder alone."""
    store = None if url == FOLDER else StoreOptions(url=url, believes_headers=True, works=False)
    definitions = Definitions(tenant=str(tenant), rules=None if rules is None else str(rules))
    told = ServeOptions(definitions=definitions, store=store, believes_headers=True, **options)
    backing = backing_of(told, 0)
    assert backing is not None
    reception = Reception(backing.load)
    server = Server(reception, backing.clock, hosted=backing.hosted)
    server.start()
    server.load()
    backing.started(reception)
    made = Ruled(server, backing)
    try:
        yield made
    finally:
        made.stop()
