"""What is wrong between rows: references that lead nowhere, lives that cannot be.

A job that can no longer be trusted to go on by itself is failed, with the reason in its log: its parents do not run as
if it had never been, its command does not run twice, and a person who knows better can have it run again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from hqserver.core.records import NO_HOOKS, AttemptState, Client, Job, LogEntry
from hqserver.store.quarantine import Findings
from hqserver.store.rows import attempt_row, entry_row, job_row
from hqserver.store.tables import EDGES
from hqserver.wire.agent import EndReason
from hqserver.wire.statuses import FINISHED, ON_CLIENT, JobEvent, JobStatus

_NEEDS_ATTEMPT: Final = ON_CLIENT | {JobStatus.ABANDONED}
_HAS_NO_ATTEMPT: Final = FINISHED | {JobStatus.QUEUED}


def stop(
    jobs: dict[int, Job], clients: Mapping[int, Client], broken: Mapping[int, str], findings: Findings, now: float
) -> None:
    """Stop the jobs that are `broken` (by id, why) or contradict themselves, and write them so."""
    for job in list(jobs.values()):
        why = broken.get(job.id) or _contradiction(job, clients)
        if why:
            findings.stopped.append(f"job {job.id} does not go on by itself: {why}")
            jobs[job.id] = _stopped(job, why, findings, now)


def _contradiction(job: Job, clients: Mapping[int, Client]) -> str:
    live = [attempt for attempt in job.attempts if attempt.state is not AttemptState.OVER]
    if job.hook is not None:
        if job.hook.job != job.id:
            return f"the hook that runs for it says that it is of job {job.hook.job}"
        if live or not job.hooks.due:
            return "a hook of it runs out of turn"
        live = [job.hook]
    if not live:
        return f"it is {job.status} and no attempt is" if job.status in _NEEDS_ATTEMPT else ""
    if job.status in _HAS_NO_ATTEMPT:
        return f"it is {job.status} and attempt {live[0].number} is not over"
    if live[0] is not job.live_attempt and live[0] is not job.attempts[-1]:
        return f"attempt {live[0].number} is not over and not the last"
    if live[0].client not in clients:
        return f"attempt {live[0].number} runs on client {live[0].client}, which there is not"
    return ""


def _stopped(job: Job, why: str, findings: Findings, now: float) -> Job:
    """The job as failed, or as what it was if it was finished; none of its attempts counts any more."""
    instead = findings.instead
    for attempt in job.attempts:
        if attempt.state is not AttemptState.OVER:
            attempt.state, attempt.reason, attempt.ended_at = AttemptState.OVER, EndReason.LOST, now
            attempt.paused = False
            instead.attempts.append(attempt_row(attempt))
    job.hook = None
    if job.status not in FINISHED:
        job = replace(job, status=JobStatus.FAILED, ended_at=now, verdict=None, ending="", hooks=NO_HOOKS)
    entry = LogEntry(job.log[-1].number + 1 if job.log else 1, now, JobEvent.DAMAGED, job.status, "", why)
    job.log.append(entry)
    instead.log.append((job.id, *entry_row(entry)))
    instead.jobs.append(job_row(job))
    return job


def cut_circles(jobs: Mapping[int, Job], findings: Findings) -> set[int]:
    """Drop edges until no job waits for itself; answers the jobs that lost a parent.

    Every circle has an edge from a newer job down to an older one, and there are few of those.
    """
    if all(parent < job.id for job in jobs.values() for parent in job.parents):
        return set()
    circling = _circling(jobs)
    cut = set()
    for id_ in circling:
        job = jobs[id_]
        for parent in [parent for parent in job.parents if parent >= id_ and parent in circling]:
            row = (id_, parent, job.parents.index(parent))
            findings.put_aside(EDGES, row, "the parent waits for its child, which waits for the parent")
            job.parents.remove(parent)
            cut.add(id_)
    return cut


def _circling(jobs: Mapping[int, Job]) -> set[int]:
    """Jobs that are left when those whose parents are all gone are taken away, again and again."""
    left = {job.id: len(job.parents) for job in jobs.values()}
    children: dict[int, list[int]] = {}
    for job in jobs.values():
        for parent in job.parents:
            children.setdefault(parent, []).append(job.id)
    ready = [id_ for id_, parents in left.items() if not parents]
    while ready:
        id_ = ready.pop()
        del left[id_]
        for child in children.get(id_, ()):
            left[child] -= 1
            if not left[child]:
                ready.append(child)
    return set(left)
