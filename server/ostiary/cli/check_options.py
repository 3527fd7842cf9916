"""The options of `ostiary check`: which lines are shown, as of when, and what a code means."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from ostiary.analysis.lint.pages import page_of
from ostiary.cli.check_lines import Form, Shown, codes_of
from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.written import try_targets
from ostiary.rulebook.faults import quoted
from ostiary.rulebook.times import parse_instant


def shown(  # one parameter an option
    select: Sequence[str] | None,
    ignore: Sequence[str] | None,
    severity: str,
    *,
    strict: bool,
    form: Form,
    sarif: Path | None,
) -> Shown:
    """Give what is to be shown; refuses codes that do not exist, and a file that cannot be."""
    try_targets(sarif)
    return Shown(codes_of(select or ()), codes_of(ignore or ()), severity, strict, form, sarif)


def form_of(form: Form, sarif: Path | None, *, as_json: bool, instead: str | None) -> Form:
    """Give the form in which lines are printed, and refuse what would be heard in vain.

    `instead` is the option that has something else printed than lines; cells alone have a JSON of
    their own.
    """
    if as_json and form == "github":
        raise CommandError(Exit.USAGE, ("--json does not go with --format github",))
    asked = "json" if as_json else form
    if instead is None:
        return asked
    vain = []
    if asked != "text" and (asked, instead) != ("json", "--cells"):
        vain.append("--json" if as_json else f"--format {form}")
    if sarif is not None:
        vain.append("--sarif")
    if vain:
        raise CommandError(Exit.USAGE, (f"{one} does not go with {instead}" for one in vain))
    return asked


def instant(text: str | None) -> datetime:
    """Give the instant as of which definitions are looked at; refuses what is none."""
    if text is None:
        return datetime.now(UTC)
    try:
        return parse_instant(text)
    except ValueError as error:
        raise CommandError(Exit.USAGE, (f"--at: {quoted(text)} {error}",)) from None


def explain(code: str) -> Exit:
    """Print the page of a code."""
    codes = codes_of((code,))
    if len(codes) != 1:
        raise CommandError(Exit.USAGE, (f"--explain takes one code, not {quoted(code)}",))
    (known,) = codes
    page = page_of(known)
    if page is None:
        text = "is a fault that stands in the way of loading"
        raise CommandError(
            Exit.USAGE, (f"{quoted(code)} has no page: it {text}; its message says what is wrong",)
        )
    print(page, end="")
    return Exit.DONE
