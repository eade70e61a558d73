"""A job's output as lines: bytes in, edits of a list of lines out.

Shows what is there: bytes that are no text appear in hexadecimal, control characters as their pictures, so that
nothing acts on the window. Only colour sequences are dropped, and a carriage return starts its line anew, as progress
reports of renderers mean it. A line of a megabyte becomes lines of 4,096 characters that say that they belong together.
The oldest lines leave when there are too many.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from enum import StrEnum, unique
from typing import Final, NamedTuple

LONGEST_LINE: Final = 4_096
MOST_LINES: Final = 20_000
MOST_CHARACTERS: Final = 20_000_000

_COLOURS: Final = re.compile("\x1b\\[[0-9;:]*[mK]")
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_NOT_TEXT: Final = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ud800-\udfff]")
_ERROR: Final = re.compile(
    r"\b(?:errors?|fatal|panic|exception|traceback|segfault|segmentation fault|core dumped|out of memory)\b",
    re.IGNORECASE,
)
_NO_ERROR: Final = re.compile(r"\b(?:0|no|zero|without) errors?\b|\berrors?[:=] ?0\b", re.IGNORECASE)
_WARNING: Final = re.compile(r"\bwarn(?:ing|ings)?\b", re.IGNORECASE)


@unique
class LineKind(StrEnum):
    """How a line is marked."""

    NORMAL = "normal"
    ERROR = "error"
    WARNING = "warning"
    BINARY = "binary"
    """Mostly bytes that are no text."""
    NOTICE = "notice"
    """Said by the window, not by the job."""


class Line(NamedTuple):
    """One line to show."""

    text: str
    kind: LineKind = LineKind.NORMAL
    joined: bool = False
    """Goes on where the line before it was cut."""


class Edit(NamedTuple):
    """What changed in the list of lines, in this order."""

    replace_last: bool = False
    """The last line, which had no end yet, is taken away; what it became is in `lines`."""
    lines: tuple[Line, ...] = ()
    """Put at the end."""
    dropped: int = 0
    """Taken from the front."""


class Match(NamedTuple):
    """Where a text was found."""

    line: int
    column: int


class OutputBuffer:
    """The lines of one attempt's output that are kept."""

    def __init__(self, most_lines: int = MOST_LINES, most_characters: int = MOST_CHARACTERS) -> None:
        self.lines: deque[Line] = deque()
        self._starts: deque[int] = deque()
        """The byte of the log with which each line begins."""
        self._most_lines = most_lines
        self._most_characters = most_characters
        self._characters = 0
        self._end = 0
        self._start_anew()

    def _start_anew(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._open = ""
        """Raw text after the last line break."""
        self._open_at = self._end
        self._shown_open = False
        self._kind: LineKind | None = None
        """Of a line that was cut and goes on."""

    def clear(self, offset: int = 0) -> None:
        """Forget everything; what is appended next begins with this byte of the log."""
        self.lines.clear()
        self._starts.clear()
        self._characters = 0
        self._end = offset
        self._start_anew()

    @property
    def span(self) -> tuple[int, int]:
        """The bytes of the log that the lines are made of: from, and up to."""
        return (self._starts[0] if self._starts else self._end), self._end

    def line_at(self, offset: int) -> int:
        """The line in which a byte of the log stands; -1 when it is not among the lines."""
        first, end = self.span
        return bisect_right(self._starts, offset) - 1 if first <= offset < end else -1

    def start_of(self, line: int) -> int:
        """The byte with which a line begins."""
        return self._starts[line]

    def append(self, data: bytes) -> Edit:
        """Further bytes."""
        text = self._decoder.decode(data)
        if not text:
            return Edit()
        *complete, rest = (self._open + text).split("\n")
        starts = self._starts_of(text)
        replace = self._shown_open
        if replace:
            self._characters -= len(self.lines.pop().text)
            self._starts.pop()
        new: list[tuple[int, Line]] = []
        for part, start in zip(complete, starts, strict=False):
            new.extend(self._pieces(part, start))
            self._kind = None
        self._open_at = starts[-1]
        new.extend(self._take_open(rest))
        return self._put(new, replace)

    def _starts_of(self, text: str) -> list[int]:
        """Where the lines begin that a further text belongs to, the open one first."""
        starts, place = [self._open_at], self._end
        for part in text.split("\n"):
            place += _bytes(part) + 1
            starts.append(place)
        self._end = starts.pop() - 1
        return starts

    def notice(self, text: str) -> Edit:
        """A line of the window's own, on a line of its own."""
        self._start_anew()
        return self._put([(self._end, Line(visible(text), LineKind.NOTICE))], replace=False)

    def _take_open(self, rest: str) -> Iterator[tuple[int, Line]]:
        """What stands after the last line break; all of it that is long enough is finished now."""
        rest = _after_returns(rest, at_end=False)
        while len(rest) > LONGEST_LINE:
            yield self._open_at, self._piece(rest[:LONGEST_LINE])
            self._open_at += _bytes(rest[:LONGEST_LINE])
            rest = rest[LONGEST_LINE:]
        self._open = rest
        self._shown_open = bool(rest.rstrip("\r"))
        if self._shown_open:
            kind = self._kind
            yield self._open_at, self._piece(rest.rstrip("\r"))
            self._kind = kind

    def _pieces(self, part: str, at: int) -> Iterator[tuple[int, Line]]:
        text = _after_returns(part, at_end=True)
        if not text:
            yield at, Line("", joined=self._kind is not None)
        for start in range(0, len(text), LONGEST_LINE):
            piece = text[start : start + LONGEST_LINE]
            yield at, self._piece(piece)
            at += _bytes(piece)

    def _piece(self, raw: str) -> Line:
        joined = self._kind is not None
        if self._kind is None:
            self._kind = kind_of(raw)
        return Line(visible(raw), self._kind, joined)

    def _put(self, placed: list[tuple[int, Line]], replace: bool) -> Edit:
        before = len(self.lines)
        new = [line for _, line in placed]
        self.lines.extend(new)
        self._starts.extend(start for start, _ in placed)
        self._characters += sum(len(line.text) for line in new)
        gone = 0
        while len(self.lines) > self._most_lines or (self._characters > self._most_characters and len(self.lines) > 1):
            self._characters -= len(self.lines.popleft().text)
            self._starts.popleft()
            gone += 1
        return Edit(replace, tuple(new[max(0, gone - before) :]), min(gone, before))

    def matches(self, text: str) -> list[Match]:
        """Every place where `text` stands, in any case."""
        wanted = text.casefold()
        if not wanted:
            return []
        found: list[Match] = []
        for number, line in enumerate(self.lines):
            folded = line.text.casefold()
            column = folded.find(wanted)
            while column >= 0:
                found.append(Match(number, column))
                column = folded.find(wanted, column + len(wanted))
        return found


def _bytes(text: str) -> int:
    """How many bytes of the log a raw text is."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))


def _after_returns(text: str, at_end: bool) -> str:
    """What a line shows in which carriage returns started anew; one at the end counts only when more follows."""
    body = text.rstrip("\r")
    shown = body.rpartition("\r")[2]
    return shown if at_end or len(body) == len(text) else f"{shown}\r"


def kind_of(raw: str) -> LineKind:
    """How a line is marked, by what stands in it."""
    strange = len(_NOT_TEXT.findall(raw))
    if strange and strange * 10 >= len(raw):
        return LineKind.BINARY
    if _ERROR.search(raw) and not _NO_ERROR.search(raw):
        return LineKind.ERROR
    return LineKind.WARNING if _WARNING.search(raw) else LineKind.NORMAL


def visible(raw: str) -> str:
    """Raw text with everything made visible that is not; colour sequences are dropped."""
    return _UNSEEN.sub(_shown, _COLOURS.sub("", raw))


def _shown(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟨{code:04X}⟩"
