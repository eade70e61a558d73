"""Frame ranges as people type them: `1-100`, `1-100x2`, `1,5,9-20`, `-5-10`, `100-1`.

A range that goes down counts down. Frames that stand twice are made once, where they stand first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from hqgui.models.formats import count, one_line
from hqgui.words import translate

MOST_FRAMES: Final = 100_000
LARGEST_FRAME: Final = 10_000_000
_PART: Final = re.compile(r"(-?\d{1,9})(?:\s*-\s*(-?\d{1,9})(?:\s*[x:]\s*(-?\d{1,9}))?)?", re.ASCII).fullmatch
_BETWEEN: Final = re.compile(r"[,;]|(?<=\d)\s+(?=-?\d)")


class BadRange(ValueError):
    """The text is no range of frames; the message says which part and why."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Frames that one child makes, in their order."""

    first: int
    last: int
    count: int
    step: int
    """Between its frames; 1 where it makes one, or where they are not evenly spaced."""

    @property
    def name(self) -> str:
        """`1001`, `1001-1004`."""
        return str(self.first) if self.count == 1 else f"{self.first}-{self.last}"


def read_frames(text: str) -> tuple[int, ...]:
    """The frames, each once, in their order; none for an empty text. Raises BadRange."""
    found: dict[int, None] = {}
    for part in _BETWEEN.split(text):
        if part.strip():
            found.update(dict.fromkeys(_read_part(part.strip())))
            if len(found) > MOST_FRAMES:
                raise BadRange(_say("has more than {n} frames").replace("{n}", count(MOST_FRAMES)))
    return tuple(found)


def _read_part(part: str) -> range:
    match = _PART(part)
    if match is None:
        words = _say("{part} is no frame and no range such as 1-100 or 1-100x2")
        raise BadRange(words.replace("{part}", one_line(part, 40)))
    first = int(match[1])
    last = first if match[2] is None else int(match[2])
    step = 1 if match[3] is None else int(match[3])
    if step <= 0:
        raise BadRange(_say("the step in {part} must be 1 or more").replace("{part}", part))
    if max(abs(first), abs(last)) > LARGEST_FRAME:
        raise BadRange(_say("{part} goes beyond {n}").replace("{part}", part).replace("{n}", count(LARGEST_FRAME)))
    if abs(last - first) // step >= MOST_FRAMES:
        raise BadRange(_say("has more than {n} frames").replace("{n}", count(MOST_FRAMES)))
    return range(first, last + 1, step) if last >= first else range(first, last - 1, -step)


def chunks(frames: Sequence[int], size: int) -> list[Chunk]:
    """The frames in parts of that many, the last one smaller. Raises ValueError for a size below 1."""
    if size < 1:
        raise ValueError(f"a child makes at least one frame, got {size}")
    return [_chunk(frames[start : start + size]) for start in range(0, len(frames), size)]


def _chunk(part: Sequence[int]) -> Chunk:
    steps = {later - earlier for earlier, later in pairwise(part)}
    return Chunk(part[0], part[-1], len(part), steps.pop() if len(steps) == 1 else 1)


def written(frames: Sequence[int]) -> str:
    """A text that reads as these frames: runs of three and more as ranges."""
    parts: list[str] = []
    start = 0
    while start < len(frames):
        end = start + 1
        step = frames[end] - frames[start] if end < len(frames) else 1
        while end < len(frames) and frames[end] - frames[end - 1] == step:
            end += 1
        if end - start >= 3:
            parts.append(f"{frames[start]}-{frames[end - 1]}" + (f"x{abs(step)}" if abs(step) != 1 else ""))
            start = end
        else:
            parts.append(str(frames[start]))
            start += 1
    return ",".join(parts)


def _say(text: str) -> str:
    return translate("Submit", text)
