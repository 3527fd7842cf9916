"""Patterns that an answer must match as a whole (S-57), in time that grows with its length alone.

The language is the plain part of regular expressions: characters, `.`, classes such as `[A-Z0-9_]`,
`\\d \\w \\s` and their opposites, groups, `|`, and the repetitions `* + ? {2} {2,} {2,5}`. There are
no back references and no look-around, and nothing backtracks: whoever writes an answer must not be
able to keep the server busy with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final, NoReturn

import msgspec

_LARGEST_PROGRAM = 4_096
_DEEPEST_NESTING = 32
_LARGEST_REPETITION = 4_096
_REMEMBERED_STEPS = 16_384

CharTest = Callable[[str], bool]

_CLASSES: Final[dict[str, CharTest]] = {
    "d": str.isdecimal,
    "w": lambda char: char.isalnum() or char == "_",
    "s": str.isspace,
    "D": lambda char: not char.isdecimal(),
    "W": lambda char: not (char.isalnum() or char == "_"),
    "S": lambda char: not char.isspace(),
}
_CONTROLS: Final = {"t": "\t", "n": "\n", "r": "\r"}


class PatternError(ValueError):
    """The text is no pattern; says where, in characters from 1."""

    def __init__(self, position: int, text: str) -> None:
        super().__init__(f"at character {position}: {text}")
        self.position = position


class _Char(msgspec.Struct, frozen=True):
    test: CharTest


class _Sequence(msgspec.Struct, frozen=True):
    parts: tuple[_Part, ...]


class _Choice(msgspec.Struct, frozen=True):
    branches: tuple[_Part, ...]


class _Repeat(msgspec.Struct, frozen=True):
    part: _Part
    least: int
    most: int | None


_Part = _Char | _Sequence | _Choice | _Repeat


class _Step(msgspec.Struct):
    """One step of a program: take a character and go on, or go on at each of the targets."""

    test: CharTest | None = None
    targets: tuple[int, ...] = ()


class AnswerPattern:
    """A pattern that is ready to be matched."""

    def __init__(self, program: list[_Step]) -> None:
        self._program = program
        self._end = len(program)
        self._start = self._reach((0,))
        self._steps: dict[tuple[frozenset[int], str], frozenset[int]] = {}

    def fits(self, answer: str) -> bool:
        """Tell whether the whole answer matches."""
        state = self._start
        for char in answer:
            state = self._after(state, char)
            if not state:
                return False
        return self._end in state

    def _after(self, state: frozenset[int], char: str) -> frozenset[int]:
        found = self._steps.get((state, char))
        if found is None:
            program, end = self._program, self._end
            found = self._reach(
                place + 1
                for place in state
                if place != end and (test := program[place].test) is not None and test(char)
            )
            if len(self._steps) < _REMEMBERED_STEPS:
                self._steps[state, char] = found
        return found

    def _reach(self, places: Iterable[int]) -> frozenset[int]:
        """Give the steps that take a character, and the end, as far as they are reached for free."""
        seen: set[int] = set()
        ahead = list(places)
        while ahead:
            place = ahead.pop()
            if place not in seen:
                seen.add(place)
                if place != self._end and self._program[place].test is None:
                    ahead.extend(self._program[place].targets)
        return frozenset(
            place for place in seen if place == self._end or self._program[place].test is not None
        )


@lru_cache(maxsize=4096)
def compile_pattern(pattern: str) -> AnswerPattern:
    """Give a pattern ready to be matched; PatternError says what is wrong and where."""
    program: list[_Step] = []
    _emit(_Parser(pattern).whole(), program)
    return AnswerPattern(program)


def fits(pattern: str, answer: str) -> bool:
    """Tell whether the whole answer matches the pattern."""
    return compile_pattern(pattern).fits(answer)


def _emit(part: _Part, program: list[_Step]) -> None:
    if len(program) > _LARGEST_PROGRAM:
        raise PatternError(1, "the pattern and its repetitions are too long")
    match part:
        case _Char():
            program.append(_Step(part.test))
        case _Sequence():
            for one in part.parts:
                _emit(one, program)
        case _Choice():
            _emit_choice(part, program)
        case _Repeat():
            _emit_repeat(part, program)


def _emit_choice(part: _Choice, program: list[_Step]) -> None:
    fork = _Step()
    program.append(fork)
    leaps = []
    for branch in part.branches:
        fork.targets += (len(program),)
        _emit(branch, program)
        leaps.append(_Step())
        program.append(leaps[-1])
    for leap in leaps:
        leap.targets = (len(program),)


def _emit_repeat(part: _Repeat, program: list[_Step]) -> None:
    for _ in range(part.least):
        before = len(program)
        _emit(part.part, program)
        if len(program) == before:  # nothing, however often it is repeated
            break
    if part.most is None:
        fork = _Step()
        start = len(program)
        program.append(fork)
        _emit(part.part, program)
        program.append(_Step(targets=(start,)))
        fork.targets = (start + 1, len(program))
        return
    forks = []
    for _ in range(part.most - part.least):
        forks.append(_Step())
        program.append(forks[-1])
        forks[-1].targets = (len(program),)
        _emit(part.part, program)
    for fork in forks:
        fork.targets += (len(program),)


class _Parser:
    """Reads a pattern from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.next = 0

    def whole(self) -> _Part:
        """Give the whole pattern; `^` before and `$` after it mean nothing, as all must match."""
        if self._peek() == "^":
            self.next += 1
        part = self._choice(0)
        if self._peek() == "$" and self.next == len(self.text) - 1:
            self.next += 1
        if self.next < len(self.text):
            self._refuse(f"unexpected `{self._peek()}`")
        return part

    def _peek(self) -> str:
        return self.text[self.next : self.next + 1]

    def _take(self) -> str:
        char = self._peek()
        self.next += 1
        return char

    def _refuse(self, text: str) -> NoReturn:
        raise PatternError(min(self.next, len(self.text)) + 1, text)

    def _choice(self, depth: int) -> _Part:
        if depth > _DEEPEST_NESTING:
            self._refuse(f"nested deeper than {_DEEPEST_NESTING} levels")
        branches = [self._sequence(depth)]
        while self._peek() == "|":
            self.next += 1
            branches.append(self._sequence(depth))
        return branches[0] if len(branches) == 1 else _Choice(tuple(branches))

    def _sequence(self, depth: int) -> _Part:
        parts: list[_Part] = []
        while self._peek() not in {"", "|", ")"}:
            if self._peek() == "$" and self.next == len(self.text) - 1:
                break
            parts.append(self._repeated(depth))
        return _Sequence(tuple(parts))

    def _repeated(self, depth: int) -> _Part:
        part = self._one(depth)
        bounds = self._bounds()
        if bounds is None:
            return part
        if self._peek() == "?":  # lazy: which characters are taken first makes no difference here
            self.next += 1
        if self._peek() in {"*", "+", "{"}:
            self._refuse("a repetition of a repetition; put the inner one in brackets")
        return _Repeat(part, *bounds)

    def _bounds(self) -> tuple[int, int | None] | None:
        simple = {"*": (0, None), "+": (1, None), "?": (0, 1)}
        sign = self._peek()
        if sign in simple:
            self.next += 1
            return simple[sign]
        return self._counted() if sign == "{" else None

    def _counted(self) -> tuple[int, int | None]:
        close = self.text.find("}", self.next)
        inside = self.text[self.next + 1 : close] if close > 0 else ""
        low, comma, high = inside.partition(",")
        numbers = [number for number in (low, high) if number]
        if not low or not all(_is_number(number) for number in numbers):
            self._refuse("a repetition is written {2}, {2,} or {2,5}; a brace itself is `\\{`")
        least = int(low)
        most = int(high) if high else None if comma else least
        if max(least, most or 0) > _LARGEST_REPETITION or (most is not None and most < least):
            self._refuse(f"repetitions go from low to high, up to {_LARGEST_REPETITION:,}")
        self.next = close + 1
        return least, most

    def _one(self, depth: int) -> _Part:
        char = self._peek()
        if char == "(":
            return self._group(depth)
        if char == "[":
            return _Char(self._class())
        if char == "\\":
            self.next += 1
            return _Char(self._escape())
        if char == ".":
            self.next += 1
            return _Char(lambda found: found != "\n")
        if char in "*+?{":
            self._refuse(f"`{char}` repeats nothing")
        if char in "^$":
            self._refuse(f"`{char}` can only stand at the {'start' if char == '^' else 'end'}")
        self.next += 1
        return _Char(char.__eq__)

    def _group(self, depth: int) -> _Part:
        self.next += 1
        if self.text.startswith("?:", self.next):
            self.next += 2
        elif self._peek() == "?":
            self._refuse("only (...) and (?:...) can be grouped; there is no look-around")
        part = self._choice(depth + 1)
        if self._peek() != ")":
            self._refuse("expected `)`")
        self.next += 1
        return part

    def _escape(self) -> CharTest:
        char = self._take()
        if char in _CLASSES:
            return _CLASSES[char]
        return self._escaped(char).__eq__

    def _escaped(self, char: str) -> str:
        if char in _CONTROLS:
            return _CONTROLS[char]
        if not char or char.isalnum():
            self.next -= 1
            self._refuse(f"`\\{char}` is not known here")
        return char

    def _class(self) -> CharTest:
        self.next += 1
        opposite = self._peek() == "^"
        self.next += opposite
        tests: list[CharTest] = []
        while self._peek() != "]" or not tests:
            if not self._peek():
                self._refuse("expected `]`")
            tests.append(self._class_item())
        self.next += 1
        return lambda char: any(test(char) for test in tests) is not opposite

    def _class_item(self) -> CharTest:
        first = self._take()
        if first == "\\":
            if self._peek() in _CLASSES:
                return _CLASSES[self._take()]
            first = self._escaped(self._take())
        if self._peek() != "-" or self.text[self.next + 1 : self.next + 2] in {"]", ""}:
            return first.__eq__
        self.next += 1
        last = self._take()
        if last == "\\":
            last = self._escaped(self._take())
        if last < first:
            self._refuse(f"the range `{first}-{last}` goes backwards")
        return lambda char: first <= char <= last


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5
