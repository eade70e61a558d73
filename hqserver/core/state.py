"""What a farm holds: every job and client in RAM, their indexes, and the record of what changed since the last take.

Whatever changes here is told by one of these methods, which give it the next revision, tell followers, and collect it
in a form that the store can write. They decide nothing: that is the farm's (`hqserver.core.farm`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from hqserver.core.change_log import ChangeLog
from hqserver.core.history import Departure, PastFamily
from hqserver.core.kept import (
    FOLLOWED,
    Folder,
    FormerClient,
    Group,
    Kept,
    Mail,
    Note,
    Problem,
    Record,
    Resource,
    Thread,
)
from hqserver.core.past import Past, PastJob
from hqserver.core.records import Attempt, Client, Job, LogEntry, Settings, Submission
from hqserver.wire.agent import HOOKS_FROM, Order
from hqserver.wire.jobs import JobSpec
from hqserver.wire.statuses import JobStatus

MOST_HEARTBEATS: Final = 300.0
"""A second, of all idle clients together."""
REVISIONS_AHEAD: Final = 100_000
"""Heartbeats are told to followers but not written. A follower that heard of them must not meet the same numbers with
another meaning after a restart: so the number that is written is this far ahead, and written anew when it is reached.
"""


@dataclass(slots=True)
class Changes:
    """What changed since the last take. Records are the live ones: make rows of them before anything else happens."""

    revision: int = 0
    base_revision: int = 0
    """Where revisions go on after a restart: beyond whatever may have been told by then."""
    next_job: int = 1
    next_client: int = 1
    next_submission: int = 1
    next_kept: dict[Kept, int] = field(default_factory=dict)
    lived_until: int = 0
    new_jobs: dict[int, Job] = field(default_factory=dict)
    jobs: dict[int, Job] = field(default_factory=dict)
    respecified: dict[int, Job] = field(default_factory=dict)
    """Jobs, among `jobs` too, whose specification was replaced."""
    removed_jobs: list[Job] = field(default_factory=list)
    attempts: dict[tuple[int, int], Attempt] = field(default_factory=dict)
    clients: dict[int, Client] = field(default_factory=dict)
    removed_clients: list[int] = field(default_factory=list)
    kept: dict[Kept, dict[int, Record]] = field(default_factory=dict)
    dropped: dict[Kept, list[int]] = field(default_factory=dict)
    submissions: dict[int, Submission] = field(default_factory=dict)
    log: list[tuple[int, LogEntry]] = field(default_factory=list)
    edges_added: list[tuple[int, int, int]] = field(default_factory=list)
    """Parent, child, and the parent's position among the child's parents."""
    edges_removed: list[tuple[int, int]] = field(default_factory=list)
    past_jobs: list[PastJob] = field(default_factory=list)
    """Jobs of families that are about to be history; they are when the family's own row is written."""
    past_families: list[PastFamily] = field(default_factory=list)
    recalled: list[int] = field(default_factory=list)
    """Families that are history no more."""
    orders: list[tuple[int, Order]] = field(default_factory=list)
    """Client and order; the number of the order is not set."""
    stored: bool = False
    """Whether there is anything to write."""


