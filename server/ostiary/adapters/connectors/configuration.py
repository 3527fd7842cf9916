"""Reads the file of connectors: every fault at once, with its place, or settings to connect by."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import msgspec

from ostiary.adapters.connectors.http_calls import Patience, is_host, is_loopback, url_problem
from ostiary.adapters.connectors.registry import BUILT_IN, DIRECTORY
from ostiary.adapters.connectors.secret import Secret, SecretUnavailableError
from ostiary.adapters.connectors.settings import (
    Configuration,
    ExtensionSettings,
    GroupKey,
    GuestAccounts,
    LdapMembers,
    LdapSettings,
    RoleAttribute,
    RoleValue,
    Route,
    ScimSettings,
    Settings,
    UserName,
    WebhookSettings,
)
from ostiary.adapters.connectors.signed_events import key_of
from ostiary.domain.catalog import ResourceKind
from ostiary.domain.errors import Fault
from ostiary.rulebook.connector_model import (
    ConnectorKind,
    ConnectorsText,
    ConnectorText,
    ExtensionsText,
    RouteText,
)
from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.faults import FaultList, quoted
from ostiary.rulebook.reader import BROKEN, Broken, Reader
from ostiary.rulebook.records import Record, RecordShape, records, run_checks
from ostiary.rulebook.shapes import values
from ostiary.rulebook.source import load

_TEXT_LIMITS = {"name": 256, "description": 4_096}
_LARGEST_FILE = 1024 * 1024
_LONGEST_TIME_OUT = timedelta(seconds=60)  # a lease of work is longer

# Fields that not every kind of connector has.
_SCIM, _WEBHOOK, _LDAP = ConnectorKind.SCIM, ConnectorKind.WEBHOOK, ConnectorKind.LDAP
_LDAP_TEXTS = (
    "bind_dn",
    "people_base",
    "people_filter",
    "name_attribute",
    "groups_base",
    "groups_filter",
    "member_attribute",
    "owner_attribute",
    "placeholder",
    "guests_base",
    "mark_attribute",
    "guest_mark",
    "blocked_mark",
    "block_attribute",
    "block_value",
)
_KINDS_OF: Mapping[str, tuple[ConnectorKind, ...]] = {
    **dict.fromkeys((*_LDAP_TEXTS, "start_tls", "members"), (_LDAP,)),
    **dict.fromkeys(("token_file", "token_variable", "groups_by", "user_name"), (_SCIM,)),
    **dict.fromkeys(("roles_in", "roles_as", "read_members"), (_SCIM,)),
    **dict.fromkeys(("secret_file", "secret_variable"), (_WEBHOOK,)),
    **dict.fromkeys(("password_file", "password_variable"), (_LDAP,)),
    **dict.fromkeys(("guest_mark", "most_members"), (_SCIM, _LDAP)),
    "plain_http": (_SCIM, _WEBHOOK),
}
_NEEDED = {_LDAP: ("bind_dn", "people_base", "groups_base")}


class LoadedConnectors(msgspec.Struct, frozen=True):
    """What a file says, and the known mistakes in it."""

    configuration: Configuration
    warnings: tuple[Fault, ...] = ()


def load_connectors(file: Path) -> LoadedConnectors:
    """Give what a file of connectors says; DefinitionError holds every fault of it.

    Paths in the file begin at its folder; secrets and certificates are looked at already.
    """
    faults = FaultList()
    reader = Reader(faults, _TEXT_LIMITS)
    root = load(file, file.as_posix(), faults, largest=_LARGEST_FILE)
    text = BROKEN if root is None else RecordShape(ConnectorsText).read(root, None, reader)
    draft = None if isinstance(text, Broken) else _Draft(reader, file.parent, text)
    if draft is not None:
        draft.check()
    faults.refuse_if_errors()
    assert draft is not None  # noqa: S101  # for the types: else there was a fault
    return LoadedConnectors(draft.configuration(), faults.sorted())


class _Draft:
    """The file while it is checked as a whole."""

    def __init__(self, reader: Reader, folder: Path, text: ConnectorsText) -> None:
        self.reader = reader
        self.folder = folder
        self.connectors: tuple[ConnectorText, ...] = records(text, "connectors")
        self.routes: tuple[RouteText, ...] = records(text, "routes")
        extensions = text.values.get("extensions")
        self.extensions = extensions if isinstance(extensions, ExtensionsText) else None

    def check(self) -> None:
        """Report everything that is wrong."""
        self._names()
        for connector in self.connectors:
            run_checks(_ConnectorChecks(self.reader, self.folder, connector).all())
        if self.extensions is not None:
            run_checks(_ExtensionChecks(self.reader, self.folder, self.extensions).all())
        for place, route in enumerate(self.routes):
            before = self.routes[:place]
            known, able = partial(self._known, route), partial(self._able, route)
            run_checks((known, able, partial(self._reached, route, before)))
        for connector in self.connectors:
            run_checks((partial(self._used, connector), partial(self._plain_roles, connector)))

    def configuration(self) -> Configuration:
        """Give the settings of a file without faults."""
        return Configuration(
            connectors={one.id: _settings(one, self.folder) for one in self.connectors},
            routes=tuple(_route(one) for one in self.routes),
            extensions=_extensions(self.extensions, self.folder),
        )

    def _names(self) -> None:
        seen: dict[str, ConnectorText] = {}
        for one in self.connectors:
            name = one.values.get("id")
            if not isinstance(name, str):
                continue
            if name in BUILT_IN:
                text = f"{quoted(name)} is built in; give this connector another id"
                self.reader.invalid(one.at("id"), one.to("id"), text)
            elif name in seen:
                text = f"{quoted(name)} is defined already, in line {seen[name].node.line}"
                self.reader.fault(one.at("id"), one.to("id"), FaultCode.DUPLICATE, text)
            else:
                seen[name] = one

    def _known(self, route: RouteText) -> None:
        known = [*BUILT_IN, *self._defined()]
        if route.connector not in known:
            near = self.reader.near(route.connector, known)
            text = f"no connector {quoted(route.connector)}{near}"
            where = route.to("connector")
            code = FaultCode.UNKNOWN_REFERENCE
            self.reader.fault(route.at("connector"), where, code, text)

    def _defined(self) -> Iterator[str]:
        for one in self.connectors:
            name = one.values.get("id")
            if isinstance(name, str):
                yield name

    def _able(self, route: RouteText) -> None:
        named = (one for one in self.connectors if one.values.get("id") == route.connector)
        ldap = any(one.values.get("kind") is ConnectorKind.LDAP for one in named)
        groups_only = ldap or route.connector == DIRECTORY
        if groups_only and values(route.kinds) != (ResourceKind.GROUP,):
            text = f"{quoted(route.connector)} has groups only; write `kinds: [group]`"
            self.reader.invalid(route.at("kinds"), route.to("kinds"), text)

    def _reached(self, route: RouteText, before: tuple[RouteText, ...]) -> None:
        for earlier in before:
            if _covers(earlier, route):
                line = earlier.node.line
                text = f"is never reached: the route in line {line} takes all that fits here"
                self.reader.invalid(route.node, route.where, text)
                return

    def _used(self, connector: ConnectorText) -> None:
        routed = any(route.values.get("connector") == connector.id for route in self.routes)
        if not routed and connector.guests != GuestAccounts.AT_ONCE.value:
            text = f"nothing is routed to {quoted(connector.id)}"
            self.reader.warn(connector.at("id"), connector.to("id"), FaultCode.UNUSED, text)

    def _plain_roles(self, connector: ConnectorText) -> None:
        """Roles by their names alone are one application's, or a right could be another's."""
        if connector.roles_as != RoleValue.ROLE.value:
            return
        targets: set[str | None] = set()
        for route in self.routes:
            if route.connector == connector.id and values(route.kinds) != (ResourceKind.GROUP,):
                targets.add(_only_target(route))
        if len(targets) > 1 or None in targets:
            text = "roles of several resources would be one; let its routes name one target"
            self.reader.invalid(connector.at("roles_as"), connector.to("roles_as"), text)


class _Checks:
    """What connectors and extensions have in common."""

    def __init__(self, reader: Reader, folder: Path, text: Any) -> None:
        self.reader = reader
        self.folder = folder
        self.text = text

    def _refuse(self, field: str, text: str) -> None:
        self.reader.invalid(self.text.at(field), self.text.to(field), text)

    def ca_file(self) -> None:
        """Certificates are there and can be read."""
        named = self.text.ca_file
        path = _below(self.folder, named)
        if named is None:
            return
        try:
            ssl.create_default_context(cafile=path)
        except (OSError, ssl.SSLError):
            self._refuse("ca_file", f"no certificates can be read from {quoted(named)}")

    def time_out(self) -> None:
        """A call ends before the lease of its work does."""
        time_out = self.text.time_out
        if time_out is not None and time_out > _LONGEST_TIME_OUT:
            self._refuse("time_out", "must be at most PT60S")

    def secret(self, what: str, *, signs: bool) -> None:
        """A secret is in one place, and can be used."""
        names = [name for name in (f"{what}_file", f"{what}_variable") if self.text.has(name)]
        if not names:
            where = self.text.to(f"{what}_file")
            text = f"is missing, and so is {what}_variable; one of them says where the {what} is"
            self.reader.fault(self.text.node, where, FaultCode.MISSING_FIELD, text)
            return
        if len(names) > 1:
            self._refuse(names[1], f"there is a {names[0]} already")
            return
        secret = _secret(self.text, what, self.folder)
        try:
            found = secret.read_all()
            for one in found if signs else ():
                key_of(one)
        except SecretUnavailableError as error:
            self._refuse(names[0], str(error))
        except ValueError as error:
            self._refuse(names[0], f"{secret.place} {error}")


class _ConnectorChecks(_Checks):
    """The checks of one connector."""

    text: ConnectorText

    def all(self) -> Iterator[Any]:
        """Give the checks."""
        yield from (self._fields, self._url, self.ca_file, self.time_out, self._secret)
        yield from (self._members, self._mark)
        if self.text.values.get("kind") is _LDAP:
            yield from (self._names, self._filters, self._guests)

    def _fields(self) -> None:
        mine = self.text.kind
        for field, kinds in _KINDS_OF.items():
            if self.text.has(field) and mine not in kinds:
                theirs = " or ".join(kind.value for kind in kinds)
                self._refuse(field, f"belongs to connectors of kind {theirs}, not {mine.value}")
        for field in _NEEDED.get(mine, ()):
            if not self.text.has(field):
                where = self.text.to(field)
                self.reader.fault(self.text.node, where, FaultCode.MISSING_FIELD, "is missing")

    def _url(self) -> None:
        if self.text.kind is _LDAP:
            problem = _ldap_problem(self.text.url, clear=self.text.start_tls is False)
        else:
            problem = url_problem(self.text.url, plain=self.text.plain_http)
        if problem:
            self._refuse("url", problem)
        elif self.text.kind is _SCIM and httpx.URL(self.text.url).query:
            self._refuse("url", "must be the base of a SCIM server, without a query")

    def _secret(self) -> None:
        what = {_SCIM: "token", _WEBHOOK: "secret", _LDAP: "password"}[self.text.kind]
        self.secret(what, signs=self.text.kind is _WEBHOOK)

    def _names(self) -> None:
        """Names of entries are names."""
        from ostiary.adapters.connectors.ldap_client import is_dn

        for field in ("bind_dn", "people_base", "groups_base", "guests_base", "placeholder"):
            text = self.text.values.get(field)
            if isinstance(text, str) and not is_dn(text):
                self._refuse(field, f"must be the name of an entry, not {quoted(text)}")

    def _filters(self) -> None:
        """Filters can be read, and look for somebody."""
        from ostiary.adapters.connectors.ldap_client import is_filter

        for field, places in (
            ("people_filter", ("{id}", "{mail}")),
            ("groups_filter", ("{target}",)),
        ):
            text = self.text.values.get(field)
            if not isinstance(text, str):
                continue
            if not is_filter(text):
                self._refuse(field, f"must be a filter in parentheses, not {quoted(text)}")
            elif not any(place in text for place in places):
                self._refuse(field, f"must hold {' or '.join(places)}, or it finds anybody")

    def _guests(self) -> None:
        """Guests are made somewhere, and blocked by something."""
        text = self.text
        if text.guests not in {None, GuestAccounts.NEVER.value} and not text.has("guests_base"):
            self._refuse("guests", "needs a `guests_base`")
        for field, other in (
            ("block_attribute", "block_value"),
            ("block_value", "block_attribute"),
        ):
            if text.has(field) and not text.has(other):
                self._refuse(field, f"needs a `{other}`")

    def _members(self) -> None:
        if self.text.most_members == 0:
            self._refuse("most_members", "must be at least 1")
        if self.text.most_members is not None and self.text.read_members is False:
            self._refuse("most_members", "cannot be kept unless members are read")

    def _mark(self) -> None:
        if self.text.guest_mark is not None and self.text.guests == GuestAccounts.NEVER.value:
            self._refuse("guest_mark", "marks nobody with `guests: never`")


class _ExtensionChecks(_Checks):
    """The checks of the section `extensions`."""

    text: ExtensionsText

    def all(self) -> Iterator[Any]:
        """Give the checks."""
        yield from (self.ca_file, self.time_out, self._secret, self._hosts)

    def _secret(self) -> None:
        self.secret("secret", signs=True)

    def _hosts(self) -> None:
        for item in self.text.hosts or ():
            if not is_host(item.value.removeprefix("*.")):
                text = f"must be a host or `*.` and a domain, not {quoted(item.value)}"
                self.reader.invalid(item.node, item.where, text)


def _covers(earlier: RouteText, later: RouteText) -> bool:
    """Say whether all that fits a route fits an earlier one."""
    for field in ("kinds", "catalogs", "resources", "targets"):
        wide, narrow = values(getattr(earlier, field)), values(getattr(later, field))
        if wide and not (narrow and set(narrow) <= set(wide)):
            return False
    return True


def _only_target(route: RouteText) -> str | None:
    """Give the one target of a route; None if it may have several."""
    targets = values(route.targets)
    return targets[0] if len(targets) == 1 and "*" not in targets[0] else None


def _ldap_problem(url: str, *, clear: bool) -> str:
    """Say what is wrong with the URL of an LDAP server; `clear`: without TLS."""
    scheme, found, rest = url.partition("://")
    if not found or scheme not in {"ldap", "ldaps"}:
        return "must be ldap:// or ldaps:// and a host"
    problem = url_problem(f"https://{rest}")
    if problem or httpx.URL(f"https://{rest}").raw_path not in {b"/", b""}:
        return "must be ldap:// or ldaps://, a host and maybe a port"
    if scheme == "ldap" and clear and not is_loopback(httpx.URL(f"https://{rest}").host):
        return "must be ldaps:// or start TLS; a password goes to this machine only without"
    return ""


def _settings(text: ConnectorText, folder: Path) -> Settings:
    """Give the settings of a connector; what is not written is as the settings have it."""
    common: dict[str, Any] = {
        "url": text.url,
        "ca_file": _below(folder, text.ca_file),
        "patience": _patience(text.time_out),
    }
    if text.guests is not None:
        common["guests"] = GuestAccounts(text.guests)
    if text.kind is _WEBHOOK:
        return WebhookSettings(secret=_secret(text, "secret", folder), **common)
    if text.most_members is not None:
        common["most_members"] = text.most_members
    if text.kind is _LDAP:
        return _ldap(text, folder, common)
    return _scim(text, folder, common)


def _scim(text: ConnectorText, folder: Path, common: Mapping[str, Any]) -> ScimSettings:
    said: dict[str, Any] = {
        "guest_mark": text.guest_mark,
        "groups_by": text.groups_by and GroupKey(text.groups_by),
        "user_name": text.user_name and UserName(text.user_name),
        "roles_in": text.roles_in and RoleAttribute(text.roles_in),
        "role_value": text.roles_as and RoleValue(text.roles_as),
        "read_members": text.read_members,
    }
    return ScimSettings(token=_secret(text, "token", folder), **common, **_said(said))


def _ldap(text: ConnectorText, folder: Path, common: Mapping[str, Any]) -> LdapSettings:
    said: dict[str, Any] = {name: getattr(text, name) for name in _LDAP_TEXTS}
    said["start_tls"] = text.start_tls
    said["members"] = text.members and LdapMembers(text.members)
    if text.guests is None and text.guests_base is None:
        said["guests"] = GuestAccounts.NEVER
    return LdapSettings(password=_secret(text, "password", folder), **common, **_said(said))


def _said(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _extensions(text: ExtensionsText | None, folder: Path) -> ExtensionSettings | None:
    if text is None:
        return None
    return ExtensionSettings(
        secret=_secret(text, "secret", folder),
        ca_file=_below(folder, text.ca_file),
        patience=_patience(text.time_out),
        hosts=None if text.hosts is None else values(text.hosts),
        plain_http=text.plain_http,
    )


def _route(text: RouteText) -> Route:
    return Route(
        text.connector,
        frozenset(values(text.kinds)),
        frozenset(values(text.catalogs)),
        frozenset(values(text.resources)),
        values(text.targets),
    )


def _patience(time_out: timedelta | None) -> Patience:
    usual = Patience()
    whole = usual.whole if time_out is None else time_out.total_seconds()
    return Patience(min(usual.connect, whole), min(usual.silence, whole), whole)


def _secret(text: Record, what: str, folder: Path) -> Secret:
    file = getattr(text, f"{what}_file")
    return Secret(_below(folder, file), getattr(text, f"{what}_variable") or "")


def _below(folder: Path, path: str | None) -> Path | None:
    return None if path is None else folder / path
