"""Tables of the lower panels: rows with a menu, and groups on which clients may be dropped."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPoint, Signal
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QWidget

from hqgui.models.roles import Role
from hqgui.theme import look
from hqgui.views.parts.client_drop import ClientDrop
from hqgui.views.parts.columns import ColumnLike
from hqgui.views.parts.rows import Rows


class CareRows(Rows):
    """A table with a menu for its rows."""

    menu_wanted = Signal(QPoint)

    def __init__(self, name: str, key: str, columns: Sequence[ColumnLike], parent: QWidget | None = None) -> None:
        super().__init__(name, columns, parent)
        self.setObjectName(key)
        self.cover("base")
        self.setRootIsDecorated(False)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """A menu is asked for."""
        place = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            place = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).bottomLeft())
        self.menu_wanted.emit(place)

    def place_of_current(self) -> QPoint:
        """Where something about the current row may open, on the screen."""
        rect = self.visualRect(self.currentIndex())
        inside = rect.isValid() and self.viewport().rect().contains(rect.bottomLeft())
        corner = rect.bottomLeft() if inside else QPoint(look().px(40), look().px(40))
        return self.viewport().mapToGlobal(corner + QPoint(look().px(12), 0))


class GroupRows(CareRows):
    """Groups; clients are dropped on them."""

    clients_dropped = Signal(int, object)
    """A group and clients, a tuple of ids."""

    def __init__(self, name: str, key: str, columns: Sequence[ColumnLike], parent: QWidget | None = None) -> None:
        super().__init__(name, key, columns, parent)
        self.setDragEnabled(False)
        ClientDrop(self, self._is_group).dropped.connect(self._dropped)

    def _is_group(self, index: QModelIndex) -> bool:
        return (index.data(Role.ID) or 0) > 0

    def _dropped(self, index: QModelIndex, clients: tuple[int, ...]) -> None:
        self.clients_dropped.emit(int(index.data(Role.ID)), clients)
