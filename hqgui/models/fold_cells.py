"""What each column shows for a fold: several siblings in one row."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from hqgui.models import formats
from hqgui.models import job_cells as job
from hqgui.models.job_cells import At
from hqgui.models.job_store import JobStore
from hqgui.models.roles import EMPTY, Cell, Tone
from hqgui.models.status_words import job_label, liveliest, own_segments, segments, tone_of
from hqgui.words import translate
from hqserver.wire.statuses import ON_CLIENT, JobStatus

_TAIL: Final = re.compile(r"^(.*?)(\d+)(\D*)$", re.DOTALL)


def counts(store: JobStore, rows: Iterable[int]) -> Counter[str]:
    """Members by status."""
    return Counter(store.status[row] for row in rows)


def state(store: JobStore, rows: list[int]) -> str:
    """The one status of the members, or the liveliest after an opened fold's members went apart."""
    return liveliest(counts(store, rows))


def nothing(store: JobStore, rows: list[int], at: At) -> Cell:
    """A column that has nothing to say of several jobs."""
    return EMPTY


def name(store: JobStore, rows: list[int], at: At) -> Cell:
    """`1001–1041`, and how many."""
    if not rows:
        return EMPTY
    return Cell(span(store, rows), job.noun(store, rows[0], len(rows)), state(store, rows), tone=Tone.SECONDARY)


def span(store: JobStore, rows: list[int]) -> str:
    """First and last name, with a dash when the ids between them run one way, else with an ellipsis."""
    first, last = formats.one_line(store.name[rows[0]]), formats.one_line(store.name[rows[-1]])
    ids = [store.ids[row] for row in rows]
    steps = {later > earlier for earlier, later in pairwise(ids)}
    if len(steps) > 1:
        return f"{first} … {last}"
    head, tail = _TAIL.match(first), _TAIL.match(last)
    if head and tail and head[1] == tail[1] and head[3] == tail[3]:
        return f"{head[1]}{head[2]}–{tail[2]}{head[3]}"
    return f"{first}–{last}"


def status(store: JobStore, rows: list[int], at: At) -> Cell:
    """The status in words."""
    word = state(store, rows)
    mixed = counts(store, rows)
    failed = mixed[JobStatus.FAILED] if len(mixed) > 1 else 0
    return Cell(job_label(word), tone=tone_of(word, quiet=True), failed=failed)


def progress(store: JobStore, rows: list[int], at: At) -> Cell:
    """The mean of the members."""
    if not rows:
        return EMPTY
    mixed = counts(store, rows)
    share = sum(store.progress[row] for row in rows) / len(rows)
    done = set(mixed) == {JobStatus.SUCCEEDED}
    parts = segments(mixed) if len(mixed) > 1 else own_segments(next(iter(mixed)), share)
    return Cell(formats.percent(1.0 if done else share, done), tone=Tone.DIM, segments=parts)


def eta(store: JobStore, rows: list[int], at: At) -> Cell:
    """When the last of them should be finished."""
    longest = max((store.eta[row] for row in rows if store.eta[row] is not None), default=-1)
    return EMPTY if longest < 0 else Cell(formats.duration(longest))


def elapsed(store: JobStore, rows: list[int], at: At) -> Cell:
    """The mean of those that started."""
    times = [seconds for row in rows if (seconds := job.elapsed(store, row, at.now)) is not None]
    if not times:
        return EMPTY
    mean = formats.rough_duration(sum(times) / len(times))
    return Cell(translate("Jobs", "{time} avg").replace("{time}", mean), tone=Tone.SECONDARY)


def clients(store: JobStore, rows: list[int], at: At) -> Cell:
    """How many clients work on them."""
    working = sum(store.status[row] in ON_CLIENT for row in rows)
    return Cell(str(working), tone=Tone.SECONDARY) if working else EMPTY


def note(store: JobStore, rows: list[int], at: At) -> Cell:
    """What they all say, if they say the same."""
    if len(rows) > 200:
        rows = rows[:200]
    cells = {job.note(store, row, at) for row in rows}
    return cells.pop() if len(cells) == 1 else EMPTY


def peak_memory(store: JobStore, rows: list[int], at: At) -> Cell:
    """The largest among them."""
    kilobytes = max((store.columns["peakMemory"][row] or 0 for row in rows), default=0)
    return Cell(formats.bytes_text(kilobytes * 1024)) if kilobytes else EMPTY


def tasks(store: JobStore, rows: list[int], at: At) -> Cell:
    """Done of all."""
    return job.tally(counts(store, rows))
