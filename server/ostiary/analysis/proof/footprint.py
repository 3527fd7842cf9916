"""Whether two sides can differ about a package at all: what its decisions hang on, compared."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from ostiary.analysis.proof.possible import Side, View


def alike(old: View, new: View) -> bool:
    """Tell whether everything that decisions about a package hang on is the same on both sides.

    False means no more than that it has to be looked at.
    """
    return _terms(old) == _terms(new) and everything_alike(old.side, new.side)


@lru_cache(maxsize=4)  # every package of a proof asks
def everything_alike(old: Side, new: Side) -> bool:
    """Tell whether rules, profile, settings and directory are the same."""
    one, other = old.tenant, new.tenant
    return (
        old.snapshot.rules.digest == new.snapshot.rules.digest
        and one.profile == other.profile
        and one.settings == other.settings
        and one.users == other.users
        and one.groups == other.groups
        and one.organizations == other.organizations
    )


def _terms(view: View) -> tuple[object, ...]:
    catalog = msgspec.structs.replace(
        view.package.catalog, packages=(), description="", name="", owners=()
    )
    return view.package.package, catalog
