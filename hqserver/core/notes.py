"""Notes: what people write, and what the farm writes by itself.

An automatic note is written at once and grows for half a minute while more happens to the same job or client, so a
flapping client makes one note and a crash loses none. Automatic notes are for root jobs and clients only; a thread, and
the farm, keep so many of them at most, and the oldest go first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from hqserver.core.commands import AddNote, MarkHandled, RemoveNotes, RemoveThreads
from hqserver.core.kept import Kept, Note, Thread
from hqserver.core.records import Client, Instant, Job
from hqserver.wire.statuses import JobStatus

if TYPE_CHECKING:
    from hqserver.core.farm import Farm

GATHER_SECONDS: Final = 30.0
_LONGEST_AUTOMATIC: Final = 4000
_MOST_AUTOMATIC: Final = 100
_TOLD: Final = frozenset({JobStatus.FAILED, JobStatus.ABANDONED})
_TOLD_OF_PARENTS: Final = _TOLD | {JobStatus.SUCCEEDED, JobStatus.CANCELLED, JobStatus.PAUSED}


def add(farm: Farm, command: AddNote, now: Instant) -> int:
    """The id of the new note."""
    thread = _thread_for(farm, command.client, command.job, command.thread)
    return _write(farm, thread, now, command.text, command.author or command.user, automatic=False).id


def remove_threads(farm: Farm, command: RemoveThreads, _now: Instant) -> list[int]:
    """With all their notes."""
    unknown = []
    for id_ in dict.fromkeys(command.threads):
        thread = farm.threads.get(id_)
        if thread is None:
            unknown.append(id_)
        else:
            _remove(farm, thread)
    return unknown


def remove_notes(farm: Farm, command: RemoveNotes, _now: Instant) -> list[int]:
    """One by one."""
    unknown = []
    for id_ in dict.fromkeys(command.notes):
        note = farm.notes.get(id_)
        if note is None:
            unknown.append(id_)
        else:
            _remove_note(farm, note)
    return unknown


def mark_handled(farm: Farm, command: MarkHandled, _now: Instant) -> int:
    """As dealt with, or not."""
    changed = 0
    for id_ in dict.fromkeys(command.threads):
        thread = farm.threads.get(id_)
        if thread is not None and thread.handled is not command.handled:
            thread.handled = command.handled
            farm.touch(Kept.THREADS, thread)
            changed += 1
    return changed


def job_became(farm: Farm, job: Job, now: Instant, message: str) -> None:
    """A job has another status: a root's is worth a note if somebody might want to know."""
    if not job.parents and job.status in (_TOLD_OF_PARENTS if job.children else _TOLD):
        _tell(farm, f"{job.status}{f': {message}' if message else ''}", now, job=job.id)


def client_did(farm: Farm, client: Client, text: str, now: Instant) -> None:
    """Something about a client is worth a note."""
    _tell(farm, text, now, client=client.id)


def evidence(farm: Farm, client: Client, text: str, now: Instant) -> None:
    """Why the farm did something to a client by itself: a note of its own, whatever else is told or not."""
    _write(farm, _thread_for(farm, client.id, None, None), now, text, "", automatic=True)


def forget_jobs(farm: Farm, jobs: Iterable[int]) -> None:
    """Jobs were deleted, and what was written about them goes too."""
    for id_ in jobs:
        thread = farm.thread_of_job.get(id_)
        if thread is not None:
            _remove(farm, thread)


def forget_client(farm: Farm, client: Client) -> None:
    """A client was removed."""
    thread = farm.thread_of_client.get(client.id)
    if thread is not None:
        _remove(farm, thread)


def latest(thread: Thread | None) -> str:
    """What the latest note says; empty without a thread."""
    return thread.notes[-1].text if thread is not None else ""


def written(thread: Thread) -> int:
    """The id of its latest note that a person wrote; 0 for none."""
    return next((note.id for note in reversed(thread.notes) if not note.automatic), 0)


def _tell(farm: Farm, text: str, now: Instant, *, job: int | None = None, client: int | None = None) -> None:
    if not farm.settings.automatic_notes:
        return
    thread = _thread_for(farm, client, job, None)
    last = thread.notes[-1] if thread.notes else None
    if last is not None and last.automatic and 0 <= now.wall - last.at < GATHER_SECONDS:
        if len(last.text) + len(text) < _LONGEST_AUTOMATIC:
            last.text += f"\n{text}"
            farm.touch(Kept.NOTES, last)
            _touch(farm, thread)
        return
    automatic = [note for note in thread.notes if note.automatic]
    if len(automatic) >= _MOST_AUTOMATIC:
        _drop(farm, thread, automatic[0])
    note = _write(farm, thread, now, text, "", automatic=True)
    farm.automatic_notes[note.id] = None
    if len(farm.automatic_notes) > farm.settings.most_automatic_notes:
        _remove_note(farm, farm.notes[next(iter(farm.automatic_notes))])


def _thread_for(farm: Farm, client: int | None, job: int | None, thread: int | None) -> Thread:
    """The first that there is of the client's, the job's and the named one; else a new one, about what there is."""
    if client in farm.clients:
        found = farm.thread_of_client.get(client)
        return found or _new(farm, client=client)
    if job in farm.jobs:
        found = farm.thread_of_job.get(job)
        return found or _new(farm, job=job)
    return farm.threads.get(thread or 0) or _new(farm)


def _new(farm: Farm, *, job: int | None = None, client: int | None = None) -> Thread:
    thread = Thread(farm.new_id(Kept.THREADS), job, client)
    take_thread(farm, thread)
    return thread


def take_thread(farm: Farm, thread: Thread) -> None:
    """A thread is there from now on, also after a restart."""
    farm.threads[thread.id] = thread
    if thread.job is not None:
        farm.thread_of_job[thread.job] = thread
    if thread.client is not None:
        farm.thread_of_client[thread.client] = thread


def _write(farm: Farm, thread: Thread, now: Instant, text: str, author: str, *, automatic: bool) -> Note:
    note = Note(farm.new_id(Kept.NOTES), thread.id, now.wall, text, author, automatic)
    farm.notes[note.id] = note
    thread.notes.append(note)
    thread.handled = False
    farm.touch(Kept.NOTES, note)
    _touch(farm, thread)
    return note


def _touch(farm: Farm, thread: Thread) -> None:
    """The thread changed, and what it is about shows another latest note."""
    farm.touch(Kept.THREADS, thread)
    _touch_subject(farm, thread)


def _touch_subject(farm: Farm, thread: Thread) -> None:
    job = farm.jobs.get(thread.job or 0)
    client = farm.clients.get(thread.client or 0)
    if job is not None:
        farm.touch_job(job)
    if client is not None:
        farm.touch_client(client, stored=False)


def _remove_note(farm: Farm, note: Note) -> None:
    """A thread goes with its last note."""
    thread = farm.threads[note.thread]
    if len(thread.notes) == 1:
        _remove(farm, thread)
    else:
        _drop(farm, thread, note)
        _touch(farm, thread)


def _drop(farm: Farm, thread: Thread, note: Note) -> None:
    thread.notes.remove(note)
    del farm.notes[note.id]
    farm.automatic_notes.pop(note.id, None)
    farm.drop(Kept.NOTES, note)


def _remove(farm: Farm, thread: Thread) -> None:
    for note in list(thread.notes):
        _drop(farm, thread, note)
    del farm.threads[thread.id]
    farm.thread_of_job.pop(thread.job or 0, None)
    farm.thread_of_client.pop(thread.client or 0, None)
    farm.drop(Kept.THREADS, thread)
    _touch_subject(farm, thread)
