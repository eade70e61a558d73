"""My jobs as lines: name, bar, how far, how long, and what is the matter. The rows are root jobs in a job store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from hqgui.models import formats, job_cells
from hqgui.models.job_store import JobStore
from hqgui.models.roles import Segment, Tone
from hqgui.models.sentences import job_sentence
from hqgui.models.status_words import job_label
from hqgui.models.tray.icon_state import Mine
from hqgui.words import QT_TRANSLATE_NOOP, capital, counted, translate
from hqserver.wire.reasons import Reason
from hqserver.wire.statuses import FINISHED, PAUSED_OR_PAUSING, JobStatus

SHOWN: Final = 40
"""Lines at most; the rest is Wrangler's."""
RECENT_SECONDS: Final = 24 * 3600
_RANK: Final[dict[str, int]] = {
    status: rank
    for rank, status in enumerate(
        (
            JobStatus.RUNNING,
            JobStatus.RESUMING,
            JobStatus.PAUSING,
            JobStatus.FAILED,
            JobStatus.ABANDONED,
            JobStatus.RUNNABLE,
            JobStatus.PAUSED,
            JobStatus.QUEUED,
            JobStatus.SUCCEEDED,
            JobStatus.CANCELLED,
        )
    )
}


@dataclass(frozen=True, slots=True)
class JobLine:
    """One of my jobs."""

    id: int
    name: str
    glyph: str
    segments: tuple[Segment, ...]
    percent: str
    state: str
    """What is the matter, at the end of the first line."""
    tone: Tone
    time: str
    """How long still, or when it ended."""
    tip: str
    """The whole name and reason."""
    sentence: str
    can_pause: bool
    can_resume: bool
    can_retry: bool


def lines(store: JobStore, now: float, order: Iterable[int] = ()) -> list[JobLine]:
    """The lines, liveliest first and then newest; those of `order` that are still there stay where they are."""
    wanted = {job for job in store.row_of if is_shown(store, store.row_of[job], now)}
    kept = [job for job in order if job in wanted]
    fresh = wanted.difference(kept)
    listed = [*kept, *sorted(fresh, key=lambda job: _place(store, job))][:SHOWN]
    return [line(store, job, now) for job in listed]


def is_shown(store: JobStore, row: int, now: float) -> bool:
    """Whether it is unfinished or ended lately."""
    end = store.end_time[row]
    return bool(store.status[row]) and (store.status[row] not in FINISHED or end is None or now - end < RECENT_SECONDS)


def _place(store: JobStore, job: int) -> tuple[int, int, int]:
    row = store.row_of[job]
    word = job_cells.shown(store, row)
    if word not in FINISHED and job_cells.failed_below(store, row) and not job_cells.at_work(store, row):
        word = JobStatus.FAILED
    return _RANK.get(word, len(_RANK)), -(store.end_time[row] or 0), -job


def line(store: JobStore, job: int, now: float) -> JobLine:
    """One job's line."""
    row = store.row_of[job]
    word = job_cells.shown(store, row)
    failed = job_cells.failed_below(store, row) or int(store.status[row] == JobStatus.FAILED)
    state, tone = _state(store, row, word, failed)
    done = store.status[row] == JobStatus.SUCCEEDED
    glyph = JobStatus.FAILED.value if failed and not job_cells.at_work(store, row) and not done else str(word)
    below = job_cells.below(store, row)
    unfinished = store.status[row] not in FINISHED
    reason = job_cells.reason(store, row)
    return JobLine(
        id=job,
        name=formats.one_line(store.name[row], 300),
        glyph=glyph,
        segments=tuple(job_cells.bar(store, row)),
        percent=formats.percent(job_cells.overall(store, row), done),
        state=formats.one_line(state, 60),
        tone=tone,
        time=_time(store, row, now),
        tip=formats.several_lines("\n".join(part for part in (store.name[row], reason) if part), 600),
        sentence=job_sentence(store, row, now) + (f", {formats.one_line(reason, 200)}" if reason else ""),
        can_pause=unfinished and _any(store.status[row], below, PAUSED_OR_PAUSING, inside=False),
        can_resume=unfinished and _any(store.status[row], below, PAUSED_OR_PAUSING, inside=True),
        can_retry=bool(failed),
    )


def _any(own: str, below: dict[str, int], words: frozenset[JobStatus], *, inside: bool) -> bool:
    alive = [word for word, count in below.items() if count and word not in FINISHED] or [own]
    return any((word in words) is inside for word in alive)


def _state(store: JobStore, row: int, word: str, failed: int) -> tuple[str, Tone]:
    """What is said at the end of the line: the matter first, else what goes on."""
    ending = store.columns["ending"][row]
    if ending:
        return job_label(word, ending), Tone.SECONDARY
    if failed:
        return translate("Tray", "{n} failed").replace("{n}", formats.count(failed)), Tone.FAILED
    at_work = job_cells.at_work(store, row)
    if at_work:
        words = counted(at_work, translate("Tray", "{n} client"), translate("Tray", "{n} clients"))
        return words, Tone.DIM
    if word == JobStatus.RUNNABLE:
        return _reason(store, row) or job_label(word), Tone.WAITING
    if word == JobStatus.QUEUED:
        return _reason(store, row) or job_label(word), Tone.DIM
    if word == JobStatus.SUCCEEDED:
        return translate("Tray", "Done"), Tone.DIM
    return job_label(word), Tone.DIM


