"""The systems round Ostiary, real and running: LDAP, SCIM, a site behind a webhook, and mail.

Each is looked at from outside, without any code of ours.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook

from tests.services.http_server import Asked, answer, http_server
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
    slapd,
)
from tests.services.smtp import HOST, MailServer, mail_server

SIGNING = "whsec_" + base64.b64encode(b"a secret that signs, of 32 bytes").decode()
NOBODY = "cn=nobody"  # the member of a group that must have one
ASK_AGAIN = 1800  # seconds until the site wants to be asked again about a guest


class Site:
    """A site that is told by webhook, and lets guests in only once they have signed in."""

    def __init__(self) -> None:
        self.signed_in: set[str] = set()
        self.rights: set[tuple[str, str]] = set()  # (person, role)
        self.told: list[tuple[str, str, str]] = []  # what, whom, when, as they came
        self.full = False
        self._done: set[str] = set()
        self._lock = threading.Lock()

    def respond(self, asked: Asked, _: object) -> bytes:
        """Answer an event whose signature is right; any other ends the connection with a fault."""
        event = Webhook(SIGNING).verify(asked.body, dict(asked.headers))
        with self._lock:
            kind = event["type"].removeprefix("ostiary.v1.")
            self.told.append((kind, event["subject"], event["time"]))
            if asked.headers["webhook-id"] in self._done:
                return answer(200)
            refused = self._do(kind, event["data"])
            if refused is not None:
                return refused
            self._done.add(asked.headers["webhook-id"])
            return answer(204)

    def _do(self, kind: str, data: dict[str, Any]) -> bytes | None:
        if kind == "grant":
            holder = data["holder"]
            if holder["guest"] and holder["id"] not in self.signed_in:
                return answer(409, {"code": "AWAITING_GUEST"}, retry_after=str(ASK_AGAIN))
            if self.full:
                return answer(409, {"code": "LIMIT_EXCEEDED", "name": "site_users", "max": 2})
            self.rights.add((holder["id"], data["role"]))
        elif kind == "revoke":
            self.rights.discard((data["holder"]["id"], data["role"]))
        elif kind == "guest.delete":
            self.signed_in.discard(data["holder"]["id"])
        return None

    def count(self, kind: str, whom: str) -> int:
        """How often it was told something of somebody."""
        return sum((what, who) == (kind, whom) for what, who, _ in self.told)


class Neighbours:
    """What is in all these systems, and the files that lead Ostiary to them."""

    def __init__(self, ldap: Slapd, scim: ScimServer, site: Site, mail: MailServer) -> None:
        self.ldap = ldap
        self.scim = scim
        self.site = site
        self._mail = mail
        self._read = 0
        self.connectors = Path()
        self.mail_settings = Path()

    # who has what

    def in_group(self, group: str = "sales-group") -> list[str]:
        """The uids of the members of a group in the LDAP directory."""
        members = [one for one in self.ldap.members(group) if one != NOBODY]
        return sorted(one.partition(",")[0].removeprefix("uid=") for one in members)

    def in_app(self, application: str = "sales-app") -> list[tuple[str, str]]:
        """The people with a role in an application on the SCIM server, each with the role."""
        return sorted(
            (user["externalId"], role["value"].removeprefix(f"{application}/"))
            for user in self.scim.users()
            for role in user.get("roles", [])
            if role["value"].startswith(f"{application}/")
        )

    def on_site(self) -> list[tuple[str, str]]:
        """The people with a role on the site."""
        return sorted(self.site.rights)

    def everything(self) -> dict[str, list[Any]]:
        """Who has what, in all three."""
        return {"group": self.in_group(), "app": self.in_app(), "site": self.on_site()}

    def ldap_guest(self, person: str) -> str:
        """`none`, `active` or `blocked`."""
        entry = self.ldap.entry(f"uid={person},{GUESTS}")
        if not entry:
            return "none"
        return "blocked" if "ostiary-guest-blocked" in entry["employeetype"] else "active"

    def scim_guest(self, person: str) -> str:
        """`none`, `active` or `blocked`."""
        user = self.scim.user_of(person)
        if user is None:
            return "none"
        return "active" if user["active"] else "blocked"

    # what people were told

    def new_mail(self) -> list[tuple[str, str]]:
        """What kind of notice went to which address since this was last asked, sorted."""
        come = self._mail.received[self._read :]
        self._read += len(come)
        return sorted((one.message["X-Ostiary-Notice"], *one.recipients) for one in come)

    def letter(self, kind: str, to: str) -> str:
        """The text of the last notice of a kind to an address, as lines that are not broken."""
        message = next(
            one.message
            for one in reversed(self._mail.received)
            if one.message["X-Ostiary-Notice"] == kind and one.recipients == (to,)
        )
        body = message.get_body(("plain",))
        assert body is not None
        return " ".join(f"{message['Subject']} {body.get_content()}".split())


@contextmanager
def neighbours(
    folder: Path, *, most_members: int | None = None, rules: str = ""
) -> Iterator[Neighbours]:
    """Start all of them; employees are in the LDAP directory already, and nobody has anything.

    Groups of the LDAP directory take `most_members`; `rules` limit what may be written there.
    """
    site = Site()
    with (
        slapd(folder / "slapd", rules=rules) as ldap,
        scim_server() as scim,
        http_server(site.respond) as hook,
        mail_server() as (mail, port),
    ):
        for person in ("emil", "mona", "nils"):
            ldap.add(person_ldif(person))
        ldap.add(group_ldif("sales-group", NOBODY))
        here = Neighbours(ldap, scim, site, mail)
        for name, secret in (("token", scim.token), ("signing", SIGNING), ("password", PASSWORD)):
            (folder / name).write_text(f"{secret}\n", encoding="utf-8")
        here.connectors = folder / "connectors.yaml"
        limit = "" if most_members is None else f"most_members: {most_members}"
        here.connectors.write_text(
            f"""
connectors:
  - id: groups
    kind: ldap
    url: {ldap.url}
    start_tls: no
    bind_dn: "{OSTIARY}"
    password_file: password
    people_base: "{PEOPLE}"
    groups_base: "{GROUPS}"
    guests_base: "{GUESTS}"
    guests: at_once
    {limit}
  - {{id: apps, kind: scim, url: "{scim.url}", token_file: token}}
  - {{id: sites, kind: webhook, url: "{hook.url}", secret_file: signing, guests: at_once}}
routes:
  - {{connector: groups, kinds: [group]}}
  - {{connector: apps, kinds: [application]}}
  - {{connector: sites, kinds: [site]}}
""",
            encoding="utf-8",
        )
        here.mail_settings = folder / "mail.yaml"
        here.mail_settings.write_text(
            f"""
mail:
  host: {HOST}
  port: {port}
  security: none
  from: Access at Larkfield <access@larkfield.example>
""",
            encoding="utf-8",
        )
        yield here
