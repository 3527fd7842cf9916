"""RuleService: rules as revisions, from a check of their text to what is in force."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from google.protobuf.message import Message

from ostiary.decide.model import Snapshot
from ostiary.domain.errors import (
    ConflictError,
    DefinitionError,
    EngineFailedError,
    Fault,
    NotReadyError,
    RequestIdReusedError,
    RulesRefusedError,
)
from ostiary.domain.rule_revision import Activation, Origin, RuleRevision
from ostiary.domain.tables import Tables
from ostiary.domain.tenant import Tenant
from ostiary.lifecycle.ports import Remembered, Transaction
from ostiary.operations.rights import Rights
from ostiary.operations.rule_revisions import (
    RULES_CASE,
    find,
    keep,
    next_activation,
    put_in_force,
)
from ostiary.rpc import analyses, cursors
from ostiary.rpc.calls import Call
from ostiary.rpc.convert import messages, rule_messages
from ostiary.rpc.convert.times import instant
from ostiary.rpc.rules_in_force import RulesInForce, loaded, rollback_of
from ostiary.rpc.shadow import ShadowReport
from ostiary.rpc.violations import LONGEST_ID, Violations
from ostiary.rulebook.pack_files import Files, laid_out, load_files, report_files, wrong_name
from ostiary.rulebook.pack_reader import LARGEST_FILE, MOST_FILES
from ostiary.rulebook.tabulate import LoadedPack
from ostiary.v1 import rule_service_pb2 as contract

DESCRIPTOR = contract.DESCRIPTOR.services_by_name["RuleService"]

_LONGEST_NOTE = 1000
_POLL = 0.2  # seconds between two looks of a watcher
_AT_ONCE = 200
_SHORT = 100  # characters of a name that is not there

Answer = TypeVar("Answer", bound=Message)
Changing = contract.ActivateRequest | contract.RollbackRequest | contract.CreateRevisionRequest


def no_tenant() -> Tenant:
    """Raise NotReadyError: where there is no server, there is no tenant."""
    raise NotReadyError("a store alone serves nothing")


_REMEMBERED = 1000  # settings of a shadow whose ids are known


class Shadowing(Protocol):
    """Has a candidate decide beside what is in force."""

    def set_shadow(self, pack: LoadedPack | None) -> None:
        """Take a candidate, which is closed when another comes; None: nobody any more."""

    def shadow(self) -> ShadowReport | None:
        """Give what the shadow has seen; None: there is none."""


class RuleService:
    """Answers the calls of RuleService."""

    def __init__(
        self,
        rules: RulesInForce,
        rights: Callable[[Call], Rights],
        snapshot: Callable[[], Snapshot],
        *,
        watching: bool = False,
        shadowing: Shadowing | None = None,
        tenant: Callable[[], Tenant] = no_tenant,
    ) -> None:
        """Take the rules, what tells a caller's rights, and what decides in this process now."""
        self._tenant = tenant
        self._shadowing = shadowing
        self._shadowed: dict[str, tuple[bytes, contract.SetShadowResponse]] = {}
        self._rules = rules
        self._rights = rights
        self._snapshot = snapshot
        self._watching = watching
        self._closing = threading.Event()

    def close(self) -> None:
        """Have all watchers go home."""
        self._closing.set()

    def validate(self, message: contract.ValidateRequest, call: Call) -> contract.ValidateResponse:
        """Tell what is wrong with a pack."""
        self._allow(call)
        files = _files(message.files)
        try:
            report = report_files(files)
        except (DefinitionError, EngineFailedError) as error:
            return contract.ValidateResponse(faults=rule_messages.faults(_faults_of(error)))
        digest = ""
        if report.accepted:
            with closing(load_files(files)) as pack:
                digest = pack.tables.digest
        return contract.ValidateResponse(
            faults=rule_messages.faults(report.faults),
            revision=digest,
            phases=[
                contract.PhaseSummary(phase=one.phase, rules=one.rules, cells=one.cells)
                for one in report.phases
            ],
        )

    def create_revision(
        self, message: contract.CreateRevisionRequest, call: Call
    ) -> contract.CreateRevisionResponse:
        """Keep a pack as a revision."""
        self._allow(call)
        files = _files(message.files, _checked(message))
        try:
            with closing(load_files(files)) as pack:
                digest, warnings = pack.tables.digest, pack.faults
        except (DefinitionError, EngineFailedError) as error:
            return contract.CreateRevisionResponse(faults=rule_messages.faults(_faults_of(error)))
        revision = RuleRevision(
            digest=digest,
            created_at=self._rules.clock.now(),
            actor=call.actor_id,
            note=message.note,
            files=files,
        )

        def answer(
            tx: Transaction, made: RuleRevision, *, new: bool
        ) -> contract.CreateRevisionResponse:
            active = tx.active_rules()
            told = rule_messages.revision(made, "" if active is None else active.digest)
            del told.files[:]
            return contract.CreateRevisionResponse(
                faults=rule_messages.faults(warnings), revision=told, created=new
            )

        if message.validate_only:
            with self._rules.store.reading() as tx:
                known = tx.rule_revision(digest)
                return answer(tx, known or revision, new=known is None)
        with self._rules.store.transaction() as tx:
            tx.lock(RULES_CASE)
            once = _Once(tx, call, message, contract.CreateRevisionResponse)
            if once.answer is not None:
                return once.answer
            new = keep(tx, revision)
            kept = revision if new else tx.rule_revision(digest) or revision
            return once.remember(answer(tx, kept, new=new), self._rules)

    def get_revision(
        self, message: contract.GetRevisionRequest, call: Call
    ) -> contract.GetRevisionResponse:
        """Give a revision with its text."""
        self._allow(call)
        name = _named(message.revision, Violations())
        with self._rules.store.reading() as tx:
            active = tx.active_rules()
            found = find(tx, name)
        told = rule_messages.revision(found, "" if active is None else active.digest)
        return contract.GetRevisionResponse(revision=told)

    def list_revisions(
        self, message: contract.ListRevisionsRequest, call: Call
    ) -> contract.ListRevisionsResponse:
        """List what is kept."""
        self._allow(call)
        size, begin = _page(message)
        with self._rules.store.reading() as tx:
            active = tx.active_rules()
            page, more = cursors.cut(tx.rule_revisions(up_to=begin, size=size + 1), size)
        digest = "" if active is None else active.digest
        return contract.ListRevisionsResponse(
            revisions=[rule_messages.revision(one, digest) for _, one in page],
            next_page_token=cursors.token(message, str(page[-1][0])) if more else "",
        )

    def activate(self, message: contract.ActivateRequest, call: Call) -> contract.ActivateResponse:
        """Put a revision in force."""
        self._allow(call)
        name = _named(message.revision, _checked(message))
        with self._rules.store.reading() as tx:
            once = _Once(tx, call, message, contract.ActivateResponse)
            if once.answer is not None:
                return once.answer
            revision = find(tx, name)
        wanted = Activation(
            digest=revision.digest,
            at=self._rules.clock.now(),
            actor=call.actor_id,
            origin=Origin.CALLER,
            note=message.note,
        )
        return self._change(
            revision,
            lambda tx: next_activation(tx, wanted),
            message,
            call,
            contract.ActivateResponse,
        )

    def rollback(self, message: contract.RollbackRequest, call: Call) -> contract.RollbackResponse:
        """Go back to the revision before."""
        self._allow(call)
        _checked(message).refuse_if_any()
        wanted = Activation(
            digest="",
            at=self._rules.clock.now(),
            actor=call.actor_id,
            origin=Origin.ROLLBACK,
            note=message.note,
        )
        with self._rules.store.reading() as tx:
            once = _Once(tx, call, message, contract.RollbackResponse)
            if once.answer is not None:
                return once.answer
            seen = tx.active_rules()
            revision = find(tx, rollback_of(tx, wanted).digest)

        def undone(tx: Transaction) -> Activation:
            if tx.active_rules() != seen:
                raise ConflictError(f"activation {0 if seen is None else seen.sequence}")
            return rollback_of(tx, wanted)

        return self._change(revision, undone, message, call, contract.RollbackResponse)

    def _change(
        self,
        revision: RuleRevision,
        wanted: Callable[[Transaction], Activation],
        message: contract.ActivateRequest | contract.RollbackRequest,
        call: Call,
        kind: type[Answer],
    ) -> Answer:
        answers: list[Any] = []

        def write(tx: Transaction) -> Activation:
            once = _Once(tx, call, message, kind)
            if once.answer is not None:
                answers.append(once.answer)
                active = tx.activation(answers[0].activation.sequence)
                assert active is not None  # noqa: S101  # it was answered with
                return active
            _same(tx, message.etag)
            active = wanted(tx)
            if not active.sequence and not message.validate_only:
                active = put_in_force(tx, active)
            made: Any = kind()
            made.activation.CopyFrom(rule_messages.activation(active))
            answers.append(made if message.validate_only else once.remember(made, self._rules))
            return active

        self._rules.change(revision, write, only_tried=message.validate_only)
        answer: Answer = answers[0]
        return answer

    def list_activations(
        self, message: contract.ListActivationsRequest, call: Call
    ) -> contract.ListActivationsResponse:
        """List what was put in force, the last first."""
        self._allow(call)
        size, begin = _page(message)
        with self._rules.store.reading() as tx:
            if begin is None:
                active = tx.active_rules()
                begin = 1 if active is None else active.sequence + 1
            page, more = cursors.cut(tx.activations(before=begin, size=size + 1), size)
        return contract.ListActivationsResponse(
            activations=map(rule_messages.activation, page),
            next_page_token=cursors.token(message, str(page[-1].sequence)) if more else "",
        )

    def watch(self, message: contract.WatchRequest, call: Call) -> Iterator[contract.WatchResponse]:
        """Tell of activations until the caller leaves."""
        violations = Violations()
        if message.after_sequence < 0:
            violations.add("after_sequence", "must not be negative")
        violations.refuse_if_any()
        after = message.after_sequence if message.HasField("after_sequence") else None
        while True:
            self._allow(call)  # again and again: rights may be taken
            with self._rules.store.reading() as tx:
                if after is None:
                    active = tx.active_rules()
                    after = 0 if active is None else active.sequence - 1
                found = tx.activations(after=after, size=_AT_ONCE)
            for one in found:
                after = one.sequence
                yield contract.WatchResponse(activation=rule_messages.activation(one))
            if len(found) < _AT_ONCE and (self._closing.wait(_POLL) or not call.waited_for()):
                return

    def get_status(self, _: contract.GetStatusRequest, call: Call) -> contract.GetStatusResponse:
        """Tell what decides here, and what was refused."""
        self._allow(call)
        refused = self._rules.refused
        return contract.GetStatusResponse(
            revision=messages.revision(self._snapshot().revision),
            activation=rule_messages.activation(self._rules.held.activation),
            refused=None if refused is None else rule_messages.refused(refused),
            watching=self._watching,
        )

    def set_shadow(
        self, message: contract.SetShadowRequest, call: Call
    ) -> contract.SetShadowResponse:
        """Have a revision decide beside what is in force."""
        self._allow(call)
        violations = Violations()
        violations.text(message.request_id, "request_id", LONGEST_ID)
        violations.refuse_if_any()
        content, key = message.SerializeToString(deterministic=True), message.request_id
        known = self._shadowed.get(key) if key else None
        if known is not None:
            if known[0] != content:
                raise RequestIdReusedError(key)
            return known[1]
        pack = None
        if message.revision:
            with self._rules.store.reading() as tx:
                revision = find(tx, message.revision)
            pack = loaded(revision)
        answer = contract.SetShadowResponse(revision="" if pack is None else pack.tables.digest)
        if message.validate_only or self._shadowing is None:
            if pack is not None:
                pack.close()
            return answer
        self._shadowing.set_shadow(pack)
        if key:
            self._shadowed[key] = content, answer
            while len(self._shadowed) > _REMEMBERED:
                del self._shadowed[next(iter(self._shadowed))]
        return answer

    def get_shadow(self, _: contract.GetShadowRequest, call: Call) -> contract.GetShadowResponse:
        """Tell what the shadow has seen."""
        self._allow(call)
        report = None if self._shadowing is None else self._shadowing.shadow()
        if report is None:
            return contract.GetShadowResponse()
        return contract.GetShadowResponse(shadow=rule_messages.shadow(report))

    def test(self, message: contract.TestRequest, call: Call) -> Iterator[contract.TestResponse]:
        """Run suites."""
        self._allow(call)
        violations, files = Violations(), dict[str, bytes]()
        if not message.files:
            violations.add("files", "is required")
        for index, one in enumerate(message.files):
            wrong = analyses.wrong_name(one.name) or ("is there twice" if one.name in files else "")
            if wrong:
                violations.add(f"files[{index}].name", wrong)
            files[one.name] = one.content
        violations.refuse_if_any()
        with ExitStack() as until:
            rules = None
            if message.revision:
                with self._rules.store.reading() as tx:
                    revision = find(tx, message.revision)
                rules = until.enter_context(laid_out(revision.files))
            work = partial(_refusing(message.revision, analyses.tested), files, rules)
            yield from _told(contract.TestResponse, work, call)

    def diff(self, message: contract.DiffRequest, call: Call) -> Iterator[contract.DiffResponse]:
        """Tell what a candidate would change."""
        self._allow(call)
        violations = Violations()
        at = self._at(message, violations)
        with self._candidate(message.candidate, violations) as new:
            work = partial(analyses.compared, self._tenant(), self._rules.tables, new, at)
            yield from _told(contract.DiffResponse, work, call)

    def prove(self, message: contract.ProveRequest, call: Call) -> Iterator[contract.ProveResponse]:
        """Prove what a candidate must not do."""
        self._allow(call)
        violations = Violations()
        at = self._at(message, violations)
        for index, name in enumerate(message.properties):
            if name not in analyses.PROPERTIES:
                known = ", ".join(analyses.PROPERTIES)
                violations.add(f"properties[{index}]", f"is none of {known}")
        with self._candidate(message.candidate, violations) as new:
            wanted = [analyses.PROPERTIES[name] for name in message.properties]
            old = self._rules.tables
            work = partial(analyses.proved, self._tenant(), old, new, wanted, at)
            yield from _told(contract.ProveResponse, work, call)

    def lint(self, _: contract.LintRequest, call: Call) -> Iterator[contract.LintResponse]:
        """Look for likely mistakes in the tenant."""
        self._allow(call)
        work = partial(analyses.linted, self._tenant(), self._rules.clock.now())
        yield from _told(contract.LintResponse, work, call)

    def _at(
        self, message: contract.DiffRequest | contract.ProveRequest, violations: Violations
    ) -> datetime:
        now = self._rules.clock.now()
        if not message.HasField("evaluate_time"):
            return now
        return instant(message.evaluate_time, "evaluate_time", violations) or now

    @contextmanager
    def _candidate(
        self, candidate: contract.CandidateRules, violations: Violations
    ) -> Iterator[Tables]:
        """Give the tables of rules that are looked at; raises RulesRefusedError for faulty ones."""
        files: Files = {}
        if candidate.revision and candidate.files:
            violations.add("candidate.files", "stand beside a revision: name one of the two")
        elif not candidate.revision:
            files = _files(candidate.files, violations, "candidate.files")
        violations.refuse_if_any()
        if candidate.revision:
            with self._rules.store.reading() as tx:
                revision = find(tx, candidate.revision)
            with closing(loaded(revision)) as pack:
                yield pack.tables
            return
        try:
            pack = load_files(files)
        except (DefinitionError, EngineFailedError) as error:
            raise RulesRefusedError("", error) from error
        with closing(pack):
            yield pack.tables

    def _allow(self, call: Call) -> None:
        call.allow(self._rights(call), "")


