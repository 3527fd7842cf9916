"""Whether people can extend what they came to, found out by the life of requests itself.

Slow and obvious: somebody becomes a user, asks or is asked for, is approved, gets the access, and
asks to extend it.
"""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from functools import partial

from msgspec.structs import replace

from ostiary.analysis.playing import Player
from ostiary.domain.access_request import AccessRequest
from ostiary.domain.errors import OstiaryError
from ostiary.domain.people import HomeIdentity, PersonType, RiskLevel, User
from ostiary.domain.policy import AssignmentPolicy, ExpirationKind
from ostiary.domain.request import InlinePerson, Schedule
from ostiary.domain.tenant import Tenant
from ostiary.lifecycle.ports import AssignmentQuery, RequestQuery
from ostiary.operations import staging
from ostiary.operations.unit import Unit
from ostiary.rulebook.story_file import STAFF, Act
from ostiary.rulebook.story_model import Deed
from ostiary.rulebook.tenant_files import LoadedTenant
from tests.properties.dice import DAY, NOW
from tests.properties.ruling import standard_tables

HOUR = timedelta(hours=1)
LABEL = "first"
TAKEN, NOTHING = "TAKEN", "NOTHING"


def extending(tenant: Tenant, person: InlinePerson, package: str) -> set[str]:
    """What somebody hears who asks to extend what they came to have: codes, or TAKEN."""
    (found,) = (one for one in tenant.catalogs[0].packages if one.id == package)
    doors = [person.id, STAFF, *([person.manager] if isinstance(person.manager, str) else ())]
    heard = {
        _extending(tenant, person, package, policy, who)
        for policy in found.policies
        if policy.extension_allowed
        for who in doors
    }
    return heard - {NOTHING}


def _extending(
    tenant: Tenant, person: InlinePerson, package: str, policy: AssignmentPolicy, who: str
) -> str:
    loaded = LoadedTenant(_with_person(tenant, person))
    with closing(Player(loaded, standard_tables(), NOW)) as player:
        player.pass_until(NOW)
        if not _holds(player, person.id, package):
            ends = policy.expiration.kind is not ExpirationKind.NEVER
            staff = who == STAFF
            ask = Act(
                at=NOW,
                who=who,
                does=Deed.ASSIGN if staff else Deed.REQUEST,
                place="",
                label=LABEL,
                target="" if who == person.id else person.id,
                package=package,
                policy=policy.id,
                justification="for the project",
                schedule=None if ends else Schedule(end=NOW + 10 * DAY),
            )
            if _refusal(player, ask) or not _approved(player):
                return NOTHING
        player.pass_until(NOW + HOUR)
        if not _holds(player, person.id, package):
            return NOTHING
        extend = Act(at=NOW + HOUR, who=person.id, does=Deed.EXTEND, place="", package=package)
        return _refusal(player, extend) or TAKEN


def _with_person(tenant: Tenant, person: InlinePerson) -> Tenant:
    groups = person.groups if isinstance(person.groups, tuple) else ()
    sponsors = person.sponsors if isinstance(person.sponsors, tuple) else ()
    assert isinstance(person.type, PersonType)
    assert isinstance(person.risk, RiskLevel)
    user = User(
        person.id,
        person.id,
        type=person.type,
        manager=person.manager if isinstance(person.manager, str) else None,
        sponsors=sponsors,
        home=person.home if isinstance(person.home, HomeIdentity) else None,
        mail=person.mail,
        attributes=person.attributes if isinstance(person.attributes, dict) else {},
        risk=person.risk,
    )
    others = [one for one in tenant.users if one.id != person.id]
    return replace(
        tenant,
        users=tuple(sorted((*others, user), key=lambda one: one.id)),
        groups=tuple(
            replace(
                one,
                users=tuple(
                    sorted(
                        {name for name in one.users if name != person.id}
                        | ({person.id} if one.id in groups else set())
                    )
                ),
            )
            for one in tenant.groups
        ),
    )


def _holds(player: Player, who: str, package: str) -> bool:
    with player.store.reading() as tx:
        found = tx.assignments(AssignmentQuery(target=who, package=package))
    return any(one.current for _, one in found)


def _refusal(player: Player, act: Act) -> str:
    """Act, and give the code with which it is refused; empty: it is done."""
    try:
        player.do(act)
    except OstiaryError as error:
        return str(getattr(error, "code", error.reason))
    return ""


def _approved(player: Player) -> bool:
    """Have whoever may decide say yes, stage by stage."""
    while True:
        player.pass_until(NOW)
        with player.store.reading() as tx:
            ((_, request),) = tx.requests(RequestQuery(size=1))
        if request.open_stage() is None:
            return not request.reason
        who = sorted(player.office.look(partial(_deciders, request)))
        if not who:
            return False
        yes = Act(
            at=NOW,
            who=who[0],
            does=Deed.APPROVE,
            place="",
            of=LABEL,
            justification="for the project",
        )
        if _refusal(player, yes):
            return False


def _deciders(request: AccessRequest, unit: Unit) -> frozenset[str]:
    record = request.open_stage()
    return frozenset() if record is None else staging.deciders(unit, request, record)
