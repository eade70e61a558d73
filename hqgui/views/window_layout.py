"""Where the parts of a main window stand: bars above, the tree in the middle, docks around it, the status bar below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QVBoxLayout, QWidget

from hqgui.views.lower_dock import LowerDock
from hqgui.views.status_bar import Foot

if TYPE_CHECKING:
    from hqgui.views.main_window import MainWindow


def build_docks(window: MainWindow) -> tuple[QDockWidget, LowerDock]:
    """The inspector at the right, and the panels below the tree."""
    window.setDockNestingEnabled(False)
    window.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
    inspector = QDockWidget(window.tr("Inspector"), window)
    inspector.setObjectName("inspectorDock")
    inspector.setWidget(window.inspector)
    inspector.setTitleBarWidget(window.inspector.path)
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, inspector)
    lower = LowerDock(window)
    lower.add_panel("clients", window.tr("Clients"), window.clients, window.clients.bar)
    window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, lower)
    return inspector, lower


def build_middle(window: MainWindow) -> None:
    """Everything that is no dock."""
    top, middle = QWidget(), QWidget()
    _stack(top, window.menus.bar, window.toolbar, window.banner, window.strip)
    window.setMenuWidget(top)
    _stack(middle, window.filters).addWidget(window.tree, 1)
    window.setCentralWidget(middle)
    window.setStatusBar(Foot(window.status))


def _stack(within: QWidget, *parts: QWidget) -> QVBoxLayout:
    column = QVBoxLayout(within)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for part in parts:
        column.addWidget(part)
    return column
