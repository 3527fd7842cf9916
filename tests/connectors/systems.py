"""Each kind of system behind a connector, real and running, with a look at it from outside."""

from __future__ import annotations

import base64
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook

from ostiary.adapters.clock import FixedClock, SystemClock
from ostiary.adapters.connectors.directory import DirectoryConnector
from ostiary.adapters.connectors.ldap import LdapConnector
from ostiary.adapters.connectors.scim import ScimConnector
from ostiary.adapters.connectors.secret import Secret
from ostiary.adapters.connectors.settings import (
    GroupKey,
    GuestAccounts,
    LdapMembers,
    LdapSettings,
    ScimSettings,
    WebhookSettings,
)
from ostiary.adapters.connectors.webhook import WebhookConnector
from ostiary.adapters.store.opening import open_store
from ostiary.domain.access_request import Entry
from ostiary.domain.catalog import ResourceKind
from ostiary.domain.people import AccountState, Group, PersonType, User
from ostiary.lifecycle.ports import (
    MEMBER,
    OWNER,
    Connector,
    Definition,
    DefinitionKind,
    Holder,
    Membership,
    Store,
)
from ostiary.operations.documents import decode, encode
from tests.services.http_server import Asked, HttpServer, answer, http_server
from tests.services.scim import ScimServer, scim_server
from tests.services.slapd import (
    GROUPS,
    GUESTS,
    OSTIARY,
    PASSWORD,
    PEOPLE,
    Slapd,
    group_ldif,
    person_ldif,
    posix_group_ldif,
    slapd,
)

SIGNING = "whsec_" + base64.b64encode(b"a secret that signs, of 32 bytes").decode()
ADA = Holder("ada", "Ada Lovelace", "ada@tailwind.example")
BEN = Holder("ben", "Ben Okri")
GAST = Holder("gast", "Gast Alund", "gast@birch.example", guest=True)
CREW, CLUB = "crew", "club"


def member_of(group: str) -> Entry:
    """The right to be a member of a group."""
    return Entry(f"res-{group}", "Member", ResourceKind.GROUP, group, group.title(), "sales")


def role_in(application: str, role: str = "Admin") -> Entry:
    """The right to a role in an application."""
    return Entry(application, role, ResourceKind.APPLICATION, application, "", "sales")


class System(ABC):
    """A system and its connector. The groups CREW and CLUB are there; no group `gone` is."""

    makes_people = True  # whoever gets a right and is unknown gets an account too
    keeps_marks = True  # guests whom somebody else made are told apart
    applications = True  # it has roles of applications beside its groups
    rights: tuple[Entry, ...]  # two groups first

    def __init__(self, connector: Connector) -> None:
        self.connector = connector
        groups, roles = (member_of(CREW), member_of(CLUB)), (role_in("crm"), role_in("crm", "User"))
        self.rights = groups + roles * self.applications

    @abstractmethod
    def times(self, holder: Holder, entry: Entry) -> int:
        """How often the holder stands where the right is kept."""

    @abstractmethod
    def account(self, holder: Holder) -> str:
        """`none`, `active` or `blocked`."""

    @abstractmethod
    def add_guest(self, holder: Holder) -> None:
        """Have an account of a guest made by somebody else."""


class ScimSystem(System):
    """A SCIM server in a process of its own."""

    def __init__(self, server: ScimServer, connector: Connector) -> None:
        super().__init__(connector)
        self.server = server
        self.groups = {name: server.group(name) for name in (CREW, CLUB)}

    def times(self, holder: Holder, entry: Entry) -> int:
        user = self.server.user_of(holder.id)
        if user is None:
            return 0
        if entry.kind is ResourceKind.GROUP:
            return self.server.members(self.groups[entry.target]).count(user["id"])
        values = [role["value"] for role in user.get("roles", [])]
        return values.count(f"{entry.target}/{entry.role}")

    def account(self, holder: Holder) -> str:
        user = self.server.user_of(holder.id)
        if user is None:
            return "none"
        return "active" if user["active"] else "blocked"

    def add_guest(self, holder: Holder) -> None:
        self.server.user(str(holder.mail), externalId=holder.id, active=True)


