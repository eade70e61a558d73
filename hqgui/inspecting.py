"""Asks what the inspector shows and the feed does not carry: command, permitted clients, status log.

One coroutine attends to the job that is shown. It asks when another job is shown, when something happened to the job,
and when the server is back; never more than once at a time, never more often than once a second.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from PySide6.QtCore import QObject

from hqgui.feed_state import FeedState, Phase
from hqgui.inquiries import job_details, job_log, permitted_clients
from hqgui.models.farm import FarmChanges
from hqgui.session import Session
from hqgui.tasks import spawn
from hqgui.troubles import LinkError
from hqgui.views.inspector import Inspector

SETTLE_SECONDS: Final = 0.06
"""A selection that runs over rows asks about none of them."""
PAUSE_SECONDS: Final = 1.0
HAPPENINGS: Final = ("status", "attempt", "endTime", "startTime", "priority", "latestNote", "triesLeft")
"""What changes of a job when its status log does."""


class Inspecting(QObject):
    """Of one inspector."""

    def __init__(self, session: Session, inspector: Inspector, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._inspector = inspector
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._happened: tuple[object, ...] = ()
        inspector.job_changed.connect(self._job_changed)
        session.flushed.connect(self._flushed)
        session.feed.state_changed.connect(self._state_changed)

    def stop(self) -> None:
        """Ask no more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def ask_again(self) -> None:
        """Ask as soon as may be."""
        self._news.set()

    def _job_changed(self, job: int | None) -> None:
        self.stop()
        if job is not None:
            self._happened = self._state_of(job)
            self._task = spawn(self._attend(job), f"asking about job {job}")

    def _state_changed(self, state: FeedState) -> None:
        if state.phase is Phase.LIVE:
            self.ask_again()

    def _flushed(self, changes: FarmChanges) -> None:
        job = self._inspector.job
        if job is None or job not in changes.jobs.changed:
            return
        state = self._state_of(job)
        if state != self._happened:
            self._happened = state
            self.ask_again()

    def _state_of(self, job: int) -> tuple[object, ...]:
        return tuple(self._session.farm.jobs.value(job, name) for name in HAPPENINGS)

    async def _attend(self, job: int) -> None:
        await asyncio.sleep(SETTLE_SECONDS)
        while True:
            self._news.clear()
            with suppress(LinkError):  # when the server is back, that is news
                await self._ask(job)
            await asyncio.sleep(PAUSE_SECONDS)
            await self._news.wait()

    async def _ask(self, job: int) -> None:
        link, inspector = self._session.link, self._inspector
        inspector.show_details(job, await job_details(link, job))
        inspector.show_history(job, await job_log(link, job))
        inspector.show_permitted(job, await permitted_clients(link, job))
