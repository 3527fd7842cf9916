"""What is refused, warned about and understood of users, groups, organizations and settings."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from ostiary.domain.people import IdentitySource, OrganizationState, RiskLevel, SourceKind
from ostiary.domain.policy import Approver, ApproverKind
from ostiary.domain.tenant import GuestCleanup, RiskStage, Settings
from tests.unit.defining import (
    BASE,
    GONE,
    Content,
    group,
    load,
    loaded,
    organization,
    said,
    settings,
    source,
    user,
)

ONE_KIND = (
    "INVALID_MODEL: organizations[acme].sources[0]: must be exactly one of tenant, domain, "
    "federation (with domain), other_cloud or social"
)


@pytest.mark.parametrize(
    ("content", "want"),
    [
        pytest.param(user(), [], id="a user needs an id only"),
        pytest.param(
            user(id="evelyn", manager="evelin"),
            ["UNKNOWN_REFERENCE: users[evelyn].manager: no user `evelin`; did you mean `evelyn`?"],
            id="a manager who does not exist, with a name that is nearly right",
        ),
        pytest.param(user(manager="eve"), [], id="S-71 who is their own manager loads"),
        pytest.param(
            user(sponsors=["ann", "zoe"]),
            ["UNKNOWN_REFERENCE: users[eve].sponsors[1]: no user `zoe`"],
            id="a sponsor who does not exist",
        ),
        pytest.param(
            user(sponsors=["ann", "ann"]),
            ["DUPLICATE: users[eve].sponsors[1]: stands here twice, first in line 11"],
            id="a sponsor listed twice",
        ),
        pytest.param(
            user(type="external"),
            ["UNKNOWN_VALUE: users[eve].type: `external` is not one of member, guest"],
            id="S-25 external people have no object in the directory",
        ),
        pytest.param(
            user(state="locked"),
            [
                "UNKNOWN_VALUE: users[eve].state: `locked` is not one of enabled, blocked, deleted"
                "; did you mean `blocked`?"
            ],
            id="S-25 a state that nobody knows",
        ),
        pytest.param(
            user(governed=True),
            ["INVALID_MODEL: users[eve].governed: holds of guests only"],
            id="S-116 a member is never cleaned up",
        ),
        pytest.param(user(type="guest", governed=True), [], id="S-116 a governed guest"),
        pytest.param(
            user(id="ann"),
            ["DUPLICATE: users[ann].id: user `ann` is there already, see line 4"],
            id="two users with one id",
        ),
        pytest.param(
            user(id="eve smith"),
            [
                "INVALID_MODEL: users[eve smith].id: must be an id: letters, digits and . _ @ + - "
                "(128 at most, a letter or digit first), not `eve smith`"
            ],
            id="an id with a blank",
        ),
        pytest.param(user(id="e" * 128), [], id="the longest id"),
        pytest.param(
            user(mail="eve"),
            ["INVALID_MODEL: users[eve].mail: must be a mail address, not `eve`"],
            id="a mail address without a domain",
        ),
        pytest.param(
            user(type="guest", home={"sign_in": "tenant", "domain": "acme.example"}),
            ["MISSING_FIELD: users[eve].home.tenant_id: is missing; a sign-in by tenant needs it"],
            id="S-112 a sign-in by tenant names the tenant",
        ),
        pytest.param(
            user(type="guest", home={"sign_in": "federation"}),
            [
                "MISSING_FIELD: users[eve].home.domain: is missing; a sign-in by federation needs "
                "it",
                "MISSING_FIELD: users[eve].home.issuer: is missing; a sign-in by federation needs "
                "it",
            ],
            id="S-112 a federation names issuer and domain",
        ),
        pytest.param(
            user(type="guest", home={"sign_in": "social", "identifier": "eve#7"}),
            [],
            id="S-112 a social account by its own identifier",
        ),
        pytest.param(
            user(attributes={"country": False}),
            [
                "INVALID_MODEL: users[eve].attributes[country]: `false` without quotes is a "
                "boolean in YAML; put it in quotes"
            ],
            id="an attribute that YAML would take for a boolean",
        ),
        pytest.param(
            user(manager=None),
            ["INVALID_MODEL: users[eve].manager: has no value; leave the field out"],
            id="null is not a way to say that there is none",
        ),
        pytest.param(
            user(name="e" * 257),
            [
                "INVALID_MODEL: users[eve].name: is 257 characters long, at most 256 are allowed "
                "(text_limits.name)"
            ],
            id="S-32 a name that is too long",
        ),
        pytest.param(user(name="e" * 256), [], id="S-32 the longest name"),
        pytest.param(
            user(attributes={"note": "n" * 10_001}),
            [
                "INVALID_MODEL: users[eve].attributes[note]: is 10,001 characters long, at most "
                "10,000 are allowed (text_limits.answer)"
            ],
            id="S-32 an attribute that is too long",
        ),
    ],
)
def test_users(tmp_path: Path, content: Content, want: list[str]) -> None:
    assert said(tmp_path, content) == want


@pytest.mark.parametrize(
    ("content", "want"),
    [
        pytest.param(group(), [], id="S-25 a group without members is no error"),
        pytest.param(
            group(users=["nobody"], groups=["nothing"]),
            [
                "UNKNOWN_REFERENCE: groups[extra].users[0]: no user `nobody`",
                "UNKNOWN_REFERENCE: groups[extra].groups[0]: no group `nothing`",
            ],
            id="members that do not exist",
        ),
        pytest.param(
            group(groups=["extra"]),
            ["warning GROUP_CYCLE: groups[extra]: these groups contain each other: extra → extra"],
            id="S-34 a group in itself",
        ),
        pytest.param(
            {
                **BASE,
                "groups": [
                    {"id": "a", "groups": ["b"]},
                    {"id": "b", "groups": ["c"]},
                    {"id": "c", "groups": ["a"]},
                    {"id": "staff"},
                    {"id": "team"},
                ],
            },
            ["warning GROUP_CYCLE: groups[a]: these groups contain each other: a → b → c → a"],
            id="S-34 a longer cycle loads and is warned of once",
        ),
        pytest.param(
            {
                **BASE,
                "groups": [
                    {"id": "top", "groups": ["left", "right"]},
                    {"id": "left", "groups": ["below"]},
                    {"id": "right", "groups": ["below"]},
                    {"id": "below"},
                    {"id": "staff"},
                    {"id": "team"},
                ],
            },
            [],
            id="S-34 two ways to one group are no cycle",
        ),
        pytest.param(
            group(kind="office"),
            [
                "UNKNOWN_VALUE: groups[extra].kind: `office` is not one of security, "
                "microsoft_365, distribution"
            ],
            id="S-25 a kind that nobody knows",
        ),
    ],
)
def test_groups(tmp_path: Path, content: Content, want: list[str]) -> None:
    assert said(tmp_path, content) == want


@pytest.mark.parametrize(
    ("content", "want"),
    [
        pytest.param(
            organization(sources=[]),
            ["INVALID_MODEL: organizations[acme].sources: must not be empty"],
            id="S-30 an organization without identity source",
        ),
        pytest.param(
            organization(sources=GONE),
            ["MISSING_FIELD: organizations[acme].sources: is missing"],
            id="S-30 an organization that does not speak of sources",
        ),
        pytest.param(source(tenant="a", domain="a.example"), [ONE_KIND], id="S-112 two kinds"),
        pytest.param(source(), [ONE_KIND], id="S-112 no kind"),
        pytest.param(source(tenant="a", social="b"), [ONE_KIND], id="S-112 two other kinds"),
        pytest.param(
            source(federation="https://idp.example"),
            [
                "MISSING_FIELD: organizations[acme].sources[0].domain: is missing; a federation is "
                "recognised together with a domain"
            ],
            id="S-112 a federation without domain",
        ),
        pytest.param(
            source(domain="acme"),
            [
                "INVALID_MODEL: organizations[acme].sources[0].domain: must be a mail domain such "
                "as `tailwind.example`, not `acme`"
            ],
            id="S-112 a domain without a dot",
        ),
        pytest.param(
            source(domain="ácme.example"),
            [
                "INVALID_MODEL: organizations[acme].sources[0].domain: must be a mail domain such "
                "as `tailwind.example`, not `ácme.example`"
            ],
            id="S-112 a look-alike is written in its own form",
        ),
        pytest.param(
            organization(sources=[{"domain": "a.example"}, {"domain": "A.example"}]),
            ["DUPLICATE: organizations[acme].sources[1]: stands here twice"],
            id="S-112 domains compare without case",
        ),
        pytest.param(
            organization(internal_sponsors=["user:ann", "group:staff", "user:zoe"]),
            ["UNKNOWN_REFERENCE: organizations[acme].internal_sponsors[2]: no user `zoe`"],
            id="S-111 sponsors are users or groups",
        ),
        pytest.param(
            organization(external_sponsors=["ann", "service:ann", "user:"]),
            [
                "INVALID_MODEL: organizations[acme].external_sponsors[0]: must be `user:ID` or "
                "`group:ID`, not `ann`",
                "UNKNOWN_VALUE: organizations[acme].external_sponsors[1]: `service` is not one of "
                "user, group",
                "INVALID_MODEL: organizations[acme].external_sponsors[2]: `` is not an id: "
                "letters, digits and . _ @ + - (128 at most, a letter or digit first)",
            ],
            id="S-111 sponsors that are neither",
        ),
        pytest.param(
            organization(state="verified"),
            [
                "UNKNOWN_VALUE: organizations[acme].state: `verified` is not one of configured, "
                "proposed"
            ],
            id="S-30 a state that nobody knows",
        ),
        pytest.param(organization(state="proposed"), [], id="S-30 a proposed organization"),
        pytest.param(
            {
                **BASE,
                "organizations": [
                    *BASE["organizations"],
                    {"id": "other", "name": "Acme", "sources": [{"social": "x"}]},
                ],
            },
            [
                "DUPLICATE: organizations[other].name: an organization called `Acme` is there "
                "already, see line 22"
            ],
            id="two organizations with one name",
        ),
    ],
)
def test_organizations(tmp_path: Path, content: Content, want: list[str]) -> None:
    assert said(tmp_path, content) == want


@pytest.mark.parametrize(
    ("fields", "want"),
    [
        pytest.param({"tenant": "T"}, IdentitySource(SourceKind.TENANT, tenant_id="T"), id="S-112"),
        pytest.param(
            {"domain": "Acme.Example"},
            IdentitySource(SourceKind.DOMAIN, domain="acme.example"),
            id="S-112 in lower case",
        ),
        pytest.param(
            {"federation": "https://idp.example", "domain": "acme.example"},
            IdentitySource(
                SourceKind.FEDERATION, domain="acme.example", issuer="https://idp.example"
            ),
            id="S-112 issuer and domain",
        ),
        pytest.param(
            {"other_cloud": "gov"},
            IdentitySource(SourceKind.OTHER_CLOUD, identifier="gov"),
            id="S-112 another cloud",
        ),
        pytest.param(
            {"social": "post"},
            IdentitySource(SourceKind.SOCIAL, identifier="post"),
            id="S-112 social",
        ),
    ],
)
def test_identity_sources(tmp_path: Path, fields: Content, want: IdentitySource) -> None:
    (found,) = loaded(tmp_path, source(**fields)).organizations
    assert found.sources == (want,)
    assert found.state is OrganizationState.CONFIGURED


def test_a_domain_of_a_known_tenant_becomes_the_tenant(tmp_path: Path) -> None:
    """S-113: also where the tenant itself is listed beside its domain."""
    content = settings(known_tenants=[{"tenant_id": "T", "domains": ["acme.example"]}])
    content["organizations"] = [
        {"id": "acme", "name": "Acme", "sources": [{"domain": "ACME.example"}, {"tenant": "T"}]}
    ]
    (found,) = loaded(tmp_path, content).organizations
    assert found.sources == (IdentitySource(SourceKind.TENANT, tenant_id="T"),)


@pytest.mark.parametrize(
    ("content", "want"),
    [
        pytest.param(settings(), Settings(), id="S-116 guests are blocked, then deleted"),
        pytest.param(
            settings(guest_cleanup="none", blocked_domains=["B.example", "a.example"]),
            Settings(GuestCleanup.NONE, None, ("a.example", "b.example")),
            id="S-111 a block-list, in lower case",
        ),
        pytest.param(
            settings(allowed_domains=[]),
            Settings(allowed_domains=()),
            id="S-111 an empty allow-list allows nobody",
        ),
        pytest.param(
            settings(keep_audit_for="P90D", keep_requests_for="P2W"),
            Settings(keep_audit_for=timedelta(days=90), keep_requests_for=timedelta(days=14)),
            id="S-87 S-136 log and records are not kept for ever",
        ),
    ],
)
def test_settings(tmp_path: Path, content: Content, want: Settings) -> None:
    assert loaded(tmp_path, content).settings == want


@pytest.mark.parametrize(
    ("content", "want"),
    [
        pytest.param(
            settings(guest_cleanup="keep"),
            [
                "UNKNOWN_VALUE: tenant.settings.guest_cleanup: `keep` is not one of none, block, "
                "block_and_delete, delete"
            ],
            id="S-116 a setting that nobody knows",
        ),
        pytest.param(
            settings(keep_audit_for="P0D", keep_requests_for="PT1H"),
            [
                "INVALID_MODEL: tenant.settings.keep_audit_for: must be longer than nothing",
                "INVALID_MODEL: tenant.settings.keep_requests_for: must be in weeks or days, not "
                "`PT1H`",
            ],
            id="S-87 S-136 nothing is forgotten at once",
        ),
        pytest.param(
            settings(risk_stage={"threshold": "none", "approvers": ["user:zoe"]}),
            [
                "INVALID_MODEL: tenant.settings.risk_stage: the profile `standard` has no stage "
                "for people at risk",
                "UNKNOWN_VALUE: tenant.settings.risk_stage.threshold: `none` is not one of low, "
                "medium, high",
                "UNKNOWN_REFERENCE: tenant.settings.risk_stage.approvers[0]: no user `zoe`",
            ],
            id="S-81 the profile has no stage for people at risk, and nobody is at no risk",
        ),
        pytest.param(
            settings(
                known_tenants=[
                    {"tenant_id": "T", "domains": ["a.example"]},
                    {"tenant_id": "U", "domains": ["A.example"]},
                ]
            ),
            [
                "DUPLICATE: tenant.settings.known_tenants[1].domains[0]: `a.example` belongs to "
                "tenant `T` already"
            ],
            id="S-113 one domain, two tenants",
        ),
        pytest.param(
            settings(block_domains=["a.example"]),
            [
                "UNKNOWN_FIELD: tenant.settings: no such field here: `block_domains`; did you mean "
                "`blocked_domains`?"
            ],
            id="S-111 a block-list that would be overlooked",
        ),
    ],
)
def test_faulty_settings(tmp_path: Path, content: Content, want: list[str]) -> None:
    assert said(tmp_path, content) == want


def test_names_are_ids_where_nothing_is_said(tmp_path: Path) -> None:
    tenant = load(tmp_path, BASE).tenant
    assert [user.name for user in tenant.users] == ["ann", "ben", "gus"]
    assert tenant.groups[0].name == tenant.groups[0].id
    assert tenant.name == "t"


def test_the_stage_for_people_at_risk(tmp_path: Path) -> None:
    """S-81: a threshold, and who decides; users say how much at risk they are."""
    said_so = {"threshold": "medium", "approvers": ["group:staff", "user:ben"]}
    content = {**settings(risk_stage=said_so), "users": user(risk="high")["users"]}
    tenant = load(tmp_path, content, "entra").tenant
    assert tenant.settings.risk_stage == RiskStage(
        RiskLevel.MEDIUM,
        (Approver(ApproverKind.GROUP, "staff"), Approver(ApproverKind.USER, "ben")),
    )
    assert {one.id: one.risk for one in tenant.users if one.risk is not RiskLevel.NONE} == {
        "eve": RiskLevel.HIGH
    }
