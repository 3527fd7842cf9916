"""A decision as a person wants to read it: the answer, who approves, what follows, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import groupby

from rich.console import Console
from rich.text import Text

from ostiary.analysis.diff.words import length
from ostiary.cli.labels import Labels
from ostiary.cli.phrases import ActionWords, earliest, instant, people, when, word_of
from ostiary.cli.terminal import BOLD, DIM, grid, heading, rule_cells, rule_columns, show, styled
from ostiary.cli.tracing import origin_of
from ostiary.v1 import decision_pb2 as contract
from ostiary.v1 import decision_service_pb2 as service
from ostiary.v1 import reason_pb2

_COLOURS: Mapping[int, str] = {
    contract.OUTCOME_GRANT: "bold green",
    contract.OUTCOME_NEEDS_APPROVAL: "bold yellow",
    contract.OUTCOME_NEEDS_CHOICE: "bold yellow",
    contract.OUTCOME_DENY: "bold red",
    contract.OUTCOME_INDETERMINATE: "bold magenta",
}
_MARKS: Mapping[int, tuple[str, str]] = {
    reason_pb2.SEVERITY_ERROR: ("x", "bold red"),
    reason_pb2.SEVERITY_WARNING: ("!", "bold yellow"),
    reason_pb2.SEVERITY_INFO: ("-", ""),
}
_KINDS: Mapping[int, str] = {
    contract.APPROVER_KIND_USER: "named",
    contract.APPROVER_KIND_GROUP: "group member",
    contract.APPROVER_KIND_MANAGER: "manager",
    contract.APPROVER_KIND_INTERNAL_SPONSORS: "internal sponsor",
    contract.APPROVER_KIND_EXTERNAL_SPONSORS: "external sponsor",
    contract.APPROVER_KIND_OWN_SPONSORS: "own sponsor",
    contract.APPROVER_KIND_UNREADABLE: "unreadable entry",
}
_CAUSES: Mapping[int, str] = {
    contract.UNUSABLE_CAUSE_MISSING: "there is none",
    contract.UNUSABLE_CAUSE_BLOCKED: "sign-in is blocked",
    contract.UNUSABLE_CAUSE_DELETED: "the account is deleted",
    contract.UNUSABLE_CAUSE_OWN_REQUEST: "it is their own request",
    contract.UNUSABLE_CAUSE_UNREADABLE: "not understood",
}

_LAST = datetime.max.replace(tzinfo=UTC)  # of what may come at any time
_VISIBLE: Mapping[bool, str] = {
    True: "yes, the package is in the person's list",
    False: "no, the package is not in the person's list",
}
_ELIGIBLE: Mapping[bool, str] = {
    True: "yes, the person may submit a request",
    False: "no, the person cannot submit a request",
}
_STAGES: Mapping[int, str] = {1: "the approval stage has", 2: "both approval stages have"}


class Answered:
    """A request with its decision, and the names to tell it in."""

    def __init__(
        self, request: service.EvaluateRequest, decision: contract.Decision, labels: Labels
    ) -> None:
        self.request = request
        self.decision = decision
        self.labels = labels

    @property
    def target(self) -> str:
        """Give the id or resource name of who is to have the access."""
        request = self.request
        inline = request.WhichOneof("requestor") == "person"
        return request.person.id if inline else request.requestor_id

    @property
    def package(self) -> str:
        """Give the id or resource name of the access package."""
        return self.request.access_package

    def policy(self, policy: str) -> str:
        """Give the name and id of one of the package's policies."""
        return self.labels.policy_with_id(self.package, policy)


def show_decision(screen: Console, answered: Answered) -> None:
    """Print the whole decision."""
    show_headline(screen, answered)
    _show_stages(screen, answered)
    _show_plan(screen, answered)
    _show_reasons(screen, answered)
    show_revision(screen, answered.decision.revision)


def show_headline(screen: Console, answered: Answered) -> None:
    """Print the question, the answer, and what they are about."""
    labels = answered.labels
    name, package = labels.person(answered.target), labels.package(answered.package)
    screen.print(styled(f'May {name} have "{package}"?', BOLD))
    screen.print()
    screen.print(_answer(answered))
    screen.print()
    table = grid("fixed", "flow")
    for title, text in _subjects(answered):
        table.add_row(styled(title, DIM), styled(text))
    show(screen, table)


def _answer(answered: Answered) -> Text:
    outcome = answered.decision.outcome
    word = word_of(contract.Outcome.DESCRIPTOR, outcome, "OUTCOME_").replace("_", " ")
    coloured = styled(word, _COLOURS.get(outcome, BOLD))
    return Text.assemble(coloured, "  ", styled(_sentence(answered)))


def _sentence(answered: Answered) -> str:
    decision = answered.decision
    headline = decision.reasons[0].text if decision.reasons else "no reason was given"
    match decision.outcome:
        case contract.OUTCOME_GRANT:
            return "Yes, at once; nobody has to approve."
        case contract.OUTCOME_NEEDS_APPROVAL:
            return f"Yes, once {_STAGES.get(len(decision.stages), 'every stage has')} approved."
        case contract.OUTCOME_NEEDS_CHOICE:
            offered = " or ".join(map(answered.policy, decision.offered_policies))
            return f"Yes, but a policy has to be chosen: {offered}."
        case contract.OUTCOME_INDETERMINATE:
            return f"It cannot be said: {_stopped(headline)}"
    return f"No: {_stopped(headline)}"


