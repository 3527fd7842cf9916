"""Load a tenant from a folder of YAML files: every fault of every file at once, or a tenant."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from ostiary.domain.catalog import AccessPackage, Catalog
from ostiary.domain.errors import DefinitionError, Fault
from ostiary.domain.tenant import Settings, Tenant
from ostiary.rulebook.catalog_checks import (
    add_catalog,
    add_package,
    add_policy,
    built_in_catalog,
)
from ostiary.rulebook.directory_checks import (
    add_group,
    add_organization,
    add_user,
    read_settings,
)
from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.faults import FaultList, quoted
from ostiary.rulebook.group_cycles import group_cycles, spell_way
from ostiary.rulebook.profiles import LoadedProfile, load_profile, profile_names
from ostiary.rulebook.records import Broken, Reader, RecordShape, Unreadable
from ostiary.rulebook.resource_checks import check_granted_groups
from ostiary.rulebook.source import MappingNode, Node, ScalarNode, Spot, load
from ostiary.rulebook.tenant_digest import digest_of
from ostiary.rulebook.tenant_draft import Draft, PackageDraft
from ostiary.rulebook.tenant_model import (
    DEFAULT_PROFILE,
    GENERAL,
    FileText,
    LoosePackageText,
    LoosePolicyText,
    TenantText,
)

_ENDINGS = (".yaml", ".yml")
_NOT_DEFINITIONS = "requests"  # a folder of questions to ask, beside the definitions
_SUITE = "_test"  # of a file with tests of the definitions
_MAY_HOLD_TENANT = re.compile(rb"tenant[\"']?\s*:")


class LoadedTenant(msgspec.Struct, frozen=True):
    """A tenant and the known mistakes in it."""

    tenant: Tenant
    warnings: tuple[Fault, ...] = ()


def load_tenant(
    folder: Path, *, profile: str | None = None, now: datetime | None = None
) -> LoadedTenant:
    """Give the tenant that the YAML files below a folder define, under its own or another profile.

    With `now`, a fixed end in the past is a fault. DefinitionError holds every fault of every file.
    """
    faults = FaultList()
    tenant = _Loading(folder, faults, profile, now).tenant()
    faults.refuse_if_errors()
    if tenant is None:
        raise DefinitionError(faults.sorted())
    return LoadedTenant(tenant, faults.sorted())


def definition_files(folder: Path) -> Iterator[tuple[Path, str]]:
    """Give the files that hold definitions, in order, with the names that faults call them by."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.suffix not in _ENDINGS or path.stem.endswith(_SUITE):
            continue
        if _NOT_DEFINITIONS in inside.parts[:-1] or any(p.startswith(".") for p in inside.parts):
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
        self.read: dict[str, Node | None] = {}
        self.loose_packages: list[LoosePackageText] = []
        self.loose_policies: list[LoosePolicyText] = []

    def tenant(self) -> Tenant | None:
        """Give the tenant, or None if it could not be read at all."""
        files = self._files()
        if not files:
            return None
        text = self._own_section(files)
        draft = self._draft(text)
        for path, name in files:
            root = self.read.pop(name) if name in self.read else load(path, name, self.faults)
            if root is not None:
                self._file(draft, root, name)
        self._loose(draft)
        self._settle(draft)
        return None if text is None or self.faults.has_errors else self._tenant(draft, text)

    def _files(self) -> list[tuple[Path, str]]:
        spot = Spot(self.folder.as_posix())
        if not self.folder.is_dir():
            self.faults.add(spot, FaultCode.FILE_UNREADABLE.value, "there is no such folder")
            return []
        files = list(definition_files(self.folder))
        if not files:
            text = "no file ending in .yaml below this folder"
            self.faults.add(spot, FaultCode.FILE_UNREADABLE.value, text)
        return files

    def _own_section(self, files: list[tuple[Path, str]]) -> TenantText | None:
        """Give the section `tenant`, which one of the files holds."""
        shipped = load_profile(self.profile or DEFAULT_PROFILE)
        reader = Reader(self.faults, shipped.profile.text_limits)
        first: MappingNode | None = None
        found: TenantText | None = None
        for path, name in files:
            if not _may_hold_tenant(path):
                continue
            root = self.read[name] = load(path, name, self.faults)
            if not isinstance(root, MappingNode) or "tenant" not in root.fields:
                continue
            if first is None:
                first = root
                section = RecordShape(TenantText).read(
                    root.fields["tenant"], (None, "tenant"), reader
                )
                found = None if isinstance(section, Broken) else section
            else:
                there = f"{first.file}:{first.keys['tenant'].line}"
                text = f"there is one already, see {there}"
                reader.fault(root.keys["tenant"], (None, "tenant"), FaultCode.DUPLICATE, text)
        if first is None:
            spot = Spot(self.folder.as_posix())
            text = "no file has this section, which names the tenant"
            reader.fault(spot, (None, "tenant"), FaultCode.MISSING_FIELD, text)
        return found

    def _draft(self, text: TenantText | None) -> Draft:
        reader = Reader(self.faults, {})
        loaded = self._loaded_profile(text, reader)
        reader.text_limits = loaded.profile.text_limits
        draft = Draft(reader, loaded, self.now)
        settings = None if text is None else text.values.get("settings")
        if settings is not None and not isinstance(settings, Broken):
            try:
                self.settings = read_settings(draft, settings)
            except Unreadable:
                pass
        return draft

    def _loaded_profile(self, text: TenantText | None, reader: Reader) -> LoadedProfile:
        named = DEFAULT_PROFILE if text is None else text.values.get("profile", DEFAULT_PROFILE)
        known = profile_names()
        if text is not None and isinstance(named, str) and named not in known:
            near = reader.near(named, known)
            message = f"{quoted(named)} is none of {', '.join(known)}{near}"
            where = text.to("profile")
            reader.fault(text.at("profile"), where, FaultCode.UNKNOWN_VALUE, message)
        name = self.profile or (named if named in known else DEFAULT_PROFILE)
        overrides = None if text is None else text.values.get("overrides")
        if isinstance(overrides, Broken):
            overrides = None
        return load_profile(name, overrides=overrides, reader=reader)

    def _file(self, draft: Draft, root: Node, name: str) -> None:
        if isinstance(root, MappingNode) and "tenant" in root.fields and name not in self.tenants:
            pass
        raise NotImplementedError


__all__: Iterable[str] = ()
