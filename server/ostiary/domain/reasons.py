"""The closed list of reasons, with their causes and weights (section 19 of the semantics)."""

from __future__ import annotations

from ostiary.domain.enumeration import Enumeration


class Code(Enumeration):
    """The reason codes that a decision can carry (section 19 of the semantics)."""

    FORBIDDEN = "FORBIDDEN"
    INVALID_MODEL = "INVALID_MODEL"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    CATALOG_DISABLED = "CATALOG_DISABLED"
    CATALOG_NOT_EXTERNAL = "CATALOG_NOT_EXTERNAL"
    POLICY_DISABLED = "POLICY_DISABLED"
    ADMIN_ONLY = "ADMIN_ONLY"
    NO_POLICY = "NO_POLICY"
    NOT_IN_SCOPE = "NOT_IN_SCOPE"
    END_PASSED = "END_PASSED"
    SUBJECT_BLOCKED = "SUBJECT_BLOCKED"
    SUBJECT_DELETED = "SUBJECT_DELETED"
    ALREADY_ASSIGNED = "ALREADY_ASSIGNED"
    REQUEST_PENDING = "REQUEST_PENDING"
    INCOMPATIBLE_PACKAGE = "INCOMPATIBLE_PACKAGE"
    INCOMPATIBLE_GROUP = "INCOMPATIBLE_GROUP"
    CHOICE_REQUIRED = "CHOICE_REQUIRED"
    POLICY_NOT_OFFERED = "POLICY_NOT_OFFERED"
    NOT_MANAGER = "NOT_MANAGER"
    JUSTIFICATION_REQUIRED = "JUSTIFICATION_REQUIRED"
    ANSWER_REQUIRED = "ANSWER_REQUIRED"
    ANSWER_INVALID = "ANSWER_INVALID"
    SCHEDULE_NOT_ALLOWED = "SCHEDULE_NOT_ALLOWED"
    SCHEDULE_INVALID = "SCHEDULE_INVALID"
    SCHEDULE_BEYOND_POLICY = "SCHEDULE_BEYOND_POLICY"
    NO_APPROVER = "NO_APPROVER"
    EMPTY_PACKAGE = "EMPTY_PACKAGE"
    FACT_MISSING = "FACT_MISSING"
    SCOPE_MATCHED = "SCOPE_MATCHED"
    POLICY_SELECTED = "POLICY_SELECTED"
    APPROVAL_REQUIRED = "APPROVAL_REQUIRED"
    AUTO_APPROVED = "AUTO_APPROVED"
    FALLBACK_USED = "FALLBACK_USED"
    APPROVER_UNUSABLE = "APPROVER_UNUSABLE"
    ESCALATION_EMPTY = "ESCALATION_EMPTY"


class Cause(Enumeration):
    """Why somebody is not in a scope, the least telling first (S-42)."""

    NO_MATCH = "no_match"
    GUEST_EXCLUDED = "guest_excluded"
    NO_CONNECTED_ORGANIZATION = "no_connected_organization"
    ORGANIZATION_NOT_LISTED = "organization_not_listed"
    ORGANIZATION_PROPOSED = "organization_proposed"
    AUTHENTICATION_MISMATCH = "authentication_mismatch"
    BLOCKLISTED = "blocklisted"
    SELF_REQUEST_OFF = "self_request_off"


class Severity(Enumeration):
    """How much a reason weighs: an error stops, a warning or information does not."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
