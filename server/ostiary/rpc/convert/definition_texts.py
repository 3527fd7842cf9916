"""Messages of definitions as plain data of the shape that files have, for the same checks.

What a message cannot say wrongly (a number for an enumeration that nobody knows, a duration out of
range) is found here; all else the checks of definitions find, and `path` gives the path of a field
of theirs as the message spells it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, timedelta
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from ostiary.domain.people import AccountState, GroupKind, OrganizationState, PersonType, RiskLevel
from ostiary.domain.policy import ApproverKind, QuestionKind, ReviewerKind
from ostiary.lifecycle.ports import DefinitionKind
from ostiary.rpc.convert import times
from ostiary.rpc.convert.definition_words import (
    ACCOUNT_STATE_NUMBERS,
    GROUP_KINDS,
    ORGANIZATION_STATES,
    PERSON_TYPE_NUMBERS,
    QUESTION_KINDS,
    RISK_LEVEL_NUMBERS,
    SCOPE_KINDS,
)
from ostiary.rpc.convert.life_words import (
    EXTENSION_STAGES,
    NO_RESPONSES,
    RESOURCE_KINDS,
    REVIEWERS,
    SIGN_IN_NUMBERS,
)
from ostiary.rpc.convert.unknown_fields import note_unknown
from ostiary.rpc.convert.words import APPROVER_KINDS
from ostiary.rpc.violations import Violations
from ostiary.v1 import catalog_pb2, directory_pb2, person_pb2, policy_pb2, resource_pb2

Plain = dict[str, Any]

_TARGETS = {
    resource_pb2.RESOURCE_KIND_GROUP: "group",
    resource_pb2.RESOURCE_KIND_APPLICATION: "application",
    resource_pb2.RESOURCE_KIND_SITE: "url",
    resource_pb2.RESOURCE_KIND_DIRECTORY_ROLE: "role",
}
_RELATIONS = {
    ApproverKind.INTERNAL_SPONSORS: "internal-sponsors",
    ApproverKind.EXTERNAL_SPONSORS: "external-sponsors",
    ApproverKind.OWN_SPONSORS: "own-sponsors",
}

_APPROVERS: Mapping[int, ApproverKind] = {number: kind for kind, number in APPROVER_KINDS.items()}
_REVIEWERS: Mapping[int, ReviewerKind] = {number: kind for kind, number in REVIEWERS.items()}

# How the checks and the contract call the same field, by kind.
_SPELLINGS: Mapping[DefinitionKind, tuple[tuple[str, str], ...]] = {
    DefinitionKind.RESOURCE: tuple(
        (rf"^{name}$", "target") for name in ("group", "application", "url", "role")
    ),
    DefinitionKind.PACKAGE: (
        (r"^incompatible\.packages", "incompatible_packages"),
        (r"^incompatible\.groups", "incompatible_groups"),
    ),
    DefinitionKind.POLICY: (
        (r"(^|\.)justification$", r"\1justification_required"),
        (r"^approval\.for\b", "approval.for_add"),
        (r"^reviews\.reviewers\[", "reviews.specific["),
        (r"\.after$", ""),
    ),
}


def path(kind: DefinitionKind, where: str) -> str:
    """Give the path of a field in the message of a definition from its path in a file."""
    for pattern, spelled in _SPELLINGS.get(kind, ()):
        where = re.sub(pattern, spelled, where)
    return re.sub(r"^name$", "display_name", where)


class DefinitionReader:
    """Reads the messages of definitions; what is wrong goes to `violations`."""

    def __init__(self, violations: Violations) -> None:
        self.violations = violations

    def plain(self, kind: DefinitionKind, message: Any, field: str) -> Plain:
        """Give a definition as plain data; `field` is the path of its message."""
        note_unknown(message, field, self.violations)
        return _READERS[kind](self, message, field)

    def catalog(self, message: catalog_pb2.Catalog, _: str) -> Plain:
        """Give a catalog without what is in it."""
        plain = _texts(message, "id", ("display_name", "name"), "description")
        for name in ("enabled", "external"):
            if message.HasField(name):
                plain[name] = getattr(message, name)
        return plain

    def resource(self, message: catalog_pb2.Resource, field: str) -> Plain:
        """Give a resource."""
        plain = _texts(message, "id", ("display_name", "name"))
        plain |= self._word(message.kind, RESOURCE_KINDS, f"{field}.kind", "kind")
        if message.target:
            plain[_TARGETS.get(message.kind, "group")] = message.target
        plain |= _lists(message, "roles")
        if message.questions:
            plain["questions"] = self._questions(message.questions, field)
        for name in (
            "group_connected",
            "enabled_for_entitlement_management",
            "personal_accounts_only",
            "privileged",
        ):
            if getattr(message, name):
                plain[name] = True
        return plain

    def custom_extension(self, message: catalog_pb2.CustomExtension, _: str) -> Plain:
        """Give a custom extension."""
        return _texts(message, "id", ("display_name", "name"), "url")

    def access_package(self, message: catalog_pb2.AccessPackage, _: str) -> Plain:
        """Give a package without its policies."""
        plain = _texts(message, "id", ("display_name", "name"), "description")
        plain["hidden"] = message.hidden
        if message.entries:
            plain["entries"] = [_texts(one, "resource", "role") for one in message.entries]
        incompatible = {
            name: list(listed)
            for name, listed in (
                ("packages", message.incompatible_packages),
                ("groups", message.incompatible_groups),
            )
            if listed
        }
        return {**plain, "incompatible": incompatible} if incompatible else plain

    def assignment_policy(self, message: policy_pb2.AssignmentPolicy, field: str) -> Plain:
        """Give a policy."""
        plain = _texts(message, "id", ("display_name", "name"), "description")
        for name in ("enabled", "notices"):
            if message.HasField(name):
                plain[name] = getattr(message, name)
        for name in ("on_behalf", "custom_schedule", "extension_allowed", "approver_reminders"):
            plain[name] = getattr(message, name)
        plain["justification"] = _justification(message)
        if message.questions:
            plain["questions"] = self._questions(message.questions, field)
        if message.extensions:
            plain["extensions"] = [
                self._call(call, f"{field}.extensions[{number}]")
                for number, call in enumerate(message.extensions)
            ]
        parts: Mapping[str, Callable[[Any, str], Any]] = {
            "scope": self._scope,
            "self_service": self._self_service,
            "approval": self._approval,
            "expiration": self._expiration,
            "reviews": self._reviews,
            "revoke_when_out_of_scope": self._leaving,
            "remove_when_unfit": self._leaving,
        }
        for name, read in parts.items():
            if message.HasField(name):
                plain[name] = read(getattr(message, name), f"{field}.{name}")
        return plain

    def _self_service(self, own: policy_pb2.SelfService, _: str) -> Plain:
        plain: Plain = {"update": own.update, "remove": own.remove}
        return {**plain, "add": own.add} if own.HasField("add") else plain

    def _leaving(self, grace: Duration, field: str) -> Any:
        length = self._length(grace, field)
        return True if length in (None, "PT0S") else {"after": length}

    def _scope(self, scope: policy_pb2.RequestorScope, field: str) -> Plain:
        plain = self._word(scope.kind, SCOPE_KINDS, f"{field}.kind", "kind")
        if plain.get("kind") == "unreadable":
            plain["kind"] = "all_agents"  # a word of files that stands for it
        return {
            **plain,
            **_lists(scope, "users", "groups", "organizations"),
            **_texts(scope, "rule"),
        }

    def _questions(self, questions: Iterable[policy_pb2.Question], field: str) -> list[Plain]:
        return [
            self._question(one, f"{field}.questions[{number}]")
            for number, one in enumerate(questions)
        ]

    def _question(self, one: policy_pb2.Question, field: str) -> Plain:
        plain = _texts(one, "id", "text", "pattern")
        plain |= self._word(
            one.kind, QUESTION_KINDS, f"{field}.kind", "kind", default=QuestionKind.TEXT
        )
        plain |= _lists(one, "choices")
        for name in ("required", "multiple"):
            if getattr(one, name):
                plain[name] = True
        if one.localized:
            plain["localized"] = dict(sorted(one.localized.items()))
        return plain

    def _approval(self, approval: policy_pb2.ApprovalSettings, field: str) -> Plain:
        wanted = [
            word
            for word, on in (("add", approval.for_add), ("extension", approval.for_extension))
            if on
        ]
        plain: Plain = {"for": wanted}
        if approval.stages:
            plain["stages"] = [
                self._stage(stage, f"{field}.stages[{number}]")
                for number, stage in enumerate(approval.stages)
            ]
        return plain

    def _stage(self, stage: policy_pb2.ApprovalStage, field: str) -> Plain:
        plain: Plain = {"justification": _justification(stage)}
        for name in ("approvers", "fallback", "alternates", "alternate_fallback"):
            listed = getattr(stage, name)
            if listed or name == "approvers":
                plain[name] = self._approvers(listed, f"{field}.{name}")
        for name in ("escalate_after", "time_out"):
            if stage.HasField(name):
                plain[name] = self._length(getattr(stage, name), f"{field}.{name}")
        return plain

    def _approvers(self, approvers: Iterable[policy_pb2.Approver], field: str) -> list[str]:
        return [self._approver(one, f"{field}[{number}]") for number, one in enumerate(approvers)]

    def _approver(self, one: policy_pb2.Approver, field: str) -> str:
        kind = self.violations.word(one.kind, _APPROVERS, f"{field}.kind", ApproverKind.UNREADABLE)
        if kind in (ApproverKind.USER, ApproverKind.GROUP):
            return f"{kind.value}:{one.id}"
        if one.id:
            self.violations.add(f"{field}.id", "belongs to users and groups")
        if kind is ApproverKind.MANAGER:
            return f"manager:{one.level or 1}"
        return _RELATIONS.get(kind, "")

    def _expiration(self, end: policy_pb2.Expiration, field: str) -> Any:
        match end.WhichOneof("end"):
            case "on":
                return {"on": self._instant(end.on, f"{field}.on")}
            case "after":
                return {"after": self._length(end.after, f"{field}.after")}
            case "never" if end.never:
                return "never"
            case _:
                return {}

    def _reviews(self, reviews: policy_pb2.ReviewSettings, field: str) -> Plain:
        plain = self._word(reviews.no_response, NO_RESPONSES, f"{field}.no_response", "no_response")
        if reviews.HasField("start"):
            plain["start"] = self._instant(reviews.start, f"{field}.start")
        match reviews.every.WhichOneof("step"):
            case "every":
                plain["every"] = self._length(reviews.every.every, f"{field}.every")
            case "months":
                plain["every"] = f"P{reviews.every.months}M"
        if reviews.HasField("window"):
            plain["window"] = self._length(reviews.window, f"{field}.window")
        kind = self.violations.word(
            reviews.reviewers, _REVIEWERS, f"{field}.reviewers", ReviewerKind.SELF
        )
        named = self._approvers(reviews.specific, f"{field}.specific")
        plain["reviewers"] = named if kind is ReviewerKind.SPECIFIC else kind.value
        if reviews.fallback:
            plain["fallback"] = self._approvers(reviews.fallback, f"{field}.fallback")
        return plain

    def _call(self, call: policy_pb2.ExtensionCall, field: str) -> Plain:
        plain = _texts(call, "extension")
        plain |= self._word(call.stage, EXTENSION_STAGES, f"{field}.stage", "stage")
        if call.HasField("wait"):
            plain["wait"] = self._length(call.wait, f"{field}.wait")
        return plain

    def connected_organization(
        self, message: directory_pb2.ConnectedOrganization, field: str
    ) -> Plain:
        """Give a connected organization."""
        plain = _texts(message, "id", ("display_name", "name"), "description")
        plain |= self._word(
            message.state,
            ORGANIZATION_STATES,
            f"{field}.state",
            "state",
            default=OrganizationState.CONFIGURED,
        )
        plain["sources"] = [_source(one) for one in message.sources]
        return plain | _lists(message, "internal_sponsors", "external_sponsors")

    def user(self, message: directory_pb2.User, field: str) -> Plain:
        """Give a user."""
        plain = _texts(message, "id", ("display_name", "name"), "manager", "mail")
        plain |= self._word(
            message.type, PERSON_TYPE_NUMBERS, f"{field}.type", "type", default=PersonType.MEMBER
        )
        plain |= self._word(
            message.state,
            ACCOUNT_STATE_NUMBERS,
            f"{field}.state",
            "state",
            default=AccountState.ENABLED,
        )
        plain |= _lists(message, "sponsors")
        if message.HasField("home"):
            plain["home"] = self._home(message.home, f"{field}.home")
        if message.governed:
            plain["governed"] = True
        plain |= self._word(
            message.risk, RISK_LEVEL_NUMBERS, f"{field}.risk", "risk", default=RiskLevel.NONE
        )
        if message.attributes:
            plain["attributes"] = dict(sorted(message.attributes.items()))
        return plain

    def _home(self, home: person_pb2.HomeIdentity, field: str) -> Plain:
        plain = self._word(home.sign_in, SIGN_IN_NUMBERS, f"{field}.sign_in", "sign_in")
        return plain | _texts(home, "tenant_id", "domain", "issuer", "identifier")

    def group(self, message: directory_pb2.Group, field: str) -> Plain:
        """Give a group without its members."""
        plain = _texts(message, "id", ("display_name", "name"))
        plain |= self._word(
            message.kind, GROUP_KINDS, f"{field}.kind", "kind", default=GroupKind.SECURITY
        )
        for name in ("dynamic", "synchronised"):
            if getattr(message, name):
                plain[name] = True
        return plain

    # single values

    def _word(
        self,
        number: int,
        numbers: Mapping[Any, Any],
        field: str,
        name: str,
        *,
        default: Any = None,
    ) -> Plain:
        """Give the word of an enumeration; for none `default`, or the checks say it is missing."""
        if number == 0:
            return {} if default is None else {name: default.value}
        for member, known in numbers.items():
            if known == number:
                return {name: member.value}
        self.violations.add(field, f"has no value with the number {number}")
        return {} if default is None else {name: default.value}

    def _length(self, value: Duration, field: str) -> str | None:
        found = times.duration(value, field, self.violations)
        return None if found is None else spell(found)

    def _instant(self, stamp: Timestamp, field: str) -> str | None:
        found = times.instant(stamp, field, self.violations)
        return None if found is None else found.astimezone(UTC).isoformat().replace("+00:00", "Z")


def spell(length: timedelta) -> str:
    """Give a length of time as files write it; the units are those that say it exactly."""
    sign = "-" if length < timedelta(0) else ""
    seconds = abs(length) // timedelta(seconds=1)
    for unit, size in (("D", 86_400), ("H", 3_600), ("M", 60)):
        if seconds and seconds % size == 0:
            return (
                f"{sign}P{seconds // size}D" if unit == "D" else f"{sign}PT{seconds // size}{unit}"
            )
    return f"{sign}PT{seconds}S"


def _justification(message: policy_pb2.AssignmentPolicy | policy_pb2.ApprovalStage) -> str:
    return "required" if message.justification_required else "optional"


def _source(source: directory_pb2.IdentitySource) -> Plain:
    match source.WhichOneof("source"):
        case "federation":
            federation = source.federation
            return {
                "federation": federation.issuer,
                **({"domain": federation.domain} if federation.domain else {}),
            }
        case None:
            return {}
        case name:
            return {name: getattr(source, name)}


def _texts(message: Any, *names: str | tuple[str, str]) -> Plain:
    """Give the texts that are not empty, under the names that files give them."""
    plain: Plain = {}
    for name in names:
        field, called = (name, name) if isinstance(name, str) else name
        if text := getattr(message, field):
            plain[called] = text
    return plain


def _lists(message: Any, *names: str) -> Plain:
    return {name: list(getattr(message, name)) for name in names if getattr(message, name)}


_READERS: Mapping[DefinitionKind, Callable[[DefinitionReader, Any, str], Plain]] = {
    DefinitionKind.CATALOG: DefinitionReader.catalog,
    DefinitionKind.RESOURCE: DefinitionReader.resource,
    DefinitionKind.EXTENSION: DefinitionReader.custom_extension,
    DefinitionKind.PACKAGE: DefinitionReader.access_package,
    DefinitionKind.POLICY: DefinitionReader.assignment_policy,
    DefinitionKind.ORGANIZATION: DefinitionReader.connected_organization,
    DefinitionKind.USER: DefinitionReader.user,
    DefinitionKind.GROUP: DefinitionReader.group,
}
