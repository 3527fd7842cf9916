"""Questions about the harbour, one for each reason that a decision can carry."""

from __future__ import annotations

from typing import Any, NamedTuple

from google.protobuf.json_format import ParseDict

from ostiary.v1.decision_service_pb2 import EvaluateRequest

NORTH = {
    "id": "nora",
    "type": "PERSON_TYPE_EXTERNAL",
    "state": "ACCOUNT_STATE_ENABLED",
    "groups": {},
    "manager": {"none": {}},
    "sponsors": {},
    "home": {"signIn": "SIGN_IN_TENANT", "tenantId": "t-north"},
    "attributes": {},
}
PASSCODE = {"signIn": "SIGN_IN_ONE_TIME_PASSCODE"}
FILLED_IN = {
    "justification": "ships come",
    "answers": [{"question": "colour", "values": ["red"]}],
    "mode": "EVALUATION_MODE_SUBMISSION",
}


class Case(NamedTuple):
    """A question with what its answer must say."""

    reason: str
    outcome: str
    ask: dict[str, Any]
    parameters: dict[str, str]

    def request(self) -> EvaluateRequest:
        """Give the question as a message."""
        return asked(**self.ask)


def asked(package: str, requestor: str | dict[str, Any] = "anna", **more: Any) -> EvaluateRequest:
    """Give a question in protobuf JSON as a message."""
    who = {"requestorId": requestor} if isinstance(requestor, str) else {"person": requestor}
    return ParseDict({"accessPackage": package, **who, **more}, EvaluateRequest())


def _case(
    reason: str,
    outcome: str,
    package: str,
    requestor: str | dict[str, Any] = "anna",
    said: dict[str, str] | None = None,
    **more: Any,
) -> Case:
    ask = {"package": package, "requestor": requestor, **more}
    return Case(reason, outcome, ask, said or {})


def _submitted(schedule: dict[str, str]) -> dict[str, Any]:
    return {**FILLED_IN, "schedule": schedule}


