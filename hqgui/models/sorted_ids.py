"""A sorted list of ids that is kept sorted while a few of them change.

Ties are broken by id, ascending in both directions, so that equal rows do not dance when the direction is turned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import gt, lt
from typing import Any

Key = Callable[[int], Any]

_FEW = 64


class SortedIds:
    """Ids in order of a key. Keys are remembered, so an id is found again after its value changed."""

    def __init__(self, ids: Iterable[int], key: Key, descending: bool) -> None:
        self._descending = descending
        ordered = sorted(ids)
        self._keys: dict[int, Any] = dict(zip(ordered, map(key, ordered), strict=True))
        ordered.sort(key=self._keys.__getitem__, reverse=descending)
        self.ids = ordered

    def __contains__(self, job: int) -> bool:
        return job in self._keys

    def __len__(self) -> int:
        return len(self.ids)

    def update(self, key: Key, add: Iterable[int], drop: Iterable[int], changed: Iterable[int]) -> bool:
        """Take ids in, let ids go, put ids right whose key may have changed. Says whether the list is another one."""
        gone = {job for job in drop if job in self._keys}
        new = {job: key(job) for job in add if job not in self._keys}
        for job in changed:
            if job in self._keys and job not in gone:
                value = key(job)
                if value != self._keys[job]:
                    gone.add(job)
                    new[job] = value
        if not gone and not new:
            return False
        self._take_out(gone)
        self._put_in(new)
        return True

    def place(self, job: int) -> int:
        """Where an id stands that is in the list."""
        return self._place(self._keys[job], job)

    def _take_out(self, gone: set[int]) -> None:
        if len(gone) <= _FEW:
            for job in gone:
                del self.ids[self.place(job)]
                del self._keys[job]
            return
        self.ids = [job for job in self.ids if job not in gone]
        for job in gone:
            del self._keys[job]

    def _put_in(self, new: dict[int, Any]) -> None:
        if len(new) <= _FEW:
            for job, key in new.items():
                self.ids.insert(self._place(key, job), job)
                self._keys[job] = key
            return
        self._keys.update(new)
        ordered = sorted(self._keys)
        ordered.sort(key=self._keys.__getitem__, reverse=self._descending)
        self.ids = ordered

    def _place(self, key: Any, job: int) -> int:
        before = gt if self._descending else lt
        low, high = 0, len(self.ids)
        keys = self._keys
        while low < high:
            middle = (low + high) // 2
            other = self.ids[middle]
            if before(keys[other], key) or (keys[other] == key and other < job):
                low = middle + 1
            else:
                high = middle
        return low
