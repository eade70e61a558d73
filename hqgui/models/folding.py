"""Folding: long runs of equal siblings become one row.

Pure: it is given ids in order and answers the rows to show. A run of at least eight leaves in one state is folded
(three when they failed). Two things are exempt, so that nothing moves under the user's eyes: a job that is selected
keeps a row of its own, and a fold that was opened keeps its members, whatever becomes of them, until it is closed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from hqgui.models.roles import RowKind
from hqserver.wire.statuses import JobStatus

LONG_RUN: Final = 8
LONG_FAILED_RUN: Final = 3


class Wanted(NamedTuple):
    """One row to show."""

    kind: RowKind
    job: int
    """Of a fold the first member; of MORE the job above."""
    members: tuple[int, ...] = ()


class Pins(NamedTuple):
    """What is exempt from folding: jobs that keep their own row, and the opened fold of each of its members."""

    alone: frozenset[int] | set[int] = frozenset()
    opened: Mapping[int, int] = {}
    """Member -> number of the opened fold."""


def fold(ids: Sequence[int], state: Callable[[int], str], pins: Pins) -> list[Wanted]:
    """The rows for these siblings; `state` answers an empty text for what never folds."""
    if not pins.opened and not pins.alone:
        return _rows(ids, state, {})
    alone, opened = pins.alone, pins.opened

    def key(job: int) -> str:
        number = opened.get(job)
        if number is not None:
            return f"{_OPENED}{number}"
        return "" if job in alone else state(job)

    return _rows(ids, key, _members(ids, opened))


_OPENED: Final = "\0"


def _rows(ids: Sequence[int], key: Callable[[int], str], opened: dict[str, list[int]]) -> list[Wanted]:
    rows: list[Wanted] = []
    for status, run in groupby(ids, key):
        if status[:1] == _OPENED:
            members = tuple(opened.pop(status, ()))
        else:
            members = tuple(run)
            if not status or len(members) < (LONG_FAILED_RUN if status == JobStatus.FAILED else LONG_RUN):
                rows.extend(Wanted(RowKind.JOB, job) for job in members)
                continue
        if members:
            rows.append(Wanted(RowKind.FOLD, members[0], members))
    return rows


def _members(ids: Sequence[int], opened: Mapping[int, int]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for job in ids:
        number = opened.get(job)
        if number is not None:
            found.setdefault(f"{_OPENED}{number}", []).append(job)
    return found
