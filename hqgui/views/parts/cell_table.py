"""A small read-only table of cells, for lists that a view makes itself and that need keys and screen readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt
from PySide6.QtWidgets import QAbstractItemView, QWidget

from hqgui.models.flat_rows import TOP, AnyIndex
from hqgui.models.formats import tooltip
from hqgui.models.roles import EMPTY, Cell, Role
from hqgui.theme import look
from hqgui.views.parts.rows import RowDelegate, Rows


class Line(NamedTuple):
    """One row: what it stands for and its cells."""

    key: int
    cells: tuple[Cell, ...]
    tip: str = ""


@dataclass(frozen=True, slots=True)
class PlainColumn:
    """A column of such a table."""

    key: str
    width: int
    right: bool = False
    stretch: int = 0
    shown: bool = True


class CellTable(QAbstractTableModel):
    """The model: lines that are put in whole."""

    def __init__(self, columns: Sequence[PlainColumn], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = columns
        self.lines: Sequence[Line] = ()

    def show(self, lines: Sequence[Line]) -> None:
        """Show these lines; rows that stay keep their selection."""
        before, after = len(self.lines), len(lines)
        if after < before:
            self.beginRemoveRows(QModelIndex(), after, before - 1)
            self.lines = self.lines[:after]
            self.endRemoveRows()
        elif after > before:
            self.beginInsertRows(QModelIndex(), before, after - 1)
            self.lines = lines
            self.endInsertRows()
        changed = tuple(lines) != tuple(self.lines) or after > before
        self.lines = lines
        if changed and after:
            self.dataChanged.emit(self.index(0, 0), self.index(after - 1, len(self._columns) - 1))

    def rowCount(self, parent: AnyIndex = TOP) -> int:
        """As many as there are lines."""
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: AnyIndex = TOP) -> int:
        """As the columns say."""
        return len(self._columns)

    def cell(self, index: AnyIndex) -> Cell:
        """What is painted."""
        if not 0 <= index.row() < len(self.lines):
            return EMPTY
        return self.lines[index.row()].cells[index.column()]

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Cells, ids and sentences."""
        if not index.isValid() or index.row() >= len(self.lines):
            return None
        line = self.lines[index.row()]
        if role == Role.CELL:
            return self.cell(index)
        if role == Role.ID:
            return line.key
        if role == Role.IDS:
            return (line.key,)
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cell(index).text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(cell.text for cell in line.cells if cell.text)
        return tooltip(line.tip) if role == Qt.ItemDataRole.ToolTipRole else None


class Lines(Rows):
    """The view: as high as its rows, without a heading."""

    def __init__(
        self, name: str, columns: Sequence[PlainColumn], row_height: int = 22, parent: QWidget | None = None
    ) -> None:
        self._row = row_height
        super().__init__(name, columns, parent)
        self.table = CellTable(columns, self)
        self.setRootIsDecorated(False)
        self.setItemDelegate(RowDelegate(self, row_height))
        self.header().hide()
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setStyleSheet("QTreeView { background: transparent; }")
        self.viewport().setAutoFillBackground(False)
        self.show_model(self.table)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show these lines."""
        self.table.show(lines)
        self.setFixedHeight(max(1, len(lines)) * look().px(self._row))
        self.setVisible(bool(lines))
