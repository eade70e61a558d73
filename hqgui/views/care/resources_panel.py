"""Resources at the left, who holds the selected one at the right."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedLayout, QVBoxLayout, QWidget

from hqgui.models.formats import count
from hqgui.models.resource_table import RESOURCE_COLUMNS, Holder, ResourceTable
from hqgui.models.roles import Cell, Tone
from hqgui.theme import look
from hqgui.views.care.care_rows import CareRows
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.cell_table import CellTable, Line, PlainColumn
from hqgui.views.parts.labels import ElidedLabel, PlainLabel
from hqgui.views.parts.message import Message
from hqgui.views.parts.rows import Rows
from hqgui.words import counted

_HOLDER_COLUMNS = (
    PlainColumn("holder", 150, stretch=1),
    PlainColumn("amount", 40, right=True),
    PlainColumn("where", 150, stretch=2),
)


class ResourcesBar(QWidget):
    """The panel's tools."""

    new_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.new = Button(self.tr("New resource"), "small", clicked=self.new_wanted.emit)
        self.setFocusProxy(self.new)
        self._row = QHBoxLayout(self)
        self._row.addStretch(1)
        self._row.addWidget(self.new)
        look().tie(self, lambda: self._row.setContentsMargins(0, 0, 0, look().px(3)))


class HoldersView(QWidget):
    """Who holds a resource."""

    job_wanted = Signal(int)
    client_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._holders: list[Holder] = []
        self.title = ElidedLabel("", "text2", 11, 600)
        self.detail = PlainLabel("", "text3", 11)
        self.rows = Rows(self.tr("Holders"), _HOLDER_COLUMNS)
        self.rows.cover("base")
        self.rows.setRootIsDecorated(False)
        self.rows.header().hide()
        self.table = CellTable(_HOLDER_COLUMNS, self)
        self.rows.show_model(self.table)
        self.empty = Message(ground="base")
        self._head = QHBoxLayout()
        self._head.addWidget(self.title)
        self._head.addWidget(self.detail)
        self._head.addStretch(1)
        body = QWidget()
        self._stack = QStackedLayout(body)
        self._stack.addWidget(self.rows)
        self._stack.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._head)
        column.addWidget(body, 1)
        self.rows.clicked.connect(lambda index: self._go(index.row()))
        self.rows.activated.connect(lambda index: self._go(index.row()))
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self._head.setContentsMargins(px(8), px(4), px(8), px(4))
        self._head.setSpacing(px(7))
        self.setMinimumWidth(px(220))

    def _go(self, row: int) -> None:
        if 0 <= row < len(self._holders):
            holder = self._holders[row]
            (self.client_wanted if holder.is_client else self.job_wanted).emit(holder.id)

    def show_holders(self, name: str, holders: list[Holder], all_of_them: int, waiting: int) -> None:
        """Show who holds a resource; an empty name: none is selected."""
        self._holders = holders
        self.title.setText(name)
        words = [counted(all_of_them, self.tr("{n} holder"), self.tr("{n} holders"))] if name else []
        words += [self.tr("wanted by {n}").replace("{n}", count(waiting))] if waiting else []
        self.detail.setText(", ".join(words))
        for label in (self.title, self.detail):
            label.setVisible(bool(label.text()))
        self.table.show([_line(holder) for holder in holders])
        self._stack.setCurrentWidget(self.rows if holders else self.empty)
        nothing = self.tr("Nobody holds it now.") if name else self.tr("Select a resource to see who holds it.")
        self.empty.show_words("", nothing)


def _line(holder: Holder) -> Line:
    cells = (
        Cell(holder.name, glyph=holder.status, tone=Tone.LINK),
        Cell(holder.amount if holder.amount != "1" else "", tone=Tone.SECONDARY),
        Cell(holder.where, tone=Tone.SECONDARY),
    )
    return Line(holder.id, cells, f"{holder.name}\n{holder.where}".strip())


class ResourcesPanel(QWidget):
    """The panel. `bar` stands in the dock's title."""

    def __init__(self, resources: ResourceTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._resources = resources
        self.loading = False
        self.bar = ResourcesBar()
        self.rows = CareRows(self.tr("Resources"), "resources", RESOURCE_COLUMNS)
        self.rows.show_model(resources)
        self.holders = HoldersView()
        self.empty = Message(ground="base")
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.rows)
        self.splitter.addWidget(self.holders)
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 2)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.splitter)
        self._stack.addWidget(self.empty)
        self.setFocusProxy(self.rows)
        self.rows.selection_moved.connect(self.refresh)
        self.empty.pressed.connect(self.bar.new_wanted)
        look().tie(self, self._measure)
        self.refresh()

    def _measure(self) -> None:
        self.splitter.setHandleWidth(look().px(4))
        self.rows.setMinimumWidth(look().px(260))

    def select(self, resource: int) -> None:
        """Select a resource."""
        index = self._resources.index_of(resource)
        if index.isValid():
            flags = QItemSelectionModel.SelectionFlag
            self.rows.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
            self.rows.scrollTo(index)

    def refresh(self) -> None:
        """Holders, and words when there is nothing to see."""
        there = self._resources.rowCount() > 0
        self._stack.setCurrentWidget(self.splitter if there else self.empty)
        if not there:
            self._show_nothing()
            return
        current = self.rows.current_id()
        row = self._resources.rows.get(current) if current is not None else None
        if row is None:
            self.holders.show_holders("", [], 0, 0)
        else:
            self.holders.show_holders(row.name, self._resources.holders_of(row.id), len(row.holders), row.waiting)

    def _show_nothing(self) -> None:
        if self.loading:
            self.empty.show_words("", self.tr("Loading…"))
            return
        words = self.tr("Licences and whatever else the farm has only so many of. Jobs ask for them by name.")
        self.empty.show_words(self.tr("No resources yet"), words, self.tr("New resource"))

    def total(self) -> str:
        """How many resources there are."""
        return count(len(self._resources.rows))

    def set_stale(self, stale: bool) -> None:
        """Whether what is shown is older than it should be."""
        self.rows.set_stale(stale)
        self.holders.rows.set_stale(stale)
        self.bar.new.setEnabled(not stale)
