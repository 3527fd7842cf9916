"""What no rule pack may break, and what its author says must never be: checked in every cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from ostiary.domain.tables import Phase
from ostiary.rulebook.cell_checks import PhaseLogic
from ostiary.rulebook.faults import FaultList
from ostiary.rulebook.pack import PackRule, facts_in_words
from ostiary.rulebook.pack_codes import PackCode
from ostiary.rulebook.reference import TooManyOutcomesError
from ostiary.rulebook.report import in_words

# Words for what could not be found out; none of them may open what a known word keeps shut.
UNCERTAIN = ("unknown", "unreadable")


class Invariant(msgspec.Struct, frozen=True):
    """Words that an answer never has in the cells `when`, whatever a rule pack says."""

    phase: Phase
    answer: str
    words: tuple[str, ...]
    when: Mapping[str, tuple[str, ...]]
    because: str


_SCOPE, _SELECTION = Phase.REQUESTOR_SCOPE, Phase.POLICY_SELECTION
_APPROVERS, _LIMITS = Phase.APPROVER_RESOLUTION, Phase.LIMITS
_ADMITTED = ("selected", "choose")
_GOES_ON = ("grant", "needs_approval")
_NO_OFFER = (
    *("not_in_scope", "admin_only", "policy_disabled", "no_policy", "end_passed"),
    *("on_behalf_off", "unknown"),
)
_BAD_CHOICE = (
    *("held_back", "not_in_scope", "admin_only", "policy_disabled", "end_passed"),
    *("on_behalf_off", "other_package", "unknown"),
)

# INVARIANT: each line holds in every cell of every pack that is in force.
INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        _SCOPE, "scope", ("in",), {"policy": ("disabled",)}, "a disabled policy admits nobody"
    ),
    Invariant(
        _SCOPE, "scope", ("in",), {"scope": ("unreadable",)}, "an unreadable scope matches nobody"
    ),
    Invariant(
        _SCOPE,
        "scope",
        ("in",),
        {"scope": ("none",), "route": ("self", "on_behalf")},
        "a policy without requestors is for direct assignment only",
    ),
    Invariant(
        _SELECTION,
        "selection",
        _ADMITTED,
        {"subject": ("blocked", "deleted", "unknown")},
        "nobody is admitted whose account is not known to be enabled",
    ),
    Invariant(
        _SELECTION,
        "selection",
        _ADMITTED,
        {"catalog": ("disabled",)},
        "a disabled catalog admits nobody",
    ),
    Invariant(
        _SELECTION,
        "selection",
        _ADMITTED,
        {"scope": _NO_OFFER},
        "no policy has the person in scope",
    ),
    Invariant(
        _SELECTION, "selection", _ADMITTED, {"named": _BAD_CHOICE}, "the policy is not offered"
    ),
    Invariant(
        _SELECTION,
        "selection",
        ("selected",),
        {"named": ("none",), "scope": ("several",)},
        "nobody chose one of several policies",
    ),
    Invariant(
        _APPROVERS,
        "deciders",
        ("primary",),
        {"primary": ("only_own", "none", "unusable", "unknown")},
        "there is no primary approver who may decide",
    ),
    Invariant(
        _APPROVERS,
        "deciders",
        ("fallback",),
        {"fallback": ("none", "unknown")},
        "there is no fallback approver who may decide",
    ),
    Invariant(
        _LIMITS,
        "outcome",
        _GOES_ON,
        {"held": ("assigned", "pending")},
        "a package is held or asked for once",
    ),
    Invariant(
        _LIMITS,
        "outcome",
        _GOES_ON,
        {"duties": ("package", "group", "unknown")},
        "separation of duties is not known to hold",
    ),
    Invariant(
        _LIMITS,
        "outcome",
        _GOES_ON,
        {"approval": ("nobody", "unknown", "undecided")},
        "some stage has nobody who is known to be able to decide",
    ),
    Invariant(
        _LIMITS,
        "outcome",
        ("grant",),
        {"approval": ("staffed",)},
        "the policy asks for approval",
    ),
    Invariant(
        _LIMITS,
        "outcome",
        _GOES_ON,
        {"counters": ("reached", "unknown")},
        "a limit is not known to be kept",
    ),
    Invariant(
        _LIMITS,
        "outcome",
        _GOES_ON,
        {"selection": ("choose", "refused")},
        "no policy is selected",
    ),
    Invariant(
        _LIMITS,
        "outcome",
        ("selection_stands",),
        {"selection": ("selected", "choose")},
        "policy selection refused nothing",
    ),
)


def check_invariants(
    logic: PhaseLogic, faults: FaultList, region: Mapping[str, frozenset[str]] | None = None
) -> None:
    """Add a fault for each rule that breaks an invariant or lets an unknown fact widen access.

    With `region`, only those cells are looked at, and what lies along a fact from one of them.
    """
    try:
        for invariant in INVARIANTS:
            if invariant.phase is logic.phase.phase:
                _check(logic, invariant, faults, region)
        for answer, spec in logic.phase.spec.answers.items():
            for fact, words in logic.phase.facts:
                if spec.granting and set(words) & set(UNCERTAIN):
                    _check_unknown(logic, answer, fact, faults, region)
    except TooManyOutcomesError:
        message = "the cells of this phase are too many to show that no rule widens access"
        faults.add(logic.phase.place, PackCode.LIMIT, message)


def check_nevers(
    logic: PhaseLogic, faults: FaultList, region: Mapping[str, frozenset[str]] | None = None
) -> None:
    """Add a fault for each rule that breaks a `never` statement of the pack; see above."""
    for statement in logic.phase.nevers:
        where = dict(statement.when)
        for rule, cell in _breaking(logic, statement.answer, (statement.word,), where, region):
            message = (
                f"`{rule.rule.id}` gives `{statement.answer}: {statement.word}`, "
                f"which the pack says never happens for {in_words(where)} "
                f"(line {statement.place.line}); cell: {_cell(logic, cell)}"
            )
            faults.add(rule.place, PackCode.NEVER, message)


def _check(
    logic: PhaseLogic,
    invariant: Invariant,
    faults: FaultList,
    region: Mapping[str, frozenset[str]] | None,
) -> None:
    for rule, cell in _breaking(logic, invariant.answer, invariant.words, invariant.when, region):
        declared = [fact for fact, _ in logic.phase.facts]
        unseen = [fact for fact in invariant.when if fact not in declared]
        hint = f"; the pack does not look at `{unseen[0]}`" if unseen else ""
        message = (
            f"`{rule.rule.id}` gives `{invariant.answer}: {' or '.join(invariant.words)}` "
            f"for {in_words(dict(invariant.when))}, but {invariant.because}{hint}; "
            f"cell: {_cell(logic, cell)}"
        )
        faults.add(rule.place, PackCode.INVARIANT, message)


def _breaking(
    logic: PhaseLogic,
    answer: str,
    words: tuple[str, ...],
    when: Mapping[str, tuple[str, ...]],
    region: Mapping[str, frozenset[str]] | None,
) -> Iterator[tuple[PackRule, int]]:
    """Give each rule that decides for one of the words there, with the first such cell.

    A fact that the pack does not declare may have any word, so it restricts nothing.
    """
    judge = logic.judge
    within = {fact: frozenset(allowed) for fact, allowed in when.items()}
    for fact, allowed in (region or {}).items():
        within[fact] = within.get(fact, allowed) & allowed
    first: dict[int, int] = {}
    for outcome in logic.reference.deciders(judge.speaking[answer], within):
        number = judge.decider(answer, outcome.fired)
        if number is not None and judge.word(answer, outcome.fired) in words:
            first[number] = min(outcome.first, first.get(number, outcome.first))
    for number, cell in sorted(first.items()):
        yield logic.phase.rules[number], cell


def _check_unknown(
    logic: PhaseLogic,
    answer: str,
    fact: str,
    faults: FaultList,
    region: Mapping[str, frozenset[str]] | None,
) -> None:
    """Compare each cell where the fact is uncertain with those that differ in this fact alone."""
    judge = logic.judge
    granting = logic.phase.spec.answers[answer].granting
    words = dict(logic.phase.facts)[fact]
    uncertain = [at for at, word in enumerate(words) if word in UNCERTAIN]
    seen: set[tuple[int, str, str]] = set()
    for line, first in logic.reference.along(fact, judge.speaking[answer], region):
        given = [judge.word(answer, fired) for fired in line]
        for at in uncertain:
            number = judge.decider(answer, line[at])
            if number is None or given[at] not in granting:
                continue
            narrower = next((n for n, word in enumerate(given) if word != given[at]), None)
            if narrower is None or (number, words[at], words[narrower]) in seen:
                continue
            seen.add((number, words[at], words[narrower]))
            rule = logic.phase.rules[number]
            others = [each for each in logic.phase.facts_of(first) if each[0] != fact]
            message = (
                f"`{rule.rule.id}` gives `{answer}: {given[at]}` where `{fact}` is {words[at]}, "
                f"but not where it is {words[narrower]}; cell: {facts_in_words(tuple(others))}"
            )
            faults.add(rule.place, PackCode.UNKNOWN_WIDENS, message)


def _cell(logic: PhaseLogic, cell: int) -> str:
    return facts_in_words(logic.phase.facts_of(cell))
