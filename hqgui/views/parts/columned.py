"""A tree whose columns are laid out by `ColumnState`: widths, order and choice are the user's, and so is the sorting.

Column by column there is room for what matters; where there is none, columns go from right to left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QMenu, QTreeView, QWidget

from hqgui.models.flat_rows import AnyIndex
from hqgui.models.roles import Role
from hqgui.theme import look
from hqgui.views.parts.cell_paint import fit
from hqgui.views.parts.columns import ColumnLike, ColumnState, stored_text
from hqgui.views.parts.header import Header
from hqgui.views.parts.menu import Menu
from hqgui.views.parts.overlay_bar import OverlayBar


class ColumnedTree(QTreeView):
    """The tree; its rows are another's matter."""

    layout_changed = Signal()
    """The user changed widths, order or choice of columns, or the sorting."""

    def __init__(self, name: str, columns: Sequence[ColumnLike], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.columns = ColumnState(columns)
        self._keys = tuple(column.key for column in columns)
        self._right = tuple(column.right for column in columns)
        self._arranging = False
        self.heading = Header(self)
        self.setHeader(self.heading)
        self.header().sectionResized.connect(self._section_resized)
        self.header().sectionMoved.connect(self._section_moved)
        self.header().sectionClicked.connect(self._sort_by)
        self.header().customContextMenuRequested.connect(self._header_menu)
        self.header().sectionDoubleClicked.connect(lambda section: None)
        self.header().sectionHandleDoubleClicked.connect(self.fit_column)
        self.bar = OverlayBar(self)
        self.bar.shown_changed.connect(self.arrange_columns)

    def _show_sorting(self) -> None:
        sorted_by = getattr(self.model(), "sorted_by", None)
        if sorted_by is not None:
            self.header().setSortIndicator(*sorted_by)

    def arrange_columns(self) -> None:
        """Give columns their widths for the room there is."""
        if self.header().count() != len(self._keys):
            return
        self._arranging = True
        zoom = look().zoom
        widths = self.columns.arranged((self.viewport().width() - self.bar.room) / zoom)
        header = self.header()
        for section, key in enumerate(self._keys):
            header.setSectionHidden(section, key not in widths)
            if key in widths:
                header.resizeSection(section, max(1, int(widths[key] * zoom)))
        for place, key in enumerate(self.columns.order):
            current = header.visualIndex(self._keys.index(key))
            if current != place:
                header.moveSection(current, place)
        self._arranging = False

    def set_absent(self, keys: frozenset[str]) -> None:
        """Leave out columns for which there is nothing to show."""
        if keys != self.columns.absent:
            self.columns.absent = keys
            self.arrange_columns()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size: other widths."""
        super().resizeEvent(event)
        self.arrange_columns()

    def _section_resized(self, section: int, _old: int, new: int) -> None:
        if self._arranging or new == 0:
            return
        self.columns.widths[self._keys[section]] = round(new / look().zoom)
        self.layout_changed.emit()

    def _section_moved(self, _section: int, _old: int, _new: int) -> None:
        if self._arranging:
            return
        header = self.header()
        self.columns.order = [self._keys[header.logicalIndex(place)] for place in range(len(self._keys))]
        self.layout_changed.emit()

    def _sort_by(self, section: int) -> None:
        sorted_by = getattr(self.model(), "sorted_by", None)
        if sorted_by is None:
            return
        column, order = sorted_by
        first = Qt.SortOrder.DescendingOrder if self._right[section] else Qt.SortOrder.AscendingOrder
        flipped = Qt.SortOrder(1 - order.value)
        self.sort_by(section, flipped if column == section else first)
        self.layout_changed.emit()

    def sort_by(self, section: int, order: Qt.SortOrder) -> None:
        """Sort by a column."""
        self.model().sort(section, order)
        self.columns.sorting = (self._keys[section], order == Qt.SortOrder.DescendingOrder)
        self._show_sorting()

    def fit_column(self, section: int) -> None:
        """Make a column as wide as what is seen of it needs."""
        self.columns.widths[self._keys[section]] = max(round(self.sizeHintForColumn(section) / look().zoom), 40)
        self.arrange_columns()
        self.layout_changed.emit()

    def sizeHintForColumn(self, column: int) -> int:
        """The widest of the rows that are seen."""
        widest, index = look().px(40), self.indexAt(QPoint(1, 1))
        while index.isValid() and self.visualRect(index).y() < self.viewport().height():
            cell = index.siblingAtColumn(column).data(Role.CELL)
            indent = self._depth(index) * self.indentation() + self.indentation() if column == 0 else 0
            text = f"{cell.text}  {cell.detail}{'  000000' if cell.failed else ''}" if cell is not None else ""
            widest = max(widest, fit(text, 2000, weight=600)[1] + look().px(42) + indent)
            index = self.indexBelow(index)
        return widest

    def _header_menu(self, place: QPoint) -> None:
        menu = self.columns_menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.header().mapToGlobal(place))

    def columns_menu(self) -> QMenu:
        """The menu in which columns are chosen."""
        menu = Menu("", self)
        for section, key in enumerate(self._keys[1:], start=1):
            title = str(self.model().headerData(section, Qt.Orientation.Horizontal))
            action = menu.addAction(title.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(key in self.columns.shown)
            action.setEnabled(key not in self.columns.absent)
            action.toggled.connect(self._shower(key))
        menu.addSeparator()
        reset = QAction(self.tr("Reset columns"), menu)
        reset.triggered.connect(self._reset_columns)
        menu.addAction(reset)
        return menu

    def _shower(self, key: str) -> Callable[[bool], None]:
        def show(on: bool) -> None:
            (self.columns.shown.add if on else self.columns.shown.discard)(key)
            self.arrange_columns()
            self.layout_changed.emit()

        return show

    def _reset_columns(self) -> None:
        self.columns.reset()
        self.arrange_columns()
        self.layout_changed.emit()

    def take_columns(self, stored: object) -> None:
        """Take in what settings hold."""
        self.columns.take_text(stored_text(stored))
        if self.columns.sorting is not None and hasattr(self.model(), "sorted_by"):
            key, down = self.columns.sorting
            orders = Qt.SortOrder
            self.sort_by(self._keys.index(key), orders.DescendingOrder if down else orders.AscendingOrder)
        self.arrange_columns()

    def _depth(self, index: AnyIndex) -> int:
        depth, above = 0, index.parent()
        while above.isValid():
            depth, above = depth + 1, above.parent()
        return depth
