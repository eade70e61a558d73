"""All menus of one window: those behind the menu button and in the menu bar, and the context menus of its tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QDockWidget, QMenuBar, QWidget

from hqgui.views.commands import Commands
from hqgui.views.menus import SECTIONS, ViewMenu, client_menu, job_menu, main_menu, menu_bar
from hqgui.views.navigation import Navigation, Way
from hqgui.views.parts.menu import Menu
from hqgui.words import translate


class Listed:
    """The ways of one menu, in their sections, before an action of it or at its end."""

    def __init__(self, menu: Menu, name: str, navigation: Navigation, before: QAction | None = None) -> None:
        self.menu: Final = menu
        self._name = name
        self._navigation = navigation
        self._before = before
        self._lines: list[QAction] = []
        self.fill()

    def fill(self) -> None:
        """List all that there are now."""
        for line in self._lines:
            self.menu.removeAction(line)
            line.deleteLater()
        self._lines.clear()
        for section in self._navigation.of_menu(self._name, SECTIONS[self._name]):
            for action in section:
                self.menu.removeAction(action)
            if self._before is not None:
                self.menu.insertActions(self._before, section)
                self._lines.append(self.menu.insertSeparator(self._before))
            else:
                if self.menu.actions():
                    self._lines.append(self.menu.addSeparator())
                self.menu.addActions(section)


class WindowMenus:
    """The menus."""

    def __init__(
        self, commands: Commands, navigation: Navigation, view: ViewMenu, farms: Menu, undo: QAction, parent: QWidget
    ) -> None:
        self._commands = commands
        self._navigation = navigation
        self._parent = parent
        self.view: Final = view
        self.farms: Final = farms
        jobs, clients = job_menu(commands, parent), client_menu(commands, parent)
        jobs.insertAction(jobs.actions()[0], undo)
        jobs.insertSeparator(jobs.actions()[1])
        program = Menu(translate("Menus", "Wrangler"), parent)
        self.main: Final = main_menu([farms, jobs, clients, view.menu], parent)
        self.bar: Final = menu_bar([program, farms, jobs, clients, view.menu], parent)
        self.bar.hide()
        view.menu.addSeparator()
        docks = view.menu.addSeparator()
        self._listed = {
            "farm": [Listed(farms, "farm", navigation)],
            "jobs": [Listed(jobs, "jobs", navigation, jobs.actions()[2])],
            "clients": [Listed(clients, "clients", navigation, clients.actions()[0])],
            "view": [Listed(view.menu, "view", navigation, docks)],
            "program": [Listed(menu, "program", navigation) for menu in (program, self.main)],
        }
        AltKey(self.bar, parent)

    def add_docks(self, docks: Mapping[str, tuple[QDockWidget, str]], reset: Callable[[], object]) -> None:
        """What hides and shows them, by a name and with keys, and what brings all back to where it was at first."""
        for name, (dock, keys) in docks.items():
            toggle = dock.toggleViewAction()
            self.view.menu.addAction(
                self._navigation.adopt(Way(name, dock.windowTitle(), keys, toggle.trigger), toggle)
            )
        words = translate("Menus", "Reset layout")
        self.view.menu.addAction(self._navigation.add(Way("reset_layout", words, "", reset)))

    def add_way(self, way: Way) -> QAction:
        """A way more, in its section of the menu that lists it."""
        action = self._navigation.add(way)
        for listed in self._listed.get(way.menu, ()):
            listed.fill()
        return action

    def of_jobs(self) -> Menu:
        """A context menu for the selected jobs as they are now."""
        self._commands.refresh()
        menu = job_menu(self._commands, self._parent)
        return Listed(menu, "jobs", self._navigation, menu.actions()[0]).menu

    def of_clients(self) -> Menu:
        """A context menu for the selected clients as they are now."""
        self._commands.refresh()
        menu = client_menu(self._commands, self._parent)
        return Listed(menu, "clients", self._navigation, menu.actions()[0]).menu


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
