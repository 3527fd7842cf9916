"""Catalogs, resources and access packages: what can be had (S-9 to S-22)."""

from __future__ import annotations

import enum

import msgspec

from ostiary.domain.policy import AssignmentPolicy, Question


class ResourceKind(enum.Enum):
    """The kinds of resource a catalog can hold (S-14, S-19)."""

    GROUP = "group"
    APPLICATION = "application"
    SITE = "site"
    DIRECTORY_ROLE = "directory_role"


class Resource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A resource of a catalog with the roles that can be given on it (S-14)."""

    id: str
    name: str
    kind: ResourceKind
    target: str  # id of the group or application, URL of the site, name of the directory role
    roles: tuple[str, ...]
    questions: tuple[Question, ...] = ()  # required attributes (S-18)


class PackageEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, order=True):
    """One resource role that a package delivers (S-16)."""

    resource: str
    role: str


class CustomExtension(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An outside workflow that policies of its catalog may call (S-125)."""

    id: str
    name: str
    url: str


class AccessPackage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A bundle of resource roles that people ask for, with its policies (S-20)."""

    id: str
    name: str
    catalog: str
    description: str = ""
    hidden: bool = False
    entries: tuple[PackageEntry, ...] = ()
    incompatible_packages: tuple[str, ...] = ()
    incompatible_groups: tuple[str, ...] = ()
    policies: tuple[AssignmentPolicy, ...] = ()  # in the order of their names, then ids


class Catalog(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A container of resources and packages, the unit of delegation (S-9)."""

    id: str
    name: str
    description: str = ""
    enabled: bool = True
    external: bool = True
    built_in: bool = False
    owners: tuple[str, ...] = ()  # `user:ID`, `group:ID` or `service:ID` (S-11)
    resources: tuple[Resource, ...] = ()
    extensions: tuple[CustomExtension, ...] = ()
    packages: tuple[AccessPackage, ...] = ()
