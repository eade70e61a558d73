"""Says aloud what the news desk has to say, when it may be said, and does what is clicked."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from hqgui.models.tray.machine import MachineState, machine_of, opens_soon
from hqgui.models.tray.news import MACHINE, MANY, Loudness, News, NewsKind, farm_wants, goes_back, is_quiet, key_of
from hqgui.notifications import CLICK, Notice, Notifications
from hqgui.settings import Settings
from hqgui.tasks import spawn
from hqgui.tray import asking
from hqgui.tray.dialogs import loud_kinds
from hqgui.tray.session import TraySession
from hqgui.troubles import LinkError
from hqgui.words import translate
from hqserver.wire.clients import CLOSED

AHEAD_SECONDS: Final = 600.0
"""How long before the farm's hours begin the person is told."""
BACK_SECONDS: Final = 300.0
"""How long before what was kept goes back."""
LOOK_MS: Final = 20_000
_LEAST_WAIT_MS: Final = 200


class Announcer(QObject):
    """Of one session."""

    job_wanted = Signal(int)
    popup_wanted = Signal()
    retry_wanted = Signal(int)
    keep_wanted = Signal()

    def __init__(
        self, session: TraySession, settings: Settings, notifications: Notifications, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._settings = settings
        self._notifications = notifications
        self._asked: dict[str, str] = {}
        self._due = QTimer(self, singleShot=True)
        self._due.timeout.connect(self._say)
        self._hourly = QTimer(self, interval=LOOK_MS)
        self._hourly.timeout.connect(self._look)
        session.changed.connect(self._changed)
        notifications.activated.connect(self._activated)
        self._hourly.start()

    def loudness(self) -> Loudness:
        """What may be said now."""
        value = self._settings.value
        now = self._session.local_now()
        local = datetime.fromtimestamp(now, UTC).astimezone()
        quiet = is_quiet(local, value("tray/quiet_from"), value("tray/quiet_to"), value("tray/quiet_until"), now)
        return Loudness(loud_kinds(self._settings), quiet)

    def _changed(self) -> None:
        self._ask_why()
        due = self._session.news.next_due()
        if due is not None:
            self._due.start(max(int((due - self._session.now()) * 1000), _LEAST_WAIT_MS))

    def _ask_why(self) -> None:
        """A failure is said with its reason, which has to be asked for."""
        for item in self._session.news.items():
            if item.kind is NewsKind.FAILED and self._asked.get(item.key) != item.stamp and self._session.online:
                self._asked[item.key] = item.stamp
                spawn(self._explain(item.key, item.job), "asking why a job failed")

    async def _explain(self, key: str, job: int) -> None:
        with suppress(LinkError):
            words = await asking.why_failed(self._session.link, job)
            if words:
                self._session.news.explain(key, words)
                self._session.changed.emit()

    def _say(self) -> None:
        for item in self._session.news.due(self._session.now(), self.loudness()):
            spawn(self._notify(item), "a notification")
        self._changed()

    async def _notify(self, item: News) -> None:
        await self._notifications.show(notice_of(item))

    def _look(self) -> None:
        """What the hour brings: the farm's hours, the end of what was kept, the end of the quiet."""
        session = self._session
        now, facts = session.now(), session.known().machine
        opens = opens_soon(facts, now, AHEAD_SECONDS)
        if opens is not None:
            self._tell_once(farm_wants(opens, now))
        machine = machine_of(facts, now)
        until = next((agent.until for agent in facts.agents if agent.override in CLOSED), None)
        if until is None and facts.rows:
            until = facts.rows[0].get("overrideUntil")
        if machine.state is MachineState.MINE and until is not None and 0 < until - now < BACK_SECONDS:
            time = f"{datetime.fromtimestamp(until, UTC).astimezone():%H:%M}"
            self._tell_once(goes_back(time, now, f"back {until:.0f}"))
        if session.news.has_missed and not self.loudness().quiet:
            self._say()

    def _tell_once(self, item: News) -> None:
        known = self._session.news.item(MACHINE)
        if known is None or known.stamp != item.stamp:
            self._session.news.say(item, self._session.now())
            self._session.changed.emit()

    def _activated(self, key: str, action: str) -> None:
        item = self._session.news.item(key)
        self._session.news.mark_read([key])
        if action == "keep":
            self.keep_wanted.emit()
        elif item is not None and action == "retry":
            self.retry_wanted.emit(item.job)
        elif item is not None and item.job and action in (CLICK, "open"):
            self.job_wanted.emit(item.job)
        elif key in (MACHINE, MANY):
            self.popup_wanted.emit()
        self._session.changed.emit()

    async def withdraw_read(self) -> None:
        """Take away what was read in the popup."""
        for item in self._session.news.items():
            if self._session.news.is_read(item):
                await asyncio.shield(self._notifications.withdraw(item.key))

    def stop(self) -> None:
        """Say nothing more."""
        self._due.stop()
        self._hourly.stop()


def notice_of(item: News) -> Notice:
    """A line of the list as a notification."""
    opened = ("open", translate("Tray", "Open in Wrangler"))
    actions: tuple[tuple[str, str], ...] = ()
    if item.kind is NewsKind.FAILED and item.key == key_of(item.job):
        actions = (("retry", translate("Tray", "Retry")), opened)
    elif item.kind is NewsKind.MACHINE:
        actions = (("keep", translate("Tray", "Keep it mine for 1 h")),)
    elif item.job:
        actions = (opened,)
    return Notice(item.key, item.title, item.body, actions, item.glyph, urgent=item.kind is NewsKind.FAILED)
