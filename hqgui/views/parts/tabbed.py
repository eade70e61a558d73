"""A head, tabs and the page of one of them; or a word where there is nothing to show."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from hqgui.theme import look
from hqgui.views.parts.chips import Tabs
from hqgui.views.parts.message import Message


class Tabbed(QWidget):
    """What an inspector is made of. Its tabs draw together where there is little room."""

    def __init__(self, name: str, nothing: str, parent: QWidget | None = None) -> None:
        """`nothing`: what is said while nothing is shown."""
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.tabs = Tabs(name)
        self._pages = QStackedWidget()
        self._nothing = Message()
        self._nothing.show_words("", nothing)
        self._something = QWidget()
        self._column = QVBoxLayout(self)
        self.tabs.currentChanged.connect(self._pages.setCurrentIndex)

    def lay_out(self, head: QWidget) -> None:
        """Put everything in its place, under a head."""
        self._tabs_row = QHBoxLayout()
        self._tabs_row.addWidget(self.tabs)
        self._tabs_row.addStretch(1)
        rule = QFrame()
        rule.setProperty("role", "rule")
        rule.setFixedHeight(1)
        inner = QVBoxLayout(self._something)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addWidget(head)
        inner.addLayout(self._tabs_row)
        inner.addWidget(rule)
        inner.addWidget(self._pages, 1)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._something, 1)
        self._column.addWidget(self._nothing, 1)
        look().tie(self, self._measure_tabs)

    def _measure_tabs(self) -> None:
        self._tabs_row.setContentsMargins(look().px(5), 0, 0, 0)
        self.setMinimumWidth(look().px(300))

    def add_tab(self, title: str, page: QWidget) -> int:
        """A tab behind the others; its number opens it."""
        self._pages.addWidget(page)
        number = self.tabs.addTab(title)
        self._fit_tabs()
        return number

    def show_there(self, something: bool, nothing: bool) -> None:
        """Show head and tabs, or the word that there is nothing, or neither."""
        self._something.setVisible(something)
        self._nothing.setVisible(nothing)

    @property
    def tab(self) -> int:
        """The tab that is open, as `add_tab` numbered it."""
        return self.tabs.currentIndex()

    def open_tab(self, tab: int) -> None:
        """Open a tab."""
        self.tabs.setCurrentIndex(tab)

    @property
    def page(self) -> QWidget:
        """The open tab's page. F6 gives it the keyboard, by `parts.leading`."""
        return self._pages.currentWidget() or self

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size."""
        super().resizeEvent(event)
        self._fit_tabs()

    def show_count(self, tab: int, count: str) -> None:
        """The number after a tab's name."""
        self.tabs.show_count(tab, count)
        self._fit_tabs()

    def _fit_tabs(self) -> None:
        self.tabs.fit(self.width() - look().px(10))
