"""What a profile file may hold: every switch and number of the semantics (S-2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple, TypeVar

from ostiary.domain.policy import Recurrence, ScopeKind
from ostiary.domain.tenant import Overlap
from ostiary.rulebook.reader import BROKEN, Broken, Reader, Where
from ostiary.rulebook.records import (
    JsonSchema,
    Record,
    RecordShape,
    Shape,
    items_of,
    not_a,
    required,
)
from ostiary.rulebook.shapes import ID, Count, ListOf, Text, TextsByName, Word, YesNo, words_of
from ostiary.rulebook.source import MappingNode, Node, ScalarNode
from ostiary.rulebook.time_shapes import Length, read_span

T = TypeVar("T")

UNLIMITED = "unlimited"
MUST_BE_STATED = "must-be-stated"


class OrWord(Shape[T | None]):
    """A value, or one word that stands for none."""

    def __init__(self, word: str, shape: Shape[T]) -> None:
        self.word = word
        self.shape = shape

    def read(self, node: Node, where: Where, reader: Reader) -> T | None | Broken:
        """Give the value, or None for the word."""
        if isinstance(node, ScalarNode) and node.text == self.word:
            return None
        return self.shape.read(node, where, reader)

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """Give both."""
        return {"anyOf": [{"const": self.word}, self.shape.schema(defs)]}


class TiersShape(Shape[tuple[tuple[ScopeKind, ...], ...]]):
    """The scope kinds by tier, best first; each kind once (S-55)."""

    kinds: ClassVar[Mapping[str, ScopeKind]] = {
        word: kind
        for word, kind in words_of(ScopeKind).items()
        if kind not in {ScopeKind.NONE, ScopeKind.AUTOMATIC, ScopeKind.UNREADABLE}
    }
    tier = ListOf(Word(kinds), at_least=1)

    def read(
        self, node: Node, where: Where, reader: Reader
    ) -> tuple[tuple[ScopeKind, ...], ...] | Broken:
        """Give the tiers."""
        tiers: list[tuple[ScopeKind, ...]] = []
        for child, place in items_of(node, where, reader) or ():
            tier = self.tier.read(child, place, reader)
            if isinstance(tier, Broken) or len(tier) < len(getattr(child, "items", ())):
                return BROKEN
            tiers.append(tuple(item.value for item in tier))
        kinds = [kind for tier in tiers for kind in tier]
        if len(kinds) != len(self.kinds) or len(set(kinds)) != len(kinds):
            known = ", ".join(self.kinds)
            return reader.invalid(node, where, f"must hold each of these once: {known}")
        return tuple(tiers)

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """Give a list of lists."""
        return {"type": "array", "items": self.tier.schema(defs)}


class StepShape(Shape[Recurrence]):
    """Exact time or calendar months."""

    def read(self, node: Node, where: Where, reader: Reader) -> Recurrence | Broken:
        """Give the step."""
        span = read_span(node, where, reader)
        if isinstance(span, Broken):
            return span
        if bool(span.months) == bool(span.exact):
            return reader.invalid(node, where, "must be exact time or calendar months, such as P3M")
        return Recurrence(months=span.months) if span.months else Recurrence(every=span.exact)

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:  # noqa: ARG002  # needs no others
        """Give the form of durations."""
        return {"type": "string", "pattern": "^P"}


LIMIT = OrWord(UNLIMITED, Count())
ANY_TIME = Length("weeks", "days", "hours", "minutes")


class LimitsText(Record):
    """The limits of section 18 by name: a number, or unlimited."""

    approval_stages = required(LIMIT, "Stages of one policy.")
    resources_per_package = required(LIMIT, "Different resources of one package.")
    packages_per_catalog = required(LIMIT, "Packages of one catalog.")
    catalogs_per_tenant = required(LIMIT, "Catalogs, the built-in one included.")
    packages_per_tenant = required(LIMIT, "Packages of the whole tenant.")
    policies_per_package = required(LIMIT, "Policies of one package.")
    policies_per_tenant = required(LIMIT, "Policies of the whole tenant.")
    auto_policies_per_package = required(LIMIT, "Automatic policies of one package (S-29).")
    assignments_per_auto_policy = required(LIMIT, "Assignments under one automatic policy.")
    assignments_per_package = required(LIMIT, "Current assignments of one package.")
    assignments_per_tenant = required(LIMIT, "Current assignments of the whole tenant.")
    connected_organizations = required(LIMIT, "Connected organizations of the tenant.")
    orgs_per_policy = required(LIMIT, "Organizations that one scope names.")
    subjects_per_policy = required(LIMIT, "Users and groups that one scope names.")
    extensions_per_tenant = required(LIMIT, "Custom extensions of the whole tenant.")
    extensions_per_catalog = required(LIMIT, "Custom extensions of one catalog.")
    extensions_per_policy = required(LIMIT, "Calls of custom extensions in one policy.")
    resources_per_catalog = required(LIMIT, "Resources of one catalog.")
    attributes_per_catalog = required(LIMIT, "Required attributes of the resources of a catalog.")
    users_per_catalog_role = required(LIMIT, "Users, groups and services that own one catalog.")
    requests_in_three_months = required(LIMIT, "Requests of the last three months.")
    group_members = required(LIMIT, "Members of a Microsoft 365 group, checked at delivery.")


class TextLimitsText(Record):
    """The longest texts, in characters (S-32)."""

    name = required(Count(), "Names.")
    description = required(Count(), "Descriptions, questions, patterns, rules and URLs.")
    answer = required(Count(), "Justifications, answers and values of attributes.")


class ProfileValues(Record):
    """Every switch and number of a profile."""

    overlap = required(Word(words_of(Overlap)), "When several policies fit: choose or tiers.")
    tiers = required(TiersShape(), "Scope kinds by tier, best first; used with tiers.")
    group_membership = required(
        Word({"transitive": True, "direct": False}), "Whether members of nested groups count."
    )
    show_out_of_scope = required(
        YesNo(), "Show packages for specific subjects to members out of scope."
    )
    delete_package_with_assignments = required(
        YesNo(), "A package with assignments may be deleted; they live on until they end."
    )
    all_external_scope = required(YesNo(), "The scope all_external is accepted.")
    propose_organizations = required(
        YesNo(), "A request of an unknown external person makes a proposed organization."
    )
    manager_for_external = required(YesNo(), "Managers may approve for external people.")
    manager_needs_fallback = required(YesNo(), "A manager as approver needs a fallback.")
    repeated_relation = required(
        YesNo(), "A manager or one kind of sponsor may approve in several stages."
    )
    directory_roles = required(YesNo(), "Directory roles are accepted as resources.")
    any_site = required(YesNo(), "Sites need no group and no switch of their own.")
    default_duration = required(ANY_TIME, "How long access lasts if the policy does not say.")
    longest_duration = required(ANY_TIME, "The longest duration of any kind.")
    default_stage_time_out = required(ANY_TIME, "When a stage lapses if the policy does not say.")
    shortest_time_out_with_escalation = required(ANY_TIME, "The least time-out with alternates.")
    shortest_escalation = required(ANY_TIME, "The least time before alternates join.")
    default_review_recurrence = required(
        OrWord(MUST_BE_STATED, ANY_TIME), "How often reviews come if the policy does not say."
    )
    quarterly = required(StepShape(), "What quarterly means: exact time or calendar months.")
    review_window = required(ANY_TIME, "How long reviewers have if the policy does not say.")
    longest_extension_wait = required(ANY_TIME, "The longest wait for a custom extension.")
    expiry_reminders = required(ListOf(ANY_TIME), "When holders are reminded, before the end.")
    guest_deletion_after_block = required(
        Length("weeks", "days", "hours", "minutes", zero=True),
        "When a guest is deleted after being blocked.",
    )
    restore_of_deleted_users = required(ANY_TIME, "How long a deleted user can be restored.")
    decide_by_mail = required(YesNo(), "Approvers may decide from the mail.")
    approval_delegation = required(YesNo(), "Approvers may name a delegate.")
    risk_stage = required(YesNo(), "Risky people need one more stage.")
    risk_stage_time_out = required(ANY_TIME, "The time-out of that stage.")
    dynamic_stage = required(YesNo(), "A custom extension may return a stage.")
    revoke_approval = required(YesNo(), "Approvers may withdraw an approval.")
    delivery_late_after = required(ANY_TIME, "When a grant counts as late.")
    delivery_retry_window = required(ANY_TIME, "How long failed grants are tried again.")
    reprocess_window = required(ANY_TIME, "How long a failed request can be processed again.")
    text_limits = required(RecordShape(TextLimitsText), "The longest texts.")
    limits = required(RecordShape(LimitsText), "The limits by name.")


class OverridesText(ProfileValues):
    """Single values of the profile that a tenant changes."""

    text_limits = required(RecordShape(TextLimitsText, partial=True), "The longest texts.")
    limits = required(RecordShape(LimitsText, partial=True), "The limits by name.")


class ResourceTermsText(Record):
    """What the resources of each kind are like (S-14, S-19)."""

    group_roles = required(ListOf(Text("name"), at_least=1), "The roles of a group.")
    application_roles = required(
        ListOf(Text("name"), at_least=1), "The roles of an application that declares none."
    )
    site_roles = required(ListOf(Text("name"), at_least=1), "The usual levels of a site.")
    directory_role_assignments = required(
        ListOf(Text("name"), at_least=1), "The ways of assigning a directory role."
    )
    privileged_role_assignments = required(
        ListOf(Text("name"), at_least=1), "The ways of assigning a privileged directory role."
    )
    other_spellings = required(TextsByName("name"), "Roles that are known by another name too.")
    refused_applications = required(
        ListOf(Text("name")), "Applications that no catalog may hold, by id or name."
    )


class Range(NamedTuple):
    """The least and the most that a value may be; the nodes are read by the value's own shape."""

    node: MappingNode
    least: Node | None
    most: Node | None


