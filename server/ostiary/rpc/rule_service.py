"""RuleService: rules as revisions, from a check of their text to what is in force."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from typing import Any, Generic, Protocol, TypeVar

from google.protobuf.message import Message

from ostiary.decide.model import Snapshot
from ostiary.domain.errors import (
    ConflictError,
    DefinitionError,
    EngineFailedError,
    Fault,
    RequestIdReusedError,
)
from ostiary.domain.rule_revision import Activation, Origin, RuleRevision
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
from ostiary.rpc import cursors
from ostiary.rpc.analyses_service import RuleAnalyses, no_tenant, sent_pack
from ostiary.rpc.calls import Call
from ostiary.rpc.convert import messages, rule_messages
from ostiary.rpc.rules_in_force import RulesInForce, loaded, rollback_of
from ostiary.rpc.shadow import ShadowReport
from ostiary.rpc.violations import LONGEST_ID, Violations
from ostiary.rulebook.pack_files import load_files, report_files
from ostiary.rulebook.tabulate import LoadedPack
from ostiary.v1 import rule_service_pb2 as contract

DESCRIPTOR = contract.DESCRIPTOR.services_by_name["RuleService"]

_LONGEST_NOTE = 1000
_POLL = 0.2  # seconds between two looks of a watcher
_AT_ONCE = 200
_SHORT = 100  # characters of a name that is not there

Answer = TypeVar("Answer", bound=Message)
Changing = contract.ActivateRequest | contract.RollbackRequest | contract.CreateRevisionRequest


_REMEMBERED = 1000  # settings of a shadow whose ids are known


class Shadowing(Protocol):
    """Has a candidate decide beside what is in force."""

    def set_shadow(self, pack: LoadedPack | None) -> None:
        """Take a candidate, which is closed when another comes; None: nobody any more."""

    def shadow(self) -> ShadowReport | None:
        """Give what the shadow has seen; None: there is none."""


class RuleService(RuleAnalyses):
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
        overrides: Callable[[], Mapping[str, Any]] = dict,
    ) -> None:
        """Take the rules, what tells a caller's rights, and what decides in this process now.

        `overrides` gives those of the tenant's profile, as they are written.
        """
        super().__init__(rules, rights, tenant, overrides)
        self._shadowing = shadowing
        self._shadowed: dict[str, tuple[bytes, contract.SetShadowResponse]] = {}
        self._snapshot = snapshot
        self._watching = watching
        self._closing = threading.Event()

    def close(self) -> None:
        """Have all watchers go home."""
        self._closing.set()

    def validate(self, message: contract.ValidateRequest, call: Call) -> contract.ValidateResponse:
        """Tell what is wrong with a pack."""
        self._allow(call)
        files = sent_pack(message.files)
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
        files = sent_pack(message.files, _checked(message))
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


def _checked(message: Changing) -> Violations:
    violations = Violations()
    violations.text(message.note, "note", _LONGEST_NOTE)
    violations.text(message.request_id, "request_id", LONGEST_ID)
    return violations


def _named(name: str, violations: Violations) -> str:
    violations.required_name(name, "revision")
    violations.refuse_if_any()
    return name


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
