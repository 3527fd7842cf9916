"""What definitions may say about people, groups, connected organizations and the tenant itself."""

from __future__ import annotations

import re
from typing import NamedTuple

from ostiary.domain.people import (
    AccountState,
    GroupKind,
    OrganizationState,
    PersonType,
    RiskLevel,
    SignIn,
)
from ostiary.domain.tenant import GuestCleanup
from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.faults import quoted
from ostiary.rulebook.reader import BROKEN, Broken, Reader, Where
from ostiary.rulebook.records import (
    JsonSchema,
    Record,
    RecordShape,
    RecordsOf,
    Shape,
    maybe,
    optional,
    required,
)
from ostiary.rulebook.shapes import (
    ID,
    Domain,
    ListOf,
    Matching,
    Text,
    TextsByName,
    Word,
    YesNo,
    scalar_text,
    words_of,
)
from ostiary.rulebook.source import Node
from ostiary.rulebook.time_shapes import Length

DAYS = Length("weeks", "days")
_MAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,253}")


class Named(NamedTuple):
    """A user, group or service that a text such as `user:dana` names."""

    kind: str
    id: str


class NamedShape(Shape[Named]):
    """A text of the form `kind:id`."""

    def __init__(self, *kinds: str) -> None:
        self.kinds = kinds

    def read(self, node: Node, where: Where, reader: Reader) -> Named | Broken:
        """Give the kind and the id."""
        wanted = " or ".join(f"`{kind}:ID`" for kind in self.kinds)
        text = scalar_text(node, where, reader, wanted)
        if isinstance(text, Broken):
            return text
        kind, colon, name = text.partition(":")
        if not colon:
            return reader.invalid(node, where, f"must be {wanted}, not {quoted(text)}")
        if kind not in self.kinds:
            near = reader.near(kind, self.kinds)
            message = f"{quoted(kind)} is not one of {', '.join(self.kinds)}{near}"
            reader.fault(node, where, FaultCode.UNKNOWN_VALUE, message)
            return BROKEN
        if not ID.pattern.fullmatch(name):
            return reader.invalid(node, where, f"{quoted(name)} is not {ID.words}")
        return Named(kind, name)

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:  # noqa: ARG002  # needs no others
        """Give the pattern."""
        return {"type": "string", "pattern": f"^({'|'.join(self.kinds)}):{ID.pattern.pattern}$"}


SUBJECTS = ListOf(NamedShape("user", "group"))


class HomeText(Record):
    """How a guest signs in at home, which alone decides their organization."""

    sign_in = required(Word(words_of(SignIn)), "How the person proves who they are.")
    tenant_id = maybe(Text("name"), "The tenant that signs the person in.")
    domain = maybe(Domain(), "The mail domain of the sign-in.")
    issuer = maybe(Text("name"), "The issuer of a federation.")
    identifier = maybe(Text("name"), "Names the other cloud or the social provider.")


class UserText(Record):
    """A user object of the directory."""

    id = required(ID, "Unique among the users.")
    name = maybe(Text("name"), "The name for people; the id if left out.")
    type = optional(
        Word({"member": PersonType.MEMBER, "guest": PersonType.GUEST}),
        PersonType.MEMBER,
        "member (the default) or guest.",
    )
    state = optional(
        Word(words_of(AccountState)), AccountState.ENABLED, "Whether the account can be used."
    )
    manager = maybe(ID, "The id of the user's manager.")
    sponsors = optional(ListOf(ID), (), "Ids of the users who vouch for this one.")
    home = maybe(RecordShape(HomeText), "How a guest signs in at home.")
    mail = maybe(Matching(_MAIL, "a mail address"), "The mail address.")
    governed = optional(
        YesNo(), default=False, about="Whether a guest is cleaned up after the last assignment."
    )
    risk = optional(
        Word(words_of(RiskLevel)),
        RiskLevel.NONE,
        "How likely the account is in wrong hands; none (the default), low, medium or high.",
    )
    attributes = optional(TextsByName("answer"), {}, "Attributes such as department.")


class GroupText(Record):
    """A directory group with its direct members."""

    id = required(ID, "Unique among the groups.")
    name = maybe(Text("name"), "The name for people; the id if left out.")
    kind = optional(Word(words_of(GroupKind)), GroupKind.SECURITY, "The kind; default security.")
    users = optional(ListOf(ID), (), "Ids of the users who are direct members.")
    groups = optional(ListOf(ID), (), "Ids of the groups whose members are members here too.")
    dynamic = optional(YesNo(), default=False, about="Whether a rule fills it.")
    synchronised = optional(YesNo(), default=False, about="Whether it is written on premises.")


class SourceText(Record):
    """One way in which people of an organization are recognised; exactly one kind of source."""

    tenant = maybe(Text("name"), "Everybody who signs in to the tenant with this id.")
    domain = maybe(Domain(), "Passcode sign-in with exactly this mail domain; or with federation.")
    federation = maybe(Text("name"), "Everybody whom this issuer signs in, with the domain.")
    other_cloud = maybe(Text("name"), "An identifier in another cloud.")
    social = maybe(Text("name"), "An identifier with a social provider.")


class OrganizationText(Record):
    """A connected organization: partners who may be given access."""

    id = required(ID, "Unique among the connected organizations.")
    name = required(Text("name"), "The name for people, unique.")
    description = optional(Text("description", blank=True), "", "What the partnership is for.")
    state = optional(
        Word(words_of(OrganizationState)),
        OrganizationState.CONFIGURED,
        "proposed until an administrator has confirmed it; default configured.",
    )
    sources = required(RecordsOf(SourceText, at_least=1), "How its people are recognised.")
    internal_sponsors = optional(SUBJECTS, (), "Our people who vouch for it.")
    external_sponsors = optional(SUBJECTS, (), "Their people who vouch for it.")


class KnownTenantText(Record):
    """A tenant whose verified domains are known; such a domain is stored as the tenant."""

    tenant_id = required(Text("name"), "The id of the tenant.")
    domains = required(ListOf(Domain(), at_least=1), "Its verified domains.")


class RiskStageText(Record):
    """A stage of security administrators before all others, for people whose account is at risk."""

    threshold = required(
        Word({one.value: one for one in RiskLevel if one is not RiskLevel.NONE}),
        "The risk from which on the stage is there: low, medium or high.",
    )
    approvers = required(ListOf(NamedShape("user", "group"), at_least=1), "Who decides it.")


class SettingsText(Record):
    """What an administrator sets for the whole tenant."""

    guest_cleanup = optional(
        Word(words_of(GuestCleanup)),
        GuestCleanup.BLOCK_AND_DELETE,
        "What happens to a governed guest after the last assignment.",
    )
    allowed_domains = maybe(ListOf(Domain()), "If written, guests come from these domains only.")
    blocked_domains = optional(ListOf(Domain()), (), "Guests never come from these domains.")
    keep_audit_for = maybe(
        DAYS, "If written, events of the audit log are deleted so long after they happened."
    )
    keep_requests_for = maybe(
        DAYS, "If written, records of requests are deleted so long after their completion."
    )
    risk_stage = maybe(RecordShape(RiskStageText), "A stage before all others for people at risk.")
    known_tenants = optional(RecordsOf(KnownTenantText), (), "Tenants and their domains.")
