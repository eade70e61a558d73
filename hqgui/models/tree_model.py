"""The moving parts of the job tree: rows that come, go and change places below Qt's eyes.

Changes are noted first (`note`) and made in one go (`settle`), at most ten times a second. Each loaded node compares
the rows that it has with those that `Shape` wants: rows that are not wanted are removed, the rest is put in order in
one layout change for the whole tree, new rows are inserted. The model is never reset, so selection, current row and
unfolded rows stay in Qt's persistent indexes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Signal

from hqgui.models.folding import Wanted
from hqgui.models.job_columns import COLUMNS
from hqgui.models.job_filter import Users
from hqgui.models.job_store import JobChanges, JobStore
from hqgui.models.roles import RowKind
from hqgui.models.tree_nodes import CHUNK, Node, Nodes, fitting, renumber
from hqgui.models.tree_shape import Shape, stale_everywhere

AnyIndex = QModelIndex | QPersistentModelIndex

_TOP: Final = QModelIndex()
_FEW_TOUCHED: Final = 32
"""Up to here each changed row is told by itself; beyond, a range for each parent."""

Target = list[Node | Wanted]


class TreeModel(QAbstractItemModel):
    """Index, parent and rows of the tree, and how they are brought up to date."""

    rows_about_to_change = Signal()
    """Rows are about to be removed, moved or inserted: a view notes what stands at its top."""
    rows_changed = Signal()

    def __init__(
        self, store: JobStore, users: Users, clock: Callable[[], float], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._clock = clock
        self._nodes = Nodes()
        self._shape = Shape(store, users)
        self._shape.now = clock()
        self._dirty: set[Node] = set()
        self._touched: set[Node] = set()
        self._doubtful: set[Node] = set()
        """Closed nodes that may have got their first row or lost their last one."""
        self._late: set[Node] = set()
        """Nodes with rows that wait to be put in order."""
        self._changing = False
        self._shape.chips.count_anew(users)
        self._mark_all()
        self.settle(resort=True)

    # What Qt asks

    def index(self, row: int, column: int, parent: AnyIndex = _TOP) -> QModelIndex:
        """The index of a loaded row."""
        node = self._node(parent)
        if node is None or parent.column() > 0 or not 0 <= row < len(node.rows) or not 0 <= column < len(COLUMNS):
            return QModelIndex()
        return self.createIndex(row, column, node.rows[row].number)

    def parent(self, index: AnyIndex = _TOP) -> QModelIndex:  # type: ignore[override]
        """The index of the row above."""
        node = self._nodes.find(index.internalId()) if index.isValid() else None
        return QModelIndex() if node is None or node.parent is None else self._index(node.parent)

    def rowCount(self, parent: AnyIndex = _TOP) -> int:
        """Rows that are loaded."""
        node = self._node(parent)
        return 0 if node is None or parent.column() > 0 else len(node.rows)

    def columnCount(self, parent: AnyIndex = _TOP) -> int:
        """The same for all rows."""
        return len(COLUMNS)

    def hasChildren(self, parent: AnyIndex = _TOP) -> bool:
        """Whether there is something below, loaded or not."""
        node = self._node(parent)
        if node is None or parent.column() > 0:
            return False
        return bool(node.rows) if node.loaded else self._shape.has_rows(node)

    def canFetchMore(self, parent: AnyIndex) -> bool:
        """Whether rows below were not loaded yet."""
        node = self._node(parent)
        return node is not None and not node.loaded and self._shape.has_rows(node)

    def fetchMore(self, parent: AnyIndex) -> None:
        """Load rows: the first ones below a row, further ones at the top."""
        node = self._node(parent)
        if node is None:
            return
        if not node.loaded:
            node.loaded = True
            self._settle_one(node)
        elif node.rest:
            self._load_further(node)

    def _load_further(self, node: Node) -> None:
        shown = len(node.rows) - (node.rows[-1].kind is RowKind.MORE)
        node.limit = max(node.limit, shown) + CHUNK
        self._settle_one(node)

    def _node(self, index: AnyIndex) -> Node | None:
        return self._nodes.find(index.internalId()) if index.isValid() else self._nodes.root

    def _index(self, node: Node, column: int = 0) -> QModelIndex:
        return QModelIndex() if node.parent is None else self.createIndex(node.row, column, node.number)

    # Changes are noted

    def note(self, changes: JobChanges) -> None:
        """Remember which rows the changes concern."""
        self._shape.now = self._clock()
        if self._shape.take_in(changes):
            self._mark_all()
        for job in changes.changed:
            self._note_changed(job)
        for parent, children in changes.moved.items():
            for node in self._nodes.of_job(parent):
                self._touched.add(node)
                self._mark(node, children)
        self._mark(self._nodes.root, changes.removed | changes.tops)

    def _note_changed(self, job: int) -> None:
        places = self._nodes.of_job(job)
        self._touched.update(places)
        self._doubtful.update(places)
        row = self._store.row_of.get(job)
        if row is None:
            return
        for parent in self._store.parents[row]:
            for node in self._nodes.of_job(parent):
                self._mark(node, (job,))
        order = self._nodes.root.order
        if self._store.is_top(job) or (order is not None and job in order):
            self._mark(self._nodes.root, (job,))

    def _mark(self, node: Node, children: Iterable[int]) -> None:
        if not node.loaded:
            self._doubtful.add(node)
            return
        before = len(node.stale)
        node.stale.update(children)
        if len(node.stale) > before or node.order is None:
            self._dirty.add(node)

    def _mark_all(self) -> None:
        """Sort and filter everything anew."""
        loaded = self._nodes.loaded()
        stale_everywhere(loaded)
        self._dirty.update(loaded)
        self._doubtful.update(self._nodes.closed())

    # Changes are made

    def settle(self, resort: bool) -> None:
        """Bring the rows up to date with what was noted. `resort`: rows may change places."""
        if resort:
            self._dirty |= self._late
            self._late.clear()
        dirty = sorted(self._dirty, key=lambda node: node.depth)
        self._dirty.clear()
        self._arrange(dirty, resort)
        self._tell_touched()

    def _settle_one(self, node: Node) -> None:
        self._dirty.discard(node)
        self._arrange([node], resort=True)

    def _arrange(self, nodes: list[Node], resort: bool) -> None:
        targets: list[tuple[Node, Target]] = []
        for node in nodes:
            if node.loaded and self._nodes.alive(node):
                targets.extend(self._plan(node, resort))
        moved = [(node, order) for node, target in targets if (order := _moved(node, target)) is not None]
        if moved:
            self._reorder(moved)
        for node, target in targets:
            self._insert(node, target)
        self._tell_first_rows()
        if self._changing:
            self._changing = False
            self.rows_changed.emit()

    def _plan(self, node: Node, resort: bool) -> Iterator[tuple[Node, Target]]:
        """Decide what a node and its folds should show and remove what they should not."""
        stale = set(node.stale)
        is_fold = node.kind is RowKind.FOLD
        wanted = self._shape.arrange_members(node) if is_fold else self._shape.arrange(node, resort)
        if node.late:
            self._late.add(node)
        target = fitting(node.rows, wanted)
        self._remove(node, target)
        yield node, target
        for row, wish in zip(target, wanted, strict=True):
            if isinstance(row, Node) and row.kind is RowKind.FOLD:
                yield from self._plan_fold(row, wish, stale)
            elif isinstance(row, Node) and row.kind is RowKind.MORE:
                self._touched.add(row)

    def _plan_fold(self, node: Node, wish: Wanted, stale: set[int]) -> Iterator[tuple[Node, Target]]:
        if node.members == wish.members and stale.isdisjoint(wish.members):
            return
        self._touched.add(node)
        node.job, node.members = wish.job, wish.members
        if node.loaded:
            yield from self._plan(node, resort=True)

    def _begin(self) -> None:
        if not self._changing:
            self._changing = True
            self.rows_about_to_change.emit()

    def _remove(self, node: Node, target: Target) -> None:
        staying = {row for row in target if isinstance(row, Node)}
        last = len(node.rows) - 1
        while last >= 0:
            if node.rows[last] in staying:
                last -= 1
                continue
            first = last
            while first > 0 and node.rows[first - 1] not in staying:
                first -= 1
            self._begin()
            self.beginRemoveRows(self._index(node), first, last)
            gone = node.rows[first : last + 1]
            del node.rows[first : last + 1]
            renumber(node.rows, first)
            for row in gone:
                self._nodes.forget(row)
            self.endRemoveRows()
            last = first - 1

    def _open_folds(self) -> None:
        """Put the loaded rows of every fold where the fold stands, so that they stay the rows that they are."""
        for node in self._nodes.loaded():
            for fold in [row for row in node.rows if row.kind is RowKind.FOLD and row.rows]:
                self._open_fold(node, fold)

    def _open_fold(self, node: Node, fold: Node) -> None:
        rows = [row for row in fold.rows if row.kind is RowKind.JOB]
        self._begin()
        self.beginMoveRows(self._index(fold), 0, len(rows) - 1, self._index(node), fold.row)
        del fold.rows[: len(rows)]
        renumber(fold.rows)
        node.rows[fold.row : fold.row] = rows
        renumber(node.rows)
        for row in rows:
            row.parent, row.depth = node, node.depth + 1
        self.endMoveRows()

    def _reorder(self, moved: list[tuple[Node, list[Node]]]) -> None:
        self._begin()
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        for node, order in moved:
            node.rows = order
            renumber(order)
        after = [self._same_row(index) for index in before]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _same_row(self, index: QModelIndex) -> QModelIndex:
        node = self._nodes.find(index.internalId())
        return QModelIndex() if node is None else self._index(node, index.column())

    def _insert(self, node: Node, target: Target) -> None:
        first = 0
        while first < len(target):
            last = first
            while last < len(target) and isinstance(target[last], Wanted):
                last += 1
            if last > first:
                self._begin()
                self.beginInsertRows(self._index(node), first, last - 1)
                new = [self._new_row(node, target[place], place) for place in range(first, last)]
                node.rows[first:first] = new
                renumber(node.rows, last)
                self.endInsertRows()
            first = last + 1

    def _new_row(self, parent: Node, wish: Node | Wanted, row: int) -> Node:
        assert isinstance(wish, Wanted)
        node = self._nodes.add(parent, wish, row)
        node.was_parent = self._shape.has_rows(node)
        return node

    def _tell_first_rows(self) -> None:
        """Closed rows that got something below, or lost it: a view learns of that only by a layout change."""
        turned = False
        for node in self._doubtful:
            if self._nodes.alive(node) and not node.loaded and node.parent is not None:
                has_rows = self._shape.has_rows(node)
                turned = turned or has_rows != node.was_parent
                node.was_parent = has_rows
        self._doubtful.clear()
        if turned:
            self._begin()
            self.layoutAboutToBeChanged.emit()
            self.layoutChanged.emit()

    def _tell_touched(self) -> None:
        nodes = [node for node in self._touched if self._nodes.alive(node) and node.parent is not None]
        self._touched.clear()
        last = len(COLUMNS) - 1
        if len(nodes) <= _FEW_TOUCHED:
            for node in nodes:
                self.dataChanged.emit(self._index(node), self._index(node, last))
            return
        ranges: dict[Node, tuple[Node, Node]] = {}
        for node in nodes:
            assert node.parent is not None
            low, high = ranges.get(node.parent, (node, node))
            ranges[node.parent] = (node if node.row < low.row else low, node if node.row > high.row else high)
        for low, high in ranges.values():
            self.dataChanged.emit(self._index(low), self._index(high, last))


def _moved(node: Node, target: Target) -> list[Node] | None:
    """The rows that stay, in their new order; None when it is the one they have."""
    order = [row for row in target if isinstance(row, Node)]
    return None if order == node.rows else order