class RangesShape(Shape[dict[str, Range]]):
    """The allowed range of each value by its path: {least, most}."""

    def read(self, node: Node, where: Where, reader: Reader) -> dict[str, Range] | Broken:
        """Give the ranges with their places."""
        if not isinstance(node, MappingNode):
            return not_a(node, where, reader, "a mapping of values to ranges")
        found: dict[str, Range] = {}
        for name, child in node.fields.items():
            if isinstance(child, MappingNode) and child.fields.keys() <= {"least", "most"}:
                found[name] = Range(child, child.fields.get("least"), child.fields.get("most"))
            else:
                reader.invalid(child, (where, f"[{name}]"), "must be {least: ..., most: ...}")
        return found

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:  # noqa: ARG002  # needs no others
        """Give a mapping of ranges."""
        ends = {"least": {"type": ["string", "integer"]}, "most": {"type": ["string", "integer"]}}
        return {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": ends,
                "additionalProperties": False,
            },
        }


class ProfileText(Record):
    """One profile: a named set of switches and numbers that a tenant picks (S-2)."""

    name = required(ID, "The name that tenants pick it by.")
    version = required(Text("name"), "Changes with the values; part of every decision.")
    about = required(Text("description"), "What it is for.")
    values_ = required(RecordShape(ProfileValues), "The switches and numbers.")
    ranges = required(RangesShape(), "What a tenant may change each value to (S-3).")
    resources = required(RecordShape(ResourceTermsText), "What resources of each kind are like.")
