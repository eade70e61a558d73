"""Asks what the inspector shows of a client and the feed does not carry: jobs that ran there, errors of the agent."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from PySide6.QtCore import QObject

from hqgui.attending import Attending
from hqgui.models.client_facts import client_errors, past_jobs
from hqgui.models.farm import FarmChanges
from hqgui.session import Session
from hqgui.troubles import Refusal
from hqgui.views.care.client_inspector import ClientInspector

PAUSE_SECONDS: Final = 2.0
MOST_JOBS: Final = 50
ATTRIBUTES: Final = ("id", "name", "status", "endTime", "runtime")


class ClientMinding(Attending):
    """Of one inspector."""

    def __init__(self, session: Session, inspector: ClientInspector, parent: QObject | None = None) -> None:
        super().__init__(session, "client", PAUSE_SECONDS, parent)
        self._inspector = inspector
        inspector.client_changed.connect(self.attend)
        session.flushed.connect(self._flushed)

    def _flushed(self, changes: FarmChanges) -> None:
        self.look(changes.clients.changed)

    def state_of(self, thing: int) -> tuple[object, ...]:
        """What runs and what failed there."""
        row = self._session.farm.clients.get(thing)
        return () if row is None else (row["runningJobs"], row["failures"], row["status"])

    async def ask(self, thing: int) -> None:
        """Ask, and show the answer. Raises LinkError."""
        session, inspector, link = self._session, self._inspector, self._session.link
        jobs = list(await link.call("getJobHistory", thing, MOST_JOBS) or ())
        rows = await link.call("getJobs", jobs, list(ATTRIBUTES)) if jobs else []
        inspector.show_past(thing, past_jobs(session.farm, jobs, rows or (), session.now()))
        with suppress(Refusal):  # an older server does not know the call
            errors = await link.call("getClientErrors", thing)
            inspector.show_errors(thing, client_errors(errors or {}), session.now())
