"""The clients table as a Qt model, with its own sorting and filter."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Any, Final

from PySide6.QtCore import QMimeData, QModelIndex, QObject, Qt

from hqgui.models import formats
from hqgui.models.client_cells import Around, ClientColumn, label
from hqgui.models.client_columns import CLIENT_COLUMNS
from hqgui.models.client_drag import as_mime
from hqgui.models.client_store import Client, ClientChanges, ClientStore
from hqgui.models.flat_rows import TOP, AnyIndex, FlatRows
from hqgui.models.job_store import JobStore
from hqgui.models.roles import EMPTY, Cell, Role, RowKind
from hqgui.models.tree_cells import alignment
from hqgui.words import translate

RESORT_SECONDS: Final = 2.0


@unique
class ClientChip(StrEnum):
    """The chips over the table."""

    ALL = "all"
    ATTENTION = "attention"
    SELECTED_JOB = "selected job"


@dataclass(frozen=True, slots=True)
class ClientFilter:
    """The chip that is on, the text, and the jobs that are selected in the tree."""

    chip: ClientChip = ClientChip.ALL
    text: str = ""
    job_ids: tuple[int, ...] = ()
    group: int | None = None
    """Members of this group alone; 0: clients that are in none; None: all."""


class ClientTable(FlatRows):
    """The clients that a view shows."""

    def __init__(
        self,
        store: ClientStore,
        jobs: JobStore,
        groups: dict[int, dict[str, Any]],
        clock: Callable[[], float] = lambda: 0.0,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._jobs = jobs
        self._groups = groups
        self._clock = clock
        self._filter = ClientFilter()
        self._column = 0
        self._descending = False
        self._held = False
        self._waiting = False
        """Whether rows wait to be arranged."""
        self._resorted = 0.0

    # News

    def apply(self, changes: ClientChanges) -> None:
        """Take in what changed in the store."""
        if not changes and not self._waiting:
            return
        now = self._clock()
        came_or_went = changes.removed or any(client not in self._place for client in changes.changed)
        if self._held or (not came_or_went and now - self._resorted < RESORT_SECONDS):
            self._waiting = True
        else:
            self._arrange(now)
        self._tell(changes.changed)

    def hold(self, held: bool) -> None:
        """Let rows stay where they are."""
        self._held = held

    def _arrange(self, now: float) -> None:
        self._resorted = now
        self._waiting = False
        around = self._around()
        wanted = self.with_job(self._filter.job_ids) if self._filter.chip is ClientChip.SELECTED_JOB else None
        shown = sorted(client for client, row in self._store.rows.items() if self._passes(client, row, around, wanted))
        key = CLIENT_COLUMNS[self._column].sort
        shown.sort(key=lambda client: key(self._store.rows[client], around), reverse=self._descending)
        self.set_ids(shown)

    def _tell(self, changed: Iterable[int]) -> None:
        places = sorted(self._place[client] for client in changed if client in self._place)
        if not places:
            return
        last = len(CLIENT_COLUMNS) - 1
        if len(places) > 32:
            self.dataChanged.emit(self.index(places[0], 0), self.index(places[-1], last))
            return
        for place in places:
            self.dataChanged.emit(self.index(place, 0), self.index(place, last))

    # Sorting and filter

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column, at once."""
        self._column = column if 0 <= column < len(CLIENT_COLUMNS) else 0
        self._descending = order == Qt.SortOrder.DescendingOrder
        self._arrange(self._clock())

    @property
    def sorted_by(self) -> tuple[int, Qt.SortOrder]:
        """Column and direction."""
        return self._column, Qt.SortOrder.DescendingOrder if self._descending else Qt.SortOrder.AscendingOrder

    @property
    def filter(self) -> ClientFilter:
        """The filter in force."""
        return self._filter

    def set_filter(self, wanted: ClientFilter) -> None:
        """Another filter, at once."""
        if wanted != self._filter:
            self._filter = wanted
            self._arrange(self._clock())

    def _passes(self, client: int, row: Client, around: Around, wanted: Collection[int] | None) -> bool:
        if self._filter.chip is ClientChip.ATTENTION and client not in self._store.attention:
            return False
        if wanted is not None and client not in wanted:
            return False
        group = self._filter.group
        if group is not None and (group not in row["groups"] if group else any(map(self._groups.get, row["groups"]))):
            return False
        words = self._filter.text.casefold().split()
        if not words:
            return True
        cells = ("client", "state", "jobs", "groups", "platform", "note")
        text = " ".join(_BY_KEY[key].cell(row, around).text for key in cells).casefold() + f" {row['ip']} #{client}"
        return all(word in text for word in words)

    def with_job(self, jobs: Iterable[int]) -> set[int]:
        """Clients that run the jobs or what is below them."""
        wanted = set(jobs)
        if not wanted:
            return set()
        rows = self._store.rows
        found = self._jobs.below({job for row in rows.values() for job in row["runningJobs"]}, wanted)
        return {client for client, row in rows.items() if not found.isdisjoint(row["runningJobs"])} if found else set()

    def chip_counts(self, jobs: Iterable[int] = ()) -> dict[ClientChip, int]:
        """Clients for each chip; `jobs`: those that are selected in the tree."""
        return {
            ClientChip.ALL: len(self._store),
            ClientChip.ATTENTION: len(self._store.attention),
            ClientChip.SELECTED_JOB: len(self.with_job(jobs)),
        }

    def labels_of(self, clients: Iterable[int]) -> list[str]:
        """Names of clients, as the server takes them."""
        return [self._store.label(client) for client in clients]

    # Cells

    def _around(self) -> Around:
        return Around(self._jobs, self._groups, self._clock())

    def columnCount(self, parent: AnyIndex = TOP) -> int:
        """The columns of the table."""
        return len(CLIENT_COLUMNS)

    def cell(self, index: AnyIndex) -> Cell:
        """What a delegate paints."""
        row = self._row(index)
        return EMPTY if row is None else CLIENT_COLUMNS[index.column()].cell(row, self._around())

    def _row(self, index: AnyIndex) -> Client | None:
        valid = index.isValid() and index.row() < len(self._ids)
        return self._store.get(self._ids[index.row()]) if valid else None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The roles of `models.roles`, and what Qt asks of every model."""
        answer = _ANSWERS.get(int(role))
        row = self._row(index) if answer is not None else None
        return None if answer is None or row is None else answer(row, CLIENT_COLUMNS[index.column()], self._around())

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        """Rows may be selected and dragged out."""
        return super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled if index.isValid() else Qt.ItemFlag.NoItemFlags

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Ids for this program, names as text for others."""
        return as_mime((client, self._store.label(client)) for client in self.current_ids(indexes))

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles of the columns."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(CLIENT_COLUMNS):
            return None
        column = CLIENT_COLUMNS[section]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return translate("Columns", column.title)
        return alignment(column.right) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def current_ids(self, indexes: Iterable[QModelIndex]) -> tuple[int, ...]:
        """The clients in a selection."""
        return tuple(dict.fromkeys(self._ids[index.row()] for index in indexes if index.isValid()))


