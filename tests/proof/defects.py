"""Seeded defects: one for each property, mechanism and place, made by edits of a clean tenant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from msgspec.structs import replace

from ostiary.analysis.proof.report import Property
from ostiary.domain.actions import ActionKind
from ostiary.domain.catalog import AccessPackage, PackageEntry
from ostiary.domain.people import (
    AccountState,
    IdentitySource,
    OrganizationState,
    RiskLevel,
    SourceKind,
)
from ostiary.domain.policy import (
    ApprovalStage,
    Approver,
    AssignmentPolicy,
    Expiration,
    ExpirationKind,
    ExtensionCall,
    ExtensionStage,
    Recurrence,
    RequestorScope,
    ReviewerKind,
    ReviewSettings,
)
from ostiary.domain.tables import Phase, PhaseTable, Row, Tables
from ostiary.domain.tenant import GuestCleanup, Overlap, RiskStage, Settings, Tenant
from tests.proof.acme import (
    APP,
    CONFIGURED,
    DAY,
    ENTRA,
    EVERYBODY,
    EXTERNAL,
    EXTERNAL_SPONSORS,
    INTERNAL_SPONSORS,
    MANAGER,
    MEMBERS,
    NOBODY,
    ORGANIZATIONS,
    OTHERS,
    OWN_SPONSORS,
    SECOND_MANAGER,
    STANDARD,
    THREE,
    Edit,
    acme,
    adding,
    fitting,
    groups,
    members,
    organizations,
    package,
    policy,
    user,
    with_catalog,
    with_group,
    with_organization,
    with_package,
    with_policy,
    with_profile,
    with_settings,
    with_user,
)
from tests.properties.dice import NOW
from tests.properties.ruling import standard_tables
from tests.properties.tables import Otherwise

SOON = Expiration(ExpirationKind.DATE, at=NOW + 20 * DAY)
LATE = Expiration(ExpirationKind.DATE, at=NOW + 40 * DAY)


class Defect(NamedTuple):
    """Definitions of which a property does not hold in package `k` against a baseline."""

    property: Property
    name: str
    old: Tenant | None
    new: Tenant
    rules: str = ""  # of the lifecycle: the rule that is missing, and where


def defects() -> Iterator[Defect]:
    """Every seeded defect, in a fixed order."""
    yield from new_access()
    yield from weaker_approval()
    yield from dead_ends()
    yield from endless()
    yield from incompatible()


# nobody new: each edit of a base lets somebody in

STAGES: Mapping[str, tuple[ApprovalStage, ...]] = {
    "without approval": (),
    "with one stage": (THREE,),
    "with two stages": (THREE, OTHERS),
}
STAFF, INTERNS = groups("staff"), groups("interns")
PARTNER = organizations("partner")
RULE = 'department -eq "Sales" -and country -eq "de"'
WIDER_RULES = {
    "without a condition": 'department -eq "Sales"',
    "or in the place of and": 'department -eq "Sales" -or country -eq "de"',
    "a beginning in the place of a value": 'department -startsWith "Sales" -and country -eq "de"',
    "a part in the place of a value": 'department -contains "Sales" -and country -eq "de"',
    "one value more": 'department -in ["Sales", "Legal"] -and country -eq "de"',
    "not in the place of a value": 'department -ne "Legal" -and country -eq "de"',
    "the other way round": '-not (department -eq "Sales") -and country -eq "de"',
}
WIDER: Mapping[str, tuple[RequestorScope, Edit]] = {
    "a group more": (STAFF, with_policy(scope=groups("interns", "staff"))),
    "another group": (STAFF, with_policy(scope=INTERNS)),
    "a user more": (STAFF, with_policy(scope=groups("staff", users=("lee",)))),
    "members in the place of a group": (STAFF, with_policy(scope=MEMBERS)),
    "everybody in the place of members": (MEMBERS, with_policy(scope=EVERYBODY)),
    "a group in the place of members": (MEMBERS, with_policy(scope=STAFF)),
    "a group beside members": (MEMBERS, adding(policy(STAFF, name="q"))),
    "an organization more": (PARTNER, with_policy(scope=organizations("other", "partner"))),
    "a proposed organization": (PARTNER, with_policy(scope=organizations("partner", "planned"))),
    "all configured in the place of a list": (
        organizations("other", "partner"),
        with_policy(scope=CONFIGURED),
    ),
    "everybody from outside": (CONFIGURED, with_policy(scope=EXTERNAL)),
    "an organization that is configured": (
        CONFIGURED,
        with_organization("planned", state=OrganizationState.CONFIGURED),
    ),
    "an identity source more": (
        PARTNER,
        with_organization(
            "partner",
            sources=(
                IdentitySource(SourceKind.DOMAIN, domain="partner.example"),
                IdentitySource(SourceKind.TENANT, tenant_id="t-1"),
            ),
        ),
    ),
    "a group nested into the scope": (STAFF, with_group("staff", groups=("juniors",))),
    "a policy for others": (STAFF, adding(policy(INTERNS, THREE, name="q"))),
    "a policy for one user": (STAFF, adding(policy(groups(users=("lee",)), name="q"))),
    "managers may ask for their reports": (
        NOBODY,
        with_policy(scope=STAFF, self_add=False, on_behalf=True),
    ),
    "a fixed end that is later": (STAFF, with_policy(expiration=LATE)),
    "no fixed end": (STAFF, with_policy(expiration=Expiration(ExpirationKind.NEVER))),
}
SHUT: Mapping[str, tuple[RequestorScope, Edit, Edit]] = {
    "a policy that is enabled": (STAFF, with_policy(enabled=False), with_policy(enabled=True)),
    "self-service": (STAFF, with_policy(self_add=False), with_policy(self_add=True)),
    "a catalog that is enabled": (STAFF, with_catalog(enabled=False), with_catalog(enabled=True)),
    "a catalog open to people from outside": (
        PARTNER,
        with_catalog(external=False),
        with_catalog(external=True),
    ),
    "a list of blocked domains": (
        PARTNER,
        with_settings(blocked_domains=("partner.example",)),
        with_settings(blocked_domains=()),
    ),
    "a list of allowed domains": (
        PARTNER,
        with_settings(allowed_domains=("other.example",)),
        with_settings(allowed_domains=None),
    ),
    "an allowed domain more": (
        PARTNER,
        with_settings(allowed_domains=("other.example",)),
        with_settings(allowed_domains=("other.example", "partner.example")),
    ),
    "an incompatible package": (
        STAFF,
        with_package(incompatible_packages=("z",)),
        with_package(incompatible_packages=()),
    ),
    "an incompatible group": (
        STAFF,
        with_package(incompatible_groups=("interns",)),
        with_package(incompatible_groups=()),
    ),
    "a group nested into an incompatible one": (
        STAFF,
        lambda tenant: with_package(incompatible_groups=("interns",))(
            with_group("interns", groups=("staff",))(tenant)
        ),
        with_group("interns", groups=()),
    ),
    "nesting that counts": (
        STAFF,
        lambda tenant: with_profile(group_membership_transitive=False)(
            with_group("staff", groups=("juniors",))(tenant)
        ),
        with_profile(group_membership_transitive=True),
    ),
    "managers for their reports": (
        STAFF,
        with_policy(self_add=False),
        with_policy(on_behalf=True),
    ),
}
STAFFED: Mapping[str, tuple[ApprovalStage, Edit]] = {
    "a fallback": (
        ApprovalStage((MANAGER,)),
        with_policy(stages=(ApprovalStage((MANAGER,), fallback=(members("approvers"),)),)),
    ),
    "an approver in the place of nobody": (
        ApprovalStage((members("empty"),)),
        with_group("empty", users=("boss", "chief", "deputy")),
    ),
    "an approver who comes back": (
        ApprovalStage((user("bob"),)),
        with_user("bob", state=AccountState.ENABLED),
    ),
    "no approval": (
        ApprovalStage((user("bob"),)),
        with_policy(stages=(), approval_for_add=False),
    ),
    "another approver": (ApprovalStage((user("dora"),)), with_policy(stages=(THREE,))),
    "a manager's manager who comes back": (
        ApprovalStage((SECOND_MANAGER,)),
        with_user("chief", state=AccountState.ENABLED),
    ),
    "a sponsor who comes back": (
        ApprovalStage((OWN_SPONSORS,)),
        with_user("chief", state=AccountState.ENABLED),
    ),
    "a manager who comes back": (
        ApprovalStage((MANAGER,)),
        with_user("chief", state=AccountState.ENABLED),
    ),
}


def new_access() -> Iterator[Defect]:
    of = Property.NO_NEW_ACCESS
    for stages_name, stages in STAGES.items():
        for name, (scope, edit) in WIDER.items():
            base = acme(package(policy(scope, *stages)))
            if "fixed end" in name:
                base = with_policy(expiration=SOON)(base)
            if "from outside" in name:
                base = with_profile(all_external_scope=True)(base)
            yield Defect(of, f"{name}, {stages_name}", base, edit(base))
        for name, (scope, shut, opened) in SHUT.items():
            base = shut(acme(package(policy(scope, *stages)), package(name="z")))
            yield Defect(of, f"{name}, {stages_name}", base, opened(base))
        yield Defect(of, f"a package, {stages_name}", acme(), acme(package(policy(STAFF, *stages))))
    for name, (stage, edit) in STAFFED.items():
        base = acme(package(policy(STAFF, stage)))
        if "comes back" in name:
            base = with_user("chief", state=AccountState.BLOCKED)(base)
        yield Defect(of, name, base, edit(base))
    for name, rule in WIDER_RULES.items():
        base = acme(package(policy(fitting(RULE))))
        yield Defect(of, f"a rule {name}", base, with_policy(scope=fitting(rule))(base))
    base = acme(package(policy(STAFF)))
    yield Defect(of, "an automatic policy", base, adding(policy(fitting(RULE), name="q"))(base))
    tiered = acme(
        package(policy(EVERYBODY, THREE), policy(STAFF, ApprovalStage((user("bob"),)), name="q")),
        profile=ENTRA,
    )
    yield Defect(
        of, "a dead end that no tier holds back", tiered, with_policy("q", enabled=False)(tiered)
    )


# no weaker approval

EASIER: Mapping[str, Edit] = {
    "a policy with less": adding(policy(STAFF, THREE, name="q")),
    "a policy without approval": adding(policy(STAFF, name="q")),
    "an easier policy for one user": adding(policy(groups(users=("ann",)), name="q")),
    "an automatic policy": adding(policy(fitting(RULE), name="q")),
    "an easier policy for members": adding(policy(MEMBERS, name="q")),
    "an easier policy through managers": adding(
        policy(STAFF, name="q", self_add=False, on_behalf=True)
    ),
}
LESS: Mapping[str, Edit] = {
    "a stage less": with_policy(stages=(THREE,)),
    "the other stage less": with_policy(stages=(OTHERS,)),
    "no approval": with_policy(stages=(), approval_for_add=False),
}
OPENED: Mapping[str, tuple[AssignmentPolicy, Edit]] = {
    "an easier policy that is enabled": (
        policy(STAFF, name="q", enabled=False),
        with_policy("q", enabled=True),
    ),
    "self-service of an easier policy": (
        policy(STAFF, name="q", self_add=False),
        with_policy("q", self_add=True),
    ),
    "managers under an easier policy": (
        policy(STAFF, name="q", self_add=False),
        with_policy("q", on_behalf=True),
    ),
    "an easier scope that is wider": (
        policy(INTERNS, name="q"),
        with_policy("q", scope=groups("interns", "staff")),
    ),
    "a group nested into an easier scope": (
        policy(groups("juniors"), name="q"),
        with_group("juniors", groups=("staff",)),
    ),
    "an easier policy that lasts": (
        policy(STAFF, name="q", expiration=Expiration(ExpirationKind.DATE, at=NOW - DAY)),
        with_policy("q", expiration=SOON),
    ),
    "a wider rule": (
        policy(fitting(RULE), name="q"),
        with_policy("q", scope=fitting(WIDER_RULES["a beginning in the place of a value"])),
    ),
    "an easier stage that can be decided": (
        policy(STAFF, ApprovalStage((user("bob"),)), name="q"),
        with_user("bob", state=AccountState.ENABLED),
    ),
}
ELSEWHERE = (IdentitySource(SourceKind.DOMAIN, domain="elsewhere.example"),)
EXTENDED: dict[str, Any] = {"extension_allowed": True, "approval_for_extension": True}
NEVER = Expiration(ExpirationKind.NEVER)
HAD: Mapping[str, Mapping[str, Any]] = {  # how what is extended was come by
    "that ends by a policy": {},
    "whose end was asked for": {"expiration": NEVER, "custom_schedule": True},
    "that a manager asked for": {"self_add": False, "on_behalf": True},
    "that staff assigned": {"self_add": False},
}
RISKY = RiskStage(RiskLevel.MEDIUM, (members("approvers"),))


def weaker_approval() -> Iterator[Defect]:
    of = Property.NO_WEAKER_APPROVAL
    for scope_name, scope in (("a group", STAFF), ("members", MEMBERS), ("everybody", EVERYBODY)):
        strict = acme(package(policy(scope, THREE, OTHERS)))
        for name, edit in {**LESS, **EASIER}.items():
            yield Defect(of, f"{name}, for {scope_name}", strict, edit(strict))
        for name, (other, edit) in OPENED.items():
            base = adding(other)(strict)
            yield Defect(of, f"{name}, for {scope_name}", base, edit(base))
        for had, fields in HAD.items():
            extended = with_policy(**{**EXTENDED, **fields})(strict)
            for name, edit in (
                ("an extension without approval", with_policy(approval_for_extension=False)),
                ("an extension with a stage less", with_policy(stages=(THREE,))),
            ):
                yield Defect(
                    of, f"{name} of access {had}, for {scope_name}", extended, edit(extended)
                )
        yield Defect(
            of,
            f"an extension in the place of asking anew, for {scope_name}",
            strict,
            with_policy(extension_allowed=True)(strict),
        )
    for name, edit in (
        ("all policies offered", with_profile(overlap=Overlap.CHOOSE)),
        ("a stricter policy of a better tier less", with_policy(enabled=False)),
    ):
        tiered = acme(
            package(policy(STAFF, THREE, OTHERS), policy(MEMBERS, THREE, name="q")), profile=ENTRA
        )
        yield Defect(of, name, tiered, edit(tiered))
    risky = acme(package(policy(STAFF, THREE)), profile=ENTRA, settings=Settings(risk_stage=RISKY))
    for name, stage in (
        ("no stage for people at risk", None),
        ("a stage for people at high risk alone", replace(RISKY, threshold=RiskLevel.HIGH)),
    ):
        yield Defect(of, name, risky, with_settings(risk_stage=stage)(risky))
    by_rule = with_package(policies=(policy(fitting(RULE), extension_allowed=True),))(risky)
    calm = with_settings(risk_stage=None)(by_rule)
    yield Defect(of, "no stage for people at risk who extend what came by rule", by_rule, calm)
    partners = acme(
        package(policy(PARTNER, THREE, OTHERS), policy(organizations("other"), name="q"))
    )
    yield Defect(
        of,
        "an easier policy for an organization",
        partners,
        with_policy("q", scope=organizations("other", "partner"))(partners),
    )
    guests = acme(package(policy(EVERYBODY, THREE, OTHERS), policy(PARTNER, name="q")))
    for name, shut, opened in (
        (
            "a catalog open to people from outside",
            with_catalog(external=False),
            with_catalog(external=True),
        ),
        (
            "an identity source of the organization of an easier policy",
            with_organization("partner", sources=ELSEWHERE),
            with_organization("partner", sources=ORGANIZATIONS[1].sources),
        ),
    ):
        base = shut(guests)
        yield Defect(of, name, base, opened(base))


# no dead end

ALONE: Mapping[str, tuple[Approver, ...]] = {
    "a manager without fallback": (MANAGER,),
    "a second manager without fallback": (SECOND_MANAGER,),
    "own sponsors without fallback": (OWN_SPONSORS,),
    "an approver who is blocked": (user("bob"),),
    "an approver who is deleted": (user("dora"),),
    "a group without members": (members("empty"),),
    "a group of a group without members": (members("hollow"),),
    "a group of people who cannot decide": (members("blocked"),),
    "one approver who may ask": (user("ann"),),
    "one approver": (user("boss"),),
    "managers or one approver": (MANAGER, user("boss")),
}


def dead_ends() -> Iterator[Defect]:
    of = Property.NO_DEAD_END
    for name, approvers in ALONE.items():
        bad = ApprovalStage(approvers)
        fallen = ApprovalStage((members("empty"),), fallback=approvers)
        for place, stages in (
            ("", (bad,)),
            (", in the second stage", (THREE, bad)),
            (", as a fallback", (fallen,)),
        ):
            for scope_name, scope in (("a group", STAFF), ("members", MEMBERS)):
                new = acme(package(policy(scope, *stages)))
                yield Defect(of, f"{name}{place}, for {scope_name}", None, new)
        for scope_name, scope in (("a group", STAFF), ("members", MEMBERS)):
            for had, fields in HAD.items():
                to_extend = policy(scope, bad, **{**EXTENDED, "approval_for_add": False})
                new = acme(package(replace(to_extend, **fields)))
                yield Defect(of, f"{name}, to extend access {had}, for {scope_name}", None, new)
    for name, kind in (("internal", INTERNAL_SPONSORS), ("external", EXTERNAL_SPONSORS)):
        for scope_name, scope in (
            ("an organization without", organizations("other")),
            ("all organizations", CONFIGURED),
        ):
            new = acme(package(policy(scope, ApprovalStage((kind,)))))
            yield Defect(of, f"{name} sponsors of {scope_name}", None, new)
    behalf = policy(STAFF, ApprovalStage((user("boss"),)), self_add=False, on_behalf=True)
    yield Defect(of, "a manager who would decide what they ask for", None, acme(package(behalf)))
    two = policy(
        STAFF, ApprovalStage((user("boss"), user("chief"))), on_behalf=True, self_add=False
    )
    yield Defect(of, "a manager and a report who alone could decide", None, acme(package(two)))
    risky = replace(RISKY, approvers=(members("empty"),))
    new = acme(package(policy(STAFF)), profile=ENTRA, settings=Settings(risk_stage=risky))
    yield Defect(of, "nobody for people at risk", None, new)
    risky = replace(RISKY, approvers=(user("ann"),))
    new = acme(package(policy(MEMBERS)), profile=ENTRA, settings=Settings(risk_stage=risky))
    yield Defect(of, "one approver for people at risk, who may ask", None, new)


# every deadline ends

WAITING = ExtensionCall("x", ExtensionStage.REQUEST_CREATED, wait=DAY)
REVIEWED = ReviewSettings(
    NOW + DAY, Recurrence(every=90 * DAY), 25 * DAY, ReviewerKind.SPECIFIC, (user("boss"),)
)
FULL: Mapping[str, Any] = {
    "custom_schedule": True,
    "revoke_when_out_of_scope": True,
    "reviews": REVIEWED,
    "extensions": (WAITING,),
}
ENDING = {
    "plan.stage-times-out": ActionKind.TIME_OUT_STAGE,
    "plan.extension-times-out": ActionKind.TIME_OUT_EXTENSION,
    "plan.later-start": ActionKind.START_DELIVERY,
    "plan.expire": ActionKind.EXPIRE_ASSIGNMENT,
    "plan.revoke": ActionKind.REVOKE,
    "plan.review-closes": ActionKind.CLOSE_REVIEW,
    "plan.leaves-scope": ActionKind.REMOVE_OUT_OF_SCOPE,
    "plan.block-guest": ActionKind.BLOCK_GUEST,
    "plan.delete-guest": ActionKind.DELETE_GUEST,
}
WHERE = (
    "",
    "person=governed_guest",
    "person=outside",
    "person=in_directory",
    "extension=not_allowed",
    "start=later",
)


def endless() -> Iterator[Defect]:
    cleaned = Settings(guest_cleanup=GuestCleanup.BLOCK_AND_DELETE)
    for rule in ENDING:
        for where in WHERE:
            guests = rule in ("plan.block-guest", "plan.delete-guest")
            if guests and where == "person=in_directory":
                continue  # no rule cleans those up
            scope = CONFIGURED if "person" in where or guests else EVERYBODY
            scope = EVERYBODY if where == "person=in_directory" else scope
            new = acme(package(policy(scope, THREE, **FULL)), settings=cleaned)
            name = f"no {rule}{', where ' if where else ''}{where}"
            yield Defect(Property.EVERY_DEADLINE_ENDS, name, None, new, f"{rule} {where}")
    of_end = ("plan.expire", "plan.revoke", "plan.block-guest", "plan.delete-guest")
    never = Expiration(ExpirationKind.NEVER)
    for rule in of_end:
        new = acme(
            package(policy(CONFIGURED, expiration=never, custom_schedule=True)), settings=cleaned
        )
        yield Defect(
            Property.EVERY_DEADLINE_ENDS, f"no {rule}, for an end asked for", None, new, rule
        )
    for rule in (*of_end[:2], "plan.stage-times-out", "plan.leaves-scope"):
        new = acme(package(policy(STAFF, THREE, self_add=False, revoke_when_out_of_scope=True)))
        yield Defect(Property.EVERY_DEADLINE_ENDS, f"no {rule}, by staff", None, new, rule)
    rare = replace(REVIEWED, start=NOW + 80 * DAY)  # access of today ends before
    yield Defect(
        Property.EVERY_DEADLINE_ENDS,
        "no plan.review-closes, of reviews to come",
        None,
        acme(package(policy(STAFF, reviews=rare))),
        "plan.review-closes",
    )


def lacking(table: PhaseTable, rule: str, where: tuple[str, str] | None) -> PhaseTable:
    """The table of the lifecycle of a pack that lacks a rule, everywhere or in some cells."""

    def without(cell: int, row: Row) -> Row:
        if where is not None and where not in table.facts_of(cell):
            return row
        return replace(row, actions=tuple(one for one in row.actions if one.rule.id != rule))

    return Otherwise(table, without)


def tables_of(defect: Defect) -> Tables:
    """The tables that a defect's definitions are decided by."""
    tables = standard_tables()
    if not defect.rules:
        return tables
    rule, _, where = defect.rules.partition(" ")
    fact, _, word = where.partition("=")
    table = lacking(tables.phases[Phase.LIFECYCLE], rule, (fact, word) if where else None)
    return replace(
        tables,
        digest=f"{tables.digest} without {defect.rules}",
        phases={**tables.phases, Phase.LIFECYCLE: table},
    )


