"""Reading a rule pack from its folder, with every fault of every file at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec

from ostiary.domain.tables import Phase
from ostiary.domain.vocabulary import VOCABULARY, YES_NO_UNKNOWN
from ostiary.rulebook.faults import FaultList, quoted, suggest
from ostiary.rulebook.folder_kinds import (
    ENDINGS,
    MUTANTS_FILE,
    FolderKind,
    is_suite,
    no_folder,
    other_kind,
    walk,
)
from ostiary.rulebook.pack import NeverStatement, Pack, PackPhase, PackRule, digest_of
from ostiary.rulebook.pack_codes import PackCode
from ostiary.rulebook.pack_predicates import PredicateReader
from ostiary.rulebook.pack_rules import RuleReader
from ostiary.rulebook.pack_text import PackText, spot_of
from ostiary.rulebook.source import MappingNode, Node, ScalarNode, SequenceNode, Spot, load

MOST_FILES = 100
LARGEST_FILE = 1024 * 1024

Facts = Mapping[str, tuple[str, ...]]


class PackFile(msgspec.Struct, frozen=True):
    """A file of a pack: where it is, and its name relative to the folder of the pack."""

    path: Path
    name: str


def read_pack(folder: Path, faults: FaultList) -> Pack | None:
    """Give the pack of a folder, or None after adding what is wrong to the faults."""
    files = files_of_pack(folder, faults)
    if files is None:
        return None
    reader = PackReader(faults)
    for file in files:
        node = load(file.path, file.path.as_posix(), faults, largest=LARGEST_FILE)
        reader.file(node, file.name)
    return reader.pack(folder)


def files_of_pack(folder: Path, faults: FaultList) -> list[PackFile] | None:
    """Give the files of a pack as `pack_files` does; a folder that is a tenant is a fault."""
    mistaken = other_kind(folder, FolderKind.PACK)
    if mistaken:
        faults.add(Spot(folder.as_posix()), PackCode.WRONG_KIND, mistaken)
        return None
    return pack_files(folder, faults)


def pack_files(folder: Path, faults: FaultList) -> list[PackFile] | None:
    """Give the files of a pack sorted by name, or None after adding what is wrong."""
    here = Spot(folder.as_posix())
    if not folder.is_dir():
        faults.add(here, "FILE_UNREADABLE", no_folder(folder))
        return None

    def refused(path: Path, why: str) -> None:
        faults.add(Spot(path.as_posix()), "FILE_UNREADABLE", why)

    found = sorted(_pack_files(folder, refused), key=lambda file: file.name)
    if len(found) > MOST_FILES:
        message = f"the folder holds {len(found):,} YAML files, at most {MOST_FILES} are allowed"
        faults.add(here, PackCode.LIMIT, message)
        return None
    return found


def _pack_files(folder: Path, refused: Callable[[Path, str], None]) -> Iterator[PackFile]:
    for path in walk(folder, refused):
        beside = is_suite(path) or path.name == MUTANTS_FILE
        if path.suffix in ENDINGS and not beside:
            yield PackFile(path, path.relative_to(folder).as_posix())


class PackReader:
    """Puts the files of a pack together."""

    def __init__(self, faults: FaultList) -> None:
        self.text = PackText(faults)
        self.predicates = PredicateReader(self.text)
        self.phases: dict[Phase, PackPhase] = {}
        self.seen: dict[Phase, Spot] = {}
        self.ids: dict[str, Spot] = {}
        self.nameless = 0  # files whose phase is not known, and has a fault already

    def file(self, node: Node | None, name: str) -> None:
        """Take the phase of one file; None for one that could not be read."""
        mapping = self.text.mapping(node, "the file")
        if mapping is None:
            self.nameless += 1
            return
        self.text.fields(
            mapping, "the file", ("phase", "facts", "steps"), ("about", "predicates", "never")
        )
        if "about" in mapping.fields:
            self.text.text(mapping.fields["about"], "`about`")
        named = mapping.fields.get("phase")
        phases = {phase.value: phase for phase in Phase}
        word = self.text.known_word(named, "`phase`", phases, PackCode.UNKNOWN_PHASE)
        if word is None or named is None:
            self.nameless += 1
            return
        phase, place = phases[word], spot_of(named)
        first = self.seen.setdefault(phase, place)
        if first is not place:
            message = f"the phase {quoted(word)} stands in {first.file}:{first.line} already"
            self.text.fault(named, PackCode.DUPLICATE, message)
            return
        self._phase(mapping, phase, place, name)

    def pack(self, folder: Path) -> Pack | None:
        """Give the pack once all files were taken; a phase without a file is a fault."""
        here = Spot(folder.as_posix())
        missing = [phase for phase in Phase if phase not in self.seen]
        if len(missing) > self.nameless:
            for phase in missing:
                message = f"no file of the pack has `phase: {phase.value}`"
                self.text.fault(here, PackCode.MISSING_PHASE, message)
        if self.text.faults.has_errors or len(self.phases) < len(Phase):
            return None
        phases = {phase: self.phases[phase] for phase in Phase}
        predicates = self.predicates.predicates()
        return Pack(folder.as_posix(), phases, predicates, digest_of(phases, predicates))

    def _phase(self, mapping: MappingNode, phase: Phase, place: Spot, name: str) -> None:
        get = mapping.fields.get
        facts, places = self._facts(get("facts"), phase)
        for predicate, spot in self.predicates.read(get("predicates"), phase).items():
            facts[predicate] = YES_NO_UNKNOWN
            places[predicate] = spot
        reader = RuleReader(self.text, phase, facts, name)
        steps, rules = self._steps(get("steps"), reader)
        self.phases[phase] = PackPhase(
            phase=phase,
            place=place,
            facts=tuple(facts.items()),
            fact_places=places,
            steps=steps,
            rules=rules,
            nevers=self._nevers(get("never"), reader),
        )

    def _facts(
        self, node: Node | None, phase: Phase
    ) -> tuple[dict[str, tuple[str, ...]], dict[str, Spot]]:
        facts: dict[str, tuple[str, ...]] = {}
        places: dict[str, Spot] = {}
        mapping = self.text.mapping(node, "`facts`")
        known: Facts = VOCABULARY[phase].facts
        if mapping is None:
            return dict(known), places  # that fault is enough; the rules are read all the same
        for fact, value in mapping.fields.items():
            key = mapping.keys[fact]
            name = self.text.known_word(key, "a fact of this phase", known, PackCode.UNKNOWN_FACT)
            if name is None:
                meant = suggest(fact, known)
                if meant is not None:  # or each rule would be at fault, too
                    facts.setdefault(meant, known[meant])
                continue
            facts[fact] = self._domain(value, fact, known[fact])
            places[fact] = spot_of(key)
        return facts, places

    def _domain(self, node: Node, fact: str, known: tuple[str, ...]) -> tuple[str, ...]:
        """Give the words of a fact as declared; the right ones after reporting wrong ones."""
        declared = tuple(word for _, word in self.text.words(node, f"`{fact}`"))
        if set(declared) == set(known):
            return declared
        written = len(node.items) if isinstance(node, SequenceNode) else 1
        if len(declared) == written:  # or what is wrong has been said
            missing = [word for word in known if word not in declared]
            others = [word for word in declared if word not in known]
            parts = [f"misses {', '.join(map(quoted, missing))}"] if missing else []
            if others:
                parts.append(f"has {', '.join(map(quoted, others[:10]))} beside them")
            listed = " and ".join(parts)
            message = f"the words of `{fact}` are {', '.join(known)}; this list {listed}"
            self.text.fault(node, PackCode.WORDS_DIFFER, message)
        return known

    def _steps(
        self, node: Node | None, reader: RuleReader
    ) -> tuple[tuple[str, ...], tuple[PackRule, ...]]:
        titles: list[str] = []
        rules: list[PackRule] = []
        for item in self.text.items(node, "`steps`"):
            mapping = self.text.mapping(item, "a step")
            if mapping is None:
                continue
            self.text.fields(mapping, "a step", ("step", "rules"))
            title = self.text.text(mapping.fields.get("step"), "the title of a step")
            titles.append(title or "")
            for each in self.text.items(mapping.fields.get("rules"), "`rules`"):
                rule = reader.rule(each, len(titles) - 1)
                self._check_id(each)
                if rule is not None:
                    rules.append(rule)
        return tuple(titles), tuple(rules)

    def _check_id(self, node: Node) -> None:
        """Report an id that another rule of the pack has, whether the rules are sound or not."""
        named = node.fields.get("id") if isinstance(node, MappingNode) else None
        if not isinstance(named, ScalarNode):
            return
        name = named.text
        first = self.ids.get(name)
        if first is None:
            self.ids[name] = spot_of(named)
            return
        message = f"the rule {quoted(name)} stands in {first.file}:{first.line} already"
        self.text.fault(named, PackCode.DUPLICATE, message)

    def _nevers(self, node: Node | None, reader: RuleReader) -> tuple[NeverStatement, ...]:
        if node is not None and not reader.spec.answers:
            message = "the rules of this phase give no answers that `never` could speak of"
            self.text.fault(node, PackCode.BAD_CONCLUSION, message)
            return ()
        found = (reader.never(item) for item in self.text.items(node, "`never`"))
        return tuple(statement for statement in found if statement is not None)
