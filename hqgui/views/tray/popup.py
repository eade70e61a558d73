"""The tray's popup: the farm, this machine, my jobs, what happened, and what to do next.

It shows `TrayFacts` and asks by signals; it knows no network and no rule. It is a popup that goes with the next click
elsewhere, a small window of its own while it is pinned, and an ordinary window on a desktop without a tray.
"""

from __future__ import annotations

import time
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from hqgui.models.tray.facts import TrayFacts
from hqgui.theme import look
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.focus_ring import FocusRing
from hqgui.views.tray.head import HeadPart, Strip
from hqgui.views.tray.job_row import JobRow
from hqgui.views.tray.lines import PAD, NewsRow
from hqgui.views.tray.lists import ListsPart, rule
from hqgui.views.tray.machine_part import MachinePart
from hqgui.views.tray.manner import Manner
from hqgui.views.tray.placing import place_beside
from hqgui.views.tray.who_part import WhoPart

WIDTH: Final = 400
_MOST_HIGH: Final = 900
"""Most pixels at 100 %; beyond, jobs and notifications scroll."""
_OFF_EDGE: Final = 6
"""Distance from the edge of the screen and from the icon."""


_FLAGS: Final = {
    Manner.POPUP: Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint,
    Manner.PINNED: Qt.WindowType.Tool | Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint,
    Manner.WINDOW: Qt.WindowType.Window,
}


