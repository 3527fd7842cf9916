"""From what files say about catalogs and packages to the checked nouns (S-9 to S-22)."""

from __future__ import annotations

from ostiary.domain.catalog import Catalog, CustomExtension, PackageEntry, Resource
from ostiary.domain.policy import ScopeKind
from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.faults import Place, quoted
from ostiary.rulebook.policy_checks import PolicyChecks
from ostiary.rulebook.policy_model import PolicyText
from ostiary.rulebook.reader import Broken, Unreadable, Where
from ostiary.rulebook.records import records, run_checks
from ostiary.rulebook.resource_checks import resource_of
from ostiary.rulebook.shapes import values
from ostiary.rulebook.source import Spot
from ostiary.rulebook.tenant_draft import CatalogDraft, Draft, PackageDraft, spot_of
from ostiary.rulebook.tenant_model import (
    GENERAL,
    CatalogText,
    EntryText,
    ExtensionText,
    IncompatibleText,
    PackageText,
    ResourceText,
)

GENERAL_NAME = "General"
_ROLES_SHOWN = 8


def add_catalog(draft: Draft, text: CatalogText) -> None:
    """Check a catalog with all that is in it and take it into the draft."""
    identifier = text.values.get("id")
    catalog = CatalogDraft(str(identifier), text.at("id"), text.where)
    catalog.known = not isinstance(text.values.get("resources", ()), Broken)
    if draft.define("catalog", text):
        draft.catalogs[catalog.id] = catalog
    run_checks(
        (
            lambda: _name(draft, text),
            lambda: _owners(draft, text),
            lambda: _resources(draft, text, catalog),
            lambda: _extensions(draft, text, catalog),
            lambda: _open(text, catalog),
        )
    )
    for package in records(text, "packages"):
        add_package(draft, package, catalog)


def built_in_catalog() -> CatalogDraft:
    """Give the catalog that every tenant has, as it is if no file says more about it (S-10)."""
    catalog = Catalog(id=GENERAL, name=GENERAL_NAME, built_in=True)
    return CatalogDraft(GENERAL, Spot(""), None, catalog)


def unknown_catalog(name: str) -> CatalogDraft:
    """Give a stand-in for a catalog that no file defines, so that its packages are checked too."""
    return CatalogDraft(name, Spot(""), None, known=False)


def unknown_package(name: str) -> PackageDraft:
    """Give a stand-in for a package that no file defines, so that its policies are checked too."""
    return PackageDraft(name, name, "", Spot(name), None)


def _name(draft: Draft, text: CatalogText) -> None:
    """S-9 and S-10: names are unique, and the built-in catalog keeps its own."""
    built_in = text.id == GENERAL
    if text.name is None:
        if not built_in:
            where = text.to("name")
            draft.reader.fault(text.node, where, FaultCode.MISSING_FIELD, "is missing")
    elif built_in and text.name != GENERAL_NAME:
        message = f"the built-in catalog is called {quoted(GENERAL_NAME)}"
        draft.reader.invalid(text.at("name"), text.to("name"), message)
    elif not built_in and text.name == GENERAL_NAME:
        message = f"{quoted(GENERAL_NAME)} is the name of the built-in catalog {quoted(GENERAL)}"
        draft.reader.fault(text.at("name"), text.to("name"), FaultCode.DUPLICATE, message)
    else:
        draft.define("catalog", text, "name", called="a catalog called")


def _owners(draft: Draft, text: CatalogText) -> None:
    """S-11."""
    places = [(item.node, item.where) for item in text.owners]
    draft.limit("users_per_catalog_role", places)
    for item in text.owners:
        if item.value.kind != "service":
            draft.refer(item.value.kind, item.value.id, item.node, item.where)


def _resources(draft: Draft, text: CatalogText, catalog: CatalogDraft) -> None:
    """S-14."""
    places = [(one.node, one.where) for one in text.resources]
    draft.limit("resources_per_catalog", places)
    attributes = []
    for one in text.resources:
        add_resource(draft, one, catalog)
        questions = records(one, "questions")
        attributes += [(question.node, question.where) for question in questions]
    draft.limit("attributes_per_catalog", attributes)


def add_resource(draft: Draft, text: ResourceText, catalog: CatalogDraft) -> None:
    """Check a resource and take it into its catalog (S-14)."""
    within = spot_of(catalog.place)
    draft.define("resource", text, within=within)
    resource = resource_of(draft, text, within)
    if isinstance(text.values.get("id"), str):
        catalog.resources.setdefault(text.values["id"], resource)


def add_extension(draft: Draft, text: ExtensionText, catalog: CatalogDraft) -> None:
    """Check a custom extension and take it into its catalog (S-125)."""
    draft.define("extension", text, within=spot_of(catalog.place))
    draft.extensions += 1
    draft.limit_count("extensions_per_tenant", draft.extensions, text.node, text.where)
    try:
        made = CustomExtension(text.id, text.name or text.id, text.url)
        catalog.extensions.setdefault(made.id, made)
    except Unreadable:
        catalog.extensions.setdefault(str(text.values.get("id")), None)


def _extensions(draft: Draft, text: CatalogText, catalog: CatalogDraft) -> None:
    """S-125."""
    draft.limit("extensions_per_catalog", [(one.node, one.where) for one in text.extensions])
    for one in text.extensions:
        add_extension(draft, one, catalog)


