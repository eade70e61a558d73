"""Sums over the distinct descendants of a job, kept up to date as jobs change.

Each job has a *share*, a tuple of whole numbers that follows from its own state. A job's totals are the sum of the
shares of its distinct descendants. A change of a share goes to each distinct ancestor once, so reading a count, a
progress or an ETA walks nothing. Whole numbers (millionths, milliseconds) keep the sums exact for ever.

Formulas: `overall_progress` is the mean over the job and its distinct descendants that count (they have a command and
no tag excludeProgress): 1 for a succeeded one, else its last progress. `eta` is the work that is left, as the mean
runtime of those that succeeded times what is missing of the others, divided by the clients at work.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from hqserver.core.records import AttemptState, Job
from hqserver.wire.jobs import EXCLUDE_PROGRESS
from hqserver.wire.statuses import FINISHED, JobStatus

STATUSES: Final = tuple(JobStatus)
_INDEX: Final = {status: index for index, status in enumerate(STATUSES)}

COUNTED: Final = len(STATUSES)
PROGRESS: Final = COUNTED + 1
"""Millionths."""
DONE: Final = COUNTED + 2
DONE_MS: Final = COUNTED + 3
LEFT: Final = COUNTED + 4
"""Millionths of jobs that are not done and not given up."""
SEEN: Final = COUNTED + 5
"""Millionths of progress reported by jobs at work."""
SEEN_MS: Final = COUNTED + 6
"""Milliseconds in which they made it."""
CLIENTS: Final = COUNTED + 7
SHARED: Final = COUNTED + 8
"""Jobs with more than one parent."""
DESCENDANTS: Final = COUNTED + 9
WIDTH: Final = COUNTED + 10

_WHOLE: Final = 1_000_000
_known_shares: dict[tuple[int, ...], tuple[int, ...]] = {}
_still_shares: dict[tuple[JobStatus, bool, bool], tuple[int, ...]] = {}
"""Of jobs that have nothing on a client and got nowhere yet: most of those that wait, failed or were cancelled."""
_known_differences: dict[tuple[int, int], tuple[tuple[int, ...], tuple[int, ...], list[tuple[int, int]]]] = {}
"""By the identities of two shares, which are kept here so that those stay theirs."""
_MOST_KNOWN: Final = 100_000
_MOST_KNOWN_DIFFERENCES: Final = 10_000


def share(job: Job) -> tuple[int, ...]:
    """What the job adds to each ancestor now. Equal shares are one object."""
    if job.live_attempt is None and job.progress == 0.0 and job.status is not JobStatus.SUCCEEDED:
        counts = job.spec.has_command and EXCLUDE_PROGRESS not in job.spec.tags
        key = job.status, counts, len(job.parents) > 1
        known = _still_shares.get(key)
        if known is None:
            known = _still_shares[key] = _share(job)
        return known
    return _share(job)


def _share(job: Job) -> tuple[int, ...]:
    row = [0] * WIDTH
    row[DESCENDANTS] = 1
    row[SHARED] = int(len(job.parents) > 1)
    attempt = job.live_attempt
    if attempt is not None:
        row[CLIENTS] = 1
    if job.spec.has_command and EXCLUDE_PROGRESS not in job.spec.tags:
        _count(job, row)
    found = tuple(row)
    if len(_known_shares) > _MOST_KNOWN:
        _known_shares.clear()
    return _known_shares.setdefault(found, found)


def _count(job: Job, row: list[int]) -> None:
    row[_INDEX[job.status]] = 1
    row[COUNTED] = 1
    if job.status is JobStatus.SUCCEEDED:
        row[PROGRESS] = _WHOLE
        row[DONE] = 1
        row[DONE_MS] = round(job.attempt.ran_seconds * 1000) if job.attempt is not None else 0
        return
    progress = round(job.progress * _WHOLE)
    row[PROGRESS] = progress
    if job.status not in FINISHED:
        row[LEFT] = _WHOLE - progress
    attempt = job.live_attempt
    at_work = attempt is not None and attempt is job.attempt and attempt.state is AttemptState.STARTED
    if at_work and progress and job.progress_at is not None and attempt is not None and attempt.started_at is not None:
        row[SEEN] = progress
        row[SEEN_MS] = max(0, round((job.progress_at - attempt.started_at) * 1000))


def ancestors(jobs: Mapping[int, Job], job: Job) -> list[Job]:
    """The distinct ancestors of a job, in no particular order."""
    found: dict[int, Job] = {}
    while len(job.parents) == 1:  # a chain has each of them once, and most families are one
        (id_,) = job.parents
        job = found[id_] = jobs[id_]
    stack = list(job.parents)
    while stack:
        id_ = stack.pop()
        if id_ not in found:
            found[id_] = parent = jobs[id_]
            stack.extend(parent.parents)
    return list(found.values())


def descendants(jobs: Mapping[int, Job], job: Job) -> Iterator[Job]:
    """The distinct descendants of a job, parents before their children's children, never the job itself."""
    seen: set[int] = set()
    stack = list(job.children)[::-1]
    while stack:
        id_ = stack.pop()
        if id_ not in seen:
            seen.add(id_)
            child = jobs[id_]
            yield child
            stack.extend(reversed(child.children))


