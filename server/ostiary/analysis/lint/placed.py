"""Findings of a folder with their places, less those that its files say are meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import msgspec

from ostiary.analysis.lint.codes import CODES, finding
from ostiary.analysis.lint.findings import Finding
from ostiary.analysis.lint.places import Places
from ostiary.analysis.lint.run import Progress, lint
from ostiary.rulebook.faults import quoted
from ostiary.rulebook.lint_model import Ignored
from ostiary.rulebook.source import Spot
from ostiary.rulebook.tenant_files import LoadedTenant

_IN_CATALOG = re.compile(r"^catalogs\[[^\]]*\]\.(?=packages\[)")  # as faults of loading spell it


class Placed(msgspec.Struct, frozen=True):
    """A finding and where it stands."""

    file: str
    line: int  # from 1
    column: int  # from 1
    finding: Finding

    def __str__(self) -> str:
        one = self.finding
        place = f"{self.file}:{self.line}:{self.column}"
        return f"{place}: {one.severity} {one.code}: {one.where}: {one.message}; {one.mend}"


class FolderReport(msgspec.Struct, frozen=True):
    """The findings of a folder by place, and how many its files say are meant."""

    placed: tuple[Placed, ...] = ()
    ignored: int = 0


def lint_folder(
    folder: Path,
    loaded: LoadedTenant,
    *,
    now: datetime | None = None,
    progress: Progress | None = None,
) -> FolderReport:
    """Give the findings over a tenant that was loaded from a folder, sorted by place."""
    found = lint(loaded.tenant, now=now, overrides=loaded.overrides, progress=progress).findings
    kept, ignored, stale = _sifted(found, loaded.ignored)
    places = Places(folder, (one.path for one in kept))
    found_at = [(one, places.spot(one.path)) for one in kept]
    return FolderReport(in_order((*found_at, *stale)), ignored)


def in_order(found: Iterable[tuple[Finding, Spot]]) -> tuple[Placed, ...]:
    """Give findings with their places, by place."""
    placed = [Placed(spot.file, spot.line, spot.column, one) for one, spot in found]
    placed.sort(
        key=lambda one: (one.file, one.line, one.column, one.finding.code, one.finding.path)
    )
    return tuple(placed)


def _sifted(
    found: Iterable[Finding], ignored: tuple[Ignored, ...]
) -> tuple[list[Finding], int, list[tuple[Finding, Spot]]]:
    """Give what is to be reported, how much is not, and what is ignored in vain."""
    used: set[Ignored] = set()
    kept: list[Finding] = []
    dropped = 0
    for one in found:
        fitting = [each for each in ignored if _covers(each, one)]
        used.update(fitting)
        if fitting:
            dropped += 1
        else:
            kept.append(one)
    stale = [(_stale(each), each.spot) for each in ignored if each not in used]
    return kept, dropped, stale


def _covers(ignored: Ignored, one: Finding) -> bool:
    if ignored.code != one.code:
        return False
    where = None if ignored.where is None else _IN_CATALOG.sub("", ignored.where)
    return where is None or one.where == where or one.where.startswith((f"{where}.", f"{where}["))


def _stale(ignored: Ignored) -> Finding:
    if ignored.code not in CODES:
        text = f"there is no finding called {quoted(ignored.code)}"
    elif ignored.where is None:
        text = f"there is no {ignored.code} any more"
    else:
        text = f"there is no {ignored.code} at {quoted(ignored.where)} any more"
    return finding("STALE_IGNORE", ("lint", "ignore"), text)
