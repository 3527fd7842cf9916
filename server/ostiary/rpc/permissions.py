"""Who may call what: one row for every method of every service (section 16 of the semantics).

A row allows a call if the caller has one of its roles, in the whole tenant or in the catalog of
what the call names, or stands in one of its relations to what the call names. What is not allowed
is FORBIDDEN, whether or not it exists (S-133).
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ostiary.domain.access_request import RequestKind
from ostiary.domain.caller import CATALOG_ROLES, Role
from ostiary.domain.enumeration import Enumeration
from ostiary.operations.rights import ADMINISTRATORS, STAFF


class Relation(Enumeration):
    """How a caller stands to what a call names."""

    OWN = "own"  # the access is, or is to be, the caller's own
    SUBMITTER = "submitter"  # the caller asked for it
    MANAGER = "manager"  # the caller asks for a report; the decision looks at who that is (S-38)
    APPROVER = "approver"  # the caller may decide, or was asked to
    REVIEWER = "reviewer"  # the caller reviews at least one item
    NAMED = "named"  # the list is the caller's own


class Row(msgspec.Struct, frozen=True):
    """Who may call one method."""

    roles: frozenset[Role] = frozenset()
    relations: frozenset[Relation] = frozenset()
    anybody: bool = False  # it need not even be known who calls
    unnamed: bool = False  # so too, but whoever says who they are is held to it
    by_token: bool = False  # a secret in the request may stand for the caller (S-79)
    services_only: bool = False  # the roles are worth nothing in the hands of a person

    @property
    def needs_caller(self) -> bool:
        """Tell whether a call by nobody is UNAUTHENTICATED."""
        return not (self.anybody or self.unnamed or self.by_token)


def _row(roles: frozenset[Role], *relations: Relation) -> Row:
    return Row(roles, frozenset(relations))


_EVALUATORS = frozenset({Role.EVALUATOR, Role.ADMINISTRATOR})
# Questions are open to whoever reaches the server and does not say who they are (S-133). Staff may
# ask about the packages of their catalogs, which they assign.
_QUESTION = Row(STAFF | _EVALUATORS, frozenset({Relation.OWN, Relation.MANAGER}), unnamed=True)
_OWNERS = ADMINISTRATORS | {Role.CATALOG_OWNER}
_LOOKING = STAFF | {Role.CATALOG_CREATOR}
_ANYBODY = Row(anybody=True)  # on a machine that its owner alone reaches

_PLURALS = {
    "AccessPackage": "AccessPackages",
    "AssignmentPolicy": "AssignmentPolicies",
    "Catalog": "Catalogs",
    "ConnectedOrganization": "ConnectedOrganizations",
    "CustomExtension": "CustomExtensions",
    "Resource": "Resources",
}


def _standard(noun: str, *, reads: bool = False) -> tuple[str, ...]:
    """Give the standard methods of CatalogService that read an object, or those that write it."""
    names = (
        (f"Get{noun}", f"List{_PLURALS[noun]}")
        if reads
        else (f"Create{noun}", f"Update{noun}", f"Delete{noun}")
    )
    return tuple(f"ostiary.v1.CatalogService/{name}" for name in names)


# By kind, what CreateRequest asks for (S-31, S-131, section 9).
KINDS: Mapping[RequestKind, Row] = {
    RequestKind.USER_ADD: _row(frozenset(), Relation.OWN),
    RequestKind.ON_BEHALF_ADD: _row(frozenset(), Relation.MANAGER),
    RequestKind.USER_UPDATE: _row(frozenset(), Relation.OWN),
    RequestKind.USER_REMOVE: _row(frozenset(), Relation.OWN),
    RequestKind.ADMIN_ADD: _row(STAFF),
    RequestKind.ADMIN_UPDATE: _row(STAFF),
    RequestKind.ADMIN_REMOVE: _row(STAFF),
    RequestKind.SYSTEM_ADD: Row(STAFF, services_only=True),
    RequestKind.SYSTEM_UPDATE: Row(),  # the server's own
    RequestKind.SYSTEM_REMOVE: Row(STAFF, services_only=True),
    RequestKind.APPROVER_REMOVE: _row(frozenset(), Relation.APPROVER),
}
BYPASS = ADMINISTRATORS  # S-66

TABLE: Mapping[str, Row] = {
    "ostiary.v1.DecisionService/Evaluate": _QUESTION,
    "ostiary.v1.DecisionService/BatchEvaluate": _QUESTION,
    # a list goes across catalogs
    "ostiary.v1.DecisionService/ListRequestable": Row(
        _EVALUATORS, frozenset({Relation.OWN}), unnamed=True
    ),
    "ostiary.v1.DecisionService/ResolveApprovers": _QUESTION,
    "ostiary.v1.DecisionService/Explain": _QUESTION,
    # the kind of the request decides: KINDS
    "ostiary.v1.RequestService/CreateRequest": _row(STAFF, Relation.OWN, Relation.MANAGER),
    "ostiary.v1.RequestService/GetRequest": _row(
        STAFF, Relation.OWN, Relation.SUBMITTER, Relation.APPROVER
    ),
    "ostiary.v1.RequestService/ListRequests": _row(STAFF, Relation.NAMED),
    "ostiary.v1.RequestService/ListApprovals": _row(STAFF, Relation.NAMED),
    # that the caller is no approver is told in the order of S-64
    **dict.fromkeys(
        ("ostiary.v1.RequestService/ApproveRequest", "ostiary.v1.RequestService/DenyRequest"),
        Row(relations=frozenset({Relation.APPROVER}), by_token=True),
    ),
    "ostiary.v1.RequestService/CancelRequest": _row(STAFF, Relation.OWN, Relation.SUBMITTER),
    "ostiary.v1.RequestService/ReprocessRequest": _row(STAFF),
    "ostiary.v1.RequestService/DeleteRequest": _row(STAFF),
    "ostiary.v1.RequestService/ResumeRequest": _row(STAFF),
    "ostiary.v1.RequestService/ListCallouts": _row(STAFF),
    "ostiary.v1.RequestService/ListWork": _row(STAFF),
    "ostiary.v1.RequestService/RetryWork": _row(STAFF),
    # an approver's own; administrators may look, and end what somebody left behind
    "ostiary.v1.RequestService/SetDelegation": _row(frozenset(), Relation.OWN),
    "ostiary.v1.RequestService/GetDelegation": _row(ADMINISTRATORS, Relation.OWN),
    "ostiary.v1.RequestService/EndDelegation": _row(ADMINISTRATORS, Relation.OWN),
    "ostiary.v1.RequestService/WatchRequests": _row(STAFF, Relation.NAMED),
    "ostiary.v1.AssignmentService/GetAssignment": _row(STAFF, Relation.OWN),
    "ostiary.v1.AssignmentService/ListAssignments": _row(STAFF, Relation.NAMED),
    "ostiary.v1.AssignmentService/AssignAccess": _row(STAFF),
    "ostiary.v1.AssignmentService/ExtendAssignment": _row(STAFF, Relation.OWN),
    "ostiary.v1.AssignmentService/RemoveAssignment": _row(STAFF, Relation.OWN),
    "ostiary.v1.AssignmentService/ReprocessAssignment": _row(STAFF),
    "ostiary.v1.AccessReviewService/GetReview": _row(STAFF, Relation.REVIEWER),
    "ostiary.v1.AccessReviewService/ListReviews": _row(STAFF, Relation.NAMED),
    "ostiary.v1.AccessReviewService/ListReviewItems": _row(STAFF, Relation.REVIEWER),
    # who is under review themselves is told so in the order of S-64
    "ostiary.v1.AccessReviewService/DecideReviewItems": _row(
        frozenset(), Relation.REVIEWER, Relation.OWN
    ),
    "ostiary.v1.AuditService/ListAuditEvents": _row(STAFF),
    "ostiary.v1.AuditService/WatchAuditEvents": _row(STAFF),
    **dict.fromkeys(
        ("ostiary.v1.CatalogService/GetTenant", *_standard("ConnectedOrganization", reads=True)),
        _row(frozenset(Role) - {Role.EVALUATOR}),  # S-133: it asks decisions, nothing else
    ),
    **dict.fromkeys(
        [
            *_standard("Catalog", reads=True),
            *_standard("Resource", reads=True),
            *_standard("CustomExtension", reads=True),
            *_standard("AccessPackage", reads=True),
            *_standard("AssignmentPolicy", reads=True),
        ],
        _row(CATALOG_ROLES | ADMINISTRATORS),
    ),
    "ostiary.v1.CatalogService/CreateCatalog": _row(ADMINISTRATORS | {Role.CATALOG_CREATOR}),
    **dict.fromkeys(
        [
            "ostiary.v1.CatalogService/UpdateCatalog",
            "ostiary.v1.CatalogService/DeleteCatalog",
            # a resource also needs a right on what is added (S-17)
            *_standard("Resource"),
            *_standard("CustomExtension"),
        ],
        _row(_OWNERS),
    ),
    # automatic policies are for administrators (S-29)
    **dict.fromkeys(
        [*_standard("AccessPackage"), *_standard("AssignmentPolicy")],
        _row(_OWNERS | {Role.PACKAGE_MANAGER}),
    ),
    **dict.fromkeys(_standard("ConnectedOrganization"), _row(ADMINISTRATORS)),
    "ostiary.v1.CatalogService/Apply": _row(ADMINISTRATORS),
    "ostiary.v1.DirectoryService/GetUser": _row(_LOOKING, Relation.OWN),
    "ostiary.v1.DirectoryService/ListUsers": _row(_LOOKING),
    "ostiary.v1.DirectoryService/UpsertUser": _row(ADMINISTRATORS),
    "ostiary.v1.DirectoryService/DeleteUser": _row(ADMINISTRATORS),
    "ostiary.v1.DirectoryService/GetGroup": _row(_LOOKING),
    "ostiary.v1.DirectoryService/ListGroups": _row(_LOOKING),
    "ostiary.v1.DirectoryService/UpsertGroup": _row(ADMINISTRATORS),
    "ostiary.v1.DirectoryService/DeleteGroup": _row(ADMINISTRATORS),
    "ostiary.v1.DirectoryService/ListMemberships": _row(_LOOKING, Relation.OWN),
    "ostiary.v1.DirectoryService/WriteMemberships": _row(ADMINISTRATORS),
    "ostiary.v1.DirectoryService/ImportDirectory": _row(ADMINISTRATORS),
    "ostiary.v1.DirectoryService/ListRoleAssignments": _row(_OWNERS),
    "ostiary.v1.DirectoryService/AssignRole": _row(_OWNERS),
    "ostiary.v1.DirectoryService/RemoveRole": _row(_OWNERS),
    "ostiary.v1.DirectoryService/WriteResourceOwners": _row(ADMINISTRATORS),
    **dict.fromkeys(
        (
            f"ostiary.v1.RuleService/{name}"
            for name in (
                "Validate",
                "CreateRevision",
                "GetRevision",
                "ListRevisions",
                "Activate",
                "Rollback",
                "ListActivations",
                "Watch",
                "GetStatus",
                "SetShadow",
                "GetShadow",
                "Test",
                "Diff",
                "Prove",
                "Lint",
                "Coverage",
                "Mutate",
                "Replay",
            )
        ),
        _row(ADMINISTRATORS),
    ),
    "ostiary.v1.ClockService/GetTime": _ANYBODY,
    "ostiary.v1.ClockService/AdvanceTime": _ANYBODY,
}