class State:
    """Everything that is read from outside is an attribute; everything is changed by the farm's `apply`."""

    def __init__(self, settings: Settings, base_revision: int = 0) -> None:
        self.settings: Final = settings
        self.revision = self._base_revision = base_revision
        self.jobs: dict[int, Job] = {}
        self.clients: dict[int, Client] = {}
        self.submissions: dict[int, Submission] = {}
        self.submission_of_key: dict[str, Submission] = {}
        self.client_of_label: dict[str, Client] = {}
        self.client_of_agent: dict[str, Client] = {}
        self.client_of_session: dict[str, Client] = {}
        self.jobs_of_status: dict[JobStatus, dict[int, None]] = {status: {} for status in JobStatus}
        self.unfinished_roots: dict[int, None] = {}
        self.finished_roots: dict[int, None] = {}
        """In the order in which they finished."""
        self.past = Past()
        self.departing: Departure | None = None
        self.departing_ids: set[int] = set()
        self.next_job = self.next_client = self.next_submission = 1
        self.groups: dict[int, Group] = {}
        self.group_of_name: dict[str, Group] = {}
        self.resources: dict[int, Resource] = {}
        self.resource_of_name: dict[str, Resource] = {}
        self.former_clients: dict[int, FormerClient] = {}
        self.threads: dict[int, Thread] = {}
        self.thread_of_job: dict[int, Thread] = {}
        self.thread_of_client: dict[int, Thread] = {}
        self.notes: dict[int, Note] = {}
        self.automatic_notes: dict[int, None] = {}
        """Ids of those that nobody wrote, oldest first."""
        self.problems: dict[int, Problem] = {}
        self.problems_of: dict[int | None, dict[str, Problem]] = {}
        """By client (None: the server's own) and key."""
        self.told_of_problem_at = 0.0
        """Wall time of the last mail about one."""
        self.folders: dict[int, Folder] = {}
        self.folder_of_name: dict[str, Folder] = {}
        self.mails: dict[int, Mail] = {}
        self.kept: Final[dict[Kept, dict[int, Any]]] = {
            Kept.GROUPS: self.groups,
            Kept.RESOURCES: self.resources,
            Kept.FORMER_CLIENTS: self.former_clients,
            Kept.THREADS: self.threads,
            Kept.NOTES: self.notes,
            Kept.PROBLEMS: self.problems,
            Kept.FOLDERS: self.folders,
            Kept.MAILS: self.mails,
        }
        """All of them by kind and id."""
        self.next_kept: dict[Kept, int] = dict.fromkeys(Kept, 1)
        self.lived_until = 0.0
        """Wall time to which the age of jobs is counted (`hqserver.core.age`); 0: not looked at yet."""
        self.change_log: Final = ChangeLog(base_revision)
        self.suspects: dict[int, Client] = {}
        """Clients on which jobs failed right after their start."""
        self._to_touch: dict[int, Job] = {}
        """Jobs that changed in the present command: they are touched at its end."""
        self._changes = Changes()

    @property
    def heartbeat(self) -> float:
        """Seconds between the calls of an idle client: rarer where there are many, so that their sum stays bounded."""
        return max(self.settings.heartbeat, len(self.clients) / MOST_HEARTBEATS)

    @property
    def offline_after(self) -> float:
        """Seconds of silence after which a client gets no new work."""
        return self.settings.offline_after * self.heartbeat / self.settings.heartbeat

    def take_changes(self) -> Changes:
        """What changed since the last take."""
        changes, self._changes = self._changes, Changes()
        changes.revision = self.revision
        if self.revision >= self._base_revision:
            changes.stored = True
        if changes.stored:
            self._base_revision = self.revision + REVISIONS_AHEAD
        changes.base_revision = self._base_revision
        changes.next_job, changes.next_client, changes.next_submission = (
            self.next_job,
            self.next_client,
            self.next_submission,
        )
        changes.next_kept = dict(self.next_kept)
        changes.lived_until = int(self.lived_until)
        return changes

    def new_id(self, kind: Kept) -> int:
        """A number that no record of this kind ever had."""
        id_ = self.next_kept[kind]
        self.next_kept[kind] = id_ + 1
        return id_

    def touch(self, kind: Kept, record: Record, *, stored: bool = True) -> None:
        """A kept record is new or changed: it gets the next revision, is told to followers and written."""
        self.revision += 1
        record.revision = self.revision
        if kind in FOLLOWED:
            self.change_log.note(self.revision, (kind, record.id))
        if stored:
            self._changes.kept.setdefault(kind, {})[record.id] = record
            self._changes.stored = True

    def drop(self, kind: Kept, record: Record) -> None:
        """A kept record is gone."""
        self.revision += 1
        if kind in FOLLOWED:
            self.change_log.note_removed(self.revision, (kind, record.id))
        self._changes.kept.get(kind, {}).pop(record.id, None)
        self._changes.dropped.setdefault(kind, []).append(record.id)
        self._changes.stored = True

    def touch_job(self, job: Job) -> None:
        """A job changed: it gets the next revision, is told to followers and written."""
        self.revision += 1
        job.revision = self.revision
        self.change_log.note(self.revision, ("jobs", job.id))
        self._disturb(job)
        if job.id not in self._changes.new_jobs:
            self._changes.jobs[job.id] = job
        self._changes.stored = True

    def touch_job_once(self, job: Job) -> None:
        """The same, however often it happens until the command, or its part, is over: sums change with every job."""
        self._to_touch[job.id] = job

    def touch_all(self) -> None:
        """Touch what is to be touched once."""
        if self._to_touch:
            jobs, self._to_touch = self._to_touch, {}
            for job in jobs.values():
                if self.jobs.get(job.id) is job:
                    self.touch_job(job)

    def respecify(self, job: Job, spec: JobSpec) -> None:
        """The job has another specification from now on: its attributes change, not its children."""
        job.spec = spec
        self.touch_job(job)
        if job.id not in self._changes.new_jobs:
            self._changes.respecified[job.id] = job

    def _disturb(self, job: Job) -> None:
        """A job changed: if its family was about to leave, it stays."""
        if job.id in self.departing_ids and self.departing is not None:
            self.departing.is_disturbed = True

    def touch_client(self, client: Client, stored: bool = True) -> None:
        """A client changed; heartbeats are told but not written."""
        self.revision += 1
        client.revision = self.revision
        self.change_log.note(self.revision, ("clients", client.id))
        if stored:
            self._changes.clients[client.id] = client
            self._changes.stored = True

    def note_client_removed(self, client: Client) -> None:
        """A client is gone; nothing finds it any more."""
        del self.clients[client.id]
        self.suspects.pop(client.id, None)
        for index, key in (
            (self.client_of_label, client.label),
            (self.client_of_agent, client.agent),
            (self.client_of_session, client.session),
        ):
            if index.get(key) is client:
                del index[key]
        self.revision += 1
        self.change_log.note_removed(self.revision, ("clients", client.id))
        self._changes.clients.pop(client.id, None)
        self._changes.removed_clients.append(client.id)
        self._changes.stored = True

    def touch_attempt(self, attempt: Attempt) -> None:
        """An attempt changed; its job is touched too by whoever changed it, and holds its hook itself."""
        if attempt.number >= HOOKS_FROM:
            self.touch_job(self.jobs[attempt.job])
            return
        self._changes.attempts[attempt.job, attempt.number] = attempt
        self._changes.stored = True

    def order(self, client: int, order: Order) -> None:
        """An order for a client, to be handed over when what led to it is on disk."""
        self._changes.orders.append((client, order))

    def note_new_jobs(self, submission: Submission, jobs: Iterable[Job], stored: bool) -> None:
        """The jobs of a submission are visible from now on; `stored`: a staged submission has written them already."""
        submission.first_revision = self.revision + 1
        fresh = list(jobs)
        for job in fresh:
            self.revision += 1
            job.revision = self.revision
            if not stored:
                self._changes.new_jobs[job.id] = job
                self._changes.log += [(job.id, entry) for entry in job.log]
        self.change_log.note_many(submission.first_revision, (("jobs", job.id) for job in fresh))
        self._changes.submissions[submission.id] = submission
        self._changes.stored = True

    def note_edge(self, parent: int, child: int, place: int) -> None:
        """An edge was added; `place` is the parent's among the child's parents."""
        self._changes.edges_added.append((parent, child, place))
        self._changes.stored = True

    def note_edge_removed(self, parent: int, child: int) -> None:
        """An edge is gone though both jobs stay."""
        self._changes.edges_removed.append((parent, child))
        self._changes.stored = True

    def note_removed(self, job: Job) -> None:
        """A job is gone."""
        self.revision += 1
        self.change_log.note_removed(self.revision, ("jobs", job.id))
        self._disturb(job)
        self._changes.new_jobs.pop(job.id, None)
        self._changes.jobs.pop(job.id, None)
        self._changes.respecified.pop(job.id, None)
        self._changes.removed_jobs.append(job)
        self._changes.stored = True

    def note_departure(self, family: PastFamily) -> None:
        """A family is history from now on."""
        self._changes.past_families.append(family)
        self._changes.stored = True

    def note_return(self, families: Iterable[int], ids: Iterable[int]) -> None:
        """These families are history no more; followers are told their jobs anew."""
        self._changes.recalled += families
        self._changes.stored = True
        first = self.revision + 1
        keys = [("jobs", id_) for id_ in ids]
        self.revision += len(keys)
        self.change_log.note_many(first, keys)

    def note_start(self) -> None:
        """A restored farm writes its revision before anything is told, so that no number is ever told twice."""
        self.note_counters()

    def note_counters(self) -> None:
        """Have the counters written, though no record changed."""
        self._changes.stored = True
