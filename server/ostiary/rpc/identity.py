"""Who makes a call: found out by a source that can be exchanged, before a method is entered.

Development headers say it and are believed, so they are for machines that only their owner reaches.
Tokens will be another source; nothing behind this module will notice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeAlias

from ostiary.domain.caller import CATALOG_ROLES, NOBODY, Caller, Role
from ostiary.domain.errors import UnauthenticatedError
from ostiary.rpc.violations import LONGEST_ID

Metadata: TypeAlias = Iterable[tuple[str, str | bytes]]

CALLER_HEADER = "ostiary-caller"  # user:ID or service:ID
ROLES_HEADER = "ostiary-roles"  # roles of the whole tenant, with commas in between
_TENANT_ROLES: Mapping[str, Role] = {role.value: role for role in Role if role not in CATALOG_ROLES}


class IdentitySource(Protocol):
    """Finds out who makes a call."""

    def caller(self, metadata: Metadata) -> Caller:
        """Give the caller, NOBODY if the call says nothing.

        Raises UnauthenticatedError if what the call says cannot be believed.
        """


class Unidentified:
    """Believes nobody: every call is made by nobody, and what needs a caller is refused."""

    def caller(self, metadata: Metadata) -> Caller:
        """Give NOBODY; a call that claims to be somebody is refused rather than misunderstood."""
        if CALLER_HEADER in _said(metadata, (CALLER_HEADER,)):
            text = f"this server does not believe the header `{CALLER_HEADER}`"
            raise UnauthenticatedError(text)
        return NOBODY


class DevelopmentHeaders:
    """Believes the headers `ostiary-caller` and `ostiary-roles`."""

    def caller(self, metadata: Metadata) -> Caller:
        """Give whom the headers name."""
        said = _said(metadata, (CALLER_HEADER, ROLES_HEADER))
        if CALLER_HEADER not in said:
            if ROLES_HEADER in said:
                raise UnauthenticatedError(f"`{ROLES_HEADER}` without `{CALLER_HEADER}`")
            return NOBODY
        kind, _, name = said[CALLER_HEADER].partition(":")
        if kind not in ("user", "service") or not 0 < len(name) <= LONGEST_ID:
            text = f"`{CALLER_HEADER}` must be `user:ID` or `service:ID`: `{said[CALLER_HEADER]}`"
            raise UnauthenticatedError(text)
        return Caller(id=name, service=kind == "service", roles=_roles(said.get(ROLES_HEADER, "")))


def _roles(text: str) -> frozenset[Role]:
    names = [name for name in map(str.strip, text.split(",")) if name]
    for name in names:
        if name not in _TENANT_ROLES:
            known = ", ".join(_TENANT_ROLES)
            raise UnauthenticatedError(f"`{ROLES_HEADER}` takes {known}: `{name}`")
    return frozenset(_TENANT_ROLES[name] for name in names)


def _said(metadata: Metadata, names: tuple[str, ...]) -> Mapping[str, str]:
    """Give the headers of these names; one that is there twice is not believed."""
    found: dict[str, str] = {}
    for name, value in metadata:
        if name not in names:
            continue
        if name in found or isinstance(value, bytes):
            raise UnauthenticatedError(f"`{name}` is there twice, or is not text")
        found[name] = value
    return found