class _Once(Generic[Answer]):
    """A write that is carried out once, with the same answer each time (S-61)."""

    def __init__(self, tx: Transaction, call: Call, message: Changing, kind: type[Answer]) -> None:
        self._tx = tx
        named = "" if message.validate_only else message.request_id
        self._key = f"{call.name}/{call.caller.holder}/{named}" if named else ""
        content = message.SerializeToString(deterministic=True)
        self._digest = hashlib.sha256(content).hexdigest()
        known = tx.remembered(self._key) if self._key else None
        if known is not None and known.digest != self._digest:
            raise RequestIdReusedError(message.request_id)
        self.answer = None if known is None else kind.FromString(known.answer)

    def remember(self, answer: Answer, rules: RulesInForce) -> Answer:
        """Keep the answer for whoever sends the write again."""
        if self._key:
            remembered = Remembered(self._digest, answer.SerializeToString())
            self._tx.remember(self._key, remembered, rules.clock.now())
        return answer


def _told(
    kind: type[Answer], work: Callable[[analyses.Progress], analyses.Outcome], call: Call
) -> Iterator[Answer]:
    """Give the messages of long work: how far it is, and what came of it."""
    for told in analyses.carried_out(work, call.waited_for):
        answer: Any = kind()
        if isinstance(told, analyses.Far):
            answer.progress.done, answer.progress.total = told.done, told.total
        else:
            answer.report.passed = told.passed
            answer.report.summary = told.summary
            answer.report.json = told.details
        yield answer


