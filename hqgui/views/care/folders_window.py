"""Network folders: what each variable of jobs is on each platform, in a table with a form under it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLineEdit, QStackedLayout, QVBoxLayout, QWidget

from hqgui.models.roles import Cell, Tone
from hqgui.theme import look
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.cell_table import CellTable, Line, PlainColumn
from hqgui.views.parts.focus_ring import FocusRing
from hqgui.views.parts.labels import PlainLabel
from hqgui.views.parts.leaving import leave_by_keys
from hqgui.views.parts.message import Message
from hqgui.views.parts.rows import Rows
from hqgui.words import QT_TRANSLATE_NOOP, translate


class Folder(NamedTuple):
    """One network folder, as the server takes it."""

    name: str
    linux: str = ""
    macosx: str = ""
    windows: str = ""
    windows_mount: str = ""


_TITLES: Final = (
    (QT_TRANSLATE_NOOP("Folders", "Variable"), "HQROOT"),
    (QT_TRANSLATE_NOOP("Folders", "Linux"), "/mnt/hq"),
    (QT_TRANSLATE_NOOP("Folders", "macOS"), "/Volumes/hq"),
    (QT_TRANSLATE_NOOP("Folders", "Windows clients"), "\\\\nas\\hq"),
    (QT_TRANSLATE_NOOP("Folders", "Windows drive"), "H:"),
)
"""Titles of the fields, in the order of a folder's, and an example of each."""
_COLUMNS: Final = tuple(
    PlainColumn(field, width, stretch=stretch)
    for field, width, stretch in zip(Folder._fields, (110, 150, 150, 170, 104), (0, 1, 2, 3, 0), strict=True)
)


class _Table(CellTable):
    """With a heading."""

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Titles of the columns."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return translate("Folders", _TITLES[section][0])
        return None


class FoldersWindow(QDialog):
    """The window; nothing is changed before somebody says so."""

    save_wanted = Signal(object)
    """A `Folder`."""
    delete_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Network folders"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.folders: Sequence[Folder] = ()
        self.rows = Rows(self.tr("Network folders"), _COLUMNS)
        self.rows.cover("base")
        self.rows.setRootIsDecorated(False)
        self.table = _Table(_COLUMNS, self)
        self.rows.show_model(self.table)
        self.empty = Message(ground="base")
        self.fields = [self._field(*title) for title in _TITLES]
        self.words = PlainLabel("", "text3", 11)
        self.words.setWordWrap(True)
        self.new = Button(self.tr("New"), clicked=self._clear)
        self.delete = Button(self.tr("Delete"), clicked=lambda: self.delete_wanted.emit(self.fields[0].text().strip()))
        self.save = Button(self.tr("Save"), "primary", clicked=self._save)
        self._lay_out()
        self.rows.selection_moved.connect(self._take_current)
        self.show_folders(())
        self.empty.show_words("", self.tr("Loading…"))
        self.ring = FocusRing(self)
        leave_by_keys(self)

    def _field(self, title: str, example: str) -> QLineEdit:
        field = QLineEdit()
        field.setAccessibleName(translate("Folders", title))
        field.setPlaceholderText(example)
        field.setFont(look().font())
        field.textChanged.connect(self._judge)
        return field

    def _lay_out(self) -> None:
        px = look().px
        self.resize(px(760), px(430))
        body = QWidget()
        self._stack = QStackedLayout(body)
        self._stack.addWidget(self.rows)
        self._stack.addWidget(self.empty)
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(8))
        grid.setVerticalSpacing(px(6))
        for place, ((title, _), field) in enumerate(zip(_TITLES, self.fields, strict=True)):
            row, column = (place // 2, place % 2 * 2) if place else (0, 0)
            grid.addWidget(PlainLabel(translate("Folders", title), "text2"), row, column)
            grid.addWidget(field, row, column + 1)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        foot = QHBoxLayout()
        foot.setSpacing(px(8))
        foot.addWidget(self.words, 1)
        for button in (self.new, self.delete, self.save):
            foot.addWidget(button)
        lower = QVBoxLayout()
        lower.setContentsMargins(px(16), px(12), px(16), px(14))
        lower.setSpacing(px(10))
        lower.addLayout(grid)
        lower.addLayout(foot)
        column_ = QVBoxLayout(self)
        column_.setContentsMargins(0, 0, 0, 0)
        column_.setSpacing(0)
        column_.addWidget(body, 1)
        column_.addLayout(lower)

    # What is shown

    def show_folders(self, folders: Sequence[Folder]) -> None:
        """Show what the server has."""
        self.folders = folders
        self.table.show([_line(place, folder) for place, folder in enumerate(folders)])
        words = self.tr("Disks that all machines share. Jobs find each as an environment variable, such as $HQROOT.")
        self.empty.show_words(self.tr("No network folders"), words)
        self._stack.setCurrentWidget(self.rows if folders else self.empty)
        self._judge()

    def show_trouble(self, words: str) -> None:
        """The server said no; empty: it did not."""
        self.words.set_ink("failed" if words else "text3")
        self.words.setText(words or self.tr("Jobs that start from now on see a change."))

    def folder(self) -> Folder:
        """What is typed."""
        return Folder(*(field.text().strip() for field in self.fields))

    def _take_current(self) -> None:
        place = self.rows.currentIndex().row()
        if 0 <= place < len(self.folders):
            for field, text in zip(self.fields, self.folders[place], strict=True):
                field.setText(text)
            self.show_trouble("")

    def _clear(self) -> None:
        self.rows.clearSelection()
        for field in self.fields:
            field.clear()
        self.fields[0].setFocus()

    def _judge(self) -> None:
        if not hasattr(self, "save"):
            return
        wanted = self.folder()
        self.save.setEnabled(bool(wanted.name) and any(wanted[1:]) and wanted not in self.folders)
        self.delete.setEnabled(any(folder.name == wanted.name for folder in self.folders))
        self.show_trouble("")

    def _save(self) -> None:
        if self.save.isEnabled():
            self.save_wanted.emit(self.folder())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in a field saves; Escape closes."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._save()
        else:
            super().keyPressEvent(event)


def _line(place: int, folder: Folder) -> Line:
    first, *others = folder
    cells = (Cell(first, weight=500), *(Cell(text, tone=Tone.SECONDARY) for text in others))
    return Line(place, cells, "\n".join(text for text in folder if text))
