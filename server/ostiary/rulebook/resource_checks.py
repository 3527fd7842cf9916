"""From what a catalog says about a resource to the checked noun (S-14, S-18, S-19)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ostiary.domain.catalog import Resource, ResourceKind
from ostiary.domain.policy import Question
from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.faults import quoted
from ostiary.rulebook.question_checks import questions_of
from ostiary.rulebook.reader import Unreadable
from ostiary.rulebook.records import run_checks
from ostiary.rulebook.shapes import Item, values
from ostiary.rulebook.tenant_draft import Draft
from ostiary.rulebook.tenant_model import ResourceText

# The field that says which thing it is, and the other fields that a kind has.
_TARGET = {
    ResourceKind.GROUP: "group",
    ResourceKind.APPLICATION: "application",
    ResourceKind.SITE: "url",
    ResourceKind.DIRECTORY_ROLE: "role",
}
_KIND_OF = {
    **{field: kind for kind, field in _TARGET.items()},
    "personal_accounts_only": ResourceKind.APPLICATION,
    "group_connected": ResourceKind.SITE,
    "enabled_for_entitlement_management": ResourceKind.SITE,
    "privileged": ResourceKind.DIRECTORY_ROLE,
}
_HOST = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+"
_URL = re.compile(rf"https://{_HOST}(?::\d{{1,5}})?(?P<path>(?:/[^/?#\s]+)*)/?", re.IGNORECASE)


def resource_of(draft: Draft, text: ResourceText, within: str) -> Resource | None:
    """Report everything that is wrong with a resource; give it if it can be read at all."""
    checks = ResourceChecks(draft, text, within)
    checks.run()
    try:
        return checks.resource() if checks.roles_known else None
    except Unreadable:
        return None


class ResourceChecks:
    """The checks of one resource."""

    def __init__(self, draft: Draft, text: ResourceText, within: str) -> None:
        self.draft = draft
        self.reader = draft.reader
        self.terms = draft.loaded.resources
        self.text = text
        self.within = within
        self.questions: tuple[Question, ...] = ()
        self.roles_known = True

    def run(self) -> None:
        """Report everything that is wrong with the resource."""
        run_checks((self._fields, self._once, self._kind, self._roles, self._questions))

    def _refuse(self, field: str, text: str) -> None:
        self.reader.invalid(self.text.at(field), self.text.to(field), text)

    def _fields(self) -> None:
        kind = self.text.kind
        target = _TARGET[kind]
        if not self.text.has(target):
            text = f"is missing; it says which {kind.value} this is"
            where = self.text.to(target)
            self.reader.fault(self.text.node, where, FaultCode.MISSING_FIELD, text)
        for field, owner in _KIND_OF.items():
            if self.text.has(field) and owner is not kind:
                self._refuse(field, f"belongs to resources of kind {owner.value}, not {kind.value}")

    def _once(self) -> None:
        """One thing is one resource of the catalog, or a limit could be passed by renaming."""
        kind = self.text.kind
        field = _TARGET[kind]
        if self.text.has(field):
            called = f"a resource for {kind.value}"
            self.draft.define("resource", self.text, field, within=self.within, called=called)

    def _kind(self) -> None:
        checks: Mapping[ResourceKind, Callable[[], None]] = {
            ResourceKind.GROUP: self._group,
            ResourceKind.APPLICATION: self._application,
            ResourceKind.SITE: self._site,
            ResourceKind.DIRECTORY_ROLE: self._directory_role,
        }
        checks[self.text.kind]()

    def _group(self) -> None:
        """S-14: what kind of group it is can be said once all groups are known."""
        if self.text.group is not None:
            place = Item(self.text.group, self.text.at("group"), self.text.to("group"))
            self.draft.granted_groups.append(place)

    def _application(self) -> None:
        name = self.text.application or ""
        if name.casefold() in self.terms.refused_applications:
            self._refuse("application", f"{quoted(name)} cannot be given out by a package")
        if self.text.personal_accounts_only:
            text = "an application for personal accounts alone cannot be given out by a package"
            self._refuse("personal_accounts_only", text)

    def _site(self) -> None:
        """S-19."""
        self._url()
        connected = self.text.group_connected or self.text.enabled_for_entitlement_management
        if not connected and not self.draft.profile.any_site:
            text = "a site needs a security group behind it, or to be enabled for entitlement"
            text = f"{text} management, in profile {self.draft.profile.name}"
            self.reader.invalid(self.text.at("kind"), self.text.where, text)

    def _url(self) -> None:
        match = _URL.fullmatch(self.text.url or "https://a.b")
        if match is None:
            self._refuse("url", "must be the https URL of a site")
            return
        parts = match["path"].split("/")[1:]
        if len(parts) > 2 or (parts and "." in parts[-1]):
            self._refuse("url", "must be a whole site, not a library or document in it")

    def _directory_role(self) -> None:
        """S-19."""
        profile = self.draft.profile
        if not profile.directory_roles:
            text = f"directory roles are not accepted in profile {profile.name}"
            self._refuse("kind", f"{text}; they belong to privileged-role management")

    def _usual_roles(self) -> tuple[str, ...]:
        if self.text.kind is ResourceKind.DIRECTORY_ROLE and self.text.privileged:
            return self.terms.privileged_role_assignments
        return {
            ResourceKind.GROUP: self.terms.group_roles,
            ResourceKind.APPLICATION: self.terms.application_roles,
            ResourceKind.SITE: self.terms.site_roles,
            ResourceKind.DIRECTORY_ROLE: self.terms.directory_role_assignments,
        }[self.text.kind]

    def _roles(self) -> None:
        """Groups and directory roles have fixed roles; applications and sites state theirs."""
        if self.text.kind not in {ResourceKind.GROUP, ResourceKind.DIRECTORY_ROLE}:
            return
        usual = self._usual_roles()
        for item in self.text.roles or ():
            if item.value not in usual:
                known = ", ".join(usual)
                text = f"{quoted(item.value)} is not one of {known}"
                near = self.reader.near(item.value, usual)
                code = FaultCode.UNKNOWN_VALUE
                self.reader.fault(item.node, item.where, code, f"{text}{near}")
                self.roles_known = False

    def _questions(self) -> None:
        self.questions = questions_of(self.reader, self.text.questions, of_resource=True)

    def resource(self) -> Resource:
        """Give the resource."""
        text = self.text
        target = getattr(text, _TARGET[text.kind])
        roles = self._usual_roles() if text.roles is None else values(text.roles)
        return Resource(
            id=text.id,
            name=text.name or text.id,
            kind=text.kind,
            target=target or "",
            roles=tuple(sorted(roles)),
            questions=self.questions,
        )


def check_granted_groups(draft: Draft) -> None:
    """Refuse groups whose membership cannot be written (S-14)."""
    groups = {group.id: group for group in draft.groups}
    for item in draft.granted_groups:
        draft.refer("group", item.value, item.node, item.where)
        group = groups.get(item.value)
        if group is None:
            continue
        for wrong, text in (
            (group.dynamic, "has dynamic membership, which cannot be written"),
            (group.synchronised, "is synchronised from on premises and cannot be written here"),
            (group.kind.value == "distribution", "is a distribution list"),
        ):
            if wrong:
                message = f"group {quoted(item.value)} {text}"
                draft.reader.invalid(item.node, item.where, message)
