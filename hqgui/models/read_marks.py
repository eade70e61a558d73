"""Which notes somebody has read: up to which note everywhere, and where a thread differs.

A mark is the id of a note (ids only grow), so a farm of 100,000 threads is one number and a few exceptions. Marks live
on this machine; they are nobody else's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from hqgui.models.thread_store import Thread

SETTLE_FROM: Final = 400
"""Exceptions from which on it is worth looking for a higher floor."""
MOST: Final = 4_000


class ReadMarks:
    """What was read of one farm. `floor` None: the farm was never seen."""

    def __init__(self, floor: int | None = None, seen: Mapping[int, int] | None = None) -> None:
        self.floor = floor
        self.seen = dict(seen or {})

    def begin(self, highest: int) -> bool:
        """The farm's threads are all known, `highest` is the latest note written; says whether the marks changed.

        A farm that is seen for the first time counts as read, and so does one whose notes begin anew.
        """
        if self.floor is not None and self.floor <= highest:
            return False
        self.floor, self.seen = highest, {}
        return True

    def up_to(self, thread: int) -> int:
        """The latest note of a thread that was read."""
        return self.seen.get(thread, self.floor or 0)

    def is_unread(self, thread: Thread) -> bool:
        """Whether a person wrote something in it that was not read."""
        return self.floor is not None and thread.written > self.up_to(thread.id)

    def read(self, thread: int, note: int) -> bool:
        """A thread was read up to a note; says whether that is news."""
        if note <= self.up_to(thread):
            return False
        self.seen[thread] = note
        return True

    def unread(self, thread: Thread) -> bool:
        """A thread should be read again: its latest note counts as new; says whether that is news."""
        if not thread.written or self.is_unread(thread):
            return False
        self.seen[thread.id] = thread.written - 1
        return True

    def read_all(self, highest: int) -> None:
        """Everything was read."""
        self.floor, self.seen = max(highest, self.floor or 0), {}

    def settle(self, threads: Iterable[Thread], beyond: int = SETTLE_FROM) -> None:
        """Say the same with fewer exceptions, if there are so many; threads that are no longer there are forgotten."""
        if self.floor is None or len(self.seen) < beyond:
            return
        known = list(threads)
        unread = [one for one in known if self.is_unread(one)]
        written = max((one.written for one in known), default=self.floor)
        floor = max(self.floor, min((one.written for one in unread), default=written + 1) - 1)
        kept = {
            one.id: self.up_to(one.id)
            for one in known
            if (self.is_unread(one) and self.up_to(one.id) != floor) or (one.written > floor and one.id in self.seen)
        }
        newest = sorted(kept, key=lambda id_: kept[id_])[-MOST:]
        self.floor, self.seen = floor, {id_: kept[id_] for id_ in newest}

    def to_text(self) -> str:
        """For the settings."""
        return " ".join([str(self.floor), *(f"{thread}:{note}" for thread, note in self.seen.items())])

    @classmethod
    def from_text(cls, text: str) -> ReadMarks:
        """What `to_text` gave; what is no such text gives marks of a farm that was never seen."""
        floor, *pairs = text.split() or [""]
        try:
            seen = {int(thread): int(note) for thread, _, note in (pair.partition(":") for pair in pairs)}
            return cls(int(floor), seen)
        except ValueError:
            return cls()
