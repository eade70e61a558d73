"""What the agent reads out of output: progress, and words that mean failure although the exit code is 0.

Patterns are regular expressions over bytes in which `^` and `$` mean a line. One for progress has a group `percent`, or
`done` and `total`; or, without names, one group that is a percentage or two that are done and total. The last match in
an output wins. `hqnode.ini` may add more, each under a name of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_LONGEST_LINE: Final = 4096
_ALFRED: Final = rb"^ALF_PROGRESS\s+(?P<percent>\d{1,3}(?:\.\d+)?)\s*%"
_COUNTED: Final = rb"^PROGRESS:\s*(?P<done>\d{1,9})\s*/\s*(?P<total>\d{1,9})"
_PERCENT, _DONE, _TOTAL = "percent", "done", "total"


class BadPattern(ValueError):
    """A pattern cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """All patterns of a client."""

    progress: tuple[re.Pattern[bytes], ...]
    failure: Mapping[str, re.Pattern[bytes]]


def progress_pattern(text: str) -> re.Pattern[bytes]:
    """A pattern that tells progress. Raises BadPattern."""
    pattern = _compiled(text)
    names = set(pattern.groupindex)
    if names not in ({_PERCENT}, {_DONE, _TOTAL}) and not (not names and pattern.groups in (1, 2)):
        raise BadPattern("needs a group (?P<percent>...), or (?P<done>...) and (?P<total>...), or one or two groups")
    return pattern


def failure_pattern(text: str) -> re.Pattern[bytes]:
    """A pattern that means failure. Raises BadPattern."""
    pattern = _compiled(text)
    if pattern.search(b""):
        raise BadPattern("fits an empty line: every job would fail")
    return pattern


def _compiled(text: str) -> re.Pattern[bytes]:
    try:
        return re.compile(text.encode(), re.MULTILINE)
    except re.error as error:
        raise BadPattern(f"is no regular expression: {error}") from None


ALWAYS: Final = (re.compile(_ALFRED, re.MULTILINE), re.compile(_COUNTED, re.MULTILINE))
"""What Houdini's own scripts and everything in Alfred's style print."""
DEFAULTS: Final = Patterns(ALWAYS, {})


class OutputReader:
    """Reads output as it comes, in pieces of any size."""

    def __init__(self, patterns: Patterns = DEFAULTS) -> None:
        self.failure = ""
        """The first line that means failure, with the name of its pattern; empty while there was none."""
        self._patterns = patterns
        self._rest = b""
        self._in_long_line = False

    def feed(self, data: bytes) -> float | None:
        """0 to 1 when these bytes complete a line that tells progress, else None."""
        text = self._rest + data
        lines_end = max(text.rfind(b"\n"), text.rfind(b"\r")) + 1
        whole, self._rest = text[:lines_end], text[lines_end:]
        if self._in_long_line and whole:
            first = min(at for at in (whole.find(b"\n"), whole.find(b"\r")) if at >= 0)
            whole = whole[first + 1 :]
            self._in_long_line = False
        if len(self._rest) > _LONGEST_LINE:
            self._rest, self._in_long_line = b"", True
        return self._look(whole)

    def end(self) -> float | None:
        """The output is over: its last line counts although nothing ends it."""
        rest, self._rest = self._rest, b""
        return None if self._in_long_line else self._look(rest)

    def _look(self, whole: bytes) -> float | None:
        if not whole:
            return None
        lines = whole.replace(b"\r", b"\n") if b"\r" in whole else whole
        if not self.failure:
            self.failure = self._failure(lines)
        return _last(self._patterns.progress, lines)

    def _failure(self, lines: bytes) -> str:
        for name, pattern in self._patterns.failure.items():
            match = pattern.search(lines)
            if match is not None:
                begin = lines.rfind(b"\n", 0, match.start()) + 1
                end = lines.find(b"\n", match.start())
                line = lines[begin : end if end >= 0 else len(lines)][:200]
                return f"the output says that it failed ({name}): {line.decode(errors='replace').strip()}"
        return ""


def _last(patterns: tuple[re.Pattern[bytes], ...], text: bytes) -> float | None:
    found: tuple[int, float] | None = None
    for pattern in patterns:
        for match in pattern.finditer(text):
            value = _value(match)
            if value is not None and (found is None or match.start() > found[0]):
                found = match.start(), value
    return min(max(found[1], 0.0), 1.0) if found is not None else None


def _value(match: re.Match[bytes]) -> float | None:
    """Progress as the match tells it; None when it tells none after all."""
    names = (_PERCENT,) if match.re.groups == 1 else (_DONE, _TOTAL)
    groups = match.groupdict() or dict(zip(names, match.groups(), strict=True))
    try:
        if _PERCENT in groups:
            return float(groups[_PERCENT]) / 100
        total = float(groups[_TOTAL])
        return float(groups[_DONE]) / total if total > 0 else None
    except (TypeError, ValueError):
        return None
