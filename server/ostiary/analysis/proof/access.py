"""Nobody new: whoever NEW lets in, OLD let in too."""

from __future__ import annotations

import msgspec

from ostiary.analysis.proof.people import Kind
from ostiary.analysis.proof.possible import View
from ostiary.analysis.proof.report import Door, Example, Property, Way
from ostiary.analysis.proof.ways import doors, way_of
from ostiary.decide.evaluate import evaluate
from ostiary.domain.request import EvaluationRequest

# Who could come through one of these before does not come in anew through the first.
_COVERED = {
    Door.REQUEST: (Door.REQUEST, Door.AUTOMATIC),
    Door.ON_BEHALF: (Door.REQUEST, Door.ON_BEHALF, Door.AUTOMATIC),
    Door.AUTOMATIC: (Door.REQUEST, Door.ON_BEHALF, Door.AUTOMATIC),
}
_SAYS = {
    Door.REQUEST: "may request it and could not before",
    Door.ON_BEHALF: "may be given it by their manager's request and could not before",
    Door.AUTOMATIC: "is given it by rule and could not have it before",
}


def new_access(old: View | None, new: View, kind: Kind) -> Example | None:
    """Give the example if this kind of person comes in through a door that was shut."""
    now = doors(new, kind)
    if not now:
        return None
    before = doors(old, kind) if old is not None else {}
    for door, (question, _) in now.items():
        if not any(other in before for other in _COVERED[door]):
            decision = evaluate(new.side.snapshot, question)
            return Example(
                property=Property.NO_NEW_ACCESS,
                package=new.package.id,
                person=kind.person,
                at=kind.at,
                holdings=kind.holdings,
                way=way_of(door, question, decision),
                sentence=_SAYS[door],
                before=None if old is None else _before(old, door, question),
            )
    return None


def _before(old: View, door: Door, question: EvaluationRequest) -> Way | None:
    """Give what the baseline says to the same question, if it knows the policy."""
    named = question.policy if question.policy in old.package.by_id else None
    asked = msgspec.structs.replace(question, policy=named)
    if door is Door.AUTOMATIC and named is None:
        return None
    return way_of(door, asked, evaluate(old.side.snapshot, asked))
