"""The rule language of automatic policies: text to an expression tree, or what is wrong (S-39).

rule       = branch {"-or" branch}
branch     = part {"-and" part}
part       = "-not" part | "(" rule ")" | comparison
comparison = attribute ("-eq" | "-ne" | "-startsWith" | "-contains") text
           | attribute "-in" "[" text {"," text} "]"
attribute  = ["user."] name
text       = in double or single quotes; a backtick keeps the quote or backtick after it
"""

from __future__ import annotations

import re
from typing import NoReturn

import msgspec

from ostiary.domain.attributes import (
    AllOf,
    AnyOf,
    AttributeRule,
    AttributeTest,
    Comparison,
    Negation,
)
from ostiary.rulebook.faults import did_you_mean, quoted

DEEPEST_NESTING = 32

_TOKEN = re.compile(
    r"""\s*(?:(?P<sign>[()\[\],])
    |(?P<word>-[A-Za-z]+)
    |(?P<text>"(?:[^"`]|`.)*"|'(?:[^'`]|`.)*')
    |(?P<name>[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)*)
    |(?P<end>$))""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"`(.)", re.DOTALL)
_COMPARISONS = {comparison.value: comparison for comparison in Comparison}
_JOINERS = ("-and", "-or", "-not")


class RuleTextError(ValueError):
    """The text is no rule; says where, in characters from 1."""

    def __init__(self, position: int, text: str) -> None:
        super().__init__(f"at character {position}: {text}")
        self.position = position


class _Token(msgspec.Struct, frozen=True):
    kind: str
    text: str
    position: int


def parse_rule(text: str) -> AttributeRule:
    """Give the expression tree of a rule; RuleTextError says what is wrong and where."""
    parser = _Parser(_tokens(text))
    rule = parser.rule(0)
    parser.expect("end", "`-and`, `-or` or the end of the rule")
    return rule


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    start = 0
    while not tokens or tokens[-1].kind != "end":
        match = _TOKEN.match(text, start)
        if match is None or match.lastgroup is None:
            at = start + len(text[start:]) - len(text[start:].lstrip())
            raise RuleTextError(at + 1, f"{_strange(text, at)} is not part of the rule language")
        kind = match.lastgroup
        tokens.append(_Token(kind, match[kind], match.start(kind) + 1))
        start = match.end()
    return tokens


def _strange(text: str, at: int) -> str:
    if text[at] in "\"'":
        return "a text that is not closed"
    return quoted(text[at:].split(maxsplit=1)[0])


class _Parser:
    """Reads tokens from left to right, one method for each line of the grammar."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.next = 0

    def rule(self, depth: int) -> AttributeRule:
        parts = [self._branch(depth)]
        while self._take("word", "-or"):
            parts.append(self._branch(depth))
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _branch(self, depth: int) -> AttributeRule:
        parts = [self._part(depth)]
        while self._take("word", "-and"):
            parts.append(self._part(depth))
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _part(self, depth: int) -> AttributeRule:
        if depth > DEEPEST_NESTING:
            self._refuse(f"nested deeper than {DEEPEST_NESTING} levels")
        if self._take("word", "-not"):
            return Negation(self._part(depth + 1))
        if self._take("sign", "("):
            inner = self.rule(depth + 1)
            self._sign(")")
            return inner
        return self._comparison()

    def _comparison(self) -> AttributeTest:
        attribute = self.expect("name", "an attribute, `-not` or `(`").text.removeprefix("user.")
        word = self.expect("word", "a comparison such as `-eq`")
        comparison = _COMPARISONS.get(word.text)
        if comparison is None:
            near = did_you_mean(word.text, _COMPARISONS)
            known = ", ".join(_COMPARISONS)
            text = f"{quoted(word.text)} is no comparison: {known}{near}"
            raise RuleTextError(word.position, text)
        if comparison is Comparison.IN:
            return AttributeTest(attribute, comparison, self._list())
        return AttributeTest(attribute, comparison, (self._value(),))

    def _list(self) -> tuple[str, ...]:
        self._sign("[")
        values = [self._value()]
        while self._take("sign", ","):
            values.append(self._value())
        self._sign("]")
        return tuple(values)

    def _value(self) -> str:
        token = self.expect("text", "a text in quotes")
        value = _ESCAPED.sub(r"\1", token.text[1:-1])
        if not value:
            raise RuleTextError(token.position, "an empty text compares with nothing")
        return value

    def _sign(self, sign: str) -> None:
        if not self._take("sign", sign):
            self._refuse(f"expected `{sign}` here")

    def _take(self, kind: str, text: str) -> bool:
        token = self.tokens[self.next]
        taken = token.kind == kind and token.text == text
        self.next += taken
        return taken

    def expect(self, kind: str, wanted: str) -> _Token:
        """Give the next token if it is of the kind."""
        token = self.tokens[self.next]
        if token.kind != kind:
            near = did_you_mean(token.text, _JOINERS) if token.kind == "word" else ""
            self._refuse(f"expected {wanted}{self._found()}{near}")
        self.next += 1
        return token

    def _found(self) -> str:
        token = self.tokens[self.next]
        return "" if token.kind == "end" else f", not {quoted(token.text)}"

    def _refuse(self, text: str) -> NoReturn:
        raise RuleTextError(self.tokens[self.next].position, text)


def spell_rule(rule: AttributeRule) -> str:
    """Give the text of a rule; `parse_rule` makes an equal one of it."""
    if isinstance(rule, AttributeTest):
        return f"user.{rule.attribute} {rule.comparison.value} {_spell_values(rule)}"
    if isinstance(rule, Negation):
        return f"-not {_spell_part(rule.part)}"
    joiner = " -and " if isinstance(rule, AllOf) else " -or "
    return joiner.join(map(_spell_part, rule.parts))


def _spell_part(rule: AttributeRule) -> str:
    text = spell_rule(rule)
    return f"({text})" if isinstance(rule, AllOf | AnyOf) else text


def _spell_values(rule: AttributeTest) -> str:
    texts = [_spell_text(value) for value in rule.values]
    return f"[{', '.join(texts)}]" if rule.comparison is Comparison.IN else texts[0]


def _spell_text(value: str) -> str:
    return '"' + value.replace("`", "``").replace('"', '`"') + '"'
