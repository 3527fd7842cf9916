"""Reads the file of a suite: every fault at once, with its place, or tests to run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from ostiary.domain.access_request import ExternalPerson
from ostiary.domain.errors import DefinitionError, Fault
from ostiary.domain.people import UNKNOWN, HomeIdentity
from ostiary.domain.request import Answer, EvaluationRequest, Holdings, InlinePerson, Schedule
from ostiary.domain.tables import Phase
from ostiary.domain.vocabulary import VOCABULARY, YES_NO_UNKNOWN, AnswerSpec
from ostiary.rulebook.directory_model import HomeText
from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.faults import FaultList, Place, quoted
from ostiary.rulebook.folder_kinds import FolderKind, kind_of_folder
from ostiary.rulebook.places import as_reached
from ostiary.rulebook.profiles import profile_names
from ostiary.rulebook.reader import BROKEN, Broken, Reader, Where
from ostiary.rulebook.records import Record, RecordShape, records, run_checks
from ostiary.rulebook.shapes import values
from ostiary.rulebook.source import MappingNode, Node, ScalarNode, Spot, load, parse
from ostiary.rulebook.story_file import Act, act_of, check_act, visitor_of
from ostiary.rulebook.suite_merge import (
    Budget,
    Case,
    Fixtures,
    Matrix,
    TooMuch,
    merged,
    missing,
    text_of,
)
from ostiary.rulebook.suite_model import (
    AskText,
    CellCaseText,
    CellWantText,
    PersonText,
    QuestionCaseText,
    StepText,
    StoryCaseText,
    SuiteText,
    TenantCaseText,
)
from ostiary.rulebook.suite_shapes import NONE

LARGEST_FILE = 4 * 1024 * 1024
MOST_TESTS = 20_000  # of one file, with all combinations
LONGEST_STORY = timedelta(days=50 * 365)  # reviews come round all the while
_TEXT_LIMITS = {"name": 512, "description": 4_096, "answer": 10_000}
_CELL_FIELDS = frozenset(CellWantText.fields) - {"reason", "cause", "fact", "rules", "fired"}
_WITHOUT_DEED = frozenset({"at", "after", "want", "change", "refused"})


class Wanted(msgspec.Struct, frozen=True):
    """One thing that a test says must be so, with its place."""

    name: str
    value: Any  # of the field's shape; records are mappings of what they say
    place: Spot


class Test(msgspec.Struct, frozen=True, kw_only=True):
    """What all tests have: a name that is unique in the file, and a place."""

    __test__ = False  # none of pytest's

    name: str
    place: Spot
    cites: tuple[str, ...] = ()


class CellTest(Test, frozen=True, kw_only=True):
    """A test of one cell."""

    phase: Phase
    given: Mapping[str, str]
    given_places: Mapping[str, Spot]
    wants: tuple[Wanted, ...]


class TenantTest(Test, frozen=True, kw_only=True):
    """A test of a tenant, which may be changed for it."""

    profile: str | None = None
    given: MappingNode | None = None  # a part of a tenant's file


class QuestionTest(TenantTest, frozen=True, kw_only=True):
    """A test of one question."""

    request: EvaluationRequest
    wants: tuple[Wanted, ...]


class Step(msgspec.Struct, frozen=True):
    """One step of a story: perhaps an act, then what must be found."""

    at: datetime
    act: Act | None
    refused: str  # the code with which the act is refused, `*` for any, EITHER, or nothing
    wants: tuple[Wanted, ...]
    place: Spot
    change: MappingNode | None = None  # of the definitions, on top of those before


class StoryTest(TenantTest, frozen=True, kw_only=True):
    """A test of a story."""

    begins: datetime
    visitors: tuple[ExternalPerson, ...]
    steps: tuple[Step, ...]


class Suite(msgspec.Struct, frozen=True):
    """A suite without faults; folders are None where it leaves them to whoever runs it."""

    file: str
    title: str
    rules: Path | None  # None: the shipped pack
    tenant: Path | None
    profile: str | None
    tests: tuple[CellTest | QuestionTest | StoryTest, ...]
    warnings: tuple[Fault, ...] = ()


def load_suite(file: Path) -> Suite:
    """Give the suite of a file; DefinitionError holds every fault of it."""
    faults = FaultList()
    root = load(file, file.as_posix(), faults, largest=LARGEST_FILE)
    return _suite(root, file, faults)


def read_suite(content: bytes, file: Path) -> Suite:
    """Give the suite of a text, as if it stood in a file; raises as `load_suite` does."""
    faults = FaultList()
    return _suite(parse(content, file.as_posix(), faults), file, faults)


def _suite(root: Node | None, file: Path, faults: FaultList) -> Suite:
    reader = _OnceReader(faults, _TEXT_LIMITS)
    text = BROKEN if root is None else RecordShape(SuiteText).read(root, None, reader)
    if isinstance(text, Broken):
        raise DefinitionError(faults.sorted())
    draft = _Draft(reader, text, file)
    tests = draft.tests()
    suite: list[Suite] = []
    run_checks([lambda: suite.append(draft.suite(tests))])
    faults.refuse_if_errors()
    return msgspec.structs.replace(suite[0], warnings=faults.sorted())


class _OnceReader(Reader):
    """Reports what is wrong at a place once, however many tests are made of it."""

    def __init__(self, faults: FaultList, text_limits: Mapping[str, int]) -> None:
        super().__init__(faults, text_limits)
        self._told: set[tuple[int, int, FaultCode]] = set()

    def fault(self, node: Place, where: Where, code: FaultCode, text: str) -> None:
        """Report an error, unless one of the kind was reported at the place."""
        key = (node.line, node.column, code)
        if key not in self._told:
            self._told.add(key)
            super().fault(node, where, code, text)


class _Draft:
    """One file while it is read."""

    def __init__(self, reader: Reader, text: SuiteText, file: Path) -> None:
        self.reader = reader
        self.text = text
        self.file = file
        budget = Budget()
        self.budget = budget
        self.matrix = Matrix(reader, _words, budget)
        self.names: dict[str, Spot] = {}

    def suite(self, tests: Sequence[CellTest | QuestionTest | StoryTest]) -> Suite:
        """Give the suite; touching what could not be read raises Unreadable."""
        kinds = {FolderKind.PACK} if any(isinstance(one, CellTest) for one in tests) else set()
        rules = self._folder("rules", FolderKind.PACK)
        tenant = self._folder("tenant", FolderKind.TENANT)
        if rules is None and kinds:
            rules = self._nearest(FolderKind.PACK)
        if tenant is None:
            tenant = self._nearest(FolderKind.TENANT)
        profile = self.text.profile
        if profile is not None:
            self._profile(self.text, profile)
        return Suite(self.file.as_posix(), self.text.suite, rules, tenant, profile, tuple(tests))

    def _folder(self, field: str, kind: FolderKind) -> Path | None:
        named: str | None = getattr(self.text, field)
        if named is None:
            return None
        folder = self.file.parent / named
        where, node = self.text.to(field), self.text.at(field)
        try:
            there = folder.is_dir()
        except (OSError, ValueError):
            there = False
        if not there:
            text = f"there is no folder {quoted(folder.as_posix())}"
            self.reader.fault(node, where, FaultCode.FILE_UNREADABLE, text)
        elif kind_of_folder(folder) is not kind:
            self.reader.invalid(node, where, f"{quoted(folder.as_posix())} is no {kind.value}")
        return as_reached(folder)

    def _nearest(self, kind: FolderKind) -> Path | None:
        """Give the folder of the file, or the nearest above it, that is of a kind."""
        for folder in self.file.absolute().parents:
            if kind_of_folder(folder) is kind:
                return as_reached(folder)
        return None

    def tests(self) -> list[CellTest | QuestionTest | StoryTest]:
        """Give all tests that could be read, each combination of a matrix by itself."""
        found: list[CellTest | QuestionTest | StoryTest] = []
        try:
            fixtures = Fixtures(self.text.values.get("fixtures") or None, self.reader, self.budget)
            for case, where in self._cases(fixtures):
                made = self._test(case, where)
                if made is not None:
                    found.append(made)
            for name in fixtures.nodes.keys() - fixtures.used:
                self._unused(fixtures, name)
        except TooMuch:
            text = "fixtures and matrices multiply to more than can be read"
            self.reader.fault(self.text.node, None, FaultCode.LIMIT_EXCEEDED, text)
        return found

    def _cases(self, fixtures: Fixtures) -> Iterator[tuple[Case, Where]]:
        listed = self.text.values.get("tests")
        if not listed or isinstance(listed, Broken):
            return
        if not listed.items:
            self.reader.invalid(listed, self.text.to("tests"), "must not be empty")
        number = 0
        for position, node in enumerate(listed.items):
            where: Where = (self.text.to("tests"), position)
            if not isinstance(node, MappingNode):
                self.reader.invalid(node, where, "must be a mapping")
                continue
            whole = self._over_fixture(node, fixtures, where)
            for case in () if whole is None else self.matrix.cases(whole, where):
                number += 1
                if number > MOST_TESTS:
                    text = f"a file holds at most {MOST_TESTS:,} tests, combinations counted"
                    self.reader.fault(node, where, FaultCode.LIMIT_EXCEEDED, text)
                    return
                yield case, where

    def _over_fixture(
        self, node: MappingNode, fixtures: Fixtures, where: Where
    ) -> MappingNode | None:
        use = node.fields.get("use")
        if use is None:
            return node
        below = fixtures.get(text_of(use))
        if below is not None:
            return merged(below, node, self.budget)
        if text_of(use) not in fixtures.nodes:
            missing(self.reader, use, (where, "use"), fixtures.nodes)
        return None

    def _unused(self, fixtures: Fixtures, name: str) -> None:
        key = fixtures.keys[name]
        text = f"no test and no fixture uses {quoted(name)}"
        self.reader.warn(key, (fixtures.where, f"[{name}]"), FaultCode.UNUSED, text)

    def _test(self, case: Case, where: Where) -> CellTest | QuestionTest | StoryTest | None:
        node = case.node
        kinds = [name for name in ("phase", "steps", "ask") if name in node.fields]
        if len(kinds) != 1:
            text = "is a test of a cell with `phase`, of a question with `ask`, or has `steps`"
            if kinds:
                text += f"; it cannot have {' and '.join(map(quoted, kinds))}"
            self.reader.invalid(node, where, text)
            return None
        kind, make = _KINDS[kinds[0]]
        text_record = RecordShape(kind).read(node, where, self.reader)
        if isinstance(text_record, Broken):
            return None
        made: list[CellTest | QuestionTest | StoryTest] = []
        run_checks([lambda: made.append(make(self, text_record, self._name(text_record, case)))])
        return made[0] if made else None

    def _name(self, text: Any, case: Case) -> str:
        name = f"{text.name} [{case.label}]" if case.label else str(text.name)
        place = _spot(text.node)
        first = self.names.setdefault(name, place)
        if first is not place:
            message = f"another test is called {quoted(name)}, see line {first.line}"
            self.reader.fault(text.at("name"), text.to("name"), FaultCode.DUPLICATE, message)
        return name

    def cell(self, text: CellCaseText, name: str) -> CellTest:
        """Give a test of a cell."""
        given = self._facts(text)
        run_checks([lambda: self._cell_want(text)])
        return CellTest(
            name=name,
            place=_spot(text.node),
            cites=text.cites,
            phase=text.phase,
            given={fact: node.text for fact, node in given.items()},
            given_places={fact: _spot(node) for fact, node in given.items()},
            wants=_wants(text.want),
        )

    def _facts(self, text: CellCaseText) -> dict[str, ScalarNode]:
        found: dict[str, ScalarNode] = {}
        known = VOCABULARY[text.phase].facts
        for fact, node in text.given.fields.items():
            where: Where = (text.to("given"), fact)
            words = known.get(fact, YES_NO_UNKNOWN)  # of a predicate that the pack may have
            if isinstance(node, ScalarNode) and node.text in words:
                found[fact] = node
            elif fact not in known:
                message = (
                    f"no fact {quoted(fact)} in {text.phase.value}{self.reader.near(fact, known)}"
                )
                key = text.given.keys[fact]
                self.reader.fault(key, text.to("given"), FaultCode.UNKNOWN_FIELD, message)
            else:
                word = text_of(node)
                near = self.reader.near(word, words)
                message = f"{quoted(word)} is not one of {', '.join(words)}{near}"
                self.reader.fault(node, where, FaultCode.UNKNOWN_VALUE, message)
        return found

    def _cell_want(self, text: CellCaseText) -> None:
        """Report answers that the phase does not give, or words that it does not have."""
        spec, want = VOCABULARY[text.phase], text.want
        known = (*spec.answers, "rules", "fired", *(("actions",) if spec.schedules else ()))
        known += () if spec.schedules else ("reason", "cause", "fact")
        if not want.node.fields:
            self.reader.invalid(want.node, want.where, "says nothing")
        for field in want.values:
            if field not in (*known, "includes", "lacks"):
                message = (
                    f"phase {text.phase.value} gives no {quoted(field)}, only {', '.join(known)}"
                )
                self.reader.invalid(want.node.keys[field], want.where, message)
            elif field in spec.answers and not self._takes(spec.answers[field], want.values[field]):
                words = ", ".join(spec.answers[field].words)
                message = f"in phase {text.phase.value} this is one of {words}"
                self.reader.invalid(want.at(field), want.to(field), message)

    def _takes(self, spec: AnswerSpec, value: object) -> bool:
        return value in spec.words or value is BROKEN  # which has its fault already

    def question(self, text: QuestionCaseText, name: str) -> QuestionTest:
        """Give a test of a question."""
        self._tenant_test(text)
        if not text.want.node.fields.keys() - {"or_denied"}:
            self.reader.invalid(text.want.node, text.want.where, "says nothing")
        return QuestionTest(
            name=name,
            place=_spot(text.node),
            cites=text.cites,
            profile=text.profile,
            given=text.given,
            request=_request(text.ask, text.at_),
            wants=_wants(text.want),
        )

    def _tenant_test(self, text: TenantCaseText) -> None:
        if text.profile is not None:
            self._profile(text, text.profile)

    def _profile(self, text: Record, name: str) -> None:
        known = profile_names()
        if name not in known:
            message = (
                f"{quoted(name)} is not one of {', '.join(known)}{self.reader.near(name, known)}"
            )
            self.reader.fault(
                text.at("profile"), text.to("profile"), FaultCode.UNKNOWN_VALUE, message
            )

    def story(self, text: StoryCaseText, name: str) -> StoryTest:
        """Give a test of a story."""
        self._tenant_test(text)
        steps = self._steps(text)
        if not any(step.wants or step.refused for step in steps):
            self.reader.invalid(text.at("steps"), text.to("steps"), "nothing is wanted at any step")
        return StoryTest(
            name=name,
            place=_spot(text.node),
            cites=text.cites,
            profile=text.profile,
            given=text.given,
            begins=text.begins,
            visitors=tuple(map(visitor_of, records(text, "visitors"))),
            steps=steps,
        )

    def _steps(self, text: StoryCaseText) -> tuple[Step, ...]:
        found: list[Step] = []
        labels: set[str] = set()
        at = text.begins

        def step(one: StepText) -> None:
            nonlocal at
            at = self._instant(one, text.begins, at)
            self._deed(one, labels)
            act = None
            if one.does is not None and one.who is not None:
                act = act_of(one, one.who, one.does, at, refused=bool(one.refused))
            wants = () if one.want is None else _wants(one.want)
            found.append(Step(at, act, one.refused, wants, _spot(one.node), one.change))

        for each in records(text, "steps"):
            run_checks([lambda each=each: step(each)])  # type: ignore[misc]
            if isinstance(each.values.get("label"), str):
                labels.add(each.values["label"])
        return tuple(found)

    def _instant(self, one: StepText, begins: datetime, before: datetime) -> datetime:
        """Give the instant of a step; a step that says nothing is at that of the one before."""
        at = before
        if one.has("at") and one.has("after"):
            self.reader.invalid(one.at("after"), one.to("after"), "goes without `at`")
        try:
            if isinstance(one.at_, datetime):
                at = one.at_
            elif one.at_ is not None:
                at = begins + one.at_
            elif one.after is not None:
                at = before + one.after
        except OverflowError:
            name = "at" if one.has("at") else "after"
            self.reader.invalid(one.at(name), one.to(name), "lies beyond the end of all calendars")
            return before
        if at - begins > LONGEST_STORY:
            name = "at" if one.has("at") else "after"
            years = LONGEST_STORY.days // 365
            self.reader.invalid(one.at(name), one.to(name), f"a story lasts at most {years} years")
        elif at < before:
            name = "at" if one.has("at") else "after"
            text = f"lies before the step before it: {at.isoformat()}"
            self.reader.invalid(one.at(name), one.to(name), text)
        return at

    def _deed(self, one: StepText, labels: set[str]) -> None:
        if one.does is not None and one.change is not None:
            self.reader.invalid(one.at("change"), one.to("change"), "goes without `does`")
        if one.does is None:
            for field in one.values.keys() - _WITHOUT_DEED:
                text = f"says nothing without `does`{self.reader.near(field, ('want',))}"
                self.reader.invalid(one.node.keys[field], one.to(field), text)
            if one.want is None and one.change is None:
                self.reader.invalid(one.node, one.where, "neither does nor wants anything")
            return
        if one.who is None:
            self.reader.fault(one.node, one.to("who"), FaultCode.MISSING_FIELD, "is missing")
            return
        check_act(self.reader, one, one.who, one.does, labels)


_Make = Callable[[_Draft, Any, str], "CellTest | QuestionTest | StoryTest"]
_KINDS: Mapping[str, tuple[type[Record], _Make]] = {
    "phase": (CellCaseText, _Draft.cell),
    "ask": (QuestionCaseText, _Draft.question),
    "steps": (StoryCaseText, _Draft.story),
}


def _words(test: MappingNode, fact: str) -> Sequence[str]:
    """Give the words of a fact, for `any` in a matrix."""
    phases = {phase.value: phase for phase in Phase}
    phase = phases.get(text_of(test.fields["phase"])) if "phase" in test.fields else None
    known = VOCABULARY[phase].facts if phase is not None else {}
    return known.get(fact, YES_NO_UNKNOWN)


def _spot(node: Place) -> Spot:
    return Spot(node.file, node.line, node.column)


def _wants(want: Record) -> tuple[Wanted, ...]:
    """Give what a record says, one by one, with places."""
    found: list[Wanted] = []
    for name, value in want.values.items():
        if name in ("includes", "lacks") and isinstance(value, Record):
            found += [
                Wanted(f"{name} {inner}", _plain(each), _spot(value.at(inner)))
                for inner, each in value.values.items()
            ]
        elif not isinstance(value, Broken):
            found.append(Wanted(name, _plain(value), _spot(want.at(name))))
    return tuple(found)


def _plain(value: Any) -> Any:
    """Give a value without the places of its parts."""
    if isinstance(value, Record):
        return {name: _plain(each) for name, each in value.values.items()}
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return value


def _request(ask: AskText, at: datetime) -> EvaluationRequest:
    asked = ask.schedule
    schedule = None
    if asked is not None:
        schedule = Schedule(start=asked.start, end=asked.end, duration=asked.duration)
    optional: dict[str, Any] = {}
    if ask.holdings is not None:
        optional["holdings"] = Holdings(
            assigned=values(ask.holdings.assigned), pending=values(ask.holdings.pending)
        )
    return EvaluationRequest(
        package=ask.package,
        requestor=_requestor(ask.requestor),
        at=at,
        type=ask.type,
        mode=ask.mode,
        submitter=ask.submitter,
        policy=ask.policy,
        justification=ask.justification,
        answers=tuple(Answer(name, said) for name, said in sorted(ask.answers.items())),
        schedule=schedule,
        counters=ask.counters,
        **optional,
    )


def _requestor(text: PersonText) -> str | InlinePerson:
    """Give the id of a user, or the person that is described: then something beside the id."""
    if text.node.fields.keys() <= {"id"}:
        return text.id
    home: Any = UNKNOWN if text.home is None else _home(text.home)
    return InlinePerson(
        id=text.id,
        type=_told(text.type),
        state=_told(text.state),
        groups=UNKNOWN if text.groups is None else values(text.groups),
        manager=UNKNOWN if text.manager is None else None if text.manager == NONE else text.manager,
        sponsors=UNKNOWN if text.sponsors is None else values(text.sponsors),
        home=home,
        attributes=_told(text.attributes),
        mail=text.mail,
        governed=text.governed,
        risk=_told(text.risk),
    )


def _told(value: Any) -> Any:
    return UNKNOWN if value is None else value


def _home(text: HomeText) -> HomeIdentity:
    return HomeIdentity(
        text.sign_in,
        tenant_id=text.tenant_id,
        domain=text.domain,
        issuer=text.issuer,
        identifier=text.identifier,
    )
