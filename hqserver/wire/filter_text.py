r"""The filter language: `by:ana status:failed age>2h prio>=5 on:node12 -word "two words" OR id:17`.

Text goes in, a tree comes out, and back again. What stands side by side must all hold; `OR` (in capitals) binds less
tightly, parentheses group, `-` or `NOT` before anything denies it. A bare word is looked for in a job's name, its
submitter and its tags, and as the beginning of its id. A test is a field, an operator and values, without blanks
between them; of several values separated by commas one must fit. `"..."` takes everything as it is (`\"` and `\\`
within), so it also lifts the meaning of `*`, `?` and of words such as `OR`.

Whatever cannot be understood is a `FilterError` that knows where, what and what to do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from hqserver.wire import filter_values
from hqserver.wire.faults import LONGEST_VALUE, cut
from hqserver.wire.filter_fields import FIELD_OF, FIELDS, Field, FieldType

LONGEST_FILTER: Final = 10_000
MOST_PARTS: Final = 1000
DEEPEST_GROUP: Final = 50
_FIELDS_TOLD: Final = 12


class FilterError(ValueError):
    """A filter cannot be understood. `at` counts characters from 0; `length` of them are meant."""

    def __init__(self, at: int, length: int, problem: str, fix: str) -> None:
        super().__init__(f"at character {at + 1}: {problem}. {fix}")
        self.at = at
        self.length = length
        self.problem = problem
        self.fix = fix


@dataclass(frozen=True, slots=True)
class Value:
    """A value as it was written. `literal`: in quotes, so every character means itself."""

    text: str
    literal: bool = False
    at: int = field(default=0, compare=False)
    length: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return _quoted(self.text) if self.literal else self.text


@dataclass(frozen=True, slots=True)
class Word:
    """Text to find in what people see of a job first."""

    value: Value

    def __str__(self) -> str:
        return str(self.value)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field compared with values, of which one must fit."""

    field: Field
    operator: str
    values: tuple[Value, ...]

    def __str__(self) -> str:
        return f"{self.field.name}{self.operator}{','.join(map(str, self.values))}"


@dataclass(frozen=True, slots=True)
class Not:
    """What must not hold."""

    part: Node

    def __str__(self) -> str:
        return f"-{_within(self.part, All, AnyOf, Not)}"