_SHORT: Final[dict[str, str]] = {
    Reason.NEXT: QT_TRANSLATE_NOOP("Tray", "Starts next"),
    Reason.STARTING: QT_TRANSLATE_NOOP("Tray", "Starting"),
    Reason.CPUS: QT_TRANSLATE_NOOP("Tray", "All clients are busy"),
    Reason.WHOLE: QT_TRANSLATE_NOOP("Tray", "Waiting for an empty client"),
    Reason.HELD: QT_TRANSLATE_NOOP("Tray", "Others go first"),
    Reason.GATHERING: QT_TRANSLATE_NOOP("Tray", "Gathering clients"),
    Reason.HOURS: QT_TRANSLATE_NOOP("Tray", "Outside the farm's hours"),
    Reason.OVERRIDE: QT_TRANSLATE_NOOP("Tray", "People use its clients"),
    Reason.DRAINING: QT_TRANSLATE_NOOP("Tray", "Its clients are being emptied"),
    Reason.UNSTEADY: QT_TRANSLATE_NOOP("Tray", "Its clients rest after faults"),
    Reason.TAG: QT_TRANSLATE_NOOP("Tray", "Another job goes first there"),
    Reason.FAILED_BEFORE: QT_TRANSLATE_NOOP("Tray", "It failed on clients that are free"),
    Reason.LOST_CLIENT: QT_TRANSLATE_NOOP("Tray", "Its client is out of touch"),
    Reason.TOO_FEW: QT_TRANSLATE_NOOP("Tray", "Too few clients for it"),
    Reason.OFFLINE: QT_TRANSLATE_NOOP("Tray", "Its clients are offline"),
    Reason.DISABLED: QT_TRANSLATE_NOOP("Tray", "Its clients are disabled"),
    Reason.BLOCKED: QT_TRANSLATE_NOOP("Tray", "Failed too often everywhere"),
    Reason.CONDITION: QT_TRANSLATE_NOOP("Tray", "No client fits"),
    Reason.PLATFORM: QT_TRANSLATE_NOOP("Tray", "No client fits"),
    Reason.SMALL: QT_TRANSLATE_NOOP("Tray", "No client is large enough"),
    Reason.NO_CLIENTS: QT_TRANSLATE_NOOP("Tray", "The farm has no client"),
}
"""Reasons in few words, as they stand beside a name; the tooltip has the whole sentence."""


def _reason(store: JobStore, row: int) -> str:
    text = job_cells.reason(store, row)
    short = _SHORT.get(store.columns["waitingCode"][row]) if text else None
    return translate("Tray", short) if short else capital(text)


def _time(store: JobStore, row: int, now: float) -> str:
    if store.status[row] in FINISHED:
        end = store.end_time[row]
        time = formats.when(end, now)
        return translate("Tray", "at {time}").replace("{time}", time) if end is not None and ":" in time else time
    seconds = store.eta[row]
    if seconds < 0 or job_cells.shown(store, row) in PAUSED_OR_PAUSING:
        return ""
    text = formats.rough_duration(seconds)
    return text if job_cells.at_work(store, row) else translate("Tray", "about {time}").replace("{time}", text)


def sum_up(store: JobStore) -> Mine:
    """All my unfinished jobs in numbers; a job of a thousand frames weighs a thousand."""
    weight = done = 0.0
    eta, unfinished, failed = -1.0, 0, 0
    for row in store.row_of.values():
        if not store.status[row] or store.status[row] in FINISHED:
            continue
        size = max(sum(job_cells.below(store, row).values()), 1)
        weight += size
        done += size * job_cells.overall(store, row)
        eta = max(eta, store.eta[row])
        unfinished += 1
        failed += job_cells.failed_below(store, row)
    return Mine(unfinished, done / weight if weight else 0.0, eta, failed)


def unfinished_ids(store: JobStore) -> list[int]:
    """My root jobs that have not ended."""
    return [job for job, row in store.row_of.items() if store.status[row] and store.status[row] not in FINISHED]


def all_paused(store: JobStore) -> bool:
    """Whether there is something unfinished, and all of it is paused."""
    found = [line(store, job, 0.0) for job in unfinished_ids(store)]
    return bool(found) and not any(one.can_pause for one in found)


def outdated(store: JobStore, now: float) -> list[int]:
    """Jobs that ended so long ago that a tray need not hold them."""
    return [job for job, row in store.row_of.items() if not is_shown(store, row, now)]


def waiting_roots(store: JobStore, jobs: Iterable[int]) -> list[int]:
    """Those of the jobs that wait, so that a reason should be shown."""
    waits = (JobStatus.RUNNABLE, JobStatus.QUEUED)
    return [job for job in jobs if job in store and job_cells.shown(store, store.row_of[job]) in waits]
