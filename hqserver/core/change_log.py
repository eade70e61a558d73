"""Which records changed, in the order of their last change: what the change feed reads.

An entry is a revision and the key of a record. A record that changes again moves to the end; its older entry is stale
and skipped, and stale entries are swept when they are the greater part. A removed record keeps its last entry, so that
a follower hears of it, until there are too many: then `floor` rises, and followers from before it start anew.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import Final, NamedTuple

Key = tuple[str, int]

_MOST_REMOVED: Final = 100_000
_SWEEP_FROM: Final = 10_000


class Page(NamedTuple):
    """Some keys in the order of their revisions; `next_since` goes on after the last; `more` if there are further."""

    keys: list[Key]
    next_since: int
    more: bool


class ChangeLog:
    """Append, and read on from any revision; both cost what they touch."""

    def __init__(self, floor: int) -> None:
        self.floor = floor
        """A follower that stopped before this revision must start anew."""
        self._revisions: list[int] = []
        self._keys: list[Key] = []
        self._latest: dict[Key, int] = {}
        self._removed: dict[Key, None] = {}

    def note(self, revision: int, key: Key) -> None:
        """A record changed; revisions only grow."""
        self._revisions.append(revision)
        self._keys.append(key)
        self._latest[key] = revision
        if len(self._keys) > 2 * len(self._latest) + _SWEEP_FROM:
            self._sweep()

    def note_many(self, first_revision: int, keys: Iterable[Key]) -> None:
        """Many records are new, changed or back, with revisions from `first_revision` on."""
        for revision, key in enumerate(keys, first_revision):
            self._removed.pop(key, None)
            self._revisions.append(revision)
            self._keys.append(key)
            self._latest[key] = revision

    def note_removed(self, revision: int, key: Key) -> None:
        """A record is gone; followers are still told."""
        self.note(revision, key)
        self._removed[key] = None
        while len(self._removed) > _MOST_REMOVED:
            oldest = next(iter(self._removed))
            del self._removed[oldest]
            self.floor = max(self.floor, self._latest.pop(oldest))

    def page(self, since: int, limit: int, head: int) -> Page:
        """At most `limit` keys that changed after `since`, oldest change first; `head` is the farm's revision."""
        keys: list[Key] = []
        start = bisect_right(self._revisions, since)
        for index in range(start, len(self._keys)):
            key, revision = self._keys[index], self._revisions[index]
            if self._latest.get(key) == revision:
                if len(keys) == limit:
                    return Page(keys, self._revisions[index - 1], more=True)
                keys.append(key)
        return Page(keys, head, more=False)

    def _sweep(self) -> None:
        kept = [
            (revision, key)
            for revision, key in zip(self._revisions, self._keys, strict=True)
            if self._latest.get(key) == revision
        ]
        self._revisions = [revision for revision, _ in kept]
        self._keys = [key for _, key in kept]
