"""Each reason as a sentence from which a person sees what to change (S-138)."""

from __future__ import annotations

from collections.abc import Mapping

from ostiary.domain.decision import Reason, Unusable
from ostiary.domain.reasons import Cause, Code

_TEXTS: Mapping[Code, str] = {
    Code.FORBIDDEN: "{policy} does not let a manager ask for a report",
    Code.INVALID_MODEL: "`{field}` of the request does not fit the definitions",
    Code.LIMIT_EXCEEDED: "the limit `{name}` of {max} is reached",
    Code.CATALOG_DISABLED: "the catalog of the access package is disabled",
    Code.CATALOG_NOT_EXTERNAL: "the catalog of the access package is closed to external people",
    Code.POLICY_DISABLED: "{policy} is disabled",
    Code.ADMIN_ONLY: "{policy} gives access by direct assignment or by a rule; nobody can"
    " request it",
    Code.NO_POLICY: "the access package has no policy, so nobody can have it yet",
    Code.END_PASSED: "the fixed end of {policy} is over",
    Code.SUBJECT_BLOCKED: "the person's sign-in is blocked",
    Code.SUBJECT_DELETED: "the person's account is deleted",
    Code.ALREADY_ASSIGNED: "the person has this access package already; extend it instead",
    Code.REQUEST_PENDING: "a request of the person for this access package is still open",
    Code.INCOMPATIBLE_PACKAGE: "the person has the access package `{package}`, which must not be"
    " combined with this one",
    Code.INCOMPATIBLE_GROUP: "the person is in the group `{group}`, which must not be combined"
    " with this access package",
    Code.CHOICE_REQUIRED: "several policies are offered; name one of: {offered}",
    Code.POLICY_NOT_OFFERED: "{policy} fits the person but is not offered; offered: {offered}",
    Code.NOT_MANAGER: "whoever asks on behalf of a person must be that person's direct manager",
    Code.JUSTIFICATION_REQUIRED: "{policy} wants a justification",
    Code.ANSWER_REQUIRED: "the question `{question}` is not answered",
    Code.ANSWER_INVALID: "the answer to the question `{question}` is not one that it takes",
    Code.SCHEDULE_NOT_ALLOWED: "{policy} takes no start or end from the request",
    Code.SCHEDULE_INVALID: "the schedule contradicts itself or lies in the past",
    Code.SCHEDULE_BEYOND_POLICY: "{policy} lets access last until {latest} at most",
    Code.NO_APPROVER: "nobody can decide approval stage {stage} of {policy}; it needs an approver"
    " or a fallback who is enabled and does not ask here",
    Code.EMPTY_PACKAGE: "the access package holds no resource role, so it delivers nothing",
    Code.SCOPE_MATCHED: "the person is in the requestor scope of {policy}",
    Code.POLICY_SELECTED: "{policy} is in force",
    Code.APPROVAL_REQUIRED: "{policy} asks for approval, number of stages: {stages}",
    Code.AUTO_APPROVED: "{policy} asks for no approval",
    Code.FALLBACK_USED: "the fallback approvers decide stage {stage}, as none of its approvers can",
    Code.ESCALATION_EMPTY: "stage {stage} does not escalate, as none of its alternates can decide",
}

_NOT_IN_SCOPE: Mapping[str, str] = {
    Cause.NO_MATCH.value: "the person is not in the requestor scope of {policy}",
    Cause.GUEST_EXCLUDED.value: "the person is a guest and so not in the requestor scope of"
    " {policy}",
    Cause.NO_CONNECTED_ORGANIZATION.value: "the person belongs to no connected organization in the"
    " requestor scope of {policy}",
    Cause.ORGANIZATION_NOT_LISTED.value: "the person's connected organization is not in the"
    " requestor scope of {policy}",
    Cause.ORGANIZATION_PROPOSED.value: "the person's connected organization is only proposed;"
    " somebody must confirm it before it is in the requestor scope of {policy}",
    Cause.AUTHENTICATION_MISMATCH.value: "the person looks like one of a connected organization"
    " but signed in another way",
    Cause.BLOCKLISTED.value: "the person's mail domain is not one that may be invited",
    Cause.SELF_REQUEST_OFF.value: "people may not ask for themselves under {policy}",
}
_MISMATCH_SHOWN = (
    "{plain}; presented: tenant {presented_tenant}, domain {presented_domain}; compared: {compared}"
)

_FACT_MISSING: Mapping[str, str] = {
    "type": "whether the person is a member, a guest or external",
    "state": "whether the person's account is enabled",
    "groups": "which groups the person is in",
    "manager": "whether the person has a manager, and who it is",
    "sponsors": "who the person's sponsors are",
    "identity": "how the person signed in",
    "attributes": "the attributes of the person",
    "risk": "whether the person's account is at risk",
    "counters": "how much of a limit is used up",
}

_UNUSABLE: Mapping[str, str] = {
    Unusable.MISSING.value: "was not found",
    Unusable.BLOCKED.value: "is blocked",
    Unusable.DELETED.value: "is deleted",
    Unusable.OWN_REQUEST.value: "must not decide their own request",
    Unusable.UNREADABLE.value: "is named in a way that nobody understands",
}

# Headlines of gate 6 are about all policies of the package (S-41).
_ALL_POLICIES: Mapping[Code, str] = {
    Code.NOT_IN_SCOPE: "any policy",
    Code.POLICY_DISABLED: "every policy",
}


class _Parameters(dict[str, str]):
    """Parameters of a reason; one that was not given reads `none`."""

    def __missing__(self, name: str) -> str:
        return "none"


def text(reason: Reason) -> str:
    """Say a reason in words, lower case and without a full stop."""
    values = _Parameters(reason.parameters)
    if reason.policy is None:
        values["policy"] = _ALL_POLICIES.get(reason.code, "the policy")
    else:
        values["policy"] = f"policy `{reason.policy}`"
    return _template(reason.code, values).format_map(values)


def _template(code: Code, values: _Parameters) -> str:
    if code is Code.NOT_IN_SCOPE:
        return _not_in_scope(values)
    if code is Code.FACT_MISSING:
        fact = _FACT_MISSING.get(values["fact"], "{fact}")
        return f"not known, and the decision hangs on it: {fact}"
    if code is Code.APPROVAL_REQUIRED and "risk" in values:
        return f"{_TEXTS[code]}; the first is there since the person's account is at risk: {{risk}}"
    if code is Code.APPROVER_UNUSABLE:
        return _unusable(values)
    return _TEXTS[code]


def _not_in_scope(values: _Parameters) -> str:
    plain = _NOT_IN_SCOPE.get(values["cause"], _NOT_IN_SCOPE[Cause.NO_MATCH.value])
    if "compared" not in values:
        return plain
    values["plain"] = plain
    return _MISMATCH_SHOWN


def _unusable(values: _Parameters) -> str:
    who = "`{person}` ({spoken})" if "person" in values else "{spoken}"
    values["spoken"] = values["kind"].replace("_", " ")
    return f"approver of stage {{stage}}: {who} {_UNUSABLE[values['why']]}"