CASES = (
    _case(
        "FORBIDDEN",
        "DENY",
        "crane",
        "anna",
        submitter="mona",
        requestType="REQUEST_TYPE_ON_BEHALF_ADD",
    ),
    _case("INVALID_MODEL", "DENY", "crane", policy="crew", said={"field": "policy"}),
    _case(
        "LIMIT_EXCEEDED",
        "DENY",
        "crane",
        counters={"assignmentsPerPackage": 5},
        said={"name": "assignments_per_package", "max": "5"},
    ),
    _case("CATALOG_DISABLED", "DENY", "wreck"),
    _case("CATALOG_NOT_EXTERNAL", "DENY", "vault", NORTH),
    _case("POLICY_DISABLED", "DENY", "laid-up"),
    _case("ADMIN_ONLY", "DENY", "staffed"),
    _case("NO_POLICY", "DENY", "draft"),
    _case("NOT_IN_SCOPE", "DENY", "berth", "pilot", said={"cause": "no_match"}),
    _case("NOT_IN_SCOPE", "DENY", "crane", "gus", said={"cause": "guest_excluded"}),
    _case(
        "NOT_IN_SCOPE",
        "DENY",
        "pilotage",
        NORTH | {"home": PASSCODE | {"domain": "nowhere.example"}},
        said={"cause": "no_connected_organization"},
    ),
    _case(
        "NOT_IN_SCOPE",
        "DENY",
        "pilotage",
        NORTH | {"home": PASSCODE | {"domain": "south.example"}},
        said={"cause": "organization_not_listed"},
    ),
    _case(
        "NOT_IN_SCOPE",
        "DENY",
        "pilotage",
        NORTH | {"home": PASSCODE | {"domain": "SPAM.example"}},
        said={"cause": "blocklisted"},
    ),
    _case(
        "NOT_IN_SCOPE",
        "DENY",
        "pilotage",
        NORTH | {"home": PASSCODE | {"domain": "x.example", "tenantId": "t-north"}},
        said={
            "cause": "authentication_mismatch",
            "presented_domain": "x.example",
            "presented_tenant": "t-north",
            "compared": "t-north",
        },
    ),
    _case("END_PASSED", "DENY", "ended", evaluateTime="2031-07-01T00:00:00Z"),
    _case("SUBJECT_BLOCKED", "DENY", "crane", "bert"),
    _case("SUBJECT_DELETED", "DENY", "crane", "dora"),
    _case("ALREADY_ASSIGNED", "DENY", "crane", holdings={"assigned": ["crane"]}),
    _case(
        "REQUEST_PENDING",
        "DENY",
        "crane",
        holdings={"pending": ["tenants/harbour/catalogs/port/accessPackages/crane"]},
    ),
    _case(
        "INCOMPATIBLE_PACKAGE",
        "DENY",
        "rival",
        holdings={"assigned": ["crane"]},
        said={"package": "crane"},
    ),
    _case("INCOMPATIBLE_GROUP", "DENY", "rival", "pilot", said={"group": "pilots"}),
    _case(
        "CHOICE_REQUIRED",
        "DENY",
        "ways",
        mode="EVALUATION_MODE_SUBMISSION",
        said={"offered": "long,short"},
    ),
    _case("POLICY_NOT_OFFERED", "DENY", "ways", policy="everybody", said={"offered": "long,short"}),
    _case(
        "NOT_MANAGER", "DENY", "berth", submitter="boss", requestType="REQUEST_TYPE_ON_BEHALF_ADD"
    ),
    _case("JUSTIFICATION_REQUIRED", "DENY", "asking", mode="EVALUATION_MODE_SUBMISSION"),
    _case(
        "ANSWER_REQUIRED",
        "DENY",
        "asking",
        mode="EVALUATION_MODE_SUBMISSION",
        justification="x",
        said={"question": "colour"},
    ),
    _case(
        "ANSWER_INVALID",
        "DENY",
        "asking",
        answers=[{"question": "colour", "values": ["blue"]}],
        said={"question": "colour"},
    ),
    _case("SCHEDULE_NOT_ALLOWED", "DENY", "crane", schedule={"duration": "86400s"}),
    _case("SCHEDULE_INVALID", "DENY", "asking", **_submitted({"duration": "-1s"})),
    _case(
        "SCHEDULE_BEYOND_POLICY",
        "DENY",
        "asking",
        **_submitted({"duration": "2592001s"}),
        said={"latest": "2031-04-09T10:00:00Z"},
    ),
    _case("NO_APPROVER", "DENY", "guarded", said={"stage": "1"}),
    _case("EMPTY_PACKAGE", "GRANT", "dredger"),
    _case("FACT_MISSING", "INDETERMINATE", "crane", {"id": "nobody"}, said={"fact": "state"}),
    _case(
        "FACT_MISSING",
        "INDETERMINATE",
        "pilotage",
        {name: NORTH[name] for name in ("id", "type", "state", "groups")},
        said={"fact": "identity"},
    ),
    _case("SCOPE_MATCHED", "NEEDS_APPROVAL", "berth", "deckhand"),
    _case("SCOPE_MATCHED", "NEEDS_CHOICE", "ways"),
    _case("POLICY_SELECTED", "NEEDS_APPROVAL", "berth"),
    _case("APPROVAL_REQUIRED", "NEEDS_APPROVAL", "berth", said={"stages": "2"}),
    _case("AUTO_APPROVED", "GRANT", "crane"),
    _case("FALLBACK_USED", "NEEDS_APPROVAL", "berth", "lone", said={"stage": "1"}),
    _case(
        "APPROVER_UNUSABLE",
        "DENY",
        "guarded",
        said={"stage": "1", "person": "bert", "kind": "user", "why": "blocked"},
    ),
    _case("ESCALATION_EMPTY", "NEEDS_APPROVAL", "slow", said={"stage": "1"}),
    _case("POLICY_SELECTED", "GRANT", "pilotage", NORTH),
    _case("POLICY_SELECTED", "GRANT", "pilotage", "gus"),
    _case(
        "POLICY_SELECTED", "GRANT", "asking", **_submitted({"startTime": "2031-03-20T08:00:00.5Z"})
    ),
    _case(
        "SCOPE_MATCHED",
        "GRANT",
        "staffed",
        "tenants/harbour/users/anna",
        requestType="REQUEST_TYPE_ADMIN_ADD",
        submitter="boss",
    ),
)
