"""People whom only their managers and sponsors tell apart: each gets their own answer."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from ostiary.analysis.diff.report import Kind
from ostiary.domain.catalog import AccessPackage, Catalog
from ostiary.domain.people import AccountState, User
from ostiary.domain.policy import (
    ApprovalStage,
    Approver,
    ApproverKind,
    AssignmentPolicy,
    Expiration,
    ExpirationKind,
    RequestorScope,
    ScopeKind,
)
from ostiary.domain.tenant import Tenant
from tests.diffing.agreeing import by_evaluate, compared, disagreement, spelled
from tests.properties.profiles import STANDARD
from tests.properties.ruling import standard_tables

replace = msgspec.structs.replace
MANAGER = Approver(ApproverKind.MANAGER)
SECOND = Approver(ApproverKind.MANAGER, level=2)
SPONSORS = Approver(ApproverKind.OWN_SPONSORS)
FRAN = Approver(ApproverKind.USER, "fran")


def tenant(users: tuple[User, ...], *approvers: Approver) -> Tenant:
    """A tenant with one package for all members, whose requests these people decide."""
    policy = AssignmentPolicy(
        id="all",
        name="All",
        scope=RequestorScope(ScopeKind.ALL_MEMBERS),
        expiration=Expiration(ExpirationKind.DURATION, after=timedelta(days=30)),
        approval_for_add=True,
        stages=(ApprovalStage(approvers, fallback=(FRAN,)),),
    )
    package = AccessPackage(id="p", name="P", catalog="c", policies=(policy,))
    everybody = sorted((User("fran", "Fran"), *users), key=lambda user: user.id)
    return Tenant(
        id="t",
        name="T",
        profile=STANDARD,
        users=tuple(everybody),
        catalogs=(Catalog("c", "C", packages=(package,)),),
    )


def others_decide_for(old: Tenant, new: Tenant) -> set[str]:
    """Those for whom other people decide, which the brute comparison says too."""
    tables = standard_tables()
    before, after = (old, tables), (new, tables)
    assert not disagreement(before, after, (by_evaluate(*before), by_evaluate(*after)))
    told = spelled(compared(before, after))
    return {one.person for one in told if one.kind is Kind.APPROVERS}


def test_a_manager_who_is_the_second_manager_too() -> None:
    users = (
        User("ann", "Ann", manager="max"),
        User("bob", "Bob", manager="kim"),
        User("kim", "Kim", manager="kim"),
        User("max", "Max", manager="nora"),
        User("nora", "Nora", manager="olaf"),
        User("olaf", "Olaf"),
    )
    assert others_decide_for(tenant(users, MANAGER), tenant(users, SECOND)) == {
        "ann",  # Max before, Nora now; for Bob it was Kim and is Kim
        "max",
        "nora",
    }


def test_a_manager_who_is_the_named_approver() -> None:
    users = (
        User("ann", "Ann", manager="max"),
        User("bob", "Bob", manager="fran"),
        User("max", "Max"),
    )
    assert others_decide_for(tenant(users, MANAGER), tenant(users, FRAN)) == {"ann"}


def test_a_manager_who_is_the_sponsor() -> None:
    users = (
        User("ann", "Ann", manager="max", sponsors=("sue",)),
        User("bob", "Bob", manager="sue", sponsors=("sue",)),
        User("max", "Max"),
        User("sue", "Sue"),
    )
    assert others_decide_for(tenant(users, MANAGER), tenant(users, SPONSORS)) == {"ann"}


def test_a_sponsor_who_is_asked_about_their_own_request() -> None:
    """S-71: both are sponsored by both, and neither decides for themselves."""
    users = (
        User("ann", "Ann", sponsors=("ann", "bob")),
        User("bob", "Bob", sponsors=("ann", "bob")),
    )
    bob = Approver(ApproverKind.USER, "bob")
    old, new = tenant(users, SPONSORS), tenant(users, bob)
    # Bob asked Ann and has to ask Fran now; Ann asks Bob as before.
    assert others_decide_for(old, new) == {"bob"}


def test_a_sponsor_who_leaves_is_missed_by_those_they_sponsor() -> None:
    users = (
        User("ann", "Ann", sponsors=("sue",)),
        User("bob", "Bob", sponsors=("tom",)),
        User("sue", "Sue"),
        User("tom", "Tom"),
    )
    left = tuple(
        replace(user, state=AccountState.BLOCKED) if user.id == "sue" else user for user in users
    )
    assert others_decide_for(tenant(users, SPONSORS), tenant(left, SPONSORS)) == {"ann"}


def test_people_of_a_list_who_never_decide_for_themselves_are_told_as_one_change() -> None:
    names = [f"m{number}" for number in range(9)]
    users = tuple(User(name, name) for name in names)
    few = [Approver(ApproverKind.USER, name) for name in names[:5]]
    many = [Approver(ApproverKind.USER, name) for name in names[:7]]
    tables = standard_tables()
    report = compared((tenant(users, *few), tables), (tenant(users, *many), tables))
    (diff,) = report.diffs
    counts = sorted(len(change.people) for change in diff.changes)
    assert counts == [2, 3, 5]  # in both lists, in the new one only, in neither
    assert others_decide_for(tenant(users, *few), tenant(users, *many)) == {*names, "fran"}
