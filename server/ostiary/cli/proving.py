"""Proofs for people and programs: where definitions come from, and how the command ends."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from ostiary.analysis.proof.possible import Definitions
from ostiary.analysis.proof.prove import prove as run
from ostiary.analysis.proof.report import ProofReport, Property, Verdict
from ostiary.analysis.proof.suites import as_plain, counterexamples
from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.folders import load_rules, pack_folder, refusing
from ostiary.cli.life.spelling import instant
from ostiary.cli.plain import clean
from ostiary.cli.show_proof import show_proof
from ostiary.cli.sources import GIT, Source, one_tenant, opened
from ostiary.cli.suites import bar
from ostiary.cli.terminal import console
from ostiary.cli.whole_file import whole
from ostiary.domain.tenant import Tenant
from ostiary.rulebook.tenant_files import load_tenant

_EXITS = {
    Verdict.PROVED: Exit.DONE,
    Verdict.COUNTEREXAMPLE: Exit.FAULTY,
    Verdict.UNKNOWN: Exit.UNKNOWN,
}


class Asked(msgspec.Struct, frozen=True):
    """What is to be proved, as it was written."""

    new: str
    against: str | None
    properties: tuple[str, ...]
    tenant: Path | None
    rules: Path | None
    profile: str | None
    at: str | None
    write: Path | None = None


class Given(msgspec.Struct, frozen=True):
    """What a source holds, and the folders in which it stays."""

    definitions: Definitions
    tenant: Path | None
    rules: Path | None
    profile: str | None


def prove(asked: Asked, *, as_json: bool) -> Exit:
    """Prove what was asked and print it; UNKNOWN where something was not looked at."""
    properties = _properties(asked)
    at = datetime.now(UTC) if asked.at is None else instant("--at", asked.at)
    if asked.write is not None and asked.write.exists() and not asked.write.is_dir():
        raise CommandError(Exit.USAGE, (f"--write: {asked.write} is a file; name a folder",))
    with ExitStack() as stack:
        new = stack.enter_context(_definitions(asked.new, asked))
        old = None
        if asked.against is not None:
            old = stack.enter_context(_definitions(asked.against, asked)).definitions
            one_tenant((asked.against, old.tenant), (asked.new, new.definitions.tenant))
        with bar("packages") as progress:
            report = run(new.definitions, old, properties=properties, at=at, progress=progress)
    if as_json:
        print(json.dumps(as_plain(report), indent=2, ensure_ascii=False))
    else:
        show_proof(console(), report)
    for path in () if asked.write is None else write(asked.write, report, new):
        print(clean(f"wrote {path}"), file=sys.stderr)
    return exit_of(report)


def exit_of(report: ProofReport) -> Exit:
    """Give the exit code of a report."""
    return _EXITS[report.verdict]


def _properties(asked: Asked) -> tuple[Property, ...]:
    if not asked.properties:
        return tuple(one for one in Property if asked.against is not None or not one.compares)
    known = {one.value: one for one in Property}
    wrong = [name for name in asked.properties if name not in known]
    if wrong:
        text = f"--property: `{wrong[0]}` is none of {', '.join(known)}"
        raise CommandError(Exit.USAGE, (text,))
    chosen = tuple(known[name] for name in asked.properties)
    comparing = [one.value for one in chosen if one.compares]
    if comparing and asked.against is None:
        text = f"{comparing[0]} compares: name what with, by --against"
        raise CommandError(Exit.USAGE, (text,))
    return chosen


@contextmanager
def _definitions(name: str, asked: Asked) -> Iterator[Given]:
    """Give a tenant and its tables; what the source does not hold the options do."""
    with opened(name) as source:
        if source.tenant is not None:
            tenant = source.load_tenant(asked.profile).tenant
        else:
            tenant = _tenant(source, asked)
        if source.rules is not None or asked.rules is None:
            pack = source.load_rules()
        else:
            with refusing(pack_folder(asked.rules)):
                pack = load_rules(asked.rules)
        with pack:
            kept = not name.startswith(GIT)  # a revision has no folder that stays
            yield Given(
                Definitions(tenant, pack.tables),
                asked.tenant if source.tenant is None else source.tenant if kept else None,
                asked.rules if source.rules is None else source.rules if kept else None,
                asked.profile,
            )


def write(folder: Path, report: ProofReport, given: Given) -> list[Path]:
    """Write the counterexamples of each property as a suite; give the files."""
    found = []
    suites = counterexamples(
        report,
        given.definitions.tenant,
        folder=_relative(given.tenant, folder),
        rules=_relative(given.rules, folder),
        profile=given.profile,
    )
    for suite in suites:
        _make(folder)
        path = folder / f"{suite.name}_test.yaml"
        try:
            with whole(path) as file:
                file.write(suite.text)
        except OSError as error:
            raise _unwritable(path, error) from None
        found.append(path)
    return found


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from None


def _unwritable(path: Path, error: OSError) -> CommandError:
    reason = (error.strerror or str(error)).lower()
    return CommandError(Exit.FAULTY, (f"--write: {path}: {reason}",))


def _relative(target: Path | None, folder: Path) -> str | None:
    if target is None:
        return None
    return Path(os.path.relpath(target.resolve(), folder.resolve())).as_posix()


def _tenant(source: Source, asked: Asked) -> Tenant:
    if asked.tenant is None:
        text = f"{source.name}: holds rules alone; name a tenant, by --tenant"
        raise CommandError(Exit.USAGE, (text,))
    with refusing(asked.tenant):
        return load_tenant(asked.tenant, profile=asked.profile).tenant