def _open(text: CatalogText, catalog: CatalogDraft) -> None:
    made = [one for one in catalog.resources.values() if one is not None]
    extensions = [one for one in catalog.extensions.values() if one is not None]
    owners = sorted(f"{owner.kind}:{owner.id}" for owner in values(text.owners))
    catalog.catalog = Catalog(
        id=text.id,
        name=text.name or GENERAL_NAME,
        description=text.description,
        enabled=text.enabled,
        external=text.external,
        built_in=text.id == GENERAL,
        owners=tuple(owners),
        resources=tuple(sorted(made, key=lambda one: one.id)),
        extensions=tuple(sorted(extensions, key=lambda one: one.id)),
    )


def add_package(draft: Draft, text: PackageText, catalog: CatalogDraft) -> None:
    """Check a package of a catalog, with its policies, and take it into the draft."""
    first = draft.define("package", text)
    draft.define("package", text, "name", within=catalog.id, called="a package called")
    catalog.packages += 1
    draft.limit_count("packages_per_catalog", catalog.packages, text.at("id"), text.where)
    identifier, name = text.values.get("id"), text.values.get("name")
    package = PackageDraft(str(identifier), str(name), catalog.id, text.at("id"), text.where)
    if first:
        draft.packages[package.id] = package
        draft.package_count += 1
        count = draft.package_count
        draft.limit_count("packages_per_tenant", count, package.place, package.where)
    run_checks(
        (
            lambda: _describe(text, package),
            lambda: _entries(draft, text, catalog, package),
            lambda: _incompatible(draft, text, package),
        )
    )
    for policy in records(text, "policies"):
        add_policy(draft, policy, package, catalog)


def _describe(text: PackageText, package: PackageDraft) -> None:
    package.description = text.description
    package.hidden = text.hidden


def _entries(draft: Draft, text: PackageText, catalog: CatalogDraft, package: PackageDraft) -> None:
    """S-16 and S-20."""
    if not text.count("entries"):
        node = text.at("entries") if text.has("entries") else text.at("id")
        message = "the package delivers nothing"
        draft.reader.warn(node, text.to("entries"), FaultCode.EMPTY_PACKAGE, message)
    found: dict[PackageEntry, None] = {}
    resources: dict[str, tuple[Place, Where]] = {}
    for entry in text.entries:
        made = _entry(draft, entry, catalog)
        if made is None:
            continue
        resources.setdefault(made.resource, (entry.node, entry.where))
        if made in found:
            message = f"{quoted(made.resource)} with role {quoted(made.role)} stands here twice"
            draft.reader.fault(entry.node, entry.where, FaultCode.DUPLICATE, message)
        found[made] = None
    draft.limit("resources_per_package", list(resources.values()))
    package.entries = tuple(sorted(found))


def _entry(draft: Draft, text: EntryText, catalog: CatalogDraft) -> PackageEntry | None:
    try:
        identifier, role = text.resource, text.role
    except Unreadable:
        return None
    if not catalog.known:
        return PackageEntry(identifier, role)
    if identifier not in catalog.resources:
        near = draft.reader.near(identifier, catalog.resources)
        message = f"catalog {quoted(catalog.id)} has no resource {quoted(identifier)}{near}"
        code = FaultCode.UNKNOWN_REFERENCE
        draft.reader.fault(text.at("resource"), text.to("resource"), code, message)
        return PackageEntry(identifier, role)
    resource = catalog.resources[identifier]
    if resource is None:
        return PackageEntry(identifier, role)
    return PackageEntry(identifier, _role(draft, text, role, resource))


def _role(draft: Draft, text: EntryText, role: str, resource: Resource) -> str:
    other = draft.loaded.resources.other_spellings.get(role)
    if role not in resource.roles and other in resource.roles:
        return str(other)
    if role not in resource.roles:
        shown = [quoted(one) for one in resource.roles[:_ROLES_SHOWN]]
        more = ["…"] if len(resource.roles) > _ROLES_SHOWN else []
        near = draft.reader.near(role, resource.roles)
        known = f"only {', '.join(shown + more)}{near}"
        message = f"resource {quoted(resource.id)} has no role {quoted(role)}, {known}"
        code = FaultCode.UNKNOWN_REFERENCE
        draft.reader.fault(text.at("role"), text.to("role"), code, message)
    return role


def _incompatible(draft: Draft, text: PackageText, package: PackageDraft) -> None:
    """S-117."""
    if text.incompatible is None:
        return
    listed: IncompatibleText = text.incompatible
    run_checks(
        (
            lambda: draft.refer_all("package", listed.packages),
            lambda: draft.refer_all("group", listed.groups),
            lambda: _itself(draft, listed, package),
        )
    )
    package.incompatible_packages = tuple(sorted(values(listed.packages)))
    package.incompatible_groups = tuple(sorted(values(listed.groups)))


def _itself(draft: Draft, listed: IncompatibleText, package: PackageDraft) -> None:
    for item in listed.packages:
        if item.value == package.id:
            message = "a package cannot be incompatible with itself"
            draft.reader.invalid(item.node, item.where, message)


def add_policy(
    draft: Draft, text: PolicyText, package: PackageDraft, catalog: CatalogDraft
) -> None:
    """Check a policy of a package and take it into the draft."""
    within = spot_of(package.place)
    draft.define("policy", text, within=within)
    draft.define("policy", text, "name", within=within, called="a policy called")
    draft.policies += 1
    package.written += 1
    place = text.at("id")
    draft.limit_count("policies_per_tenant", draft.policies, place, text.where)
    draft.limit_count("policies_per_package", package.written, place, text.where)
    scope = text.values.get("scope")
    kind = getattr(scope, "values", {}).get("kind")
    if kind is ScopeKind.AUTOMATIC:
        package.automatic += 1
        count = package.automatic
        draft.limit_count("auto_policies_per_package", count, place, text.where)
    policy = PolicyChecks(draft, catalog, text).run()
    if policy is not None:
        package.policies.append(policy)
