"""A tenant whose requests live: a store, a clock that is set by hand, and systems in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from ostiary.adapters.clock import FixedClock
from ostiary.adapters.ids import CountedIds
from ostiary.adapters.memory import (
    MemoryCaller,
    MemoryConnector,
    MemoryPostman,
    OneConnector,
)
from ostiary.decide.model import Snapshot
from ostiary.domain.access_request import AccessRequest, ExternalPerson, RequestKind
from ostiary.domain.assignment import Assignment
from ostiary.domain.audit import AuditEvent
from ostiary.domain.due import DueAction, WorkState
from ostiary.domain.people import (
    AccountState,
    HomeIdentity,
    PersonType,
    SignIn,
    User,
)
from ostiary.domain.policy import AssignmentPolicy
from ostiary.domain.tenant import Tenant
from ostiary.index import snapshot as index
from ostiary.lifecycle.ports import (
    AssignmentQuery,
    AuditQuery,
    Delivered,
    Delivery,
    Holder,
    RequestQuery,
    Store,
    Transaction,
    WorkQuery,
)
from ostiary.operations import approve
from ostiary.operations.consequences import cancel_requests
from ostiary.operations.office import Office
from ostiary.operations.submission import Actor, Submission
from ostiary.operations.submit import submit
from ostiary.rulebook import tabulate, tenant_files
from ostiary.worker.worker import Worker

EXAMPLES = Path(__file__).parents[2] / "rules" / "examples"
TAILWIND_TENANT = "3f9a6c1e-8d42-4b77-a5e0-6c0f2b9d4e10"
PRIYA = ExternalPerson(
    "priya@tailwind.example",
    mail="priya@tailwind.example",
    home=HomeIdentity(SignIn.TENANT, tenant_id=TAILWIND_TENANT, domain="tailwind.example"),
)


def at(text: str) -> datetime:
    """Give an instant in UTC, e.g. 2031-03-10 10:00."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@cache
def example(name: str) -> Tenant:
    """Give one of the shipped tenants."""
    return tenant_files.load_tenant(EXAMPLES / name).tenant


@cache
def tables() -> Any:
    """Give the tables of the standard rules."""
    return tabulate.load_pack(tabulate.standard_pack_dir()).tables


