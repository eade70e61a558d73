"""Making the farm from what was stored: after a start, or to compare a farm with its own picture.

Everybody has been silent since the stop, so each client is offline until its agent says hello, and each live attempt
has a whole lease from now on before it may be given up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hqserver.core import availability, blocking, families, folders, notes, occupying, problems, sickness
from hqserver.core.clients import watch_leases, watch_silence
from hqserver.core.farm import Farm
from hqserver.core.kept import FOLLOWED, Kept
from hqserver.core.past import Past
from hqserver.core.records import Client, Instant, Job, Settings, Submission
from hqserver.wire.agent import EndReason
from hqserver.wire.statuses import FINISHED


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the store found. Jobs carry their parents, attempts and logs; children follow from the parents."""

    jobs: Sequence[Job] = ()
    clients: Sequence[Client] = ()
    submissions: Sequence[Submission] = ()
    revision: int = 0
    """The highest that was ever told."""
    next_job: int = 1
    next_client: int = 1
    next_submission: int = 1
    kept: Mapping[Kept, Sequence[Any]] = field(default_factory=dict)
    next_kept: Mapping[Kept, int] = field(default_factory=dict)
    lived_until: int = 0
    past: Past = field(default_factory=Past)
    """Families that were not read, since they are history."""


def restore(settings: Settings, remembered: Remembered, now: Instant) -> Farm:
    """The farm as it was. Its change log begins anew, with numbers that were never told before."""
    farm = Farm(settings, remembered.revision)
    farm.next_job = remembered.next_job
    farm.next_client = remembered.next_client
    farm.next_submission = remembered.next_submission
    farm.next_kept.update(remembered.next_kept)
    farm.lived_until = remembered.lived_until
    _take_kept(farm, remembered.kept)
    for client in sorted(remembered.clients, key=lambda item: item.id):
        _take_client(farm, client, now)
    jobs = sorted(remembered.jobs, key=lambda item: item.id)
    farm.jobs.update((job.id, job) for job in jobs)
    families.connect(farm.jobs)
    families.rebuild(farm.jobs)
    farm.past = remembered.past
    for job in jobs:
        if not job.parents:
            blocking.remember(farm, job)
    for job in jobs:
        _take_job(farm, job, now)
    farm.finished_roots = dict.fromkeys(sorted(farm.finished_roots, key=lambda id_: farm.jobs[id_].ended_at or 0.0))
    for submission in remembered.submissions:
        farm.submissions[submission.id] = submission
        if submission.key:
            farm.submission_of_key[submission.key] = submission
    for client in farm.clients.values():
        watch_leases(farm, client)
        watch_silence(farm, client, settings.abandon_after)
        availability.watch_override(farm, client, now)
        availability.refresh(farm, client, now)
    farm.finish(now)
    farm.note_start()
    return farm


def _take_kept(farm: Farm, kept: Mapping[Kept, Sequence[Any]]) -> None:
    for kind, records in kept.items():
        farm.kept[kind].update((record.id, record) for record in records)
    farm.group_of_name.update((group.name, group) for group in farm.groups.values())
    for note in farm.notes.values():
        thread = farm.threads.get(note.thread)
        if thread is not None:
            thread.notes.append(note)
    _take_threads(farm)
    _note_automatic(farm)
    for problem in farm.problems.values():
        problems.take_problem(farm, problem)
    for folder in farm.folders.values():
        folders.take_folder(farm, folder)
    farm.resource_of_name.update((item.name, item) for item in farm.resources.values())
    for kind in sorted(FOLLOWED):
        for record in kept.get(kind, ()):
            farm.revision += 1
            farm.change_log.note(farm.revision, (kind, record.id))


def _take_threads(farm: Farm) -> None:
    """A thread without a note, and a note without a thread, come from damage: neither is of use."""
    for thread in list(farm.threads.values()):
        if thread.notes:
            notes.take_thread(farm, thread)
        else:
            del farm.threads[thread.id]
            farm.drop(Kept.THREADS, thread)
    for note in list(farm.notes.values()):
        if note.thread not in farm.threads:
            del farm.notes[note.id]
            farm.drop(Kept.NOTES, note)


def _note_automatic(farm: Farm) -> None:
    oldest_first = sorted((note for note in farm.notes.values() if note.automatic), key=lambda note: note.id)
    farm.automatic_notes.update((note.id, None) for note in oldest_first)


def _take_client(farm: Farm, client: Client, now: Instant) -> None:
    client.heard_monotonic = now.monotonic
    client.online, client.session, client.proved, client.cpus_used = False, "", False, 0
    client.attempts.clear()
    client.helps.clear()
    client.groups = tuple(id_ for id_ in client.groups if id_ in farm.groups)
    for id_ in client.groups:
        farm.groups[id_].clients[client.id] = None
    farm.clients[client.id] = client
    farm.client_of_label[client.label] = client
    farm.client_of_agent[client.agent] = client
    farm.planner.client_changed(client)
    farm.revision += 1
    farm.change_log.note(farm.revision, ("clients", client.id))


def _take_job(farm: Farm, job: Job, now: Instant) -> None:
    farm.jobs_of_status[job.status][job.id] = None
    if not job.parents:
        roots = farm.finished_roots if job.status in FINISHED else farm.unfinished_roots
        roots[job.id] = None
    for known in job.attempts:
        if known.reason == EndReason.EXITED and known.exit_code == 0 and job.root in farm.jobs:
            sickness.remember(farm.jobs[job.root], known.client)
    attempt = job.live_attempt
    client = farm.clients.get(attempt.client) if attempt is not None else None
    if attempt is not None and client is not None:
        attempt.lease_until = now.monotonic + attempt.lease
        occupying.occupy(farm, job, attempt)
    farm.revision += 1
    farm.change_log.note(farm.revision, ("jobs", job.id))
    farm.disturbed.append(job.id)
    farm.planner.consider(job)
