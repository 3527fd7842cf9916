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
    About(
        "STALE_IGNORE",
        WARNING,
        "what is ignored is not there any more",
        "take the entry out",
    ),
    # who may request
    About(
        "SCOPE_ADMITS_NOBODY",
        WARNING,
        "a policy that is switched on has nobody in its scope",
        "name people who are there, or switch the policy off",
    ),
    About(
        "OVERLAPPING_POLICIES",
        ADVICE,
        "somebody is offered two policies of a package and has to choose",
        "take those who are in both out of one of the scopes, or say in `lint` why they choose",
    ),
    # who approves
    About(
        "DEAD_END",
        WARNING,
        "somebody may request, but nobody can approve",
        "name a fallback who is not the requestor",
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
)


def finding(
    code: str, path: Path, message: str, *, witness: Witness | None = None, mend: str | None = None
) -> Finding:
    """Give a finding of a known code; what to do is the code's own advice unless said."""
    about = CODES[code]
    return Finding(code, about.severity, path, message, mend or about.mend, witness)
