"""The standard rules and the standard profile, as they are shipped."""

from __future__ import annotations

import atexit
from functools import cache

from ostiary.domain.tables import Tables
from ostiary.domain.tenant import Profile
from ostiary.rulebook import profiles
from ostiary.rulebook.tabulate import load_pack, standard_pack_dir


@cache
def tables() -> Tables:
    """The tables of the standard pack."""
    loaded = load_pack(standard_pack_dir())
    atexit.register(loaded.close)
    return loaded.tables


@cache
def profile() -> Profile:
    """The profile `standard` without overrides."""
    return profiles.load_profile("standard").profile
