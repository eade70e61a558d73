"""Which jobs the text of a filter finds, kept up with every change.

The text is in the filter language, of which plain words are the commonest. Found jobs are kept as sets of ids, so that
a change of one job asks about one job only; a text that goes on where the last one ended is looked for in what that
one found.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from hqgui.models.job_getters import getters
from hqgui.models.job_store import JobChanges, JobStore
from hqserver.wire.filter_match import Clock, passes, select
from hqserver.wire.filter_text import All, FilterError, Node, Word, depends_on_time, parse

FIND_AGAIN_SECONDS: Final = 5.0
"""How old an answer to a question about the time may be."""


@lru_cache(maxsize=64)
def query(text: str) -> Node | None:
    """What a text asks for; None when it asks for nothing. Raises FilterError."""
    return parse(text) if text.strip() else None


def misunderstood(text: str, store: JobStore) -> FilterError | None:
    """Why a text cannot be looked for: what is wrong with it, or asks for what a window does not know."""
    try:
        node = query(text)
        if node is not None:
            passes(node, getters(store, local_clock(0.0)), local_clock(0.0))
    except FilterError as error:
        return error
    return None


def local_clock(now: float) -> Clock:
    """The present, with days as the people at this machine mean them."""
    return Clock(now, datetime.fromtimestamp(now, UTC).astimezone().tzinfo or UTC)


def find(store: JobStore, node: Node, now: float, within: Iterable[int] | None = None) -> set[int]:
    """The jobs that pass, of all or of those within. Raises FilterError for what a window does not know."""
    row_of = store.row_of
    rows = list(row_of.values()) if within is None else [row_of[job] for job in within if job in row_of]
    clock = local_clock(now)
    return set(map(store.ids.__getitem__, select(node, getters(store, clock), clock, rows)))


class Found:
    """The jobs that a text finds, and those above them."""

    def __init__(self, store: JobStore, text: str, now: float, last: Found | None = None) -> None:
        """`last`: what was found before, which may hold all that will be found. Raises FilterError."""
        node = query(text)
        assert node is not None
        self._store = store
        self.node = node
        self._clock = local_clock(now)
        self._passes = passes(node, getters(store, self._clock), self._clock)
        self.timed = depends_on_time(node)
        """Whether it may find others only because time went by."""
        known = last.jobs if last is not None and _goes_on(last.node, node) else None
        self.jobs: set[int] = find(store, node, now, known)
        self.above: set[int] = store.ancestors(self.jobs)

    def update(self, changes: JobChanges, now: float) -> bool:
        """Take changes in; says whether it finds others than before."""
        if self.timed and now - self._clock.now >= FIND_AGAIN_SECONDS:
            return self._find_again(now)
        store, jobs = self._store, self.jobs
        lost = jobs.intersection(changes.removed)
        found = set()
        for job in changes.changed:
            row = store.row_of.get(job)
            if row is not None and self._passes(row):
                if job not in jobs:
                    found.add(job)
            elif job in jobs:
                lost.add(job)
        if not found and not lost and not changes.moved:
            return False
        self.jobs |= found
        self.jobs -= lost
        above = store.ancestors(self.jobs)
        other = bool(found or lost or above != self.above)
        self.above = above
        return other

    def _find_again(self, now: float) -> bool:
        self._clock.now = now
        jobs = find(self._store, self.node, now)
        above = self._store.ancestors(jobs)
        other = jobs != self.jobs or above != self.above
        self.jobs, self.above = jobs, above
        return other


def _goes_on(old: Node, new: Node) -> bool:
    """Whether every job that passes the new filter passes the old: words that were only typed on."""
    old_words, new_words = _words(old), _words(new)
    return bool(old_words and new_words) and all(
        any(word.startswith(start) for word in new_words) for start in old_words
    )


def _words(node: Node) -> list[str]:
    """The words of a filter of nothing else; none of another one."""
    parts = node.parts if isinstance(node, All) else (node,)
    plain = [part.value.text for part in parts if isinstance(part, Word) and not part.value.literal]
    return plain if len(plain) == len(parts) and not any(set(word) & set("*?") for word in plain) else []