# no incompatible pair

VAULT, READERS = PackageEntry("vault", "Member"), PackageEntry("readers", "Member")
Q = Callable[..., AccessPackage]
ASKED: Mapping[str, tuple[AssignmentPolicy, ...]] = {
    "by asking": (policy(STAFF),),
    "with approval": (policy(STAFF, THREE),),
    "by staff": (policy(NOBODY),),
    "by rule": (policy(fitting(RULE)),),
    "by managers": (policy(STAFF, self_add=False, on_behalf=True),),
    "by another group": (policy(INTERNS),),
    "by members": (policy(MEMBERS),),
    "until a day": (policy(STAFF, expiration=SOON),),
}


def incompatible() -> Iterator[Defect]:
    of = Property.NO_INCOMPATIBLE_PAIR
    for name, policies in ASKED.items():
        mine = package(*policies, incompatible_packages=("q",))
        yield Defect(of, f"one way, {name}", None, acme(mine, package(policy(STAFF), name="q")))
        other = package(*policies, name="q")
        mine = package(policy(STAFF), incompatible_packages=("q",))
        yield Defect(of, f"one way, the other {name}", None, acme(mine, other))
        mine = package(policy(STAFF), incompatible_groups=("vault",))
        for what, edit in (
            ("a group that the other gives", with_package("q", entries=(APP, VAULT))),
            ("a group above the one that the other gives", with_package("q", entries=(READERS,))),
        ):
            new = edit(with_group("vault", groups=("vault-readers",))(acme(mine, other)))
            yield Defect(of, f"{what} {name}", None, new)
    itself = package(policy(STAFF), entries=(VAULT,), incompatible_groups=("vault",))
    yield Defect(of, "a package that gives what it excludes", None, acme(itself))
    # The scope of `q` is the group that `k` excludes: only who gets it after `k` comes in.
    mine = package(policy(STAFF), incompatible_packages=("q",), incompatible_groups=("vault",))
    other = package(policy(groups("vault")), name="q")
    helper = package(policy(STAFF), name="r", entries=(VAULT,))
    yield Defect(of, "a third package that opens the way", None, acme(mine, other, helper))
    partners = package(policy(PARTNER), incompatible_packages=("q",))
    yield Defect(
        of, "people from outside", None, acme(partners, package(policy(CONFIGURED), name="q"))
    )


__all__ = ["STANDARD", "Defect", "defects", "tables_of"]
