"""Tenants and rule packs from folders of this machine; what is wrong in them ends the command."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ostiary.cli.exits import faulty
from ostiary.domain.errors import DefinitionError
from ostiary.rpc.loading import LoadedDesk
from ostiary.rulebook.folder_kinds import no_folder
from ostiary.rulebook.placing import placing
from ostiary.rulebook.tabulate import LoadedPack, load_pack, standard_pack_dir
from ostiary.rulebook.tenant_files import load_tenant


def load_desk(tenant: Path, rules: Path | None, profile: str | None) -> LoadedDesk:
    """Give the desk at which questions about a tenant are answered."""
    with refusing(tenant):
        loaded = load_tenant(tenant, profile=profile)
    with refusing(pack_folder(rules)):
        pack = load_rules(rules)
    return LoadedDesk(loaded.tenant, pack)


def load_rules(rules: Path | None) -> LoadedPack:
    """Give the rule pack of a folder, or the shipped one; raises what loading raises."""
    return load_pack(pack_folder(rules), progress=sys.stderr.isatty())


def pack_folder(rules: Path | None) -> Path:
    """Give the folder of a rule pack as it is reached from here; None: the shipped one."""
    if rules is not None:
        return rules
    shipped, here = standard_pack_dir(), Path.cwd()
    return shipped.relative_to(here) if shipped.is_relative_to(here) else shipped


def missing_folder(path: Path) -> str:
    """Say that a path names no folder, and of a file what to name in its place."""
    why = no_folder(path)
    return f"{path}: {why}" if path.is_file() else f"{why}: {path}"


@contextmanager
def refusing(*folders: Path) -> Iterator[None]:
    """Turn errors of loading into the error that ends the command, with places."""
    try:
        with placing(*folders):
            yield
    except DefinitionError as error:
        raise faulty(error.faults) from None
