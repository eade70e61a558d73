"""Reads a JSON object member by member, long lists some items at a time.

An answer of the change feed holds up to 2,000 rows; decoding it at once would be seen as a pause. The scanner is the
standard library's own, called for one item after the other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_scan: Final = json.JSONDecoder().scan_once  # type: ignore[attr-defined]


def members(text: str, items: int = 64) -> Iterator[tuple[str, Any]]:
    """Name and value of each member of the object that `text` is; a list comes in parts of at most `items`.

    An empty list comes as one empty part. Raises ValueError for what is no JSON object.
    """
    reader = _Reader(text)
    reader.expect("{")
    if reader.sees("}"):
        return
    while True:
        name = reader.name()
        reader.expect(":")
        if reader.sees("["):
            for part in reader.parts(items):
                yield name, part
        else:
            yield name, reader.value()
        if reader.sees("}"):
            return
        reader.expect(",")


class _Reader:
    """A text and how far it was read."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def sees(self, sign: str) -> bool:
        """Whether a sign comes next, space left aside."""
        found = _SPACE.match(self._text, self._at)
        assert found is not None
        self._at = found.end()
        return self._text.startswith(sign, self._at)

    def expect(self, sign: str) -> None:
        """Read over a sign."""
        if not self.sees(sign):
            raise json.JSONDecodeError(f"{sign} is missing", self._text, self._at)
        self._at += 1

    def name(self) -> str:
        """Read the name of a member."""
        if not self.sees('"'):
            raise json.JSONDecodeError("a name is missing", self._text, self._at)
        return str(self.value())

    def value(self) -> Any:
        """Read one value."""
        self.sees("")
        try:
            value, self._at = _scan(self._text, self._at)
        except StopIteration:
            raise json.JSONDecodeError("a value is missing", self._text, self._at) from None
        return value

    def parts(self, items: int) -> Iterator[list[Any]]:
        """Read a list."""
        self.expect("[")
        part: list[Any] = []
        if not self.sees("]"):
            part.append(self.value())
            while not self.sees("]"):
                self.expect(",")
                if len(part) >= items:
                    yield part
                    part = []
                part.append(self.value())
        self.expect("]")
        yield part
