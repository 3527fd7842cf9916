"""How a decision came about, step by step: the facts, the rules that spoke, their verdict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ostiary.cli.labels import Labels
from ostiary.cli.phrases import ActionWords, when, word_of
from ostiary.cli.plain import clean
from ostiary.cli.show_decision import (
    Answered,
    merged,
    path_of,
    show_headline,
    show_revision,
    stage_lines,
)
from ostiary.cli.terminal import BOLD, DIM, grid, heading, show, styled
from ostiary.cli.tracing import origin_of
from ostiary.v1 import decision_pb2 as contract
from ostiary.v1 import reason_pb2

_PHASES: Mapping[int, str] = {
    contract.PHASE_REQUESTOR_SCOPE: "Is the person in the requestor scope of {about}?",
    contract.PHASE_POLICY_SELECTION: "Which policy is in force?",
    contract.PHASE_APPROVER_RESOLUTION: "Who decides {about}?",
    contract.PHASE_LIMITS: "Does anything else stand in the way?",
    contract.PHASE_LIFECYCLE: "What follows?",
}
_STAGE = "stage "
_NOTHING = ("nothing for this request",)


def show_explanation(screen: Console, answered: Answered) -> None:
    """Print the answer and then every step towards it, in order."""
    show_headline(screen, answered)
    decision = answered.decision
    reasons = _by_step(decision)
    for number, step in enumerate(decision.explanation):
        heading(screen, f"{number + 1}. {_title(step, answered)}")
        _show_step(screen, step, _said(step, reasons[number], answered), answered)
    _show_rest(screen, reasons[-1], answered.labels)
    show_revision(screen, decision.revision)


def _by_step(decision: contract.Decision) -> Mapping[int, list[reason_pb2.Reason]]:
    """Sort the reasons by the step that they come from; -1: none."""
    found: dict[int, list[reason_pb2.Reason]] = defaultdict(list)
    for reason in decision.reasons:
        origin = origin_of(reason, decision)
        found[-1 if origin is None else origin.step].append(reason)
    return found


def _title(step: contract.ExplanationStep, answered: Answered) -> str:
    about = step.about
    if step.phase == contract.PHASE_REQUESTOR_SCOPE:
        about = answered.policy(about)
    return _PHASES.get(step.phase, "{about}").format(about=about)


def _show_step(
    screen: Console, step: contract.ExplanationStep, said: list[str], answered: Answered
) -> None:
    table = grid("fixed", "flow")
    _add(table, "phase", [styled(word_of(contract.Phase.DESCRIPTOR, step.phase, "PHASE_").lower())])
    facts = "  ".join(f"{fact.name}={fact.value}" for fact in step.facts)
    _add(table, "facts", [styled(facts)])
    scheduled = _scheduled(answered) if step.phase == contract.PHASE_LIFECYCLE else None
    _add(table, "rules", list(_rules(step, scheduled)) or [styled("none spoke")])
    _add(table, "verdict", [styled(line, BOLD) for line in _conclusions(step)])
    _add(table, "in words", [styled(line) for line in said])
    show(screen, table)


def _add(table: Table, title: str, lines: list[Text]) -> None:
    for number, line in enumerate(lines):
        table.add_row(styled("" if number else title, DIM), line)


def _rules(
    step: contract.ExplanationStep, scheduled: Mapping[str, list[str]] | None
) -> Iterator[Text]:
    """Give each rule that spoke: its place, its sentence, what it carries out and schedules."""
    for fired in step.rules:
        rule = fired.rule
        text = styled(f"{rule.id}  ", "" if fired.decided else DIM)
        text.append(clean(f"{rule.file}:{rule.line}"), style=DIM)
        if not fired.decided:
            text.append("  overruled by an earlier rule", style=DIM)
        yield text
        carried = f" ({', '.join(fired.carries_out)})" if fired.carries_out else ""
        yield styled(f"{fired.sentence}{carried}")
        if scheduled is not None:
            yield from (styled(f"-> {line}", BOLD) for line in scheduled.get(rule.id, _NOTHING))


def _conclusions(step: contract.ExplanationStep) -> Iterator[str]:
    for one in step.conclusions:
        because = [part for part in (_reason(one), one.cause, one.missing_fact) if part]
        detail = f" ({', '.join(because)})" if because else ""
        yield f"{one.answer} = {one.value}{detail}, by {one.rule}"


def _reason(conclusion: contract.Conclusion) -> str:
    if not conclusion.reason:
        return ""
    return word_of(reason_pb2.ReasonCode.DESCRIPTOR, conclusion.reason, "REASON_CODE_")


def _scheduled(answered: Answered) -> Mapping[str, list[str]]:
    """Give what each rule schedules, by the id of the rule."""
    words = ActionWords(answered.decision, answered.package, answered.labels)
    lines: dict[str, list[str]] = defaultdict(list)
    for group in merged(answered.decision):
        lines[group[0].rule.id].append(f"{when(group[0])}: {words.what(group)}")
    return lines


def _said(
    step: contract.ExplanationStep, reasons: list[reason_pb2.Reason], answered: Answered
) -> list[str]:
    """Give the people of a stage, then the reasons in words with the paths that show them."""
    lines: list[str] = []
    for stage in answered.decision.stages:
        if step.about == f"{_STAGE}{stage.number}":
            who, *rest = stage_lines(stage, answered.labels)
            lines.extend((f"decided by {who}", *rest))
    staffed = bool(lines)
    for reason in reasons:
        if staffed and reason.code == reason_pb2.REASON_CODE_APPROVER_UNUSABLE:
            continue  # the lines of the stage name them
        lines.extend(_reason_lines(reason, answered.labels))
    return lines


def _reason_lines(reason: reason_pb2.Reason, labels: Labels) -> Iterator[str]:
    yield reason.text
    path = path_of(reason, labels)
    if path:
        yield path


def _show_rest(screen: Console, reasons: list[reason_pb2.Reason], labels: Labels) -> None:
    """Print the reasons that no rule made, e.g. that the package is empty."""
    if not reasons:
        return
    heading(screen, "Beside the rules")
    table = grid("flow")
    for reason in reasons:
        for line in _reason_lines(reason, labels):
            table.add_row(styled(line))
    show(screen, table)
