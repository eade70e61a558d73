"""What getters answer of groups, resources, notes, errors and folders; of jobs and clients: `hqserver.core.reading`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from hqserver.core import notes
from hqserver.core.farm import Farm
from hqserver.core.kept import Folder, Group, Note, Problem, Resource, Thread
from hqserver.core.reading import date

GROUP: Final[dict[str, Callable[[Farm, Group], Any]]] = {
    "clients": lambda farm, group: sorted(group.clients),
    "id": lambda farm, group: group.id,
    "name": lambda farm, group: group.name,
    "revision": lambda farm, group: group.revision,
}

RESOURCE: Final[dict[str, Callable[[Farm, Resource], Any]]] = {
    "id": lambda farm, item: item.id,
    "name": lambda farm, item: item.name,
    "amount": lambda farm, item: item.amount,
    "inUse": lambda farm, item: item.in_use,
    "perMachine": lambda farm, item: item.per_machine,
    "jobs": lambda farm, item: sorted(item.jobs),
    "holders": lambda farm, item: sorted(item.clients if item.per_machine else item.jobs),
    "revision": lambda farm, item: item.revision,
}


def _hostname(farm: Farm, thread: Thread) -> str:
    client = farm.clients.get(thread.client or 0)
    return client.hostname if client is not None else ""


def _label(farm: Farm, thread: Thread) -> str:
    client = farm.clients.get(thread.client or 0)
    return client.label if client is not None else ""


THREAD: Final[dict[str, Callable[[Farm, Thread], Any]]] = {
    "clientHostname": _hostname,
    "clientId": lambda farm, thread: thread.client,
    "clientLabel": _label,
    "jobId": lambda farm, thread: thread.job,
    "notes": lambda farm, thread: note_rows(farm, thread, NOTE),
    "id": lambda farm, thread: thread.id,
    "count": lambda farm, thread: len(thread.notes),
    "handled": lambda farm, thread: thread.handled,
    "lastDate": lambda farm, thread: date(thread.notes[-1].at),
    "latestNote": lambda farm, thread: notes.latest(thread),
    "latestAuthor": lambda farm, thread: thread.notes[-1].author,
    "writtenId": lambda farm, thread: notes.written(thread),
    "revision": lambda farm, thread: thread.revision,
}

NOTE: Final[dict[str, Callable[[Farm, Note], Any]]] = {
    "clientHostname": lambda farm, note: _hostname(farm, farm.threads[note.thread]),
    "clientId": lambda farm, note: farm.threads[note.thread].client,
    "clientLabel": lambda farm, note: _label(farm, farm.threads[note.thread]),
    "jobId": lambda farm, note: farm.threads[note.thread].job,
    "date": lambda farm, note: date(note.at),
    "text": lambda farm, note: note.text,
    "id": lambda farm, note: note.id,
    "threadId": lambda farm, note: note.thread,
    "author": lambda farm, note: note.author,
    "automatic": lambda farm, note: note.automatic,
}


def note_rows(farm: Farm, thread: Thread, readers: Mapping[str, Callable[[Farm, Note], Any]]) -> list[dict[str, Any]]:
    """The notes of a thread, oldest first, as rows of these attributes."""
    return [{name: read(farm, note) for name, read in readers.items()} for note in thread.notes]


def problem_row(problem: Problem) -> dict[str, Any]:
    """An error as `getServerErrors` and `getClientErrors` answer it."""
    return {
        "id": problem.id,
        "date": date(problem.last_at),
        "firstDate": date(problem.first_at),
        "lastDate": date(problem.last_at),
        "count": problem.count,
        "message": problem.message,
        "traceback": problem.traceback,
    }


def folder_row(folder: Folder) -> dict[str, Any]:
    """A network folder as `getNetworkFolders` answers it."""
    return {
        "name": folder.name,
        "linux": folder.linux,
        "macosx": folder.macosx,
        "windows": folder.windows,
        "windowsMount": folder.windows_mount,
    }
