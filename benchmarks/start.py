"""T9 and T10: how long a server takes to start on a large database, and what it holds in RAM then."""

from __future__ import annotations

import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

from benchmarks.common import Figure
from benchmarks.raw import Caller, resident_mb
from hqserver.core.history import PastFamily
from hqserver.core.past import PastJob
from hqserver.core.records import Attempt, AttemptState, Job, LogEntry, Submission
from hqserver.core.state import Changes
from hqserver.store.store import Store
from hqserver.wire.jobs import JobSpec
from hqserver.wire.statuses import JobStatus
from tests.farm.harness import RealFarm

TREE = 1000
"""Jobs in a tree: a root and its frames."""


def measure(quick: bool) -> list[Figure]:
    """Seconds to the first answer, and megabytes of resident memory then."""
    sizes = [(1_000, 0), (10_000, 10_000), (100_000, 0), (100_000, 100_000), (100_000, 1_000_000)]
    figures = []
    for unfinished, finished in sizes[:2] if quick else sizes:
        with tempfile.TemporaryDirectory(prefix="hq-bench-") as folder:
            data = Path(folder) / "server"
            data.mkdir()
            size = fill(data, unfinished, finished)
            seconds, resident, oldest = _start(Path(folder), finished)
        what = f"{unfinished:,} unfinished + {finished:,} finished"
        is_t10 = (unfinished, finished) == (100_000, 0)
        is_t9 = finished == 1_000_000
        figures.append(Figure(f"start, {what} ({size >> 20} MB)", "s", seconds, target="<= 20 s" if is_t9 else ""))
        target = "<= 600 MB" if is_t9 else "<= 300 MB" if is_t10 else ""
        figures.append(Figure(f"RSS, {what}", "MB", resident, target=target))
        if finished:
            figures.append(Figure("  getJob of the oldest", "ms", oldest))
    return figures


def _start(folder: Path, finished: int) -> tuple[list[float], list[float], list[float]]:
    seconds, resident, oldest = [], [], []
    for _ in range(3):
        farm = RealFarm(folder)
        try:
            began = time.perf_counter()
            farm.start_server()
            seconds.append(time.perf_counter() - began)
            assert farm.server is not None
            resident.append(resident_mb(farm.server.pid))
            if finished:
                caller = Caller(farm.url)
                for _ in range(20):
                    began = time.perf_counter()
                    assert b"frame" in caller.bytes("getJob", 2)
                    oldest.append((time.perf_counter() - began) * 1000)
        finally:
            farm.close()
    return seconds, resident, oldest


def fill(data: Path, unfinished: int, finished: int) -> int:
    """A database with trees: history first, then what waits; how many bytes it has."""
    with closing(Store.open(data)) as store:
        store.load()
        for first in range(1, finished + unfinished, TREE):
            _commit(store, _tree_changes(first, is_past=first <= finished, last=finished + unfinished))
    return (data / "hqserver.db").stat().st_size


def _tree_changes(first: int, *, is_past: bool, last: int) -> Changes:
    count = min(TREE, last - first + 1)
    at = 1_700_000_000.0 + first
    status = JobStatus.SUCCEEDED if is_past else JobStatus.RUNNABLE
    changes = Changes(revision=first + count, next_job=first + count, next_submission=first + 1, next_client=2)
    for number, id_ in enumerate(range(first, first + count)):
        job = _job(id_, first, number, at, status if number or is_past else JobStatus.QUEUED, is_past=is_past)
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


def _job(id_: int, root: int, number: int, at: float, status: JobStatus, *, is_past: bool) -> Job:
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
    if is_past:
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
