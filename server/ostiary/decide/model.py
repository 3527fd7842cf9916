"""A tenant made ready for deciding: everything that can be worked out before a question comes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec
from pyroaring import FrozenBitMap

from ostiary.decide.lookup import RuleLookup
from ostiary.decide.memo import Memo
from ostiary.decide.ports import Directory
from ostiary.decide.subject import Subject
from ostiary.domain.catalog import AccessPackage, Catalog
from ostiary.domain.decision import DiscardedApprover, Reason, Revision, Unusable
from ostiary.domain.people import RiskLevel
from ostiary.domain.policy import ApprovalStage, Approver, AssignmentPolicy, Question, ScopeKind
from ostiary.domain.request import InlinePerson
from ostiary.domain.tenant import Profile, Settings

T = TypeVar("T")

REMEMBERED_PEOPLE = 4_096  # persons carried inline, in callers' words
_FEW = 8


class Found(msgspec.Struct, frozen=True):
    """What became of one approver list: who can be asked, and who cannot and why."""

    usable: tuple[str, ...]  # sorted
    discarded: frozenset[DiscardedApprover]
    anybody: bool  # somebody was found, usable or not
    missing_fact: str | None = None  # manager or sponsors, when nobody told

    @property
    def word(self) -> str:
        """Give `some`, `none` or `unknown`."""
        if self.missing_fact is not None:
            return "unknown"
        return "some" if self.usable else "none"

    @property
    def primary_word(self) -> str:
        """Give the word that also tells why nobody can be asked."""
        if self.missing_fact is not None or self.usable:
            return self.word
        if not self.anybody:
            return "none"
        people = [one for one in self.discarded if one.why is not Unusable.MISSING]
        own = all(one.why is Unusable.OWN_REQUEST for one in people)
        return "only_own" if own else "unusable"


class ApproverList(msgspec.Struct, frozen=True):
    """A list of approvers; users and groups are resolved at load, relations need the target."""

    named: tuple[Approver, ...]  # users, groups, and what nobody understands
    relations: tuple[Approver, ...]  # managers and sponsors
    resolved: Found  # of `named`, for a target who is none of them
    usable_set: frozenset[str]


class CompiledStage(msgspec.Struct, frozen=True):
    """An approval stage with the parts of it that do not depend on the target."""

    number: int
    about: str  # `stage 1`
    stage: ApprovalStage
    primary: ApproverList
    fallback: ApproverList
    alternates: ApproverList
    alternate_fallback: ApproverList


class CompiledRisk(msgspec.Struct, frozen=True):
    """The stage before all others for people whose account is at risk (S-81)."""

    threshold: RiskLevel
    stage: CompiledStage


class CompiledApproval(msgspec.Struct, frozen=True):
    """The stages of a policy; policies with equal stages share one."""

    uid: int  # unique in the snapshot
    stages: tuple[CompiledStage, ...]
    only_by_manager: bool  # of the target only the first manager matters
    people: frozenset[str]  # everybody named who could decide


class PolicyTraits(msgspec.Struct, frozen=True):
    """What a policy says once it is in force; policies that say the same share one."""

    approval: CompiledApproval | None  # None: approved by itself (S-65)
    asks_nothing: bool  # no justification and no questions
    lifecycle_cell: int
    ends: bool  # access under it ends by itself
    waits_before_approval: bool  # an extension at request-created is waited for (S-127)
    shape: int  # policies with equal dates and stages share one
    selected_reasons: tuple[Reason, ...]  # POLICY_SELECTED, then what approval is needed


class CompiledPolicy(msgspec.Struct, frozen=True):
    """A policy with its part of every cell number and its scope as subject keys.

    What every decision reads stands first and what policies have in common is shared, since a large
    tenant does not fit into the processor's caches and each distant look costs as much as a rule.
    """

    scope_cells: Mapping[str, int]  # by request type: the part of the cell that the policy decides
    keys: Collection[int]  # subjects or organizations of the scope
    fixed_end: datetime | None
    scope_kind: ScopeKind
    traits: PolicyTraits
    id: str
    group_ids: Collection[str]
    user_ids: Collection[str]
    organization_ids: Collection[str]  # those that a refusal compares with
    matched_reason: Reason  # SCOPE_MATCHED without evidence
    tier: int  # 0 is the best (S-55)
    policy: AssignmentPolicy
    ordinal: int  # of the policy in the snapshot
    compared: Mapping[str, tuple[str, ...]]  # the identity sources of those, in words
    questions: tuple[Question, ...]  # of the policy, then of the package's resources (S-18)


def compact(values: frozenset[T]) -> Collection[T]:
    """Give the same values; a few lie in a tuple, which is a fraction of a set's size."""
    return tuple(values) if len(values) <= _FEW else values


class PackageTraits(msgspec.Struct, frozen=True):
    """What a decision reads of a package besides its policies; packages alike share one."""

    # by person word: the part of the selection cell that package and catalog decide
    selection_cells: Mapping[str, int]
    incompatible_keys: frozenset[int]
    incompatible_packages: frozenset[str]
    entries: tuple[str, ...]  # `resource/role`, sorted
    entries_number: int  # packages with equal entries share one
    policy_ids: tuple[str, ...]


class CompiledPackage(msgspec.Struct, frozen=True):
    """A package with its policies in the order in which they are offered."""

    policies: tuple[CompiledPolicy, ...]
    traits: PackageTraits
    id: str
    package: AccessPackage
    catalog: Catalog
    ordinal: int  # in the order of lists
    by_id: Mapping[str, CompiledPolicy]
    showcase: bool  # S-51 may show it to members out of scope


class CompiledLimits(msgspec.Struct, frozen=True):
    """The counted limits of gate 12 that the profile sets."""

    maxima: tuple[tuple[str, int], ...]


class Snapshot(msgspec.Struct, frozen=True):
    """One tenant under one rule pack, immutable; every answer is made from exactly one."""

    directory: Directory
    packages: Mapping[str, CompiledPackage]  # by id and by resource name
    order: tuple[CompiledPackage, ...]  # in the order of lists
    policy_ids: frozenset[str]
    postings: Mapping[int, FrozenBitMap]  # subject key -> ordinals of packages
    typed: Mapping[str, FrozenBitMap]  # person word -> packages that need no subject key
    showcased: FrozenBitMap
    rules: RuleLookup
    profile: Profile
    settings: Settings
    limits: CompiledLimits
    risk: CompiledRisk | None
    revision: Revision
    tenant_id: str
    subject_of: Callable[[str], Subject]  # raises UserNotFoundError
    people: Memo[int, tuple[InlinePerson, Subject]]  # by identity of the person carried inline
    staffings: Memo[tuple[int, str | None], Any]  # approvers.Staffing by approval and manager
    # plan.Template and plan.Timetable by shape, cell and escalations; the second by the number of
    # the package's entries too
    templates: Memo[tuple[int, int, tuple[timedelta | None, ...]], Any]
    timetables: Memo[tuple[int, int, tuple[timedelta | None, ...], int], Any]
