"""Answers are joined from finished bytes: each must equal the message built field by field."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.wrappers_pb2 import UInt64Value

from ostiary.decide.evaluate import evaluate
from ostiary.domain.decision import Decision, Reason, ScheduledAction, StagePlan, Step
from ostiary.domain.reasons import Code
from ostiary.domain.tables import Rule
from ostiary.domain.vocabulary import VOCABULARY
from ostiary.rpc.convert import decisions
from ostiary.rpc.convert.decisions import DecisionWriter
from ostiary.rpc.convert.requests import RequestReader
from ostiary.rpc.loading import LoadedDesk
from ostiary.rpc.reason_texts import text
from ostiary.rpc.wire import Pieces, part, timestamp, varint
from ostiary.v1 import decision_pb2, reason_pb2
from ostiary.v1.decision_service_pb2 import EvaluateRequest, EvaluateResponse
from tests.contract.lent import NOW
from tests.contract.questions import CASES, Case, asked

LATER = (
    timedelta(0),
    timedelta(microseconds=1),
    timedelta(days=400, hours=3, microseconds=999_999),
)


def _stamp(at: datetime | None) -> Timestamp | None:
    if at is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(at)
    return stamp


def _length(length: timedelta | None) -> Duration | None:
    if length is None:
        return None
    duration = Duration()
    duration.FromTimedelta(length)
    return duration


def _built(decision: Decision, desk: LoadedDesk) -> decision_pb2.Decision:
    """Build the message slowly, field by field, as the contract reads."""
    revision = decision.revision
    return decision_pb2.Decision(
        outcome=f"OUTCOME_{decision.outcome.name}",
        visible=decision.visible,
        eligible=decision.eligible,
        offered_policies=list(decision.offered),
        selected_policy=decision.selected or "",
        choice_required=decision.choice_required,
        reasons=[_reason(one) for one in decision.reasons],
        stages=[_stage(one) for one in decision.stages],
        scheduled_actions=[_action(one, decision.subject) for one in decision.actions],
        explanation=[_step(one, desk) for one in decision.steps],
        revision=decision_pb2.Revision(
            rules=revision.rules,
            tenant=revision.tenant,
            profile=revision.profile,
            profile_version=revision.profile_version,
        ),
        evaluate_time=_stamp(decision.evaluated_at),
    )


def _sent(request: EvaluateRequest) -> bytes:
    return request.SerializeToString()


def _reason(reason: Reason) -> reason_pb2.Reason:
    return reason_pb2.Reason(
        code=f"REASON_CODE_{reason.code.name}",
        severity=f"SEVERITY_{reason.severity.name}",
        text=text(reason),
        policy=reason.policy or "",
        parameters=dict(reason.parameters),
        evidence=list(reason.evidence),
    )


def _stage(stage: StagePlan) -> decision_pb2.PlannedStage:
    alternates = stage.alternates_origin.name if stage.alternates else "UNSPECIFIED"
    return decision_pb2.PlannedStage(
        number=stage.number,
        approvers=list(stage.approvers),
        origin=f"APPROVER_ORIGIN_{stage.origin.name}",
        alternates=list(stage.alternates),
        alternates_origin=f"APPROVER_ORIGIN_{alternates}",
        time_out=_length(stage.time_out),
        escalate_after=_length(stage.escalate_after),
        justification_required=stage.justification_required,
        open_time=_stamp(stage.opens_at),
        escalate_time=_stamp(stage.escalates_at),
        deny_time=_stamp(stage.denies_at),
        discarded=[
            decision_pb2.DiscardedApprover(
                kind=f"APPROVER_KIND_{one.kind.name}",
                person=one.person or "",
                cause=f"UNUSABLE_CAUSE_{one.why.name}",
            )
            for one in stage.discarded
        ],
    )


def _action(action: ScheduledAction, person: str) -> decision_pb2.ScheduledAction:
    repeats = None
    if action.repeats is not None:
        repeats = decision_pb2.Recurrence(
            every=_length(action.repeats.every), months=action.repeats.months
        )
    return decision_pb2.ScheduledAction(
        kind=f"ACTION_KIND_{action.kind.name}",
        subject=f"stage {action.stage}" if action.stage else person,
        target=action.target,
        time=_stamp(action.at),
        anchor=f"ANCHOR_{action.anchor.name}",
        offset=_length(action.offset),
        stage=action.stage,
        not_before_time=_stamp(action.not_before),
        repeats=repeats,
        rule=_place(action.rule),
    )


def _place(rule: Rule) -> decision_pb2.RuleReference:
    return decision_pb2.RuleReference(id=rule.id, file=rule.file, line=rule.line)


def _step(step: Step, desk: LoadedDesk) -> decision_pb2.ExplanationStep:
    row = step.row
    table = desk.tables.phases[row.phase]
    decided = {rule.id for rule in row.deciders} | {one.rule.id for one in row.actions}
    return decision_pb2.ExplanationStep(
        phase=f"PHASE_{row.phase.name}",
        about=step.about,
        facts=[decision_pb2.Fact(name=name, value=word) for name, word in table.facts_of(row.cell)],
        rules=[
            decision_pb2.FiredRule(
                rule=_place(rule),
                sentence=rule.sentence,
                carries_out=list(rule.carries_out),
                decided=rule.id in decided,
            )
            for rule in row.fired
        ],
        conclusions=[
            decision_pb2.Conclusion(
                answer=answer,
                value=said.word,
                reason=f"REASON_CODE_{said.reason.name if said.reason else 'UNSPECIFIED'}",
                cause=said.cause.value if said.cause else "",
                missing_fact=said.fact or "",
                rule=rule.id,
            )
            for answer, said, rule in zip(
                VOCABULARY[row.phase].answers, row.answers, row.deciders, strict=True
            )
        ],
    )


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{case.reason} {case.ask['package']}") for case in CASES]
)
def test_joined_pieces_are_the_message(harbour: LoadedDesk, case: Case) -> None:
    """S-46: for every outcome, at once and again when the pieces are remembered."""
    desk = harbour.desk
    writer = DecisionWriter(harbour.tables, desk.snapshot.revision)
    for _ in range(2):
        for delay in LATER:
            sent = _sent(case.request())
            question, _ = RequestReader(desk.snapshot).evaluation(sent, NOW + delay)
            decision = evaluate(desk.snapshot, question)
            data = writer.decision(decision, full=True)
            assert decision_pb2.Decision.FromString(data) == _built(decision, harbour)
            answer = EvaluateResponse.FromString(desk.evaluate(sent, NOW + delay))
            assert answer.decision == _built(decision, harbour)


def test_people_of_any_length_fit_into_remembered_pieces(harbour: LoadedDesk) -> None:
    desk = harbour.desk
    for size in (1, 2, 60, 100, 130, 256, 3, 1):
        person = asked("pilotage", "anna").person
        request = asked(
            "pilotage",
            {
                "id": "é" * size,
                "type": "PERSON_TYPE_EXTERNAL",
                "state": "ACCOUNT_STATE_ENABLED",
                "groups": {},
                "home": {"signIn": "SIGN_IN_TENANT", "tenantId": "t-north"},
            },
        )
        question, _ = RequestReader(desk.snapshot).evaluation(_sent(request), NOW)
        decision = evaluate(desk.snapshot, question)
        answer = EvaluateResponse.FromString(desk.evaluate(_sent(request), NOW))
        assert answer.decision == _built(decision, harbour)
        assert person.id == ""


@pytest.mark.parametrize(
    "at",
    [
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1970, 1, 1, 0, 0, 1, 1, tzinfo=UTC),
        datetime(1978, 7, 4, 21, 24, 15, tzinfo=UTC),
        datetime(1978, 7, 4, 21, 24, 16, tzinfo=UTC),
        datetime(2031, 3, 10, 10, tzinfo=UTC),
        datetime(3058, 10, 26, 3, 46, 7, tzinfo=UTC),
        datetime(3058, 10, 26, 3, 46, 8, tzinfo=UTC),
        datetime(8999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ],
)
def test_an_instant_is_written_as_protobuf_writes_it(at: datetime) -> None:
    want = _stamp(at)
    assert want is not None
    assert timestamp(at) == want.SerializeToString()


@pytest.mark.parametrize("number", [0, 1, 127, 128, 16_383, 16_384, 2**32, 2**63])
def test_a_length_is_written_as_protobuf_writes_it(number: int) -> None:
    assert (b"\x08" + varint(number) if number else b"") == UInt64Value(
        value=number
    ).SerializeToString()


def test_a_field_is_tag_length_and_content() -> None:
    assert part(b"\x0a", b"x" * 300) == b"\x0a\xac\x02" + b"x" * 300


def test_pieces_are_forgotten_before_they_fill_the_memory() -> None:
    made: list[int] = []

    def make(key: int) -> bytes:
        made.append(key)
        return bytes([key])

    pieces = Pieces(make, most=3)
    assert [pieces[key] for key in (1, 2, 3, 1, 2, 4, 1)] == [
        bytes([k]) for k in (1, 2, 3, 1, 2, 4, 1)
    ]
    assert made == [1, 2, 3, 4, 1]
    assert len(pieces) <= 3


def test_the_writer_forgets_pieces_too(
    harbour: LoadedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions, "_MOST_PIECES", 2)
    writer = DecisionWriter(harbour.tables, harbour.desk.snapshot.revision)
    for case in CASES * 2:
        question, _ = RequestReader(harbour.desk.snapshot).evaluation(_sent(case.request()), NOW)
        decision = evaluate(harbour.desk.snapshot, question)
        data = writer.decision(decision, full=True)
        assert decision_pb2.Decision.FromString(data) == _built(decision, harbour)


def test_every_code_has_a_sentence() -> None:
    """S-138: also with parameters that are missing, and whatever they hold."""
    for code in Code:
        said = text(
            Reason(
                code,
                parameters=(
                    ("cause", "{x}"),
                    ("fact", "{fact}"),
                    ("why", "missing"),
                    ("kind", "user"),
                ),
            )
        )
        assert said
        assert said[0].islower() or said[0] in "`{"
        assert not said.endswith(".")
