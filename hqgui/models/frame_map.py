"""The frame map: the leaves below one job as cells, 24 in a row, by state, time or memory; each layer under its name.

A real table model, so that keys, selection and assistive programs come from Qt. Beyond 20,000 leaves each cell stands
for a range of them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from enum import StrEnum, unique
from typing import Any, Final, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, Signal

from hqgui.models import formats, job_cells
from hqgui.models.flat_rows import TOP, AnyIndex
from hqgui.models.job_store import JobChanges, JobStore
from hqgui.models.roles import Role
from hqgui.models.status_words import BAR_ORDER, job_label, liveliest
from hqgui.words import counted, translate
from hqserver.wire.statuses import JobStatus

COLUMNS: Final = 24
MOST_CELLS: Final = 20_000
SMALL_CELLS_FROM: Final = 2_000
MOST_COUNTED: Final = 5_000
MEASURE_SECONDS: Final = 2.0
"""How often the times of very many leaves are compared anew."""
MOST_LAYERS: Final = 60
"""Beyond this many, and where layers are of a leaf each, leaves stand in the order of the tree without headings."""
_TELLING: Final = (JobStatus.FAILED, JobStatus.ABANDONED)


@unique
class MapMode(StrEnum):
    """What a cell's colour says."""

    STATE = "state"
    TIME = "time"
    MEMORY = "memory"
    """The most that it held; known when an attempt has ended."""


class MapCell(NamedTuple):
    """What a delegate paints for one leaf, or for a range of them."""

    ids: tuple[int, ...]
    label: str
    status: str
    fraction: float
    """Progress, 0 to 1."""
    shade: float
    """0 (the least time or memory among the leaves) to 1 (the most); -1: not known yet, or state mode."""
    size: int
    """How many leaves it stands for."""


class Readout(NamedTuple):
    """`Running 91% on rnd-141 for 14m 02s`, in parts because the client leads somewhere."""

    words: str = ""
    client: str = ""
    client_id: int = 0
    time: str = ""

    @property
    def text(self) -> str:
        """All of it."""
        return " ".join(part for part in (self.words, self.client, self.time) if part)


class MapRow(NamedTuple):
    """A row: the heading of a layer, or 24 cells."""

    first: int
    """Place of its first leaf among all."""
    leaves: int
    """How many leaves it shows; 0: a heading."""
    heading: str = ""
    detail: str = ""