class DirectorySystem(System):
    """Ostiary's own directory in a store."""

    makes_people = False

    def __init__(self, store: Store) -> None:
        clock = FixedClock(datetime(2031, 3, 1, tzinfo=UTC))
        super().__init__(DirectoryConnector(store, clock, most_members=lambda: 50_000))
        self.store = store
        self.rights = tuple(owned(one, role) for role in (MEMBER, OWNER) for one in (CREW, CLUB))
        for group in (CREW, CLUB):
            self.put(DefinitionKind.GROUP, Group(group, group.title()))
        for holder in (ADA, BEN):
            self.put(DefinitionKind.USER, User(holder.id, holder.name))

    def put(self, kind: DefinitionKind, noun: User | Group) -> None:
        """Write a definition as the operations do."""
        with self.store.transaction() as work:
            work.next_revision(datetime(2031, 3, 1, tzinfo=UTC), actor="test")
            work.put_definition(Definition(kind=kind, id=noun.id, body=encode(kind, noun)))

    def user(self, name: str) -> User | None:
        """Give a user as the operations read it."""
        with self.store.reading() as work:
            found = work.definition(DefinitionKind.USER, "", name)
        return None if found is None else decode(found)

    def times(self, holder: Holder, entry: Entry) -> int:
        wanted = Membership(entry.target, holder.id, role=entry.role)
        with self.store.reading() as work:
            return list(work.memberships(entry.target)).count(wanted)

    def account(self, holder: Holder) -> str:
        user = self.user(holder.id)
        if user is None or user.state is AccountState.DELETED:
            return "none"
        return "active" if user.state is AccountState.ENABLED else "blocked"

    def add_guest(self, holder: Holder) -> None:
        self.put(DefinitionKind.USER, User(holder.id, holder.name, type=PersonType.GUEST))


def owned(group: str, role: str = OWNER) -> Entry:
    """The right to a role of a group, e.g. to own it."""
    return Entry(f"res-{group}", role, ResourceKind.GROUP, group, group.title(), "sales")


class Receiver:
    """A receiver of webhooks that does as it is told, once for each id."""

    def __init__(self) -> None:
        self.rights: list[tuple[str, str, str]] = []
        self.accounts: dict[str, str] = {}
        self.seen: set[str] = set()
        self._lock = threading.Lock()

    def respond(self, asked: Asked, _: object) -> bytes:
        event = Webhook(SIGNING).verify(asked.body, dict(asked.headers))
        with self._lock:
            if asked.headers["webhook-id"] in self.seen:
                return answer(200)
            status = self._do(event)
            if status < 300:
                self.seen.add(asked.headers["webhook-id"])
        return answer(status)

    def _do(self, event: dict[str, Any]) -> int:
        data, kind = event["data"], event["type"]
        if kind in {"ostiary.v1.grant", "ostiary.v1.revoke"}:
            resource = data["resource"]
            if resource["target"] == "gone":
                return 410
            right = (data["holder"]["id"], resource["target"], data["role"])
            self.accounts.setdefault(data["holder"]["id"], "active")
            if right in self.rights:
                self.rights.remove(right)
            if kind == "ostiary.v1.grant":
                self.rights.append(right)
            return 202
        who = event["subject"]
        if kind == "ostiary.v1.guest.create":
            self.accounts.setdefault(who, "active")
        elif kind == "ostiary.v1.guest.block":
            self.accounts[who] = "blocked"
        elif kind == "ostiary.v1.guest.delete":
            self.accounts.pop(who, None)
        else:
            return 400
        return 204


class WebhookSystem(System):
    """A receiver of signed webhooks in a thread."""

    keeps_marks = False

    def __init__(self, receiver: Receiver, connector: Connector) -> None:
        super().__init__(connector)
        self.receiver = receiver

    def times(self, holder: Holder, entry: Entry) -> int:
        return self.receiver.rights.count((holder.id, entry.target, entry.role))

    def account(self, holder: Holder) -> str:
        return self.receiver.accounts.get(holder.id, "none")

    def add_guest(self, holder: Holder) -> None:
        self.receiver.accounts[holder.id] = "active"


