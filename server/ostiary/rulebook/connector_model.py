"""What the file of connectors may hold: which systems rights go into, and which right where."""

from __future__ import annotations

import re

from ostiary.domain.catalog import ResourceKind
from ostiary.domain.enumeration import Enumeration
from ostiary.rulebook.records import (
    Record,
    RecordShape,
    RecordsOf,
    maybe,
    optional,
    required,
)
from ostiary.rulebook.shapes import ID, Count, ListOf, Matching, Text, Word, YesNo, words_of
from ostiary.rulebook.time_shapes import Length

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
VARIABLE = Matching(_VARIABLE, "the name of a variable")


def one_of(*words: str) -> Word[str]:
    """Give the shape of a word out of a few."""
    return Word({word: word for word in words})


FILE = Text("description")
DN = Text("description")
FILTER = Text("description")
ATTRIBUTE = Matching(
    re.compile(r"[A-Za-z][A-Za-z0-9;-]{0,127}", re.ASCII), "the name of an attribute"
)
URL = Text("description")


class ConnectorKind(Enumeration):
    """The kinds of system that a file can name."""

    SCIM = "scim"
    WEBHOOK = "webhook"
    LDAP = "ldap"


class ConnectorText(Record):
    """A system that rights are provisioned into."""

    id = required(ID, "Names the connector in routes; `directory` and `recorded` are built in.")
    kind = required(Word(words_of(ConnectorKind)), "scim, webhook or ldap.")
    url = required(URL, "Where the system is.")
    ca_file = maybe(FILE, "Certificates to trust, in place of the machine's.")
    plain_http = optional(
        YesNo(), default=False, about="Allows http:// to another machine; never do so on the net."
    )
    time_out = maybe(
        Length("minutes", "seconds"),
        "How long one delivery may take, at most PT60S; default PT30S.",
    )
    guests = maybe(
        one_of("never", "with_grant", "at_once"),
        "Whether it keeps accounts of guests, and since when: never, with_grant or at_once.",
    )
    token_file = maybe(FILE, "With scim: the file that holds the bearer token.")
    token_variable = maybe(VARIABLE, "With scim: the variable that holds the bearer token.")
    secret_file = maybe(FILE, "With webhook: the file that holds the signing secrets, one a line.")
    secret_variable = maybe(VARIABLE, "With webhook: the variable that holds the signing secret.")
    guest_mark = maybe(
        Text("name"), "With scim, ldap: marks accounts of guests that may be cleaned up."
    )
    groups_by = maybe(
        one_of("id", "externalId", "displayName"),
        "With scim: what of a group the resource's target names; default id.",
    )
    user_name = maybe(
        one_of("mail", "id"),
        "With scim: what becomes the userName of an account; default mail.",
    )
    roles_in = maybe(
        one_of("roles", "entitlements"),
        "With scim: the attribute of a user that holds roles; default roles.",
    )
    roles_as = maybe(
        one_of("target_and_role", "role"),
        "With scim: how a role is written, `crm/Admin` or, for one application only, `Admin`.",
    )
    read_members = maybe(
        YesNo(), "With scim: whether a group's members are read before each grant; default yes."
    )
    most_members = maybe(
        Count(), "With scim, ldap: how many members a group takes; default any number."
    )
    start_tls = maybe(YesNo(), "With ldap://: TLS before anything is said; default yes.")
    bind_dn = maybe(DN, "With ldap: whom to sign in as.")
    password_file = maybe(FILE, "With ldap: the file that holds the password.")
    password_variable = maybe(VARIABLE, "With ldap: the variable that holds the password.")
    people_base = maybe(DN, "With ldap: the entry below which people are.")
    people_filter = maybe(FILTER, "With ldap: who is `{id}` or `{mail}`; default (uid={id}).")
    name_attribute = maybe(ATTRIBUTE, "With ldap: what names people in groups by name; uid.")
    groups_base = maybe(DN, "With ldap: the entry below which groups are.")
    groups_filter = maybe(FILTER, "With ldap: which group is `{target}`; default (cn={target}).")
    members = maybe(
        one_of("dn", "name"), "With ldap: whether groups name entries (dn) or a name; default dn."
    )
    member_attribute = maybe(ATTRIBUTE, "With ldap: of groups; default member or memberUid.")
    owner_attribute = maybe(ATTRIBUTE, "With ldap: of groups that name entries; default owner.")
    placeholder = maybe(DN, "With ldap: the member of a group that has nobody; cn=nobody.")
    guests_base = maybe(DN, "With ldap: the entry below which guests are made; else none are.")
    mark_attribute = maybe(ATTRIBUTE, "With ldap: holds the marks of guests; employeeType.")
    blocked_mark = maybe(Text("name"), "With ldap: marks a guest who is blocked, too.")
    block_attribute = maybe(ATTRIBUTE, "With ldap: is set while a guest is blocked; default none.")
    block_value = maybe(Text("description"), "With ldap: what it is set to.")


class RouteText(Record):
    """Which rights go to a connector; the first route that fits decides."""

    connector = required(ID, "The id of a connector, or `directory` or `recorded`.")
    kinds = optional(
        ListOf(Word(words_of(ResourceKind)), at_least=1), (), "Kinds of resource; any if left out."
    )
    catalogs = optional(ListOf(ID, at_least=1), (), "Ids of catalogs; any if left out.")
    resources = optional(ListOf(ID, at_least=1), (), "Ids of resources; any if left out.")
    targets = optional(
        ListOf(Text("description"), at_least=1),
        (),
        "Groups, applications or URLs of sites, where * stands for any signs; any if left out.",
    )


class ExtensionsText(Record):
    """How custom extensions are called."""

    secret_file = maybe(FILE, "The file that holds the signing secrets, one a line.")
    secret_variable = maybe(VARIABLE, "The variable that holds the signing secret.")
    ca_file = maybe(FILE, "Certificates to trust, in place of the machine's.")
    plain_http = optional(
        YesNo(), default=False, about="Allows http:// to another machine; never do so on the net."
    )
    time_out = maybe(
        Length("minutes", "seconds"), "How long one call may take, at most PT60S; default PT30S."
    )
    hosts = maybe(
        ListOf(Text("name")), "Hosts that may be called, `*.example.org` for all below; else any."
    )


class ConnectorsText(Record):
    """The file of connectors."""

    connectors = optional(RecordsOf(ConnectorText), (), "The systems.")
    routes = optional(RecordsOf(RouteText), (), "Which right goes where; the first that fits.")
    extensions = maybe(RecordShape(ExtensionsText), "How custom extensions are called.")