class FrameMap(QAbstractTableModel):
    """The leaves of one job."""

    headings_changed = Signal()
    """Other rows are headings than before."""

    def __init__(
        self, store: JobStore, clock: Callable[[], float] = lambda: 0.0, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._clock = clock
        self._job: int | None = None
        self._mode = MapMode.STATE
        self._leaves: list[int] = []
        self._family: set[int] = set()
        self._rows: list[MapRow] = []
        self._span = 1
        """Leaves in a cell."""
        self._least, self._most = 0.0, 0.0
        """Of what the colour says, among the leaves."""
        self._measured = 0.0

    @property
    def job(self) -> int | None:
        """The job whose leaves are shown."""
        return self._job

    @property
    def cell_px(self) -> int:
        """Size of a cell at 100 %, without its gap."""
        return 8 if len(self._leaves) > SMALL_CELLS_FROM else 12

    @property
    def mode(self) -> MapMode:
        """What a cell's colour says."""
        return self._mode

    def show(self, job: int | None) -> None:
        """Show the leaves of another job."""
        if job != self._job:
            self._job = job
            self._set_leaves([])
            self._gather()

    def set_mode(self, mode: MapMode) -> None:
        """Colour by something else."""
        self._mode = mode
        self._measure()
        self._tell_all()

    def apply(self, changes: JobChanges) -> None:
        """Take in what changed in the store."""
        if self._job is None:
            return
        if self._job in changes.removed:
            self.show(None)
            return
        if not self._family.isdisjoint(changes.moved) or not self._family.isdisjoint(changes.removed):
            self._gather()
        elif not self._family.isdisjoint(changes.changed):
            now = self._clock()
            if len(self._leaves) <= MOST_COUNTED or now - self._measured >= MEASURE_SECONDS:
                self._measured = now
                self._measure()
            self._tell_all()

    def _gather(self) -> None:
        """Find the leaves: those directly below in order of frame, then those of each layer."""
        store = self._store
        family = [] if self._job is None else store.family((self._job,))
        self._family = set(family)
        layers = self._layers()
        if len(layers) > MOST_LAYERS or (layers and len(layers) > sum(len(found) for _, found in layers) // 2):
            layers = [(0, [job for job in family if job != self._job and store.is_leaf(job)])]
        self._set_leaves(layers)
        self._measure()
        self._tell_all()

    def _layers(self) -> list[tuple[int, list[int]]]:
        """The leaves of each child of the job that has some, in order of frame; a leaf of two layers is in the first.

        Leaves that are children themselves come first, as layer 0.
        """
        store, own, layers = self._store, list[int](), list[tuple[int, list[int]]]()
        seen: set[int] = set()
        for child in sorted(store.children(self._job)) if self._job is not None else ():
            if store.is_leaf(child):
                own.append(child)
            elif found := [job for job in store.family((child,)) if store.is_leaf(job) and job not in seen]:
                layers.append((child, sorted(found, key=self._by_frame)))
                seen.update(found)
        mine = [job for job in own if job not in seen]
        return [(0, sorted(mine, key=self._by_frame)), *layers] if mine else layers

    def _by_frame(self, job: int) -> tuple[int, int, int]:
        frame = self._store.value(job, "frame")
        return (0, frame, job) if isinstance(frame, int) else (1, 0, job)

    def _set_leaves(self, layers: list[tuple[int, list[int]]]) -> None:
        leaves = [job for _, found in layers for job in found]
        span = max(1, -(-len(leaves) // MOST_CELLS))
        rows = list(self._rows_of(layers, span))
        before, after = len(self._rows), len(rows)
        others = [row for row in rows if not row.leaves] != [row for row in self._rows if not row.leaves]
        if after < before:
            self.beginRemoveRows(QModelIndex(), after, before - 1)
        elif after > before:
            self.beginInsertRows(QModelIndex(), before, after - 1)
        self._leaves, self._rows, self._span = leaves, rows, span
        if after < before:
            self.endRemoveRows()
        elif after > before:
            self.endInsertRows()
        if others:
            self.headings_changed.emit()

    def _rows_of(self, layers: list[tuple[int, list[int]]], span: int) -> Iterator[MapRow]:
        first, in_row = 0, COLUMNS * span
        for layer, leaves in layers:
            if layer and len(layers) > 1:
                words = counted(len(leaves), translate("Jobs", "{n} frame"), translate("Jobs", "{n} frames"))
                yield MapRow(first, 0, formats.one_line(str(self._store.value(layer, "name")), 80), words)
            for start in range(0, len(leaves), in_row):
                yield MapRow(first + start, min(in_row, len(leaves) - start))
            first += len(leaves)

    def _measure(self) -> None:
        known = [amount for job in self._leaves if (amount := self._amount(job)) is not None]
        self._least, self._most = (min(known), max(known)) if known else (0.0, 0.0)

    def _amount(self, job: int) -> float | None:
        """What the colour of a leaf says: seconds, or kilobytes; None in state mode and where it is not known."""
        if self._mode is MapMode.STATE:
            return None
        return self._time(job) if self._mode is MapMode.TIME else self._memory(job)

    def _time(self, job: int) -> float | None:
        row = self._store.row_of.get(job)
        return None if row is None else job_cells.elapsed(self._store, row, self._clock())

    def _memory(self, job: int) -> float | None:
        row = self._store.row_of.get(job)
        return None if row is None else self._store.columns["peakMemory"][row] or None

    def _tell_all(self) -> None:
        rows = self.rowCount()
        if rows:
            self.dataChanged.emit(self.index(0, 0), self.index(rows - 1, COLUMNS - 1))
            self.headerDataChanged.emit(Qt.Orientation.Vertical, 0, rows - 1)

    def rowCount(self, parent: AnyIndex = TOP) -> int:
        """As many as the leaves need."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: AnyIndex = TOP) -> int:
        """Always 24."""
        return COLUMNS

    def ids_at(self, index: AnyIndex) -> tuple[int, ...]:
        """The leaves of a cell; empty past the end."""
        if not index.isValid():
            return ()
        row = self._rows[index.row()]
        start = row.first + index.column() * self._span
        end = min(start + self._span, row.first + row.leaves)
        return tuple(job for job in self._leaves[start:end] if job in self._store)

    def index_of(self, job: int) -> QModelIndex:
        """The cell of a leaf; invalid when it is not shown."""
        if job not in self._family or job not in self._leaves:
            return QModelIndex()
        place = self._leaves.index(job)
        row = bisect_right(self._rows, place, key=lambda one: one.first) - 1
        return self.index(row, (place - self._rows[row].first) // self._span)

    def heading(self, row: int) -> MapRow | None:
        """The heading that a row is; None: it has cells."""
        found = self._rows[row] if 0 <= row < len(self._rows) else None
        return found if found is not None and not found.leaves else None

    def cell(self, index: AnyIndex) -> MapCell | None:
        """What a delegate paints; None past the end."""
        ids = self.ids_at(index)
        if not ids:
            return None
        rows = [self._store.row_of[job] for job in ids]
        statuses = [self._store.status[row] for row in rows]
        telling = next((status for status in _TELLING if status in statuses), None)
        progress = sum(self._store.progress[row] for row in rows) / len(rows)
        return MapCell(ids, self._label(ids), telling or liveliest(statuses), progress, self._shade(ids), len(ids))

    def _label(self, ids: tuple[int, ...]) -> str:
        first, last = (self._name(job) for job in (ids[0], ids[-1]))
        return first if len(ids) == 1 else f"{first}–{last}"

    def _name(self, job: int) -> str:
        frame = self._store.value(job, "frame")
        return formats.one_line(str(self._store.value(job, "name") if frame is None else frame), 40)

    def _shade(self, ids: tuple[int, ...]) -> float:
        known = [amount for job in ids if (amount := self._amount(job)) is not None]
        if not known:
            return -1.0
        low, high = self._least, self._most
        return 0.0 if high <= low else min(1.0, max(0.0, (sum(known) / len(known) - low) / (high - low)))

    def counts(self) -> tuple[tuple[str, int], ...]:
        """Leaves by status, in bar order."""
        found = self._counted()
        known = [(str(status), found[status]) for status in BAR_ORDER if found[status]]
        return (*known, *((status, count) for status, count in found.items() if status not in BAR_ORDER))

    def _counted(self) -> Counter[str]:
        """One by one, or of very many as the server counted them."""
        row = None if self._job is None else self._store.row_of.get(self._job)
        if len(self._leaves) > MOST_COUNTED and row is not None:
            return Counter(job_cells.below(self._store, row))
        return Counter(self._store.value(job, "status") for job in self._leaves if job in self._store)

    def readout(self, index: AnyIndex) -> Readout:
        """What is said of a cell under the map, after its label."""
        cell = self.cell(index)
        if cell is None:
            return Readout()
        if cell.size > 1:
            return Readout(counted(cell.size, translate("Jobs", "{n} frame"), translate("Jobs", "{n} frames")))
        row = self._store.row_of[cell.ids[0]]
        parts = [job_label(cell.status)]
        if cell.status == JobStatus.RUNNING:
            parts.append(formats.percent(cell.fraction, done=False))
        clients = self._store.clients[row]
        if clients:
            parts.append(translate("Jobs", "on"))
        seconds = self._time(cell.ids[0])
        time = "" if seconds is None else formats.exact_duration(seconds)
        time = translate("Jobs", "for {time}").replace("{time}", time) if time else ""
        peak = self._memory(cell.ids[0]) if self._mode is MapMode.MEMORY else None
        if peak is not None:
            words = translate("Jobs", "with {size} at most").replace("{size}", formats.bytes_text(peak * 1024))
            time = f"{time}, {words}" if time else words
        if not clients:
            return Readout(" ".join((*parts, time)).strip())
        return Readout(" ".join(parts), formats.one_line(clients[-1].label, 80), clients[-1].id, time)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The roles of `models.roles`, and the sentence of a cell."""
        if role == Role.CELL:
            return self.cell(index)
        if role == Role.IDS:
            return self.ids_at(index)
        if role == Role.ID:
            return next(iter(self.ids_at(index)), None)
        if role == Qt.ItemDataRole.AccessibleTextRole and (heading := self.heading(index.row())) is not None:
            return f"{heading.heading}, {heading.detail}"
        cell = self.cell(index) if role in (Role.STATUS, Qt.ItemDataRole.AccessibleTextRole) else None
        if cell is None:
            return None
        return cell.status if role == Role.STATUS else f"{cell.label}, {self.readout(index).text}"

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        """Cells past the end cannot be selected."""
        return super().flags(index) if self.ids_at(index) else Qt.ItemFlag.NoItemFlags

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Of a row the label of its first leaf."""
        if orientation != Qt.Orientation.Vertical or role != Qt.ItemDataRole.DisplayRole:
            return None
        ids = self.ids_at(self.index(section, 0))
        return formats.last_number(self._name(ids[0])) if ids else None
