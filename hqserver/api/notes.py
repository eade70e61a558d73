"""Notes: threads on jobs, on clients and on nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final

from hqserver.api import kinds
from hqserver.api.context import NOBODY_AT, Call
from hqserver.api.registry import Kind, Section
from hqserver.api.rows import row_reader, rows_of
from hqserver.api.slices import mapped
from hqserver.core.commands import AddNote, MarkHandled, RemoveNotes, RemoveThreads
from hqserver.core.farm import Farm
from hqserver.core.kept import Note, Thread
from hqserver.core.reading_kept import NOTE, THREAD, note_rows
from hqserver.wire import notes, values
from hqserver.wire.attributes import default_names
from hqserver.wire.encoder import Encoded
from hqserver.wire.faults import BadValue, shown
from hqserver.wire.roles import Role

SECTION: Final = Section(
    "Notes",
    "Each job and each client may have one thread of notes; other threads are about nothing in particular. The farm "
    "writes notes of its own (`automatic`) about root jobs and clients. Texts are plain, whatever they look like.",
)


def _note(value: object, path: str) -> str:
    return values.text(value, path, notes.LONGEST_NOTE, "bytes")


def _id_or_none(value: object, path: str) -> int | None:
    """An id; None for what can be none: these methods have an answer for that."""
    if value is None:
        return None
    try:
        return values.whole_number(value, path, -values.LARGEST_ID, values.LARGEST_ID)
    except BadValue:
        return 0 if isinstance(value, float) else None


def _author(value: object, path: str) -> str:
    """A name on one line; it can be taken for no address and no note of the farm."""
    found = values.text(value, path, notes.LONGEST_AUTHOR).strip()
    if any(ord(letter) < ord(" ") for letter in found) or found.startswith(NOBODY_AT):
        raise BadValue(path, f"must be a person's name or login on one line, got {shown(found)}")
    return found


NoteText = Annotated[str, Kind("str", "string", _note)]
Author = Annotated[str, Kind("str", "string", _author)]
AnyId = Annotated[int | None, Kind("int", "int", _id_or_none, takes_nil=True)]


@SECTION.method("getNoteThreads", Role.VIEWER, answer="list of dict", example='hq.getNoteThreads(None, ["notes"])')
async def get_note_threads(
    call: Call,
    thread_ids: kinds.Ids | None = None,
    thread_attribs: kinds.Names | None = None,
    note_attribs: kinds.Names | None = None,
) -> Encoded:
    """Attributes of threads, one dict for each id, in order; without ids, of all threads, ascending.

    `note_attribs` says which attributes the `notes` in them have. Ids of no thread and unknown attributes are left out.
    """
    farm = call.farm
    names = default_names(notes.NOTES) if note_attribs is None else note_attribs
    chosen = {name: NOTE[name] for name in names if name in NOTE}

    def with_notes(farm: Farm, thread: Thread) -> list[dict[str, Any]]:
        return note_rows(farm, thread, chosen)

    read = row_reader(farm, {**THREAD, "notes": with_notes}, notes.THREADS, thread_attribs)
    return await rows_of(call, _threads(farm, thread_ids), read)


@SECTION.method("getNoteThreadIds", Role.VIEWER, answer="list of int", example="hq.getNoteThreadIds()")
async def get_note_thread_ids(call: Call) -> list[int]:
    """The ids of all threads, ascending."""
    ids = sorted(call.farm.threads)
    await call.seen()
    return ids


@SECTION.method("threadExists", Role.VIEWER, answer="bool or nil", example="hq.threadExists(4)")
async def thread_exists(call: Call, thread_id: AnyId) -> bool | None:
    """Whether there is a thread of this id; nil for what is no id at all."""
    found = thread_id in call.farm.threads
    await call.seen()
    return found if thread_id is not None else None


@SECTION.method("removeSingleThread", Role.SUBMITTER, answer="bool", example="hq.removeSingleThread(4)")
async def remove_single_thread(call: Call, thread_id: AnyId) -> bool:
    """Remove a thread with all its notes; answers false when there is none of this id."""
    return not await call.change(RemoveThreads((thread_id or 0,), call.caller.name))


@SECTION.method("removeThreads", Role.SUBMITTER, answer="list of int", example="hq.removeThreads([4, 5])")
async def remove_threads(call: Call, thread_ids: kinds.Ids) -> list[int]:
    """Remove threads with all their notes; answers the ids of those that there are not."""
    unknown: list[int] = await call.change(RemoveThreads(tuple(thread_ids), call.caller.name))
    return unknown


@SECTION.method("getLatestNotes", Role.VIEWER, answer="list of dict", example='hq.getLatestNotes(None, ["text"])')
async def get_latest_notes(
    call: Call, thread_ids: kinds.Ids | None = None, attribs: kinds.Names | None = None
) -> Encoded:
    """The latest note of each thread, one dict for each id, in order; without ids, of all threads, ascending.

    Ids of no thread and unknown attributes are left out.
    """
    latest = [thread.notes[-1] for thread in _threads(call.farm, thread_ids)]
    return await rows_of(call, latest, row_reader(call.farm, NOTE, notes.NOTES, attribs))


@SECTION.method("searchNotes", Role.VIEWER, answer="list of int", example='hq.searchNotes("memory 142")', ours=True)
async def search_notes(call: Call, text: kinds.Text, limit: kinds.Limit = notes.MOST_FOUND) -> list[int]:
    """Ids of threads of which a note says all the words; its author's name counts. The latest notes come first.

    Capital and small letters are the same. No words find nothing; at most 1,000 ids are answered, or `limit`.
    """
    words, threads = text.casefold().split(), [*call.farm.threads.values()]
    marked = await mapped(lambda thread: bool(words) and _says(thread, words), threads)
    found = [thread for thread, says in zip(threads, marked, strict=True) if says]
    found.sort(key=lambda thread: (-thread.notes[-1].at, thread.id))
    await call.seen(max((thread.revision for thread in found), default=0))
    return [thread.id for thread in found[: min(max(limit, 0), notes.MOST_FOUND)]]


def _says(thread: Thread, words: Sequence[str]) -> bool:
    return any(all(word in text for word in words) for text in map(_searched, thread.notes))


def _searched(note: Note) -> str:
    return f"{note.text}\n{note.author}".casefold()


@SECTION.method("addNote", Role.SUBMITTER, answer="bool", example='hq.addNote("look at frame 7", None, 17, None)')
async def add_note(
    call: Call,
    note_text: NoteText,
    thread_id: kinds.Id | None = None,
    job_id: kinds.Id | None = None,
    client_id: kinds.Id | None = None,
    author: Author = "",
) -> bool:
    """Add a note to the thread of the client, else of the job, else to the thread that is named.

    When none of them exists, or none is named, the note begins a new thread. A note that is blank is not added. Always
    answers true.

    `author` is ours: the login of the person who writes, for programs that know it. It is believed of
    callers without an identity, as `submittedBy` is; without it the note is by the address that calls.
    """
    if note_text.strip():
        said = "" if call.caller.has_identity else author
        await call.change(AddNote(note_text, thread_id, job_id, client_id, call.caller.name, said))
    return True


@SECTION.method("removeNotes", Role.SUBMITTER, answer="list of int", example="hq.removeNotes([12, 11])")
async def remove_notes(call: Call, note_ids: kinds.Ids) -> list[int]:
    """Remove notes, in any order; answers the ids of those that there are not. A thread goes with its last note."""
    unknown: list[int] = await call.change(RemoveNotes(tuple(note_ids), call.caller.name))
    return unknown


@SECTION.method("removeSingleNote", Role.SUBMITTER, answer="bool", example="hq.removeSingleNote(12)")
async def remove_single_note(call: Call, note_id: AnyId) -> bool:
    """Remove a note; answers false when there is none of this id. A thread goes with its last note."""
    return not await call.change(RemoveNotes((note_id or 0,), call.caller.name))


@SECTION.method("markNotesHandled", Role.SUBMITTER, answer="nil", example="hq.markNotesHandled([4], True)", ours=True)
async def mark_notes_handled(call: Call, thread_ids: kinds.Ids, handled: kinds.Flag) -> None:
    """Mark threads as dealt with, or not; a new note ends that. Unknown ids are ignored."""
    if thread_ids:
        await call.change(MarkHandled(tuple(thread_ids), handled, call.caller.name))


def _threads(farm: Farm, ids: Sequence[int] | None) -> list[Thread]:
    wanted = sorted(farm.threads) if ids is None else ids
    return [farm.threads[id_] for id_ in wanted if id_ in farm.threads]
