"""What can be done with notes: read, write, delete, mark; no Qt.

The server answers that a note was added whether it was or not, so what was written is read again before anybody is told
that it is there. A failure is an `Outcome`, as everywhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from hqgui.actions.consequences import Consequence
from hqgui.actions.desk import Desk
from hqgui.actions.outcomes import Outcome
from hqgui.actions.undo import Caller
from hqgui.models.farm import FarmData
from hqgui.models.formats import one_line
from hqgui.models.thread_index import title
from hqgui.models.thread_page import Note, notes_from
from hqgui.models.thread_store import Thread
from hqgui.models.thread_subject import Target, heading, thread_of
from hqgui.troubles import LinkError, Refusal
from hqgui.words import counted, translate
from hqserver.wire.notes import LONGEST_NOTE

NOTE_ATTRIBUTES: Final = ("id", "date", "text", "author", "automatic")
_LOOKS: Final = 40
_LOOK_SECONDS: Final = 0.25
"""How long a thread that was begun is waited for: the feed brings it."""

Pause = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a note. `thread` None: it is not there, and what was typed must be kept."""

    outcome: Outcome
    thread: int | None = None
    notes: tuple[Note, ...] = ()


class NoteDesk:
    """Notes of one farm. `desk` knows whether the server is there."""

    def __init__(self, farm: FarmData, server: Caller, desk: Desk, pause: Pause = asyncio.sleep) -> None:
        self._farm = farm
        self._server = server
        self._desk = desk
        self._pause = pause

    def why_not(self) -> str:
        """Why nothing can be done now; empty when it can."""
        if self._desk.connected:
            return ""
        return translate("Notes", "The server is out of reach. What you type is kept.")

    async def read(self, target: Target) -> tuple[Note, ...]:
        """The notes of a target's thread, oldest first; none where no thread has begun. Raises LinkError."""
        thread = await self._thread(target)
        return () if thread is None else await self._notes(thread)

    async def _notes(self, thread: int) -> tuple[Note, ...]:
        rows = await self._server.call("getNoteThreads", [thread], ["notes"], list(NOTE_ATTRIBUTES))
        return notes_from(rows[0].get("notes") or ()) if rows else ()

    async def first_notes(self, threads: Sequence[int]) -> dict[int, str]:
        """What the first note of each thread says; of those alone that the server tells. Raises LinkError."""
        rows = await self._server.call("getNoteThreads", list(threads), ["id", "notes"], ["text"])
        return {
            int(row["id"]): str(row["notes"][0].get("text") or "") for row in rows if row.get("notes") and "id" in row
        }

    async def _thread(self, target: Target) -> int | None:
        known = thread_of(self._farm, target)
        if known is not None:
            return known.id
        if target.job is not None:
            row = await self._server.call("getJob", target.job, ["threadId"])
        elif target.client is not None:
            row = await self._server.call("getClient", target.client, ["threadId"])
        else:
            return target.thread
        found = (row or {}).get("threadId")
        return None if found is None else int(found)

    # Writing

    async def add(self, target: Target, text: str) -> Added:
        """Add a note to the thread of a target, and see that it is there."""
        refused = self._why_not_add(text)
        if refused:
            return Added(Outcome(refused, failed=True))
        try:
            return await self._add(target, text)
        except LinkError as error:
            return not_added(error)

    def _why_not_add(self, text: str) -> str:
        if not text.strip():
            return translate("Notes", "Write something first.")
        size = len(text.encode())
        if size > LONGEST_NOTE:
            words = translate(
                "Notes", "A note may have {m} bytes, this one has {n}. Split it, or attach less of a log."
            )
            return words.format(n=f"{size:,}", m=f"{LONGEST_NOTE:,}")
        return self.why_not()

    async def _add(self, target: Target, text: str) -> Added:
        thread = await self._thread(target)
        before = {note.id for note in await self._notes(thread)} if thread is not None else set()
        known = set(self._farm.threads.rows)
        await self._server.call("addNote", text, thread, target.job, target.client, *self._desk.signed())
        thread = await self._thread(target) if thread is None else thread
        if thread is None:
            thread = await self._begun(known, text)
        notes = await self._notes(thread) if thread is not None else ()
        if thread is None or not any(note.id not in before and _same(note.text, text) for note in notes):
            lost = translate("Notes", "The server did not keep the note.")
            return Added(Outcome(lost, translate("Notes", "What you typed is still there; try again."), failed=True))
        name = heading(self._farm, target).title if target != Target() else translate("Notes", "a thread of its own")
        return Added(Outcome(translate("Notes", "Note added: {name}.").replace("{name}", name)), thread, notes)

    async def _begun(self, known: set[int], text: str) -> int | None:
        """The thread about nothing that a note began, as the feed brings it."""
        for _ in range(_LOOKS):
            for id_, row in self._farm.threads.rows.items():
                if (
                    id_ not in known
                    and row.job is None
                    and row.client is None
                    and _same(row.text, text[: len(row.text)])
                ):
                    return id_
            await self._pause(_LOOK_SECONDS)
        later = sorted(set(await self._server.call("getNoteThreadIds") or ()) - known)
        return int(later[-1]) if later else None

    # Marks

    async def mark_handled(self, threads: Sequence[int], handled: bool) -> Outcome:
        """Mark threads as dealt with, or not."""
        refused = self.why_not()
        if refused:
            return Outcome(refused, failed=True)
        try:
            await self._server.call("markNotesHandled", list(threads), handled)
        except Refusal:
            return Outcome(translate("Notes", "This server cannot mark threads as handled."), failed=True)
        except LinkError as error:
            return Outcome(error.words, failed=True)
        if handled:
            words = translate("Notes", "{n} thread is handled."), translate("Notes", "{n} threads are handled.")
        else:
            words = translate("Notes", "{n} thread is open again."), translate("Notes", "{n} threads are open again.")
        return Outcome(counted(len(threads), *words))

    # Deleting

    def removal(self, threads: Iterable[int]) -> Consequence:
        """What deleting threads would do; it always asks."""
        found = [thread for id_ in threads if (thread := self._farm.threads.get(id_)) is not None]
        notes = sum(max(thread.count, 1) for thread in found)
        one, many = translate("Notes", "Delete {n} note"), translate("Notes", "Delete {n} notes")
        if len(found) == 1:
            asked = self._asked_of(found[0])
        else:
            asked = counted(
                len(found), translate("Notes", "Delete {n} thread?"), translate("Notes", "Delete {n} threads?")
            )
        return Consequence(
            asks=bool(found),
            linked=notes,
            title=asked,
            lines=(("note", notes, _goes(found, notes)),),
            foot=translate("Notes", "Notes cannot be brought back. Marking as handled keeps them."),
            yes=counted(notes, one, many),
            no=counted(notes, translate("Notes", "Keep it"), translate("Notes", "Keep them")),
            type_count=notes > _TYPE_BEYOND,
        )

    def _asked_of(self, thread: Thread) -> str:
        about = thread.job is not None or thread.client is not None
        of_something, by_name = (
            translate("Notes", "Delete the thread of {name}?"),
            translate("Notes", "Delete “{name}”?"),
        )
        name = one_line(title(self._farm, thread), 60 if about else 36)
        return (of_something if about else by_name).replace("{name}", name)

    def note_removal(self, note: Note) -> Consequence:
        """What deleting one note would do; it always asks."""
        who = translate("Notes", "It was written automatically.") if note.automatic else ""
        return Consequence(
            asks=True,
            linked=1,
            title=translate("Notes", "Delete this note?"),
            subtitle=one_line(" ".join(note.text.split()), 120),
            foot=who or translate("Notes", "Notes cannot be brought back."),
            yes=translate("Notes", "Delete the note"),
            no=translate("Notes", "Keep it"),
        )

    async def remove_threads(self, threads: Sequence[int]) -> Outcome:
        """Delete threads with their notes."""
        one, many = translate("Notes", "Deleted {n} thread."), translate("Notes", "Deleted {n} threads.")
        return await self._remove("removeThreads", threads, one, many)

    async def remove_notes(self, notes: Sequence[int]) -> Outcome:
        """Delete notes; the first of a thread goes last, as HQueue wants it."""
        one, many = translate("Notes", "Deleted {n} note."), translate("Notes", "Deleted {n} notes.")
        return await self._remove("removeNotes", sorted(notes, reverse=True), one, many)

    async def _remove(self, method: str, ids: Sequence[int], one: str, many: str) -> Outcome:
        refused = self.why_not()
        if refused:
            return Outcome(refused, failed=True)
        try:
            left = await self._server.call(method, list(ids)) or ()
        except LinkError as error:
            return Outcome(error.words, failed=True)
        words = translate("Notes", "{n} was gone already."), translate("Notes", "{n} were gone already.")
        return Outcome(counted(len(ids) - len(left), one, many), counted(len(left), *words) if left else "")

    # Searching

    async def search(self, words: str) -> frozenset[int]:
        """Threads of which any note says the words; none where the server cannot search. Raises LinkError."""
        try:
            return frozenset(await self._server.call("searchNotes", words) or ())
        except Refusal:
            return frozenset()


def not_added(error: LinkError) -> Added:
    """What is said when the server did not take a note."""
    kept = translate("Notes", "What you typed is kept.")
    return Added(Outcome(error.words, kept, failed=True, passing=not isinstance(error, Refusal)))


_TYPE_BEYOND: Final = 50


def _goes(threads: Sequence[Thread], notes: int) -> str:
    if len(threads) == 1:
        return counted(notes, translate("Notes", "note goes with it."), translate("Notes", "notes go with it."))
    return counted(notes, translate("Notes", "note goes with them."), translate("Notes", "notes go with them."))


def _same(kept: str, sent: str) -> bool:
    """Whether a text is the one that was sent; on its way line ends may become plain."""
    return kept.replace("\r\n", "\n").strip() == sent.replace("\r\n", "\n").strip()
