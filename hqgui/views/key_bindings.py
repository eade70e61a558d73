"""The keys of one window as somebody chose them: read from the settings, and at work as soon as they change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from PySide6.QtCore import QObject

from hqgui.actions import ACTIONS, Kind
from hqgui.models.keymap import Binding, Keymap
from hqgui.settings import Settings
from hqgui.views.commands import Commands
from hqgui.views.navigation import Navigation
from hqgui.words import QT_TRANSLATE_NOOP, translate

KEY: Final = "keys/chosen"
_GROUPS: Final = {
    Kind.JOBS: QT_TRANSLATE_NOOP("Keys", "Jobs"),
    Kind.COPY: QT_TRANSLATE_NOOP("Keys", "Jobs"),
    Kind.CLIENTS: QT_TRANSLATE_NOOP("Keys", "Clients"),
    Kind.GROUPS: QT_TRANSLATE_NOOP("Keys", "Groups"),
    Kind.RESOURCES: QT_TRANSLATE_NOOP("Keys", "Resources"),
}
_WINDOW: Final = QT_TRANSLATE_NOOP("Keys", "Window")


class KeyBindings(QObject):
    """Made when the window has all its parts."""

    def __init__(self, commands: Commands, navigation: Navigation, settings: Settings, parent: QObject) -> None:
        super().__init__(parent)
        self._commands = commands
        self._navigation = navigation
        self._settings = settings
        self._bindings = list(self._all())
        settings.changed.connect(self._changed)
        self.apply()

    def _all(self) -> Iterator[Binding]:
        for name, action in ACTIONS.items():
            group, table = translate("Keys", _GROUPS[action.kind]), self._commands.table_of(name)
            yield Binding(name, action.text.removesuffix("…"), group, action.shortcut, table)
        for way in self._navigation.ways():
            table = (Kind.CLIENTS if way.tables else Kind.JOBS) if way.in_table else ""
            yield Binding(way.name, way.words.removesuffix("…"), translate("Keys", _WINDOW), way.keys, table)

    @property
    def keymap(self) -> Keymap:
        """The keys as they are in the settings, to be changed and given to `save`."""
        return Keymap(self._bindings, self._settings.value(KEY))

    def save(self, keymap: Keymap) -> None:
        """Keep other keys; every window has them at once."""
        self._settings.set(KEY, keymap.written())

    def _changed(self, key: str) -> None:
        if key == KEY:
            self.apply()

    def apply(self) -> None:
        """Put the keys to work."""
        keymap = self.keymap
        for name in ACTIONS:
            self._commands.set_keys(name, keymap.keys(name))
        for name in self._navigation:
            self._navigation[name].setShortcut(keymap.keys(name))
