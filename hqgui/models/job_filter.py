"""Which trees the chips over the tree choose; the text beside them chooses jobs (`job_finding`).

A chip speaks of a whole tree. Of a text, a tree shows what was found, all that is above it and all that is below it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from hqgui.models.job_store import JobStore
from hqserver.wire.statuses import FINISHED, JobStatus


@unique
class Chip(StrEnum):
    """The chips over the tree, in their order."""

    UNFINISHED = "unfinished"
    FAILED = "failed"
    """Trees in which something failed, whether or not they still run."""
    FINISHED = "finished"
    """Trees that ended well or were cancelled."""
    MINE = "mine"
    ALL = "all"


Users = frozenset[str]
NOBODY: Final[Users] = frozenset()
_STATES: Final = frozenset({Chip.UNFINISHED, Chip.FAILED, Chip.FINISHED})
_BITS: Final = {Chip.UNFINISHED: 1, Chip.FAILED: 2, Chip.FINISHED: 4, Chip.MINE: 8}
DEFAULT_CHIPS: Final = frozenset({Chip.UNFINISHED, Chip.FAILED})


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Chips that are on, and the text in the filter language."""

    chips: frozenset[Chip] = DEFAULT_CHIPS
    text: str = ""

    def passes(self, flags: int) -> bool:
        """Whether a tree with these flags is shown. Chips of state join, `MINE` narrows; none of state: every tree."""
        if Chip.MINE in self.chips and not flags & _BITS[Chip.MINE]:
            return False
        wanted = sum(_BITS[chip] for chip in self.chips & _STATES)
        return Chip.ALL in self.chips or not wanted or bool(flags & wanted)


def toggled(chips: frozenset[Chip], chip: Chip) -> frozenset[Chip]:
    """The chips that are on after a click: `ALL` and the chips of state exclude each other, `MINE` goes with any."""
    if chip in chips:
        left = chips - {chip}
        return left if left & _STATES or Chip.ALL in left else left | {Chip.ALL}
    if chip is Chip.ALL:
        return (chips - _STATES) | {Chip.ALL}
    if chip is Chip.MINE:
        return chips | {Chip.MINE}
    return (chips - {Chip.ALL}) | {chip}


def flags_of(store: JobStore, job: int, users: Users) -> int:
    """What the chips ask about one tree, as bits. `users`: the names under which the user submits."""
    row = store.row_of[job]
    status = store.status[row]
    failed = status == JobStatus.FAILED or any(word == JobStatus.FAILED and n for word, n in store.child_counts[row])
    flags = _BITS[Chip.FAILED] if failed else 0
    if status not in FINISHED:
        flags |= _BITS[Chip.UNFINISHED]
    elif status != JobStatus.FAILED:
        flags |= _BITS[Chip.FINISHED]
    if store.submitted_by[row] in users:
        flags |= _BITS[Chip.MINE]
    return flags


class ChipCounts:
    """How many trees each chip stands for, kept up with each change."""

    def __init__(self, store: JobStore, users: Users = NOBODY) -> None:
        self._store = store
        self._users = users
        self._flags: dict[int, int] = {}
        self._counts: Counter[int] = Counter()

    def update(self, jobs: Iterable[int]) -> None:
        """These jobs changed, came, went, or moved to or from the top."""
        for job in jobs:
            old = self._flags.pop(job, None)
            if old is not None:
                self._counts[old] -= 1
            if job in self._store and self._store.is_top(job):
                new = flags_of(self._store, job, self._users)
                self._flags[job] = new
                self._counts[new] += 1

    def count_anew(self, users: Users) -> None:
        """All trees, for other names of the user."""
        self._users = users
        self._flags.clear()
        self._counts.clear()
        self.update(list(self._store.tops()))

    def flags(self, job: int) -> int:
        """The flags of one tree; 0 when it is not one."""
        return self._flags.get(job, 0)

    def totals(self) -> dict[Chip, int]:
        """Trees for each chip."""
        totals = {chip: sum(n for flags, n in self._counts.items() if flags & bit) for chip, bit in _BITS.items()}
        return totals | {Chip.ALL: len(self._flags)}

    def passing(self, wanted: JobFilter) -> int:
        """Trees that the chips of a filter let through."""
        return sum(n for flags, n in self._counts.items() if wanted.passes(flags))
