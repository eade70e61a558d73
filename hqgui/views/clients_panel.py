"""The clients: a table with chips and a filter over it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QContextMenuEvent, QDrag, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QStackedLayout, QWidget

from hqgui.models.client_columns import CLIENT_COLUMNS
from hqgui.models.clients import ClientChip, ClientFilter, ClientTable
from hqgui.models.formats import count
from hqgui.models.roles import Role
from hqgui.theme import look
from hqgui.views.parts.buttons import IconButton
from hqgui.views.parts.chips import Chip
from hqgui.views.parts.client_drop import tag_picture
from hqgui.views.parts.fields import SearchField
from hqgui.views.parts.leading import lead
from hqgui.views.parts.message import Message
from hqgui.views.parts.rows import Rows
from hqgui.words import QT_TRANSLATE_NOOP, translate

TITLES: Final = {
    ClientChip.ALL: QT_TRANSLATE_NOOP("Clients", "All"),
    ClientChip.ATTENTION: QT_TRANSLATE_NOOP("Clients", "Attention"),
    ClientChip.SELECTED_JOB: QT_TRANSLATE_NOOP("Clients", "Selected job"),
}


class ClientRows(Rows):
    """The table."""

    menu_wanted = Signal(QPoint)
    jobs_wanted = Signal(int)
    """The jobs of a client should be shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", CLIENT_COLUMNS, parent)
        self.setAccessibleName(self.tr("Clients"))
        self.setObjectName("clients")
        self.cover("base")
        self.setRootIsDecorated(False)
        self.activated.connect(lambda index: self.jobs_wanted.emit(self.current_id() or 0))
        self.doubleClicked.connect(lambda index: self.jobs_wanted.emit(self.current_id() or 0))

    def startDrag(self, actions: Qt.DropAction) -> None:
        """Drag what is selected: beside the pointer stands a name or a number, so that what takes it can be seen."""
        chosen = self.selectionModel().selectedRows()
        words = chosen[0].data(Role.CELL).text if len(chosen) == 1 else self.tr("{n} clients")
        drag = QDrag(self)
        drag.setMimeData(self.model().mimeData(chosen))
        drag.setPixmap(tag_picture(words.replace("{n}", count(len(chosen))), self.devicePixelRatioF()))
        drag.setHotSpot(QPoint(-look().px(14), -look().px(10)))
        drag.exec(Qt.DropAction.CopyAction)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """A menu is asked for."""
        place = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            place = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).bottomLeft())
        self.menu_wanted.emit(place)


class ClientsBar(QWidget):
    """Chips and filter: the panel's tools in the dock's title."""

    filter_wanted = Signal(ClientFilter)
    menu_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._filter = ClientFilter()
        self.chips = {chip: Chip(translate("Clients", TITLES[chip])) for chip in ClientChip}
        self._group = QButtonGroup(self)
        self.field = SearchField(self.tr("Filter clients"), self.tr("Filter clients"))
        self.more = IconButton("ellipsis", self.tr("Columns of the clients table"), self.menu_wanted.emit, ink="text")
        lead(self, self.field.edit)
        self._tools = QHBoxLayout(self)
        self._tools.addStretch(1)
        for chip, button in self.chips.items():
            self._group.addButton(button)
            button.clicked.connect(lambda _=False, chip=chip: self._want(chip, self._filter.text))
            self._tools.addWidget(button)
        self._tools.addWidget(self.field, 100)
        self._tools.addWidget(self.more)
        self.field.text_changed.connect(lambda text: self._want(self._filter.chip, text))
        self.chips[ClientChip.ALL].setChecked(True)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self._tools.setContentsMargins(0, 0, 0, px(3))
        self._tools.setSpacing(px(6))
        self.field.setMinimumWidth(px(90))
        self.field.setMaximumWidth(px(200))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size."""
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Where there is little room, chips go without their numbers, then all but the one that is on."""
        room = self.width() - self._rest()
        counted = self._chips_width(counted=True) <= room
        every = self._chips_width(counted=False) <= room
        for button in self.chips.values():
            button.show_counted(counted)
            button.setVisible(every or button.isChecked())

    def _rest(self) -> int:
        return self.field.minimumWidth() + self.more.width() + 2 * self._tools.spacing()

    def _chips_width(self, counted: bool) -> int:
        return sum(button.width_counted(counted) + self._tools.spacing() for button in self.chips.values())

    def minimumSizeHint(self) -> QSize:
        """The field, and the widest chip alone."""
        widest = max(button.width_counted(on=False) for button in self.chips.values())
        return QSize(self._rest() + widest + self._tools.spacing(), super().minimumSizeHint().height())

    def show_filter(self, wanted: ClientFilter) -> None:
        """Show the filter that is in force."""
        self._filter = wanted
        self.chips[wanted.chip].setChecked(True)
        self.fit()
        if self.field.text() != wanted.text:
            self.field.edit.setText(wanted.text)

    def _want(self, chip: ClientChip, text: str) -> None:
        wanted = ClientFilter(chip, text, self._filter.job_ids)
        if wanted != self._filter:
            self._filter = wanted
            self.filter_wanted.emit(wanted)