class TrayPopup(QFrame):
    """The popup."""

    action_wanted = Signal(str, int)
    """pause, resume, retry or output of a job."""
    job_wanted = Signal(int)
    """Open Wrangler there; 0: just open it."""
    note_wanted = Signal(int, str)
    read_wanted = Signal(object)
    """A key, or None for all."""
    pause_mine_wanted = Signal()
    submit_wanted = Signal()
    pin_wanted = Signal(bool)
    menu_wanted = Signal(QPoint)
    farms_wanted = Signal(QPoint)
    retry_wanted = Signal()
    """Try the server now."""
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("trayPopup")
        self.setWindowTitle(self.tr("HQ tray"))
        self.setAccessibleName(self.tr("My machine and my jobs"))
        self.setProperty("role", "panel")
        self.manner = Manner.POPUP
        self._facts = TrayFacts()
        self._grows_up = False
        self.clock = time.monotonic
        self._opened = float("-inf")
        self.head = HeadPart()
        self.try_now = Button(self.tr("Try now"), "small", clicked=self.retry_wanted.emit)
        self._trouble = Strip("warn", self.try_now)
        self.who = WhoPart()
        self._said = Strip()
        self.machine = MachinePart()
        self.lists = ListsPart()
        self.submit = Button(self.tr("Submit job"), "primary", "plus", self.submit_wanted.emit)
        self.pause_mine = Button(self.tr("Pause mine"), clicked=self.pause_mine_wanted.emit)
        open_it = self.tr("Open Wrangler")
        self.wrangler = Button(open_it, icon_name="external-link", clicked=lambda: self.job_wanted.emit(0))
        self._lay_out()
        self._connect()
        self.ring = FocusRing(self)
        look().tie(self, self._measure)
        self.set_manner(Manner.POPUP)

    def _lay_out(self) -> None:
        self._foot = QHBoxLayout()
        self._foot.addWidget(self.submit)
        self._foot.addWidget(self.pause_mine)
        self._foot.addStretch(1)
        self._foot.addWidget(self.wrangler)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(0)
        parts = (self.head, rule(), self._trouble, self.who, self._said, self.machine, rule(), self.lists, rule())
        for part in parts:
            self._column.addWidget(part, 1 if part is self.lists else 0)
        self._column.addLayout(self._foot)

    def _connect(self) -> None:
        self.head.farms_wanted.connect(self.farms_wanted)
        self.head.menu_wanted.connect(self.menu_wanted)
        self.head.pin_wanted.connect(lambda: self.pin_wanted.emit(self.manner is not Manner.PINNED))
        self.lists.action_wanted.connect(self.action_wanted)
        self.lists.job_wanted.connect(self.job_wanted)
        self.lists.note_wanted.connect(self.note_wanted)
        self.lists.read_wanted.connect(self.read_wanted)
        self.lists.reshaped.connect(self.fit)

    def _measure(self) -> None:
        px = look().px
        self.setFixedWidth(px(WIDTH))
        self._column.setContentsMargins(1, 1, 1, 1)
        self._foot.setContentsMargins(px(PAD), px(11), px(PAD), px(13))
        self._foot.setSpacing(px(8))
        self.fit()

    # What is shown

    @property
    def jobs(self) -> list[JobRow]:
        """The rows of my jobs; those that nothing stands in are hidden."""
        return self.lists.jobs

    @property
    def news(self) -> list[NewsRow]:
        """The rows of what happened."""
        return self.lists.news

    @property
    def is_used(self) -> bool:
        """Whether somebody points at a job or types: nothing moves under them then."""
        return self.lists.is_used

    def show_facts(self, facts: TrayFacts) -> None:
        """Show how things stand."""
        before, self._facts = self._facts, facts
        connection = facts.connection
        self.head.show_farm(facts.farm, connection)
        self.head.pin.setChecked(facts.pinned)
        self._trouble.say(connection.trouble if connection.dot == "offline" else "")
        self.who.setVisible(not facts.user and bool(facts.farm))
        if not facts.user:
            self.who.show_login(facts.login)
        self._said.say(facts.said, "failed" if facts.said_failed else "text")
        self.machine.show_machine(facts.machine)
        self.machine.setVisible(bool(facts.farm))
        self.lists.show_facts(facts)
        self.submit.setEnabled(bool(facts.farm))
        self.pause_mine.setText(self.tr("Resume mine") if facts.all_paused else self.tr("Pause mine"))
        self.pause_mine.setEnabled(connection.online and bool(facts.unfinished))
        if self.isVisible() and _outline(before) != _outline(facts):
            self.fit()

    # Where and as what it stands

    def set_manner(self, manner: Manner) -> None:
        """Become a popup, a pinned one or a window; it is hidden when that changes it."""
        if manner is self.manner and self.windowFlags() & _FLAGS[manner] == _FLAGS[manner]:
            return
        self.manner = manner
        self.setWindowFlags(_FLAGS[manner])
        self.head.pin.setVisible(manner is not Manner.WINDOW)

    def fit(self) -> None:
        """As high as its content, as far as the screen allows."""
        room = min(look().px(_MOST_HIGH), self.screen().availableGeometry().height() - 2 * look().px(_OFF_EDGE))
        wanted = self.lists.wanted_height()
        self._column.activate()
        width = self.width()
        others = sum(self._height_of(place, width) for place in range(self._column.count()))
        high = min(others + wanted + 2, room)
        before = self.geometry()
        self.setFixedHeight(high)
        QTimer.singleShot(0, self.ring, self.ring.place)
        if self.isVisible():
            self._stay_whole(before)

    def _stay_whole(self, before: QRect) -> None:
        """What has become higher moves up: from the panel on which it stands, or as far as the screen wants."""
        if self.manner is Manner.POPUP:
            if self._grows_up:
                self.move(self.x(), before.bottom() - self.height() + 1)
            return
        room = self.screen().availableGeometry()
        beside = self.frameGeometry().height() - self.geometry().height()  # the title and edges of a window
        foot = self.y() + self.height() + beside - 1
        if foot > room.bottom():
            self.move(self.x(), max(self.y() + room.bottom() - foot, room.top()))

    def _height_of(self, place: int, width: int) -> int:
        item = self._column.itemAt(place)
        if item is None or item.widget() is self.lists or item.isEmpty():
            return 0
        inner = width - 2
        return item.heightForWidth(inner) if item.hasHeightForWidth() else item.sizeHint().height()

    def open_at(self, icon: QRect, pointer: QPoint) -> None:
        """Open beside the icon; where the desktop does not say where that is, at the pointer."""
        anchor = icon if icon.isValid() else QRect(pointer, QSize(1, 1))
        screen = QGuiApplication.screenAt(anchor.center()) or self.screen()
        self.setScreen(screen)
        self.fit()
        off = look().px(_OFF_EDGE)
        place = place_beside(anchor, self.size(), screen.geometry(), screen.availableGeometry(), off)
        self._grows_up = place.grows_up
        self.move(place.corner)
        self._opened = self.clock()
        self.show()
        self.raise_()
        self.activateWindow()
        self.focus_first()

    def focus_first(self) -> None:
        """The keyboard goes to the question, while there is one, else to the switch."""
        first = self.machine.switch if self.who.isHidden() else self.who.field
        first.setFocus(Qt.FocusReason.PopupFocusReason)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press elsewhere closes a popup, but not the second one of a double click on the icon that opened it."""
        inside = self.rect().contains(event.position().toPoint())
        if inside or (self.clock() - self._opened) * 1000 > QGuiApplication.styleHints().mouseDoubleClickInterval():
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes it, unless it is a window."""
        if event.key() == Qt.Key.Key_Escape and self.manner is not Manner.WINDOW:
            self.close()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Another screen or font may need another height."""
        if event.type() == QEvent.Type.Close:
            self.closed.emit()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground and edge; it is opaque, so that no compositor is needed."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), look().color("panel"))
        if self.manner is not Manner.WINDOW:
            painter.setPen(QPen(look().color("lineStrong"), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


def _outline(facts: TrayFacts) -> tuple[object, ...]:
    """What decides how high it is."""
    machine = facts.machine
    return (
        len(facts.jobs), len(facts.news), bool(facts.said), facts.said, facts.connection.trouble, facts.connection.dot,
        facts.user, machine.state, len(machine.running), machine.kept, machine.strip is None, machine.loss,
    )  # fmt: skip
