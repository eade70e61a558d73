"""Asks what the inspector shows of a job and the feed does not carry: command, permitted clients, status log."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject

from hqgui.attending import Attending
from hqgui.inquiries import job_details, job_log, permitted_clients
from hqgui.models.farm import FarmChanges
from hqgui.session import Session
from hqgui.views.inspector import Inspector

PAUSE_SECONDS: Final = 1.0
HAPPENINGS: Final = ("status", "attempt", "endTime", "startTime", "priority", "latestNote", "triesLeft")
"""What changes of a job when its status log does."""


class Inspecting(Attending):
    """Of one inspector."""

    def __init__(self, session: Session, inspector: Inspector, parent: QObject | None = None) -> None:
        super().__init__(session, "job", PAUSE_SECONDS, parent)
        self._inspector = inspector
        inspector.job_changed.connect(self.attend)
        session.flushed.connect(self._flushed)

    def _flushed(self, changes: FarmChanges) -> None:
        self.look(changes.jobs.changed)

    def state_of(self, thing: int) -> tuple[object, ...]:
        """What the status log tells of."""
        return tuple(self._session.farm.jobs.value(thing, name) for name in HAPPENINGS)

    async def ask(self, thing: int) -> None:
        """Ask, and show the answer. Raises LinkError."""
        link, inspector = self._session.link, self._inspector
        inspector.show_details(thing, await job_details(link, thing))
        inspector.show_history(thing, await job_log(link, thing))
        inspector.show_permitted(thing, await permitted_clients(link, thing))
