"""The head of a thread's page: what it is about, where that is, and what can be done with the thread."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from hqgui.models.thread_subject import Heading
from hqgui.theme import look
from hqgui.views.parts.buttons import Button, IconButton
from hqgui.views.parts.chips import LinkText
from hqgui.views.parts.labels import ElidedLabel, GlyphLabel, PlainLabel

HEIGHT = 54
_ROOMY = 520


class ThreadHead(QFrame):
    """The head."""

    job_wanted = Signal(int)
    """A job above should be shown, in its own thread."""
    watch_wanted = Signal(bool)
    handled_wanted = Signal(bool)
    copy_wanted = Signal()
    unread_wanted = Signal()
    menu_wanted = Signal(QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "head")
        self._above = 0
        self._there = False
        self._glyph = GlyphLabel("", 16)
        self._title = ElidedLabel("", "text", 16, 600)
        self._in = PlainLabel(self.tr("in"), "text3")
        self._link = LinkText("", lambda: self.job_wanted.emit(self._above))
        self.watch = IconButton("bell", "", None, "text", 15)
        self.watch.setCheckable(True)
        self.handled = IconButton("check-check", "", None, "text", 15)
        self.handled.setCheckable(True)
        self.copy = IconButton("copy", self.tr("Copy the thread"), self.copy_wanted.emit, "text", 15)
        self.more = IconButton("ellipsis", self.tr("More for this thread"), self._ask_menu, "text", 15)
        self.unread = Button(self.tr("Mark unread"), clicked=self.unread_wanted.emit)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._glyph)
        self._row.addWidget(self._title)
        self._row.addWidget(self._in)
        self._row.addWidget(self._link)
        self._row.addStretch(1)
        for button in (self.watch, self.handled, self.copy, self.more, self.unread):
            self._row.addWidget(button)
        self.watch.clicked.connect(self.watch_wanted)
        self.handled.clicked.connect(self.handled_wanted)
        look().tie(self, self._measure)
        self.show_thread(None)

    def _measure(self) -> None:
        px = look().px
        self.setFixedHeight(px(HEIGHT))
        self._row.setContentsMargins(px(24), 0, px(24), 0)
        self._row.setSpacing(px(8))

    def _ask_menu(self) -> None:
        self.menu_wanted.emit(self.more.mapToGlobal(QPoint(0, self.more.height() + 2)))

    def show_heading(self, heading: Heading) -> None:
        """Show what the thread is about."""
        self._glyph.show_glyph(heading.glyph)
        self._title.setText(heading.title)
        self._above = heading.above[-1][0] if heading.above else 0
        self._link.set_text(heading.above[-1][1] if heading.above else "–")
        for widget in (self._in, self._link):
            widget.setVisible(bool(heading.above))

    def show_thread(self, state: tuple[bool, bool] | None) -> None:
        """Whether it is watched and handled; None: there is no thread yet."""
        watched, handled = state or (False, False)
        self.watch.setChecked(watched)
        self.watch.set_icon(
            "bell" if watched else "bell-off",
            self.tr("Do not tell me of new notes") if watched else self.tr("Tell me of new notes"),
        )
        self.handled.setChecked(handled)
        self.handled.set_icon("check-check", self.tr("Open again") if handled else self.tr("Mark as handled"))
        self._there = state is not None
        self._fit()

    def _fit(self) -> None:
        """Where there is little room the name stays, and what the menu has too goes."""
        roomy = self.width() >= look().px(_ROOMY)
        shown = {self.copy: True, self.more: True, self.watch: roomy, self.handled: roomy, self.unread: roomy}
        for button, fits in shown.items():
            button.setVisible(self._there and fits)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width."""
        super().resizeEvent(event)
        self._fit()

    def show_actions(self, why_not: str) -> None:
        """Whether what needs the server can be done."""
        self.handled.setEnabled(not why_not)

    def set_stale(self, stale: bool) -> None:
        """Whether what is shown is older than it should be."""
        self._glyph.set_stale(stale)
