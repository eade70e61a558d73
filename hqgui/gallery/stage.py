"""A window on the made-up farm, without a server, and pictures of it.

The clock stands still in one time zone, so that two runs give the same pictures on one machine. Popups are
windows of their own to Qt; a picture of the main window holds those that are open over it, where they are.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QItemSelectionModel,
    QMessageLogContext,
    QPoint,
    QSize,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QMenu, QToolButton, QWidget

from hqgui.feed_state import FeedState, Phase
from hqgui.furnish import furnished
from hqgui.link import Welcome
from hqgui.made_up import NOW_SECONDS, rows
from hqgui.made_up_notes import marks
from hqgui.made_up_trees import USER
from hqgui.models.job_filter import Chip, JobFilter
from hqgui.session import Session
from hqgui.settings import Settings
from hqgui.theme import look
from hqgui.views.parts.icons import offer_to_style_sheet
from hqgui.views.parts.leaving import unasked
from hqgui.views.parts.menu import Menu
from hqgui.views.strips import Offer

URL: Final = "http://northlight:5000"
SIZE: Final = QSize(1600, 970)
"""As big as the window of a screen of 1600x1000 whose frame has a title of 30 pixels."""
LIVE: Final = FeedState(Phase.LIVE, NOW_SECONDS - 7200, last_news=NOW_SECONDS - 0.4)
FEATURES: Final = (
    "changes", "priority", "output", "setJobAttribs", "multicall", "override", "availability", "removeClients",
    "terminateClients", "resources", "unblockClients",
)  # fmt: skip
OURS: Final = Welcome(URL, "1.4.0", plain=False, role="wrangler", user=USER, features=FEATURES)
PLAIN: Final = Welcome(URL, "20.5.410", plain=True)
"""HQueue's own server."""
UNREAD_THREADS: Final = 3
_CHIPS: Final = frozenset({Chip.UNFINISHED, Chip.FAILED})
_SETTLING: Final = 6
"""Turns of the event loop after which layouts and delayed calls are done."""


@contextmanager
def farm_time() -> Iterator[None]:
    """Show times an hour ahead of UTC, wherever the pictures are made, and as before when they are."""
    before = os.environ.get("TZ")
    _show_times_of("FARM-1")
    try:
        yield
    finally:
        _show_times_of(before)


def _show_times_of(zone: str | None) -> None:
    if zone is None:
        os.environ.pop("TZ", None)
    else:
        os.environ["TZ"] = zone
    if hasattr(time, "tzset"):
        time.tzset()


