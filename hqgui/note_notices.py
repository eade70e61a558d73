"""Tells the user outside the window that somebody wrote on what is theirs.

Not of what they are looking at, nor of what they wrote themselves here; several at once are one notice. Where no
desktop can show it, the window's own strip does. Where a tray of theirs runs on the same farm, it tells of what is
theirs, and the window only of what they watch besides: nobody is told twice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, Signal

from hqgui.actions import Outcome
from hqgui.models import formats
from hqgui.models.thread_index import full_title
from hqgui.models.thread_store import Thread, who
from hqgui.notebook import Notebook
from hqgui.notifications import Notice, Notifications, Shown
from hqgui.opening import tray_tells_notes
from hqgui.session import Session
from hqgui.tasks import spawn
from hqgui.words import counted, translate

_MOST_SINGLE: Final = 2
_LONGEST: Final = 240
_KEY: Final = "notes"


class NoteNotices(QObject):
    """Of one window."""

    thread_wanted = Signal(int)
    unread_wanted = Signal()
    told = Signal(Outcome)
    """What no desktop could show."""

    def __init__(
        self,
        session: Session,
        book: Notebook,
        is_known: Callable[[Thread], bool],
        show: Callable[[Notice], object] | None = None,
        tray_tells: Callable[[str], bool] = tray_tells_notes,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._book = book
        self._is_known = is_known
        self._tray_tells = tray_tells
        self._service = Notifications("Wrangler", "org.hqfarm.wrangler", parent=self)
        self._service.activated.connect(self._activated)
        self._show = show or self._show_on_desktop
        book.arrived.connect(self._arrived)

    def stop(self) -> None:
        """Leave the bus."""
        if self._session.started:
            spawn(self._service.close(), "leaving the notification service")

    def _arrived(self, threads: list[Thread]) -> None:
        if not self._session.settings.value("notes/notify"):
            return
        told = [one for one in threads if self._is_told(one)]
        about_mine = {one.id for one in told if self._book.index.is_about_mine(one)}
        if about_mine and self._tray_tells(self._session.link.url):
            told = [one for one in told if one.id not in about_mine]
        if len(told) > _MOST_SINGLE:
            words = counted(len(told), translate("Notes", "{n} new note"), translate("Notes", "{n} new notes"))
            names = ", ".join(full_title(self._book.farm, one) for one in told[:5])
            self._show(Notice(_KEY, words, formats.one_line(names, _LONGEST), (("open", translate("Notes", "Open")),)))
            return
        for thread in told:
            self._show(self._notice(thread))

    def _is_told(self, thread: Thread) -> bool:
        """Nobody is told of what they wrote, or look at."""
        index = self._book.index
        return index.is_mine(thread) and not index.is_by_me(thread) and not self._is_known(thread)

    def _notice(self, thread: Thread) -> Notice:
        writer = formats.one_line(who(thread.author), 60) or translate("Notes", "somebody")
        head = translate("Notes", "{who} on {name}").format(who=writer, name=full_title(self._book.farm, thread))
        text = formats.several_lines(thread.text, _LONGEST)
        return Notice(f"{_KEY}-{thread.id}", head, text, (("open", translate("Notes", "Open")),))

    def _show_on_desktop(self, notice: Notice) -> None:
        spawn(self._tell(notice), "telling of a note")

    async def _tell(self, notice: Notice) -> None:
        if await self._service.show(notice) is Shown.NOWHERE:
            self.told.emit(Outcome(notice.title, formats.one_line(notice.body, 120)))

    def _activated(self, key: str, _action: str) -> None:
        _, _, number = key.partition("-")
        if number.isdigit():
            self.thread_wanted.emit(int(number))
        elif key == _KEY:
            self.unread_wanted.emit()
