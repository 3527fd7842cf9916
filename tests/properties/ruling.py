"""The standard rules, loaded once for all random worlds, and the profiles as they are shipped."""

from __future__ import annotations

import atexit
from functools import cache

from ostiary.decide.model import Snapshot
from ostiary.domain.tables import Tables
from ostiary.domain.tenant import Tenant
from ostiary.index.snapshot import build
from ostiary.rulebook.tabulate import load_pack, standard_pack_dir


@cache
def standard_tables() -> Tables:
    """The tables of the standard pack."""
    loaded = load_pack(standard_pack_dir())
    atexit.register(loaded.close)
    return loaded.tables


def snapshot(tenant: Tenant) -> Snapshot:
    """A tenant under the standard rules."""
    return build(tenant, standard_tables())
