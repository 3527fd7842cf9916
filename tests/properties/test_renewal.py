"""A snapshot that is renewed for people and groups answers as one that is built from scratch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from ostiary.decide.evaluate import evaluate
from ostiary.decide.listing import list_requestable
from ostiary.decide.model import Snapshot
from ostiary.domain.decision import Decision, Outcome
from ostiary.domain.errors import OstiaryError
from ostiary.domain.people import AccountState, Group, PersonType, User
from ostiary.domain.request import EvaluationRequest, Holdings, InlinePerson
from ostiary.domain.tenant import Tenant
from ostiary.index.renewal import renewed
from ostiary.rulebook.tenant_digest import digest_of
from tests.properties.asks import ask
from tests.properties.dice import NOW, Dice
from tests.properties.ruling import snapshot
from tests.properties.worlds import LARGEST, make_tenant
from tests.unit import defining

replace = msgspec.structs.replace


class Change(msgspec.Struct):
    """People and groups as they are after something happened."""

    users: dict[str, User | None] = {}
    groups: dict[str, Group | None] = {}


def happened(dice: Dice, tenant: Tenant) -> tuple[Tenant, Change]:
    """A tenant after a few people came, changed, or joined and left groups."""
    users = {user.id: user for user in tenant.users}
    groups = {group.id: group for group in tenant.groups}
    change = Change()
    for number in range(dice.number(1, 4)):
        match dice.number(0, 4 if groups else 1):
            case 0:
                came = User(f"n{number}", f"n{number}", type=dice.pick(list(PersonType)[:2]))
                users[came.id] = change.users[came.id] = came
            case 1:
                user = users[dice.pick(sorted(users))]
                state = dice.pick(list(AccountState))
                users[user.id] = change.users[user.id] = replace(user, state=state)
            case 2:
                group = Group(f"h{number}", f"h{number}", users=(dice.pick(sorted(users)),))
                groups[group.id] = change.groups[group.id] = group
            case 3:
                group = groups[dice.pick(sorted(groups))]
                nested = tuple(sorted(dice.some(sorted(groups), 2)))
                groups[group.id] = change.groups[group.id] = replace(group, groups=nested)
            case _:
                group = groups[dice.pick(sorted(groups))]
                members = tuple(sorted(dice.some(sorted(users), 4)))
                groups[group.id] = change.groups[group.id] = replace(group, users=members)
    after = replace(
        tenant,
        users=tuple(users[name] for name in sorted(users)),
        groups=tuple(groups[name] for name in sorted(groups)),
    )
    return replace(after, digest=digest_of(after)), change


def answers(snapshot: Snapshot, requests: list[EvaluationRequest]) -> Iterator[object]:
    """Everything that is asked, answered."""
    for request in requests:
        yield _decided(snapshot, request)
        if isinstance(request.requestor, str):
            yield _listed(snapshot, request.requestor)


def _decided(snapshot: Snapshot, request: EvaluationRequest) -> Decision | str:
    try:
        return evaluate(snapshot, request)
    except OstiaryError as error:
        return str(error)


def _listed(snapshot: Snapshot, requestor: str) -> object:
    try:
        page = list_requestable(snapshot, requestor, NOW, holdings=Holdings(), after=0, size=100)
    except OstiaryError as error:
        return str(error)
    return [(item.package.id, item.decision) for item in page.items], page.next_ordinal


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, LARGEST))
def test_a_renewed_snapshot_answers_as_a_new_one(seed: int, size: int) -> None:
    dice = Dice(seed, size)
    tenant = make_tenant(dice)
    now = snapshot(tenant)
    for _ in range(3):
        tenant, change = happened(dice, tenant)
        now = renewed(now, users=change.users, groups=change.groups, digest=tenant.digest)
        requests = [ask(dice, tenant) for _ in range(6)]
        assert list(answers(now, requests)) == list(answers(snapshot(tenant), requests))


def test_people_and_groups_that_are_gone_are_forgotten() -> None:
    tenant = make_tenant(Dice(3, 4))
    gone = tenant.users[0].id
    before = snapshot(replace(tenant, groups=(), organizations=(), catalogs=()))
    after = renewed(before, users={gone: None}, groups={}, digest="d")
    assert after.directory.user(gone) is None
    assert before.directory.user(gone) is not None
    assert after.revision.tenant == "d"


def test_packages_that_name_nobody_who_changed_are_the_same_objects() -> None:
    tenant = make_tenant(Dice(5, 6))
    before = snapshot(tenant)
    came = User("somebody-new", "Somebody")
    after = renewed(before, users={came.id: came}, groups={}, digest="d")
    assert after.order is before.order
    assert after.subject_of(came.id).id == came.id


def nested(tmp_path: Path) -> Tenant:
    """A tenant in which `outer`, which holds `inner`, approves, and `staff` may ask."""
    content = defining.approval(
        {"approvers": ["group:outer"], "fallback": ["user:gus"]},
        scope={"kind": "specific_subjects", "groups": ["staff"]},
    )
    content["groups"] = [
        *content["groups"],
        {"id": "outer", "groups": ["inner"]},
        {"id": "inner"},
        {"id": "sub"},
    ]
    return defining.loaded(tmp_path, content)


def group_of(tenant: Tenant, name: str) -> Group:
    """A group of the tenant."""
    return next(one for one in tenant.groups if one.id == name)


def test_a_member_of_a_group_inside_an_approving_group_approves(tmp_path: Path) -> None:
    """S-34, S-73."""
    tenant = nested(tmp_path)
    before = snapshot(tenant)
    question = EvaluationRequest(package="p", requestor="ann", at=NOW)
    assert [one.approvers for one in evaluate(before, question).stages] == [("gus",)]
    inner = replace(group_of(tenant, "inner"), users=("ben",))
    after = renewed(before, users={}, groups={"inner": inner}, digest="d")
    assert [one.approvers for one in evaluate(after, question).stages] == [("ben",)]
    emptied = renewed(after, users={}, groups={"inner": replace(inner, users=())}, digest="e")
    assert [one.approvers for one in evaluate(emptied, question).stages] == [("gus",)]
    apart = replace(group_of(tenant, "outer"), groups=())
    parted = renewed(after, users={}, groups={"outer": apart}, digest="f")
    assert [one.approvers for one in evaluate(parted, question).stages] == [("gus",)]


def test_a_person_whom_the_caller_describes_is_looked_at_anew(tmp_path: Path) -> None:
    """Their groups may be nested in others now."""
    tenant = nested(tmp_path)
    person = InlinePerson(
        "eve",
        type=PersonType.MEMBER,
        state=AccountState.ENABLED,
        groups=("sub",),
        manager=None,
        sponsors=(),
        home=None,
        attributes={},
    )
    question = EvaluationRequest(package="p", requestor=person, at=NOW)
    before = snapshot(tenant)
    assert evaluate(before, question).outcome is Outcome.DENY
    staff = replace(group_of(tenant, "staff"), groups=("sub",))
    after = renewed(before, users={}, groups={"staff": staff}, digest="d")
    assert evaluate(after, question).outcome is Outcome.NEEDS_APPROVAL