def _stopped(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _subjects(answered: Answered) -> Iterator[tuple[str, str]]:
    request, decision, labels = answered.request, answered.decision, answered.labels
    yield "person", labels.person_with_id(answered.target)
    yield "package", labels.package_with_id(answered.package)
    if decision.selected_policy:
        yield "policy", answered.policy(decision.selected_policy)
    elif decision.offered_policies:
        yield "offered", ", ".join(map(answered.policy, decision.offered_policies))
    if request.request_type == service.REQUEST_TYPE_ON_BEHALF_ADD:
        yield "asked by", labels.person_with_id(request.submitter)
    elif request.request_type == service.REQUEST_TYPE_ADMIN_ADD:
        yield "asked by", labels.person_with_id(request.submitter) if request.submitter else "staff"
    yield "at", f"{instant(decision.evaluate_time)} UTC"
    yield "visible", _VISIBLE[decision.visible]
    yield "eligible", _ELIGIBLE[decision.eligible]


def _show_stages(screen: Console, answered: Answered) -> None:
    stages = answered.decision.stages
    if not stages:
        return
    heading(screen, "Who must approve")
    table = grid("fixed", "flow")
    for stage in stages:
        title = styled(f"stage {stage.number}")
        for line in stage_lines(stage, answered.labels):
            table.add_row(title, styled(line))
            title = Text()
    show(screen, table)


def stage_lines(stage: contract.PlannedStage, labels: Labels) -> Iterator[str]:
    """Give who decides a stage, who joins when, and who was looked at in vain."""
    deciders = ", ".join(map(labels.person_with_id, stage.approvers))
    yield f"any one of {deciders}" if len(stage.approvers) > 1 else deciders
    if stage.origin == contract.APPROVER_ORIGIN_FALLBACK:
        yield "as fallback, since none of those named first can decide"
    for one in stage.discarded:
        yield f"not {discarded(one, labels)}"
    if stage.alternates:
        late = length(stage.escalate_after.ToTimedelta())
        yield f"after {late} also {people(list(stage.alternates), labels)}"
    if stage.justification_required:
        yield "whoever decides has to give a reason"


def discarded(one: contract.DiscardedApprover, labels: Labels) -> str:
    """Give an approver who cannot decide, and why."""
    kind = _KINDS.get(one.kind, "approver")
    person = f" {labels.person_with_id(one.person)}" if one.person else ""
    return f"the {kind}{person}: {_CAUSES.get(one.cause, 'cannot decide')}"


def _show_plan(screen: Console, answered: Answered) -> None:
    decision = answered.decision
    if not decision.scheduled_actions:
        return
    heading(screen, "What happens next, if it is requested now (times in UTC)")
    words = ActionWords(decision, answered.package, answered.labels)
    table = grid("fixed", "flow", *rule_columns(screen))
    before = ""
    for group in merged(decision):
        due = _when(group[0], decision)
        shown = due if due.plain != before else Text()
        table.add_row(shown, styled(words.what(group)), *_rule(screen, group[0].rule))
        before = due.plain
    show(screen, table)


def merged(decision: contract.Decision) -> list[list[contract.ScheduledAction]]:
    """Give the actions as time goes by, those together that differ in their target alone."""
    groups = [list(group) for _, group in groupby(decision.scheduled_actions, key=_kinship)]
    # The contract puts known instants first; a person reads on from day to day.
    groups.sort(key=lambda group: earliest(group[0], decision.evaluate_time) or _LAST)
    return groups


def _kinship(action: contract.ScheduledAction) -> bytes:
    alike = contract.ScheduledAction()
    alike.CopyFrom(action)
    alike.ClearField("target")
    return alike.SerializeToString(deterministic=True)


def _when(action: contract.ScheduledAction, decision: contract.Decision) -> Text:
    text = styled(when(action))
    soonest = earliest(action, decision.evaluate_time)
    known = action.HasField("time") or soonest == decision.evaluate_time.ToDatetime(UTC)
    if soonest is not None and not known:
        text.append(f"\nnot before {soonest:%Y-%m-%d}", style=DIM)
    return text


def _rule(screen: Console, rule: contract.RuleReference | None) -> tuple[Text, ...]:
    if rule is None:
        return ()
    return rule_cells(screen, rule.id, f"{rule.file}:{rule.line}")


def _show_reasons(screen: Console, answered: Answered) -> None:
    heading(screen, "Why")
    table = grid("fixed", "flow", *rule_columns(screen))
    for reason in answered.decision.reasons:
        if answered.decision.stages and reason.code == reason_pb2.REASON_CODE_APPROVER_UNUSABLE:
            continue  # the stages above name them
        mark, style = _MARKS.get(reason.severity, _MARKS[reason_pb2.SEVERITY_INFO])
        origin = origin_of(reason, answered.decision)
        table.add_row(
            styled(mark, style),
            _reason(reason, answered),
            *_rule(screen, origin.rule if origin is not None else None),
        )
    show(screen, table)


def _reason(reason: reason_pb2.Reason, answered: Answered) -> Text:
    text = styled(reason.text)
    path = path_of(reason, answered.labels)
    return text.append("\n").append_text(styled(path, DIM)) if path else text


def path_of(reason: reason_pb2.Reason, labels: Labels) -> str:
    """Give the path that shows the fact behind a reason, e.g. by which groups; or nothing."""
    path = " in ".join(map(labels.evidence, reason.evidence))
    return path and f"through {path}"


def show_revision(screen: Console, revision: contract.Revision) -> None:
    """Print which rules and data decided."""
    screen.print()
    words = (
        f"rules {revision.rules[:12]}, tenant {revision.tenant[:12]},"
        f" profile {revision.profile} {revision.profile_version}"
    )
    screen.print(styled(words, DIM))
