"""The status log of one job as a table: date, event, client, message."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from hqgui.models import formats
from hqgui.models.flat_rows import TOP, AnyIndex
from hqgui.models.roles import EMPTY, Cell, Role, Tone
from hqgui.models.status_words import job_label, tone_of
from hqgui.models.wire_values import Shared
from hqgui.words import QT_TRANSLATE_NOOP, capital, translate
from hqserver.wire.statuses import ALL


class Entry(NamedTuple):
    """One line of the log."""

    date: int | None
    event: str
    status: str
    client: str
    message: str


class HistoryColumn(NamedTuple):
    """One column."""

    key: str
    title: str
    width: int
    cell: Callable[[Entry, float], Cell]
    stretch: int = 0


def _client_text(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value.get("label") or value.get("hostname") or "")
    return "" if value is None else str(value)


def _event(entry: Entry, now: float) -> Cell:
    word = entry.event or entry.status
    text = job_label(word)
    state = word in ALL
    tone = tone_of(word) if state else Tone.NORMAL
    return Cell(formats.one_line(capital(text)), glyph=word if state else "event", tone=tone)


def _date(entry: Entry, now: float) -> Cell:
    if entry.date is None:
        return EMPTY
    today = formats.when(entry.date, now)
    seconds = formats.clock(entry.date)
    return Cell(seconds if today == seconds[:5] else f"{today.removesuffix(seconds[:5])}{seconds}".strip())


HISTORY_COLUMNS: Final = (
    HistoryColumn("date", QT_TRANSLATE_NOOP("Columns", "Date"), 70, _date),
    HistoryColumn("event", QT_TRANSLATE_NOOP("Columns", "Event"), 130, _event),
    HistoryColumn(
        "message",
        QT_TRANSLATE_NOOP("Columns", "Message"),
        130,
        lambda entry, now: Cell(formats.one_line(entry.message), tone=Tone.SECONDARY),
        1,
    ),
    HistoryColumn(
        "client",
        QT_TRANSLATE_NOOP("Columns", "Client"),
        64,
        lambda entry, now: Cell(formats.one_line(entry.client), tone=Tone.SECONDARY),
    ),
)


class History(QAbstractTableModel):
    """The log, newest first. Lines that are known stay when further ones come."""

    def __init__(self, clock: Callable[[], float] = lambda: 0.0, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._entries: list[Entry] = []
        self._shared = Shared()

    def show(self, logs: Sequence[Mapping[str, Any]]) -> None:
        """Show the `logs` of a job, oldest first as the server gives them."""
        wanted = [self._entry(row) for row in logs][::-1]
        kept = len(self._entries)
        if kept and wanted[len(wanted) - kept :] != self._entries:
            self.beginRemoveRows(QModelIndex(), 0, kept - 1)
            self._entries = []
            self.endRemoveRows()
            kept = 0
        new = wanted[: len(wanted) - kept]
        if new:
            self.beginInsertRows(QModelIndex(), 0, len(new) - 1)
            self._entries[:0] = new
            self.endInsertRows()

    @property
    def entries(self) -> Sequence[Entry]:
        """The lines, newest first."""
        return self._entries

    def _entry(self, row: Mapping[str, Any]) -> Entry:
        date = next(iter(self._shared.dates((row.get("date") and str(row["date"]),))))
        texts = (str(row.get("event") or ""), str(row.get("status") or ""), _client_text(row.get("client")))
        return Entry(date, *texts, str(row.get("message") or ""))

    def rowCount(self, parent: AnyIndex = TOP) -> int:
        """One row for each line."""
        return 0 if parent.isValid() else len(self._entries)

    def columnCount(self, parent: AnyIndex = TOP) -> int:
        """The columns of the table."""
        return len(HISTORY_COLUMNS)

    def cell(self, index: AnyIndex) -> Cell:
        """What a delegate paints."""
        if not index.isValid() or index.row() >= len(self._entries):
            return EMPTY
        return HISTORY_COLUMNS[index.column()].cell(self._entries[index.row()], self._clock())

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The roles of `models.roles`, and what Qt asks of every model."""
        if not index.isValid() or index.row() >= len(self._entries):
            return None
        entry = self._entries[index.row()]
        if role == Role.CELL:
            return self.cell(index)
        if role == Role.STATUS:
            return entry.status
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cell(index).text
        if role == Qt.ItemDataRole.ToolTipRole:
            whole = {"date": formats.both_times(entry.date), "message": entry.message}
            return formats.tooltip(whole.get(HISTORY_COLUMNS[index.column()].key) or self.cell(index).text)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles of the columns."""
        horizontal = orientation == Qt.Orientation.Horizontal and 0 <= section < len(HISTORY_COLUMNS)
        if horizontal and role == Qt.ItemDataRole.DisplayRole:
            return translate("Columns", HISTORY_COLUMNS[section].title)
        return None