_HERE: Final = ("127.0.0.1", "localhost", "::1")
"""Addresses at which other machines do not find the server."""


class ClientsPanel(QWidget):
    """The table and what it says when it is empty. `bar` stands in the dock's title."""

    def __init__(self, clients: ClientTable, url: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clients = clients
        self._server = "ADDRESS" if QUrl(url).host() in _HERE else url
        self.loading = False
        """Whether clients may still be on their way."""
        self.bar = ClientsBar()
        self.rows = ClientRows()
        self.rows.show_model(clients)
        self.setFocusProxy(self.rows)
        self.empty = Message(ground="base")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.rows)
        self._stack.addWidget(self.empty)
        self.bar.filter_wanted.connect(self.show_filter)
        self.bar.menu_wanted.connect(self._open_menu)
        self.bar.field.left.connect(self.rows.setFocus)
        self.empty.pressed.connect(lambda: self.show_filter(ClientFilter()))

    def _open_menu(self) -> None:
        menu = self.rows.columns_menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.bar.more.mapToGlobal(QPoint(0, self.bar.more.height() + 2)))

    def show_filter(self, wanted: ClientFilter) -> None:
        """Show these clients."""
        self.bar.show_filter(wanted)
        self._clients.set_filter(wanted)
        self.refresh(wanted.job_ids)

    def follow_jobs(self, jobs: tuple[int, ...]) -> None:
        """Other jobs are selected in the tree."""
        wanted = self._clients.filter
        self._clients.set_filter(ClientFilter(wanted.chip, wanted.text, jobs))
        self.bar.show_filter(self._clients.filter)
        self.refresh(jobs)

    def refresh(self, jobs: tuple[int, ...]) -> None:
        """Counts, and words when there is nothing to see."""
        counts = self._clients.chip_counts(jobs)
        for chip, button in self.bar.chips.items():
            button.show_count("" if self.loading and not counts[ClientChip.ALL] else count(counts[chip]))
        self.bar.fit()
        there = self._clients.rowCount() > 0
        self._stack.setCurrentWidget(self.rows if there else self.empty)
        if there:
            return
        if self.loading:
            self.empty.show_words("", self.tr("Clients are shown as soon as the server answers."))
        elif counts[ClientChip.ALL]:
            self.empty.show_words(
                self.tr("No such client"), self.tr("Filters hide them all."), self.tr("Clear filters")
            )
        else:
            words = self.tr("Run “hqagent run --server {address}” on a machine and it appears here.")
            self.empty.show_words(self.tr("No clients yet"), words.replace("{address}", self._server))

    def total(self) -> str:
        """How many clients there are, in words."""
        return count(self._clients.chip_counts(())[ClientChip.ALL])

    def select(self, clients: Iterable[int]) -> None:
        """Select clients, and show all if a filter hides one of them."""
        wanted = list(clients)
        if any(not self._clients.index_of(one).isValid() for one in wanted):
            self.show_filter(ClientFilter(job_ids=self._clients.filter.job_ids))
        selection = QItemSelection()
        for one in wanted:
            index = self._clients.index_of(one)
            if index.isValid():
                selection.select(index, index)
        flags = QItemSelectionModel.SelectionFlag
        self.rows.selectionModel().select(selection, flags.ClearAndSelect | flags.Rows)
        first = self._clients.index_of(wanted[0]) if wanted else None
        if first is not None and first.isValid():
            self.rows.selectionModel().setCurrentIndex(first, flags.NoUpdate)
            self.rows.scrollTo(first)
        self.rows.setFocus()
