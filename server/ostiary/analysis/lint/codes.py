"""The closed list of lint codes: what each means in a line, how bad it is, and how to mend it.

The page of a code is docs/lint/CODE.md; codes are stable, and a new check gets a new one.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ostiary.analysis.lint.findings import Finding, Path, Severity, Witness

WARNING, ADVICE = Severity.WARNING, Severity.ADVICE


class About(msgspec.Struct, frozen=True):
    """One code."""

    code: str
    severity: Severity
    title: str
    mend: str


def _listed(*all_of_them: About) -> Mapping[str, About]:
    return {one.code: one for one in all_of_them}


CODES: Mapping[str, About] = _listed(
    # lint itself
    About("STALE_IGNORE", WARNING, "what is ignored is not there any more", "take the entry out"),
    # who may request
    About(
        "SCOPE_ADMITS_NOBODY",
        WARNING,
        "a policy that is switched on has nobody in its scope",
        "name people who are there, or switch the policy off",
    ),
    About(
        "EMPTY_GROUP_IN_SCOPE",
        ADVICE,
        "a group in a scope has nobody who could request",
        "fill the group, or take it out",
    ),
    About(
        "LEFT_USER_IN_SCOPE",
        ADVICE,
        "a scope names a user who is blocked or deleted",
        "take the user out",
    ),
    About(
        "REDUNDANT_IN_SCOPE",
        ADVICE,
        "a scope names somebody twice, by themselves and by a group",
        "take the narrower entry out",
    ),
    About(
        "SCOPE_IS_WHAT_IS_GRANTED",
        WARNING,
        "only those may request a package who are in what it gives",
        "admit those who are to get in",
    ),
    About(
        "RULE_FITS_NOBODY",
        WARNING,
        "the rule of an automatic policy fits nobody",
        "compare the rule with the attributes that people have",
    ),
    About(
        "RULE_FITS_EVERYBODY",
        ADVICE,
        "the rule of an automatic policy fits everybody",
        "narrow the rule, or say in `lint` why everybody is meant",
    ),
    About(
        "EXTERNAL_SCOPE_IN_CLOSED_CATALOG",
        WARNING,
        "a policy for external people stands in a catalog that is closed to them",
        "open the catalog (`external: yes`), or switch the policy off",
    ),
    About(
        "NO_ORGANIZATION_CONFIGURED",
        WARNING,
        "a policy is for all configured organizations, and there is none",
        "configure an organization, or name those that are meant",
    ),
    About(
        "PROPOSED_ORGANIZATION_IN_SCOPE",
        ADVICE,
        "a scope names an organization that nobody has confirmed",
        "confirm the organization (`state: configured`), or take it out",
    ),
    About(
        "ON_BEHALF_OF_NOBODY",
        ADVICE,
        "managers may request for their reports, but nobody in the scope has a manager",
        "take `on_behalf` out, or set managers",
    ),
    # several policies
    About(
        "OVERLAPPING_POLICIES",
        ADVICE,
        "somebody is offered two policies of a package and has to choose",
        "take those who are in both out of one of the scopes, or say in `lint` why they choose",
    ),
    About(
        "SHADOWED_POLICY",
        WARNING,
        "everybody whom a policy admits is offered a better tier instead",
        "switch the policy off, or admit people whom the others leave out",
    ),
    About(
        "DUPLICATE_POLICY",
        WARNING,
        "two policies of a package differ by name alone",
        "keep one of them",
    ),
    About(
        "ONLY_DISABLED_POLICIES",
        ADVICE,
        "all policies of a package are switched off",
        "switch one on, or hide or remove the package",
    ),
    # who approves
    About(
        "DEAD_END",
        WARNING,
        "somebody may request, but nobody can approve",
        "name a fallback who is not the requestor",
    ),
    About(
        "ONLY_APPROVER_ASKS",
        ADVICE,
        "the only approver may request too, and is then left to the fallback",
        "name a second approver",
    ),
    About(
        "ALWAYS_FALLS_BACK",
        WARNING,
        "nobody whom a stage names can ever approve, so that the fallback always does",
        "name approvers who are there, or move the fallback up",
    ),
    About(
        "APPROVER_LEFT",
        WARNING,
        "an approver is blocked or deleted",
        "take the entry out, and name somebody who is there or a group",
    ),
    About(
        "APPROVER_GROUP_EMPTY",
        WARNING,
        "a group of approvers has no member who could approve",
        "put somebody into the group, or take the entry out",
    ),
    About(
        "FALLBACK_REPEATS",
        ADVICE,
        "a stand-in is among those for whom it stands in",
        "take the entry out of the stand-ins, or name somebody else",
    ),
    About(
        "ALTERNATE_IS_APPROVER",
        ADVICE,
        "an alternate may approve from the beginning",
        "take the entry out of the alternates, or name somebody else",
    ),
    About(
        "ESCALATION_TO_NOBODY",
        WARNING,
        "a stage escalates, but nobody joins",
        "name alternates, or take `escalate_after` out",
    ),
    About(
        "STAGES_SHARE_APPROVERS",
        ADVICE,
        "one person may decide two stages of a policy",
        "name different people, or drop a stage",
    ),
    About(
        "SPONSORS_MISSING",
        ADVICE,
        "sponsors approve, but an organization in the scope has none who could",
        "name sponsors of the organization",
    ),
    About(
        "EXTENSION_APPROVAL_UNUSED",
        ADVICE,
        "extensions need approval, but are not allowed",
        "allow extensions, or take `extension` out of `approval.for`",
    ),
    # what is had without anybody looking
    About(
        "PRIVILEGED_WITHOUT_APPROVAL",
        WARNING,
        "a powerful role is had without approval",
        "ask for approval, or let staff assign it (`scope: {kind: none}`)",
    ),
    About(
        "PRIVILEGED_FOR_EVER",
        WARNING,
        "a powerful role is had for ever and never reviewed",
        "let it expire, or review it",
    ),
    About(
        "PARTNERS_WITHOUT_APPROVAL",
        WARNING,
        "everybody of every partner has a package for the asking",
        "ask for approval, or name the organizations that are meant",
    ),
    About(
        "GRANTS_APPROVAL",
        ADVICE,
        "a package puts people into a group that approves it",
        "name other approvers",
    ),
    About(
        "CHOICE_OF_ONE",
        ADVICE,
        "a question offers a single answer",
        "offer a second answer, or drop the question",
    ),
    # the end of access
    About(
        "EXTERNAL_NEVER_EXPIRES",
        WARNING,
        "people from outside keep access for ever",
        "let it expire",
    ),
    About(
        "NEVER_ENDS_NOR_REVIEWED",
        ADVICE,
        "access has no end, no review, and outlives the scope",
        "let it expire, review it, or end it with the scope (`revoke_when_out_of_scope`)",
    ),
    About(
        "AUTOMATIC_NEVER_ENDS",
        WARNING,
        "whom the rule of an automatic policy no longer fits keeps the access for ever",
        "set `remove_when_unfit`, or let it expire",
    ),
    About(
        "END_PASSED",
        WARNING,
        "the fixed end of a policy has passed",
        "set a later end, or switch the policy off",
    ),
    About(
        "EXTENDS_IN_VAIN",
        ADVICE,
        "extension is allowed where there is nothing to extend",
        "take `extension_allowed` out, or let access last for a time (`after`)",
    ),
    About(
        "NO_REMINDER_BEFORE_END",
        ADVICE,
        "access may be extended, but is too short for any reminder",
        "make it last longer, or have reminders earlier (`overrides: {expiry_reminders: ...}`)",
    ),
    About(
        "SCHEDULE_WITHOUT_LIMIT",
        ADVICE,
        "requests may name any end, as the policy has none",
        "let the policy expire, or take `custom_schedule` out",
    ),
    About(
        "CALL_NEVER_MADE",
        WARNING,
        "an extension is called before the end, but access has none or is too short",
        "take the call out, or let access last so long",
    ),
    # reviews
    About(
        "REVIEW_WITHOUT_REVIEWER",
        WARNING,
        "nobody can review the access of somebody in the scope",
        "name a second reviewer, or a fallback",
    ),
    About(
        "REVIEWER_LEFT",
        WARNING,
        "a reviewer is blocked or deleted",
        "take the entry out, and name somebody who is there or a group",
    ),
    About(
        "REVIEWER_GROUP_EMPTY",
        WARNING,
        "a group of reviewers has no member who could review",
        "put somebody into the group, or take the entry out",
    ),
    About(
        "REVIEW_AFTER_END",
        WARNING,
        "the first review is due when all access has ended",
        "begin reviews earlier, or take them out",
    ),
    About(
        "REVIEWS_TOO_RARE",
        ADVICE,
        "access may begin and end between two reviews",
        "review more often, or not at all",
    ),
    About(
        "SELF_REVIEW_ONLY",
        ADVICE,
        "people review nobody but themselves",
        "name reviewers, or the manager",
    ),
    # separation of duties
    About(
        "INCOMPATIBLE_ONE_WAY",
        ADVICE,
        "a package excludes holders of another, but not the other way round",
        "list it in the other package as well, or say in `lint` why one way is enough",
    ),
    About(
        "INCOMPATIBLE_WITH_NOBODY",
        ADVICE,
        "an incompatible group has no members",
        "fill the group, or take it out",
    ),
    About(
        "INCOMPATIBLE_WITH_ITSELF",
        WARNING,
        "a package puts people into a group that it is incompatible with",
        "take the group out of `incompatible`, or the entry out of the package",
    ),
    About(
        "INCOMPATIBLE_WITH_SCOPE",
        WARNING,
        "everybody in a scope is in a group that the package is incompatible with",
        "admit others, or take the group out of `incompatible`",
    ),
    About(
        "INCOMPATIBLE_BY_RULE",
        WARNING,
        "people get a package by a rule that keeps them from this one",
        "take them out of the scope or of the rule",
    ),
    # catalogs
    About("CATALOG_WITHOUT_OWNER", ADVICE, "nobody owns a catalog", "name owners"),
    About(
        "CATALOG_OWNER_LEFT",
        WARNING,
        "an owner of a catalog is blocked or deleted, or an empty group",
        "name somebody who is there",
    ),
    About(
        "RESOURCE_UNUSED",
        ADVICE,
        "no package gives a resource",
        "take it out of the catalog, or give it",
    ),
    About(
        "EXTENSION_UNUSED",
        ADVICE,
        "no policy calls an extension",
        "take it out of the catalog, or call it",
    ),
    About(
        "DISABLED_CATALOG_IN_USE",
        ADVICE,
        "a catalog is switched off, the policies in it are not",
        "switch the policies off as well, or the catalog on",
    ),
    About("NAMES_ALIKE", ADVICE, "two packages have names that read alike", "rename one of them"),
    # partners
    About(
        "ORGANIZATION_UNUSED",
        ADVICE,
        "no policy is for the people of an organization",
        "name it in a scope, or take it out",
    ),
    About(
        "ORGANIZATIONS_SHARE_SOURCE",
        WARNING,
        "two organizations are recognised by one sign-in",
        "keep the source in one of them",
    ),
    About(
        "ORGANIZATION_REFUSED",
        WARNING,
        "the invitation lists refuse the people of an organization",
        "take the domain off the list, or the source out",
    ),
    About("SPONSOR_LEFT", ADVICE, "a sponsor is blocked or deleted", "name somebody who is there"),
    About(
        "GUEST_WITHOUT_HOME", ADVICE, "how a guest signs in is not said", "add `home` to the guest"
    ),
    # rule packs
    About(
        "CONDITION_ALWAYS_HOLDS",
        ADVICE,
        "a rule has a condition that lists all words of a fact",
        "take the condition out, or the words that are not meant",
    ),
    About(
        "PREDICATE_DECIDES_NOTHING",
        ADVICE,
        "a predicate that no answer depends on",
        "take it out of the phase, or write the rule that it was meant for",
    ),
    About(
        "RULE_ECHOES",
        ADVICE,
        "a rule without which every cell would be answered the same",
        "take the rule out, or the one that it repeats",
    ),
    About(
        "PREDICATE_FITS_NOBODY",
        ADVICE,
        "a predicate fits nobody of the tenant",
        "compare its values with the attributes that people have",
    ),
    # the directory and the tenant
    About(
        "MANAGER_CYCLE", WARNING, "people manage each other, or themselves", "set the right manager"
    ),
    About("MANAGER_LEFT", ADVICE, "a manager is blocked or deleted", "set another manager"),
    About(
        "DOMAIN_ALLOWED_AND_BLOCKED",
        WARNING,
        "a domain is both allowed and blocked",
        "keep it on one of the lists",
    ),
    About(
        "RISK_STAGE_DEAD_END",
        WARNING,
        "nobody can decide the stage for people at risk",
        "name approvers who are there",
    ),
    About(
        "OVERRIDE_CHANGES_NOTHING", ADVICE, "an override says what the profile says", "take it out"
    ),
    About(
        "LIMIT_NEARLY_REACHED",
        ADVICE,
        "a limit of the profile is nearly reached",
        "split what is counted, or raise the limit in `overrides`",
    ),
)


# What loading warns of; these have a page as well.
LOADING: Mapping[str, About] = _listed(
    About(
        "NO_POLICY",
        WARNING,
        "a package has no policy, so that nobody can have it",
        "write a policy, or remove the package",
    ),
    About(
        "EMPTY_PACKAGE",
        WARNING,
        "a package delivers nothing",
        "write entries, or remove the package",
    ),
    About(
        "NO_FALLBACK",
        WARNING,
        "a manager or sponsor approves and nobody stands in",
        "name a fallback",
    ),
    About(
        "REPEATED_RELATION",
        WARNING,
        "one manager or sponsor kind approves in two stages",
        "name somebody else in one of the stages",
    ),
    About(
        "UNREADABLE_SCOPE",
        WARNING,
        "a scope is for services or agents and matches nobody",
        "write a scope for people, or switch the policy off",
    ),
    About(
        "GROUP_CYCLE",
        WARNING,
        "groups contain each other",
        "take one of the groups out of another",
    ),
)


def finding(
    code: str, path: Path, message: str, *, witness: Witness | None = None, mend: str | None = None
) -> Finding:
    """Give a finding of a known code; what to do is the code's own advice unless said."""
    about = CODES[code]
    return Finding(code, about.severity, path, message, mend or about.mend, witness)