class LdapSystem(System):
    """An LDAP directory in a process of its own, in which members are known already."""

    applications = False

    def __init__(self, server: Slapd, connector: Connector, members: LdapMembers) -> None:
        super().__init__(connector)
        self.server = server
        self.by_dn = members is LdapMembers.DN
        if self.by_dn:
            self.rights += (owned(CREW), owned(CLUB))

    def times(self, holder: Holder, entry: Entry) -> int:
        if not self.by_dn:
            return self.server.members(entry.target, "memberUid").count(holder.id)
        attribute = "owner" if entry.role == OWNER else "member"
        return self.server.members(entry.target, attribute).count(self.dn(holder))

    def account(self, holder: Holder) -> str:
        marks = self.server.entry(self.dn(holder)).get("employeetype", ["active"])
        if not self.server.entry(self.dn(holder)):
            return "none"
        return "blocked" if "ostiary-guest-blocked" in marks else "active"

    def add_guest(self, holder: Holder) -> None:
        self.server.add(person_ldif(holder.id, base=GUESTS))

    def dn(self, holder: Holder) -> str:
        """The name of somebody's entry."""
        return f"uid={holder.id},{GUESTS if holder.guest else PEOPLE}"


def secret_in(folder: Path, text: str, name: str = "secret") -> Secret:
    """A secret in a file."""
    file = folder / name
    file.write_text(text + "\n", encoding="utf-8")
    return Secret(file)


@contextmanager
def scim_system(folder: Path, **settings: Any) -> Iterator[ScimSystem]:
    """A SCIM server whose groups go by their names."""
    with scim_server() as server:
        chosen = {"groups_by": GroupKey.DISPLAY_NAME, "guests": GuestAccounts.AT_ONCE, **settings}
        token = secret_in(folder, server.token, "token")
        connector = ScimConnector(ScimSettings(url=server.url, token=token, **chosen))
        try:
            yield ScimSystem(server, connector)
        finally:
            connector.close()


@contextmanager
def webhook_system(folder: Path) -> Iterator[WebhookSystem]:
    """A receiver that does as it is told."""
    receiver = Receiver()
    with http_server(receiver.respond) as server:
        connector = webhook_to(server, folder, guests=GuestAccounts.AT_ONCE)
        try:
            yield WebhookSystem(receiver, connector)
        finally:
            connector.close()


def webhook_to(server: HttpServer, folder: Path, **settings: Any) -> WebhookConnector:
    """The connector of a receiver."""
    secret = secret_in(folder, SIGNING)
    made = WebhookSettings(url=f"{server.url}/hook?sig=1", secret=secret, **settings)
    return WebhookConnector(made, source="/tenants/tailwind", now=SystemClock())


@contextmanager
def directory_system(address: str) -> Iterator[DirectorySystem]:
    """The directory in a new store at an address."""
    store = open_store(address)
    try:
        yield DirectorySystem(store)
    finally:
        store.close()


@contextmanager
def ldap_system(folder: Path, members: LdapMembers = LdapMembers.DN) -> Iterator[LdapSystem]:
    """A directory with two people and two groups, which have nobody yet."""
    with slapd(folder / "slapd") as server:
        for holder in (ADA, BEN):
            server.add(person_ldif(holder.id))
        for number, group in enumerate((CREW, CLUB), 5000):
            by_dn = members is LdapMembers.DN
            server.add(group_ldif(group, "cn=nobody") if by_dn else posix_group_ldif(group, number))
        connector = ldap_to(server, folder, members=members, guests=GuestAccounts.AT_ONCE)
        try:
            yield LdapSystem(server, connector, members)
        finally:
            connector.close()


def posix_system(folder: Path) -> AbstractContextManager[LdapSystem]:
    """The same with groups that name their members by uid."""
    return ldap_system(folder, LdapMembers.NAME)


def ldap_to(server: Slapd, folder: Path, **settings: Any) -> LdapConnector:
    """The connector of a directory, over a connection without TLS unless told otherwise."""
    chosen = {
        "url": server.url,
        "start_tls": False,
        "bind_dn": OSTIARY,
        "password": secret_in(folder, PASSWORD, "ldap-password"),
        "people_base": PEOPLE,
        "groups_base": GROUPS,
        "guests_base": GUESTS,
        **settings,
    }
    return LdapConnector(LdapSettings(**chosen))


SYSTEMS: dict[str, Callable[[Path], AbstractContextManager[System]]] = {
    "directory in memory": lambda _: directory_system("memory:"),
    "directory in SQLite": lambda folder: directory_system(f"sqlite:///{folder}/store"),
    "scim": scim_system,
    "webhook": webhook_system,
    "ldap": ldap_system,
    "ldap-posix": posix_system,
}
