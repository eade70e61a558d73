"""Tables of the lower panels: rows with a menu, and groups on which clients may be dropped."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPoint, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractItemView, QWidget

from hqgui.models.client_drag import clients_in
from hqgui.models.group_table import GroupTable
from hqgui.theme import look
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

    def __init__(self, name: str, key: str, columns: Sequence[ColumnLike], parent: QWidget | None = None) -> None:
        super().__init__(name, key, columns, parent)
        self.setAcceptDrops(True)
        self.setDragEnabled(False)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DropOnly)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._over = QModelIndex()

    def _target(self, event: QDragMoveEvent | QDropEvent) -> QModelIndex:
        index = self.indexAt(event.position().toPoint()).siblingAtColumn(0)
        model = self.model()
        assert isinstance(model, GroupTable)
        row = model.row(index)
        return index if row is not None and row.id > 0 and clients_in(event.mimeData()) else QModelIndex()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Clients come."""
        if clients_in(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """They are over a group, or over none."""
        self._mark(self._target(event))
        if self._over.isValid():
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """They are gone."""
        self._mark(QModelIndex())

    def dropEvent(self, event: QDropEvent) -> None:
        """They are dropped."""
        target = self._target(event)
        self._mark(QModelIndex())
        if target.isValid():
            event.acceptProposedAction()
            self.model().dropMimeData(event.mimeData(), event.dropAction(), -1, -1, target)

    def _mark(self, index: QModelIndex) -> None:
        if index != self._over:
            self._over = index
            self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it, with a frame around the group on which clients would be dropped."""
        super().paintEvent(event)
        if self._over.isValid():
            painter = QPainter(self.viewport())
            painter.setPen(QPen(look().color("accent"), 2))
            rect = self.visualRect(self._over)
            painter.drawRect(1, rect.y() + 1, self.viewport().width() - 3, rect.height() - 3)
