"""The statuses of jobs, the events of their lives and the lists that scripts ask for.

The only file in which a status is spelled. Values are HQueue's own words, on which every script depends, so they are
never translated and never renamed.
"""

from __future__ import annotations

from enum import StrEnum, unique
from typing import Final


@unique
class JobStatus(StrEnum):
    """What a job is doing, as `getJob` answers it."""

    QUEUED = "queued"
    """Waits for its descendants."""
    RUNNABLE = "runnable"
    """Ready, waits for a client (or for a resource)."""
    RUNNING = "running"
    """Its command runs on a client."""
    PAUSING = "pausing"
    """Was asked to pause; its client has not confirmed yet."""
    PAUSED = "paused"
    """Halted; it keeps its place on the client if it had one."""
    RESUMING = "resuming"
    """Was asked to go on; its client has not confirmed yet."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ABANDONED = "abandoned"
    """Its client no longer reports; it goes on when the client returns and is queued again when its lease ends."""


WAITING: Final = "waiting"
"""Not a status of its own: `getJobIdsByStatus` takes it as another word for `runnable`."""


@unique
class JobEvent(StrEnum):
    """What happens to a job: the words of the status log and of `emailReasons` that are not statuses."""

    SUBMITTED = "submitted"
    EJECTING = "ejecting"
    EJECTED = "ejected"
    PRIORITY_CHANGED = "priority changed"
    RESCHEDULED = "rescheduled"
    RESUMED = "resumed"
    ASSIGNED = "assigned"
    CANCELLING = "cancelling"
    REOPENED = "reopened"
    RETURNED = "returned"
    """Its client came back and still runs it."""
    LOST = "lost"
    """Its attempt is over without a result; it was queued again."""
    BLOCKED = "client blocked"
    """Too many jobs of its family failed on a client, which gets no more of them."""
    CHANGED = "changed"
    """Somebody gave it other attributes."""
    DAMAGED = "damaged"
    """What the database held of it was not what had been written; it does not go on by itself."""


ALL: Final = tuple(JobStatus)

FINISHED: Final = frozenset({JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED})
"""Statuses that end a job. `abandoned` is not among them: the job still comes back or is queued again."""

FAILED_FOR_SCRIPTS: Final = (JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.ABANDONED)
FINISHED_FOR_SCRIPTS: Final = (JobStatus.SUCCEEDED, *FAILED_FOR_SCRIPTS)
"""HQueue counts `abandoned` as finished and failed in its name lists, and scripts depend on it."""

ON_CLIENT: Final = frozenset({JobStatus.RUNNING, JobStatus.PAUSING, JobStatus.RESUMING})
"""Statuses in which a live attempt is sure to exist (a paused job may have one too)."""

PAUSED_OR_PAUSING: Final = frozenset({JobStatus.PAUSED, JobStatus.PAUSING})

MAIL_REASONS: Final = tuple(
    sorted(
        (
            *JobStatus,
            WAITING,
            JobEvent.EJECTED,
            JobEvent.EJECTING,
            JobEvent.PRIORITY_CHANGED,
            JobEvent.RESCHEDULED,
            JobEvent.RESUMED,
        )
    )
)
"""The words that `emailReasons` may hold."""

STATUS_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "getAllJobStatusNames": (
        JobStatus.ABANDONED,
        JobStatus.CANCELLED,
        JobStatus.FAILED,
        JobStatus.PAUSED,
        JobStatus.PAUSING,
        JobStatus.QUEUED,
        JobStatus.RESUMING,
        JobStatus.RUNNING,
        JobStatus.RUNNABLE,
        JobStatus.SUCCEEDED,
        WAITING,
    ),
    "getRunningJobStatusNames": (JobStatus.RUNNING, JobStatus.RESUMING),
    "getPausedJobStatusNames": (JobStatus.PAUSED, JobStatus.PAUSING),
    "getFinishedJobStatusNames": FINISHED_FOR_SCRIPTS,
    "getSucceededStatusNames": (JobStatus.SUCCEEDED,),
    "getWaitingJobStatusNames": (JobStatus.QUEUED, JobStatus.RUNNABLE, WAITING),
    "getFailedJobStatusNames": FAILED_FOR_SCRIPTS,
    "getUnfinishedJobStatusNames": (
        JobStatus.PAUSED,
        JobStatus.PAUSING,
        JobStatus.QUEUED,
        JobStatus.RESUMING,
        JobStatus.RUNNING,
        JobStatus.RUNNABLE,
        WAITING,
    ),
    "getPriorityChangedEventNames": (JobEvent.PRIORITY_CHANGED,),
    "getStartedJobEventNames": (JobStatus.RUNNING,),
    "getRescheduledEventNames": (JobEvent.RESCHEDULED,),
    "getResumedEventNames": (JobEvent.RESUMED,),
}
"""Each list function of the API and its answer."""


@unique
class ClientStatus(StrEnum):
    """What a client is doing, in one word (our own attribute `status`)."""

    AVAILABLE = "available"
    BUSY = "busy"
    ONHOLD = "onhold"
    DISABLED = "disabled"
    UNAVAILABLE = "unavailable"
    """Outside its availability rules, or taken back by its user."""
    OFFLINE = "offline"
