"""JSON read piece by piece, with nothing overlooked.

The standard library reads a text in one go, which for 50 MB keeps every other caller waiting, lets a second member of
the same name win in silence, and makes infinity of 1e999. This reader is a generator that pauses every few hundred
values; depth and nesting cost no stack.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from json import JSONDecoder
from typing import Final

from hqserver.wire.faults import shown

_SPACE = r"[ \t\n\r]*+"
_PLAIN = r'"([^"\\\x00-\x1f]*+)"'
_VALUE: Final = re.compile(
    rf"{_SPACE}(?:{_PLAIN}|(-?(?:0|[1-9][0-9]*+))(?![0-9.eE])|([\[{{])|(true|false|null)\b|"
    r"(-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?)(?![0-9.eE])|(?=(\")))"
).match
_NAME: Final = re.compile(rf"{_SPACE}(?:{_PLAIN}|(?=(\")))").match
_COLON: Final = re.compile(rf"{_SPACE}:").match
_DELIMITER: Final = re.compile(rf"{_SPACE}([,\]}}])").match
_CLOSE: Final[dict[type, Callable[[str, int], re.Match[str] | None]]] = {
    list: re.compile(rf"{_SPACE}\]").match,
    dict: re.compile(rf"{_SPACE}\}}").match,
}
_END: Final = re.compile(rf"{_SPACE}\Z").match
_AT_SPACE: Final = re.compile(_SPACE).match
_STRING, _INTEGER, _OPEN, _WORD, _FRACTION = range(1, 6)
_WORDS: Final[dict[str, object]] = {"true": True, "false": False, "null": None}
_CLOSING: Final[dict[type, str]] = {list: "]", dict: "}"}
_ESCAPED: Final = JSONDecoder().raw_decode
_LARGEST_INTEGER: Final = 2**63
_LONGEST_NUMBER: Final = 400

VALUES_A_TURN: Final = 500
BYTE_ORDER_MARK: Final = "\ufeff"

Container = list[object] | dict[str, object]


class BadJson(ValueError):
    """The text is not JSON, or holds what we do not take. The message says what and where."""


def read_json(text: str, deepest: int, most: int) -> Generator[None, None, object]:
    """The value in a JSON text, in turns. Raises BadJson: also below `deepest` levels, and beyond `most` values."""
    return (yield from _Reader(text, deepest, most).read())


class _Reader:
    """Where the reader stands in its text, and what it is inside of."""

    __slots__ = ("at", "container", "deepest", "left", "name", "stack", "text", "whole")

    def __init__(self, text: str, deepest: int, most: int) -> None:
        self.text = text
        self.at = 1 if text.startswith(BYTE_ORDER_MARK) else 0
        self.deepest = deepest
        self.left = most
        self.stack: list[tuple[Container | None, str]] = []
        self.container: Container | None = None
        self.name = ""
        self.whole: object = None

    def read(self) -> Generator[None, None, object]:
        """One value and nothing behind it."""
        turn = VALUES_A_TURN
        while True:
            value = self._value()
            if isinstance(value, list | dict) and not self._is_empty(value):
                self._enter(value)
            elif self._place(value):
                return self.whole
            turn -= 1
            if not turn:
                turn = VALUES_A_TURN
                yield

    def _is_empty(self, container: Container) -> bool:
        """Whether the container that was just opened closes at once."""
        found = _CLOSE[type(container)](self.text, self.at)
        if found:
            self.at = found.end()
        return found is not None

    def _enter(self, container: Container) -> None:
        self.stack.append((self.container, self.name))
        if len(self.stack) > self.deepest:
            raise BadJson(f"is nested deeper than {self.deepest} levels")
        self.container = container
        if isinstance(container, dict):
            self._read_name(container)

    def _place(self, value: object) -> bool:
        """Put a complete value where it belongs, and close what ends with it; whether that is all."""
        while (container := self.container) is not None:
            if isinstance(container, list):
                container.append(value)
            else:
                container[self.name] = value
            if self._goes_on(container):
                return False
            value = container
            self.container, self.name = self.stack.pop()
        if not _END(self.text, self.at):
            raise self._bad("nothing may follow the value")
        self.whole = value
        return True

    def _goes_on(self, container: Container) -> bool:
        """Whether another item follows, rather than the end of the list or object."""
        found = _DELIMITER(self.text, self.at)
        closing = _CLOSING[type(container)]
        if found is None or found[1] not in (",", closing):
            raise self._bad(f"a comma or {closing} is expected")
        self.at = found.end()
        if found[1] != ",":
            return False
        if isinstance(container, dict):
            self._read_name(container)
        return True

    def _read_name(self, container: dict[str, object]) -> None:
        found = _NAME(self.text, self.at)
        if found is None:
            raise self._bad("a name in double quotes is expected")
        self.at = found.end()
        name = found[1] if found.lastindex == 1 else self._escaped()
        colon = _COLON(self.text, self.at)
        if colon is None:
            raise self._bad("a colon is expected")
        self.at = colon.end()
        if name in container:
            raise BadJson(f"duplicate key {name[:60]}")
        self.name = name

    def _value(self) -> object:
        """A scalar, or a container that is still empty."""
        self.left -= 1
        if self.left < 0:
            raise BadJson("has too many values")
        found = _VALUE(self.text, self.at)
        if found is None:
            raise self._bad("a value is expected")
        self.at = found.end()
        kind = found.lastindex
        if kind == _STRING:
            return found[_STRING]
        if kind == _INTEGER:
            return self._integer(found[_INTEGER])
        if kind == _OPEN:
            return [] if found[_OPEN] == "[" else {}
        if kind == _WORD:
            return _WORDS[found[_WORD]]
        if kind == _FRACTION:
            return self._fraction(found[_FRACTION])
        return self._escaped()

    def _escaped(self) -> str:
        """A text with escapes, or one that never ends."""
        try:
            value, self.at = _ESCAPED(self.text, self.at)
        except ValueError:
            raise self._bad("a string has no end, a bad escape or a raw control character") from None
        assert isinstance(value, str)
        return value

    def _integer(self, digits: str) -> int:
        if len(digits) <= 20 and -_LARGEST_INTEGER <= (value := int(digits)) < _LARGEST_INTEGER:
            return value
        raise BadJson(f"holds a whole number of more than 64 bits: {shown(digits)}")

    def _fraction(self, digits: str) -> float:
        if len(digits) <= _LONGEST_NUMBER and (value := float(digits)) - value == 0.0:
            return value
        raise BadJson(f"holds a number that is not finite: {shown(digits)}")

    def _bad(self, problem: str) -> BadJson:
        at = _AT_SPACE(self.text, self.at)
        where = at.end() if at else self.at
        line = self.text.count("\n", 0, where) + 1
        column = where - self.text.rfind("\n", 0, where)
        return BadJson(f"is not valid JSON (line {line} column {column}): {problem}")
