"""A table of plain rows by id with its own sorting: columns are a table, as everywhere.

Subclasses say which ids there are and what a row is; rows are compared by id, so an update never resets the view.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from PySide6.QtCore import QObject, Qt

from hqgui.models import formats
from hqgui.models.flat_rows import TOP, AnyIndex, FlatRows
from hqgui.models.roles import EMPTY, Cell, Role
from hqgui.models.tree_cells import alignment
from hqgui.words import translate

R = TypeVar("R")


class RowColumn(NamedTuple):
    """One column; the fields mean what they mean for jobs."""

    key: str
    title: str
    width: int
    cell: Callable[[Any], Cell]
    sort: Callable[[Any], Any]
    tip: Callable[[Any], str] | None = None
    right: bool = False
    shown: bool = True
    stretch: int = 0


class RowTable(FlatRows, Generic[R]):
    """The model. `columns` is given by the subclass."""

    columns: Sequence[RowColumn] = ()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: dict[int, R] = {}
        self._column = 0
        self._descending = False
        self._held = False
        self._waiting = False

    # What subclasses say

    def pinned(self, row_id: int) -> int:
        """Rows stand by this number first, whatever they are sorted by."""
        return 0

    # Rows

    def show_rows(self, rows: dict[int, R]) -> None:
        """Show these rows, by id."""
        changed = [row_id for row_id, row in rows.items() if self.rows.get(row_id) != row]
        came_or_went = rows.keys() != self.rows.keys()
        self.rows = rows
        if (changed or came_or_went) and not self._held:
            self._arrange()
        elif changed or came_or_went:
            self._waiting = True
        self._tell(changed)

    def hold(self, held: bool) -> None:
        """Let rows stay where they are; what waited is arranged afterwards."""
        self._held = held
        if not held and self._waiting:
            self._arrange()

    def _arrange(self) -> None:
        self._waiting = False
        key = self.columns[self._column].sort
        ordered = sorted(self.rows)
        ordered.sort(key=lambda row_id: key(self.rows[row_id]), reverse=self._descending)
        ordered.sort(key=self.pinned)
        self.set_ids(ordered)

    def _tell(self, changed: Iterable[int]) -> None:
        places = sorted(self._place[row_id] for row_id in changed if row_id in self._place)
        last = len(self.columns) - 1
        if len(places) > 32:
            self.dataChanged.emit(self.index(places[0], 0), self.index(places[-1], last))
            return
        for place in places:
            self.dataChanged.emit(self.index(place, 0), self.index(place, last))

    # Sorting

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column, at once."""
        self._column = column if 0 <= column < len(self.columns) else 0
        self._descending = order == Qt.SortOrder.DescendingOrder
        self._arrange()

    @property
    def sorted_by(self) -> tuple[int, Qt.SortOrder]:
        """Column and direction."""
        return self._column, Qt.SortOrder.DescendingOrder if self._descending else Qt.SortOrder.AscendingOrder

    # Cells

    def columnCount(self, parent: AnyIndex = TOP) -> int:
        """The columns of the table."""
        return len(self.columns)

    def row(self, index: AnyIndex) -> R | None:
        """What a row stands for."""
        valid = index.isValid() and index.row() < len(self._ids)
        return self.rows.get(self._ids[index.row()]) if valid else None

    def cell(self, index: AnyIndex) -> Cell:
        """What a delegate paints."""
        row = self.row(index)
        return EMPTY if row is None else self.columns[index.column()].cell(row)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The roles of `models.roles`, and what Qt asks of every model."""
        row = self.row(index)
        if row is None:
            return None
        column = self.columns[index.column()]
        row_id = self._ids[index.row()]
        if role == Role.CELL:
            return column.cell(row)
        if role == Role.ID:
            return row_id
        if role == Role.IDS:
            return (row_id,)
        if role == Qt.ItemDataRole.DisplayRole:
            return column.cell(row).text
        if role == Qt.ItemDataRole.ToolTipRole:
            return formats.tooltip(column.cell(row).text if column.tip is None else column.tip(row))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._sentence(row, index.column())
        return alignment(column.right) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def _sentence(self, row: R, column: int) -> str:
        if column:
            return f"{translate('Columns', self.columns[column].title)}: {self.columns[column].cell(row).text}"
        found = ((translate("Columns", one.title), one.cell(row).text) for one in self.columns)
        parts = [text if place == 0 else f"{title} {text}" for place, (title, text) in enumerate(found) if text]
        return ", ".join(parts)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles of the columns."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return translate("Columns", column.title)
        return alignment(column.right) if role == Qt.ItemDataRole.TextAlignmentRole else None
