"""Lets clients be dropped on rows of a view, with a frame around the row that would take them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QWidget

from hqgui.models.client_drag import clients_in
from hqgui.theme import look
from hqgui.views.parts.cell_paint import fit


def tag_picture(text: str, ratio: float) -> QPixmap:
    """A small tag with a text, to be dragged. `ratio`: pixels of the screen for one of ours."""
    px = look().px
    shown, width = fit(text, px(200))
    size = QSize(width + px(16), px(22))
    picture = QPixmap(size * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(look().color("raised"))
    painter = QPainter(picture)
    painter.setPen(look().color("lineStrong"))
    painter.drawRect(0, 0, size.width() - 1, size.height() - 1)
    painter.setPen(look().color("text"))
    painter.setFont(look().font())
    painter.drawText(QRect(QPoint(0, 0), size), Qt.AlignmentFlag.AlignCenter, shown)
    painter.end()
    return picture


class _Frame(QWidget):
    """Around the row."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setPen(QPen(look().color("accent"), 2))
        painter.drawRect(1, 1, self.width() - 2, self.height() - 2)


class ClientDrop(QObject):
    """Of one view. `takes` says whether a row takes clients."""

    dropped = Signal(QModelIndex, object)
    """Clients, a tuple of ids, were dropped on a row."""

    def __init__(self, view: QAbstractItemView, takes: Callable[[QModelIndex], bool]) -> None:
        super().__init__(view)
        self._view = view
        self._takes = takes
        self._frame = _Frame(view.viewport())
        view.viewport().setAcceptDrops(True)
        view.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch the rows. What is dragged and is no client is somebody else's."""
        if event.type() == QEvent.Type.DragLeave:
            self._mark(QModelIndex())
        elif isinstance(event, QDragEnterEvent | QDragMoveEvent | QDropEvent):
            return self._heard(event)
        return False

    def _heard(self, event: QDropEvent) -> bool:
        clients = clients_in(event.mimeData())
        if not clients:
            return False
        index = self._view.indexAt(event.position().toPoint()).siblingAtColumn(0)
        target = index if index.isValid() and self._takes(index) else QModelIndex()
        is_over = event.type() == QEvent.Type.Drop
        self._mark(QModelIndex() if is_over else target)
        if target.isValid() or event.type() == QEvent.Type.DragEnter:
            event.acceptProposedAction()
        else:
            event.ignore()
        if is_over and target.isValid():
            self.dropped.emit(target, clients)
        return True

    def _mark(self, index: QModelIndex) -> None:
        row = self._view.visualRect(index)
        self._frame.setGeometry(0, row.y(), self._view.viewport().width(), row.height())
        self._frame.setVisible(index.isValid())
