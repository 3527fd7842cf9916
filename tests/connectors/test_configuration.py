"""The file of connectors: what it may say, what is refused, and where each right goes."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from ostiary.adapters.clock import SystemClock
from ostiary.adapters.connectors.configuration import LoadedConnectors, load_connectors
from ostiary.adapters.connectors.http_calls import Patience
from ostiary.adapters.connectors.recorded import ONLY_HERE, RecordedConnector
from ostiary.adapters.connectors.registry import (
    ConfiguredConnectors,
    connect,
    extension_caller,
)
from ostiary.adapters.connectors.secret import Secret
from ostiary.adapters.connectors.settings import (
    Configuration,
    ExtensionSettings,
    GroupKey,
    GuestAccounts,
    LdapMembers,
    LdapSettings,
    RoleAttribute,
    RoleValue,
    Route,
    ScimSettings,
    UserName,
    WebhookSettings,
    matches,
)
from ostiary.domain.access_request import Entry, ExternalPerson
from ostiary.domain.catalog import ResourceKind
from ostiary.domain.errors import DefinitionError
from ostiary.lifecycle.ports import Delivery
from ostiary.rulebook.places import rules_dir
from tests.connectors.systems import ADA, SIGNING

Content = dict[str, Any]

SCIM: Content = {
    "id": "scim",
    "kind": "scim",
    "url": "https://scim.example/v2",
    "token_file": "token",
}
HOOK: Content = {
    "id": "hook",
    "kind": "webhook",
    "url": "https://hooks.example/x?sig=1",
    "secret_file": "signing",
}
LDAP: Content = {
    "id": "ad",
    "kind": "ldap",
    "url": "ldaps://ldap.example",
    "bind_dn": "cn=ostiary,dc=example",
    "password_file": "token",
    "people_base": "ou=people,dc=example",
    "groups_base": "ou=groups,dc=example",
}
ROUTES = [{"connector": "scim", "kinds": ["application"]}, {"connector": "hook"}]
BASE: Content = {"connectors": [SCIM, HOOK], "routes": ROUTES}


def file_with(folder: Path, content: object) -> Path:
    """A file of connectors, with the secrets that it names beside it."""
    (folder / "token").write_text("tok\n", encoding="utf-8")
    (folder / "signing").write_text(SIGNING + "\n", encoding="utf-8")
    (folder / "empty").write_text("\n", encoding="utf-8")
    (folder / "weak").write_text("whsec_c2hvcnQ=\n", encoding="utf-8")
    file = folder / "connectors.yaml"
    text = content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False)
    file.write_text(text, encoding="utf-8")
    return file


def load(folder: Path, content: object) -> LoadedConnectors:
    """What a file says."""
    return load_connectors(file_with(folder, content))


def said(folder: Path, content: object) -> list[str]:
    """Every fault and warning of a file, without places; the folder as `DIR`."""
    try:
        faults = load(folder, content).warnings
    except DefinitionError as error:
        faults = error.faults
    marks = {"warning": "warning ", "error": ""}
    found = [f"{marks[one.severity]}{one.code}: {one.message}" for one in faults]
    return [one.replace(folder.as_posix(), "DIR") for one in found]


def scim(**fields: Any) -> Content:
    """The file with other fields of its SCIM server; None leaves one out."""
    return {**copy.deepcopy(BASE), "connectors": [_with(SCIM, fields), HOOK]}


def hook(**fields: Any) -> Content:
    """The file with other fields of its webhook."""
    return {**copy.deepcopy(BASE), "connectors": [SCIM, _with(HOOK, fields)]}


def ldap(**fields: Any) -> Content:
    """A file with other fields of its LDAP directory."""
    routes = [{"connector": "ad", "kinds": ["group"]}]
    return {"connectors": [_with(LDAP, fields)], "routes": routes}


def routes(*routes: Content) -> Content:
    """The file with other routes."""
    return {**copy.deepcopy(BASE), "routes": list(routes)}


def extensions(**fields: Any) -> Content:
    """The file with a section for extensions."""
    return {**BASE, "extensions": _with({"secret_file": "signing"}, fields)}


def _with(content: Mapping[str, Any], fields: Mapping[str, Any]) -> Content:
    merged = {**content, **fields}
    return {name: value for name, value in merged.items() if value is not None}


def test_everything_that_can_be_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_SECRET", SIGNING)
    text = """
    connectors:
      - id: crm
        kind: scim
        url: https://crm.example/scim/v2
        token_file: token
        time_out: PT10S
        guests: at_once
        guest_mark: partner
        groups_by: displayName
        user_name: id
        roles_in: entitlements
        roles_as: role
        most_members: 500
      - id: desk
        kind: webhook
        url: http://desk.example/hook
        plain_http: yes
        secret_variable: HOOK_SECRET
        guests: with_grant
    routes:
      - connector: crm
        kinds: [application]
        targets: [crm]
      - connector: crm
        kinds: [group]
        targets: [crm-*]
      - connector: recorded
        catalogs: [library, hr]
        resources: [badge]
      - connector: directory
        kinds: [group]
      - connector: desk
    extensions:
      secret_file: signing
      time_out: PT1M
      hosts: [flows.example, "*.azure.example"]
    """
    assert load(tmp_path, text) == LoadedConnectors(
        Configuration(
            connectors={
                "crm": ScimSettings(
                    url="https://crm.example/scim/v2",
                    token=Secret(tmp_path / "token"),
                    patience=Patience(5.0, 10.0, 10.0),
                    guests=GuestAccounts.AT_ONCE,
                    guest_mark="partner",
                    groups_by=GroupKey.DISPLAY_NAME,
                    user_name=UserName.ID,
                    roles_in=RoleAttribute.ENTITLEMENTS,
                    role_value=RoleValue.ROLE,
                    most_members=500,
                ),
                "desk": WebhookSettings(
                    url="http://desk.example/hook",
                    secret=Secret(variable="HOOK_SECRET"),
                    guests=GuestAccounts.WITH_GRANT,
                ),
            },
            routes=(
                Route("crm", frozenset({ResourceKind.APPLICATION}), targets=("crm",)),
                Route("crm", frozenset({ResourceKind.GROUP}), targets=("crm-*",)),
                Route(
                    "recorded",
                    catalogs=frozenset({"library", "hr"}),
                    resources=frozenset({"badge"}),
                ),
                Route("directory", frozenset({ResourceKind.GROUP})),
                Route("desk"),
            ),
            extensions=ExtensionSettings(
                secret=Secret(tmp_path / "signing"),
                patience=Patience(5.0, 15.0, 60.0),
                hosts=("flows.example", "*.azure.example"),
            ),
        )
    )


def test_everything_that_can_be_said_of_ldap(tmp_path: Path) -> None:
    said = {
        "people_filter": "(mail={mail})",
        "name_attribute": "cn",
        "groups_filter": "(gid={target})",
        "member_attribute": "memberUid",
        "owner_attribute": "managedBy",
        "placeholder": "cn=none,dc=example",
        "most_members": 9,
        "guests_base": "ou=guests,dc=example",
        "mark_attribute": "description",
        "guest_mark": "ours",
        "blocked_mark": "blocked",
        "block_attribute": "pwdAccountLockedTime",
        "block_value": "000001010000Z",
    }
    content = ldap(**said, members="name", guests="at_once", time_out="PT4S")
    made = load(tmp_path, content).configuration.connectors
    assert made["ad"] == LdapSettings(
        url="ldaps://ldap.example",
        bind_dn="cn=ostiary,dc=example",
        password=Secret(tmp_path / "token"),
        people_base="ou=people,dc=example",
        groups_base="ou=groups,dc=example",
        members=LdapMembers.NAME,
        guests=GuestAccounts.AT_ONCE,
        patience=Patience(4.0, 4.0, 4.0),
        **said,  # type: ignore[arg-type]  # texts and a number
    )


def test_ldap_keeps_guests_only_where_there_is_a_place_for_them(tmp_path: Path) -> None:
    for base, want in ((None, GuestAccounts.NEVER), ("ou=g,dc=x", GuestAccounts.WITH_GRANT)):
        made = load(tmp_path, ldap(guests_base=base)).configuration.connectors["ad"]
        assert made.guests is want


def test_what_is_left_out_is_as_the_settings_have_it(tmp_path: Path) -> None:
    made = load(tmp_path, BASE).configuration.connectors
    token = Secret(tmp_path / "token")
    assert made["scim"] == ScimSettings(url="https://scim.example/v2", token=token)
    secret = Secret(tmp_path / "signing")
    assert made["hook"] == WebhookSettings(url="https://hooks.example/x?sig=1", secret=secret)


@pytest.mark.parametrize(
    ("content", "want"),
    [
        pytest.param(BASE, [], id="a sound file"),
        pytest.param({}, [], id="nothing is enough"),
        pytest.param([], ["INVALID_MODEL: file: must be a mapping, not a list"], id="a list"),
        pytest.param("", ["EMPTY_FILE: the file is empty"], id="an empty file"),
        pytest.param(
            {"conectors": []},
            ["UNKNOWN_FIELD: file: no such field here: `conectors`; did you mean `connectors`?"],
            id="a field that is nearly right",
        ),
        pytest.param(
            scim(kind="scim2"),
            [
                "UNKNOWN_VALUE: connectors[scim].kind: `scim2` is not one of scim, webhook, ldap"
                "; did you mean `scim`?"
            ],
            id="S-25 a kind that does not exist",
        ),
        pytest.param(
            scim(id="directory"),
            [
                "INVALID_MODEL: connectors[directory].id: `directory` is built in; give this"
                " connector another id",
                "warning UNUSED: connectors[directory].id: nothing is routed to `directory`",
                "UNKNOWN_REFERENCE: routes[0].connector: no connector `scim`",
            ],
            id="the id of a connector that is built in",
        ),
        pytest.param(
            hook(id="scim"),
            [
                "DUPLICATE: connectors[scim].id: `scim` is defined already, in line 2",
                "UNKNOWN_REFERENCE: routes[1].connector: no connector `hook`",
            ],
            id="an id twice",
        ),
        pytest.param(
            scim(url="http://scim.example/v2"),
            [
                "INVALID_MODEL: connectors[scim].url: must be https; plain http goes to this"
                " machine only"
            ],
            id="plain http to another machine",
        ),
        pytest.param(scim(url="http://scim.example/v2", plain_http=True), [], id="if it must be"),
        pytest.param(scim(url="http://127.0.0.1:80/v2"), [], id="plain http to this machine"),
        pytest.param(
            scim(url="https://a:b@scim.example/v2"),
            ["INVALID_MODEL: connectors[scim].url: must not hold a name or password"],
            id="a password in a URL",
        ),
        pytest.param(
            scim(url="https://scim.example/v2?x=1"),
            [
                "INVALID_MODEL: connectors[scim].url: must be the base of a SCIM server, without"
                " a query"
            ],
            id="a query behind a base",
        ),
        pytest.param(
            scim(token_file=None),
            [
                "MISSING_FIELD: connectors[scim].token_file: is missing, and so is token_variable;"
                " one of them says where the token is"
            ],
            id="no token",
        ),
        pytest.param(
            scim(token_variable="SCIM_TOKEN"),
            ["INVALID_MODEL: connectors[scim].token_variable: there is a token_file already"],
            id="two tokens",
        ),
        pytest.param(
            scim(token_file="tokens"),
            [
                "INVALID_MODEL: connectors[scim].token_file: file DIR/tokens: no such file or"
                " directory"
            ],
            id="a token that is not there",
        ),
        pytest.param(
            scim(token_file="empty"),
            ["INVALID_MODEL: connectors[scim].token_file: file DIR/empty is empty"],
            id="an empty token",
        ),
        pytest.param(
            scim(token_file=None, token_variable="OSTIARY_NO_SUCH_VARIABLE"),
            [
                "INVALID_MODEL: connectors[scim].token_variable: environment variable"
                " OSTIARY_NO_SUCH_VARIABLE is not set"
            ],
            id="a variable that is not set",
        ),
        pytest.param(
            scim(secret_file="signing"),
            [
                "INVALID_MODEL: connectors[scim].secret_file: belongs to connectors of kind"
                " webhook, not scim"
            ],
            id="a field of another kind",
        ),
        pytest.param(
            hook(roles_as="role", secret_file="weak"),
            [
                "INVALID_MODEL: connectors[hook].secret_file: file DIR/weak holds a secret of"
                " fewer than 24 bytes",
                "INVALID_MODEL: connectors[hook].roles_as: belongs to connectors of kind scim,"
                " not webhook",
                "INVALID_MODEL: connectors[hook].roles_as: roles of several resources would be"
                " one; let its routes name one target",
            ],
            id="several faults at once",
        ),
        pytest.param(
            hook(ca_file="empty"),
            ["INVALID_MODEL: connectors[hook].ca_file: no certificates can be read from `empty`"],
            id="a file without certificates",
        ),
        pytest.param(
            hook(ca_file="nowhere"),
            ["INVALID_MODEL: connectors[hook].ca_file: no certificates can be read from `nowhere`"],
            id="no file of certificates",
        ),
        pytest.param(scim(time_out="PT60S"), [], id="the longest time-out"),
        pytest.param(
            scim(time_out="PT61S"),
            ["INVALID_MODEL: connectors[scim].time_out: must be at most PT60S"],
            id="a time-out that is too long",
        ),
        pytest.param(
            scim(time_out="PT0S"),
            ["INVALID_MODEL: connectors[scim].time_out: must be longer than nothing"],
            id="no time at all",
        ),
        pytest.param(
            scim(most_members=0),
            ["INVALID_MODEL: connectors[scim].most_members: must be at least 1"],
            id="a group for nobody",
        ),
        pytest.param(
            scim(most_members=9, read_members=False),
            [
                "INVALID_MODEL: connectors[scim].most_members: cannot be kept unless members are"
                " read"
            ],
            id="a limit that nobody counts",
        ),
        pytest.param(
            scim(guests="never", guest_mark="x"),
            ["INVALID_MODEL: connectors[scim].guest_mark: marks nobody with `guests: never`"],
            id="a mark for nobody",
        ),
        pytest.param(
            routes({"connector": "scmi"}, {"connector": "hook", "kinds": ["site"]}),
            [
                "warning UNUSED: connectors[scim].id: nothing is routed to `scim`",
                "UNKNOWN_REFERENCE: routes[0].connector: no connector `scmi`; did you mean `scim`?",
                "INVALID_MODEL: routes[1]: is never reached: the route in line 11 takes all that"
                " fits here",
            ],
            id="a connector that does not exist, and a route behind one for all",
        ),
        pytest.param(
            routes(
                {"connector": "scim", "kinds": ["group", "site"], "catalogs": ["a", "b"]},
                {"connector": "hook", "kinds": ["site"], "catalogs": ["b"], "targets": ["x"]},
            ),
            [
                "INVALID_MODEL: routes[1]: is never reached: the route in line 11 takes all that"
                " fits here"
            ],
            id="a route inside another",
        ),
        pytest.param(
            routes(
                {"connector": "scim", "kinds": ["group"], "catalogs": ["a"]},
                {"connector": "hook", "kinds": ["group", "site"], "catalogs": ["a"]},
                {"connector": "scim", "catalogs": ["a", "b"]},
            ),
            [],
            id="routes that take something from each other",
        ),
        pytest.param(
            routes({"connector": "hook", "kinds": []}),
            [
                "warning UNUSED: connectors[scim].id: nothing is routed to `scim`",
                "INVALID_MODEL: routes[0].kinds: must not be empty",
            ],
            id="S-25 an empty list is not everything",
        ),
        pytest.param(
            routes({"connector": "directory"}),
            [
                "warning UNUSED: connectors[scim].id: nothing is routed to `scim`",
                "warning UNUSED: connectors[hook].id: nothing is routed to `hook`",
                "INVALID_MODEL: routes[0].kinds: `directory` has groups only; write"
                " `kinds: [group]`",
            ],
            id="the directory for everything",
        ),
        pytest.param(
            scim(roles_as="role"),
            [
                "INVALID_MODEL: connectors[scim].roles_as: roles of several resources would be"
                " one; let its routes name one target"
            ],
            id="plain roles of all applications",
        ),
        pytest.param(
            {
                "connectors": [{**SCIM, "roles_as": "role"}],
                "routes": [{"connector": "scim", "targets": ["crm", "erp"]}],
            },
            [
                "INVALID_MODEL: connectors[scim].roles_as: roles of several resources would be"
                " one; let its routes name one target"
            ],
            id="plain roles of two applications",
        ),
        pytest.param(
            {
                "connectors": [{**SCIM, "roles_as": "role"}],
                "routes": [
                    {"connector": "scim", "targets": ["crm"]},
                    {"connector": "scim", "kinds": ["group"]},
                ],
            },
            [],
            id="plain roles of one application, and groups",
        ),
        pytest.param(ldap(), [], id="an LDAP directory"),
        pytest.param(ldap(url="ldap://ldap.example:1389/"), [], id="which starts TLS"),
        pytest.param(
            ldap(url="ldap://127.0.0.1:389", start_tls=False), [], id="or is this machine"
        ),
        pytest.param(
            ldap(url="ldap://ldap.example", start_tls=False),
            [
                "INVALID_MODEL: connectors[ad].url: must be ldaps:// or start TLS; a password goes"
                " to this machine only without"
            ],
            id="a password in clear",
        ),
        pytest.param(
            ldap(url="https://ldap.example"),
            ["INVALID_MODEL: connectors[ad].url: must be ldap:// or ldaps:// and a host"],
            id="an LDAP server that is none",
        ),
        *(
            pytest.param(
                ldap(url=url),
                [
                    "INVALID_MODEL: connectors[ad].url: must be ldap:// or ldaps://, a host and"
                    " maybe a port"
                ],
                id=url,
            )
            for url in (
                "ldaps://",
                "ldaps://a b",
                "ldaps://ldap.example/dc=example",
                "ldaps://cn=x:pw@ldap.example",
                "ldaps://ldap.example:99999",
                "ldaps://ldap.example?x",
            )
        ),
        pytest.param(
            ldap(bind_dn=None, people_base=None, password_file=None),
            [
                "MISSING_FIELD: connectors[ad].bind_dn: is missing",
                "MISSING_FIELD: connectors[ad].password_file: is missing, and so is"
                " password_variable; one of them says where the password is",
                "MISSING_FIELD: connectors[ad].people_base: is missing",
            ],
            id="an LDAP directory of which nothing is known",
        ),
        pytest.param(
            ldap(bind_dn="ostiary", guests_base="ou=guests,,dc=x", placeholder="nobody"),
            [
                "INVALID_MODEL: connectors[ad].bind_dn: must be the name of an entry, not"
                " `ostiary`",
                "INVALID_MODEL: connectors[ad].guests_base: must be the name of an entry, not"
                " `ou=guests,,dc=x`",
                "INVALID_MODEL: connectors[ad].placeholder: must be the name of an entry, not"
                " `nobody`",
            ],
            id="names that are none",
        ),
        pytest.param(
            ldap(people_filter="(uid={id}", groups_filter="(objectClass=groupOfNames)"),
            [
                "INVALID_MODEL: connectors[ad].people_filter: must be a filter in parentheses, not"
                " `(uid={id}`",
                "INVALID_MODEL: connectors[ad].groups_filter: must hold {target}, or it finds"
                " anybody",
            ],
            id="filters that find nobody, or anybody",
        ),
        pytest.param(
            ldap(people_filter="(|(mail={mail})(uid={id}))", groups_filter="(&(cn={target})(x=*))"),
            [],
            id="filters of several parts",
        ),
        pytest.param(
            ldap(guests="at_once", block_value="x", name_attribute="u id"),
            [
                "INVALID_MODEL: connectors[ad].guests: needs a `guests_base`",
                "INVALID_MODEL: connectors[ad].block_value: needs a `block_attribute`",
                "INVALID_MODEL: connectors[ad].name_attribute: must be the name of an attribute,"
                " not `u id`",
            ],
            id="guests who are made nowhere",
        ),
        pytest.param(
            ldap(plain_http=True, read_members=True, most_members=7, guest_mark="g"),
            [
                "INVALID_MODEL: connectors[ad].plain_http: belongs to connectors of kind scim or"
                " webhook, not ldap",
                "INVALID_MODEL: connectors[ad].read_members: belongs to connectors of kind scim,"
                " not ldap",
            ],
            id="fields that LDAP does not have",
        ),
        pytest.param(
            {**ldap(), "routes": [{"connector": "ad"}]},
            ["INVALID_MODEL: routes[0].kinds: `ad` has groups only; write `kinds: [group]`"],
            id="LDAP for everything",
        ),
        pytest.param(extensions(), [], id="extensions"),
        pytest.param(
            extensions(secret_file=None),
            [
                "MISSING_FIELD: extensions.secret_file: is missing, and so is secret_variable;"
                " one of them says where the secret is"
            ],
            id="extensions without a secret",
        ),
        pytest.param(
            extensions(hosts=["https://flows.example", "a.*.example", "flows.example:8080", "*."]),
            [
                f"INVALID_MODEL: extensions.hosts[{place}]: must be a host or `*.` and a domain,"
                f" not `{host}`"
                for place, host in enumerate(
                    ["https://flows.example", "a.*.example", "flows.example:8080", "*."]
                )
            ],
            id="hosts that are none",
        ),
    ],
)
def test_what_a_file_is_refused_for(content: object, want: list[str], tmp_path: Path) -> None:
    assert said(tmp_path, content) == want


def test_faults_have_places(tmp_path: Path) -> None:
    file = file_with(tmp_path, "routes:\n  - connector: nobody\n    kind: [site]\n")
    with pytest.raises(DefinitionError) as caught:
        load_connectors(file)
    assert [(one.file, one.line, one.column) for one in caught.value.faults] == [
        (file.as_posix(), 2, 16),
        (file.as_posix(), 3, 5),
    ]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="FILE_UNREADABLE"):
        load_connectors(tmp_path / "nowhere.yaml")


def test_no_secret_is_shown(tmp_path: Path) -> None:
    assert "tok\n" not in repr(load(tmp_path, BASE))
    assert SIGNING not in repr(load(tmp_path, BASE))
    (tmp_path / "bad").write_text("whsec_tell-nobody!", encoding="utf-8")
    found = said(tmp_path, hook(secret_file="bad"))
    assert len(found) == 1
    assert "tell-nobody" not in found[0]


def test_the_schema_knows_the_names(tmp_path: Path) -> None:
    schema = json.loads((rules_dir() / "schemas" / "connectors.schema.json").read_text("utf-8"))
    properties = schema["$defs"]["Connector"]["properties"]
    assert set(SCIM) | set(HOOK) <= properties.keys()
    assert properties["kind"]["enum"] == ["scim", "webhook", "ldap"]


# where a right goes


def entry(kind: str, target: str, *, catalog: str = "c", resource: str = "r") -> Entry:
    """A right."""
    return Entry(resource, "Member", ResourceKind(kind), target, "", catalog)


def connected(configuration: Configuration) -> ConfiguredConnectors:
    """The connectors of a configuration; no test here looks into the store."""
    return connect(
        configuration,
        store=None,  # type: ignore[arg-type]  # nobody opens it
        clock=SystemClock(),
        source="/tenants/t",
        most_members=lambda: None,
    )


def test_without_a_file_groups_are_ours_and_all_else_is_recorded() -> None:
    made = connected(Configuration())
    assert made.name_of(entry("group", "g")) == "directory"
    for kind in ("application", "site", "directory_role"):
        assert made.name_of(entry(kind, "x")) == "recorded"
        assert isinstance(made.of(entry(kind, "x")), RecordedConnector)
    assert made.of_guests() == (made.of(entry("group", "g")),)


def test_the_first_route_that_fits_decides(tmp_path: Path) -> None:
    made = connected(
        load(
            tmp_path,
            routes(
                {"connector": "scim", "kinds": ["group"], "targets": ["crm-*"]},
                {"connector": "hook", "catalogs": ["sales"], "resources": ["badge", "desk"]},
                {"connector": "recorded", "kinds": ["group"], "catalogs": ["sales"]},
                {"connector": "scim", "kinds": ["application"]},
            ),
        ).configuration
    )
    rows = [
        (entry("group", "crm-users"), "scim"),
        (entry("group", "crm-users", catalog="sales", resource="badge"), "scim"),
        (entry("group", "other", catalog="sales", resource="badge"), "hook"),
        (entry("group", "other", catalog="sales", resource="other"), "recorded"),
        (entry("group", "other"), "directory"),
        (entry("application", "crm-users"), "scim"),
        (entry("site", "https://x.example", catalog="sales", resource="desk"), "hook"),
        (entry("site", "https://x.example"), "recorded"),
    ]
    assert [made.name_of(one) for one, _ in rows] == [want for _, want in rows]
    for one, want in rows:
        assert type(made.of(one)).__name__.lower().startswith(want.replace("hook", "webhook"))
    made.close()


def test_who_keeps_guests(tmp_path: Path) -> None:
    content = {
        "connectors": [
            {**SCIM, "id": "a"},
            {**SCIM, "id": "b", "guests": "never"},
            {**HOOK, "id": "c"},
            {**HOOK, "id": "d", "guests": "at_once"},
        ],
        "routes": [],
    }
    made = connected(load(tmp_path, content).configuration)
    names = [type(one).__name__ for one in made.of_guests()]
    assert names == ["DirectoryConnector", "ScimConnector", "WebhookConnector"]
    made.close()


def test_extensions_are_called_only_if_the_file_says_how(tmp_path: Path) -> None:
    for content, settings in ((BASE, False), (extensions(), True)):
        made = extension_caller(
            load(tmp_path, content).configuration, clock=SystemClock(), source="/tenants/t"
        )
        assert (made._settings is not None) is settings
        made.close()


def test_what_is_only_recorded_says_so() -> None:
    made, right = RecordedConnector(), entry("application", "crm")
    person = ExternalPerson("gast")
    answers = [
        made.grant(ADA, right, key="1"),
        made.revoke(ADA, right, key="1"),
        made.make_guest(person, key="1"),
        made.block_guest(ADA, key="1"),
        made.delete_guest(ADA, key="1"),
    ]
    for answer in answers:
        assert (answer.result, answer.failure) == (Delivery.DONE, "")
        assert answer.text.startswith(ONLY_HERE)
    assert "the role `Member` of `crm`" in answers[0].text
    made.close()


@pytest.mark.parametrize(
    ("pattern", "text", "want"),
    [
        ("a", "a", True),
        ("a", "ab", False),
        ("", "", True),
        ("", "a", False),
        ("*", "", True),
        ("*", "https://x.example/sites/a", True),
        ("a*", "a", True),
        ("a*", "ba", False),
        ("*a", "ba", True),
        ("*a", "ab", False),
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("a*b*c", "a-b-b-c", True),
        ("a*b*c", "a-c", False),
        ("*b*", "abc", True),
        ("**", "x", True),
        ("a*b*b", "ab", False),
        ("a.c", "abc", False),
        ("[ab]", "a", False),
        ("?", "a", False),
        ("A", "a", False),
        ("a*" * 30 + "b", "a" * 5000, False),
    ],
)
def test_what_a_pattern_has(pattern: str, text: str, want: bool) -> None:
    assert matches(pattern, text) is want
