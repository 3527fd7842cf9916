"""Changes in words."""

from __future__ import annotations

from collections.abc import Mapping

from ostiary.analysis.counterfactual.report import Change, ChangeKind

K = ChangeKind
_TEXTS: Mapping[ChangeKind, str] = {
    K.CHOOSE_POLICY: "choose the policy {subject}",
    K.NAME_NO_POLICY: "name no policy",
    K.WRITE_JUSTIFICATION: "write a justification",
    K.ANSWER_QUESTIONS: "answer the questions of {subject}",
    K.DROP_SCHEDULE: "ask for no start and end of one's own",
    K.SHORTEN: "ask for no more time than {subject} allows",
    K.WAIT_UNTIL: "wait until {at}",
    K.GIVE_BACK: "give {subject} back",
    K.SIGN_IN_FROM: "sign in as people of {subject} do",
    K.ASK_FOR_ONESELF: "ask for oneself",
    K.HAVE_MANAGER_ASK: "have the manager, {subject}, ask",
    K.HAVE_STAFF_ASSIGN: "have staff assign it",
    K.JOIN_GROUP: "join the group {subject}",
    K.LEAVE_GROUP: "leave the group {subject}",
    K.SET_MANAGER: "have a manager, for example {subject}",
    K.REMOVE_MANAGER: "have no manager",
    K.SET_SPONSOR: "have a sponsor, for example {subject}",
    K.SET_ATTRIBUTE: "have {subject} `{value}`",
    K.TELL_GROUPS: "have it told which groups the person is in",
    K.TELL_RISK: "have it known that the account is not at risk",
    K.BECOME_MEMBER: "become a member of the directory",
    K.BECOME_GUEST: "become a guest in the directory",
    K.ENABLE_ACCOUNT: "have the account enabled",
    K.ENABLE_APPROVER: "have the account of {subject} enabled",
    K.ADD_APPROVER: "have a fallback approver added to stage {subject}, for example {value}",
    K.ENABLE_POLICY: "have the policy {subject} enabled",
    K.ALLOW_SELF_REQUESTS: "have the policy {subject} let people ask for themselves",
    K.ALLOW_MANAGERS: "have the policy {subject} let managers ask",
    K.ALLOW_SCHEDULES: "have the policy {subject} allow a start and end of one's own",
    K.CONFIGURE_ORGANIZATION: "have the organization {subject} configured",
    K.ALLOW_DOMAIN: "have the mail domain {subject} let in",
    K.OPEN_CATALOG: "have the catalog {subject} opened to people from outside",
    K.ENABLE_CATALOG: "have the catalog {subject} enabled",
    K.FREE_LIMIT: "have the limit {subject} not used up",
}


def worded(change: Change) -> str:
    """Give a change in words, as something to do."""
    if change.kind is K.SIGN_IN_FROM and change.value:
        return f"sign in as people of {change.subject} do, by {change.value}"
    at = "" if change.at is None else change.at.isoformat(timespec="minutes")
    return _TEXTS[change.kind].format(
        subject=change.subject, value=change.value, at=at.replace("+00:00", "Z")
    )
