"""People whom the caller describes: what is not said stays UNKNOWN."""

from __future__ import annotations

from collections.abc import Mapping

from ostiary.domain.people import UNKNOWN, HomeIdentity, SignIn, Unknown
from ostiary.domain.request import InlinePerson
from ostiary.rpc.convert.words import ACCOUNT_STATES, PERSON_TYPES, RISK_LEVELS, SIGN_INS
from ostiary.rpc.names import Names
from ostiary.rpc.violations import LONGEST_ID, Violations
from ostiary.v1 import person_pb2

# What each way of signing in cannot be recognised without (S-112).
_NEEDED: Mapping[SignIn | None, tuple[str, ...]] = {
    None: (),
    SignIn.TENANT: ("tenant_id",),
    SignIn.ONE_TIME_PASSCODE: ("domain",),
    SignIn.FEDERATION: ("domain", "issuer"),
    SignIn.OTHER_CLOUD: ("identifier",),
    SignIn.SOCIAL: ("identifier",),
}
_PARTS = ("tenant_id", "domain", "issuer", "identifier")
_LONGEST_ATTRIBUTE = 10_000


def person(message: person_pb2.InlinePerson, names: Names, violations: Violations) -> InlinePerson:
    """Give the person whom a message describes."""
    return InlinePerson(
        id=names.user(violations.required_name(message.id, "person.id")),
        type=violations.word(message.type, PERSON_TYPES, "person.type", UNKNOWN),
        state=violations.word(message.state, ACCOUNT_STATES, "person.state", UNKNOWN),
        groups=_groups(message, violations),
        manager=_manager(message, names, violations),
        sponsors=_sponsors(message, names, violations),
        home=_home(message, violations),
        attributes=_attributes(message, violations),
        mail=violations.text(message.mail, "person.mail", LONGEST_ID) or None,
        governed=message.governed,
        risk=violations.word(message.risk, RISK_LEVELS, "person.risk", UNKNOWN),
    )


def _groups(message: person_pb2.InlinePerson, violations: Violations) -> tuple[str, ...] | Unknown:
    if not message.HasField("groups"):
        return UNKNOWN
    return violations.names(message.groups.groups, "person.groups.groups")


def _manager(
    message: person_pb2.InlinePerson, names: Names, violations: Violations
) -> str | None | Unknown:
    if not message.HasField("manager"):
        return UNKNOWN
    match message.manager.WhichOneof("manager"):
        case "user":
            name = violations.required_name(message.manager.user, "person.manager.user")
            return names.user(name)
        case "none":
            return None
        case _:
            violations.add("person.manager", "names a user, or says none, or is left out")
            return UNKNOWN


def _sponsors(
    message: person_pb2.InlinePerson, names: Names, violations: Violations
) -> tuple[str, ...] | Unknown:
    if not message.HasField("sponsors"):
        return UNKNOWN
    users = violations.names(message.sponsors.users, "person.sponsors.users")
    return tuple(map(names.user, users))


def _home(
    message: person_pb2.InlinePerson, violations: Violations
) -> HomeIdentity | None | Unknown:
    if not message.HasField("home"):
        return UNKNOWN
    if message.home.sign_in == person_pb2.SIGN_IN_UNSPECIFIED:
        violations.add("person.home.sign_in", "is required; leave `home` out if it is not known")
        return UNKNOWN
    return home_of(message.home, "person.home", violations)


def home_of(
    home: person_pb2.HomeIdentity, field: str, violations: Violations
) -> HomeIdentity | None:
    """Give how somebody signed in; None: known to have no identity outside the directory."""
    if home.sign_in == person_pb2.SIGN_IN_UNSPECIFIED:
        violations.add(f"{field}.sign_in", "is required; leave `home` out if it is not known")
        return None
    sign_in = violations.word(home.sign_in, SIGN_INS, f"{field}.sign_in", None)
    parts = {
        part: violations.text(getattr(home, part), f"{field}.{part}", LONGEST_ID) for part in _PARTS
    }
    for part in _NEEDED[sign_in]:
        if not parts[part]:
            violations.add(f"{field}.{part}", "is required with this `sign_in`")
    if sign_in is None:
        _refuse_leftovers(parts, field, violations)
        return None
    return HomeIdentity(
        sign_in=sign_in,
        tenant_id=parts["tenant_id"] or None,
        domain=parts["domain"].lower() or None,
        issuer=parts["issuer"] or None,
        identifier=parts["identifier"] or None,
    )


def _refuse_leftovers(parts: Mapping[str, str], field: str, violations: Violations) -> None:
    for part, value in parts.items():
        if value:
            violations.add(f"{field}.{part}", "must be empty with this `sign_in`")


def _attributes(
    message: person_pb2.InlinePerson, violations: Violations
) -> Mapping[str, str] | Unknown:
    if not message.HasField("attributes"):
        return UNKNOWN
    values = dict(sorted(message.attributes.values.items()))
    if violations.fits(len(values), "person.attributes.values"):
        for name, value in values.items():
            field = f"person.attributes.values[{name[:LONGEST_ID]!r}]"
            violations.required_name(name, field)
            violations.text(value, field, _LONGEST_ATTRIBUTE)
    return values
