"""What a tray asks the server beside the feed: small questions, each answered for few jobs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from hqgui.link import Link
from hqgui.models.tray.machine import RunningJob
from hqgui.models.wire_values import wire_seconds
from hqserver.wire.statuses import FINISHED, JobStatus

MOST_FAILED: Final = 5_000
"""Failed frames of a tree that are tried again at once."""
_A_CALL: Final = 500
_RUNNING: Final = ("id", "name", "submittedBy", "progress", "ETA", "commandStartTime", "rootId", "parents")


async def running_jobs(link: Link, jobs: Sequence[int]) -> tuple[RunningJob, ...]:
    """What runs on this machine, named by its tree, its layer and its own name. Raises LinkError."""
    rows = {row["id"]: row for row in await link.call("getJobs", list(jobs), list(_RUNNING)) or ()}
    above = {parent for row in rows.values() for parent in (*(row.get("parents") or ())[:1], row.get("rootId"))}
    wanted = sorted(id_ for id_ in above if id_ and id_ not in rows)
    names = {row["id"]: str(row["name"]) for row in await link.call("getJobs", wanted, ["id", "name"]) or ()}
    names |= {id_: str(row["name"]) for id_, row in rows.items()}
    return tuple(_running(rows[job], names) for job in jobs if job in rows)


def _running(row: Mapping[str, Any], names: Mapping[int, str]) -> RunningJob:
    parts = [names.get(row.get("rootId") or 0), *(names.get(parent) for parent in (row.get("parents") or ())[:1])]
    path = dict.fromkeys([*(part for part in parts if part), str(row["name"])])
    started, left = row.get("commandStartTime"), row.get("ETA")
    return RunningJob(
        id=int(row["id"]),
        name=" ".join(path),
        owner=str(row.get("submittedBy") or ""),
        progress=float(row.get("progress") or 0.0),
        left=-1.0 if left is None else float(left),
        since=None if started is None else float(wire_seconds(f"{started:%Y%m%dT%H:%M:%S}") or 0),
    )


async def failed_below(link: Link, tree: int, most: int = MOST_FAILED) -> list[int]:
    """Jobs of a tree that failed and have none below; only branches with failures are walked. Raises LinkError."""
    found: list[int] = []
    waiting, seen = [tree], {tree}
    while waiting and len(found) < most:
        part, waiting = waiting[:_A_CALL], waiting[_A_CALL:]
        rows = await link.call("getJobs", part, ["id", "status", "children", "childCounts"]) or ()
        for row in rows:
            children = row.get("children") or ()
            if not children and row["status"] == JobStatus.FAILED:
                found.append(int(row["id"]))
            if (row.get("childCounts") or {}).get(JobStatus.FAILED):
                fresh = [child for child in children if child not in seen]
                seen.update(fresh)
                waiting += fresh
    return found[:most]


async def why_failed(link: Link, tree: int) -> str:
    """What the newest failed job of a tree says of it; empty when nothing does. Raises LinkError."""
    failed = await failed_below(link, tree, 50)
    if not failed:
        return ""
    row = await link.call("getJob", failed[-1], ["logs", "exitCode", "latestNote"]) or {}
    messages = [
        str(entry.get("message") or "")
        for entry in row.get("logs") or ()
        if entry.get("status") == JobStatus.FAILED or entry.get("event") == JobStatus.FAILED
    ]
    said = next((message for message in reversed(messages) if message), "")
    return f"{said[:1].upper()}{said[1:].rstrip('.')}." if said else ""


async def reasons(link: Link, jobs: Iterable[int]) -> list[dict[str, Any]]:
    """Why these trees wait: of each the reason of a frame that waits for a machine, else its own. Raises LinkError."""
    rows = await link.call("getJobs", list(jobs), ["id", "status", "waitingFor", "waitingCode", "children"]) or ()
    asked: dict[int, int] = {}
    for row in rows:
        if row["status"] == JobStatus.QUEUED and row.get("children"):
            asked[int(row["id"])] = await _first_waiting(link, list(row["children"])[:_A_CALL])
    below = [job for job in asked.values() if job]
    told = {row["id"]: row for row in await link.call("getJobs", below, ["id", "waitingFor", "waitingCode"]) or ()}
    found = []
    for row in rows:
        better = told.get(asked.get(int(row["id"]), 0)) or row
        found.append({"id": row["id"], "waitingFor": better["waitingFor"], "waitingCode": better["waitingCode"]})
    return found


async def _first_waiting(link: Link, children: Sequence[int]) -> int:
    """A job without children that waits for a machine, at most three levels down; 0: none."""
    level = list(children)
    for _ in range(3):
        rows = await link.call("getJobs", level, ["id", "status", "children"]) or ()
        ready = next((int(row["id"]) for row in rows if row["status"] == JobStatus.RUNNABLE), 0)
        if ready:
            return ready
        level = [child for row in rows if row["status"] not in FINISHED for child in (row.get("children") or ())]
        level = level[:_A_CALL]
        if not level:
            return 0
    return 0


async def name_of(link: Link, job: int) -> tuple[str, int]:
    """What a job is called with its tree, and the tree's id. Raises LinkError."""
    row = await link.call("getJob", job, ["name", "rootId"]) or {}
    root = int(row.get("rootId") or job)
    name = str(row.get("name") or f"#{job}")
    if root == job:
        return name, job
    above = await link.call("getJob", root, ["name"]) or {}
    return f"{above.get('name', '')} {name}".strip(), root


async def worth_reading(link: Link, tree: int) -> int:
    """The job of a tree whose output is wanted: one that failed, else one that runs, else itself. Raises LinkError."""
    failed = await failed_below(link, tree, 1)
    if failed:
        return failed[0]
    level = [tree]
    for _ in range(4):
        rows = await link.call("getJobs", level[:_A_CALL], ["id", "status", "children"]) or ()
        leaf = next((row for row in rows if row["status"] == JobStatus.RUNNING and not row.get("children")), None)
        if leaf is not None:
            return int(leaf["id"])
        level = [child for row in rows for child in (row.get("children") or ())]
        if not level:
            break
    return tree
