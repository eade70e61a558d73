"""What the window remembers of a farm's notes here: what was read, drafts, of whom somebody wants to hear.

Everything goes into the settings at once, by the farm's address, and is there again after a restart.
"""

from __future__ import annotations

import json
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer, Signal

from hqgui.models.read_marks import ReadMarks
from hqgui.models.thread_store import Thread
from hqgui.models.thread_subject import target_of
from hqgui.settings import Settings

WRITE_AFTER_MS: Final = 150
_MOST_DRAFTS: Final = 200
_MOST_WATCHED: Final = 2_000


class NoteMemory(QObject):
    """Of one farm."""

    marks_changed = Signal(object)
    """Threads whose mark changed; None: all."""
    watch_changed = Signal(int)
    draft_changed = Signal(str)
    """Key of what is written."""

    def __init__(self, settings: Settings, address: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._address = address
        self.marks = ReadMarks.from_text(self._stored("notes/read"))
        self._drafts: dict[str, str] = _texts(self._stored("notes/drafts"))
        self._watched: dict[str, str] = _texts(self._stored("notes/watched"))
        self._timer = QTimer(self, singleShot=True, interval=WRITE_AFTER_MS)
        self._timer.timeout.connect(self.save)

    # What was read

    def begin(self, highest: int) -> None:
        """The farm's threads are all known."""
        if self.marks.begin(highest):
            self._told(None)

    def read(self, thread: Thread) -> None:
        """Somebody saw all of a thread."""
        if self.marks.read(thread.id, thread.written):
            self._told([thread.id])

    def unread(self, thread: Thread) -> None:
        """It should be read again."""
        if self.marks.unread(thread):
            self._told([thread.id])

    def read_all(self, highest: int) -> None:
        """Everything was read."""
        self.marks.read_all(highest)
        self._told(None)

    def _told(self, threads: list[int] | None) -> None:
        self._timer.start()
        self.marks_changed.emit(threads)

    # Of whom somebody wants to hear

    def watched(self, thread: Thread) -> bool | None:
        """Whether somebody asked to be told of a thread; None: nobody said."""
        said = self._watched.get(target_of(thread).key)
        return None if said is None else said == "on"

    def watch(self, thread: Thread, on: bool) -> None:
        """Tell of what is written in a thread, or not."""
        key, said = target_of(thread).key, "on" if on else "off"
        if self._watched.get(key) == said:
            return
        self._watched.pop(key, None)
        self._watched[key] = said
        while len(self._watched) > _MOST_WATCHED:
            del self._watched[next(iter(self._watched))]
        self._timer.start()
        self.watch_changed.emit(thread.id)

    # Drafts

    def draft(self, key: str) -> str:
        """What was typed and not sent."""
        return self._drafts.get(key, "")

    def keep_draft(self, key: str, text: str) -> None:
        """Remember what is being typed."""
        if text == self.draft(key):
            return
        self._drafts.pop(key, None)
        if text:
            self._drafts[key] = text
        while len(self._drafts) > _MOST_DRAFTS:
            del self._drafts[next(iter(self._drafts))]
        self._timer.start()
        self.draft_changed.emit(key)

    # Storing

    def save(self) -> None:
        """Write it down now."""
        self._timer.stop()
        self._store("notes/read", self.marks.to_text() if self.marks.floor is not None else "")
        self._store("notes/drafts", json.dumps(self._drafts) if self._drafts else "")
        self._store("notes/watched", json.dumps(self._watched) if self._watched else "")
        self._settings.save()

    def _stored(self, key: str) -> str:
        for entry in self._settings.value(key):
            address, _, text = entry.partition(" ")
            if address == self._address:
                return str(text)
        return ""

    def _store(self, key: str, text: str) -> None:
        others = [entry for entry in self._settings.value(key) if entry.partition(" ")[0] != self._address]
        self._settings.set(key, [*others, f"{self._address} {text}"] if text else others)


def _texts(stored: str) -> dict[str, str]:
    try:
        found: Any = json.loads(stored or "{}")
    except ValueError:
        return {}
    return {str(key): str(text) for key, text in found.items()} if isinstance(found, dict) else {}
