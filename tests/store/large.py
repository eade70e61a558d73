"""A database with very many jobs, made in a minute: whole trees, as a studio's would be after some months."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

from hqserver.core.history import PastFamily
from hqserver.core.past import PastJob
from hqserver.core.records import Attempt, AttemptState, Job, LogEntry, Submission
from hqserver.core.state import Changes
from hqserver.store.store import Store
from hqserver.wire.jobs import JobSpec
from hqserver.wire.statuses import JobStatus

TREE = 1000
"""Jobs in a tree: a root and its frames."""


def fill(data: Path, unfinished: int, finished: int, kept: int = 0) -> int:
    """A database with trees: finished ones first, then those that wait; how many bytes it has.

    What is finished is history, but for the first `kept` jobs, which a server has in RAM until it lets them leave.
    """
    with closing(Store.open(data)) as store:
        store.load()
        for first in range(1, finished + unfinished, TREE):
            is_over, is_past = first <= finished, kept < first <= finished
            _commit(store, _tree_changes(first, is_over=is_over, is_past=is_past, last=finished + unfinished))
    return (data / "hqserver.db").stat().st_size


def _tree_changes(first: int, *, is_over: bool, is_past: bool, last: int) -> Changes:
    count = min(TREE, last - first + 1)
    at = 1_700_000_000.0 + first
    status = JobStatus.SUCCEEDED if is_over else JobStatus.RUNNABLE
    changes = Changes(revision=first + count, next_job=first + count, next_submission=first + 1, next_client=2)
    for number, id_ in enumerate(range(first, first + count)):
        job = _job(id_, first, number, at, status if number or is_over else JobStatus.QUEUED, is_over=is_over)
        changes.new_jobs[id_] = job
        changes.log += [(id_, entry) for entry in job.log]
        changes.attempts.update({(id_, attempt.number): attempt for attempt in job.attempts})
        if number:
            changes.edges_added.append((first, id_, 0))
    changes.submissions[first] = Submission(first, "", "", (first,), at, first, count, first)
    if is_past:
        changes.past_jobs = [PastJob(first, id_, status, id_ == first) for id_ in changes.new_jobs]
        changes.past_families = [PastFamily(first, count, at + 60)]
    changes.stored = True
    return changes


def _job(id_: int, root: int, number: int, at: float, status: JobStatus, *, is_over: bool) -> Job:
    spec = JobSpec(
        name=f"frame {number}" if number else "shot",
        command=f"hython /proj/film/render.py --frame {number} /proj/film/shot{root}/scene.hip" if number else "",
        environment={"PROJECT": "/proj/film", "RENDERER": "karma"},
        submitted_by="anna",
    )
    job = Job(
        id=id_, spec=spec, submission=root, submitted_by="anna", queued_at=at, priority=5, tries_left=1, root=root,
        status=status, revision=id_,
    )  # fmt: skip
    job.parents = [root] if number else []
    job.log.append(LogEntry(1, at, "submitted", status, "", ""))
    if is_over:
        job.progress, job.started_at, job.ended_at = 1.0, at + 1, at + 60
        job.attempts.append(
            Attempt(
                id_, 1, 1, 1, at, AttemptState.OVER, at + 1, at + 60, reason="exited", exit_code=0, ran_seconds=59.0
            )
        )
        for line, event in enumerate(("assigned", "running", "succeeded"), 2):
            job.log.append(LogEntry(line, at + line, event, event, "node17", ""))
    return job


def _commit(store: Store, changes: Changes) -> None:
    done = threading.Event()
    store.write(changes, done.set, lambda error: done.set())
    done.wait()
