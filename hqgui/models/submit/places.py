"""Where things stand in a JSON text: the span of the value at each path, so that a mistake can be shown at its place.

A path is written as the server writes it in its faults: `jobspec.children[3].priority`. The text is scanned by hand,
because the standard library's reader tells no places; texts with mistakes in their grammar are not scanned at all.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SCALAR: Final = re.compile(r"[^,\]}\s]+")
MOST_PLACES: Final = 400_000


@dataclass(frozen=True, slots=True)
class Place:
    """A span of characters; of a member of a struct the span of its name too."""

    start: int
    end: int
    name_start: int = -1
    name_end: int = -1


class BadGrammar(ValueError):
    """The text is no JSON: what is wrong, and at which character."""

    def __init__(self, words: str, at: int) -> None:
        super().__init__(words)
        self.words = words
        self.at = at


def read(text: str, root: str) -> tuple[object, dict[str, Place]]:
    """The value, and the place of every value by its path below `root`. Raises BadGrammar."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadGrammar(error.msg, error.pos) from None
    except RecursionError:
        raise BadGrammar("It is nested too deep", 0) from None
    return value, _places(text, root)


def _places(text: str, root: str) -> dict[str, Place]:
    """All places; the text is valid JSON. Walks with a stack of its own: depth costs no stack of Python's."""
    found: dict[str, Place] = {}
    stack: list[_Open] = []
    at = _SPACE.match(text, 0).end()  # type: ignore[union-attr]
    path, name = root, (-1, -1)
    while len(found) < MOST_PLACES:
        at, opened = _value(text, at, path, name, found, stack)
        if not opened:
            at = _after(text, at, found, stack)
        if not stack:
            return found
        path, name, at = _next(text, at, stack[-1])
        if not path:  # an empty container
            at = _after(text, at, found, stack)
            while stack and text[at] in "]}":
                at = _after(text, at, found, stack)
            if not stack:
                return found
            path, name, at = _next(text, at, stack[-1])
    return found


@dataclass(slots=True)
class _Open:
    path: str
    start: int
    is_list: bool
    name: tuple[int, int]
    number: int = -1


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match is not None else at


def _value(
    text: str, at: int, path: str, name: tuple[int, int], found: dict[str, Place], stack: list[_Open]
) -> tuple[int, bool]:
    """Past a scalar, or into a container."""
    if text[at] in "{[":
        stack.append(_Open(path, at, text[at] == "[", name))
        return _skip(text, at + 1), True
    match = (_STRING if text[at] == '"' else _SCALAR).match(text, at)
    end = match.end() if match is not None else at + 1
    found[path] = Place(at, end, *name)
    return _skip(text, end), False


def _after(text: str, at: int, found: dict[str, Place], stack: list[_Open]) -> int:
    """Past a comma, and past all that ends here."""
    while stack and at < len(text) and text[at] in "]}":
        done = stack.pop()
        found[done.path] = Place(done.start, at + 1, *done.name)
        at = _skip(text, at + 1)
    if at < len(text) and text[at] == ",":
        at = _skip(text, at + 1)
    return at


def _next(text: str, at: int, inside: _Open) -> tuple[str, tuple[int, int], int]:
    """The path of what comes next inside a container; empty where it ends at once."""
    if text[at] in "]}":
        return "", (-1, -1), at
    if inside.is_list:
        inside.number += 1
        return f"{inside.path}[{inside.number}]", (-1, -1), at
    match = _STRING.match(text, at)
    assert match is not None, "the text was read as JSON before"
    name = json.loads(match[0])
    after = _skip(text, match.end())
    return f"{inside.path}.{name[:60]}", match.span(), _skip(text, after + 1)


def line_of(text: str, at: int) -> int:
    """The line, from 1."""
    return text.count("\n", 0, at) + 1
