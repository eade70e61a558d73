"""What several selected jobs are together: how many in which state, sums, what they share, and the way to change it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from hqgui.models.formats import count, tooltip
from hqgui.models.job_properties import MOST_JOBS, Sums, Told
from hqgui.models.status_words import job_label
from hqgui.theme import look
from hqgui.views.jobs.property_table import PropertyTable
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.labels import BarLabel, GlyphLabel, PlainLabel
from hqgui.views.parts.leading import lead
from hqgui.views.parts.section import clear


class SelectionPage(QWidget):
    """Stands in the inspector while several jobs are selected."""

    edit_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Selected jobs"))
        self._title = PlainLabel("", "text", 16, 600)
        self._work = PlainLabel("", "text3")
        self._bar = BarLabel()
        self._states = QVBoxLayout()
        self._shown: tuple[tuple[str, int], ...] | None = None
        self._rest = PlainLabel("", "runnable", 11)
        self._rest.setWordWrap(True)
        self.edit = Button(self.tr("Edit properties…"), clicked=self.edit_wanted.emit)
        self.table = PropertyTable()
        lead(self, self.table)
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self.edit)
        self._top = QVBoxLayout()
        self._top.addLayout(head)
        self._top.addWidget(self._work)
        self._top.addWidget(self._bar)
        self._top.addLayout(self._states)
        self._top.addWidget(self._rest)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._top)
        column.addWidget(self.table, 1)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self._top.setContentsMargins(px(16), px(14), px(16), px(10))
        self._top.setSpacing(px(7))
        self._states.setSpacing(px(4))

    def show_selection(self, sums: Sums, told: Sequence[Told], number: int, why_not: str) -> None:
        """Show what they are; `why_not` they cannot be changed."""
        self._title.setText(sums.jobs)
        self._work.setText(sums.work)
        total = max(1, sum(n for _, n in sums.counts))
        self._bar.show_parts(tuple((status, n / total) for status, n in sums.counts))
        if sums.counts != self._shown:
            self._shown = sums.counts
            clear(self._states)
            for status, n in sums.counts:
                self._states.addWidget(_State(status, n))
        words = self.tr("Sums and properties are of the first {n}.").replace("{n}", count(MOST_JOBS))
        self._rest.setText(words)
        self._rest.setVisible(number > MOST_JOBS)
        self.table.show_told(told)
        self.edit.setEnabled(not why_not)
        self.edit.setToolTip(tooltip(why_not))


class _State(QWidget):
    def __init__(self, status: str, number: int) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look().px(8))
        row.addWidget(GlyphLabel(status, 13), 0, Qt.AlignmentFlag.AlignVCenter)
        figure = PlainLabel(count(number), "text", weight=600)
        figure.setMinimumWidth(look().px(42))
        figure.setAlignment(Qt.AlignmentFlag.AlignRight)
        row.addWidget(figure)
        row.addWidget(PlainLabel(job_label(status), "text2"), 1)
