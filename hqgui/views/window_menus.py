"""All menus of one window: those behind the menu button and in the menu bar, and the context menus of its tables."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QDockWidget, QMenuBar, QWidget

from hqgui.views.commands import Commands
from hqgui.views.menus import ViewMenu, client_menu, job_menu, main_menu, menu_bar
from hqgui.views.navigation import Navigation, Way
from hqgui.views.parts.menu import Menu


class WindowMenus:
    """The menus."""

    def __init__(
        self,
        commands: Commands,
        navigation: Navigation,
        view: ViewMenu,
        farms: Menu,
        undo: QAction,
        last: list[QAction],
        parent: QWidget,
    ) -> None:
        """`last`: what the menu button lists behind everything else."""
        self._commands = commands
        self._navigation = navigation
        self._parent = parent
        self.view: Final = view
        self.farms: Final = farms
        ways = navigation.of_menu
        self._jobs = job_menu(commands, [undo, *ways("jobs")], parent)
        self._clients = client_menu(commands, ways("clients"), parent)
        view.menu.addSeparator()
        view.menu.addActions(ways("view"))
        menus = [farms, self._jobs, self._clients, view.menu]
        self.main: Final = main_menu(menus, last, parent)
        self.bar: Final = menu_bar(menus, parent)
        self.bar.hide()
        AltKey(self.bar, parent)

    def add_docks(self, docks: list[QDockWidget]) -> None:
        """What hides and shows them."""
        self.view.menu.addSeparator()
        for dock in docks:
            self.view.menu.addAction(dock.toggleViewAction())

    def add_way(self, way: Way) -> QAction:
        """A way more, behind those that its menu lists already."""
        before = self._navigation.of_menu(way.menu)
        action = self._navigation.add(way)
        if way.menu:
            menu = self._menu(way.menu)
            place = menu.actions().index(before[-1]) + 1 if before else 0
            later = menu.actions()[place:]
            menu.insertActions(later[0], [action]) if later else menu.addAction(action)
        return action

    def _menu(self, name: str) -> Menu:
        return {"farm": self.farms, "jobs": self._jobs, "clients": self._clients, "view": self.view.menu}[name]

    def of_jobs(self) -> Menu:
        """A context menu for the selected jobs as they are now."""
        self._commands.refresh()
        return job_menu(self._commands, self._navigation.of_menu("jobs"), self._parent)

    def of_clients(self) -> Menu:
        """A context menu for the selected clients as they are now."""
        self._commands.refresh()
        return client_menu(self._commands, self._navigation.of_menu("clients"), self._parent)


class AltKey(QObject):
    """Shows or hides a menu bar when Alt is pressed and released alone anywhere in a window."""

    def __init__(self, bar: QMenuBar, window: QWidget) -> None:
        super().__init__(window)
        self._bar = bar
        self._alone = False
        """Alt is the key that went down last, whoever takes it."""
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch the keys of the window."""
        if event.type() == QEvent.Type.ShortcutOverride:
            assert isinstance(event, QKeyEvent)
            self._alone = event.key() == Qt.Key.Key_Alt
        elif event.type() == QEvent.Type.KeyRelease:
            assert isinstance(event, QKeyEvent)
            if event.key() == Qt.Key.Key_Alt and self._alone and not event.isAutoRepeat():
                self._alone = False
                self._bar.setVisible(not self._bar.isVisible())
        return False
