"""The notes of one farm as its window needs them: index, lists, marks, and what came in that somebody wants to hear of.

It stands between the session, which says what changed, and everything that shows notes.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QObject, Signal

from hqgui.actions.notes import NoteDesk
from hqgui.feed_state import FeedState, Phase
from hqgui.link import Welcome
from hqgui.models.farm import FarmChanges
from hqgui.models.thread_index import NoteChip, ThreadIndex
from hqgui.models.thread_store import Thread, ThreadChanges
from hqgui.models.thread_subject import target_named, target_of, thread_of
from hqgui.models.threads import ThreadList
from hqgui.note_memory import NoteMemory
from hqgui.session import Session
from hqgui.tasks import spawn
from hqgui.troubles import LinkError, Refusal

MOST_TOLD: Final = 50
_NAMED_AT_ONCE: Final = 20
"""Threads about nothing whose first notes are asked for in one call, which answers all that is said in them."""


class Notebook(QObject):
    """Of one session."""

    changed = Signal(object)
    """Threads that changed, or whose job, client or mark did."""
    arrived = Signal(object)
    """Threads in which somebody wrote just now, the farm being followed."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.farm = session.farm
        self.memory = NoteMemory(session.settings, session.link.url, self)
        self.index = ThreadIndex(self.farm, self.memory.marks, self.memory.watched, _machine())
        self.index.users = session.actions.users
        self.index.user = session.user
        self.desk = NoteDesk(self.farm, session.link, session.actions)
        self._lists: list[ThreadList] = []
        self._written: dict[int, int] = {}
        self._live = False
        self._nameless: set[int] = set()
        """Threads about nothing of which the first note, which names them, was not asked for yet."""
        self._naming = False
        self.apply(FarmChanges(threads=ThreadChanges(changed=set(self.farm.threads.rows))))
        session.flushed.connect(self.apply)
        session.feed.state_changed.connect(self._state_changed)
        session.feed.welcomed.connect(self._welcomed)
        self.memory.marks_changed.connect(self._marks_changed)
        self.memory.draft_changed.connect(self._draft_changed)
        self.memory.watch_changed.connect(lambda thread: self._judge({thread}))
        self._state_changed(session.feed.state)

    @property
    def loading(self) -> bool:
        """Whether threads may still be on their way."""
        return not self._session.knows_farm

    def new_list(self) -> ThreadList:
        """One more list of threads, kept up to date."""
        made = ThreadList(self.farm, self.index, self._session.picture_time, self, self._draft_of)
        made.apply(self.farm.threads.rows, ())
        self._lists.append(made)
        return made

    def _draft_changed(self, key: str) -> None:
        thread = thread_of(self.farm, target_named(key))
        if thread is not None:
            for one in self._lists:
                one.retell(thread.id)

    def _draft_of(self, thread: Thread) -> str:
        return self.memory.draft(target_of(thread).key)

    @property
    def unread(self) -> int:
        """How many threads are unread."""
        return self.index.counts(automatic=True)[NoteChip.UNREAD]

    def counts(self, automatic: bool, handled: bool) -> dict[NoteChip, int]:
        """Threads for each chip."""
        return self.index.counts(automatic, handled)

    # News

    def apply(self, changes: FarmChanges) -> None:
        """Take in what changed on the farm."""
        touched = self.index.touched(changes)
        removed = changes.threads.removed
        self.index.apply(touched, removed)
        for one in self._lists:
            one.apply(touched, removed)
        came = self._came(changes)
        if touched or removed:
            self.changed.emit(touched | removed)
        if came:
            self.arrived.emit(came)
        for id_ in changes.threads.changed:
            thread = self.farm.threads.get(id_)
            if thread is not None and thread.nameless:
                self._nameless.add(id_)
        self._name()

    def _name(self) -> None:
        if self._nameless and self._live and self._session.started and not self._naming:
            self._naming = True
            spawn(self._ask_names(), "asking how threads begin")

    async def _ask_names(self) -> None:
        """Names are no reason to insist: what a server refuses keeps its number."""
        some: list[int] = []
        try:
            while self._nameless:
                some = [self._nameless.pop() for _ in range(min(_NAMED_AT_ONCE, len(self._nameless)))]
                self.begun(await self.desk.first_notes(some))
        except Refusal:
            return
        except LinkError:
            self._nameless.update(some)  # asked for again when the server is back
        finally:
            self._naming = False

    def begun(self, first_notes: Mapping[int, str]) -> None:
        """How threads about nothing begin."""
        for thread, text in first_notes.items():
            self.farm.threads.begin(thread, text)
        self._judge(set(first_notes))

    def _came(self, changes: FarmChanges) -> list[Thread]:
        """Threads in which somebody wrote since they were seen last."""
        came = []
        for id_ in changes.threads.changed:
            thread = self.farm.threads.get(id_)
            if thread is None:
                continue
            if self._live and thread.written > self._written.get(id_, 0) and self.memory.marks.is_unread(thread):
                came.append(thread)
            self._written[id_] = thread.written
        for id_ in changes.threads.removed:
            self._written.pop(id_, None)
        return came[:MOST_TOLD]

    def _marks_changed(self, threads: list[int] | None) -> None:
        self._judge(set(self.farm.threads.rows) if threads is None else set(threads))
        self.memory.marks.settle(self.farm.threads.rows.values())

    def _judge(self, threads: set[int]) -> None:
        known = {id_ for id_ in threads if id_ in self.farm.threads}
        self.index.apply(known, ())
        for one in self._lists:
            one.apply(known, ())
        self.changed.emit(known)

    def _state_changed(self, state: FeedState) -> None:
        if state.phase is Phase.LIVE and not self._live:
            self._live = True
            # What is known by now was written before; it may be told of only later.
            self._written.update((id_, thread.written) for id_, thread in self.farm.threads.rows.items())
            self.memory.begin(self.farm.threads.highest)
        if state.phase is Phase.LIVE:
            self._name()

    def _welcomed(self, _welcome: Welcome) -> None:
        users = self._session.actions.users
        if users != self.index.users:
            self.index.users = users
            self._judge(set(self.farm.threads.rows))


def _machine() -> str:
    """The name of the machine that the user sits at."""
    try:
        return socket.gethostname()
    except OSError:
        return ""
