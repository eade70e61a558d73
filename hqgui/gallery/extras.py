"""What the feed does not carry, made up: a job's output and history, and farms at their extremes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from hqgui.made_up import Farm as MadeUp
from hqgui.made_up import Row, ago, rows
from hqgui.models.status_words import shown_status
from hqgui.polling import CHEAP, SEEN
from hqserver.wire.attributes import Origin
from hqserver.wire.clients import ATTRIBUTES as CLIENT
from hqserver.wire.statuses import ClientStatus, JobEvent, JobStatus


def no_jobs() -> Row:
    """A farm that waits for its first job."""
    made = rows(0)
    return {**made, "jobs": [], "clients": [_free(row) for row in made["clients"][:3]], "resources": []}


def _free(row: Row) -> Row:
    return {
        **row,
        "status": ClientStatus.AVAILABLE,
        "available": True,
        "disabled": False,
        "runningJobs": [],
        "lastHeartbeat": ago(2),
        "load": 0.4,
        "memoryUsed": 9 << 20,
        "needsUpgrade": False,
    }


def nobody() -> Row:
    """A farm that has jobs and no client."""
    made = rows(24)
    return {**made, "clients": []}


def polled(farm: Row, unfolded: Sequence[str]) -> Row:
    """What a server without our extensions tells of a farm: its own attributes, and the children of unfolded jobs."""
    opened = {row["id"] for row in farm["jobs"] if row["name"] in unfolded}
    jobs = [row for row in farm["jobs"] if not row["parents"] or opened.issuperset(row["parents"])]
    return {
        **farm,
        "jobs": [
            {name: row[name] for name in (*CHEAP, *SEEN, "childCount") if name in row} | {"uiStatus": _ui_status(row)}
            for row in jobs
        ],
        "clients": [{name: row[name] for name in _TOLD_OF_CLIENTS if name in row} for row in farm["clients"]],
        "resources": [{name: row[name] for name in ("id", "name", "amount", "inUse")} for row in farm["resources"]],
        "threads": [{**row, "latestAuthor": ""} for row in farm["threads"]],
    }


def _ui_status(row: Row) -> str:
    """The status of a job on HQueue's own pages."""
    counts = row["childCounts"]
    shown = shown_status(row["status"], counts)
    if shown == JobStatus.RUNNING and counts:
        return f"running ({counts.get(JobStatus.RUNNING, 0)} clients assigned)"
    return "waiting for resources" if shown == JobStatus.RUNNABLE else str(shown)


_TOLD_OF_CLIENTS: Final = tuple(row.name for row in CLIENT.values() if row.origin is Origin.DOCUMENTED)


def many_jobs(trees: int = 900, frames: int = 110) -> Row:
    """About as many jobs as a big studio keeps: trees whose states come around again and again."""
    farm = MadeUp()
    kinds = (
        JobStatus.SUCCEEDED,
        JobStatus.RUNNING,
        JobStatus.FAILED,
        JobStatus.RUNNABLE,
        JobStatus.SUCCEEDED,
        JobStatus.PAUSED,
        JobStatus.CANCELLED,
        JobStatus.SUCCEEDED,
    )
    for number in range(trees):
        kind = kinds[number % len(kinds)]
        shared = {"queueTime": ago(60 * number + 900), "submittedBy": ("jlee", "aokafor", "dkim", "s.iyer")[number % 4]}
        counts = _counts(kind, frames, number)
        root = farm.job(
            f"shot_{number:04d}_lighting v{number % 40 + 1:03d}",
            kind,
            priority=number % 10,
            childCounts=counts,
            childCount=frames,
            overallProgress=counts.get(JobStatus.SUCCEEDED, 0) / frames,
            **shared,
        )
        states = [state for state, count in counts.items() for _ in range(count)]
        for frame, state in enumerate(states):
            farm.job(str(1001 + frame), state, parents=[root["id"]], frame=1001 + frame, **shared)
    return {**rows(0), "jobs": farm.jobs}


def _counts(kind: str, frames: int, number: int) -> dict[str, int]:
    if kind in (JobStatus.SUCCEEDED, JobStatus.CANCELLED):
        return {kind: frames}
    done = frames * (number * 37 % 89) // 100
    left = frames - done
    return {state: n for state, n in ((JobStatus.SUCCEEDED, done), (kind, left)) if n}


def history() -> list[dict[str, Any]]:
    """The status log of a frame that failed twice."""
    return [_entry(*line) for line in _HISTORY]


_HISTORY: Final = (
    (9040, JobEvent.SUBMITTED, JobStatus.RUNNABLE, "", "by mbrandt from ws-mbrandt"),
    (7860, JobEvent.ASSIGNED, JobStatus.RUNNING, "rnd-142", "attempt 1"),
    (5600, JobStatus.FAILED, JobStatus.FAILED, "rnd-142", "exit code 137, out of memory at 128 GB"),
    (5598, JobEvent.RESCHEDULED, JobStatus.RUNNABLE, "", "try 2 of 2"),
    (5590, JobEvent.ASSIGNED, JobStatus.RUNNING, "rnd-142", "attempt 2"),
    (3298, JobStatus.FAILED, JobStatus.FAILED, "rnd-142", "Out of memory at 131 GB"),
    (3290, JobEvent.PRIORITY_CHANGED, JobStatus.FAILED, "", "from 6 to 8 by mbrandt"),
)


def _entry(seconds: int, event: str, status: str, client: str, message: str) -> dict[str, Any]:
    return {"date": ago(seconds), "event": event, "status": status, "client": client or None, "message": message}


def growing(later: int) -> tuple[bytes, bytes]:
    """The log of a frame that runs: what was written until now, and that many lines after it."""
    lines = [
        f"13:{8 + place // 5:02d}:{place * 12 % 60:02d} Tile {place} of 144, {place * 100 // 144} %"
        for place in range(1, 61)
    ]
    first = ["13:08:04 husk 20.5.410  karma 1.6  96 threads", *lines[:-later]]
    return "\n".join(first).encode() + b"\n", "\n".join(lines[-later:]).encode() + b"\n"


def output() -> bytes:
    """A renderer's log that ends in a failure."""
    return "\n".join(_output_lines()).encode() + b"\n"


def _output_lines() -> Iterator[str]:
    yield "12:44:28 husk 20.5.410  karma 1.6  96 threads"
    yield "12:44:28 Loading $HQROOT/msk/010/ltg.usd"
    yield "12:44:31 Opened stage: 1,204 prims, 38 lights, 212 textures"
    yield "12:44:32 Warning: texture $HQROOT/msk/tex/rock_07_disp.1042.exr has no mipmaps, read as it is"
    yield from (_progress(12, 45 + place // 2, place * 31 % 60, place * 2, 20 + place * 2.1) for place in range(1, 30))
    yield "13:02:11 Warning: 3 textures were dropped from the cache to make room"
    yield from (_progress(13, place - 27, place * 17 % 60, place * 2, 60 + place * 1.9) for place in range(30, 36))
    yield "13:22:36 ERROR: karma could not allocate 3,221,225,472 bytes for the reflection AOV (131.2 GB in use)"
    yield "13:22:37 Fatal: out of memory, frame 1042 was not written"
    yield "13:22:38 husk ended with code 137"


def _progress(hour: int, minute: int, second: int, percent: int, gigabytes: float) -> str:
    time = f"{hour:02d}:{minute:02d}:{second:02d}"
    return f"{time} Rendering frame 1042  {percent:>2} %  memory {gigabytes:.1f} GB"
