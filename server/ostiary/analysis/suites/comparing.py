"""Compares what a test says with what was found: single values, lists whole or in part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ostiary.analysis.suites.report import Mismatch
from ostiary.domain.tables import Rule
from ostiary.rulebook.suite_file import Wanted
from ostiary.rulebook.suite_text import flow

_INCLUDES, _LACKS = "includes ", "lacks "

OR_DENIED = "or_denied"  # said of the whole `want`: a refusal is as good
_ABOUT_PEOPLE = frozenset({"asked", "holds", "rights"})  # what names people

_FEW = 3


class AtLeast(int):
    """A number that fits whatever is not more."""


Found = Mapping[str, Any]  # an item of a list, with everything that may be said about it


def compared(
    wants: Iterable[Wanted],
    got: Callable[[str, Any], Any],
    rules: Callable[[str], tuple[Rule, ...]],
    at: str = "",
) -> list[Mismatch]:
    """Give what is otherwise than wanted.

    `got` gives what was found for a field and what is wanted of it, `rules` who decided it.
    """
    found = []
    for want in wants:
        field = want.name.removeprefix(_INCLUDES).removeprefix(_LACKS)
        value = got(field, want.value)
        told = _told(want.name, want.value, value)
        if told is not None:
            expected, seen = told
            found.append(Mismatch(want.name, expected, seen, want.place, rules(field), at))
    return found


def unknown_people(wants: Iterable[Wanted], known: Callable[[str], bool]) -> list[Mismatch]:
    """Give whom a test names and nobody knows: what is said of them would guard nothing."""
    return [
        Mismatch(want.name, f"somebody called {name}", "nobody", want.place)
        for want in wants
        if want.name.removeprefix(_INCLUDES).removeprefix(_LACKS) in _ABOUT_PEOPLE
        for name in want.value
        if not known(name)
    ]


def _told(name: str, wanted: Any, got: Any) -> tuple[str, str] | None:
    """Give both sides in words where they differ."""
    if name.startswith(_INCLUDES):
        absent, _ = unmatched(wanted, got)
        return (f"at least {flow(short(absent))}", _list(wanted, got)) if absent else None
    if name.startswith(_LACKS):
        there = [one for one in got if any(fits(each, one) for each in wanted)]
        return (f"none of {flow(short(wanted))}", _list(wanted, there)) if there else None
    if isinstance(got, AtLeast):
        return None if wanted <= got else (f"at least {wanted}", str(int(got)))
    if isinstance(got, list):
        return _lists(wanted, got)
    if fits(wanted, got):
        return None
    in_order = isinstance(got, tuple) and isinstance(wanted, tuple)
    return flow(wanted), flow(shown(wanted, got) if in_order else _spoken_of(wanted, got))


def _lists(wanted: Sequence[Any], got: Sequence[Any]) -> tuple[str, str] | None:
    """Give both lists; of long ones that are nearly alike only what the other has not."""
    absent, more = unmatched(wanted, got)
    if not absent and not more:
        return None
    if max(len(wanted), len(got)) <= _FEW or len(absent) == len(wanted):
        return flow(short(wanted)), _list(wanted, got)
    alike = len(wanted) - len(absent)
    spoken = absent or wanted
    return (
        f"{flow(short(absent))} beside {alike} more" if absent else f"{alike} and nothing else",
        f"{_list(spoken, more)} beside them" if more else "only those",
    )


def _list(wanted: Sequence[Any], got: Sequence[Any]) -> str:
    return flow(short(shown(wanted, got)))


def fits(wanted: Any, got: Any) -> bool:
    """Say whether what was found is what is wanted; of a mapping only what is said counts."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        return all(name in got and fits(value, got[name]) for name, value in wanted.items())
    if isinstance(wanted, tuple) and isinstance(got, tuple):
        if all(isinstance(one, str) for one in (*wanted, *got)):
            return sorted(wanted) == sorted(got)
        return len(wanted) == len(got) and all(map(fits, wanted, got))
    return bool(wanted == got)


def _spoken_of(wanted: Any, got: Any) -> Any:
    """Give what was found of what the test speaks of."""
    if not isinstance(wanted, Mapping) or not isinstance(got, Mapping):
        return got
    return {name: _spoken_of(value, got[name]) for name, value in wanted.items() if name in got}


def unmatched(wanted: Sequence[Any], got: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Give the wanted items that cannot be found, each another one, and the found ones left."""
    choices = [[at for at, one in enumerate(got) if fits(each, one)] for each in wanted]
    taken: dict[int, int] = {}
    for number in range(len(wanted)):
        _place(number, choices, taken, set())
    placed = set(taken.values())
    absent = [each for number, each in enumerate(wanted) if number not in placed]
    return absent, [one for at, one in enumerate(got) if at not in taken]


def _place(
    number: int, choices: Sequence[Sequence[int]], taken: dict[int, int], seen: set[int]
) -> bool:
    """Give an item a place, moving others to places of their own where that helps."""
    for at in choices[number]:
        if at in seen:
            continue
        seen.add(at)
        if at not in taken or _place(taken[at], choices, taken, seen):
            taken[at] = number
            return True
    return False


def shown(wanted: Sequence[Any], got: Sequence[Any]) -> list[Any]:
    """Give what was found with the fields that the test speaks of, so that both look alike."""
    spoken: dict[str, None] = {}
    for each in wanted:
        if isinstance(each, Mapping):
            spoken.update(dict.fromkeys(each))
    return [
        {name: value for name, value in one.items() if name in spoken or name == next(iter(one))}
        if isinstance(one, Mapping)
        else one
        for one in got
    ]


def short(items: Iterable[Any]) -> list[Any]:
    """Give items of one field as that field."""
    return [
        next(iter(one.values())) if isinstance(one, Mapping) and len(one) == 1 else one
        for one in items
    ]
