"""A table model whose rows are ids, brought up to date without a reset.

`set_ids` compares the rows that there are with those that should be: what is gone is removed, what stays is put in
order by a layout change, what is new is inserted. Selection and current row are Qt's persistent indexes and stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex

AnyIndex = QModelIndex | QPersistentModelIndex
TOP: Final = QModelIndex()


class FlatRows(QAbstractTableModel):
    """Rows by id; subclasses answer for the cells."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ids: list[int] = []
        self._place: dict[int, int] = {}

    @property
    def ids(self) -> Sequence[int]:
        """The ids in order."""
        return self._ids

    def rowCount(self, parent: AnyIndex = TOP) -> int:
        """As many as there are ids."""
        return 0 if parent.isValid() else len(self._ids)

    def index_of(self, row_id: int, column: int = 0) -> QModelIndex:
        """Where an id stands; invalid when it is not shown."""
        place = self._place.get(row_id)
        return QModelIndex() if place is None else self.index(place, column)

    def set_ids(self, wanted: Sequence[int]) -> None:
        """Show these ids in this order."""
        if wanted == self._ids:
            return
        self._remove(set(wanted))
        stay = [row_id for row_id in wanted if row_id in self._place]
        if stay != self._ids:
            self._reorder(stay)
        self._insert(wanted)

    def _renumber(self, ids: list[int]) -> None:
        self._ids = ids
        self._place = {row_id: place for place, row_id in enumerate(ids)}

    def _remove(self, wanted: set[int]) -> None:
        last = len(self._ids) - 1
        while last >= 0:
            if self._ids[last] in wanted:
                last -= 1
                continue
            first = last
            while first > 0 and self._ids[first - 1] not in wanted:
                first -= 1
            self.beginRemoveRows(QModelIndex(), first, last)
            self._renumber(self._ids[:first] + self._ids[last + 1 :])
            self.endRemoveRows()
            last = first - 1

    def _reorder(self, order: list[int]) -> None:
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        ids = [self._ids[index.row()] for index in before]
        self._renumber(order)
        after = [self.index_of(row_id, index.column()) for row_id, index in zip(ids, before, strict=True)]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _insert(self, wanted: Sequence[int]) -> None:
        first = 0
        while first < len(wanted):
            last = first
            while last < len(wanted) and wanted[last] not in self._place:
                last += 1
            if last > first:
                self.beginInsertRows(QModelIndex(), first, last - 1)
                self._renumber(self._ids[:first] + list(wanted[first:last]) + self._ids[first:])
                self.endInsertRows()
            first = last + 1
