"""Ways through the window: what opens, finds or shows something and changes nothing on the farm.

Each is a `QAction` that menus, omnibox and keyboard share. The window has its own; parts of the window add theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True, slots=True)
class Way:
    """One way."""

    name: str
    words: str
    """What the menu says, translated."""
    keys: str
    act: Callable[[], object]
    in_table: bool = False
    """Its key belongs to the job tree while that has the keyboard: single letters, and keys that fields use too."""
    menu: str = ""
    """The menu that lists it: `jobs` and `clients`, whose context menus list it too, `view`, `farm` or `program`."""
    tables: tuple[QWidget, ...] = ()
    """The tables of clients to which its key belongs, instead of the job tree."""


class Navigation(QObject):
    """All ways of a window."""

    def __init__(self, window: QWidget, table: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._table = table
        self._ways: dict[str, Way] = {}
        self._actions: dict[str, QAction] = {}

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._actions)

    def ways(self) -> list[Way]:
        """All of them, in the order in which they were added."""
        return list(self._ways.values())

    def add(self, way: Way) -> QAction:
        """A new way, with its key at work at once."""
        action = QAction(way.words, self)
        action.triggered.connect(way.act)
        return self.adopt(way, action)

    def adopt(self, way: Way, action: QAction) -> QAction:
        """A new way by an action that there is already, which does what is to be done."""
        action.setObjectName(way.name)
        action.setShortcut(way.keys)
        if way.in_table:
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            for table in way.tables or (self._table,):
                table.addAction(action)
        else:
            self._window.addAction(action)
        self._ways[way.name] = way
        self._actions[way.name] = action
        return action

    def of_menu(self, menu: str, sections: Sequence[Sequence[str]]) -> list[list[QAction]]:
        """What a menu lists, by sections that name ways; what none of them names is a section behind them."""
        listed = {way.name for way in self._ways.values() if way.menu == menu}
        rest = [name for name in self._ways if name in listed and not any(name in section for section in sections)]
        found = ([self._actions[name] for name in section if name in listed] for section in (*sections, rest))
        return [section for section in found if section]

    def enabled_words(self) -> dict[str, str]:
        """The names of the ways that are open now, and their words: for the omnibox."""
        return {name: action.text() for name, action in self._actions.items() if action.isEnabled()}