def _tip(row: Client, column: ClientColumn, around: Around) -> str:
    return formats.tooltip(column.cell(row, around).text if column.tip is None else column.tip(row, around))


def _sentence(row: Client, column: ClientColumn, around: Around) -> str:
    text = column.cell(row, around).text
    if column.key != "client":
        return f"{translate('Columns', column.title)}: {text}"
    parts = (_BY_KEY[key].cell(row, around).text for key in ("client", "state", "jobs"))
    return ", ".join(part for part in parts if part)


_BY_KEY: Final = {column.key: column for column in CLIENT_COLUMNS}
_ANSWERS: Final[dict[int, Callable[[Client, ClientColumn, Around], Any]]] = {
    Role.CELL.value: lambda row, column, around: column.cell(row, around),
    Role.ID.value: lambda row, column, around: row["id"],
    Role.KIND.value: lambda row, column, around: RowKind.CLIENT,
    Role.IDS.value: lambda row, column, around: (row["id"],),
    Role.STATUS.value: lambda row, column, around: row["status"],
    Qt.ItemDataRole.DisplayRole.value: lambda row, column, around: column.cell(row, around).text,
    Qt.ItemDataRole.ToolTipRole.value: _tip,
    Qt.ItemDataRole.AccessibleTextRole.value: _sentence,
    Qt.ItemDataRole.AccessibleDescriptionRole.value: lambda row, column, around: formats.one_line(
        f"{label(row)} {row['latestNote']}".strip()
    ),
    Qt.ItemDataRole.TextAlignmentRole.value: lambda row, column, around: alignment(column.right),
}
