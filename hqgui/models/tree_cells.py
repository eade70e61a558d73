"""What a row of the job tree answers for each role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import Qt

from hqgui.models import formats
from hqgui.models.job_cells import At
from hqgui.models.job_columns import Column, title
from hqgui.models.job_store import JobStore
from hqgui.models.roles import EMPTY, Cell, Role, RowKind, Tone
from hqgui.models.sentences import fold_sentence, job_sentence
from hqgui.models.tree_nodes import CHUNK, Node
from hqgui.words import counted, translate
from hqserver.wire.statuses import JobStatus


def alignment(right: bool) -> Qt.AlignmentFlag:
    """Of a column."""
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


_WAITING: Final = frozenset({JobStatus.RUNNABLE, JobStatus.QUEUED})


class TreeCells:
    """Answers for nodes of the tree."""

    def __init__(self, store: JobStore, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self.reasons_wanted: set[int] = set()
        """Waiting jobs whose note was painted: somebody wonders why they wait."""

    def cell(self, node: Node, column: Column) -> Cell:
        """What a delegate paints."""
        if node.kind is RowKind.JOB:
            row = self._store.row_of.get(node.job)
            if row is not None:
                if column.key == "note" and self._store.status[row] in _WAITING:
                    self.reasons_wanted.add(node.job)
                return column.cell(self._store, row, self._at(node))
            gone = translate("Jobs", "removed")
            return Cell(gone, tone=Tone.DIM) if column.key == "name" else EMPTY
        if node.kind is RowKind.FOLD:
            return column.fold(self._store, self._members(node), self._at(node))
        return self._more(node) if column.key == "name" else EMPTY

    def _at(self, node: Node) -> At:
        return At(self._clock(), node.depth, self._store.row_of.get(node.home().job, -1))

    def _members(self, node: Node) -> list[int]:
        row_of = self._store.row_of
        return [row_of[job] for job in node.members if job in row_of]

    def _more(self, node: Node) -> Cell:
        rest = 0 if node.parent is None else node.parent.rest
        text = counted(min(rest, CHUNK), translate("Jobs", "Show {n} more"), translate("Jobs", "Show {n} more"))
        detail = translate("Jobs", "{n} left").replace("{n}", formats.count(rest))
        return Cell(f"{text}…", detail, tone=Tone.LINK)

    def display(self, node: Node, column: Column) -> str:
        """The cell as text."""
        cell = self.cell(node, column)
        return f"{cell.text}  {cell.detail}" if cell.detail else cell.text

    def tip(self, node: Node, column: Column) -> str:
        """The tooltip, escaped."""
        row = self._store.row_of.get(node.job)
        if node.kind is not RowKind.JOB or row is None or column.tip is None:
            return formats.tooltip(self.cell(node, column).text)
        return formats.tooltip(column.tip(self._store, row, self._at(node)))

    def ids(self, node: Node, column: Column) -> tuple[int, ...]:
        """The jobs that an action on the row acts on."""
        return (node.job,) if node.kind is RowKind.JOB else node.members

    def status(self, node: Node, column: Column) -> str:
        """The status that the row shows."""
        members = self._members(node)
        if node.kind is RowKind.FOLD:
            return column.fold(self._store, members, self._at(node)).glyph if column.key == "name" else ""
        return str(self._store.value(node.job, "status")) if node.kind is RowKind.JOB else ""

    def sentence(self, node: Node, column: Column) -> str:
        """The row, or the cell, for those who hear it."""
        if column.key != "name" or node.kind is RowKind.MORE:
            return f"{title(column)}: {self.display(node, column)}"
        if node.kind is RowKind.FOLD:
            return fold_sentence(self._store, self._members(node), self._clock())
        row = self._store.row_of.get(node.job)
        return "" if row is None else job_sentence(self._store, row, self._clock())

    def note(self, node: Node, column: Column) -> str:
        """The latest note of a job."""
        note = self._store.value(node.job, "latestNote") if node.kind is RowKind.JOB else ""
        return formats.one_line(str(note or ""))

    def edit(self, node: Node, column: Column) -> Any:
        """The value of an editor."""
        return self._store.value(node.job, "priority") if column.key == "priority" else None


Answer = Callable[[TreeCells, Node, Column], Any]

ANSWERS: Final[dict[int, Answer]] = {
    Role.ID.value: lambda cells, node, column: node.job,
    Role.KIND.value: lambda cells, node, column: node.kind,
    Role.IDS.value: TreeCells.ids,
    Role.STATUS.value: TreeCells.status,
    Qt.ItemDataRole.DisplayRole.value: TreeCells.display,
    Qt.ItemDataRole.ToolTipRole.value: TreeCells.tip,
    Qt.ItemDataRole.AccessibleTextRole.value: TreeCells.sentence,
    Qt.ItemDataRole.AccessibleDescriptionRole.value: TreeCells.note,
    Qt.ItemDataRole.EditRole.value: TreeCells.edit,
    Qt.ItemDataRole.TextAlignmentRole.value: lambda cells, node, column: alignment(column.right),
}
"""For each role but `CELL`, what answers it."""
