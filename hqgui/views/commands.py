"""The rows of the action table as `QAction`s, which menus, toolbar and keyboard share.

An action that does not apply is disabled, never hidden, and its tooltip says why.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from hqgui.actions import ACTIONS, Action, Desk, Kind
from hqgui.models.formats import tooltip
from hqgui.views.parts.icons import icon
from hqgui.views.parts.menu import Menu
from hqgui.words import translate

ICONS: Final = {
    "pause": "pause",
    "resume": "play",
    "reschedule": "rotate-cw",
    "retry": "rotate-ccw",
    "eject": "eject",
    "cancel": "circle-x",
    "delete": "trash-2",
    "enable": "power",
    "disable": "power-off",
}
"""Icon files for the names in the table."""

_IN_TABLE: Final = {
    Kind.JOBS: ("cancel", "delete", "set_priority", "copy_name"),
    Kind.CLIENTS: ("describe_client", "remove_client"),
    Kind.GROUPS: ("rename_group", "delete_group"),
    Kind.RESOURCES: ("set_amount", "delete_resource"),
}
"""Actions whose keys belong to the table that has the keyboard, because fields and other tables use them too."""
JOB_MENU: Final = (
    ("pause", "resume", "reschedule", "retry_failed", "eject", "Priority"),
    ("edit_jobs", "unblock_clients", "Copy"),
    ("cancel", "delete"),
)
CLIENT_MENU: Final = (
    ("enable_client", "disable_client", "wake_client", "Drain", "end_override"),
    ("Groups", "set_rules", "describe_client", "copy_client"),
    ("upgrade_client", "terminate_client", "remove_client"),
)
GROUP_MENU: Final = (("new_group", "rename_group"), ("delete_group",))
RESOURCE_MENU: Final = (("create_resource", "set_amount"), ("delete_resource",))

Ids = Callable[[], tuple[int, ...]]
_LATER: Final = (Kind.GROUPS, Kind.RESOURCES)
"""Kinds of which parts of the window say what is selected."""


def _nothing() -> tuple[int, ...]:
    return ()


class Commands(QObject):
    """All actions, kept true to what is selected."""

    wanted = Signal(str, object)
    """Name of an action and the ids that it is for."""

    def __init__(self, desk: Desk, jobs: Ids, clients: Ids, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._ids = {Kind.JOBS: jobs, Kind.COPY: jobs, Kind.CLIENTS: clients, **dict.fromkeys(_LATER, _nothing)}
        self._fillers: dict[str, Callable[[Menu], None]] = {}
        self._keys = {name: action.shortcut for name, action in ACTIONS.items()}
        self.actions = {name: self._made(action) for name, action in ACTIONS.items()}
        self.toolbar = {name: self._for_toolbar(name) for name in ("pause", "resume", "reschedule", "cancel", "eject")}
        self.priority = self.submenu("Priority")
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self.refresh)
        self.refresh()

    def _made(self, action: Action) -> QAction:
        made = QAction(action.text, self)
        made.setObjectName(action.name)
        if action.icon in ICONS:
            made.setIcon(icon(ICONS[action.icon]))
        if action.shortcut:
            made.setShortcut(QKeySequence(action.shortcut))
        made.triggered.connect(lambda: self.ask(action.name))
        return made

    def _for_toolbar(self, name: str) -> QAction:
        """A toolbar's button has shorter words and no key of its own."""
        action = self.actions[name]
        made = QAction(action.text().removesuffix("…"), self)
        made.setIcon(action.icon())
        made.triggered.connect(lambda: self.ask(name))
        return made

    def ask(self, name: str) -> None:
        """Ask for an action on what is selected."""
        ids = self._ids[ACTIONS[name].kind]()
        if (ids or ACTIONS[name].alone) and not self._desk.why_not(name, ids):
            self.wanted.emit(name, ids)

    def set_keys(self, name: str, keys: str) -> None:
        """Let other keys ask for an action."""
        if self._keys[name] != keys:
            self._keys[name] = keys
            self.actions[name].setShortcut(QKeySequence(keys))
            self.refresh_soon()

    def table_of(self, name: str) -> str:
        """The kind of the table that must have the keyboard for an action's keys; empty: any part of the window."""
        return next((kind.value for kind, names in _IN_TABLE.items() if name in names), "")

    def choose_from(self, kind: Kind, ids: Ids) -> None:
        """From where actions of a kind take what is selected."""
        self._ids[kind] = ids

    def chosen(self, kind: Kind) -> tuple[int, ...]:
        """What is selected of a kind, where it is seen."""
        return self._ids[kind]()

    def in_table(self, kind: Kind = Kind.JOBS) -> list[QAction]:
        """Actions that a table of this kind adds to itself."""
        return [self.actions[name] for name in _IN_TABLE[kind]]

    def in_window(self) -> list[QAction]:
        """Actions that the window adds to itself."""
        tables = {name for names in _IN_TABLE.values() for name in names}
        return [action for name, action in self.actions.items() if name not in tables]

    def give_to(self, table: QWidget, kind: Kind) -> None:
        """Let the keys of a kind work while a table has the keyboard."""
        for action in self.in_table(kind):
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            table.addAction(action)

    def fill_submenu(self, name: str, fill: Callable[[Menu], None]) -> None:
        """How a submenu is filled that depends on the farm: each time that it opens."""
        self._fillers[name] = fill

    def refresh_soon(self) -> None:
        """Refresh once, after everything that happens now."""
        self._later.start()

    def refresh(self) -> None:
        """Enable what applies, and let tooltips say why something does not."""
        chosen = {kind: ids() for kind, ids in self._ids.items()}
        for name, action in ACTIONS.items():
            why = self._desk.why_not(name, chosen[action.kind])
            self._show(self.actions[name], why)
            if name in self.toolbar:
                self._show(self.toolbar[name], why)
        self._share_key()
        self.priority.menuAction().setEnabled(self.actions["set_priority"].isEnabled())
        self.priority.menuAction().setToolTip(self.actions["set_priority"].toolTip())

    def _share_key(self) -> None:
        """Pause and resume have one key, which is with the one that applies."""
        pause, resume = self.actions["pause"], self.actions["resume"]
        key, own = QKeySequence(self._keys["pause"]), QKeySequence(self._keys["resume"])
        resumes = own.isEmpty() and resume.isEnabled() and not pause.isEnabled()
        pause.setShortcut(QKeySequence() if resumes else key)
        resume.setShortcut(key if resumes else own)

    def _show(self, action: QAction, why: str) -> None:
        keys = self.actions.get(action.objectName(), action).shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        words = f"{action.text()}  {keys}".strip() if not why else f"{action.text()}\n{why}"
        action.setToolTip(tooltip(words))
        action.setEnabled(not why)

    def submenu(self, title: str) -> Menu:
        """The submenu of actions that name it in the table."""
        menu = Menu(translate("Actions", title))
        menu.aboutToShow.connect(lambda: self._fill_anew(title, menu))
        for name, action in ACTIONS.items():
            if action.menu == title:
                menu.addAction(self.actions[name])
        menu.menuAction().setObjectName(title)
        return menu

    def _fill_anew(self, title: str, menu: Menu) -> None:
        if title in self._fillers:
            menu.clear()
            self._fillers[title](menu)

    def fill(self, menu: Menu, groups: tuple[tuple[str, ...], ...]) -> None:
        """Put groups of actions and submenus into a menu."""
        for group in groups:
            if menu.actions():
                menu.addSeparator()
            for name in group:
                if name in self.actions:
                    menu.addAction(self.actions[name])
                else:
                    made = self.submenu(name)
                    made.setParent(menu, made.windowFlags())
                    menu.addMenu(made)
