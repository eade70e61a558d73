"""Groups at the left, the clients of the selected one at the right: clients are dragged from here to there."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedLayout, QVBoxLayout, QWidget

from hqgui.models.clients import ClientFilter, ClientTable
from hqgui.models.formats import count
from hqgui.models.group_table import EVERYBODY, GROUP_COLUMNS, NOBODYS, GroupTable
from hqgui.theme import look
from hqgui.views.care.care_rows import GroupRows
from hqgui.views.clients_panel import ClientRows
from hqgui.views.parts.buttons import Button, IconButton
from hqgui.views.parts.fields import SearchField
from hqgui.views.parts.leading import lead
from hqgui.views.parts.message import Message


class GroupsBar(QWidget):
    """The panel's tools."""

    new_wanted = Signal()
    columns_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.new = Button(self.tr("New group"), "small", clicked=self.new_wanted.emit)
        self.field = SearchField(self.tr("Filter the group's clients"), self.tr("Filter its clients"))
        self.more = IconButton("ellipsis", self.tr("Columns of its clients"), self.columns_wanted.emit, ink="text")
        lead(self, self.field.edit)
        self._row = QHBoxLayout(self)
        self._row.addStretch(1)
        self._row.addWidget(self.new)
        self._row.addWidget(self.field, 2)
        self._row.addWidget(self.more)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self._row.setContentsMargins(0, 0, 0, px(3))
        self._row.setSpacing(px(6))
        self.field.setMinimumWidth(px(90))
        self.field.setMaximumWidth(px(200))


class GroupsPanel(QWidget):
    """The panel. `bar` stands in the dock's title."""

    def __init__(self, groups: GroupTable, members: ClientTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._groups = groups
        self._members = members
        self.loading = False
        self.bar = GroupsBar()
        self.groups = GroupRows(self.tr("Groups"), "groups", GROUP_COLUMNS)
        self.groups.bar_keys = frozenset({"clients"})
        self.groups.show_model(groups)
        self.members = ClientRows()
        self.members.setObjectName("members")
        self.members.setAccessibleName(self.tr("Clients of the group"))
        self.members.show_model(members)
        self.empty = Message(ground="base")
        right = QWidget()
        self._stack = QStackedLayout(right)
        self._stack.addWidget(self.members)
        self._stack.addWidget(self.empty)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setObjectName("groupsSplitter")
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.groups)
        self.splitter.addWidget(right)
        self.splitter.setSizes([450, 550])
        self.splitter.setStretchFactor(0, 2)
        self.splitter.setStretchFactor(1, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.splitter)
        self.setFocusProxy(self.groups)
        self.groups.selection_moved.connect(self._chosen)
        self.groups.activated.connect(self._to_members)
        self.bar.field.text_changed.connect(lambda _text: self._chosen())
        self.bar.field.left.connect(self.members.setFocus)
        self.bar.columns_wanted.connect(self._open_columns)
        look().tie(self, self._measure)
        self.refresh()

    def _measure(self) -> None:
        self.splitter.setHandleWidth(look().px(4))
        self.groups.setMinimumWidth(look().px(240))
        self.members.setMinimumWidth(look().px(200))

    def _to_members(self) -> None:
        """Give the clients the keyboard, with one of them selected: then a key or the menu has something to act on."""
        self.members.setFocus()
        if not self.members.selectionModel().hasSelection() and self._members.rowCount():
            flags = QItemSelectionModel.SelectionFlag
            self.members.selectionModel().setCurrentIndex(self._members.index(0, 0), flags.ClearAndSelect | flags.Rows)

    @property
    def group(self) -> int:
        """The current group; one of the two rows that are none while nothing else is selected."""
        current = self.groups.current_id()
        return EVERYBODY if current is None else current

    def selected_groups(self) -> tuple[int, ...]:
        """Groups that an action acts on, without the rows that stand for none."""
        return tuple(group for group in self.groups.selected_ids() if group > 0)

    def select(self, group: int) -> None:
        """Select a group."""
        index = self._groups.index_of(group)
        if index.isValid():
            flags = QItemSelectionModel.SelectionFlag
            self.groups.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
            self.groups.scrollTo(index)

    def _chosen(self) -> None:
        group = {EVERYBODY: None, NOBODYS: 0}.get(self.group, self.group)
        self._members.set_filter(ClientFilter(text=self.bar.field.text(), group=group))
        self.refresh()

    def refresh(self) -> None:
        """Words when there is nothing to see."""
        if self.groups.current_id() is None and self._groups.rowCount():
            self.select(EVERYBODY)
        there = self._members.rowCount() > 0
        self._stack.setCurrentWidget(self.members if there else self.empty)
        if there:
            return
        row = self._groups.rows.get(self.group)
        if self.loading:
            self.empty.show_words("", self.tr("Loading…"))
        elif row is not None and row.size:
            self.empty.show_words(self.tr("No such client in it"), self.tr("The filter hides them all."))
        elif self.group == NOBODYS:
            self.empty.show_words("", self.tr("Every client is in a group."))
        elif self.group > 0:
            title = self.tr("No clients in {group}").replace("{group}", row.name if row is not None else "")
            self.empty.show_words(title, self.tr("Choose “All clients” and drag some of them onto the group."))
        else:
            self.empty.show_words(self.tr("No clients yet"), self.tr("They appear here when an agent calls in."))

    def total(self) -> str:
        """How many groups there are."""
        return count(self._groups.number)

    def set_stale(self, stale: bool) -> None:
        """Whether what is shown is older than it should be."""
        self.groups.set_stale(stale)
        self.members.set_stale(stale)
        self.bar.new.setEnabled(not stale)

    def _open_columns(self) -> None:
        menu = self.members.columns_menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.bar.more.mapToGlobal(self.bar.more.rect().bottomLeft()))
