"""A table or tree of rows that is painted whole: one pass for each row, one call to the model for each cell.

Qt would ask a model seven questions and a style five for each cell; here `drawRow` draws background, branch, marks and
cells itself. The view keeps the row at the top in its place while rows come and
go, and holds the model still while a button is pressed, a menu is open or a cell is edited.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QAbstractItemView, QMenu, QStyledItemDelegate, QStyleOptionViewItem, QTreeView, QWidget

from hqgui.models.flat_rows import AnyIndex
from hqgui.models.roles import Role
from hqgui.theme import look
from hqgui.views.parts.cell_paint import Manner, paint_cell
from hqgui.views.parts.columned import ColumnedTree
from hqgui.views.parts.columns import ColumnLike
from hqgui.views.parts.icons import paint_icon
from hqgui.views.parts.labels import dot_rect

INDENT: Final = 18
"""Pixels for each level, at 100 %."""


class RowDelegate(QStyledItemDelegate):
    """Says how high rows are; painting is the view's."""

    def __init__(self, parent: QWidget, height: int | None = None) -> None:
        super().__init__(parent)
        self._height = height

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """All rows are of one height."""
        return QSize(1, look().row_height if self._height is None else look().px(self._height))


class Rows(ColumnedTree):
    """Rows of `Cell`s."""

    selection_moved = Signal()
    """Other rows are selected or current."""

    def __init__(self, name: str, columns: Sequence[ColumnLike], parent: QWidget | None = None) -> None:
        super().__init__(name, columns, parent)
        self.stale = False
        self.bar_keys: frozenset[str] = frozenset()
        """Columns that hold bars by state."""
        self.separate_roots = False
        self.always_active = False
        """Its current row is drawn as the one in use although another widget has the keyboard."""
        self._hovered: tuple[int, int] | None = None
        self._hovered_at = QPersistentModelIndex()
        self._ground = ""
        self._asked = QRegion()
        """What is to be painted."""
        self._anchor: tuple[QPersistentModelIndex, int] | None = None
        self.setItemDelegate(RowDelegate(self))
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setExpandsOnDoubleClick(False)
        self.setDragEnabled(True)
        self.setMouseTracking(True)
        self.setFrameShape(QTreeView.Shape.NoFrame)
        self._tick = QTimer(self, interval=1000)
        self._tick.timeout.connect(self.viewport().update)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        self.setIndentation(look().px(INDENT))
        self.verticalScrollBar().setSingleStep(look().row_height * 3)
        self.doItemsLayout()
        self.arrange_columns()

    def cover(self, ground: str) -> None:
        """Paint the whole ground in a token's colour, so that scrolling can move what is painted."""
        self._ground = ground
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    # Model

    def show_model(self, model: Any) -> None:
        """Show a model of `hqgui.models`."""
        self.setModel(model)
        self.selectionModel().selectionChanged.connect(lambda *_: self.selection_moved.emit())
        self.selectionModel().currentChanged.connect(lambda *_: self.selection_moved.emit())
        if hasattr(model, "rows_about_to_change"):
            model.rows_about_to_change.connect(self._remember_top)
            model.rows_changed.connect(self._restore_top)
        self.header().setSortIndicatorShown(hasattr(model, "sorted_by"))
        self._show_sorting()
        self.arrange_columns()
        self._tick.start()

    def set_stale(self, stale: bool) -> None:
        """Whether what is shown is older than it should be."""
        if stale != self.stale:
            self.stale = stale
            self.viewport().update()

    def selected_ids(self) -> tuple[int, ...]:
        """Ids that an action on the selection acts on, in the order of the rows, each once."""
        rows = self.selectionModel().selectedRows() if self.selectionModel() is not None else []
        return tuple(dict.fromkeys(one for index in rows for one in index.data(Role.IDS) or ()))

    def current_id(self) -> int | None:
        """Id of the current row."""
        index = self.currentIndex()
        value = index.data(Role.ID) if index.isValid() else None
        return None if value is None else int(value)

    # Keeping still

    def _remember_top(self) -> None:
        index = self.indexAt(QPoint(1, 1))
        top = QPersistentModelIndex(index.siblingAtColumn(0)) if index.isValid() else None
        self._anchor = (top, self.visualRect(index).y()) if top is not None and self._is_used() else None

    def _is_used(self) -> bool:
        """Whether somebody scrolled, selected or points here; else what is new at the top may come into sight."""
        if self.verticalScrollBar().value() > 0 or self.selectionModel().hasSelection():
            return True
        return self.viewport().underMouse() and not getattr(self.model(), "is_loading", False)

    def _restore_top(self) -> None:
        if self._anchor is None:
            return
        top, y = self._anchor
        self._anchor = None
        if top.isValid():
            self.doItemsLayout()
            moved = self.visualRect(top).y() - y
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() + moved)

    def hold(self, held: bool) -> None:
        """Let the model keep rows in their places."""
        holding = getattr(self.model(), "hold", None)
        if holding is not None:
            holding(held)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press: nothing moves while a button is down."""
        self.hold(held=True)
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A release."""
        super().mouseReleaseEvent(event)
        self.hold(self.state() == QAbstractItemView.State.EditingState)

    def popup(self, menu: QMenu, place: QPoint) -> None:
        """Open a menu; rows stay where they are as long as it is open."""
        self.hold(held=True)
        menu.aboutToHide.connect(lambda: self.hold(held=False))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        if self._ground:
            painter = QPainter(self.viewport())
            painter.fillRect(event.rect(), look().color(self._ground))
            painter.end()
        self._asked = event.region()
        super().paintEvent(event)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Move what is painted and paint the rest.

        Qt's tree compares the pixels of a step with the number of rows in sight, and paints everything anew for a step
        of three rows. What lies under the overlaid bar cannot be moved, so that strip alone is painted anew.
        """
        view = self.viewport()
        if dx or not 0 < abs(dy) < view.height():
            super().scrollContentsBy(dx, dy)
            return
        free = self.bar.x() if self.bar.isVisible() else view.width()
        view.scroll(0, dy, QRect(0, 0, free, view.height()))
        view.update(free, 0, view.width() - free, view.height())

    def drawRow(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Draw a row."""
        rect = QRect(0, option.rect.y(), self.viewport().width(), option.rect.height())
        selected = self.selectionModel().isSelected(index)
        depth = self._depth(index) if self.rootIsDecorated() else 0
        self._paint_ground(painter, rect, index, selected, depth)
        manner = Manner(selected, self.stale, self.devicePixelRatioF())
        indent = 0
        if self.rootIsDecorated():
            indent = (depth + 1) * self.indentation()
            self._paint_branch(painter, rect, index, indent)
        header, model = self.header(), self.model()
        row, inner = index.row(), index.internalId()
        for column, key in enumerate(self._keys):
            if header.isSectionHidden(column):
                continue
            left = header.sectionViewportPosition(column)
            box = QRect(left, rect.y(), header.sectionSize(column), rect.height())
            if column == 0 and indent:
                box.setLeft(left + indent - look().px(1))
            if not self._asked.intersects(box):
                continue
            self.draw_cell(painter, box, model.createIndex(row, column, inner), key, manner)

    def draw_cell(self, painter: QPainter, box: QRect, index: QModelIndex, key: str, manner: Manner) -> None:
        """Draw a cell of a row; for subclasses with cells of their own kind."""
        cell = self.model().cell(index)  # type: ignore[attr-defined]
        paint_cell(painter, box, cell, self._right[index.column()], key in self.bar_keys, manner)

    def _paint_ground(self, painter: QPainter, rect: QRect, index: AnyIndex, selected: bool, depth: int) -> None:
        if selected:
            active = self.always_active or self.hasFocus() or self.state() == QAbstractItemView.State.EditingState
            painter.fillRect(rect, look().color("sel" if active else "selInactive"))
            painter.fillRect(QRect(0, rect.y(), look().px(2), rect.height()), look().color("accent"))
        elif self._hovered == (index.internalId(), index.row()):
            painter.fillRect(rect, look().color("hover"))
        if self.separate_roots and depth == 0 and index.row() > 0:
            painter.fillRect(QRect(0, rect.y(), rect.width(), 1), look().color("line"))
        if index == self.currentIndex().siblingAtColumn(0) and self.hasFocus() and not selected:
            painter.setPen(look().color("accent"))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))

    def _paint_branch(self, painter: QPainter, rect: QRect, index: AnyIndex, indent: int) -> None:
        if not self.model().hasChildren(index):
            return
        box = dot_rect(indent - self.indentation() + look().px(12), rect.center().y() + 0.5, look().px(10))
        name = "chevron-down" if self.isExpanded(index) else "chevron-right"
        paint_icon(painter, name, box, look().hex("text3" if self.stale else "text2"))

    # Pointer and keys

    def _hover(self, index: QModelIndex) -> None:
        now = (index.internalId(), index.row()) if index.isValid() else None
        if now != self._hovered:
            self._hovered = now
            for one in (self._hovered_at, index):
                place = self.visualRect(one)
                self.viewport().update(0, place.y(), self.viewport().width(), place.height())
            self._hovered_at = QPersistentModelIndex(index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The pointer moved."""
        self._hover(self.indexAt(event.position().toPoint()))
        super().mouseMoveEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """An event of the part that scrolls."""
        if event.type() == QEvent.Type.Leave:
            self._hover(QModelIndex())
        return super().viewportEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Single letters are shortcuts here, not a search."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A key: Enter activates."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            if self.currentIndex().isValid():
                self.activated.emit(self.currentIndex())
            return
        super().keyPressEvent(event)
