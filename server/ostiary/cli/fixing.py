"""`ostiary check --fix`: take out of the files of tenants what has no effect, or show it."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from ostiary.analysis.lint.findings import Finding
from ostiary.analysis.lint.fixes import FIXABLE, Fixed, fix_folder
from ostiary.cli.check_lines import Shown
from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.plain import clean
from ostiary.cli.written import write
from ostiary.domain.errors import DefinitionError
from ostiary.rulebook.holdings import Kind, holdings


def fix_tenants(
    folders: Iterable[Path], shown: Shown, now: datetime, *, asked: bool, dry_run: bool
) -> None:
    """Mend every tenant in the folders; with `dry_run` print the difference and write nothing.

    Only codes that are selected and not ignored are mended.

    A tenant that does not load stays as it is, and is reported by a check.
    """
    if not asked:
        raise CommandError(Exit.USAGE, ("--dry-run goes with --fix",))
    codes = (FIXABLE & shown.select if shown.select else FIXABLE) - shown.ignore
    for folder in folders:
        for target, kind in holdings(folder):
            if kind is Kind.TENANT:
                _fix(target, now, codes, dry_run=dry_run)


def _fix(folder: Path, now: datetime, codes: frozenset[str], *, dry_run: bool) -> None:
    try:
        fixed = fix_folder(folder, now=now, codes=codes)
    except DefinitionError:
        return
    if dry_run:
        sys.stdout.writelines(_difference(fixed))
        sys.stdout.flush()
    else:
        for name, text in fixed.after.items():
            write(Path(name), text)
    if fixed.mended:
        print(clean(_told(folder, fixed.mended, dry_run=dry_run)), file=sys.stderr)


def _told(folder: Path, mended: tuple[Finding, ...], *, dry_run: bool) -> str:
    count = len(mended)
    codes = ", ".join(sorted({one.code for one in mended}))
    verb = "would be mended" if dry_run else "mended"
    return f"{folder}: {count} finding{'s' if count > 1 else ''} {verb}: {codes}"


def _difference(fixed: Fixed) -> Iterator[str]:
    for name, text in fixed.after.items():
        lines = difflib.unified_diff(
            fixed.before[name].splitlines(keepends=True),
            text.splitlines(keepends=True),
            fromfile=name,
            tofile=name,
        )
        for line in lines:
            yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
