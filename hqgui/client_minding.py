"""Asks what the inspector of clients shows and the feed does not carry: jobs that ran there, errors of the agent.

One coroutine attends to the client that is shown: it asks when another one is shown, when what runs there changes, and
when the server is back; never more than once at a time, never more often than once in two seconds.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from PySide6.QtCore import QObject

from hqgui.feed_state import FeedState, Phase
from hqgui.models.client_facts import client_errors, past_jobs
from hqgui.models.farm import FarmChanges
from hqgui.session import Session
from hqgui.tasks import can_spawn, spawn
from hqgui.troubles import LinkError, Refusal
from hqgui.views.care.client_inspector import ClientInspector

SETTLE_SECONDS: Final = 0.06
"""A selection that runs over rows asks about none of them."""
PAUSE_SECONDS: Final = 2.0
MOST_JOBS: Final = 50
ATTRIBUTES: Final = ("id", "name", "status", "endTime", "runtime")


class ClientMinding(QObject):
    """Of one inspector."""

    def __init__(self, session: Session, inspector: ClientInspector, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._inspector = inspector
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._seen: tuple[object, ...] = ()
        inspector.client_changed.connect(self._client_changed)
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

    def _client_changed(self, client: int | None) -> None:
        self.stop()
        if client is not None and can_spawn():
            self._seen = self._state_of(client)
            self._task = spawn(self._attend(client), f"asking about client {client}")

    def _state_changed(self, state: FeedState) -> None:
        if state.phase is Phase.LIVE:
            self.ask_again()

    def _flushed(self, changes: FarmChanges) -> None:
        client = self._inspector.client
        if client is None or client not in changes.clients.changed:
            return
        state = self._state_of(client)
        if state != self._seen:
            self._seen = state
            self.ask_again()

    def _state_of(self, client: int) -> tuple[object, ...]:
        row = self._session.farm.clients.get(client)
        return () if row is None else (row["runningJobs"], row["failures"], row["status"])

    async def _attend(self, client: int) -> None:
        await asyncio.sleep(SETTLE_SECONDS)
        while True:
            self._news.clear()
            with suppress(LinkError):  # when the server is back, that is news
                await self._ask(client)
            await asyncio.sleep(PAUSE_SECONDS)
            await self._news.wait()

    async def _ask(self, client: int) -> None:
        session, inspector, link = self._session, self._inspector, self._session.link
        jobs = list(await link.call("getJobHistory", client, MOST_JOBS) or ())
        rows = await link.call("getJobs", jobs, list(ATTRIBUTES)) if jobs else []
        inspector.show_past(client, past_jobs(session.farm, jobs, rows or (), session.now()))
        with suppress(Refusal):  # an older server does not know the call
            errors = await link.call("getClientErrors", client)
            inspector.show_errors(client, client_errors(errors or {}), session.now())
