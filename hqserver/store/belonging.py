"""Which jobs belong to a submission that was completed, and which to one that was being written when the server ended.

Nobody was told of the latter, so they are dropped. To drop a job that somebody was told of is the worst that a load can
do: it takes the absence of the submission's row *and* of every sign that one of its jobs was ever part of the farm.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict

from hqserver.core.records import Job, Submission


def sort_out(jobs: dict[int, Job], submissions: dict[int, Submission]) -> set[int]:
    """Take the jobs of incomplete submissions out and answer their ids; give the others their revisions.

    The jobs of a large submission are stored before they have a revision; the submission's row says which they got.
    """
    strays: dict[int, list[Job]] = defaultdict(list)
    for job in jobs.values():
        submission = submissions.get(job.submission)
        if submission is None:
            strays[job.submission].append(job)
        elif not job.revision:
            job.revision = max(submission.first_revision + job.id - submission.first_id, 0)
    dropped: set[int] = set()
    ranges = sorted(submissions.values(), key=lambda item: item.first_id) if strays else []
    for members in strays.values():
        if not any(job.revision or _covered(job.id, ranges) for job in members):
            dropped.update(job.id for job in members)
    for id_ in dropped:
        del jobs[id_]
    return dropped


def _covered(job: int, ranges: list[Submission]) -> bool:
    """Whether a complete submission says that it made this job, though the job says otherwise."""
    index = bisect_right(ranges, job, key=lambda item: item.first_id) - 1
    return index >= 0 and job < ranges[index].first_id + ranges[index].count
