"""Listens to one window and does what it wants: every signal that needs the server becomes a coroutine here.

An action goes the same way whatever asked for it (toolbar, menu, key, omnibox): what it would do is foretold, asked if
something would be lost, done in one call, and its outcome is shown as a strip.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from PySide6.QtCore import QObject

from hqgui.actions import Outcome
from hqgui.fetching import Fetching
from hqgui.inspecting import Inspecting
from hqgui.minding import Minding
from hqgui.session import Session
from hqgui.tailing import Tailing
from hqgui.tasks import answer, spawn
from hqgui.views.main_window import MainWindow


class Errands(QObject):
    """Of one window; it ends with it."""

    def __init__(self, session: Session, window: MainWindow) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self.inspecting = Inspecting(session, window.inspector, self)
        self.tailing = Tailing(session, window.inspector, self)
        self.fetching = Fetching(session, window, self.tailing, self)
        self.minding = Minding(session, self)
        self.minding.changed.connect(window.connection.show_health)
        window.action_wanted.connect(lambda name, ids: self._start(self._act(name, ids), name))
        window.priority_wanted.connect(lambda ids, value: self._start(self._set_priority(ids, value), "set_priority"))
        window.deed_wanted.connect(lambda name, ids, value: self._start(self._act(name, ids, value), name))
        window.undo_wanted.connect(lambda: self._start(self._undo(), "undo"))
        window.refresh_wanted.connect(self._refresh)
        window.closed.connect(self._stop)

    def _start(self, work: Coroutine[Any, Any, None], name: str) -> None:
        spawn(work, f"{name} on {self._session.address}")

    async def _act(self, name: str, ids: tuple[int, ...], value: object = None) -> None:
        desk = self._session.actions
        foretold = desk.consequence(name, ids)
        if foretold.asks and not await answer(self._window.confirm(foretold).finished):
            return
        self._tell(await desk.perform(name, ids, value))

    async def _set_priority(self, ids: tuple[int, ...], value: int) -> None:
        self._tell(await self._session.actions.perform("set_priority", ids, value))

    async def _undo(self) -> None:
        self._tell(await self._session.actions.undo())

    def _tell(self, outcome: Outcome) -> None:
        if self._window.is_open:
            self._window.tell(outcome)

    def _refresh(self) -> None:
        self._session.feed.try_now()
        self.inspecting.ask_again()
        self.tailing.look_now()
        self.minding.ask_again()

    def _stop(self) -> None:
        self.inspecting.stop()
        self.tailing.stop()
        self.fetching.stop()
        self.minding.stop()
