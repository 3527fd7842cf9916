"""What one file of a tenant folder may hold: catalogs and all that is in them (S-9 to S-22)."""

from __future__ import annotations

from ostiary.domain.catalog import ResourceKind
from ostiary.rulebook.directory_model import (
    GroupText,
    NamedShape,
    OrganizationText,
    SettingsText,
    UserText,
)
from ostiary.rulebook.lint_model import LINT
from ostiary.rulebook.policy_model import PolicyText, QuestionText
from ostiary.rulebook.profile_model import OverridesText
from ostiary.rulebook.records import (
    Elsewhere,
    Record,
    RecordShape,
    RecordsOf,
    maybe,
    optional,
    required,
)
from ostiary.rulebook.shapes import ID, ListOf, Text, Word, YesNo, words_of

DEFAULT_PROFILE = "standard"
GENERAL = "general"


class ResourceText(Record):
    """A resource of a catalog: a group, an application, a site or a directory role."""

    id = required(ID, "Unique among the resources of the catalog.")
    name = maybe(Text("name"), "The name for people; the id if left out.")
    kind = required(Word(words_of(ResourceKind)), "What it is; names the field that says which.")
    group = maybe(ID, "With kind group: the id of the group.")
    application = maybe(Text("name"), "With kind application: its id.")
    url = maybe(Text("description"), "With kind site: the URL of the whole site.")
    role = maybe(Text("name"), "With kind directory_role: its name.")
    roles = maybe(ListOf(Text("name"), at_least=1), "Roles to give; the usual ones if left out.")
    personal_accounts_only = optional(
        YesNo(), default=False, about="Of an application: whether it takes personal accounts only."
    )
    group_connected = optional(
        YesNo(), default=False, about="Of a site: whether a security group stands behind it."
    )
    enabled_for_entitlement_management = optional(
        YesNo(), default=False, about="Of a site: whether it was switched on for packages."
    )
    privileged = optional(
        YesNo(), default=False, about="Of a directory role: whether it is privileged."
    )
    questions = optional(RecordsOf(QuestionText), (), "Attributes that every requestor states.")


class ExtensionText(Record):
    """An outside workflow that policies of the catalog may call."""

    id = required(ID, "Unique among the extensions of the catalog.")
    name = maybe(Text("name"), "The name for people; the id if left out.")
    url = required(Text("description"), "Where it is called.")


class EntryText(Record):
    """One resource role that a package delivers."""

    resource = required(ID, "The id of a resource of the package's catalog.")
    role = required(Text("name"), "A role of that resource.")


class IncompatibleText(Record):
    """What a person must not have to get the package."""

    packages = optional(ListOf(ID), (), "Ids of packages.")
    groups = optional(ListOf(ID), (), "Ids of groups.")


class PackageText(Record):
    """An access package: a bundle of resource roles with its policies."""

    id = required(ID, "Unique in the tenant.")
    name = required(Text("name"), "The name for people, unique in the catalog.")
    description = optional(Text("description", blank=True), "", "What it is for.")
    hidden = optional(YesNo(), default=False, about="Whether lists leave it out; default no.")
    entries = optional(RecordsOf(EntryText), (), "What it delivers.")
    incompatible = maybe(RecordShape(IncompatibleText), "Separation of duties.")
    policies = optional(RecordsOf(PolicyText), (), "Who gets it, and how.")


class LoosePackageText(PackageText):
    """An access package outside a catalog's list."""

    catalog = optional(ID, GENERAL, "The id of its catalog; the built-in one if left out.")


class LoosePolicyText(PolicyText):
    """An assignment policy outside its package's list."""

    package = required(ID, "The id of its package.")


class CatalogText(Record):
    """A catalog of resources and packages, the unit of delegation."""

    id = required(ID, "Unique among the catalogs; `general` is the built-in one.")
    name = maybe(Text("name"), "The name for people, unique.")
    description = optional(Text("description", blank=True), "", "What it is for.")
    enabled = optional(YesNo(), default=True, about="Off: its packages cannot be had; default yes.")
    external = optional(
        YesNo(), default=True, about="Whether external people may request; default yes."
    )
    owners = optional(ListOf(NamedShape("user", "group", "service")), (), "Who runs it.")
    resources = optional(RecordsOf(ResourceText), (), "What packages can be made of.")
    extensions = optional(RecordsOf(ExtensionText), (), "Outside workflows.")
    packages = optional(RecordsOf(PackageText), (), "Its access packages.")


class TenantText(Record):
    """The tenant: its name, its profile and its settings; stands in one file of the folder."""

    id = required(ID, "Names the tenant.")
    name = maybe(Text("name"), "The name for people; the id if left out.")
    profile = optional(Text("name"), DEFAULT_PROFILE, "standard (the default) or entra.")
    overrides = maybe(
        RecordShape(OverridesText, partial=True), "Single values of the profile to change."
    )
    settings = maybe(RecordShape(SettingsText), "Settings of the whole tenant.")


class FileText(Record):
    """One file of a tenant folder; the lists of all files are put together."""

    tenant = maybe(Elsewhere(RecordShape(TenantText)), "In one file: the tenant itself.")
    users = optional(RecordsOf(UserText), (), "Users of the directory.")
    groups = optional(RecordsOf(GroupText), (), "Groups of the directory.")
    organizations = optional(RecordsOf(OrganizationText), (), "Connected organizations.")
    catalogs = optional(RecordsOf(CatalogText), (), "Catalogs with their packages.")
    packages = optional(RecordsOf(LoosePackageText), (), "Packages outside a catalog's list.")
    policies = optional(RecordsOf(LoosePolicyText), (), "Policies outside a package's list.")
    lint = maybe(LINT, "Findings of `ostiary check` that are meant as they are.")