def _refusing(
    digest: str, work: Callable[..., analyses.Outcome]
) -> Callable[..., analyses.Outcome]:
    """Have faults of rules, definitions and suites end the work as a refusal of the caller's."""

    def refused(*arguments: Any) -> analyses.Outcome:
        try:
            return work(*arguments)
        except (DefinitionError, EngineFailedError) as error:
            raise RulesRefusedError(digest, error) from error

    return refused


def _checked(message: Changing) -> Violations:
    violations = Violations()
    violations.text(message.note, "note", _LONGEST_NOTE)
    violations.text(message.request_id, "request_id", LONGEST_ID)
    return violations


def _named(name: str, violations: Violations) -> str:
    violations.required_name(name, "revision")
    violations.refuse_if_any()
    return name


def _files(
    sent: Sequence[contract.RuleFile],
    violations: Violations | None = None,
    field: str = "files",
) -> Files:
    violations = Violations() if violations is None else violations
    files: dict[str, bytes] = {}
    if not sent:
        violations.add(field, "is required")
    if len(sent) > MOST_FILES:
        violations.add(field, f"has more than {MOST_FILES} entries")
        violations.refuse_if_any()
    for index, one in enumerate(sent):
        wrong = wrong_name(one.name) or ("is there twice" if one.name in files else "")
        if wrong:
            violations.add(f"{field}[{index}].name", wrong)
        if len(one.content) > LARGEST_FILE:
            violations.add(f"{field}[{index}].content", "is larger than 1 MiB")
        files[one.name] = one.content
    violations.refuse_if_any()
    return files


def _page(
    message: contract.ListRevisionsRequest | contract.ListActivationsRequest,
) -> tuple[int, int | None]:
    violations = Violations()
    size = cursors.size_of(message, violations)
    violations.refuse_if_any()
    return size, cursors.position(message)


def _same(tx: Transaction, etag: str) -> None:
    active = tx.active_rules()
    sequence = 0 if active is None else active.sequence
    if etag and etag != rule_messages.etag(sequence):
        raise ConflictError(f"activation {sequence}")


def _faults_of(error: DefinitionError | EngineFailedError) -> Iterable[Fault]:
    if isinstance(error, DefinitionError):
        return error.faults
    return (Fault("", 1, 1, "ENGINE_FAILED", str(error)),)
