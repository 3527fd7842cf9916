"""The mistakes that can be made in the policies of a tenant, each once, in their order.

Operators work on policies and packages as they were read, so that a length of time can be a second
longer than any file could say; what could never be loaded, such as a stage without approvers or
a scope that names nobody, is not made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import msgspec
from msgspec.structs import replace

from ostiary.domain.catalog import AccessPackage
from ostiary.domain.enumeration import Enumeration
from ostiary.domain.policy import (
    ApprovalStage,
    Approver,
    AssignmentPolicy,
    Expiration,
    ExpirationKind,
    NoResponse,
    RequestorScope,
    ScopeKind,
)
from ostiary.rulebook.times import spell_duration

_SECOND = timedelta(seconds=1)
_SWITCHES = (
    *("enabled", "self_add", "self_update", "self_remove", "on_behalf", "justification_required"),
    *("custom_schedule", "approval_for_add", "approval_for_extension", "extension_allowed"),
    *("revoke_when_out_of_scope", "remove_when_unfit", "notices", "approver_reminders"),
)
_LISTS = ("primary", "fallback", "alternates", "alternate_fallback")

PolicyChange = Callable[[AssignmentPolicy], AssignmentPolicy | None]
PackageChange = Callable[[AccessPackage], AccessPackage | None]


class TenantMutant(msgspec.Struct, frozen=True):
    """A mistake in one package; `change` gives None for a package that cannot have it."""

    id: str  # `package/policy/how`, or `package/how`
    operator: str
    sentence: str
    package: str
    policy: str | None
    removed: str
    added: str
    change: PackageChange
    everywhere: bool = False  # whether stories without an act on the package may see it


def package_mutants(package: AccessPackage) -> Iterator[TenantMutant]:
    """Give all mutants of a package and its policies.

    What an automatic policy gives comes about without an act (S-106), so that any story may see
    any mistake in its package.
    """
    automatic = any(one.scope.kind is ScopeKind.AUTOMATIC for one in package.policies)
    for mutant in _mutants(package):
        yield replace(mutant, everywhere=automatic)


def _mutants(package: AccessPackage) -> Iterator[TenantMutant]:
    for policy in package.policies:
        yield from _policy_mutants(package, policy)
    yield _of_package(package, "flip-hidden", "hidden", not package.hidden)
    for entry in package.entries:
        rest = tuple(one for one in package.entries if one != entry)
        yield _without(package, "entries", f"{entry.resource}/{entry.role}", rest)
    for field in ("incompatible_packages", "incompatible_groups"):
        named: tuple[str, ...] = getattr(package, field)
        for one in named:
            yield _without(package, field, one, tuple(each for each in named if each != one))


def _of_package(package: AccessPackage, how: str, field: str, value: object) -> TenantMutant:
    def change(one: AccessPackage) -> AccessPackage | None:
        return replace(one, **{field: value})

    return TenantMutant(
        f"{package.id}/{how}",
        how.partition(".")[0],
        f"`{field}` of {package.id} is {_said(value)}",
        package.id,
        None,
        f"{field}: {_said(getattr(package, field))}",
        f"{field}: {_said(value)}",
        change,
    )


def _without(package: AccessPackage, field: str, name: str, rest: object) -> TenantMutant:
    def change(one: AccessPackage) -> AccessPackage | None:
        return replace(one, **{field: rest})

    operator = "drop-entry" if field == "entries" else "drop-incompatible"
    return TenantMutant(
        f"{package.id}/{operator}.{name}",
        operator,
        f"{package.id} no longer has {name} among its {field.replace('_', ' ')}",
        package.id,
        None,
        f"{field}: {name}",
        "",
        change,
    )


class _Maker:
    """Makes the mutants of one policy."""

    def __init__(self, package: AccessPackage, policy: AssignmentPolicy) -> None:
        self.package = package
        self.policy = policy

    def mutant(
        self, how: str, sentence: str, lines: tuple[str, str], change: PolicyChange
    ) -> TenantMutant:
        name = self.policy.id

        def changed(package: AccessPackage) -> AccessPackage | None:
            policies: list[AssignmentPolicy] = []
            for one in package.policies:
                other = change(one) if one.id == name else one
                if other is None:
                    return None
                policies.append(other)
            made = replace(package, policies=tuple(policies))
            return None if made == package else made

        return TenantMutant(
            f"{self.package.id}/{name}/{how}",
            how.partition(".")[0],
            sentence,
            self.package.id,
            name,
            *lines,
            changed,
        )

    def field(self, how: str, name: str, value: object) -> TenantMutant:
        """Give the mutant in which one field has another value."""
        old = getattr(self.policy, name)
        lines = (f"{name}: {_said(old)}", f"{name}: {_said(value)}")
        sentence = f"`{name}` of {self.policy.id} is {_said(value)}"
        return self.mutant(how, sentence, lines, lambda one: replace(one, **{name: value}))

    def stage(self, how: str, at: int, name: str, value: object, **along: object) -> TenantMutant:
        """Give the mutant in which one field of a stage, and what goes along, is another."""

        def change(one: AssignmentPolicy) -> AssignmentPolicy | None:
            if at >= len(one.stages):
                return None
            stages = list(one.stages)
            stages[at] = replace(stages[at], **{name: value}, **along)
            return replace(one, stages=tuple(stages))

        old = getattr(self.policy.stages[at], name)
        lines = (f"{name}: {_said(old)}", f"{name}: {_said(value)}")
        sentence = f"`{name}` of stage {at + 1} of {self.policy.id} is {_said(value)}"
        return self.mutant(f"{how}.stage-{at + 1}", sentence, lines, change)


def _policy_mutants(package: AccessPackage, policy: AssignmentPolicy) -> Iterator[TenantMutant]:
    make = _Maker(package, policy)
    yield _drop_policy(package, policy)
    for name in _SWITCHES:
        if _matters(name, policy):
            yield make.field(f"flip-switch.{name}", name, not getattr(policy, name))
    yield from _scopes(make, policy.scope)
    if policy.stages:
        yield _drop_approval(make, policy)
    for at, stage in enumerate(policy.stages):
        yield from _stages(make, at, stage)
    yield from _times(make, policy)
    for name in ("questions", "extensions"):
        listed = getattr(policy, name)
        for at in range(len(listed)):
            rest = (*listed[:at], *listed[at + 1 :])
            yield make.field(f"drop-{name[:-1]}.{at + 1}", name, rest)
    for at, question in enumerate(policy.questions):
        other = replace(question, required=not question.required)
        changed = (*policy.questions[:at], other, *policy.questions[at + 1 :])
        yield make.field(f"flip-required.{question.id}", "questions", changed)


def _matters(name: str, policy: AssignmentPolicy) -> bool:
    """Leave out switches that nothing looks at, or that must stand as they do."""
    kind = policy.scope.kind
    match name:
        case "remove_when_unfit":
            return kind is ScopeKind.AUTOMATIC
        case "revoke_when_out_of_scope":  # S-37
            return kind not in (ScopeKind.AUTOMATIC, ScopeKind.NONE)
        case "approval_for_add":  # S-24: stages stand if and only if something needs them
            return _staged(policy, turned=name, other=policy.approval_for_extension)
        case "approval_for_extension":
            staged = _staged(policy, turned=name, other=policy.approval_for_add)
            return policy.extension_allowed and staged
        case _:
            return True


def _staged(policy: AssignmentPolicy, *, turned: str, other: bool) -> bool:
    """Say whether there are stages, and something needs them once a switch is turned."""
    return bool(policy.stages) and (other or not getattr(policy, turned))


def _drop_approval(make: _Maker, policy: AssignmentPolicy) -> TenantMutant:
    return make.mutant(
        "drop-approval",
        f"nothing needs approval under {policy.id}",
        (f"stages: {_said(policy.stages)}", "stages: []"),
        lambda one: replace(one, stages=(), approval_for_add=False, approval_for_extension=False),
    )


def _drop_policy(package: AccessPackage, policy: AssignmentPolicy) -> TenantMutant:
    def change(one: AccessPackage) -> AccessPackage | None:
        rest = tuple(each for each in one.policies if each.id != policy.id)
        return replace(one, policies=rest)

    return TenantMutant(
        f"{package.id}/{policy.id}/drop-policy",
        "drop-policy",
        f"the policy {policy.id} is gone",
        package.id,
        policy.id,
        f"- id: {policy.id}",
        "",
        change,
    )


def _scopes(make: _Maker, scope: RequestorScope) -> Iterator[TenantMutant]:
    """Let everybody in, and leave each of those named out."""
    for kind in (ScopeKind.ALL_DIRECTORY_USERS, ScopeKind.ALL_EXTERNAL):
        if scope.kind is not kind:
            yield make.field(f"widen-scope.{kind.value}", "scope", RequestorScope(kind))
    for field in ("users", "groups", "organizations"):
        named: tuple[str, ...] = getattr(scope, field)
        for one in named:
            rest = tuple(each for each in named if each != one)
            narrower = replace(scope, **{field: rest})
            if not (narrower.users or narrower.groups or narrower.organizations):
                continue  # S-25
            yield make.field(f"narrow-scope.{one}", "scope", narrower)


def _stages(make: _Maker, at: int, stage: ApprovalStage) -> Iterator[TenantMutant]:
    stages = make.policy.stages
    if len(stages) > 1:
        rest = (*stages[:at], *stages[at + 1 :])
        yield make.field(f"drop-stage.{at + 1}", "stages", rest)
    if at + 1 < len(stages):
        swapped = (*stages[:at], stages[at + 1], stage, *stages[at + 2 :])
        yield make.field(f"swap-stages.{at + 1}", "stages", swapped)
    for name in _LISTS:
        listed: tuple[Approver, ...] = getattr(stage, name)
        for one in listed if len(listed) > 1 or name != "primary" else ():
            left = tuple(each for each in listed if each != one)
            yield make.stage(f"drop-approver.{name}.{_said(one)}", at, name, left)
    yield make.stage("longer.time_out", at, "time_out", stage.time_out + _SECOND)
    if stage.escalate_after is not None:
        later = stage.escalate_after + _SECOND
        nobody_joins = {"alternates": (), "alternate_fallback": ()}
        yield make.stage("longer.escalate_after", at, "escalate_after", later)
        yield make.stage("drop-escalation", at, "escalate_after", None, **nobody_joins)
    required = not stage.justification_required
    yield make.stage("flip-justification", at, "justification_required", required)


def _times(make: _Maker, policy: AssignmentPolicy) -> Iterator[TenantMutant]:
    """Let access and reviews last a second longer, or for ever."""
    ends, reviews = policy.expiration, policy.reviews
    if ends.after is not None:
        longer = replace(ends, after=ends.after + _SECOND)
        yield make.field("longer.expiration", "expiration", longer)
    if ends.at is not None:
        yield make.field("longer.expiration", "expiration", replace(ends, at=ends.at + _SECOND))
    if ends.kind is not ExpirationKind.NEVER:
        never = Expiration(ExpirationKind.NEVER)
        yield make.field("drop-expiration", "expiration", never)
    if policy.revoke_when_out_of_scope:
        grace = policy.out_of_scope_grace + _SECOND
        yield make.field("longer.out_of_scope_grace", "out_of_scope_grace", grace)
    if reviews is None:
        return
    yield make.field("drop-reviews", "reviews", None)
    longer_window = replace(reviews, window=reviews.window + _SECOND)
    yield make.field("longer.reviews.window", "reviews", longer_window)
    for other in NoResponse:
        if other is not reviews.no_response:
            changed = replace(reviews, no_response=other)
            yield make.field(f"flip-no-response.{other.value}", "reviews", changed)


def _said(value: object) -> str:
    """Give a value in few words."""
    match value:
        case bool():
            said = "yes" if value else "no"
        case timedelta():
            said = spell_duration(value)
        case Enumeration():
            said = str(value.value)
        case Approver():
            said = value.kind.value + ("" if value.id is None else f":{value.id}")
        case tuple():
            said = f"[{', '.join(map(_said, value))}]"
        case ApprovalStage():
            said = _said(value.primary)
        case RequestorScope():
            named = (*value.users, *value.groups, *value.organizations)
            said = value.kind.value + (f" {_said(named)}" if named else "")
        case msgspec.Struct():
            pairs = ((name, getattr(value, name)) for name in value.__struct_fields__)
            told = (f"{name}: {_said(one)}" for name, one in pairs if one not in (None, (), {}))
            said = ", ".join(told)
        case _:
            said = "none" if value is None else str(value)
    return said
