"""The job tree as a Qt model: what cells show, sorting, filtering, and what a view has to tell.

Rows and their changes are `TreeModel`'s. News come by `apply`. While the view holds (`hold`), only values change;
everything else waits. What the user stopped looking at, an opened fold or a selected row, is let go two seconds later,
so that nothing moves under a second click.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from PySide6.QtCore import QMimeData, QModelIndex, QObject, Qt, QTimer, Signal

from hqgui.models import formats
from hqgui.models.job_columns import COLUMNS, PLACE, title
from hqgui.models.job_filter import NOBODY, Chip, JobFilter, Users, toggled
from hqgui.models.job_store import JobChanges, JobStore
from hqgui.models.roles import EMPTY, Cell, Role, RowKind
from hqgui.models.tree_cells import ANSWERS, TreeCells, alignment
from hqgui.models.tree_model import AnyIndex, TreeModel
from hqgui.models.tree_nodes import CHUNK, Node
from hqgui.models.tree_walk import next_failed, path_to

__all__ = ["Chip", "JobFilter", "JobTree", "toggled"]

LET_GO_SECONDS: Final = 2.0
RESORT_SECONDS: Final = 2.0
"""How often rows change places because values of a live column changed."""
_NEAR_END: Final = 100
_PRIORITY: Final = PLACE["priority"]
_ROW_FLAGS: Final = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled
_PRIORITY_FLAGS: Final = _ROW_FLAGS | Qt.ItemFlag.ItemIsEditable


class JobTree(TreeModel):
    """The tree of jobs that a view shows."""

    priority_edited = Signal(int, int)
    """Job id and the priority that was typed; nothing changes before the server says so."""

    def __init__(
        self,
        store: JobStore,
        users: Users = NOBODY,
        clock: Callable[[], float] = lambda: 0.0,
        parent: QObject | None = None,
    ) -> None:
        self._held = False
        self._selected: frozenset[int] = frozenset()
        self._letting_go: dict[int, float] = {}
        """Jobs that were looked at, and since when they are not."""
        self._closing: dict[int, float] = {}
        """Numbers of folds that were closed, and when."""
        self._resorted = 0.0
        self._seen = 0
        """The lowest row of the top level that was painted."""
        self._cells = TreeCells(store, clock)
        super().__init__(store, users, clock, parent)

    # News

    def apply(self, changes: JobChanges) -> None:
        """Take in what changed in the store."""
        self.note(changes)
        now = self._shape.now
        if self._held:
            self._tell_touched()
            return
        self._let_go(now)
        resort = not COLUMNS[self._shape.column].live or now - self._resorted >= RESORT_SECONDS
        if resort:
            self._resorted = now
        self.settle(resort)

    def tick(self) -> None:
        """Time went by: a filter that asks for ages may find others."""
        if self._shape.asks_for_time:
            self.apply(JobChanges())

    def hold(self, held: bool) -> None:
        """Let rows stay where they are (a menu is open, a button is pressed); the changes wait."""
        self._held = held

    def flush_held(self) -> None:
        """Make all waiting changes now, those that wait for calm too."""
        self._let_go(float("inf"))
        self.settle(resort=True)

    @property
    def is_loading(self) -> bool:
        """Whether a snapshot comes in, so that there is no order yet that could be kept."""
        return self._store.loading

    def set_users(self, users: Users) -> None:
        """The names under which the user submits: whose jobs are "mine"."""
        self._shape.chips.count_anew(users)
        self._mark_all()
        self.settle(resort=True)

    # What the view tells

    def expanded(self, index: AnyIndex) -> None:
        """A row was unfolded."""
        node = self._node(index)
        if node is None:
            return
        node.expanded = True
        self._closing.pop(node.number, None)
        if node.kind is RowKind.JOB:
            self._shape.expanded.add(node.job)
            self._keep()

    def collapsed(self, index: AnyIndex) -> None:
        """A row was folded."""
        node = self._node(index)
        if node is None:
            return
        if node.kind is not RowKind.JOB and not node.expanded:
            return
        if node.kind is RowKind.FOLD:
            self._closing[node.number] = self._clock()
        else:
            node.expanded = False
            self._shape.expanded.discard(node.job)
            self._keep()

    def set_kept(self, jobs: Iterable[int]) -> None:
        """The jobs that are selected or current: news neither fold them away nor filter them out, nor what is above."""
        chosen = frozenset(jobs)
        self._selected = chosen | self._store.ancestors(chosen)
        self._keep()

    def _keep(self) -> None:
        """What is looked at: what is selected, and what is unfolded."""
        now = self._clock()
        looked_at = self._selected | self._shape.expanded
        for job in self._shape.kept - looked_at:
            self._letting_go.setdefault(job, now)
        for job in looked_at:
            self._letting_go.pop(job, None)
        self._shape.kept = looked_at | self._letting_go.keys()

    def _let_go(self, now: float) -> None:
        over = [job for job, since in self._letting_go.items() if now - since >= LET_GO_SECONDS]
        for job in over:
            del self._letting_go[job]
            self._mark_again(job)
        if over:
            self._shape.kept = self._selected | self._shape.expanded | self._letting_go.keys()
        for number in [one for one, since in self._closing.items() if now - since >= LET_GO_SECONDS]:
            del self._closing[number]
            node = self._nodes.find(number)
            if node is not None:
                node.expanded = False
                self._dirty.add(node.home())

    def _mark_again(self, job: int) -> None:
        for node in self._nodes.of_job(job):
            self._mark(node.home(), (job,))

    # Sorting, filter, folding

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort all levels by a column, at once."""
        self._shape.column = column if 0 <= column < len(COLUMNS) else PLACE["id"]
        self._shape.descending = order == Qt.SortOrder.DescendingOrder
        self._everything_anew()

    @property
    def sorted_by(self) -> tuple[int, Qt.SortOrder]:
        """Column and direction."""
        down = self._shape.descending
        return self._shape.column, Qt.SortOrder.DescendingOrder if down else Qt.SortOrder.AscendingOrder

    @property
    def filter(self) -> JobFilter:
        """The filter in force."""
        return self._shape.filter

    def set_filter(self, wanted: JobFilter) -> None:
        """Another filter, at once. Raises FilterError, and keeps the one in force, when its text is not understood."""
        if wanted != self._shape.filter:
            self._shape.now = self._clock()
            self._shape.set_filter(wanted)
            self._nodes.root.limit = CHUNK
            self._everything_anew()

    def set_folding(self, folding: bool) -> None:
        """Fold equal siblings, or give each a row."""
        if folding != self._shape.folding:
            self._shape.folding = folding
            if not folding:
                self._open_folds()
            self._everything_anew()

    @property
    def folding(self) -> bool:
        """Whether equal siblings are folded."""
        return self._shape.folding

    def _everything_anew(self) -> None:
        self._shape.now = self._clock()
        self._mark_all()
        self.settle(resort=True)

    def chip_counts(self) -> dict[Chip, int]:
        """Trees for each chip."""
        return self._shape.chips.totals()

    def hidden_count(self) -> int:
        """Trees that the filter hides."""
        order = self._nodes.root.order
        return self.chip_counts()[Chip.ALL] - (0 if order is None else len(order))

    def shown_trees(self) -> tuple[int, ...]:
        """The trees that the filter shows, whether or not they are loaded."""
        order = self._nodes.root.order
        return () if order is None else tuple(order.ids)

    # Further rows

    def canFetchMore(self, parent: AnyIndex) -> bool:
        """Whether there are further rows; at the top only when one near the end was painted.

        A view asks at each layout, and would load everything by and by.
        """
        if parent.isValid():
            return super().canFetchMore(parent)
        root = self._nodes.root
        return bool(root.rest) and self._seen >= len(root.rows) - _NEAR_END

    def show_more(self, index: AnyIndex) -> None:
        """Load further rows in place of a MORE row."""
        node = self._node(index)
        if node is not None and node.kind is RowKind.MORE and node.parent is not None:
            self._load_further(node.parent)

    # Finding rows

    def index_of(self, job: int, column: int = 0) -> QModelIndex:
        """The first place where a job is shown; invalid when it has no row now."""
        return next(iter(self.indexes_of(job, column)), QModelIndex())

    def indexes_of(self, job: int, column: int = 0) -> list[QModelIndex]:
        """All places where a job is shown."""
        return [self._index(node, column) for node in self._nodes.of_job(job) if node.parent is not None]

    def reveal(self, job: int) -> QModelIndex:
        """Give a job a row, loading what is above it; invalid when the filter hides it."""
        path = path_to(self._store, self._shape, job)
        self._shape.kept = self._shape.kept | set(path)
        node = self._nodes.root
        for step in path:
            child = self._row_below(node, step)
            if child is None:
                return QModelIndex()
            node = child
        return self._index(node)

    def _row_below(self, node: Node, job: int) -> Node | None:
        if not self._below(node, job):
            node.loaded = True
            self._settle_one(node)
            while not self._below(node, job) and node.rest:
                self._load_further(node)
        fold = next((row for row in node.rows if row.kind is RowKind.FOLD and job in row.members), None)
        if fold is not None and not self._below(node, job):
            return self._row_below(fold, job)
        return self._below(node, job)

    def _below(self, node: Node, job: int) -> Node | None:
        homes = (one for one in self._nodes.of_job(job) if one.parent is not None)
        return next((one for one in homes if one.parent is node or one.home() is node), None)

    def next_failed(self, index: AnyIndex, backwards: bool = False) -> QModelIndex:
        """The next job that failed itself, after (or before) a row, all around; invalid when there is none."""
        node = self._node(index)
        top = self._nodes.root.order
        if node is None or top is None:
            return QModelIndex()
        job = next_failed(self._store, self._shape, top.ids, node.job, backwards)
        return QModelIndex() if job is None else self.reveal(job)

    def path_of(self, index: AnyIndex) -> tuple[str, ...]:
        """Names from the top to the row."""
        node = self._node(index)
        if node is None or node.parent is None:
            return ()
        names = [formats.one_line(str(self._store.value(job, "name"))) for job in node.jobs_above()]
        return (*reversed(names), self._cells.cell(node, COLUMNS[0]).text)

    def take_reasons_wanted(self) -> list[int]:
        """Waiting jobs whose note was painted since the last call."""
        wanted, self._cells.reasons_wanted = self._cells.reasons_wanted, set()
        return sorted(wanted)

    def seen_jobs(self, most: int = 100) -> tuple[int, ...]:
        """Jobs whose rows are on the screen or near it, as far as the model can tell."""
        top = self._nodes.root.rows[: self._seen + 1][-most:]
        opened = [row for node in top if node.expanded for row in node.rows]
        return tuple(node.job for node in (*top, *opened) if node.kind is RowKind.JOB)

    def unfolded_jobs(self) -> tuple[int, ...]:
        """Jobs that are unfolded."""
        return tuple(sorted(self._shape.expanded))

    # Cells

    def cell(self, index: AnyIndex) -> Cell:
        """What a delegate paints."""
        node = self._nodes.find(index.internalId()) if index.isValid() else None
        if node is None:
            return EMPTY
        if node.depth == 0:
            self._look(node.row)
        return self._cells.cell(node, COLUMNS[index.column()])

    def _look(self, row: int) -> None:
        """A row of the top level is painted; further ones are loaded before the end comes into sight."""
        self._seen = max(self._seen, row)
        if self._nodes.root.rest and row >= len(self._nodes.root.rows) - _NEAR_END:
            QTimer.singleShot(0, self, self._fetch_at_top)

    def _fetch_at_top(self) -> None:
        top = QModelIndex()
        if not self._held and self.canFetchMore(top):
            self.fetchMore(top)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The roles of `models.roles`, and what Qt asks of every model."""
        if role == Role.CELL:
            return self.cell(index)
        answer = ANSWERS.get(int(role))
        node = self._nodes.find(index.internalId()) if answer is not None and index.isValid() else None
        return None if answer is None or node is None else answer(self._cells, node, COLUMNS[index.column()])

    def setData(self, index: AnyIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """A priority was typed: ask for it."""
        node = self._nodes.find(index.internalId())
        if node is None or role != Qt.ItemDataRole.EditRole or not self.flags(index) & Qt.ItemFlag.ItemIsEditable:
            return False
        self.priority_edited.emit(node.job, int(value))
        return True

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        """Rows may be selected and dragged out; a priority may be edited."""
        if index.column() != _PRIORITY:  # nearly always: a layout asks this of every row
            return _ROW_FLAGS if index.isValid() else Qt.ItemFlag.NoItemFlags
        node = self._nodes.find(index.internalId())
        if node is None:
            return Qt.ItemFlag.NoItemFlags
        return _PRIORITY_FLAGS if node.kind is RowKind.JOB else _ROW_FLAGS

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles of the columns."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(COLUMNS):
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return title(COLUMNS[section])
        return alignment(COLUMNS[section].right) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Rows dragged out: ids and names as text."""
        jobs = dict.fromkeys(job for index in indexes for job in index.data(Role.IDS) or ())
        data = QMimeData()
        data.setText("\n".join(f"{job}\t{self._store.value(job, 'name')}" for job in jobs))
        return data
