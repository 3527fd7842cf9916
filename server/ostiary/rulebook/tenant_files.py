"""Load a tenant from a folder of YAML files: every fault of every file at once, or a tenant."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from ostiary.domain.errors import DefinitionError, Fault
from ostiary.domain.tenant import Settings, Tenant
from ostiary.rulebook.catalog_checks import (
    add_catalog,
    add_package,
    add_policy,
    built_in_catalog,
    unknown_catalog,
    unknown_package,
)
from ostiary.rulebook.directory_checks import add_group, add_organization, add_user, read_settings
from ostiary.rulebook.directory_model import SettingsText
from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.faults import FaultList, quoted
from ostiary.rulebook.folder_kinds import MUTANTS_FILE, FolderKind, no_folder, other_kind, walk
from ostiary.rulebook.lint_model import Ignored, LintText, ignored_of
from ostiary.rulebook.plain_nodes import plain_of
from ostiary.rulebook.profile_model import OverridesText
from ostiary.rulebook.profiles import LoadedProfile, load_profile, profile_names
from ostiary.rulebook.reader import Broken, Reader
from ostiary.rulebook.records import RecordShape, records, run_checks
from ostiary.rulebook.source import MappingNode, Node, ScalarNode, Spot, load
from ostiary.rulebook.tenant_digest import digest_of
from ostiary.rulebook.tenant_draft import Draft
from ostiary.rulebook.tenant_model import (
    DEFAULT_PROFILE,
    GENERAL,
    FileText,
    LoosePackageText,
    LoosePolicyText,
    TenantText,
)
from ostiary.rulebook.tenant_whole import by_id, catalogs_of, settle

_ENDINGS = (".yaml", ".yml")
_NOT_DEFINITIONS = "requests"  # a folder of questions to ask, beside the definitions
_SUITE = "_test"  # of a file with tests of the definitions
_MAY_HOLD_TENANT = re.compile(rb"tenant[\"']?\s*:")


class LoadedTenant(msgspec.Struct, frozen=True):
    """A tenant and the known mistakes in it, with what later changes of it are checked by."""

    tenant: Tenant
    warnings: tuple[Fault, ...] = ()
    overrides: Mapping[str, Any] = {}  # of the profile, as they are written
    known_domains: Mapping[str, str] = {}  # domain -> tenant that it belongs to (S-113)
    ignored: tuple[Ignored, ...] = ()  # findings of lint that are meant as they are


def load_tenant(
    folder: Path, *, profile: str | None = None, now: datetime | None = None
) -> LoadedTenant:
    """Give the tenant that the YAML files below a folder define, under its own or another profile.

    With `now`, a fixed end in the past is a fault. DefinitionError holds every fault of every file.
    """
    faults = FaultList()
    refuse_unknown_profile(folder, profile, faults)
    loading = _Loading(folder, faults, profile, now)
    with _without_collection():
        tenant = loading.tenant()
    if tenant is None or faults.has_errors:
        raise DefinitionError(faults.sorted())
    return _loaded(tenant, loading)


def refuse_unknown_profile(folder: Path, profile: str | None, faults: FaultList) -> None:
    """Raise DefinitionError for a profile that is asked for and does not exist."""
    if profile is not None and profile not in profile_names():
        known = ", ".join(profile_names())
        text = f"there is no profile {quoted(profile)}, only {known}"
        faults.add(Spot(folder.as_posix()), FaultCode.UNKNOWN_VALUE.value, text)
        faults.refuse_if_errors()


def _loaded(tenant: Tenant, loading: _Loading) -> LoadedTenant:
    return LoadedTenant(
        tenant,
        loading.faults.sorted(),
        loading.overrides,
        loading.known_domains,
        tuple(loading.ignored),
    )


def read_tenant_nodes(folder: Path) -> Mapping[str, Node]:
    """Give what the files of a tenant say, by their names, before anything is checked.

    DefinitionError holds what keeps files from being read at all.
    """
    faults = FaultList()
    read = {name: load(path, name, faults) for path, name in definition_files(folder, faults)}
    faults.refuse_if_errors()
    return {name: node for name, node in read.items() if node is not None}


def tenant_of_nodes(
    folder: Path, nodes: Mapping[str, Node], *, profile: str | None = None
) -> LoadedTenant:
    """Give the tenant of what the files of a folder say, as `load_tenant` does."""
    faults = FaultList()
    refuse_unknown_profile(folder, profile, faults)
    loading = _LoadingNodes(folder, nodes, faults, profile)
    with _without_collection():
        tenant = loading.tenant()
    if tenant is None or faults.has_errors:
        raise DefinitionError(faults.sorted())
    return _loaded(tenant, loading)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Keep the garbage collector from walking over all that was read, again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def definition_files(folder: Path, faults: FaultList | None = None) -> Iterator[tuple[Path, str]]:
    """Give the files that hold definitions, in order, with the names that faults call them by.

    Folders whose files cannot be told are added to `faults`: what they hold is not known to be
    nothing (S-25). So is a folder that is a rule pack, whose files are not given then.
    """
    mistaken = "" if faults is None else other_kind(folder, FolderKind.TENANT)
    if faults is not None and mistaken:
        faults.add(Spot(folder.as_posix()), FaultCode.WRONG_KIND.value, mistaken)
        return

    def refused(path: Path, why: str) -> None:
        if faults is not None and _NOT_DEFINITIONS not in path.relative_to(folder).parts:
            faults.add(Spot(path.as_posix()), FaultCode.FILE_UNREADABLE.value, why)

    for path in sorted(walk(folder, refused)):
        if path.suffix not in _ENDINGS or path.stem.endswith(_SUITE):
            continue
        if path.name == MUTANTS_FILE:
            continue
        if _NOT_DEFINITIONS in path.relative_to(folder).parts[:-1]:
            continue
        yield path, path.as_posix()


class _Loading:
    """One load: the tenant's own section first, since all else is checked by its profile."""

    def __init__(
        self, folder: Path, faults: FaultList, profile: str | None, now: datetime | None
    ) -> None:
        self.folder = folder
        self.faults = faults
        self.profile = profile
        self.now = now
        self.settings = Settings()
        self.overrides: Mapping[str, Any] = {}
        self.known_domains: Mapping[str, str] = {}
        self.read: dict[str, Node | None] = {}  # files that were read ahead
        self.loose_packages: list[LoosePackageText] = []
        self.loose_policies: list[LoosePolicyText] = []
        self.ignored: list[Ignored] = []

    def tenant(self) -> Tenant | None:
        """Give the tenant, or None if it could not be read at all."""
        files = self._files()
        if not files:
            return None
        text = self._own_section(files)
        draft = self._draft(text)
        ahead = set(self.read)
        for path, name in files:
            root = self.read.pop(name) if name in ahead else self._load(path, name)
            if root is not None:
                self._file(draft, root, read_ahead=name in ahead)
        self._loose(draft)
        settle(draft)
        return None if text is None or self.faults.has_errors else self._tenant(draft, text)

    def _load(self, path: Path, name: str) -> Node | None:
        return load(path, name, self.faults)

    def _may_hold_tenant(self, path: Path) -> bool:
        try:
            return path.is_file() and _MAY_HOLD_TENANT.search(path.read_bytes()) is not None
        except OSError:
            return False  # reading it in its turn reports why

    def _files(self) -> list[tuple[Path, str]]:
        spot = Spot(self.folder.as_posix())
        if not self.folder.is_dir():
            self.faults.add(spot, FaultCode.FILE_UNREADABLE.value, no_folder(self.folder))
            return []
        found = list(definition_files(self.folder, self.faults))
        return found if self.faults.has_errors else self._some(found)

    def _some(self, files: list[tuple[Path, str]]) -> list[tuple[Path, str]]:
        if not files:
            text = "no file ending in .yaml below this folder"
            spot = Spot(self.folder.as_posix())
            self.faults.add(spot, FaultCode.FILE_UNREADABLE.value, text)
        return files

    def _own_section(self, files: list[tuple[Path, str]]) -> TenantText | None:
        """Give the section `tenant`, which one of the files holds."""
        sections: list[tuple[ScalarNode, Node]] = []
        for path, name in files:
            if self._may_hold_tenant(path):
                root = self.read[name] = self._load(path, name)
                if isinstance(root, MappingNode) and "tenant" in root.fields:
                    sections.append((root.keys["tenant"], root.fields["tenant"]))
        shipped = load_profile(self.profile or DEFAULT_PROFILE)
        reader = Reader(self.faults, shipped.profile.text_limits)
        where = (None, "tenant")
        if not sections:
            text = "no file has this section, which names the tenant"
            spot = Spot(self.folder.as_posix())
            reader.fault(spot, where, FaultCode.MISSING_FIELD, text)
            return None
        for key, _ in sections[1:]:
            first = sections[0][0]
            text = f"there is one already, see {first.file}:{first.line}"
            reader.fault(key, where, FaultCode.DUPLICATE, text)
        section = RecordShape(TenantText).read(sections[0][1], where, reader)
        return None if isinstance(section, Broken) else section

    def _draft(self, text: TenantText | None) -> Draft:
        reader = Reader(self.faults, {})
        loaded = self._loaded_profile(text, reader)
        reader.text_limits = loaded.profile.text_limits
        draft = Draft(reader, loaded, self.now)
        settings = None if text is None else text.values.get("settings")
        if isinstance(settings, SettingsText):
            run_checks((lambda: self._settings(draft, settings),))
        return draft

    def _settings(self, draft: Draft, text: SettingsText) -> None:
        self.settings = read_settings(draft, text)

    def _loaded_profile(self, text: TenantText | None, reader: Reader) -> LoadedProfile:
        stated = {} if text is None else text.values
        name = stated.get("profile", DEFAULT_PROFILE)
        known = profile_names()
        if text is not None and isinstance(name, str) and name not in known:
            message = f"{quoted(name)} is not one of {', '.join(known)}{reader.near(name, known)}"
            where = text.to("profile")
            reader.fault(text.at("profile"), where, FaultCode.UNKNOWN_VALUE, message)
        chosen = self.profile or (name if name in known else DEFAULT_PROFILE)
        overrides = stated.get("overrides")
        if isinstance(overrides, OverridesText):
            self.overrides = plain_of(overrides.node)
        else:
            overrides = None
        return load_profile(chosen, overrides=overrides, reader=reader)

    def _file(self, draft: Draft, root: Node, *, read_ahead: bool) -> None:
        text = RecordShape(FileText).read(root, None, draft.reader)
        if isinstance(text, Broken):
            return
        if text.has("tenant") and not read_ahead:
            message = "write this key without escapes"
            draft.reader.invalid(text.node.keys["tenant"], text.to("tenant"), message)
        for user in records(text, "users"):
            add_user(draft, user)
        for group in records(text, "groups"):
            add_group(draft, group)
        for organization in records(text, "organizations"):
            add_organization(draft, organization)
        for catalog in records(text, "catalogs"):
            add_catalog(draft, catalog)
        self._take_loose(draft, text)
        section = text.values.get("lint")
        if isinstance(section, LintText):
            run_checks((lambda: self.ignored.extend(ignored_of(section)),))

    def _take_loose(self, draft: Draft, text: FileText) -> None:
        """Take packages whose catalog is known already; the others wait for the last file."""
        for package in records(text, "packages"):
            catalog = draft.catalogs.get(package.values.get("catalog", GENERAL))
            if catalog is None:
                self.loose_packages.append(package)
            else:
                add_package(draft, package, catalog)
        self.loose_policies += records(text, "policies")

    def _loose(self, draft: Draft) -> None:
        draft.catalogs.setdefault(GENERAL, built_in_catalog())
        for package in self.loose_packages:
            draft.refer_field("catalog", package, "catalog")
            name = str(package.values.get("catalog", GENERAL))
            catalog = draft.catalogs.get(name) or unknown_catalog(name)
            add_package(draft, package, catalog)
        for policy in self.loose_policies:
            draft.refer_field("package", policy, "package")
            name = str(policy.values.get("package"))
            holder = draft.packages.get(name) or unknown_package(name)
            catalog = draft.catalogs.get(holder.catalog) or unknown_catalog(holder.catalog)
            add_policy(draft, policy, holder, catalog)

    def _tenant(self, draft: Draft, text: TenantText) -> Tenant:
        self.known_domains = draft.known_domains
        made = Tenant(
            id=text.id,
            name=text.name or text.id,
            profile=draft.profile,
            settings=self.settings,
            users=by_id(draft.users),
            groups=by_id(draft.groups),
            organizations=by_id(draft.organizations),
            catalogs=catalogs_of(draft),
        )
        return msgspec.structs.replace(made, digest=digest_of(made))


class _LoadingNodes(_Loading):
    """A load of what has been read already."""

    def __init__(
        self,
        folder: Path,
        nodes: Mapping[str, Node],
        faults: FaultList,
        profile: str | None = None,
    ) -> None:
        super().__init__(folder, faults, profile, None)
        self.nodes = nodes

    def _files(self) -> list[tuple[Path, str]]:
        return self._some([(Path(name), name) for name in self.nodes])

    def _load(self, path: Path, name: str) -> Node | None:  # noqa: ARG002  # no file is read
        return self.nodes[name]

    def _may_hold_tenant(self, path: Path) -> bool:
        node = self.nodes[path.as_posix()]
        return isinstance(node, MappingNode) and "tenant" in node.fields