def prepare() -> QApplication:
    """The application for pictures: offscreen unless the environment says otherwise."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    qInstallMessageHandler(_say)
    known = QApplication.instance()
    application = known if isinstance(known, QApplication) else QApplication(sys.argv[:1])
    application.setQuitOnLastWindowClosed(False)
    offer_to_style_sheet()
    return application


def _say(_kind: QtMsgType, _where: QMessageLogContext, words: str) -> None:
    """What Qt has to say, but for what a platform without a screen cannot do."""
    if not words.startswith("This plugin does not support"):
        sys.stderr.write(f"{words}\n")


def settle() -> None:
    """Let layouts, delayed calls and deletions happen."""
    for _ in range(_SETTLING):
        QApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def activate(window: QWidget) -> None:
    """Give a window the keyboard, so that it is drawn as the one in use."""
    window.activateWindow()
    settle()


def open_menu(button: QToolButton) -> None:
    """Open the menu of a button below it, and go on at once."""
    button.menu().popup(button.mapToGlobal(QPoint(0, button.height() + 2)))
    settle()


def open_submenu(menu: Menu, name: str) -> None:
    """Open a menu below one that is open; `name`: of its action."""
    action = next(action for action in menu.actions() if action.objectName() == name)
    menu.setActiveAction(action)
    inner = action.menu()
    assert isinstance(inner, Menu)
    inner.popup(menu.mapToGlobal(menu.actionGeometry(action).topRight()))
    settle()


class Stage:
    """One main window on a made-up farm."""

    def __init__(
        self,
        farm: Mapping[str, Any] | None = None,
        state: FeedState = LIVE,
        size: QSize = SIZE,
        welcome: Welcome = OURS,
    ) -> None:
        self.late = 0.0
        """Seconds by which it is later than in other pictures."""
        self._folder = tempfile.TemporaryDirectory(prefix="hqgui-gallery-")
        settings = Settings(Path(self._folder.name))
        known = rows() if farm is None else farm
        settings.set("notes/read", [marks(URL, known.get("threads", ()), UNREAD_THREADS)])
        self.session = Session(URL, settings, lambda: NOW_SECONDS + self.late, USER)
        self.session.link.latency_ms = 4.0
        if state.phase is not Phase.CONNECTING:
            self.session.feed.welcomed.emit(welcome)
        self.session.farm.take_in(known)
        self.session.farm.jobs.loaded()
        self.session.flush()
        self.session.tree.set_filter(JobFilter(_CHIPS))
        self.session.feed.stand(replace(state, plain=welcome.plain))
        self.window = furnished(self.session, settings, moving=False)
        self.window.resize(size)
        self.window.show()
        activate(self.window)
        self.window.memory.first_layout()
        settle()
        self.window.tree.setFocus()
        settle()

    def unfold(self, *names: str) -> None:
        """Unfold jobs by their names."""
        jobs = self.session.farm.jobs
        for name in names:
            job = next(job for job in jobs.row_of if jobs.value(job, "name") == name)
            for index in self.session.tree.indexes_of(job):
                self.window.tree.setExpanded(index, True)  # noqa: FBT003
            settle()

    def job(self, name: str) -> int:
        """The first job of a name."""
        jobs = self.session.farm.jobs
        return next(job for job in jobs.row_of if jobs.value(job, "name") == name)

    def select(self, name: str) -> None:
        """Select one more job."""
        tree = self.window.tree
        flags = QItemSelectionModel.SelectionFlag
        for index in self.session.tree.indexes_of(self.job(name)):
            tree.selectionModel().setCurrentIndex(index, flags.Select | flags.Rows)

    def point_at(self, name: str) -> None:
        """Point at a frame of the map."""
        self.window.inspector.overview.map_part.map.setCurrentIndex(self.session.frame_map.index_of(self.job(name)))

    def show_clients_from(self, label: str) -> None:
        """Scroll the clients so that one of them is the first in sight."""
        clients = self.session.clients
        known = self.session.farm.clients.rows.values()
        client = next((row["id"] for row in known if row["label"] == label), None)
        if client is not None:
            rows = self.window.clients.rows
            rows.scrollTo(clients.index_of(client), rows.ScrollHint.PositionAtTop)

    def offer(self, words: str, icon: str) -> Offer:
        """A button of a strip that does nothing."""
        return Offer(words, icon, lambda: None)

    def stand(self, state: FeedState) -> None:
        """Another state of the connection."""
        self.session.feed.stand(replace(state, last_news=NOW_SECONDS - 0.4))
        settle()

    def lose(self, seconds: float, next_try: float) -> None:
        """The server was lost so many seconds ago."""
        self.late = seconds
        self.stand(FeedState(Phase.RECONNECTING, NOW_SECONDS, next_try=NOW_SECONDS + seconds + next_try))

    def close(self) -> None:
        """Take the window down."""
        with unasked():
            for widget in popups(self.window):
                widget.close()
            self.window.close()
        settle()
        self.session.deleteLater()
        settle()
        self._folder.cleanup()


def popups(over: QWidget) -> list[QWidget]:
    """Menus, popups and dialogs that are open beside a window; what is opened from another one comes after that."""
    found = [
        widget
        for widget in QApplication.topLevelWidgets()
        if widget.isVisible() and widget is not over and not isinstance(widget, QMainWindow)
    ]
    return sorted(found, key=lambda one: (_depth(one, found), one.x(), one.y()))


def _depth(popup: QWidget, among: list[QWidget]) -> int:
    """How many menus a menu is below."""
    if not isinstance(popup, QMenu):
        return 0
    above = [one for one in among if isinstance(one, QMenu) and popup.menuAction() in one.actions()]
    return 1 + _depth(above[0], among) if above else 0


def picture(window: QWidget) -> QPixmap:
    """A window with what is open over it."""
    settle()
    grabbed = window.grab()
    origin = window.mapToGlobal(QPoint(0, 0))
    painter = QPainter(grabbed)
    for popup in popups(window):
        painter.save()
        painter.translate(popup.mapToGlobal(QPoint(0, 0)) - origin)
        if not popup.mask().isEmpty():
            painter.setClipRegion(popup.mask())
        painter.drawPixmap(0, 0, popup.grab())
        if isinstance(popup, QDialog):  # elsewhere a desktop's frame is around it
            painter.setPen(look().color("lineStrong"))
            painter.drawRect(popup.rect().adjusted(0, 0, -1, -1))
        painter.restore()
    painter.end()
    return grabbed
