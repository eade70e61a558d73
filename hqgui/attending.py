"""Asks about the one thing that is shown: when it is another, when something happened to it, when the server is back.

One coroutine attends to it. It never asks more than once at a time, nor more often than its pause says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Container
from contextlib import suppress
from typing import Final

from PySide6.QtCore import QObject

from hqgui.feed_state import FeedState, Phase
from hqgui.session import Session
from hqgui.tasks import can_spawn, spawn
from hqgui.troubles import LinkError

SETTLE_SECONDS: Final = 0.06
"""A selection that runs over rows asks about none of them."""


class Attending(QObject):
    """Of one inspector. Who inherits says what is asked, and from what of a row it follows that it is worth asking."""

    def __init__(self, session: Session, what: str, pause_seconds: float, parent: QObject | None = None) -> None:
        """`what`: the kind of thing, for the log."""
        super().__init__(parent)
        self._session = session
        self._what = what
        self._pause_seconds = pause_seconds
        self._shown: int | None = None
        self._happened: tuple[object, ...] = ()
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        session.feed.state_changed.connect(self._state_changed)

    def state_of(self, thing: int) -> tuple[object, ...]:
        """What changes of a thing when it is worth asking again."""
        raise NotImplementedError

    async def ask(self, thing: int) -> None:
        """Ask, and show the answer. Raises LinkError."""
        raise NotImplementedError

    def attend(self, thing: int | None) -> None:
        """Another thing is shown, or none."""
        self.stop()
        self._shown = thing
        if thing is not None and can_spawn():
            self._happened = self.state_of(thing)
            self._task = spawn(self._attend(thing), f"asking about {self._what} {thing}")

    def stop(self) -> None:
        """Ask no more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def ask_again(self) -> None:
        """Ask as soon as may be."""
        self._news.set()

    def look(self, changed: Container[int]) -> None:
        """These things changed: ask again if something happened to the one that is shown."""
        if self._shown is None or self._shown not in changed:
            return
        state = self.state_of(self._shown)
        if state != self._happened:
            self._happened = state
            self.ask_again()

    def _state_changed(self, state: FeedState) -> None:
        if state.phase is Phase.LIVE:
            self.ask_again()

    async def _attend(self, thing: int) -> None:
        await asyncio.sleep(SETTLE_SECONDS)
        while True:
            self._news.clear()
            with suppress(LinkError):  # when the server is back, that is news
                await self.ask(thing)
            await asyncio.sleep(self._pause_seconds)
            await self._news.wait()
