"""A snapshot that is renewed for people and groups answers as one that is built from scratch."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from ostiary.decide.evaluate import evaluate
from ostiary.decide.listing import list_requestable
from ostiary.decide.model import Snapshot
from ostiary.domain.decision import Decision
from ostiary.domain.errors import OstiaryError
from ostiary.domain.people import AccountState, Group, PersonType, User
from ostiary.domain.request import EvaluationRequest, Holdings
from ostiary.domain.tenant import Tenant
from ostiary.index.renewal import renewed
from ostiary.rulebook.tenant_digest import digest_of
from tests.properties.asks import ask
from tests.properties.dice import NOW, Dice
from tests.properties.ruling import snapshot
from tests.properties.worlds import LARGEST, make_tenant

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
