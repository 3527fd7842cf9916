"""Revisions of rules in a store, in the hands of whoever may open it: no server is needed."""

from __future__ import annotations

import re
from typing import Any

from google.protobuf.message import Message

from ostiary.adapters.clock import SystemClock
from ostiary.cli.life.refusals import Refusals
from ostiary.cli.stores import Missing, store_at
from ostiary.client import CallError, FieldViolation
from ostiary.decide.model import Snapshot
from ostiary.domain.caller import Caller, Role
from ostiary.domain.errors import NotReadyError, OstiaryError
from ostiary.operations.rights import Rights
from ostiary.rpc.calls import Call
from ostiary.rpc.errors import failure_of
from ostiary.rpc.permissions import TABLE
from ostiary.rpc.rule_service import RuleService
from ostiary.rpc.rules_in_force import RulesInForce


class InStore:
    """The revisions of a store, in the hands of whoever may open it."""

    def __init__(self, url: str, caller: str | None, *, as_json: bool, missing: Missing) -> None:
        """Open the store, or what takes its place if it is missing; CommandError says why not."""
        self.as_json = as_json
        kind, _, name = (caller or "").partition(":")
        self._caller = Caller(name or "system", service=kind == "service")
        self._store = store_at(url, missing=missing)
        self._rules = RulesInForce(self._store, SystemClock())
        rights = Rights(frozenset({Role.ADMINISTRATOR}))
        self._service = RuleService(self._rules, lambda _: rights, _nothing_served)
        self._refusals = Refusals("the store", caller or "")

    def call(self, method: str, request: Message) -> Any:
        """Give the answer that a server over the store would give."""
        name = f"ostiary.v1.RuleService/{method}"
        work = getattr(self._service, re.sub(r"(?<!^)(?=[A-Z])", "_", method).lower())
        try:
            return work(request, Call(name, self._caller, TABLE[name]))
        except OstiaryError as error:
            raise self._refusals.ending(_as_call(error), request) from None

    def close(self) -> None:
        """Let go of the store."""
        self._rules.close()
        self._store.close()


def _nothing_served() -> Snapshot:
    raise NotReadyError("a store alone serves nothing")


def _as_call(error: OstiaryError) -> CallError:
    failed = failure_of(error)
    return CallError(
        failed.code,
        failed.message,
        reason=failed.name,
        metadata=failed.metadata,
        violations=tuple(FieldViolation(*one) for one in failed.violations),
    )