def change(totals: list[int] | None, delta: Iterable[tuple[int, int]]) -> list[int]:
    """Totals after a change of a share below."""
    row = totals if totals is not None else [0] * WIDTH
    for index, difference in delta:
        row[index] += difference
    return row


def difference(old: tuple[int, ...], new: tuple[int, ...]) -> Sequence[tuple[int, int]]:
    """What changes in the ancestors when a share changes."""
    known = _known_differences.get((id(old), id(new)))
    if known is None:
        delta = [(index, b - a) for index, (a, b) in enumerate(zip(old, new, strict=True)) if a != b]
        if len(_known_differences) > _MOST_KNOWN_DIFFERENCES:
            _known_differences.clear()
        known = _known_differences[id(old), id(new)] = old, new, delta
    return known[2]


def whole(job: Job) -> Sequence[int]:
    """The job's own share and its totals together."""
    if job.totals is None:
        return job.share
    return [a + b for a, b in zip(job.share, job.totals, strict=True)]


def recount(jobs: Mapping[int, Job], job: Job) -> None:
    """The job's totals, from its descendants."""
    row = [0] * WIDTH
    for child in descendants(jobs, job):
        row = [a + b for a, b in zip(row, child.share, strict=True)]
    job.totals = row


def child_counts(job: Job) -> dict[str, int]:
    """How many distinct descendants that count are in each status; statuses without any are left out."""
    if job.totals is None:
        return {}
    return {status.value: job.totals[index] for status, index in _INDEX.items() if job.totals[index]}


def overall_progress(job: Job) -> float:
    """0 to 1. A succeeded job with nothing that counts is 1.0."""
    row = whole(job)
    if row[COUNTED]:
        return row[PROGRESS] / (_WHOLE * row[COUNTED])
    return 1.0 if job.status is JobStatus.SUCCEEDED else 0.0


def mean_runtime(job: Job) -> float | None:
    """Mean seconds of the succeeded descendants that count."""
    if job.totals is None or not job.totals[DONE]:
        return None
    return job.totals[DONE_MS] / job.totals[DONE] / 1000


def eta(job: Job, jobs: Mapping[int, Job]) -> int:
    """Whole seconds until the job is finished, rounded up; -1 without evidence, or when it is finished."""
    row = whole(job)
    if not row[CLIENTS] or not row[LEFT] or job.status in FINISHED:
        return -1
    mean = _mean_ms(row)
    if mean is None and job.parents:
        mean = _mean_ms(whole(jobs[job.parents[0]]))
    if mean is None and row[SEEN]:
        mean = row[SEEN_MS] * _WHOLE / row[SEEN]
    if mean is None:
        return -1
    return math.ceil(row[LEFT] * mean / (_WHOLE * 1000 * row[CLIENTS]))


def _mean_ms(row: Sequence[int]) -> float | None:
    return row[DONE_MS] / row[DONE] if row[DONE] else None
