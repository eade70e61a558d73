"""A tree model of cells that is put in whole and brought up to date by keys, never reset.

A node is known by its key among its siblings: what stays keeps its place in selection, unfolding and scrolling.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, Qt

from hqgui.models.flat_rows import TOP, AnyIndex
from hqgui.models.formats import tooltip
from hqgui.models.roles import EMPTY, Cell, Role


@dataclass(slots=True, eq=False)
class Node:
    """A row and what hangs below it."""

    key: object
    cells: tuple[Cell, ...]
    children: list[Node] = field(default_factory=list)
    tip: str = ""
    spoken: str = ""
    """What a screen reader says; empty: the texts of its cells."""
    value: Any = None
    """What the row stands for, to whoever made it."""
    check: Qt.CheckState | None = None
    parent: Node | None = None
    row: int = 0
    number: int = 0


class KeyedTree(QAbstractItemModel):
    """The model."""

    def __init__(self, titles: Sequence[str], right: Collection[int] = (), parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._titles = titles
        self._right = right
        """Columns of which the titles stand at the right."""
        self._root = Node(None, ())
        self._nodes: dict[int, Node] = {}
        self._numbers = itertools.count(1)

    @property
    def nodes(self) -> Sequence[Node]:
        """The rows at the top."""
        return self._root.children

    def show(self, wanted: Sequence[Node]) -> None:
        """Show these rows."""
        self._update(self._root, list(wanted))

    def node(self, index: AnyIndex) -> Node | None:
        """What stands at an index."""
        return self._nodes.get(index.internalId()) if index.isValid() else None

    def index_of(self, node: Node, column: int = 0) -> QModelIndex:
        """Where a node stands."""
        return QModelIndex() if node is self._root else self.createIndex(node.row, column, node.number)

    def _update(self, above: Node, wanted: list[Node]) -> None:
        keys = {node.key for node in wanted}
        place = self.index_of(above)
        for row in range(len(above.children) - 1, -1, -1):
            if above.children[row].key not in keys:
                self.beginRemoveRows(place, row, row)
                self._forget(above.children.pop(row))
                self._number(above)
                self.endRemoveRows()
        for row, node in enumerate(wanted):
            known = next((at for at in range(row, len(above.children)) if above.children[at].key == node.key), None)
            if known is None:
                self.beginInsertRows(place, row, row)
                above.children.insert(row, self._adopt(node, above))
                self._number(above)
                self.endInsertRows()
                continue
            if known != row:
                self.beginMoveRows(place, known, known, place, row)
                above.children.insert(row, above.children.pop(known))
                self._number(above)
                self.endMoveRows()
            self._take(above.children[row], node)

    def _take(self, known: Node, fresh: Node) -> None:
        changed = (known.cells, known.tip, known.check) != (fresh.cells, fresh.tip, fresh.check)
        known.cells, known.tip, known.spoken = fresh.cells, fresh.tip, fresh.spoken
        known.value, known.check = fresh.value, fresh.check
        if changed:
            self.dataChanged.emit(self.index_of(known), self.index_of(known, len(self._titles) - 1))
        self._update(known, fresh.children)

    def _adopt(self, node: Node, above: Node) -> Node:
        node.parent, node.number = above, next(self._numbers)
        self._nodes[node.number] = node
        for row, child in enumerate(node.children):
            child.row = row
            self._adopt(child, node)
        return node

    def _forget(self, node: Node) -> None:
        del self._nodes[node.number]
        for child in node.children:
            self._forget(child)

    def _number(self, above: Node) -> None:
        for row, node in enumerate(above.children):
            node.row = row

    def _at(self, parent: AnyIndex) -> Node:
        return self.node(parent) or self._root

    def index(self, row: int, column: int, parent: AnyIndex = TOP) -> QModelIndex:
        """Of a row below another."""
        children = self._at(parent).children
        if not (0 <= row < len(children) and 0 <= column < len(self._titles)):
            return QModelIndex()
        return self.createIndex(row, column, children[row].number)

    def parent(self, index: AnyIndex = TOP) -> QModelIndex:  # type: ignore[override]
        """The row above."""
        node = self.node(index)
        return QModelIndex() if node is None or node.parent is None else self.index_of(node.parent)

    def rowCount(self, parent: AnyIndex = TOP) -> int:
        """Rows below."""
        return len(self._at(parent).children) if parent.column() <= 0 else 0

    def columnCount(self, parent: AnyIndex = TOP) -> int:
        """As many as there are titles."""
        return len(self._titles)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles."""
        if role == Qt.ItemDataRole.TextAlignmentRole and section in self._right:
            return int(Qt.AlignmentFlag.AlignRight)
        shown = orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return self._titles[section] if shown and 0 <= section < len(self._titles) else None

    def show_titles(self, titles: Sequence[str]) -> None:
        """Other titles of the same columns."""
        if tuple(titles) != tuple(self._titles):
            self._titles = titles
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(titles) - 1)

    def cell(self, index: AnyIndex) -> Cell:
        """What is painted."""
        node = self.node(index)
        return node.cells[index.column()] if node is not None and index.column() < len(node.cells) else EMPTY

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Cells and sentences."""
        node = self.node(index)
        if node is None:
            return None
        if role == Role.CELL:
            return self.cell(index)
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cell(index).text
        if role == Qt.ItemDataRole.CheckStateRole:
            return node.check if index.column() == 0 else None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return node.spoken or ", ".join(cell.text for cell in node.cells if cell.text)
        return tooltip(node.tip) if role == Qt.ItemDataRole.ToolTipRole and node.tip else None
