"""Mend what can be mended without anybody deciding anything: entries that have no effect.

A fix takes an entry or a field out of a file. It never changes who may request, who decides and
what follows: that is what makes it safe, and a property of tests. Afterwards the files are read
again; a fix after which they do not load, or after which something new is reported, is left out.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path as Folder

import msgspec
import yaml

from ostiary.analysis.lint.findings import Finding, Path
from ostiary.analysis.lint.placed import FolderReport, lint_folder
from ostiary.analysis.lint.yaml_edits import Cut, Document, without
from ostiary.domain.errors import DefinitionError
from ostiary.domain.people import AccountState
from ostiary.domain.tenant import Tenant
from ostiary.rulebook.tenant_files import LoadedTenant, definition_files, load_tenant

_ALWAYS = frozenset(
    {
        "DOMAIN_ALLOWED_AND_BLOCKED",
        "EXTENSION_APPROVAL_UNUSED",
        "FALLBACK_REPEATS",
        "OVERRIDE_CHANGES_NOTHING",
    }
)
_OF_DELETED = frozenset(
    {"APPROVER_LEFT", "CATALOG_OWNER_LEFT", "LEFT_USER_IN_SCOPE", "REVIEWER_LEFT", "SPONSOR_LEFT"}
)
FIXABLE = _ALWAYS | _OF_DELETED
# What may go altogether when nothing is left in it.
_MAY_EMPTY = frozenset({"FALLBACK_REPEATS", "OVERRIDE_CHANGES_NOTHING"})
_MOST_ROUNDS = 100  # one entry of a list a round
_POSITION = re.compile(r"\[\d+\]")  # which moves when something before it goes


class Fixed(msgspec.Struct, frozen=True):
    """A folder after its fixes: what each changed file holds now, and what was mended."""

    before: dict[str, str] = {}  # file -> text, of the files that change
    after: dict[str, str] = {}
    mended: tuple[Finding, ...] = ()


class _State(msgspec.Struct, frozen=True):
    """The definitions as they stand between two rounds."""

    loaded: LoadedTenant
    report: FolderReport
    said: Counter[tuple[str, str]]


def fix_folder(
    folder: Folder, *, now: datetime | None = None, codes: frozenset[str] = FIXABLE
) -> Fixed:
    """Give what the files of a tenant would be without what has no effect; writes nothing.

    Only findings of these codes are mended. Raises DefinitionError if the folder does not load.
    """
    texts = {name: read(path) for path, name in definition_files(folder)}
    with tempfile.TemporaryDirectory(prefix="ostiary-fix-") as room:
        copy = _Copy(Folder(room), folder, texts)
        rounds = _Rounds(copy, now, codes)
        rounds.run()
    changed = {name for name, text in copy.texts.items() if text != texts[name]}
    return Fixed(
        {name: texts[name] for name in sorted(changed)},
        {name: copy.texts[name] for name in sorted(changed)},
        tuple(rounds.mended),
    )


def read(path: Folder) -> str:
    """Give the text of a file with its line breaks as they are."""
    return path.read_bytes().decode("utf-8")


class _Copy:
    """The files of a tenant in a folder of their own, where fixes are tried."""

    def __init__(self, room: Folder, folder: Folder, texts: dict[str, str]) -> None:
        self.room = room
        self.folder = folder
        self.texts = dict(texts)
        for name in texts:
            self._write(name)

    def _write(self, name: str) -> None:
        file = self.room / Folder(name).relative_to(self.folder.as_posix())
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(self.texts[name].encode("utf-8"))

    def put(self, texts: dict[str, str]) -> None:
        """Replace the texts of files."""
        self.texts.update(texts)
        for name in texts:
            self._write(name)


class _Rounds:
    """Mends what it can, again and again until nothing is left to mend."""

    def __init__(self, copy: _Copy, now: datetime | None, codes: frozenset[str]) -> None:
        self.copy = copy
        self.now = now
        self.codes = codes
        self.mended: list[Finding] = []
        self.given_up: set[tuple[str, str]] = set()

    def run(self) -> None:
        """Go on until a round changes nothing."""
        state = self._look()
        for _ in range(_MOST_ROUNDS):
            fixes = self._fixes(state)
            if not fixes:
                return
            state = self._try_all(state, fixes)

    def _look(self) -> _State:
        loaded = load_tenant(self.copy.room)
        report = lint_folder(self.copy.room, loaded, now=self.now)
        said = Counter((one.finding.code, one.finding.where) for one in report.placed)
        said.update((one.code, _POSITION.sub("[]", one.message)) for one in loaded.warnings)
        return _State(loaded, report, said)

    def _fixes(self, state: _State) -> list[tuple[Finding, str, Cut]]:
        """Give what to cut in this round, one entry of a list at most."""
        tenant = state.loaded.tenant
        deleted = {one.id for one in tenant.users if one.state is AccountState.DELETED}
        wanted = [
            one.finding
            for one in state.report.placed
            if one.finding.code in self.codes
            and _is_safe(one.finding, deleted)
            and (one.finding.code, one.finding.where) not in self.given_up
        ]
        if not wanted:
            return []
        files = _Files(self.copy.texts, tenant)
        found: list[tuple[Finding, str, Cut]] = []
        taken: set[Path] = set()
        for one in wanted:
            place = files.cut(one)
            if place is None:
                self.given_up.add((one.code, one.where))
            elif one.path[:-1] not in taken:
                taken.add(one.path[:-1])
                found.append((one, *place))
        return found

    def _try_all(self, state: _State, fixes: list[tuple[Finding, str, Cut]]) -> _State:
        """Carry out all fixes of a round, or those that harm nothing if together they do."""
        new = self._try(state, fixes)
        if new is not None:
            return new
        for fix in fixes if len(fixes) > 1 else ():
            # Cuts are of the text as it was; after one that worked the next round finds the rest.
            new = self._try(state, [fix])
            if new is not None:
                return new
            self.given_up.add((fix[0].code, fix[0].where))
        self.given_up.update((one.code, one.where) for one, _, _ in fixes)
        return state

    def _try(self, state: _State, fixes: list[tuple[Finding, str, Cut]]) -> _State | None:
        cuts: dict[str, list[Cut]] = defaultdict(list)
        for _, name, cut in fixes:
            cuts[name].append(cut)
        if any(_overlap(each) for each in cuts.values()):
            return None
        before = {name: self.copy.texts[name] for name in cuts}
        self.copy.put({name: without(before[name], each) for name, each in cuts.items()})
        try:
            new = self._look()
        except DefinitionError:
            new = None
        if new is None or not new.said <= state.said:
            self.copy.put(before)
            return None
        self.mended += [one for one, _, _ in fixes]
        return new


def _overlap(cuts: list[Cut]) -> bool:
    ordered = sorted(cuts)
    return any(one.end > other.start for one, other in pairwise(ordered))


def _is_safe(one: Finding, deleted: set[str]) -> bool:
    if one.code in _ALWAYS:
        return True
    witness = one.witness
    named = witness is not None and witness.kind == "person" and witness.id in deleted
    return named and one.code in _OF_DELETED


class _Files:
    """The files of a tenant, composed when something in them is looked for."""

    def __init__(self, texts: dict[str, str], tenant: Tenant) -> None:
        self._texts = texts
        self._documents: dict[str, Document] = {}
        self._home = {one.id: catalog.id for catalog in tenant.catalogs for one in catalog.packages}

    def cut(self, one: Finding) -> tuple[str, Cut] | None:
        """Give what to cut from which file; None where it cannot be done by itself."""
        path = one.path
        if one.code == "EXTENSION_APPROVAL_UNUSED":
            path = (*path, "[extension]")
        for name in self._texts:
            for layout in self._layouts(path):
                way = self._find(name, layout)
                if way is not None:
                    if _is_alone(way) and one.code not in _MAY_EMPTY:
                        return None
                    cut = self._documents[name].cut(way)
                    return None if cut is None else (name, cut)
        return None

    def _find(self, name: str, layout: Path) -> list[yaml.Node] | None:
        text = self._texts[name]
        if not all(segment.strip("[]").rpartition("/")[2] in text for segment in layout[:2]):
            return None
        if name not in self._documents:
            self._documents[name] = Document(text)
        return self._documents[name].find(layout)

    def _layouts(self, path: Path) -> Iterator[Path]:
        """Give the ways in which files hold what a path names: in what it belongs to, or loose."""
        yield path
        if path[0] != "packages":
            return
        package = path[1][1:-1]
        yield ("catalogs", f"[{self._home[package]}]", *path)
        if path[2] == "policies":
            yield ("policies", f"[{package}/{path[3][1:-1]}]", *path[4:])


def _is_alone(way: list[yaml.Node]) -> bool:
    return isinstance(way[-2], yaml.SequenceNode) and len(way[-2].value) == 1
