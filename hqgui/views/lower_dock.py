"""The dock under the tree: panels of which one is open, with tabs and the open panel's tools in the dock's title."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QDockWidget, QFrame, QHBoxLayout, QSizePolicy, QStackedWidget, QWidget

from hqgui.theme import look
from hqgui.views.parts.chips import Tabs

_HEIGHT: Final = 29


class LowerBar(QFrame):
    """Tabs at the left, tools of the open panel at the right: the dock's handle."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar")
        self.tabs = Tabs(self.tr("Lower panel"), height=_HEIGHT)
        self.tools = _Tools()
        self.tools.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.tabs, 0, Qt.AlignmentFlag.AlignBottom)
        self._row.addWidget(self.tools, 1)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        self._row.setContentsMargins(look().px(8), 0, look().px(8), 0)
        self.setFixedHeight(look().px(_HEIGHT))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size: where there is little room the tabs need less."""
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Give the tools the room that they cannot do without."""
        tools = self.tools.currentWidget()
        least = 0 if tools is None else tools.minimumSizeHint().width()
        room = self.width() - look().px(28) - least
        self.tabs.fit(room)

    def sizeHint(self) -> QSize:
        """A dock asks its handle for its height before the handle is laid out."""
        return QSize(super().sizeHint().width(), look().px(_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """The tools may be cut off before the window is kept wide."""
        return QSize(look().px(_HEIGHT), look().px(_HEIGHT))


class _Tools(QStackedWidget):
    """Those of the open panel; others ask for no room."""

    def __init__(self) -> None:
        super().__init__()
        self.currentChanged.connect(lambda _: self.updateGeometry())

    def minimumSizeHint(self) -> QSize:
        """What the tools that are seen cannot do without."""
        tools = self.currentWidget()
        return QSize(0, 0) if tools is None else tools.minimumSizeHint()


class LowerDock(QDockWidget):
    """The dock."""

    panel_opened = Signal(str)
    """The name of the panel that was opened."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Lower panel"))
        self.setObjectName("clientsDock")
        self.bar = LowerBar()
        self._pages = QStackedWidget()
        self._names: list[str] = []
        self.setWidget(self._pages)
        self.setTitleBarWidget(self.bar)
        self.bar.tabs.currentChanged.connect(self._open)

    @property
    def panel(self) -> str:
        """The name of the open panel."""
        return self._names[self.bar.tabs.currentIndex()]

    def add_panel(self, name: str, title: str, page: QWidget, tools: QWidget) -> None:
        """A new panel behind the others. `tools` stand in the title while it is open."""
        self._names.append(name)
        self._pages.addWidget(page)
        self.bar.tools.addWidget(tools)
        self.bar.tabs.addTab(title)

    @property
    def page(self) -> QWidget:
        """The open panel's page. F6 gives it the keyboard, by `parts.leading`."""
        return self._pages.currentWidget() or self

    @property
    def tools(self) -> QWidget:
        """The open panel's tools. Ctrl+F gives them the keyboard, by `parts.leading` to the field to search with."""
        return self.bar.tools.currentWidget() or self

    def show_count(self, name: str, count: str) -> None:
        """The number after a panel's title."""
        self.bar.tabs.show_count(self._names.index(name), count)
        self.bar.fit()

    def show_badge(self, name: str, badge: str, words: str) -> None:
        """A number behind it that asks for attention."""
        self.bar.tabs.show_badge(self._names.index(name), badge, words)
        self.bar.fit()

    def open_panel(self, name: str) -> None:
        """Show a panel, and the dock if it is hidden. Raises ValueError when there is none of that name."""
        self.show()
        self.bar.tabs.setCurrentIndex(self._names.index(name))

    def choose(self, name: str) -> None:
        """Bring a panel to the front if there is one of that name, whether the dock is shown or not."""
        if name in self._names:
            self.bar.tabs.setCurrentIndex(self._names.index(name))

    def _open(self, place: int) -> None:
        self._pages.setCurrentIndex(place)
        self.bar.tools.setCurrentIndex(place)
        self.bar.fit()
        self.panel_opened.emit(self._names[place])
