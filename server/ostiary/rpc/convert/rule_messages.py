"""Revisions of rules, activations and faults as messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ostiary.domain.errors import Fault
from ostiary.domain.rule_revision import Activation, Origin, RuleRevision
from ostiary.rpc.comparing import Differences
from ostiary.rpc.rules_in_force import Refused
from ostiary.rpc.shadow import ShadowReport
from ostiary.v1 import catalog_service_pb2
from ostiary.v1 import rule_service_pb2 as contract

_ORIGINS: Mapping[Origin, contract.ActivationOrigin] = {
    Origin.SHIPPED: contract.ACTIVATION_ORIGIN_SHIPPED,
    Origin.FOLDER: contract.ACTIVATION_ORIGIN_FOLDER,
    Origin.CALLER: contract.ACTIVATION_ORIGIN_CALLER,
    Origin.ROLLBACK: contract.ACTIVATION_ORIGIN_ROLLBACK,
}


def etag(sequence: int) -> str:
    """Give the etag of an activation."""
    return f"a{sequence}"


def activation(one: Activation) -> contract.Activation:
    """Give an activation; the etag only of one that has a number."""
    return contract.Activation(
        sequence=one.sequence,
        revision=one.digest,
        activate_time=one.at,
        actor=one.actor,
        origin=_ORIGINS[one.origin],
        note=one.note,
        etag=etag(one.sequence) if one.sequence else "",
    )


def revision(one: RuleRevision, active: str) -> contract.RuleRevision:
    """Give a revision with as much text as it holds; `active` is the digest in force."""
    return contract.RuleRevision(
        revision=one.digest,
        create_time=one.created_at,
        actor=one.actor,
        note=one.note,
        active=one.digest == active,
        files=[
            contract.RuleFile(name=name, content=content)
            for name, content in sorted(one.files.items())
        ],
    )


def faults(found: Iterable[Fault]) -> list[catalog_service_pb2.DefinitionFault]:
    """Give faults with their places."""
    return [
        catalog_service_pb2.DefinitionFault(
            file=one.file,
            line=one.line,
            column=one.column,
            code=one.code,
            message=one.message,
            warning=one.severity == "warning",
        )
        for one in found
    ]


def refused(one: Refused) -> contract.RefusedCandidate:
    """Give what was not taken."""
    return contract.RefusedCandidate(
        refuse_time=one.at, source=one.source, faults=faults(one.faults), message=one.message
    )


def shadow(report: ShadowReport) -> contract.ShadowReport:
    """Give what a shadow has seen."""
    return contract.ShadowReport(
        revision=report.rules,
        since_time=report.since,
        differences=differences(report.differences),
        dropped=report.dropped,
        passed_over=report.passed_over,
        waiting=report.waiting,
    )


def differences(found: Differences) -> contract.DecisionDifferences:
    """Give in what decisions differ."""
    return contract.DecisionDifferences(
        compared=found.compared,
        differing=found.differing,
        kinds=[contract.DifferenceCount(name=kind, count=count) for kind, count in found.by_kind()],
        changes=[
            contract.DifferenceCount(name=name, count=count)
            for name, count in found.changes.most_common()
        ],
        samples=[
            contract.DifferenceSample(
                kind=one.kind,
                time=one.at,
                access_package=one.package,
                requestor=one.requestor,
                before=one.before,
                after=one.after,
                line=one.number,
            )
            for one in found.samples
        ],
    )
