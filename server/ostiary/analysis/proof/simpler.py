"""The simplest person for whom the same is true, so that a counterexample shows what matters."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from ostiary.analysis.proof.homes import stranger
from ostiary.analysis.proof.people import Kind
from ostiary.analysis.proof.possible import View
from ostiary.analysis.proof.report import Example
from ostiary.domain.request import Holdings

Judge = Callable[[View | None, View, Kind], Example | None]


def simplest(judge: Judge, old: View | None, new: View, kind: Kind, example: Example) -> Example:
    """Leave out of a counterexample whatever can be left out, one thing after the other."""
    going = True
    while going:
        going = False
        for simpler in _simpler(new, kind):
            found = judge(old, new, simpler)
            if found is not None and found.way.door is example.way.door:
                kind, example, going = simpler, found, True
                break
    return example


def _simpler(view: View, kind: Kind) -> Iterator[Kind]:
    person, plain = kind.person, stranger(view.side.names.stranger)
    if kind.holdings.assigned:
        yield Kind(kind.person, kind.at, Holdings())
    if person.type is not plain.type or person.home is not None or person.mail is not None:
        yield _with(kind, type=plain.type, home=None, mail=None)
    for name in ("id", "risk", "sponsors", "manager"):
        if getattr(person, name) != getattr(plain, name):
            yield _with(kind, **{name: getattr(plain, name)})
    attributes = dict(person.attributes) if isinstance(person.attributes, dict) else {}
    for name in sorted(attributes):
        fewer = {one: value for one, value in attributes.items() if one != name}
        yield _with(kind, attributes=fewer)
    groups = person.groups if isinstance(person.groups, tuple) else ()
    for name in groups:
        yield _with(kind, groups=tuple(one for one in groups if one != name))


def _with(kind: Kind, **changed: object) -> Kind:
    person = msgspec.structs.replace(kind.person, **changed)
    return Kind(person, kind.at, kind.holdings)
