"""Minds the server itself: asks now and then whether it takes work and which errors it has counted.

No feed carries these: they are few, and they matter most when little else changes. One question is under way at a time,
none while the server is away.
"""

from __future__ import annotations

import asyncio
from typing import Final

from PySide6.QtCore import QObject, Signal

from hqgui.feed_state import FeedState, Phase
from hqgui.models.server_health import HEALTHY, ServerHealth, read_health
from hqgui.session import Session
from hqgui.tasks import spawn
from hqgui.troubles import LinkError, Refusal

ASK_SECONDS: Final = 20.0


class Minding(QObject):
    """Of one session."""

    changed = Signal(object)
    """`ServerHealth`, when it is another."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._health: ServerHealth = HEALTHY
        self._task: asyncio.Task[None] | None = None
        session.feed.state_changed.connect(self._state_changed)

    def stop(self) -> None:
        """Ask no more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def ask_again(self) -> None:
        """Ask now."""
        self.stop()
        self._state_changed(self._session.feed.state)

    def _state_changed(self, state: FeedState) -> None:
        if state.phase is not Phase.LIVE:
            self.stop()
        elif self._task is None:
            self._task = spawn(self._mind(), f"minding {self._session.address}")

    async def _mind(self) -> None:
        while True:
            try:
                await self._ask()
            except Refusal:  # a server that does not know the call will not learn it
                return
            except LinkError:  # the feed notices, and says so
                pass
            await asyncio.sleep(ASK_SECONDS)

    async def _ask(self) -> None:
        link = self._session.link
        info = {} if self._session.feed.state.plain else await link.call("getServerInfo")
        health = read_health(info or {}, await link.call("getServerErrors") or {})
        if health != self._health:
            self._health = health
            self.changed.emit(health)
