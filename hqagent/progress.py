"""Progress from the output of renderers: lines that begin with `ALF_PROGRESS n%` or `PROGRESS: i/n`; the last wins."""

from __future__ import annotations

import re
from typing import Final

_ALFRED: Final = re.compile(rb"^ALF_PROGRESS\s+(\d{1,3}(?:\.\d+)?)\s*%", re.MULTILINE)
_COUNTED: Final = re.compile(rb"^PROGRESS:\s*(\d{1,9})\s*/\s*(\d{1,9})", re.MULTILINE)
_LONGEST_LINE: Final = 4096


class ProgressReader:
    """Reads output as it comes, in pieces of any size."""

    def __init__(self) -> None:
        self._rest = b""
        self._in_long_line = False

    def feed(self, data: bytes) -> float | None:
        """0 to 1 when these bytes complete a line that tells progress, else None."""
        text = self._rest + data
        lines_end = text.rfind(b"\n") + 1
        whole, self._rest = text[:lines_end], text[lines_end:]
        if self._in_long_line and whole:
            whole = whole[whole.index(b"\n") + 1 :]
            self._in_long_line = False
        if len(self._rest) > _LONGEST_LINE:
            self._rest, self._in_long_line = b"", True
        return _last(whole.replace(b"\r", b"\n"))


def _last(text: bytes) -> float | None:
    found: tuple[int, float] | None = None
    for match in _ALFRED.finditer(text):
        found = match.start(), float(match[1]) / 100
    for match in _COUNTED.finditer(text):
        if int(match[2]) and (found is None or match.start() > found[0]):
            found = match.start(), int(match[1]) / int(match[2])
    return min(max(found[1], 0.0), 1.0) if found is not None else None
