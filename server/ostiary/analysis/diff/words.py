"""Changes in words, for everybody whom they concern or for one person."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from ostiary.analysis.diff.report import (
    MANAGER,
    MARKS,
    OWN,
    SECOND_MANAGER,
    Change,
    DiffReport,
    Ending,
    Facet,
    Happening,
    Kind,
    PackageDiff,
    Person,
    Refusal,
    Requirements,
    Reviews,
    StagePeople,
    StageTimes,
    Standing,
    resolved,
)
from ostiary.domain.policy import Recurrence

_MOST_NAMED = 6  # people of a stage whose names are told
_MARKED = {MANAGER: "their manager", SECOND_MANAGER: "their manager's manager"}
_OUTCOMES = {
    "GRANT": "may request, nobody needs to approve",
    "NEEDS_APPROVAL": "may request, with approval",
    "NEEDS_CHOICE": "may request, must choose a policy",
    "INDETERMINATE": "no answer, which counts as no",
    "NO_PACKAGE": "there is no such package",
    "NO_PERSON": "not in the directory",
}
_REFUSALS = {
    "CATALOG_DISABLED": "the catalog is switched off",
    "CATALOG_NOT_EXTERNAL": "the catalog is closed to external people",
    "POLICY_DISABLED": "the policy is switched off",
    "ADMIN_ONLY": "only staff can assign it",
    "NO_POLICY": "the package has no policy",
    "NOT_IN_SCOPE": "not in scope",
    "END_PASSED": "the fixed end is over",
    "SUBJECT_BLOCKED": "their account is blocked",
    "SUBJECT_DELETED": "their account is deleted",
    "INCOMPATIBLE_PACKAGE": "they hold what excludes it",
    "INCOMPATIBLE_GROUP": "they are in a group that excludes it",
    "NO_APPROVER": "nobody can approve",
    "FORBIDDEN": "requests by themselves are off",
    "FACT_MISSING": "a fact is not known",
    "LIMIT_EXCEEDED": "a limit is reached",
}
HEADINGS = {
    Kind.GAINS: "gain",
    Kind.LOSSES: "lose",
    Kind.POLICY: "other policies",
    Kind.APPROVERS: "other approvers",
    Kind.STAGES: "more or fewer stages",
    Kind.DEADLINES: "other deadlines",
    Kind.DURATION: "another duration",
    Kind.REVIEWS: "other reviews",
    Kind.ACTIONS: "other actions",
    Kind.REQUIREMENTS: "other requirements",
    Kind.DEAD_ENDS: "dead ends",
    Kind.VISIBILITY: "visibility",
    Kind.REASONS: "other reasons for no",
}


class Words:
    """Says what changes, in the names of both sides."""

    def __init__(self, report: DiffReport) -> None:
        self.report = report
        self.roster = report.roster

    def before(self, package: PackageDiff, change: Change, person: Person | None = None) -> str:
        """Give how it was; with a person, with the people that this means for them."""
        return self._told(package, change, change.before, (person, 0))

    def after(self, package: PackageDiff, change: Change, person: Person | None = None) -> str:
        """Give how it is now, as `before` does."""
        return self._told(package, change, change.after, (person, 1))

    def policy(self, package: PackageDiff, policy: str) -> str:
        """Give the name of a policy; nothing for none."""
        return self.report.policy_names.get((package.id, policy), policy)

    def _told(
        self, package: PackageDiff, change: Change, facet: Facet, whose: tuple[Person | None, int]
    ) -> str:
        match facet:
            case Standing():
                return self._standing(package, change.kind, facet)
            case Ending():
                return _ending(facet)
            case Reviews():
                return self._reviews(facet)
            case Requirements():
                return _requirements(facet)
            case None:
                return "none"
            case bool():
                return "in the list" if facet else "not in the list"
            case int():
                return _stages(facet)
            case _:
                return self._listed(change.kind, facet, whose)

    def _listed(
        self, kind: Kind, items: tuple[object, ...], whose: tuple[Person | None, int]
    ) -> str:
        if kind is Kind.DEAD_ENDS:
            named = " and ".join(f"stage {number}" for number in items)
            return f"nobody can decide {named}" if named else "none"
        if kind is Kind.ACTIONS:
            return (
                "; ".join(_happening(one) for one in items if isinstance(one, Happening)) or "none"
            )
        if not items:
            return "no approval"
        told = []
        for number, one in enumerate(items, start=1):
            if isinstance(one, StagePeople):
                told.append(f"stage {number}: {self._stage(one, whose)}")
            elif isinstance(one, StageTimes):
                told.append(f"stage {number}: {_times(one)}")
        return "; ".join(told)

    def _stage(self, stage: StagePeople, whose: tuple[Person | None, int]) -> str:
        deciders = self._people(stage.deciders, whose)
        late = self._people(stage.alternates, whose)
        told = deciders or "nobody"
        return f"{told}, late also {late}" if late else told

    def _people(self, people: tuple[str, ...], whose: tuple[Person | None, int]) -> str:
        person, side = whose
        if person is not None:
            return " or ".join(map(self.roster.name_of, resolved(people, person, side)))
        names = [self.roster.name_of(who) for who in people if who not in MARKS]
        if len(names) > _MOST_NAMED:
            names = [*names[:_MOST_NAMED], f"{len(names) - _MOST_NAMED} more"]
        told = [_MARKED[mark] for mark in (MANAGER, SECOND_MANAGER) if mark in people]
        told += names
        # Who asks is one of them, and never decides their own request.
        return " or ".join(told) + (" (but never the person)" if OWN in people else "")

    def _standing(self, package: PackageDiff, kind: Kind, standing: Standing) -> str:
        if standing.outcome != "DENY":
            told = _OUTCOMES.get(standing.outcome, standing.outcome)
            names = " or ".join(self.policy(package, policy) for policy in standing.policies)
            if kind is Kind.POLICY:
                return names
            reasons = self._reasons(package, kind, standing.reasons)
            told = f"{told} ({reasons})" if reasons else told
            return f"{told}, under {names}" if names else told
        return f"may not: {self._reasons(package, kind, standing.reasons)}"

    def _reasons(self, package: PackageDiff, kind: Kind, reasons: tuple[Refusal, ...]) -> str:
        # The headline says it; what follows matters where reasons are what differs.
        told = reasons if kind is Kind.REASONS else reasons[:1]
        return "; ".join(dict.fromkeys(self._reason(package, one) for one in told))

    def _reason(self, package: PackageDiff, reason: Refusal) -> str:
        details = dict(reason.details)
        text = _REFUSALS.get(reason.code, reason.code)
        about = [self.policy(package, reason.policy)] if reason.policy else []
        about += [
            f"{name.replace('_', ' ')} {value}".replace("cause ", "").replace("_", " ")
            for name, value in details.items()
            if value != "no_match"
        ]
        return f"{text} ({', '.join(about)})" if about else text

    def _reviews(self, reviews: Reviews) -> str:
        who = " or ".join(map(self._reviewer, reviews.reviewers))
        told = f"every {_every(reviews.recurrence)} from {_instant(reviews.start)}"
        told += f", open for {length(reviews.window)}, by {who}"
        if reviews.fallback:
            told += f", else {' or '.join(map(self._reviewer, reviews.fallback))}"
        silence = {"keep": "keeps", "remove": "removes", "recommendation": "follows the advice"}
        told += f"; silence {silence.get(reviews.no_response, reviews.no_response)}"
        left_out = 3 - len(reviews.scheduled)
        return f"{told}; only {', '.join(reviews.scheduled)} scheduled" if left_out else told

    def _reviewer(self, reviewer: str) -> str:
        kind, _, name = reviewer.partition(":")
        if kind == "self":
            return "themselves"
        if kind == "manager":
            return _MARKED[SECOND_MANAGER if name == "2" else MANAGER]
        if kind == "user":
            return self.roster.name_of(name)
        return f"group {name}" if kind == "group" else kind.replace("_", " ")


def length(time: timedelta) -> str:
    """Give a length of time in days, hours, minutes and seconds: 76 d, 1 d 12 h."""
    seconds = abs(int(time.total_seconds()))
    parts = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts) or "0 d"


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at.second else f"{at:%Y-%m-%d %H:%M}"


def _every(recurrence: Recurrence) -> str:
    if recurrence.months is not None:
        return "month" if recurrence.months == 1 else f"{recurrence.months} months"
    return length(recurrence.every or timedelta(0))


def _stages(number: int) -> str:
    return "no approval" if not number else "1 stage" if number == 1 else f"{number} stages"


def _times(times: StageTimes) -> str:
    lapses = times.lapses_after
    told = "never lapses" if lapses is None else f"lapses after {length(lapses)}"
    if times.escalates_after is not None:
        told += f", escalates after {length(times.escalates_after)}"
    return told


def _ending(ending: Ending) -> str:
    if ending.after is not None:
        told = f"ends after {length(ending.after)}"
    elif ending.at is not None:
        told = f"ends on {_instant(ending.at)}"
    else:
        told = "never ends"
    extension = {"yes": ", can be extended", "approved": ", can be extended with approval"}
    return told + extension.get(ending.extension, "")


def _requirements(asked: Requirements) -> str:
    told = ["justification required"] if asked.justification else []
    told += [f"question {name} ({text}; {wanted})" for name, text, wanted in asked.questions]
    if asked.own_schedule:
        told.append("own dates allowed")
    return ", ".join(told) or "nothing asked"


_AT_ONCE = {"start": "at the start", "end": "at the end"}


def _happening(one: Happening) -> str:
    what = one.kind.value.lower().replace("_", " ")
    told = f"{what} {one.target}" if one.target else what
    told = f"{told} ({one.points_at})" if one.points_at else told
    if not one.offset:
        return f"{told} {_AT_ONCE.get(one.anchor, 'on ' + one.anchor.replace('_', ' '))}"
    side = "before" if one.offset < timedelta(0) else "after"
    return f"{told} {length(one.offset)} {side} {one.anchor.replace('_', ' ')}"


def differing(change: Change) -> Change:
    """Give a change of actions with those alone that are not on both sides; others as they are."""
    before, after = change.before, change.after
    if change.kind is not Kind.ACTIONS:
        return change
    if not isinstance(before, tuple) or not isinstance(after, tuple):
        return change
    return msgspec.structs.replace(
        change,
        before=tuple(one for one in before if one not in after),
        after=tuple(one for one in after if one not in before),
    )
