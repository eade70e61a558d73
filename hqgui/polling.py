"""Keeps up with a server that has no change feed, HQueue's own for example, by asking again and again.

Costly attributes (`ETA`, `overallProgress`, `uiStatus` walk all descendants there) are asked for rows on the screen
only. What the server does not know is left out or derived: counts by status come from the children that are unfolded.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from hqgui.actions.undo import Caller
from hqgui.link import Link
from hqgui.models.farm import FarmData
from hqgui.models.wire_values import wire_seconds
from hqserver.wire.statuses import JobStatus

ROUND_SECONDS: Final = 1.0
ROUNDS_TO_OTHERS: Final = 5
ROUNDS_TO_RARE: Final = 30
MOST_FINISHED: Final = 200
"""Finished trees that are shown, the newest."""
JOBS_A_CALL: Final = 500
MOST_THREADS: Final = 1_000
THREAD: Final = ("jobId", "clientId", "clientHostname", "clientLabel")

CHEAP: Final = (
    "id", "name", "status", "priority", "progress", "children", "parents", "queueTime", "startTime", "endTime",
    "clients", "clientsOnHold", "conditions", "resources", "tags", "triesLeft", "threadId", "latestNote", "waitingFor",
    "showBlockedClientsWarning",
)  # fmt: skip
SEEN: Final = ("id", "status", "progress", "ETA", "overallProgress", "uiStatus")


@dataclass(frozen=True, slots=True)
class Watched:
    """What is looked at: rows on the screen, and jobs that are unfolded."""

    seen: tuple[int, ...] = ()
    unfolded: tuple[int, ...] = ()


async def poll(link: Link, farm: FarmData, watched: Callable[[], Watched], took: Callable[[], None]) -> None:
    """Ask until cancelled or an error. `took` is called after each answer that was taken in."""
    turn = 0
    farm.jobs.loaded()
    while True:
        looked_at = watched()
        if turn % ROUNDS_TO_OTHERS == 0:
            await _trees(link, farm, looked_at)
            farm.clients.upsert(_rows(await link.call("getClients", None)))
        if turn % ROUNDS_TO_RARE == 0:
            farm.upsert("groups", _rows(await link.call("getClientGroups")))
            farm.upsert("resources", _resources(await link.call("getResources")))
            await poll_threads(link, farm)
        await _seen(link, farm, looked_at.seen)
        took()
        turn += 1
        await asyncio.sleep(ROUND_SECONDS)


async def _trees(link: Link, farm: FarmData, looked_at: Watched) -> None:
    unfinished = await link.call("getUnfinishedRootJobIds")
    finished = sorted(await link.call("getFinishedRootJobIds"))[-MOST_FINISHED:]
    roots = [*unfinished, *finished]
    await _fetch(link, farm, roots, CHEAP)
    gone = set(farm.jobs.tops()).difference(roots)
    farm.remove("jobs", farm.jobs.family(gone))
    for job in looked_at.unfolded:
        if job in farm.jobs:
            rows = await link.call("getJob", job, ["id", "children"])
            await _fetch(link, farm, (rows or {}).get("children", ()), CHEAP)
            count_children(farm, job)


async def poll_threads(link: Caller, farm: FarmData) -> None:
    """Note threads; their ids come apart from them. Of the newest alone, since all are asked for each time."""
    ids = list(await link.call("getNoteThreadIds") or ())
    farm.remove("threads", set(farm.threads.rows).difference(ids))
    newest = ids[-MOST_THREADS:]
    if not newest:
        return
    subjects = list(await link.call("getNoteThreads", newest, list(THREAD)) or ())
    latest = list(await link.call("getLatestNotes", newest, ["date", "text"]) or ())
    if len(newest) == len(subjects) == len(latest):
        farm.upsert("threads", [_thread(*row) for row in zip(newest, subjects, latest, strict=True)])


def _thread(thread: int, subject: Mapping[str, Any], note: Mapping[str, Any]) -> dict[str, Any]:
    """A thread as the feed would tell it. Notes have no ids there, so the time of the latest stands for one."""
    row = _row({**subject, "id": thread, "lastDate": note.get("date"), "latestNote": note.get("text")})
    return row | {"writtenId": wire_seconds(row["lastDate"]) or 0}


async def _seen(link: Link, farm: FarmData, jobs: Sequence[int]) -> None:
    await _fetch(link, farm, [job for job in jobs if job in farm.jobs], SEEN)


async def _fetch(link: Link, farm: FarmData, jobs: Sequence[int], names: Sequence[str]) -> None:
    for start in range(0, len(jobs), JOBS_A_CALL):
        rows = _rows(await link.call("getJobs", list(jobs[start : start + JOBS_A_CALL]), list(names)))
        farm.upsert("jobs", rows)


def count_children(farm: FarmData, job: int) -> None:
    """Counts by status that a plain server does not give, from the children that are known.

    Of children that have children themselves nothing can be counted: what is below them is not known.
    """
    store = farm.jobs
    if not all(store.is_leaf(child) for child in store.children(job)):
        return
    counts = Counter(str(store.value(child, "status")) for child in store.children(job) if child in store)
    counts.pop(JobStatus.QUEUED, None)
    store.upsert([{"id": job, "childCounts": dict(counts)}])


def _rows(answer: Iterable[Mapping[str, Any]] | None) -> list[dict[str, Any]]:
    """Rows of getters as the stores take them: dates as wire texts, children counted."""
    return [_row(row) for row in answer or () if row]


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: f"{value:%Y%m%dT%H:%M:%S}" if isinstance(value, datetime) else value for name, value in row.items()}
    children = found.pop("children", None)
    if children is not None:
        found["childCount"] = len(children)
    return found


def _resources(answer: Iterable[Mapping[str, Any]] | None) -> list[dict[str, Any]]:
    """Resources, which a plain server may list without ids."""
    return [{"id": number, **_row(row)} for number, row in enumerate(answer or (), 1)]
