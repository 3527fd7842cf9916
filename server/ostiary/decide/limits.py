"""Gates 7, 8 and 12: what the target holds, separation of duties, and counters."""

from __future__ import annotations

from ostiary.decide.model import CompiledLimits, CompiledPackage
from ostiary.decide.ports import Directory
from ostiary.decide.subject import Subject
from ostiary.domain.decision import Reason
from ostiary.domain.reasons import Code
from ostiary.domain.request import EvaluationRequest, Holdings


def held_word(package: CompiledPackage, holdings: Holdings) -> str:
    """Tell whether the target has the package or has asked for it (S-60)."""
    if package.id in holdings.assigned:
        return "assigned"
    return "pending" if package.id in holdings.pending else "nothing"


def duties_word(package: CompiledPackage, subject: Subject, holdings: Holdings) -> str:
    """Tell whether separation of duties stands against the target (S-117, S-118)."""
    if not package.traits.incompatible_packages.isdisjoint(holdings.assigned):
        return "package"
    if not package.traits.incompatible_keys:
        return "clear"
    if not package.traits.incompatible_keys.isdisjoint(subject.keys):
        return "group"
    return "clear" if subject.groups_known else "unknown"


def duties_reason(
    package: CompiledPackage, subject: Subject, holdings: Holdings, directory: Directory
) -> Reason:
    """Name the first package or group that stands against the target, with the way to it."""
    packages = sorted(package.traits.incompatible_packages.intersection(holdings.assigned))
    if packages:
        return Reason(Code.INCOMPATIBLE_PACKAGE, parameters=(("package", packages[0]),))
    group = min(
        name
        for name in package.package.incompatible_groups
        if directory.group_key(name) in subject.keys
    )
    return Reason(
        Code.INCOMPATIBLE_GROUP,
        parameters=(("group", group),),
        evidence=directory.path(subject.groups, frozenset({group})),
    )


def reached_limit(limits: CompiledLimits, request: EvaluationRequest) -> tuple[str, int] | None:
    """Give the first counted limit that one more would exceed, with its maximum (gate 12)."""
    for name, maximum in limits.maxima:
        if request.counters.get(name, 0) >= maximum:
            return name, maximum
    return None
