"""The job tree as it is seen: rows, branches, keys, and what a double click does.

Selection, unfolding and sorting live in the model's persistent indexes; this view tells the model what the user looks
at and nothing else.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QIntValidator, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from hqgui.models.flat_rows import AnyIndex
from hqgui.models.job_columns import COLUMNS, PLACE
from hqgui.models.job_tree import JobTree
from hqgui.models.roles import Role, RowKind
from hqgui.theme import look
from hqgui.views.parts.client_drop import ClientDrop
from hqgui.views.parts.rows import RowDelegate, Rows
from hqserver.wire.statuses import FINISHED, JobStatus

_MOST: Final = 999_999


def _waits(index: QModelIndex) -> bool:
    return (index.data(Role.KIND), index.data(Role.STATUS)) == (RowKind.JOB, JobStatus.RUNNABLE)


def _takes_clients(index: QModelIndex) -> bool:
    """Whether clients may be permitted for what stands there: a job that has not ended."""
    return index.data(Role.KIND) == RowKind.JOB and index.data(Role.STATUS) not in FINISHED


class PriorityEditor(RowDelegate):
    """Edits a priority in its cell; painting is the view's."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: AnyIndex) -> QWidget:
        """A small field for a whole number."""
        editor = QLineEdit(parent)
        editor.setAccessibleName(self.tr("Priority"))
        editor.setValidator(QIntValidator(-_MOST, _MOST, editor))
        editor.setAlignment(Qt.AlignmentFlag.AlignRight)
        editor.setFont(look().font())
        return editor

    def setEditorData(self, editor: QWidget, index: AnyIndex) -> None:
        """The priority as it is."""
        assert isinstance(editor, QLineEdit)
        editor.setText(str(index.data(Qt.ItemDataRole.EditRole)))
        editor.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: AnyIndex) -> None:
        """Ask for what was typed."""
        assert isinstance(editor, QLineEdit)
        if editor.hasAcceptableInput() and editor.text() != str(index.data(Qt.ItemDataRole.EditRole)):
            model.setData(index, int(editor.text()), Qt.ItemDataRole.EditRole)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """The cell's own place."""
        editor.setGeometry(QRect(option.rect).adjusted(1, 1, -1, -1))


class JobTreeView(Rows):
    """The tree of jobs."""

    output_wanted = Signal(int)
    """The output of a job should be shown."""
    overview_wanted = Signal(int)
    why_wanted = Signal(int)
    """The status of a job that waits was clicked."""
    note_wanted = Signal(int)
    """The notes of a job should be shown."""
    clients_dropped = Signal(int, object)
    """A job, and clients, a tuple of ids, that were dropped on it."""
    menu_wanted = Signal(QPoint)
    """A context menu should open at a place on the screen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Jobs"), COLUMNS, parent)
        self.setObjectName("jobTree")
        self.bar_keys = frozenset({"progress"})
        self.separate_roots = True
        self.cover("base")
        self.heading.lined_above = True
        self.setRootIsDecorated(True)
        self.setItemDelegate(PriorityEditor(self))
        self.doubleClicked.connect(self._double_clicked)
        self.clicked.connect(self._clicked)
        self.activated.connect(self._activated)
        self.selection_moved.connect(self._tell_kept)
        ClientDrop(self, _takes_clients).dropped.connect(self._dropped)

    @property
    def tree(self) -> JobTree:
        """The model."""
        model = self.model()
        assert isinstance(model, JobTree)
        return model

    def show_tree(self, tree: JobTree) -> None:
        """Show a model."""
        self.show_model(tree)
        self.expanded.connect(tree.expanded)
        self.collapsed.connect(tree.collapsed)

    def _tell_kept(self) -> None:
        current = self.current_id()
        self.tree.set_kept({*self.selected_ids(), *(() if current is None else (current,))})

    def _dropped(self, index: QModelIndex, clients: tuple[int, ...]) -> None:
        self.clients_dropped.emit(int(index.data(Role.ID)), clients)

    # Pointer

    def _clicked(self, index: QModelIndex) -> None:
        if index.data(Role.KIND) == RowKind.MORE:
            self.tree.show_more(index)
        elif index.column() == PLACE["status"] and not QGuiApplication.keyboardModifiers() and _waits(index):
            self.why_wanted.emit(int(index.data(Role.ID)))

    def _double_clicked(self, index: QModelIndex) -> None:
        if index.column() == PLACE["priority"] and index.data(Role.KIND) == RowKind.JOB:
            self.edit(index)
        elif index.column() == PLACE["note"] and index.data(Role.KIND) == RowKind.JOB:
            self.note_wanted.emit(int(index.data(Role.ID)))
        else:
            self._activated(index)

    def _activated(self, index: AnyIndex) -> None:
        first = index.siblingAtColumn(0)  # type: ignore[union-attr]
        kind = first.data(Role.KIND)
        if kind == RowKind.MORE:
            self.tree.show_more(first)
        elif self.tree.hasChildren(first):
            self.setExpanded(first, not self.isExpanded(first))
        elif kind == RowKind.JOB:
            self.output_wanted.emit(int(first.data(Role.ID)))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """A menu is asked for."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        place = self.place_of_current() if by_key else event.globalPos()
        self.menu_wanted.emit(place)

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A key: `*` unfolds a tree, Alt+Enter shows the overview."""
        current = self.currentIndex().siblingAtColumn(0)
        if event.key() == Qt.Key.Key_Asterisk and current.isValid():
            self.expandRecursively(current, 3)
        elif (
            event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and event.modifiers() & Qt.KeyboardModifier.AltModifier
        ):
            self.overview_wanted.emit(self.current_id() or 0)
        else:
            super().keyPressEvent(event)

    def place_of_current(self) -> QPoint:
        """On the screen, below the current row."""
        return self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).bottomLeft())

    def edit_priority(self) -> bool:
        """Edit the current row's priority in its cell; False where there is none to edit."""
        cell = self.currentIndex().siblingAtColumn(PLACE["priority"])
        if self.header().isSectionHidden(PLACE["priority"]) or self.currentIndex().data(Role.KIND) != RowKind.JOB:
            return False
        self.hold(held=True)
        self.edit(cell)
        return True

    def closeEditor(self, editor: QWidget, hint: QStyledItemDelegate.EndEditHint) -> None:
        """The priority was typed or not."""
        super().closeEditor(editor, hint)
        self.hold(held=False)
        self.setFocus()

    def go_to_failed(self, backwards: bool = False) -> bool:
        """Move to the next failed job; False when there is none."""
        start = self.currentIndex()
        if not start.isValid():
            start = self.tree.index(0, 0)
        return self.go_to(self.tree.next_failed(start, backwards))

    def go_to(self, index: QModelIndex) -> bool:
        """Make a row current, unfold what is above it and bring it into sight; False for an invalid one."""
        if not index.isValid():
            return False
        kept = QPersistentModelIndex(index)
        above = index.parent()
        while above.isValid():
            self.setExpanded(above, True)  # noqa: FBT003
            above = above.parent()
        self.setCurrentIndex(index)
        self.scrollTo(index)
        return kept.isValid()

    def go_to_job(self, job: int) -> bool:
        """As `go_to`, for a job's id."""
        return self.go_to(self.tree.reveal(job))
