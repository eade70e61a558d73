"""The last row of the window: what is selected, what is wrong, how the connection stands."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStatusBar, QWidget

from hqgui.models.job_store import JobStore
from hqgui.theme import look
from hqgui.views.parts.buttons import ToolButton
from hqgui.views.parts.glyphs import glyph
from hqgui.views.parts.labels import ElidedLabel, PlainLabel
from hqgui.words import counted, translate


class StatusBar(QFrame):
    """Words on the left and on the right."""

    errors_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar-top")
        self.setObjectName("statusBar")
        self.left = ElidedLabel("", "text2", 11)
        self._warning = _Warning(self)
        self._warning.hide()
        self._warning.clicked.connect(self.errors_wanted)
        self.live = PlainLabel("", "text2", 11)
        self.clock = PlainLabel("", "text2", 11)
        self.server = PlainLabel("", "text2", 11)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.left, 1)
        for widget in (self._warning, self.live, self.clock, self.server):
            self._row.addWidget(widget)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self._row.setContentsMargins(px(10), 0, px(10), 0)
        self._row.setSpacing(px(16))
        self.setFixedHeight(px(24))

    def show_left(self, text: str, warn: bool = False) -> None:
        """What is selected, or how old the picture is."""
        if self.left.text() != text:
            self.left.setText(text)
        self.left.set_ink("runnable" if warn else "text2")

    def show_right(self, live: str, clock: str, server: str) -> None:
        """The connection, the server's clock, its version."""
        for label, text in ((self.live, live), (self.clock, clock), (self.server, server)):
            if label.text() != text:
                label.setText(text)
            label.setVisible(bool(text))

    def be_last(self, first: QWidget) -> None:
        """Be the last stop of Tab, before the window's first."""
        self._warning.first = first

    def show_errors(self, text: str) -> None:
        """What is wrong, empty when nothing is."""
        self._warning.show_words(text)


class Foot(QStatusBar):
    """The main window's place for a status bar, filled to its edges."""

    def __init__(self, inner: StatusBar, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inner = inner
        inner.setParent(self)
        self.setSizeGripEnabled(False)
        look().tie(self, lambda: self.setFixedHeight(look().px(24)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size."""
        super().resizeEvent(event)
        self._inner.setGeometry(self.rect())

    def paintEvent(self, event: QPaintEvent) -> None:
        """What it holds covers it."""


class _Warning(ToolButton):
    """A warning that can be opened."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.first: QWidget | None = None
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        self.setFont(look().font(11))
        self.setIconSize(QSize(look().px(13), look().px(13)))
        self.setIcon(glyph("warning", look().px(13), self.devicePixelRatioF()))
        self.setFixedHeight(look().px(20))
        self.setStyleSheet(f"color: {look().hex('runnable')};")

    def _be_last(self) -> None:
        """Whatever came into the window since it was made."""
        last = self.first
        while last is not None and (last == self.first or not last.focusPolicy() & Qt.FocusPolicy.TabFocus):
            last = last.previousInFocusChain()
        if last is not None and last != self:
            QWidget.setTabOrder(last, self)

    def show_words(self, text: str) -> None:
        self.setText(text.replace("&", "&&"))
        self.setAccessibleName(text)
        if text and self.isHidden():
            self._be_last()
        self.setVisible(bool(text))


def selection_words(jobs: JobStore, chosen: Sequence[int]) -> str:
    """What is selected: how many jobs, or of one its name and its children."""
    if len(chosen) != 1 or chosen[0] not in jobs:
        one, many = translate("StatusBar", "{n} job selected"), translate("StatusBar", "{n} jobs selected")
        return counted(len(chosen), one, many) if chosen else ""
    words = translate("StatusBar", "{name} selected").replace("{name}", str(jobs.value(chosen[0], "name")))
    children = len(jobs.children(chosen[0]))
    if not children:
        return words
    return f"{words}, {counted(children, translate('StatusBar', '{n} child'), translate('StatusBar', '{n} children'))}"