class Tenants:
    """The snapshots of a tenant that a test changes by hand."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self._snapshot: Snapshot | None = None

    def change(self, **fields: Any) -> None:
        """Replace parts of the tenant."""
        self.tenant = msgspec.structs.replace(self.tenant, **fields)
        self._snapshot = None

    def current(self, tx: Transaction) -> Snapshot:
        """Give the present snapshot."""
        if self._snapshot is None:
            self._snapshot = index.build(self.tenant, tables())
        return self._snapshot


class GuestBook:
    """A connector that keeps guests in the test's own tenant, as the directory's would."""

    def __init__(
        self, tenants: Tenants, behind: MemoryConnector, now: Callable[[], datetime]
    ) -> None:
        self._tenants = tenants
        self._now = now
        self._behind = behind

    def __getattr__(self, name: str) -> Any:
        return getattr(self._behind, name)

    def make_guest(self, person: ExternalPerson, *, key: str) -> Delivered:
        """Add the guest to the directory."""
        answer = self._behind.make_guest(person, key=key)
        users = {user.id: user for user in self._tenants.tenant.users}
        users[person.id] = User(
            id=person.id,
            name=person.id,
            type=PersonType.GUEST,
            home=person.home,
            mail=person.mail,
            governed=True,
        )
        self._save(users)
        return answer

    def block_guest(self, holder: Holder, *, key: str) -> Delivered:
        """Block the guest."""
        return self._set(holder, AccountState.BLOCKED, self._behind.block_guest(holder, key=key))

    def delete_guest(self, holder: Holder, *, key: str) -> Delivered:
        """Delete the guest."""
        return self._set(holder, AccountState.DELETED, self._behind.delete_guest(holder, key=key))

    def _set(self, holder: Holder, state: AccountState, answer: Delivered) -> Delivered:
        if answer.result not in (Delivery.DONE, Delivery.ALREADY):
            return answer
        users = {user.id: user for user in self._tenants.tenant.users}
        deleted_at = self._now() if state is AccountState.DELETED else None
        users[holder.id] = msgspec.structs.replace(
            users[holder.id], state=state, deleted_at=deleted_at
        )
        self._save(users)
        return answer

    def _save(self, users: Mapping[str, User]) -> None:
        self._tenants.change(users=tuple(users[name] for name in sorted(users)))


class World:
    """Everything that a story needs, with short ways to tell it."""

    def __init__(self, store: Store, tenant: Tenant, now: str) -> None:
        self.store = store
        self.tenants = Tenants(tenant)
        self.clock = FixedClock(at(now))
        self.systems = MemoryConnector()
        self.postman = MemoryPostman()
        self.caller = MemoryCaller()
        self.office = Office(store, self.tenants, self.clock, CountedIds())
        book: Any = GuestBook(self.tenants, self.systems, self.clock.now)
        self.worker = Worker(
            self.office, OneConnector(book), self.caller, self.postman, jitter=lambda: 0.5
        )

    # time

    def go(self, to: str | timedelta) -> None:
        """Let time pass, with everything due on the way carried out at its own instant."""
        goal = self.clock.instant + to if isinstance(to, timedelta) else at(to)
        assert goal >= self.clock.instant, "time does not go back"
        while True:
            self.worker.run_until_idle()
            with self.store.reading() as tx:
                due = tx.next_due()
            if due is None or due > goal:
                break
            self.clock.instant = max(due, self.clock.instant)
        self.clock.instant = goal
        self.worker.run_until_idle()

    def jump(self, to: str) -> None:
        """Let time pass while nothing of ours is running."""
        self.clock.instant = at(to)

    # acting

    def ask(self, who: str | ExternalPerson, package: str, **fields: Any) -> AccessRequest:
        """Submit a request for oneself."""
        name = who.id if isinstance(who, ExternalPerson) else who
        fields.setdefault("kind", RequestKind.USER_ADD)
        actor = fields.pop("actor", Actor(name))
        submission = Submission(target=who, package=package, **fields)
        request = submit(self.office, submission, actor).request
        assert request is not None
        self.worker.run_until_idle()
        return self.request(request.id)

    def approve(self, request: AccessRequest, who: str, **said: Any) -> AccessRequest:
        """Approve the open stage."""
        approve.decide(self.office, request.id, Actor(who), approved=True, **said)
        self.worker.run_until_idle()
        return self.request(request.id)

    def deny(self, request: AccessRequest, who: str, **said: Any) -> AccessRequest:
        """Deny the request."""
        approve.decide(self.office, request.id, Actor(who), approved=False, **said)
        self.worker.run_until_idle()
        return self.request(request.id)

    # looking

    def request(self, request_id: str) -> AccessRequest:
        """Give a request as it is now."""
        with self.store.reading() as tx:
            found = tx.request(request_id)
        assert found is not None
        return found

    def requests(self, **query: Any) -> list[AccessRequest]:
        """Give requests, the oldest first."""
        with self.store.reading() as tx:
            found = tx.requests(RequestQuery(size=1_000_000, **query))
        return [one for _, one in reversed(found)]

    def assignment(self, request: AccessRequest) -> Assignment:
        """Give the assignment of a request as it is now."""
        name = self.request(request.id).assignment
        with self.store.reading() as tx:
            found = tx.assignment(name)
        assert found is not None
        return found

    def assignments(self, **query: Any) -> list[Assignment]:
        """Give assignments, the oldest first."""
        with self.store.reading() as tx:
            found = tx.assignments(AssignmentQuery(size=1_000_000, **query))
        return [one for _, one in reversed(found)]

    def events(self, **query: Any) -> list[AuditEvent]:
        """Give audit events in their order."""
        with self.store.reading() as tx:
            return list(tx.events(AuditQuery(size=1_000_000, **query)))

    def names(self, **query: Any) -> list[str]:
        """Give the names of audit events in their order."""
        return [event.name for event in self.events(**query)]

    def work(self, *states: WorkState, **query: Any) -> list[DueAction]:
        """Give due actions in the order in which they run."""
        with self.store.reading() as tx:
            wanted = frozenset(states) or None
            return list(tx.work(WorkQuery(states=wanted, size=1_000_000, **query)))

    def mails(self, kind: str) -> list[tuple[str, datetime]]:
        """Give who was told of something, and when."""
        return [
            (notice.to[0], notice.at)
            for _, notice in self.postman.delivered
            if notice.kind.value == kind
        ]

    # changing the tenant

    def switch(self, **values: Any) -> None:
        """Override values of the profile."""
        profile = msgspec.structs.replace(self.tenants.tenant.profile, **values)
        self.tenants.change(profile=profile)

    def settings(self, **values: Any) -> None:
        """Change settings of the tenant."""
        settings = msgspec.structs.replace(self.tenants.tenant.settings, **values)
        self.tenants.change(settings=settings)

    def without_package(self, package: str) -> None:
        """Delete a package from its catalog, with what follows in people's cases (S-108)."""

        def kept(catalog: Any) -> Any:
            packages = tuple(one for one in catalog.packages if one.id != package)
            return msgspec.structs.replace(catalog, packages=packages)

        with self.store.transaction() as tx:
            cancel_requests(tx, package, self.clock.instant)
        self.tenants.change(catalogs=tuple(map(kept, self.tenants.tenant.catalogs)))
        self.worker.run_until_idle()

    def users(self, **changes: Mapping[str, Any]) -> None:
        """Change fields of users by id."""
        self.tenants.change(
            users=tuple(
                msgspec.structs.replace(user, **changes[user.id]) if user.id in changes else user
                for user in self.tenants.tenant.users
            )
        )

    def members(self, group: str, people: Iterable[str]) -> None:
        """Set the direct members of a group."""
        self.tenants.change(
            groups=tuple(
                msgspec.structs.replace(one, users=tuple(sorted(people)))
                if one.id == group
                else one
                for one in self.tenants.tenant.groups
            )
        )

    def policy(self, package: str, policy: str, **fields: Any) -> AssignmentPolicy:
        """Change fields of a policy."""
        changed: list[AssignmentPolicy] = []

        def of_policy(one: AssignmentPolicy) -> AssignmentPolicy:
            if one.id == policy:
                changed.append(msgspec.structs.replace(one, **fields))
                return changed[-1]
            return one

        def of_package(one: Any) -> Any:
            if one.id != package:
                return one
            policies = tuple(map(of_policy, one.policies))
            return msgspec.structs.replace(one, policies=policies)

        catalogs = tuple(
            msgspec.structs.replace(catalog, packages=tuple(map(of_package, catalog.packages)))
            for catalog in self.tenants.tenant.catalogs
        )
        self.tenants.change(catalogs=catalogs)
        assert changed, f"no policy {policy} in {package}"
        return changed[0]
