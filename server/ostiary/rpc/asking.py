"""Who may ask which question: services for anybody, people about themselves and their reports.

A caller who does not say who they are asks what they like, as the table says: there is nobody yet
whom it could be kept from. Whoever says who they are is held to it (S-133).
"""

from __future__ import annotations

import time
from collections.abc import Callable

from ostiary.decide.model import Snapshot
from ostiary.domain.caller import Caller
from ostiary.domain.errors import ForbiddenError
from ostiary.domain.request import EvaluationRequest, InlinePerson, RequestType
from ostiary.operations.rights import Rights
from ostiary.rpc.calls import Call
from ostiary.rpc.identity import IdentitySource, Metadata
from ostiary.rpc.permissions import TABLE, Relation

_KNOWN_FOR = 1.0  # seconds; a server follows what others write as quickly
_MOST_KNOWN = 4096  # callers


class Asking:
    """Finds out who asks, and what they may ask.

    What a caller may ask is looked up once a second, so that questions do not wait for writes.
    """

    def __init__(
        self,
        look: Callable[[Call], tuple[Rights, Snapshot]],
        identity: IdentitySource,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take what gives the rights of a caller, and what they look at; and a clock."""
        self._look = look
        self._identity = identity
        self._seconds = seconds
        self._known: dict[tuple[str, Caller], tuple[float, Asker | None]] = {}

    def asker(self, method: str, metadata: Metadata | None) -> Asker | None:
        """Give who asks by a method of DecisionService; None: they may ask everything.

        Raises UnauthenticatedError if what the call says of its caller cannot be believed.
        """
        caller = self._identity.caller(metadata or ())
        if not caller.id:
            return None
        now = self._seconds()
        until, asker = self._known.get((method, caller), (now, None))
        if until > now:
            return asker
        asker = self._looked_up(Call(method, caller, TABLE[method]))
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[method, caller] = now + _KNOWN_FOR, asker
        return asker

    def _looked_up(self, call: Call) -> Asker | None:
        if call.caller.service and call.caller.roles & call.row.roles:
            return None  # whatever the store says of it besides
        rights, snapshot = self._look(call)
        return None if rights.have(call.row.roles) else Asker(call, rights, snapshot)


class Asker:
    """Somebody who may not ask everything."""

    def __init__(self, call: Call, rights: Rights, snapshot: Snapshot) -> None:
        self._call = call
        self._rights = rights
        self._snapshot = snapshot

    def check_question(self, question: EvaluationRequest) -> None:
        """Refuse a question that they may not ask, whatever exists of what it names (S-133).

        Raises ForbiddenError.
        """
        package = self._snapshot.packages.get(question.package)
        if package is not None and self._rights.have(self._call.row.roles, package.catalog.id):
            return
        self._check(self._own(question.requestor), self._report(question))

    def check_list(self, requestor: str | InlinePerson) -> None:
        """Refuse the list of somebody else. Raises ForbiddenError."""
        self._check(self._own(requestor))

    def _check(self, *held: Relation | None) -> None:
        if not self._call.row.relations.intersection(held):
            raise ForbiddenError

    def _own(self, requestor: str | InlinePerson) -> Relation | None:
        if isinstance(requestor, str):
            return Relation.OWN if self._call.is_user(requestor) else None
        # Of whom the directory tells, nobody else tells; a person from outside says it all.
        known = self._snapshot.directory.user(requestor.id) is not None
        return Relation.OWN if self._call.is_user(requestor.id) and not known else None

    def _report(self, question: EvaluationRequest) -> Relation | None:
        """Tell whether it is a direct manager's own question on behalf of a report (S-38)."""
        requestor, asks = question.requestor, self._call.is_user
        if question.type is not RequestType.ON_BEHALF_ADD or not isinstance(requestor, str):
            return None
        user = self._snapshot.directory.user(requestor)
        if user is None or user.manager is None or not asks(user.manager):
            return None
        return Relation.MANAGER if asks(question.submitter or "") else None