@dataclass(frozen=True, slots=True)
class All:
    """What must hold together; without parts: everything passes."""

    parts: tuple[Node, ...] = ()

    def __str__(self) -> str:
        return " ".join(_within(part, AnyOf, All) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Of which one must hold."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " OR ".join(_within(part, AnyOf) for part in self.parts)


Node = Word | Comparison | Not | All | AnyOf


def parse(text: str) -> Node:
    """The filter that the text says; an empty text passes everything. Raises FilterError."""
    if len(text) > LONGEST_FILTER:
        raise FilterError(LONGEST_FILTER, 1, f"the filter has {len(text)} characters", f"Use at most {LONGEST_FILTER}.")
    return _Parser(text).whole()


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    stack = [node]
    while stack:
        item = stack.pop()
        yield item
        if isinstance(item, Not):
            stack.append(item.part)
        elif isinstance(item, All | AnyOf):
            stack.extend(item.parts)


def depends_on_time(node: Node) -> bool:
    """Whether the same jobs may pass or not a minute later, though nothing about them changed."""
    clocked = {FieldType.TIME}
    return any(
        isinstance(item, Comparison) and (item.field.type in clocked or item.field.name in {"age", "elapsed"})
        for item in walk(node)
    )


_BLANK: Final = re.compile(r"\s*")
_NAME: Final = re.compile(r"([^\W\d]\w*)(:|!=|<=|>=|=|<|>)")
_PLAIN: Final = re.compile(r'[^\s()",]+')
_PLAIN_WORD: Final = re.compile(r'[^\s()"]+')
_STRAY_OPERATOR: Final = re.compile(r"(?:!=|<=|>=|=|<|>|:)")
_CONNECTIVES: Final = frozenset({"OR", "AND", "NOT"})


class _Parser:
    """Recursive descent; `_at` is how far the text has been read."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self._parts = 0

    def whole(self) -> Node:
        if not self._text.strip():
            return All()
        found = self._any()
        if self._peek() == ")":
            raise FilterError(self._at, 1, "this ) closes nothing", "Remove it, or put it in quotes to search for it.")
        return found

    def _any(self) -> Node:
        parts = [self._all()]
        while self._word_ahead() == "OR":
            self._at += 2
            parts.append(self._all(after="OR"))
        return _joined(AnyOf, parts)

    def _all(self, after: str = "") -> Node:
        parts: list[Node] = []
        ahead = ""
        while self._peek() not in ("", ")"):
            ahead = self._word_ahead()
            if ahead == "OR":
                break
            if ahead == "AND":
                if not parts:
                    raise self._lonely("AND", "before")
                self._at += 3
                parts.append(self._term(after="AND"))
            else:
                parts.append(self._term())
        if not parts:
            if ahead == "OR":
                raise self._lonely("OR", "before")
            raise self._missing(after or "(")
        return _joined(All, parts)

    def _term(self, after: str = "") -> Node:
        char = self._peek()
        if char in ("", ")"):
            raise self._missing(after)
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise FilterError(self._at, 1, f"the filter has more than {MOST_PARTS} parts", "Ask for less at once.")
        ahead = self._word_ahead()
        if ahead == "NOT":
            self._at += 3
            return self._denied("NOT")
        if ahead in _CONNECTIVES:
            raise self._lonely(ahead, "before")
        if char == "-":
            self._at += 1
            return self._denied("-")
        if char == "(":
            return self._group()
        return self._test_or_word()

    def _denied(self, sign: str) -> Node:
        if sign == "-" and (self._at == len(self._text) or self._text[self._at].isspace()):
            problem = "this - stands alone"
            raise FilterError(self._at - 1, 1, problem, 'Write it right before what it denies, or in quotes: "-".')
        return Not(self._deeper(lambda: self._term(after=sign)))

    def _group(self) -> Node:
        start = self._at
        self._at += 1
        found = self._deeper(self._any)
        if self._peek() != ")":
            raise FilterError(start, 1, "this ( is not closed", 'Close it by ), or search for it in quotes: "(".')
        self._at += 1
        return found

    def _deeper(self, read: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > DEEPEST_GROUP:
            raise FilterError(self._at, 1, f"there are more than {DEEPEST_GROUP} levels", "Use fewer parentheses.")
        found = read()
        self._depth -= 1
        return found

    def _test_or_word(self) -> Node:
        start = self._at
        found = _NAME.match(self._text, start)
        if found is None:
            return self._bare_word()
        name, operator = found.groups()
        asked = FIELD_OF.get(name.casefold())
        if asked is None:
            raise FilterError(
                start,
                len(name),
                f"there is no field {cut(name, LONGEST_VALUE)!r}",
                _unknown_field(name, self._glimpse()),
            )
        if operator not in asked.operators:
            problem = f"{name} cannot be compared by {operator}"
            raise FilterError(start, len(found[0]), problem, f"Use {' or '.join(asked.operators)}: {asked.example}.")
        self._at = found.end()
        values = tuple(self._values(asked, operator))
        if len(values) > 1 and operator in ("<", "<=", ">", ">="):
            first = values[1]
            raise FilterError(first.at, first.length, f"{operator} takes one value", f"Use {name}: for several values.")
        for value in values:
            try:
                filter_values.check(asked, operator, value.text, literal=value.literal)
            except filter_values.BadFilterValue as bad:
                raise FilterError(value.at, max(value.length, 1), bad.problem, bad.fix) from None
        return Comparison(asked, operator, values)

    def _values(self, asked: Field, operator: str) -> Iterator[Value]:
        while True:
            start = self._at
            value = self._value(_PLAIN)
            if value is None:
                fix = f"Write it right behind, without a blank: {asked.example}."
                raise FilterError(start, 1, f"{asked.name}{operator} lacks a value", fix)
            yield value
            if not self._text.startswith(",", self._at):
                break
            self._at += 1

    def _bare_word(self) -> Word:
        start = self._at
        stray = _STRAY_OPERATOR.match(self._text, start)
        if stray is not None:
            fix = 'Write field, operator and value without blanks, such as prio>=5, or search for it in quotes: ">".'
            raise FilterError(start, len(stray[0]), f"{stray[0]} follows no field", fix)
        value = self._value(_PLAIN_WORD)
        if value is None:
            raise FilterError(start, 1, "there is nothing to search for", "Write a word or a test, such as by:ana.")
        return Word(value)

    def _value(self, plain: re.Pattern[str]) -> Value | None:
        """Plain and quoted pieces that stand together are one value; None for nothing."""
        start, text, literal = self._at, "", False
        while True:
            if self._text.startswith('"', self._at):
                text += self._quotation()
                literal = True
            elif found := plain.match(self._text, self._at):
                text += found[0]
                self._at = found.end()
            else:
                break
        if self._at == start:
            return None
        return Value(text, literal, start, self._at - start)

    def _quotation(self) -> str:
        start = self._at
        pieces: list[str] = []
        at = start + 1
        while at < len(self._text):
            char = self._text[at]
            if char == '"':
                self._at = at + 1
                return "".join(pieces)
            if char == "\\" and self._text[at + 1 : at + 2] in ('"', "\\"):
                at += 1
            pieces.append(self._text[at])
            at += 1
        raise FilterError(start, 1, 'this " is not closed', 'Close it by another ".')

    def _peek(self) -> str:
        """The next character that is no blank; empty at the end."""
        found = _BLANK.match(self._text, self._at)
        self._at = found.end() if found is not None else self._at
        return self._text[self._at : self._at + 1]

    def _word_ahead(self) -> str:
        """The connective that comes next, if one does."""
        self._peek()
        for word in _CONNECTIVES:
            end = self._at + len(word)
            after = self._text[end : end + 1]
            if self._text.startswith(word, self._at) and (not after or after.isspace() or after in '()"'):
                return word
        return ""

    def _glimpse(self) -> str:
        found = _PLAIN_WORD.match(self._text, self._at)
        return found[0] if found is not None else ""

    def _missing(self, after: str) -> FilterError:
        return FilterError(self._at, 1, f"nothing follows {after}", f"Write what comes after it, or remove {after}.")

    def _lonely(self, word: str, where: str) -> FilterError:
        fix = f'Write something {where} it, or put it in quotes to search for it: "{word}".'
        return FilterError(self._at, len(word), f"nothing stands {where} {word}", fix)


def _joined(kind: type[All | AnyOf], parts: list[Node]) -> Node:
    """One part stands for itself; parts of the same kind are taken up."""
    if len(parts) == 1:
        return parts[0]
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, kind) else [part])
    return kind(tuple(flat))


def _within(node: Node, *kinds: type[Node]) -> str:
    return f"({node})" if isinstance(node, kinds) else str(node)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _unknown_field(name: str, written: str) -> str:
    from difflib import get_close_matches  # only for mistakes

    near = get_close_matches(name.casefold(), FIELD_OF, 1)
    first = ", ".join(item.name for item in FIELDS[:_FIELDS_TOLD])
    hint = f"Did you mean {near[0]}?" if near else f"There are {first} and {len(FIELDS) - _FIELDS_TOLD} more."
    return f'{hint} To search for the text, put it in quotes: "{cut(written, LONGEST_VALUE)}".'
