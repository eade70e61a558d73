"""Lines of a label and a value under quiet headings, of which one can be copied."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from hqgui.models.job_properties import Told
from hqgui.models.roles import Cell, Tone
from hqgui.views.parts.cell_table import CellTable, Line, PlainColumn
from hqgui.views.parts.menu import Menu
from hqgui.views.parts.rows import Rows
from hqgui.words import translate

_COLUMNS: Final = (PlainColumn("label", 118), PlainColumn("value", 240, stretch=1))


class PropertyTable(Rows):
    """The table."""

    copy_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(translate("Properties", "Properties"), _COLUMNS, parent)
        self.setObjectName("properties")
        self._told: list[Told | None] = []
        self.table = CellTable(_COLUMNS, self)
        self.setRootIsDecorated(False)
        self.header().hide()
        self.show_model(self.table)

    def show_told(self, told: Sequence[Told]) -> None:
        """Show these lines."""
        lines: list[Line] = []
        self._told = []
        for group, parts in groupby(told, key=lambda one: one.group):
            lines.append(
                Line(len(lines), (Cell(translate("Properties", group.value), tone=Tone.DIM, weight=600), Cell()))
            )
            self._told.append(None)
            for one in parts:
                tone = Tone.DIM if one.various else Tone.NORMAL
                cells = (Cell(one.label, tone=Tone.SECONDARY), Cell(one.text, tone=tone))
                lines.append(Line(len(lines), cells, one.tip or one.text))
                self._told.append(one)
        self.table.show(lines)

    def _copy(self) -> None:
        place = self.currentIndex().row()
        one = self._told[place] if 0 <= place < len(self._told) else None
        if one is not None and not one.various:
            self.copy_wanted.emit(one.full or one.text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A key: copying copies the value."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """A menu is asked for."""
        place = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            place = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).bottomLeft())
        menu = Menu("", self)
        menu.addAction(translate("Properties", "Copy value")).triggered.connect(self._copy)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.popup(menu, QPoint(place))
