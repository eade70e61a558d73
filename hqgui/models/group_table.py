"""Client groups as rows: how many clients each has, how they are, and what dropped clients mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from PySide6.QtCore import QObject

from hqgui.models import formats
from hqgui.models.farm import FarmChanges, FarmData
from hqgui.models.job_columns import natural
from hqgui.models.roles import Cell, Segment, Tone
from hqgui.models.row_table import RowColumn, RowTable
from hqgui.models.status_words import CLIENT_ORDER, client_label, client_shows
from hqgui.words import QT_TRANSLATE_NOOP, translate
from hqserver.wire.statuses import ClientStatus

EVERYBODY: Final = 0
"""The row that stands for all clients; groups have ids from 1 on."""
NOBODYS: Final = -1
"""The row that stands for clients that are in no group."""


class GroupRow(NamedTuple):
    """One group as it is shown."""

    id: int
    name: str
    counts: tuple[tuple[str, int], ...]
    """Clients by status, in bar order, without zeros."""

    @property
    def size(self) -> int:
        """How many clients it has."""
        return sum(count for _, count in self.counts)

    def count(self, status: str) -> int:
        """Its clients of a status."""
        return dict(self.counts).get(status, 0)


def _name(row: GroupRow) -> Cell:
    quiet = row.id <= 0
    return Cell(formats.one_line(row.name), tone=Tone.SECONDARY if quiet else Tone.NORMAL, weight=400 if quiet else 500)


def _bar(row: GroupRow) -> Cell:
    size = row.size
    parts = tuple(Segment(f"client-{status}", count / size) for status, count in row.counts)
    return Cell(formats.count(size) if size else "", segments=parts)


def _bar_tip(row: GroupRow) -> str:
    return "\n".join(f"{formats.count(count)} {client_label(status).lower()}" for status, count in row.counts)


def _number(status: str) -> Any:
    return lambda row: Cell(formats.count(row.count(status)) if row.count(status) else "", tone=Tone.SECONDARY)


def _away(row: GroupRow) -> int:
    return row.size - row.count(ClientStatus.BUSY) - row.count(ClientStatus.AVAILABLE)


GROUP_COLUMNS: Final = (
    RowColumn("group", QT_TRANSLATE_NOOP("Columns", "Group"), 150, _name, lambda row: natural(row.name), stretch=1),
    RowColumn("clients", QT_TRANSLATE_NOOP("Columns", "Clients"), 130, _bar, lambda row: row.size, _bar_tip),
    RowColumn(
        "busy",
        QT_TRANSLATE_NOOP("Columns", "Busy"),
        50,
        _number(ClientStatus.BUSY),
        lambda row: row.count(ClientStatus.BUSY),
        right=True,
    ),
    RowColumn(
        "free",
        QT_TRANSLATE_NOOP("Columns", "Free"),
        50,
        _number(ClientStatus.AVAILABLE),
        lambda row: row.count(ClientStatus.AVAILABLE),
        right=True,
    ),
    RowColumn(
        "away",
        QT_TRANSLATE_NOOP("Columns", "Away"),
        50,
        lambda row: Cell(formats.count(_away(row)) if _away(row) else "", tone=Tone.SECONDARY),
        _away,
        right=True,
    ),
)


class GroupTable(RowTable[GroupRow]):
    """The groups, after the rows for all clients and for those in no group."""

    columns = GROUP_COLUMNS

    def __init__(self, farm: FarmData, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._farm = farm
        self._counts: dict[int, Counter[str]] = {}
        self._counted: dict[int, tuple[tuple[int, ...], str]] = {}
        """Where each client is counted: in which groups, and as what."""

    def pinned(self, row_id: int) -> int:
        """All clients first, then those in no group."""
        return {EVERYBODY: -2, NOBODYS: -1}.get(row_id, 0)

    def apply(self, changes: FarmChanges) -> None:
        """Take in what changed in the farm."""
        if "groups" in changes.kinds or not self.rows:
            self._counts = {group: Counter() for group in (*self._farm.groups, EVERYBODY, NOBODYS)}
            self._counted.clear()
            self._count(self._farm.clients.rows)
        elif not self._count(changes.clients.changed | changes.clients.removed):
            return
        self.show_rows(self._read())

    def _count(self, clients: Iterable[int]) -> bool:
        """Count these clients where they belong now; says whether any belongs elsewhere than before."""
        other = False
        for client in clients:
            row = self._farm.clients.get(client)
            now = None if row is None else (self._groups_of(row), client_shows(row))
            before = self._counted.get(client)
            if now == before:
                continue
            other = True
            if before is not None:
                self._add(before, -1)
                del self._counted[client]
            if now is not None:
                self._add(now, 1)
                self._counted[client] = now
        return other

    def _add(self, place: tuple[tuple[int, ...], str], number: int) -> None:
        groups, status = place
        for group in groups:
            self._counts[group][status] += number

    def _groups_of(self, row: Mapping[str, Any]) -> tuple[int, ...]:
        known = tuple(group for group in row["groups"] if group in self._farm.groups)
        return (*known, EVERYBODY) if known else (EVERYBODY, NOBODYS)

    def _read(self) -> dict[int, GroupRow]:
        groups: Mapping[int, Mapping[str, Any]] = self._farm.groups
        names = {EVERYBODY: translate("Groups", "All clients"), NOBODYS: translate("Groups", "In no group")}
        return {
            group: GroupRow(group, names.get(group) or str(groups[group]["name"]), _in_order(found))
            for group, found in self._counts.items()
        }

    @property
    def number(self) -> int:
        """How many groups there are."""
        return sum(group > 0 for group in self.rows)

    def ids_by_name(self) -> list[int]:
        """The groups, by their names."""
        return sorted((group for group in self.rows if group > 0), key=lambda group: natural(self.rows[group].name))


def _in_order(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    order: Sequence[str] = CLIENT_ORDER
    known = [(status, counts[status]) for status in order if counts[status]]
    return (*known, *((status, count) for status, count in counts.items() if status not in order and count))
