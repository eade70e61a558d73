"""The tray's popup: the farm, this machine, my jobs, what happened, and what to do next.

It shows `TrayFacts` and asks by signals; it knows no network and no rule. It is a popup that goes with the next click
elsewhere, a small window of its own while it is pinned, and an ordinary window on a desktop without a tray.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from hqgui.models.formats import count, one_line
from hqgui.models.tray.facts import Connection, TrayFacts
from hqgui.theme import look
from hqgui.views.parts.buttons import Button, IconButton
from hqgui.views.parts.chips import LinkText
from hqgui.views.parts.focus_ring import FocusRing
from hqgui.views.parts.labels import ElidedLabel, PlainLabel
from hqgui.views.tray.lines import PAD, JobRow, NewsRow
from hqgui.views.tray.machine_part import MachinePart
from hqgui.views.tray.manner import Manner
from hqgui.views.tray.who_part import WhoPart

WIDTH: Final = 400
_MOST_HIGH: Final = 900
"""Most pixels at 100 %; beyond, jobs and notifications scroll."""
_NEWS_SHOWN: Final = 5
_OFF_EDGE: Final = 6
"""Distance from the edge of the screen and from the icon."""


_FLAGS: Final = {
    Manner.POPUP: Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint,
    Manner.PINNED: Qt.WindowType.Tool | Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint,
    Manner.WINDOW: Qt.WindowType.Window,
}


class _FarmDot(QWidget):
    """Filled while connected, a ring while connecting, a struck ring without a server."""

    def __init__(self) -> None:
        super().__init__()
        self._dot = "waiting"
        look().tie(self, lambda: self.setFixedSize(look().px(10), look().px(10)))

    def show_dot(self, dot: str) -> None:
        """live, waiting or offline."""
        if dot != self._dot:
            self._dot = dot
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self._dot == "live":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look().color("fSucceeded"))
            painter.drawEllipse(box)
            return
        painter.setPen(QPen(look().color("runnable" if self._dot == "waiting" else "failed"), 1.6 * look().zoom))
        painter.drawEllipse(box.adjusted(0.5, 0.5, -0.5, -0.5))
        if self._dot == "offline":
            painter.drawLine(box.bottomLeft(), box.topRight())


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
        self.machine = MachinePart()
        self.who = WhoPart()
        self.jobs: list[JobRow] = []
        self.news: list[NewsRow] = []
        self._build_head()
        self._build_lists()
        self._build_foot()
        self._lay_out()
        self.ring = FocusRing(self)
        look().tie(self, self._measure)
        self.set_manner(Manner.POPUP)

    # Building

    def _build_head(self) -> None:
        self._dot = _FarmDot()
        self.farm = Button("", "flat", clicked=self._ask_farms)
        self._detail = ElidedLabel("", "text2", 11)
        self.pin = IconButton("pin", self.tr("Keep it open"), self._toggle_pin, "text", 14)
        self.cog = IconButton("cog", self.tr("Menu"), self._ask_menu, "text", 15)
        self.said = QFrame()
        self._said_words = PlainLabel("", "text", 11)
        self._said_words.setWordWrap(True)
        self._trouble = QFrame()
        self._trouble.setProperty("role", "warn")
        self._trouble_words = PlainLabel("", "text", 11)
        self._trouble_words.setWordWrap(True)
        self.try_now = Button(self.tr("Try now"), "small", clicked=self.retry_wanted.emit)

    def _build_lists(self) -> None:
        self._jobs_title = PlainLabel(self.tr("My jobs"), "text2", 11, 600)
        self._jobs_count = PlainLabel("", "text2", 11)
        self.all = LinkText(self.tr("All in Wrangler"), lambda: self.job_wanted.emit(0), 11)
        self._nothing = PlainLabel("", "text2", 11)
        self._nothing.setWordWrap(True)
        self._news_title = PlainLabel(self.tr("Notifications"), "text2", 11, 600)
        self.mark = LinkText(self.tr("Mark read"), lambda: self.read_wanted.emit(None), 11)
        self._no_news = PlainLabel(self.tr("Nothing has happened yet."), "text2", 11)

    def _build_foot(self) -> None:
        self.submit = Button(self.tr("Submit job"), "primary", "plus", self.submit_wanted.emit)
        self.pause_mine = Button(self.tr("Pause mine"), clicked=self.pause_mine_wanted.emit)
        self.wrangler = Button(
            self.tr("Open Wrangler"), icon_name="external-link", clicked=lambda: self.job_wanted.emit(0)
        )

    def _lay_out(self) -> None:
        self._head = QHBoxLayout()
        for widget, share in ((self._dot, 0), (self.farm, 0), (self._detail, 1), (self.pin, 0), (self.cog, 0)):
            self._head.addWidget(widget, share)
        self._said_row = QHBoxLayout(self.said)
        self._said_row.addWidget(self._said_words, 1)
        self._trouble_row = QHBoxLayout(self._trouble)
        self._trouble_row.addWidget(self._trouble_words, 1)
        self._trouble_row.addWidget(self.try_now, 0, Qt.AlignmentFlag.AlignTop)
        self._jobs_list = QVBoxLayout()
        self._news_list = QVBoxLayout()
        self._jobs_head = self._heading(self._jobs_title, self._jobs_count, self.all)
        self._news_head = self._heading(self._news_title, None, self.mark)
        inner = QWidget()
        self._inner = QVBoxLayout(inner)
        self._inner.addLayout(self._jobs_head)
        self._inner.addWidget(self._nothing)
        self._inner.addLayout(self._jobs_list)
        self._news_rule = self._rule()
        self._inner.addWidget(self._news_rule)
        self._inner.addLayout(self._news_head)
        self._inner.addWidget(self._no_news)
        self._inner.addLayout(self._news_list)
        self._inner.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(inner)
        self._scroll.viewport().setAutoFillBackground(False)
        inner.setAutoFillBackground(False)
        self._foot = QHBoxLayout()
        self._foot.addWidget(self.submit)
        self._foot.addWidget(self.pause_mine)
        self._foot.addStretch(1)
        self._foot.addWidget(self.wrangler)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(0)
        self._column.addLayout(self._head)
        self._column.addWidget(self._rule())
        for part in (self._trouble, self.who, self.said, self.machine):
            self._column.addWidget(part)
        self._column.addWidget(self._rule())
        self._column.addWidget(self._scroll, 1)
        self._column.addWidget(self._rule())
        self._column.addLayout(self._foot)

    def _heading(self, title: QWidget, detail: QWidget | None, link: QWidget) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(title)
        if detail is not None:
            row.addWidget(detail)
        row.addStretch(1)
        row.addWidget(link)
        return row

    def _rule(self) -> QFrame:
        line = QFrame()
        line.setProperty("role", "rule")
        line.setFixedHeight(1)
        return line

    def _measure(self) -> None:
        px = look().px
        self.setFixedWidth(px(WIDTH))
        self._column.setContentsMargins(1, 1, 1, 1)
        self._head.setContentsMargins(px(PAD), px(8), px(PAD - 6), px(8))
        self._head.setSpacing(px(5))
        for row in (self._said_row, self._trouble_row):
            row.setContentsMargins(px(PAD), px(8), px(PAD), px(8))
            row.setSpacing(px(10))
        for heading in (self._jobs_head, self._news_head):
            heading.setContentsMargins(px(PAD), px(8), px(PAD), px(4))
            heading.setSpacing(px(7))
        for words in (self._nothing, self._no_news):
            words.setContentsMargins(px(PAD), px(2), px(PAD), px(10))
        for listed in (self._inner, self._jobs_list, self._news_list):
            listed.setContentsMargins(0, 0, 0, 0)
            listed.setSpacing(0)
        self._news_list.setContentsMargins(0, 0, 0, px(6))
        self._foot.setContentsMargins(px(PAD), px(11), px(PAD), px(13))
        self._foot.setSpacing(px(8))
        self.fit()

    # What is shown

    def show_facts(self, facts: TrayFacts) -> None:
        """Show how things stand."""
        before, self._facts = self._facts, facts
        self._show_head(facts.farm, facts.connection)
        self.pin.setChecked(facts.pinned)
        self.who.setVisible(not facts.user and bool(facts.farm))
        if not facts.user:
            self.who.show_login(facts.login)
        self._show_said(facts)
        self.machine.show_machine(facts.machine)
        self.machine.setVisible(bool(facts.farm))
        self._show_jobs(facts)
        self._show_news(facts)
        online = facts.connection.online
        self.submit.setEnabled(bool(facts.farm))
        self.pause_mine.setText(self.tr("Resume mine") if facts.all_paused else self.tr("Pause mine"))
        self.pause_mine.setEnabled(online and bool(facts.unfinished))
        if self.isVisible() and _outline(before) != _outline(facts):
            self.fit()

    def _show_head(self, farm: str, connection: Connection) -> None:
        farm = one_line(farm, 40)
        self._dot.show_dot(connection.dot)
        self.farm.setText(farm or self.tr("Choose a farm"))
        self.farm.setAccessibleName(self.tr("Farm {name}, {state}").format(name=farm or "–", state=connection.words))
        self._detail.setText(connection.words)
        offline = connection.dot == "offline" and bool(connection.trouble)
        self._trouble_words.setText(connection.trouble)
        self._trouble.setVisible(offline)

    def _show_said(self, facts: TrayFacts) -> None:
        self.said.setVisible(bool(facts.said))
        self._said_words.setText(facts.said)
        self._said_words.set_ink("failed" if facts.said_failed else "text")

    def _show_jobs(self, facts: TrayFacts) -> None:
        stale, acts = not facts.connection.shown_online, facts.connection.online
        while len(self.jobs) < len(facts.jobs):
            row = JobRow()
            row.action_wanted.connect(self.action_wanted)
            row.note_wanted.connect(self.note_wanted)
            row.pressed.connect(lambda row=row: self.job_wanted.emit(row.job))
            self.jobs.append(row)
            self._jobs_list.addWidget(row)
        for place, row in enumerate(self.jobs):
            row.setVisible(place < len(facts.jobs))
            if place < len(facts.jobs):
                row.show_line(facts.jobs[place], acts, stale)
        self._jobs_count.setText(count(facts.job_count) if facts.job_count else "")
        self._nothing.setVisible(not facts.jobs)
        self._nothing.setText(self._nothing_words(facts))

    def _nothing_words(self, facts: TrayFacts) -> str:
        if not facts.farm:
            return self.tr("Choose a farm first: its name is at the top.")
        if not facts.user:
            return self.tr("Say who you are, and your jobs appear here.")
        if not facts.connection.shown_online:
            return self.tr("Your jobs appear here when the server answers.")
        return self.tr("Nothing of yours is queued. What you submit as {user} appears here.").replace(
            "{user}", facts.user
        )

    def _show_news(self, facts: TrayFacts) -> None:
        lines = facts.news[:_NEWS_SHOWN]
        while len(self.news) < len(lines):
            row = NewsRow()
            row.pressed.connect(lambda row=row: self._news_pressed(row))
            self.news.append(row)
            self._news_list.addWidget(row)
        for place, row in enumerate(self.news):
            row.setVisible(place < len(lines))
            if place < len(lines):
                row.show_line(lines[place])
        self._no_news.setVisible(not lines)
        self.mark.setVisible(bool(facts.unread))

    def _news_pressed(self, row: NewsRow) -> None:
        self.read_wanted.emit(row.key)
        if row.job:
            self.job_wanted.emit(row.job)

    @property
    def is_used(self) -> bool:
        """Whether somebody points at a job or types: nothing moves under them then."""
        return any(row.isVisible() and (row.lit or row.field.hasFocus()) for row in self.jobs)

    # Where and as what it stands

    def set_manner(self, manner: Manner) -> None:
        """Become a popup, a pinned one or a window; it is hidden when that changes it."""
        if manner is self.manner and self.windowFlags() & _FLAGS[manner] == _FLAGS[manner]:
            return
        self.manner = manner
        self.setWindowFlags(_FLAGS[manner])
        self.pin.setVisible(manner is not Manner.WINDOW)

    def fit(self) -> None:
        """As high as its content, as far as the screen allows."""
        inner = self._scroll.widget()
        if inner is None:
            return
        screen = self.screen()
        room = min(look().px(_MOST_HIGH), screen.availableGeometry().height() - 2 * look().px(_OFF_EDGE))
        self._inner.activate()
        self._scroll.setMinimumHeight(0)
        wanted = self._inner.totalMinimumSize().height()
        self._column.activate()
        width = self.width()
        others = sum(self._height_of(place, width) for place in range(self._column.count()))
        high = min(others + wanted + 2, room)
        bottom = self.geometry().bottom()
        self.setFixedHeight(high)
        QTimer.singleShot(0, self.ring.place)
        if self.isVisible() and self.manner is Manner.POPUP and self._grows_up:
            self.move(self.x(), bottom - high + 1)

    _grows_up = False

    def _height_of(self, place: int, width: int) -> int:
        item = self._column.itemAt(place)
        if item is None or item.widget() is self._scroll or item.isEmpty():
            return 0
        inner = width - 2
        return item.heightForWidth(inner) if item.hasHeightForWidth() else item.sizeHint().height()

    def open_at(self, icon: QRect, pointer: QPoint) -> None:
        """Open beside the icon; where the desktop does not say where that is, at the pointer."""
        self.fit()
        there = icon.center() if icon.isValid() and not icon.isNull() else pointer
        screen = QGuiApplication.screenAt(there) or self.screen()
        room = screen.availableGeometry()
        size, off = QSize(self.width(), self.height()), look().px(_OFF_EDGE)
        self._grows_up = there.y() > room.center().y()
        anchor = icon if icon.isValid() and not icon.isNull() else QRect(pointer, QSize(1, 1))
        y = anchor.top() - off - size.height() if self._grows_up else anchor.bottom() + off
        x = anchor.center().x() - size.width() // 2
        x = min(max(x, room.left() + off), room.right() - off - size.width())
        y = min(max(y, room.top() + off), room.bottom() - off - size.height())
        self.move(x, y)
        self.show()
        self.raise_()
        self.activateWindow()
        self.focus_first()

    def focus_first(self) -> None:
        """The keyboard goes to the question, while there is one, else to the switch."""
        first = self.machine.switch if self.who.isHidden() else self.who.field
        first.setFocus(Qt.FocusReason.PopupFocusReason)

    def _toggle_pin(self) -> None:
        self.pin_wanted.emit(self.manner is not Manner.PINNED)

    def _ask_menu(self) -> None:
        self.menu_wanted.emit(self.cog.mapToGlobal(QPoint(0, self.cog.height())))

    def _ask_farms(self) -> None:
        self.farms_wanted.emit(self.farm.mapToGlobal(QPoint(0, self.farm.height())))

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
