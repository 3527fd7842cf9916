"""Where rules and definitions come from that a command looks at: OLD, NEW, a candidate, a baseline.

- `DIR`: a folder that is a tenant or a rule pack, or that holds one of each.
- `git:REV[:PATH]`: such a folder as it was at a revision; PATH counts from the folder in which the
  command runs, and that folder is meant where there is none. The files at hand are not touched.
- `server:HOST:PORT[@REVISION]`: the tenant of a running server, and the rules that are in force
  there or those of a revision; read as an administrator.

Whatever it is, it becomes a folder, so that everything is read and checked by the same rules, and a
fault has a place: the file as the source calls it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from ostiary.cli.exits import CommandError, Exit, faulty
from ostiary.cli.folders import load_rules, missing_folder, pack_folder
from ostiary.cli.git_source import extract
from ostiary.domain.errors import DefinitionError, EngineFailedError, Fault
from ostiary.domain.tenant import Tenant
from ostiary.rulebook.holdings import Kind, has_yaml, holdings
from ostiary.rulebook.placing import engine_fault
from ostiary.rulebook.tabulate import LoadedPack
from ostiary.rulebook.tenant_files import LoadedTenant, load_tenant

GIT, SERVER = "git:", "server:"


class Access(msgspec.Struct, frozen=True):
    """As whom servers are asked; None: as OSTIARY_CALLER and OSTIARY_ROLES say."""

    caller: str | None = None  # `user:ID` or `service:ID`
    roles: tuple[str, ...] | None = None


FROM_ENVIRONMENT = Access()


class Source(msgspec.Struct, frozen=True):
    """What was named, as folders of this machine; `tenant` or `rules` is None: it holds none."""

    name: str  # as it was written
    root: Path
    tenant: Path | None = None
    rules: Path | None = None

    def load_tenant(self, profile: str | None = None) -> LoadedTenant:
        """Give the tenant; CommandError with the faults of its files, or if there is none."""
        if self.tenant is None:
            raise CommandError(Exit.USAGE, (f"{self.name}: holds no tenant",))
        try:
            return load_tenant(self.tenant, profile=profile)
        except DefinitionError as error:
            raise faulty(self.placed(error.faults, self.tenant)) from None

    def load_rules(self) -> LoadedPack:
        """Give the rule pack, or the shipped one if there is none; CommandError with its faults.

        Whoever loads it closes it.
        """
        folder = pack_folder(self.rules)
        try:
            return load_rules(self.rules)
        except DefinitionError as error:
            raise faulty(self.placed(error.faults, folder)) from None
        except EngineFailedError as error:
            raise faulty(self.placed([engine_fault(error, folder)], folder)) from None

    def placed(self, faults: Iterable[Fault], folder: Path) -> Iterator[Fault]:
        """Give faults with files as the source calls them."""
        for fault in faults:
            path = Path(fault.file)
            if not path.exists() and (folder / path).exists():
                path = folder / path
            yield msgspec.structs.replace(fault, file=self.called(path))

    def called(self, path: Path) -> str:
        """Give a file or folder of the source as people know it."""
        if not self.name.startswith((GIT, SERVER)) or not path.is_relative_to(self.root):
            return path.as_posix()
        inside = path.relative_to(self.root).as_posix()
        if inside == ".":
            return self.name
        # `git:main` has no path yet: its first one follows a colon.
        bare = self.name.startswith(GIT) and ":" not in self.name.removeprefix(GIT)
        return f"{self.name}{':' if bare else '/'}{inside}"


@contextmanager
def opened(name: str, access: Access = FROM_ENVIRONMENT) -> Iterator[Source]:
    """Give what a name stands for while the block runs; CommandError says what is wrong with it.

    `access` says as whom servers are asked.
    """
    if not name.startswith((GIT, SERVER)):
        folder = Path(name)
        if not folder.is_dir():
            raise CommandError(Exit.USAGE, (missing_folder(folder),))
        yield _source(name, folder)
        return
    with tempfile.TemporaryDirectory(prefix="ostiary-") as room:
        folder = Path(room).resolve()
        if name.startswith(GIT):
            extract(name, folder)
            yield _source(name, folder)
        else:
            # Imported where it is needed: gRPC takes long to start.
            from ostiary.cli import server_source

            server_source.fetch(name, folder, access)
            tenant, rules = folder / server_source.TENANT, folder / server_source.RULES
            yield Source(name, folder, tenant, rules)


def _source(name: str, folder: Path) -> Source:
    found = holdings(folder)
    if not found and has_yaml(folder):
        return Source(name, folder, tenant=folder)  # loading it says what is missing
    chosen: dict[Kind, Path] = {}
    unsure = Source(name, folder)
    for kind in Kind:
        folders = [one.folder for one in found if one.kind is kind]
        if len(folders) > 1:
            listed = ", ".join(unsure.called(one) for one in folders)
            message = f"{name}: holds more than one {kind.value}; name one of {listed}"
            raise CommandError(Exit.USAGE, (message,))
        if folders:
            chosen[kind] = folders[0]
    if not chosen:
        raise CommandError(Exit.USAGE, (f"{name}: holds neither a rule pack nor a tenant",))
    return Source(name, folder, chosen.get(Kind.TENANT), chosen.get(Kind.PACK))


def one_tenant(old: tuple[str, Tenant], new: tuple[str, Tenant]) -> None:
    """Refuse to compare two tenants; each comes with what it is called."""
    if old[1].id != new[1].id:
        text = f"{old[0]} is the tenant `{old[1].id}` and {new[0]} the tenant `{new[1].id}`"
        raise CommandError(Exit.FAULTY, (f"{text}; compare two versions of one tenant",))
