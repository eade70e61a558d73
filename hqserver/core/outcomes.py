"""What the end of an attempt means for its job when it is not an end of the job itself, or its being cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hqserver.core import lives
from hqserver.core.records import Instant, Job
from hqserver.wire.agent import EndReason
from hqserver.wire.statuses import PAUSED_OR_PAUSING, JobEvent, JobStatus

if TYPE_CHECKING:
    from hqserver.core.farm import Farm


def cancelled(farm: Farm, job: Job, message: str, label: str, now: Instant) -> None:
    """Nothing of it runs any more: it is cancelled, or will be with its children."""
    if job.unfinished_children:
        job.ending = EndReason.CANCELLED
        lives.become(farm, job, JobStatus.QUEUED, now, "its children are being cancelled", label)
    else:
        lives.become(farm, job, JobStatus.CANCELLED, now, message, label)


def try_again(farm: Farm, job: Job, message: str, label: str, now: Instant) -> None:
    """It has failed and has tries left."""
    requeue(farm, job, now, label, JobEvent.RESCHEDULED, message)


def requeue(farm: Farm, job: Job, now: Instant, label: str, event: str, message: str) -> None:
    """Back to waiting without an end; a job that was paused stays so."""
    paused = job.status in PAUSED_OR_PAUSING
    job.progress, job.progress_at = 0.0, None
    farm.write_log(job, now, event, label, message)
    if paused:
        lives.become(farm, job, JobStatus.PAUSED, now, client=label)
    else:
        lives.release(farm, job, now)
    lives.refresh(farm, job)
    farm.planner.consider(job)
