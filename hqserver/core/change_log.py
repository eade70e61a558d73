"""Which records changed, in the order of their last change: what the change feed reads.

An entry is a revision and the key of a record. A record that changes again moves to the end; its older entry is stale
and skipped, and stretches of which the greater part is stale are swept one by one. A removed record keeps its last
entry, so that a follower hears of it, until there are too many: then `floor` rises, and followers from before it start
anew.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import Final, NamedTuple

Key = tuple[str, int]

_MOST_REMOVED: Final = 100_000
_STRETCH: Final = 2000


class Page(NamedTuple):
    """Some keys in the order of their revisions; `next_since` goes on after the last; `more` if there are further."""

    keys: list[Key]
    next_since: int
    more: bool


class _Stretch:
    """Some entries in a row. `stale`: how many of them are no record's last change any more."""

    __slots__ = ("keys", "revisions", "stale")

    def __init__(self) -> None:
        self.revisions: list[int] = []
        self.keys: list[Key] = []
        self.stale = 0


class ChangeLog:
    """Append, and read on from any revision; both cost what they touch, and sweeping never more than a stretch."""

    def __init__(self, floor: int) -> None:
        self.floor = floor
        """A follower that stopped before this revision must start anew."""
        self._stretches: list[_Stretch] = [_Stretch()]
        self._starts: list[int] = [0]
        """The least revision that each stretch may hold."""
        self._latest: dict[Key, int] = {}
        self._removed: dict[Key, None] = {}

    def __len__(self) -> int:
        """How many entries are kept, stale ones too."""
        return sum(len(stretch.keys) for stretch in self._stretches)

    def note(self, revision: int, key: Key) -> None:
        """A record changed; revisions only grow."""
        former = self._latest.get(key)
        self._latest[key] = revision
        newest = self._stretches[-1]
        if len(newest.keys) >= _STRETCH:
            newest = _Stretch()
            self._stretches.append(newest)
            self._starts.append(revision)
        newest.revisions.append(revision)
        newest.keys.append(key)
        if former is not None:
            self._outdate(former)

    def note_many(self, first_revision: int, keys: Iterable[Key]) -> None:
        """Many records are new, changed or back, with revisions from `first_revision` on."""
        for revision, key in enumerate(keys, first_revision):
            self._removed.pop(key, None)
            self.note(revision, key)

    def note_removed(self, revision: int, key: Key) -> None:
        """A record is gone; followers are still told."""
        self.note(revision, key)
        self._removed[key] = None
        while len(self._removed) > _MOST_REMOVED:
            oldest = next(iter(self._removed))
            del self._removed[oldest]
            last = self._latest.pop(oldest)
            self.floor = max(self.floor, last)
            self._outdate(last)

    def page(self, since: int, limit: int, head: int) -> Page:
        """At most `limit` keys that changed after `since`, oldest change first; `head` is the farm's revision."""
        keys: list[Key] = []
        last = since
        for place in range(max(0, bisect_right(self._starts, since) - 1), len(self._stretches)):
            stretch = self._stretches[place]
            for index in range(bisect_right(stretch.revisions, since), len(stretch.keys)):
                key, revision = stretch.keys[index], stretch.revisions[index]
                if self._latest.get(key) == revision:
                    if len(keys) == limit:
                        return Page(keys, last, more=True)
                    keys.append(key)
                    last = revision
        return Page(keys, head, more=False)

    def _outdate(self, revision: int) -> None:
        """An entry is stale. A stretch that is mostly so is swept; the newest is still being filled."""
        place = bisect_right(self._starts, revision) - 1
        stretch = self._stretches[place]
        stretch.stale += 1
        if 2 * stretch.stale <= len(stretch.keys) or place == len(self._stretches) - 1:
            return
        kept = [
            (known, key)
            for known, key in zip(stretch.revisions, stretch.keys, strict=True)
            if self._latest.get(key) == known
        ]
        stretch.revisions, stretch.keys, stretch.stale = [at for at, _ in kept], [key for _, key in kept], 0
        if not kept and place:
            del self._stretches[place], self._starts[place]
