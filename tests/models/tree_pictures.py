"""A tree model as plain values, to compare and to read in a failure."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex

from hqgui.models.job_tree import JobTree
from hqgui.models.roles import Role, RowKind

Picture = list[tuple[str, Any, "Picture"]]


def picture(tree: JobTree, parent: QModelIndex | None = None) -> Picture:
    """Kind, id (or ids of a fold) and rows below of every loaded row."""
    above = QModelIndex() if parent is None else parent
    rows: Picture = []
    for place in range(tree.rowCount(above)):
        index = tree.index(place, 0, above)
        kind = tree.data(index, Role.KIND)
        ids = tree.data(index, Role.IDS) if kind == RowKind.FOLD else tree.data(index, Role.ID)
        rows.append((str(kind), ids, picture(tree, index)))
    return rows


def load_everything(tree: JobTree, parent: QModelIndex | None = None) -> None:
    """Load the rows below every row."""
    above = QModelIndex() if parent is None else parent
    if tree.canFetchMore(above):
        tree.fetchMore(above)
    for place in range(tree.rowCount(above)):
        load_everything(tree, tree.index(place, 0, above))


def texts(tree: JobTree, column: int = 0, parent: QModelIndex | None = None) -> list[str]:
    """The texts of one column of the rows below a row."""
    above = QModelIndex() if parent is None else parent
    return [tree.cell(tree.index(place, column, above)).text for place in range(tree.rowCount(above))]
