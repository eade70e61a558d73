"""Attends to one pane that shows a thread: reads its notes, keeps its draft, sends, and notes what was read.

A thread is read when it is opened, and again when the farm tells of a change in it; never more than once at a time.
What somebody types belongs to the thread's subject, is remembered at once, and is cleared only when the note was seen
on the server.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QObject, Signal

from hqgui.actions import Outcome
from hqgui.feed_state import FeedState, Phase
from hqgui.models.note_text import farm_links
from hqgui.models.thread_page import Note, page
from hqgui.models.thread_store import Thread
from hqgui.models.thread_subject import Target, thread_of
from hqgui.notebook import Notebook
from hqgui.session import Session
from hqgui.tasks import spawn
from hqgui.troubles import LinkError
from hqgui.views.notes.thread_pane import ThreadPane
from hqgui.words import translate

SETTLE_SECONDS: Final = 0.05
"""A selection that runs over rows reads none of them."""
PAUSE_SECONDS: Final = 0.3


class NoteReader(QObject):
    """Of one pane."""

    told = Signal(Outcome)
    """What became of a note."""
    showed = Signal()
    """Other notes are shown."""
    begun = Signal(int)
    """The thread that a note began."""

    def __init__(self, session: Session, book: Notebook, pane: ThreadPane, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._book = book
        self._pane = pane
        self.target: Target | None = None
        self.notes: tuple[Note, ...] = ()
        self._known = False
        """Whether the notes were read at all."""
        self._whole = False
        self._read_until: int | None = None
        self._sending: set[str] = set()
        self._closed = False
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        book.changed.connect(self._changed)
        book.memory.draft_changed.connect(self._draft_changed)
        session.feed.state_changed.connect(self._state_changed)
        pane.send_wanted.connect(self._send)
        pane.draft_changed.connect(self._typed)
        pane.earlier_wanted.connect(self._show_whole)

    def stop(self) -> None:
        """Attend no more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def close(self) -> None:
        """The pane goes: what is still on its way shows nothing more. What was typed is remembered."""
        self._closed = True
        self.stop()

    # Which

    @property
    def begun_thread(self) -> Thread | None:
        """The thread that is shown, if it has begun."""
        return None if self.target is None else thread_of(self._book.farm, self.target)

    def is_sending(self, key: str) -> bool:
        """Whether a note to that target is on its way from here."""
        return key in self._sending

    def show(self, target: Target | None) -> None:
        """Show the thread of a target; None: none."""
        if target == self.target:
            return
        self.stop()
        self.target, self.notes, self._known, self._whole = target, (), False, False
        thread = self.begun_thread
        self._read_until = self._book.memory.marks.up_to(thread.id) if thread is not None else None
        self._pane.show_items(())
        self._pane.composer.show_text("" if target is None else self._book.memory.draft(target.key))
        self._show_composer()
        if target is None:
            return
        if thread is None:
            self._show_none()
        self._begin()

    def _begin(self) -> None:
        if self._session.started and self.target is not None and self._task is None:
            self._task = spawn(self._attend(self.target), f"reading notes of {self.target.key}")

    def show_given(self, notes: Sequence[Note], read_until: int | None = None) -> None:
        """Show these notes, for pictures."""
        self.stop()
        self._read_until = read_until
        self._take(tuple(notes))

    def _show_none(self) -> None:
        if self.target == Target():
            self._pane.show_empty("", translate("Notes", "A thread of its own, about no job and no client."))
        else:
            self._pane.show_empty("", translate("Notes", "Nobody wrote a note here yet."))

    # Reading

    async def _attend(self, target: Target) -> None:
        await asyncio.sleep(SETTLE_SECONDS)
        while True:
            self._news.clear()
            try:
                notes = await self._book.desk.read(target)
            except LinkError as error:
                if not self._known:
                    self._pane.show_empty(translate("Notes", "The notes cannot be read now"), error.words)
            else:
                self._take(notes)
            await asyncio.sleep(PAUSE_SECONDS)
            await self._news.wait()

    def _take(self, notes: tuple[Note, ...]) -> None:
        former = {note.id for note in self.notes}
        new = [note for note in notes if note.id not in former] if self._known else []
        first, self._known = not self._known, True
        self.notes = notes
        if notes:
            self._show(to_end=first, new=len(new))
        else:
            self._show_none()
        self.note_read()
        self.showed.emit()

    def _show(self, to_end: bool = False, new: int = 0) -> None:
        links = farm_links(self._book.farm)
        now = self._session.picture_time()
        reader = self._book.index.user
        self._pane.show_items(page(self.notes, self._read_until, now, links, self._whole, reader), to_end, new)

    def _show_whole(self) -> None:
        self._whole = True
        self._show()

    def ask_again(self) -> None:
        """Read as soon as may be."""
        self._news.set()

    def _changed(self, threads: set[int]) -> None:
        thread = self.begun_thread
        if thread is None or thread.id not in threads:
            if self.target is not None and thread is None and self._known and self.notes:
                self.ask_again()  # it was deleted
            return
        last = self.notes[-1] if self.notes else None
        current = last is not None and thread.count == len(self.notes) and last.text.startswith(thread.text)
        if not current:
            self.ask_again()
        self._pane.text.viewport().update()

    def _state_changed(self, state: FeedState) -> None:
        self._show_composer()
        if state.phase is Phase.LIVE:
            self._begin()
            self.ask_again()

    # What was read

    def note_read(self) -> None:
        """If the page is looked at, its notes count as read."""
        thread = self.begun_thread
        if thread is None or not self._known or not self._looked_at():
            return
        if not self.notes or self.notes[-1].id >= thread.written:
            self._book.memory.read(thread)

    def is_before_eyes(self, thread: Thread) -> bool:
        """Whether a thread is shown, and looked at."""
        shown = self.begun_thread
        return shown is not None and shown.id == thread.id and self._looked_at()

    def _looked_at(self) -> bool:
        return self._pane.text.isVisible() and self._pane.window().isActiveWindow()

    def look_away(self) -> None:
        """The window is not looked at any more: what comes from now on is new."""
        if self.notes and (thread := self.begun_thread) is not None and not self._book.memory.marks.is_unread(thread):
            self._read_until = self.notes[-1].id

    # Writing

    def _typed(self, text: str) -> None:
        if self.target is not None:
            self._book.memory.keep_draft(self.target.key, text)

    def _draft_changed(self, key: str) -> None:
        """The same draft is open elsewhere too."""
        if self.target is not None and key == self.target.key:
            self._pane.composer.show_text(self._book.memory.draft(key))

    def _send(self, text: str) -> None:
        if self.target is not None:
            spawn(self._add(self.target, text), f"adding a note to {self.target.key}")

    async def _add(self, target: Target, text: str) -> None:
        if target.key in self._sending:
            return
        self._sending.add(target.key)
        self._show_composer()
        try:
            added = await self._book.desk.add(target, text)
        finally:
            self._sending.discard(target.key)
            if not self._closed:
                self._show_composer()
        if self._closed:
            return
        shown = target == self.target and self._pane.isVisible()
        if added.thread is not None:
            if self._book.memory.draft(target.key) == text:
                self._book.memory.keep_draft(target.key, "")
            self._after(target, added.thread, added.notes)
        if added.outcome.failed or not shown:
            self.told.emit(added.outcome)  # else the note itself is seen, and nothing should lie over it

    def _after(self, target: Target, thread: int, notes: tuple[Note, ...]) -> None:
        known = self._book.farm.threads.get(thread)
        if known is not None:
            if self._book.memory.watched(known) is None:
                self._book.memory.watch(known, on=True)
            self._book.memory.marks.read(thread, notes[-1].id)
            self._book.memory.read(known)
        if target == self.target:
            if target == Target():
                self.begun.emit(thread)
            else:
                self._take(notes)
                self._pane.text.to_end()

    def _show_composer(self) -> None:
        busy = self.target is not None and self.target.key in self._sending
        self._pane.composer.show_state(self._book.desk.why_not(), busy)
        shown = self.target is not None and (self.target.job is not None or self.target.client is not None)
        self._pane.composer.show_hint(translate("Notes", "Shows in the Note column") if shown else "")
