import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from ostiary.v1 import catalog_service_pb2 as _catalog_service_pb2
from ostiary.v1 import decision_pb2 as _decision_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ActivationOrigin(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ACTIVATION_ORIGIN_UNSPECIFIED: _ClassVar[ActivationOrigin]
    ACTIVATION_ORIGIN_SHIPPED: _ClassVar[ActivationOrigin]
    ACTIVATION_ORIGIN_FOLDER: _ClassVar[ActivationOrigin]
    ACTIVATION_ORIGIN_CALLER: _ClassVar[ActivationOrigin]
    ACTIVATION_ORIGIN_ROLLBACK: _ClassVar[ActivationOrigin]
ACTIVATION_ORIGIN_UNSPECIFIED: ActivationOrigin
ACTIVATION_ORIGIN_SHIPPED: ActivationOrigin
ACTIVATION_ORIGIN_FOLDER: ActivationOrigin
ACTIVATION_ORIGIN_CALLER: ActivationOrigin
ACTIVATION_ORIGIN_ROLLBACK: ActivationOrigin

class RuleFile(_message.Message):
    __slots__ = ("name", "content")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    name: str
    content: bytes
    def __init__(self, name: _Optional[str] = ..., content: _Optional[bytes] = ...) -> None: ...

class RuleRevision(_message.Message):
    __slots__ = ("revision", "create_time", "actor", "note", "active", "files")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    revision: str
    create_time: _timestamp_pb2.Timestamp
    actor: str
    note: str
    active: bool
    files: _containers.RepeatedCompositeFieldContainer[RuleFile]
    def __init__(self, revision: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., actor: _Optional[str] = ..., note: _Optional[str] = ..., active: _Optional[bool] = ..., files: _Optional[_Iterable[_Union[RuleFile, _Mapping]]] = ...) -> None: ...

class Activation(_message.Message):
    __slots__ = ("sequence", "revision", "activate_time", "actor", "origin", "note", "etag")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    ACTIVATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    revision: str
    activate_time: _timestamp_pb2.Timestamp
    actor: str
    origin: ActivationOrigin
    note: str
    etag: str
    def __init__(self, sequence: _Optional[int] = ..., revision: _Optional[str] = ..., activate_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., actor: _Optional[str] = ..., origin: _Optional[_Union[ActivationOrigin, str]] = ..., note: _Optional[str] = ..., etag: _Optional[str] = ...) -> None: ...

class PhaseSummary(_message.Message):
    __slots__ = ("phase", "rules", "cells")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    CELLS_FIELD_NUMBER: _ClassVar[int]
    phase: str
    rules: int
    cells: int
    def __init__(self, phase: _Optional[str] = ..., rules: _Optional[int] = ..., cells: _Optional[int] = ...) -> None: ...

class ValidateRequest(_message.Message):
    __slots__ = ("files",)
    FILES_FIELD_NUMBER: _ClassVar[int]
    files: _containers.RepeatedCompositeFieldContainer[RuleFile]
    def __init__(self, files: _Optional[_Iterable[_Union[RuleFile, _Mapping]]] = ...) -> None: ...

class ValidateResponse(_message.Message):
    __slots__ = ("faults", "revision", "phases")
    FAULTS_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    PHASES_FIELD_NUMBER: _ClassVar[int]
    faults: _containers.RepeatedCompositeFieldContainer[_catalog_service_pb2.DefinitionFault]
    revision: str
    phases: _containers.RepeatedCompositeFieldContainer[PhaseSummary]
    def __init__(self, faults: _Optional[_Iterable[_Union[_catalog_service_pb2.DefinitionFault, _Mapping]]] = ..., revision: _Optional[str] = ..., phases: _Optional[_Iterable[_Union[PhaseSummary, _Mapping]]] = ...) -> None: ...

class CreateRevisionRequest(_message.Message):
    __slots__ = ("files", "note", "validate_only", "request_id")
    FILES_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    files: _containers.RepeatedCompositeFieldContainer[RuleFile]
    note: str
    validate_only: bool
    request_id: str
    def __init__(self, files: _Optional[_Iterable[_Union[RuleFile, _Mapping]]] = ..., note: _Optional[str] = ..., validate_only: _Optional[bool] = ..., request_id: _Optional[str] = ...) -> None: ...

class CreateRevisionResponse(_message.Message):
    __slots__ = ("faults", "revision", "created")
    FAULTS_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    faults: _containers.RepeatedCompositeFieldContainer[_catalog_service_pb2.DefinitionFault]
    revision: RuleRevision
    created: bool
    def __init__(self, faults: _Optional[_Iterable[_Union[_catalog_service_pb2.DefinitionFault, _Mapping]]] = ..., revision: _Optional[_Union[RuleRevision, _Mapping]] = ..., created: _Optional[bool] = ...) -> None: ...

class GetRevisionRequest(_message.Message):
    __slots__ = ("revision",)
    REVISION_FIELD_NUMBER: _ClassVar[int]
    revision: str
    def __init__(self, revision: _Optional[str] = ...) -> None: ...

class GetRevisionResponse(_message.Message):
    __slots__ = ("revision",)
    REVISION_FIELD_NUMBER: _ClassVar[int]
    revision: RuleRevision
    def __init__(self, revision: _Optional[_Union[RuleRevision, _Mapping]] = ...) -> None: ...

class ListRevisionsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListRevisionsResponse(_message.Message):
    __slots__ = ("revisions", "next_page_token")
    REVISIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    revisions: _containers.RepeatedCompositeFieldContainer[RuleRevision]
    next_page_token: str
    def __init__(self, revisions: _Optional[_Iterable[_Union[RuleRevision, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ActivateRequest(_message.Message):
    __slots__ = ("revision", "note", "etag", "validate_only", "request_id")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    revision: str
    note: str
    etag: str
    validate_only: bool
    request_id: str
    def __init__(self, revision: _Optional[str] = ..., note: _Optional[str] = ..., etag: _Optional[str] = ..., validate_only: _Optional[bool] = ..., request_id: _Optional[str] = ...) -> None: ...

class ActivateResponse(_message.Message):
    __slots__ = ("activation",)
    ACTIVATION_FIELD_NUMBER: _ClassVar[int]
    activation: Activation
    def __init__(self, activation: _Optional[_Union[Activation, _Mapping]] = ...) -> None: ...

class RollbackRequest(_message.Message):
    __slots__ = ("note", "etag", "validate_only", "request_id")
    NOTE_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    note: str
    etag: str
    validate_only: bool
    request_id: str
    def __init__(self, note: _Optional[str] = ..., etag: _Optional[str] = ..., validate_only: _Optional[bool] = ..., request_id: _Optional[str] = ...) -> None: ...

class RollbackResponse(_message.Message):
    __slots__ = ("activation",)
    ACTIVATION_FIELD_NUMBER: _ClassVar[int]
    activation: Activation
    def __init__(self, activation: _Optional[_Union[Activation, _Mapping]] = ...) -> None: ...

class ListActivationsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListActivationsResponse(_message.Message):
    __slots__ = ("activations", "next_page_token")
    ACTIVATIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    activations: _containers.RepeatedCompositeFieldContainer[Activation]
    next_page_token: str
    def __init__(self, activations: _Optional[_Iterable[_Union[Activation, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class WatchRequest(_message.Message):
    __slots__ = ("after_sequence",)
    AFTER_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    after_sequence: int
    def __init__(self, after_sequence: _Optional[int] = ...) -> None: ...

class WatchResponse(_message.Message):
    __slots__ = ("activation",)
    ACTIVATION_FIELD_NUMBER: _ClassVar[int]
    activation: Activation
    def __init__(self, activation: _Optional[_Union[Activation, _Mapping]] = ...) -> None: ...

class GetStatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetStatusResponse(_message.Message):
    __slots__ = ("revision", "activation", "refused", "watching")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    ACTIVATION_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    WATCHING_FIELD_NUMBER: _ClassVar[int]
    revision: _decision_pb2.Revision
    activation: Activation
    refused: RefusedCandidate
    watching: bool
    def __init__(self, revision: _Optional[_Union[_decision_pb2.Revision, _Mapping]] = ..., activation: _Optional[_Union[Activation, _Mapping]] = ..., refused: _Optional[_Union[RefusedCandidate, _Mapping]] = ..., watching: _Optional[bool] = ...) -> None: ...

class RefusedCandidate(_message.Message):
    __slots__ = ("refuse_time", "source", "faults", "message")
    REFUSE_TIME_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    FAULTS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    refuse_time: _timestamp_pb2.Timestamp
    source: str
    faults: _containers.RepeatedCompositeFieldContainer[_catalog_service_pb2.DefinitionFault]
    message: str
    def __init__(self, refuse_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., source: _Optional[str] = ..., faults: _Optional[_Iterable[_Union[_catalog_service_pb2.DefinitionFault, _Mapping]]] = ..., message: _Optional[str] = ...) -> None: ...

class SetShadowRequest(_message.Message):
    __slots__ = ("revision", "validate_only", "request_id")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    revision: str
    validate_only: bool
    request_id: str
    def __init__(self, revision: _Optional[str] = ..., validate_only: _Optional[bool] = ..., request_id: _Optional[str] = ...) -> None: ...

class SetShadowResponse(_message.Message):
    __slots__ = ("revision",)
    REVISION_FIELD_NUMBER: _ClassVar[int]
    revision: str
    def __init__(self, revision: _Optional[str] = ...) -> None: ...

class GetShadowRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetShadowResponse(_message.Message):
    __slots__ = ("shadow",)
    SHADOW_FIELD_NUMBER: _ClassVar[int]
    shadow: ShadowReport
    def __init__(self, shadow: _Optional[_Union[ShadowReport, _Mapping]] = ...) -> None: ...

class ShadowReport(_message.Message):
    __slots__ = ("revision", "since_time", "differences", "dropped", "passed_over", "waiting")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    SINCE_TIME_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCES_FIELD_NUMBER: _ClassVar[int]
    DROPPED_FIELD_NUMBER: _ClassVar[int]
    PASSED_OVER_FIELD_NUMBER: _ClassVar[int]
    WAITING_FIELD_NUMBER: _ClassVar[int]
    revision: str
    since_time: _timestamp_pb2.Timestamp
    differences: DecisionDifferences
    dropped: int
    passed_over: int
    waiting: int
    def __init__(self, revision: _Optional[str] = ..., since_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., differences: _Optional[_Union[DecisionDifferences, _Mapping]] = ..., dropped: _Optional[int] = ..., passed_over: _Optional[int] = ..., waiting: _Optional[int] = ...) -> None: ...

class DecisionDifferences(_message.Message):
    __slots__ = ("compared", "differing", "kinds", "changes", "samples")
    COMPARED_FIELD_NUMBER: _ClassVar[int]
    DIFFERING_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    compared: int
    differing: int
    kinds: _containers.RepeatedCompositeFieldContainer[DifferenceCount]
    changes: _containers.RepeatedCompositeFieldContainer[DifferenceCount]
    samples: _containers.RepeatedCompositeFieldContainer[DifferenceSample]
    def __init__(self, compared: _Optional[int] = ..., differing: _Optional[int] = ..., kinds: _Optional[_Iterable[_Union[DifferenceCount, _Mapping]]] = ..., changes: _Optional[_Iterable[_Union[DifferenceCount, _Mapping]]] = ..., samples: _Optional[_Iterable[_Union[DifferenceSample, _Mapping]]] = ...) -> None: ...

class DifferenceCount(_message.Message):
    __slots__ = ("name", "count")
    NAME_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    name: str
    count: int
    def __init__(self, name: _Optional[str] = ..., count: _Optional[int] = ...) -> None: ...

class DifferenceSample(_message.Message):
    __slots__ = ("kind", "time", "access_package", "requestor", "before", "after", "line")
    KIND_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    ACCESS_PACKAGE_FIELD_NUMBER: _ClassVar[int]
    REQUESTOR_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    kind: str
    time: str
    access_package: str
    requestor: str
    before: str
    after: str
    line: int
    def __init__(self, kind: _Optional[str] = ..., time: _Optional[str] = ..., access_package: _Optional[str] = ..., requestor: _Optional[str] = ..., before: _Optional[str] = ..., after: _Optional[str] = ..., line: _Optional[int] = ...) -> None: ...

class CandidateRules(_message.Message):
    __slots__ = ("revision", "files")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    revision: str
    files: _containers.RepeatedCompositeFieldContainer[RuleFile]
    def __init__(self, revision: _Optional[str] = ..., files: _Optional[_Iterable[_Union[RuleFile, _Mapping]]] = ...) -> None: ...

class AnalysisProgress(_message.Message):
    __slots__ = ("done", "total")
    DONE_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    done: int
    total: int
    def __init__(self, done: _Optional[int] = ..., total: _Optional[int] = ...) -> None: ...

class AnalysisReport(_message.Message):
    __slots__ = ("passed", "summary", "json", "new_suites")
    PASSED_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    JSON_FIELD_NUMBER: _ClassVar[int]
    NEW_SUITES_FIELD_NUMBER: _ClassVar[int]
    passed: bool
    summary: str
    json: str
    new_suites: _containers.RepeatedCompositeFieldContainer[TestFile]
    def __init__(self, passed: _Optional[bool] = ..., summary: _Optional[str] = ..., json: _Optional[str] = ..., new_suites: _Optional[_Iterable[_Union[TestFile, _Mapping]]] = ...) -> None: ...

class TestRequest(_message.Message):
    __slots__ = ("files", "revision")
    FILES_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    files: _containers.RepeatedCompositeFieldContainer[TestFile]
    revision: str
    def __init__(self, files: _Optional[_Iterable[_Union[TestFile, _Mapping]]] = ..., revision: _Optional[str] = ...) -> None: ...

class TestFile(_message.Message):
    __slots__ = ("name", "content")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    name: str
    content: bytes
    def __init__(self, name: _Optional[str] = ..., content: _Optional[bytes] = ...) -> None: ...

class TestResponse(_message.Message):
    __slots__ = ("progress", "report")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    REPORT_FIELD_NUMBER: _ClassVar[int]
    progress: AnalysisProgress
    report: AnalysisReport
    def __init__(self, progress: _Optional[_Union[AnalysisProgress, _Mapping]] = ..., report: _Optional[_Union[AnalysisReport, _Mapping]] = ...) -> None: ...

class DiffRequest(_message.Message):
    __slots__ = ("candidate", "evaluate_time", "most_people")
    CANDIDATE_FIELD_NUMBER: _ClassVar[int]
    EVALUATE_TIME_FIELD_NUMBER: _ClassVar[int]
    MOST_PEOPLE_FIELD_NUMBER: _ClassVar[int]
    candidate: CandidateRules
    evaluate_time: _timestamp_pb2.Timestamp
    most_people: int
    def __init__(self, candidate: _Optional[_Union[CandidateRules, _Mapping]] = ..., evaluate_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., most_people: _Optional[int] = ...) -> None: ...

class DiffResponse(_message.Message):
    __slots__ = ("progress", "report")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    REPORT_FIELD_NUMBER: _ClassVar[int]
    progress: AnalysisProgress
    report: AnalysisReport
    def __init__(self, progress: _Optional[_Union[AnalysisProgress, _Mapping]] = ..., report: _Optional[_Union[AnalysisReport, _Mapping]] = ...) -> None: ...

class ProveRequest(_message.Message):
    __slots__ = ("candidate", "properties", "evaluate_time")
    CANDIDATE_FIELD_NUMBER: _ClassVar[int]
    PROPERTIES_FIELD_NUMBER: _ClassVar[int]
    EVALUATE_TIME_FIELD_NUMBER: _ClassVar[int]
    candidate: CandidateRules
    properties: _containers.RepeatedScalarFieldContainer[str]
    evaluate_time: _timestamp_pb2.Timestamp
    def __init__(self, candidate: _Optional[_Union[CandidateRules, _Mapping]] = ..., properties: _Optional[_Iterable[str]] = ..., evaluate_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ProveResponse(_message.Message):
    __slots__ = ("progress", "report")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    REPORT_FIELD_NUMBER: _ClassVar[int]
    progress: AnalysisProgress
    report: AnalysisReport
    def __init__(self, progress: _Optional[_Union[AnalysisProgress, _Mapping]] = ..., report: _Optional[_Union[AnalysisReport, _Mapping]] = ...) -> None: ...

class LintRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class LintResponse(_message.Message):
    __slots__ = ("progress", "report")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    REPORT_FIELD_NUMBER: _ClassVar[int]
    progress: AnalysisProgress
    report: AnalysisReport
    def __init__(self, progress: _Optional[_Union[AnalysisProgress, _Mapping]] = ..., report: _Optional[_Union[AnalysisReport, _Mapping]] = ...) -> None: ...

class CoverageRequest(_message.Message):
    __slots__ = ("files", "revision", "fail_under", "rules_only", "changed_since")
    FILES_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    FAIL_UNDER_FIELD_NUMBER: _ClassVar[int]
    RULES_ONLY_FIELD_NUMBER: _ClassVar[int]
    CHANGED_SINCE_FIELD_NUMBER: _ClassVar[int]
    files: _containers.RepeatedCompositeFieldContainer[TestFile]
    revision: str
    fail_under: float
    rules_only: bool
    changed_since: str
    def __init__(self, files: _Optional[_Iterable[_Union[TestFile, _Mapping]]] = ..., revision: _Optional[str] = ..., fail_under: _Optional[float] = ..., rules_only: _Optional[bool] = ..., changed_since: _Optional[str] = ...) -> None: ...

class CoverageResponse(_message.Message):
    __slots__ = ("progress", "report")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    REPORT_FIELD_NUMBER: _ClassVar[int]
    progress: AnalysisProgress
    report: AnalysisReport
    def __init__(self, progress: _Optional[_Union[AnalysisProgress, _Mapping]] = ..., report: _Optional[_Union[AnalysisReport, _Mapping]] = ...) -> None: ...

class MutateRequest(_message.Message):
    __slots__ = ("files", "revision", "only", "fail_over")
    FILES_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    ONLY_FIELD_NUMBER: _ClassVar[int]
    FAIL_OVER_FIELD_NUMBER: _ClassVar[int]
    files: _containers.RepeatedCompositeFieldContainer[TestFile]
    revision: str
    only: str
    fail_over: int
    def __init__(self, files: _Optional[_Iterable[_Union[TestFile, _Mapping]]] = ..., revision: _Optional[str] = ..., only: _Optional[str] = ..., fail_over: _Optional[int] = ...) -> None: ...

class MutateResponse(_message.Message):
    __slots__ = ("progress", "report")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    REPORT_FIELD_NUMBER: _ClassVar[int]
    progress: AnalysisProgress
    report: AnalysisReport
    def __init__(self, progress: _Optional[_Union[AnalysisProgress, _Mapping]] = ..., report: _Optional[_Union[AnalysisReport, _Mapping]] = ...) -> None: ...

class ReplayRequest(_message.Message):
    __slots__ = ("options", "log")
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    LOG_FIELD_NUMBER: _ClassVar[int]
    options: ReplayOptions
    log: bytes
    def __init__(self, options: _Optional[_Union[ReplayOptions, _Mapping]] = ..., log: _Optional[bytes] = ...) -> None: ...

class ReplayOptions(_message.Message):
    __slots__ = ("candidate", "reproduce", "kept")
    CANDIDATE_FIELD_NUMBER: _ClassVar[int]
    REPRODUCE_FIELD_NUMBER: _ClassVar[int]
    KEPT_FIELD_NUMBER: _ClassVar[int]
    candidate: CandidateRules
    reproduce: bool
    kept: KeptLog
    def __init__(self, candidate: _Optional[_Union[CandidateRules, _Mapping]] = ..., reproduce: _Optional[bool] = ..., kept: _Optional[_Union[KeptLog, _Mapping]] = ...) -> None: ...

class KeptLog(_message.Message):
    __slots__ = ("from_time", "before_time")
    FROM_TIME_FIELD_NUMBER: _ClassVar[int]
    BEFORE_TIME_FIELD_NUMBER: _ClassVar[int]
    from_time: _timestamp_pb2.Timestamp
    before_time: _timestamp_pb2.Timestamp
    def __init__(self, from_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., before_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ReplayResponse(_message.Message):
    __slots__ = ("progress", "report")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    REPORT_FIELD_NUMBER: _ClassVar[int]
    progress: AnalysisProgress
    report: AnalysisReport
    def __init__(self, progress: _Optional[_Union[AnalysisProgress, _Mapping]] = ..., report: _Optional[_Union[AnalysisReport, _Mapping]] = ...) -> None: ...
