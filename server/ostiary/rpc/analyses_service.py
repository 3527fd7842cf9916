"""What RuleService works out for those who write rules: the methods that stream their progress."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from google.protobuf.message import Message

from ostiary.domain.errors import (
    DefinitionError,
    EngineFailedError,
    InvalidRequestError,
    NotReadyError,
    RulesRefusedError,
)
from ostiary.domain.tables import Tables
from ostiary.domain.tenant import Tenant
from ostiary.operations.rights import Rights
from ostiary.operations.rule_revisions import find
from ostiary.rpc import analyses, log_analyses, suite_analyses
from ostiary.rpc.calls import Call
from ostiary.rpc.convert.times import instant
from ostiary.rpc.kept_lines import any_kept
from ostiary.rpc.log_analyses import Span
from ostiary.rpc.rules_in_force import RulesInForce, loaded
from ostiary.rpc.suite_analyses import CoverageWish, Sent
from ostiary.rpc.violations import LONGEST_ID, Violations
from ostiary.rulebook.pack_files import Files, load_files, wrong_name
from ostiary.rulebook.pack_reader import LARGEST_FILE, MOST_FILES
from ostiary.v1 import rule_service_pb2 as contract

Answer = TypeVar("Answer", bound=Message)
Suites = contract.TestRequest | contract.CoverageRequest | contract.MutateRequest


def no_tenant() -> Tenant:
    """Raise NotReadyError: where there is no server, there is no tenant."""
    raise NotReadyError("a store alone serves nothing")


class RuleAnalyses:
    """Answers the calls for long work: each tells how far it is, and at last what came of it."""

    def __init__(
        self,
        rules: RulesInForce,
        rights: Callable[[Call], Rights],
        tenant: Callable[[], Tenant] = no_tenant,
        overrides: Callable[[], Mapping[str, Any]] = dict,
    ) -> None:
        self._rules = rules
        self._rights = rights
        self._tenant = tenant
        self._overrides = overrides

    def _allow(self, call: Call) -> None:
        call.allow(self._rights(call), "")

    def test(self, message: contract.TestRequest, call: Call) -> Iterator[contract.TestResponse]:
        """Run suites."""
        self._allow(call)
        sent = self._sent(message, Violations())
        work = partial(_refusing(sent.digest, suite_analyses.tested), sent)
        yield from _told(contract.TestResponse, work, call)

    def coverage(
        self, message: contract.CoverageRequest, call: Call
    ) -> Iterator[contract.CoverageResponse]:
        """Count what suites look at."""
        self._allow(call)
        violations = Violations()
        least = message.fail_under if message.HasField("fail_under") else None
        if least is not None and not 0 <= least <= 100:  # a percentage
            violations.add("fail_under", "must be from 0 to 100")
        sent = self._sent(message, violations)
        before = self._text_of(message.changed_since) if message.changed_since else None
        wish = CoverageWish(least, message.rules_only, before)
        now = self._rules.clock.now()
        work = partial(_refusing(sent.digest, suite_analyses.covered), sent, wish, now)
        yield from _told(contract.CoverageResponse, work, call)

    def mutate(
        self, message: contract.MutateRequest, call: Call
    ) -> Iterator[contract.MutateResponse]:
        """Try mutants on suites."""
        self._allow(call)
        violations = Violations()
        violations.text(message.only, "only", LONGEST_ID)
        most = message.fail_over if message.HasField("fail_over") else None
        if most is not None and most < 0:
            violations.add("fail_over", "must not be negative")
        sent = self._sent(message, violations)
        work = partial(
            _refusing(sent.digest, suite_analyses.mutants), sent, message.only or None, most
        )
        yield from _told(contract.MutateResponse, work, call)

    def _sent(self, message: Suites, violations: Violations) -> Sent:
        """Give the files and the rules that they are to be run with."""
        files: dict[str, bytes] = {}
        if not message.files:
            violations.add("files", "is required")
        if violations.fits(len(message.files), "files"):
            for index, one in enumerate(message.files):
                twice = "is there twice" if one.name in files else ""
                wrong = suite_analyses.wrong_name(one.name) or twice
                if wrong:
                    violations.add(f"files[{index}].name", wrong)
                files[one.name] = one.content
        violations.refuse_if_any()
        if not message.revision:
            return Sent(files)
        with self._rules.store.reading() as tx:
            revision = find(tx, message.revision)
        return Sent(files, revision.files, revision.digest)

    def _text_of(self, name: str) -> Files:
        with self._rules.store.reading() as tx:
            return find(tx, name).files

    def diff(self, message: contract.DiffRequest, call: Call) -> Iterator[contract.DiffResponse]:
        """Tell what a candidate would change."""
        self._allow(call)
        violations = Violations()
        if message.most_people < 0:
            violations.add("most_people", "must not be negative")
        at = self._at(message, violations)
        with self._candidate(message.candidate, violations) as new:
            most = message.most_people or analyses.MOST_NAMED
            work = partial(
                analyses.compared,
                self._tenant(),
                self._rules.tables,
                new,
                at,
                named=message.candidate.revision or "files",
                most=most,
            )
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
        work = partial(analyses.linted, self._tenant(), self._overrides(), self._rules.clock.now())
        yield from _told(contract.LintResponse, work, call)

    def replay(
        self, messages: Iterator[contract.ReplayRequest], call: Call
    ) -> Iterator[contract.ReplayResponse]:
        """Ask a log again."""
        self._allow(call)
        first = next(messages, contract.ReplayRequest())
        violations = Violations()
        if not first.HasField("options"):
            violations.add("options", "is required in the first message")
            violations.refuse_if_any()
        options = first.options
        log: Iterable[bytes] | Span = _pieces(messages)
        if options.HasField("kept"):
            log = self._span(options.kept, violations)
        with ExitStack() as until:
            candidate = None
            if options.HasField("candidate"):
                given = self._candidate(options.candidate, violations, "options.candidate")
                candidate = until.enter_context(given)
            violations.refuse_if_any()
            work = partial(
                log_analyses.replayed,
                log,
                self._rules.store,
                self._tenant(),
                candidate,
                reproduce=options.reproduce or candidate is None,
            )
            paced = not isinstance(log, Span)
            yield from _told(contract.ReplayResponse, work, call, paced=paced)

    def _span(self, kept: contract.KeptLog, violations: Violations) -> Span:
        if not any_kept(self._rules.store):
            violations.add("options.kept", "the server keeps no decision log in its store")
        since, before = (
            instant(getattr(kept, name), f"options.kept.{name}", violations)
            if kept.HasField(name)
            else None
            for name in ("from_time", "before_time")
        )
        if since is not None and before is not None and since >= before:
            violations.add("options.kept.before_time", "must be after from_time")
        return Span(since, before)

    def _at(
        self, message: contract.DiffRequest | contract.ProveRequest, violations: Violations
    ) -> datetime:
        now = self._rules.clock.now()
        if not message.HasField("evaluate_time"):
            return now
        return instant(message.evaluate_time, "evaluate_time", violations) or now

    @contextmanager
    def _candidate(
        self,
        candidate: contract.CandidateRules,
        violations: Violations,
        field: str = "candidate",
    ) -> Iterator[Tables]:
        """Give the tables of rules that are looked at; raises RulesRefusedError for faulty ones."""
        files: Files = {}
        if candidate.revision and candidate.files:
            violations.add(f"{field}.files", "stand beside a revision: name one of the two")
        elif not candidate.revision:
            files = sent_pack(candidate.files, violations, f"{field}.files")
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


def _told(
    kind: type[Answer],
    work: Callable[[analyses.Progress], analyses.Outcome],
    call: Call,
    *,
    paced: bool = False,
) -> Iterator[Answer]:
    """Give the messages of long work: how far it is, and what came of it."""
    for told in analyses.carried_out(work, call.waited_for, paced=paced):
        answer: Any = kind()
        if isinstance(told, analyses.Far):
            answer.progress.done, answer.progress.total = told.done, told.total
        else:
            answer.report.passed = told.passed
            answer.report.summary = told.summary
            answer.report.json = told.details
            for name, content in told.new.items():
                answer.report.new_suites.add(name=name, content=content)
        yield answer


def _pieces(messages: Iterator[contract.ReplayRequest]) -> Iterator[bytes]:
    for message in messages:
        if message.WhichOneof("part") != "log":
            text = "belongs into the first message, and pieces of the log into the others"
            raise InvalidRequestError([("options", text)])
        yield message.log


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


def sent_pack(
    sent: Sequence[contract.RuleFile],
    violations: Violations | None = None,
    field: str = "files",
) -> Files:
    """Give the files of a rule pack that somebody sent; raises InvalidRequestError."""
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
