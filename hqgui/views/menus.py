"""The window's menus: what they hold and in which order. They are made of the shared actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenuBar, QWidget

from hqgui.models.formats import address_text
from hqgui.settings import Settings
from hqgui.theme import look
from hqgui.tokens import ZOOMS
from hqgui.views.commands import CLIENT_MENU, JOB_MENU, Commands
from hqgui.views.parts.leaving import ZOOM_NAME
from hqgui.views.parts.menu import Menu, plain
from hqgui.words import QT_TRANSLATE_NOOP, translate

_SAME_ZOOM: Final = 0.01
_THEMES: Final = (
    ("system", QT_TRANSLATE_NOOP("Menus", "As the system")),
    ("dark", QT_TRANSLATE_NOOP("Menus", "Dark")),
    ("light", QT_TRANSLATE_NOOP("Menus", "Light")),
)
_DENSITIES: Final = (
    ("compact", QT_TRANSLATE_NOOP("Menus", "Compact")),
    ("default", QT_TRANSLATE_NOOP("Menus", "Default")),
    ("comfortable", QT_TRANSLATE_NOOP("Menus", "Comfortable")),
)
NAVIGATION: Final = (
    ("output", QT_TRANSLATE_NOOP("Menus", "Output"), "Ctrl+L", "jobs"),
    ("overview", QT_TRANSLATE_NOOP("Menus", "Overview"), "Alt+Return", "jobs"),
    ("history", QT_TRANSLATE_NOOP("Menus", "History"), "Ctrl+H", "jobs"),
    ("next_failed", QT_TRANSLATE_NOOP("Menus", "Next failed"), "F", "jobs"),
    ("previous_failed", QT_TRANSLATE_NOOP("Menus", "Previous failed"), "Shift+F", "jobs"),
    ("omnibox", QT_TRANSLATE_NOOP("Menus", "Search everything"), "Ctrl+K", "view"),
    ("filter", QT_TRANSLATE_NOOP("Menus", "Filter jobs"), "/", "view"),
    ("find", QT_TRANSLATE_NOOP("Menus", "Find in this pane"), "Ctrl+F", "view"),
    ("next_pane", QT_TRANSLATE_NOOP("Menus", "Next pane"), "F6", "view"),
    ("previous_pane", QT_TRANSLATE_NOOP("Menus", "Previous pane"), "Shift+F6", "view"),
)
"""Ways through the window: name, words, key, and the menu that lists it."""
SECTIONS: Final = {
    "jobs": (
        ("output", "overview", "history", "why"),
        ("next_failed", "previous_failed"),
        ("add_note", "job_notes"),
        ("clients_of_job", "blocked_clients", "permitted"),
        ("resubmit", "save_output", "job_report"),
    ),
    "clients": (),
    "view": (
        ("omnibox", "filter", "find", "next_pane", "previous_pane"),
        ("panel_clients", "panel_groups", "panel_resources", "notes"),
    ),
    "farm": (("server_errors", "network_folders"), ("delete_finished", "delete_failed")),
    "program": (("submit",), ("preferences", "keys", "about"), ("refresh", "quit")),
}
"""Ways that stand together in a menu, between lines. Those that are named nowhere stand in the last section."""
SINGLE_LETTERS: Final = ("filter", "next_failed", "previous_failed", "overview")
"""Keys that belong to the table that has the keyboard."""


class ViewMenu(QObject):
    """Theme, density, zoom and what else is a matter of taste; kept in the settings."""

    def __init__(self, settings: Settings, fold: Callable[[bool], None], parent: QWidget) -> None:
        super().__init__(parent)
        self._settings = settings
        self._shown: dict[str, Callable[[Any], None]] = {}
        """Shows the value of a key, which may have been chosen elsewhere."""
        self.menu = Menu(translate("Menus", "View"), parent)
        self._choices(translate("Menus", "Theme"), _THEMES, "view/theme", "theme")
        self._choices(translate("Menus", "Row height"), _DENSITIES, "view/density", "density")
        self._zoom_menu(parent)
        self.menu.addSeparator()
        self._switch(translate("Menus", "Fold frames"), "view/fold_frames", fold)
        self._switch(
            translate("Menus", "High contrast lines"),
            "view/high_contrast",
            lambda on: look().choose(high_contrast=on),
        )
        settings.changed.connect(self._changed)

    def _changed(self, key: str) -> None:
        if key in self._shown:
            self._shown[key](self._settings.value(key))

    def _choices(self, title: str, rows: tuple[tuple[str, str], ...], key: str, what: str) -> None:
        menu = Menu(title, self.menu)
        group = QActionGroup(menu)
        actions = {value: menu.addAction(translate("Menus", words)) for value, words in rows}
        self._shown[key] = lambda value: actions[value].setChecked(True) if value in actions else None
        for value, action in actions.items():
            action.setCheckable(True)
            action.setChecked(self._settings.value(key) == value)
            action.triggered.connect(self._chooser(key, what, value))
            group.addAction(action)
        self.menu.addMenu(menu)

    def _chooser(self, key: str, what: str, value: Any) -> Callable[[], None]:
        def choose() -> None:
            self._settings.set(key, value)
            look().choose(**{what: value})

        return choose

    def _zoom_menu(self, parent: QWidget) -> None:
        menu = Menu(translate("Menus", "Zoom"), self.menu)
        group = QActionGroup(menu)
        self._zooms = {}
        for zoom in ZOOMS:
            action = menu.addAction(f"{zoom:.0%}")
            action.setCheckable(True)
            action.setChecked(abs(look().zoom - zoom) < _SAME_ZOOM)
            action.triggered.connect(self._chooser("view/zoom", "zoom", zoom))
            group.addAction(action)
            self._zooms[zoom] = action
        self._shown["view/zoom"] = self._show_zoom
        menu.addSeparator()
        for words, keys, step in (
            (translate("Menus", "Larger"), ("Ctrl++", "Ctrl+="), 1),
            (translate("Menus", "Smaller"), ("Ctrl+-",), -1),
            (translate("Menus", "As designed"), ("Ctrl+0",), 0),
        ):
            action = menu.addAction(words)
            action.setShortcuts([QKeySequence(key) for key in keys])
            action.setObjectName(ZOOM_NAME)
            action.triggered.connect(self._zoomer(step))
            parent.addAction(action)
        self.menu.addMenu(menu)

    def _show_zoom(self, zoom: float) -> None:
        for known, action in self._zooms.items():
            action.setChecked(abs(known - zoom) < _SAME_ZOOM)

    def _zoomer(self, step: int) -> Callable[[], None]:
        def zoom() -> None:
            place = min(range(len(ZOOMS)), key=lambda one: abs(ZOOMS[one] - look().zoom))
            wanted = ZOOMS[min(max(place + step, 0), len(ZOOMS) - 1)] if step else 1.0
            self._zooms[wanted].trigger()

        return zoom

    def _switch(self, words: str, key: str, act: Callable[[bool], None]) -> None:
        action = self.menu.addAction(words)
        action.setCheckable(True)
        action.setChecked(bool(self._settings.value(key)))
        self._shown[key] = lambda value: action.setChecked(bool(value))

        def switch(on: bool) -> None:
            self._settings.set(key, on)
            act(on)

        action.toggled.connect(switch)


def job_menu(commands: Commands, parent: QWidget) -> Menu:
    """What can be done with jobs."""
    menu = Menu(translate("Menus", "Jobs"), parent)
    commands.fill(menu, JOB_MENU)
    return menu


def client_menu(commands: Commands, parent: QWidget) -> Menu:
    """What can be done with clients."""
    menu = Menu(translate("Menus", "Clients"), parent)
    commands.fill(menu, CLIENT_MENU)
    return menu


def farms_menu(
    recent: Callable[[], list[str]],
    current: str,
    choose: Callable[[str], None],
    parent: QWidget,
    name_of: Callable[[str], str] = address_text,
) -> Menu:
    """Farms that were used, and the way to another one (an empty address)."""
    menu = Menu(translate("Menus", "Farm"), parent)

    def fill() -> None:
        menu.clear()
        for url in filter(None, dict.fromkeys([current, *recent()])):
            action = menu.addAction(plain(name_of(url)))
            action.setCheckable(True)
            action.setChecked(url == current)
            action.triggered.connect(lambda _=False, url=url: None if url == current else choose(url))
        menu.addSeparator()
        menu.addAction(translate("Menus", "Another farm…")).triggered.connect(lambda: choose(""))

    fill()
    menu.aboutToShow.connect(fill)
    return menu


def menu_bar(menus: list[Menu], parent: QWidget) -> QMenuBar:
    """All menus as a bar, which Alt shows."""
    bar = QMenuBar(parent)
    for menu in menus:
        bar.addMenu(menu)
    return bar


def main_menu(menus: list[Menu], parent: QWidget) -> Menu:
    """All menus under one button; what the menu bar has in a menu of the program stands behind them."""
    menu = Menu("", parent)
    for one in menus:
        menu.addMenu(one)
    return menu
