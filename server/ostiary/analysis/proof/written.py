"""Counterexamples as tests that can be run: each fails as long as the property does not hold.

A test says what should be. With the definitions that were looked at it fails, which plays the
counterexample on the real engine; once the property holds for this person it passes, and stands
guard from then on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from ostiary.analysis.proof.possible import TENANTS_TO_COME, Names
from ostiary.analysis.proof.report import Door, Example, Property, Way
from ostiary.analysis.proof.wording import described
from ostiary.domain.people import HomeIdentity, OrganizationState, PersonType, Unknown
from ostiary.domain.policy import ExpirationKind
from ostiary.domain.reasons import Code
from ostiary.domain.request import InlinePerson, Mode, RequestType
from ostiary.domain.tenant import Tenant
from ostiary.rulebook.suite_shapes import EITHER
from ostiary.rulebook.suite_text import EMPTY

Test = Mapping[str, Any]

_TYPES = {
    Door.ON_BEHALF: RequestType.ON_BEHALF_ADD,
    Door.AUTOMATIC: RequestType.ADMIN_ADD,
    Door.DIRECT: RequestType.ADMIN_ADD,
}
_NAMES = {
    Property.NO_NEW_ACCESS: "lets nobody in who could not come in before",
    Property.NO_WEAKER_APPROVAL: "needs no less approval than before",
    Property.NO_SELF_APPROVAL: "is approved by nobody for themselves",
    Property.NO_DEAD_END: "has an answer for whoever may ask",
    Property.EVERY_DEADLINE_ENDS: "has an end for whatever begins",
    Property.NO_INCOMPATIBLE_PAIR: "is not held together with what it excludes",
}
_DELIVERED = timedelta(hours=1)  # after which what was asked for is there
_EXTENDED = "Extend access package assignment"  # the event of the audit log
_ENDS_AFTER = timedelta(days=30)  # where the policy has no end, and the request names one


def tests_of(example: Example, tenant: Tenant, names: Names) -> tuple[Test, ...]:
    """Give the tests of one counterexample: a question, and a story where people act."""
    named = f"{example.package} {_NAMES[example.property]}"
    about = f"{', '.join(described(example.person))}: {example.sentence}"
    given = _given(example, names)
    story = _story(example, tenant, names)
    tests: list[Test] = []
    if example.way.door is not Door.EXTENSION:
        question = {
            "name": named,
            "about": about,
            "given": given or None,
            "at": example.way.at or example.at,
            "ask": _ask(example),
            "want": _want(example),
        }
        tests.append(question)
    if story is not None:
        tests.append({"name": f"{named}, as it comes about", "about": about, **story})
    return tuple(tests)


def _ask(example: Example) -> Mapping[str, Any]:
    way, person = example.way, example.person
    held = example.holdings.assigned
    groups = person.groups
    if example.steps:
        held = tuple(sorted({step.package for step in example.steps[:-1]} | set(held)))
        groups = example.groups or groups
    submitter = person.manager if way.door is Door.ON_BEHALF else None
    if way.door is Door.AUTOMATIC:
        submitter = "system"
    schedule = None if example.missing is None else example.missing.schedule
    return {
        "package": way.package,
        "requestor": person_text(person, groups),
        "type": _TYPES.get(way.door),
        "mode": Mode.SUBMISSION,
        "submitter": submitter,
        "policy": way.policy,
        "justification": "It is needed.",
        "answers": {one.question: list(one.values) for one in way.answers} or None,
        "schedule": None if schedule is None else {"start": schedule.start, "end": schedule.end},
        "holdings": {"assigned": list(held)} if held else None,
    }


def _want(example: Example) -> Mapping[str, Any]:
    match example.property:
        case Property.NO_WEAKER_APPROVAL if example.way.door is not Door.AUTOMATIC:
            before = () if example.before is None else example.before.stages
            return {"fewest_stages": len(before), "or_denied": True}
        case Property.NO_SELF_APPROVAL:
            return {"lacks": {"asked": _own(example)}}
        case Property.NO_DEAD_END:
            return {"lacks": {"reasons": ["NO_APPROVER"]}}
        case Property.EVERY_DEADLINE_ENDS if example.missing is not None:
            missing = example.missing
            action = {
                "type": missing.kind,
                "stage": missing.stage or None,
                "target": missing.target or None,
            }
            return {"includes": {"actions": [action]}, "or_denied": True}
        case _:
            return {"outcome": "DENY"}


def _own(example: Example) -> list[str]:
    """Give those whose own request it is, who must not decide it (S-71)."""
    person, way = example.person, example.way
    manager = person.manager if way.door is Door.ON_BEHALF else None
    return [person.id, *([manager] if isinstance(manager, str) else ())]


def person_text(
    person: InlinePerson, groups: tuple[str, ...] | Unknown | None = None
) -> Mapping[str, Any]:
    """Give a person as the requestor of a test."""
    among = person.groups if groups is None else groups
    return {
        "id": person.id,
        "type": person.type,
        "state": person.state,
        "groups": list(among) if isinstance(among, tuple) else None,
        "manager": "none" if person.manager is None else person.manager,
        "sponsors": list(person.sponsors) if isinstance(person.sponsors, tuple) else None,
        "home": _home_text(person.home),
        "attributes": dict(person.attributes) if isinstance(person.attributes, Mapping) else None,
        "mail": person.mail,
        "governed": person.governed or None,
        "risk": person.risk,
    }


def _home_text(home: HomeIdentity | None | Unknown) -> Mapping[str, Any] | None:
    if not isinstance(home, HomeIdentity):
        return None
    return {
        "sign_in": home.sign_in,
        "tenant_id": home.tenant_id,
        "domain": home.domain,
        "issuer": home.issuer,
        "identifier": home.identifier,
    }


def _given(example: Example, names: Names) -> dict[str, Any]:
    """Give the organizations and people to come that the counterexample needs."""
    found: dict[str, Any] = {}
    home = example.person.home
    tenant_id = home.tenant_id if isinstance(home, HomeIdentity) else None
    for state, name in (
        (OrganizationState.CONFIGURED, names.organization),
        (OrganizationState.PROPOSED, names.proposed),
    ):
        if tenant_id == TENANTS_TO_COME[state]:
            found["organizations"] = [
                {"id": name, "name": name, "state": state, "sources": [{"tenant": tenant_id}]}
            ]
    people = {example.person.manager, *_sponsors(example.person)}
    users: list[dict[str, Any]] = []
    if people & {names.colleague, names.superior, names.bystander}:
        users = [
            {"id": names.colleague, "manager": names.superior},
            {"id": names.superior},
            {"id": names.bystander},
        ]
    if users:
        found["users"] = users
    return found


def _sponsors(person: InlinePerson) -> tuple[str, ...]:
    return person.sponsors if isinstance(person.sponsors, tuple) else ()


def _story(example: Example, tenant: Tenant, names: Names) -> dict[str, Any] | None:
    """Give the steps by which it comes about, where people of the directory can take them."""
    person = example.person
    if not example.steps and example.way.door is not Door.EXTENSION:
        return None
    if person.type is PersonType.EXTERNAL or any(
        step.door is Door.AUTOMATIC for step in example.steps
    ):
        return None
    steps = example.steps or (example.way,)
    begins = steps[0].at or example.at
    given = _given(example, names)
    others = [one for one in given.get("users", ()) if one["id"] != person.id]
    given["users"] = [*others, _user_text(person, tenant)]
    groups = list(_group_texts(example, tenant))
    if groups:
        given["groups"] = groups
    acts = _extended(example, tenant) if example.got is not None else _together(example)
    return {"given": given, "begins": begins, "steps": list(acts)}


def _user_text(person: InlinePerson, tenant: Tenant) -> dict[str, Any]:
    """Give the person as a user; of one who is there already everything that is otherwise."""
    attributes = person.attributes if isinstance(person.attributes, Mapping) else {}
    text: dict[str, Any] = {
        "id": person.id,
        "type": person.type,
        "manager": person.manager if isinstance(person.manager, str) else None,
        "sponsors": list(_sponsors(person)) or None,
        "home": _home_text(person.home),
        "mail": person.mail,
        "risk": person.risk,
        "attributes": dict(attributes) or None,
    }
    if any(one.id == person.id for one in tenant.users):
        text = {name: EMPTY if value is None else value for name, value in text.items()}
        text["state"] = person.state
    return text


def _group_texts(example: Example, tenant: Tenant) -> Iterator[dict[str, Any]]:
    """Put the person into their groups, and out of all others by which a scope would know them."""
    person = example.person
    mine = person.groups if isinstance(person.groups, tuple) else ()
    above = _above(mine, tenant)
    known = _known_groups({example.package, *(step.package for step in example.steps)}, tenant)
    for group in tenant.groups:
        if group.id in mine and person.id not in group.users:
            yield {"id": group.id, "users": [*group.users, person.id]}
        elif person.id in group.users and (_above((group.id,), tenant) & known) - above:
            yield {"id": group.id, "users": [one for one in group.users if one != person.id]}


def _above(groups: Iterable[str], tenant: Tenant) -> set[str]:
    """Give the groups with all that hold them."""
    found = set(groups)
    waiting = list(found)
    while waiting:
        below = waiting.pop()
        more = {one.id for one in tenant.groups if below in one.groups} - found
        found |= more
        waiting += more
    return found


def _known_groups(packages: set[str], tenant: Tenant) -> set[str]:
    """Give the groups that who may have the packages, or hold them beside others, hangs on."""
    found: set[str] = set()
    for catalog in tenant.catalogs:
        for one in catalog.packages:
            if one.id in packages:
                found.update(one.incompatible_groups)
                found.update(name for policy in one.policies for name in policy.scope.groups)
    return found


def _together(example: Example) -> Iterator[dict[str, Any]]:
    """Take every step of the story; the last must be refused."""
    for number, step in enumerate(example.steps, start=1):
        last = number == len(example.steps)
        act = _act(step, example, f"step-{number}")
        if number > 1 and step.at == example.steps[number - 2].at:
            act = {"after": timedelta(minutes=1), **{k: v for k, v in act.items() if k != "at"}}
        if last:
            yield {**act, "refused": True}
            return
        yield act
        yield from _approvals(step, f"step-{number}")
        yield {"after": _DELIVERED, "want": {"holds": {example.person.id: _held(example, number)}}}


def _held(example: Example, number: int) -> list[str]:
    return sorted(step.package for step in example.steps[:number])


def _extended(example: Example, tenant: Tenant) -> Iterator[dict[str, Any]]:
    """Get the access and ask to extend it; whatever else is refused on the way does not matter."""
    first, person = example.got, example.person
    if first is None:
        return
    if first.door is not Door.AUTOMATIC:  # else it is there as soon as somebody fits
        act = _act(first, example, "first")
        if _never_ends(first, tenant):  # what has no end cannot be extended (S-101)
            act["end"] = example.at + _ENDS_AFTER
        yield {**act, "refused": EITHER}
        yield from _approvals(first, "first", refused=EITHER)
    extend = {
        "after": _DELIVERED,
        "who": person.id,
        "does": "extend",
        "package": example.package,
        "justification": "It is needed.",
        "answers": _answers(first),
        "label": "more",
    }
    approvals: Iterable[dict[str, Any]] = ()
    match example.property:
        case Property.NO_SELF_APPROVAL:
            want = {"asked": [person.id]}
        case Property.NO_DEAD_END:
            want = {"refusals": [Code.NO_APPROVER.value]}
        case _:
            want = {"events": [_EXTENDED]}
            approvals = _approvals(example.way, "more", refused=EITHER)
    *acts, last = [{**extend, "refused": EITHER}, *approvals]
    yield from acts
    yield {**last, "want": {"lacks": want}}


def _never_ends(way: Way, tenant: Tenant) -> bool:
    return any(
        policy.expiration.kind is ExpirationKind.NEVER
        for catalog in tenant.catalogs
        for package in catalog.packages
        for policy in package.policies
        if (package.id, policy.id) == (way.package, way.policy)
    )


def _answers(way: Way) -> dict[str, str] | None:
    return {one.question: one.values[0] for one in way.answers} or None


def _act(step: Way, example: Example, label: str) -> dict[str, Any]:
    direct = step.door is Door.DIRECT
    manager = example.person.manager
    act: dict[str, Any] = {
        "at": step.at or example.at,
        "who": "staff" if direct else example.person.id,
        "does": "assign" if direct else "request",
        "for": example.person.id if direct else None,
        "package": step.package,
        "policy": step.policy,
        "justification": "It is needed.",
        "answers": _answers(step),
        "label": label,
    }
    if step.door is Door.ON_BEHALF and isinstance(manager, str):
        act |= {"who": manager, "for": example.person.id}
    return act


def _approvals(step: Way, label: str, *, refused: str | None = None) -> Iterator[dict[str, Any]]:
    """Have the first approver of every stage say yes."""
    for stage in step.stages:
        yield {
            "after": timedelta(minutes=1),
            "who": stage[0],
            "does": "approve",
            "of": label,
            "justification": "It is needed.",
            "refused": refused,
        }
